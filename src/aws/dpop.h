/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proofs of possession: a JWT that says, signed by the key that a session is bound to, for which
 * request it was made (RFC 9449, section 4.2). Only what AWS Sign-In uses: ES256 on P-256, POST.
 */
#ifndef IRSA_FIX_AWS_DPOP_H
#define IRSA_FIX_AWS_DPOP_H

#include "irsa/base.h"

/* The value of the header "DPoP". `pem` is an EC private key (SEC 1 or PKCS #8), `url` the
 * request's without a query, `now` Unix seconds. Errors: PARSE: no such key (nothing of it is
 * said). */
int irsa_dpop_proof(const char *pem, const char *url, int64_t now, char **ret,
                    struct irsa_error **reterr);

/* Base64 with the alphabet of URLs and without padding (RFC 4648, section 5). */
void irsa_base64url_encode(const void *data, size_t len, struct irsa_buf *ret);

#endif
