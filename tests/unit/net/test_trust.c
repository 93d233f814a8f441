/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer.h"

#include "server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <openssl/pem.h>

#include <cmocka.h>

static char folder[] = "/tmp/irsa-fix-trust-XXXXXX";
static char *pem;       /* of the server that runs */
static char *other_pem; /* of none */
static char *hashed;    /* the server's, by the name that a directory has it under */
static struct server server;

static void name_by_hash(void)
{
    irsa_autofclose FILE *file = fopen(pem, "re");
    assert_non_null(file);
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    assert_non_null(certificate);
    hashed = irsa_format("%s/%08lx.0", folder, X509_subject_name_hash(certificate));
    X509_free(certificate);
}

static int set_up(void **state)
{
    (void)state;
    (void)unsetenv("https_proxy");
    (void)unsetenv("HTTPS_PROXY");
    (void)unsetenv("all_proxy");
    (void)unsetenv("ALL_PROXY");
    if (!mkdtemp(folder))
        return -1;
    pem = irsa_format("%s/ca.pem", folder);
    other_pem = irsa_format("%s/other.pem", folder);
    SSL_CTX_free(server_tls("DNS:other.example", other_pem));
    server_start(&server, server_tls("IP:127.0.0.1", pem));
    name_by_hash();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    server_stop(&server);
    (void)unlink(pem);
    (void)unlink(other_pem);
    (void)unlink(hashed);
    free(pem);
    free(other_pem);
    free(hashed);
    return rmdir(folder);
}

/* One GET over a connection of its own. */
static struct irsa_exchange get(struct irsa_transport *transport, const struct irsa_http_tls *tls)
{
    irsa_autofree char *url = irsa_format("https://127.0.0.1:%d/ok", server.port);
    struct irsa_exchange exchange = {
        .request = {.label = "iam:GetRole", .method = "GET", .url = url, .tls = tls, .once = true}};
    struct irsa_exchange *all[] = {&exchange};
    transport->ops->run(transport, all, 1);
    return exchange;
}

static long status_of(struct irsa_exchange exchange)
{
    const long status = exchange.error ? -1 : exchange.response.status;
    irsa_exchange_done(&exchange);
    return status;
}

static struct irsa_transport *transport_of(const char *ca_bundle)
{
    irsa_auto_error error = NULL;
    struct irsa_transport *transport = NULL;
    const struct irsa_curl_options options = {.ca_bundle = ca_bundle};
    assert_int_equal(irsa_transport_curl(&options, &transport, &error), 0);
    return transport;
}

/* What GET of the server comes to with this trust, by libcurl itself. */
static CURLcode get_by(const char *file, const char *directory, char *reason)
{
    struct irsa_trust *trust = irsa_trust_new(file, directory);
    irsa_autofree char *url = irsa_format("https://127.0.0.1:%d/ok", server.port);
    CURL *easy = curl_easy_init();
    assert_non_null(easy);
    (void)curl_easy_setopt(easy, CURLOPT_URL, url);
    (void)curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, reason);
    irsa_trust_use(trust, easy, true);
    const CURLcode code = curl_easy_perform(easy);
    curl_easy_cleanup(easy);
    irsa_trust_free(trust);
    return code;
}

static void test_trust__is_read_once_for_all_connections(void **state)
{
    (void)state;
    irsa_autofree char *copy = irsa_format("%s/copy.pem", folder);
    assert_int_equal(link(pem, copy), 0);
    struct irsa_transport *transport = transport_of(copy);
    assert_int_equal(status_of(get(transport, NULL)), 200);
    assert_int_equal(unlink(copy), 0);
    assert_int_equal(status_of(get(transport, NULL)), 200);
    irsa_transport_free(transport);
}

static void test_trust__of_file_and_directory_together(void **state)
{
    (void)state;
    char reason[CURL_ERROR_SIZE] = "";
    assert_int_equal(link(pem, hashed), 0);
    assert_int_equal(get_by(other_pem, folder, reason), CURLE_OK);
    assert_int_equal(get_by(NULL, folder, reason), CURLE_OK);
    assert_int_equal(unlink(hashed), 0);
    assert_int_equal(get_by(other_pem, folder, reason), CURLE_PEER_FAILED_VERIFICATION);
    assert_non_null(strstr(reason, "certificate problem: self-signed certificate"));
    assert_int_equal(get_by(NULL, folder, reason), CURLE_PEER_FAILED_VERIFICATION);
    assert_int_equal(get_by(pem, NULL, reason), CURLE_OK);
}

static void test_trust__nothing_to_trust_is_no_trust(void **state)
{
    (void)state;
    char reason[CURL_ERROR_SIZE] = "";
    assert_int_equal(get_by(NULL, NULL, reason), CURLE_PEER_FAILED_VERIFICATION);
}

static void test_trust__a_file_that_went_away(void **state)
{
    (void)state;
    irsa_autofree char *copy = irsa_format("%s/copy.pem", folder);
    assert_int_equal(link(pem, copy), 0);
    struct irsa_transport *transport = transport_of(copy);
    assert_int_equal(unlink(copy), 0);
    for (int i = 0; i < 2; i++) {
        struct irsa_exchange exchange = get(transport, NULL);
        assert_int_equal(exchange.failure, IRSA_HTTP_TLS);
        assert_false(exchange.may_have_arrived);
        assert_non_null(strstr(irsa_error_message(exchange.error),
                               ": TLS failed: no CA certificates can be read from "));
        assert_non_null(strstr(irsa_error_message(exchange.error), copy));
        irsa_exchange_done(&exchange);
    }
    irsa_transport_free(transport);
}

static void test_trust__is_not_that_of_a_request_with_its_own(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_buf good = {0};
    irsa_auto_buf bad = {0};
    assert_int_equal(irsa_file_read(pem, 1 << 20, &good, &error), 0);
    assert_int_equal(irsa_file_read(other_pem, 1 << 20, &bad, &error), 0);
    const struct irsa_http_tls own = {.ca = irsa_buf_str(&good)};
    const struct irsa_http_tls other = {.ca = irsa_buf_str(&bad)};
    struct irsa_transport *transport = transport_of(pem);
    assert_int_equal(status_of(get(transport, NULL)), 200);
    assert_int_equal(status_of(get(transport, &other)), -1);
    irsa_transport_free(transport);
    transport = transport_of(other_pem);
    assert_int_equal(status_of(get(transport, &own)), 200);
    assert_int_equal(status_of(get(transport, NULL)), -1);
    irsa_transport_free(transport);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trust__is_read_once_for_all_connections),
        cmocka_unit_test(test_trust__of_file_and_directory_together),
        cmocka_unit_test(test_trust__nothing_to_trust_is_no_trust),
        cmocka_unit_test(test_trust__a_file_that_went_away),
        cmocka_unit_test(test_trust__is_not_that_of_a_request_with_its_own),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
