/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run.h"

static int save(const struct irsa_session *session, const char *path, struct irsa_error **reterr)
{
    json_auto_t *source = irsa_source_json(session->arguments);
    json_auto_t *arguments = irsa_arguments_json(session);
    json_auto_t *saved = irsa_saved_plan_new(session->plan, source, arguments);
    irsa_auto_buf text = {0};
    irsa_json_write(saved, &text);
    return irsa_write_file(path, &text, reterr);
}

int irsa_run_plan(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    irsa_auto_session session = {0};
    if (irsa_session_open(&session, arguments, reterr) != 0
        || irsa_session_plan(&session, reterr) != 0)
        return -1;
    const char *path = irsa_option_value(arguments, IRSA_OPTION_SAVE);
    irsa_auto_buf next = {0};
    if (path) {
        if (save(&session, path, reterr) != 0)
            return -1;
        irsa_buf_adds(&next, "irsa-fix apply ");
        irsa_shell_quote(path, &next);
    } else {
        irsa_autofree char *command = irsa_carried_command(arguments, "apply");
        irsa_buf_adds(&next, command);
    }
    return irsa_session_report(&session, irsa_buf_str(&next), reterr);
}
