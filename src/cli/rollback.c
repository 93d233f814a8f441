/* SPDX-License-Identifier: Apache-2.0 */
/* Takes a run back: plans the way back from its journal, and applies it as any plan. */
#include "cli/rollback.h"

/* The command line as it was given, with the run that it came to mean. */
static char *next_command(const struct irsa_arguments *arguments, const char *id)
{
    irsa_autofree char *command = irsa_carried_command(arguments, "rollback");
    const char *options = command + strlen("irsa-fix rollback");
    return irsa_format("irsa-fix rollback %s%s", id, options);
}

static void say_where(const struct irsa_arguments *given, const struct irsa_arguments *planned,
                      const struct irsa_job *job)
{
    const char *directory = irsa_option_value(planned, IRSA_OPTION_FROM);
    if (irsa_is_set(given, IRSA_OPTION_FROM) || irsa_is_set(given, IRSA_OPTION_CLUSTER))
        return;
    const char *cluster = irsa_json_string(job->undo.run, "cluster", "name", NULL);
    irsa_log(IRSA_LOG_WARNING, "run %s was made in %s%s: there it is taken back",
             job->ids.items[job->ids.len - 1],
             directory ? directory
             : cluster ? "cluster "
                       : "the account of its cluster",
             directory || !cluster ? "" : cluster);
}

static int finish(struct irsa_session *session, const struct irsa_arguments *arguments,
                  struct irsa_error **reterr)
{
    bool finished = false;
    const char *id = session->undo->runs->items[session->undo->runs->len - 1];
    irsa_autofree char *next = next_command(arguments, id);
    if (irsa_is_set(arguments, IRSA_OPTION_DRY_RUN))
        return irsa_session_dry_run(session, next, reterr);
    if (!irsa_is_set(arguments, IRSA_OPTION_YES))
        return irsa_session_report(session, next, reterr);
    return irsa_session_apply(session, next, &finished, reterr);
}

/* Nothing is read for what was taken back already. */
static int tell_undone(const struct irsa_arguments *arguments, struct irsa_job *job, const char *by,
                       struct irsa_error **reterr)
{
    irsa_auto_facts facts = irsa_facts_new();
    irsa_auto_intent intent = irsa_intent_new();
    irsa_auto_plan plan = NULL;
    if (irsa_facts_finish(facts, reterr) != 0)
        return -1;
    job->undo.change_count = 0;
    irsa_rollback_plan(facts, intent, &job->undo, &plan);
    irsa_strings_take(&plan->undo_notes,
                      irsa_format("nothing to do: it was rolled back by run %s", by));
    json_auto_t *document = irsa_plan_json(plan);
    return irsa_write_report(arguments, IRSA_REPORT_PLAN, document, NULL, reterr);
}

static int take_back(const struct irsa_arguments *arguments, struct irsa_job *job,
                     struct irsa_error **reterr)
{
    irsa_auto_arguments planned = {0};
    irsa_auto_session session = {0};
    if (irsa_job_arguments(job, arguments, &planned, reterr) != 0)
        return -1;
    say_where(arguments, &planned, job);
    bool captured = irsa_is_set(&planned, IRSA_OPTION_FROM);
    job->undo.aws_in_files = captured;
    job->undo.kubernetes_in_files = captured || irsa_is_set(&planned, IRSA_OPTION_MANIFESTS);
    session.undo = &job->undo;
    session.undo_files = job->files;
    if (irsa_session_open(&session, &planned, reterr) != 0)
        return -1;
    irsa_job_intend(job, captured, session.intent);
    if (irsa_session_plan(&session, reterr) != 0)
        return -1;
    return finish(&session, arguments, reterr);
}

int irsa_run_rollback(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    irsa_auto_runs runs = {0};
    irsa_auto_job job = {0};
    const struct irsa_run_summary *run = NULL;
    const char *by = NULL;
    irsa_autofree char *state = irsa_cli_state(reterr);
    if (!state || irsa_runs_read(state, &runs, reterr) != 0)
        return -1;
    for (size_t i = 0; i < runs.unreadable.len; i++)
        irsa_log(IRSA_LOG_WARNING, "%s, ignoring", runs.unreadable.items[i]);
    if (irsa_job_choose(arguments, &runs, &run, &by, reterr) != 0
        || irsa_job_read(state, &runs, run, &job, reterr) != 0)
        return -1;
    return by ? tell_undone(arguments, &job, by, reterr) : take_back(arguments, &job, reterr);
}
