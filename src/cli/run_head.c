/* SPDX-License-Identifier: Apache-2.0 */
/* What a run is named by: its world, where it was read from, and the command line. */
#include "cli/run.h"

#include "irsa/rollback.h"

char *irsa_cli_state(struct irsa_error **reterr)
{
    return irsa_state_directory(getenv("XDG_STATE_HOME"), getenv("HOME"), reterr);
}

static char *absolute(const char *path)
{
    char *real = realpath(path, NULL);
    return real ? real : irsa_strdup(path);
}

const char *irsa_session_undoes(const struct irsa_session *session)
{
    return session->undo ? irsa_json_string(session->undo->run, "id", NULL) : NULL;
}

char *irsa_cli_world_key(const struct irsa_session *session)
{
    const char *recorded =
        session->undo ? irsa_json_string(session->undo->run, "world", NULL) : NULL;
    if (recorded)
        return irsa_strdup(recorded);
    const char *directory = irsa_option_value(session->arguments, IRSA_OPTION_FROM);
    if (directory) {
        irsa_autofree char *real = absolute(directory);
        return irsa_format("captured %s", real);
    }
    const struct irsa_scope *scope = &session->plan->bindings.scope;
    const char *cluster = scope->cluster_name ? scope->cluster_name : scope->issuer;
    return irsa_format("live %s %s %s %s", scope->partition ? scope->partition : "-",
                       scope->account_id ? scope->account_id : "-",
                       scope->region ? scope->region : "-", cluster ? cluster : "-");
}

/* --- source and arguments --------------------------------------------------------------------- */

json_t *irsa_source_json(const struct irsa_arguments *arguments)
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
json_t *irsa_arguments_json(const struct irsa_session *session)
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

json_t *irsa_run_source_json(const struct irsa_arguments *arguments)
{
    json_t *source = irsa_source_json(arguments);
    const char *directory = json_string_value(json_object_get(source, "directory"));
    if (directory) {
        irsa_autofree char *real = absolute(directory);
        (void)json_object_set_new(source, "directory", json_string(real));
    }
    return source;
}

static json_t *absolute_json(const json_t *value)
{
    if (json_is_string(value)) {
        irsa_autofree char *real = absolute(json_string_value(value));
        return json_string(real);
    }
    json_t *array = json_array();
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(value, i, item)(void) json_array_append_new(array, absolute_json(item));
    return array;
}

json_t *irsa_run_arguments_json(const struct irsa_session *session)
{
    static const enum irsa_option files[] = {IRSA_OPTION_CONFIG, IRSA_OPTION_KUBECONFIG,
                                             IRSA_OPTION_MANIFESTS, IRSA_OPTION_POLICY_FILE,
                                             IRSA_OPTION_TEMPLATE_DIR};
    json_t *arguments = irsa_arguments_json(session);
    json_t *options = json_object_get(arguments, "options");
    for (size_t i = 0; i < IRSA_COUNT(files); i++) {
        const char *name = irsa_options[files[i]].name;
        const json_t *value = json_object_get(options, name);
        if (value)
            (void)json_object_set_new(options, name, absolute_json(value));
    }
    /* A saved plan is applied with the arguments of the `plan` that made it. */
    if (session->arguments->command == IRSA_COMMAND_PLAN)
        (void)json_object_set_new(arguments, "command",
                                  json_string(irsa_commands[IRSA_COMMAND_APPLY].name));
    return arguments;
}

char *irsa_run_command(const json_t *head)
{
    const json_t *arguments = json_object_get(head, "arguments");
    const json_t *source = json_object_get(head, "source");
    const char *command = irsa_json_string(head, "command", NULL);
    const char *directory = irsa_json_string(source, "directory", NULL);
    irsa_auto_arguments read = {0};
    irsa_auto_error ignored = NULL;
    json_auto_t *carried = json_copy((json_t *)arguments);
    (void)json_object_set_new(carried, "command",
                              json_string(irsa_commands[IRSA_COMMAND_PLAN].name));
    if (!command || !carried || irsa_carried_read("journal", carried, &read, &ignored) != 0)
        return NULL;
    if (directory)
        irsa_strings_add(&read.options[IRSA_OPTION_FROM], directory);
    size_t i = 0;
    json_t *glob = NULL;
    json_array_foreach(json_object_get(source, "ignore"), i, glob)
    {
        if (json_is_string(glob))
            irsa_strings_add(&read.options[IRSA_OPTION_IGNORE], json_string_value(glob));
    }
    irsa_autofree char *line = irsa_carried_command(&read, command);
    const char *undoes = irsa_json_string(head, "undoes", NULL);
    return irsa_format("%s%s%s --yes", line, undoes ? " " : "", undoes ? undoes : "");
}
