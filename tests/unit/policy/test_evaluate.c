/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static enum irsa_decision trust(const char *text)
{
    irsa_auto_policy policy = policy_from(text, IRSA_POLICY_TRUST);
    json_auto_t *context = web_context();
    const struct irsa_request request = web_request(context);
    return irsa_policy_decide(policy, &request);
}

static void test_policy_decide__web_identity(void **state)
{
    (void)state;
    assert_int_equal(trust(TRUST("")), IRSA_DECISION_ALLOWED);
    assert_int_equal(trust(TRUST(",'Condition':{'StringEquals':{'" ISSUER ":sub':'" SUBJECT "'}}")),
                     IRSA_DECISION_ALLOWED);
    assert_int_equal(trust(TRUST(",'Condition':{'StringEquals':{'" ISSUER ":sub':'x'}}")),
                     IRSA_DECISION_DENIED_IMPLICIT);
    assert_int_equal(trust(TRUST(",'Condition':{'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}}")),
                     IRSA_DECISION_UNKNOWN);
    assert_int_equal(trust("{'Statement':[]}"), IRSA_DECISION_DENIED_IMPLICIT);
    assert_int_equal(trust("{'Version':'2','Statement':[{'Effect':'Allow','Principal':'*',"
                           "'Action':'sts:AssumeRoleWithWebIdentity'}]}"),
                     IRSA_DECISION_DENIED_IMPLICIT);
}

#define ALLOW_ALL "{'Effect':'Allow','Principal':{'Federated':'" PROVIDER "'},'Action':'sts:*'}"
#define DENY(rest) "{'Effect':'Deny','Principal':'*','Action':'sts:*'" rest "}"
#define UNSURE ",'Condition':{'StringEquals':{'aws:SourceVpc':'vpc-1'}}"

static void test_policy_decide__deny_first(void **state)
{
    (void)state;
    assert_int_equal(trust("{'Statement':[" ALLOW_ALL "," DENY("") "]}"),
                     IRSA_DECISION_DENIED_EXPLICIT);
    assert_int_equal(trust("{'Statement':[" ALLOW_ALL "," DENY(UNSURE) "]}"),
                     IRSA_DECISION_UNKNOWN);
    /* Nothing allows: whether the Deny holds does not matter. */
    assert_int_equal(trust("{'Statement':[" DENY(UNSURE) "]}"), IRSA_DECISION_DENIED_IMPLICIT);
    assert_int_equal(trust("{'Statement':[" DENY(UNSURE) "," DENY("") "]}"),
                     IRSA_DECISION_DENIED_EXPLICIT);
}

static void test_policy_decide__allow_elsewhere_beats_unknown(void **state)
{
    (void)state;
    assert_int_equal(trust("{'Statement':[{'Effect':'Allow','Principal':'*','Action':'sts:*'" UNSURE
                           "}," ALLOW_ALL "]}"),
                     IRSA_DECISION_ALLOWED);
}

static enum irsa_tri principal(const char *element, const char *type, const char *value)
{
    irsa_autofree char *text =
        irsa_format("{'Statement':[{'Effect':'Allow',%s,'Action':'sts:*'}]}", element);
    irsa_auto_policy policy = policy_from(text, IRSA_POLICY_TRUST);
    const struct irsa_request request = {
        .principal_type = type, .principal = value, .action = "sts:AssumeRole"};
    const struct irsa_model *model = irsa_model_of(policy);
    return irsa_match_principal(model, &model->statements[0], &request);
}

static void test_match_principal__forms(void **state)
{
    (void)state;
    const char *role = "arn:aws:iam::111122223333:role/x";
    assert_int_equal(principal("'Principal':'*'", "AWS", role), IRSA_YES);
    assert_int_equal(principal("'Principal':{'AWS':'*'}", "AWS", role), IRSA_YES);
    assert_int_equal(principal("'Principal':'*'", "Federated", PROVIDER), IRSA_MAYBE);
    assert_int_equal(principal("'Principal':{'AWS':'*'}", "Federated", PROVIDER), IRSA_MAYBE);
    assert_int_equal(
        principal("'Principal':{'AWS':'*','Federated':'" PROVIDER "'}", "Federated", PROVIDER),
        IRSA_YES);
    assert_int_equal(principal("'Principal':{'AWS':'111122223333'}", "AWS", role), IRSA_YES);
    assert_int_equal(principal("'Principal':{'AWS':'arn:aws:iam::111122223333:root'}", "AWS", role),
                     IRSA_YES);
    assert_int_equal(principal("'Principal':{'AWS':'444455556666'}", "AWS", role), IRSA_NO);
    assert_int_equal(
        principal("'Principal':{'AWS':'arn:aws:iam::111122223333:role/*'}", "AWS", role), IRSA_NO);
    assert_int_equal(principal("'Principal':{'Federated':'*'}", "Federated", PROVIDER), IRSA_NO);
    assert_int_equal(principal("'Principal':{'AWS':'" PROVIDER "'}", "Federated", PROVIDER),
                     IRSA_NO);
    assert_int_equal(principal("'Principal':{'Service':['a.amazonaws.com','b.amazonaws.com']}",
                               "Service", "b.amazonaws.com"),
                     IRSA_YES);
    assert_int_equal(principal("'Principal':'" PROVIDER "'", "Federated", PROVIDER), IRSA_NO);
    assert_int_equal(
        principal("'NotPrincipal':{'Federated':'" PROVIDER "'}", "Federated", PROVIDER), IRSA_NO);
    assert_int_equal(principal("'NotPrincipal':{'AWS':'444455556666'}", "Federated", PROVIDER),
                     IRSA_MAYBE);
}

/* Under an Allow nobody says whether "*" takes a provider's tokens; under a Deny it does. */
static void test_policy_decide__anybody(void **state)
{
    (void)state;
#define ANYBODY(effect)                                                                            \
    "{'Effect':'" effect "','Principal':{'AWS':'*'},'Action':'sts:AssumeRoleWithWebIdentity'}"
    assert_int_equal(trust("{'Statement':" ANYBODY("Allow") "}"), IRSA_DECISION_UNKNOWN);
    assert_int_equal(trust("{'Statement':[" ANYBODY("Allow") "," ALLOW_ALL "]}"),
                     IRSA_DECISION_ALLOWED);
    assert_int_equal(trust("{'Statement':[" ANYBODY("Deny") "," ALLOW_ALL "]}"),
                     IRSA_DECISION_DENIED_EXPLICIT);
    assert_int_equal(trust("{'Statement':[" ANYBODY("Allow") "," ANYBODY("Deny") "]}"),
                     IRSA_DECISION_DENIED_EXPLICIT);
#undef ANYBODY
}

#define IDENTITY(rest) "{'Version':'2012-10-17','Statement':[{'Effect':'Allow'," rest "}]}"

static enum irsa_decision identity(const char *text, const char *action, const char *resource)
{
    irsa_auto_policy policy = policy_from(text, IRSA_POLICY_IDENTITY);
    json_auto_t *context = json_from("{'aws:username':'ann','k:gone':null}");
    const struct irsa_request request = {
        .action = action, .resource = resource, .context = context};
    return irsa_policy_decide(policy, &request);
}

static void test_policy_decide__identity(void **state)
{
    (void)state;
    const char *key = "arn:aws:s3:::bucket/home/ann/x";
    assert_int_equal(identity(IDENTITY("'Action':'S3:get*','Resource':'arn:aws:s3:::bucket/*'"),
                              "s3:GetObject", key),
                     IRSA_DECISION_ALLOWED);
    assert_int_equal(identity(IDENTITY("'NotAction':'iam:*','Resource':'*'"), "s3:GetObject", key),
                     IRSA_DECISION_ALLOWED);
    assert_int_equal(identity(IDENTITY("'NotAction':'s3:*','Resource':'*'"), "s3:GetObject", key),
                     IRSA_DECISION_DENIED_IMPLICIT);
    assert_int_equal(identity(IDENTITY("'Action':'s3:*','NotResource':'arn:aws:s3:::other/*'"),
                              "s3:GetObject", key),
                     IRSA_DECISION_ALLOWED);
    assert_int_equal(
        identity(
            IDENTITY("'Action':'s3:*','Resource':'arn:aws:s3:::bucket/home/${aws:username}/*'"),
            "s3:GetObject", key),
        IRSA_DECISION_ALLOWED);
    assert_int_equal(
        identity(IDENTITY("'Action':'s3:*','Resource':'arn:aws:s3:::bucket/home/${aws:userid}/*'"),
                 "s3:GetObject", key),
        IRSA_DECISION_UNKNOWN);
    assert_int_equal(identity(IDENTITY("'Action':'s3:*','NotResource':'arn:aws:s3:::${k:gone}'"),
                              "s3:GetObject", key),
                     IRSA_DECISION_DENIED_IMPLICIT);
    assert_int_equal(identity(IDENTITY("'Action':'s3:*'"), "s3:GetObject", key),
                     IRSA_DECISION_DENIED_IMPLICIT);
    assert_int_equal(identity("{'Version':'2008-10-17','Statement':[{'Effect':'Allow','Action':'*',"
                              "'Resource':'arn:aws:s3:::bucket/home/${aws:username}/*'}]}",
                              "s3:GetObject", key),
                     IRSA_DECISION_DENIED_IMPLICIT);
}

static enum irsa_decision with_boundary(const char *boundary_text)
{
    irsa_auto_policy allow =
        policy_from(IDENTITY("'Action':'s3:*','Resource':'*'"), IRSA_POLICY_IDENTITY);
    irsa_auto_policy other =
        policy_from(IDENTITY("'Action':'sqs:*','Resource':'*'"), IRSA_POLICY_IDENTITY);
    irsa_auto_policy boundary =
        boundary_text ? policy_from(boundary_text, IRSA_POLICY_IDENTITY) : NULL;
    const struct irsa_policy *const policies[] = {other, allow};
    const struct irsa_request request = {.action = "s3:GetObject", .resource = "arn:aws:s3:::b/k"};
    return irsa_policies_decide(policies, 2, boundary, &request);
}

static void test_policies_decide__boundary(void **state)
{
    (void)state;
    assert_int_equal(with_boundary(NULL), IRSA_DECISION_ALLOWED);
    assert_int_equal(with_boundary(IDENTITY("'Action':'*','Resource':'*'")), IRSA_DECISION_ALLOWED);
    assert_int_equal(with_boundary(IDENTITY("'Action':'sqs:*','Resource':'*'")),
                     IRSA_DECISION_DENIED_IMPLICIT);
    assert_int_equal(
        with_boundary("{'Statement':[{'Effect':'Deny','Action':'s3:Get*','Resource':'*'}]}"),
        IRSA_DECISION_DENIED_EXPLICIT);
    assert_int_equal(with_boundary(IDENTITY("'Action':'*','Resource':'*','Condition':{'Bool':"
                                            "{'aws:SecureTransport':'true'}}")),
                     IRSA_DECISION_UNKNOWN);
}

static void test_policies_decide__none_is_denied(void **state)
{
    (void)state;
    const struct irsa_request request = {.action = "s3:GetObject", .resource = "arn:aws:s3:::b/k"};
    assert_int_equal(irsa_policies_decide(NULL, 0, NULL, &request), IRSA_DECISION_DENIED_IMPLICIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_decide__web_identity),
        cmocka_unit_test(test_policy_decide__deny_first),
        cmocka_unit_test(test_policy_decide__allow_elsewhere_beats_unknown),
        cmocka_unit_test(test_match_principal__forms),
        cmocka_unit_test(test_policy_decide__anybody),
        cmocka_unit_test(test_policy_decide__identity),
        cmocka_unit_test(test_policies_decide__boundary),
        cmocka_unit_test(test_policies_decide__none_is_denied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
