/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/net.h"

#include "server.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

static struct server server;
static struct irsa_transport *transport;

static void new_transport(const struct irsa_curl_options *options)
{
    irsa_transport_free(transport);
    transport = NULL;
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_transport_curl(options, &transport, &error), 0);
}

static int set_up(void **state)
{
    (void)state;
    (void)unsetenv("http_proxy");
    (void)unsetenv("https_proxy");
    (void)unsetenv("HTTPS_PROXY");
    (void)unsetenv("all_proxy");
    (void)unsetenv("ALL_PROXY");
    (void)unsetenv("no_proxy");
    (void)unsetenv("NO_PROXY");
    server_start(&server, NULL);
    new_transport(&(struct irsa_curl_options){0});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    irsa_transport_free(irsa_steal(&transport));
    server_stop(&server);
    return 0;
}

static struct irsa_exchange to(const char *method, const char *url)
{
    return (struct irsa_exchange){
        .request = {.label = "iam:GetRole", .method = method, .url = url, .plain_http = true}};
}

static char *url_of(const char *path)
{
    return irsa_format("http://127.0.0.1:%d%s", server.port, path);
}

static void run_one(struct irsa_exchange *exchange)
{
    transport->ops->run(transport, &exchange, 1);
}

static void assert_fails(const struct irsa_exchange *exchange, enum irsa_http_failure failure,
                         const char *reason)
{
    assert_non_null(exchange->error);
    const char *message = irsa_error_message(exchange->error);
    irsa_autofree char *beginning = irsa_format("iam:GetRole: 127.0.0.1:%d: ", server.port);
    assert_true(irsa_has_prefix(message, beginning));
    assert_string_equal(message + strlen(beginning), reason);
    assert_int_equal(exchange->failure, failure);
    assert_int_equal(exchange->response.body.len, 0);
}

static void test_run__gives_status_headers_and_body(void **state)
{
    (void)state;
    irsa_autofree char *url = url_of("/ok");
    struct irsa_exchange exchange = to("GET", url);
    run_one(&exchange);
    assert_null(exchange.error);
    assert_int_equal(exchange.failure, IRSA_HTTP_ANSWERED);
    assert_int_equal(exchange.response.status, 200);
    assert_string_equal(irsa_buf_str(&exchange.response.body), "hello");
    assert_string_equal(irsa_http_header(&exchange.response, "x-test"), "two words");
    assert_string_equal(irsa_http_request_id(&exchange.response), "id-1234");
    irsa_exchange_done(&exchange);
}

static void test_run__sends_what_it_is_given_and_nothing_surprising(void **state)
{
    (void)state;
    irsa_autofree char *url = url_of("/a/../b/./c//d?q=%2F&&x");
    struct irsa_exchange exchange = to("POST", url);
    exchange.request.body = "Action=GetRole";
    exchange.request.body_len = 14;
    irsa_http_request_header(&exchange.request, "X-One", "1");
    irsa_http_request_header(&exchange.request, "X-Empty", "");
    irsa_http_request_secret(&exchange.request, "Authorization", "secret-signature");
    run_one(&exchange);
    assert_null(exchange.error);
    const char *sent = irsa_buf_str(&exchange.response.body);
    assert_true(irsa_has_prefix(sent, "POST /a/../b/./c//d?q=%2F&&x HTTP/1.1\r\n"));
    assert_non_null(strstr(sent, "\r\nX-One: 1\r\n"));
    assert_non_null(strstr(sent, "\r\nX-Empty:\r\n"));
    assert_non_null(strstr(sent, "\r\nAuthorization: secret-signature\r\n"));
    assert_non_null(strstr(sent, "\r\nUser-Agent: irsa-fix/"));
    assert_null(strcasestr(sent, "\r\nContent-Type:"));
    assert_null(strcasestr(sent, "\r\nExpect:"));
    assert_true(irsa_has_suffix(sent, "\r\n\r\nAction=GetRole"));
    irsa_exchange_done(&exchange);
}

static void test_run__empty_put_and_delete(void **state)
{
    (void)state;
    irsa_autofree char *url = url_of("/latest/api/token");
    struct irsa_exchange put = to("PUT", url);
    struct irsa_exchange delete = to("DELETE", url);
    run_one(&put);
    run_one(&delete);
    assert_true(irsa_has_prefix(irsa_buf_str(&put.response.body), "PUT /latest/api/token HTTP"));
    assert_non_null(strstr(irsa_buf_str(&put.response.body), "\r\nContent-Length: 0\r\n"));
    assert_true(irsa_has_prefix(irsa_buf_str(&delete.response.body), "DELETE /latest"));
    assert_null(strstr(irsa_buf_str(&delete.response.body), "Content-Length"));
    irsa_exchange_done(&put);
    irsa_exchange_done(&delete);
}

static void test_run__headers_of_an_interim_answer_are_not_the_answers(void **state)
{
    (void)state;
    irsa_autofree char *url = url_of("/continue");
    struct irsa_exchange exchange = to("GET", url);
    run_one(&exchange);
    assert_int_equal(exchange.response.status, 200);
    assert_null(irsa_http_header(&exchange.response, "x-early"));
    assert_string_equal(irsa_buf_str(&exchange.response.body), "hello");
    irsa_exchange_done(&exchange);
}

static void test_run__follows_no_redirect(void **state)
{
    (void)state;
    irsa_autofree char *url = url_of("/redirect");
    struct irsa_exchange exchange = to("GET", url);
    run_one(&exchange);
    assert_null(exchange.error);
    assert_int_equal(exchange.response.status, 302);
    assert_int_equal(server_request_count(&server), 1);
    irsa_exchange_done(&exchange);
}

static void test_run__faults_say_host_and_reason(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum irsa_http_failure failure;
        const char *reason;
    } cases[] = {
        {"/reset", IRSA_HTTP_RESET, "the connection was reset"},
        {"/close", IRSA_HTTP_RESET, "the connection was closed without an answer"},
        {"/cut", IRSA_HTTP_CUT_OFF,
         "the answer was cut off after 10 bytes (HTTP 200, request id id-cut)"},
        {"/cut-chunk", IRSA_HTTP_CUT_OFF, "the answer was cut off after 4 bytes (HTTP 200)"},
        {"/endless", IRSA_HTTP_TOO_LARGE, "the answer is larger than 65536 bytes (HTTP 200)"},
        {"/long", IRSA_HTTP_TOO_LARGE, "the answer is larger than 65536 bytes (HTTP 200)"},
        {"/hang", IRSA_HTTP_TIMEOUT, "no answer within 0.5 s (time-out)"},
        {"/hang-amid", IRSA_HTTP_TIMEOUT,
         "the answer was not complete within 0.5 s (time-out), 3 bytes came (HTTP 200)"},
        {"/not-http", IRSA_HTTP_NOT_HTTP, "what answers there is not HTTP"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_autofree char *url = url_of(cases[i].path);
        struct irsa_exchange exchange = to("POST", url);
        exchange.request.body = "x";
        exchange.request.body_len = 1;
        exchange.request.max_body = 65536;
        exchange.request.total_ms = strstr(cases[i].path, "hang") ? 500 : 0;
        run_one(&exchange);
        assert_fails(&exchange, cases[i].failure, cases[i].reason);
        assert_true(exchange.may_have_arrived);
        assert_int_equal(irsa_error_kind(exchange.error),
                         cases[i].failure == IRSA_HTTP_TOO_LARGE ? IRSA_E_LIMIT : IRSA_E_NET);
        irsa_exchange_done(&exchange);
    }
}

static void test_run__headers_are_bounded(void **state)
{
    (void)state;
    irsa_autofree char *url = url_of("/headers");
    struct irsa_exchange exchange = to("GET", url);
    run_one(&exchange);
    assert_non_null(exchange.error);
    assert_int_equal(exchange.failure, IRSA_HTTP_TOO_LARGE);
    assert_int_equal(irsa_error_kind(exchange.error), IRSA_E_LIMIT);
    irsa_exchange_done(&exchange);
}

static void test_run__what_was_not_sent_is_known_not_to_have_arrived(void **state)
{
    (void)state;
    /* a port on which nobody listens any more */
    struct server gone;
    server_start(&gone, NULL);
    irsa_autofree char *url = irsa_format("http://127.0.0.1:%d/", gone.port);
    irsa_autofree char *expected =
        irsa_format("iam:GetRole: 127.0.0.1:%d: connection refused", gone.port);
    server_stop(&gone);
    struct irsa_exchange exchange = to("GET", url);
    run_one(&exchange);
    assert_non_null(exchange.error);
    assert_string_equal(irsa_error_message(exchange.error), expected);
    assert_int_equal(exchange.failure, IRSA_HTTP_CONNECT);
    assert_false(exchange.may_have_arrived);
    irsa_exchange_done(&exchange);
}

static void test_run__unknown_host(void **state)
{
    (void)state;
    /* A label of 64 characters can't be asked for: no name server is needed to know. */
    struct irsa_exchange exchange =
        to("GET", "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                  "aaaaaaaaaaaaaaaaaaa.invalid/");
    run_one(&exchange);
    assert_non_null(exchange.error);
    assert_non_null(
        strstr(irsa_error_message(exchange.error), ".invalid: the host name is not known (DNS)"));
    assert_int_equal(exchange.failure, IRSA_HTTP_DNS);
    assert_false(exchange.may_have_arrived);
    irsa_exchange_done(&exchange);
}

static void test_run__refuses_what_must_not_be_sent(void **state)
{
    (void)state;
    irsa_autofree char *url = url_of("/ok");
    struct irsa_exchange plain = to("GET", url);
    plain.request.plain_http = false;
    run_one(&plain);
    assert_fails(&plain, IRSA_HTTP_REFUSED, "http is not allowed here, https is needed");
    irsa_exchange_done(&plain);

    struct irsa_exchange file = to("GET", "file:///etc/passwd");
    run_one(&file);
    assert_int_equal(file.failure, IRSA_HTTP_REFUSED);
    irsa_exchange_done(&file);

    struct irsa_exchange relative = to("GET", "/ok");
    run_one(&relative);
    assert_int_equal(relative.failure, IRSA_HTTP_REFUSED);
    irsa_exchange_done(&relative);

    struct irsa_exchange broken = to("GET", url);
    irsa_http_request_secret(&broken.request, "Authorization", "a\r\nX-Injected: b");
    run_one(&broken);
    assert_fails(&broken, IRSA_HTTP_REFUSED,
                 "a header of the request has no name or holds a line break");
    irsa_exchange_done(&broken);
    assert_int_equal(server_request_count(&server), 0);
}

static void test_run__reuses_connections(void **state)
{
    (void)state;
    irsa_autofree char *url = url_of("/ok");
    for (int i = 0; i < 5; i++) {
        struct irsa_exchange exchange = to("GET", url);
        run_one(&exchange);
        assert_int_equal(exchange.response.status, 200);
        irsa_exchange_done(&exchange);
    }
    assert_int_equal(server.connections, 1);
}

static void test_run__once_is_not_sent_again_on_a_dead_connection(void **state)
{
    (void)state;
    irsa_autofree char *url = url_of("/close-reused");
    struct irsa_exchange first = to("POST", url);
    struct irsa_exchange again = to("POST", url);
    run_one(&first);
    run_one(&again); /* libcurl's own habit, which `once` is there for */
    assert_null(again.error);
    assert_int_equal(server_request_count(&server), 3);
    irsa_exchange_done(&first);
    irsa_exchange_done(&again);

    irsa_autofree char *reset = url_of("/close");
    struct irsa_exchange once = to("POST", reset);
    once.request.once = true;
    run_one(&once);
    assert_int_equal(once.failure, IRSA_HTTP_RESET);
    assert_int_equal(server_request_count(&server), 4);
    irsa_exchange_done(&once);
}

static void test_run__many_at_once_but_no_more_than_allowed(void **state)
{
    (void)state;
    new_transport(&(struct irsa_curl_options){.max_concurrent = 3});
    irsa_autofree char *url = url_of("/slow");
    struct irsa_exchange exchanges[8];
    struct irsa_exchange *all[8];
    for (size_t i = 0; i < 8; i++) {
        exchanges[i] = to("GET", url);
        all[i] = &exchanges[i];
    }
    transport->ops->run(transport, all, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(exchanges[i].response.status, 200);
        irsa_exchange_done(&exchanges[i]);
    }
    assert_int_equal(server.peak, 3);
    assert_int_equal(server_request_count(&server), 8);
}

static volatile bool interrupted;

static void on_alarm(int number)
{
    (void)number;
    interrupted = true;
}

static void test_run__ctrl_c_ends_all(void **state)
{
    (void)state;
    interrupted = false;
    new_transport(&(struct irsa_curl_options){.max_concurrent = 2, .interrupted = &interrupted});
    const struct sigaction action = {.sa_handler = on_alarm};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    const struct itimerval soon = {.it_value.tv_usec = 300000};
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    irsa_autofree char *url = url_of("/hang");
    struct irsa_exchange exchanges[3];
    struct irsa_exchange *all[3];
    for (size_t i = 0; i < 3; i++) {
        exchanges[i] = to("POST", url);
        all[i] = &exchanges[i];
    }
    transport->ops->run(transport, all, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_fails(&exchanges[i], IRSA_HTTP_INTERRUPTED, "interrupted");
        assert_int_equal(exchanges[i].may_have_arrived, i < 2); /* the third never began */
        irsa_exchange_done(&exchanges[i]);
    }
}

static void test_run__proxies_by_the_environment(void **state)
{
    (void)state;
    irsa_autofree char *proxy = irsa_format("http://127.0.0.1:%d", server.port);
    (void)setenv("https_proxy", proxy, 1);
    struct irsa_exchange exchange = to("GET", "https://iam.amazonaws.com/");
    run_one(&exchange);
    assert_non_null(exchange.error);
    assert_string_equal(irsa_error_message(exchange.error),
                        "iam:GetRole: iam.amazonaws.com: the proxy refused the connection with "
                        "HTTP 407");
    assert_int_equal(exchange.failure, IRSA_HTTP_PROXY);
    assert_false(exchange.may_have_arrived);
    irsa_exchange_done(&exchange);
    irsa_autofree char *connect = server_request(&server, 0);
    assert_true(irsa_has_prefix(connect, "CONNECT iam.amazonaws.com:443 HTTP/1.1\r\n"));

    /* http://127.0.0.1:1 doesn't answer, so what arrives went around it */
    (void)setenv("http_proxy", "http://127.0.0.1:1", 1);
    irsa_autofree char *url = url_of("/ok");
    struct irsa_exchange proxied = to("GET", url);
    run_one(&proxied);
    assert_int_equal(proxied.failure, IRSA_HTTP_CONNECT);
    irsa_exchange_done(&proxied);
    struct irsa_exchange direct = to("GET", url);
    direct.request.no_proxy = true;
    run_one(&direct);
    assert_int_equal(direct.response.status, 200);
    irsa_exchange_done(&direct);
    (void)setenv("NO_PROXY", "example.com,127.0.0.1", 1);
    struct irsa_exchange excepted = to("GET", url);
    run_one(&excepted);
    assert_int_equal(excepted.response.status, 200);
    irsa_exchange_done(&excepted);
    (void)unsetenv("NO_PROXY");
}

static void test_run__says_which_proxy_refuses(void **state)
{
    (void)state;
    (void)setenv("https_proxy", "http://localhost:1", 1);
    struct irsa_exchange exchange = to("GET", "https://iam.amazonaws.com/");
    run_one(&exchange);
    assert_non_null(exchange.error);
    assert_string_equal(irsa_error_message(exchange.error),
                        "iam:GetRole: iam.amazonaws.com: proxy localhost: connection refused");
    irsa_exchange_done(&exchange);
}

static char *log_of(struct irsa_exchange *exchange)
{
    FILE *file = tmpfile();
    const int old = dup(STDERR_FILENO);
    (void)fflush(stderr);
    (void)dup2(fileno(file), STDERR_FILENO);
    run_one(exchange);
    (void)fflush(stderr);
    (void)dup2(old, STDERR_FILENO);
    (void)close(old);
    rewind(file);
    char text[4096];
    const size_t len = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    return irsa_strndup(text, len);
}

static void test_log_http__a_line_an_attempt_and_no_secret(void **state)
{
    (void)state;
    new_transport(&(struct irsa_curl_options){.log_http = true});
    irsa_autofree char *url = irsa_format(
        "http://hidden-user:hidden-password@127.0.0.1:%d/ok?X-Amz-Signature=hidden", server.port);
    struct irsa_exchange exchange = to("POST", url);
    exchange.attempts = 2;
    exchange.request.body = "WebIdentityToken=hidden";
    exchange.request.body_len = strlen(exchange.request.body);
    irsa_http_request_secret(&exchange.request, "Authorization", "hidden");
    irsa_autofree char *line = log_of(&exchange);
    irsa_autofree char *beginning =
        irsa_format("irsa-fix: http: iam:GetRole POST 127.0.0.1:%d 200 in ", server.port);
    assert_true(irsa_has_prefix(line, beginning));
    assert_true(irsa_has_suffix(line, " ms, attempt 2, request id id-1234\n"));
    assert_null(strstr(line, "hidden"));
    irsa_exchange_done(&exchange);

    irsa_autofree char *reset = url_of("/close");
    struct irsa_exchange failing = to("GET", reset);
    irsa_autofree char *failed = log_of(&failing);
    assert_non_null(strstr(failed, " no answer in "));
    assert_non_null(strstr(failed, "the connection was closed without an answer\n"));
    irsa_exchange_done(&failing);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_run__gives_status_headers_and_body),
        TEST(test_run__sends_what_it_is_given_and_nothing_surprising),
        TEST(test_run__empty_put_and_delete),
        TEST(test_run__headers_of_an_interim_answer_are_not_the_answers),
        TEST(test_run__follows_no_redirect),
        TEST(test_run__faults_say_host_and_reason),
        TEST(test_run__headers_are_bounded),
        TEST(test_run__what_was_not_sent_is_known_not_to_have_arrived),
        TEST(test_run__unknown_host),
        TEST(test_run__refuses_what_must_not_be_sent),
        TEST(test_run__reuses_connections),
        TEST(test_run__once_is_not_sent_again_on_a_dead_connection),
        TEST(test_run__many_at_once_but_no_more_than_allowed),
        TEST(test_run__ctrl_c_ends_all),
        TEST(test_run__proxies_by_the_environment),
        TEST(test_run__says_which_proxy_refuses),
        TEST(test_log_http__a_line_an_attempt_and_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
