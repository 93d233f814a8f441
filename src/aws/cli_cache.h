/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_AWS_CLI_CACHE_H
#define IRSA_FIX_AWS_CLI_CACHE_H

#include "aws/credentials_source.h"

/* FOLDER/SHA-1 of the name.json, as the CLI names the files of its caches; the caller's. */
char *irsa_aws_cli_cache_path(const char *folder, const char *name);
/* The credentials of a role that the AWS CLI assumed with a second factor and keeps in
 * ~/.aws/cli/cache, so that nobody has to enter another code while they hold. `arguments` are those
 * of AssumeRole that the profile gives. False: there are none, or they are near their end. Nothing
 * is written there. */
bool irsa_aws_cli_cached(const struct irsa_aws_chain *chain, const json_t *arguments,
                         struct irsa_aws_credentials *ret);

#endif
