/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/sigv4.h"

#include "irsa/document.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <strings.h>
#include <time.h>

#define ALGORITHM "AWS4-HMAC-SHA256"
#define UNSIGNED_PAYLOAD "UNSIGNED-PAYLOAD"
#define DEFAULT_EXPIRES 3600U

void irsa_sigv4_stages_done(struct irsa_sigv4_stages *stages)
{
    irsa_secret_done(&stages->canonical_request);
    free(stages->signed_headers);
    free(stages->scope);
    free(stages->string_to_sign);
    *stages = (struct irsa_sigv4_stages){0};
}

void irsa_sigv4_stamp(int64_t now, char ret[17])
{
    const time_t when = (time_t)now;
    struct tm utc = {0};
    if (!gmtime_r(&when, &utc) || strftime(ret, 17, "%Y%m%dT%H%M%SZ", &utc) != 16)
        abort(); /* a year beyond 9999 */
}

char *irsa_sigv4_string_to_sign(const char *stamp, const char *scope, const char *canonical_request)
{
    char hash[65];
    irsa_sha256_hex(canonical_request, strlen(canonical_request), hash);
    return irsa_format(ALGORITHM "\n%s\n%s\n%s", stamp, scope, hash);
}

static void hmac(const void *key, size_t key_len, const char *text, unsigned char ret[32])
{
    unsigned len = 32;
    if (!HMAC(EVP_sha256(), key, (int)key_len, (const unsigned char *)text, strlen(text), ret,
              &len))
        abort(); /* out of memory: SHA-256 is always there */
}

void irsa_sigv4_key(const struct irsa_secret *secret_access_key, const char *date,
                    const char *region, const char *service, unsigned char ret[32])
{
    struct irsa_secret start = {0};
    start.len = secret_access_key->len + 4;
    start.data = irsa_format("AWS4%s", irsa_secret_expose(secret_access_key));
    hmac(start.data, start.len, date, ret);
    irsa_secret_done(&start);
    hmac(ret, 32, region, ret);
    hmac(ret, 32, service, ret);
    hmac(ret, 32, "aws4_request", ret);
}

void irsa_sigv4_signature(const unsigned char key[32], const char *string_to_sign, char ret_hex[65])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char mac[32];
    hmac(key, 32, string_to_sign, mac);
    for (size_t i = 0; i < sizeof(mac); i++) {
        ret_hex[2 * i] = digits[mac[i] >> 4];
        ret_hex[2 * i + 1] = digits[mac[i] & 15];
    }
    ret_hex[64] = '\0';
}

/* What is to be signed, from whichever form. */
struct subject {
    const char *method;
    const char *path;
    const char *query;
    struct irsa_strings headers; /* all that are signed; wiped, for the token is one */
    char payload[65];            /* hash, or UNSIGNED-PAYLOAD */
    char stamp[17];
};

static void wipe_strings(struct irsa_strings *strings)
{
    for (size_t i = 0; i < strings->len; i++)
        explicit_bzero(strings->items[i], strlen(strings->items[i]));
    irsa_strings_done(strings);
}

static void hash_payload(struct subject *subject, const struct irsa_http_request *request,
                         const struct irsa_sigv4_options *options)
{
    if (options->unsigned_payload)
        (void)snprintf(subject->payload, sizeof(subject->payload), "%s", UNSIGNED_PAYLOAD);
    else
        irsa_sha256_hex(request->body ? request->body : "", request->body_len, subject->payload);
}

static void take_headers(struct subject *subject, const struct irsa_http_request *request,
                         const char *host)
{
    bool has_host = false;
    for (size_t i = 0; i < request->headers.len; i++) {
        has_host = has_host || strncasecmp(request->headers.items[i], "host:", 5) == 0;
        irsa_strings_add(&subject->headers, request->headers.items[i]);
    }
    for (size_t i = 0; i < request->secret_count; i++)
        irsa_strings_add(&subject->headers, irsa_secret_expose(&request->secrets[i]));
    if (!has_host)
        irsa_strings_take(&subject->headers, irsa_format("host: %s", host));
}

static char *scope_of(const struct irsa_sigv4_options *options, const char *stamp)
{
    return irsa_format("%.8s/%s/%s/aws4_request", stamp, options->region, options->service);
}

static void canonical_request(const struct subject *subject,
                              const struct irsa_sigv4_options *options,
                              struct irsa_sigv4_stages *ret)
{
    irsa_autofree char *path = irsa_sigv4_canonical_path(subject->path, options->verbatim_path);
    irsa_autofree char *query = irsa_sigv4_canonical_query(subject->query);
    struct irsa_buf headers = {0};
    irsa_sigv4_canonical_headers(&subject->headers, &headers, &ret->signed_headers);
    char *text = irsa_format("%s\n%s\n%s\n%s\n%s\n%s", subject->method, path, query,
                             irsa_buf_str(&headers), ret->signed_headers, subject->payload);
    ret->canonical_request = (struct irsa_secret){.data = text, .len = strlen(text)};
    explicit_bzero(query, strlen(query));
    explicit_bzero(headers.data, headers.len);
    irsa_buf_done(&headers);
}

static void run_stages(const struct subject *subject, const struct irsa_sigv4_keys *keys,
                       const struct irsa_sigv4_options *options, struct irsa_sigv4_stages *ret)
{
    canonical_request(subject, options, ret);
    ret->scope = scope_of(options, subject->stamp);
    ret->string_to_sign = irsa_sigv4_string_to_sign(subject->stamp, ret->scope,
                                                    irsa_secret_expose(&ret->canonical_request));
    unsigned char key[32];
    char date[9];
    (void)snprintf(date, sizeof(date), "%.8s", subject->stamp);
    irsa_sigv4_key(keys->secret_access_key, date, options->region, options->service, key);
    irsa_sigv4_signature(key, ret->string_to_sign, ret->signature);
    OPENSSL_cleanse(key, sizeof(key));
}

static const char *token_of(const struct irsa_sigv4_keys *keys)
{
    return keys->session_token && keys->session_token->len ? irsa_secret_expose(keys->session_token)
                                                           : NULL;
}

static void hand_over(struct irsa_sigv4_stages *stages, struct irsa_sigv4_stages *ret)
{
    if (ret)
        *ret = *stages;
    else
        irsa_sigv4_stages_done(stages);
}

int irsa_sigv4_sign(struct irsa_http_request *request, const struct irsa_sigv4_keys *keys,
                    const struct irsa_sigv4_options *options, struct irsa_sigv4_stages *ret_stages,
                    struct irsa_error **reterr)
{
    struct irsa_sigv4_url url = {0};
    if (irsa_sigv4_url_split(request->url, &url, reterr) != 0)
        return -1;
    struct subject subject = {.method = request->method, .path = url.path, .query = url.query};
    irsa_sigv4_stamp(options->now, subject.stamp);
    hash_payload(&subject, request, options);
    irsa_http_request_header(request, "X-Amz-Date", subject.stamp);
    if (options->unsigned_payload)
        irsa_http_request_header(request, "X-Amz-Content-SHA256", UNSIGNED_PAYLOAD);
    if (token_of(keys))
        irsa_http_request_secret(request, "X-Amz-Security-Token", token_of(keys));
    take_headers(&subject, request, url.host);
    struct irsa_sigv4_stages stages = {0};
    run_stages(&subject, keys, options, &stages);
    irsa_autofree char *value =
        irsa_format(ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s",
                    irsa_secret_expose(keys->access_key_id), stages.scope, stages.signed_headers,
                    stages.signature);
    irsa_http_request_secret(request, "Authorization", value);
    explicit_bzero(value, strlen(value));
    wipe_strings(&subject.headers);
    irsa_sigv4_url_done(&url);
    hand_over(&stages, ret_stages);
    return 0;
}

static void add_parameter(struct irsa_buf *query, const char *name, const char *value)
{
    irsa_buf_addf(query, "%s%s=", query->len ? "&" : "", name);
    irsa_url_encode(value, strlen(value), query);
}

/* The query of the URL, and behind it all that is signed of the signature
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html). */
static void signed_query(const struct irsa_sigv4_url *url, const struct subject *subject,
                         const struct irsa_sigv4_keys *keys,
                         const struct irsa_sigv4_options *options, struct irsa_buf *ret)
{
    irsa_auto_buf ignored = {0};
    irsa_autofree char *names = NULL;
    irsa_sigv4_canonical_headers(&subject->headers, &ignored, &names);
    irsa_autofree char *scope = scope_of(options, subject->stamp);
    irsa_autofree char *credential =
        irsa_format("%s/%s", irsa_secret_expose(keys->access_key_id), scope);
    irsa_autofree char *expires =
        irsa_format("%u", options->expires ? options->expires : DEFAULT_EXPIRES);
    irsa_buf_adds(ret, url->query);
    add_parameter(ret, "X-Amz-Algorithm", ALGORITHM);
    add_parameter(ret, "X-Amz-Credential", credential);
    add_parameter(ret, "X-Amz-Date", subject->stamp);
    add_parameter(ret, "X-Amz-Expires", expires);
    add_parameter(ret, "X-Amz-SignedHeaders", names);
    if (token_of(keys))
        add_parameter(ret, "X-Amz-Security-Token", token_of(keys));
}

int irsa_sigv4_presign(const struct irsa_http_request *request, const struct irsa_sigv4_keys *keys,
                       const struct irsa_sigv4_options *options, struct irsa_secret *ret_url,
                       struct irsa_sigv4_stages *ret_stages, struct irsa_error **reterr)
{
    struct irsa_sigv4_url url = {0};
    if (irsa_sigv4_url_split(request->url, &url, reterr) != 0)
        return -1;
    struct subject subject = {.method = request->method, .path = url.path};
    irsa_sigv4_stamp(options->now, subject.stamp);
    hash_payload(&subject, request, options);
    take_headers(&subject, request, url.host);
    struct irsa_buf query = {0};
    signed_query(&url, &subject, keys, options, &query);
    subject.query = query.data;
    struct irsa_sigv4_stages stages = {0};
    run_stages(&subject, keys, options, &stages);
    const size_t base = strcspn(request->url, "?#");
    char *text = irsa_format("%.*s?%s&X-Amz-Signature=%s", (int)base, request->url, query.data,
                             stages.signature);
    irsa_secret_done(ret_url);
    *ret_url = (struct irsa_secret){.data = text, .len = strlen(text)};
    explicit_bzero(query.data, query.len);
    irsa_buf_done(&query);
    wipe_strings(&subject.headers);
    irsa_sigv4_url_done(&url);
    hand_over(&stages, ret_stages);
    return 0;
}
