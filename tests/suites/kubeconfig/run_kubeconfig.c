/* SPDX-License-Identifier: Apache-2.0 */
/* A case is a folder with case.json, what is asked for (kubeconfig_json.h), the files that it names
 * (relative to the folder, which is the current one), and expected.json, what was made of them, or
 * `error`: "KIND: message" and, after a line break, the hint where there is one. Whatever has
 * CANARY in it is a secret that no error may show. --bless FOLDER writes expected.json or error
 * anew. */
#include "kubeconfig_json.h"

#include <unistd.h>

static const char *const kinds[] = {"USAGE",  "IO",        "PARSE",    "NET",   "AUTH",
                                    "ACCESS", "NOT_FOUND", "CONFLICT", "LIMIT", "INTERNAL"};

static char *find(const json_t *request, bool *ret_is_error)
{
    irsa_auto_error error = NULL;
    irsa_auto_kube kube = NULL;
    *ret_is_error = kubeconfig_open(request, &kube, &error) != 0;
    if (!*ret_is_error) {
        json_auto_t *json = kubeconfig_json(kube);
        irsa_autofree char *text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS);
        return irsa_format("%s\n", text);
    }
    const char *hint = irsa_error_hint(error);
    return irsa_format("%s: %s\n%s%s", kinds[irsa_error_kind(error)], irsa_error_message(error),
                       hint ? hint : "", hint ? "\n" : "");
}

int main(int argc, char **argv)
{
    irsa_auto_error error = NULL;
    bool is_error = false;
    bool bless = argc == 3 && strcmp(argv[1], "--bless") == 0;
    if ((argc != 2 && !bless) || chdir(argv[argc - 1]) != 0)
        return 64;
    irsa_log_set_level(IRSA_LOG_ERROR);
    json_auto_t *request = json_load_file("case.json", 0, NULL);
    if (!request)
        return 64;
    irsa_autofree char *found = find(request, &is_error);
    const char *name = is_error ? "error" : "expected.json";
    if (is_error && strstr(found, "CANARY")) {
        (void)fprintf(stderr, "a secret is shown: %s", found);
        return 1;
    }
    if (bless)
        return irsa_file_replace(name, found, strlen(found), 0644, &error) == 0 ? 0 : 1;
    irsa_auto_buf expected = {0};
    if (irsa_file_read(name, (size_t)1 << 20, &expected, &error) == 0
        && strcmp(irsa_buf_str(&expected), found) == 0)
        return 0;
    (void)fprintf(stderr, "%s: expected:\n%sfound:\n%s", name, irsa_buf_str(&expected), found);
    return 1;
}
