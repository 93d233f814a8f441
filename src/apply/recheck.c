/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds after a run: everything is read and planned again, with the same intent. After a
 * rollback the question is whether all is as it was.
 */
#include "apply/recheck.h"

#include "irsa/rollback.h"

#include <time.h>

#define FIRST_PAUSE_MS 500L

static void read_again(struct irsa_world *world, const struct irsa_plan *plan,
                       struct irsa_apply_result *ret)
{
    irsa_auto_error error = NULL;
    int r = world->ops->gather(world, &ret->facts_after, &error);
    if (r == 0 && plan->undo)
        irsa_rollback_plan(ret->facts_after, plan->intent, plan->undo, &ret->after);
    else if (r == 0)
        r = irsa_plan_make(ret->facts_after, plan->intent, &ret->after, &error);
    if (r != 0)
        ret->recheck_error = irsa_strdup(irsa_error_message(error));
}

static void forget(struct irsa_apply_result *ret)
{
    irsa_plan_free(irsa_steal(&ret->after));
    irsa_facts_free(irsa_steal(&ret->facts_after));
}

static bool is_in_iam(const struct irsa_change *change)
{
    return change->kind < IRSA_OBJECT_NAMESPACE;
}

/* Something that was done is to be done again: each answer of IAM lags by itself, and what one
 * shows (the change was waited for) another one may not yet
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency).
 */
static bool is_behind(const struct irsa_plan *plan, const struct irsa_apply_result *result)
{
    const struct irsa_plan *after = result->after;
    for (size_t i = 0; after && i < plan->change_count; i++) {
        const struct irsa_change *done = &plan->changes[i];
        if (result->changes[i].state != IRSA_CHANGE_DONE || !is_in_iam(done))
            continue;
        for (size_t k = 0; k < after->change_count; k++) {
            const struct irsa_change *again = &after->changes[k];
            if (again->kind == done->kind && again->action == done->action
                && strcmp(again->target, done->target) == 0)
                return true;
        }
    }
    return false;
}

void irsa_apply_recheck(struct irsa_world *world, const struct irsa_plan *plan,
                        const volatile bool *interrupted, struct irsa_apply_result *ret)
{
    long waited = 0;
    read_again(world, plan, ret);
    for (long pause = FIRST_PAUSE_MS; waited + pause <= world->lag_ms; pause *= 2) {
        if ((interrupted && *interrupted) || !is_behind(plan, ret))
            return;
        if (waited > 0)
            irsa_log(IRSA_LOG_WARNING, "waiting for IAM: not everything that it lists is as it was "
                                       "written");
        const struct timespec time = {.tv_sec = pause / 1000, .tv_nsec = pause % 1000 * 1000000};
        (void)nanosleep(&time, NULL);
        waited += pause;
        forget(ret);
        read_again(world, plan, ret);
    }
}
