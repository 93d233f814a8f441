/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/intent.h"

/* Prefixes under which a role's ARN was looked for, or is by other tools (kube2iam, kiam). */
static const char *const prefixes[] = {
    "eks.amazonaws.com",  "eks.amazon.com",         "eks.aws.com",       "eks.aws.amazon.com",
    "iam.amazonaws.com",  "iam.amazon.com",         "sts.amazonaws.com", "eks.amazonaws.com.cn",
    "amazonaws.com",      "aws.amazon.com",         "eks.aws",           "eks.amazonaws",
    "irsa.amazonaws.com", "pods.eks.amazonaws.com",
};

static const char *const names[] = {
    "role-arn",  "role",      "iam-role",  "iam-role-arn", "rolearn",
    "role-arns", "roles-arn", "role-name", "aws-role-arn", "service-account-role-arn",
    "arn-role",
};

/* Names plain enough to be meant for IRSA without any prefix. */
static const char *const bare_names[] = {
    "role-arn",
    "rolearn",
    "iam-role",
    "iam-role-arn",
    "aws-role-arn",
    "eks-role-arn",
    "eks.amazonaws.com-role-arn",
    "eks.amazonaws.com.role-arn",
};

/* Lower case, `_` as `-`, no white space, no scheme, one slash. */
static char *normalise(const char *key)
{
    irsa_auto_buf buf = {0};
    if (irsa_has_prefix(key, "https://"))
        key += strlen("https://");
    for (const char *p = key; *p; p++) {
        char c = *p;
        if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || (c == '/' && p[1] == '/'))
            continue;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        irsa_buf_addc(&buf, c == '_' ? '-' : c);
    }
    while (buf.len > 0 && buf.data[buf.len - 1] == '/')
        irsa_buf_splice(&buf, buf.len - 1, 1, NULL, 0);
    return irsa_buf_steal(&buf);
}

static bool is_among(const char *word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, list[i]) == 0)
            return true;
    }
    return false;
}

static bool is_other_right_key(const char *key)
{
    static const char *const others[] = {
        IRSA_ANNOTATION_AUDIENCE,
        IRSA_ANNOTATION_EXPIRATION,
        IRSA_ANNOTATION_REGIONAL_STS,
        IRSA_ANNOTATION_SKIP,
    };
    return is_among(key, others, IRSA_COUNT(others));
}

bool irsa_annotation_meant_role_arn(const char *key)
{
    if (strcmp(key, IRSA_ANNOTATION_ROLE_ARN) == 0 || is_other_right_key(key))
        return false;
    irsa_autofree char *plain = normalise(key);
    if (irsa_edit_distance(plain, IRSA_ANNOTATION_ROLE_ARN, 3) <= 3)
        return true;
    char *slash = strchr(plain, '/');
    if (!slash)
        return is_among(plain, bare_names, IRSA_COUNT(bare_names));
    *slash = '\0';
    const char *name = slash + 1;
    bool prefix_known = is_among(plain, prefixes, IRSA_COUNT(prefixes))
                        || irsa_edit_distance(plain, "eks.amazonaws.com", 3) <= 3;
    bool name_known =
        is_among(name, names, IRSA_COUNT(names)) || irsa_edit_distance(name, "role-arn", 2) <= 2;
    return prefix_known && name_known;
}
