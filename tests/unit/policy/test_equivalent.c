/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static bool equivalent(const char *a, const char *b)
{
    json_auto_t *left = json_from(a);
    json_auto_t *right = json_from(b);
    const bool result = irsa_policy_equivalent(left, right);
    assert_int_equal(result, irsa_policy_equivalent(right, left));
    return result;
}

#define ONE "{'Effect':'Allow','Principal':'*','Action':'a:b'}"
#define TWO "{'Effect':'Deny','Principal':'*','Action':'a:c'}"

static void test_policy_equivalent__form_only(void **state)
{
    (void)state;
    assert_true(equivalent("{'Statement':[" ONE "]}", "{'Statement':" ONE "}"));
    assert_true(equivalent("{'Statement':[" ONE "," TWO "]}", "{'Statement':[" TWO "," ONE "]}"));
    assert_true(equivalent("{'Statement':[" ONE "," ONE "]}", "{'Statement':[" ONE "]}"));
    assert_true(equivalent("{'Statement':[" ONE "]}",
                           "{'Statement':[{'Sid':'X','Action':['A:B'],'Principal':{'AWS':'*'},"
                           "'Effect':'Allow'}]}"));
    assert_true(equivalent("{'Version':'2008-10-17','Statement':[" ONE "]}",
                           "{'Version':'2012-10-17','Statement':[" ONE "]}"));
}

static void test_policy_equivalent__conditions(void **state)
{
    (void)state;
    assert_true(equivalent(
        TRUST(",'Condition':{'StringEquals':{'A:B':['x','y']},'ArnEquals':{'a:c':'arn:x'}}"),
        TRUST(",'Condition':{'ArnLike':{'a:C':['arn:x']},'StringEquals':{'a:b':['y','x','x']}}")));
    assert_false(equivalent(TRUST(",'Condition':{'StringEquals':{'a:b':'x'}}"),
                            TRUST(",'Condition':{'StringEquals':{'a:b':'X'}}")));
    assert_false(equivalent(TRUST(",'Condition':{'StringEquals':{'a:b':'x'}}"), TRUST("")));
    assert_true(equivalent(TRUST(",'Condition':{'NumericEquals':{'a:b':10}}"),
                           TRUST(",'Condition':{'NumericEquals':{'a:b':'10'}}")));
}

static void test_policy_equivalent__principals(void **state)
{
    (void)state;
    assert_true(equivalent("{'Statement':[{'Effect':'Allow','Action':'a:b','Principal':{'AWS':"
                           "'111122223333'}}]}",
                           "{'Statement':[{'Effect':'Allow','Action':'a:b','Principal':{'AWS':"
                           "['arn:aws:iam::111122223333:root']}}]}"));
    assert_false(equivalent("{'Statement':[{'Effect':'Allow','Action':'a:b','Principal':{'AWS':"
                            "'111122223333'}}]}",
                            "{'Statement':[{'Effect':'Allow','Action':'a:b','NotPrincipal':{'AWS':"
                            "'111122223333'}}]}"));
}

static void test_policy_equivalent__version_matters_with_variables(void **state)
{
    (void)state;
    assert_false(equivalent("{'Version':'2008-10-17','Statement':[{'Effect':'Allow','Action':'a:b',"
                            "'Resource':'${a:b}'}]}",
                            "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'a:b',"
                            "'Resource':'${a:b}'}]}"));
}

static void test_policy_equivalent__refused_documents(void **state)
{
    (void)state;
    assert_true(equivalent("{'x':1}", "{'x':1}"));
    assert_false(equivalent("{'x':1}", "{'x':2}"));
    assert_false(equivalent("{'Statement':['a']}", "{'Statement':['b']}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_equivalent__form_only),
        cmocka_unit_test(test_policy_equivalent__conditions),
        cmocka_unit_test(test_policy_equivalent__principals),
        cmocka_unit_test(test_policy_equivalent__version_matters_with_variables),
        cmocka_unit_test(test_policy_equivalent__refused_documents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
