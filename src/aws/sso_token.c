/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/sso_token.h"

#include "aws/cli_cache.h"

#include <sys/stat.h>

#define CACHE_MAX ((size_t)1 << 20)
#define REFRESH_WINDOW (15 * 60)

static char *cache_path(const struct irsa_aws_chain *chain, const struct irsa_aws_sso *sso)
{
    const char *key = sso->session ? sso->session : sso->start_url;
    irsa_autofree char *folder = irsa_format("%s/.aws/sso/cache", chain->config->home);
    return irsa_aws_cli_cache_path(folder, key);
}

static int log_in(const struct irsa_aws_profile *profile, const char *reason,
                  struct irsa_error **reterr)
{
    (void)irsa_fail(reterr, IRSA_E_AUTH, "profile %s, IAM Identity Center: %s", profile->name,
                    reason);
    return irsa_hint(reterr, "aws sso login --profile %s", profile->name);
}

static json_t *read_cache(const char *path, const struct irsa_aws_profile *profile,
                          struct irsa_error **reterr)
{
    struct stat status;
    IRSA_CLEANUP(irsa_aws_wipe_buf) struct irsa_buf text = {0};
    if (stat(path, &status) != 0) {
        (void)log_in(profile, "nobody is logged in", reterr);
        return NULL;
    }
    if (irsa_file_read(path, CACHE_MAX, &text, reterr) != 0)
        return NULL;
    json_t *token = json_loadb(irsa_buf_str(&text), text.len, 0, NULL);
    if (!json_is_string(json_object_get(token, "accessToken"))
        || !json_is_string(json_object_get(token, "expiresAt"))) {
        json_decref(token);
        irsa_autofree char *reason = irsa_format("%s holds no usable session", path);
        (void)log_in(profile, reason, reterr);
        return NULL;
    }
    return token;
}

static const char *text_of(const json_t *token, const char *key)
{
    const char *text = json_string_value(json_object_get(token, key));
    return text && *text ? text : NULL;
}

/* What a renewal needs, and a registration of the client that still holds. */
static bool can_refresh(const struct irsa_aws_chain *chain, const json_t *token)
{
    const char *until = text_of(token, "registrationExpiresAt");
    int64_t end = 0;
    return text_of(token, "refreshToken") && text_of(token, "clientId")
           && text_of(token, "clientSecret") && until && irsa_aws_time_parse(until, &end)
           && end > irsa_aws_now(chain);
}

/* {"accessToken", "expiresIn": seconds, "refreshToken"?} into the cached session. */
static bool merge_answer(const struct irsa_aws_chain *chain, const struct irsa_aws_sso *sso,
                         const json_t *answer, json_t *token)
{
    const json_t *seconds = json_object_get(answer, "expiresIn");
    if (!text_of(answer, "accessToken") || !json_is_integer(seconds))
        return false;
    irsa_autofree char *until =
        irsa_aws_time_text(irsa_aws_now(chain) + json_integer_value(seconds));
    (void)json_object_set(token, "accessToken", json_object_get(answer, "accessToken"));
    (void)json_object_set_new(token, "expiresAt", json_string(until));
    (void)json_object_set_new(token, "startUrl", json_string(sso->start_url));
    (void)json_object_set_new(token, "region", json_string(sso->region));
    if (text_of(answer, "refreshToken"))
        (void)json_object_set(token, "refreshToken", json_object_get(answer, "refreshToken"));
    return true;
}

/* CreateToken
 * (https://docs.aws.amazon.com/singlesignon/latest/OIDCAPIReference/API_CreateToken.html). False:
 * the session stays as it is, as for the CLI; whether that will do is seen by its expiry. */
static bool refresh(const struct irsa_aws_chain *chain, const struct irsa_aws_sso *sso,
                    json_t *token)
{
    irsa_auto_error error = NULL;
    irsa_auto_aws_endpoint endpoint = {0};
    int located = irsa_aws_chain_endpoint(chain, IRSA_AWS_SSO_OIDC, "sso_oidc", sso->region,
                                          &endpoint, &error);
    json_auto_t *wish = json_pack("{s:s, s:O, s:O, s:O}", "grantType", "refresh_token", "clientId",
                                  json_object_get(token, "clientId"), "clientSecret",
                                  json_object_get(token, "clientSecret"), "refreshToken",
                                  json_object_get(token, "refreshToken"));
    irsa_auto_wiped char *body = wish ? json_dumps(wish, JSON_COMPACT) : NULL;
    if (located != 0 || !body)
        return false;
    irsa_autofree char *url = irsa_format("%s/token", endpoint.url);
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange exchange = {0};
    exchange.request = (struct irsa_http_request){
        .label = "sso-oidc:CreateToken",
        .method = "POST",
        .url = url,
        .body = body,
        .body_len = strlen(body),
        .plain_http = endpoint.plain_http,
        .max_body = (size_t)1 << 20,
    };
    irsa_http_request_header(&exchange.request, "Content-Type", "application/json");
    irsa_aws_run(chain, &exchange, chain->config->max_attempts);
    if (exchange.error || exchange.response.status != 200)
        return false;
    json_auto_t *answer = irsa_aws_response_json(&exchange.response);
    return merge_answer(chain, sso, answer, token);
}

int irsa_aws_sso_token(const struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                       const struct irsa_aws_sso *sso, struct irsa_secret *ret,
                       struct irsa_error **reterr)
{
    irsa_autofree char *path = cache_path(chain, sso);
    json_auto_t *token = read_cache(path, profile, reterr);
    if (!token)
        return -1;
    int64_t end = 0;
    if (!irsa_aws_time_parse(text_of(token, "expiresAt") ? text_of(token, "expiresAt") : "", &end))
        end = 0;
    if (sso->session && end - irsa_aws_now(chain) < REFRESH_WINDOW && can_refresh(chain, token)
        && refresh(chain, sso, token)) {
        irsa_auto_wiped char *text = json_dumps(token, JSON_COMPACT);
        if (!text || irsa_file_replace(path, text, strlen(text), 0600, reterr) != 0)
            return irsa_wrap(reterr, "the renewed session of IAM Identity Center");
        end = INT64_MAX;
    }
    if (end <= irsa_aws_now(chain))
        return log_in(profile, "the session has expired", reterr);
    const char *access = json_string_value(json_object_get(token, "accessToken"));
    irsa_secret_set(ret, access, strlen(access));
    return 0;
}
