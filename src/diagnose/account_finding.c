/* SPDX-License-Identifier: Apache-2.0 */
/* What findings about service accounts have in common. */
#include "diagnose/service_account.h"

const char *irsa_account_file(const struct irsa_run *run, const struct irsa_binding *binding)
{
    return binding->account ? irsa_facts_file(run->facts, &binding->account->origins) : "?";
}

struct irsa_finding *irsa_account_report(struct irsa_run *run, enum code code,
                                         const struct irsa_binding *binding, size_t index)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, code, NULL, &fresh);
    irsa_finding_subject(finding, "ServiceAccount", binding->namespace_, binding->service_account);
    irsa_finding_source(finding, "%s: metadata.annotations[\"" IRSA_ANNOTATION_ROLE_ARN "\"]",
                        irsa_account_file(run, binding));
    irsa_finding_binding(finding, index);
    return finding;
}

void irsa_account_annotate(struct irsa_finding *finding, const struct irsa_binding *binding,
                           size_t index, enum irsa_class class_)
{
    if (!binding->role_arn)
        return;
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_SET_ANNOTATION,
                                  irsa_binding_class(binding, class_), index),
                 NULL, IRSA_ANNOTATION_ROLE_ARN, binding->role_arn);
    irsa_finding_owner_note(finding, binding, IRSA_ANNOTATION_ROLE_ARN, binding->role_arn);
}
