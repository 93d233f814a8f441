/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static void grants_of(const char *text, struct irsa_trust_grants *ret)
{
    irsa_auto_policy policy = policy_from(text, IRSA_POLICY_TRUST);
    irsa_policy_trust_grants(policy, ret);
}

#define SUB(operator_, values) TRUST(",'Condition':{'" operator_ "':{'" ISSUER ":sub':" values "}}")

static void test_trust_grants__exact_subjects(void **state)
{
    (void)state;
    irsa_auto_trust_grants grants = {0};
    grants_of(TRUST(",'Sid':'A','Condition':{'StringEquals':{'" ISSUER
                    ":sub':['system:serviceaccount:a:b','system:serviceaccount:a:c'],'" ISSUER
                    ":aud':'sts.amazonaws.com'}}"),
              &grants);
    assert_int_equal(grants.len, 1);
    const struct irsa_trust_grant *grant = &grants.items[0];
    assert_string_equal(grant->sid, "A");
    assert_true(grant->effective);
    assert_int_equal(grant->width, IRSA_TRUST_EXACT);
    assert_int_equal(grant->subjects.len, 2);
    assert_int_equal(grant->audiences.len, 1);
    assert_true(grant->audience_checked);
    assert_false(grant->subjects_are_patterns);
    assert_false(grant->extra_conditions);
    assert_false(grant->forallvalues_hole);
    assert_int_equal(grant->issuers.len, 1);
    assert_string_equal(grant->issuers.items[0], ISSUER);
    assert_string_equal(grant->providers.items[0], PROVIDER);
}

static void test_trust_grants__width(void **state)
{
    (void)state;
    static const struct {
        const char *policy;
        enum irsa_trust_width width;
    } cases[] = {
        {SUB("StringLike", "'system:serviceaccount:a:*'"), IRSA_TRUST_PATTERN},
        {SUB("StringLike", "'system:serviceaccount:*:velero'"), IRSA_TRUST_PATTERN},
        {SUB("StringLike", "'system:serviceaccount:*:*'"), IRSA_TRUST_ANY_SUBJECT},
        {SUB("StringLike", "['system:serviceaccount:a:b','*']"), IRSA_TRUST_ANY_SUBJECT},
        {SUB("StringLike", "'system:serviceaccount:a:b'"), IRSA_TRUST_EXACT},
        {SUB("StringEquals", "'system:serviceaccount:a:*'"), IRSA_TRUST_EXACT},
        {SUB("ForAllValues:StringEquals", "'system:serviceaccount:a:b'"), IRSA_TRUST_ANY_SUBJECT},
        {SUB("StringNotEquals", "'system:serviceaccount:a:b'"), IRSA_TRUST_ANY_SUBJECT},
        {TRUST(""), IRSA_TRUST_ANY_SUBJECT},
        {"{'Statement':[{'Effect':'Allow','Principal':'*','Action':"
         "'sts:AssumeRoleWithWebIdentity'}]}",
         IRSA_TRUST_ANYBODY},
        {TRUST(",'Condition':{'StringLike':{'" ISSUER ":sub':'*'},'StringEquals':{'" ISSUER
               ":sub':'system:serviceaccount:a:b'}}"),
         IRSA_TRUST_EXACT},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_trust_grants grants = {0};
        grants_of(cases[i].policy, &grants);
        assert_int_equal(grants.len, 1);
        assert_int_equal(grants.items[0].width, cases[i].width);
    }
}

static void test_trust_grants__not_effective(void **state)
{
    (void)state;
    static const char *const policies[] = {
        SUB("StringEquals", "'system:serviceaccount:a:*'"),
        SUB("StringEquals", "'system:serviceaccounts:a:b'"),
        SUB("stringEquals", "'system:serviceaccount:a:b'"),
        TRUST(",'Condition':{'StringEquals':{'https://" ISSUER
              ":sub':'system:serviceaccount:a:b'}}"),
        TRUST(",'StringEquals':{'" ISSUER ":sub':'system:serviceaccount:a:b'}"),
        "{'Statement':[{'Effect':'Allow','Principal':{'Federated':'" ISSUER
        "'},'Action':'sts:AssumeRoleWithWebIdentity'}]}",
        "{'Statement':[{'Effect':'Allow','Principal':{'Federated':'" PROVIDER
        "'},'Action':'sts:AssumeRole'}]}",
        "{'Statement':[{'Effect':'Allow','Principal':{'Service':'ec2.amazonaws.com'},'Action':"
        "'sts:AssumeRoleWithWebIdentity','Condition':{'StringEquals':{'" ISSUER
        ":sub':'system:serviceaccount:a:b'}}}]}",
    };
    for (size_t i = 0; i < IRSA_COUNT(policies); i++) {
        irsa_auto_trust_grants grants = {0};
        grants_of(policies[i], &grants);
        assert_int_equal(grants.len, 1);
        assert_false(grants.items[0].effective);
    }
}

static void test_trust_grants__others_are_not_among_them(void **state)
{
    (void)state;
    irsa_auto_trust_grants grants = {0};
    grants_of("{'Statement':["
              "{'Effect':'Allow','Principal':{'Service':'pods.eks.amazonaws.com'},'Action':"
              "['sts:AssumeRole','sts:TagSession']},"
              "{'Effect':'Allow','Principal':{'AWS':'111122223333'},'Action':'sts:AssumeRole'},"
              "{'Effect':'Allow','Principal':{'AWS':'*'},'Action':'sts:AssumeRole'},"
              "{'Effect':'Allow','Principal':{'Federated':'arn:aws:iam::1:saml-provider/x'},"
              "'Action':'sts:AssumeRoleWithSAML'},"
              "{'Effect':'Deny','Principal':{'Federated':'" PROVIDER "'},'Action':'sts:*'}]}",
              &grants);
    assert_int_equal(grants.len, 0);
}

static void test_trust_grants__holes_and_extras(void **state)
{
    (void)state;
    irsa_auto_trust_grants hole = {0};
    grants_of(TRUST(",'Condition':{'ForAllValues:StringEquals':{'other.example/x:sub':"
                    "'system:serviceaccount:a:b'},'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}}"),
              &hole);
    assert_true(hole.items[0].forallvalues_hole);
    assert_true(hole.items[0].extra_conditions);
    assert_true(hole.items[0].effective);
    assert_int_equal(hole.items[0].issuers.len, 2);
    irsa_auto_trust_grants closed = {0};
    grants_of(TRUST(",'Condition':{'ForAllValues:StringEquals':{'" ISSUER
                    ":sub':'system:serviceaccount:a:b'},'Null':{'" ISSUER ":sub':'false'}}"),
              &closed);
    assert_false(closed.items[0].forallvalues_hole);
    assert_int_equal(closed.items[0].width, IRSA_TRUST_EXACT);
}

static void test_trust_grants__lost_condition_still_names_its_subject(void **state)
{
    (void)state;
    irsa_auto_trust_grants grants = {0};
    grants_of(TRUST(",'StringEquals':{'" ISSUER ":sub':'system:serviceaccount:a:b'}"), &grants);
    assert_int_equal(grants.items[0].subjects.len, 1);
    assert_string_equal(grants.items[0].subjects.items[0], "system:serviceaccount:a:b");
    assert_false(grants.items[0].effective);
}

static void test_trust_grants__other_identity_providers(void **state)
{
    (void)state;
    irsa_auto_trust_grants grants = {0};
    grants_of("{'Statement':[{'Effect':'Allow','Principal':{'Federated':"
              "'cognito-identity.amazonaws.com'},'Action':'sts:AssumeRoleWithWebIdentity',"
              "'Condition':{'StringEquals':{'cognito-identity.amazonaws.com:aud':'x'}}}]}",
              &grants);
    assert_int_equal(grants.len, 1);
    assert_true(grants.items[0].effective);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trust_grants__exact_subjects),
        cmocka_unit_test(test_trust_grants__width),
        cmocka_unit_test(test_trust_grants__not_effective),
        cmocka_unit_test(test_trust_grants__lost_condition_still_names_its_subject),
        cmocka_unit_test(test_trust_grants__others_are_not_among_them),
        cmocka_unit_test(test_trust_grants__holes_and_extras),
        cmocka_unit_test(test_trust_grants__lost_condition_still_names_its_subject),
        cmocka_unit_test(test_trust_grants__other_identity_providers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
