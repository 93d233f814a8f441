/* SPDX-License-Identifier: Apache-2.0 */
/* A kubeconfig's context as server and log-in (client_config.go: ClientConfig,
 * getUserIdentificationPartialConfig, getServerIdentificationPartialConfig). */
#include "kube/kube.h"
#include "kube/pem.h"

/* --- server ----------------------------------------------------------------------------------- */

/* Go's names; its socks5 leaves the name's resolution to the proxy, which libcurl calls socks5h.
 * The address may hold a password and is in no message. */
static int set_proxy(struct irsa_kube *kube, const struct irsa_kubeconfig_entry *cluster,
                     struct irsa_error **reterr)
{
    const char *proxy = irsa_kubeconfig_string(cluster, "proxy-url");
    if (!proxy)
        return 0;
    size_t scheme = strcspn(proxy, ":");
    bool known = irsa_has_prefix(proxy, "http://") || irsa_has_prefix(proxy, "https://")
                 || irsa_has_prefix(proxy, "socks5://");
    if (!known)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "%s: invalid configuration: invalid 'proxy-url' for cluster \"%s\": "
                         "unsupported scheme \"%.*s\", must be http, https, or socks5",
                         cluster->file, cluster->name, (int)(proxy[scheme] ? scheme : 0), proxy);
    if (strpbrk(proxy, " \t\r\n") || strlen(strstr(proxy, "://")) <= 3)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "%s: invalid configuration: invalid 'proxy-url' for cluster \"%s\"",
                         cluster->file, cluster->name);
    kube->proxy = irsa_has_prefix(proxy, "socks5://") ? irsa_format("socks5h%s", proxy + 6)
                                                      : irsa_strdup(proxy);
    return 0;
}

static int set_ca(struct irsa_kube *kube, const struct irsa_kubeconfig_entry *cluster,
                  struct irsa_error **reterr)
{
    irsa_auto_secret bytes = {0};
    if (irsa_kubeconfig_blob(cluster, "certificate-authority", &bytes, reterr) != 0)
        return -1;
    if (bytes.len == 0)
        return 0;
    kube->ca = irsa_pem_certificates(irsa_secret_expose(&bytes));
    if (kube->ca)
        return 0;
    return irsa_fail(reterr, IRSA_E_PARSE,
                     "%s: certificate-authority of cluster \"%s\": unable to load root "
                     "certificates: unable to parse bytes as PEM block",
                     cluster->file, cluster->name);
}

static int set_server(struct irsa_kube *kube, const struct irsa_kubeconfig_entry *cluster,
                      struct irsa_error **reterr)
{
    if (irsa_kube_server_set(kube, irsa_kubeconfig_string(cluster, "server"), reterr) != 0)
        return irsa_wrap(reterr, "%s: cluster \"%s\"", cluster->file, cluster->name);
    if (set_proxy(kube, cluster, reterr) != 0 || set_ca(kube, cluster, reterr) != 0)
        return -1;
    irsa_kube_set(&kube->server_name, irsa_kubeconfig_string(cluster, "tls-server-name"));
    kube->insecure = json_is_true(json_object_get(cluster->value, "insecure-skip-tls-verify"));
    if (kube->insecure && !kube->plain_http)
        irsa_log(IRSA_LOG_WARNING,
                 "cluster \"%s\" has insecure-skip-tls-verify: whoever answers at %s is believed",
                 cluster->name, kube->server);
    return 0;
}

/* --- user ------------------------------------------------------------------------------------- */

static int set_certificate(struct irsa_kube *kube, const struct irsa_kubeconfig_entry *user,
                           struct irsa_error **reterr)
{
    irsa_auto_secret certificate = {0};
    if (irsa_kubeconfig_blob(user, "client-certificate", &certificate, reterr) != 0)
        return -1;
    if (certificate.len == 0)
        return 0;
    if (irsa_kubeconfig_blob(user, "client-key", &kube->key, reterr) != 0)
        return -1;
    if (irsa_pem_pair(irsa_secret_expose(&certificate), &kube->key, &kube->certificate_expires,
                      reterr)
        != 0)
        return irsa_wrap(reterr, "%s: client certificate of user \"%s\"", user->file, user->name);
    irsa_kube_set(&kube->certificate, irsa_secret_expose(&certificate));
    return 0;
}

static void set_basic(struct irsa_kube *kube, const struct irsa_kubeconfig_entry *user)
{
    const char *name = irsa_kubeconfig_string(user, "username");
    const char *password = irsa_kubeconfig_string(user, "password");
    irsa_auto_secret both = {0};
    both.data = irsa_format("%s:%s", name ? name : "", password ? password : "");
    both.len = strlen(both.data);
    irsa_auto_buf line = {0};
    irsa_buf_adds(&line, "Basic ");
    irsa_base64_encode(both.data, both.len, &line);
    irsa_secret_set(&kube->authorization, line.data, line.len);
    explicit_bzero(line.data, line.len);
}

/* https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/ ; keys are escaped as
 * RFC 3986 has it. */
static int add_impersonation(struct irsa_kube *kube, const char *name, const char *value,
                             const struct irsa_kubeconfig_entry *user, struct irsa_error **reterr)
{
    if (strpbrk(value, "\r\n"))
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: user \"%s\": %s holds a line break", user->file,
                         user->name, name);
    irsa_strings_take(&kube->impersonation, irsa_format("%s: %s", name, value));
    return 0;
}

static int add_extra(struct irsa_kube *kube, const struct irsa_kubeconfig_entry *user,
                     struct irsa_error **reterr)
{
    const char *key = NULL;
    json_t *values = NULL;
    json_object_foreach(json_object_get(user->value, "as-user-extra"), key, values)
    {
        irsa_auto_buf name = {0};
        irsa_buf_adds(&name, "Impersonate-Extra-");
        irsa_url_encode(key, strlen(key), &name);
        size_t i = 0;
        json_t *value = NULL;
        json_array_foreach(values, i, value)
        {
            if (add_impersonation(kube, name.data, json_string_value(value), user, reterr) != 0)
                return -1;
        }
    }
    return 0;
}

static int set_impersonation(struct irsa_kube *kube, const struct irsa_kubeconfig_entry *user,
                             struct irsa_error **reterr)
{
    const char *name = irsa_kubeconfig_string(user, "as");
    const char *uid = irsa_kubeconfig_string(user, "as-uid");
    size_t i = 0;
    json_t *group = NULL;
    if (!name)
        return 0;
    if (add_impersonation(kube, "Impersonate-User", name, user, reterr) != 0)
        return -1;
    if (uid && add_impersonation(kube, "Impersonate-Uid", uid, user, reterr) != 0)
        return -1;
    json_array_foreach(json_object_get(user->value, "as-groups"), i, group)
    {
        if (add_impersonation(kube, "Impersonate-Group", json_string_value(group), user, reterr)
            != 0)
            return -1;
    }
    return add_extra(kube, user, reterr);
}

static int set_login(struct irsa_kube *kube, const struct irsa_kubeconfig_choice *choice,
                     struct irsa_error **reterr)
{
    const struct irsa_kubeconfig_entry *user = choice->user;
    const char *token = irsa_kubeconfig_string(user, "token");
    const char *file = irsa_kubeconfig_string(user, "tokenFile");
    if (token && strpbrk(token, "\r\n"))
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: the token of user \"%s\" holds a line break",
                         user->file, user->name);
    if (set_certificate(kube, user, reterr) != 0)
        return -1;
    if (token)
        irsa_kube_set_token(kube, token);
    if (file) { /* read again and again, it goes before the token */
        kube->token_file = irsa_kubeconfig_path(user->file, file);
        kube->login = IRSA_KUBE_LOGIN_FILE;
        return 0;
    }
    if (irsa_kubeconfig_string(user, "username") || irsa_kubeconfig_string(user, "password"))
        set_basic(kube, user);
    if (kube->authorization.len > 0 || !json_object_get(user->value, "exec"))
        return 0;
    return irsa_kube_exec_check(kube, choice, reterr);
}

int irsa_kube_from_context(struct irsa_kube *kube, const struct irsa_kubeconfig_choice *choice,
                           struct irsa_error **reterr)
{
    const char *name = irsa_kubeconfig_string(choice->context_entry, "namespace");
    irsa_kube_set(&kube->context, choice->context);
    irsa_kube_set(&kube->user, choice->user->name);
    irsa_kube_set(&kube->default_namespace, name ? name : "default");
    if (set_server(kube, choice->cluster, reterr) != 0)
        return -1;
    if (set_impersonation(kube, choice->user, reterr) != 0)
        return -1;
    return set_login(kube, choice, reterr);
}
