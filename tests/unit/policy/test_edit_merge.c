/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

#define WEB "system:serviceaccount:shop:web"
#define CRON "system:serviceaccount:ops:cron"
#define STATEMENT(sid, values, audience)                                                           \
    "{" sid "'Effect':'Allow','Principal':{'Federated':'" PROVIDER "'},"                           \
    "'Action':'sts:AssumeRoleWithWebIdentity','Condition':{'StringEquals':{'" ISSUER               \
    ":sub':" values ",'" ISSUER ":aud':" audience "}}}"
#define STS "'sts.amazonaws.com'"
#define EC2                                                                                        \
    "{'Effect':'Allow','Principal':{'Service':'ec2.amazonaws.com'},'Action':'sts:AssumeRole'}"
#define DOCUMENT(statements) "{'Version':'2012-10-17','Statement':[" statements "]}"

static void check(const char *before, const char *after)
{
    irsa_auto_policy policy = policy_from(before, IRSA_POLICY_TRUST);
    json_auto_t *found = irsa_policy_merge_statements(policy);
    if (!after) {
        assert_null(found);
        return;
    }
    json_auto_t *expected = json_from(after);
    assert_non_null(found);
    irsa_autofree char *found_text = json_dumps(found, JSON_INDENT(1));
    irsa_autofree char *expected_text = json_dumps(expected, JSON_INDENT(1));
    assert_string_equal(found_text, expected_text);
    assert_true(irsa_policy_size(found) < irsa_policy_size(irsa_policy_document(policy)));
}

static void test_merge__subjects_join_the_first(void **unused)
{
    (void)unused;
    check(DOCUMENT(STATEMENT("'Sid':'A',", "'" SUBJECT "'", STS) "," EC2 "," STATEMENT(
              "'Sid':'B',", "['" WEB "','" SUBJECT "']", STS) "," STATEMENT("", "'" CRON "'", STS)),
          DOCUMENT(STATEMENT("'Sid':'A',", "['" SUBJECT "','" WEB "','" CRON "']", STS) "," EC2));
}

static void test_merge__form_does_not_count(void **unused)
{
    (void)unused;
    check(DOCUMENT(STATEMENT("", "'" SUBJECT "'", STS) "," STATEMENT("", "'" WEB "'", "[" STS "]")),
          DOCUMENT(STATEMENT("", "['" SUBJECT "','" WEB "']", STS)));
}

static void test_merge__what_differs_elsewhere_stays(void **unused)
{
    (void)unused;
    check(DOCUMENT(STATEMENT("", "'" SUBJECT "'", STS) "," STATEMENT("", "'" WEB "'", "'vault'")),
          NULL);
    check(DOCUMENT(STATEMENT("", "'" SUBJECT "'", STS) "," EC2), NULL);
    check(DOCUMENT("{'Effect':'Deny','Principal':'*','Action':'sts:*'},"
                   "{'Effect':'Deny','Principal':'*','Action':'sts:*'}"),
          NULL);
}

static void test_merge__negated_and_set_tests_stay(void **unused)
{
    (void)unused;
#define TESTED(operator_, value)                                                                   \
    "{'Effect':'Allow','Principal':{'Federated':'" PROVIDER "'},'Action':"                         \
    "'sts:AssumeRoleWithWebIdentity','Condition':{'" operator_ "':{'" ISSUER ":sub':'" value       \
    "'}}}"
    check(DOCUMENT(TESTED("StringNotEquals", SUBJECT) "," TESTED("StringNotEquals", WEB)), NULL);
    check(DOCUMENT(TESTED("ForAllValues:StringEquals",
                          SUBJECT) "," TESTED("ForAllValues:StringEquals", WEB)),
          NULL);
    check(DOCUMENT(TESTED("StringLike", "system:serviceaccount:a:*") "," TESTED(
              "StringLike", "system:serviceaccount:b:*")),
          "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':{'Federated':"
          "'" PROVIDER "'},'Action':'sts:AssumeRoleWithWebIdentity','Condition':{'StringLike':{"
          "'" ISSUER ":sub':['system:serviceaccount:a:*','system:serviceaccount:b:*']}}}]}");
}

static void test_merge__nothing_to_merge(void **unused)
{
    (void)unused;
    check("{'Version':'2012-10-17','Statement':" STATEMENT("", "'" SUBJECT "'", STS) "}", NULL);
    check("{}", NULL);
    check("[]", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_merge__subjects_join_the_first),
        cmocka_unit_test(test_merge__form_does_not_count),
        cmocka_unit_test(test_merge__what_differs_elsewhere_stays),
        cmocka_unit_test(test_merge__negated_and_set_tests_stay),
        cmocka_unit_test(test_merge__nothing_to_merge),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
