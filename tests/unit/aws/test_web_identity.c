/* SPDX-License-Identifier: Apache-2.0 */
/* A token in a file, of the environment or of a profile. */
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

#define ROLE(name) "arn:aws:iam::111122223333:role/" name

static void test_environment__as_irsa_sets_it_up(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, "AWS_WEB_IDENTITY_TOKEN_FILE", fake_file(fake, "token", "eyJ.CANARY+/=\n"));
    fake_set(fake, "AWS_ROLE_ARN", ROLE("pod"));
    fake_set(fake, "AWS_REGION", "us-gov-west-1");
    fake_file(fake, ".aws/credentials",
              "[default]\naws_access_key_id = ID-file\naws_secret_access_key = CANARY\n");
    fake_answers_sts(fake, "AssumeRoleWithWebIdentity", "pod");
    fake_finds(fake, NULL, "ID-pod", "role " ROLE("pod") " by web identity (");
    fake_asked(fake, 0, "POST https://sts.us-gov-west-1.amazonaws.com/\n");
    fake_asked(fake, 0,
               "\n\nAction=AssumeRoleWithWebIdentity&Version=2011-06-15"
               "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fpod"
               "&RoleSessionName=irsa-fix-1795503600&WebIdentityToken=eyJ.CANARY%2B%2F%3D");
    fake_asked_not(fake, 0, "Authorization");
    assert_int_equal(fake->credentials.expires_at, FAKE_NOW + 3600);
}

static void test_environment__yields_to_profile_option(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, "AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere");
    fake_set(fake, "AWS_ROLE_ARN", ROLE("pod"));
    fake_file(fake, ".aws/credentials",
              "[dev]\naws_access_key_id = ID-dev\naws_secret_access_key = CANARY\n");
    fake_finds(fake, "dev", "ID-dev", "profile dev");
    fake_set(fake, "AWS_PROFILE", "dev");
    fake_fails(fake, NULL, IRSA_E_IO, "web identity: web identity token: ", NULL);
}

static void test_profile__goes_before_its_source_profile(void **state)
{
    struct fake *fake = *state;
    irsa_autofree char *config = irsa_format(
        "[profile w]\nrole_arn = " ROLE("w") "\nrole_session_name = s\n"
                                             "web_identity_token_file = %s\nsource_profile = dev\n",
        fake_file(fake, "token", "t1"));
    fake_file(fake, ".aws/config", config);
    fake_answers_sts(fake, "AssumeRoleWithWebIdentity", "w");
    fake_finds(fake, "w", "ID-w", "web identity");
    fake_asked(fake, 0, "&RoleSessionName=s&WebIdentityToken=t1");
}

static void test_profile__as_source_of_a_role(void **state)
{
    struct fake *fake = *state;
    irsa_autofree char *config =
        irsa_format("[profile w]\nrole_arn = " ROLE("w") "\nweb_identity_token_file = %s\n"
                                                         "[profile r]\nrole_arn = " ROLE(
                                                             "r") "\nsource_profile = w\n",
                    fake_file(fake, "token", "t1"));
    fake_file(fake, ".aws/config", config);
    fake_answers_sts(fake, "AssumeRoleWithWebIdentity", "w");
    fake_answers_sts(fake, "AssumeRole", "r");
    fake_finds(fake, "r", "ID-r", "role " ROLE("r"));
    fake_asked(fake, 1, "Credential=ID-w/");
}

static void test_settings__that_are_missing_or_wrong(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, "AWS_WEB_IDENTITY_TOKEN_FILE", fake_file(fake, "token", " \n"));
    fake_fails(fake, NULL, IRSA_E_PARSE, "neither AWS_ROLE_ARN nor role_arn is set", NULL);
    fake_set(fake, "AWS_ROLE_ARN", ROLE("pod"));
    fake_fails(fake, NULL, IRSA_E_PARSE, "there is no token in it", NULL);
    assert_int_equal(fake->requests.len, 0);
}

static void test_refused__never_says_the_token(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, "AWS_WEB_IDENTITY_TOKEN_FILE", fake_file(fake, "token", "CANARY"));
    fake_set(fake, "AWS_ROLE_ARN", ROLE("pod"));
    fake_answers(fake, 400,
                 "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>No OpenIDConnect "
                 "provider found in your account</Message></Error></ErrorResponse>");
    fake_fails(fake, NULL, IRSA_E_AUTH, "InvalidIdentityToken: No OpenIDConnect provider",
               "issuer");
    fake_answers(fake, 0, "");
    fake_answers(fake, 0, "");
    fake_answers(fake, 0, "");
    fake_fails(fake, NULL, IRSA_E_NET, "sts:AssumeRoleWithWebIdentity: no answer", NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_environment__as_irsa_sets_it_up),
        TEST(test_environment__yields_to_profile_option),
        TEST(test_profile__goes_before_its_source_profile),
        TEST(test_profile__as_source_of_a_role),
        TEST(test_settings__that_are_missing_or_wrong),
        TEST(test_refused__never_says_the_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
