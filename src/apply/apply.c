/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/apply.h"

void irsa_apply_result_done(struct irsa_apply_result *result)
{
    for (size_t i = 0; i < result->change_count; i++) {
        free(result->changes[i].message);
        free(result->changes[i].hint);
    }
    free(result->changes);
    irsa_plan_free(result->after);
    irsa_facts_free(result->facts_after);
    free(result->recheck_error);
    *result = (struct irsa_apply_result){0};
}

/* --- what a failure takes along -------------------------------------------------------------- */

struct run {
    const struct irsa_plan *plan;
    struct irsa_apply_result *result;
    bool *stopped; /* one a binding: a change that it needs failed */
};

static void stop_bindings(struct run *run, const struct irsa_change *change)
{
    for (size_t i = 0; i < change->binding_count; i++)
        run->stopped[change->bindings[i]] = true;
}

/* True when all that this change is for is lost already. A trust policy that serves other bindings
 * too is still worth changing. */
static bool serves_stopped_only(const struct run *run, const struct irsa_change *change)
{
    for (size_t i = 0; i < change->binding_count; i++) {
        if (!run->stopped[change->bindings[i]])
            return false;
    }
    return change->binding_count > 0;
}

static bool same_object(const struct irsa_change *a, const struct irsa_change *b)
{
    return a->kind == b->kind && strcmp(a->target, b->target) == 0;
}

/* `later` cannot succeed without `earlier`: it goes on from what that leaves, or lives in what it
 * makes. */
static bool needs(const struct irsa_change *later, const struct irsa_change *earlier)
{
    if (same_object(later, earlier))
        return true;
    if (earlier->action != IRSA_ACTION_CREATE)
        return false;
    size_t len = strlen(earlier->target);
    if (earlier->kind == IRSA_OBJECT_ROLE)
        return later->kind > IRSA_OBJECT_ROLE && later->kind <= IRSA_OBJECT_ROLE_POLICY
               && strncmp(later->target, earlier->target, len) == 0
               && (later->target[len] == ' ' || later->target[len] == '\0');
    if (earlier->kind == IRSA_OBJECT_NAMESPACE)
        return later->kind == IRSA_OBJECT_SERVICE_ACCOUNT
               && strncmp(later->target, earlier->target, len) == 0 && later->target[len] == '/';
    return false;
}

/* The change whose failure makes `index` pointless, or NULL. */
static const struct irsa_change *find_obstacle(const struct run *run, size_t index)
{
    if (run->result->failed + run->result->skipped == 0)
        return NULL;
    const struct irsa_change *change = &run->plan->changes[index];
    bool lost = serves_stopped_only(run, change);
    for (size_t i = 0; i < index; i++) {
        const struct irsa_change *earlier = &run->plan->changes[i];
        enum irsa_change_state state = run->result->changes[i].state;
        if (state != IRSA_CHANGE_FAILED && state != IRSA_CHANGE_SKIPPED)
            continue;
        if (needs(change, earlier))
            return earlier;
        if (!lost)
            continue;
        for (size_t j = 0; j < earlier->binding_count; j++) {
            for (size_t k = 0; k < change->binding_count; k++) {
                if (earlier->bindings[j] == change->bindings[k])
                    return earlier;
            }
        }
    }
    return NULL;
}

/* --- one change after the other -------------------------------------------------------------- */

static void take_error(struct irsa_change_result *result, struct irsa_error *error)
{
    result->state = IRSA_CHANGE_FAILED;
    result->kind = irsa_error_kind(error);
    result->message = irsa_strdup(irsa_error_message(error));
    const char *hint = irsa_error_hint(error);
    result->hint = hint ? irsa_strdup(hint) : NULL;
}

static void apply_one(struct irsa_world *world, struct run *run, size_t index)
{
    const struct irsa_change *change = &run->plan->changes[index];
    struct irsa_change_result *result = &run->result->changes[index];
    irsa_auto_error error = NULL;
    if (world->ops->apply(world, run->plan->facts, change, &error) == 0) {
        result->state = IRSA_CHANGE_DONE;
        run->result->done++;
        return;
    }
    take_error(result, error);
    run->result->failed++;
    stop_bindings(run, change);
}

static void skip(struct run *run, size_t index, char *message)
{
    struct irsa_change_result *result = &run->result->changes[index];
    result->state = IRSA_CHANGE_SKIPPED;
    result->message = message;
    run->result->skipped++;
    stop_bindings(run, &run->plan->changes[index]);
}

/* What holds now: everything is read and planned again, with the same intent. */
static void recheck(struct irsa_world *world, const struct irsa_intent *intent,
                    struct irsa_apply_result *ret)
{
    irsa_auto_error error = NULL;
    if (world->ops->gather(world, &ret->facts_after, &error) < 0
        || irsa_plan_make(ret->facts_after, intent, &ret->after, &error) < 0)
        ret->recheck_error = irsa_strdup(irsa_error_message(error));
}

static bool is_set(const volatile bool *flag)
{
    return flag && *flag;
}

void irsa_apply(struct irsa_world *world, const struct irsa_plan *plan,
                const volatile bool *interrupted, irsa_apply_progress *progress, void *context,
                struct irsa_apply_result *ret)
{
    *ret = (struct irsa_apply_result){
        .changes = irsa_calloc(plan->change_count + 1, sizeof(struct irsa_change_result)),
        .change_count = plan->change_count,
    };
    struct run run = {
        .plan = plan,
        .result = ret,
        .stopped = irsa_calloc(plan->bindings.len + 1, sizeof(bool)),
    };
    for (size_t i = 0; i < plan->change_count; i++) {
        const struct irsa_change *change = &plan->changes[i];
        if (change->held_back) {
            ret->changes[i].state = IRSA_CHANGE_HELD_BACK;
            continue;
        }
        ret->interrupted = ret->interrupted || is_set(interrupted);
        if (ret->interrupted) {
            skip(&run, i, irsa_strdup("interrupted"));
            continue;
        }
        const struct irsa_change *obstacle = find_obstacle(&run, i);
        if (obstacle) {
            skip(&run, i, irsa_format("it needs %s, which was not done", obstacle->id));
        } else {
            if (progress)
                progress(context, change, NULL);
            apply_one(world, &run, i);
        }
        if (progress)
            progress(context, change, &ret->changes[i]);
    }
    free(run.stopped);
    recheck(world, plan->intent, ret);
}
