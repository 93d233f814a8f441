/* SPDX-License-Identifier: Apache-2.0 */
/* Runs that were killed: their journals end without a word of how they ended. */
#include "cli/run.h"

void irsa_killed_done(struct irsa_killed *killed)
{
    for (size_t i = 0; i < killed->len; i++)
        irsa_run_free(killed->items[i]);
    free(killed->items);
    *killed = (struct irsa_killed){0};
}

void irsa_killed_find(const char *state, const char *world, struct irsa_killed *ret)
{
    irsa_auto_runs runs = {0};
    irsa_auto_error ignored = NULL;
    if (irsa_runs_read_unended(state, &runs, &ignored) != 0)
        return;
    for (size_t i = 0; i < runs.len; i++) {
        const struct irsa_run_summary *summary = &runs.items[i];
        irsa_auto_error unreadable = NULL;
        struct irsa_run *run = NULL;
        if (strcmp(irsa_json_string(summary->head, "world", NULL), world) != 0
            || irsa_run_read(state, summary->id, &run, &unreadable) != 0)
            continue;
        ret->items = irsa_grow(ret->items, ret->len, sizeof(struct irsa_run *));
        ret->items[ret->len++] = run;
    }
}

/* --- what is known of one --------------------------------------------------------------------- */

static size_t not_begun(const struct irsa_run *run)
{
    size_t count = 0;
    for (size_t i = 0; i < run->change_count; i++)
        count += run->changes[i].state == IRSA_RUN_CHANGE_NOT_BEGUN;
    return count;
}

static const char *holds_text(enum irsa_change_holds holds)
{
    static const char *const texts[] = {
        [IRSA_CHANGE_HOLDS] = "it was made",
        [IRSA_CHANGE_BEFORE] = "it was not made",
        [IRSA_CHANGE_OTHER] = "what is there now is neither as before nor as it was to be",
        [IRSA_CHANGE_UNKNOWN] = "whether it was made can't be seen",
    };
    return texts[holds];
}

void irsa_killed_tell(const struct irsa_run *run, const struct irsa_facts *facts)
{
    const json_t *head = run->summary.head;
    const char *user = irsa_json_string(head, "user", NULL);
    const char *host = irsa_json_string(head, "host", NULL);
    irsa_log(IRSA_LOG_WARNING,
             "run %s (%s, started %s by %s on %s) was killed: of %zu changes %zu done, %zu failed, "
             "%zu in doubt, %zu not begun",
             run->summary.id, irsa_json_string(head, "command", NULL),
             irsa_json_string(head, "started", NULL), user ? user : "?", host ? host : "?",
             run->summary.planned, run->summary.done, run->summary.failed, run->summary.doubtful,
             not_begun(run));
    for (size_t i = 0; i < run->change_count; i++) {
        const struct irsa_change *change = &run->changes[i].change;
        if (run->changes[i].state != IRSA_RUN_CHANGE_DOUBTFUL)
            continue;
        irsa_log(IRSA_LOG_WARNING, "in doubt was %s (%s %s %s): %s", change->id,
                 irsa_action_text(change->action), irsa_object_kind_text(change->kind),
                 change->target, holds_text(irsa_change_state(facts, change)));
    }
}

bool irsa_killed_is_same(const struct irsa_run *run, const struct irsa_session *session)
{
    json_auto_t *source = irsa_run_source_json(session->arguments);
    json_auto_t *arguments = irsa_run_arguments_json(session);
    const json_t *head = run->summary.head;
    const char *then = irsa_json_string(head, "undoes", NULL);
    const char *now = irsa_session_undoes(session);
    return (then && now ? strcmp(then, now) == 0 : !then && !now)
           && json_equal(json_object_get(head, "source"), source)
           && json_equal(json_object_get(head, "arguments"), arguments);
}

bool irsa_killed_is_whole(const struct irsa_run *run, const struct irsa_facts *facts)
{
    for (size_t i = 0; i < run->change_count; i++) {
        const struct irsa_run_change *change = &run->changes[i];
        if (change->state == IRSA_RUN_CHANGE_NOT_BEGUN || change->state == IRSA_RUN_CHANGE_FAILED)
            return false;
        if (change->state == IRSA_RUN_CHANGE_DOUBTFUL
            && irsa_change_state(facts, &change->change) != IRSA_CHANGE_HOLDS)
            return false;
    }
    return true;
}

json_t *irsa_killed_settled(const struct irsa_run *run, const struct irsa_facts *facts)
{
    json_t *changes = json_array();
    for (size_t i = 0; i < run->change_count; i++) {
        const struct irsa_run_change *change = &run->changes[i];
        if (change->state != IRSA_RUN_CHANGE_DOUBTFUL)
            continue;
        enum irsa_change_holds holds = irsa_change_state(facts, &change->change);
        json_t *item = json_object();
        (void)json_object_set_new(item, "index", json_integer((json_int_t)change->index));
        (void)json_object_set_new(item, "holds",
                                  holds == IRSA_CHANGE_UNKNOWN || holds == IRSA_CHANGE_OTHER
                                      ? json_null()
                                      : json_boolean(holds == IRSA_CHANGE_HOLDS));
        (void)json_array_append_new(changes, item);
    }
    return changes;
}

/* --- half a change in files ------------------------------------------------------------------- */

/* The directory of files that a run writes to, by its `run` record; NULL: there is none. */
static const char *root_of(const json_t *head)
{
    const char *directory = irsa_json_string(head, "source", "directory", NULL);
    return directory ? directory
                     : irsa_json_string(head, "arguments", "options", "manifests", NULL);
}

static bool is_half(const struct irsa_run *run)
{
    return run->summary.state == IRSA_RUN_UNENDED && run->files_open < json_array_size(run->files);
}

static int recover(const struct irsa_run *run, const char *root, struct irsa_error **reterr)
{
    size_t files = 0;
    if (irsa_run_recover(run, root, &files, reterr) != 0)
        return -1;
    if (files > 0)
        irsa_log(IRSA_LOG_WARNING,
                 "run %s was killed between the files of one change: what it wrote of it (%zu) is "
                 "put back",
                 run->summary.id, files);
    return 0;
}

/* The same by who does not hold the lock yet. */
static int recover_alone(const char *state, const char *id, const char *root, long timeout_ms,
                         struct irsa_error **reterr)
{
    irsa_auto_run run = NULL;
    irsa_auto_run again = NULL;
    irsa_auto_lock lock = NULL;
    irsa_auto_error unreadable = NULL;
    irsa_autofree char *own = irsa_run_id_new();
    bool moved = false;
    if (irsa_run_read(state, id, &run, &unreadable) != 0 || !is_half(run))
        return 0;
    const char *world = irsa_json_string(run->summary.head, "world", NULL);
    if (irsa_lock_take(state, world, own, timeout_ms, 0, &lock, &moved, reterr) != 0)
        return -1;
    /* It was at work, perhaps, and ended while the lock was waited for. */
    if (irsa_run_read(state, id, &again, &unreadable) != 0 || !is_half(again))
        return 0;
    return recover(again, root, reterr);
}

/* The real path of the directory of files that is written to, or NULL. The caller's. */
static char *written_root(const struct irsa_arguments *arguments)
{
    const char *directory = irsa_option_value(arguments, IRSA_OPTION_FROM);
    const char *manifests = irsa_option_value(arguments, IRSA_OPTION_MANIFESTS);
    const char *root = directory ? directory : manifests;
    return root ? realpath(root, NULL) : NULL;
}

static bool is_of(const struct irsa_run_summary *run, const char *root)
{
    const char *own = root_of(run->head);
    return own && strcmp(own, root) == 0;
}

int irsa_killed_recover(const struct irsa_arguments *arguments, const char *locked,
                        struct irsa_error **reterr)
{
    irsa_auto_error ignored = NULL;
    irsa_auto_runs runs = {0};
    irsa_autofree char *state = irsa_cli_state(&ignored);
    irsa_autofree char *root = written_root(arguments);
    long timeout_ms = 0;
    if (irsa_timeout_from_arguments(arguments, &timeout_ms, reterr) != 0)
        return -1;
    timeout_ms = timeout_ms ? timeout_ms : IRSA_LOCK_WAIT_MS;
    if (!root || !state || irsa_runs_read_unended(state, &runs, &ignored) != 0)
        return 0;
    for (size_t i = 0; i < runs.len; i++) {
        const char *id = runs.items[i].id;
        const char *world = irsa_json_string(runs.items[i].head, "world", NULL);
        irsa_auto_error unreadable = NULL;
        irsa_auto_run run = NULL;
        if (!is_of(&runs.items[i], root))
            continue;
        if (!locked || strcmp(locked, world) != 0) {
            if (recover_alone(state, id, root, timeout_ms, reterr) != 0)
                return -1;
        } else if (irsa_run_read(state, id, &run, &unreadable) == 0 && is_half(run)
                   && recover(run, root, reterr) != 0) {
            return -1;
        }
    }
    return 0;
}

void irsa_killed_tell_half(const struct irsa_arguments *arguments)
{
    irsa_auto_error ignored = NULL;
    irsa_auto_runs runs = {0};
    irsa_autofree char *state = irsa_cli_state(&ignored);
    irsa_autofree char *root = written_root(arguments);
    if (!root || !state || irsa_runs_read_unended(state, &runs, &ignored) != 0)
        return;
    for (size_t i = 0; i < runs.len; i++) {
        irsa_auto_error unreadable = NULL;
        irsa_auto_run run = NULL;
        if (!is_of(&runs.items[i], root)
            || irsa_run_read(state, runs.items[i].id, &run, &unreadable) != 0 || !is_half(run))
            continue;
        irsa_autofree char *command = irsa_run_command(run->summary.head);
        irsa_log(IRSA_LOG_WARNING,
                 "run %s was killed while it wrote these files; what it left half done is put "
                 "right by: %s",
                 run->summary.id, command ? command : "irsa-fix apply --yes");
    }
}
