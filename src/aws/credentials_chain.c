/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the sources. */
#include "aws/credentials_source.h"

struct step {
    irsa_aws_source *find;
    const char *name;
};

/* Runs sources until one gives credentials or fails. */
static int walk(struct irsa_aws_chain *chain, const struct step *steps, size_t count,
                const struct irsa_aws_profile *profile, struct irsa_aws_credentials *ret,
                bool *ret_found, struct irsa_error **reterr)
{
    for (size_t i = 0; i < count && !*ret_found; i++) {
        if (steps[i].find(chain, profile, ret, ret_found, reterr) != 0) {
            irsa_aws_credentials_done(ret);
            return irsa_wrap(reterr, "credentials, %s", steps[i].name);
        }
    }
    return 0;
}

int irsa_aws_from_profile(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                          bool use_environment, struct irsa_aws_credentials *ret, bool *ret_found,
                          struct irsa_error **reterr)
{
    static const struct step steps[] = {
        {irsa_aws_from_sso, "IAM Identity Center"},
        {irsa_aws_from_credentials_file, "credentials file"},
        {irsa_aws_from_login, "aws login"},
        {irsa_aws_from_process, "credential_process"},
        {irsa_aws_from_config_file, "config file"},
    };
    if (irsa_aws_web_identity(chain, profile, use_environment, ret, ret_found, reterr) != 0) {
        irsa_aws_credentials_done(ret);
        return irsa_wrap(reterr, "credentials, web identity");
    }
    return walk(chain, steps, IRSA_COUNT(steps), profile, ret, ret_found, reterr);
}

static int find(struct irsa_aws_chain *chain, struct irsa_aws_credentials *ret, bool *ret_found,
                struct irsa_error **reterr)
{
    static const struct step before[] = {
        {irsa_aws_from_environment, "environment"},
        {irsa_aws_from_assume_role, "role_arn"},
    };
    static const struct step after[] = {
        {irsa_aws_from_container, "container"},
        {irsa_aws_from_imds, "instance metadata"},
    };
    const struct irsa_aws_config *config = chain->config;
    /* --profile was said last: the environment doesn't overrule it, but does AWS_PROFILE */
    size_t skip = config->profile_is_option ? 1 : 0;
    if (skip)
        irsa_aws_note(chain, "environment: passed over, since --profile was given");
    if (walk(chain, before + skip, IRSA_COUNT(before) - skip, &config->profile, ret, ret_found,
             reterr)
        != 0)
        return -1;
    if (!*ret_found
        && irsa_aws_from_profile(chain, &config->profile, !config->profile_is_option, ret,
                                 ret_found, reterr)
               != 0)
        return -1;
    return walk(chain, after, IRSA_COUNT(after), &config->profile, ret, ret_found, reterr);
}

static int fail_nothing(const struct irsa_aws_chain *chain, struct irsa_error **reterr)
{
    irsa_autofree char *notes = irsa_strings_join(&chain->notes, "; ", "; ");
    (void)irsa_fail(reterr, IRSA_E_AUTH, "no AWS credentials found: %s", notes);
    if (chain->config->profile_is_asked_for)
        return irsa_hint(reterr,
                         "`aws sts get-caller-identity --profile %s` shows whether the AWS "
                         "CLI finds any",
                         chain->config->profile_name);
    return irsa_hint(reterr, "choose a profile with --profile or AWS_PROFILE, or log in with `aws "
                             "login`, `aws sso login` or `aws configure`");
}

int irsa_aws_credentials_find(const struct irsa_aws_chain_options *options,
                              struct irsa_aws_credentials *ret, struct irsa_error **reterr)
{
    struct irsa_aws_chain chain = {.options = options, .config = options->config};
    irsa_auto_aws_credentials found = {0};
    bool is_found = false;
    irsa_strings_add(&chain.visited, options->config->profile_name);
    int result = find(&chain, &found, &is_found, reterr);
    if (result == 0 && !is_found)
        result = fail_nothing(&chain, reterr);
    irsa_strings_done(&chain.notes);
    irsa_strings_done(&chain.visited);
    if (result != 0)
        return -1;
    *ret = found;
    found = (struct irsa_aws_credentials){0};
    return 0;
}
