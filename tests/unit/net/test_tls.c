/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/net.h"

#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/irsa-fix-tls-XXXXXX";
static char *pem;
static struct server server;
static long connect_ms;

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    pem = irsa_format("%s/ca.pem", folder);
    (void)unsetenv("https_proxy");
    (void)unsetenv("HTTPS_PROXY");
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

/* One GET of https://127.0.0.1:PORT/ok. */
static struct irsa_exchange get(const char *ca_bundle)
{
    irsa_auto_error error = NULL;
    struct irsa_transport *transport = NULL;
    const struct irsa_curl_options options = {.ca_bundle = ca_bundle};
    assert_int_equal(irsa_transport_curl(&options, &transport, &error), 0);
    irsa_autofree char *url = irsa_format("https://127.0.0.1:%d/ok", server.port);
    struct irsa_exchange exchange = {.request = {.label = "sts:GetCallerIdentity",
                                                 .method = "POST",
                                                 .url = url,
                                                 .connect_ms = connect_ms}};
    struct irsa_exchange *all[] = {&exchange};
    transport->ops->run(transport, all, 1);
    irsa_transport_free(transport);
    return exchange;
}

static void assert_tls_failure(struct irsa_exchange *exchange, const char *reason)
{
    assert_non_null(exchange->error);
    assert_int_equal(exchange->failure, IRSA_HTTP_TLS);
    assert_int_equal(irsa_error_kind(exchange->error), IRSA_E_NET);
    assert_non_null(strstr(irsa_error_message(exchange->error), ": TLS failed: "));
    assert_non_null(strstr(irsa_error_message(exchange->error), reason));
    assert_false(exchange->may_have_arrived);
    irsa_exchange_done(exchange);
}

static void test_tls__trusts_the_bundle_alone(void **state)
{
    (void)state;
    server_start(&server, server_tls("IP:127.0.0.1", pem));
    struct irsa_exchange trusted = get(pem);
    assert_null(trusted.error);
    assert_int_equal(trusted.response.status, 200);
    irsa_exchange_done(&trusted);
    struct irsa_exchange unknown = get(NULL);
    assert_tls_failure(&unknown, "certificate problem: self-signed certificate");
    server_stop(&server);
}

static void test_tls__checks_the_host_name(void **state)
{
    (void)state;
    server_start(&server, server_tls("DNS:iam.amazonaws.com", pem));
    struct irsa_exchange exchange = get(pem);
    assert_tls_failure(&exchange, "no alternative certificate subject name matches");
    server_stop(&server);
}

static void test_tls__older_than_1_2_is_refused(void **state)
{
    (void)state;
    SSL_CTX *tls = server_tls("IP:127.0.0.1", pem);
    SSL_CTX_set_security_level(tls, 0);
    assert_int_equal(SSL_CTX_set_min_proto_version(tls, TLS1_VERSION), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(tls, TLS1_1_VERSION), 1);
    server_start(&server, tls);
    struct irsa_exchange exchange = get(pem);
    assert_tls_failure(&exchange, "protocol version");
    server_stop(&server);
}

static bool offered_h2;

/* Looks what the client offers, takes HTTP/1.1. */
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                   const unsigned char *in, unsigned in_len, void *context)
{
    (void)ssl, (void)context;
    for (unsigned i = 0; i < in_len; i += in[i] + 1U) {
        if (in[i] == 2 && memcmp(in + i + 1, "h2", 2) == 0)
            offered_h2 = true;
        if (in[i] == 8) {
            *out = in + i + 1;
            *out_len = 8;
        }
    }
    return *out ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static void test_tls__offers_http_2(void **state)
{
    (void)state;
    SSL_CTX *tls = server_tls("IP:127.0.0.1", pem);
    SSL_CTX_set_alpn_select_cb(tls, on_alpn, NULL);
    server_start(&server, tls);
    struct irsa_exchange exchange = get(pem);
    assert_int_equal(exchange.response.status, 200);
    assert_true(offered_h2);
    irsa_exchange_done(&exchange);
    server_stop(&server);
}

static void test_tls__a_server_without_it(void **state)
{
    (void)state;
    server_start(&server, NULL);
    connect_ms = 300; /* it waits for the end of a request, the client for the server's greeting */
    struct irsa_exchange exchange = get(pem);
    connect_ms = 0;
    assert_int_equal(exchange.failure, IRSA_HTTP_TIMEOUT);
    assert_non_null(strstr(irsa_error_message(exchange.error), ": no connection within 0.3 s"));
    assert_false(exchange.may_have_arrived);
    irsa_exchange_done(&exchange);
    server_stop(&server);
}

static void test_transport_curl__ca_bundle_that_is_none(void **state)
{
    (void)state;
    irsa_auto_error missing = NULL;
    struct irsa_transport *transport = NULL;
    const struct irsa_curl_options nowhere = {.ca_bundle = "/nowhere/ca.pem"};
    assert_int_equal(irsa_transport_curl(&nowhere, &transport, &missing), -1);
    assert_int_equal(irsa_error_kind(missing), IRSA_E_IO);
    assert_true(irsa_has_prefix(irsa_error_message(missing), "CA bundle: "));
    assert_non_null(strstr(irsa_error_message(missing), "/nowhere/ca.pem"));
    irsa_auto_error empty = NULL;
    assert_int_equal(irsa_file_replace(pem, "no certificate", 14, 0600, &empty), 0);
    const struct irsa_curl_options text = {.ca_bundle = pem};
    assert_int_equal(irsa_transport_curl(&text, &transport, &empty), -1);
    assert_non_null(strstr(irsa_error_message(empty), "ca.pem: holds no certificate in PEM form"));
    assert_null(transport);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls__trusts_the_bundle_alone),
        cmocka_unit_test(test_tls__checks_the_host_name),
        cmocka_unit_test(test_tls__older_than_1_2_is_refused),
        cmocka_unit_test(test_tls__offers_http_2),
        cmocka_unit_test(test_tls__a_server_without_it),
        cmocka_unit_test(test_transport_curl__ca_bundle_that_is_none),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
