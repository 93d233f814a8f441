/* SPDX-License-Identifier: Apache-2.0 */
/* AssumeRoleWithWebIdentity by a token in a file: what IRSA itself sets up in a pod
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html#feature-assume-role-credentials-web).
 */
#include "aws/credentials_source.h"

#include <ctype.h>

#define TOKEN_MAX ((size_t)1 << 20)

struct wish {
    const char *token_file;
    const char *role_arn;
    const char *session_name;
    bool is_environment;
};

/* The variable goes before the setting, each for itself, as in the CLI. */
static int read_setting(const struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                        const char *variable, const char *key, const char **ret,
                        struct irsa_error **reterr)
{
    *ret = variable ? irsa_aws_chain_variable(chain, variable) : NULL;
    return *ret ? 0 : irsa_aws_profile_get(profile, key, ret, reterr);
}

static int read_wish(const struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                     bool use_environment, struct wish *ret, struct irsa_error **reterr)
{
    bool use = use_environment;
    if (read_setting(chain, profile, use ? "AWS_WEB_IDENTITY_TOKEN_FILE" : NULL,
                     "web_identity_token_file", &ret->token_file, reterr)
            != 0
        || read_setting(chain, profile, use ? "AWS_ROLE_ARN" : NULL, "role_arn", &ret->role_arn,
                        reterr)
               != 0
        || read_setting(chain, profile, use ? "AWS_ROLE_SESSION_NAME" : NULL, "role_session_name",
                        &ret->session_name, reterr)
               != 0)
        return -1;
    ret->is_environment = use && irsa_aws_chain_variable(chain, "AWS_WEB_IDENTITY_TOKEN_FILE");
    return 0;
}

static int add_token(const struct wish *wish, struct irsa_strings *parameters,
                     struct irsa_error **reterr)
{
    IRSA_CLEANUP(irsa_aws_wipe_buf) struct irsa_buf token = {0};
    if (irsa_file_read(wish->token_file, TOKEN_MAX, &token, reterr) != 0)
        return irsa_wrap(reterr, "web identity token");
    while (token.len > 0 && isspace((unsigned char)token.data[token.len - 1]))
        token.data[--token.len] = '\0';
    if (token.len == 0 || strlen(token.data) != token.len)
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: there is no token in it", wish->token_file);
    irsa_strings_add(parameters, "WebIdentityToken");
    irsa_strings_add(parameters, token.data);
    return 0;
}

int irsa_aws_web_identity(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                          bool use_environment, struct irsa_aws_credentials *ret, bool *ret_found,
                          struct irsa_error **reterr)
{
    struct wish wish = {0};
    if (read_wish(chain, profile, use_environment, &wish, reterr) != 0)
        return -1;
    if (!wish.token_file) {
        irsa_aws_note(chain, "web identity: %sprofile %s has no web_identity_token_file",
                      use_environment ? "AWS_WEB_IDENTITY_TOKEN_FILE is not set, and " : "",
                      profile->name);
        return 0;
    }
    const char *where = wish.is_environment ? "AWS_WEB_IDENTITY_TOKEN_FILE" : "profile";
    if (!wish.role_arn)
        return irsa_fail(reterr, IRSA_E_PARSE, "%s names a token file, and %s role_arn is set",
                         where, use_environment ? "neither AWS_ROLE_ARN nor" : "no");
    IRSA_CLEANUP(irsa_aws_wipe_strings) struct irsa_strings parameters = {0};
    irsa_autofree char *made_up = irsa_format("irsa-fix-%lld", (long long)irsa_aws_now(chain));
    irsa_strings_add(&parameters, "RoleArn");
    irsa_strings_add(&parameters, wish.role_arn);
    irsa_strings_add(&parameters, "RoleSessionName");
    irsa_strings_add(&parameters, wish.session_name ? wish.session_name : made_up);
    if (add_token(&wish, &parameters, reterr) != 0)
        return -1;
    if (irsa_aws_sts_credentials(chain, "AssumeRoleWithWebIdentity", &parameters,
                                 /* signer= */ NULL, ret, reterr)
        != 0)
        return irsa_wrap(reterr, "role %s by the token in %s", wish.role_arn, wish.token_file);
    ret->source = irsa_format("role %s by web identity (%s)", wish.role_arn, wish.token_file);
    *ret_found = true;
    return 0;
}
