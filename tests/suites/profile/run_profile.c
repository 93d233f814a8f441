/* SPDX-License-Identifier: Apache-2.0 */
/* A case is a folder with `config` and `credentials` (either may be missing) and `expected.json`,
 * what they say, or `error`: the message and, after a line break, the hint where there is one. A
 * file `profile` asks for the profile it names: `error` then is of that. --bless FOLDER writes
 * expected.json or error anew. */
#include "profile_json.h"

static int read_text(const char *folder, const char *name, struct irsa_buf *ret)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *path = irsa_format("%s/%s", folder, name);
    return irsa_file_read(path, IRSA_AWS_FILE_MAX, ret, &error);
}

static char *find(const char *folder, bool *ret_is_error)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf config = {0};
    irsa_auto_buf credentials = {0};
    irsa_auto_buf wanted = {0};
    irsa_auto_aws_files files = {0};
    struct irsa_aws_profile profile;
    bool has_config = read_text(folder, "config", &config) == 0;
    bool has_credentials = read_text(folder, "credentials", &credentials) == 0;
    int result = irsa_aws_files_parse("config", has_config ? &config : NULL, "credentials",
                                      has_credentials ? &credentials : NULL, &files, &error);
    if (result == 0 && read_text(folder, "profile", &wanted) == 0) {
        irsa_autofree char *name = irsa_trim(irsa_buf_str(&wanted));
        if (!irsa_aws_profile_find(&files, name, &profile))
            result = irsa_aws_profile_missing(&files, name, &error);
    }
    *ret_is_error = result != 0;
    if (result == 0) {
        json_auto_t *json = profile_json(&files, /* as_cli= */ false);
        irsa_autofree char *text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS);
        return irsa_format("%s\n", text ? text : "what is no UTF-8");
    }
    const char *hint = irsa_error_hint(error);
    return irsa_format("%s\n%s%s", irsa_error_message(error), hint ? hint : "", hint ? "\n" : "");
}

int main(int argc, char **argv)
{
    irsa_auto_error error = NULL;
    bool is_error = false;
    bool bless = argc == 3 && strcmp(argv[1], "--bless") == 0;
    if (argc != 2 && !bless)
        return 64;
    const char *folder = argv[argc - 1];
    irsa_autofree char *found = find(folder, &is_error);
    const char *name = is_error ? "error" : "expected.json";
    if (bless) {
        irsa_autofree char *path = irsa_format("%s/%s", folder, name);
        return irsa_file_replace(path, found, strlen(found), 0644, &error) == 0 ? 0 : 1;
    }
    irsa_auto_buf expected = {0};
    if (read_text(folder, name, &expected) == 0 && strcmp(irsa_buf_str(&expected), found) == 0)
        return 0;
    (void)fprintf(stderr, "%s/%s: expected:\n%sfound:\n%s", folder, name, irsa_buf_str(&expected),
                  found);
    return 1;
}
