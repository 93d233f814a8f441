/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static void test_wildcard_match__stars_and_question_marks(void **state)
{
    (void)state;
    assert_true(irsa_wildcard_match("", "", false));
    assert_true(irsa_wildcard_match("*", "", false));
    assert_true(irsa_wildcard_match("a*c", "abbbc", false));
    assert_true(irsa_wildcard_match("a*b*c", "a-b-b-c", false));
    assert_true(irsa_wildcard_match("?", "x", false));
    assert_true(irsa_wildcard_match("?", "\xc3\xa9", false));
    assert_false(irsa_wildcard_match("?", "", false));
    assert_false(irsa_wildcard_match("??", "\xc3\xa9", false));
    assert_false(irsa_wildcard_match("a*c", "abbb", false));
    assert_false(irsa_wildcard_match("abc", "abcd", false));
    assert_false(irsa_wildcard_match("[a]", "a", false));
}

static void test_wildcard_match__letter_case(void **state)
{
    (void)state;
    assert_false(irsa_wildcard_match("S3:get*", "s3:GetObject", false));
    assert_true(irsa_wildcard_match("S3:get*", "s3:GetObject", true));
}

static void test_wildcard_match__many_stars_end(void **state)
{
    (void)state;
    irsa_auto_buf pattern = {0};
    irsa_auto_buf text = {0};
    for (int i = 0; i < 1000; i++)
        irsa_buf_adds(&pattern, "*a");
    irsa_buf_addc(&pattern, 'b');
    for (int i = 0; i < 5000; i++)
        irsa_buf_addc(&text, 'a');
    assert_false(irsa_wildcard_match(pattern.data, text.data, false));
    assert_false(irsa_resource_match(pattern.data, text.data));
}

static void test_pattern_match__escaped_wildcards_are_literal(void **state)
{
    (void)state;
    assert_true(irsa_pattern_match("a\x01*", "a*", false));
    assert_false(irsa_pattern_match("a\x01*", "ab", false));
    assert_true(irsa_pattern_match("a\x01?*", "a?b", false));
}

static void test_has_wildcard__variables_do_not_count(void **state)
{
    (void)state;
    assert_true(irsa_has_wildcard("a*"));
    assert_true(irsa_has_wildcard("${aws:username}?"));
    assert_false(irsa_has_wildcard("a${*}${?}"));
    assert_false(irsa_has_wildcard("plain"));
}

static void test_resource_match__star_at_a_part_s_end_runs_on(void **state)
{
    (void)state;
    const char *table = "arn:aws:dynamodb:us-east-1:111122223333:table/prod-x";
    assert_true(irsa_resource_match("*", table));
    assert_true(irsa_resource_match("arn:aws:dynamodb:*:table/prod-*", table));
    assert_true(irsa_resource_match("arn:aws:dynamodb:us-*:111122223333:table/*", table));
    assert_false(irsa_resource_match("arn:aws:dynamodb:*:table/dev-*", table));
}

static void test_resource_match__star_within_a_part_stays(void **state)
{
    (void)state;
    assert_true(irsa_resource_match("arn:aws:sqs:us-*-1:1:q", "arn:aws:sqs:us-east-1:1:q"));
    assert_false(irsa_resource_match("arn:aws:sqs:u*q", "arn:aws:sqs:us-east-1:1:q"));
    /* After the fifth colon there are no more parts. */
    assert_true(irsa_resource_match("arn:aws:logs:e:1:log-group:a*b:x",
                                    "arn:aws:logs:e:1:log-group:a:c:b:x"));
}

static void test_resource_match__documented_slashes(void **state)
{
    (void)state;
    const char *pattern = "arn:aws:s3:::bucket/*/test/*";
    assert_true(irsa_resource_match(pattern, "arn:aws:s3:::bucket/1/test/object.jpg"));
    assert_true(irsa_resource_match(pattern, "arn:aws:s3:::bucket/1/2/test/3/object.jpg"));
    assert_true(irsa_resource_match(pattern, "arn:aws:s3:::bucket//test/"));
    assert_false(irsa_resource_match(pattern, "arn:aws:s3:::bucket/1-test/object.jpg"));
    assert_false(irsa_resource_match(pattern, "arn:aws:s3:::bucket/test/object.jpg"));
}

static void test_arn_like__part_by_part(void **state)
{
    (void)state;
    /* The documentation's own example of where StringLike would match and ArnLike does not. */
    assert_false(irsa_arn_like(
        "arn:aws:someservice:*:111122223333:finance/*",
        "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"));
    assert_true(irsa_arn_like("arn:aws:iam::*:role/a*", "arn:aws:iam::1:role/abc"));
    assert_true(irsa_arn_like("*", "arn:aws:iam::1:role/abc"));
    assert_false(irsa_arn_like("arn:aws:iam::1", "arn:aws:iam::1:role/abc"));
    assert_false(irsa_arn_like("arn:aws:iam::1:role/a", "no arn"));
    assert_false(irsa_arn_like("arn:aws:iam::1:role/A", "arn:aws:iam::1:role/a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wildcard_match__stars_and_question_marks),
        cmocka_unit_test(test_wildcard_match__letter_case),
        cmocka_unit_test(test_wildcard_match__many_stars_end),
        cmocka_unit_test(test_pattern_match__escaped_wildcards_are_literal),
        cmocka_unit_test(test_has_wildcard__variables_do_not_count),
        cmocka_unit_test(test_resource_match__star_at_a_part_s_end_runs_on),
        cmocka_unit_test(test_resource_match__star_within_a_part_stays),
        cmocka_unit_test(test_resource_match__documented_slashes),
        cmocka_unit_test(test_arn_like__part_by_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
