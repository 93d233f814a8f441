/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the canonical request. tests/oracle/sigv4_oracle.py compares with botocore. */
#include "aws/sigv4.h"

#include "irsa/document.h"

#include <ctype.h>
#include <strings.h>

/* Default ports are not part of the host that is signed, because clients don't send them. */
static bool is_default_port(bool is_https, const char *port)
{
    return strcmp(port, is_https ? "443" : "80") == 0;
}

/* `authority`: [user@]host[:port] */
static char *host_of(bool is_https, const char *authority, size_t len)
{
    irsa_autofree char *text = irsa_strndup(authority, len);
    const char *at = strrchr(text, '@');
    char *host = irsa_strdup(at ? at + 1 : text);
    for (char *p = host; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    char *colon = strrchr(host, ':');
    if (colon && !strchr(colon, ']') && (colon[1] == '\0' || is_default_port(is_https, colon + 1)))
        *colon = '\0';
    return host;
}

int irsa_sigv4_url_split(const char *url, struct irsa_sigv4_url *ret, struct irsa_error **reterr)
{
    const char *mark = strstr(url, "://");
    const size_t scheme_len = mark ? (size_t)(mark - url) : 0;
    if (!mark
        || !((scheme_len == 4 && strncasecmp(url, "http", 4) == 0)
             || (scheme_len == 5 && strncasecmp(url, "https", 5) == 0)))
        return irsa_fail(reterr, IRSA_E_PARSE, "the address to sign is no http or https URL");
    const char *authority = mark + 3;
    const size_t len = strcspn(authority, "/?#");
    if (len == 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "the address to sign has no host");
    const char *path = authority + len;
    const size_t path_len = strcspn(path, "?#");
    const char *query = path + path_len;
    if (*query == '?')
        query++;
    *ret = (struct irsa_sigv4_url){
        .host = host_of(scheme_len == 5, authority, len),
        .path = irsa_strndup(path, path_len),
        .query = irsa_strndup(query, strcspn(query, "#")),
    };
    return 0;
}

void irsa_sigv4_url_done(struct irsa_sigv4_url *url)
{
    free(url->host);
    free(url->path);
    free(url->query);
    *url = (struct irsa_sigv4_url){0};
}

/* RFC 3986, section 5.2.4, and empty segments are left out too. */
static char *without_dot_segments(const char *path)
{
    irsa_auto_buf out = {0};
    irsa_buf_addc(&out, '/');
    for (const char *p = path; *p;) {
        const size_t len = strcspn(p, "/");
        if (len == 2 && memcmp(p, "..", 2) == 0) {
            size_t keep = out.len > 1 ? out.len - 1 : 1;
            while (keep > 1 && out.data[keep - 1] != '/')
                keep--;
            irsa_buf_splice(&out, keep, out.len - keep, "", 0);
        } else if (len > 0 && !(len == 1 && *p == '.')) {
            irsa_buf_add(&out, p, len);
            irsa_buf_addc(&out, '/');
        }
        p += len;
        p += *p == '/';
    }
    const size_t path_len = strlen(path);
    if (out.len > 1 && (path_len == 0 || path[path_len - 1] != '/'))
        irsa_buf_splice(&out, out.len - 1, 1, "", 0);
    return irsa_buf_steal(&out);
}

char *irsa_sigv4_canonical_path(const char *path, bool verbatim)
{
    if (verbatim)
        return irsa_strdup(*path ? path : "/");
    irsa_autofree char *normal = without_dot_segments(path);
    irsa_auto_buf out = {0};
    for (const char *p = normal; *p;) {
        const size_t len = strcspn(p, "/");
        irsa_url_encode(p, len, &out);
        p += len;
        if (*p == '/') {
            irsa_buf_addc(&out, '/');
            p++;
        }
    }
    return irsa_buf_steal(&out);
}

struct pair {
    char *name;
    char *value;
};

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *left = a;
    const struct pair *right = b;
    const int names = strcmp(left->name, right->name);
    return names ? names : strcmp(left->value, right->value);
}

/* Sorts by the encoded name, then by the encoded value; a name without "=" gets one. */
char *irsa_sigv4_canonical_query(const char *query)
{
    irsa_auto_buf out = {0};
    struct pair *pairs = NULL;
    size_t count = 0;
    for (const char *p = query; *query;) {
        const size_t len = strcspn(p, "&");
        const size_t name_len = strcspn(p, "=&");
        pairs = irsa_grow(pairs, count, sizeof(*pairs));
        pairs[count++] = (struct pair){
            .name = irsa_strndup(p, name_len),
            .value =
                irsa_strndup(p + name_len + (name_len < len), len - name_len - (name_len < len)),
        };
        if (!p[len])
            break;
        p += len + 1;
    }
    if (count > 1)
        qsort(pairs, count, sizeof(*pairs), compare_pairs);
    for (size_t i = 0; i < count; i++) {
        irsa_buf_addf(&out, "%s%s=%s", i ? "&" : "", pairs[i].name, pairs[i].value);
        free(pairs[i].name);
        explicit_bzero(pairs[i].value, strlen(pairs[i].value)); /* it may be the session token */
        free(pairs[i].value);
    }
    free(pairs);
    return irsa_buf_steal(&out);
}

/* What hops and proxies may add, change or take away; the list of the SDKs (botocore's auth.py). */
static const char *const unsigned_names[] = {
    "authorization",
    "baggage",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
};

static bool is_signed(const char *name)
{
    for (size_t i = 0; i < IRSA_COUNT(unsigned_names); i++) {
        if (strcmp(unsigned_names[i], name) == 0)
            return false;
    }
    return true;
}

/* Runs of white space become one space, none at the ends. */
static char *trim_all(const char *value)
{
    static const char blank[] = " \t\n\r\f\v";
    irsa_auto_buf out = {0};
    for (const char *p = value + strspn(value, blank); *p; p += strspn(p, blank)) {
        const size_t len = strcspn(p, blank);
        if (out.len)
            irsa_buf_addc(&out, ' ');
        irsa_buf_add(&out, p, len);
        p += len;
    }
    return irsa_buf_steal(&out);
}

/* By name alone, and equal names in the order given: values keep their order. */
static void sort_by_name(struct pair *pairs, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct pair one = pairs[i];
        size_t at = i;
        for (; at > 0 && strcmp(pairs[at - 1].name, one.name) > 0; at--)
            pairs[at] = pairs[at - 1];
        pairs[at] = one;
    }
}

static size_t take_headers(const struct irsa_strings *headers, struct pair **ret)
{
    size_t count = 0;
    for (size_t i = 0; i < headers->len; i++) {
        const char *line = headers->items[i];
        const size_t len = strcspn(line, ":");
        irsa_autofree char *name = irsa_strndup(line, len);
        for (char *p = name; *p; p++)
            *p = (char)tolower((unsigned char)*p);
        if (!line[len] || !is_signed(name))
            continue;
        *ret = irsa_grow(*ret, count, sizeof(**ret));
        (*ret)[count++] =
            (struct pair){.name = irsa_steal(&name), .value = trim_all(line + len + 1)};
    }
    return count;
}

void irsa_sigv4_canonical_headers(const struct irsa_strings *headers, struct irsa_buf *ret,
                                  char **ret_signed)
{
    struct pair *pairs = NULL;
    const size_t count = take_headers(headers, &pairs);
    sort_by_name(pairs, count);
    irsa_auto_buf names = {0};
    for (size_t i = 0; i < count; i++) {
        const bool again = i > 0 && strcmp(pairs[i - 1].name, pairs[i].name) == 0;
        const bool last = i + 1 == count || strcmp(pairs[i + 1].name, pairs[i].name) != 0;
        if (again)
            irsa_buf_addc(ret, ',');
        else
            irsa_buf_addf(ret, "%s:", pairs[i].name);
        irsa_buf_adds(ret, pairs[i].value);
        if (last)
            irsa_buf_addc(ret, '\n');
        if (!again)
            irsa_buf_addf(&names, "%s%s", names.len ? ";" : "", pairs[i].name);
    }
    for (size_t i = 0; i < count; i++) {
        free(pairs[i].name);
        explicit_bzero(pairs[i].value, strlen(pairs[i].value));
        free(pairs[i].value);
    }
    free(pairs);
    *ret_signed = irsa_buf_steal(&names);
}
