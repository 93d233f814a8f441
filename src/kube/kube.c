/* SPDX-License-Identifier: Apache-2.0 */
/* What all of the room does with a server and its log-in: fill them, free them, tell of them. */
#include "kube/kube.h"

#include <ctype.h>

void irsa_kube_native_done(struct irsa_kube_native *native)
{
    free(native->cluster);
    free(native->region);
    free(native->profile);
    free(native->role_arn);
    *native = (struct irsa_kube_native){0};
}

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

void irsa_kube_set_token(struct irsa_kube *kube, const char *token)
{
    irsa_secret_done(&kube->authorization);
    kube->authorization.data = irsa_format("Bearer %s", token);
    kube->authorization.len = strlen(kube->authorization.data);
}

/* Host and port, as they stand between scheme and path. */
static bool is_authority(const char *text, size_t len)
{
    if (len == 0 || *text == ':')
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)text[i]) && !strchr(".-_:[]%", text[i]))
            return false;
    }
    return true;
}

/* rest.DefaultServerURL: without a scheme it is http, and credentials stay at home. */
int irsa_kube_server_set(struct irsa_kube *kube, const char *address, struct irsa_error **reterr)
{
    const char *rest = strstr(address, "://");
    bool https = irsa_has_prefix(address, "https://");
    if (rest && !https && !irsa_has_prefix(address, "http://"))
        return irsa_fail(reterr, IRSA_E_PARSE, "the server's address has to begin with https://");
    rest = rest ? rest + 3 : address;
    size_t host = strcspn(rest, "/?#");
    if (memchr(rest, '@', host))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "the server's address must not hold a user name or password");
    if (!is_authority(rest, host))
        return irsa_fail(reterr, IRSA_E_PARSE, "host must be a URL or a host:port pair: \"%s\"",
                         address);
    size_t path = host + strcspn(rest + host, "?#");
    while (path > host && rest[path - 1] == '/')
        path--;
    for (size_t i = host; i < path; i++) {
        if ((unsigned char)rest[i] <= ' ' || (unsigned char)rest[i] >= 0x7f)
            return irsa_fail(reterr, IRSA_E_PARSE,
                             "the path of the server's address holds a "
                             "character that has to be percent-encoded");
    }
    free(kube->server);
    kube->server = irsa_format("%s://%.*s", https ? "https" : "http", (int)path, rest);
    kube->plain_http = !https;
    return 0;
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
