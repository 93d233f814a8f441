/* SPDX-License-Identifier: Apache-2.0 */
/* A request as options of libcurl: https://curl.se/libcurl/c/curl_easy_setopt.html */
#include "net/transfer.h"

#include <strings.h>

/* All of an answer's header lines together; those of AWS and Kubernetes are under 4 KiB. */
#define MAX_HEADER_BYTES ((size_t)256 << 10)

static size_t limit_of(const struct irsa_http_request *request)
{
    return request->max_body ? request->max_body : IRSA_HTTP_MAX_BODY;
}

/* Grows without leaving a copy behind: an answer of STS holds keys. */
static void reserve_body(struct irsa_buf *body, size_t need)
{
    if (need < body->cap)
        return;
    size_t cap = body->cap ? body->cap : 4096;
    while (cap <= need)
        cap *= 2;
    char *data = irsa_calloc(1, cap);
    if (body->data) {
        memcpy(data, body->data, body->len);
        explicit_bzero(body->data, body->len);
        free(body->data);
    }
    body->data = data;
    body->cap = cap;
}

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct irsa_transfer *transfer = context;
    struct irsa_buf *body = &transfer->exchange->response.body;
    const size_t len = size * count;
    if (len > limit_of(&transfer->exchange->request) - body->len) {
        transfer->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    reserve_body(body, body->len + len);
    irsa_buf_add(body, data, len);
    return len;
}

/* "Name: value\r\n" with the name in lower case. */
static void add_header(struct irsa_strings *headers, const char *data, size_t len)
{
    const char *colon = memchr(data, ':', len);
    if (!colon)
        return;
    while (len > 0 && strchr("\r\n \t", data[len - 1]))
        len--;
    char *line = irsa_strndup(data, len);
    for (char *p = line; *p && *p != ':'; p++) {
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p | 0x20);
    }
    irsa_strings_take(headers, line);
}

static size_t take_header(char *data, size_t size, size_t count, void *context)
{
    struct irsa_transfer *transfer = context;
    struct irsa_http_response *response = &transfer->exchange->response;
    const size_t len = size * count;
    if (len > MAX_HEADER_BYTES - transfer->header_bytes) {
        transfer->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    transfer->header_bytes += len;
    if (len > 5 && memcmp(data, "HTTP/", 5) == 0)
        irsa_strings_done(&response->headers); /* those before were of a 1xx answer */
    else
        add_header(&response->headers, data, len);
    return len;
}

static int refuse(struct irsa_transfer *transfer, const char *why)
{
    struct irsa_exchange *exchange = transfer->exchange;
    exchange->failure = IRSA_HTTP_REFUSED;
    return irsa_fail(&exchange->error, IRSA_E_PARSE, "%s: %s%s%s", exchange->request.label,
                     transfer->host ? transfer->host : "", transfer->host ? ": " : "", why);
}

static void curl_freep(char **p)
{
    curl_free(*p);
}
#define auto_curl_string IRSA_CLEANUP(curl_freep) char *

static void curl_url_freep(CURLU **p)
{
    curl_url_cleanup(*p);
}

/* Host for messages, and whether the scheme is one that is allowed. */
static int check_url(struct irsa_transfer *transfer)
{
    const struct irsa_http_request *request = &transfer->exchange->request;
    IRSA_CLEANUP(curl_url_freep) CURLU *url = curl_url();
    auto_curl_string scheme = NULL;
    auto_curl_string host = NULL;
    auto_curl_string port = NULL;
    if (!url || curl_url_set(url, CURLUPART_URL, request->url, CURLU_PATH_AS_IS) != CURLUE_OK
        || curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK
        || curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return refuse(transfer, "the address is not an absolute URL");
    const bool has_port =
        curl_url_get(url, CURLUPART_PORT, &port, CURLU_NO_DEFAULT_PORT) == CURLUE_OK;
    transfer->host = irsa_format("%s%s%s", host, has_port ? ":" : "", has_port ? port : "");
    if (strcmp(scheme, "https") == 0)
        return 0;
    if (strcmp(scheme, "http") != 0)
        return refuse(transfer, "only https is spoken here");
    return request->plain_http ? 0 : refuse(transfer, "http is not allowed here, https is needed");
}

/* libcurl takes "Name:" for leaving the header out, and "Name;" for an empty one. */
static int add_line(struct irsa_transfer *transfer, const char *line)
{
    const char *colon = strchr(line, ':');
    if (!colon || colon == line || strpbrk(line, "\r\n"))
        return refuse(transfer, "a header of the request has no name or holds a line break");
    const char *value = colon + 1 + strspn(colon + 1, " \t");
    irsa_autofree char *empty = *value ? NULL : irsa_format("%.*s;", (int)(colon - line), line);
    struct curl_slist *longer = curl_slist_append(transfer->headers, empty ? empty : line);
    if (!longer)
        abort();
    transfer->headers = longer;
    return 0;
}

/* The URL that libcurl gets names another host: what the server sees stays what it was. */
static int add_host(struct irsa_transfer *transfer)
{
    irsa_autofree char *line = irsa_format("Host: %s", transfer->host);
    return add_line(transfer, line);
}

static int add_headers(struct irsa_transfer *transfer)
{
    const struct irsa_http_request *request = &transfer->exchange->request;
    bool has_type = false;
    for (size_t i = 0; i < request->headers.len; i++) {
        has_type = has_type || strncasecmp(request->headers.items[i], "content-type:", 13) == 0;
        if (add_line(transfer, request->headers.items[i]) != 0)
            return -1;
    }
    for (size_t i = 0; i < request->secret_count; i++) {
        if (add_line(transfer, irsa_secret_expose(&request->secrets[i])) != 0)
            return -1;
    }
    /* What libcurl would add by itself to a body: its type as a form, and a question beforehand. */
    static const char *const unwanted[] = {"Expect:", "Content-Type:"};
    for (size_t i = 0; i < (has_type ? 1 : 2); i++) {
        struct curl_slist *longer = curl_slist_append(transfer->headers, unwanted[i]);
        if (!longer)
            abort();
        transfer->headers = longer;
    }
    return 0;
}

static void set_method(CURL *easy, const struct irsa_http_request *request)
{
    if (strcmp(request->method, "HEAD") == 0) {
        (void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
        return;
    }
    const bool has_body = request->body_len > 0 || strcmp(request->method, "POST") == 0
                          || strcmp(request->method, "PUT") == 0
                          || strcmp(request->method, "PATCH") == 0;
    if (has_body) {
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        (void)curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body ? request->body : "");
    }
    if (strcmp(request->method, has_body ? "POST" : "GET") != 0)
        (void)curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
}

static void set_security(CURL *easy, const struct irsa_http_request *request,
                         struct irsa_trust *trust)
{
    const char *protocols = request->plain_http ? "http,https" : "https";
    (void)curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, protocols);
    (void)curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* a signature holds for one URL */
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PROXY_SSL_VERIFYHOST, 2L);
    if (!request->tls)
        irsa_trust_use(trust, easy, strncasecmp(request->url, "https:", 6) == 0);
    /* Else HTTPS_PROXY, ALL_PROXY, NO_PROXY: https://curl.se/libcurl/c/libcurl-env.html */
    if (request->no_proxy)
        (void)curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    if (request->tls)
        irsa_transfer_tls(easy, request->tls);
    if (request->proxy) {
        (void)curl_easy_setopt(easy, CURLOPT_PROXY, request->proxy);
        (void)curl_easy_setopt(easy, CURLOPT_NOPROXY, ""); /* else NO_PROXY would still hold */
    }
}

static void set_bounds(CURL *easy, const struct irsa_http_request *request)
{
    const long connect_ms = request->connect_ms ? request->connect_ms : IRSA_HTTP_CONNECT_MS;
    const long total_ms = request->total_ms ? request->total_ms : IRSA_HTTP_TOTAL_MS;
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, total_ms);
    (void)curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)limit_of(request));
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a slow resolver holds nobody up */
    (void)curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, request->once ? 1L : 0L);
    (void)curl_easy_setopt(easy, CURLOPT_PIPEWAIT, request->share ? 1L : 0L);
}

void irsa_transfer_begin(struct irsa_transfer *transfer, struct irsa_trust *trust)
{
    struct irsa_exchange *exchange = transfer->exchange;
    const struct irsa_http_request *request = &exchange->request;
    transfer->trust = trust;
    irsa_http_response_done(&exchange->response);
    irsa_error_free(irsa_steal(&exchange->error));
    exchange->failure = IRSA_HTTP_ANSWERED;
    exchange->may_have_arrived = false;
    if (check_url(transfer) != 0 || add_headers(transfer) != 0)
        return;
    if (request->tls && request->tls->server_name && add_host(transfer) != 0)
        return;
    CURL *easy = curl_easy_init();
    if (!easy)
        abort(); /* out of memory: nothing else makes it fail */
    transfer->easy = easy;
    (void)curl_easy_setopt(easy, CURLOPT_URL, request->url);
    if (request->tls && request->tls->server_name)
        irsa_transfer_rename(transfer);
    (void)curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* what was signed is what is sent */
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "irsa-fix/" IRSA_FIX_VERSION);
    (void)curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    (void)curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->reason);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    set_method(easy, request);
    set_security(easy, request, trust);
    set_bounds(easy, request);
}

void irsa_transfer_done(struct irsa_transfer *transfer)
{
    curl_easy_cleanup(transfer->easy);
    for (struct curl_slist *line = transfer->headers; line; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    curl_slist_free_all(transfer->headers);
    curl_slist_free_all(transfer->connect);
    free(transfer->host);
}
