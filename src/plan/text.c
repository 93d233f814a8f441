/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/plan.h"

const char *irsa_action_text(enum irsa_action action)
{
    static const char *const texts[] = {
        [IRSA_ACTION_CREATE] = "create",
        [IRSA_ACTION_UPDATE] = "update",
        [IRSA_ACTION_DELETE] = "delete",
    };
    return texts[action];
}

const char *irsa_object_kind_text(enum irsa_object_kind kind)
{
    static const char *const texts[IRSA_OBJECT_MAX_] = {
        [IRSA_OBJECT_PROVIDER] = "oidc-provider",
        [IRSA_OBJECT_ROLE] = "role",
        [IRSA_OBJECT_TRUST_POLICY] = "trust-policy",
        [IRSA_OBJECT_ROLE_ATTACHMENT] = "role-attachment",
        [IRSA_OBJECT_ROLE_POLICY] = "role-policy",
        [IRSA_OBJECT_NAMESPACE] = "namespace",
        [IRSA_OBJECT_SERVICE_ACCOUNT] = "service-account",
        [IRSA_OBJECT_WORKLOAD] = "workload",
    };
    return texts[kind];
}
