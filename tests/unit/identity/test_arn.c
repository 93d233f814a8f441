/* SPDX-License-Identifier: Apache-2.0 */
#include "identity_test.h"

static void test_arn_parse__all_parts(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_arn arn = {0};
    assert_int_equal(
        irsa_arn_parse("arn:aws-cn:sqs:cn-north-1:123456789012:queue:with:colons", &arn, &error),
        0);
    assert_string_equal(arn.partition, "aws-cn");
    assert_string_equal(arn.service, "sqs");
    assert_string_equal(arn.region, "cn-north-1");
    assert_string_equal(arn.account, "123456789012");
    assert_string_equal(arn.resource, "queue:with:colons");
}

static void test_arn_parse__empty_region_and_account(void **state)
{
    (void)state;
    static const char *const good[] = {
        "arn:aws:s3:::bucket/key with spaces",
        "arn:aws:iam::aws:policy/AmazonSQSFullAccess",
        "arn:aws:iam::123456789012:root",
        "arn:aws:execute-api:us-east-1::x",
    };
    for (size_t i = 0; i < IRSA_COUNT(good); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_arn arn = {0};
        assert_int_equal(irsa_arn_parse(good[i], &arn, &error), 0);
    }
}

static void test_arn_parse__names_the_first_wrong_part(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "is empty, an ARN is needed"},
        {"an:aws:iam::123456789012:role/x", "begins with \"an:\", an ARN begins with \"arn:\""},
        {"bucket", "is no ARN: does not begin with \"arn:\""},
        {"arn:aws:iam:123456789012:role/x", "has 4 colons, an ARN has at least 5"},
        {"arn:", "has 1 colons, an ARN has at least 5"},
        {"arn::iam::123456789012:x", "partition is missing (\"aws\", for example)"},
        {"arn:awz:iam::123456789012:x", "partition \"awz\" is unknown"},
        {"arn:aws:::123456789012:x", "service is missing"},
        {"arn:aws:i m::123456789012:x", "service \"i m\" is none"},
        {"arn:aws:iam:u s:123456789012:x", "region \"u s\" is none"},
        {"arn:aws:iam::12345678901:x", "account id has 11 digits, 12 are needed"},
        {"arn:aws:iam::ACCOUNT:x", "account id is \"ACCOUNT\", 12 digits are needed"},
        {"arn:aws:iam::123456789012:", "resource is missing after the fifth colon"},
        {"arn:aws:s3:::a\nb", "has a line break at position 15"},
        {"arn:aws:s3:::a\x01", "has control character 0x01 at position 15"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_arn arn = {0};
        assert_parse_error(irsa_arn_parse(cases[i].text, &arn, &error), error, cases[i].message);
        assert_null(arn.partition);
    }
}

static void test_arn_parse__hints_the_partition(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_arn arn = {0};
    assert_int_equal(irsa_arn_parse("arn:aws-gov:iam::123456789012:x", &arn, &error), -1);
    irsa_error_free(irsa_steal(&error));
    assert_int_equal(irsa_arn_parse("arn:aws-us-gob:iam::123456789012:x", &arn, &error), -1);
    assert_string_equal(irsa_error_hint(error), "did you mean \"aws-us-gov\"?");
}

static void test_cluster_arn_parse__parts(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_cluster_arn arn = {0};
    assert_int_equal(
        irsa_cluster_arn_parse("arn:aws-us-gov:eks:us-gov-west-1:123456789012:cluster/A-1_b", &arn,
                               &error),
        0);
    assert_string_equal(arn.partition, "aws-us-gov");
    assert_string_equal(arn.region, "us-gov-west-1");
    assert_string_equal(arn.account, "123456789012");
    assert_string_equal(arn.name, "A-1_b");
}

static void test_cluster_arn_parse__what_is_wrong(void **state)
{
    (void)state;
#define TEN "aaaaaaaaaa"
#define CLUSTER "arn:aws:eks:eu-west-1:123456789012:cluster/"
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"arn:aws:iam::123456789012:role/x", "service is \"iam\", a cluster's is \"eks\""},
        {"arn:aws:eks::123456789012:cluster/x", "region is missing"},
        {"arn:aws:eks:cn-north-1:123456789012:cluster/x",
         "region cn-north-1 is of partition aws-cn, not aws"},
        {"arn:aws:eks:eu-west-1::cluster/x", "account id is missing"},
        {"arn:aws:eks:eu-west-1:123456789012:nodegroup/x",
         "resource is \"nodegroup/x\", a cluster's begins with \"cluster/\""},
        {CLUSTER, "cluster name is missing"},
        {CLUSTER "-a", "cluster name begins with \"-\""},
        {CLUSTER "a/b", "cluster name has \"/\""},
        {CLUSTER TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "b",
         "cluster name has 101 characters, 100 are allowed"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_cluster_arn arn = {0};
        assert_parse_error(irsa_cluster_arn_parse(cases[i].text, &arn, &error), error,
                           cases[i].message);
    }
    irsa_auto_error error = NULL;
    irsa_auto_cluster_arn arn = {0};
    assert_int_equal(
        irsa_cluster_arn_parse(CLUSTER TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN, &arn, &error), 0);
}

static void test_cluster_arn_parse__a_region_not_known_yet(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_cluster_arn arn = {0};
    assert_int_equal(
        irsa_cluster_arn_parse("arn:aws:eks:nz-north-1:123456789012:cluster/x", &arn, &error), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arn_parse__all_parts),
        cmocka_unit_test(test_arn_parse__empty_region_and_account),
        cmocka_unit_test(test_arn_parse__names_the_first_wrong_part),
        cmocka_unit_test(test_arn_parse__hints_the_partition),
        cmocka_unit_test(test_cluster_arn_parse__parts),
        cmocka_unit_test(test_cluster_arn_parse__what_is_wrong),
        cmocka_unit_test(test_cluster_arn_parse__a_region_not_known_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
