/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run.h"

void irsa_cli_run_done(struct irsa_cli_run *run)
{
    irsa_journal_free(run->journal);
    irsa_killed_done(&run->killed);
    irsa_lock_free(run->lock);
    free(run->world);
    free(run->id);
    free(run->state);
    *run = (struct irsa_cli_run){0};
}

/* --- alone ------------------------------------------------------------------------------------ */

/* What was reviewed is applied as it was or not at all. */
static int check_same(const json_t *then, const struct irsa_facts *now, struct irsa_error **reterr)
{
    json_auto_t *digests = irsa_facts_digests(now);
    if (json_equal((json_t *)then, digests))
        return 0;
    (void)irsa_fail(reterr, IRSA_E_CONFLICT,
                    "the world has moved since the plan was made: another irsa-fix changed it");
    return irsa_hint(reterr, "nothing was changed; plan again");
}

static int read_again(struct irsa_session *session, struct irsa_error **reterr)
{
    json_auto_t *then = session->is_saved ? irsa_facts_digests(session->facts) : NULL;
    if (irsa_session_read_again(session, reterr) != 0)
        return -1;
    return then ? check_same(then, session->facts, reterr) : 0;
}

/* --- heirs ------------------------------------------------------------------------------------ */

/* The newest killed run that this command finishes; of the others it is said who does. */
static void choose(const struct irsa_session *session, struct irsa_cli_run *run)
{
    for (size_t i = 0; i < run->killed.len; i++) {
        const struct irsa_run *killed = run->killed.items[i];
        irsa_killed_tell(killed, session->facts);
        if (!run->continues && irsa_killed_is_same(killed, session)) {
            run->continues = killed->summary.id;
            irsa_log(IRSA_LOG_WARNING, "this run finishes it");
            continue;
        }
        irsa_autofree char *command = irsa_run_command(killed->summary.head);
        if (irsa_killed_is_whole(killed, session->facts) || !command)
            continue;
        irsa_log(IRSA_LOG_WARNING, "this command is another one and leaves it; to finish it: %s",
                 command);
    }
}

static void settle(const struct irsa_session *session, const struct irsa_cli_run *run)
{
    for (size_t i = 0; i < run->killed.len; i++) {
        const struct irsa_run *killed = run->killed.items[i];
        const char *id = killed->summary.id;
        irsa_auto_error error = NULL;
        if ((!run->continues || strcmp(run->continues, id) != 0)
            && !irsa_killed_is_whole(killed, session->facts))
            continue;
        json_auto_t *changes = irsa_killed_settled(killed, session->facts);
        if (irsa_journal_settle(run->state, id, run->id, changes, &error) != 0)
            irsa_log(IRSA_LOG_WARNING, "%s", irsa_error_message(error));
    }
}

/* --- the run ---------------------------------------------------------------------------------- */

static size_t to_be_made(const struct irsa_plan *plan)
{
    return plan->creates + plan->updates + plan->deletes;
}

int irsa_cli_run_begin(struct irsa_session *session, struct irsa_cli_run *run,
                       struct irsa_error **reterr)
{
    irsa_auto_error no_state = NULL;
    long timeout_ms = 0;
    bool moved = false;
    if (irsa_timeout_from_arguments(session->arguments, &timeout_ms, reterr) != 0)
        return -1;
    run->state = irsa_cli_state(&no_state);
    run->world = irsa_cli_world_key(session);
    run->id = irsa_run_id_new();
    if (!run->state && to_be_made(session->plan) > 0) {
        *reterr = irsa_steal(&no_state);
        return -1;
    }
    if (run->state)
        irsa_killed_find(run->state, run->world, &run->killed);
    if (to_be_made(session->plan) == 0 && run->killed.len == 0)
        return 0;
    if (irsa_lock_take(run->state, run->world, run->id, timeout_ms ? timeout_ms : IRSA_LOCK_WAIT_MS,
                       session->read_ns, &run->lock, &moved, reterr)
        != 0)
        return -1;
    session->locked = run->world;
    if (moved && read_again(session, reterr) != 0)
        return -1;
    /* Who held the lock until now may have been one of them. */
    irsa_killed_done(&run->killed);
    irsa_killed_find(run->state, run->world, &run->killed);
    choose(session, run);
    if (to_be_made(session->plan) == 0)
        settle(session, run);
    return 0;
}

int irsa_cli_run_open(struct irsa_session *session, struct irsa_cli_run *run, const char *undoes,
                      struct irsa_error **reterr)
{
    if (to_be_made(session->plan) == 0)
        return 0;
    json_auto_t *document = irsa_plan_json(session->plan);
    json_auto_t *source = irsa_run_source_json(session->arguments);
    json_auto_t *arguments = irsa_run_arguments_json(session);
    const struct irsa_journal_run head = {
        .id = run->id,
        .command = irsa_json_string(arguments, "command", NULL),
        .world = run->world,
        .cluster = json_object_get(document, "cluster"),
        .source = source,
        .arguments = arguments,
        .changes = session->plan->changes,
        .change_count = session->plan->change_count,
        .continues = run->continues,
        .undoes = undoes,
    };
    irsa_signals_hold(true);
    if (irsa_journal_open(run->state, &head, &run->journal, reterr) != 0)
        return -1;
    settle(session, run);
    return 0;
}

void irsa_cli_run_end(struct irsa_cli_run *run, int outcome, const struct irsa_apply_result *result)
{
    irsa_auto_error error = NULL;
    if (run->journal
        && irsa_journal_end(run->journal, outcome, result->done, result->failed, result->skipped,
                            &error)
               != 0)
        irsa_log(IRSA_LOG_WARNING, "%s", irsa_error_message(error));
}

void irsa_cli_warn_of_runs(const struct irsa_session *session)
{
    irsa_auto_error ignored = NULL;
    irsa_auto_killed killed = {0};
    irsa_autofree char *state = irsa_cli_state(&ignored);
    irsa_autofree char *world = irsa_cli_world_key(session);
    if (!state)
        return;
    irsa_autofree char *holder = irsa_lock_holder(state, world);
    if (holder) {
        irsa_log(IRSA_LOG_WARNING,
                 "run %s is changing this at the moment: what is shown may be out of date", holder);
        return;
    }
    irsa_killed_find(state, world, &killed);
    for (size_t i = 0; i < killed.len; i++) {
        irsa_autofree char *command = irsa_run_command(killed.items[i]->summary.head);
        irsa_killed_tell(killed.items[i], session->facts);
        if (command)
            irsa_log(IRSA_LOG_WARNING, "to finish it: %s", command);
    }
}
