/* SPDX-License-Identifier: Apache-2.0 */
/* Two policies: of equal meaning or not, either way round, and the diff by meaning. */
#include "irsa/document.h"
#include "irsa/policy.h"

static json_t *read_json(const char *folder, const char *name)
{
    irsa_autofree char *path = irsa_format("%s/%s", folder, name);
    irsa_auto_error error = NULL;
    irsa_auto_buf text = {0};
    json_t *value = NULL;
    if (irsa_file_read(path, 1 << 20, &text, &error) == 0)
        value = irsa_json_read(path, irsa_buf_str(&text), text.len, &error);
    if (!value) {
        (void)fprintf(stderr, "%s\n", irsa_error_message(error));
        exit(1);
    }
    return value;
}

int main(int argc, char **argv)
{
    const bool bless = argc == 3 && strcmp(argv[1], "--bless") == 0;
    if (argc != 2 && !bless)
        return 64;
    const char *folder = argv[argc - 1];
    json_auto_t *a = read_json(folder, "a.json");
    json_auto_t *b = read_json(folder, "b.json");
    const bool equivalent = irsa_policy_equivalent(a, b);
    if (equivalent != irsa_policy_equivalent(b, a)) {
        (void)fprintf(stderr, "equivalence is not symmetric\n");
        return 1;
    }
    irsa_auto_strings diff = {0};
    irsa_policy_semantic_diff(a, b, &diff);
    json_t *lines = json_array();
    for (size_t i = 0; i < diff.len; i++)
        json_array_append_new(lines, json_string(diff.items[i]));
    json_auto_t *result = json_pack("{s:b,s:o}", "equivalent", equivalent, "diff", lines);
    irsa_auto_buf text = {0};
    irsa_json_write(result, &text);
    irsa_auto_error error = NULL;
    irsa_autofree char *path = irsa_format("%s/expected.json", folder);
    if (bless)
        return irsa_file_replace(path, irsa_buf_str(&text), text.len, 0644, &error) == 0 ? 0 : 1;
    json_auto_t *expected = read_json(folder, "expected.json");
    if (json_equal(result, expected))
        return 0;
    (void)fprintf(stderr, "%s: found\n%s", folder, irsa_buf_str(&text));
    return 1;
}
