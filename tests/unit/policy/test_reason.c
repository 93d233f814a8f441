/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static void evaluate(const char *text, struct irsa_verdict *ret)
{
    irsa_auto_policy policy = policy_from(text, IRSA_POLICY_TRUST);
    json_auto_t *context = web_context();
    const struct irsa_request request = web_request(context);
    irsa_policy_evaluate(policy, &request, ret);
}

static void test_evaluate__names_what_decided(void **state)
{
    (void)state;
    irsa_auto_verdict verdict = {0};
    evaluate("{'Statement':[{'Effect':'Allow','Principal':{'Service':'ec2.amazonaws.com'},"
             "'Action':'sts:AssumeRole'},{'Sid':'Web','Effect':'Allow','Principal':{'Federated':"
             "'" PROVIDER "'},'Action':'sts:AssumeRoleWithWebIdentity'}]}",
             &verdict);
    assert_int_equal(verdict.decision, IRSA_DECISION_ALLOWED);
    assert_int_equal(verdict.statement, 1);
    assert_string_equal(verdict.sid, "Web");
    assert_int_equal(verdict.miss_count, 1);
    assert_int_equal(verdict.misses[0].element, IRSA_ELEMENT_PRINCIPAL);
    assert_string_equal(verdict.misses[0].where, "Statement[0].Principal");
    assert_string_equal(verdict.misses[0].expected, "Service ec2.amazonaws.com");
    assert_string_equal(verdict.misses[0].found, "Federated " PROVIDER);
}

static void test_evaluate__condition_near_miss(void **state)
{
    (void)state;
    irsa_auto_verdict verdict = {0};
    evaluate(TRUST(",'Condition':{'StringEquals':{'" ISSUER ":aud':'sts.amazonaws.com','" ISSUER
                   ":sub':['system:serviceaccount:shop:app','x']}}"),
             &verdict);
    assert_int_equal(verdict.decision, IRSA_DECISION_DENIED_IMPLICIT);
    assert_int_equal(verdict.statement, SIZE_MAX);
    const struct irsa_near_miss *miss = irsa_verdict_nearest(&verdict);
    assert_int_equal(miss->element, IRSA_ELEMENT_CONDITION);
    assert_string_equal(miss->where, "Statement[0].Condition.StringEquals." ISSUER ":sub");
    assert_string_equal(miss->operator_, "StringEquals");
    assert_string_equal(miss->key, ISSUER ":sub");
    assert_string_equal(miss->expected, "system:serviceaccount:shop:app or x");
    assert_string_equal(miss->found, SUBJECT);
    assert_false(miss->unknown);
    assert_int_equal(miss->matched_before, 3);
}

static void test_evaluate__missing_and_negated(void **state)
{
    (void)state;
    irsa_auto_verdict verdict = {0};
    evaluate(TRUST(",'Condition':{'StringEquals':{'https://" ISSUER ":sub':'x'}}"), &verdict);
    assert_string_equal(verdict.misses[0].found, "(not in the request)");
    irsa_auto_verdict negated = {0};
    evaluate(TRUST(",'Condition':{'StringNotEquals':{'" ISSUER ":sub':'" SUBJECT "'}}"), &negated);
    assert_string_equal(negated.misses[0].expected, "not " SUBJECT);
}

static void test_evaluate__unknown_keys_are_named(void **state)
{
    (void)state;
    irsa_auto_verdict verdict = {0};
    evaluate(TRUST(",'Condition':{'StringEquals':{'aws:SourceVpc':'vpc-1'},'IpAddress':"
                   "{'aws:SourceIp':'10.0.0.0/8'}}"),
             &verdict);
    assert_int_equal(verdict.decision, IRSA_DECISION_UNKNOWN);
    assert_int_equal(verdict.unknown_keys.len, 2);
    assert_string_equal(verdict.unknown_keys.items[0], "aws:SourceVpc");
    assert_string_equal(verdict.unknown_keys.items[1], "aws:SourceIp");
    assert_true(verdict.misses[0].unknown);
    assert_string_equal(verdict.misses[0].found, "(not known)");
}

static void test_evaluate__known_failure_goes_before_unknown(void **state)
{
    (void)state;
    irsa_auto_verdict verdict = {0};
    evaluate(TRUST(",'Condition':{'StringEquals':{'aws:SourceVpc':'vpc-1','" ISSUER ":sub':'x'}}"),
             &verdict);
    assert_int_equal(verdict.decision, IRSA_DECISION_DENIED_IMPLICIT);
    assert_string_equal(verdict.misses[0].key, ISSUER ":sub");
    assert_false(verdict.misses[0].unknown);
    assert_int_equal(verdict.unknown_keys.len, 0);
}

static void test_evaluate__explicit_deny(void **state)
{
    (void)state;
    irsa_auto_verdict verdict = {0};
    evaluate("{'Statement':[{'Effect':'Allow','Principal':'*','Action':'sts:*'},{'Sid':'No',"
             "'Effect':'Deny','Principal':'*','Action':'*'}]}",
             &verdict);
    assert_int_equal(verdict.decision, IRSA_DECISION_DENIED_EXPLICIT);
    assert_int_equal(verdict.statement, 1);
    assert_string_equal(verdict.sid, "No");
}

static void test_verdict_nearest__most_matched_allow(void **state)
{
    (void)state;
    irsa_auto_verdict verdict = {0};
    evaluate("{'Statement':[{'Effect':'Allow','Principal':{'AWS':'111122223333'},"
             "'Action':'sts:AssumeRole'},{'Effect':'Allow','Principal':{'Federated':'" PROVIDER
             "'},'Action':'sts:AssumeRole'},{'Effect':'Deny','Principal':{'Federated':'" PROVIDER
             "'},'Action':'sts:*','Condition':{'StringEquals':{'" ISSUER ":sub':'x'}}}]}",
             &verdict);
    const struct irsa_near_miss *nearest = irsa_verdict_nearest(&verdict);
    assert_int_equal(nearest->statement, 1);
    assert_int_equal(nearest->element, IRSA_ELEMENT_ACTION);
    assert_string_equal(nearest->where, "Statement[1].Action");
    assert_string_equal(nearest->found, IRSA_ACTION_WEB_IDENTITY);
}

static void test_verdict_nearest__none(void **state)
{
    (void)state;
    irsa_auto_verdict verdict = {0};
    evaluate("{'Statement':[]}", &verdict);
    assert_null(irsa_verdict_nearest(&verdict));
}

static void test_evaluate__malformed_statement(void **state)
{
    (void)state;
    irsa_auto_verdict verdict = {0};
    evaluate("{'Statement':{'Effect':'Allow','Action':'sts:*','Principal':'*','When':{}}}",
             &verdict);
    assert_int_equal(verdict.decision, IRSA_DECISION_DENIED_IMPLICIT);
    assert_int_equal(verdict.misses[0].element, IRSA_ELEMENT_STATEMENT);
    assert_string_equal(verdict.misses[0].where, "Statement");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evaluate__names_what_decided),
        cmocka_unit_test(test_evaluate__condition_near_miss),
        cmocka_unit_test(test_evaluate__missing_and_negated),
        cmocka_unit_test(test_evaluate__unknown_keys_are_named),
        cmocka_unit_test(test_evaluate__known_failure_goes_before_unknown),
        cmocka_unit_test(test_evaluate__explicit_deny),
        cmocka_unit_test(test_verdict_nearest__most_matched_allow),
        cmocka_unit_test(test_verdict_nearest__none),
        cmocka_unit_test(test_evaluate__malformed_statement),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
