/* SPDX-License-Identifier: Apache-2.0 */
#include "kubeconfig_json.h"

static const char *variable(void *context, const char *name)
{
    return irsa_json_string(context, "environment", name, NULL);
}

static int no_token(void *context, const char *cluster, const char *region, const char *profile,
                    const char *role_arn, struct irsa_secret *ret_token, int64_t *ret_expiry,
                    struct irsa_error **reterr)
{
    (void)context, (void)cluster, (void)region, (void)profile, (void)role_arn;
    (void)ret_token, (void)ret_expiry;
    return irsa_fail(reterr, IRSA_E_AUTH, "nothing is sent here");
}

static int endpoint(void *context, const char *cluster, const char *region, char **ret_server,
                    char **ret_ca_pem, struct irsa_error **reterr)
{
    const char *known = irsa_json_string(context, "eks", cluster, NULL);
    if (!known)
        return irsa_fail(reterr, IRSA_E_NOT_FOUND, "no cluster %s in %s", cluster,
                         region ? region : "(no region)");
    *ret_server = irsa_strdup(known);
    *ret_ca_pem = NULL;
    return 0;
}

int kubeconfig_open(const json_t *request, struct irsa_kube **ret, struct irsa_error **reterr)
{
    const struct irsa_kube_eks eks = {
        .token = no_token, .endpoint = endpoint, .context = (void *)(uintptr_t)request};
    const struct irsa_kube_options options = {
        .kubeconfig = irsa_json_string(request, "kubeconfig", NULL),
        .context = irsa_json_string(request, "context", NULL),
        .cluster = irsa_json_string(request, "cluster", NULL),
        .region = irsa_json_string(request, "region", NULL),
        .no_native_token = !json_is_true(json_object_get(request, "native")),
        .eks = &eks,
        .environment = variable,
        .environment_context = (void *)(uintptr_t)request,
        .pod_folder = irsa_json_string(request, "pod", NULL),
    };
    return irsa_kube_open(&options, ret, reterr);
}

static void add(json_t *into, const char *key, const char *text)
{
    if (text && *text)
        (void)json_object_set_new(into, key, json_string(text));
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (const char *p = text; p && (p = strstr(p, part)) != NULL; p += strlen(part))
        count++;
    return count;
}

static void add_exec(json_t *into, const struct irsa_kube *kube)
{
    if (!kube->exec)
        return;
    json_t *exec = json_deep_copy(kube->exec);
    (void)json_object_set_new(exec, "command", json_string(kube->exec_command));
    if (kube->exec_config)
        (void)json_object_set(exec, "config", kube->exec_config);
    (void)json_object_set_new(into, "exec", exec);
}

static void add_native(json_t *into, const struct irsa_kube_native *native)
{
    if (!native->cluster)
        return;
    json_t *object = json_object();
    add(object, "cluster", native->cluster);
    add(object, "region", native->region);
    add(object, "profile", native->profile);
    add(object, "role", native->role_arn);
    (void)json_object_set_new(into, "native", object);
}

json_t *kubeconfig_json(const struct irsa_kube *kube)
{
    static const char *const logins[] = {"fixed", "file", "exec", "native"};
    json_t *all = json_object();
    add(all, "context", kube->context);
    add(all, "server", kube->server);
    add(all, "server_name", kube->server_name);
    add(all, "proxy", kube->proxy);
    add(all, "namespace", kube->default_namespace);
    add(all, "user", kube->user);
    add(all, "login", logins[kube->login]);
    add(all, "authorization", irsa_secret_expose(&kube->authorization));
    add(all, "token_file", kube->token_file);
    add(all, "cluster_name", kube->cluster_name);
    add(all, "region", kube->region);
    add(all, "account", kube->account);
    (void)json_object_set_new(all, "insecure", json_boolean(kube->insecure));
    (void)json_object_set_new(all, "plain_http", json_boolean(kube->plain_http));
    (void)json_object_set_new(all, "ca",
                              json_integer((json_int_t)count_of(kube->ca, "BEGIN CERTIFICATE")));
    (void)json_object_set_new(
        all, "certificate",
        json_integer((json_int_t)count_of(kube->certificate, "BEGIN CERTIFICATE")));
    json_t *headers = json_array();
    for (size_t i = 0; i < kube->impersonation.len; i++)
        (void)json_array_append_new(headers, json_string(kube->impersonation.items[i]));
    (void)json_object_set_new(all, "impersonation", headers);
    add_exec(all, kube);
    add_native(all, &kube->native);
    return all;
}
