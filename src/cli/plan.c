/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

static json_t *source_of(const struct irsa_arguments *arguments)
{
    json_t *source = json_object();
    const char *directory = irsa_option_value(arguments, IRSA_OPTION_FROM);
    (void)json_object_set_new(source, "kind", json_string(directory ? "captured" : "live"));
    if (directory)
        (void)json_object_set_new(source, "directory", json_string(directory));
    json_t *ignore = json_array();
    const struct irsa_strings *globs = &arguments->options[IRSA_OPTION_IGNORE];
    for (size_t i = 0; i < globs->len; i++)
        (void)json_array_append_new(ignore, json_string(globs->items[i]));
    (void)json_object_set_new(source, "ignore", ignore);
    return source;
}

/* The configuration that was found is named, so that the plan does not hang on where it is applied.
 */
static json_t *arguments_of(const struct irsa_session *session)
{
    json_t *arguments = irsa_carried_json(session->arguments);
    json_t *options = json_object_get(arguments, "options");
    const char *config = session->intent->config_file;
    if (config)
        (void)json_object_set_new(options, "config", json_string(config));
    else
        (void)json_object_set_new(options, "no-config", json_true());
    return arguments;
}

static int save(const struct irsa_session *session, const char *path, struct irsa_error **reterr)
{
    json_auto_t *source = source_of(session->arguments);
    json_auto_t *arguments = arguments_of(session);
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
