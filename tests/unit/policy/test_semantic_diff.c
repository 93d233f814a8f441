/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static void assert_diff(const char *a, const char *b, const char *expected)
{
    json_auto_t *before = json_from(a);
    json_auto_t *after = json_from(b);
    irsa_auto_strings lines = {0};
    irsa_policy_semantic_diff(before, after, &lines);
    irsa_autofree char *text = irsa_strings_join(&lines, "\n", "\n");
    assert_string_equal(text, expected);
}

static void test_semantic_diff__subject_added(void **state)
{
    (void)state;
    assert_diff(TRUST(",'Condition':{'StringEquals':{'" ISSUER ":sub':'a'}}"),
                TRUST(",'Sid':'X','Condition':{'StringEquals':{'" ISSUER ":sub':['a','b']}}"),
                "~ Statement[0] Condition StringEquals " ISSUER ":sub: + \"b\"");
}

static void test_semantic_diff__value_replaced_and_element_gone(void **state)
{
    (void)state;
    assert_diff(TRUST(",'Condition':{'StringEquals':{'a:b':'x'},'Null':{'a:c':'true'}}"),
                TRUST(",'Condition':{'StringEquals':{'a:b':'y'}}"),
                "~ Statement[0] Condition Null a:c (gone): - \"true\"\n"
                "~ Statement[0] Condition StringEquals a:b: - \"x\" + \"y\"");
}

static void test_semantic_diff__statements_come_and_go(void **state)
{
    (void)state;
    assert_diff("{'Statement':[{'Effect':'Allow','Principal':{'Service':'x.y'},'Action':'a:b'}]}",
                "{'Statement':[{'Effect':'Deny','Principal':{'AWS':'1'},'Action':'c:d'}]}",
                "- Statement[0] Action \"a:b\", Effect \"Allow\", Principal Service \"x.y\"\n"
                "+ Statement[0] Action \"c:d\", Effect \"Deny\", Principal AWS \"1\"");
}

static void test_semantic_diff__order_is_nothing(void **state)
{
    (void)state;
    assert_diff("{'Statement':[{'Effect':'Allow','Principal':'*','Action':['a:b','a:c']},"
                "{'Effect':'Deny','Principal':'*','Action':'a:b'}]}",
                "{'Statement':[{'Effect':'Deny','Principal':'*','Action':['A:B']},"
                "{'Action':['a:c','a:b'],'Effect':'Allow','Principal':'*'}]}",
                "");
}

static void test_semantic_diff__version(void **state)
{
    (void)state;
    assert_diff("{'Statement':[{'Effect':'Allow','Action':'a:b','Resource':'${a:b}'}]}",
                "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Action':'a:b',"
                "'Resource':'${a:b}'}]}",
                "~ Version: - (none) + 2012-10-17");
    /* Without variables the version means nothing. */
    assert_diff("{'Statement':[]}", "{'Version':'2012-10-17','Statement':[]}", "");
}

static void test_semantic_diff__from_nothing(void **state)
{
    (void)state;
    json_auto_t *after = json_from("{'Statement':[{'Effect':'Allow','Action':'a:b'}]}");
    irsa_auto_strings lines = {0};
    irsa_policy_semantic_diff(NULL, after, &lines);
    assert_int_equal(lines.len, 2);
    assert_string_equal(lines.items[1], "+ Statement[0] Action \"a:b\", Effect \"Allow\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_semantic_diff__subject_added),
        cmocka_unit_test(test_semantic_diff__value_replaced_and_element_gone),
        cmocka_unit_test(test_semantic_diff__statements_come_and_go),
        cmocka_unit_test(test_semantic_diff__order_is_nothing),
        cmocka_unit_test(test_semantic_diff__version),
        cmocka_unit_test(test_semantic_diff__from_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
