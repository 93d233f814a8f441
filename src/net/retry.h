/* SPDX-License-Identifier: Apache-2.0 */
/* What the retries read from an answer. */
#ifndef IRSA_FIX_NET_RETRY_H
#define IRSA_FIX_NET_RETRY_H

#include "irsa/net.h"

/* How long the server asks to be left alone, in ms; -1 where it doesn't. `now` is the server's
 * time, for the date form of Retry-After. *ret_at_most: the header is x-amz-retry-after, which the
 * SDKs follow only up to 5 s beyond their own delay. */
long irsa_retry_after(const struct irsa_http_response *response, int64_t now, bool *ret_at_most);
/* The answer's Date as seconds since 1970; -1 where there is none or it is no date. */
int64_t irsa_retry_date(const struct irsa_http_response *response);

#endif
