/* SPDX-License-Identifier: Apache-2.0 */
/* https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/; rest.InClusterConfig and
 * inClusterClientConfig of client-go. */
#include "kube/kube.h"
#include "kube/pem.h"

#include <sys/stat.h>

#define FOLDER "/var/run/secrets/kubernetes.io/serviceaccount"
#define NAMESPACE_MAX ((size_t)1024)

static const char *folder_of(const struct irsa_kube_options *options)
{
    return options->pod_folder ? options->pod_folder : FOLDER;
}

bool irsa_kube_in_cluster_possible(const struct irsa_kube_options *options)
{
    irsa_autofree char *token = irsa_format("%s/token", folder_of(options));
    struct stat status;
    return irsa_kube_variable(options, "KUBERNETES_SERVICE_HOST")
           && irsa_kube_variable(options, "KUBERNETES_SERVICE_PORT") && stat(token, &status) == 0
           && !S_ISDIR(status.st_mode);
}

static char *read_namespace(const struct irsa_kube_options *options)
{
    const char *variable = irsa_kube_variable(options, "POD_NAMESPACE");
    if (variable)
        return irsa_strdup(variable);
    irsa_auto_error ignored = NULL;
    irsa_auto_buf text = {0};
    irsa_autofree char *path = irsa_format("%s/namespace", folder_of(options));
    if (irsa_file_read(path, NAMESPACE_MAX, &text, &ignored) != 0)
        return irsa_strdup("default");
    irsa_autofree char *name = irsa_trim(irsa_buf_str(&text));
    return irsa_strdup(*name ? name : "default");
}

int irsa_kube_from_pod(struct irsa_kube *kube, const struct irsa_kube_options *options,
                       struct irsa_error **reterr)
{
    const char *host = irsa_kube_variable(options, "KUBERNETES_SERVICE_HOST");
    bool is_ipv6 = strchr(host, ':') != NULL;
    irsa_autofree char *address =
        irsa_format("https://%s%s%s:%s", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "",
                    irsa_kube_variable(options, "KUBERNETES_SERVICE_PORT"));
    irsa_kube_set(&kube->context, "in-cluster");
    if (irsa_kube_server_set(kube, address, reterr) != 0)
        return irsa_wrap(reterr, "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT");
    kube->default_namespace = read_namespace(options);
    kube->token_file = irsa_format("%s/token", folder_of(options));
    kube->login = IRSA_KUBE_LOGIN_FILE;
    irsa_autofree char *path = irsa_format("%s/ca.crt", folder_of(options));
    irsa_auto_buf text = {0};
    irsa_auto_error error = NULL;
    if (irsa_file_read(path, IRSA_KUBECONFIG_MAX, &text, &error) == 0)
        kube->ca = irsa_pem_certificates(irsa_buf_str(&text));
    if (!kube->ca) /* client-go goes on with the system's */
        irsa_log(IRSA_LOG_WARNING, "%s: expected to load root CA config from it, ignoring", path);
    return 0;
}
