/* SPDX-License-Identifier: Apache-2.0 */
/* The issues of one policy, in order: [{"fatal": bool, "where": text, "message": text}]. */
#include "irsa/document.h"
#include "irsa/policy.h"

static int read_text(const char *folder, const char *name, struct irsa_buf *ret)
{
    irsa_autofree char *path = irsa_format("%s/%s", folder, name);
    irsa_auto_error error = NULL;
    return irsa_file_read(path, 1 << 20, ret, &error);
}

int main(int argc, char **argv)
{
    const bool bless = argc == 3 && strcmp(argv[1], "--bless") == 0;
    if (argc != 2 && !bless)
        return 64;
    const char *folder = argv[argc - 1];
    irsa_auto_buf text = {0};
    enum irsa_policy_kind kind = IRSA_POLICY_TRUST;
    if (read_text(folder, "policy.json", &text) != 0
        && read_text(folder, "policy.txt", &text) != 0) {
        kind = IRSA_POLICY_IDENTITY;
        if (read_text(folder, "identity.json", &text) != 0)
            return 1;
    }
    irsa_auto_policy policy = irsa_policy_new_text(irsa_buf_str(&text), text.len, kind);
    size_t count = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    json_auto_t *result = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(result, json_pack("{s:b,s:s,s:s}", "fatal", issues[i].fatal, "where",
                                                issues[i].where, "message", issues[i].message));
    irsa_auto_buf found = {0};
    irsa_json_write(result, &found);
    irsa_auto_error error = NULL;
    irsa_autofree char *path = irsa_format("%s/expected.json", folder);
    if (bless)
        return irsa_file_replace(path, irsa_buf_str(&found), found.len, 0644, &error) == 0 ? 0 : 1;
    irsa_auto_buf expected_text = {0};
    if (read_text(folder, "expected.json", &expected_text) != 0)
        return 1;
    json_auto_t *expected =
        irsa_json_read(path, irsa_buf_str(&expected_text), expected_text.len, &error);
    if (expected && json_equal(result, expected))
        return 0;
    (void)fprintf(stderr, "%s: found\n%s", folder, irsa_buf_str(&found));
    return 1;
}
