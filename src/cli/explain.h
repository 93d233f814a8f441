/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_CLI_EXPLAIN_H
#define IRSA_FIX_CLI_EXPLAIN_H

#include "cli/session.h"

/* explain --from-log: reads the log, writes what it tells. Errors: IO, NOT_FOUND. */
int irsa_explain_log(const struct irsa_arguments *arguments, struct irsa_error **reterr);

#endif
