/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#include <sys/stat.h>

void irsa_arguments_done(struct irsa_arguments *arguments)
{
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++)
        irsa_strings_done(&arguments->options[i]);
    irsa_strings_done(&arguments->positional);
}

const char *irsa_option_value(const struct irsa_arguments *arguments, enum irsa_option option)
{
    const struct irsa_strings *values = &arguments->options[option];
    return values->len ? values->items[values->len - 1] : NULL;
}

struct parser {
    int argc;
    char *const *argv;
    int at;
    struct irsa_arguments *arguments;
};

static int hint_help(const struct parser *parser, struct irsa_error **reterr)
{
    return irsa_hint(reterr, "irsa-fix %s --help lists all options",
                     irsa_commands[parser->arguments->command].name);
}

static bool takes(enum irsa_command command, enum irsa_option option)
{
    return irsa_options[option].commands & (1u << command);
}

/* "bootstrap and apply": who does take the option. The caller's. */
static char *takers(enum irsa_option option)
{
    irsa_auto_strings names = {0};
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++) {
        if (takes((enum irsa_command)i, option))
            irsa_strings_add(&names, irsa_commands[i].name);
    }
    return irsa_strings_join(&names, ", ", " and ");
}

static int fail_not_here(const struct parser *parser, const char *shown, enum irsa_option option,
                         struct irsa_error **reterr)
{
    enum irsa_command command = parser->arguments->command;
    irsa_autofree char *who = takers(option);
    irsa_fail(reterr, IRSA_E_USAGE, "%s does not take %s", irsa_commands[command].name, shown);
    if (option == IRSA_OPTION_YES && command == IRSA_COMMAND_PLAN)
        return irsa_hint(reterr, "plan never changes anything; apply --yes does");
    if (option == IRSA_OPTION_FROM && command == IRSA_COMMAND_VERIFY)
        return irsa_hint(reterr, "verify asks STS and the API server, and files answer nothing; "
                                 "`irsa-fix plan --from DIR` evaluates what they show");
    return irsa_hint(reterr, "it belongs to %s", who);
}

static int fail_unknown(const struct parser *parser, const char *name, struct irsa_error **reterr)
{
    const char *candidates[IRSA_OPTION_MAX_];
    size_t count = 0;
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        if (takes(parser->arguments->command, (enum irsa_option)i))
            candidates[count++] = irsa_options[i].name;
    }
    irsa_fail(reterr, IRSA_E_USAGE, "unknown option --%s", name);
    if (strcmp(name, "dry-run") == 0)
        return irsa_hint(reterr, "nothing is changed without --yes");
    const char *nearest = irsa_nearest(name, candidates, count);
    if (nearest)
        return irsa_hint(reterr, "did you mean --%s?", nearest);
    return hint_help(parser, reterr);
}

static bool find_long(const char *name, enum irsa_option *ret)
{
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        if (strcmp(irsa_options[i].name, name) == 0) {
            *ret = (enum irsa_option)i;
            return true;
        }
    }
    for (size_t i = 0; i < irsa_option_alias_count; i++) {
        if (strcmp(irsa_option_aliases[i].name, name) == 0) {
            *ret = irsa_option_aliases[i].option;
            return true;
        }
    }
    return false;
}

static bool find_short(char letter, enum irsa_option *ret)
{
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        if (irsa_options[i].letter == letter) {
            *ret = (enum irsa_option)i;
            return true;
        }
    }
    return false;
}

static int check_choice(const struct irsa_option_spec *spec, const char *value,
                        struct irsa_error **reterr)
{
    size_t count = 0;
    irsa_auto_strings all = {0};
    for (; spec->choices[count]; count++) {
        if (strcmp(spec->choices[count], value) == 0)
            return 0;
        irsa_strings_add(&all, spec->choices[count]);
    }
    irsa_fail(reterr, IRSA_E_USAGE, "--%s does not take \"%s\"", spec->name, value);
    const char *nearest = irsa_nearest(value, spec->choices, count);
    if (nearest)
        return irsa_hint(reterr, "did you mean %s?", nearest);
    irsa_autofree char *list = irsa_strings_join(&all, ", ", " or ");
    return irsa_hint(reterr, "it takes %s", list);
}

/* value NULL: a flag. */
static int store(struct irsa_arguments *arguments, enum irsa_option option, const char *value,
                 struct irsa_error **reterr)
{
    const struct irsa_option_spec *spec = &irsa_options[option];
    struct irsa_strings *values = &arguments->options[option];
    if (!spec->value) {
        if (values->len == 0)
            irsa_strings_add(values, "");
        return 0;
    }
    if (!*value)
        return irsa_fail(reterr, IRSA_E_USAGE, "--%s: the value is empty", spec->name);
    size_t bad = 0;
    if (!irsa_utf8_valid(value, strlen(value), &bad))
        return irsa_fail(reterr, IRSA_E_USAGE, "--%s: the value is not valid UTF-8", spec->name);
    if (spec->choices && check_choice(spec, value, reterr) != 0)
        return -1;
    if (!spec->repeatable && values->len > 0)
        return irsa_fail(reterr, IRSA_E_USAGE, "--%s is given twice: \"%s\" and \"%s\"", spec->name,
                         values->items[0], value);
    irsa_strings_add(values, value);
    return 0;
}

/* The value in the next argument. One that looks like an option is a value forgotten. */
static int next_value(struct parser *parser, const char *shown, const struct irsa_option_spec *spec,
                      const char **ret, struct irsa_error **reterr)
{
    const char *next = parser->at < parser->argc ? parser->argv[parser->at] : NULL;
    if (!next || (next[0] == '-' && next[1] != '\0')) {
        irsa_fail(reterr, IRSA_E_USAGE, "%s needs a value (%s)", shown, spec->value);
        if (next)
            return irsa_hint(reterr, "if \"%s\" is the value, write --%s=%s", next, spec->name,
                             next);
        return hint_help(parser, reterr);
    }
    parser->at++;
    *ret = next;
    return 0;
}

static int parse_long(struct parser *parser, const char *text, struct irsa_error **reterr)
{
    const char *equals = strchr(text, '=');
    irsa_autofree char *name =
        equals ? irsa_strndup(text, (size_t)(equals - text)) : irsa_strdup(text);
    irsa_autofree char *shown = irsa_format("--%s", name);
    enum irsa_option option;
    if (!find_long(name, &option))
        return fail_unknown(parser, name, reterr);
    if (!takes(parser->arguments->command, option))
        return fail_not_here(parser, shown, option, reterr);
    const struct irsa_option_spec *spec = &irsa_options[option];
    const char *value = equals ? equals + 1 : NULL;
    if (!spec->value && value)
        return irsa_fail(reterr, IRSA_E_USAGE, "%s takes no value", shown);
    if (spec->value && !value && next_value(parser, shown, spec, &value, reterr) != 0)
        return -1;
    return store(parser->arguments, option, value, reterr);
}

/* -n NS, -nNS, -n=NS (as kubectl has it), and flags in a row: -qy. */
static int parse_short(struct parser *parser, const char *letters, struct irsa_error **reterr)
{
    for (const char *p = letters; *p; p++) {
        enum irsa_option option;
        const char shown[] = {'-', *p, '\0'};
        if (!find_short(*p, &option)) {
            irsa_fail(reterr, IRSA_E_USAGE, "unknown option %s", shown);
            return hint_help(parser, reterr);
        }
        if (!takes(parser->arguments->command, option))
            return fail_not_here(parser, shown, option, reterr);
        const struct irsa_option_spec *spec = &irsa_options[option];
        if (!spec->value) {
            if (store(parser->arguments, option, NULL, reterr) != 0)
                return -1;
            continue;
        }
        const char *value = p[1] == '=' ? p + 2 : p + 1;
        if (!p[1] && next_value(parser, shown, spec, &value, reterr) != 0)
            return -1;
        return store(parser->arguments, option, value, reterr);
    }
    return 0;
}

int irsa_hint_from(const char *directory, struct irsa_error **reterr)
{
    irsa_auto_buf word = {0};
    irsa_shell_quote(directory, &word);
    return irsa_hint(reterr, "a captured world is read with --from %s", irsa_buf_str(&word));
}

static int take_positional(struct parser *parser, const char *text, struct irsa_error **reterr)
{
    struct irsa_arguments *arguments = parser->arguments;
    const struct irsa_command_spec *spec = &irsa_commands[arguments->command];
    if (arguments->positional.len < spec->max_positional) {
        irsa_strings_add(&arguments->positional, text);
        return 0;
    }
    if (spec->max_positional == 0)
        irsa_fail(reterr, IRSA_E_USAGE, "%s takes no argument, found \"%s\"", spec->name, text);
    else
        irsa_fail(reterr, IRSA_E_USAGE, "%s takes at most %zu argument%s, found \"%s\" too",
                  spec->name, spec->max_positional, spec->max_positional == 1 ? "" : "s", text);
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++) {
        if (strcmp(irsa_commands[i].name, text) == 0)
            return irsa_hint(reterr, "the command comes first: irsa-fix %s ...", text);
    }
    struct stat st;
    if (takes(arguments->command, IRSA_OPTION_FROM) && stat(text, &st) == 0 && S_ISDIR(st.st_mode))
        return irsa_hint_from(text, reterr);
    return irsa_hint(reterr, "usage: irsa-fix %s %s", spec->name, spec->synopsis);
}

static int find_command(const char *word, enum irsa_command *ret, struct irsa_error **reterr)
{
    const char *names[IRSA_COMMAND_MAX_];
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++) {
        names[i] = irsa_commands[i].name;
        if (strcmp(names[i], word) == 0) {
            *ret = (enum irsa_command)i;
            return 0;
        }
    }
    irsa_fail(reterr, IRSA_E_USAGE, "unknown command \"%s\"", word);
    const char *nearest = irsa_nearest(word, names, IRSA_COUNT(names));
    if (nearest)
        return irsa_hint(reterr, "did you mean %s?", nearest);
    return irsa_hint(reterr, "irsa-fix --help lists the commands");
}

/* Which command, and how many arguments said so. Without a command it is plan. */
static int choose_command(struct parser *parser, struct irsa_error **reterr)
{
    const char *first = parser->argc > 1 ? parser->argv[1] : "--help";
    parser->at = 1;
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        parser->arguments->command = IRSA_COMMAND_HELP;
        parser->at = parser->argc;
        return 0;
    }
    if (strcmp(first, "--version") == 0 || strcmp(first, "-V") == 0) {
        parser->arguments->command = IRSA_COMMAND_VERSION;
        parser->at = 2;
        return 0;
    }
    if (*first == '-') {
        parser->arguments->command = IRSA_COMMAND_PLAN;
        return 0;
    }
    parser->at = 2;
    return find_command(first, &parser->arguments->command, reterr);
}

static int parse(struct parser *parser, struct irsa_error **reterr)
{
    if (choose_command(parser, reterr) != 0)
        return -1;
    bool options_ended = false;
    while (parser->at < parser->argc) {
        const char *word = parser->argv[parser->at++];
        int result = 0;
        if (options_ended || word[0] != '-' || word[1] == '\0')
            result = take_positional(parser, word, reterr);
        else if (strcmp(word, "--") == 0)
            options_ended = true;
        else if (word[1] == '-')
            result = parse_long(parser, word + 2, reterr);
        else
            result = parse_short(parser, word + 1, reterr);
        if (result != 0)
            return -1;
        /* Help is wanted whatever else is wrong. */
        if (irsa_is_set(parser->arguments, IRSA_OPTION_HELP))
            return 0;
    }
    return 0;
}

int irsa_arguments_parse(int argc, char *const *argv, struct irsa_arguments *ret,
                         struct irsa_error **reterr)
{
    *ret = (struct irsa_arguments){0};
    struct parser parser = {.argc = argc, .argv = argv, .arguments = ret};
    if (parse(&parser, reterr) == 0)
        return 0;
    irsa_arguments_done(ret);
    *ret = (struct irsa_arguments){0};
    return -1;
}
