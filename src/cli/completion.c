/* SPDX-License-Identifier: Apache-2.0 */
/* Completion for bash, from the tables of commands and options. */
#include "cli/session.h"

#include "irsa/diagnose.h"

static void add_word(struct irsa_buf *words, const char *word)
{
    irsa_buf_addf(words, "%s%s", words->len > 0 ? " " : "", word);
}

/* "    PATTERN) words='...' ;;", a case of the shell's. */
static void add_case(struct irsa_buf *ret, const char *pattern, const struct irsa_buf *words)
{
    irsa_buf_addf(ret, "    %s) words='%s' ;;\n", pattern, irsa_buf_str(words));
}

/* --- values ----------------------------------------------------------------------------------- */

/* What an option's value is completed with; VALUE_NONE: it has one, and nobody knows which. */
enum value { NO_VALUE, VALUE_NONE, VALUE_DIRECTORY, VALUE_FILE, VALUE_WORDS, VALUE_MAX_ };

static enum value value_of(enum irsa_option option)
{
    const struct irsa_option_spec *spec = &irsa_options[option];
    if (!spec->value)
        return NO_VALUE;
    if (spec->choices || option == IRSA_OPTION_ALLOW)
        return VALUE_WORDS;
    if (strcmp(spec->value, "DIR") == 0)
        return VALUE_DIRECTORY;
    return irsa_has_suffix(spec->value, "FILE") ? VALUE_FILE : VALUE_NONE;
}

static void add_pattern(struct irsa_buf *ret, const struct irsa_option_spec *spec)
{
    irsa_buf_addf(ret, "%s--%s", ret->len > 0 ? " | " : "", spec->name);
    if (spec->letter)
        irsa_buf_addf(ret, " | -%c", spec->letter);
}

static char *patterns_of(enum value value)
{
    irsa_auto_buf patterns = {0};
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        if (value_of((enum irsa_option)i) == value)
            add_pattern(&patterns, &irsa_options[i]);
    }
    return irsa_buf_steal(&patterns);
}

static void add_choices(struct irsa_buf *ret, enum irsa_option option)
{
    const struct irsa_option_spec *spec = &irsa_options[option];
    irsa_auto_buf pattern = {0};
    irsa_auto_buf words = {0};
    add_pattern(&pattern, spec);
    for (size_t i = 0; spec->choices && spec->choices[i]; i++)
        add_word(&words, spec->choices[i]);
    for (size_t i = IRSA_CLASS_ADDITIVE + 1; !spec->choices && i < IRSA_CLASS_MAX_; i++)
        add_word(&words, irsa_class_text((enum irsa_class)i));
    add_case(ret, irsa_buf_str(&pattern), &words);
}

static void add_values(struct irsa_buf *ret)
{
    irsa_autofree char *directories = patterns_of(VALUE_DIRECTORY);
    irsa_autofree char *files = patterns_of(VALUE_FILE);
    irsa_autofree char *others = patterns_of(VALUE_NONE);
    irsa_buf_addf(ret,
                  "    case $prev in\n"
                  "    %s) _irsa_fix_paths -d \"$cur\"; return ;;\n"
                  "    %s) _irsa_fix_paths -f \"$cur\"; return ;;\n"
                  "    %s) return ;;\n",
                  directories, files, others);
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        if (value_of((enum irsa_option)i) == VALUE_WORDS)
            add_choices(ret, (enum irsa_option)i);
    }
    irsa_buf_adds(ret, "    esac\n"
                       "    if [[ -n $words ]]; then\n"
                       "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                       "        return\n"
                       "    fi\n");
}

/* --- options and arguments -------------------------------------------------------------------- */

static void add_options(struct irsa_buf *ret)
{
    irsa_buf_adds(ret, "    case $command in\n");
    for (size_t command = 0; command < IRSA_COMMAND_MAX_; command++) {
        irsa_auto_buf words = {0};
        for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
            if (!(irsa_options[i].commands & (1u << command)))
                continue;
            irsa_autofree char *word = irsa_format("--%s", irsa_options[i].name);
            add_word(&words, word);
        }
        add_case(ret, irsa_commands[command].name, &words);
    }
    irsa_buf_adds(ret, "    esac\n");
}

static void add_commands(struct irsa_buf *words)
{
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++)
        add_word(words, irsa_commands[i].name);
}

static void add_arguments(struct irsa_buf *ret)
{
    irsa_auto_buf codes = {0};
    irsa_auto_buf topics = {0};
    irsa_auto_buf templates = {0};
    irsa_auto_buf permissions = {0};
    irsa_auto_buf shells = {0};
    static const enum irsa_command needing[] = {IRSA_COMMAND_PLAN, IRSA_COMMAND_APPLY,
                                                IRSA_COMMAND_BOOTSTRAP, IRSA_COMMAND_VERIFY,
                                                IRSA_COMMAND_ROLLBACK};
    for (const struct irsa_check *const *check = irsa_checks(); *check; check++)
        add_word(&codes, (*check)->code);
    add_commands(&topics);
    for (size_t i = 0; irsa_help_topics[i]; i++)
        add_word(&topics, irsa_help_topics[i]);
    for (const char *const *name = irsa_template_names(); *name; name++)
        add_word(&templates, *name);
    for (size_t i = 0; i < IRSA_COUNT(needing); i++)
        add_word(&permissions, irsa_commands[needing[i]].name);
    add_word(&shells, "bash");
    irsa_buf_adds(ret, "    case $command in\n"
                       "    apply | show) _irsa_fix_paths -f \"$cur\"; return ;;\n"
                       "    snapshot) _irsa_fix_paths -d \"$cur\"; return ;;\n");
    add_case(ret, "explain", &codes);
    add_case(ret, "help", &topics);
    add_case(ret, "permissions", &permissions);
    add_case(ret, "templates", &templates);
    add_case(ret, "completion", &shells);
    irsa_buf_adds(ret, "    esac\n");
}

static void write_bash(struct irsa_buf *ret)
{
    irsa_auto_buf commands = {0};
    add_commands(&commands);
    irsa_buf_addf(ret,
                  "# Completion of irsa-fix for bash, made by `irsa-fix completion bash`.\n"
                  "_irsa_fix_paths() {\n"
                  "    compopt -o filenames 2>/dev/null\n"
                  "    mapfile -t COMPREPLY < <(compgen \"$1\" -- \"$2\")\n"
                  "}\n\n"
                  "_irsa_fix() {\n"
                  "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                  "    local command=${COMP_WORDS[1]} words=\n"
                  "    COMPREPLY=()\n"
                  "    # --option=value comes as three words\n"
                  "    if [[ $cur == = ]]; then\n"
                  "        cur=\n"
                  "    elif [[ $prev == = ]]; then\n"
                  "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
                  "    fi\n"
                  "    if ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then\n"
                  "        mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$cur\")\n"
                  "        return\n"
                  "    fi\n"
                  "    [[ $command == -* ]] && command=plan\n",
                  irsa_buf_str(&commands));
    add_values(ret);
    irsa_buf_adds(ret, "    if [[ $cur == -* ]]; then\n");
    add_options(ret);
    irsa_buf_adds(ret, "    else\n");
    add_arguments(ret);
    irsa_buf_adds(ret, "    fi\n"
                       "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                       "}\n"
                       "complete -F _irsa_fix irsa-fix\n");
}

int irsa_run_completion(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    const char *shell = arguments->positional.len > 0 ? arguments->positional.items[0] : NULL;
    irsa_auto_buf text = {0};
    if (!shell || strcmp(shell, "bash") != 0) {
        if (shell)
            (void)irsa_fail(reterr, IRSA_E_USAGE, "there is no completion for \"%s\"", shell);
        else
            (void)irsa_fail(reterr, IRSA_E_USAGE, "completion for which shell?");
        return irsa_hint(reterr, "usage: irsa-fix completion bash");
    }
    write_bash(&text);
    return irsa_write_result(arguments, &text, reterr);
}
