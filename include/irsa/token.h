/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token: a service account's token as the API server issues it, a JSON Web Token (RFC 7519): read,
 * its claims compared with what STS will look at, its signature verified with the issuer's keys.
 * Pure: the keys and the time come from the caller. A token's text is a secret: nothing here keeps
 * it, and no message holds any of it but claims.
 */
#ifndef IRSA_FIX_TOKEN_H
#define IRSA_FIX_TOKEN_H

#include "irsa/base.h"

#include <jansson.h>

struct irsa_token {
    char *algorithm; /* "RS256" */
    char *key_id;    /* kid, or NULL */
    char *issuer;    /* iss, as it stands, or NULL */
    char *subject;   /* sub, or NULL */
    struct irsa_strings audiences;
    int64_t expires, issued, not_before; /* exp, iat, nbf: Unix seconds; 0: not there */
};
/* Errors: PARSE (not three parts, not base64url, no JSON objects). */
int irsa_token_read(const char *text, size_t len, struct irsa_token *ret,
                    struct irsa_error **reterr);
void irsa_token_done(struct irsa_token *token);
#define irsa_auto_token IRSA_CLEANUP(irsa_token_done) struct irsa_token

/* What the claims have to be. */
struct irsa_token_wish {
    const char *issuer;   /* with https://; NULL: not known, not compared */
    const char *audience; /* must be among the token's */
    const char *subject;
    int64_t now;
    int64_t skew; /* seconds by which clocks may differ */
};
struct irsa_token_problem {
    const char *claim; /* "iss", "aud", "sub", "exp", "iat", "nbf"; static */
    char *observed;
    char *expected;
};
#define IRSA_TOKEN_CLAIMS 6
struct irsa_token_problems {
    struct irsa_token_problem items[IRSA_TOKEN_CLAIMS];
    size_t len;
};
/* Fills *ret with the claims that are not as they have to be. */
void irsa_token_check(const struct irsa_token *token, const struct irsa_token_wish *wish,
                      struct irsa_token_problems *ret);
void irsa_token_problems_done(struct irsa_token_problems *problems);
#define irsa_auto_token_problems IRSA_CLEANUP(irsa_token_problems_done) struct irsa_token_problems

enum irsa_signature {
    IRSA_SIGNATURE_GOOD,
    IRSA_SIGNATURE_BAD,         /* not made by the key of that id */
    IRSA_SIGNATURE_NO_KEY,      /* the key's id is not among the keys */
    IRSA_SIGNATURE_UNSUPPORTED, /* neither RS256 nor ES256, or a key that can't be read */
};
/* Verifies the signature with the key of the token's kid among `keys`, a JSON Web Key Set (RFC
 * 7517). *ret_message (the caller's) says what was found. */
enum irsa_signature irsa_token_verify(const char *text, size_t len, const json_t *keys,
                                      char **ret_message);

#endif
