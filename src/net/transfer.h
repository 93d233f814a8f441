/* SPDX-License-Identifier: Apache-2.0 */
/* One attempt at one request on its way through libcurl. */
#ifndef IRSA_FIX_NET_TRANSFER_H
#define IRSA_FIX_NET_TRANSFER_H

#include "irsa/net.h"

#include <curl/curl.h>

/* The certificates that servers are verified with, read once for all connections. (trust.c) */
struct irsa_trust;
/* A file of PEM and a directory of them, both together; either may be NULL. */
struct irsa_trust *irsa_trust_new(const char *file, const char *directory);
/* What libcurl was built to take. */
struct irsa_trust *irsa_trust_system(void);
void irsa_trust_free(struct irsa_trust *trust);
/* `easy` verifies by `trust`, which must outlive it. tls: its URL is of https. */
void irsa_trust_use(struct irsa_trust *trust, CURL *easy, bool tls);
/* Reads them now, where a connection is being made that will need them: while it waits. */
void irsa_trust_prepare(struct irsa_trust *trust);
/* The name of what can't be read, or NULL. Borrowed. */
const char *irsa_trust_unreadable(const struct irsa_trust *trust);

struct irsa_transfer {
    struct irsa_exchange *exchange;
    const struct irsa_trust *trust;
    CURL *easy;                 /* NULL: could not be set up */
    struct curl_slist *headers; /* wiped when done: tokens and signatures are in it */
    struct curl_slist *connect; /* where server_name's connection goes; NULL: where the URL says */
    char *host;                 /* "iam.amazonaws.com", with a port that is not the scheme's own */
    size_t header_bytes;
    bool too_large;
    char reason[CURL_ERROR_SIZE];
};

/* Makes transfer->easy. On failure the exchange has its error (REFUSED) and easy is NULL. */
void irsa_transfer_begin(struct irsa_transfer *transfer, struct irsa_trust *trust);
/* A request's own TLS: CA, client certificate, no verification. (curl_tls.c) */
void irsa_transfer_tls(CURL *easy, const struct irsa_http_tls *tls);
/* libcurl takes the name for SNI and verification from the URL: it gets one that names the
 * server_name, and is told to connect where the request's URL says. */
void irsa_transfer_rename(struct irsa_transfer *transfer);
/* Takes libcurl's verdict: the exchange is answered, or has its error. */
void irsa_transfer_end(struct irsa_transfer *transfer, CURLcode code);
/* Given up on Ctrl-C. */
void irsa_transfer_interrupt(struct irsa_transfer *transfer);
void irsa_transfer_done(struct irsa_transfer *transfer);

/* The --log-http line of an attempt that ended: "irsa-fix: http: iam:GetRole POST
 * iam.amazonaws.com 200 in 84 ms, attempt 1, request id ..."; no path, query, header or body. */
void irsa_transfer_log(const struct irsa_transfer *transfer);

#endif
