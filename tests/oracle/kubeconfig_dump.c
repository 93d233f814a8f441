/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads kubeconfigs, one request a line on stdin (tests/suites/kubeconfig/kubeconfig_json.h); one
 * line on stdout each: what was made of them, or {"error": MESSAGE}.
 */
#include "../suites/kubeconfig/kubeconfig_json.h"

int main(void)
{
    irsa_autofree char *line = NULL;
    size_t capacity = 0;
    irsa_log_set_level(IRSA_LOG_ERROR);
    while (getline(&line, &capacity, stdin) > 0) {
        irsa_auto_error error = NULL;
        irsa_auto_kube kube = NULL;
        json_auto_t *request = json_loads(line, 0, NULL);
        if (!request)
            return 1;
        json_auto_t *answer = kubeconfig_open(request, &kube, &error) == 0
                                  ? kubeconfig_json(kube)
                                  : json_pack("{s:s}", "error", irsa_error_message(error));
        irsa_autofree char *text = json_dumps(answer, JSON_COMPACT);
        (void)printf("%s\n", text ? text : "null");
    }
    return 0;
}
