/* SPDX-License-Identifier: Apache-2.0 */
/* role_arn in a profile, with the requests that it takes. */
#include "fake.h"

#define ROLE(name) "arn:aws:iam::111122223333:role/" name

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

#define BASE_KEYS "[base]\naws_access_key_id = ID-base\naws_secret_access_key = CANARY-base\n"

static void test_source_profile__one_request_with_all_settings(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", BASE_KEYS);
    fake_file(fake, ".aws/config",
              "[profile admin]\nregion = eu-west-1\nrole_arn = " ROLE(
                  "app/admin") "\n"
                               "source_profile = base\nexternal_id = a b&c\nrole_session_name = "
                               "me@example.com\n"
                               "duration_seconds = 900\n");
    fake_answers_sts(fake, "AssumeRole", "admin");
    fake_finds(fake, "admin", "ID-admin", "role " ROLE("app/admin") " (profile admin)");
    assert_string_equal(irsa_secret_expose(&fake->credentials.secret_access_key), "KEY-admin");
    assert_string_equal(irsa_secret_expose(&fake->credentials.session_token), "TOKEN-admin");
    assert_int_equal(fake->credentials.expires_at, FAKE_NOW + 3600);
    assert_int_equal(fake->requests.len, 1);
    fake_asked(fake, 0, "POST https://sts.eu-west-1.amazonaws.com/\n");
    fake_asked(fake, 0, "Credential=ID-base/20261124/eu-west-1/sts/aws4_request");
    fake_asked(fake, 0,
               "\n\nAction=AssumeRole&Version=2011-06-15"
               "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fapp%2Fadmin"
               "&RoleSessionName=me%40example.com&ExternalId=a%20b%26c&DurationSeconds=900");
    fake_asked_not(fake, 0, "CANARY");
}

static void test_source_profile__chained(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", BASE_KEYS);
    fake_file(fake, ".aws/config",
              "[profile inner]\nrole_arn = " ROLE("inner") "\nsource_profile = base\n"
                                                           "[profile outer]\nrole_arn = " ROLE(
                                                               "outer") "\nsource_profile = inner\n"
                                                                        "region = cn-north-1\n");
    fake_answers_sts(fake, "AssumeRole", "inner");
    fake_answers_sts(fake, "AssumeRole", "outer");
    fake_finds(fake, "outer", "ID-outer", "outer");
    assert_int_equal(fake->requests.len, 2);
    fake_asked(fake, 0, "POST https://sts.cn-north-1.amazonaws.com.cn/\n");
    fake_asked(fake, 0, "Credential=ID-base/");
    fake_asked_not(fake, 0, "-Security-Token");
    fake_asked(fake, 1, "Credential=ID-inner/");
    fake_asked(fake, 1, "TOKEN-inner");
    fake_asked(fake, 1, "RoleSessionName=irsa-fix-1795503600");
}

static void test_source_profile__loops_are_refused(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config",
              "[profile a]\nrole_arn = " ROLE(
                  "a") "\nsource_profile = b\n"
                       "[profile b]\nrole_arn = " ROLE(
                           "b") "\nsource_profile = c\n"
                                "[profile c]\nrole_arn = " ROLE(
                                    "c") "\nsource_profile = b\n"
                                         "[profile self]\nrole_arn = " ROLE(
                                             "self") "\nsource_profile = self\n");
    fake_fails(fake, "a", IRSA_E_PARSE, "a -> b -> c -> b", NULL);
    fake_fails(fake, "self", IRSA_E_PARSE, "self -> self", NULL);
    assert_int_equal(fake->requests.len, 0);
}

static void test_source_profile__itself_with_keys(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config",
              "[default]\nrole_arn = " ROLE(
                  "r") "\nsource_profile = default\n"
                       "aws_access_key_id = ID-own\naws_secret_access_key = CANARY\n");
    fake_answers_sts(fake, "AssumeRole", "r");
    fake_finds(fake, NULL, "ID-r", "role");
    fake_asked(fake, 0, "POST https://sts.amazonaws.com/\n");
    fake_asked(fake, 0, "Credential=ID-own/20261124/us-east-1/sts/");
}

static void test_source_profile__that_is_wrong(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", BASE_KEYS);
    fake_file(fake, ".aws/config",
              "[profile none]\nrole_arn = " ROLE(
                  "a") "\n"
                       "[profile two]\nrole_arn = " ROLE(
                           "a") "\nsource_profile = base\n"
                                "credential_source = Environment\n"
                                "[profile gone]\nrole_arn = " ROLE(
                                    "a") "\nsource_profile = bsae\n"
                                         "[profile empty]\nregion = eu-west-1\n"
                                         "[profile poor]\nrole_arn = " ROLE(
                                             "a") "\nsource_profile = empty\n"
                                                  "[profile long]\nrole_arn = " ROLE(
                                                      "a") "\nsource_profile = base\n"
                                                           "duration_seconds = 1h\n"
                                                           "[profile what]\nrole_arn = " ROLE(
                                                               "a") "\ncredential_source = "
                                                                    "environment\n");
    fake_fails(fake, "none", IRSA_E_PARSE, "neither source_profile nor credential_source", "");
    fake_fails(fake, "two", IRSA_E_PARSE, "both source_profile and credential_source", NULL);
    fake_fails(fake, "gone", IRSA_E_NOT_FOUND, "source_profile of profile gone: profile \"bsae\"",
               "did you mean \"base\"");
    fake_fails(fake, "poor", IRSA_E_AUTH, "source_profile empty of profile poor has no credentials",
               NULL);
    fake_fails(fake, "long", IRSA_E_PARSE, "duration_seconds", NULL);
    fake_fails(fake, "what", IRSA_E_PARSE, "no credential_source \"environment\"", "Environment");
    assert_int_equal(fake->requests.len, 0);
}

static void test_credential_source__environment_even_with_profile_option(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config",
              "[profile a]\nrole_arn = " ROLE("a") "\ncredential_source = Environment\n");
    fake_fails(fake, "a", IRSA_E_AUTH, "gave nothing: environment: AWS_ACCESS_KEY_ID is not set",
               NULL);
    fake_set(fake, "AWS_ACCESS_KEY_ID", "ID-env");
    fake_set(fake, "AWS_SECRET_ACCESS_KEY", "CANARY");
    fake_set(fake, "AWS_SESSION_TOKEN", "TOKEN-env");
    fake_answers_sts(fake, "AssumeRole", "a");
    fake_finds(fake, "a", "ID-a", "role");
    fake_asked(fake, 0, "Credential=ID-env/");
    fake_asked(fake, 0, "TOKEN-env");
}

static void test_credential_source__instance_metadata(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config",
              "[profile a]\nrole_arn = " ROLE("a") "\ncredential_source = Ec2InstanceMetadata\n");
    fake_answers(fake, 200, "imds-token");
    fake_answers(fake, 200, "node-role");
    fake_answers(fake, 200,
                 "{\"Code\":\"Success\",\"AccessKeyId\":\"ID-node\",\"SecretAccessKey\":\"CANARY\","
                 "\"Token\":\"TOKEN-node\",\"Expiration\":\"" LATER "\"}");
    fake_answers_sts(fake, "AssumeRole", "a");
    fake_finds(fake, "a", "ID-a", "role");
    fake_asked(fake, 3, "Credential=ID-node/");
}

static void test_mfa__asks_and_sends_the_code(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", BASE_KEYS);
    fake_file(fake, ".aws/config",
              "[profile m]\nrole_arn = " ROLE("m") "\nsource_profile = base\n"
                                                   "mfa_serial = arn:aws:iam::1:mfa/me\n");
    fake_fails(fake, "m", IRSA_E_AUTH, "there is no terminal", "get-caller-identity --profile m");
    assert_int_equal(fake->requests.len, 0);
    fake->mfa = "123456";
    fake_answers_sts(fake, "AssumeRole", "m");
    fake_finds(fake, "m", "ID-m", "role");
    assert_string_equal(fake->question, "Enter MFA code for arn:aws:iam::1:mfa/me: ");
    fake_asked(fake, 0, "&SerialNumber=arn%3Aaws%3Aiam%3A%3A1%3Amfa%2Fme&TokenCode=123456");
}

#define REFUSAL(code, message)                                                                     \
    "<ErrorResponse "                                                                              \
    "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"               \
    "<Code>" code "</Code><Message>" message "</Message></Error>"                                  \
    "<RequestId>req-7</RequestId></ErrorResponse>"

/* printf '%s' '{"DurationSeconds": 3600, ...}' | sha1sum */
#define CACHED ".aws/cli/cache/540c3d51aa5ef03120d82c3ecd4c9a518757a9bf.json"
#define KEPT(until)                                                                                \
    "{\"Credentials\":{\"AccessKeyId\":\"ID-kept\",\"SecretAccessKey\":\"CANARY-1\","              \
    "\"SessionToken\":\"CANARY-2\",\"Expiration\":\"" until "\"}}"

static void test_mfa__a_session_of_the_cli_needs_no_code(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", BASE_KEYS);
    fake_file(fake, ".aws/config",
              "[profile x]\nrole_arn = " ROLE("x") "\nsource_profile = base\nexternal_id = e\n"
                                                   "role_session_name = s\nduration_seconds = "
                                                   "3600\nmfa_serial = arn:aws:iam::1:mfa/u\n");
    fake_file(fake, CACHED, KEPT("2026-11-24T07:16:00+00:00"));
    fake_finds(fake, "x", "ID-kept", "kept by the AWS CLI");
    assert_int_equal(fake->requests.len, 0);
    assert_null(fake->question);
    static const char *const unusable[] = {KEPT("2026-11-24T07:14:00Z"), "{",
                                           "{\"Credentials\":1}"};
    for (size_t i = 0; i < IRSA_COUNT(unusable); i++) {
        fake_file(fake, CACHED, unusable[i]);
        fake_fails(fake, "x", IRSA_E_AUTH, "needs an MFA code", "get-caller-identity --profile x");
    }
}

static void test_refused__says_who_and_why(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", BASE_KEYS);
    fake_file(fake, ".aws/config",
              "[profile x]\nregion = eu-west-1\nrole_arn = " ROLE("x") "\nsource_profile = base\n");
    fake_answers(fake, 403, REFUSAL("AccessDenied", "User is not authorized"));
    fake_fails(fake, "x", IRSA_E_AUTH, "role " ROLE("x") " of profile x, assumed by profile base (",
               "trust policy");
    assert_non_null(strstr(irsa_error_message(fake->error),
                           "sts:AssumeRole at sts.eu-west-1.amazonaws.com: AccessDenied: User is "
                           "not authorized (request req-7)"));
    fake_answers(fake, 403, REFUSAL("RegionDisabledException", "STS is not activated"));
    fake_fails(fake, "x", IRSA_E_AUTH, "RegionDisabledException", "--region");
    fake_answers(fake, 400, REFUSAL("ValidationError", "x is invalid"));
    fake_fails(fake, "x", IRSA_E_PARSE, "ValidationError: x is invalid", "role_arn");
    for (int i = 0; i < 3; i++)
        fake_answers(fake, 500, REFUSAL("ServiceFailure", "sorry"));
    fake_fails(fake, "x", IRSA_E_NET, "ServiceFailure: sorry", NULL);
    for (int i = 0; i < 3; i++)
        fake_answers(fake, 400, REFUSAL("Throttling", "Rate exceeded"));
    fake_fails(fake, "x", IRSA_E_NET, "Throttling: Rate exceeded", NULL);
}

static void test_answer__that_is_none(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", BASE_KEYS);
    fake_file(fake, ".aws/config",
              "[profile x]\nrole_arn = " ROLE("x") "\nsource_profile = base\n");
    fake_answers(fake, 200, "<html>CANARY, log in to the proxy</html>");
    fake_fails(fake, "x", IRSA_E_PARSE, "sts:AssumeRole", NULL);
    fake_answers(fake, 200,
                 "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>CANARY"
                 "</AccessKeyId></Credentials></AssumeRoleResult></AssumeRoleResponse>");
    fake_fails(fake, "x", IRSA_E_NET, "no usable SecretAccessKey", NULL);
}

static void test_throttled__is_tried_again(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", BASE_KEYS);
    fake_file(fake, ".aws/config",
              "[profile x]\nrole_arn = " ROLE("x") "\nsource_profile = base\n");
    fake_answers(fake, 400, REFUSAL("Throttling", "Rate exceeded"));
    fake_answers(fake, 500, "");
    fake_answers_sts(fake, "AssumeRole", "x");
    fake_finds(fake, "x", "ID-x", "role");
    assert_int_equal(fake->requests.len, 3);
}

static void test_endpoint__of_the_profile(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", BASE_KEYS);
    fake_file(fake, ".aws/config",
              "[profile x]\nregion = eu-west-1\nrole_arn = " ROLE(
                  "x") "\nsource_profile = base\n"
                       "services = here\n[services here]\nsts =\n  endpoint_url = "
                       "http://127.0.0.1:5000/\n");
    fake_answers_sts(fake, "AssumeRole", "x");
    fake_finds(fake, "x", "ID-x", "role");
    fake_asked(fake, 0, "POST http://127.0.0.1:5000/\n");
    fake_asked(fake, 0, "(http)");
    fake_asked(fake, 0, "/eu-west-1/sts/aws4_request");
}

static void test_assume_role__for_another_account(void **state)
{
    struct fake *fake = *state;
    struct irsa_aws_credentials found = {0};
    fake_file(fake, ".aws/credentials",
              "[default]\naws_access_key_id = ID-own\n"
              "aws_secret_access_key = CANARY\n");
    fake_finds(fake, NULL, "ID-own", "profile default");
    fake_answers_sts(fake, "AssumeRole", "other");
    assert_int_equal(irsa_aws_assume_role(&fake->options, &fake->credentials, ROLE("other"), "ext",
                                          &found, &fake->error),
                     0);
    assert_string_equal(irsa_secret_expose(&found.access_key_id), "ID-other");
    assert_string_equal(found.source, "role " ROLE("other"));
    fake_asked(fake, 0, "&ExternalId=ext");
    irsa_aws_credentials_done(&found);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_source_profile__one_request_with_all_settings),
        TEST(test_source_profile__chained),
        TEST(test_source_profile__loops_are_refused),
        TEST(test_source_profile__itself_with_keys),
        TEST(test_source_profile__that_is_wrong),
        TEST(test_credential_source__environment_even_with_profile_option),
        TEST(test_credential_source__instance_metadata),
        TEST(test_mfa__asks_and_sends_the_code),
        TEST(test_mfa__a_session_of_the_cli_needs_no_code),
        TEST(test_refused__says_who_and_why),
        TEST(test_answer__that_is_none),
        TEST(test_throttled__is_tried_again),
        TEST(test_endpoint__of_the_profile),
        TEST(test_assume_role__for_another_account),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
