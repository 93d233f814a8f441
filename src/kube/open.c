/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/identity.h"
#include "kube/kube.h"
#include "kube/pem.h"

void irsa_kube_free(struct irsa_kube *kube)
{
    if (!kube)
        return;
    char *const texts[] = {kube->context,      kube->server,       kube->ca,
                           kube->server_name,  kube->proxy,        kube->default_namespace,
                           kube->user,         kube->certificate,  kube->token_file,
                           kube->exec_command, kube->cluster_name, kube->region,
                           kube->account};
    for (size_t i = 0; i < IRSA_COUNT(texts); i++)
        free(texts[i]);
    irsa_secret_done(&kube->key);
    irsa_secret_done(&kube->authorization);
    json_decref(kube->exec);
    json_decref(kube->exec_config);
    irsa_kube_native_done(&kube->native);
    irsa_strings_done(&kube->impersonation);
    free(kube);
}

void irsa_kube_set(char **place, const char *value)
{
    char *copy = value ? irsa_strdup(value) : NULL;
    free(*place);
    *place = copy;
}

const char *irsa_kube_variable(const struct irsa_kube_options *options, const char *name)
{
    const char *value = options->environment
                            ? options->environment(options->environment_context, name)
                            : getenv(name);
    return value && *value ? value : NULL;
}

char *irsa_kube_host(const struct irsa_kube *kube)
{
    const char *host = strstr(kube->server, "://") + 3;
    return irsa_strndup(host, strcspn(host, "/"));
}

const char *irsa_kube_server(const struct irsa_kube *kube)
{
    return kube->server;
}
const char *irsa_kube_context(const struct irsa_kube *kube)
{
    return kube->context;
}
const char *irsa_kube_cluster_name(const struct irsa_kube *kube)
{
    return kube->cluster_name;
}
const char *irsa_kube_region(const struct irsa_kube *kube)
{
    return kube->region;
}
const char *irsa_kube_account(const struct irsa_kube *kube)
{
    return kube->account;
}

/* No kubeconfig, but a name: endpoint and CA are EKS's, the token is made here. */
static int from_eks(struct irsa_kube *kube, const struct irsa_kube_options *options,
                    struct irsa_error **reterr)
{
    irsa_autofree char *address = NULL;
    irsa_autofree char *ca = NULL;
    if (irsa_kube_conclude(kube, options, NULL, reterr) != 0)
        return -1;
    if (!options->eks || options->no_native_token) {
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND,
                        "there is no kubeconfig, and no token can be made for EKS cluster %s",
                        kube->cluster_name);
        return irsa_hint(reterr, "leave --no-native-token out, or write a kubeconfig with `aws eks "
                                 "update-kubeconfig --name CLUSTER`");
    }
    kube->context = irsa_format("eks %s", kube->cluster_name);
    irsa_kube_set(&kube->default_namespace, "default");
    if (options->eks->endpoint(options->eks->context, kube->cluster_name, kube->region, &address,
                               &ca, reterr)
        != 0)
        return irsa_wrap(reterr, "endpoint of EKS cluster %s", kube->cluster_name);
    if (irsa_kube_server_set(kube, address, reterr) != 0)
        return irsa_wrap(reterr, "endpoint of EKS cluster %s", kube->cluster_name);
    kube->ca = ca ? irsa_pem_certificates(ca) : NULL;
    if (ca && !kube->ca)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "EKS cluster %s: its certificate authority is no PEM text",
                         kube->cluster_name);
    kube->login = IRSA_KUBE_LOGIN_NATIVE;
    irsa_kube_set(&kube->native.cluster, kube->cluster_name);
    irsa_kube_set(&kube->native.region, kube->region);
    return 0;
}

static bool is_empty(const struct irsa_kubeconfig *config)
{
    return config->contexts.len == 0 && config->clusters.len == 0 && config->users.len == 0
           && !config->current_context;
}

/* EKS's plugins are not needed for what can be made here. */
static void go_native(struct irsa_kube *kube, const struct irsa_kube_options *options)
{
    if (kube->login != IRSA_KUBE_LOGIN_EXEC || options->no_native_token || !options->eks
        || !kube->native.cluster)
        return;
    kube->login = IRSA_KUBE_LOGIN_NATIVE;
    if (!kube->native.region)
        irsa_kube_set(&kube->native.region, kube->region);
}

static int find_way(struct irsa_kube *kube, const struct irsa_kube_options *options,
                    struct irsa_error **reterr)
{
    irsa_auto_kubeconfig config = {0};
    struct irsa_kubeconfig_choice choice = {0};
    if (irsa_kubeconfig_load(options->kubeconfig, irsa_kube_variable(options, "KUBECONFIG"),
                             irsa_kube_variable(options, "HOME"), &config, reterr)
        != 0)
        return -1;
    bool has_context = options->context || config.current_context;
    if (options->cluster && !has_context)
        return from_eks(kube, options, reterr);
    if (is_empty(&config) && !options->kubeconfig && !options->context
        && irsa_kube_in_cluster_possible(options))
        return irsa_kube_from_pod(kube, options, reterr) != 0
                   ? -1
                   : irsa_kube_conclude(kube, options, NULL, reterr);
    if (irsa_kubeconfig_choose(&config, options->context, &choice, reterr) != 0
        || irsa_kube_from_context(kube, &choice, reterr) != 0
        || irsa_kube_conclude(kube, options, choice.cluster->name, reterr) != 0)
        return -1;
    go_native(kube, options);
    return 0;
}

int irsa_kube_open(const struct irsa_kube_options *options, struct irsa_kube **ret,
                   struct irsa_error **reterr)
{
    irsa_auto_kube kube = irsa_calloc(1, sizeof(*kube));
    kube->transport = options->transport;
    kube->eks = options->eks;
    kube->exec_deadline_ms = options->plugin_ms;
    kube->interrupted = options->interrupted;
    kube->timeout_ms = options->timeout_ms;
    if (find_way(kube, options, reterr) != 0)
        return -1;
    *ret = irsa_steal(&kube);
    return 0;
}
