/* SPDX-License-Identifier: Apache-2.0 */
/* The instance metadata service, its switches and its silences. */
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

#define GOOD                                                                                       \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"ID-i\",\"SecretAccessKey\":\"CANARY-i\",\"Token\":"   \
    "\"CANARY-t\",\"Expiration\":\"" LATER "\"}"
#define ROLES "latest/meta-data/iam/security-credentials/"

static void answer_all(struct fake *fake)
{
    fake_answers(fake, 200, "imds-token");
    fake_answers(fake, 200, "node.role@x");
    fake_answers(fake, 200, GOOD);
}

static void test_version_2__token_role_keys(void **state)
{
    struct fake *fake = *state;
    answer_all(fake);
    fake_finds(fake, NULL, "ID-i", "instance metadata (role node.role@x)");
    assert_int_equal(fake->requests.len, 3);
    fake_asked(fake, 0,
               "PUT http://169.254.169.254/latest/api/token\n"
               "x-aws-ec2-metadata-token-ttl-seconds: 21600\n(http)(no proxy)");
    fake_asked(fake, 1,
               "GET http://169.254.169.254/" ROLES "\nx-aws-ec2-metadata-token: imds-token\n");
    fake_asked(fake, 2, "GET http://169.254.169.254/" ROLES "node.role@x\n");
    assert_int_equal(fake->credentials.expires_at, FAKE_NOW + 3600);
}

static void test_endpoint__with_and_without_slash_and_mode(void **state)
{
    struct fake *fake = *state;
    answer_all(fake);
    answer_all(fake);
    answer_all(fake);
    fake_set(fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338");
    fake_finds(fake, NULL, "ID-i", "instance");
    fake_asked(fake, 0, "PUT http://127.0.0.1:1338/latest/api/token\n");
    fake_set(fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/");
    fake_finds(fake, NULL, "ID-i", "instance");
    fake_asked(fake, 3, "PUT http://127.0.0.1:1338/latest/api/token\n");
    fake_set(fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "");
    fake_set(fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6");
    fake_finds(fake, NULL, "ID-i", "instance");
    fake_asked(fake, 6, "PUT http://[fd00:ec2::254]/latest/api/token\n");
    fake_set(fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv5");
    fake_fails(fake, NULL, IRSA_E_PARSE, "neither ipv4 nor ipv6", NULL);
    fake_set(fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "");
    fake_set(fake, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "127.0.0.1");
    fake_fails(fake, NULL, IRSA_E_PARSE, "is no URL", NULL);
}

static void test_disabled__is_not_asked(void **state)
{
    struct fake *fake = *state;
    fake_set(fake, "AWS_EC2_METADATA_DISABLED", "True");
    fake_fails(fake, NULL, IRSA_E_AUTH, "turned off by AWS_EC2_METADATA_DISABLED", NULL);
    assert_int_equal(fake->requests.len, 0);
}

static void test_hop_limit__is_named(void **state)
{
    struct fake *fake = *state;
    fake_answers(fake, -1, "");
    fake_answers(fake, 401, "");
    fake_fails(fake, NULL, IRSA_E_AUTH, "hop limit has to be 2", NULL);
    fake_asked_not(fake, 1, "x-aws-ec2-metadata-token");
    assert_int_equal(fake->requests.len, 2);
}

static void test_version_1__where_there_are_no_tokens(void **state)
{
    struct fake *fake = *state;
    fake_answers(fake, 404, "");
    fake_answers(fake, 200, "role\n");
    fake_answers(fake, 200, GOOD);
    fake_finds(fake, NULL, "ID-i", "instance");
    fake_set(fake, "AWS_EC2_METADATA_V1_DISABLED", "true");
    fake_answers(fake, 403, "");
    fake_fails(fake, NULL, IRSA_E_AUTH, "request for a token with status 403", NULL);
    assert_int_equal(fake->requests.len, 4);
}

static void test_attempts__as_many_as_set(void **state)
{
    struct fake *fake = *state;
    fake_fails(fake, NULL, IRSA_E_AUTH, "is not there", NULL);
    assert_int_equal(fake->requests.len, 1);
    fake_file(fake, ".aws/config", "[default]\nmetadata_service_num_attempts = 3\n");
    fake_fails(fake, NULL, IRSA_E_AUTH, "is not there", NULL);
    assert_int_equal(fake->requests.len, 4);
    fake_set(fake, "AWS_METADATA_SERVICE_TIMEOUT", "soon");
    fake_fails(fake, NULL, IRSA_E_PARSE, "AWS_METADATA_SERVICE_TIMEOUT: \"soon\"", NULL);
}

static void test_answer__without_credentials(void **state)
{
    struct fake *fake = *state;
    fake_answers(fake, 200, "t");
    fake_answers(fake, 404, "");
    fake_fails(fake, NULL, IRSA_E_AUTH, "has no " ROLES, NULL);
    fake_answers(fake, 200, "t");
    fake_answers(fake, 200, "<html>");
    fake_fails(fake, NULL, IRSA_E_AUTH, "named no role", NULL);
    fake_answers(fake, 200, "t");
    fake_answers(fake, 200, "role");
    fake_answers(fake, 200, "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"CANARY\"}");
    fake_fails(fake, NULL, IRSA_E_AUTH, "code AssumeRoleUnauthorizedAccess", NULL);
}

static void test_imds_region__by_region_or_zone(void **state)
{
    struct fake *fake = *state;
    irsa_autofree char *region = NULL;
    fake_load(fake, NULL, NULL);
    fake_answers(fake, 200, "t");
    fake_answers(fake, 200, "eu-west-1");
    assert_int_equal(irsa_aws_imds_region(&fake->options, &region, &fake->error), 0);
    assert_string_equal(region, "eu-west-1");
    free(irsa_steal(&region));
    fake_answers(fake, 200, "t");
    fake_answers(fake, 404, "");
    fake_answers(fake, 200, "eu-central-1b");
    assert_int_equal(irsa_aws_imds_region(&fake->options, &region, &fake->error), 0);
    assert_string_equal(region, "eu-central-1");
    free(irsa_steal(&region));
    assert_int_equal(irsa_aws_imds_region(&fake->options, &region, &fake->error), 0);
    assert_null(region);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_version_2__token_role_keys),
        TEST(test_endpoint__with_and_without_slash_and_mode),
        TEST(test_disabled__is_not_asked),
        TEST(test_hop_limit__is_named),
        TEST(test_version_1__where_there_are_no_tokens),
        TEST(test_attempts__as_many_as_set),
        TEST(test_answer__without_credentials),
        TEST(test_imds_region__by_region_or_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
