/* SPDX-License-Identifier: Apache-2.0 */
/* IAM Identity Center: the session that `aws sso login` left in ~/.aws/sso/cache, renewed where it
 * can be, gives the role's credentials
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html,
 * https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html;
 * SSOProvider in botocore's credentials.py). */
#include "aws/credentials_source.h"

#include "aws/sso_token.h"
#include "aws/unreached.h"
#include "irsa/document.h"

static const char *const session_keys[] = {"sso_start_url", "sso_region"};

/* A setting that profile and [sso-session] both may give, and must not give differently. */
static int read_shared(const struct irsa_aws_profile *profile,
                       const struct irsa_aws_section *session, const char *key, const char **ret,
                       struct irsa_error **reterr)
{
    const struct irsa_aws_ini *config = &profile->files->config;
    const char *of_session = NULL;
    const struct irsa_aws_entry *entry = irsa_aws_section_entry(config, session, key);
    if (irsa_aws_profile_get(profile, key, ret, reterr) != 0
        || irsa_aws_entry_text(entry, config->path, &of_session, reterr) != 0)
        return -1;
    if (session && *ret && of_session && strcmp(*ret, of_session) != 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "%s of profile %s and of [%s] differ", key,
                         profile->name, session->name);
    if (of_session)
        *ret = of_session;
    return 0;
}

static int find_session(const struct irsa_aws_profile *profile, struct irsa_aws_sso *sso,
                        const struct irsa_aws_section **ret, struct irsa_error **reterr)
{
    if (irsa_aws_profile_get(profile, "sso_session", &sso->session, reterr) != 0)
        return -1;
    *ret = sso->session ? irsa_aws_sso_session(profile->files, sso->session) : NULL;
    if (!sso->session || *ret)
        return 0;
    return irsa_fail(reterr, IRSA_E_PARSE,
                     "profile %s names sso_session = %s, and there is no [sso-session %s] in %s",
                     profile->name, sso->session, sso->session, profile->files->config.path);
}

static int check_complete(const struct irsa_aws_profile *profile, const struct irsa_aws_sso *sso,
                          struct irsa_error **reterr)
{
    const struct {
        const char *key;
        const char *value;
    } settings[] = {
        {"sso_role_name", sso->role_name},
        {"sso_account_id", sso->account_id},
        {"sso_start_url", sso->start_url},
        {"sso_region", sso->region},
    };
    irsa_auto_strings missing = {0};
    for (size_t i = 0; i < IRSA_COUNT(settings); i++) {
        if (!settings[i].value)
            irsa_strings_add(&missing, settings[i].key);
    }
    if (missing.len > 0) {
        irsa_autofree char *list = irsa_strings_join(&missing, ", ", " and ");
        (void)irsa_fail(reterr, IRSA_E_PARSE,
                        "profile %s is one of IAM Identity Center and has no %s", profile->name,
                        list);
        return irsa_hint(reterr, "`aws configure sso --profile %s` writes all of them",
                         profile->name);
    }
    if (!irsa_aws_region_valid(sso->region))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "profile %s: sso_region \"%.100s\" can't be a region", profile->name,
                         sso->region);
    return 0;
}

/* The settings; *ret_is_set says whether the profile is one of Identity Center at all. */
static int read_settings(const struct irsa_aws_profile *profile, struct irsa_aws_sso *ret,
                         bool *ret_is_set, struct irsa_error **reterr)
{
    if (irsa_aws_profile_get(profile, "sso_role_name", &ret->role_name, reterr) != 0
        || irsa_aws_profile_get(profile, "sso_account_id", &ret->account_id, reterr) != 0)
        return -1;
    *ret_is_set = ret->role_name || ret->account_id;
    if (!*ret_is_set)
        return 0;
    const struct irsa_aws_section *session = NULL;
    const char **const values[] = {&ret->start_url, &ret->region};
    if (find_session(profile, ret, &session, reterr) != 0)
        return -1;
    for (size_t i = 0; i < IRSA_COUNT(values); i++) {
        if (read_shared(profile, session, session_keys[i], values[i], reterr) != 0)
            return -1;
    }
    return check_complete(profile, ret, reterr);
}

/* {"roleCredentials": {"accessKeyId", "secretAccessKey", "sessionToken", "expiration": ms}} */
static bool read_keys(const json_t *json, struct irsa_aws_credentials *ret)
{
    const json_t *keys = json_object_get(json, "roleCredentials");
    const char *id = json_string_value(json_object_get(keys, "accessKeyId"));
    const char *key = json_string_value(json_object_get(keys, "secretAccessKey"));
    const char *token = json_string_value(json_object_get(keys, "sessionToken"));
    const json_t *expiration = json_object_get(keys, "expiration");
    if (!id || !*id || !key || !*key || !token || !*token || !json_is_integer(expiration))
        return false;
    irsa_secret_set(&ret->access_key_id, id, strlen(id));
    irsa_secret_set(&ret->secret_access_key, key, strlen(key));
    irsa_secret_set(&ret->session_token, token, strlen(token));
    ret->expires_at = json_integer_value(expiration) / 1000;
    return true;
}

static int read_answer(const struct irsa_aws_profile *profile, const struct irsa_aws_sso *sso,
                       struct irsa_exchange *exchange, struct irsa_aws_credentials *ret,
                       struct irsa_error **reterr)
{
    if (exchange->error)
        return irsa_aws_unreached(exchange, reterr);
    long status = exchange->response.status;
    if (status == 401) {
        (void)irsa_fail(reterr, IRSA_E_AUTH,
                        "sso:GetRoleCredentials: the session of IAM Identity "
                        "Center is no longer valid");
        return irsa_hint(reterr, "aws sso login --profile %s", profile->name);
    }
    json_auto_t *json = irsa_aws_response_json(&exchange->response);
    if (status == 403 || status == 404) {
        const char *message = json_string_value(json_object_get(json, "message"));
        (void)irsa_fail(reterr, IRSA_E_AUTH,
                        "sso:GetRoleCredentials: no access to role %s in account %s%s%.200s",
                        sso->role_name, sso->account_id, message ? ": " : "",
                        message ? message : "");
        return irsa_hint(reterr, "check sso_role_name and sso_account_id of profile %s",
                         profile->name);
    }
    if (status != 200 || !read_keys(json, ret))
        return irsa_fail(reterr, IRSA_E_NET,
                         "sso:GetRoleCredentials: unexpected answer, status %ld", status);
    return 0;
}

static int get_role(const struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                    const struct irsa_aws_sso *sso, const char *token,
                    struct irsa_aws_credentials *ret, struct irsa_error **reterr)
{
    irsa_auto_aws_endpoint endpoint = {0};
    irsa_auto_buf url = {0};
    if (irsa_aws_chain_endpoint(chain, IRSA_AWS_SSO, "sso", sso->region, &endpoint, reterr) != 0)
        return -1;
    irsa_buf_addf(&url, "%s/federation/credentials?role_name=", endpoint.url);
    irsa_url_encode(sso->role_name, strlen(sso->role_name), &url);
    irsa_buf_adds(&url, "&account_id=");
    irsa_url_encode(sso->account_id, strlen(sso->account_id), &url);
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange exchange = {0};
    exchange.request = (struct irsa_http_request){
        .label = "sso:GetRoleCredentials",
        .method = "GET",
        .url = url.data,
        .plain_http = endpoint.plain_http,
        .max_body = (size_t)1 << 20,
    };
    irsa_http_request_secret(&exchange.request, "x-amz-sso_bearer_token", token);
    irsa_aws_run(chain, &exchange, chain->config->max_attempts);
    return read_answer(profile, sso, &exchange, ret, reterr);
}

int irsa_aws_from_sso(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                      struct irsa_aws_credentials *ret, bool *ret_found, struct irsa_error **reterr)
{
    struct irsa_aws_sso sso = {0};
    bool is_set = false;
    if (read_settings(profile, &sso, &is_set, reterr) != 0)
        return -1;
    if (!is_set) {
        irsa_aws_note(chain, "profile %s, IAM Identity Center: the profile has no sso_account_id",
                      profile->name);
        return 0;
    }
    irsa_auto_secret token = {0};
    if (irsa_aws_sso_token(chain, profile, &sso, &token, reterr) != 0
        || get_role(chain, profile, &sso, irsa_secret_expose(&token), ret, reterr) != 0)
        return -1;
    ret->source = irsa_format("IAM Identity Center, role %s in account %s (profile %s)",
                              sso.role_name, sso.account_id, profile->name);
    *ret_found = true;
    return 0;
}
