/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/options.h"

#define WIDTH 80
#define OPTION_COLUMN 34

const char *const irsa_help_groups[IRSA_GROUP_MAX_] = {
    [IRSA_GROUP_SOURCE] = "Where to read from",
    [IRSA_GROUP_SELECTION] = "Selection",
    [IRSA_GROUP_WANTED] = "What is wanted",
    [IRSA_GROUP_SAFETY] = "Safety",
    [IRSA_GROUP_OUTPUT] = "Output",
    [IRSA_GROUP_GENERAL] = "General",
};

static const char exit_status_text[] =
    "Exit status:\n"
    "  0    nothing to do; apply: all done and checked again\n"
    "  1    could not finish: bad input, unreadable files, unexpected answers\n"
    "  2    changes are planned (apply without --yes), or the world has moved away\n"
    "       from a saved plan: nothing was changed\n"
    "  3    something remains that irsa-fix can't or may not fix: a decision is\n"
    "       needed, or --allow; with --strict warnings too\n"
    "  4    credentials or permissions of the caller are missing\n"
    "  5    apply stopped half-way: the report says what was done\n"
    "  64   wrong usage\n"
    "  130  interrupted\n"
    "When several hold: 5, 4, 1, 3, 2, 0 in that order.\n";

static const char environment_text[] =
    "Environment:\n"
    "  NO_COLOR                    not empty: no colour\n"
    "  FORCE_COLOR, CLICOLOR_FORCE not empty and not 0: colour, wherever it goes\n"
    "  TERM                        dumb: no colour\n"
    "  LC_ALL, LC_CTYPE, LANG      a UTF-8 locale: symbols beyond ASCII are drawn\n"
    "--color and --ascii win over all of them.\n"
    "  XDG_STATE_HOME, HOME        where the journal is kept (irsa-fix help files)\n"
    "Without --from AWS is asked as the AWS CLI would ask it: AWS_PROFILE, AWS_REGION,\n"
    "AWS_ACCESS_KEY_ID and all others count (docs/live-aws.md); Kubernetes as kubectl\n"
    "would: KUBECONFIG counts (docs/live-kubernetes.md).\n";

static const char files_text[] =
    "Files:\n"
    "  irsa-fix.ini   what is wanted; the nearest one from the current directory\n"
    "                 upward, or --config FILE (docs/irsa-fix.ini.md)\n"
    "  DIR            of --from: answers of the AWS CLI and Kubernetes manifests, in\n"
    "                 any layout; .json, .yaml and .yml files are read\n"
    "                 (docs/captured-worlds.md)\n"
    "  PLANFILE       a saved plan: JSON, with a digest of every object observed\n"
    "  XDG_STATE_HOME/irsa-fix/runs/ID.jsonl\n"
    "                 the journal of each run that changes something, for history,\n"
    "                 rollback, and the run after one that was killed; without\n"
    "                 XDG_STATE_HOME in ~/.local/state (docs/journal.md)\n"
    "  XDG_STATE_HOME/irsa-fix/locks\n"
    "                 one irsa-fix at a time changes a cluster\n";

const char *const irsa_help_topics[] = {"exit-status", "environment", "files", "man", NULL};

const char irsa_help_description[] =
    "Finds out why a pod on Amazon EKS does not get its IAM role (IAM roles for service "
    "accounts), and makes it right: provider, role, trust policy, service account, pod.";

bool irsa_help_topic(const char *topic, struct irsa_buf *ret)
{
    const char *const texts[] = {exit_status_text, environment_text, files_text};
    for (size_t i = 0; i < IRSA_COUNT(texts); i++) {
        if (strcmp(irsa_help_topics[i], topic) == 0) {
            irsa_buf_adds(ret, texts[i]);
            return true;
        }
    }
    if (strcmp(topic, "man") == 0) {
        irsa_help_man(ret);
        return true;
    }
    return false;
}

/* text from column on, wrapped with further lines beginning at indent. */
static void add_wrapped(struct irsa_buf *buf, const char *text, size_t column, size_t indent)
{
    while (*text) {
        size_t len = strcspn(text, " ");
        if (column + len > WIDTH && column > indent) {
            irsa_buf_addf(buf, "\n%*s", (int)indent, "");
            column = indent;
        }
        irsa_buf_add(buf, text, len);
        column += len;
        text += len;
        if (*text == ' ') {
            text++;
            if (column + 1 + strcspn(text, " ") <= WIDTH) {
                irsa_buf_addc(buf, ' ');
                column++;
            } else if (*text) {
                irsa_buf_addf(buf, "\n%*s", (int)indent, "");
                column = indent;
            }
        }
    }
    irsa_buf_addc(buf, '\n');
}

static void add_option(struct irsa_buf *buf, const struct irsa_option_spec *spec)
{
    irsa_auto_buf left = {0};
    if (spec->letter)
        irsa_buf_addf(&left, "  -%c, --%s", spec->letter, spec->name);
    else
        irsa_buf_addf(&left, "      --%s", spec->name);
    if (spec->value)
        irsa_buf_addf(&left, " %s", spec->value);
    irsa_buf_adds(buf, irsa_buf_str(&left));
    if (left.len + 2 > OPTION_COLUMN)
        irsa_buf_addf(buf, "\n%*s", OPTION_COLUMN, "");
    else
        irsa_buf_addf(buf, "%*s", (int)(OPTION_COLUMN - left.len), "");
    irsa_autofree char *help =
        spec->repeatable ? irsa_format("%s (repeatable)", spec->help) : irsa_strdup(spec->help);
    add_wrapped(buf, help, OPTION_COLUMN, OPTION_COLUMN);
}

static void add_options(struct irsa_buf *buf, enum irsa_command command)
{
    for (size_t group = 0; group < IRSA_GROUP_MAX_; group++) {
        bool titled = false;
        for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
            const struct irsa_option_spec *spec = &irsa_options[i];
            if (spec->group != group || !(spec->commands & (1u << command)))
                continue;
            if (!titled)
                irsa_buf_addf(buf, "\n%s:\n", irsa_help_groups[group]);
            titled = true;
            add_option(buf, spec);
        }
    }
}

static void add_examples(struct irsa_buf *buf, const char *examples)
{
    irsa_buf_adds(buf, "\nExamples:\n");
    while (*examples) {
        size_t len = strcspn(examples, "\n");
        irsa_buf_addf(buf, "  %.*s\n", (int)len, examples);
        examples += len + (examples[len] == '\n' ? 1 : 0);
    }
}

void irsa_help_command(enum irsa_command command, struct irsa_buf *ret)
{
    const struct irsa_command_spec *spec = &irsa_commands[command];
    irsa_buf_addf(ret, "Usage: irsa-fix %s%s%s\n\n", spec->name, *spec->synopsis ? " " : "",
                  spec->synopsis);
    add_wrapped(ret, spec->text, 0, 0);
    add_options(ret, command);
    if (spec->examples)
        add_examples(ret, spec->examples);
    bool plans = command <= IRSA_COMMAND_SHOW;
    if (plans)
        irsa_buf_addf(ret, "\n%s", exit_status_text);
}

void irsa_help_program(struct irsa_buf *ret)
{
    irsa_buf_adds(ret, "Usage: irsa-fix COMMAND [options]\n\n");
    add_wrapped(ret, irsa_help_description, 0, 0);
    irsa_buf_adds(ret, "\nCommands:\n");
    for (size_t i = 0; i < IRSA_COMMAND_MAX_; i++) {
        irsa_buf_addf(ret, "  %-11s  ", irsa_commands[i].name);
        add_wrapped(ret, irsa_commands[i].summary, 15, 15);
    }
    irsa_buf_adds(ret, "\nOptions:\n"
                       "  -h, --help     show this help\n"
                       "  -V, --version  print the version\n");
    add_examples(ret, "irsa-fix plan --from examples/broken-cluster\n"
                      "irsa-fix plan --cluster prod --region eu-west-1\n"
                      "irsa-fix apply --from DIR --yes\n"
                      "irsa-fix explain --list\n");
    irsa_buf_adds(ret, "\nWithout a command, options mean plan. More: irsa-fix COMMAND --help, "
                       "irsa-fix help\nexit-status|environment|files|man.\n");
}
