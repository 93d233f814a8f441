/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/apply.h"

#include "apply/recheck.h"

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
    free(result->journal_error);
    free(result->restore_error);
    irsa_strings_done(&result->left);
    *result = (struct irsa_apply_result){0};
}

/* --- what a failure takes along --------------------------------------------------------------- */

struct run {
    const struct irsa_plan *plan;
    const struct irsa_apply_options *options;
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

/* `inner` hangs on what `outer` makes, or lives in it. */
static bool holds(const struct irsa_change *outer, const struct irsa_change *inner)
{
    size_t len = strlen(outer->target);
    if (strncmp(inner->target, outer->target, len) != 0)
        return false;
    if (outer->kind == IRSA_OBJECT_ROLE)
        return inner->kind > IRSA_OBJECT_ROLE && inner->kind <= IRSA_OBJECT_ROLE_POLICY
               && (inner->target[len] == ' ' || inner->target[len] == '\0');
    return outer->kind == IRSA_OBJECT_NAMESPACE && inner->kind == IRSA_OBJECT_SERVICE_ACCOUNT
           && inner->target[len] == '/';
}

/* True where a string of the document is that text. */
static bool mentions(const json_t *document, const char *text)
{
    if (json_is_string(document))
        return strcmp(json_string_value(document), text) == 0;
    const char *key;
    size_t i;
    json_t *member;
    json_object_foreach((json_t *)document, key, member)
    {
        if (mentions(member, text))
            return true;
    }
    json_array_foreach((json_t *)document, i, member)
    {
        if (mentions(member, text))
            return true;
    }
    return false;
}

/* Trust in another issuer gives way to trust in the provider that is made before: without that, the
 * one would lose its access and the other not get it. */
static bool replaces_trust_by(const struct irsa_change *later, const struct irsa_change *provider)
{
    return provider->kind == IRSA_OBJECT_PROVIDER && later->kind == IRSA_OBJECT_TRUST_POLICY
           && later->class_ == IRSA_CLASS_OVERWRITE && mentions(later->after, provider->target);
}

/* `later` cannot succeed without `earlier`: it goes on from what that leaves, lives in what it
 * makes, or is empty only after it. */
static bool needs(const struct irsa_change *later, const struct irsa_change *earlier)
{
    if (same_object(later, earlier))
        return true;
    if (later->action == IRSA_ACTION_DELETE && earlier->action == IRSA_ACTION_DELETE)
        return holds(later, earlier);
    return earlier->action == IRSA_ACTION_CREATE
           && (holds(earlier, later) || replaces_trust_by(later, earlier));
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

/* --- one change after the other --------------------------------------------------------------- */

static void take_error(struct irsa_change_result *result, struct irsa_error *error)
{
    result->state = IRSA_CHANGE_FAILED;
    result->kind = irsa_error_kind(error);
    result->message = irsa_strdup(irsa_error_message(error));
    const char *hint = irsa_error_hint(error);
    result->hint = hint ? irsa_strdup(hint) : NULL;
}

static void take_result(struct run *run, size_t index, struct irsa_error *error)
{
    struct irsa_change_result *result = &run->result->changes[index];
    if (!error) {
        result->state = IRSA_CHANGE_DONE;
        run->result->done++;
        return;
    }
    take_error(result, error);
    run->result->failed++;
    stop_bindings(run, &run->plan->changes[index]);
}

static void skip(struct run *run, size_t index, char *message)
{
    struct irsa_change_result *result = &run->result->changes[index];
    result->state = IRSA_CHANGE_SKIPPED;
    result->message = message;
    run->result->skipped++;
    stop_bindings(run, &run->plan->changes[index]);
}

static bool is_set(const volatile bool *flag)
{
    return flag && *flag;
}

static void report(const struct run *run, size_t index, bool started)
{
    const struct irsa_apply_options *to = run->options;
    if (to->progress)
        to->progress(to->context, &run->plan->changes[index],
                     started ? NULL : &run->result->changes[index]);
}

/* --- the journal ------------------------------------------------------------------------------ */

static void give_up(struct run *run, const struct irsa_error *error)
{
    if (!run->result->journal_error)
        run->result->journal_error = irsa_strdup(irsa_error_message(error));
}

/* Announces what is about to be done; false where it must not be done then. */
static bool announce(struct run *run, const size_t *places, size_t count)
{
    irsa_auto_error error = NULL;
    if (!run->options->journal
        || irsa_journal_changes(run->options->journal, run->plan->changes, places, count, &error)
               == 0)
        return true;
    give_up(run, error);
    for (size_t i = 0; i < count; i++)
        skip(run, places[i], irsa_strdup("the journal could not be written"));
    return false;
}

static void record(struct run *run, const size_t *places, size_t count)
{
    irsa_auto_error error = NULL;
    struct irsa_journal *journal = run->options->journal;
    if (!journal)
        return;
    for (size_t i = 0; i < count; i++) {
        const struct irsa_change_result *result = &run->result->changes[places[i]];
        irsa_journal_result(journal, places[i], result->state == IRSA_CHANGE_DONE, result->message,
                            result->hint);
    }
    if (irsa_journal_flush(journal, &error) != 0)
        give_up(run, error);
}

/* --- what is to be done ----------------------------------------------------------------------- */

/* Settles a change that is not to be made; false where it is to be made. */
static bool settle(struct run *run, size_t index)
{
    struct irsa_apply_result *result = run->result;
    if (run->plan->changes[index].held_back) {
        result->changes[index].state = IRSA_CHANGE_HELD_BACK;
        return true;
    }
    result->interrupted = result->interrupted || is_set(run->options->interrupted);
    if (result->interrupted) {
        skip(run, index, irsa_strdup("interrupted"));
        return true;
    }
    if (result->journal_error) {
        skip(run, index, irsa_strdup("the journal could not be written"));
        return true;
    }
    const struct irsa_change *obstacle = find_obstacle(run, index);
    if (!obstacle)
        return false;
    skip(run, index, irsa_format("it needs %s, which was not done", obstacle->id));
    report(run, index, /* started= */ false);
    return true;
}

static bool is_at_once(const struct irsa_world *world, enum irsa_object_kind kind)
{
    return world->ops->apply_all && (!world->ops->at_once || world->ops->at_once(world, kind));
}

/* Changes that a world is asked for at once: few enough that an interruption is heeded soon. */
#define BATCH_MAX ((size_t)256)

static size_t batch_of(const struct irsa_world *world, enum irsa_object_kind kind)
{
    if (!is_at_once(world, kind))
        return 1;
    size_t most = world->ops->batch ? world->ops->batch(world, kind) : 0;
    return most > 0 && most < BATCH_MAX ? most : BATCH_MAX;
}

/* The changes of one kind from `index` on, of which none needs another; *ret_places are theirs.
 * Returns the place behind them. */
static size_t next_batch(struct run *run, size_t index, size_t max, size_t *ret_places,
                         size_t *ret_count)
{
    enum irsa_object_kind kind = run->plan->changes[index].kind;
    irsa_auto_map targets = {0};
    for (*ret_count = 0; index < run->plan->change_count && *ret_count < max; index++) {
        const struct irsa_change *change = &run->plan->changes[index];
        if (change->kind != kind || irsa_map_get(&targets, change->target) != IRSA_MAP_NONE)
            break;
        if (settle(run, index))
            continue;
        irsa_map_put_borrowed(&targets, change->target, 1);
        ret_places[(*ret_count)++] = index;
    }
    return index;
}

/* At most BATCH_MAX of them. */
static void apply_batch(struct irsa_world *world, struct run *run, const size_t *places,
                        size_t count)
{
    const struct irsa_change *changes[BATCH_MAX];
    struct irsa_error *errors[BATCH_MAX] = {NULL};
    if (!announce(run, places, count))
        return;
    for (size_t i = 0; i < count; i++) {
        changes[i] = &run->plan->changes[places[i]];
        report(run, places[i], /* started= */ true);
    }
    if (is_at_once(world, changes[0]->kind))
        world->ops->apply_all(world, run->plan->facts, changes, count, errors);
    else
        (void)world->ops->apply(world, run->plan->facts, changes[0], &errors[0]);
    for (size_t i = 0; i < count; i++) {
        take_result(run, places[i], errors[i]);
        irsa_error_free(errors[i]);
    }
    record(run, places, count);
    for (size_t i = 0; i < count; i++)
        report(run, places[i], /* started= */ false);
}

/* Spaces and order of what a run had written to files. */
static void restore(struct irsa_world *world, const struct run *run)
{
    struct irsa_apply_result *result = run->result;
    irsa_auto_error error = NULL;
    bool whole = result->failed + result->skipped + run->plan->held_back == 0;
    if (run->options->restore && world->ops->restore && !result->journal_error
        && world->ops->restore(world, run->options->restore, whole, &result->left, &error) != 0)
        result->restore_error = irsa_strdup(irsa_error_message(error));
}

void irsa_apply(struct irsa_world *world, const struct irsa_plan *plan,
                const struct irsa_apply_options *options, struct irsa_apply_result *ret)
{
    *ret = (struct irsa_apply_result){
        .changes = irsa_calloc(plan->change_count + 1, sizeof(struct irsa_change_result)),
        .change_count = plan->change_count,
    };
    struct run run = {
        .plan = plan,
        .options = options,
        .result = ret,
        .stopped = irsa_calloc(plan->bindings.len + 1, sizeof(bool)),
    };
    world->will_write = options->journal ? irsa_journal_files : NULL;
    world->will_write_context = options->journal;
    world->remember = options->restore != NULL;
    for (size_t i = 0; i < plan->change_count;) {
        size_t places[BATCH_MAX];
        size_t count = 0;
        size_t max = batch_of(world, plan->changes[i].kind);
        i = next_batch(&run, i, max, places, &count);
        if (count > 0)
            apply_batch(world, &run, places, count);
    }
    restore(world, &run);
    world->will_write = NULL;
    world->remember = false;
    free(run.stopped);
    irsa_apply_recheck(world, plan, options->interrupted, ret);
}
