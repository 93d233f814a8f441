/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option table: every option once, with the commands that take it. Parsing, help, manual page,
 * completion, usage errors and the arguments kept in saved plans all come from it.
 */
#ifndef IRSA_FIX_CLI_OPTIONS_H
#define IRSA_FIX_CLI_OPTIONS_H

#include "irsa/base.h"

#include <jansson.h>

enum irsa_command {
    IRSA_COMMAND_PLAN,
    IRSA_COMMAND_APPLY,
    IRSA_COMMAND_BOOTSTRAP,
    IRSA_COMMAND_ROLLBACK,
    IRSA_COMMAND_SHOW,
    IRSA_COMMAND_SNAPSHOT,
    IRSA_COMMAND_VERIFY,
    IRSA_COMMAND_PERMISSIONS,
    IRSA_COMMAND_HISTORY,
    IRSA_COMMAND_EXPLAIN,
    IRSA_COMMAND_TEMPLATES,
    IRSA_COMMAND_COMPLETION,
    IRSA_COMMAND_HELP,
    IRSA_COMMAND_VERSION,
    IRSA_COMMAND_MAX_,
};

enum irsa_option {
    IRSA_OPTION_FROM,
    IRSA_OPTION_IGNORE,
    IRSA_OPTION_CLUSTER,
    IRSA_OPTION_REGION,
    IRSA_OPTION_PROFILE,
    IRSA_OPTION_ACCOUNT_PROFILE,
    IRSA_OPTION_KUBECONFIG,
    IRSA_OPTION_CONTEXT,
    IRSA_OPTION_NO_NATIVE_TOKEN,
    IRSA_OPTION_NO_KUBERNETES,
    IRSA_OPTION_MANIFESTS,
    IRSA_OPTION_THUMBPRINT,
    IRSA_OPTION_TIMEOUT,
    IRSA_OPTION_LOG_HTTP,
    IRSA_OPTION_CONFIG,
    IRSA_OPTION_NO_CONFIG,
    IRSA_OPTION_NAMESPACE,
    IRSA_OPTION_SERVICE_ACCOUNT,
    IRSA_OPTION_ALL_NAMESPACES,
    IRSA_OPTION_SELECTOR,
    IRSA_OPTION_ROLE,
    IRSA_OPTION_REPOINT,
    IRSA_OPTION_KEEP_OLD,
    IRSA_OPTION_PRUNE,
    IRSA_OPTION_AUDIENCE,
    IRSA_OPTION_POLICY_ARN,
    IRSA_OPTION_POLICY_FILE,
    IRSA_OPTION_NEED,
    IRSA_OPTION_PATH,
    IRSA_OPTION_DESCRIPTION,
    IRSA_OPTION_TAG,
    IRSA_OPTION_BOUNDARY,
    IRSA_OPTION_MAX_SESSION,
    IRSA_OPTION_CREATE_NAMESPACE,
    IRSA_OPTION_LABEL,
    IRSA_OPTION_TEMPLATE_DIR,
    IRSA_OPTION_SAVE_CONFIG,
    IRSA_OPTION_POD,
    IRSA_OPTION_IMAGE,
    IRSA_OPTION_NODE_SELECTOR,
    IRSA_OPTION_YES,
    IRSA_OPTION_VERIFY,
    IRSA_OPTION_DRY_RUN,
    IRSA_OPTION_ALLOW,
    IRSA_OPTION_STRICT,
    IRSA_OPTION_FORMAT,
    IRSA_OPTION_OUTPUT,
    IRSA_OPTION_SAVE,
    IRSA_OPTION_DIFF,
    IRSA_OPTION_COLOR,
    IRSA_OPTION_ASCII,
    IRSA_OPTION_LIST,
    IRSA_OPTION_FROM_LOG,
    IRSA_OPTION_REDACT,
    IRSA_OPTION_RBAC,
    IRSA_OPTION_QUIET,
    IRSA_OPTION_VERBOSE,
    IRSA_OPTION_HELP,
    IRSA_OPTION_MAX_,
};

enum irsa_option_group {
    IRSA_GROUP_SOURCE,
    IRSA_GROUP_SELECTION,
    IRSA_GROUP_WANTED,
    IRSA_GROUP_SAFETY,
    IRSA_GROUP_OUTPUT,
    IRSA_GROUP_GENERAL,
    IRSA_GROUP_MAX_,
};

struct irsa_option_spec {
    const char *name;  /* without the dashes */
    char letter;       /* '\0': none */
    const char *value; /* what help calls the value; NULL: a flag */
    enum irsa_option_group group;
    unsigned commands; /* 1u << enum irsa_command, or-ed */
    bool repeatable;
    bool carried;   /* part of what is planned: kept in saved plans and in the next command */
    bool with_plan; /* may stand beside `apply PLANFILE` */
    const char *const *choices; /* NULL-terminated, or NULL: any value */
    const char *help;
};
extern const struct irsa_option_spec irsa_options[IRSA_OPTION_MAX_];

/* Names that other tools have taught people for the same thing. */
struct irsa_option_alias {
    const char *name;
    enum irsa_option option;
};
extern const struct irsa_option_alias irsa_option_aliases[];
extern const size_t irsa_option_alias_count;

struct irsa_command_spec {
    const char *name;
    const char *synopsis; /* what follows the name in the usage line */
    const char *summary;  /* one line */
    const char *text;     /* what it does, in paragraphs */
    const char *examples; /* lines, or NULL */
    size_t max_positional;
};
extern const struct irsa_command_spec irsa_commands[IRSA_COMMAND_MAX_];

struct irsa_arguments {
    enum irsa_command command;
    struct irsa_strings options[IRSA_OPTION_MAX_]; /* flags: "" once */
    struct irsa_strings positional;
};
/* argv[0] is the program's name. Errors: USAGE. */
int irsa_arguments_parse(int argc, char *const *argv, struct irsa_arguments *ret,
                         struct irsa_error **reterr);
void irsa_arguments_done(struct irsa_arguments *arguments);
#define irsa_auto_arguments IRSA_CLEANUP(irsa_arguments_done) struct irsa_arguments

static inline bool irsa_is_set(const struct irsa_arguments *arguments, enum irsa_option option)
{
    return arguments->options[option].len > 0;
}
/* The (last) value, or NULL. Borrowed. */
const char *irsa_option_value(const struct irsa_arguments *arguments, enum irsa_option option);

/* "a captured world is read with --from DIR". -1. */
int irsa_hint_from(const char *directory, struct irsa_error **reterr);

/* --- help (help.c) ---------------------------------------------------------------------------- */

/* The program's own help. */
void irsa_help_program(struct irsa_buf *ret);
void irsa_help_command(enum irsa_command command, struct irsa_buf *ret);
/* The manual page, in roff. (man.c) */
void irsa_help_man(struct irsa_buf *ret);
/* What the program does, in a sentence. */
extern const char irsa_help_description[];
/* Titles of the groups of options. */
extern const char *const irsa_help_groups[IRSA_GROUP_MAX_];
/* "exit-status", "environment", "files", "man": false for an unknown topic. */
bool irsa_help_topic(const char *topic, struct irsa_buf *ret);
/* NULL-terminated. */
extern const char *const irsa_help_topics[];

/* --- carried arguments (carried.c) ------------------------------------------------------------ */

/* {"command": "plan", "options": {"namespace": ["app"], "strict": true}}. A new reference. */
json_t *irsa_carried_json(const struct irsa_arguments *arguments);
/* Back again; from a saved plan. Errors: PARSE. */
int irsa_carried_read(const char *name, const json_t *carried, struct irsa_arguments *ret,
                      struct irsa_error **reterr);
/* "irsa-fix COMMAND --from DIR -n app ...", quoted for a shell; the caller's. */
char *irsa_carried_command(const struct irsa_arguments *arguments, const char *command);
struct irsa_intent;
/* What the commands that findings and hints suggest need of this command line: where it reads. Once
 * the configuration is read. */
void irsa_carried_tools(const struct irsa_arguments *arguments, struct irsa_intent *intent);

#endif
