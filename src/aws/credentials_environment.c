/* SPDX-License-Identifier: Apache-2.0 */
/* AWS_ACCESS_KEY_ID and its companions
 * (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html). */
#include "aws/credentials_source.h"

/* No key or token has any; a line break at the end, of a Secret that was made by `echo`, would come
 * back as a wrong signature. */
static int check_blanks(const char *name, const char *value, struct irsa_error **reterr)
{
    for (const char *p = value; p && *p; p++) {
        if ((unsigned char)*p > 0x20 && *p != 0x7f)
            continue;
        (void)irsa_fail(reterr, IRSA_E_PARSE, "%s has %s in it", name,
                        *p == '\n' || *p == '\r'  ? "a line break"
                        : *p == ' ' || *p == '\t' ? "a blank"
                                                  : "a control character");
        return irsa_hint(reterr, "set it anew, without what stands around the value");
    }
    return 0;
}

int irsa_aws_from_environment(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                              struct irsa_aws_credentials *ret, bool *ret_found,
                              struct irsa_error **reterr)
{
    (void)profile;
    const char *id = irsa_aws_chain_variable(chain, "AWS_ACCESS_KEY_ID");
    const char *key = irsa_aws_chain_variable(chain, "AWS_SECRET_ACCESS_KEY");
    /* the older name comes first, as in botocore's EnvProvider */
    const char *older = irsa_aws_chain_variable(chain, "AWS_SECURITY_TOKEN");
    const char *token = older ? older : irsa_aws_chain_variable(chain, "AWS_SESSION_TOKEN");
    const char *expiry = irsa_aws_chain_variable(chain, "AWS_CREDENTIAL_EXPIRATION");
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
    if (check_blanks("AWS_ACCESS_KEY_ID", id, reterr) != 0
        || check_blanks("AWS_SECRET_ACCESS_KEY", key, reterr) != 0
        || check_blanks(older ? "AWS_SECURITY_TOKEN" : "AWS_SESSION_TOKEN", token, reterr) != 0)
        return -1;
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
