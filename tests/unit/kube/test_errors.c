/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of answers that are not what was asked for. */
#include "fake.h"

#define SERVER "{server: 'https://api.example.com'}"

/* The error of one list after that answer; opened with that user. */
static void fails(const char *user, const struct fake_answer *answer, enum irsa_error_kind kind,
                  const char *message, const char *hint)
{
    struct fake *fake = fake_new();
    struct irsa_kube_call call;
    assert_int_equal(fake_open(fake, SERVER, user), 0);
    bool again = answer->status == 503 || answer->failure == IRSA_HTTP_CONNECT;
    for (size_t i = 0; i < (again ? 5 : 1); i++)
        fake_answers_more(fake, answer);
    fake_get(fake, &call);
    assert_null(call.answer);
    assert_int_equal(call.status, answer->status);
    fake_failed(&call.error, kind, message, hint);
    fake_free(fake);
}

static void test_status__unauthorized(void **state)
{
    (void)state;
    static const struct fake_answer refused = {
        .status = 401,
        .body =
            "{\"kind\": \"Status\", \"message\": \"Unauthorized\", \"reason\": \"Unauthorized\"}"};
    static const struct fake_answer plain = {
        .status = 401, .type = "text/plain", .body = "Unauthorized"};
    fails("{token: t-CANARY}", &refused, IRSA_E_AUTH,
          "list pods at api.example.com: HTTP 401 Unauthorized",
          "you must be logged in to the server: the token or password of context \"c\" is wrong or "
          "has expired");
    fails("{}", &plain, IRSA_E_AUTH, "HTTP 401 Unauthorized", "are missing");
}

static void test_status__forbidden(void **state)
{
    (void)state;
    static const struct fake_answer refused = {
        .status = 403,
        .body =
            "{\"kind\": \"Status\", \"reason\": \"Forbidden\", \"message\": \"pods is forbidden: "
            "User \\\"jane\\\" cannot list resource \\\"pods\\\" in API group \\\"\\\" at the "
            "cluster scope\"}"};
    static const struct fake_answer anonymous = {
        .status = 403,
        .body = "{\"kind\": \"Status\", \"reason\": \"Forbidden\", \"message\": \"User "
                "\\\"system:anonymous\\\" cannot list\"}"};
    fails(
        "{token: t}", &refused, IRSA_E_ACCESS,
        "list pods at api.example.com: HTTP 403 Forbidden: pods is forbidden: User \"jane\" cannot "
        "list resource \"pods\"",
        NULL);
    fails("{}", &anonymous, IRSA_E_ACCESS, "HTTP 403 Forbidden",
          "no credentials reached the server");
}

static void test_status__others(void **state)
{
    (void)state;
    static const struct {
        long status;
        enum irsa_error_kind kind;
        const char *message;
    } cases[] = {
        {400, IRSA_E_PARSE, "HTTP 400 BadRequest: m"},
        {404, IRSA_E_NOT_FOUND, "HTTP 404 NotFound: m"},
        {410, IRSA_E_CONFLICT, "HTTP 410 Expired: m"},
        {422, IRSA_E_PARSE, "HTTP 422 Invalid: m"},
        {418, IRSA_E_NET, "HTTP 418: m"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        struct fake_answer answer = {.status = cases[i].status,
                                     .body = "{\"kind\": \"Status\", \"message\": \"m\"}"};
        fails("{token: t}", &answer, cases[i].kind, cases[i].message, NULL);
    }
}

static void test_answer__html(void **state)
{
    (void)state;
    static const struct fake_answer portal = {
        .status = 200,
        .type = "text/html; charset=utf-8",
        .body = "<html><head><title>Log in\n please</title></head></html>"};
    static const struct fake_answer proxy = {
        .status = 403, .type = "text/html", .body = "<!DOCTYPE html><p>blocked"};
    fails("{token: t}", &portal, IRSA_E_NET,
          "HTTP 200 with an HTML page (\"Log in please\") where an API server answers JSON",
          "a proxy, a captive portal or another server");
    fails("{token: t}", &proxy, IRSA_E_NET, "HTTP 403 with an HTML page where", NULL);
}

static void test_answer__no_json(void **state)
{
    (void)state;
    static const struct fake_answer text = {.status = 200, .type = "text/plain", .body = "ok"};
    static const struct fake_answer cut = {.status = 200, .body = "{\"items\": ["};
    static const struct fake_answer array = {.status = 200, .body = "[]"};
    static const struct fake_answer wrong = {
        .status = 400,
        .type = "text/plain",
        .body = "Client sent an HTTP request to an HTTPS server.\n"};
    static const struct fake_answer unknown = {
        .status = 404, .type = "text/plain", .body = "404 page not found\n"};
    fails("{token: t}", &text, IRSA_E_NET, "the answer is no JSON (text/plain)", NULL);
    fails("{token: t}", &cut, IRSA_E_NET, "the answer is no JSON (application/json)", NULL);
    fails("{token: t}", &array, IRSA_E_NET, "the answer is no JSON", NULL);
    fails("{token: t}", &wrong, IRSA_E_NET, "HTTP 400: Client sent", "has to begin with https://");
    fails("{token: t}", &unknown, IRSA_E_NET, "HTTP 404: 404 page not found", "another server");
}

static void test_failure__has_the_reason(void **state)
{
    (void)state;
    static const struct fake_answer tls[] = {
        {.failure = IRSA_HTTP_TLS,
         .body = "TLS failed: SSL certificate problem: unable to get local "
                 "issuer certificate"},
        {.failure = IRSA_HTTP_TLS,
         .body = "TLS failed: SSL: no alternative certificate subject name "
                 "matches target host name '127.0.0.1'"},
        {.failure = IRSA_HTTP_TLS,
         .body = "TLS failed: SSL certificate problem: certificate has "
                 "expired"},
        {.failure = IRSA_HTTP_TLS,
         .body = "TLS failed: error:0A00010B:SSL routines::wrong version "
                 "number"},
        {.failure = IRSA_HTTP_TLS, .body = "TLS failed: ... alert unknown ca"},
    };
    static const char *const hints[] = {"signed by unknown authority", "tls-server-name",
                                        "has expired, or this machine's clock", "plain HTTP",
                                        "who signed the client certificate"};
    for (size_t i = 0; i < IRSA_COUNT(tls); i++)
        fails("{token: t}", &tls[i], IRSA_E_NET, "list pods: host: TLS failed", hints[i]);
    static const struct fake_answer refused = {.failure = IRSA_HTTP_CONNECT,
                                               .body = "connection refused"};
    fails("{token: t}", &refused, IRSA_E_NET, "connection refused",
          "did you specify the right host or port?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status__unauthorized), cmocka_unit_test(test_status__forbidden),
        cmocka_unit_test(test_status__others),       cmocka_unit_test(test_answer__html),
        cmocka_unit_test(test_answer__no_json),      cmocka_unit_test(test_failure__has_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
