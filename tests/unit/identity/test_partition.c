/* SPDX-License-Identifier: Apache-2.0 */
#include "identity_test.h"

static void test_partition_of_region__each_region_of_botocore(void **state)
{
    (void)state;
    static const struct {
        const char *partition;
        const char *regions; /* of botocore 1.44.5's partitions.json */
    } all[] = {
        {"aws",
         "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 "
         "ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 "
         "ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 eu-central-1 eu-central-2 "
         "eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 "
         "me-central-1 me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 us-east-1 us-east-2 "
         "us-west-1 us-west-2"},
        {"aws-cn", "cn-north-1 cn-northwest-1"},
        {"aws-eusc", "eusc-de-east-1"},
        {"aws-iso", "us-iso-east-1 us-iso-west-1"},
        {"aws-iso-b", "us-isob-east-1 us-isob-west-1"},
        {"aws-iso-e", "eu-isoe-west-1"},
        {"aws-iso-f", "us-isof-east-1 us-isof-south-1"},
        {"aws-us-gov", "us-gov-east-1 us-gov-west-1"},
    };
    for (size_t i = 0; i < IRSA_COUNT(all); i++) {
        irsa_autofree char *regions = irsa_strdup(all[i].regions);
        char *rest = NULL;
        for (char *r = strtok_r(regions, " ", &rest); r; r = strtok_r(NULL, " ", &rest)) {
            assert_non_null(irsa_partition_of_region(r));
            assert_string_equal(irsa_partition_of_region(r), all[i].partition);
        }
        assert_true(irsa_partition_known(all[i].partition));
        assert_non_null(irsa_partition_dns_suffix(all[i].partition));
    }
}

static void test_partition_of_region__a_region_of_tomorrow(void **state)
{
    (void)state;
    assert_string_equal(irsa_partition_of_region("eu-east-17"), "aws");
    assert_string_equal(irsa_partition_of_region("us-gov-central-2"), "aws-us-gov");
}

static void test_partition_of_region__no_region(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",           "us",        "us-",         "us-east",     "us-east-",   "us-east-1a",
        "us--1",      "US-EAST-1", "xx-east-1",   " us-east-1",  "us-east-1 ", "aws-global",
        "us-east-1.", "us-gov-1-", "us-iso-east", "eusc-fr-x-1", "useast-1",   "us-east_1",
    };
    for (size_t i = 0; i < IRSA_COUNT(none); i++) {
        if (irsa_partition_of_region(none[i]))
            fail_msg("\"%s\" is of %s", none[i], irsa_partition_of_region(none[i]));
    }
}

static void test_partition_dns_suffix__known_and_unknown(void **state)
{
    (void)state;
    assert_string_equal(irsa_partition_dns_suffix("aws"), "amazonaws.com");
    assert_string_equal(irsa_partition_dns_suffix("aws-us-gov"), "amazonaws.com");
    assert_string_equal(irsa_partition_dns_suffix("aws-cn"), "amazonaws.com.cn");
    assert_string_equal(irsa_partition_dns_suffix("aws-iso"), "c2s.ic.gov");
    assert_string_equal(irsa_partition_dns_suffix("aws-iso-b"), "sc2s.sgov.gov");
    assert_string_equal(irsa_partition_dns_suffix("aws-eusc"), "amazonaws.eu");
    assert_null(irsa_partition_dns_suffix("aws-mars"));
    assert_null(irsa_partition_dns_suffix(""));
    assert_false(irsa_partition_known("AWS"));
}

static void test_partition_of_arn__known_ones_only(void **state)
{
    (void)state;
    assert_string_equal(irsa_partition_of_arn("arn:aws:sts::123456789012:assumed-role/a/b"), "aws");
    assert_string_equal(irsa_partition_of_arn("arn:aws-iso-b:iam::1:role/x"), "aws-iso-b");
    assert_null(irsa_partition_of_arn("arn:aws-mars:iam::1:role/x"));
    assert_null(irsa_partition_of_arn("arn:"));
    assert_null(irsa_partition_of_arn("aws"));
    assert_null(irsa_partition_of_arn(""));
}

static void test_account_id_valid__twelve_digits_only(void **state)
{
    (void)state;
    assert_true(irsa_account_id_valid("123456789012"));
    assert_true(irsa_account_id_valid("000000000000"));
    assert_false(irsa_account_id_valid("12345678901"));
    assert_false(irsa_account_id_valid("1234567890123"));
    assert_false(irsa_account_id_valid("12345678901a"));
    assert_false(irsa_account_id_valid("1234-5678-9012"));
    assert_false(irsa_account_id_valid(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_partition_of_region__each_region_of_botocore),
        cmocka_unit_test(test_partition_of_region__a_region_of_tomorrow),
        cmocka_unit_test(test_partition_of_region__no_region),
        cmocka_unit_test(test_partition_dns_suffix__known_and_unknown),
        cmocka_unit_test(test_partition_of_arn__known_ones_only),
        cmocka_unit_test(test_account_id_valid__twelve_digits_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
