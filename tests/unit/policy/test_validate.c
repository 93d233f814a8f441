/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of each rule stand in tests/suites/policy-validate; here is what they can't say. */
#include "helper.h"

static void test_policy_issues__healthy_policy_has_none(void **state)
{
    (void)state;
    irsa_auto_policy policy =
        policy_from(TRUST(",'Condition':{'StringEquals':{'" ISSUER ":sub':'" SUBJECT "','" ISSUER
                          ":aud':'sts.amazonaws.com'}}"),
                    IRSA_POLICY_TRUST);
    size_t count = 0;
    (void)irsa_policy_issues(policy, &count);
    assert_int_equal(count, 0);
}

static void test_policy_issues__asked_twice_are_the_same(void **state)
{
    (void)state;
    irsa_auto_policy policy = policy_from("{'Statment':[]}", IRSA_POLICY_TRUST);
    size_t first = 0;
    size_t second = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &first);
    assert_ptr_equal(irsa_policy_issues(policy, &second), issues);
    assert_int_equal(first, second);
    assert_string_equal(issues[0].where, "Statment");
    assert_string_equal(issues[0].message, "IAM knows no such element (did you mean Statement?)");
}

static void test_policy_issues__over_quota(void **state)
{
    (void)state;
    irsa_auto_buf text = {0};
    irsa_buf_adds(&text, "{'Version':'2012-10-17','Statement':[{'Effect':'Deny','Principal':'*',"
                         "'Action':'sts:AssumeRole','Condition':{'StringEquals':{'aws:x':[");
    for (int i = 0; i < 200; i++)
        irsa_buf_addf(&text, "%s'value-%04d'", i ? "," : "", i);
    irsa_buf_adds(&text, "]}}}]}");
    irsa_auto_policy policy = policy_from(irsa_buf_str(&text), IRSA_POLICY_TRUST);
    size_t count = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    assert_int_equal(count, 1);
    assert_false(issues[0].fatal);
    assert_string_equal(issues[0].where, "document");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_issues__healthy_policy_has_none),
        cmocka_unit_test(test_policy_issues__asked_twice_are_the_same),
        cmocka_unit_test(test_policy_issues__over_quota),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
