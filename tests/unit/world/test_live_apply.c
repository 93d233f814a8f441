/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_aws.h"

#define TRUST_A "{\"Version\": \"2012-10-17\", \"Statement\": []}"
#define TRUST_B                                                                                    \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Deny\", \"Principal\": \"*\", "  \
    "\"Action\": \"sts:AssumeRole\"}]}"
#define TRUST_C                                                                                    \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Deny\", \"Principal\": \"*\", "  \
    "\"Action\": \"sts:TagSession\"}]}"
#define TAGS "\"Tags\": [{\"Key\": \"irsa-fix:cluster\", \"Value\": \"prod\"}]"
#define NEW_PROVIDER                                                                               \
    "{\"Url\": \"" FAKE_HOST_PATH "\", \"ClientIDList\": [\"sts.amazonaws.com\"], " TAGS "}"
#define NEW_ROLE                                                                                   \
    "{\"Path\": \"/\", \"RoleName\": \"app\", \"Arn\": \"" FAKE_ROLE                               \
    "\", \"Description\": \"d\", " TAGS ", "                                                       \
    "\"AssumeRolePolicyDocument\": " TRUST_A "}"

static int create_provider(struct fake_aws *fake)
{
    return fake_aws_apply(fake, IRSA_ACTION_CREATE, IRSA_OBJECT_PROVIDER, FAKE_PROVIDER, NULL,
                          NEW_PROVIDER);
}

static void test_provider__is_created_without_a_thumbprint(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_provider(fake, "sts.amazonaws.com");
    fake_aws_rule_times(fake, 1, "iam:GetOpenIDConnectProvider", NULL, 404, "NoSuchEntity");
    fake_aws_rule(fake, "iam:CreateOpenIDConnectProvider", NULL, 200, "");
    fake_aws_assert_done(fake, create_provider(fake));
    const char *text = fake_aws_call(fake, "iam:CreateOpenIDConnectProvider", 0)->text;
    assert_non_null(strstr(text, "Url=https%3A%2F%2Foidc.eks.eu-west-1.amazonaws.com%2Fid%2F"));
    assert_non_null(strstr(text, "&ClientIDList.member.1=sts.amazonaws.com"));
    assert_non_null(strstr(text, "&Tags.member.1.Key=irsa-fix%3Acluster&Tags.member.1.Value=prod"));
    assert_null(strstr(text, "Thumbprint"));
}

static void test_provider__that_is_there_already_is_done(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_provider(fake, "sts.amazonaws.com");
    fake_aws_assert_done(fake, create_provider(fake));
    assert_int_equal(fake_aws_count(fake, "iam:CreateOpenIDConnectProvider"), 0);
}

static void test_provider__that_somebody_made_meanwhile_is_looked_at(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_provider(fake, "sts.amazonaws.com");
    fake_aws_rule_times(fake, 1, "iam:GetOpenIDConnectProvider", NULL, 404, "NoSuchEntity");
    fake_aws_rule(fake, "iam:CreateOpenIDConnectProvider", NULL, 409, "EntityAlreadyExists");
    fake_aws_assert_done(fake, create_provider(fake));
}

static void test_provider__a_lost_answer_is_looked_after(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_provider(fake, "sts.amazonaws.com");
    fake_aws_rule_times(fake, 1, "iam:GetOpenIDConnectProvider", NULL, 404, "NoSuchEntity");
    fake_aws_rule(fake, "iam:CreateOpenIDConnectProvider", NULL, 0, "");
    fake_aws_assert_done(fake, create_provider(fake));
    assert_int_equal(fake_aws_count(fake, "iam:CreateOpenIDConnectProvider"), 1);
}

static void test_provider__what_was_lost_and_not_done_is_sent_again(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_rule(fake, "iam:CreateOpenIDConnectProvider", NULL, 0, "");
    assert_int_equal(create_provider(fake), -1);
    assert_int_equal(fake_aws_count(fake, "iam:CreateOpenIDConnectProvider"), 3);
    assert_string_equal(irsa_error_message(fake->error), "iam:CreateOpenIDConnectProvider: lost");
    assert_non_null(strstr(irsa_error_hint(fake->error), "probably not done"));
}

static void test_provider__that_never_shows_is_an_error(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_rule(fake, "iam:CreateOpenIDConnectProvider", NULL, 200, "");
    assert_int_equal(create_provider(fake), -1);
    assert_int_equal(irsa_error_kind(fake->error), IRSA_E_NET);
    assert_non_null(strstr(irsa_error_message(fake->error), "IAM does not show it"));
}

static void test_provider__an_audience_is_added(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_provider(fake, "other");
    fake_aws_start(fake);
    fake_aws_provider(fake, "other</member><member>sts.amazonaws.com");
    fake_aws_rule_times(fake, 1, "iam:GetOpenIDConnectProvider", NULL, 200,
                        "<Url>" FAKE_HOST_PATH "</Url><ClientIDList><member>other</member>"
                        "</ClientIDList>");
    fake_aws_rule(fake, "iam:AddClientIDToOpenIDConnectProvider", NULL, 200, "");
    fake_aws_assert_done(fake,
                         fake_aws_apply(fake, IRSA_ACTION_UPDATE, IRSA_OBJECT_PROVIDER,
                                        FAKE_PROVIDER, "{\"ClientIDList\": [\"other\"]}",
                                        "{\"ClientIDList\": [\"other\", \"sts.amazonaws.com\"]}"));
    assert_int_equal(fake_aws_count(fake, "iam:AddClientIDToOpenIDConnectProvider"), 1);
    assert_non_null(strstr(fake_aws_call(fake, "iam:AddClientIDToOpenIDConnectProvider", 0)->text,
                           "&ClientID=sts.amazonaws.com"));
}

static void test_role__is_created_and_waited_for(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_role(fake, TRUST_A);
    fake_aws_rule_times(fake, 2, "iam:GetRole", NULL, 404, "NoSuchEntity");
    fake_aws_rule(fake, "iam:CreateRole", NULL, 200, "");
    fake_aws_assert_done(fake, fake_aws_apply(fake, IRSA_ACTION_CREATE, IRSA_OBJECT_ROLE, FAKE_ROLE,
                                              NULL, NEW_ROLE));
    const char *text = fake_aws_call(fake, "iam:CreateRole", 0)->text;
    assert_non_null(strstr(text, "&AssumeRolePolicyDocument=%7B%22Version%22%3A%222012-10-17%22"
                                 "%2C%22Statement%22%3A%5B%5D%7D&Path=%2F&Description=d&Tags"));
    assert_int_equal(fake_aws_count(fake, "iam:GetRole"), 3);
}

static void test_role__another_one_of_that_name_is_a_conflict(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_role(fake, TRUST_B);
    fake_aws_assert_conflict(
        fake, fake_aws_apply(fake, IRSA_ACTION_CREATE, IRSA_OBJECT_ROLE, FAKE_ROLE, NULL, NEW_ROLE),
        FAKE_ROLE " is not as the plan saw it: a role of that name exists, and is another one");
    assert_int_equal(fake_aws_count(fake, "iam:CreateRole"), 0);
}

static void test_trust__is_read_again_before_it_is_written(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_role(fake, TRUST_A);
    fake_aws_start(fake);
    fake_aws_role(fake, TRUST_B);
    fake_aws_assert_conflict(fake,
                             fake_aws_apply(fake, IRSA_ACTION_UPDATE, IRSA_OBJECT_TRUST_POLICY,
                                            FAKE_ROLE, TRUST_A, TRUST_C),
                             FAKE_ROLE " is not as the plan saw it: its trust policy was changed");
    assert_int_equal(fake_aws_count(fake, "iam:UpdateAssumeRolePolicy"), 0);
    fake_aws_assert_done(fake, fake_aws_apply(fake, IRSA_ACTION_UPDATE, IRSA_OBJECT_TRUST_POLICY,
                                              FAKE_ROLE, TRUST_A, TRUST_B));
    assert_int_equal(fake_aws_count(fake, "iam:UpdateAssumeRolePolicy"), 0);
}

static void test_trust__is_written_compactly(void **state)
{
    struct fake_aws *fake = *state;
    static char before[4096];
    fake_aws_role(fake, TRUST_A);
    (void)snprintf(before, sizeof(before), "%s", fake->rules[fake->rule_count - 3].result);
    fake_aws_start(fake);
    fake_aws_role(fake, TRUST_B);
    fake_aws_rule_times(fake, 1, "iam:GetRole", NULL, 200, before);
    fake_aws_rule(fake, "iam:UpdateAssumeRolePolicy", NULL, 200, "");
    fake_aws_assert_done(fake, fake_aws_apply(fake, IRSA_ACTION_UPDATE, IRSA_OBJECT_TRUST_POLICY,
                                              FAKE_ROLE, TRUST_A, TRUST_B));
    assert_non_null(strstr(fake_aws_call(fake, "iam:UpdateAssumeRolePolicy", 0)->text,
                           "&RoleName=app&PolicyDocument=%7B%22Version%22%3A%222012-10-17%22%2C"));
}

static void test_attachment__to_a_new_role_waits_for_it(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    fake_aws_rule_times(fake, 1, "iam:AttachRolePolicy", NULL, 404, "NoSuchEntity");
    fake_aws_rule(fake, "iam:AttachRolePolicy", NULL, 200, "");
    fake_aws_rule(fake, "iam:ListAttachedRolePolicies", NULL, 200,
                  "<AttachedPolicies><member><PolicyArn>arn:aws:iam::aws:policy/p</PolicyArn>"
                  "</member></AttachedPolicies>");
    fake_aws_rule_times(fake, 1, "iam:ListAttachedRolePolicies", NULL, 404, "NoSuchEntity");
    fake_aws_assert_done(fake, fake_aws_apply(fake, IRSA_ACTION_CREATE, IRSA_OBJECT_ROLE_ATTACHMENT,
                                              FAKE_ROLE " arn:aws:iam::aws:policy/p", NULL,
                                              "{\"RoleName\": \"app\", \"PolicyArn\": "
                                              "\"arn:aws:iam::aws:policy/p\"}"));
}

static void test_service_account__is_never_pretended(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    assert_int_equal(fake_aws_apply(fake, IRSA_ACTION_CREATE, IRSA_OBJECT_SERVICE_ACCOUNT,
                                    "shop/app", NULL, "{}"),
                     -1);
    assert_string_equal(irsa_error_message(fake->error),
                        "service-account shop/app: Kubernetes is not within reach");
}

static void test_other_account__without_identity_is_refused(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_start(fake);
    assert_int_equal(fake_aws_apply(fake, IRSA_ACTION_UPDATE, IRSA_OBJECT_TRUST_POLICY,
                                    "arn:aws:iam::222222222222:role/x", TRUST_A, TRUST_B),
                     -1);
    assert_int_equal(irsa_error_kind(fake->error), IRSA_E_ACCESS);
    assert_int_equal(fake->call_count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_aws_set_up, fake_aws_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_provider__is_created_without_a_thumbprint),
        TEST(test_provider__that_is_there_already_is_done),
        TEST(test_provider__that_somebody_made_meanwhile_is_looked_at),
        TEST(test_provider__a_lost_answer_is_looked_after),
        TEST(test_provider__what_was_lost_and_not_done_is_sent_again),
        TEST(test_provider__that_never_shows_is_an_error),
        TEST(test_provider__an_audience_is_added),
        TEST(test_role__is_created_and_waited_for),
        TEST(test_role__another_one_of_that_name_is_a_conflict),
        TEST(test_trust__is_read_again_before_it_is_written),
        TEST(test_trust__is_written_compactly),
        TEST(test_attachment__to_a_new_role_waits_for_it),
        TEST(test_service_account__is_never_pretended),
        TEST(test_other_account__without_identity_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
