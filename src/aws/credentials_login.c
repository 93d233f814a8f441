/* SPDX-License-Identifier: Apache-2.0 */
/* `aws login`: the credentials that a sign-in with the console's left in ~/.aws/login/cache, for 15
 * minutes, renewed for up to 12 hours
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-login-credentials.html,
 * https://docs.aws.amazon.com/signin/latest/APIReference/API_CreateOAuth2Token.html;
 * LoginProvider in botocore's credentials.py, 1.44.5). */
#include "aws/credentials_source.h"

#include "aws/dpop.h"
#include "aws/unreached.h"
#include "irsa/document.h"

#include <sys/stat.h>

#define CACHE_MAX ((size_t)1 << 20)
#define REFRESH_WINDOW (5 * 60)

struct login {
    const struct irsa_aws_chain *chain;
    const struct irsa_aws_profile *profile;
    char *path;
    json_t *token;
    int64_t end;
};

static void login_done(struct login *login)
{
    free(login->path);
    json_decref(login->token);
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && *text ? text : NULL;
}

/* The file is named by the SHA-256 of the session's name. */
static char *cache_path(const struct irsa_aws_chain *chain, const char *session)
{
    const char *variable = irsa_aws_chain_variable(chain, "AWS_LOGIN_CACHE_DIRECTORY");
    irsa_autofree char *folder =
        irsa_aws_expand_path(chain->config, variable ? variable : "~/.aws/login/cache");
    char hex[65];
    irsa_sha256_hex(session, strlen(session), hex);
    return irsa_format("%s/%s.json", folder, hex);
}

static int log_in(const struct irsa_aws_profile *profile, const char *reason,
                  struct irsa_error **reterr)
{
    (void)irsa_fail(reterr, IRSA_E_AUTH, "profile %s, aws login: %s", profile->name, reason);
    return irsa_hint(reterr, "aws login --profile %s", profile->name);
}

/* {"accessToken": {"accessKeyId", "secretAccessKey", "sessionToken", "accountId", "expiresAt"},
 * "tokenType", "refreshToken", "idToken", "clientId", "dpopKey": PEM, "signInRegion"} */
static bool is_usable(struct login *login)
{
    const json_t *keys = json_object_get(login->token, "accessToken");
    const char *until = text_of(keys, "expiresAt");
    return text_of(keys, "accessKeyId") && text_of(keys, "secretAccessKey")
           && text_of(keys, "sessionToken") && until && irsa_aws_time_parse(until, &login->end);
}

static int read_cache(struct login *login, struct irsa_error **reterr)
{
    struct stat status;
    IRSA_CLEANUP(irsa_aws_wipe_buf) struct irsa_buf text = {0};
    if (stat(login->path, &status) != 0)
        return log_in(login->profile, "nobody is logged in", reterr);
    if (irsa_file_read(login->path, CACHE_MAX, &text, reterr) != 0)
        return -1;
    login->token = json_loadb(irsa_buf_str(&text), text.len, 0, NULL);
    if (is_usable(login))
        return 0;
    irsa_autofree char *reason = irsa_format("%s holds no usable session", login->path);
    return log_in(login->profile, reason, reterr);
}

/* Answers with status 200: {"accessToken": {"accessKeyId", ...}, "expiresIn": seconds,
 * "refreshToken", "tokenType"}. What they don't say stays as it was. */
static bool merge_answer(struct login *login, const json_t *answer)
{
    static const char *const names[] = {"accessKeyId", "secretAccessKey", "sessionToken"};
    const json_t *keys = json_object_get(answer, "accessToken");
    const json_t *seconds = json_object_get(answer, "expiresIn");
    json_t *ours = json_object_get(login->token, "accessToken");
    if (!text_of(answer, "refreshToken") || !json_is_integer(seconds))
        return false;
    for (size_t i = 0; i < IRSA_COUNT(names); i++) {
        if (!text_of(keys, names[i]))
            return false;
    }
    for (size_t i = 0; i < IRSA_COUNT(names); i++)
        (void)json_object_set(ours, names[i], json_object_get(keys, names[i]));
    login->end = irsa_aws_now(login->chain) + json_integer_value(seconds);
    irsa_autofree char *until = irsa_aws_time_text(login->end);
    (void)json_object_set_new(ours, "expiresAt", json_string(until));
    (void)json_object_set(login->token, "refreshToken", json_object_get(answer, "refreshToken"));
    return true;
}

/* {"error": "TOKEN_EXPIRED", "message": ...} */
static int fail_refused(const struct login *login, const struct irsa_exchange *exchange,
                        const json_t *answer, struct irsa_error **reterr)
{
    const char *error = text_of(answer, "error");
    const char *message = text_of(answer, "message");
    if (error && strcmp(error, "TOKEN_EXPIRED") == 0)
        return log_in(login->profile, "the session has expired", reterr);
    if (error && strcmp(error, "USER_CREDENTIALS_CHANGED") == 0)
        return log_in(login->profile, "the session is over, since the user's password has changed",
                      reterr);
    (void)irsa_fail(reterr, exchange->response.status >= 500 ? IRSA_E_NET : IRSA_E_AUTH,
                    "profile %s: %s: status %ld%s%.60s%s%.200s", login->profile->name,
                    exchange->request.label, exchange->response.status, error ? ", " : "",
                    error ? error : "", message ? ": " : "", message ? message : "");
    if (error && strcmp(error, "INSUFFICIENT_PERMISSIONS") == 0)
        return irsa_hint(reterr, "the user needs the managed policy SignInLocalDevelopmentAccess");
    return irsa_hint(reterr, "aws login --profile %s", login->profile->name);
}

static int send(struct login *login, const struct irsa_aws_endpoint *endpoint, const char *body,
                struct irsa_error **reterr)
{
    irsa_autofree char *url = irsa_format("%s/v1/token", endpoint->url);
    irsa_auto_wiped char *proof = NULL;
    if (irsa_dpop_proof(text_of(login->token, "dpopKey"), url, irsa_aws_now(login->chain), &proof,
                        reterr)
        != 0)
        return irsa_wrap(reterr, "%s: dpopKey", login->path);
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange exchange = {0};
    exchange.request = (struct irsa_http_request){
        .label = "signin:CreateOAuth2Token",
        .method = "POST",
        .url = url,
        .body = body,
        .body_len = strlen(body),
        .plain_http = endpoint->plain_http,
        .max_body = CACHE_MAX,
    };
    irsa_http_request_header(&exchange.request, "Content-Type", "application/json");
    irsa_http_request_secret(&exchange.request, "DPoP", proof);
    irsa_aws_run(login->chain, &exchange, login->chain->config->max_attempts);
    if (exchange.error)
        return irsa_aws_unreached(&exchange, reterr);
    json_auto_t *answer = irsa_aws_response_json(&exchange.response);
    if (exchange.response.status == 200 && merge_answer(login, answer))
        return 0;
    return fail_refused(login, &exchange, answer, reterr);
}

/* The region that was signed in at, which older sessions don't tell, goes before the profile's. */
static int refresh(struct login *login, struct irsa_error **reterr)
{
    const struct irsa_aws_chain *chain = login->chain;
    const json_t *token = login->token;
    const char *region = text_of(token, "signInRegion");
    irsa_auto_aws_endpoint endpoint = {0};
    if (!text_of(token, "refreshToken") || !text_of(token, "clientId")
        || !text_of(token, "dpopKey"))
        return log_in(login->profile, "the session has expired, and can't be renewed", reterr);
    if (!region)
        region = chain->options->region ? chain->options->region : chain->config->region;
    if (!region || !irsa_aws_region_valid(region)) {
        (void)irsa_fail(reterr, IRSA_E_USAGE,
                        "the region of AWS Sign-In is not known, which renews the session");
        return irsa_hint(reterr, "give --region, or `region` in profile %s", login->profile->name);
    }
    json_auto_t *wish =
        json_pack("{s:O, s:s, s:O}", "clientId", json_object_get(token, "clientId"), "grantType",
                  "refresh_token", "refreshToken", json_object_get(token, "refreshToken"));
    irsa_auto_wiped char *body = wish ? json_dumps(wish, JSON_COMPACT) : NULL;
    if (irsa_aws_chain_endpoint(chain, IRSA_AWS_SIGNIN, "signin", region, &endpoint, reterr) != 0
        || !body || send(login, &endpoint, body, reterr) != 0)
        return -1;
    irsa_auto_wiped char *text = json_dumps(token, JSON_COMPACT);
    if (!text || irsa_file_replace(login->path, text, strlen(text), 0600, reterr) != 0)
        return irsa_wrap(reterr, "the renewed session of aws login");
    return 0;
}

static void take_keys(const struct login *login, struct irsa_aws_credentials *ret)
{
    const json_t *keys = json_object_get(login->token, "accessToken");
    const struct {
        const char *name;
        struct irsa_secret *value;
    } wanted[] = {
        {"accessKeyId", &ret->access_key_id},
        {"secretAccessKey", &ret->secret_access_key},
        {"sessionToken", &ret->session_token},
    };
    for (size_t i = 0; i < IRSA_COUNT(wanted); i++) {
        const char *text = text_of(keys, wanted[i].name);
        irsa_secret_set(wanted[i].value, text, strlen(text));
    }
    ret->expires_at = login->end;
    ret->source = irsa_format("aws login (profile %s)", login->profile->name);
}

int irsa_aws_from_login(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                        struct irsa_aws_credentials *ret, bool *ret_found,
                        struct irsa_error **reterr)
{
    const char *session = NULL;
    if (irsa_aws_profile_get(profile, "login_session", &session, reterr) != 0)
        return -1;
    if (!session) {
        irsa_aws_note(chain, "profile %s, aws login: the profile has no login_session",
                      profile->name);
        return 0;
    }
    IRSA_CLEANUP(login_done)
    struct login login = {.chain = chain, .profile = profile, .path = cache_path(chain, session)};
    if (read_cache(&login, reterr) != 0)
        return -1;
    int64_t left = login.end - irsa_aws_now(chain);
    irsa_auto_error error = NULL;
    if (left <= REFRESH_WINDOW && refresh(&login, &error) != 0 && left <= 0) {
        *reterr = irsa_steal(&error);
        return -1;
    }
    take_keys(&login, ret);
    *ret_found = true;
    return 0;
}
