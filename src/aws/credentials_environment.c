/* SPDX-License-Identifier: Apache-2.0 */
/* AWS_ACCESS_KEY_ID and its companions
 * (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html). */
#include "aws/credentials_source.h"

int irsa_aws_from_environment(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                              struct irsa_aws_credentials *ret, bool *ret_found,
                              struct irsa_error **reterr)
{
    (void)profile;
    const char *id = irsa_aws_chain_variable(chain, "AWS_ACCESS_KEY_ID");
    const char *key = irsa_aws_chain_variable(chain, "AWS_SECRET_ACCESS_KEY");
    /* the older name comes first, as in botocore's EnvProvider */
    const char *token = irsa_aws_chain_variable(chain, "AWS_SECURITY_TOKEN");
    const char *expiry = irsa_aws_chain_variable(chain, "AWS_CREDENTIAL_EXPIRATION");
    if (!token)
        token = irsa_aws_chain_variable(chain, "AWS_SESSION_TOKEN");
    if (!id) {
        irsa_aws_note(chain, "environment: AWS_ACCESS_KEY_ID is not set%s",
                      key ? ", though AWS_SECRET_ACCESS_KEY is" : "");
        return 0;
    }
    if (!key) {
        (void)irsa_fail(reterr, IRSA_E_AUTH,
                        "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
        return irsa_hint(reterr, "set both, or neither");
    }
    irsa_secret_set(&ret->access_key_id, id, strlen(id));
    irsa_secret_set(&ret->secret_access_key, key, strlen(key));
    if (token)
        irsa_secret_set(&ret->session_token, token, strlen(token));
    ret->source = irsa_strdup("environment (AWS_ACCESS_KEY_ID)");
    if (expiry && !irsa_aws_time_parse(expiry, &ret->expires_at))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "AWS_CREDENTIAL_EXPIRATION is no time like "
                         "2026-01-31T12:00:00Z");
    *ret_found = true;
    return irsa_aws_check_expiry(chain, ret, reterr);
}
