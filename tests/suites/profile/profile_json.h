/* SPDX-License-Identifier: Apache-2.0 */
/* The shared files as JSON: {"profiles": {NAME: {KEY: TEXT or BLOCK}}, "sso_sessions", "services"}.
 */
#ifndef IRSA_FIX_TESTS_PROFILE_JSON_H
#define IRSA_FIX_TESTS_PROFILE_JSON_H

#include "aws/profile.h"

#include <jansson.h>

/* as_cli: values with their inline comments, as the AWS CLI has them. */
json_t *profile_json(const struct irsa_aws_files *files, bool as_cli);

#endif
