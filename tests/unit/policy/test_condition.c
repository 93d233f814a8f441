/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

/* One condition in an identity policy against a context; keys that the context lacks are unknown.
 */
static enum irsa_tri test_of(const char *condition, const char *context_text)
{
    irsa_autofree char *text =
        irsa_format("{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'*',"
                    "'Resource':'*','Condition':%s}]}",
                    condition);
    irsa_auto_policy policy = policy_from(text, IRSA_POLICY_IDENTITY);
    json_auto_t *context = json_from(context_text);
    const struct irsa_request request = {.action = "s3:GetObject", .context = context};
    const struct irsa_model *model = irsa_model_of(policy);
    assert_int_equal(model->statements[0].condition_count, 1);
    return irsa_match_condition(model, &model->statements[0].conditions[0], &request);
}

static void test_condition__values_are_alternatives(void **state)
{
    (void)state;
    assert_int_equal(test_of("{'StringEquals':{'k:a':['x','y']}}", "{'k:a':'y'}"), IRSA_YES);
    assert_int_equal(test_of("{'StringEquals':{'k:a':['x','y']}}", "{'k:a':'z'}"), IRSA_NO);
    assert_int_equal(test_of("{'StringNotEquals':{'k:a':['x','y']}}", "{'k:a':'y'}"), IRSA_NO);
    assert_int_equal(test_of("{'StringNotEquals':{'k:a':['x','y']}}", "{'k:a':'z'}"), IRSA_YES);
    assert_int_equal(test_of("{'NumericEquals':{'k:a':10}}", "{'k:a':'10'}"), IRSA_YES);
    assert_int_equal(test_of("{'Bool':{'k:a':true}}", "{'k:a':true}"), IRSA_YES);
}

static void test_condition__key_without_case(void **state)
{
    (void)state;
    assert_int_equal(test_of("{'StringEquals':{'K:A':'x'}}", "{'k:a':'x'}"), IRSA_YES);
}

static void test_condition__missing_key(void **state)
{
    (void)state;
    assert_int_equal(test_of("{'StringEquals':{'k:a':'x'}}", "{'k:a':null}"), IRSA_NO);
    assert_int_equal(test_of("{'StringNotEquals':{'k:a':'x'}}", "{'k:a':null}"), IRSA_YES);
    assert_int_equal(test_of("{'NotIpAddress':{'k:a':'10.0.0.0/8'}}", "{'k:a':null}"), IRSA_YES);
    assert_int_equal(test_of("{'StringEqualsIfExists':{'k:a':'x'}}", "{'k:a':null}"), IRSA_YES);
    assert_int_equal(test_of("{'StringNotEqualsIfExists':{'k:a':'x'}}", "{'k:a':null}"), IRSA_YES);
    assert_int_equal(test_of("{'ForAllValues:StringEquals':{'k:a':'x'}}", "{'k:a':null}"),
                     IRSA_YES);
    assert_int_equal(test_of("{'ForAnyValue:StringEquals':{'k:a':'x'}}", "{'k:a':null}"), IRSA_NO);
    assert_int_equal(test_of("{'ForAnyValue:StringNotEquals':{'k:a':'x'}}", "{'k:a':null}"),
                     IRSA_NO);
    assert_int_equal(test_of("{'ForAnyValue:StringEqualsIfExists':{'k:a':'x'}}", "{'k:a':null}"),
                     IRSA_YES);
}

static void test_condition__unknown_key(void **state)
{
    (void)state;
    assert_int_equal(test_of("{'StringEquals':{'k:a':'x'}}", "{}"), IRSA_MAYBE);
    assert_int_equal(test_of("{'StringNotEquals':{'k:a':'x'}}", "{}"), IRSA_MAYBE);
    assert_int_equal(test_of("{'StringEqualsIfExists':{'k:a':'x'}}", "{}"), IRSA_MAYBE);
    assert_int_equal(test_of("{'Null':{'k:a':'true'}}", "{}"), IRSA_MAYBE);
}

static void test_condition__null_operator(void **state)
{
    (void)state;
    assert_int_equal(test_of("{'Null':{'k:a':'true'}}", "{'k:a':null}"), IRSA_YES);
    assert_int_equal(test_of("{'Null':{'k:a':'false'}}", "{'k:a':null}"), IRSA_NO);
    assert_int_equal(test_of("{'Null':{'k:a':false}}", "{'k:a':'x'}"), IRSA_YES);
    assert_int_equal(test_of("{'Null':{'k:a':'true'}}", "{'k:a':'x'}"), IRSA_NO);
    assert_int_equal(test_of("{'Null':{'k:a':['true','false']}}", "{'k:a':'x'}"), IRSA_YES);
}

static void test_condition__sets(void **state)
{
    (void)state;
    const char *both = "{'k:a':['x','y']}";
    assert_int_equal(test_of("{'ForAllValues:StringEquals':{'k:a':['x','y','z']}}", both),
                     IRSA_YES);
    assert_int_equal(test_of("{'ForAllValues:StringEquals':{'k:a':['x']}}", both), IRSA_NO);
    assert_int_equal(test_of("{'ForAnyValue:StringEquals':{'k:a':['x']}}", both), IRSA_YES);
    assert_int_equal(test_of("{'ForAnyValue:StringEquals':{'k:a':['q']}}", both), IRSA_NO);
    assert_int_equal(test_of("{'ForAllValues:StringNotEquals':{'k:a':['q']}}", both), IRSA_YES);
    assert_int_equal(test_of("{'ForAllValues:StringNotEquals':{'k:a':['x']}}", both), IRSA_NO);
    assert_int_equal(test_of("{'ForAnyValue:StringNotEquals':{'k:a':['x']}}", both), IRSA_YES);
    assert_int_equal(test_of("{'ForAnyValue:StringNotEquals':{'k:a':['x','y']}}", both), IRSA_NO);
    assert_int_equal(test_of("{'ForAllValues:StringEquals':{'k:a':['x']}}", "{'k:a':[]}"),
                     IRSA_YES);
    assert_int_equal(test_of("{'ForAllValues:StringEquals':{'k:a':['x']}}", "{'k:a':''}"),
                     IRSA_YES);
    assert_int_equal(test_of("{'ForAnyValue:StringEquals':{'k:a':['']}}", "{'k:a':''}"), IRSA_NO);
}

static void test_condition__several_values_without_set_operator(void **state)
{
    (void)state;
    assert_int_equal(test_of("{'StringEquals':{'k:a':'x'}}", "{'k:a':['x','y']}"), IRSA_MAYBE);
    assert_int_equal(test_of("{'StringNotEquals':{'k:a':'x'}}", "{'k:a':['x','y']}"), IRSA_MAYBE);
    assert_int_equal(test_of("{'StringEquals':{'k:a':'x'}}", "{'k:a':['x']}"), IRSA_YES);
    assert_int_equal(test_of("{'StringEquals':{'k:a':'x'}}", "{'k:a':[]}"), IRSA_NO);
    assert_int_equal(test_of("{'StringNotEquals':{'k:a':'x'}}", "{'k:a':[]}"), IRSA_YES);
}

static void test_condition__not_understood(void **state)
{
    (void)state;
    assert_int_equal(test_of("{'stringEquals':{'k:a':'x'}}", "{'k:a':'x'}"), IRSA_NO);
    assert_int_equal(test_of("{'StringEquals':{'k:a':{}}}", "{'k:a':'x'}"), IRSA_NO);
    assert_int_equal(test_of("{'StringEquals':{'k:a':[]}}", "{'k:a':'x'}"), IRSA_NO);
}

static void test_condition__variables(void **state)
{
    (void)state;
    assert_int_equal(test_of("{'StringEquals':{'k:a':'${k:b}'}}", "{'k:a':'x','k:b':'x'}"),
                     IRSA_YES);
    assert_int_equal(test_of("{'StringEquals':{'k:a':'${k:b}'}}", "{'k:a':'x'}"), IRSA_MAYBE);
    assert_int_equal(test_of("{'StringEquals':{'k:a':['${k:b}','x']}}", "{'k:a':'x'}"), IRSA_YES);
    assert_int_equal(test_of("{'StringEquals':{'k:a':'${k:b}'}}", "{'k:a':'x','k:b':null}"),
                     IRSA_NO);
    assert_int_equal(test_of("{'StringNotEquals':{'k:a':'${k:b}'}}", "{'k:a':'x','k:b':null}"),
                     IRSA_NO);
    /* What a variable brings in is literal, and so is ${*}. */
    assert_int_equal(test_of("{'StringLike':{'k:a':'${k:b}'}}", "{'k:a':'xy','k:b':'x*'}"),
                     IRSA_NO);
    assert_int_equal(test_of("{'StringLike':{'k:a':'x${*}'}}", "{'k:a':'xy'}"), IRSA_NO);
    assert_int_equal(test_of("{'StringLike':{'k:a':'x${*}'}}", "{'k:a':'x*'}"), IRSA_YES);
    assert_int_equal(test_of("{'NumericEquals':{'k:a':'${k:b}'}}", "{'k:a':'1','k:b':'1'}"),
                     IRSA_NO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_condition__values_are_alternatives),
        cmocka_unit_test(test_condition__key_without_case),
        cmocka_unit_test(test_condition__missing_key),
        cmocka_unit_test(test_condition__unknown_key),
        cmocka_unit_test(test_condition__null_operator),
        cmocka_unit_test(test_condition__sets),
        cmocka_unit_test(test_condition__several_values_without_set_operator),
        cmocka_unit_test(test_condition__not_understood),
        cmocka_unit_test(test_condition__variables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
