/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/kube.h"

#define TIMEOUT_MAX_S 3600L

/* "30", "30s", "2m". */
int irsa_timeout_from_arguments(const struct irsa_arguments *arguments, long *ret_ms,
                                struct irsa_error **reterr)
{
    const char *text = irsa_option_value(arguments, IRSA_OPTION_TIMEOUT);
    *ret_ms = 0;
    if (!text)
        return 0;
    char *end = NULL;
    long seconds = strspn(text, "0123456789") > 0 && strlen(text) < 8 ? strtol(text, &end, 10) : 0;
    if (end && strcmp(end, "m") == 0)
        seconds *= 60;
    bool unit = end && (!*end || strcmp(end, "s") == 0 || strcmp(end, "m") == 0);
    if (!unit || seconds < 1 || seconds > TIMEOUT_MAX_S) {
        (void)irsa_fail(reterr, IRSA_E_USAGE, "--timeout: \"%s\" is no time from 1s to 60m", text);
        return irsa_hint(reterr, "write it like 30 or 30s or 2m");
    }
    *ret_ms = seconds * 1000;
    return 0;
}

/* What the command line says of an account wins over irsa-fix.ini. */
static int add_account(struct irsa_intent *intent, const char *text, struct irsa_error **reterr)
{
    const char *equals = strchr(text, '=');
    irsa_autofree char *id = irsa_strndup(text, equals ? (size_t)(equals - text) : strlen(text));
    if (!equals || !equals[1] || !irsa_account_id_valid(id)) {
        (void)irsa_fail(reterr, IRSA_E_USAGE, "--account-profile: \"%s\" is not ACCOUNT=PROFILE",
                        text);
        return irsa_hint(reterr, "like 222222222222=other");
    }
    struct irsa_account *account = NULL;
    for (size_t i = 0; i < intent->account_count && !account; i++) {
        if (strcmp(intent->accounts[i].id, id) == 0)
            account = &intent->accounts[i];
    }
    if (!account) {
        intent->accounts =
            irsa_grow(intent->accounts, intent->account_count, sizeof(*intent->accounts));
        account = &intent->accounts[intent->account_count++];
        *account = (struct irsa_account){.id = irsa_steal(&id)};
    }
    free(account->profile);
    account->profile = irsa_strdup(equals + 1);
    return 0;
}

int irsa_accounts_from_arguments(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                                 struct irsa_error **reterr)
{
    const struct irsa_strings *accounts = &arguments->options[IRSA_OPTION_ACCOUNT_PROFILE];
    for (size_t i = 0; i < accounts->len; i++) {
        if (add_account(intent, accounts->items[i], reterr) != 0)
            return -1;
    }
    return 0;
}

int irsa_live_from_arguments(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                             struct irsa_world **ret, struct irsa_error **reterr)
{
    long timeout_ms = 0;
    irsa_auto_aws aws = NULL;
    irsa_auto_cli_kube kube = {0};
    if (irsa_is_set(arguments, IRSA_OPTION_DRY_RUN) && irsa_is_set(arguments, IRSA_OPTION_YES))
        return irsa_fail(reterr, IRSA_E_USAGE, "--dry-run and --yes exclude each other");
    if (irsa_timeout_from_arguments(arguments, &timeout_ms, reterr) != 0
        || irsa_accounts_from_arguments(arguments, intent, reterr) != 0
        || irsa_thumbprint_from_issuer(arguments, timeout_ms, intent, reterr) != 0)
        return -1;
    kube.timeout_ms = timeout_ms;
    if (irsa_cli_kube_open(arguments, intent, &kube, reterr) != 0)
        return -1;
    const struct irsa_aws_options options = {
        .profile = irsa_option_value(arguments, IRSA_OPTION_PROFILE),
        .region = intent->region,
        .log_http = irsa_is_set(arguments, IRSA_OPTION_LOG_HTTP),
        .timeout_ms = timeout_ms,
        .interrupted = irsa_given_up(),
    };
    if (irsa_aws_open(&options, &aws, reterr) != 0)
        return -1;
    irsa_cli_kube_open_later(arguments, intent, aws, &kube);
    const struct irsa_live_options live = {
        .aws = aws,
        .intent = intent,
        .manifests = irsa_option_value(arguments, IRSA_OPTION_MANIFESTS),
        .ignore = &arguments->options[IRSA_OPTION_IGNORE],
        .wait_ms = timeout_ms,
        .interrupted = irsa_given_up(),
        .stopping = irsa_interrupted(),
        .kube = kube.kube,
        .kube_transport = kube.transport,
        .eks = kube.eks,
        .kube_optional = kube.optional,
        .dry_run = irsa_is_set(arguments, IRSA_OPTION_DRY_RUN),
        .keep = arguments->command == IRSA_COMMAND_SNAPSHOT,
    };
    if (irsa_live_new(&live, ret, reterr) != 0)
        return -1;
    (void)irsa_steal(&aws);
    kube = (struct irsa_cli_kube){0};
    return 0;
}
