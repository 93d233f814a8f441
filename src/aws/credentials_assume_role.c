/* SPDX-License-Identifier: Apache-2.0 */
/* A profile with role_arn: AssumeRole by the credentials of source_profile, which may be another
 * such profile, or of credential_source
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-assume-role-credentials.html;
 * AssumeRoleProvider in botocore's credentials.py). */
#include "aws/credentials_source.h"

#include "aws/ask_terminal.h"
#include "aws/cli_cache.h"

struct role {
    const char *arn;
    const char *source_profile;
    const char *credential_source;
    const char *external_id;
    const char *session_name;
    const char *mfa_serial;
    const char *duration;
};

static int read_role(const struct irsa_aws_profile *profile, struct role *ret,
                     struct irsa_error **reterr)
{
    const struct {
        const char *key;
        const char **value;
    } settings[] = {
        {"role_arn", &ret->arn},
        {"source_profile", &ret->source_profile},
        {"credential_source", &ret->credential_source},
        {"external_id", &ret->external_id},
        {"role_session_name", &ret->session_name},
        {"mfa_serial", &ret->mfa_serial},
        {"duration_seconds", &ret->duration},
    };
    for (size_t i = 0; i < IRSA_COUNT(settings); i++) {
        if (irsa_aws_profile_get(profile, settings[i].key, settings[i].value, reterr) != 0)
            return -1;
    }
    return 0;
}

static int check_role(const struct irsa_aws_profile *profile, const struct role *role,
                      struct irsa_error **reterr)
{
    if (role->source_profile && role->credential_source)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "profile %s has both source_profile and credential_source", profile->name);
    if (!role->source_profile && !role->credential_source) {
        (void)irsa_fail(reterr, IRSA_E_PARSE,
                        "profile %s has role_arn, and neither source_profile nor credential_source",
                        profile->name);
        return irsa_hint(reterr, "source_profile names the profile whose credentials assume the "
                                 "role; credential_source is Environment, EcsContainer or "
                                 "Ec2InstanceMetadata");
    }
    if (role->duration
        && (strspn(role->duration, "0123456789") != strlen(role->duration)
            || strlen(role->duration) > 6))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "profile %s: duration_seconds is no number of seconds", profile->name);
    return 0;
}

static bool has_entry(const struct irsa_aws_profile *profile, const char *key)
{
    const char *path = NULL;
    return irsa_aws_profile_entry(profile, key, &path) != NULL;
}

static bool has_keys(const struct irsa_aws_profile *profile)
{
    return has_entry(profile, "aws_access_key_id") || has_entry(profile, "aws_secret_access_key");
}

/* A profile with a token file as well is one of web identity. */
static bool has_role(const struct irsa_aws_profile *profile)
{
    return has_entry(profile, "role_arn") && !has_entry(profile, "web_identity_token_file");
}

static int from_credential_source(struct irsa_aws_chain *chain,
                                  const struct irsa_aws_profile *profile, const char *name,
                                  struct irsa_aws_credentials *ret, struct irsa_error **reterr)
{
    static const struct {
        const char *name;
        irsa_aws_source *find;
    } sources[] = {
        {"Environment", irsa_aws_from_environment},
        {"EcsContainer", irsa_aws_from_container},
        {"Ec2InstanceMetadata", irsa_aws_from_imds},
    };
    for (size_t i = 0; i < IRSA_COUNT(sources); i++) {
        if (strcmp(sources[i].name, name) != 0)
            continue;
        bool found = false;
        if (sources[i].find(chain, profile, ret, &found, reterr) != 0)
            return irsa_wrap(reterr, "credential_source %s of profile %s", name, profile->name);
        if (found)
            return 0;
        const char *why = chain->notes.len > 0 ? chain->notes.items[chain->notes.len - 1] : "";
        return irsa_fail(reterr, IRSA_E_AUTH, "credential_source %s of profile %s gave nothing: %s",
                         name, profile->name, why);
    }
    (void)irsa_fail(reterr, IRSA_E_PARSE, "profile %s: there is no credential_source \"%.60s\"",
                    profile->name, name);
    return irsa_hint(reterr, "it is Environment, EcsContainer or Ec2InstanceMetadata");
}

/* A profile may be its own source where it holds the keys itself; any other return is a loop. */
static int check_loop(const struct irsa_aws_chain *chain, const struct irsa_aws_profile *parent,
                      const struct irsa_aws_profile *source, struct irsa_error **reterr)
{
    if (!irsa_strings_has(&chain->visited, source->name)
        || (strcmp(parent->name, source->name) == 0 && has_keys(source)))
        return 0;
    irsa_autofree char *way = irsa_strings_join(&chain->visited, " -> ", " -> ");
    (void)irsa_fail(reterr, IRSA_E_PARSE, "source_profile goes in a circle: %s -> %s", way,
                    source->name);
    return irsa_hint(reterr, "the last source_profile has to name a profile with credentials of "
                             "its own");
}

static int assume(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                  struct irsa_aws_credentials *ret, struct irsa_error **reterr);

static int from_source_profile(struct irsa_aws_chain *chain, const struct irsa_aws_profile *parent,
                               const char *name, struct irsa_aws_credentials *ret,
                               struct irsa_error **reterr)
{
    struct irsa_aws_profile source;
    if (!irsa_aws_profile_find(parent->files, name, &source)) {
        (void)irsa_aws_profile_missing(parent->files, name, reterr);
        return irsa_wrap(reterr, "source_profile of profile %s", parent->name);
    }
    if (check_loop(chain, parent, &source, reterr) != 0)
        return -1;
    irsa_strings_add(&chain->visited, name);
    if (!has_keys(&source) && has_role(&source))
        return assume(chain, &source, ret, reterr);
    size_t before = chain->notes.len;
    bool found = false;
    if (irsa_aws_from_profile(chain, &source, /* use_environment= */ false, ret, &found, reterr)
        != 0)
        return -1;
    if (found)
        return 0;
    struct irsa_strings notes = {chain->notes.items + before, chain->notes.len - before};
    irsa_autofree char *why = irsa_strings_join(&notes, "; ", "; ");
    return irsa_fail(reterr, IRSA_E_AUTH, "source_profile %s of profile %s has no credentials (%s)",
                     name, parent->name, why);
}

static int ask_mfa(const struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                   const char *serial, struct irsa_strings *parameters, struct irsa_error **reterr)
{
    const struct irsa_aws_chain_options *options = chain->options;
    irsa_autofree char *question = irsa_format("Enter MFA code for %s: ", serial);
    irsa_auto_wiped char *code = options->prompt
                                     ? options->prompt(options->prompt_context, question)
                                     : irsa_ask_terminal(question);
    if (!code || !*code) {
        (void)irsa_fail(reterr, IRSA_E_AUTH,
                        "profile %s needs an MFA code (mfa_serial = %s), and %s", profile->name,
                        serial,
                        code ? "none was entered" : "there is no terminal to ask for it on");
        return irsa_hint(reterr,
                         "run irsa-fix in a terminal, or first `aws sts get-caller-identity "
                         "--profile %s`, whose session is used while it holds",
                         profile->name);
    }
    irsa_strings_add(parameters, "SerialNumber");
    irsa_strings_add(parameters, serial);
    irsa_strings_add(parameters, "TokenCode");
    irsa_strings_add(parameters, code);
    return 0;
}

static void add(struct irsa_strings *parameters, const char *name, const char *value)
{
    if (!value)
        return;
    irsa_strings_add(parameters, name);
    irsa_strings_add(parameters, value);
}

static void add_role(const struct irsa_aws_chain *chain, const char *arn, const char *session_name,
                     struct irsa_strings *parameters)
{
    irsa_autofree char *made_up = irsa_format("irsa-fix-%lld", (long long)irsa_aws_now(chain));
    add(parameters, "RoleArn", arn);
    add(parameters, "RoleSessionName", session_name ? session_name : made_up);
}

/* Where a code would have to be entered, those that the CLI still has are as good. */
static bool take_cached(const struct irsa_aws_chain *chain, const struct role *role,
                        struct irsa_aws_credentials *ret)
{
    json_auto_t *arguments =
        json_pack("{s:s, s:s*, s:s*, s:s}", "RoleArn", role->arn, "ExternalId", role->external_id,
                  "RoleSessionName", role->session_name, "SerialNumber", role->mfa_serial);
    if (role->duration)
        json_object_set_new(arguments, "DurationSeconds",
                            json_integer(strtol(role->duration, NULL, 10)));
    return arguments && irsa_aws_cli_cached(chain, arguments, ret);
}

static int assume(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                  struct irsa_aws_credentials *ret, struct irsa_error **reterr)
{
    struct role role = {0};
    irsa_auto_aws_credentials source = {0};
    irsa_auto_strings parameters = {0};
    if (read_role(profile, &role, reterr) != 0)
        return -1;
    if (!role.arn)
        return irsa_fail(reterr, IRSA_E_PARSE, "profile %s: role_arn is empty", profile->name);
    if (check_role(profile, &role, reterr) != 0)
        return -1;
    if (role.mfa_serial && take_cached(chain, &role, ret)) {
        ret->source =
            irsa_format("role %s (profile %s), kept by the AWS CLI", role.arn, profile->name);
        return 0;
    }
    int result =
        role.credential_source
            ? from_credential_source(chain, profile, role.credential_source, &source, reterr)
            : from_source_profile(chain, profile, role.source_profile, &source, reterr);
    if (result != 0)
        return -1;
    add_role(chain, role.arn, role.session_name, &parameters);
    add(&parameters, "ExternalId", role.external_id);
    add(&parameters, "DurationSeconds", role.duration);
    if (role.mfa_serial && ask_mfa(chain, profile, role.mfa_serial, &parameters, reterr) != 0)
        return -1;
    if (irsa_aws_sts_credentials(chain, "AssumeRole", &parameters, &source, ret, reterr) != 0)
        return irsa_wrap(reterr, "role %s of profile %s, assumed by %s", role.arn, profile->name,
                         source.source);
    ret->source = irsa_format("role %s (profile %s)", role.arn, profile->name);
    return 0;
}

int irsa_aws_from_assume_role(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                              struct irsa_aws_credentials *ret, bool *ret_found,
                              struct irsa_error **reterr)
{
    if (!has_role(profile)) {
        irsa_aws_note(chain, "profile %s, role: %s", profile->name,
                      profile->config || profile->credentials ? "the profile has no role_arn"
                                                              : "there is no such profile");
        return 0;
    }
    if (assume(chain, profile, ret, reterr) != 0)
        return -1;
    *ret_found = true;
    return 0;
}

int irsa_aws_assume_role(const struct irsa_aws_chain_options *options,
                         const struct irsa_aws_credentials *source, const char *role_arn,
                         const char *external_id, struct irsa_aws_credentials *ret,
                         struct irsa_error **reterr)
{
    struct irsa_aws_chain chain = {.options = options, .config = options->config};
    irsa_auto_strings parameters = {0};
    irsa_auto_aws_credentials found = {0};
    add_role(&chain, role_arn, /* session_name= */ NULL, &parameters);
    add(&parameters, "ExternalId", external_id);
    if (irsa_aws_sts_credentials(&chain, "AssumeRole", &parameters, source, &found, reterr) != 0)
        return irsa_wrap(reterr, "role %s, assumed by %s", role_arn, source->source);
    found.source = irsa_format("role %s", role_arn);
    *ret = found;
    found = (struct irsa_aws_credentials){0};
    return 0;
}
