/* SPDX-License-Identifier: Apache-2.0 */
/* Saved plans as files. Private to src/cli. */
#ifndef IRSA_FIX_CLI_SAVED_H
#define IRSA_FIX_CLI_SAVED_H

#include "cli/session.h"

/* Reads and checks a saved plan; a new reference. Errors: IO, PARSE. */
json_t *irsa_saved_read(const char *path, struct irsa_error **reterr);
/* The arguments that it was planned with, its source among them. Errors: PARSE. */
int irsa_saved_arguments(const char *path, const json_t *saved, struct irsa_arguments *ret,
                         struct irsa_error **reterr);

#endif
