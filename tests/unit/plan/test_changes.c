/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define ANNOTATED(role) "{'eks.amazonaws.com/role-arn': '" ROLE(role) "'}"

static void test_plan_provider__audience_is_added_once(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", ANNOTATED("api"));
    begin(f);
    for (int i = 0; i < 2; i++) {
        struct irsa_fix *fix =
            add_fix(add_finding(f, 0), IRSA_FIX_ADD_CLIENT_ID, IRSA_CLASS_ADDITIVE);
        set_fix(fix, PROVIDER, NULL, "sts.amazonaws.com");
    }
    end(f);
    assert_int_equal(f->plan->change_count, 1);
    const struct irsa_change *change = &f->plan->changes[0];
    assert_int_equal(change->kind, IRSA_OBJECT_PROVIDER);
    assert_int_equal(change->action, IRSA_ACTION_UPDATE);
    assert_json(change->before, "{'Url': '" ISSUER "', 'ClientIDList': ['other']}");
    assert_json(change->after,
                "{'Url': '" ISSUER "', 'ClientIDList': ['other', 'sts.amazonaws.com']}");
    assert_string_equal(f->plan->fixed_by[0].items[0], "c1");
    assert_string_equal(f->plan->fixed_by[1].items[0], "c1");
    assert_int_equal(f->plan->outcome, 2);
}

static void test_plan_provider__created_with_every_audience(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", ANNOTATED("api"));
    begin(f);
    static const char target[] = "arn:aws:iam::444455556666:oidc-provider/" ISSUER;
    struct irsa_finding *finding = add_finding(f, 0);
    set_fix(add_fix(finding, IRSA_FIX_ADD_CLIENT_ID, IRSA_CLASS_ADDITIVE), target, NULL, "mine");
    set_fix(add_fix(finding, IRSA_FIX_CREATE_PROVIDER, IRSA_CLASS_ADDITIVE), target, NULL,
            "sts.amazonaws.com");
    end(f);
    assert_int_equal(f->plan->change_count, 1);
    assert_int_equal(f->plan->creates, 1);
    assert_null(f->plan->changes[0].before);
    assert_json(f->plan->changes[0].after,
                "{'Url': '" ISSUER "', 'ClientIDList': ['sts.amazonaws.com', 'mine'],"
                " 'Tags': [{'Key': 'irsa-fix:cluster', 'Value': 'shop'}]}");
}

static void test_plan_provider__created_with_tags(void **state)
{
    struct fixture *f = *state;
    f->intent->defaults.tags = parse("{'team': 'web', 'irsa-fix:cluster': 'ours'}");
    add_account(f, "app", "api", ANNOTATED("api"));
    begin(f);
    static const char target[] = "arn:aws:iam::444455556666:oidc-provider/" ISSUER;
    set_fix(add_fix(add_finding(f, 0), IRSA_FIX_CREATE_PROVIDER, IRSA_CLASS_ADDITIVE), target, NULL,
            "sts.amazonaws.com");
    end(f);
    assert_json(json_object_get(f->plan->changes[0].after, "Tags"),
                "[{'Key': 'team', 'Value': 'web'}, {'Key': 'irsa-fix:cluster', 'Value': 'ours'}]");
}

static void test_plan_provider__deleted_last_and_on_request(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", "{}");
    add_account(f, "app", "web", ANNOTATED("web"));
    begin(f);
    set_fix(add_fix(add_finding(f, 0), IRSA_FIX_DELETE_PROVIDER, IRSA_CLASS_DELETE), PROVIDER, NULL,
            NULL);
    set_fix(add_fix(add_finding(f, 0), IRSA_FIX_SET_ANNOTATION, IRSA_CLASS_ADDITIVE), NULL,
            "eks.amazonaws.com/audience", "x");
    end(f);
    assert_int_equal(f->plan->change_count, 2);
    const struct irsa_change *deletion = &f->plan->changes[1];
    assert_int_equal(deletion->action, IRSA_ACTION_DELETE);
    assert_true(deletion->held_back);
    assert_null(deletion->after);
    assert_int_equal(f->plan->held_back, 1);
    assert_int_equal(f->plan->deletes, 0);
    assert_false(f->plan->mended[0]);
    assert_true(f->plan->mended[1]);
    assert_int_equal(f->plan->outcome, 3);
}

static void test_plan_annotation__only_what_is_touched(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", "{'note': 'mine', 'eks.amazon.com/role-arn': '" ROLE("api") "'}");
    add_role(f, "api", "{}");
    begin(f);
    struct irsa_finding *finding = add_finding(f, 0);
    set_fix(add_fix(finding, IRSA_FIX_SET_ANNOTATION, IRSA_CLASS_ADDITIVE), NULL,
            IRSA_ANNOTATION_ROLE_ARN, ROLE("api"));
    set_fix(add_fix(finding, IRSA_FIX_REMOVE_ANNOTATION, IRSA_CLASS_DELETE), NULL,
            "eks.amazon.com/role-arn", NULL);
    end(f);
    assert_int_equal(f->plan->change_count, 2);
    assert_json(f->plan->changes[0].before, "{'apiVersion': 'v1', 'kind': 'ServiceAccount',"
                                            " 'metadata': {'name': 'api', 'namespace': 'app'}}");
    assert_json(f->plan->changes[0].after,
                "{'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': 'api',"
                " 'namespace': 'app', 'annotations': " ANNOTATED("api") "}}");
    assert_json(
        f->plan->changes[1].before,
        "{'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': 'api',"
        " 'namespace': 'app', 'annotations': {'eks.amazon.com/role-arn': '" ROLE("api") "'}}}");
    assert_json(f->plan->changes[1].after, "{'apiVersion': 'v1', 'kind': 'ServiceAccount',"
                                           " 'metadata': {'name': 'api', 'namespace': 'app'}}");
    assert_false(f->plan->changes[0].held_back);
    assert_true(f->plan->changes[1].held_back);
    /* The former key may stay: the finding is mended by the right one. */
    assert_true(f->plan->mended[0]);
    assert_int_equal(f->plan->outcome, 2);
}

static void test_plan_annotation__owned_takes_additive_along(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", "{'eks.amazonaws.com/audience': 'x'}");
    add_account(f, "app", "web", ANNOTATED("web"));
    begin(f);
    set_fix(add_fix(add_finding(f, 0), IRSA_FIX_SET_ANNOTATION, IRSA_CLASS_ADDITIVE), NULL,
            "eks.amazonaws.com/audience", "y");
    set_fix(add_fix(add_finding(f, 0), IRSA_FIX_SET_ANNOTATION, IRSA_CLASS_OWNED), NULL,
            IRSA_ANNOTATION_ROLE_ARN, ROLE("api"));
    end(f);
    assert_int_equal(f->plan->change_count, 1);
    const struct irsa_change *change = &f->plan->changes[0];
    assert_int_equal(change->class_, IRSA_CLASS_OWNED);
    assert_true(change->held_back);
    assert_json(
        json_object_get(json_object_get(change->after, "metadata"), "annotations"),
        "{'eks.amazonaws.com/audience': 'y', 'eks.amazonaws.com/role-arn': '" ROLE("api") "'}");
    assert_string_equal(f->plan->fixed_by[0].items[0], "c1");
    assert_int_equal(f->plan->outcome, 3);
}

static void test_plan_annotation__two_values_are_a_note(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", "{}");
    add_account(f, "app", "web", ANNOTATED("web"));
    begin(f);
    static const char *const values[] = {"a", "b"};
    for (size_t i = 0; i < 2; i++)
        set_fix(add_fix(add_finding(f, 0), IRSA_FIX_SET_ANNOTATION, IRSA_CLASS_ADDITIVE), NULL,
                "eks.amazonaws.com/audience", values[i]);
    end(f);
    assert_int_equal(f->plan->change_count, 1);
    assert_true(f->plan->mended[0]);
    assert_false(f->plan->mended[1]);
    assert_int_equal(f->plan->diagnosis.findings[1].notes.len, 1);
}

static void test_plan_annotation__nothing_to_change_is_no_change(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", ANNOTATED("api"));
    begin(f);
    set_fix(add_fix(add_finding(f, 0), IRSA_FIX_SET_ANNOTATION, IRSA_CLASS_ADDITIVE), NULL,
            IRSA_ANNOTATION_ROLE_ARN, ROLE("api"));
    end(f);
    assert_int_equal(f->plan->change_count, 0);
    assert_false(f->plan->mended[0]);
    assert_int_equal(f->plan->outcome, 3);
}

static void test_plan_role__settings_change(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", ANNOTATED("api"));
    add_role(f, "api", "{}");
    begin(f);
    struct irsa_finding *finding = add_finding(f, 0);
    set_fix(add_fix(finding, IRSA_FIX_UPDATE_ROLE, IRSA_CLASS_OVERWRITE), ROLE("api"),
            "MaxSessionDuration", "43200");
    set_fix(add_fix(finding, IRSA_FIX_UPDATE_ROLE, IRSA_CLASS_ADDITIVE), ROLE("api"),
            "PermissionsBoundary", "arn:aws:iam::aws:policy/B");
    end(f);
    assert_int_equal(f->plan->change_count, 2);
    assert_json(f->plan->changes[0].after,
                "{'RoleName': 'api', 'PermissionsBoundary': {'PermissionsBoundaryType': 'Policy',"
                " 'PermissionsBoundaryArn': 'arn:aws:iam::aws:policy/B'}}");
    assert_json(f->plan->changes[1].before, "{'RoleName': 'api', 'MaxSessionDuration': 3600}");
    assert_json(f->plan->changes[1].after, "{'RoleName': 'api', 'MaxSessionDuration': 43200}");
}

static void test_plan_role__policies(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", ANNOTATED("api"));
    add_role(f, "api", "{}");
    begin(f);
    struct irsa_finding *finding = add_finding(f, 0);
    for (int i = 0; i < 2; i++)
        set_fix(add_fix(finding, IRSA_FIX_ATTACH_POLICY, IRSA_CLASS_ADDITIVE), ROLE("api"), NULL,
                "arn:aws:iam::aws:policy/P");
    struct irsa_fix *fix = add_fix(finding, IRSA_FIX_PUT_ROLE_POLICY, IRSA_CLASS_ADDITIVE);
    set_fix(fix, ROLE("api"), "s3", NULL);
    fix->document = parse("{'Version': '2012-10-17', 'Statement': []}");
    end(f);
    assert_int_equal(f->plan->change_count, 2);
    assert_string_equal(f->plan->changes[0].target, ROLE("api") " arn:aws:iam::aws:policy/P");
    assert_json(f->plan->changes[0].after,
                "{'RoleName': 'api', 'PolicyArn': 'arn:aws:iam::aws:policy/P'}");
    assert_string_equal(f->plan->changes[1].target, ROLE("api") " s3");
    assert_int_equal(f->plan->creates, 2);
}

static const char deployment[] =
    "{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'namespace': 'app', 'name':"
    " 'd'}, 'spec': {'template': {'metadata': {}, 'spec': {'serviceAccountName': 'old',"
    " 'containers': [{'name': 'c', 'image': 'i'}]}}}}";
static const char cron_job[] =
    "{'apiVersion': 'batch/v1', 'kind': 'CronJob', 'metadata': {'namespace': 'app', 'name': 'j'},"
    " 'spec': {'jobTemplate': {'spec': {'template': {'spec': {"
    " 'containers': [{'name': 'c', 'image': 'i'}]}}}}}}";

static void test_plan_workload__account_name_and_restart(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", ANNOTATED("api"));
    add_fact(f, deployment);
    add_fact(f, cron_job);
    begin(f);
    static const struct {
        enum irsa_fix_kind kind;
        enum irsa_class class_;
        const char *target;
    } fixes[] = {{IRSA_FIX_SET_SERVICE_ACCOUNT_NAME, IRSA_CLASS_OVERWRITE, "Deployment/d"},
                 {IRSA_FIX_RESTART, IRSA_CLASS_RESTART, "Deployment/d"},
                 {IRSA_FIX_SET_SERVICE_ACCOUNT_NAME, IRSA_CLASS_ADDITIVE, "CronJob/j"}};
    for (size_t i = 0; i < IRSA_COUNT(fixes); i++) {
        struct irsa_fix *fix = add_fix(add_finding(f, 0), fixes[i].kind, fixes[i].class_);
        set_fix(fix, fixes[i].target, NULL, "api");
        fix->namespace_ = irsa_strdup("app");
    }
    end(f);
    assert_int_equal(f->plan->change_count, 3);
    assert_string_equal(f->plan->changes[0].target, "CronJob app/j");
    assert_json(f->plan->changes[0].before,
                "{'apiVersion': 'batch/v1', 'kind': 'CronJob', 'metadata': {'name': 'j',"
                " 'namespace': 'app'}}");
    assert_json(f->plan->changes[0].after,
                "{'apiVersion': 'batch/v1', 'kind': 'CronJob', 'metadata': {'name': 'j',"
                " 'namespace': 'app'}, 'spec': {'jobTemplate': {'spec': {'template': {'spec':"
                " {'serviceAccountName': 'api'}}}}}}");
    assert_json(json_object_get(f->plan->changes[1].before, "spec"),
                "{'template': {'spec': {'serviceAccountName': 'old'}}}");
    assert_json(json_object_get(f->plan->changes[1].after, "spec"),
                "{'template': {'spec': {'serviceAccountName': 'api'}}}");
    assert_int_equal(f->plan->changes[2].class_, IRSA_CLASS_RESTART);
    assert_json(json_object_get(f->plan->changes[2].after, "spec"),
                "{'template': {'metadata': {'annotations': {'kubectl.kubernetes.io/restartedAt':"
                " '1970-01-01T00:00:01Z'}}}}");
}

static void test_plan__strict_counts_warnings(void **state)
{
    struct fixture *f = *state;
    f->intent->strict = true;
    add_account(f, "app", "api", ANNOTATED("api"));
    begin(f);
    add_finding(f, 0)->severity = IRSA_SEVERITY_WARNING;
    end(f);
    assert_int_equal(f->plan->outcome, 3);
}

static void test_plan__warnings_alone_are_fine(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", ANNOTATED("api"));
    begin(f);
    f->plan->diagnosis.works[0] = IRSA_WORKS_YES;
    add_finding(f, 0)->severity = IRSA_SEVERITY_WARNING;
    end(f);
    assert_int_equal(f->plan->outcome, 0);
}

static void test_plan__undecided_binding_beats_changes(void **state)
{
    struct fixture *f = *state;
    add_account(f, "app", "api", ANNOTATED("api"));
    begin(f);
    f->plan->diagnosis.works[0] = IRSA_WORKS_UNKNOWN;
    set_fix(add_fix(add_finding(f, 0), IRSA_FIX_ADD_CLIENT_ID, IRSA_CLASS_ADDITIVE), PROVIDER, NULL,
            "sts.amazonaws.com");
    end(f);
    assert_int_equal(f->plan->updates, 1);
    assert_int_equal(f->plan->outcome, 3);
}

static void test_plan__allowed_class_is_not_held_back(void **state)
{
    struct fixture *f = *state;
    f->intent->allow[IRSA_CLASS_OVERWRITE] = true;
    add_account(f, "app", "api", ANNOTATED("wrong"));
    begin(f);
    set_fix(add_fix(add_finding(f, 0), IRSA_FIX_SET_ANNOTATION, IRSA_CLASS_OVERWRITE), NULL,
            IRSA_ANNOTATION_ROLE_ARN, ROLE("right"));
    end(f);
    assert_false(f->plan->changes[0].held_back);
    assert_int_equal(f->plan->outcome, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plan_provider__audience_is_added_once),
        TEST(test_plan_provider__created_with_every_audience),
        TEST(test_plan_provider__created_with_tags),
        TEST(test_plan_provider__deleted_last_and_on_request),
        TEST(test_plan_annotation__only_what_is_touched),
        TEST(test_plan_annotation__owned_takes_additive_along),
        TEST(test_plan_annotation__two_values_are_a_note),
        TEST(test_plan_annotation__nothing_to_change_is_no_change),
        TEST(test_plan_role__settings_change),
        TEST(test_plan_role__policies),
        TEST(test_plan_workload__account_name_and_restart),
        TEST(test_plan__strict_counts_warnings),
        TEST(test_plan__warnings_alone_are_fine),
        TEST(test_plan__undecided_binding_beats_changes),
        TEST(test_plan__allowed_class_is_not_held_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
