/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/draft.h"

int irsa_plan_make(const struct irsa_facts *facts, const struct irsa_intent *intent,
                   struct irsa_plan **ret, struct irsa_error **reterr)
{
    irsa_auto_plan plan = irsa_calloc(1, sizeof(struct irsa_plan));
    plan->facts = facts;
    plan->intent = intent;
    if (irsa_resolve(facts, intent, &plan->bindings, reterr) < 0)
        return -1;
    irsa_diagnose(facts, intent, &plan->bindings, &plan->diagnosis);
    plan->repoint_findings = plan->diagnosis.finding_count;
    int made = irsa_plan_is_repoint(plan) ? irsa_plan_repoint(plan, reterr)
                                          : irsa_plan_changes(plan, reterr);
    if (made < 0)
        return -1;
    *ret = irsa_steal(&plan);
    return 0;
}
