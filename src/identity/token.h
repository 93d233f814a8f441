/* SPDX-License-Identifier: Apache-2.0 */
/* The form of tokens: JWS compact serialization (RFC 7515, section 7.1). Room-private. */
#ifndef IRSA_FIX_IDENTITY_TOKEN_H
#define IRSA_FIX_IDENTITY_TOKEN_H

#include "irsa/token.h"

struct irsa_token_parts {
    const char *header, *payload, *signature; /* borrowed from the text */
    size_t header_len, payload_len, signature_len;
};
bool irsa_token_split(const char *text, size_t len, struct irsa_token_parts *ret);
/* The object in a part; a new reference, or NULL. */
json_t *irsa_token_part(const char *text, size_t len);
bool irsa_base64url_decode(const char *text, size_t len, struct irsa_buf *ret);

#endif
