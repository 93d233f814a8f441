/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define SUBJECT(name) "system:serviceaccount:app:" name
#define ANNOTATED(role) "{'eks.amazonaws.com/role-arn': '" ROLE(role) "'}"

static void want_trust(struct fixture *f, const char *service_account)
{
    (void)add_fix(add_finding(f, binding_of(f, service_account)), IRSA_FIX_TRUST_ALLOW,
                  IRSA_CLASS_ADDITIVE);
}

static bool lets_in(const json_t *document, const char *subject)
{
    irsa_auto_policy policy = irsa_policy_new(document, IRSA_POLICY_TRUST);
    json_auto_t *context =
        irsa_request_web_identity_context(PROVIDER, ISSUER, subject, "sts.amazonaws.com");
    struct irsa_request request = {
        .principal_type = "Federated",
        .principal = PROVIDER,
        .action = IRSA_ACTION_WEB_IDENTITY,
        .context = context,
        .issuer = ISSUER,
    };
    return irsa_policy_decide(policy, &request) == IRSA_DECISION_ALLOWED;
}

static void test_plan_trust__several_accounts_in_one_change(void **state)
{
    struct fixture *f = *state;
    irsa_autofree char *trust = trust_for(SUBJECT("other"));
    add_role(f, "shared", trust);
    add_account(f, "app", "api", ANNOTATED("shared"));
    add_account(f, "app", "web", ANNOTATED("shared"));
    add_account(f, "app", "other", ANNOTATED("shared"));
    begin(f);
    want_trust(f, "api");
    want_trust(f, "web");
    end(f);
    assert_int_equal(f->plan->change_count, 1);
    const struct irsa_change *change = &f->plan->changes[0];
    assert_int_equal(change->kind, IRSA_OBJECT_TRUST_POLICY);
    assert_string_equal(change->target, ROLE("shared"));
    assert_true(lets_in(change->after, SUBJECT("api")));
    assert_true(lets_in(change->after, SUBJECT("web")));
    assert_true(lets_in(change->after, SUBJECT("other")));
    assert_false(lets_in(change->after, SUBJECT("else")));
    assert_int_equal(change->binding_count, 2);
    assert_int_equal(change->size_after, irsa_policy_size(change->after));
    assert_int_equal(change->quota, IRSA_TRUST_POLICY_QUOTA);
    assert_true(change->semantic.len > 0);
    assert_int_equal(f->plan->outcome, 2);
}

static void test_plan_trust__two_findings_of_one_binding_share_the_change(void **state)
{
    struct fixture *f = *state;
    irsa_autofree char *trust = trust_for("nobody");
    add_role(f, "api", trust);
    add_account(f, "app", "api", ANNOTATED("api"));
    begin(f);
    want_trust(f, "api");
    want_trust(f, "api");
    end(f);
    assert_int_equal(f->plan->change_count, 1);
    assert_true(f->plan->mended[0]);
    assert_true(f->plan->mended[1]);
    assert_int_equal(f->plan->changes[0].binding_count, 1);
}

static void test_plan_trust__deny_in_the_way_is_a_note(void **state)
{
    struct fixture *f = *state;
    add_role(f, "api",
             "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Deny', 'Principal': '*',"
             " 'Action': 'sts:AssumeRoleWithWebIdentity'}]}");
    add_account(f, "app", "api", ANNOTATED("api"));
    begin(f);
    want_trust(f, "api");
    end(f);
    assert_int_equal(f->plan->change_count, 0);
    assert_false(f->plan->mended[0]);
    assert_int_equal(f->plan->diagnosis.findings[0].notes.len, 1);
    assert_int_equal(f->plan->outcome, 3);
}

static void test_plan_trust__pattern_comes_after_the_exact_name(void **state)
{
    struct fixture *f = *state;
    irsa_autofree char *trust = trust_for(SUBJECT("ap*"));
    add_role(f, "api", trust);
    add_account(f, "app", "api", ANNOTATED("api"));
    add_account(f, "app", "web", ANNOTATED("api"));
    begin(f);
    want_trust(f, "api");
    want_trust(f, "web");
    end(f);
    assert_int_equal(f->plan->change_count, 2);
    const struct irsa_change *exact = &f->plan->changes[0];
    const struct irsa_change *pattern = &f->plan->changes[1];
    assert_int_equal(exact->class_, IRSA_CLASS_ADDITIVE);
    assert_int_equal(pattern->class_, IRSA_CLASS_PATTERN);
    assert_true(pattern->held_back);
    assert_true(json_equal(exact->after, pattern->before));
    assert_false(lets_in(exact->after, SUBJECT("apple")));
    assert_true(lets_in(pattern->after, SUBJECT("apple")));
    assert_true(lets_in(pattern->after, SUBJECT("web")));
    assert_true(f->plan->mended[0]);
    assert_int_equal(f->plan->outcome, 2);
}

static void add_accounts(struct fixture *f, const char *role, size_t count)
{
    irsa_autofree char *annotation =
        irsa_format("{'eks.amazonaws.com/role-arn': '" ROLE("%s") "'}", role);
    for (size_t i = 0; i < count; i++) {
        irsa_autofree char *name = irsa_format("account-with-a-rather-long-name-%03zu", i);
        add_account(f, "app", name, annotation);
    }
}

static void want_all(struct fixture *f)
{
    for (size_t i = 0; i < f->plan->bindings.len; i++)
        (void)add_fix(add_finding(f, i), IRSA_FIX_TRUST_ALLOW, IRSA_CLASS_ADDITIVE);
}

static void test_plan_trust__what_fits_is_done_the_rest_is_held_back(void **state)
{
    struct fixture *f = *state;
    irsa_autofree char *trust = trust_for(SUBJECT("first"));
    add_role(f, "big", trust);
    add_accounts(f, "big", 60);
    begin(f);
    want_all(f);
    end(f);
    assert_int_equal(f->plan->change_count, 2);
    const struct irsa_change *fits = &f->plan->changes[0];
    const struct irsa_change *rest = &f->plan->changes[1];
    assert_false(fits->held_back);
    assert_true(fits->size_after <= IRSA_TRUST_POLICY_QUOTA);
    assert_true(fits->size_after > IRSA_TRUST_POLICY_QUOTA - 200);
    assert_true(rest->over_quota);
    assert_true(rest->held_back);
    assert_true(rest->size_after > IRSA_TRUST_POLICY_QUOTA);
    assert_true(json_equal(fits->after, rest->before));
    assert_true(f->plan->mended[0]);
    assert_false(f->plan->mended[59]);
    assert_int_equal(f->plan->outcome, 3);
    assert_int_equal(fits->binding_count + rest->binding_count, f->plan->bindings.len);
}

static void test_plan_trust__raised_quota_takes_more(void **state)
{
    struct fixture *f = *state;
    f->intent->trust_policy_quota = IRSA_TRUST_POLICY_QUOTA_MAX;
    irsa_autofree char *trust = trust_for(SUBJECT("first"));
    add_role(f, "big", trust);
    add_accounts(f, "big", 45);
    begin(f);
    want_all(f);
    end(f);
    assert_int_equal(f->plan->change_count, 1);
    assert_int_equal(f->plan->changes[0].quota, IRSA_TRUST_POLICY_QUOTA_MAX);
    assert_int_equal(f->plan->outcome, 2);
}

static char *long_trust(size_t statements)
{
    struct irsa_buf buf = {0};
    irsa_buf_adds(&buf, "{'Version': '2012-10-17', 'Statement': [");
    for (size_t i = 0; i < statements; i++)
        irsa_buf_addf(&buf,
                      "%s{'Effect': 'Allow', 'Principal': {'Federated': '" PROVIDER
                      "'}, 'Action': '" IRSA_ACTION_WEB_IDENTITY
                      "', 'Condition': {'StringEquals': {'" ISSUER
                      ":sub': '" SUBJECT("sa%zu") "', '" ISSUER ":aud': 'sts.amazonaws.com'}}}",
                      i > 0 ? ", " : "", i);
    irsa_buf_adds(&buf, "]}");
    return irsa_buf_steal(&buf);
}

static void test_plan_trust__statements_are_merged_to_fit(void **state)
{
    struct fixture *f = *state;
    irsa_autofree char *trust = long_trust(4);
    /* Restrict the quota so that four statements fit and a longer policy does not. */
    json_auto_t *document = parse(trust);
    f->intent->trust_policy_quota = irsa_policy_size(document) + 10;
    add_role(f, "big", trust);
    add_account(f, "app", "newcomer-with-a-long-name", ANNOTATED("big"));
    begin(f);
    want_trust(f, "newcomer-with-a-long-name");
    end(f);
    assert_int_equal(f->plan->change_count, 1);
    const struct irsa_change *change = &f->plan->changes[0];
    assert_false(change->held_back);
    assert_true(change->size_after <= f->intent->trust_policy_quota);
    assert_true(lets_in(change->after, SUBJECT("newcomer-with-a-long-name")));
    for (size_t i = 0; i < 4; i++) {
        irsa_autofree char *subject = irsa_format(SUBJECT("sa%zu"), i);
        assert_true(lets_in(change->after, subject));
    }
}

static void test_plan_trust__narrow_keeps_who_is_wanted(void **state)
{
    struct fixture *f = *state;
    f->intent->allow[IRSA_CLASS_NARROW] = true;
    add_role(f, "wide",
             "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal':"
             " {'Federated': '" PROVIDER "'}, 'Action': '" IRSA_ACTION_WEB_IDENTITY "',"
             " 'Condition': {'StringLike': {'" ISSUER ":sub': 'system:serviceaccount:*:*'}}}]}");
    add_account(f, "app", "api", ANNOTATED("wide"));
    begin(f);
    struct irsa_fix *fix = add_fix(add_finding(f, 0), IRSA_FIX_TRUST_NARROW, IRSA_CLASS_NARROW);
    set_fix(fix, ROLE("wide"), NULL, NULL);
    irsa_strings_add(&fix->subjects, SUBJECT("api"));
    end(f);
    assert_int_equal(f->plan->change_count, 1);
    const struct irsa_change *change = &f->plan->changes[0];
    assert_int_equal(change->class_, IRSA_CLASS_NARROW);
    assert_false(change->held_back);
    assert_true(lets_in(change->after, SUBJECT("api")));
    assert_false(lets_in(change->after, SUBJECT("web")));
}

static void test_plan_trust__unparsable_policy_is_made_anew(void **state)
{
    struct fixture *f = *state;
    add_role(f, "api", "'{ \\'Version\\': '");
    add_account(f, "app", "api", ANNOTATED("api"));
    begin(f);
    want_trust(f, "api");
    end(f);
    assert_int_equal(f->plan->change_count, 1);
    assert_int_equal(f->plan->changes[0].action, IRSA_ACTION_UPDATE);
    assert_null(f->plan->changes[0].before);
    assert_true(lets_in(f->plan->changes[0].after, SUBJECT("api")));
}

/* --- new roles -------------------------------------------------------------------------------- */

static struct irsa_wish *wish_for(struct fixture *f, const char *name, const char *role)
{
    struct irsa_wish *wish = irsa_intent_add_wish(f->intent, "app", name, "irsa-fix.ini:1");
    wish->role = irsa_strdup(role);
    wish->create_role = true;
    return wish;
}

static void test_plan_role__created_with_path_and_trust_for_two(void **state)
{
    struct fixture *f = *state;
    add_fact(f, "{'Roles': []}");
    add_account(f, "app", "api", "{}");
    struct irsa_wish *wish = wish_for(f, "api", "new");
    wish->settings.path = irsa_strdup("/team/");
    wish->settings.description = irsa_strdup("for two");
    wish->settings.max_session = 7200;
    wish->settings.tags = parse("{'owner': 'me', 'managed-by': 'us'}");
    irsa_strings_add(&wish->settings.policy_arns, "arn:aws:iam::aws:policy/P");
    wish = wish_for(f, "web", "new");
    wish->settings.path = irsa_strdup("/team/");
    wish->settings.description = irsa_strdup("the second does not win");
    begin(f);
    size_t api = binding_of(f, "api");
    size_t web = binding_of(f, "web");
    struct irsa_finding *finding = add_finding(f, api);
    (void)add_fix(finding, IRSA_FIX_CREATE_ROLE, IRSA_CLASS_ADDITIVE);
    set_fix(add_fix(finding, IRSA_FIX_SET_ANNOTATION, IRSA_CLASS_ADDITIVE), NULL,
            IRSA_ANNOTATION_ROLE_ARN, ROLE("new"));
    finding = add_finding(f, web);
    (void)add_fix(finding, IRSA_FIX_CREATE_SERVICE_ACCOUNT, IRSA_CLASS_ADDITIVE);
    (void)add_fix(finding, IRSA_FIX_CREATE_ROLE, IRSA_CLASS_ADDITIVE);
    end(f);
    assert_int_equal(f->plan->change_count, 4);
    const struct irsa_change *role = &f->plan->changes[0];
    assert_string_equal(role->target, ROLE("team/new"));
    const json_t *document = json_object_get(role->after, "AssumeRolePolicyDocument");
    assert_true(lets_in(document, SUBJECT("api")));
    assert_true(lets_in(document, SUBJECT("web")));
    assert_false(lets_in(document, SUBJECT("else")));
    (void)json_object_del(role->after, "AssumeRolePolicyDocument");
    assert_json(role->after,
                "{'Path': '/team/', 'RoleName': 'new', 'Arn': '" ROLE(
                    "team/new") "',"
                                " 'Description': 'for two', 'MaxSessionDuration': 7200, 'Tags':"
                                " [{'Key': 'managed-by', 'Value': 'us'}, {'Key': "
                                "'irsa-fix:cluster', 'Value': 'shop'}, {'Key': 'owner', 'Value': "
                                "'me'}]}");
    assert_string_equal(f->plan->changes[1].target, ROLE("team/new") " arn:aws:iam::aws:policy/P");
    /* Both annotations name the role with its path. */
    for (size_t i = 2; i < 4; i++)
        assert_string_equal(irsa_json_string(f->plan->changes[i].after, "metadata", "annotations",
                                             IRSA_ANNOTATION_ROLE_ARN, NULL),
                            ROLE("team/new"));
    assert_int_equal(f->plan->changes[3].action, IRSA_ACTION_CREATE);
    assert_int_equal(f->plan->creates, 3);
    assert_int_equal(f->plan->updates, 1);
    assert_int_equal(f->plan->outcome, 2);
}

static void test_plan_account__created_with_labels_and_audience(void **state)
{
    struct fixture *f = *state;
    add_fact(f, "{'Roles': []}");
    struct irsa_wish *wish = wish_for(f, "api", "new");
    wish->labels = parse("{'team': 'a'}");
    wish->audience = irsa_strdup("mine");
    begin(f);
    struct irsa_finding *finding = add_finding(f, 0);
    (void)add_fix(finding, IRSA_FIX_CREATE_SERVICE_ACCOUNT, IRSA_CLASS_ADDITIVE);
    struct irsa_fix *fix = add_fix(finding, IRSA_FIX_CREATE_NAMESPACE, IRSA_CLASS_ADDITIVE);
    set_fix(fix, "app", NULL, NULL);
    end(f);
    assert_int_equal(f->plan->change_count, 2);
    assert_int_equal(f->plan->changes[0].kind, IRSA_OBJECT_NAMESPACE);
    assert_json(json_object_get(f->plan->changes[1].after, "metadata"),
                "{'name': 'api', 'namespace': 'app', 'labels': {'app.kubernetes.io/managed-by':"
                " 'irsa-fix', 'team': 'a'}, 'annotations': {'eks.amazonaws.com/role-arn':"
                " '" ROLE("new") "', 'eks.amazonaws.com/audience': 'mine'}}");
    assert_true(
        irsa_has_prefix(f->plan->changes[1].diff, "--- /dev/null\n+++ service-account app/api\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plan_trust__several_accounts_in_one_change),
        TEST(test_plan_trust__two_findings_of_one_binding_share_the_change),
        TEST(test_plan_trust__deny_in_the_way_is_a_note),
        TEST(test_plan_trust__pattern_comes_after_the_exact_name),
        TEST(test_plan_trust__what_fits_is_done_the_rest_is_held_back),
        TEST(test_plan_trust__raised_quota_takes_more),
        TEST(test_plan_trust__statements_are_merged_to_fit),
        TEST(test_plan_trust__narrow_keeps_who_is_wanted),
        TEST(test_plan_trust__unparsable_policy_is_made_anew),
        TEST(test_plan_role__created_with_path_and_trust_for_two),
        TEST(test_plan_account__created_with_labels_and_audience),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
