/* SPDX-License-Identifier: Apache-2.0 */
/* AssumeRoleWithWebIdentity with a token at hand, to see whether STS takes it
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html). */
#include "aws/call.h"
#include "aws/credentials_source.h"
#include "aws/xml.h"

#define ACTION "AssumeRoleWithWebIdentity"
#define LABEL "sts:" ACTION
#define VERSION "2011-06-15"
/* "The value can range from 900 seconds (15 minutes) up to the maximum session duration setting for
 * the role." */
#define SECONDS "900"
#define ANSWER_MAX ((size_t)1 << 20)

void irsa_aws_web_identity_done(struct irsa_aws_web_identity *call)
{
    irsa_aws_free(call->identity);
    free(call->assumed_arn);
    free(call->provider);
    free(call->code);
    free(call->message);
    free(call->request_id);
    free(call->host);
    irsa_error_free(call->error);
    *call = (struct irsa_aws_web_identity){
        .role_arn = call->role_arn, .session_name = call->session_name, .token = call->token};
}

struct flight {
    struct irsa_aws_web_identity *call;
    char *url;
    struct irsa_buf body;
    struct irsa_exchange exchange;
};

static void add_form(const char *name, const char *value, struct irsa_buf *body)
{
    irsa_buf_addf(body, "&%s=", name);
    irsa_url_encode(value, strlen(value), body);
}

/* Room for all of it at once: growing would leave pieces of the token behind. */
static void write_body(const struct irsa_aws_web_identity *call, struct irsa_buf *body)
{
    body->cap = 3 * (strlen(call->role_arn) + strlen(call->session_name) + call->token->len) + 512;
    body->data = irsa_calloc(body->cap, 1);
    irsa_buf_adds(body, "Action=" ACTION "&Version=" VERSION "&DurationSeconds=" SECONDS);
    add_form("RoleArn", call->role_arn, body);
    add_form("RoleSessionName", call->session_name, body);
    add_form("WebIdentityToken", irsa_secret_expose(call->token), body);
}

static void open_flight(struct flight *flight, struct irsa_aws_web_identity *call,
                        struct irsa_aws *home, const struct irsa_aws_endpoint *endpoint)
{
    const char *begin = strstr(endpoint->url, "://");
    begin = begin ? begin + 3 : endpoint->url;
    size_t len = strlen(endpoint->url);
    len -= len > 0 && endpoint->url[len - 1] == '/';
    irsa_aws_web_identity_done(call);
    call->host = irsa_strndup(begin, strcspn(begin, "/"));
    flight->call = call;
    flight->url = irsa_format("%.*s/", (int)len, endpoint->url);
    write_body(call, &flight->body);
    flight->exchange.context = flight;
    flight->exchange.request = (struct irsa_http_request){
        .label = LABEL,
        .method = "POST",
        .url = flight->url,
        .body = flight->body.data,
        .body_len = flight->body.len,
        .plain_http = endpoint->plain_http,
        .max_body = ANSWER_MAX,
        .total_ms = irsa_aws_timeout(home),
    };
    irsa_http_request_header(&flight->exchange.request, "Content-Type",
                             "application/x-www-form-urlencoded; charset=utf-8");
}

static void close_flight(struct flight *flight)
{
    irsa_exchange_done(&flight->exchange);
    irsa_aws_wipe_buf(&flight->body);
    free(flight->url);
}

static bool read_answer(const struct irsa_exchange *exchange, struct irsa_aws_answer *ret)
{
    const struct irsa_buf *body = &exchange->response.body;
    irsa_auto_error ignored = NULL;
    return irsa_aws_answer_read(LABEL, ACTION, irsa_buf_str(body), body->len, ret, &ignored) == 0;
}

/* It leaves nothing behind but credentials, so it may be sent again; IDPCommunicationError is
 * "often a transient error". */
static enum irsa_retry judge(const struct irsa_exchange *exchange)
{
    long status = exchange->response.status;
    enum irsa_retry verdict = irsa_http_judge(exchange);
    if (verdict != IRSA_RETRY_NO || exchange->error || status == 200)
        return verdict;
    if (status >= 500)
        return IRSA_RETRY_TRANSIENT;
    irsa_auto_aws_answer answer = {0};
    if (!read_answer(exchange, &answer) || !answer.code)
        return IRSA_RETRY_NO;
    if (strstr(answer.code, "Throttl") || strcmp(answer.code, "RequestLimitExceeded") == 0)
        return IRSA_RETRY_THROTTLED;
    return strcmp(answer.code, "IDPCommunicationError") == 0 ? IRSA_RETRY_TRANSIENT : IRSA_RETRY_NO;
}

static char *copy_at(const json_t *result, const char *object, const char *key)
{
    const char *text =
        object ? irsa_json_string(result, object, key, NULL) : irsa_json_string(result, key, NULL);
    return text ? irsa_strdup(text) : NULL;
}

static void take_refusal(struct irsa_aws_web_identity *call, struct irsa_aws_answer *answer,
                         const struct irsa_aws *home, long status)
{
    const struct irsa_aws_place place = {
        .label = LABEL, .host = call->host, .region = irsa_aws_region(home)};
    struct irsa_aws_reply reply = {
        .code = answer->code, .message = answer->message, .request_id = answer->request_id};
    (void)irsa_aws_refusal_fail(&place, status, &reply, &call->error);
    const char *message = answer->message;
    call->code = irsa_strdup(answer->code);
    call->message = message ? irsa_strndup(message, strcspn(message, "\r\n")) : NULL;
    call->request_id = irsa_steal(&answer->request_id);
}

static void take_answer(struct flight *flight, struct irsa_aws *home)
{
    struct irsa_aws_web_identity *call = flight->call;
    struct irsa_exchange *exchange = &flight->exchange;
    irsa_auto_aws_answer answer = {0};
    irsa_auto_aws_credentials credentials = {0};
    const char *missing = NULL;
    if (exchange->error) {
        call->error = irsa_steal(&exchange->error);
        return;
    }
    if (!read_answer(exchange, &answer)) {
        (void)irsa_fail(&call->error, IRSA_E_NET, LABEL " at %s: HTTP %ld, and no answer of STS",
                        call->host, exchange->response.status);
        (void)irsa_hint(&call->error, "something between here and AWS may have answered in its "
                                      "place (a proxy, a captive portal, a wrong endpoint)");
        return;
    }
    if (answer.code) {
        take_refusal(call, &answer, home, exchange->response.status);
        return;
    }
    if (!irsa_aws_credentials_of_json(json_object_get(answer.result, "Credentials"), "SessionToken",
                                      /* is_temporary= */ true, &credentials, &missing)) {
        (void)irsa_fail(&call->error, IRSA_E_NET, LABEL " at %s: no usable %s in the answer",
                        call->host, missing ? missing : "credentials");
        return;
    }
    call->assumed_arn = copy_at(answer.result, "AssumedRoleUser", "Arn");
    call->provider = copy_at(answer.result, NULL, "Provider");
    call->identity = irsa_aws_with_credentials(home, &credentials);
}

void irsa_aws_web_identity_all(struct irsa_aws *home, struct irsa_aws_web_identity *const *calls,
                               size_t count)
{
    const struct irsa_aws_endpoint *endpoint = NULL;
    struct irsa_error *error = NULL;
    if (irsa_aws_service_endpoint(home, "sts", &endpoint, &error) != 0) {
        for (size_t i = 0; i < count; i++)
            (void)irsa_fail(&calls[i]->error, irsa_error_kind(error), "%s",
                            irsa_error_message(error));
        irsa_error_free(error);
        return;
    }
    struct flight *flights = irsa_calloc(count + 1, sizeof(*flights));
    struct irsa_exchange **exchanges = irsa_calloc(count + 1, sizeof(*exchanges));
    for (size_t i = 0; i < count; i++) {
        open_flight(&flights[i], calls[i], home, endpoint);
        exchanges[i] = &flights[i].exchange;
    }
    struct irsa_retry_policy policy = {.judge = judge};
    irsa_aws_retry_policy(home, &policy);
    irsa_http_run(irsa_aws_transport(home), &policy, exchanges, count);
    for (size_t i = 0; i < count; i++) {
        take_answer(&flights[i], home);
        close_flight(&flights[i]);
    }
    free(exchanges);
    free(flights);
}
