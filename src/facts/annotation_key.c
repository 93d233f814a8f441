/* SPDX-License-Identifier: Apache-2.0 */
/* Which annotation keys are meant for IRSA, however they are written. */
#include "facts/internal.h"

static bool contains(const char *lower, const char *part)
{
    return strstr(lower, part) != NULL;
}

static char *plain_key(const char *key)
{
    char *plain = irsa_lower(key);
    for (char *p = plain; *p; p++)
        *p = *p == '_' || *p == '.' ? '-' : *p;
    return plain;
}

/* eks.amazonaws.com/role-arn in all the forms that reports show: eks.amazon.com/role-arn,
 * iam.amazonaws.com/role (kube2iam and kiam), eks.amazonaws.com/role_arn, role-arn, letter case. */
bool irsa_key_names_role(const char *key)
{
    irsa_autofree char *plain = plain_key(key);
    if (contains(plain, "role-arn") || contains(plain, "rolearn"))
        return true;
    return contains(plain, "amazon") && (contains(plain, "/role") || contains(plain, "/iam-role"));
}

bool irsa_key_concerns_irsa(const char *key)
{
    if (irsa_has_prefix(key, "eks.amazonaws.com/"))
        return true;
    /* Nearly all other keys: cheap to tell apart. */
    if (!strcasestr(key, "amazon") && !strcasestr(key, "role"))
        return false;
    irsa_autofree char *plain = plain_key(key);
    return irsa_key_names_role(key) || irsa_has_prefix(plain, "eks-amazon")
           || irsa_has_prefix(plain, "eks-aws") || irsa_has_prefix(plain, "sts-amazonaws-com");
}
