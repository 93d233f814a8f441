/* SPDX-License-Identifier: Apache-2.0 */
/* What an API server answers, and what is said where it isn't what was asked for. Errors come as
 * meta/v1 Status: {"kind": "Status", "status": "Failure", "message": "...", "reason": "NotFound",
 * "details": {...}, "code": 404}
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/). */
#include "kube/kube.h"

#include <ctype.h>
#include <strings.h>
#include <time.h>

#define SAID_MAX 600

/* One line of what a server says; the caller's. */
static char *one_line(const char *text, size_t len)
{
    irsa_auto_buf line = {0};
    for (size_t i = 0; i < len && line.len < SAID_MAX; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c > ' ' && c != 0x7f)
            irsa_buf_addc(&line, (char)c);
        else if (line.len > 0 && line.data[line.len - 1] != ' ')
            irsa_buf_addc(&line, ' ');
    }
    size_t bad = 0;
    if (line.len > 0 && !irsa_utf8_valid(line.data, line.len, &bad))
        line.data[bad] = '\0';
    return irsa_trim(irsa_buf_str(&line));
}

/* --- no answer -------------------------------------------------------------------------------- */

struct remark {
    const char *part; /* of libcurl's and OpenSSL's reason */
    const char *hint;
};
/* The reasons are those that kubectl has from Go's crypto/tls and crypto/x509, in OpenSSL's words.
 */
static const struct remark tls_remarks[] = {
    {"wrong version number", "the server speaks plain HTTP on this port: is the port right?"},
    {"alert certificate expired", "the server finds the client certificate expired"},
    {"alert unknown ca", "the server does not know who signed the client certificate"},
    {"alert bad certificate", "the server refuses the client certificate"},
    {"alert certificate required", "the server wants a client certificate"},
    {"certificate has expired", "the server's certificate has expired, or this machine's clock is "
                                "wrong"},
    {"not yet valid", "the server's certificate is not valid yet: is this machine's clock right?"},
    {"subject name", "the certificate is for other names: tls-server-name in the cluster's entry "
                     "says which name to expect (a tunnel or an address needs it)"},
    {"issuer certificate", "certificate signed by unknown authority: the cluster's "
                           "certificate-authority(-data) is not that of this server (for EKS, `aws "
                           "eks update-kubeconfig` writes it anew)"},
    {"self", "certificate signed by unknown authority: the cluster's certificate-authority(-data) "
             "is not that of this server, or a proxy puts its own in place"},
    {"certificate signature failure", "the cluster's certificate-authority(-data) has the right "
                                      "name but another key: the cluster was created anew?"},
};

static const char *tls_hint(const char *message)
{
    for (size_t i = 0; i < IRSA_COUNT(tls_remarks); i++) {
        if (strstr(message, tls_remarks[i].part))
            return tls_remarks[i].hint;
    }
    return NULL;
}

static void hint_expired(const struct irsa_kube *kube, struct irsa_error **reterr)
{
    char day[32] = "";
    const time_t when = (time_t)kube->certificate_expires;
    struct tm utc = {0};
    if (kube->certificate_expires == 0 || when > time(NULL) || !gmtime_r(&when, &utc)
        || strftime(day, sizeof(day), "%Y-%m-%d %H:%M UTC", &utc) == 0)
        return;
    (void)irsa_hint(reterr, "the client certificate of user \"%s\" expired on %s",
                    kube->user ? kube->user : "", day);
}

static void hint_failure(const struct irsa_kube *kube, const struct irsa_exchange *exchange,
                         struct irsa_error **reterr)
{
    const char *tls = NULL;
    switch (exchange->failure) {
    case IRSA_HTTP_CONNECT:
    case IRSA_HTTP_DNS:
    case IRSA_HTTP_TIMEOUT:
        (void)irsa_hint(reterr, "did you specify the right host or port? Context \"%s\" names %s%s",
                        kube->context, kube->server,
                        kube->proxy ? ", through the proxy of its proxy-url" : "");
        return;
    case IRSA_HTTP_TLS:
        hint_expired(kube, reterr);
        tls = tls_hint(irsa_error_message(*reterr));
        if (tls)
            (void)irsa_hint(reterr, "%s", tls);
        return;
    case IRSA_HTTP_NOT_HTTP:
        (void)irsa_hint(reterr, "the server speaks TLS or something else there: is %s right?",
                        kube->server);
        return;
    default:
        return;
    }
}

static void take_failure(const struct irsa_kube *kube, struct irsa_exchange *exchange,
                         struct irsa_kube_call *call)
{
    call->error = irsa_steal(&exchange->error);
    call->status = 0;
    call->maybe_done = strcmp(call->method, "GET") != 0 && exchange->may_have_arrived;
    hint_failure(kube, exchange, &call->error);
}

/* --- an answer that is none ------------------------------------------------------------------- */

static bool is_html(const struct irsa_http_response *response)
{
    const char *type = irsa_http_header(response, "content-type");
    const char *text = irsa_buf_str(&response->body);
    text += strspn(text, " \t\r\n");
    return (type && strncasecmp(type, "text/html", 9) == 0)
           || strncasecmp(text, "<!doctype html", 14) == 0 || strncasecmp(text, "<html", 5) == 0;
}

static bool looks_like_object(const struct irsa_http_response *response)
{
    const char *text = irsa_buf_str(&response->body);
    return !is_html(response) && text[strspn(text, " \t\r\n")] == '{';
}

static char *title_of(const struct irsa_http_response *response)
{
    const char *title = strcasestr(irsa_buf_str(&response->body), "<title>");
    if (!title)
        return irsa_strdup("");
    title += strlen("<title>");
    return one_line(title, strcspn(title, "<"));
}

static void fail_foreign(const struct irsa_kube *kube, const struct irsa_http_response *response,
                         const char *what, struct irsa_error **reterr)
{
    const char *type = irsa_http_header(response, "content-type");
    irsa_autofree char *host = irsa_kube_host(kube);
    irsa_autofree char *title = title_of(response);
    irsa_autofree char *said = one_line(irsa_buf_str(&response->body), response->body.len);
    if (is_html(response))
        (void)irsa_fail(reterr, IRSA_E_NET,
                        "%s at %s: HTTP %ld with an HTML page%s%s%s where an API server answers "
                        "JSON",
                        what, host, response->status, *title ? " (\"" : "", title,
                        *title ? "\")" : "");
    else if (response->status / 100 == 2)
        (void)irsa_fail(reterr, IRSA_E_NET, "%s at %s: the answer is no JSON (%.80s)", what, host,
                        type ? type : "no content type");
    else
        (void)irsa_fail(reterr, IRSA_E_NET, "%s at %s: HTTP %ld: %.200s", what, host,
                        response->status, *said ? said : "without a word");
    if (strstr(said, "HTTP request to an HTTPS server"))
        (void)irsa_hint(reterr, "the server's address has to begin with https://: it is %s",
                        kube->server);
    (void)irsa_hint(reterr,
                    "a proxy, a captive portal or another server may have answered: context "
                    "\"%s\" names %s",
                    kube->context, kube->server);
}

/* --- refusals --------------------------------------------------------------------------------- */

struct refusal {
    long status;
    enum irsa_error_kind kind;
    const char *reason; /* where the server gives none */
};
/* https://kubernetes.io/docs/reference/using-api/api-concepts/ and StatusReason of
 * k8s.io/apimachinery/pkg/apis/meta/v1/types.go */
static const struct refusal refusals[] = {
    {400, IRSA_E_PARSE, "BadRequest"},
    {401, IRSA_E_AUTH, "Unauthorized"},
    {403, IRSA_E_ACCESS, "Forbidden"},
    {404, IRSA_E_NOT_FOUND, "NotFound"},
    {405, IRSA_E_PARSE, "MethodNotAllowed"},
    {406, IRSA_E_PARSE, "NotAcceptable"},
    {409, IRSA_E_CONFLICT, "Conflict"},
    {410, IRSA_E_CONFLICT, "Expired"},
    {413, IRSA_E_LIMIT, "RequestEntityTooLarge"},
    {415, IRSA_E_PARSE, "UnsupportedMediaType"},
    {422, IRSA_E_PARSE, "Invalid"},
    {429, IRSA_E_NET, "TooManyRequests"},
    {500, IRSA_E_NET, "InternalError"},
    {503, IRSA_E_NET, "ServiceUnavailable"},
    {504, IRSA_E_NET, "Timeout"},
};

static void hint_refused(const struct irsa_kube *kube, long status, const char *message,
                         struct irsa_error **reterr)
{
    if (status == 403 && strstr(message, "system:anonymous") && kube->plain_http)
        (void)irsa_hint(reterr, "over http no credentials are sent");
    else if (status == 403 && strstr(message, "system:anonymous"))
        (void)irsa_hint(
            reterr, "no credentials reached the server: context \"%s\" gives none that it takes",
            kube->context);
    if (status != 401)
        return;
    hint_expired(kube, reterr);
    if (kube->login == IRSA_KUBE_LOGIN_NATIVE)
        (void)irsa_hint(reterr,
                        "the cluster has to know the AWS identity: an access entry, or a line of "
                        "the aws-auth ConfigMap "
                        "(https://docs.aws.amazon.com/eks/latest/userguide/grant-k8s-access.html)");
    else if (kube->login == IRSA_KUBE_LOGIN_EXEC)
        (void)irsa_hint(reterr, "the server does not accept what %s gives for context \"%s\"",
                        kube->exec_command, kube->context);
    else
        (void)irsa_hint(reterr, "you must be logged in to the server: the %s of context \"%s\" %s",
                        kube->authorization.len > 0 ? "token or password" : "credentials",
                        kube->context,
                        kube->authorization.len > 0 || kube->certificate ? "is wrong or has expired"
                                                                         : "are missing");
}

static void fail_refused(const struct irsa_kube *kube, const struct irsa_http_response *response,
                         const char *what, const json_t *status, struct irsa_error **reterr)
{
    const struct refusal *refusal = NULL;
    const char *reason = irsa_json_string(status, "reason", NULL);
    const char *message = irsa_json_string(status, "message", NULL);
    irsa_autofree char *host = irsa_kube_host(kube);
    irsa_autofree char *said = one_line(message ? message : "", message ? strlen(message) : 0);
    irsa_autofree char *name = one_line(reason ? reason : "", reason ? strlen(reason) : 0);
    for (size_t i = 0; i < IRSA_COUNT(refusals) && !refusal; i++)
        refusal = refusals[i].status == response->status ? &refusals[i] : NULL;
    const char *words = *name ? name : refusal ? refusal->reason : "";
    (void)irsa_fail(reterr, refusal ? refusal->kind : IRSA_E_NET, "%s at %s: HTTP %ld%s%s%s%s",
                    what, host, response->status, *words ? " " : "", words, *said ? ": " : "",
                    strcmp(said, words) == 0 ? "" : said);
    hint_refused(kube, response->status, said, reterr);
}

/* Logs may hold any bytes; what is no UTF-8 is cut off. */
static json_t *take_text(const struct irsa_http_response *response)
{
    size_t len = response->body.len;
    const char *text = irsa_buf_str(&response->body);
    (void)irsa_utf8_valid(text, len, &len);
    return json_stringn(text, len);
}

void irsa_kube_take_answer(const struct irsa_kube *kube, struct irsa_exchange *exchange,
                           struct irsa_kube_call *call)
{
    const struct irsa_http_response *response = &exchange->response;
    if (exchange->error) {
        take_failure(kube, exchange, call);
        return;
    }
    call->status = response->status;
    if (call->text && response->status == 200) {
        call->answer = take_text(response);
        return;
    }
    if (call->keep_body && response->status / 100 == 2 && looks_like_object(response)) {
        call->body_kept = exchange->response.body;
        exchange->response.body = (struct irsa_buf){0};
        return;
    }
    json_auto_t *json = is_html(response)
                            ? NULL
                            : json_loadb(irsa_buf_str(&response->body), response->body.len,
                                         JSON_ALLOW_NUL | JSON_DECODE_ANY, NULL);
    bool good = response->status / 100 == 2;
    if (good && json_is_object(json)) {
        call->answer = irsa_steal(&json);
        return;
    }
    call->maybe_done = strcmp(call->method, "GET") != 0 && (good || response->status >= 500);
    irsa_autofree char *what = irsa_strdup(exchange->request.label);
    if (!good && json_is_object(json))
        fail_refused(kube, response, what, json, &call->error);
    else if (response->status == 401 && !is_html(response))
        fail_refused(kube, response, what, NULL, &call->error);
    else
        fail_foreign(kube, response, what, &call->error);
    if (response->status == 410 && irsa_json_string(json, "metadata", "continue", NULL))
        call->answer = irsa_steal(&json);
}
