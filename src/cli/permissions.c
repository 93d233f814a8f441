/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

static int choose(const char *word, enum irsa_command *ret, struct irsa_error **reterr)
{
    static const enum irsa_command commands[] = {IRSA_COMMAND_PLAN, IRSA_COMMAND_APPLY,
                                                 IRSA_COMMAND_BOOTSTRAP, IRSA_COMMAND_VERIFY,
                                                 IRSA_COMMAND_ROLLBACK};
    for (size_t i = 0; word && i < IRSA_COUNT(commands); i++) {
        if (strcmp(irsa_commands[commands[i]].name, word) == 0) {
            *ret = commands[i];
            return 0;
        }
    }
    if (word)
        (void)irsa_fail(reterr, IRSA_E_USAGE, "permissions: \"%s\" needs no permissions of AWS",
                        word);
    else
        (void)irsa_fail(reterr, IRSA_E_USAGE, "permissions of which command?");
    return irsa_hint(reterr, "usage: irsa-fix permissions plan|apply|bootstrap|verify|rollback");
}

int irsa_run_permissions(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    irsa_auto_session session = {0};
    irsa_auto_buf text = {0};
    /* The options are those of the command asked for. */
    struct irsa_arguments asked = *arguments;
    const char *word = arguments->positional.len > 0 ? arguments->positional.items[0] : NULL;
    if (choose(word, &asked.command, reterr) != 0
        || irsa_session_intend(&session, &asked, reterr) != 0)
        return -1;
    bool verify = asked.command == IRSA_COMMAND_VERIFY;
    bool apply = asked.command != IRSA_COMMAND_PLAN && !verify;
    if (irsa_is_set(arguments, IRSA_OPTION_POD) && !verify)
        return irsa_fail(reterr, IRSA_E_USAGE, "--pod goes with permissions verify");
    if (asked.command == IRSA_COMMAND_ROLLBACK)
        irsa_intend_undo(session.intent);
    if (irsa_is_set(arguments, IRSA_OPTION_RBAC)) {
        if (verify)
            irsa_permissions_rbac_verify(session.intent, irsa_is_set(arguments, IRSA_OPTION_POD),
                                         &text);
        else
            irsa_permissions_rbac(session.intent, apply, &text);
        return irsa_write_result(arguments, &text, reterr);
    }
    const struct irsa_permissions_options options = {
        .intent = session.intent,
        .manifests = irsa_option_value(arguments, IRSA_OPTION_MANIFESTS),
        .ignore = &arguments->options[IRSA_OPTION_IGNORE],
        .apply = apply,
    };
    json_auto_t *policy = NULL;
    if (irsa_permissions(&options, &policy, reterr) != 0)
        return -1;
    irsa_json_write(policy, &text);
    return irsa_write_result(arguments, &text, reterr);
}
