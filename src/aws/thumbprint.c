/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/aws.h"
#include "irsa/identity.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_MS 10000L

static void free_context(SSL_CTX **context)
{
    SSL_CTX_free(*context);
}

static void free_ssl(SSL **ssl)
{
    SSL_free(*ssl);
}

static void free_addresses(struct addrinfo **addresses)
{
    if (*addresses)
        freeaddrinfo(*addresses);
}

static long now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wait_for(int fd, short events, long until_ms)
{
    long left = until_ms - now_ms();
    struct pollfd poll_fd = {.fd = fd, .events = events};
    return left > 0 && poll(&poll_fd, 1, (int)left) > 0;
}

/* A connected socket that does not block, or -1. */
static int connect_to(const struct addrinfo *address, long until_ms)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int problem = 0;
    socklen_t len = sizeof(problem);
    if (fd < 0)
        return -1;
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0
        && (errno != EINPROGRESS || !wait_for(fd, POLLOUT, until_ms)
            || getsockopt(fd, SOL_SOCKET, SO_ERROR, &problem, &len) != 0 || problem != 0)) {
        irsa_closep(&fd);
        return -1;
    }
    return fd;
}

static int open_socket(const char *host, const char *port, long until_ms, int *ret,
                       struct irsa_error **reterr)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    IRSA_CLEANUP(free_addresses) struct addrinfo *addresses = NULL;
    int r = getaddrinfo(host, port, &hints, &addresses);
    if (r != 0)
        return irsa_fail(reterr, IRSA_E_NET, "%s: %s", host, gai_strerror(r));
    for (const struct addrinfo *address = addresses; address; address = address->ai_next) {
        *ret = connect_to(address, until_ms);
        if (*ret >= 0)
            return 0;
    }
    return irsa_fail(reterr, IRSA_E_NET, "%s: cannot connect to port %s", host, port);
}

static int shake_hands(SSL *ssl, int fd, const char *host, long until_ms,
                       struct irsa_error **reterr)
{
    for (;;) {
        ERR_clear_error();
        int r = SSL_connect(ssl);
        if (r == 1)
            return 0;
        int why = SSL_get_error(ssl, r);
        bool waiting = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
        if (waiting && wait_for(fd, why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, until_ms))
            continue;
        const char *reason = waiting ? "time-out" : ERR_reason_error_string(ERR_peek_error());
        return irsa_fail(reterr, IRSA_E_NET, "%s: TLS handshake failed: %s", host,
                         reason ? reason : "connection closed");
    }
}

static int digest(SSL *ssl, const char *host, char **ret, struct irsa_error **reterr)
{
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    unsigned char sha1[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    int count = chain ? sk_X509_num(chain) : 0;
    /* The last one served: the intermediate CA that signed, or the root
     * (see irsa_aws_thumbprint's page, step "the last certificate in the chain"). */
    if (count == 0 || X509_digest(sk_X509_value(chain, count - 1), EVP_sha1(), sha1, &len) != 1)
        return irsa_fail(reterr, IRSA_E_NET, "%s: serves no certificate", host);
    irsa_auto_buf hex = {0};
    for (unsigned i = 0; i < len; i++)
        irsa_buf_addf(&hex, "%02x", sha1[i]);
    *ret = irsa_buf_steal(&hex);
    return 0;
}

static int look(const char *host, const char *port, long until_ms, char **ret,
                struct irsa_error **reterr)
{
    IRSA_CLEANUP(free_context) SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    irsa_autoclose int fd = -1;
    if (!context || SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
        return irsa_fail(reterr, IRSA_E_INTERNAL, "TLS cannot be set up");
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    if (open_socket(host, port, until_ms, &fd, reterr) != 0)
        return -1;
    IRSA_CLEANUP(free_ssl) SSL *ssl = SSL_new(context);
    if (!ssl || SSL_set_fd(ssl, fd) != 1 || SSL_set_tlsext_host_name(ssl, host) != 1)
        return irsa_fail(reterr, IRSA_E_INTERNAL, "TLS cannot be set up");
    if (shake_hands(ssl, fd, host, until_ms, reterr) != 0)
        return -1;
    return digest(ssl, host, ret, reterr);
}

int irsa_aws_thumbprint(const char *issuer_url, long timeout_ms, char **ret,
                        struct irsa_error **reterr)
{
    irsa_auto_issuer issuer = {0};
    if (irsa_issuer_parse(issuer_url, &issuer, reterr) != 0)
        return -1;
    char *colon = strrchr(issuer.host, ':');
    const char *port = "443";
    if (colon && strspn(colon + 1, "0123456789") == strlen(colon + 1)) {
        *colon = '\0';
        port = colon + 1;
    }
    if (look(issuer.host, port, now_ms() + (timeout_ms > 0 ? timeout_ms : TIMEOUT_MS), ret, reterr)
        != 0)
        return irsa_wrap(reterr, "thumbprint of %s", issuer_url);
    return 0;
}
