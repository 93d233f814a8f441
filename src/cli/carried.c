/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include "irsa/intent.h"

json_t *irsa_carried_json(const struct irsa_arguments *arguments)
{
    json_t *options = json_object();
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        const struct irsa_option_spec *spec = &irsa_options[i];
        const struct irsa_strings *values = &arguments->options[i];
        if (!spec->carried || values->len == 0)
            continue;
        json_t *value = NULL;
        if (!spec->value) {
            value = json_true();
        } else if (!spec->repeatable) {
            value = json_string(values->items[0]);
        } else {
            value = json_array();
            for (size_t j = 0; j < values->len; j++)
                (void)json_array_append_new(value, json_string(values->items[j]));
        }
        (void)json_object_set_new(options, spec->name, value);
    }
    json_t *carried = json_object();
    (void)json_object_set_new(carried, "command",
                              json_string(irsa_commands[arguments->command].name));
    (void)json_object_set_new(carried, "options", options);
    return carried;
}

static int read_option(enum irsa_option option, const json_t *value, struct irsa_strings *ret)
{
    const struct irsa_option_spec *spec = &irsa_options[option];
    if (!spec->value) {
        if (json_is_true(value))
            irsa_strings_add(ret, "");
        return json_is_true(value) ? 0 : -1;
    }
    size_t count = spec->repeatable ? json_array_size(value) : 1;
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(spec->repeatable ? json_array_get(value, i) : value);
        if (!text)
            return -1;
        irsa_strings_add(ret, text);
    }
    return count > 0 ? 0 : -1;
}

static bool find_carried(const char *name, enum irsa_option *ret)
{
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        if (irsa_options[i].carried && strcmp(irsa_options[i].name, name) == 0) {
            *ret = (enum irsa_option)i;
            return true;
        }
    }
    return false;
}

int irsa_carried_read(const char *name, const json_t *carried, struct irsa_arguments *ret,
                      struct irsa_error **reterr)
{
    const char *command = json_string_value(json_object_get(carried, "command"));
    if (!command || strcmp(command, irsa_commands[IRSA_COMMAND_PLAN].name) != 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: arguments.command: \"plan\" expected", name);
    ret->command = IRSA_COMMAND_PLAN;
    const char *key;
    json_t *value;
    json_object_foreach(json_object_get(carried, "options"), key, value)
    {
        enum irsa_option option;
        if (!find_carried(key, &option))
            return irsa_fail(reterr, IRSA_E_PARSE, "%s: arguments.options.%s: unknown option", name,
                             key);
        if (read_option(option, value, &ret->options[option]) != 0)
            return irsa_fail(reterr, IRSA_E_PARSE, "%s: arguments.options.%s: not a value for it",
                             name, key);
    }
    return 0;
}

static void add_option(const struct irsa_arguments *arguments, enum irsa_option option,
                       struct irsa_buf *ret)
{
    const struct irsa_option_spec *spec = &irsa_options[option];
    const struct irsa_strings *values = &arguments->options[option];
    for (size_t i = 0; i < values->len; i++) {
        if (spec->letter)
            irsa_buf_addf(ret, " -%c", spec->letter);
        else
            irsa_buf_addf(ret, " --%s", spec->name);
        if (!spec->value)
            continue;
        /* A value that begins with a dash has to be tied to its option. */
        irsa_buf_addc(ret, values->items[i][0] == '-' ? '=' : ' ');
        irsa_shell_quote(values->items[i], ret);
    }
}

static unsigned takers_of(const char *command)
{
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++) {
        if (strcmp(irsa_commands[i].name, command) == 0)
            return 1u << i;
    }
    return ~0u;
}

static bool is_source(size_t option)
{
    return option == IRSA_OPTION_FROM || option == IRSA_OPTION_IGNORE;
}

char *irsa_carried_command(const struct irsa_arguments *arguments, const char *command)
{
    irsa_auto_buf buf = {0};
    unsigned takers = takers_of(command);
    irsa_buf_addf(&buf, "irsa-fix %s", command);
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        if (!(irsa_options[i].commands & takers))
            continue;
        if (is_source(i) || irsa_options[i].carried)
            add_option(arguments, (enum irsa_option)i, &buf);
    }
    return irsa_buf_steal(&buf);
}

/* --- commands that are suggested --------------------------------------------------------------- */

/* Where it reads, and what it makes things of; neither what is selected nor what is wanted. */
static char *own_options(const struct irsa_arguments *arguments, enum irsa_command command)
{
    irsa_auto_buf buf = {0};
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        const struct irsa_option_spec *spec = &irsa_options[i];
        bool place = is_source(i) || (spec->carried && spec->group == IRSA_GROUP_SOURCE);
        if ((spec->commands & (1u << command)) && (place || i == IRSA_OPTION_TEMPLATE_DIR))
            add_option(arguments, (enum irsa_option)i, &buf);
    }
    return irsa_buf_steal(&buf);
}

static char *kubectl_options(const struct irsa_arguments *arguments)
{
    irsa_auto_buf buf = {0};
    add_option(arguments, IRSA_OPTION_KUBECONFIG, &buf);
    add_option(arguments, IRSA_OPTION_CONTEXT, &buf);
    return irsa_buf_steal(&buf);
}

/* The region decides about the partition too. */
static char *aws_options(const struct irsa_arguments *arguments, const struct irsa_intent *intent)
{
    irsa_auto_buf buf = {0};
    if (irsa_is_set(arguments, IRSA_OPTION_FROM))
        return NULL;
    add_option(arguments, IRSA_OPTION_PROFILE, &buf);
    if (intent->region) {
        irsa_buf_adds(&buf, " --region ");
        irsa_shell_quote(intent->region, &buf);
    }
    return irsa_buf_steal(&buf);
}

void irsa_carried_tools(const struct irsa_arguments *arguments, struct irsa_intent *intent)
{
    char **options = intent->tool_options;
    for (size_t i = 0; i < IRSA_TOOL_MAX_; i++)
        free(options[i]);
    options[IRSA_TOOL_PLANNING] = own_options(arguments, IRSA_COMMAND_BOOTSTRAP);
    options[IRSA_TOOL_PERMISSIONS] = own_options(arguments, IRSA_COMMAND_PERMISSIONS);
    options[IRSA_TOOL_KUBECTL] = kubectl_options(arguments);
    options[IRSA_TOOL_AWS] = aws_options(arguments, intent);
}
