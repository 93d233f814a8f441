/* SPDX-License-Identifier: Apache-2.0 */
/* What findings about roles have in common. */
#include "diagnose/permissions.h"

const char *irsa_role_file(const struct irsa_run *run, const struct irsa_role *role)
{
    return irsa_facts_file(run->facts, &role->origins);
}

struct irsa_finding *irsa_role_report(struct irsa_run *run, enum code code, const char *key,
                                      const struct irsa_role *role, size_t binding, bool *ret_new)
{
    irsa_autofree char *full = irsa_format("%s %s", role->arn, key);
    struct irsa_finding *finding = irsa_run_find(run, code, full, ret_new);
    if (*ret_new) {
        irsa_finding_subject(finding, "Role", NULL, role->name);
        irsa_finding_source(finding, "%s", irsa_role_file(run, role));
    }
    irsa_finding_binding(finding, binding);
    return finding;
}

void irsa_role_report_unseen(struct irsa_run *run, const struct irsa_role *role, size_t binding,
                             const char *what, const char *wanted)
{
    bool fresh;
    irsa_autofree char *key = irsa_format("%s %s", what, wanted);
    struct irsa_finding *finding = irsa_role_report(run, C098, key, role, binding, &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding, "whether role %s has what is wanted (%s) can't be told: %s",
                         role->name, wanted, what);
    irsa_finding_evidence(finding, what, wanted, IRSA_NOT_CHECKABLE);
    irsa_finding_help(finding,
                      "add the output of \"aws iam get-account-authorization-details\", or "
                      "of list-attached-role-policies, list-role-policies, get-role-policy "
                      "and get-policy-version of role %s",
                      role->name);
    static const char *const reads[] = {"iam:GetAccountAuthorizationDetails",
                                        "iam:ListAttachedRolePolicies",
                                        "iam:ListRolePolicies",
                                        "iam:GetRolePolicy",
                                        "iam:GetPolicy",
                                        "iam:GetPolicyVersion",
                                        NULL};
    (void)irsa_finding_denied(run, finding, role->account, NULL, reads);
}
