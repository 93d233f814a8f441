/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl's verdicts as errors that say host and reason:
 * https://curl.se/libcurl/c/libcurl-errors.html */
#include "net/transfer.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

struct verdict {
    enum irsa_http_failure failure;
    char *text; /* the caller's */
};

/* libcurl's own words, else those of the code, beginning in lower case unless with an acronym. */
static char *own_words(const struct irsa_transfer *transfer, CURLcode code)
{
    char *text = irsa_trim(transfer->reason[0] ? transfer->reason : curl_easy_strerror(code));
    if (isupper((unsigned char)text[0]) && islower((unsigned char)text[1])
        && !irsa_has_prefix(text, "OpenSSL"))
        text[0] = (char)tolower((unsigned char)text[0]);
    return text;
}

/* "Failed to connect to HOST port ...": a host that is not the request's is the proxy. */
static char *proxy_in(const struct irsa_transfer *transfer)
{
    const char *name = strstr(transfer->reason, "connect to ");
    if (!name)
        return NULL;
    name += strlen("connect to ");
    const size_t len = strcspn(name, " ");
    size_t host_len = strlen(transfer->host);
    const char *colon = strrchr(transfer->host, ':');
    if (colon && !strchr(colon, ']'))
        host_len = (size_t)(colon - transfer->host);
    const char *host = transfer->host;
    if (host[0] == '[' && host_len > 2) { /* libcurl says IPv6 addresses without brackets */
        host++;
        host_len -= 2;
    }
    if (len == host_len && strncasecmp(name, host, len) == 0)
        return NULL;
    return irsa_strndup(name, len);
}

static struct verdict not_connected(const struct irsa_transfer *transfer)
{
    long number = 0;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    irsa_autofree char *proxy = proxy_in(transfer);
    const char *what = "no connection";
    if (strstr(transfer->reason, "nsupported proxy"))
        what = "HTTPS_PROXY is no URL of a proxy that can be used"; /* its password is in there */
    else if (number == ECONNREFUSED)
        what = "connection refused";
    else if (number == ENETUNREACH || number == EHOSTUNREACH)
        what = "no route there";
    return (struct verdict){IRSA_HTTP_CONNECT,
                            proxy ? irsa_format("proxy %s: %s", proxy, what) : irsa_strdup(what)};
}

/* "Could not resolve proxy: NAME": a name without user and password, in which case libcurl had no
 * trouble with the URL before. */
static struct verdict proxy_unknown(const struct irsa_transfer *transfer)
{
    const char *name = strstr(transfer->reason, "proxy: ");
    name = name ? name + strlen("proxy: ") : "";
    const bool fine = *name && !strpbrk(name, "@ /");
    return (struct verdict){IRSA_HTTP_DNS,
                            irsa_format("the proxy's host name%s%s%s is not known "
                                        "(DNS): see HTTPS_PROXY and NO_PROXY",
                                        fine ? " \"" : "", fine ? name : "", fine ? "\"" : "")};
}

static struct verdict timed_out(const struct irsa_transfer *transfer)
{
    const struct irsa_http_request *request = &transfer->exchange->request;
    const long total = request->total_ms ? request->total_ms : IRSA_HTTP_TOTAL_MS;
    const long connect = request->connect_ms ? request->connect_ms : IRSA_HTTP_CONNECT_MS;
    const double seconds = (double)total / 1000.0;
    if (!transfer->exchange->may_have_arrived)
        return (struct verdict){IRSA_HTTP_TIMEOUT,
                                irsa_format("no connection within %g s (time-out)",
                                            connect < total ? (double)connect / 1000.0 : seconds)};
    if (transfer->exchange->response.status == 0)
        return (struct verdict){IRSA_HTTP_TIMEOUT,
                                irsa_format("no answer within %g s (time-out)", seconds)};
    return (struct verdict){
        IRSA_HTTP_TIMEOUT,
        irsa_format("the answer was not complete within %g s (time-out), %zu bytes came", seconds,
                    transfer->exchange->response.body.len)};
}

static struct verdict lost(const struct irsa_transfer *transfer, CURLcode code)
{
    long answer = 0;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_HTTP_CONNECTCODE, &answer);
    if (answer != 0 && answer / 100 != 2)
        return (struct verdict){
            IRSA_HTTP_PROXY, irsa_format("the proxy refused the connection with HTTP %ld", answer)};
    long number = 0;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &number);
    if (code == CURLE_GOT_NOTHING)
        return (struct verdict){IRSA_HTTP_RESET,
                                irsa_strdup("the connection was closed without an answer")};
    if (number == ECONNRESET || number == EPIPE || strstr(transfer->reason, "reset"))
        return (struct verdict){IRSA_HTTP_RESET, irsa_strdup("the connection was reset")};
    irsa_autofree char *words = own_words(transfer, code);
    return (struct verdict){IRSA_HTTP_RESET, irsa_format("the connection was lost: %s", words)};
}

static struct verdict too_large(const struct irsa_transfer *transfer)
{
    const struct irsa_http_request *request = &transfer->exchange->request;
    return (struct verdict){
        IRSA_HTTP_TOO_LARGE,
        irsa_format("the answer is larger than %zu bytes",
                    request->max_body ? request->max_body : IRSA_HTTP_MAX_BODY)};
}

static struct verdict tls_failed(const struct irsa_transfer *transfer, CURLcode code)
{
    const char *unreadable =
        code == CURLE_SSL_CACERT_BADFILE ? irsa_trust_unreadable(transfer->trust) : NULL;
    if (unreadable)
        return (struct verdict){
            IRSA_HTTP_TLS,
            irsa_format("TLS failed: no CA certificates can be read from %s", unreadable)};
    irsa_autofree char *words = own_words(transfer, code);
    return (struct verdict){IRSA_HTTP_TLS, irsa_format("TLS failed: %s", words)};
}

static struct verdict verdict_of(const struct irsa_transfer *transfer, CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
        return (struct verdict){IRSA_HTTP_DNS, irsa_strdup("the host name is not known (DNS)")};
    case CURLE_COULDNT_RESOLVE_PROXY:
        return proxy_unknown(transfer);
    case CURLE_COULDNT_CONNECT:
        return not_connected(transfer);
    case CURLE_PROXY:
        return (struct verdict){IRSA_HTTP_PROXY, own_words(transfer, code)};
    case CURLE_OPERATION_TIMEDOUT:
        return timed_out(transfer);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_USE_SSL_FAILED:
        return tls_failed(transfer, code);
    case CURLE_PARTIAL_FILE:
        return (struct verdict){IRSA_HTTP_CUT_OFF,
                                irsa_format("the answer was cut off after %zu bytes",
                                            transfer->exchange->response.body.len)};
    case CURLE_WRITE_ERROR:
    case CURLE_FILESIZE_EXCEEDED:
        return too_large(transfer);
    case CURLE_UNSUPPORTED_PROTOCOL: /* so libcurl says of HTTP/0.9 */
    case CURLE_WEIRD_SERVER_REPLY:
        return (struct verdict){IRSA_HTTP_NOT_HTTP, irsa_strdup("what answers there is not HTTP")};
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
        return lost(transfer, code);
    default:
        return (struct verdict){IRSA_HTTP_RESET, own_words(transfer, code)};
    }
}

static void set_failure(struct irsa_transfer *transfer, struct verdict verdict)
{
    struct irsa_exchange *exchange = transfer->exchange;
    const enum irsa_error_kind kind =
        verdict.failure == IRSA_HTTP_TOO_LARGE ? IRSA_E_LIMIT : IRSA_E_NET;
    const char *id = irsa_http_request_id(&exchange->response);
    irsa_auto_buf more = {0};
    if (exchange->response.status != 0)
        irsa_buf_addf(&more, "HTTP %ld", exchange->response.status);
    if (id)
        irsa_buf_addf(&more, "%srequest id %s", more.len ? ", " : "", id);
    if (exchange->attempts > 1)
        irsa_buf_addf(&more, "%sattempt %u", more.len ? ", " : "", exchange->attempts);
    exchange->failure = verdict.failure;
    (void)irsa_fail(&exchange->error, kind, "%s: %s: %s%s%s%s", exchange->request.label,
                    transfer->host, verdict.text, more.len ? " (" : "", irsa_buf_str(&more),
                    more.len ? ")" : "");
    free(verdict.text);
    struct irsa_buf *body = &exchange->response.body;
    if (body->data)
        explicit_bzero(body->data, body->len);
    irsa_buf_done(body);
}

static void read_progress(struct irsa_transfer *transfer)
{
    curl_off_t sent_from = 0;
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE,
                            &transfer->exchange->response.status);
    /* The time at which the connection, with TLS and through proxies, stood ready to send. */
    (void)curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME_T, &sent_from);
    transfer->exchange->may_have_arrived = sent_from > 0;
}

void irsa_transfer_end(struct irsa_transfer *transfer, CURLcode code)
{
    read_progress(transfer);
    if (code == CURLE_OK)
        return;
    set_failure(transfer, transfer->too_large ? too_large(transfer) : verdict_of(transfer, code));
}

void irsa_transfer_interrupt(struct irsa_transfer *transfer)
{
    read_progress(transfer);
    set_failure(transfer, (struct verdict){IRSA_HTTP_INTERRUPTED, irsa_strdup("interrupted")});
}
