/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_AWS_UNREACHED_H
#define IRSA_FIX_AWS_UNREACHED_H

#include "irsa/net.h"

/* Takes the error of an exchange that AWS didn't answer, with a hint where one helps; returns -1.
 */
int irsa_aws_unreached(struct irsa_exchange *exchange, struct irsa_error **reterr);

#endif
