/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that stand in a profile: in the credentials file, or further down the chain in the config
 * file. Each source looks at its own file alone, as in the CLI: a pair of keys is never made of
 * halves of both (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html). */
#include "aws/credentials_source.h"

struct place {
    const struct irsa_aws_ini *ini;
    const struct irsa_aws_section *section;
    const char *name;
    bool exists;
};

static int take(const struct place *place, const char *key, struct irsa_secret *ret,
                struct irsa_error **reterr)
{
    const char *text = NULL;
    const struct irsa_aws_entry *entry = irsa_aws_section_entry(place->ini, place->section, key);
    if (irsa_aws_entry_text(entry, place->ini->path, &text, reterr) != 0)
        return -1;
    if (text)
        irsa_secret_set(ret, text, strlen(text));
    return 0;
}

/* An access key whose secret is not here. (A secret alone is no pair begun, as for the CLI.) */
static int fail_half(const struct place *place, const struct irsa_aws_profile *profile,
                     struct irsa_error **reterr)
{
    const char *other = NULL;
    const char *missing = "aws_secret_access_key";
    (void)irsa_fail(reterr, IRSA_E_AUTH, "profile %s in %s has aws_access_key_id and no %s",
                    profile->name, place->ini->path, missing);
    if (irsa_aws_profile_entry(profile, missing, &other) && strcmp(other, place->ini->path) != 0)
        return irsa_hint(reterr, "it stands in %s: put both keys into one file", other);
    return irsa_hint(reterr, "`aws configure --profile %s` writes both", profile->name);
}

static int from_file(struct irsa_aws_chain *chain, const struct place *place,
                     const struct irsa_aws_profile *profile, struct irsa_aws_credentials *ret,
                     bool *ret_found, struct irsa_error **reterr)
{
    if (take(place, "aws_access_key_id", &ret->access_key_id, reterr) != 0
        || take(place, "aws_secret_access_key", &ret->secret_access_key, reterr) != 0
        || take(place, "aws_security_token", &ret->session_token, reterr) != 0
        || (ret->session_token.len == 0
            && take(place, "aws_session_token", &ret->session_token, reterr) != 0))
        return -1;
    if (ret->access_key_id.len == 0) {
        const char *why = !place->exists    ? "there is no such file"
                          : !place->section ? "the profile is not in it"
                          : ret->secret_access_key.len > 0
                              ? "the profile has aws_secret_access_key "
                                "and no aws_access_key_id"
                              : "the profile has no aws_access_key_id";
        irsa_aws_note(chain, "profile %s, %s %s: %s", profile->name, place->name, place->ini->path,
                      why);
        irsa_aws_credentials_done(ret);
        return 0;
    }
    if (ret->secret_access_key.len == 0)
        return fail_half(place, profile, reterr);
    ret->source = irsa_format("profile %s (%s)", profile->name, place->ini->path);
    *ret_found = true;
    return 0;
}

int irsa_aws_from_credentials_file(struct irsa_aws_chain *chain,
                                   const struct irsa_aws_profile *profile,
                                   struct irsa_aws_credentials *ret, bool *ret_found,
                                   struct irsa_error **reterr)
{
    const struct irsa_aws_files *files = profile->files;
    const struct place place = {&files->credentials, profile->credentials, "credentials file",
                                files->has_credentials};
    return from_file(chain, &place, profile, ret, ret_found, reterr);
}

int irsa_aws_from_config_file(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                              struct irsa_aws_credentials *ret, bool *ret_found,
                              struct irsa_error **reterr)
{
    const struct irsa_aws_files *files = profile->files;
    const struct place place = {&files->config, profile->config, "config file", files->has_config};
    return from_file(chain, &place, profile, ret, ret_found, reterr);
}
