/* SPDX-License-Identifier: Apache-2.0 */
/* A server on a free loopback port, in threads of the test, that does by the request's path what no
 * server should; "/ok" and others it does well (server.c has the table). */
#ifndef IRSA_FIX_TEST_SERVER_H
#define IRSA_FIX_TEST_SERVER_H

#include "irsa/base.h"

#include <openssl/ssl.h>
#include <pthread.h>

struct server {
    int listener;
    int port;
    SSL_CTX *tls; /* NULL: plain */
    pthread_t thread;
    pthread_mutex_t lock;
    bool stopping;
    unsigned connections;
    unsigned open; /* threads of connections */
    unsigned busy;
    unsigned peak;                /* most requests at once */
    struct irsa_strings requests; /* whole, as they came */
};
void server_start(struct server *server, SSL_CTX *tls);
void server_stop(struct server *server);
/* The whole request number `i`, a copy; NULL where there were fewer. */
char *server_request(struct server *server, size_t i);
size_t server_request_count(struct server *server);

/* A certificate of its own for `names` ("IP:127.0.0.1"), written to `pem_path` for clients to
 * trust. */
SSL_CTX *server_tls(const char *names, const char *pem_path);

#endif
