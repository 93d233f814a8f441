/* SPDX-License-Identifier: Apache-2.0 */
/* What findings about trust policies have in common. */
#include "diagnose/trust.h"

struct irsa_finding *irsa_trust_report(struct irsa_trust_case *trust, enum code code,
                                       const char *where, bool *ret_new)
{
    /* A cluster that is gone is one cause, however many roles still trust it; keys of one statement
     * that are wrong are wrong alike. */
    const bool keys = code == C030 || code == C031 || code == C032;
    irsa_autofree char *key =
        code == C023 ? irsa_strdup(trust->other_issuer ? trust->other_issuer : "?")
                     : irsa_format("%s %zu%s", trust->role->arn, trust->number, keys ? "" : where);
    struct irsa_finding *finding = irsa_run_find(trust->run, code, key, ret_new);
    trust->found++;
    if (*ret_new) {
        irsa_finding_subject(finding, "Role", NULL, trust->role->name);
        irsa_finding_source(finding, "%s: AssumeRolePolicyDocument.Statement[%zu]%s",
                            irsa_facts_file(trust->run->facts, &trust->role->origins),
                            trust->number, where);
        finding->breaks = true;
    }
    if (code != C037 && code != C038)
        irsa_fix_set(
            irsa_finding_fix(finding, IRSA_FIX_TRUST_ALLOW, IRSA_CLASS_ADDITIVE, trust->index),
            trust->role->arn, NULL, NULL);
    irsa_finding_binding(finding, trust->index);
    return finding;
}
