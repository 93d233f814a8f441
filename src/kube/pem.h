/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates and keys in PEM form, judged before anything is sent. */
#ifndef IRSA_FIX_KUBE_PEM_H
#define IRSA_FIX_KUBE_PEM_H

#include "irsa/net.h"

/* The certificates among the blocks of a text, as Go's AppendCertsFromPEM takes them: what is no
 * certificate is passed over. NULL where there is none; the caller's. */
char *irsa_pem_certificates(const char *text);
/* Do they belong together? *ret_expires is the end of the first certificate, Unix seconds. Errors:
 * PARSE. */
int irsa_pem_pair(const char *certificate, const struct irsa_secret *key, int64_t *ret_expires,
                  struct irsa_error **reterr);

#endif
