/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signature Version 4 on OpenSSL, its stages visible one by one:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 * Signing knows no clock: the time is the caller's.
 */
#ifndef IRSA_FIX_AWS_SIGV4_H
#define IRSA_FIX_AWS_SIGV4_H

#include "irsa/net.h"

/* Borrowed. */
struct irsa_sigv4_keys {
    const struct irsa_secret *access_key_id;
    const struct irsa_secret *secret_access_key;
    const struct irsa_secret *session_token; /* NULL or empty: long-term keys */
};

struct irsa_sigv4_options {
    const char *service;   /* "sts", "iam", "eks": the signing name */
    const char *region;    /* the signing region */
    int64_t now;           /* Unix seconds */
    bool unsigned_payload; /* UNSIGNED-PAYLOAD in place of the body's hash */
    /* The path is signed as it is (S3). Else its dot segments and empty segments are taken out and
     * what is percent-encoded is encoded once more, as all other services want it. */
    bool verbatim_path;
    unsigned expires; /* seconds, query form only; 0: 3600 */
};

/* What a request is signed by. Canonical request: the token is in it. */
struct irsa_sigv4_stages {
    struct irsa_secret canonical_request;
    char *signed_headers; /* "host;x-amz-date" */
    char *scope;          /* "20150830/us-east-1/iam/aws4_request" */
    char *string_to_sign;
    char signature[65]; /* hex */
};
void irsa_sigv4_stages_done(struct irsa_sigv4_stages *stages);
#define irsa_auto_sigv4_stages IRSA_CLEANUP(irsa_sigv4_stages_done) struct irsa_sigv4_stages

/* --- the two forms ---------------------------------------------------------------------------- */

/* Header form: sets X-Amz-Date, Authorization, and where they apply X-Amz-Security-Token and
 * X-Amz-Content-Sha256 of the request, in place of what an attempt before had set. Signs all
 * headers of the request but those that travel hop by hop or that proxies may change. The query of
 * the URL must be percent-encoded as irsa_url_encode does it. `ret_stages` may be NULL. Errors:
 * PARSE (no absolute URL). */
int irsa_sigv4_sign(struct irsa_http_request *request, const struct irsa_sigv4_keys *keys,
                    const struct irsa_sigv4_options *options, struct irsa_sigv4_stages *ret_stages,
                    struct irsa_error **reterr);

/* Query form (presigned): *ret_url is the URL that carries the signature, and whoever has it has
 * what it signs. The request's headers are signed and must be sent with it. `ret_stages` may be
 * NULL. */
int irsa_sigv4_presign(const struct irsa_http_request *request, const struct irsa_sigv4_keys *keys,
                       const struct irsa_sigv4_options *options, struct irsa_secret *ret_url,
                       struct irsa_sigv4_stages *ret_stages, struct irsa_error **reterr);

/* --- the stages ------------------------------------------------------------------------------- */

/* The parts of an absolute URL that are signed, all as they are on the wire. */
struct irsa_sigv4_url {
    char *host;  /* lower case, with a port that is not the scheme's own */
    char *path;  /* "" where there is none */
    char *query; /* without the question mark */
};
int irsa_sigv4_url_split(const char *url, struct irsa_sigv4_url *ret, struct irsa_error **reterr);
void irsa_sigv4_url_done(struct irsa_sigv4_url *url);

/* 1. The canonical request and its parts. */
char *irsa_sigv4_canonical_path(const char *path, bool verbatim);
char *irsa_sigv4_canonical_query(const char *query);
/* "name:value\n" for each, sorted, values of one name joined by commas; `headers` are "Name: value"
 * lines. *ret_signed is "name;name". */
void irsa_sigv4_canonical_headers(const struct irsa_strings *headers, struct irsa_buf *ret,
                                  char **ret_signed);

/* 2. The string to sign. `stamp` is "20150830T123600Z". */
char *irsa_sigv4_string_to_sign(const char *stamp, const char *scope,
                                const char *canonical_request);
void irsa_sigv4_stamp(int64_t now, char ret[17]);

/* 3. The signing key, wiped by the caller. */
void irsa_sigv4_key(const struct irsa_secret *secret_access_key, const char *date,
                    const char *region, const char *service, unsigned char ret[32]);

/* 4. The signature. */
void irsa_sigv4_signature(const unsigned char key[32], const char *string_to_sign,
                          char ret_hex[65]);

#endif
