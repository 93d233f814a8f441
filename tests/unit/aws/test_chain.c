/* SPDX-License-Identifier: Apache-2.0 */
/* The order of the sources, the environment, keys in files, and what is said when nothing is found.
 */
#include "fake.h"

#define KEYS(suffix)                                                                               \
    "aws_access_key_id = ID-" suffix "\naws_secret_access_key = CANARY-" suffix "\n"

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

static void set_keys(struct fake *fake)
{
    fake_set(fake, "AWS_ACCESS_KEY_ID", "ID-env");
    fake_set(fake, "AWS_SECRET_ACCESS_KEY", "CANARY-env");
}

static void test_environment__is_first(void **state)
{
    struct fake *fake = *state;
    set_keys(fake);
    fake_set(fake, "AWS_SESSION_TOKEN", "CANARY-token");
    fake_file(fake, ".aws/credentials", "[default]\n" KEYS("file"));
    fake_file(fake, ".aws/config", "[default]\nrole_arn = arn:aws:iam::1:role/x\n");
    fake_finds(fake, NULL, "ID-env", "environment");
    assert_string_equal(irsa_secret_expose(&fake->credentials.session_token), "CANARY-token");
    assert_string_equal(irsa_secret_expose(&fake->credentials.secret_access_key), "CANARY-env");
    assert_int_equal(fake->credentials.expires_at, 0);
}

static void test_environment__yields_to_profile_option_alone(void **state)
{
    struct fake *fake = *state;
    set_keys(fake);
    fake_file(fake, ".aws/credentials", "[dev]\n" KEYS("dev"));
    fake_finds(fake, "dev", "ID-dev", "profile dev");
    fake_set(fake, "AWS_PROFILE", "dev");
    fake_finds(fake, NULL, "ID-env", "environment");
}

static void test_environment__empty_variables_are_unset(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, "AWS_ACCESS_KEY_ID", "");
    fake_set(fake, "AWS_SECRET_ACCESS_KEY", "");
    fake_set(fake, "AWS_PROFILE", "");
    fake_set(fake, "AWS_CONFIG_FILE", "");
    fake_file(fake, ".aws/credentials", "[default]\n" KEYS("file"));
    fake_finds(fake, NULL, "ID-file", "credentials");
}

static void test_environment__half_of_the_keys(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, "AWS_ACCESS_KEY_ID", "CANARY-id");
    fake_fails(fake, NULL, IRSA_E_AUTH, "AWS_SECRET_ACCESS_KEY is not", "both");
}

static void test_environment__blanks_around_a_value(void **state)
{
    struct fake *fake = *state;
    set_keys(fake);
    fake_set(fake, "AWS_SECRET_ACCESS_KEY", "CANARY\n");
    fake_fails(fake, NULL, IRSA_E_PARSE, "AWS_SECRET_ACCESS_KEY has a line break in it", "anew");
    set_keys(fake);
    fake_set(fake, "AWS_SESSION_TOKEN", " CANARY");
    fake_fails(fake, NULL, IRSA_E_PARSE, "AWS_SESSION_TOKEN has a blank in it", "anew");
}

static void test_environment__expiry(void **state)
{
    struct fake *fake = *state;
    set_keys(fake);
    fake_set(fake, "AWS_CREDENTIAL_EXPIRATION", "2026-11-24T09:00:00+01:00");
    fake_finds(fake, NULL, "ID-env", "environment");
    assert_int_equal(fake->credentials.expires_at, FAKE_NOW + 3600);
    fake_set(fake, "AWS_CREDENTIAL_EXPIRATION", EARLIER);
    fake_fails(fake, NULL, IRSA_E_AUTH, "expired at " EARLIER, NULL);
    fake_set(fake, "AWS_CREDENTIAL_EXPIRATION", "tomorrow");
    fake_fails(fake, NULL, IRSA_E_PARSE, "AWS_CREDENTIAL_EXPIRATION", NULL);
}

static void test_files__credentials_before_process_before_config(void **state)
{
    struct fake *fake = *state;
    fake_file(
        fake, ".aws/config",
        "[default]\n" KEYS(
            "config") "credential_process = echo '{\"Version\":1,\"AccessKeyId\":\"ID-process\","
                      "\"SecretAccessKey\":\"CANARY\"}'\n");
    fake_finds(fake, NULL, "ID-process", "credential_process");
    fake_file(fake, ".aws/credentials", "[default]\n" KEYS("file"));
    fake_finds(fake, NULL, "ID-file", ".aws/credentials");
    fake_file(fake, ".aws/credentials", "");
    fake_file(fake, ".aws/config", "[default]\n" KEYS("config") "aws_session_token = CANARY-t\n");
    fake_finds(fake, NULL, "ID-config", ".aws/config");
    assert_string_equal(irsa_secret_expose(&fake->credentials.session_token), "CANARY-t");
}

static void test_files__keys_of_any_length(void **state)
{
    struct fake *fake = *state;
    static const size_t lengths[] = {49, 50, 179, 180, 2000, 16000};
    for (size_t i = 0; i < IRSA_COUNT(lengths); i++) {
        irsa_autofree char *long_text = irsa_calloc(lengths[i] + 1, 1);
        memset(long_text, 'x', lengths[i]);
        irsa_autofree char *text =
            irsa_format("[%s]\r\n" KEYS("a") "aws_session_token = %s\r\n", long_text, long_text);
        fake_file(fake, ".aws/credentials", text);
        fake_finds(fake, long_text, "ID-a", "profile");
        assert_string_equal(irsa_secret_expose(&fake->credentials.session_token), long_text);
    }
}

static void test_files__a_pair_is_never_made_of_halves(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", "[default]\naws_access_key_id = CANARY-id\n");
    fake_file(fake, ".aws/config", "[default]\naws_secret_access_key = CANARY-key\n");
    fake_fails(fake, NULL, IRSA_E_AUTH, "has aws_access_key_id and no aws_secret_access_key",
               ".aws/config");
    fake_file(fake, ".aws/credentials", "[default]\naws_secret_access_key = CANARY-key\n");
    fake_file(fake, ".aws/config", "");
    fake_fails(fake, NULL, IRSA_E_AUTH,
               "the profile has aws_secret_access_key and no aws_access_key_id; ", NULL);
}

static void test_files__a_value_of_two_lines(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials",
              "[default]\naws_access_key_id = A\n aws_secret_access_key = CANARY\n");
    fake_fails(fake, NULL, IRSA_E_PARSE, "credentials:2: aws_access_key_id has a value of several",
               "beginning of its line");
}

static void test_files__malformed_or_unreadable(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", "[default]\naws_secret_access_key\nCANARY\n");
    fake_fails(fake, NULL, IRSA_E_PARSE, "credentials:2: neither", NULL);
    fake_file(fake, ".aws/credentials", "");
    fake_file(fake, "elsewhere/config", "[default]\n" KEYS("else"));
    fake_set(fake, "AWS_CONFIG_FILE", "~/elsewhere/$NAME");
    fake_set(fake, "NAME", "config");
    fake_finds(fake, NULL, "ID-else", "elsewhere/config");
}

static void test_find__profile_that_does_not_exist(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/credentials", "[development]\n" KEYS("a"));
    fake_fails(fake, "devlopment", IRSA_E_NOT_FOUND, "--profile: profile \"devlopment\" is neither",
               "did you mean \"development\"?");
    fake_set(fake, "AWS_PROFILE", "devlopment");
    fake_fails(fake, NULL, IRSA_E_NOT_FOUND, "AWS_PROFILE: profile \"devlopment\"", NULL);
    assert_int_equal(fake->requests.len, 0);
}

static void test_find__nothing_lists_each_source(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config", "[profile x]\nregion = eu-west-1\n");
    fake_set(fake, "AWS_SECRET_ACCESS_KEY", "CANARY");
    fake_fails(fake, NULL, IRSA_E_AUTH,
               "no AWS credentials found: environment: AWS_ACCESS_KEY_ID "
               "is not set, though AWS_SECRET_ACCESS_KEY is; ",
               "aws sso login");
    static const char *const said[] = {
        "profile default, role: there is no such profile",
        "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        "IAM Identity Center: the profile has no sso_account_id",
        "/.aws/credentials: there is no such file",
        "aws login: the profile has no login_session",
        "process: the profile has no credential_process",
        "/.aws/config: the profile is not in it",
        "container: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor",
        "instance metadata: http://169.254.169.254/ is not there",
    };
    for (size_t i = 0; i < IRSA_COUNT(said); i++)
        assert_non_null(strstr(irsa_error_message(fake->error), said[i]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_environment__is_first),
        TEST(test_environment__yields_to_profile_option_alone),
        TEST(test_environment__empty_variables_are_unset),
        TEST(test_environment__half_of_the_keys),
        TEST(test_environment__blanks_around_a_value),
        TEST(test_environment__expiry),
        TEST(test_files__credentials_before_process_before_config),
        TEST(test_files__keys_of_any_length),
        TEST(test_files__a_pair_is_never_made_of_halves),
        TEST(test_files__a_value_of_two_lines),
        TEST(test_files__malformed_or_unreadable),
        TEST(test_find__profile_that_does_not_exist),
        TEST(test_find__nothing_lists_each_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
