/* SPDX-License-Identifier: Apache-2.0 */
/* The manual page, from the same tables and texts as --help, in the macros of man(7). */
#include "cli/options.h"

/* Text as roff takes it: backslashes and dashes stay what they are, and no line is a request. */
static void add_text(struct irsa_buf *ret, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        bool begins = ret->len == 0 || ret->data[ret->len - 1] == '\n';
        if (begins && (text[i] == '.' || text[i] == '\''))
            irsa_buf_adds(ret, "\\&");
        if (text[i] == '\\')
            irsa_buf_adds(ret, "\\e");
        else if (text[i] == '-')
            irsa_buf_adds(ret, "\\-");
        else
            irsa_buf_addc(ret, text[i]);
    }
}

static void add_paragraph(struct irsa_buf *ret, const char *text)
{
    add_text(ret, text, strlen(text));
    irsa_buf_addc(ret, '\n');
}

static void add_lines(struct irsa_buf *ret, const char *text)
{
    irsa_buf_adds(ret, ".nf\n");
    add_text(ret, text, strlen(text));
    irsa_buf_adds(ret, ".fi\n");
}

/* A topic of help, but for its first line, the title. */
static void add_topic(struct irsa_buf *ret, const char *title, const char *topic)
{
    irsa_auto_buf text = {0};
    (void)irsa_help_topic(topic, &text);
    const char *first = strchr(irsa_buf_str(&text), '\n');
    irsa_buf_addf(ret, ".SH %s\n", title);
    add_lines(ret, first ? first + 1 : "");
}

static void add_command(struct irsa_buf *ret, const struct irsa_command_spec *spec)
{
    irsa_buf_adds(ret, ".TP\n\\fBirsa\\-fix ");
    add_text(ret, spec->name, strlen(spec->name));
    irsa_buf_adds(ret, "\\fR ");
    add_paragraph(ret, spec->synopsis);
    add_paragraph(ret, spec->text);
}

static void add_option(struct irsa_buf *ret, const struct irsa_option_spec *spec)
{
    irsa_auto_strings takers = {0};
    irsa_buf_adds(ret, ".TP\n");
    if (spec->letter)
        irsa_buf_addf(ret, "\\fB\\-%c\\fR, ", spec->letter);
    irsa_buf_adds(ret, "\\fB\\-\\-");
    add_text(ret, spec->name, strlen(spec->name));
    irsa_buf_adds(ret, "\\fR");
    if (spec->value) {
        irsa_buf_adds(ret, " \\fI");
        add_text(ret, spec->value, strlen(spec->value));
        irsa_buf_adds(ret, "\\fR");
    }
    irsa_buf_addc(ret, '\n');
    add_text(ret, spec->help, strlen(spec->help));
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++) {
        if (spec->commands & (1u << i))
            irsa_strings_add(&takers, irsa_commands[i].name);
    }
    irsa_autofree char *of = takers.len == IRSA_COMMAND_MAX_
                                 ? irsa_strdup("all commands")
                                 : irsa_strings_join(&takers, ", ", " and ");
    irsa_buf_addf(ret, "%s (of %s)\n", spec->repeatable ? ", repeatable" : "", of);
}

static void add_examples(struct irsa_buf *ret)
{
    irsa_buf_adds(ret, ".SH EXAMPLES\n");
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++) {
        if (irsa_commands[i].examples)
            add_lines(ret, irsa_commands[i].examples);
    }
}

void irsa_help_man(struct irsa_buf *ret)
{
    irsa_buf_adds(ret, ".TH IRSA\\-FIX 1 \"\" \"irsa\\-fix " IRSA_FIX_VERSION "\"\n"
                       ".SH NAME\n"
                       "irsa\\-fix \\- find out why a pod on Amazon EKS does not get its IAM role, "
                       "and make it right\n"
                       ".SH SYNOPSIS\n"
                       "\\fBirsa\\-fix\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]\n"
                       ".SH DESCRIPTION\n");
    add_paragraph(ret, irsa_help_description);
    add_paragraph(ret, "Without a command, options mean plan. Results go to standard output, "
                       "everything else to standard error.");
    irsa_buf_adds(ret, ".SH COMMANDS\n");
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++)
        add_command(ret, &irsa_commands[i]);
    irsa_buf_adds(ret, ".SH OPTIONS\n");
    for (size_t group = 0; group < IRSA_GROUP_MAX_; group++) {
        irsa_buf_addf(ret, ".SS %s\n", irsa_help_groups[group]);
        for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
            if (irsa_options[i].group == group)
                add_option(ret, &irsa_options[i]);
        }
    }
    add_examples(ret);
    add_topic(ret, "EXIT STATUS", "exit-status");
    add_topic(ret, "ENVIRONMENT", "environment");
    add_topic(ret, "FILES", "files");
    irsa_buf_adds(ret,
                  ".SH SEE ALSO\n"
                  "\\fBaws\\fR(1), \\fBkubectl\\fR(1); \\fBirsa\\-fix explain\\fR for the codes "
                  "of findings\n");
}
