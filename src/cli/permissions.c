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

/* --- what the policy leaves out ----------------------------------------------------------------- */

/* The policy names the roles that were told; a plan that reads Kubernetes may meet others. */
static void warn_of_annotations(const struct irsa_arguments *arguments,
                                const struct irsa_permissions_options *options)
{
    const struct irsa_strings *namespaces = &options->intent->namespaces;
    if (irsa_is_set(arguments, IRSA_OPTION_NO_KUBERNETES)
        || !irsa_permissions_leave_annotated(options))
        return;
    irsa_autofree char *where = namespaces->len == 1 && strpbrk(namespaces->items[0], "*?") == NULL
                                    ? irsa_format("-n %s", namespaces->items[0])
                                    : irsa_strdup("-A");
    irsa_log(
        IRSA_LOG_WARNING,
        "other roles that the service accounts may be annotated with are not in it: kubectl get "
        "serviceaccounts %s -o yaml >DIR/accounts.yaml, and --manifests DIR adds them",
        where);
}

/* Each account has an identity of its own, and a policy of its own there. */
static void warn_of_other_accounts(const struct irsa_intent *intent)
{
    for (size_t i = 0; i < intent->account_count; i++) {
        const struct irsa_account *account = &intent->accounts[i];
        if (intent->account_id && strcmp(intent->account_id, account->id) == 0)
            continue;
        irsa_log(IRSA_LOG_WARNING,
                 "what %s needs in account %s is not in it: the same command with --role ARN of a "
                 "role there, without that account's settings, prints it",
                 account->profile    ? account->profile
                 : account->role_arn ? account->role_arn
                                     : "the identity",
                 account->id);
    }
}

/* The caller's own settings tell the partition where nothing else does; it is in every ARN. */
static int find_partition(const struct irsa_arguments *arguments, const struct irsa_intent *intent,
                          const char **ret, struct irsa_error **reterr)
{
    irsa_autofree char *region = NULL;
    if (intent->region)
        return 0;
    if (irsa_aws_configured_region(irsa_option_value(arguments, IRSA_OPTION_PROFILE), &region,
                                   reterr)
        != 0)
        return -1;
    *ret = region ? irsa_partition_of_region(region) : NULL;
    return 0;
}

static int write_policy(const struct irsa_arguments *arguments, const struct irsa_intent *intent,
                        bool apply, struct irsa_error **reterr)
{
    struct irsa_permissions_options options = {
        .intent = intent,
        .manifests = irsa_option_value(arguments, IRSA_OPTION_MANIFESTS),
        .ignore = &arguments->options[IRSA_OPTION_IGNORE],
        .apply = apply,
    };
    irsa_auto_buf text = {0};
    json_auto_t *policy = NULL;
    if (find_partition(arguments, intent, &options.partition, reterr) != 0
        || irsa_permissions(&options, &policy, reterr) != 0)
        return -1;
    irsa_json_write(policy, &text);
    warn_of_annotations(arguments, &options);
    warn_of_other_accounts(intent);
    return irsa_write_result(arguments, &text, reterr);
}

int irsa_run_permissions(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    irsa_auto_session session = {0};
    irsa_auto_buf text = {0};
    /* The options are those of the command asked for. */
    struct irsa_arguments asked = *arguments;
    const char *word = arguments->positional.len > 0 ? arguments->positional.items[0] : NULL;
    if (choose(word, &asked.command, reterr) != 0
        || irsa_session_intend(&session, &asked, reterr) != 0
        || irsa_accounts_from_arguments(arguments, session.intent, reterr) != 0)
        return -1;
    /* Which one `auto` will find does not matter for the right to set it. */
    const char *thumbprint = irsa_option_value(arguments, IRSA_OPTION_THUMBPRINT);
    if (thumbprint && !session.intent->thumbprint)
        session.intent->thumbprint = irsa_strdup(thumbprint);
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
    return write_policy(arguments, session.intent, apply, reterr);
}
