/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <malloc.h>

int irsa_exit_status(enum irsa_error_kind kind)
{
    switch (kind) {
    case IRSA_E_USAGE:
        return 64;
    case IRSA_E_AUTH:
    case IRSA_E_ACCESS:
        return 4;
    case IRSA_E_CONFLICT:
        return 2;
    case IRSA_E_IO:
    case IRSA_E_PARSE:
    case IRSA_E_NET:
    case IRSA_E_NOT_FOUND:
    case IRSA_E_LIMIT:
    case IRSA_E_INTERNAL:
        return 1;
    }
    return 1;
}

/* Names and values in messages come from outside: what would steer a terminal is shown escaped. */
static void print_hint(const char *hint)
{
    irsa_auto_buf line = {0};
    irsa_buf_adds(&line, "hint: ");
    for (const unsigned char *p = (const unsigned char *)hint; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            irsa_buf_addf(&line, "\\x%02x", *p);
        else
            irsa_buf_addc(&line, (char)*p);
    }
    irsa_buf_addc(&line, '\n');
    (void)fwrite(line.data, 1, line.len, stderr);
}

static int print_error(const struct irsa_error *error)
{
    irsa_log(IRSA_LOG_ERROR, "%s", irsa_error_message(error));
    if (irsa_error_hint(error))
        print_hint(irsa_error_hint(error));
    return irsa_exit_status(irsa_error_kind(error));
}

typedef int run_function(const struct irsa_arguments *arguments, struct irsa_error **reterr);

static run_function *const runners[IRSA_COMMAND_MAX_] = {
    [IRSA_COMMAND_PLAN] = irsa_run_plan,
    [IRSA_COMMAND_APPLY] = irsa_run_apply,
    [IRSA_COMMAND_BOOTSTRAP] = irsa_run_bootstrap,
    [IRSA_COMMAND_ROLLBACK] = irsa_run_rollback,
    [IRSA_COMMAND_SHOW] = irsa_run_show,
    [IRSA_COMMAND_SNAPSHOT] = irsa_run_snapshot,
    [IRSA_COMMAND_VERIFY] = irsa_run_verify,
    [IRSA_COMMAND_PERMISSIONS] = irsa_run_permissions,
    [IRSA_COMMAND_HISTORY] = irsa_run_history,
    [IRSA_COMMAND_EXPLAIN] = irsa_run_explain,
    [IRSA_COMMAND_TEMPLATES] = irsa_run_templates,
    [IRSA_COMMAND_COMPLETION] = irsa_run_completion,
    [IRSA_COMMAND_HELP] = irsa_run_help,
    [IRSA_COMMAND_VERSION] = irsa_run_version,
};

static int run(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    if (irsa_is_set(arguments, IRSA_OPTION_HELP)) {
        irsa_auto_buf text = {0};
        irsa_help_command(arguments->command, &text);
        return irsa_write_result(&(struct irsa_arguments){0}, &text, reterr);
    }
    if (irsa_is_set(arguments, IRSA_OPTION_QUIET))
        irsa_log_set_level(IRSA_LOG_ERROR);
    else if (irsa_is_set(arguments, IRSA_OPTION_VERBOSE))
        irsa_log_set_level(IRSA_LOG_INFO);
    return runners[arguments->command](arguments, reterr);
}

int irsa_cli(int argc, char *const *argv)
{
    irsa_auto_arguments arguments = {0};
    irsa_auto_error error = NULL;
    /* glibc's fast bins are gone through at every large free: a sixth of the time of a large world.
     */
    (void)mallopt(M_MXFAST, 0);
    irsa_guard_streams();
    irsa_signals_install();
    int status = irsa_arguments_parse(argc, argv, &arguments, &error);
    if (status == 0)
        status = run(&arguments, &error);
    if (status < 0)
        status = print_error(error);
    irsa_auto_error close_error = NULL;
    if (irsa_close_stdout(&close_error) != 0 && !error)
        status = print_error(close_error);
    return status;
}
