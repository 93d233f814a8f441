/* SPDX-License-Identifier: Apache-2.0 */
/* The thumbprint of a server of the test's own, which serves two certificates. */
#include "irsa/aws.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static X509 *certificate(const char *name, EVP_PKEY *key, EVP_PKEY *signer)
{
    X509 *made = X509_new();
    X509_NAME *subject = X509_get_subject_name(made);
    X509_gmtime_adj(X509_getm_notBefore(made), 0);
    X509_gmtime_adj(X509_getm_notAfter(made), 3600);
    X509_set_pubkey(made, key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)name, -1, -1, 0);
    X509_set_issuer_name(made, subject);
    assert_int_not_equal(X509_sign(made, signer, EVP_sha256()), 0);
    return made;
}

static int listen_anywhere(unsigned *ret_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *ret_port = ntohs(address.sin_port);
    return fd;
}

static void serve(int fd, SSL_CTX *context)
{
    int client = accept(fd, NULL, NULL);
    SSL *ssl = SSL_new(context);
    SSL_set_fd(ssl, client);
    (void)SSL_accept(ssl);
    _exit(0);
}

static void test_thumbprint__is_that_of_the_topmost_certificate_served(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *leaf = certificate("127.0.0.1", key, key);
    X509 *top = certificate("top", key, key);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, leaf);
    SSL_CTX_use_PrivateKey(context, key);
    X509_up_ref(top);
    assert_int_equal(SSL_CTX_add_extra_chain_cert(context, top), 1);
    unsigned char sha1[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    assert_int_equal(X509_digest(top, EVP_sha1(), sha1, &len), 1);
    irsa_auto_buf expected = {0};
    for (unsigned i = 0; i < len; i++)
        irsa_buf_addf(&expected, "%02x", sha1[i]);

    unsigned port = 0;
    int fd = listen_anywhere(&port);
    pid_t child = fork();
    if (child == 0)
        serve(fd, context);
    irsa_autofree char *url = irsa_format("https://127.0.0.1:%u/path", port);
    irsa_autofree char *found = NULL;
    irsa_auto_error error = NULL;
    int r = irsa_aws_thumbprint(url, 5000, &found, &error);
    (void)waitpid(child, NULL, 0);
    (void)close(fd);
    if (r != 0)
        fail_msg("%s", irsa_error_message(error));
    assert_string_equal(found, irsa_buf_str(&expected));
    SSL_CTX_free(context);
    X509_free(leaf);
    X509_free(top);
    EVP_PKEY_free(key);
}

static void test_thumbprint__nobody_there_is_an_error(void **state)
{
    (void)state;
    unsigned port = 0;
    int fd = listen_anywhere(&port);
    (void)close(fd);
    irsa_autofree char *url = irsa_format("https://127.0.0.1:%u/path", port);
    irsa_autofree char *found = NULL;
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_aws_thumbprint(url, 2000, &found, &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_NET);
    assert_non_null(strstr(irsa_error_message(error), "cannot connect"));
}

static void test_thumbprint__a_silent_server_is_given_up(void **state)
{
    (void)state;
    unsigned port = 0;
    int fd = listen_anywhere(&port);
    irsa_autofree char *url = irsa_format("https://127.0.0.1:%u/path", port);
    irsa_autofree char *found = NULL;
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_aws_thumbprint(url, 200, &found, &error), -1);
    assert_non_null(strstr(irsa_error_message(error), "time-out"));
    (void)close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_thumbprint__is_that_of_the_topmost_certificate_served),
        cmocka_unit_test(test_thumbprint__nobody_there_is_an_error),
        cmocka_unit_test(test_thumbprint__a_silent_server_is_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
