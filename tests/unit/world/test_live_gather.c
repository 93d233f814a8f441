/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_aws.h"

#define TRUST                                                                                      \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": "        \
    "{\"Federated\": \"" FAKE_PROVIDER "\"}, \"Action\": \"sts:AssumeRoleWithWebIdentity\"}]}"

static void wish(struct fake_aws *fake, const char *role)
{
    struct irsa_wish *wish = irsa_intent_add_wish(fake->intent, "shop", "app", "command line");
    wish->role = irsa_strdup(role);
    wish->from_command_line = true;
    irsa_strings_add(&fake->intent->service_accounts, "shop/app");
}

static void test_gather__one_role_takes_two_rounds(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_role(fake, TRUST);
    fake_aws_provider(fake, "sts.amazonaws.com");
    wish(fake, "app");
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(fake->rounds, 2);
    assert_int_equal(fake->call_count, 9);
    assert_int_equal(fake_aws_count(fake, "iam:ListRoles"), 0);
    assert_int_equal(fake_aws_call(fake, "iam:ListOpenIDConnectProviders", 0)->round, 1);
    assert_int_equal(fake_aws_call(fake, "iam:GetRole", 0)->round, 2);
    assert_non_null(strstr(fake_aws_call(fake, "eks:ListPodIdentityAssociations", 0)->text,
                           "/clusters/prod/pod-identity-associations?namespace=shop"
                           "&serviceAccount=app"));
    const struct irsa_role *role = irsa_facts_role(fake->facts, FAKE_ROLE);
    assert_non_null(role);
    assert_true(role->attached_seen && role->inline_seen && role->boundary_seen);
    assert_true(irsa_facts_provider(fake->facts, FAKE_PROVIDER)->detail_seen);
    assert_string_equal(irsa_facts_file(fake->facts, &role->origins), "iam:GetRole app");
    assert_true(fake->facts->kubernetes_unread);
}

static void test_gather__without_a_role_by_name_they_are_listed(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(fake->rounds, 1);
    assert_int_equal(fake_aws_count(fake, "iam:ListRoles"), 1);
    assert_non_null(strstr(fake_aws_call(fake, "iam:ListRoles", 0)->text, "MaxItems=1000"));
    assert_true(irsa_facts_roles_listed(fake->facts, FAKE_ACCOUNT));
    assert_true(irsa_facts_providers_listed(fake->facts, FAKE_ACCOUNT));
}

static void test_gather__what_is_not_there_is_absent(void **state)
{
    struct fake_aws *fake = *state;
    wish(fake, "app");
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(irsa_facts_role_presence(fake->facts, FAKE_ACCOUNT, "app"), IRSA_ABSENT);
    assert_int_equal(irsa_facts_role_presence(fake->facts, FAKE_ACCOUNT, "other"), IRSA_UNSEEN);
    assert_int_equal(irsa_facts_provider_presence(fake->facts, FAKE_PROVIDER), IRSA_ABSENT);
    /* The listing told it: it was not asked for. */
    assert_int_equal(fake_aws_count(fake, "iam:GetOpenIDConnectProvider"), 0);
}

static void test_gather__a_denied_read_is_unknown_and_named(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_rule(fake, "iam:GetRole", NULL, 403, "AccessDenied");
    fake_aws_rule(fake, "iam:ListOpenIDConnectProviders", NULL, 403, "AccessDenied");
    wish(fake, "app");
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(irsa_facts_role_presence(fake->facts, FAKE_ACCOUNT, "app"), IRSA_UNSEEN);
    const struct irsa_denied *denied =
        irsa_facts_denied(fake->facts, "iam:GetRole", FAKE_ACCOUNT, "app");
    assert_non_null(denied);
    assert_non_null(strstr(denied->message, "AccessDenied"));
    /* Without the listing the provider itself is asked for. */
    assert_int_equal(fake_aws_count(fake, "iam:GetOpenIDConnectProvider"), 1);
    assert_int_equal(irsa_facts_provider_presence(fake->facts, FAKE_PROVIDER), IRSA_ABSENT);
}

static void test_gather__the_alias_is_of_the_callers_account_and_nobody_needs_it(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_rule(fake, "iam:ListAccountAliases", NULL, 200,
                  "<AccountAliases><member>shop-prod</member></AccountAliases>"
                  "<IsTruncated>false</IsTruncated>");
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(fake->rounds, 1);
    assert_string_equal(irsa_facts_account_alias(fake->facts, FAKE_ACCOUNT), "shop-prod");
    assert_null(irsa_facts_account_alias(fake->facts, "999999999999"));
    static const struct {
        long status;
        const char *result;
    } broken[] = {{403, "AccessDenied"}, {500, "ServiceFailure"}, {0, ""}};
    for (size_t i = 0; i < IRSA_COUNT(broken); i++) {
        irsa_facts_free(irsa_steal(&fake->facts));
        fake_aws_rule(fake, "iam:ListAccountAliases", NULL, broken[i].status, broken[i].result);
        fake_aws_gather(fake);
        assert_null(irsa_facts_account_alias(fake->facts, FAKE_ACCOUNT));
        assert_int_equal(fake->facts->denied_count, 0);
    }
}

static void test_gather__nothing_allowed_is_an_error(void **state)
{
    static const char *const labels[] = {"eks:ListPodIdentityAssociations",
                                         "iam:ListOpenIDConnectProviders", "iam:ListRoles"};
    struct fake_aws *fake = *state;
    for (size_t i = 1; i < IRSA_COUNT(labels); i++)
        fake_aws_rule(fake, labels[i], NULL, 403, "AccessDenied");
    fake_aws_rule(fake, labels[0], NULL, 403, "{\"__type\": \"AccessDeniedException\"}");
    fake_aws_rule(fake, "eks:DescribeCluster", NULL, 403,
                  "{\"__type\": \"AccessDeniedException\"}");
    fake_aws_open(fake);
    assert_int_equal(fake->world->ops->gather(fake->world, &fake->facts, &fake->error), -1);
    assert_int_equal(irsa_error_kind(fake->error), IRSA_E_ACCESS);
    assert_string_equal(irsa_error_message(fake->error),
                        "arn:aws:iam::" FAKE_ACCOUNT
                        ":user/me may read nothing: eks:DescribeCluster, "
                        "eks:ListPodIdentityAssociations, iam:ListOpenIDConnectProviders and "
                        "iam:ListRoles were denied");
}

static void test_gather__expired_keys_end_it(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_rule(fake, "iam:ListRoles", NULL, 403, "ExpiredToken");
    fake_aws_open(fake);
    assert_int_equal(fake->world->ops->gather(fake->world, &fake->facts, &fake->error), -1);
    assert_int_equal(irsa_error_kind(fake->error), IRSA_E_AUTH);
}

static void test_gather__a_cluster_that_is_not_there_names_the_nearest(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_rule(fake, "eks:DescribeCluster", NULL, 404,
                  "{\"__type\": \"ResourceNotFoundException\"}");
    fake_aws_rule(fake, "eks:ListClusters", NULL, 200, "{\"clusters\": [\"test\", \"prot\"]}");
    fake_aws_open(fake);
    assert_int_equal(fake->world->ops->gather(fake->world, &fake->facts, &fake->error), -1);
    assert_int_equal(irsa_error_kind(fake->error), IRSA_E_NOT_FOUND);
    assert_string_equal(irsa_error_hint(fake->error), "did you mean prot?");
}

static void test_gather__the_only_cluster_is_chosen(void **state)
{
    struct fake_aws *fake = *state;
    free(irsa_steal(&fake->intent->cluster_name));
    fake_aws_rule(fake, "eks:ListClusters", NULL, 200, "{\"clusters\": [\"prod\"]}");
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(fake->facts->cluster_count, 1);
    irsa_facts_free(irsa_steal(&fake->facts));
    fake_aws_rule(fake, "eks:ListClusters", NULL, 200, "{\"clusters\": [\"prod\", \"test\"]}");
    assert_int_equal(fake->world->ops->gather(fake->world, &fake->facts, &fake->error), -1);
    assert_string_equal(irsa_error_message(fake->error),
                        "account " FAKE_ACCOUNT " has 2 clusters in eu-west-1: prod and test");
}

static void test_gather__a_cluster_that_is_not_of_eks_is_told_by_its_issuer(void **state)
{
    struct fake_aws *fake = *state;
    fake->intent->issuer = irsa_strdup("https://issuer.example/own");
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(fake_aws_count(fake, "eks:DescribeCluster"), 0);
    assert_int_equal(fake_aws_count(fake, "eks:ListPodIdentityAssociations"), 0);
    assert_int_equal(fake->rounds, 1);
}

static void test_gather__many_roles_are_listed(void **state)
{
    struct fake_aws *fake = *state;
    for (int i = 0; i < 5; i++) {
        irsa_autofree char *name = irsa_format("app-%d", i);
        irsa_autofree char *pattern = irsa_format("shop/%s", name);
        struct irsa_wish *wish = irsa_intent_add_wish(fake->intent, "shop", name, "irsa-fix.ini:1");
        wish->role = irsa_strdup(name);
        irsa_strings_add(&fake->intent->service_accounts, pattern);
    }
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(fake_aws_count(fake, "iam:GetRole"), 0);
    assert_int_equal(fake_aws_count(fake, "iam:ListRoles"), 1);
    assert_int_equal(irsa_facts_role_presence(fake->facts, FAKE_ACCOUNT, "app-3"), IRSA_ABSENT);
}

static void test_gather__another_account_without_identity_is_noted(void **state)
{
    struct fake_aws *fake = *state;
    wish(fake, "arn:aws:iam::222222222222:role/app");
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(fake_aws_count(fake, "iam:GetRole"), 0);
    assert_true(irsa_strings_has(&fake->facts->no_access, "222222222222"));
    assert_int_equal(irsa_facts_role_presence(fake->facts, "222222222222", "app"), IRSA_UNSEEN);
}

static void test_gather__needed_actions_bring_the_documents(void **state)
{
    struct fake_aws *fake = *state;
    irsa_auto_error error = NULL;
    fake_aws_role(fake, TRUST);
    fake_aws_rule(fake, "iam:ListAttachedRolePolicies", "RoleName=app", 200,
                  "<AttachedPolicies><member><PolicyName>p</PolicyName><PolicyArn>"
                  "arn:aws:iam::aws:policy/p</PolicyArn></member></AttachedPolicies>");
    fake_aws_rule(fake, "iam:GetPolicy", NULL, 200,
                  "<Policy><PolicyName>p</PolicyName><Arn>arn:aws:iam::aws:policy/p</Arn>"
                  "<DefaultVersionId>v3</DefaultVersionId></Policy>");
    fake_aws_rule(fake, "iam:GetPolicyVersion", "VersionId=v3", 200,
                  "<PolicyVersion><Document>%7B%22Statement%22%3A%5B%5D%7D</Document>"
                  "<VersionId>v3</VersionId><IsDefaultVersion>true</IsDefaultVersion>"
                  "</PolicyVersion>");
    wish(fake, "app");
    assert_int_equal(
        irsa_wish_add_need(&fake->intent->wishes[0], "s3:GetObject arn:aws:s3:::bucket/x", &error),
        0);
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(fake->rounds, 4);
    const struct irsa_managed_policy *policy =
        irsa_facts_managed_policy(fake->facts, "arn:aws:iam::aws:policy/p");
    assert_non_null(policy);
    assert_non_null(policy->policy);
}

static void need(struct fake_aws *fake, const char *text)
{
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_wish_add_need(&fake->intent->wishes[0], text, &error), 0);
}

#define SIMULATED(action, resource, decision)                                                      \
    "<member><EvalActionName>" action "</EvalActionName><EvalResourceName>" resource               \
    "</EvalResourceName><EvalDecision>" decision "</EvalDecision><OrganizationsDecisionDetail>"    \
    "<AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>"         \
    "<ResourceSpecificResults><member><EvalResourceName>" resource                                 \
    "</EvalResourceName><EvalResourceDecision>" decision "</EvalResourceDecision></member>"        \
    "</ResourceSpecificResults></member>"

/* A role whose ARN is given is asked about beside GetRole: no round more, a call a resource. */
static void test_gather__needed_actions_are_put_to_the_simulator(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_role(fake, TRUST);
    fake_aws_rule(fake, "iam:SimulatePrincipalPolicy", "table", 200,
                  "<EvaluationResults>" SIMULATED(
                      "dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:" FAKE_ACCOUNT ":table/t",
                      "explicitDeny") "</EvaluationResults><IsTruncated>false</IsTruncated>");
    fake_aws_rule(fake, "iam:SimulatePrincipalPolicy", "bucket", 200,
                  "<EvaluationResults/><IsTruncated>false</IsTruncated>");
    wish(fake, FAKE_ROLE);
    need(fake, "s3:GetObject arn:aws:s3:::bucket/x");
    need(fake, "s3:PutObject arn:aws:s3:::bucket/x");
    need(fake, "s3:* arn:aws:s3:::bucket/x");
    need(fake, "dynamodb:GetItem arn:aws:dynamodb:us-east-1:" FAKE_ACCOUNT ":table/t");
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(fake->rounds, 2);
    assert_int_equal(fake_aws_count(fake, "iam:SimulatePrincipalPolicy"), 2);
    const struct fake_call *first = fake_aws_call(fake, "iam:SimulatePrincipalPolicy", 0);
    assert_int_equal(first->round, 2);
    assert_non_null(strstr(first->text, "ActionNames.member.2=s3%3APutObject"));
    assert_null(strstr(first->text, "ActionNames.member.3"));
    assert_non_null(strstr(first->text, "ContextKeyValues.member.1=eu-west-1"));
    const struct fake_call *second = fake_aws_call(fake, "iam:SimulatePrincipalPolicy", 1);
    assert_non_null(strstr(second->text, "ContextKeyValues.member.1=us-east-1"));
    const struct irsa_simulation *simulation =
        irsa_facts_simulation(fake->facts, FAKE_ROLE, "DynamoDB:getitem",
                              "arn:aws:dynamodb:us-east-1:" FAKE_ACCOUNT ":table/t");
    assert_non_null(simulation);
    assert_true(simulation->denied_by_organization);
    assert_int_equal(simulation->decision, IRSA_SIMULATED_DENIED_EXPLICIT);
}

static void test_gather__a_simulator_that_does_not_answer_leaves_its_answer_open(void **state)
{
    struct fake_aws *fake = *state;
    fake_aws_role(fake, TRUST);
    wish(fake, FAKE_ROLE);
    need(fake, "s3:GetObject arn:aws:s3:::bucket/x");
    fake_aws_rule(fake, "iam:SimulatePrincipalPolicy", NULL, 400, "InvalidInput");
    fake_aws_open(fake);
    fake_aws_gather(fake);
    assert_int_equal(fake->facts->unsimulated.len, 1);
    assert_int_equal(fake->facts->denied_count, 0);
    assert_true(irsa_has_prefix(fake->facts->unsimulated.items[0], FAKE_ROLE ": "));
    irsa_facts_free(irsa_steal(&fake->facts));
    fake_aws_rule(fake, "iam:SimulatePrincipalPolicy", NULL, 403, "AccessDenied");
    fake_aws_gather(fake);
    assert_int_equal(fake->facts->unsimulated.len, 0);
    assert_non_null(
        irsa_facts_denied(fake->facts, "iam:SimulatePrincipalPolicy", FAKE_ACCOUNT, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_aws_set_up, fake_aws_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_gather__one_role_takes_two_rounds),
        TEST(test_gather__without_a_role_by_name_they_are_listed),
        TEST(test_gather__what_is_not_there_is_absent),
        TEST(test_gather__a_denied_read_is_unknown_and_named),
        TEST(test_gather__the_alias_is_of_the_callers_account_and_nobody_needs_it),
        TEST(test_gather__nothing_allowed_is_an_error),
        TEST(test_gather__expired_keys_end_it),
        TEST(test_gather__a_cluster_that_is_not_there_names_the_nearest),
        TEST(test_gather__the_only_cluster_is_chosen),
        TEST(test_gather__a_cluster_that_is_not_of_eks_is_told_by_its_issuer),
        TEST(test_gather__many_roles_are_listed),
        TEST(test_gather__another_account_without_identity_is_noted),
        TEST(test_gather__needed_actions_bring_the_documents),
        TEST(test_gather__needed_actions_are_put_to_the_simulator),
        TEST(test_gather__a_simulator_that_does_not_answer_leaves_its_answer_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
