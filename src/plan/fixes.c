/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/draft.h"

struct route {
    irsa_fix_planner *planner;
    int round; /* what is created comes first, so that the rest can refer to it */
};

static struct route route_of(enum irsa_fix_kind kind)
{
    static const struct route routes[] = {
        [IRSA_FIX_CREATE_PROVIDER] = {irsa_plan_provider, 0},
        [IRSA_FIX_ADD_CLIENT_ID] = {irsa_plan_provider, 2},
        [IRSA_FIX_ADD_THUMBPRINT] = {irsa_plan_provider, 2},
        [IRSA_FIX_DELETE_PROVIDER] = {irsa_plan_provider, 2},
        [IRSA_FIX_CREATE_ROLE] = {irsa_plan_role_create, 0},
        [IRSA_FIX_UPDATE_ROLE] = {irsa_plan_role_update, 2},
        [IRSA_FIX_TRUST_ALLOW] = {irsa_plan_trust, 2},
        [IRSA_FIX_TRUST_NARROW] = {irsa_plan_trust, 2},
        [IRSA_FIX_ATTACH_POLICY] = {irsa_plan_role_policy, 2},
        [IRSA_FIX_PUT_ROLE_POLICY] = {irsa_plan_role_policy, 2},
        [IRSA_FIX_CREATE_NAMESPACE] = {irsa_plan_namespace, 0},
        [IRSA_FIX_CREATE_SERVICE_ACCOUNT] = {irsa_plan_account, 1},
        [IRSA_FIX_SET_ANNOTATION] = {irsa_plan_account, 2},
        [IRSA_FIX_REMOVE_ANNOTATION] = {irsa_plan_account, 2},
        [IRSA_FIX_SET_SERVICE_ACCOUNT_NAME] = {irsa_plan_workload, 2},
        [IRSA_FIX_RESTART] = {irsa_plan_workload, 2},
    };
    return routes[kind];
}

static int plan_round(struct irsa_builder *builder, int round, struct irsa_error **reterr)
{
    const struct irsa_diagnosis *diagnosis = &builder->plan->diagnosis;
    for (size_t i = 0; i < diagnosis->finding_count; i++) {
        const struct irsa_finding *finding = &diagnosis->findings[i];
        for (size_t j = 0; j < finding->fix_count; j++) {
            const struct irsa_fix *fix = &finding->fixes[j];
            struct route route = route_of(fix->kind);
            if (route.round != round)
                continue;
            struct irsa_fix_at at = {.fix = fix, .finding = i};
            if (route.planner(builder, at, reterr) < 0)
                return -1;
        }
    }
    return 0;
}

int irsa_plan_changes(struct irsa_plan *plan, struct irsa_error **reterr)
{
    struct irsa_builder builder = {
        .plan = plan,
        .failed = irsa_calloc(plan->diagnosis.finding_count + 1, sizeof(bool)),
    };
    int failed = 0;
    for (int round = 0; round < 3 && failed == 0; round++)
        failed = plan_round(&builder, round, reterr);
    if (failed == 0)
        failed = irsa_plan_trust_finish(&builder, reterr);
    if (failed == 0)
        irsa_drafts_finish(&builder);
    irsa_builder_done(&builder);
    return failed;
}
