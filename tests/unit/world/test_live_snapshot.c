/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_aws.h"
#include "scratch.h"

#include "world/redact.h"

#define TRUST                                                                                      \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": "        \
    "{\"Federated\": \"" FAKE_PROVIDER                                                             \
    "\"}, \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Condition\": "                          \
    "{\"StringEquals\": {\"" FAKE_HOST_PATH ":sub\": \"system:serviceaccount:shop:app\"}}}]}"

struct both {
    struct fake_aws *fake;
    struct scratch *scratch;
};

static json_t *plan_of(const struct irsa_facts *facts, const struct irsa_intent *intent)
{
    struct irsa_plan *plan = NULL;
    irsa_auto_error error = NULL;
    if (irsa_plan_make(facts, intent, &plan, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    json_t *json = irsa_plan_json(plan);
    irsa_plan_free(plan);
    return json;
}

static void forget_sources(json_t *plan)
{
    size_t i = 0;
    json_t *finding = NULL;
    json_array_foreach(json_object_get(plan, "findings"), i, finding)
    {
        json_object_del(json_object_get(finding, "evidence"), "source");
    }
}

static json_t *plan_of_directory(const char *directory, const struct irsa_intent *intent)
{
    irsa_auto_world world = NULL;
    irsa_auto_facts facts = NULL;
    irsa_auto_error error = NULL;
    if (irsa_captured_new(directory, NULL, &world, &error) != 0
        || world->ops->gather(world, &facts, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    return plan_of(facts, intent);
}

static void set_up_account(struct fake_aws *fake)
{
    fake_aws_provider(fake, "other");
    fake_aws_role(fake, TRUST);
    fake_aws_rule(fake, "iam:GetRole", "RoleName=gone", 404, "NoSuchEntity");
    fake_aws_rule(fake, "iam:ListRolePolicies", NULL, 403, "AccessDenied");
    struct irsa_wish *wish = irsa_intent_add_wish(fake->intent, "shop", "app", "command line");
    wish->role = irsa_strdup("app");
    wish = irsa_intent_add_wish(fake->intent, "shop", "gone", "command line");
    wish->role = irsa_strdup("gone");
    irsa_strings_add(&fake->intent->service_accounts, "shop/app");
    irsa_strings_add(&fake->intent->service_accounts, "shop/gone");
}

static void test_snapshot__plans_the_same(void **state)
{
    struct both *both = *state;
    irsa_auto_error error = NULL;
    set_up_account(both->fake);
    fake_aws_open(both->fake);
    fake_aws_gather(both->fake);
    irsa_autofree char *directory = irsa_format("%s/snapshot", both->scratch->directory);
    assert_int_equal(irsa_live_snapshot(both->fake->world, directory, false, &error), 0);
    json_auto_t *live = plan_of(both->fake->facts, both->fake->intent);
    json_auto_t *captured = plan_of_directory(directory, both->fake->intent);
    forget_sources(live);
    forget_sources(captured);
    irsa_auto_buf left = {0};
    irsa_auto_buf right = {0};
    irsa_json_write(live, &left);
    irsa_json_write(captured, &right);
    assert_string_equal(irsa_buf_str(&left), irsa_buf_str(&right));
    assert_non_null(strstr(irsa_buf_str(&left), "IRSA040"));
    /* It is not written over. */
    assert_int_equal(irsa_live_snapshot(both->fake->world, directory, false, &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_IO);
}

static void assert_redacted(const char *directory, const char *secret)
{
    irsa_autofree char *command = irsa_format("grep -rqF '%s' '%s'", secret, directory);
    if (system(command) == 0)
        fail_msg("%s is in the snapshot", secret);
    irsa_autofree char *names = irsa_format("find '%s' | grep -qF '%s'", directory, secret);
    if (system(names) == 0)
        fail_msg("%s is a file's name in the snapshot", secret);
}

static void test_snapshot__redacted_names_nobody_and_plans_alike(void **state)
{
    static const char *const secrets[] = {
        FAKE_ACCOUNT, "175C1DD6AA211D3A015F712A4136F992", "shop", "AROA1\"", "gone", "user/me"};
    struct both *both = *state;
    irsa_auto_error error = NULL;
    set_up_account(both->fake);
    fake_aws_open(both->fake);
    fake_aws_gather(both->fake);
    irsa_autofree char *directory = irsa_format("%s/snapshot", both->scratch->directory);
    assert_int_equal(irsa_live_snapshot(both->fake->world, directory, true, &error), 0);
    for (size_t i = 0; i < IRSA_COUNT(secrets); i++)
        assert_redacted(directory, secrets[i]);
    struct irsa_intent *nothing = irsa_intent_new();
    json_auto_t *plan = plan_of_directory(directory, nothing);
    irsa_intent_free(nothing);
    assert_int_equal(json_array_size(json_object_get(plan, "bindings")), 1);
}

static void assert_text(const char *learnt, const char *text, const char *expected)
{
    struct redaction redaction = {0};
    json_auto_t *answer = json_string(learnt);
    irsa_redaction_learn(&redaction, answer);
    irsa_autofree char *found = irsa_redact_text(&redaction, text);
    assert_string_equal(found, expected);
    irsa_redaction_done(&redaction);
}

static void test_redact__words_are_whole_and_aws_keeps_its_own(void **state)
{
    (void)state;
    assert_text("arn:aws:iam::123456789012:role/team/app", "role app of 123456789012, app-2",
                "role name-2 of 111111111111, app-2");
    assert_text("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
                "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
                "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
    assert_text("system:serviceaccount:shop:api", "system:serviceaccount:shop:*",
                "system:serviceaccount:name-1:*");
}

static int set_up(void **state)
{
    struct both *both = irsa_calloc(1, sizeof(*both));
    both->fake = fake_aws_new();
    both->fake->keep = true;
    *state = both;
    return scratch_setup((void **)&both->scratch);
}

static int tear_down(void **state)
{
    struct both *both = *state;
    fake_aws_free(both->fake);
    (void)scratch_teardown((void **)&both->scratch);
    free(both);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_snapshot__plans_the_same),
        TEST(test_snapshot__redacted_names_nobody_and_plans_alike),
        cmocka_unit_test(test_redact__words_are_whole_and_aws_keeps_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
