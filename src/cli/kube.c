/* SPDX-License-Identifier: Apache-2.0 */
/* Which API server: by options, kubeconfig, pod or EKS; and what its context tells of the cluster.
 */
#include "cli/kube.h"

#include <unistd.h>

#define KUBE_CONCURRENT 16u

void irsa_cli_kube_done(struct irsa_cli_kube *kube)
{
    irsa_kube_free(kube->kube);
    irsa_live_eks_free(kube->eks);
    irsa_transport_free(kube->transport);
    *kube = (struct irsa_cli_kube){0};
}

/* --- is there any ----------------------------------------------------------------------------- */

static bool any_file(const char *paths)
{
    while (*paths) {
        size_t len = strcspn(paths, ":");
        irsa_autofree char *path = irsa_strndup(paths, len);
        if (len > 0 && access(path, F_OK) == 0)
            return true;
        paths += len;
        paths += *paths == ':';
    }
    return false;
}

/* Files that KUBECONFIG names and that do not exist count as empty, as for kubectl
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/). */
static bool has_kubeconfig(void)
{
    const char *named = getenv("KUBECONFIG");
    const char *home = getenv("HOME");
    if (named && *named)
        return any_file(named);
    irsa_autofree char *usual = irsa_format("%s/.kube/config", home ? home : "");
    return access(usual, F_OK) == 0;
}

/* https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
static bool in_pod(void)
{
    const char *host = getenv("KUBERNETES_SERVICE_HOST");
    return host && *host
           && access("/var/run/secrets/kubernetes.io/serviceaccount/token", F_OK) == 0;
}

static bool is_named(const struct irsa_arguments *arguments)
{
    return irsa_is_set(arguments, IRSA_OPTION_KUBECONFIG)
           || irsa_is_set(arguments, IRSA_OPTION_CONTEXT);
}

static int check_options(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    static const enum irsa_option others[] = {IRSA_OPTION_MANIFESTS, IRSA_OPTION_NO_KUBERNETES};
    static const enum irsa_option kubes[] = {IRSA_OPTION_KUBECONFIG, IRSA_OPTION_CONTEXT,
                                             IRSA_OPTION_NO_NATIVE_TOKEN, IRSA_OPTION_DRY_RUN};
    for (size_t i = 0; i < IRSA_COUNT(others); i++) {
        for (size_t k = 0; k < IRSA_COUNT(kubes); k++) {
            if (irsa_is_set(arguments, others[i]) && irsa_is_set(arguments, kubes[k]))
                return irsa_fail(reterr, IRSA_E_USAGE, "--%s and --%s exclude each other",
                                 irsa_options[kubes[k]].name, irsa_options[others[i]].name);
        }
    }
    return 0;
}

/* --- opening ---------------------------------------------------------------------------------- */

static int try_open(struct irsa_cli_kube *kube, const struct irsa_arguments *arguments,
                    const struct irsa_intent *intent, struct irsa_error **reterr)
{
    const char *cluster = irsa_option_value(arguments, IRSA_OPTION_CLUSTER);
    const struct irsa_kube_options options = {
        .kubeconfig = irsa_option_value(arguments, IRSA_OPTION_KUBECONFIG),
        .context = irsa_option_value(arguments, IRSA_OPTION_CONTEXT),
        .cluster = cluster ? cluster : intent->cluster_name,
        .region = intent->region,
        .no_native_token = irsa_is_set(arguments, IRSA_OPTION_NO_NATIVE_TOKEN),
        .transport = kube->transport,
        .eks = irsa_live_eks_functions(kube->eks),
        .timeout_ms = kube->timeout_ms,
        /* The first signal lets the change, or the test pod, under way come to its end. */
        .interrupted = irsa_given_up(),
    };
    return irsa_kube_open(&options, &kube->kube, reterr);
}

static int open_transport(struct irsa_cli_kube *kube, const struct irsa_arguments *arguments,
                          struct irsa_error **reterr)
{
    const struct irsa_curl_options options = {
        .max_concurrent = KUBE_CONCURRENT,
        .log_http = irsa_is_set(arguments, IRSA_OPTION_LOG_HTTP),
        .interrupted = irsa_given_up(),
    };
    return irsa_transport_curl(&options, &kube->transport, reterr);
}

/* *place becomes a copy, and is told about, where it is open. */
static void conclude_one(const char *what, const char *value, char **place, struct irsa_buf *told)
{
    if (!value || *place)
        return;
    *place = irsa_strdup(value);
    irsa_buf_addf(told, "%s%s %s", told->len > 0 ? ", " : "", what, value);
}

/* What is not said is taken from the context. */
static void conclude(const struct irsa_kube *kube, struct irsa_intent *intent)
{
    irsa_auto_buf told = {0};
    if (!intent->issuer) /* else EKS is not asked about a cluster */
        conclude_one("cluster", irsa_kube_cluster_name(kube), &intent->cluster_name, &told);
    conclude_one("region", irsa_kube_region(kube), &intent->region, &told);
    conclude_one("account", irsa_kube_account(kube), &intent->account_id, &told);
    irsa_log(IRSA_LOG_INFO, "Kubernetes: context %s, server %s", irsa_kube_context(kube),
             irsa_kube_server(kube));
    if (told.len > 0)
        irsa_log(IRSA_LOG_INFO, "Kubernetes: concluded from the context: %s", irsa_buf_str(&told));
}

int irsa_cli_kube_open(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                       struct irsa_cli_kube *ret, struct irsa_error **reterr)
{
    if (check_options(arguments, reterr) != 0)
        return -1;
    if (irsa_is_set(arguments, IRSA_OPTION_MANIFESTS)
        || irsa_is_set(arguments, IRSA_OPTION_NO_KUBERNETES))
        return 0;
    bool found = is_named(arguments) || has_kubeconfig() || in_pod();
    if (!found && !intent->cluster_name)
        return 0;
    if (open_transport(ret, arguments, reterr) != 0)
        return -1;
    ret->eks = irsa_live_eks_new();
    if (!found) {
        ret->later = true;
        return 0;
    }
    if (try_open(ret, arguments, intent, reterr) == 0) {
        conclude(ret->kube, intent);
        return 0;
    }
    /* A kubeconfig without a context, and EKS is to be asked. */
    ret->later = irsa_live_eks_wanted(ret->eks);
    if (!ret->later)
        return irsa_hint(reterr, "--no-kubernetes asks AWS alone");
    irsa_error_free(irsa_steal(reterr));
    return 0;
}

/* What DescribeCluster says against it is told by what comes after. */
void irsa_cli_kube_open_later(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                              struct irsa_aws *aws, struct irsa_cli_kube *kube)
{
    irsa_auto_error error = NULL;
    if (!kube->later)
        return;
    irsa_live_eks_set(kube->eks, aws);
    kube->optional = true;
    if (try_open(kube, arguments, intent, &error) != 0)
        irsa_log(IRSA_LOG_WARNING, "Kubernetes was not read: %s", irsa_error_message(error));
    else
        conclude(kube->kube, intent);
}
