/* SPDX-License-Identifier: Apache-2.0 */
/* From recorded changes and present facts to the way back. */
#include "fixture.h"
#include "irsa/rollback.h"

#define HEAD                                                                                       \
    "{'id': '20990101-000000-00000000', 'command': 'apply', 'started': '2099-01-01T00:00:00Z',"    \
    " 'user': 'u', 'host': 'h', 'cluster': {'name': 'shop'}}"
#define CLIENTS(list) "{'Url': '" ISSUER "', 'ClientIDList': [" list "]}"
#define SA(annotations)                                                                            \
    "{'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': 'api', 'namespace': "     \
    "'app', 'annotations': " annotations "}}"
#define DEPLOYMENT(template)                                                                       \
    "{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'web', 'namespace': "    \
    "'app'}, 'spec': {'template': " template "}}"
#define RESTARTED(time)                                                                            \
    "{'metadata': {'annotations': {'kubectl.kubernetes.io/restartedAt': '" time "'}}}"

/* A job of up to eight changes. */
struct job {
    struct irsa_change changes[8];
    struct irsa_undo_change items[8];
    size_t count;
    json_t *head;
    struct irsa_strings runs;
    struct irsa_undo undo;
};

static void add(struct job *job, enum irsa_undo_certainty certainty, const char *kind,
                const char *target, const char *before, const char *after)
{
    irsa_autofree char *text = irsa_format(
        "{'id': 'c1', 'action': '%s', 'kind': '%s', 'target': '%s', 'before': %s, 'after': %s,"
        " 'class': 'additive', 'because': []}",
        strcmp(before, "null") == 0  ? "create"
        : strcmp(after, "null") == 0 ? "delete"
                                     : "update",
        kind, target, before, after);
    json_auto_t *json = parse(text);
    irsa_auto_error error = NULL;
    struct irsa_change *change = &job->changes[job->count];
    if (irsa_change_read("test", json, change, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    job->items[job->count++] = (struct irsa_undo_change){change, certainty};
}

static void done(struct job *job, const char *kind, const char *target, const char *before,
                 const char *after)
{
    add(job, IRSA_UNDO_DONE, kind, target, before, after);
}

static void job_done(struct job *job)
{
    for (size_t i = 0; i < job->count; i++)
        irsa_change_done(&job->changes[i]);
    json_decref(job->head);
    irsa_strings_done(&job->runs);
}
#define auto_job IRSA_CLEANUP(job_done) struct job

static const struct irsa_plan *plan_back(struct fixture *f, struct job *job)
{
    begin(f);
    irsa_plan_free(f->plan);
    job->head = parse(HEAD);
    job->undo.run = job->head;
    job->undo.runs = &job->runs;
    job->undo.changes = job->items;
    job->undo.change_count = job->count;
    irsa_rollback_plan(f->facts, f->intent, &job->undo, &f->plan);
    return f->plan;
}

static void assert_note(const struct irsa_change *change, const char *text)
{
    for (size_t i = 0; i < change->notes.len; i++) {
        if (strstr(change->notes.items[i], text))
            return;
    }
    fail_msg("no note \"%s\", but %s", text, change->notes.len ? change->notes.items[0] : "none");
}

static void test_plan__in_reverse_order(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    irsa_autofree char *trust = trust_for("system:serviceaccount:app:api");
    irsa_autofree char *role =
        irsa_format("{'Path': '/', 'RoleName': 'a', 'AssumeRolePolicyDocument': %s}", trust);
    add_role(f, "a", trust);
    add_account(f, "app", "api", "{'x': 'y'}");
    done(&job, "role", ROLE("a"), "null", role);
    done(&job, "service-account", "app/api", "null", SA("{'x': 'y'}"));
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_int_equal(plan->change_count, 2);
    assert_int_equal(plan->changes[0].kind, IRSA_OBJECT_SERVICE_ACCOUNT);
    assert_int_equal(plan->changes[0].action, IRSA_ACTION_DELETE);
    assert_int_equal(plan->changes[1].kind, IRSA_OBJECT_ROLE);
    assert_string_equal(plan->changes[1].id, "c2");
    assert_int_equal(plan->outcome, 2);
    assert_int_equal(plan->deletes, 2);
}

static void test_plan__as_it_was_is_nothing_to_do(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    done(&job, "oidc-provider", PROVIDER, CLIENTS("'other'"), CLIENTS("'other', 'x'"));
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_int_equal(plan->change_count, 0);
    assert_int_equal(plan->undone, 1);
    assert_int_equal(plan->outcome, 0);
}

static void test_plan__changed_since_is_held_back(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    add_account(f, "app", "api", "{'x': 'theirs'}");
    done(&job, "service-account", "app/api", SA("{'x': 'old'}"), SA("{'x': 'ours'}"));
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_int_equal(plan->change_count, 1);
    assert_int_equal(plan->changes[0].class_, IRSA_CLASS_OVERWRITE);
    assert_true(plan->changes[0].held_back);
    assert_false(plan->changes[0].blocked);
    assert_note(&plan->changes[0], "\"theirs\" now, the run left \"ours\"");
    assert_int_equal(plan->outcome, 3);
    /* The way back begins at what is there now. */
    assert_string_equal(
        irsa_json_string(plan->changes[0].before, "metadata", "annotations", "x", NULL), "theirs");
}

static void test_plan__changed_since_goes_where_allowed(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    f->intent->allow[IRSA_CLASS_OVERWRITE] = true;
    add_account(f, "app", "api", "{'x': 'theirs'}");
    done(&job, "service-account", "app/api", SA("{'x': 'old'}"), SA("{'x': 'ours'}"));
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_false(plan->changes[0].held_back);
    assert_int_equal(plan->outcome, 2);
}

static void test_plan__two_changes_of_one_object_are_one(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    add_account(f, "app", "api", "{'x': '2', 'y': 'new'}");
    done(&job, "service-account", "app/api", SA("{'x': '0'}"), SA("{'x': '1'}"));
    done(&job, "service-account", "app/api", SA("{'x': '1', 'z': 'gone'}"),
         SA("{'x': '2', 'y': 'new'}"));
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_int_equal(plan->change_count, 1);
    json_auto_t *wanted = parse(SA("{'x': '0', 'z': 'gone'}"));
    assert_true(json_equal(plan->changes[0].after, wanted));
    assert_false(plan->changes[0].held_back);
}

static void test_plan__created_and_deleted_is_nothing(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    done(&job, "namespace", "new", "null", "{'kind': 'Namespace'}");
    done(&job, "namespace", "new", "{'kind': 'Namespace'}", "null");
    assert_int_equal(plan_back(f, &job)->change_count, 0);
}

static void test_plan__doubt_is_settled_by_facts(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    add_account(f, "app", "api", "{'x': 'ours'}");
    add(&job, IRSA_UNDO_DOUBTFUL, "service-account", "app/api", SA("{'x': 'old'}"),
        SA("{'x': 'ours'}"));
    add(&job, IRSA_UNDO_DOUBTFUL, "oidc-provider", PROVIDER, CLIENTS("'other'"),
        CLIENTS("'other', 'x'"));
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_int_equal(plan->change_count, 1);
    assert_int_equal(plan->changes[0].kind, IRSA_OBJECT_SERVICE_ACCOUNT);
}

static void test_plan__what_failed_is_only_looked_at(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    add_account(f, "app", "api", "{'x': 'ours'}");
    add(&job, IRSA_UNDO_FAILED, "service-account", "app/api", SA("{'x': 'old'}"),
        SA("{'x': 'ours'}"));
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_int_equal(plan->change_count, 0);
    assert_int_equal(plan->undo_notes.len, 1);
    assert_non_null(strstr(plan->undo_notes.items[0], "failed in the run"));
}

static void test_plan__a_provider_that_others_trust(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    irsa_autofree char *trust = trust_for("system:serviceaccount:app:theirs");
    add_role(f, "theirs", trust);
    done(&job, "oidc-provider", PROVIDER, "null", CLIENTS("'other'"));
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_int_equal(plan->changes[0].class_, IRSA_CLASS_DELETE);
    assert_true(plan->changes[0].held_back);
    assert_note(&plan->changes[0], "role theirs trusts it");
}

static void test_plan__a_role_that_something_hangs_on(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    irsa_autofree char *trust = trust_for("system:serviceaccount:app:a");
    irsa_autofree char *role =
        irsa_format("{'Path': '/', 'RoleName': 'a', 'AssumeRolePolicyDocument': %s}", trust);
    for (int i = 0; i < IRSA_CLASS_MAX_; i++)
        f->intent->allow[i] = true;
    add_role(f, "a", trust);
    add_fact(f, "{'RoleName': 'a', 'AttachedPolicies': [{'PolicyName': 'p', 'PolicyArn': "
                "'arn:aws:iam::aws:policy/Ours'}, {'PolicyName': 'q', 'PolicyArn': "
                "'arn:aws:iam::aws:policy/Theirs'}]}");
    done(&job, "role", ROLE("a"), "null", role);
    done(&job, "role-attachment", ROLE("a") " arn:aws:iam::aws:policy/Ours", "null",
         "{'RoleName': 'a', 'PolicyArn': 'arn:aws:iam::aws:policy/Ours'}");
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_int_equal(plan->change_count, 2);
    assert_false(plan->changes[0].held_back);
    assert_true(plan->changes[1].blocked);
    assert_true(plan->changes[1].held_back);
    assert_note(&plan->changes[1], "arn:aws:iam::aws:policy/Theirs is attached to it");
}

static void test_plan__a_namespace_that_somebody_lives_in(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    add_account(f, "new", "theirs", "{}");
    add_account(f, "new", "default", "{}");
    done(&job, "namespace", "new", "null",
         "{'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': 'new'}}");
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_int_equal(plan->changes[0].class_, IRSA_CLASS_DELETE);
    assert_note(&plan->changes[0], "service account theirs is in it");
}

static void test_plan__a_restart_stays_but_in_files(void **state)
{
    for (int files = 0; files < 2; files++) {
        void *inner = NULL;
        (void)state;
        fixture_setup(&inner);
        struct fixture *f = inner;
        auto_job job = {0};
        add_fact(f, DEPLOYMENT("{'spec': {'containers': []}, 'metadata': {'annotations': {"
                               "'kubectl.kubernetes.io/restartedAt': '2099-01-01T00:00:00Z'}}}"));
        done(&job, "workload", "Deployment app/web", DEPLOYMENT("{}"),
             DEPLOYMENT(RESTARTED("2099-01-01T00:00:00Z")));
        job.undo.kubernetes_in_files = files;
        const struct irsa_plan *plan = plan_back(f, &job);
        assert_int_equal(plan->change_count, files);
        assert_int_equal(plan->undo_notes.len, !files);
        fixture_teardown(&inner);
    }
}

static void test_plan__a_role_made_anew_gets_another_id(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    irsa_autofree char *trust = trust_for("system:serviceaccount:app:gone");
    irsa_autofree char *role =
        irsa_format("{'Path': '/', 'RoleName': 'gone', 'AssumeRolePolicyDocument': %s}", trust);
    add_fact(f, "{'Roles': []}");
    add_fact(f,
             "{'Account': '" ACCOUNT "', 'UserId': 'u', 'Arn': 'arn:aws:iam::" ACCOUNT ":user/u'}");
    job.undo.aws_in_files = true;
    done(&job, "role", ROLE("gone"), role, "null");
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_int_equal(plan->change_count, 1);
    assert_int_equal(plan->changes[0].action, IRSA_ACTION_CREATE);
    assert_note(&plan->changes[0], "another unique id");
}

static void test_plan__what_is_not_seen_is_blocked(void **state)
{
    struct fixture *f = *state;
    auto_job job = {0};
    for (int i = 0; i < IRSA_CLASS_MAX_; i++)
        f->intent->allow[i] = true;
    done(&job, "service-account", "unseen/api", SA("{'x': 'old'}"), SA("{'x': 'ours'}"));
    const struct irsa_plan *plan = plan_back(f, &job);
    assert_true(plan->changes[0].blocked);
    assert_int_equal(plan->outcome, 3);
    json_auto_t *json = irsa_plan_json(plan);
    assert_string_equal(irsa_json_string(json, "rollback", "run", NULL),
                        "20990101-000000-00000000");
    assert_string_equal(irsa_json_string(json, "cluster", "name", NULL), "shop");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_plan__in_reverse_order),
        TEST(test_plan__as_it_was_is_nothing_to_do),
        TEST(test_plan__changed_since_is_held_back),
        TEST(test_plan__changed_since_goes_where_allowed),
        TEST(test_plan__two_changes_of_one_object_are_one),
        TEST(test_plan__created_and_deleted_is_nothing),
        TEST(test_plan__doubt_is_settled_by_facts),
        TEST(test_plan__what_failed_is_only_looked_at),
        TEST(test_plan__a_provider_that_others_trust),
        TEST(test_plan__a_role_that_something_hangs_on),
        TEST(test_plan__a_namespace_that_somebody_lives_in),
        TEST(test_plan__a_restart_stays_but_in_files),
        TEST(test_plan__a_role_made_anew_gets_another_id),
        TEST(test_plan__what_is_not_seen_is_blocked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
