/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"
#include "irsa/identity.h"

#define HTTPS "https://"

void irsa_issuer_done(struct irsa_issuer *issuer)
{
    free(issuer->url);
    free(issuer->host_path);
    free(issuer->host);
    free(issuer->region);
    free(issuer->id);
    *issuer = (struct irsa_issuer){0};
}

static int check_characters(const char *text, struct irsa_error **reterr)
{
    for (const char *p = text; *p; p++) {
        if ((unsigned char)*p > 0x20 && (unsigned char)*p < 0x7f && !strchr("\"\\<>^`{|}", *p))
            continue;
        irsa_autofree char *what = irsa_char_text(*p);
        return irsa_fail(reterr, IRSA_E_PARSE, "issuer has %s at position %zu", what,
                         (size_t)(p - text) + 1);
    }
    return 0;
}

/* The text after https://, or NULL with the error set for any other scheme. */
static const char *after_scheme(const char *text, struct irsa_error **reterr)
{
    if (irsa_has_prefix(text, HTTPS))
        return text + strlen(HTTPS);
    const char *scheme_end = strstr(text, "://");
    if (!scheme_end)
        return text;
    (void)irsa_fail(reterr, IRSA_E_PARSE, "issuer begins with \"%.*s\", \"https://\" is needed",
                    (int)(scheme_end - text < 40 ? scheme_end - text + 3 : 40), text);
    return NULL;
}

/* https://openid.net/specs/openid-connect-discovery-1_0.html#IssuerDiscovery: "https" scheme, host,
 * optionally port and path, no query or fragment. */
static int check_host(const char *host, struct irsa_error **reterr)
{
    if (strchr(host, '@'))
        return irsa_fail(reterr, IRSA_E_PARSE, "issuer has user information in front of the host");
    size_t name_len = strcspn(host, ":");
    if (host[0] == '[')
        name_len = strcspn(host, "]") + (strchr(host, ']') ? 1 : 0);
    if (name_len == 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "issuer has no host");
    for (size_t i = 0; i < name_len; i++) {
        if (!irsa_is_alnum(host[i]) && !strchr(host[0] == '[' ? "[]:." : ".-_", host[i]))
            return irsa_fail(reterr, IRSA_E_PARSE, "issuer's host has \"%c\"", host[i]);
    }
    const char *port = host + name_len;
    if (*port == '\0')
        return 0;
    size_t digits = strspn(port + 1, "0123456789");
    if (*port != ':' || digits == 0 || digits > 5 || port[digits + 1] != '\0'
        || strtoul(port + 1, NULL, 10) > 65535)
        return irsa_fail(reterr, IRSA_E_PARSE, "issuer's port is \"%.20s\"", port);
    return 0;
}

/* The region of a host BEGINNING REGION . SUFFIX, the caller's, or NULL. */
static char *region_between(const char *host, const char *beginning,
                            const char *(*suffix_of)(const char *partition))
{
    if (!irsa_has_prefix(host, beginning))
        return NULL;
    const char *region = host + strlen(beginning);
    size_t region_len = strcspn(region, ".");
    irsa_autofree char *name = irsa_strndup(region, region_len);
    const char *partition = irsa_partition_of_region(name);
    const char *suffix = partition ? suffix_of(partition) : NULL;
    if (!suffix || region[region_len] != '.' || strcmp(region + region_len + 1, suffix) != 0)
        return NULL;
    return irsa_steal(&name);
}

/* https://oidc.eks.REGION.amazonaws.com/id/ID, or the dual-stack endpoint
 * https://oidc-eks.REGION.api.aws/id/ID
 * (https://docs.aws.amazon.com/eks/latest/userguide/irsa-fetch-keys.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html). AWS's own pages and
 * redacted captures write ids that are not hexadecimal, so any letters and digits pass. */
static void find_eks(const char *path, struct irsa_issuer *issuer)
{
    issuer->region = region_between(issuer->host, "oidc.eks.", irsa_partition_dns_suffix);
    if (!issuer->region)
        issuer->region =
            region_between(issuer->host, "oidc-eks.", irsa_partition_dual_stack_suffix);
    if (!issuer->region || !irsa_has_prefix(path, "/id/"))
        return;
    const char *id = path + strlen("/id/");
    size_t len = 0;
    while (irsa_is_alnum(id[len]))
        len++;
    if (len > 0 && id[len] == '\0')
        issuer->id = irsa_strdup(id);
}

bool irsa_issuer_is_eks(const char *host_path)
{
    irsa_auto_issuer issuer = {0};
    irsa_auto_error ignored = NULL;
    return irsa_issuer_parse(host_path, &issuer, &ignored) == 0 && issuer.region;
}

int irsa_issuer_parse(const char *text, struct irsa_issuer *ret, struct irsa_error **reterr)
{
    if (*text == '\0')
        return irsa_fail(reterr, IRSA_E_PARSE, "issuer is empty");
    if (check_characters(text, reterr) != 0)
        return -1;
    const char *host = after_scheme(text, reterr);
    if (!host)
        return -1;
    const char *extra = strpbrk(host, "?#");
    if (extra)
        return irsa_fail(reterr, IRSA_E_PARSE, "issuer has a %s, which no issuer has",
                         *extra == '?' ? "query" : "fragment");
    irsa_auto_issuer issuer = {0};
    size_t host_len = strcspn(host, "/");
    issuer.host = irsa_strndup(host, host_len);
    if (check_host(issuer.host, reterr) != 0)
        return -1;
    issuer.host_path = irsa_strdup(host);
    issuer.url = irsa_format(HTTPS "%s", host);
    find_eks(host + host_len, &issuer);
    *ret = issuer;
    issuer = (struct irsa_issuer){0};
    return 0;
}
