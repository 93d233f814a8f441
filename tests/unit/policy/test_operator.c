/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static void test_operator_parse__all_forms(void **state)
{
    (void)state;
    struct irsa_operator op;
    assert_true(irsa_operator_parse("StringEquals", &op));
    assert_int_equal(op.family, IRSA_FAMILY_STRING);
    assert_false(op.negated);
    assert_true(irsa_operator_parse("ForAllValues:StringNotLikeIfExists", &op));
    assert_int_equal(op.family, IRSA_FAMILY_STRING_LIKE);
    assert_int_equal(op.set, IRSA_SET_FOR_ALL);
    assert_true(op.negated);
    assert_true(op.if_exists);
    assert_true(irsa_operator_parse("ForAnyValue:NumericLessThanEquals", &op));
    assert_int_equal(op.set, IRSA_SET_FOR_ANY);
    assert_int_equal(op.comparison, IRSA_CMP_LE);
    assert_true(irsa_operator_parse("NotIpAddress", &op));
    assert_int_equal(op.family, IRSA_FAMILY_IP);
    assert_true(irsa_operator_parse("ArnNotEquals", &op));
    assert_int_equal(op.family, IRSA_FAMILY_ARN);
}

static void test_operator_parse__names_that_IAM_does_not_have(void **state)
{
    (void)state;
    struct irsa_operator op;
    assert_false(irsa_operator_parse("stringequals", &op));
    assert_false(irsa_operator_parse("StringEqual", &op));
    assert_false(irsa_operator_parse("NullIfExists", &op));
    assert_false(irsa_operator_parse("ForAllValues:", &op));
    assert_false(irsa_operator_parse("ForAnyValues:StringEquals", &op));
    assert_false(irsa_operator_parse("IfExists", &op));
    assert_false(irsa_operator_parse("", &op));
}

static void test_operator_suggest__case_and_slips(void **state)
{
    (void)state;
    irsa_autofree char *lower = irsa_operator_suggest("forallvalues:stringlikeifexists");
    assert_string_equal(lower, "ForAllValues:StringLikeIfExists");
    irsa_autofree char *slip = irsa_operator_suggest("StringEqual");
    assert_string_equal(slip, "StringEquals");
    irsa_autofree char *nothing = irsa_operator_suggest("Completely");
    assert_null(nothing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operator_parse__all_forms),
        cmocka_unit_test(test_operator_parse__names_that_IAM_does_not_have),
        cmocka_unit_test(test_operator_suggest__case_and_slips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
