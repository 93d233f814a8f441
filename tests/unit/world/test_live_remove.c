/* SPDX-License-Identifier: Apache-2.0 */
/* What a rollback takes away from AWS. */
#include "fake_aws.h"

#define TRUST_A "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
#define TRUST_B                                                                                    \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\","         \
    "\"Action\":\"*\"}]}"
#define MADE_ROLE                                                                                  \
    "{\"RoleName\": \"app\", \"Path\": \"/\", \"Arn\": \"" FAKE_ROLE                               \
    "\", \"AssumeRolePolicyDocument\": " TRUST_A "}"
#define SQS "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
#define ATTACHMENT "{\"RoleName\": \"app\", \"PolicyArn\": \"" SQS "\"}"
#define INLINE "{\"RoleName\": \"app\", \"PolicyName\": \"q\", \"PolicyDocument\": " TRUST_A "}"
#define ATTACHED                                                                                   \
    "<IsTruncated>false</IsTruncated><AttachedPolicies><member><PolicyName>AmazonSQSFullAccess"    \
    "</PolicyName><PolicyArn>" SQS "</PolicyArn></member></AttachedPolicies>"
#define DETACHED "<IsTruncated>false</IsTruncated><AttachedPolicies/>"

static int remove_role(struct fake_aws *fake)
{
    return fake_aws_apply(fake, IRSA_ACTION_DELETE, IRSA_OBJECT_ROLE, FAKE_ROLE, MADE_ROLE, NULL);
}

static void test_role__gone_already_is_done(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_rule(fake, "iam:GetRole", NULL, 404, "NoSuchEntity");
    fake_aws_assert_done(fake, remove_role(fake));
    assert_int_equal(fake_aws_count(fake, "iam:DeleteRole"), 0);
}

static void test_role__is_deleted_and_waited_for(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_rule(fake, "iam:GetRole", NULL, 404, "NoSuchEntity");
    fake_aws_rule_times(fake, 2, "iam:GetRole", NULL, 200,
                        "<Role><Path>/</Path><RoleName>app</RoleName><Arn>" FAKE_ROLE
                        "</Arn><AssumeRolePolicyDocument>" TRUST_A
                        "</AssumeRolePolicyDocument></Role>");
    fake_aws_rule(fake, "iam:DeleteRole", NULL, 200, "");
    fake_aws_assert_done(fake, remove_role(fake));
    assert_int_equal(fake_aws_count(fake, "iam:DeleteRole"), 1);
    assert_int_equal(fake_aws_count(fake, "iam:GetRole"), 3);
}

static void test_role__with_another_trust_policy_stays(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_role(fake, TRUST_B);
    fake_aws_assert_conflict(fake, remove_role(fake),
                             FAKE_ROLE " is not as the plan saw it: the role was changed");
    assert_int_equal(fake_aws_count(fake, "iam:DeleteRole"), 0);
}

static void test_role__what_hangs_on_it_is_named_and_never_detached(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_role(fake, TRUST_A);
    fake_aws_rule(fake, "iam:ListAttachedRolePolicies", NULL, 200, ATTACHED);
    fake_aws_rule(fake, "iam:ListRolePolicies", NULL, 200,
                  "<IsTruncated>false</IsTruncated><PolicyNames><member>own</member>"
                  "</PolicyNames>");
    fake_aws_rule(fake, "iam:DeleteRole", NULL, 409, "DeleteConflict");
    fake_aws_assert_conflict(fake, remove_role(fake),
                             FAKE_ROLE " is not deleted: " SQS " and own are attached to it");
    assert_int_equal(fake_aws_count(fake, "iam:DetachRolePolicy"), 0);
}

static void test_role__deleted_by_somebody_else_meanwhile_is_done(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_rule(fake, "iam:GetRole", NULL, 404, "NoSuchEntity");
    fake_aws_rule_times(fake, 1, "iam:GetRole", NULL, 200,
                        "<Role><Path>/</Path><RoleName>app</RoleName><Arn>" FAKE_ROLE
                        "</Arn><AssumeRolePolicyDocument>" TRUST_A
                        "</AssumeRolePolicyDocument></Role>");
    fake_aws_rule(fake, "iam:DeleteRole", NULL, 404, "NoSuchEntity");
    fake_aws_assert_done(fake, remove_role(fake));
}

static void test_attachment__is_detached(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_role(fake, TRUST_A);
    fake_aws_rule(fake, "iam:ListAttachedRolePolicies", NULL, 200, DETACHED);
    fake_aws_rule_times(fake, 1, "iam:ListAttachedRolePolicies", NULL, 200, ATTACHED);
    fake_aws_rule(fake, "iam:DetachRolePolicy", NULL, 200, "");
    for (int again = 0; again < 2; again++)
        fake_aws_assert_done(fake,
                             fake_aws_apply(fake, IRSA_ACTION_DELETE, IRSA_OBJECT_ROLE_ATTACHMENT,
                                            FAKE_ROLE " " SQS, ATTACHMENT, NULL));
    assert_int_equal(fake_aws_count(fake, "iam:DetachRolePolicy"), 1);
}

static void test_role_policy__is_deleted_unless_it_was_changed(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_role(fake, TRUST_A);
    fake_aws_rule(fake, "iam:GetRolePolicy", NULL, 404, "NoSuchEntity");
    fake_aws_rule_times(fake, 1, "iam:GetRolePolicy", NULL, 200,
                        "<RoleName>app</RoleName><PolicyName>q</PolicyName><PolicyDocument>" TRUST_A
                        "</PolicyDocument>");
    fake_aws_rule(fake, "iam:DeleteRolePolicy", NULL, 200, "");
    fake_aws_assert_done(fake, fake_aws_apply(fake, IRSA_ACTION_DELETE, IRSA_OBJECT_ROLE_POLICY,
                                              FAKE_ROLE " q", INLINE, NULL));
    assert_int_equal(fake_aws_count(fake, "iam:DeleteRolePolicy"), 1);
    fake_aws_rule(fake, "iam:GetRolePolicy", NULL, 200,
                  "<RoleName>app</RoleName><PolicyName>q</PolicyName><PolicyDocument>" TRUST_B
                  "</PolicyDocument>");
    fake_aws_assert_conflict(fake,
                             fake_aws_apply(fake, IRSA_ACTION_DELETE, IRSA_OBJECT_ROLE_POLICY,
                                            FAKE_ROLE " q", INLINE, NULL),
                             FAKE_ROLE " q is not as the plan saw it: the policy was changed");
}

static void test_boundary__is_taken_away(void **state)
{
    struct fake_aws *fake = *state;
    static const char before[] =
        "{\"RoleName\": \"app\", \"PermissionsBoundary\": {\"PermissionsBoundaryType\": "
        "\"Policy\", \"PermissionsBoundaryArn\": \"" SQS "\"}}";
    fake_aws_start(fake);
    fake_aws_role(fake, TRUST_A);
    fake_aws_rule_times(fake, 1, "iam:GetRole", NULL, 200,
                        "<Role><Path>/</Path><RoleName>app</RoleName><Arn>" FAKE_ROLE
                        "</Arn><PermissionsBoundary><PermissionsBoundaryType>Policy"
                        "</PermissionsBoundaryType><PermissionsBoundaryArn>" SQS
                        "</PermissionsBoundaryArn></PermissionsBoundary></Role>");
    fake_aws_rule(fake, "iam:DeleteRolePermissionsBoundary", NULL, 200, "");
    fake_aws_assert_done(fake, fake_aws_apply(fake, IRSA_ACTION_UPDATE, IRSA_OBJECT_ROLE, FAKE_ROLE,
                                              before, "{\"RoleName\": \"app\"}"));
    assert_int_equal(fake_aws_count(fake, "iam:DeleteRolePermissionsBoundary"), 1);
    assert_int_equal(fake_aws_count(fake, "iam:PutRolePermissionsBoundary"), 0);
}

static void test_provider__an_audience_is_taken_away(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_provider(fake, "a</member><member>theirs</member><member>ours");
    fake_aws_start(fake);
    fake_aws_provider(fake, "a</member><member>theirs");
    fake_aws_rule_times(fake, 1, "iam:GetOpenIDConnectProvider", NULL, 200,
                        "<Url>" FAKE_HOST_PATH "</Url><ClientIDList><member>a</member>"
                        "<member>theirs</member><member>ours</member></ClientIDList>");
    fake_aws_rule(fake, "iam:RemoveClientIDFromOpenIDConnectProvider", NULL, 200, "");
    fake_aws_assert_done(fake,
                         fake_aws_apply(fake, IRSA_ACTION_UPDATE, IRSA_OBJECT_PROVIDER,
                                        FAKE_PROVIDER, "{\"ClientIDList\": [\"a\", \"ours\"]}",
                                        "{\"ClientIDList\": [\"a\"]}"));
    assert_int_equal(fake_aws_count(fake, "iam:RemoveClientIDFromOpenIDConnectProvider"), 1);
    assert_non_null(
        strstr(fake_aws_call(fake, "iam:RemoveClientIDFromOpenIDConnectProvider", 0)->text,
               "ClientID=ours"));
    assert_int_equal(fake_aws_count(fake, "iam:AddClientIDToOpenIDConnectProvider"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_aws_set_up, fake_aws_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_role__gone_already_is_done),
        TEST(test_role__is_deleted_and_waited_for),
        TEST(test_role__with_another_trust_policy_stays),
        TEST(test_role__what_hangs_on_it_is_named_and_never_detached),
        TEST(test_role__deleted_by_somebody_else_meanwhile_is_done),
        TEST(test_attachment__is_detached),
        TEST(test_role_policy__is_deleted_unless_it_was_changed),
        TEST(test_boundary__is_taken_away),
        TEST(test_provider__an_audience_is_taken_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
