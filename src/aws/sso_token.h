/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The access token of IAM Identity Center that the AWS CLI keeps in ~/.aws/sso/cache, in a file
 * named by the SHA-1 of the session's name, or of the start URL where the profile has no
 * sso_session (SSOTokenProvider in botocore's tokens.py). One of a session is renewed when it is
 * near its end, and written back, since the refresh token may change with it.
 */
#ifndef IRSA_FIX_AWS_SSO_TOKEN_H
#define IRSA_FIX_AWS_SSO_TOKEN_H

#include "aws/credentials_source.h"

struct irsa_aws_sso {
    const char *session; /* NULL: the older form without */
    const char *start_url;
    const char *region;
    const char *role_name;
    const char *account_id;
};

/* Errors: AUTH (with the hint to log in), PARSE, IO. */
int irsa_aws_sso_token(const struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                       const struct irsa_aws_sso *sso, struct irsa_secret *ret,
                       struct irsa_error **reterr);

#endif
