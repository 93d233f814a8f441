/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/kube.h"

#include "kube/kube.h"

#include <time.h>

/* A page of 500 objects of half a megabyte. */
#define MAX_BODY ((size_t)256 << 20)
#define MAX_ATTEMPTS 5
/* Who was not answered in time twice would not be by waiting three times as long. */
#define MAX_TIMEOUTS 2

void irsa_kube_call_done(struct irsa_kube_call *call)
{
    json_decref(call->answer);
    irsa_error_free(call->error);
    irsa_buf_done(&call->body_kept);
    call->answer = NULL;
    call->error = NULL;
    call->status = 0;
}

struct flight {
    struct irsa_kube *kube;
    struct irsa_kube_call *call;
    char *label;
    char *url;
    struct irsa_buf body;
    struct irsa_exchange exchange;
};

static bool is_read(const struct irsa_kube_call *call)
{
    return strcmp(call->method, "GET") == 0;
}

static void set_headers(struct flight *flight)
{
    struct irsa_http_request *request = &flight->exchange.request;
    const struct irsa_kube_call *call = flight->call;
    irsa_http_request_header(request, "Accept", call->accept ? call->accept : "application/json");
    if (call->body)
        irsa_http_request_header(request, "Content-Type",
                                 call->content_type ? call->content_type : "application/json");
    if (flight->kube->plain_http)
        return;
    for (size_t i = 0; i < flight->kube->impersonation.len; i++)
        irsa_strings_add(&request->headers, flight->kube->impersonation.items[i]);
}

static void open_flight(struct flight *flight, struct irsa_kube *kube, struct irsa_kube_call *call)
{
    struct irsa_http_request *request = &flight->exchange.request;
    flight->kube = kube;
    flight->call = call;
    flight->label = irsa_format("%s %s", call->verb, call->resource);
    flight->url = irsa_format("%s%s", kube->server, call->path);
    if (call->body)
        irsa_json_write_compact(call->body, &flight->body);
    flight->exchange.context = flight;
    *request = (struct irsa_http_request){
        .label = flight->label,
        .method = call->method,
        .url = flight->url,
        .body = call->body ? irsa_buf_str(&flight->body) : NULL,
        .body_len = flight->body.len,
        .plain_http = kube->plain_http,
        .proxy = kube->proxy,
        .tls = &kube->tls,
        .share = is_read(call),
        .once = !is_read(call),
        .max_body = MAX_BODY,
        .total_ms = kube->timeout_ms,
    };
    set_headers(flight);
}

static void close_flight(struct flight *flight)
{
    irsa_exchange_done(&flight->exchange);
    irsa_buf_done(&flight->body);
    free(flight->label);
    free(flight->url);
}

/* Before every attempt: the token may have ended while a retry was waited for. */
static int prepare(struct irsa_exchange *exchange, int64_t now, struct irsa_error **reterr)
{
    struct flight *flight = exchange->context;
    struct irsa_kube *kube = flight->kube;
    (void)now; /* the server's; expiry goes by the clock of who made it */
    if (irsa_kube_log_in(kube, (int64_t)time(NULL), reterr) != 0)
        return irsa_wrap(reterr, "%s: getting credentials", flight->label);
    kube->tls = (struct irsa_http_tls){
        .ca = kube->ca,
        .certificate = kube->certificate,
        .key = &kube->key,
        .server_name = kube->server_name,
        .insecure = kube->insecure,
    };
    if (kube->authorization.len > 0 && !kube->plain_http)
        irsa_http_request_secret(&exchange->request, "Authorization",
                                 irsa_secret_expose(&kube->authorization));
    return 0;
}

/* 429 says that nothing was done (priority and fairness); of a write nothing else is known enough
 * to send it twice. */
static enum irsa_retry judge(const struct irsa_exchange *exchange)
{
    const struct flight *flight = exchange->context;
    if (exchange->failure == IRSA_HTTP_TIMEOUT && exchange->attempts >= MAX_TIMEOUTS)
        return IRSA_RETRY_NO;
    if (is_read(flight->call) || exchange->error)
        return irsa_http_judge(exchange);
    return exchange->response.status == 429 ? IRSA_RETRY_THROTTLED : IRSA_RETRY_NO;
}

static void send_all(struct irsa_kube *kube, struct flight *flights, size_t count)
{
    const struct irsa_retry_policy policy = {
        .max_attempts = MAX_ATTEMPTS,
        .state = &kube->retry,
        .prepare = prepare,
        .judge = judge,
        .interrupted = kube->interrupted,
    };
    struct irsa_exchange **exchanges = irsa_calloc(count + 1, sizeof(*exchanges));
    for (size_t i = 0; i < count; i++)
        exchanges[i] = &flights[i].exchange;
    irsa_http_run(kube->transport, &policy, exchanges, count);
    free(exchanges);
}

/* Those that were refused for their log-in: a 401 is answered before anything is done. */
static void send_refused(struct irsa_kube *kube, struct flight *flights, size_t count)
{
    struct flight *refused = irsa_calloc(count + 1, sizeof(*refused));
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        const struct irsa_exchange *exchange = &flights[i].exchange;
        if (!exchange->error && exchange->response.status == 401)
            open_flight(&refused[len++], kube, flights[i].call);
    }
    if (len > 0 && irsa_kube_log_in_again(kube)) {
        send_all(kube, refused, len);
        for (size_t i = 0, at = 0; i < count && at < len; i++) {
            if (flights[i].call != refused[at].call)
                continue;
            struct flight old = flights[i];
            flights[i] = refused[at];
            flights[i].exchange.context = &flights[i];
            refused[at++] = old;
        }
    }
    for (size_t i = 0; i < len; i++)
        close_flight(&refused[i]);
    free(refused);
}

void irsa_kube_run(struct irsa_kube *kube, struct irsa_kube_call *const *calls, size_t count)
{
    struct flight *flights = irsa_calloc(count + 1, sizeof(*flights));
    for (size_t i = 0; i < count; i++) {
        irsa_kube_call_done(calls[i]);
        open_flight(&flights[i], kube, calls[i]);
    }
    send_all(kube, flights, count);
    send_refused(kube, flights, count);
    for (size_t i = 0; i < count; i++) {
        irsa_kube_take_answer(kube, &flights[i].exchange, calls[i]);
        close_flight(&flights[i]);
    }
    free(flights);
}
