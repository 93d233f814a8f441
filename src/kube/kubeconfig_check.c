/* SPDX-License-Identifier: Apache-2.0 */
/* ConfirmUsable of client-go (client_config.go, validation.go): the words are its own, the file in
 * front and the hint are ours. */
#include "irsa/identity.h"
#include "kube/kubeconfig.h"

#define INVALID "%s: invalid configuration: "

static void hint_names(const struct irsa_kubeconfig_entries *entries, const char *what,
                       const char *wanted, struct irsa_error **reterr)
{
    const char **names = irsa_calloc(entries->len + 1, sizeof(*names));
    irsa_auto_strings some = {0};
    for (size_t i = 0; i < entries->len; i++) {
        names[i] = entries->items[i].name;
        if (i < 8)
            irsa_strings_add(&some, names[i]);
    }
    const char *nearest = irsa_nearest(wanted, names, entries->len);
    irsa_autofree char *list = irsa_strings_join(&some, ", ", " and ");
    if (nearest)
        (void)irsa_hint(reterr, "did you mean %s?", nearest);
    else if (entries->len == 0)
        (void)irsa_hint(reterr, "no %s is configured", what);
    else
        (void)irsa_hint(reterr, "%ss there are: %s%s", what, list,
                        entries->len > some.len ? ", ..." : "");
    free(names);
}

static int no_context(const struct irsa_kubeconfig *config, struct irsa_error **reterr)
{
    irsa_autofree char *files = irsa_strings_join(&config->files, ", ", ", ");
    (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "%s: current-context is not set", files);
    if (config->contexts.len > 0)
        (void)irsa_hint(reterr,
                        "give --context, or choose one with `kubectl config use-context %s`",
                        config->contexts.items[0].name);
    return -1;
}

static int choose_context(const struct irsa_kubeconfig *config, const char *asked,
                          struct irsa_kubeconfig_choice *ret, struct irsa_error **reterr)
{
    const char *name = asked && *asked ? asked : config->current_context;
    if (!name && config->contexts.len == 0 && config->clusters.len == 0 && config->users.len == 0) {
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND,
                        "invalid configuration: no configuration has been provided");
        return irsa_hint(reterr,
                         "give --kubeconfig, set KUBECONFIG, or --cluster for an EKS cluster (`aws "
                         "eks update-kubeconfig --name CLUSTER` writes a kubeconfig)");
    }
    if (!name)
        return no_context(config, reterr);
    ret->context = name;
    ret->context_entry = irsa_kubeconfig_find(&config->contexts, name);
    if (ret->context_entry)
        return 0;
    if (asked && *asked)
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "context \"%s\" does not exist", name);
    else
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND,
                        "invalid configuration: context was not found for specified context: %s",
                        name);
    hint_names(&config->contexts, "context", name, reterr);
    return -1;
}

static int choose_part(const struct irsa_kubeconfig_choice *choice,
                       const struct irsa_kubeconfig_entries *entries, const char *key,
                       const struct irsa_kubeconfig_entry **ret, struct irsa_error **reterr)
{
    const struct irsa_kubeconfig_entry *context = choice->context_entry;
    const char *name = irsa_kubeconfig_string(context, key);
    if (!name)
        return irsa_fail(reterr, IRSA_E_PARSE, INVALID "%s was not specified for context \"%s\"",
                         context->file, key, choice->context);
    *ret = irsa_kubeconfig_find(entries, name);
    if (*ret)
        return 0;
    (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, INVALID "%s \"%s\" was not found for context \"%s\"",
                    context->file, key, name, choice->context);
    hint_names(entries, key, name, reterr);
    return -1;
}

static bool has(const struct irsa_kubeconfig_entry *entry, const char *key)
{
    return irsa_kubeconfig_string(entry, key) != NULL;
}

static int check_context(const struct irsa_kubeconfig_choice *choice, struct irsa_error **reterr)
{
    const struct irsa_kubeconfig_entry *entry = choice->context_entry;
    const char *name = irsa_kubeconfig_string(entry, "namespace");
    irsa_autofree char *problem = name ? irsa_namespace_problem(name) : NULL;
    if (!problem)
        return 0;
    return irsa_fail(reterr, IRSA_E_PARSE,
                     INVALID "namespace \"%s\" for context \"%s\" does not conform to the "
                             "kubernetes DNS_LABEL rules: %s",
                     entry->file, name, choice->context, problem);
}

static int check_cluster(const struct irsa_kubeconfig_entry *entry, struct irsa_error **reterr)
{
    bool data = has(entry, "certificate-authority-data");
    bool file = has(entry, "certificate-authority");
    if (!has(entry, "server"))
        return irsa_fail(reterr, IRSA_E_PARSE, INVALID "no server found for cluster \"%s\"",
                         entry->file, entry->name);
    if (data && file)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         INVALID "certificate-authority-data and certificate-authority are both "
                                 "specified for %s",
                         entry->file, entry->name);
    if (json_is_true(json_object_get(entry->value, "insecure-skip-tls-verify")) && (data || file))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "%s: cluster \"%s\": specifying a root certificates file with the "
                         "insecure flag is not allowed",
                         entry->file, entry->name);
    return 0;
}

static int check_certificate(const struct irsa_kubeconfig_entry *entry, struct irsa_error **reterr)
{
    bool key = has(entry, "client-key");
    bool key_data = has(entry, "client-key-data");
    if (!has(entry, "client-certificate") && !has(entry, "client-certificate-data"))
        return 0;
    if (has(entry, "client-certificate") && has(entry, "client-certificate-data"))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         INVALID "client-cert-data and client-cert are both specified for %s",
                         entry->file, entry->name);
    if (key && key_data)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         INVALID "client-key-data and client-key are both specified for %s",
                         entry->file, entry->name);
    if (!key && !key_data)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         INVALID "client-key-data or client-key must be specified for %s to use "
                                 "the clientCert authentication method",
                         entry->file, entry->name);
    return 0;
}

/* A provider that client-go once had: each says what took its place. */
static int check_provider(const struct irsa_kubeconfig_entry *entry, struct irsa_error **reterr)
{
    const json_t *provider = json_object_get(entry->value, "auth-provider");
    const char *name = irsa_json_string(provider, "name", NULL);
    if (!provider)
        return 0;
    if (json_object_get(entry->value, "exec"))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         INVALID "authProvider cannot be provided in combination with an exec "
                                 "plugin for %s",
                         entry->file, entry->name);
    (void)irsa_fail(reterr, IRSA_E_PARSE, "%s: user \"%s\": no Auth Provider found for name \"%s\"",
                    entry->file, entry->name, name ? name : "");
    return irsa_hint(reterr, "auth-provider is not supported here: use an exec entry or a token "
                             "(https://kubernetes.io/docs/reference/access-authn-authz/"
                             "authentication/#client-go-credential-plugins)");
}

static int check_user(const struct irsa_kubeconfig_entry *entry, struct irsa_error **reterr)
{
    bool basic = has(entry, "username") || has(entry, "password");
    bool more = json_array_size(json_object_get(entry->value, "as-groups")) > 0
                || json_object_size(json_object_get(entry->value, "as-user-extra")) > 0
                || has(entry, "as-uid");
    if (check_certificate(entry, reterr) != 0 || check_provider(entry, reterr) != 0)
        return -1;
    if (basic && (has(entry, "token") || has(entry, "tokenFile")))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         INVALID "more than one authentication method found for %s; found [token "
                                 "basicAuth], only one is allowed",
                         entry->file, entry->name);
    if (more && !has(entry, "as"))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         INVALID "requesting uid, groups or user-extra for %s without "
                                 "impersonating a user",
                         entry->file, entry->name);
    return 0;
}

int irsa_kubeconfig_choose(const struct irsa_kubeconfig *config, const char *context,
                           struct irsa_kubeconfig_choice *ret, struct irsa_error **reterr)
{
    struct irsa_kubeconfig_choice choice = {0};
    if (choose_context(config, context, &choice, reterr) != 0
        || choose_part(&choice, &config->clusters, "cluster", &choice.cluster, reterr) != 0
        || choose_part(&choice, &config->users, "user", &choice.user, reterr) != 0
        || check_context(&choice, reterr) != 0 || check_cluster(choice.cluster, reterr) != 0
        || check_user(choice.user, reterr) != 0)
        return -1;
    *ret = choice;
    return 0;
}
