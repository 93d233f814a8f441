/* SPDX-License-Identifier: Apache-2.0 */
/* Profile, region, endpoints and switches, by command line, environment and profile. */
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

static void test_region__in_its_order(void **state)
{
    struct fake *fake = *state;
    fake_load(fake, NULL, NULL);
    assert_null(fake->config.region);
    fake_file(fake, ".aws/config", "[default]\nregion = eu-north-1 # home\n");
    fake_load(fake, NULL, NULL);
    assert_string_equal(fake->config.region, "eu-north-1");
    assert_string_equal(fake->config.region_source, "region of profile default");
    fake_set(fake, "AWS_DEFAULT_REGION", "eu-west-2");
    fake_load(fake, NULL, NULL);
    assert_string_equal(fake->config.region, "eu-west-2");
    fake_set(fake, "AWS_REGION", "eu-west-3");
    fake_load(fake, NULL, NULL);
    assert_string_equal(fake->config.region_source, "AWS_REGION");
    fake_load(fake, NULL, "us-iso-east-1");
    assert_string_equal(fake->config.region, "us-iso-east-1");
    fake_set(fake, "AWS_REGION", "");
    fake_set(fake, "AWS_DEFAULT_REGION", "");
    fake_load(fake, NULL, NULL);
    assert_string_equal(fake->config.region, "eu-north-1");
}

static int load(struct fake *fake, const char *region)
{
    const struct irsa_aws_config_options options = {
        .region = region, .environment = fake->config.environment, .home = fake->home};
    struct irsa_aws_config config = {0};
    irsa_error_free(irsa_steal(&fake->error));
    int result = irsa_aws_config_load(&options, &config, &fake->error);
    irsa_aws_config_done(&config);
    return result;
}

static void test_region__that_can_not_be_one(void **state)
{
    struct fake *fake = *state;
    fake_load(fake, NULL, NULL);
    static const char *const wrong[] = {
        "",    "eu west",
        "123", "-a",
        "a-",  "eu-west-1.evil.com",
        "é",   "a234567890123456789012345678901234567890123456789012345678901234"};
    for (size_t i = 0; i < IRSA_COUNT(wrong); i++) {
        assert_int_equal(load(fake, wrong[i]), -1);
        assert_int_equal(irsa_error_kind(fake->error), IRSA_E_USAGE);
    }
    fake_set(fake, "AWS_REGION", "eu_west_1");
    assert_int_equal(load(fake, NULL), -1);
    assert_int_equal(irsa_error_kind(fake->error), IRSA_E_PARSE);
    assert_string_equal(irsa_error_message(fake->error),
                        "AWS_REGION: \"eu_west_1\" is no region of AWS");
    static const char *const hinted[][2] = {
        {"EU-West-1", "it is written eu-west-1"},
        {"us-east-1a", "\"us-east-1a\" is an availability zone of region us-east-1"},
        {"aws-global", "a region is written like eu-west-1"},
    };
    for (size_t i = 0; i < IRSA_COUNT(hinted); i++) {
        fake_set(fake, "AWS_REGION", hinted[i][0]);
        assert_int_equal(load(fake, NULL), -1);
        assert_string_equal(irsa_error_hint(fake->error), hinted[i][1]);
    }
}

static void test_profile__by_option_variables_or_default(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config",
              "[profile a]\nregion = eu-west-1\n[profile b]\nregion = eu-west-2\n"
              "[profile c]\nregion = eu-west-3\n");
    fake_load(fake, NULL, NULL);
    assert_string_equal(fake->config.profile_name, "default");
    assert_false(fake->config.profile_is_asked_for);
    fake_set(fake, "AWS_DEFAULT_PROFILE", "a");
    fake_load(fake, NULL, NULL);
    assert_string_equal(fake->config.region, "eu-west-1");
    fake_set(fake, "AWS_PROFILE", "b");
    fake_load(fake, NULL, NULL);
    assert_string_equal(fake->config.region, "eu-west-2");
    assert_false(fake->config.profile_is_option);
    fake_load(fake, "c", NULL);
    assert_string_equal(fake->config.region, "eu-west-3");
    assert_true(fake->config.profile_is_option);
}

static void test_default_profile__asked_for_by_name_has_to_exist(void **state)
{
    struct fake *fake = *state;
    fake_fails(fake, "default", IRSA_E_NOT_FOUND, "profile \"default\" is neither",
               "aws configure");
}

static void test_max_attempts__a_number_from_1_on(void **state)
{
    struct fake *fake = *state;
    fake_load(fake, NULL, NULL);
    assert_int_equal(fake->config.max_attempts, 3);
    fake_file(fake, ".aws/config", "[default]\nmax_attempts = 7\n");
    fake_load(fake, NULL, NULL);
    assert_int_equal(fake->config.max_attempts, 7);
    fake_set(fake, "AWS_MAX_ATTEMPTS", "1");
    fake_load(fake, NULL, NULL);
    assert_int_equal(fake->config.max_attempts, 1);
    static const char *const wrong[] = {"0", "-1", "1.5", "many", "9999999999"};
    for (size_t i = 0; i < IRSA_COUNT(wrong); i++) {
        fake_set(fake, "AWS_MAX_ATTEMPTS", wrong[i]);
        fake_fails(fake, NULL, IRSA_E_PARSE, "AWS_MAX_ATTEMPTS: ", NULL);
    }
}

static void test_switches__by_variable_or_profile(void **state)
{
    struct fake *fake = *state;
    fake_file(fake, ".aws/config",
              "[default]\nuse_fips_endpoint = True\nuse_dualstack_endpoint = no\n"
              "ca_bundle = /etc/ca.pem\n");
    fake_load(fake, NULL, NULL);
    assert_true(fake->config.use_fips);
    assert_false(fake->config.use_dualstack);
    assert_string_equal(fake->config.ca_bundle, "/etc/ca.pem");
    fake_set(fake, "AWS_USE_FIPS_ENDPOINT", "false");
    fake_set(fake, "AWS_USE_DUALSTACK_ENDPOINT", "true");
    fake_set(fake, "AWS_CA_BUNDLE", "/other.pem");
    fake_load(fake, NULL, NULL);
    assert_false(fake->config.use_fips);
    assert_true(fake->config.use_dualstack);
    assert_string_equal(fake->config.ca_bundle, "/other.pem");
}

static const char *endpoint(struct fake *fake, const char *service)
{
    const char *url = NULL;
    fake_load(fake, NULL, NULL);
    assert_int_equal(irsa_aws_config_endpoint(&fake->config, service, &url, &fake->error), 0);
    return url;
}

static void test_endpoint__in_its_order(void **state)
{
    struct fake *fake = *state;
    assert_null(endpoint(fake, "iam"));
    fake_file(fake, ".aws/config",
              "[default]\nendpoint_url = http://all:1\nservices = s\n"
              "[services s]\niam =\n  endpoint_url = http://iam:2\neks =\n");
    assert_string_equal(endpoint(fake, "iam"), "http://iam:2");
    assert_string_equal(endpoint(fake, "eks"), "http://all:1");
    assert_string_equal(endpoint(fake, "sts"), "http://all:1");
    fake_set(fake, "AWS_ENDPOINT_URL", "http://env:3");
    assert_string_equal(endpoint(fake, "iam"), "http://env:3");
    fake_set(fake, "AWS_ENDPOINT_URL_IAM", "http://env-iam:4");
    assert_string_equal(endpoint(fake, "iam"), "http://env-iam:4");
    assert_string_equal(endpoint(fake, "sso_oidc"), "http://env:3");
    fake_set(fake, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE");
    assert_null(endpoint(fake, "iam"));
}

static void test_endpoint__of_services_that_do_not_exist(void **state)
{
    struct fake *fake = *state;
    const char *url = NULL;
    fake_file(fake, ".aws/config", "[default]\nservices = gone\n");
    fake_load(fake, NULL, NULL);
    assert_int_equal(irsa_aws_config_endpoint(&fake->config, "iam", &url, &fake->error), -1);
    assert_non_null(strstr(irsa_error_message(fake->error), "there is no [services gone] in "));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_region__in_its_order),
        TEST(test_region__that_can_not_be_one),
        TEST(test_profile__by_option_variables_or_default),
        TEST(test_default_profile__asked_for_by_name_has_to_exist),
        TEST(test_max_attempts__a_number_from_1_on),
        TEST(test_switches__by_variable_or_profile),
        TEST(test_endpoint__in_its_order),
        TEST(test_endpoint__of_services_that_do_not_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
