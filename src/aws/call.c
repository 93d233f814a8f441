/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/aws.h"

#include "aws/call.h"
#include "aws/endpoint.h"
#include "aws/unreached.h"

void irsa_aws_call_done(struct irsa_aws_call *call)
{
    json_decref(call->parameters);
    json_decref(call->answer);
    irsa_error_free(call->error);
    free(call->code);
    *call = (struct irsa_aws_call){0};
}

bool irsa_aws_failed_with(const struct irsa_aws_call *call, const char *code)
{
    return call->code && strcmp(call->code, code) == 0;
}

/* --- one call under way ----------------------------------------------------------------------- */

struct flight {
    struct irsa_aws_call *call;
    const struct irsa_aws_spec *spec;
    const struct irsa_aws_endpoint *endpoint; /* NULL: it failed before it was sent */
    json_t *parameters;                       /* those of the page that is next */
    struct irsa_aws_wire wire;
    struct irsa_exchange exchange;
    bool done;
};

static void flight_done(struct flight *flight)
{
    json_decref(flight->parameters);
    irsa_aws_wire_done(&flight->wire);
    irsa_exchange_done(&flight->exchange);
}

static int prepare(struct irsa_exchange *exchange, int64_t now, struct irsa_error **reterr)
{
    const struct flight *flight = exchange->context;
    return irsa_aws_sign(flight->call->aws, flight->endpoint, &exchange->request, now, reterr);
}

static bool is_one_of(const char *code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(code, codes[i]) == 0)
            return true;
    }
    return false;
}

/* The lists of botocore's retryhandler in standard mode
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html). */
static enum irsa_retry judge_code(const char *code)
{
    static const char *const throttled[] = {"Throttling",
                                            "ThrottlingException",
                                            "ThrottledException",
                                            "RequestThrottled",
                                            "RequestThrottledException",
                                            "TooManyRequestsException",
                                            "RequestLimitExceeded",
                                            "BandwidthLimitExceeded",
                                            "LimitExceededException",
                                            "SlowDown",
                                            "PriorRequestNotComplete"};
    static const char *const transient[] = {"RequestTimeout", "RequestTimeoutException",
                                            "IDPCommunicationError"};
    static const char *const skewed[] = {"RequestTimeTooSkewed",  "RequestExpired",
                                         "SignatureDoesNotMatch", "InvalidSignatureException",
                                         "RequestInTheFuture",    "AuthFailure"};
    if (is_one_of(code, throttled, IRSA_COUNT(throttled)))
        return IRSA_RETRY_THROTTLED;
    if (is_one_of(code, transient, IRSA_COUNT(transient)))
        return IRSA_RETRY_TRANSIENT;
    if (is_one_of(code, skewed, IRSA_COUNT(skewed)))
        return IRSA_RETRY_CLOCK_SKEW;
    return IRSA_RETRY_NO;
}

/* A write that was not repeatable is sent again only where it can't have been carried out. */
static enum irsa_retry judge(const struct irsa_exchange *exchange)
{
    const struct flight *flight = exchange->context;
    if (exchange->error) {
        bool passing = exchange->failure == IRSA_HTTP_CONNECT || exchange->failure == IRSA_HTTP_DNS
                       || exchange->failure == IRSA_HTTP_TIMEOUT
                       || exchange->failure == IRSA_HTTP_RESET
                       || exchange->failure == IRSA_HTTP_CUT_OFF;
        bool harmless = flight->spec->repeatable || !exchange->may_have_arrived;
        return passing && harmless ? IRSA_RETRY_TRANSIENT : IRSA_RETRY_NO;
    }
    const long status = exchange->response.status;
    if (status < 300)
        return IRSA_RETRY_NO;
    irsa_auto_aws_reply reply = {0};
    irsa_auto_error error = NULL;
    if (irsa_aws_reply_read(flight->spec, flight->exchange.request.label, &exchange->response,
                            &reply, &error)
            == 0
        && reply.code) {
        enum irsa_retry retry = judge_code(reply.code);
        if (retry != IRSA_RETRY_NO)
            return retry;
    }
    if (status == 429)
        return IRSA_RETRY_THROTTLED;
    bool server = status == 500 || status == 502 || status == 503 || status == 504;
    return server && (flight->spec->repeatable || status == 503) ? IRSA_RETRY_TRANSIENT
                                                                 : IRSA_RETRY_NO;
}

/* --- stages ----------------------------------------------------------------------------------- */

static void fail_flight(struct flight *flight, struct irsa_error *error)
{
    flight->call->error = error;
    json_decref(irsa_steal(&flight->call->answer));
    flight->done = true;
}

static void open_flight(struct flight *flight, struct irsa_aws_call *call)
{
    flight->call = call;
    flight->spec = irsa_aws_spec(call->operation);
    flight->parameters = call->parameters ? json_copy(call->parameters) : json_object();
    flight->exchange.context = flight;
    struct irsa_error *error = NULL;
    if (irsa_aws_service_endpoint(call->aws, flight->spec->service, &flight->endpoint, &error) != 0)
        fail_flight(flight, error);
}

static void load(struct flight *flight)
{
    struct irsa_http_request *request = &flight->exchange.request;
    irsa_autofree char *url = irsa_strdup(flight->endpoint->url);
    for (size_t len = strlen(url); len > 0 && url[len - 1] == '/'; len--)
        url[len - 1] = '\0';
    irsa_error_free(irsa_steal(&flight->exchange.error));
    irsa_http_response_done(&flight->exchange.response);
    flight->exchange.attempts = 0;
    flight->exchange.may_have_arrived = false;
    irsa_aws_request(flight->spec, irsa_aws_label(flight->call->operation), url, flight->parameters,
                     &flight->wire, request);
    request->plain_http = flight->endpoint->plain_http;
    request->total_ms = irsa_aws_timeout(flight->call->aws);
}

/* "sts.eu-west-1.amazonaws.com" of the endpoint's URL; the caller's. */
static char *host_of(const struct irsa_aws_endpoint *endpoint)
{
    const char *start = strstr(endpoint->url, "://");
    start = start ? start + 3 : endpoint->url;
    return irsa_strndup(start, strcspn(start, "/"));
}

static void add_echo(const struct flight *flight)
{
    const char *echo = flight->spec->echo;
    json_t *value = echo ? json_object_get(flight->call->parameters, echo) : NULL;
    if (value && !json_object_get(flight->call->answer, echo))
        json_object_set(flight->call->answer, echo, value);
}

/* A page of a good answer. */
static void take_page(struct flight *flight, json_t *page)
{
    struct irsa_error *error = NULL;
    flight->done = !irsa_aws_next_page(flight->spec, page, flight->parameters);
    if (flight->call->take_page) {
        if (!flight->call->answer)
            flight->call->answer = json_object();
        if (flight->call->take_page(flight->call->context, page, &error) != 0)
            fail_flight(flight, error);
        return;
    }
    if (flight->call->answer)
        irsa_aws_result_append(flight->call->answer, page);
    else
        flight->call->answer = json_incref(page);
    if (flight->done)
        add_echo(flight);
}

static void land(struct flight *flight)
{
    struct irsa_exchange *exchange = &flight->exchange;
    struct irsa_error *error = NULL;
    irsa_autofree char *host = host_of(flight->endpoint);
    const char *id = irsa_http_request_id(&exchange->response);
    irsa_autofree char *what = irsa_format("%s at %s%s%s%s", exchange->request.label, host,
                                           id ? " (request id " : "", id ? id : "", id ? ")" : "");
    irsa_auto_aws_reply reply = {0};
    if (exchange->error) {
        flight->call->maybe_done = flight->spec->writes && exchange->may_have_arrived;
        (void)irsa_aws_unreached(exchange, &error);
        fail_flight(flight, error);
        return;
    }
    int r = irsa_aws_reply_read(flight->spec, what, &exchange->response, &reply, &error);
    /* What was said is in the reply; a page of a listing may be a megabyte of text. */
    irsa_buf_done(&exchange->response.body);
    if (r != 0) {
        flight->call->maybe_done = flight->spec->writes;
        (void)irsa_hint(&error, "something between here and AWS may have answered in its place (a "
                                "proxy, a captive portal, a wrong endpoint)");
        fail_flight(flight, error);
        return;
    }
    if (reply.result) {
        take_page(flight, reply.result);
        return;
    }
    const struct irsa_aws_place place = {
        .label = exchange->request.label, .host = host, .region = flight->endpoint->signing_region};
    (void)irsa_aws_refusal_fail(&place, exchange->response.status, &reply, &error);
    flight->call->maybe_done = flight->spec->writes && exchange->response.status >= 500;
    flight->call->code = irsa_steal(&reply.code);
    fail_flight(flight, error);
}

/* One page of each that is not done yet, all at once; false where none is left. One identity a run:
 * the clock's skew and the quota of retries are a server's, and all share the transport. */
static bool run_round(struct flight *flights, size_t count)
{
    struct irsa_exchange **exchanges = irsa_calloc(count + 1, sizeof(struct irsa_exchange *));
    struct irsa_retry_policy policy = {.prepare = prepare, .judge = judge};
    struct irsa_aws *aws = NULL;
    size_t under_way = 0;
    for (size_t i = 0; i < count; i++) {
        if (flights[i].done)
            continue;
        load(&flights[i]);
        exchanges[under_way++] = &flights[i].exchange;
        aws = flights[i].call->aws;
    }
    if (under_way > 0) {
        irsa_aws_retry_policy(aws, &policy);
        irsa_http_run(irsa_aws_transport(aws), &policy, exchanges, under_way);
    }
    for (size_t i = 0; i < count; i++) {
        if (!flights[i].done)
            land(&flights[i]);
    }
    free(exchanges);
    return under_way > 0;
}

void irsa_aws_call_all(struct irsa_aws_call *const *calls, size_t count)
{
    struct flight *flights = irsa_calloc(count + 1, sizeof(*flights));
    for (size_t i = 0; i < count; i++)
        open_flight(&flights[i], calls[i]);
    while (run_round(flights, count))
        ;
    for (size_t i = 0; i < count; i++)
        flight_done(&flights[i]);
    free(flights);
}
