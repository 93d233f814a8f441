/* SPDX-License-Identifier: Apache-2.0 */
/* TLS and proxy of a request's own. */
#include "irsa/net.h"

#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define CLIENT "tests/suites/kubeconfig/certificate-files/client"

static char folder[] = "/tmp/irsa-fix-own-tls-XXXXXX";
static char *pem;
static struct server server;

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    pem = irsa_format("%s/ca.pem", folder);
    (void)unsetenv("https_proxy");
    (void)unsetenv("HTTPS_PROXY");
    (void)unsetenv("http_proxy");
    (void)unsetenv("all_proxy");
    (void)unsetenv("ALL_PROXY");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(pem);
    free(pem);
    return rmdir(folder);
}

static char *text_of(const char *path)
{
    irsa_auto_error error = NULL;
    struct irsa_buf text = {0};
    assert_int_equal(irsa_file_read(path, (size_t)1 << 20, &text, &error), 0);
    return irsa_buf_steal(&text);
}

static struct irsa_exchange get(const char *url, const char *ca_bundle,
                                const struct irsa_http_tls *tls, const char *proxy)
{
    irsa_auto_error error = NULL;
    struct irsa_transport *transport = NULL;
    const struct irsa_curl_options options = {.ca_bundle = ca_bundle};
    assert_int_equal(irsa_transport_curl(&options, &transport, &error), 0);
    struct irsa_exchange exchange = {.request = {.label = "list pods",
                                                 .method = "GET",
                                                 .url = url,
                                                 .tls = tls,
                                                 .proxy = proxy,
                                                 .plain_http = proxy != NULL}};
    struct irsa_exchange *all[] = {&exchange};
    transport->ops->run(transport, all, 1);
    irsa_transport_free(transport);
    return exchange;
}

static char *url_of(void)
{
    return irsa_format("https://127.0.0.1:%d/ok", server.port);
}

static void assert_answered(struct irsa_exchange *exchange)
{
    if (exchange->error)
        print_error("%s\n", irsa_error_message(exchange->error));
    assert_null(exchange->error);
    assert_int_equal(exchange->response.status, 200);
    irsa_exchange_done(exchange);
}

static void assert_refused(struct irsa_exchange *exchange, const char *reason)
{
    assert_non_null(exchange->error);
    if (!strstr(irsa_error_message(exchange->error), reason))
        print_error("%s\n", irsa_error_message(exchange->error));
    assert_non_null(strstr(irsa_error_message(exchange->error), reason));
    irsa_exchange_done(exchange);
}

static void test_tls__of_a_request_is_in_place_of_the_bundle(void **state)
{
    (void)state;
    server_start(&server, server_tls("IP:127.0.0.1", pem));
    irsa_autofree char *url = url_of();
    irsa_autofree char *ca = text_of(pem);
    irsa_autofree char *other = text_of(CLIENT ".crt");
    irsa_autofree char *both = irsa_format("%s%s", other, ca);
    const struct irsa_http_tls own = {.ca = ca};
    const struct irsa_http_tls two = {.ca = both};
    const struct irsa_http_tls wrong = {.ca = other};
    const struct irsa_http_tls system_ones = {.ca = NULL};
    struct irsa_exchange exchange = get(url, NULL, &own, NULL);
    assert_answered(&exchange);
    exchange = get(url, NULL, &two, NULL);
    assert_answered(&exchange);
    exchange = get(url, pem, &wrong, NULL);
    assert_refused(&exchange, "certificate problem");
    exchange = get(url, pem, &system_ones, NULL);
    assert_refused(&exchange, "certificate problem");
    server_stop(&server);
}

static void test_tls__insecure_verifies_nothing(void **state)
{
    (void)state;
    server_start(&server, server_tls("DNS:elsewhere.example.com", pem));
    irsa_autofree char *url = url_of();
    const struct irsa_http_tls insecure = {.insecure = true};
    struct irsa_exchange exchange = get(url, NULL, &insecure, NULL);
    assert_answered(&exchange);
    server_stop(&server);
}

static void test_tls__server_name_is_what_is_verified(void **state)
{
    (void)state;
    server_start(&server, server_tls("DNS:api.example.com", pem));
    irsa_autofree char *url = url_of();
    irsa_autofree char *ca = text_of(pem);
    const struct irsa_http_tls named = {.ca = ca, .server_name = "api.example.com"};
    const struct irsa_http_tls unnamed = {.ca = ca};
    struct irsa_exchange exchange = get(url, NULL, &named, NULL);
    assert_answered(&exchange);
    irsa_autofree char *seen = server_request(&server, 0);
    irsa_autofree char *host = irsa_format("Host: 127.0.0.1:%d\r\n", server.port);
    assert_non_null(seen);
    assert_non_null(strstr(seen, host)); /* the API server sees what it would else */
    assert_non_null(strstr(seen, "GET /ok HTTP/1.1\r\n"));
    exchange = get(url, NULL, &unnamed, NULL);
    assert_refused(&exchange, "subject name");
    server_stop(&server);
}

static void test_tls__client_certificate(void **state)
{
    (void)state;
    SSL_CTX *tls = server_tls("IP:127.0.0.1", pem);
    assert_int_equal(SSL_CTX_load_verify_locations(tls, CLIENT ".crt", NULL), 1);
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    server_start(&server, tls);
    irsa_autofree char *url = url_of();
    irsa_autofree char *ca = text_of(pem);
    irsa_autofree char *certificate = text_of(CLIENT ".crt");
    irsa_autofree char *key_text = text_of(CLIENT ".key");
    irsa_auto_secret key = {0};
    irsa_secret_set(&key, key_text, strlen(key_text));
    const struct irsa_http_tls with = {.ca = ca, .certificate = certificate, .key = &key};
    const struct irsa_http_tls without = {.ca = ca};
    struct irsa_exchange exchange = get(url, NULL, &with, NULL);
    assert_answered(&exchange);
    exchange = get(url, NULL, &without, NULL);
    assert_refused(&exchange, ""); /* by an alert, or by a reset that overtakes it */
    server_stop(&server);
}

static void test_proxy__of_a_request_ignores_no_proxy(void **state)
{
    (void)state;
    server_start(&server, NULL);
    assert_int_equal(setenv("NO_PROXY", "*", 1), 0);
    assert_int_equal(setenv("no_proxy", "*", 1), 0);
    irsa_autofree char *proxy = irsa_format("http://127.0.0.1:%d", server.port);
    struct irsa_exchange exchange = get("http://api.invalid/ok", NULL, NULL, proxy);
    irsa_autofree char *seen = server_request(&server, 0);
    assert_non_null(seen);
    assert_non_null(strstr(seen, "GET http://api.invalid/ok HTTP/1.1\r\n"));
    irsa_exchange_done(&exchange);
    assert_int_equal(unsetenv("NO_PROXY"), 0);
    assert_int_equal(unsetenv("no_proxy"), 0);
    server_stop(&server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls__of_a_request_is_in_place_of_the_bundle),
        cmocka_unit_test(test_tls__insecure_verifies_nothing),
        cmocka_unit_test(test_tls__server_name_is_what_is_verified),
        cmocka_unit_test(test_tls__client_certificate),
        cmocka_unit_test(test_proxy__of_a_request_ignores_no_proxy),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
