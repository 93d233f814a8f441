/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads shared files, one JSON object {"config": TEXT?, "credentials": TEXT?} a line on stdin; one
 * line on stdout each: what they say as the AWS CLI has it, or {"error": MESSAGE}.
 */
#include "../suites/profile/profile_json.h"

static bool take(const json_t *question, const char *key, struct irsa_buf *ret)
{
    const json_t *text = json_object_get(question, key);
    if (!text)
        return false;
    irsa_buf_add(ret, json_string_value(text), json_string_length(text));
    return true;
}

int main(void)
{
    irsa_autofree char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        irsa_auto_error error = NULL;
        irsa_auto_buf config = {0};
        irsa_auto_buf credentials = {0};
        irsa_auto_aws_files files = {0};
        json_auto_t *question = json_loads(line, JSON_ALLOW_NUL, NULL);
        if (!question)
            return 1;
        bool has_config = take(question, "config", &config);
        bool has_credentials = take(question, "credentials", &credentials);
        json_auto_t *answer = NULL;
        if (irsa_aws_files_parse("config", has_config ? &config : NULL, "credentials",
                                 has_credentials ? &credentials : NULL, &files, &error)
            == 0)
            answer = profile_json(&files, /* as_cli= */ true);
        else
            answer = json_pack("{s:s}", "error", irsa_error_message(error));
        irsa_autofree char *text = json_dumps(answer, JSON_COMPACT);
        (void)printf("%s\n", text ? text : "null");
    }
    return 0;
}
