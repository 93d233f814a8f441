/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of STS that give credentials
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html,
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html). */
#include "aws/credentials_source.h"

#include "aws/sigv4.h"
#include "aws/unreached.h"
#include "aws/xml.h"

#define VERSION "2011-06-15"
#define ANSWER_MAX ((size_t)1 << 20)

/* What prepare needs of the caller. */
struct signing {
    const struct irsa_aws_credentials *signer;
    const struct irsa_aws_endpoint *endpoint;
    const char *action;
};

static int sign(struct irsa_exchange *exchange, int64_t now, struct irsa_error **reterr)
{
    const struct signing *signing = exchange->context;
    const struct irsa_sigv4_keys keys = {
        .access_key_id = &signing->signer->access_key_id,
        .secret_access_key = &signing->signer->secret_access_key,
        .session_token = &signing->signer->session_token,
    };
    const struct irsa_sigv4_options options = {
        .service = signing->endpoint->signing_name,
        .region = signing->endpoint->signing_region,
        .now = now,
    };
    return irsa_sigv4_sign(&exchange->request, &keys, &options, /* ret_stages= */ NULL, reterr);
}

static bool read_refusal(const struct irsa_exchange *exchange, struct irsa_aws_answer *ret)
{
    const struct signing *signing = exchange->context;
    const struct irsa_buf *body = &exchange->response.body;
    irsa_auto_error ignored = NULL;
    return irsa_aws_answer_read(exchange->request.label, signing->action, irsa_buf_str(body),
                                body->len, ret, &ignored)
               == 0
           && ret->code;
}

static bool is_throttling(const char *code)
{
    return strstr(code, "Throttl") || strcmp(code, "RequestLimitExceeded") == 0
           || strcmp(code, "TooManyRequestsException") == 0;
}

/* These calls leave nothing behind but credentials: each may be sent again. The codes are those of
 * the SDKs' standard mode, and IDPCommunicationError, which botocore retries for web identity. */
static enum irsa_retry judge(const struct irsa_exchange *exchange)
{
    long status = exchange->response.status;
    enum irsa_retry verdict = irsa_http_judge(exchange);
    if (verdict != IRSA_RETRY_NO || status == 200)
        return verdict;
    if (exchange->error)
        return exchange->failure == IRSA_HTTP_RESET || exchange->failure == IRSA_HTTP_TIMEOUT
                       || exchange->failure == IRSA_HTTP_CUT_OFF
                   ? IRSA_RETRY_TRANSIENT
                   : IRSA_RETRY_NO;
    if (status >= 500)
        return IRSA_RETRY_TRANSIENT;
    irsa_auto_aws_answer refusal = {0};
    if (!read_refusal(exchange, &refusal))
        return IRSA_RETRY_NO;
    if (is_throttling(refusal.code))
        return IRSA_RETRY_THROTTLED;
    if (strcmp(refusal.code, "IDPCommunicationError") == 0)
        return IRSA_RETRY_TRANSIENT;
    bool is_skewed = strcmp(refusal.code, "RequestExpired") == 0
                     || strcmp(refusal.code, "RequestTimeTooSkewed") == 0
                     || (strcmp(refusal.code, "SignatureDoesNotMatch") == 0 && refusal.message
                         && strstr(refusal.message, "Signature "));
    return is_skewed ? IRSA_RETRY_CLOCK_SKEW : IRSA_RETRY_NO;
}

static const struct {
    const char *code;
    const char *hint;
} hints[] = {
    {"AccessDenied", "the caller needs sts:AssumeRole on the role, and the role's trust policy has "
                     "to name the caller"},
    {"InvalidClientTokenId", "the access key does not exist (any more), is one of another "
                             "partition, lacks its session token; or the region is not enabled "
                             "for its account"},
    {"SignatureDoesNotMatch", "the secret access key is not the one of this access key, or this "
                              "machine's clock is wrong"},
    {"ExpiredToken", "log in anew for the credentials that assume the role"},
    {"ExpiredTokenException", "the web identity token is past its end: is the file still renewed?"},
    {"InvalidIdentityToken", "the token's issuer has to be registered in IAM, and the token be of "
                             "that issuer"},
    {"RegionDisabledException", "STS is turned off in this region for the account: choose another "
                                "region with --region"},
    {"ValidationError", "check role_arn, duration_seconds and mfa_serial of the profile"},
};

/* What is wrong with the service or with the settings is not wrong with the credentials. */
static enum irsa_error_kind kind_of(const char *code, long status)
{
    if (status >= 500 || status == 429 || is_throttling(code)
        || strcmp(code, "IDPCommunicationError") == 0)
        return IRSA_E_NET;
    return strcmp(code, "ValidationError") == 0 ? IRSA_E_PARSE : IRSA_E_AUTH;
}

static int fail_refused(const struct irsa_exchange *exchange, const char *host,
                        struct irsa_aws_answer *refusal, struct irsa_error **reterr)
{
    const char *id = refusal->request_id;
    if (!id)
        id = irsa_http_request_id(&exchange->response);
    (void)irsa_fail(reterr, kind_of(refusal->code, exchange->response.status),
                    "%s at %s: %s%s%.400s%s%s%s", exchange->request.label, host, refusal->code,
                    refusal->message ? ": " : "", refusal->message ? refusal->message : "",
                    id ? " (request " : "", id ? id : "", id ? ")" : "");
    for (size_t i = 0; i < IRSA_COUNT(hints); i++) {
        if (strcmp(hints[i].code, refusal->code) == 0)
            return irsa_hint(reterr, "%s", hints[i].hint);
    }
    return -1;
}

/* <Credentials> with AccessKeyId, SecretAccessKey, SessionToken, Expiration. */
static int read_answer(const struct irsa_exchange *exchange, const char *host,
                       struct irsa_aws_credentials *ret, struct irsa_error **reterr)
{
    const struct signing *signing = exchange->context;
    const struct irsa_buf *body = &exchange->response.body;
    irsa_autofree char *what = irsa_format("%s at %s", exchange->request.label, host);
    irsa_auto_aws_answer answer = {0};
    if (irsa_aws_answer_read(what, signing->action, irsa_buf_str(body), body->len, &answer, reterr)
        != 0) {
        if (exchange->response.status != 200)
            return irsa_wrap(reterr, "status %ld", exchange->response.status);
        return -1;
    }
    if (answer.code)
        return fail_refused(exchange, host, &answer, reterr);
    const char *missing = NULL;
    if (exchange->response.status == 200
        && irsa_aws_credentials_of_json(json_object_get(answer.result, "Credentials"),
                                        "SessionToken", /* is_temporary= */ true, ret, &missing))
        return 0;
    return irsa_fail(reterr, IRSA_E_NET, "%s: status %ld, and no usable %s in the answer", what,
                     exchange->response.status, missing ? missing : "credentials");
}

int irsa_aws_chain_endpoint(const struct irsa_aws_chain *chain, enum irsa_aws_service service,
                            const char *name, const char *region, struct irsa_aws_endpoint *ret,
                            struct irsa_error **reterr)
{
    struct irsa_aws_endpoint_options options = {
        .service = service,
        .region = region,
        .fips = chain->config->use_fips,
        .dual_stack = chain->config->use_dualstack,
    };
    if (irsa_aws_config_endpoint(chain->config, name, &options.url, reterr) != 0
        || irsa_aws_endpoint_find(&options, ret, reterr) != 0)
        return -1;
    size_t len = strlen(ret->url);
    while (len > 0 && ret->url[len - 1] == '/')
        ret->url[--len] = '\0';
    return 0;
}

static void run(const struct irsa_aws_chain *chain, struct irsa_exchange *exchange, bool is_signed)
{
    struct irsa_retry_policy policy = {0};
    if (chain->options->retry)
        policy = *chain->options->retry;
    policy.state = NULL;
    policy.prepare = is_signed ? sign : NULL;
    policy.judge = judge;
    policy.max_attempts = chain->config->max_attempts;
    struct irsa_exchange *const all[] = {exchange};
    irsa_http_run(chain->options->transport, &policy, all, 1);
}

static void add_form(const char *name, const char *value, struct irsa_buf *body)
{
    irsa_buf_addc(body, '&');
    irsa_url_encode(name, strlen(name), body);
    irsa_buf_addc(body, '=');
    irsa_url_encode(value, strlen(value), body);
}

/* "https://HOST/..." */
static char *host_of(const char *url)
{
    const char *begin = strstr(url, "://");
    begin = begin ? begin + 3 : url;
    return irsa_strndup(begin, strcspn(begin, "/"));
}

int irsa_aws_sts_credentials(const struct irsa_aws_chain *chain, const char *action,
                             const struct irsa_strings *parameters,
                             const struct irsa_aws_credentials *signer,
                             struct irsa_aws_credentials *ret, struct irsa_error **reterr)
{
    irsa_auto_aws_endpoint endpoint = {0};
    IRSA_CLEANUP(irsa_aws_wipe_buf) struct irsa_buf body = {0};
    const char *region = chain->options->region ? chain->options->region : chain->config->region;
    if (irsa_aws_chain_endpoint(chain, IRSA_AWS_STS, "sts", region ? region : "aws-global",
                                &endpoint, reterr)
        != 0)
        return -1;
    irsa_buf_addf(&body, "Action=%s&Version=" VERSION, action);
    for (size_t i = 0; i + 1 < parameters->len; i += 2)
        add_form(parameters->items[i], parameters->items[i + 1], &body);
    irsa_autofree char *url = irsa_format("%s/", endpoint.url);
    irsa_autofree char *label = irsa_format("sts:%s", action);
    irsa_autofree char *host = host_of(url);
    struct signing signing = {.signer = signer, .endpoint = &endpoint, .action = action};
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange exchange = {.context = &signing};
    exchange.request = (struct irsa_http_request){
        .label = label,
        .method = "POST",
        .url = url,
        .body = body.data,
        .body_len = body.len,
        .plain_http = endpoint.plain_http,
        .max_body = ANSWER_MAX,
    };
    irsa_http_request_header(&exchange.request, "Content-Type",
                             "application/x-www-form-urlencoded; charset=utf-8");
    run(chain, &exchange, signer != NULL);
    if (exchange.error)
        return irsa_aws_unreached(&exchange, reterr);
    return read_answer(&exchange, host, ret, reterr);
}
