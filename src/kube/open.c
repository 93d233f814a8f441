/* SPDX-License-Identifier: Apache-2.0 */
#include "kube/kube.h"
#include "kube/pem.h"

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
