/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run.h"
#include "cli/saved.h"

static int finish(struct irsa_session *session, bool yes, const char *next_command,
                  struct irsa_error **reterr)
{
    bool finished = false;
    if (irsa_is_set(session->arguments, IRSA_OPTION_DRY_RUN))
        return irsa_session_dry_run(session, next_command, reterr);
    if (!yes)
        return irsa_session_report(session, next_command, reterr);
    return irsa_session_apply(session, next_command, &finished, reterr);
}

/* What decides about the plan was decided when it was saved. */
static int check_alone(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        if (irsa_options[i].with_plan || !irsa_is_set(arguments, (enum irsa_option)i))
            continue;
        irsa_fail(reterr, IRSA_E_USAGE, "--%s does not go with a saved plan", irsa_options[i].name);
        return irsa_hint(reterr, "the plan was made with options of its own; plan again to change "
                                 "them");
    }
    return 0;
}

/* How the result is shown, and where the world is now, is said by this command line. */
static void take_over(struct irsa_arguments *planned, const struct irsa_arguments *arguments)
{
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        const struct irsa_strings *values = &arguments->options[i];
        if (!irsa_options[i].with_plan || i == IRSA_OPTION_ALLOW || values->len == 0)
            continue;
        irsa_strings_done(&planned->options[i]);
        for (size_t j = 0; j < values->len; j++)
            irsa_strings_add(&planned->options[i], values->items[j]);
    }
}

/* The plan is about a region, whichever one is set where it is applied. */
static void keep_region(const json_t *saved, struct irsa_arguments *planned)
{
    const char *region =
        irsa_json_string(irsa_json_get(saved, "plan", "cluster", NULL), "region", NULL);
    if (region && !irsa_is_set(planned, IRSA_OPTION_FROM)
        && !irsa_is_set(planned, IRSA_OPTION_REGION))
        irsa_strings_add(&planned->options[IRSA_OPTION_REGION], region);
}

/* Once it is applied the world has moved, and the file serves no more: what was held back is then
 * to be had from the source. */
static char *next_command(const char *path, const struct irsa_arguments *planned, bool yes)
{
    if (yes)
        return irsa_carried_command(planned, "apply");
    irsa_auto_buf next = {0};
    irsa_buf_adds(&next, "irsa-fix apply ");
    irsa_shell_quote(path, &next);
    return irsa_buf_steal(&next);
}

static int run_saved(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    const char *path = arguments->positional.items[0];
    irsa_auto_arguments planned = {0};
    irsa_auto_session session = {0};
    if (check_alone(arguments, reterr) != 0)
        return -1;
    json_auto_t *saved = irsa_saved_read(path, reterr);
    if (!saved || irsa_saved_arguments(path, saved, &planned, reterr) != 0)
        return -1;
    take_over(&planned, arguments);
    keep_region(saved, &planned);
    if (irsa_session_open(&session, &planned, reterr) != 0)
        return irsa_hint(reterr,
                         "apply it where it was planned, or name the directory with --from");
    session.is_saved = true;
    if (irsa_session_plan(&session, reterr) != 0)
        return -1;
    if (irsa_saved_plan_compare(saved, session.plan, reterr) != 0) {
        irsa_cli_warn_of_runs(&session); /* one of them may be why */
        return irsa_hint(reterr, "nothing was changed; plan again");
    }
    if (irsa_is_set(arguments, IRSA_OPTION_ALLOW)
        && (irsa_allow_from_arguments(arguments, session.intent, reterr) != 0
            || irsa_session_plan_again(&session, reterr) != 0))
        return -1;
    bool yes = irsa_is_set(arguments, IRSA_OPTION_YES);
    irsa_autofree char *next = next_command(path, &planned, yes);
    return finish(&session, yes, next, reterr);
}

int irsa_run_apply(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    if (arguments->positional.len > 0)
        return run_saved(arguments, reterr);
    irsa_auto_session session = {0};
    if (irsa_session_open(&session, arguments, reterr) != 0
        || irsa_session_plan(&session, reterr) != 0)
        return -1;
    irsa_autofree char *next = irsa_carried_command(arguments, "apply");
    return finish(&session, irsa_is_set(arguments, IRSA_OPTION_YES), next, reterr);
}
