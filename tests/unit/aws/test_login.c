/* SPDX-License-Identifier: Apache-2.0 */
/* aws login: the cached session, its renewal, the proof that goes with it. */
#include "fake.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

/* printf arn:aws:iam::111122223333:user/jo | sha256sum */
#define CACHED "53f9fd8c23065fa8a7d2d384dcbbe0922e92af2a195f003fb4eb4f3c129b0c16.json"
#define CONFIG "[profile l]\nlogin_session = arn:aws:iam::111122223333:user/jo\n"
#define FRESH                                                                                      \
    "{\"accessToken\":{\"accessKeyId\":\"ID-new\",\"secretAccessKey\":\"CANARY-k2\","              \
    "\"sessionToken\":\"CANARY-t2\"},\"tokenType\":\"aws_sigv4\",\"expiresIn\":900,"               \
    "\"refreshToken\":\"CANARY-r2\"}"

static char *pem; /* of a key made anew for each run */

static int setup(void **state)
{
    *state = fake_new();
    fake_file(*state, ".aws/config", CONFIG);
    return 0;
}

static int teardown(void **state)
{
    fake_free(*state);
    return 0;
}

static char *new_pem(const char *group)
{
    EVP_PKEY *key = EVP_EC_gen(group);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_non_null(key);
    /* the form that the CLI writes: -----BEGIN EC PRIVATE KEY----- */
    assert_int_equal(PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    char *data = NULL;
    long len = BIO_get_mem_data(bio, &data);
    char *text = irsa_strndup(data, (size_t)len);
    BIO_free(bio);
    EVP_PKEY_free(key);
    return text;
}

/* A session whose credentials end then; without `region` as those of before there was one. */
static const char *cached(struct fake *fake, const char *until, const char *region, const char *key)
{
    json_t *token = json_pack("{s:{s:s, s:s, s:s, s:s, s:s}, s:s, s:s, s:s, s:s}", "accessToken",
                              "accessKeyId", "ID-login", "secretAccessKey", "CANARY-k1",
                              "sessionToken", "CANARY-t1", "accountId", "111122223333", "expiresAt",
                              until, "tokenType", "aws_sigv4", "refreshToken", "CANARY-r1",
                              "clientId", "arn:aws:signin:::devtools/same-device", "dpopKey", key);
    if (region)
        json_object_set_new(token, "signInRegion", json_string(region));
    char *text = json_dumps(token, JSON_COMPACT);
    const char *path = fake_file(fake, ".aws/login/cache/" CACHED, text);
    free(text);
    json_decref(token);
    return path;
}

static void test_session__is_used_as_it_is(void **state)
{
    struct fake *fake = *state;
    (void)cached(fake, "2026-11-24T07:06:00Z", "us-east-1", pem);
    fake_finds(fake, "l", "ID-login", "aws login (profile l)");
    assert_int_equal(fake->credentials.expires_at, FAKE_NOW + 360);
    assert_string_equal(irsa_secret_expose(&fake->credentials.secret_access_key), "CANARY-k1");
    assert_string_equal(irsa_secret_expose(&fake->credentials.session_token), "CANARY-t1");
    assert_int_equal(fake->requests.len, 0);
}

/* The header's text, the caller's. */
static char *proof_of(const struct fake *fake, size_t request)
{
    const char *at = strstr(fake->requests.items[request], "\nDPoP: ");
    assert_non_null(at);
    at += strlen("\nDPoP: ");
    return irsa_strndup(at, strcspn(at, "\n"));
}

/* The object in one part of a proof; a new reference. */
static json_t *part_of(const char *text, size_t len)
{
    char base64[512] = "";
    unsigned char bytes[512] = "";
    assert_true(len + 3 < sizeof base64);
    memcpy(base64, text, len);
    for (size_t i = 0; i < len; i++)
        base64[i] = (char)(base64[i] == '-' ? '+' : base64[i] == '_' ? '/' : base64[i]);
    while (len % 4)
        base64[len++] = '=';
    assert_true(EVP_DecodeBlock(bytes, (const unsigned char *)base64, (int)len) > 0);
    json_t *part = json_loads((const char *)bytes, 0, NULL);
    assert_non_null(part);
    return part;
}

static const char *string_in(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* What it says; that the signature is right is seen by servers.SignIn of the live tests. */
static void check_proof(const char *proof, const char *url)
{
    size_t len = strcspn(proof, ".");
    json_auto_t *header = part_of(proof, len);
    const char *second = proof + len + 1;
    json_auto_t *payload = part_of(second, strcspn(second, "."));
    assert_string_equal(string_in(header, "typ"), "dpop+jwt");
    assert_string_equal(string_in(header, "alg"), "ES256");
    assert_string_equal(string_in(payload, "htm"), "POST");
    assert_string_equal(string_in(payload, "htu"), url);
    assert_int_equal(strlen(string_in(payload, "jti")), 36);
    assert_int_equal(json_integer_value(json_object_get(payload, "iat")), FAKE_NOW);
    const json_t *jwk = json_object_get(header, "jwk");
    assert_string_equal(string_in(jwk, "crv"), "P-256");
    assert_int_equal(strlen(string_in(jwk, "x")), 43);
    assert_int_equal(strlen(string_in(jwk, "y")), 43);
    assert_int_equal(strlen(strrchr(proof, '.') + 1), 86);
}

static void test_session__is_renewed_near_its_end(void **state)
{
    struct fake *fake = *state;
    irsa_autofree char *path =
        irsa_strdup(cached(fake, "2026-11-24T07:04:00Z", "eu-central-1", pem));
    fake_answers(fake, 200, FRESH);
    fake_finds(fake, "l", "ID-new", "aws login (profile l)");
    assert_int_equal(fake->credentials.expires_at, FAKE_NOW + 900);
    fake_asked(fake, 0,
               "POST https://eu-central-1.signin.aws.amazon.com/v1/token\n"
               "Content-Type: application/json\n");
    fake_asked(fake, 0,
               "{\"clientId\":\"arn:aws:signin:::devtools/same-device\","
               "\"grantType\":\"refresh_token\",\"refreshToken\":\"CANARY-r1\"}");
    irsa_autofree char *proof = proof_of(fake, 0);
    check_proof(proof, "https://eu-central-1.signin.aws.amazon.com/v1/token");
    irsa_auto_buf text = {0};
    assert_int_equal(irsa_file_read(path, 4096, &text, &fake->error), 0);
    json_auto_t *kept = json_loads(irsa_buf_str(&text), 0, NULL);
    const json_t *keys = json_object_get(kept, "accessToken");
    assert_string_equal(json_string_value(json_object_get(keys, "sessionToken")), "CANARY-t2");
    assert_string_equal(json_string_value(json_object_get(keys, "accountId")), "111122223333");
    assert_string_equal(json_string_value(json_object_get(keys, "expiresAt")),
                        "2026-11-24T07:15:00Z");
    assert_string_equal(json_string_value(json_object_get(kept, "refreshToken")), "CANARY-r2");
    assert_string_equal(json_string_value(json_object_get(kept, "dpopKey")), pem);
}

static void test_region__of_the_profile_for_older_sessions(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config", CONFIG "region = cn-north-1\n");
    (void)cached(fake, EARLIER, NULL, pem);
    fake_answers(fake, 200, FRESH);
    fake_finds(fake, "l", "ID-new", "aws login");
    fake_asked(fake, 0, "POST https://cn-north-1.signin.amazonaws.cn/v1/token\n");
    fake_file(fake, ".aws/config", CONFIG);
    (void)cached(fake, EARLIER, NULL, pem);
    fake_fails(fake, "l", IRSA_E_USAGE, "the region of AWS Sign-In is not known", "--region");
    fake_set(fake, "AWS_ENDPOINT_URL_SIGNIN", "http://127.0.0.1:4000/");
    (void)cached(fake, EARLIER, "us-west-2", pem);
    fake_answers(fake, 200, FRESH);
    fake_finds(fake, "l", "ID-new", "aws login");
    fake_asked(fake, 1, "POST http://127.0.0.1:4000/v1/token\n");
}

static void test_renewal__that_is_refused(void **state)
{
    struct fake *fake = *state;
    (void)cached(fake, EARLIER, "us-east-1", pem);
    fake_answers(fake, 403, "{\"error\":\"TOKEN_EXPIRED\",\"message\":\"CANARY\"}");
    fake_fails(fake, "l", IRSA_E_AUTH, "profile l, aws login: the session has expired",
               "aws login --profile l");
    fake_answers(fake, 403, "{\"error\":\"USER_CREDENTIALS_CHANGED\"}");
    fake_fails(fake, "l", IRSA_E_AUTH, "password has changed", "aws login --profile l");
    fake_answers(fake, 403, "{\"error\":\"INSUFFICIENT_PERMISSIONS\",\"message\":\"no\"}");
    fake_fails(fake, "l", IRSA_E_AUTH, "status 403, INSUFFICIENT_PERMISSIONS: no",
               "SignInLocalDevelopmentAccess");
    fake_answers(fake, 200, "{\"accessToken\":{\"accessKeyId\":\"CANARY\"}}");
    fake_fails(fake, "l", IRSA_E_AUTH, "signin:CreateOAuth2Token: status 200", "aws login");
    /* what still holds is used, however the renewal went */
    (void)cached(fake, "2026-11-24T07:01:00Z", "us-east-1", pem);
    fake_answers(fake, 500, "");
    fake_finds(fake, "l", "ID-login", "aws login");
}

static void test_cache__that_is_not_there_or_unusable(void **state)
{
    struct fake *fake = *state;
    irsa_autofree char *other = new_pem("P-384");
    fake_fails(fake, "l", IRSA_E_AUTH, "nobody is logged in", "aws login --profile l");
    fake_file(fake, ".aws/login/cache/" CACHED, "{\"accessToken\": \"CANARY\"}");
    fake_fails(fake, "l", IRSA_E_AUTH, "holds no usable session", "aws login --profile l");
    (void)cached(fake, EARLIER, "us-east-1", "CANARY");
    fake_fails(fake, "l", IRSA_E_PARSE, "dpopKey: the key is no EC private key on P-256", NULL);
    (void)cached(fake, EARLIER, "us-east-1", other);
    fake_fails(fake, "l", IRSA_E_PARSE, "dpopKey: the key is no EC private key on P-256", NULL);
    (void)cached(fake, EARLIER, "us-east-1", "");
    fake_fails(fake, "l", IRSA_E_AUTH, "can't be renewed", "aws login --profile l");
    assert_int_equal(fake->requests.len, 0);
}

static void test_cache__elsewhere(void **state)
{
    struct fake *fake = *state;
    (void)cached(fake, LATER, "us-east-1", pem);
    fake_set(fake, "AWS_LOGIN_CACHE_DIRECTORY", "~/other");
    fake_fails(fake, "l", IRSA_E_AUTH, "nobody is logged in", NULL);
    fake_set(fake, "AWS_LOGIN_CACHE_DIRECTORY", "~/.aws/login/cache");
    fake_finds(fake, "l", "ID-login", "aws login");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_session__is_used_as_it_is),
        TEST(test_session__is_renewed_near_its_end),
        TEST(test_region__of_the_profile_for_older_sessions),
        TEST(test_renewal__that_is_refused),
        TEST(test_cache__that_is_not_there_or_unusable),
        TEST(test_cache__elsewhere),
    };
    pem = new_pem("P-256");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(pem);
    return failed;
}
