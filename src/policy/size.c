/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/policy.h"

/* Characters, not bytes: continuation bytes of UTF-8 do not count. */
static int count_characters(const char *text, size_t len, void *data)
{
    size_t *count = data;
    for (size_t i = 0; i < len; i++)
        *count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return 0;
}

/* "IAM doesn't count white space when calculating the size of a policy against these quotas":
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
size_t irsa_policy_size(const json_t *document)
{
    size_t count = 0;
    if (document)
        (void)json_dump_callback(document, count_characters, &count,
                                 JSON_COMPACT | JSON_ENCODE_ANY);
    return count;
}
