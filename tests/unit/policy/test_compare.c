/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static bool compare(const char *operator_, const char *policy, const char *request)
{
    struct irsa_operator op;
    assert_true(irsa_operator_parse(operator_, &op));
    return irsa_compare(&op, policy, request);
}

static void test_compare__strings(void **state)
{
    (void)state;
    assert_true(compare("StringEquals", "a", "a"));
    assert_false(compare("StringEquals", "a", "A"));
    assert_true(compare("StringEqualsIgnoreCase", "a", "A"));
    assert_false(compare("StringEquals", "a*", "ab"));
    assert_true(compare("StringLike", "a*", "ab"));
    assert_false(compare("StringLike", "A*", "ab"));
}

static void test_compare__numbers(void **state)
{
    (void)state;
    assert_true(compare("NumericEquals", "10", "10.0"));
    assert_true(compare("NumericLessThan", "10", "9"));
    assert_false(compare("NumericLessThan", "10", "10"));
    assert_true(compare("NumericLessThanEquals", "10", "10"));
    assert_true(compare("NumericGreaterThan", "10", "10.5"));
    assert_true(compare("NumericGreaterThanEquals", "-1", "-1"));
    assert_false(compare("NumericEquals", "ten", "ten"));
    assert_false(compare("NumericEquals", "0x10", "16"));
    assert_false(compare("NumericEquals", "", ""));
}

static void test_compare__dates(void **state)
{
    (void)state;
    assert_true(compare("DateEquals", "2020-01-01T00:00:00Z", "1577836800"));
    assert_true(compare("DateEquals", "2020-01-01T01:00:00+01:00", "2020-01-01T00:00:00Z"));
    assert_true(compare("DateEquals", "2020-01-01", "2020-01-01T00:00Z"));
    assert_true(compare("DateEquals", "2020", "2020-01"));
    assert_true(compare("DateLessThan", "2020-03-01", "2020-02-29T23:59:59.5Z"));
    assert_true(compare("DateGreaterThanEquals", "1970-01-01", "0"));
    assert_true(compare("DateGreaterThan", "1969-12-31", "0"));
    assert_false(compare("DateEquals", "2021-02-29", "2021-02-29"));
    assert_false(compare("DateEquals", "2020-01-01T00:00:00", "2020-01-01T00:00:00"));
    assert_false(compare("DateEquals", "tomorrow", "tomorrow"));
}

static void test_compare__booleans(void **state)
{
    (void)state;
    assert_true(compare("Bool", "true", "true"));
    assert_true(compare("Bool", "True", "true"));
    assert_false(compare("Bool", "true", "false"));
}

static void test_compare__addresses(void **state)
{
    (void)state;
    assert_true(compare("IpAddress", "203.0.113.0/24", "203.0.113.200"));
    assert_false(compare("IpAddress", "203.0.113.0/24", "203.0.114.1"));
    assert_true(compare("IpAddress", "203.0.113.128/25", "203.0.113.129"));
    assert_false(compare("IpAddress", "203.0.113.128/25", "203.0.113.127"));
    assert_true(compare("IpAddress", "203.0.113.7", "203.0.113.7"));
    assert_true(compare("IpAddress", "0.0.0.0/0", "8.8.8.8"));
    assert_true(compare("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5678::1"));
    assert_false(compare("IpAddress", "2001:DB8:1234:5678::/64", "2001:db8:1234:5679::1"));
    assert_false(compare("IpAddress", "0.0.0.0/0", "::1"));
    assert_false(compare("IpAddress", "203.0.113.0/33", "203.0.113.1"));
    assert_false(compare("IpAddress", "203.0.113/24", "203.0.113.1"));
}

static void test_compare__binary_and_arns(void **state)
{
    (void)state;
    assert_true(compare("BinaryEquals", "QmluYXJ5", "QmluYXJ5"));
    assert_false(compare("BinaryEquals", "QmluYXJ5", "qmluYXJ5"));
    assert_true(compare("ArnEquals", "arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x"));
    assert_true(compare("ArnLike", "arn:aws:iam::?:role/x", "arn:aws:iam::1:role/x"));
}

static void test_value_fits__forms(void **state)
{
    (void)state;
    assert_true(irsa_value_fits(IRSA_FAMILY_DATE, "2020-01-01T00:00:00Z"));
    assert_false(irsa_value_fits(IRSA_FAMILY_DATE, "soon"));
    assert_false(irsa_value_fits(IRSA_FAMILY_IP, "localhost"));
    assert_false(irsa_value_fits(IRSA_FAMILY_BOOL, "yes"));
    assert_true(irsa_value_fits(IRSA_FAMILY_NULL, "TRUE"));
    assert_true(irsa_value_fits(IRSA_FAMILY_STRING, ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_compare__strings),   cmocka_unit_test(test_compare__numbers),
        cmocka_unit_test(test_compare__dates),     cmocka_unit_test(test_compare__booleans),
        cmocka_unit_test(test_compare__addresses), cmocka_unit_test(test_compare__binary_and_arns),
        cmocka_unit_test(test_value_fits__forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
