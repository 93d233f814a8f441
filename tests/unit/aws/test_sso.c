/* SPDX-License-Identifier: Apache-2.0 */
/* IAM Identity Center: the cached session, its renewal, the role's credentials. */
#include "fake.h"

static int setup(void **state)
{
    *state = fake_new();
    return 0;
}

static int teardown(void **state)
{
    fake_free(*state);
    return 0;
}

/* printf corp | sha1sum; printf https://corp.awsapps.com/start#/ | sha1sum */
#define SESSION_FILE ".aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
#define LEGACY_FILE ".aws/sso/cache/89299b9a0529ad2f5a9f7b829db1b8f767e655cc.json"
#define START "https://corp.awsapps.com/start#/"
#define SESSION                                                                                    \
    "[profile dev]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Admin@x\n"  \
    "[sso-session corp]\nsso_region = eu-central-1\nsso_start_url = " START "\n"
#define LEGACY                                                                                     \
    "[profile old]\nsso_start_url = " START "\nsso_region = us-east-1\n"                           \
    "sso_account_id = 111122223333\nsso_role_name = Reader\n"
#define TOKEN(until) "{\"accessToken\":\"CANARY-at\",\"expiresAt\":\"" until "\"}"
#define RENEWABLE(until, registered_until)                                                         \
    "{\"startUrl\":\"" START "\",\"region\":\"eu-central-1\",\"accessToken\":\"CANARY-at\","       \
    "\"expiresAt\":\"" until "\",\"clientId\":\"client\",\"clientSecret\":\"CANARY-cs\","          \
    "\"registrationExpiresAt\":\"" registered_until "\",\"refreshToken\":\"CANARY-rt\"}"
/* 2026-11-24T08:00:00Z in milliseconds */
#define KEYS                                                                                       \
    "{\"roleCredentials\":{\"accessKeyId\":\"ID-sso\",\"secretAccessKey\":\"CANARY-key\","         \
    "\"sessionToken\":\"CANARY-st\",\"expiration\":1795507200000}}"

static void test_session__gives_the_roles_credentials(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config", SESSION);
    fake_file(fake, SESSION_FILE, TOKEN("2026-11-24T10:00:00Z"));
    fake_answers(fake, 200, KEYS);
    fake_finds(fake, "dev", "ID-sso",
               "IAM Identity Center, role Admin@x in account 111122223333 (profile dev)");
    assert_int_equal(fake->credentials.expires_at, FAKE_NOW + 3600);
    assert_string_equal(irsa_secret_expose(&fake->credentials.session_token), "CANARY-st");
    assert_int_equal(fake->requests.len, 1);
    fake_asked(fake, 0,
               "GET https://portal.sso.eu-central-1.amazonaws.com/federation/credentials"
               "?role_name=Admin%40x&account_id=111122223333\n");
    fake_asked(fake, 0, "\nx-amz-sso_bearer_token: CANARY-at\n");
}

static void test_legacy__is_found_by_its_start_url(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config", LEGACY);
    fake_file(fake, LEGACY_FILE, TOKEN("2026-11-24T10:00:00UTC"));
    fake_answers(fake, 200, KEYS);
    fake_finds(fake, "old", "ID-sso", "role Reader");
    fake_asked(fake, 0, "https://portal.sso.us-east-1.amazonaws.com/");
    fake_file(fake, LEGACY_FILE, RENEWABLE(EARLIER, LATER));
    fake_fails(fake, "old", IRSA_E_AUTH, "the session has expired", "aws sso login --profile old");
    assert_int_equal(fake->requests.len, 1);
}

static void test_session__is_renewed_near_its_end(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config", SESSION);
    irsa_autofree char *path =
        irsa_strdup(fake_file(fake, SESSION_FILE, RENEWABLE("2026-11-24T07:10:00Z", LATER)));
    fake_answers(fake, 200,
                 "{\"accessToken\":\"CANARY-new\",\"expiresIn\":28800,"
                 "\"refreshToken\":\"CANARY-rt2\",\"tokenType\":\"Bearer\"}");
    fake_answers(fake, 200, KEYS);
    fake_finds(fake, "dev", "ID-sso", "IAM Identity Center");
    fake_asked(fake, 0,
               "POST https://oidc.eu-central-1.amazonaws.com/token\n"
               "Content-Type: application/json\n");
    fake_asked(fake, 0,
               "{\"grantType\":\"refresh_token\",\"clientId\":\"client\","
               "\"clientSecret\":\"CANARY-cs\",\"refreshToken\":\"CANARY-rt\"}");
    fake_asked(fake, 1, "x-amz-sso_bearer_token: CANARY-new\n");
    irsa_auto_buf cache = {0};
    assert_int_equal(irsa_file_read(path, 4096, &cache, &fake->error), 0);
    assert_string_equal(irsa_buf_str(&cache),
                        "{\"startUrl\":\"" START "\",\"region\":\"eu-central-1\",\"accessToken\":"
                        "\"CANARY-new\",\"expiresAt\":\"2026-11-24T15:00:00Z\",\"clientId\":"
                        "\"client\",\"clientSecret\":\"CANARY-cs\",\"registrationExpiresAt\":"
                        "\"" LATER "\",\"refreshToken\":\"CANARY-rt2\"}");
}

static void test_session__that_can_not_be_renewed(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config", SESSION);
    fake_fails(fake, "dev", IRSA_E_AUTH, "nobody is logged in", "aws sso login --profile dev");
    fake_file(fake, SESSION_FILE, RENEWABLE(EARLIER, EARLIER));
    fake_fails(fake, "dev", IRSA_E_AUTH, "the session has expired", "aws sso login");
    assert_int_equal(fake->requests.len, 0);
    fake_file(fake, SESSION_FILE, RENEWABLE(EARLIER, LATER));
    fake_answers(fake, 400, "{\"error\":\"invalid_grant\"}");
    fake_fails(fake, "dev", IRSA_E_AUTH, "the session has expired", "aws sso login");
    fake_file(fake, SESSION_FILE, RENEWABLE("2026-11-24T07:10:00Z", LATER));
    fake_answers(fake, 400, "{\"error\":\"invalid_grant\"}");
    fake_answers(fake, 200, KEYS);
    fake_finds(fake, "dev", "ID-sso", "IAM Identity Center");
    fake_file(fake, SESSION_FILE, "{\"accessToken\": 1, \"CANARY\": 2}");
    fake_fails(fake, "dev", IRSA_E_AUTH, "holds no usable session", "aws sso login");
}

static void test_portal__that_refuses(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config", SESSION);
    fake_file(fake, SESSION_FILE, TOKEN("2026-11-24T10:00:00Z"));
    fake_answers(fake, 401, "{\"message\":\"Session token not found or invalid\"}");
    fake_fails(fake, "dev", IRSA_E_AUTH, "no longer valid", "aws sso login --profile dev");
    fake_answers(fake, 403, "{\"message\":\"No access\",\"__type\":\"ForbiddenException\"}");
    fake_fails(fake, "dev", IRSA_E_AUTH,
               "no access to role Admin@x in account 111122223333: No access", "sso_role_name");
    fake_answers(fake, 200, "{\"roleCredentials\":{\"accessKeyId\":\"CANARY\"}}");
    fake_fails(fake, "dev", IRSA_E_NET, "unexpected answer, status 200", NULL);
}

static void test_settings__that_are_missing_or_wrong(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config",
              "[profile a]\nsso_account_id = 1\n[profile b]\nsso_account_id = 1\n"
              "sso_role_name = r\nsso_session = gone\n[profile c]\nsso_account_id = 1\n"
              "sso_role_name = r\nsso_session = s\nsso_region = us-east-1\n[sso-session s]\n"
              "sso_region = us-east-2\nsso_start_url = x\n[profile d]\nsso_account_id = 1\n"
              "sso_role_name = r\nsso_region = not/one\nsso_start_url = x\n");
    fake_fails(fake, "a", IRSA_E_PARSE, "has no sso_role_name, sso_start_url and sso_region",
               "aws configure sso --profile a");
    fake_fails(fake, "b", IRSA_E_PARSE, "there is no [sso-session gone]", NULL);
    fake_fails(fake, "c", IRSA_E_PARSE, "sso_region of profile c and of [sso-session s] differ",
               NULL);
    fake_fails(fake, "d", IRSA_E_PARSE, "can't be a region", NULL);
}

static void test_endpoint__that_the_user_set(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config", SESSION);
    fake_file(fake, SESSION_FILE, TOKEN("2026-11-24T10:00:00Z"));
    fake_set(fake, "AWS_ENDPOINT_URL_SSO", "http://127.0.0.1:4000/");
    fake_answers(fake, 200, KEYS);
    fake_finds(fake, "dev", "ID-sso", "IAM Identity Center");
    fake_asked(fake, 0, "GET http://127.0.0.1:4000/federation/credentials?");
    fake_asked(fake, 0, "(http)");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_session__gives_the_roles_credentials),
        TEST(test_legacy__is_found_by_its_start_url),
        TEST(test_session__is_renewed_near_its_end),
        TEST(test_session__that_can_not_be_renewed),
        TEST(test_portal__that_refuses),
        TEST(test_settings__that_are_missing_or_wrong),
        TEST(test_endpoint__that_the_user_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
