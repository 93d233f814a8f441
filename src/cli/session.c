/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"
#include "cli/rollback.h"

#include <time.h>

void irsa_session_done(struct irsa_session *session)
{
    irsa_plan_free(session->plan);
    irsa_facts_free(session->facts);
    if (session->world)
        irsa_world_free(session->world);
    irsa_intent_free(session->intent);
    irsa_templates_free(session->templates);
    *session = (struct irsa_session){0};
}

static int read_config(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                       struct irsa_error **reterr)
{
    if (irsa_is_set(arguments, IRSA_OPTION_NO_CONFIG)) {
        if (irsa_is_set(arguments, IRSA_OPTION_CONFIG))
            return irsa_fail(reterr, IRSA_E_USAGE, "--config and --no-config exclude each other");
        return 0;
    }
    const char *given = irsa_option_value(arguments, IRSA_OPTION_CONFIG);
    irsa_autofree char *path = given ? irsa_strdup(given) : irsa_intent_find_config(".");
    return path ? irsa_intent_read_config(intent, path, reterr) : 0;
}

int irsa_session_intend(struct irsa_session *session, const struct irsa_arguments *arguments,
                        struct irsa_error **reterr)
{
    session->arguments = arguments;
    session->intent = irsa_intent_new();
    struct irsa_intent *intent = session->intent;
    if (irsa_intent_from_arguments(arguments, intent, reterr) != 0
        || irsa_intent_check(intent, reterr) != 0 || read_config(arguments, intent, reterr) != 0
        || irsa_intent_check(intent, reterr) != 0
        || irsa_thumbprint_from_arguments(arguments, intent, reterr) != 0)
        return -1;
    const char *directory = irsa_option_value(arguments, IRSA_OPTION_TEMPLATE_DIR);
    if (irsa_templates_load(directory, &session->templates, reterr) != 0)
        return -1;
    intent->templates = session->templates;
    irsa_carried_tools(arguments, intent);
    return 0;
}

/* What is about asking AWS and Kubernetes does not go with files. */
static int check_captured(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    static const enum irsa_option live[] = {
        IRSA_OPTION_PROFILE,         IRSA_OPTION_ACCOUNT_PROFILE, IRSA_OPTION_MANIFESTS,
        IRSA_OPTION_LOG_HTTP,        IRSA_OPTION_KUBECONFIG,      IRSA_OPTION_CONTEXT,
        IRSA_OPTION_NO_NATIVE_TOKEN, IRSA_OPTION_NO_KUBERNETES,   IRSA_OPTION_DRY_RUN};
    for (size_t i = 0; i < IRSA_COUNT(live); i++) {
        if (irsa_is_set(arguments, live[i]))
            return irsa_fail(reterr, IRSA_E_USAGE, "--%s and --from exclude each other",
                             irsa_options[live[i]].name);
    }
    const char *thumbprint = irsa_option_value(arguments, IRSA_OPTION_THUMBPRINT);
    if (thumbprint && strcmp(thumbprint, "auto") == 0)
        return irsa_fail(
            reterr, IRSA_E_USAGE,
            "--thumbprint auto asks the issuer, which --from does not: give it in hex");
    return 0;
}

int irsa_session_open(struct irsa_session *session, const struct irsa_arguments *arguments,
                      struct irsa_error **reterr)
{
    if (irsa_session_intend(session, arguments, reterr) != 0
        || irsa_verify_check(arguments, reterr) != 0)
        return -1;
    if (!irsa_is_set(arguments, IRSA_OPTION_FROM))
        return irsa_live_from_arguments(arguments, session->intent, &session->world, reterr);
    long timeout_ms = 0;
    if (check_captured(arguments, reterr) != 0
        || irsa_timeout_from_arguments(arguments, &timeout_ms, reterr) != 0)
        return -1;
    return irsa_captured_new(irsa_option_value(arguments, IRSA_OPTION_FROM),
                             &arguments->options[IRSA_OPTION_IGNORE], &session->world, reterr);
}

static int make_plan(struct irsa_session *session, struct irsa_error **reterr)
{
    if (!session->undo)
        return irsa_plan_make(session->facts, session->intent, &session->plan, reterr);
    if (irsa_job_check_world(session->undo, session->facts, reterr) != 0)
        return -1;
    irsa_rollback_plan(session->facts, session->intent, session->undo, &session->plan);
    return 0;
}

int irsa_session_plan(struct irsa_session *session, struct irsa_error **reterr)
{
    struct timespec now = {0};
    if (irsa_is_set(session->arguments, IRSA_OPTION_YES)
        && irsa_killed_recover(session->arguments, session->locked, reterr) != 0)
        return -1;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    session->read_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    if (session->world->ops->gather(session->world, &session->facts, reterr) != 0) {
        irsa_killed_tell_half(session->arguments);
        return -1;
    }
    irsa_warn_of_denied(session->facts);
    const struct irsa_strings *passed_over = irsa_world_passed_over(session->world);
    for (size_t i = 0; passed_over && i < passed_over->len; i++)
        /* Links and pipes come with the reason in parentheses. */
        irsa_log(IRSA_LOG_INFO, "%s: passed over%s", passed_over->items[i],
                 irsa_has_suffix(passed_over->items[i], ")") ? "" : ", nothing known is in it");
    return make_plan(session, reterr);
}

int irsa_session_read_again(struct irsa_session *session, struct irsa_error **reterr)
{
    irsa_plan_free(session->plan);
    session->plan = NULL;
    irsa_facts_free(session->facts);
    session->facts = NULL;
    return irsa_session_plan(session, reterr);
}

int irsa_session_plan_again(struct irsa_session *session, struct irsa_error **reterr)
{
    irsa_plan_free(session->plan);
    session->plan = NULL;
    return make_plan(session, reterr);
}

int irsa_session_report(struct irsa_session *session, const char *next_command,
                        struct irsa_error **reterr)
{
    json_auto_t *document = irsa_plan_json(session->plan);
    irsa_cli_warn_of_runs(session);
    if (irsa_write_report(session->arguments, IRSA_REPORT_PLAN, document, next_command, reterr)
        != 0)
        return -1;
    return session->plan->outcome;
}

static void on_progress(void *context, const struct irsa_change *change,
                        const struct irsa_change_result *result)
{
    irsa_progress_step(context, result);
    static const char *const states[] = {"done", "held back", "failed", "skipped"};
    if (!result) {
        irsa_log(IRSA_LOG_INFO, "%s: %s %s %s ...", change->id, irsa_action_text(change->action),
                 irsa_object_kind_text(change->kind), change->target);
        return;
    }
    irsa_log(IRSA_LOG_INFO, "%s: %s%s%s", change->id, states[result->state],
             result->message ? ": " : "", result->message ? result->message : "");
}

/* Why nothing more was done, where it was the journal. */
static void tell_of_journal(const struct irsa_apply_result *result)
{
    if (result->journal_error)
        irsa_log(IRSA_LOG_ERROR, "%s: %s", result->journal_error,
                 result->done + result->failed > 0 ? "nothing more is changed"
                                                   : "nothing was changed");
}

/* Files of a run that was taken back. */
static void tell_of_files(const struct irsa_apply_result *result)
{
    if (result->restore_error)
        irsa_log(IRSA_LOG_WARNING, "what was changed is set back, but not byte for byte: %s",
                 result->restore_error);
    for (size_t i = 0; i < result->left.len; i++)
        irsa_log(IRSA_LOG_WARNING,
                 "%s: somebody else changed it since: only what the run had changed was set back",
                 result->left.items[i]);
}

int irsa_session_apply(struct irsa_session *session, const char *next_command, bool *ret_finished,
                       struct irsa_error **reterr)
{
    irsa_auto_cli_run run = {0};
    struct irsa_apply_result result = {0};
    if (irsa_cli_run_begin(session, &run, reterr) != 0
        || irsa_cli_run_open(session, &run, irsa_session_undoes(session), reterr) != 0)
        return -1;
    irsa_signals_hold(true);
    struct irsa_progress progress;
    irsa_progress_begin(&progress, session->plan);
    const struct irsa_apply_options options = {.journal = run.journal,
                                               .interrupted = irsa_interrupted(),
                                               .progress = on_progress,
                                               .context = &progress,
                                               .restore = session->undo_files};
    irsa_apply(session->world, session->plan, &options, &result);
    irsa_progress_end();
    tell_of_journal(&result);
    tell_of_files(&result);
    json_auto_t *document = irsa_apply_json(session->plan, &result);
    int status = *irsa_interrupted() ? 130 : irsa_apply_outcome(&result);
    if (result.recheck_error && result.done > 0)
        irsa_log(IRSA_LOG_WARNING,
                 "%zu of %zu changes were made, but what holds now could not be read again: %s",
                 result.done, result.done + result.failed + result.skipped, result.recheck_error);
    irsa_cli_run_end(&run, status, &result);
    if (irsa_is_set(session->arguments, IRSA_OPTION_VERIFY) && result.after && status != 130)
        status = irsa_session_prove(session, result.after, document, status);
    (void)json_object_set_new(document, "outcome", json_integer(status));
    *ret_finished = !result.interrupted && result.failed == 0 && result.skipped == 0;
    if (irsa_write_report(session->arguments, IRSA_REPORT_APPLY, document, next_command, reterr)
        != 0) {
        irsa_hint(reterr, "%zu of %zu changes were made before that", result.done,
                  result.done + result.failed + result.skipped);
        status = -1;
    }
    irsa_apply_result_done(&result);
    return status;
}
