/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_AWS_CLI_CACHE_H
#define IRSA_FIX_AWS_CLI_CACHE_H

#include "aws/credentials_source.h"

/* The credentials of a role that the AWS CLI assumed with a second factor and keeps in
 * ~/.aws/cli/cache, so that nobody has to enter another code while they hold. `arguments` are those
 * of AssumeRole that the profile gives. False: there are none, or they are near their end. Nothing
 * is written there. */
bool irsa_aws_cli_cached(const struct irsa_aws_chain *chain, const json_t *arguments,
                         struct irsa_aws_credentials *ret);

#endif
