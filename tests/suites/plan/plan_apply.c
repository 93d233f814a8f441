/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_case.h"

int plan_case_fail(const struct plan_case *c, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fprintf(stderr, "%s: ", c->folder);
    vfprintf(stderr, fmt, args);
    fprintf(stderr, "\n");
    va_end(args);
    return 1;
}

static int check_report(const struct plan_case *c, const struct irsa_apply_result *result,
                        const struct irsa_plan *plan)
{
    json_auto_t *json = irsa_apply_json(plan, result);
    json_int_t done = (json_int_t)result->done;
    if (json_integer_value(irsa_json_get(json, "applied", "verified", NULL)) != done)
        return plan_case_fail(c, "%lld changes done, not all verified", (long long)done);
    return 0;
}

static int check_applied(const struct plan_case *c, const struct irsa_plan *plan,
                         const struct irsa_apply_result *result)
{
    int failed = 0;
    for (size_t i = 0; i < result->change_count; i++) {
        if (result->changes[i].state == IRSA_CHANGE_FAILED)
            failed |=
                plan_case_fail(c, "%s failed: %s", plan->changes[i].id, result->changes[i].message);
        if (plan->changes[i].held_back != (result->changes[i].state == IRSA_CHANGE_HELD_BACK))
            failed |= plan_case_fail(c, "%s is held back, or not", plan->changes[i].id);
    }
    if (!result->after)
        return plan_case_fail(c, "re-check: %s", result->recheck_error);
    for (size_t i = 0; i < result->after->change_count; i++) {
        const struct irsa_change *change = &result->after->changes[i];
        /* A provider that no role trusts any more may be deleted, where that is allowed. */
        bool follows = change->action == IRSA_ACTION_DELETE;
        if (!change->held_back && !follows)
            failed |=
                plan_case_fail(c, "after apply there is still %s %s to change:\n%s",
                               irsa_object_kind_text(change->kind), change->target, change->diff);
    }
    return failed | check_report(c, result, plan) | plan_case_check_mended(c, plan, result->after)
           | plan_case_check_works(c, plan, result->after)
           | plan_case_check_neighbours(c, plan, result->after);
}

int plan_case_apply(const struct plan_case *c, const char *directory)
{
    irsa_auto_world world = NULL;
    irsa_auto_facts facts = NULL;
    irsa_auto_plan plan = NULL;
    irsa_auto_error error = NULL;
    if (irsa_captured_new(directory, NULL, &world, &error) < 0
        || world->ops->gather(world, &facts, &error) < 0
        || irsa_plan_make(facts, c->intent, &plan, &error) < 0)
        return plan_case_fail(c, "the copy: %s", irsa_error_message(error));
    struct irsa_apply_result result = {0};
    irsa_apply(world, plan, &(struct irsa_apply_options){0}, &result);
    int failed = check_applied(c, plan, &result);
    irsa_apply_result_done(&result);
    return failed;
}
