/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/identity.h"
#include "symptom/values.h"

static bool says(const char *fold, size_t len, const char *words)
{
    return memmem(fold, len, words, strlen(words)) != NULL;
}

/* An issuer that is not EKS'. */
static bool has_own_issuer(const struct symptom_found *found)
{
    irsa_auto_error error = NULL;
    irsa_auto_issuer issuer = {0};
    return found->values.issuer && irsa_issuer_parse(found->values.issuer, &issuer, &error) == 0
           && issuer.region == NULL;
}

/* A role's ARN ends in its name. */
static bool assumes_itself(const struct symptom_found *found)
{
    const char *role = found->values.role;
    const char *slash = role ? strrchr(role, '/') : NULL;
    return role && found->resource_role
           && strcmp(slash ? slash + 1 : role, found->resource_role) == 0;
}

static bool is_assume_role(const struct symptom_found *found)
{
    return found->values.action && strcasecmp(found->values.action, "sts:AssumeRole") == 0;
}

bool symptom_holds(enum symptom_when when, const struct symptom_found *found, const char *fold,
                   size_t len)
{
    switch (when) {
    case WHEN_ALWAYS:
        return true;
    case WHEN_ISSUER_OWN:
        return has_own_issuer(found);
    case WHEN_NODE:
        return found->principal == PRINCIPAL_NODE;
    case WHEN_POD_IDENTITY:
        return found->principal == PRINCIPAL_POD_IDENTITY;
    case WHEN_WEB_IDENTITY:
        return found->principal == PRINCIPAL_WEB_IDENTITY;
    case WHEN_USER:
        return found->principal == PRINCIPAL_USER;
    case WHEN_ROLE:
        return found->principal == PRINCIPAL_ROLE || found->principal == PRINCIPAL_WEB_IDENTITY;
    case WHEN_SELF_ASSUME:
        return is_assume_role(found) && found->principal != PRINCIPAL_NODE && assumes_itself(found);
    case WHEN_ASSUME_ROLE:
        return is_assume_role(found);
    case WHEN_BOUNDARY:
        return says(fold, len, "permissions boundary");
    case WHEN_ORGANISATION:
        return says(fold, len, "service control policy")
               || says(fold, len, "resource control policy");
    }
    return false;
}
