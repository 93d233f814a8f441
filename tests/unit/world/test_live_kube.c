/* SPDX-License-Identifier: Apache-2.0 */
/* The Kubernetes half of the live world over a made-up network: writing. */
#include "kube_fixture.h"

/* --- writing ---------------------------------------------------------------------------------- */

static json_t *account_object(const char *role)
{
    json_t *object = json_pack("{s:s,s:s,s:{s:s,s:s}}", "apiVersion", "v1", "kind",
                               "ServiceAccount", "metadata", "name", "api", "namespace", "app");
    if (role)
        json_object_set_new(json_object_get(object, "metadata"), "annotations",
                            json_pack("{s:s}", ROLE_KEY, role));
    return object;
}

static struct irsa_error *annotate(struct test *test, enum irsa_action action)
{
    json_auto_t *before = action == IRSA_ACTION_CREATE ? NULL : account_object(NULL);
    json_auto_t *after = account_object(ROLE);
    char target[] = "app/api";
    const struct irsa_change change = {.action = action,
                                       .kind = IRSA_OBJECT_SERVICE_ACCOUNT,
                                       .target = target,
                                       .before = before,
                                       .after = after};
    const struct irsa_change *changes[] = {&change};
    struct irsa_error *errors[] = {NULL};
    irsa_live_kube_apply(&test->live, test->gather.facts, changes, 1, errors);
    return errors[0];
}

static void test_apply__a_conflict_is_read_and_tried_again(void **state)
{
    struct test *test = *state;
    fake_answers(test->fake, 200, ACCOUNT("7", "\"note\":\"kept\""));
    fake_answers(test->fake, 409, CONFLICT);
    fake_answers(test->fake, 200, ACCOUNT("8", ""));
    fake_answers(test->fake, 200, ACCOUNT("9", ANNOTATED));
    assert_null(annotate(test, IRSA_ACTION_UPDATE));
    assert_int_equal(test->fake->requests.len, 4);
    fake_asked(test->fake, 1,
               "PATCH https://kube.example/api/v1/namespaces/app/serviceaccounts/api"
               "?fieldManager=irsa-fix");
    fake_asked(test->fake, 1, "Content-Type: application/merge-patch+json");
    fake_asked(test->fake, 1, "\"resourceVersion\":\"7\"");
    fake_asked_not(test->fake, 1, "note");
    fake_asked_not(test->fake, 1, "dryRun");
    fake_asked(test->fake, 3, "\"resourceVersion\":\"8\"");
}

static void test_apply__somebody_else_did_it(void **state)
{
    struct test *test = *state;
    fake_answers(test->fake, 200, ACCOUNT("7", ""));
    fake_answers(test->fake, 409, CONFLICT);
    fake_answers(test->fake, 200, ACCOUNT("8", ANNOTATED));
    assert_null(annotate(test, IRSA_ACTION_UPDATE));
    assert_int_equal(test->fake->requests.len, 3);
}

static void test_apply__another_value_is_a_conflict(void **state)
{
    struct test *test = *state;
    fake_answers(test->fake, 200, ACCOUNT("8", "\"" ROLE_KEY "\":\"other\""));
    struct irsa_error *error = annotate(test, IRSA_ACTION_UPDATE);
    assert_non_null(error);
    assert_int_equal(irsa_error_kind(error), IRSA_E_CONFLICT);
    assert_non_null(strstr(irsa_error_message(error), ROLE_KEY));
    assert_int_equal(test->fake->requests.len, 1);
    irsa_error_free(error);
}

static void test_apply__created_by_two(void **state)
{
    struct test *test = *state;
    test->live.dry_run = true;
    fake_answers(test->fake, 409, CONFLICT);
    fake_answers(test->fake, 200, ACCOUNT("1", ANNOTATED));
    assert_null(annotate(test, IRSA_ACTION_CREATE));
    fake_asked(test->fake, 0, "POST https://kube.example/api/v1/namespaces/app/serviceaccounts?");
    fake_asked(test->fake, 0, "&dryRun=All\n");
}

static void test_apply__what_is_gone_is_a_conflict(void **state)
{
    struct test *test = *state;
    fake_answers(test->fake, 404, NOT_FOUND);
    struct irsa_error *error = annotate(test, IRSA_ACTION_UPDATE);
    assert_non_null(error);
    assert_int_equal(irsa_error_kind(error), IRSA_E_CONFLICT);
    irsa_error_free(error);
}

/* --- partial objects and rollouts ------------------------------------------------------------- */

static json_t *parse(const char *text)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    return value;
}

static void test_patch__keys_that_go_become_null(void **state __attribute__((unused)))
{
    json_auto_t *before = parse("{\"m\":{\"name\":\"x\",\"a\":{\"k\":\"v\",\"old\":\"1\"}}}");
    json_auto_t *after = parse("{\"m\":{\"name\":\"x\",\"a\":{\"k\":\"w\"}}}");
    json_auto_t *patch = irsa_live_kube_patch(before, after);
    json_auto_t *wanted = parse("{\"m\":{\"a\":{\"k\":\"w\",\"old\":null}}}");
    assert_true(json_equal(patch, wanted));
    json_auto_t *bare = parse("{\"m\":{\"name\":\"x\"}}");
    json_auto_t *removal = irsa_live_kube_patch(before, bare);
    json_auto_t *removed = parse("{\"m\":{\"a\":{\"k\":null,\"old\":null}}}");
    assert_true(json_equal(removal, removed));
}

static void assert_rollout(const char *text, enum live_kube_rollout wanted, const char *words)
{
    json_auto_t *object = parse(text);
    irsa_autofree char *found = NULL;
    assert_int_equal(irsa_live_kube_rollout(object, &found), wanted);
    assert_true(words ? found && strstr(found, words) : !found);
}

static void test_rollout__states(void **state __attribute__((unused)))
{
#define DEPLOYMENT(status)                                                                         \
    "{\"kind\":\"Deployment\",\"metadata\":{\"generation\":2},\"spec\":{\"replicas\":3},"          \
    "\"status\":{" status "}}"
    assert_rollout(DEPLOYMENT("\"observedGeneration\":1"), LIVE_KUBE_ROLLING, "not taken up");
    assert_rollout(DEPLOYMENT("\"observedGeneration\":2,\"updatedReplicas\":1"), LIVE_KUBE_ROLLING,
                   "1 of 3 pods are new");
    assert_rollout(DEPLOYMENT("\"observedGeneration\":2,\"updatedReplicas\":3,\"replicas\":4"),
                   LIVE_KUBE_ROLLING, "1 old pods");
    assert_rollout(DEPLOYMENT("\"observedGeneration\":2,\"updatedReplicas\":3,\"replicas\":3,"
                              "\"availableReplicas\":3"),
                   LIVE_KUBE_ROLLED, NULL);
    assert_rollout(DEPLOYMENT("\"observedGeneration\":2,\"conditions\":[{\"type\":\"Progressing\","
                              "\"reason\":\"ProgressDeadlineExceeded\"}]"),
                   LIVE_KUBE_STUCK, "deadline");
    assert_rollout("{\"kind\":\"StatefulSet\",\"spec\":{\"updateStrategy\":{\"type\":\"OnDelete\"}"
                   "}}",
                   LIVE_KUBE_BY_HAND, "deleted");
    assert_rollout("{\"kind\":\"StatefulSet\",\"spec\":{\"replicas\":1},\"status\":{"
                   "\"readyReplicas\":1,\"currentRevision\":\"a\",\"updateRevision\":\"b\"}}",
                   LIVE_KUBE_ROLLING, "0 of 1");
    assert_rollout("{\"kind\":\"DaemonSet\",\"status\":{\"desiredNumberScheduled\":2,"
                   "\"updatedNumberScheduled\":2,\"numberAvailable\":2}}",
                   LIVE_KUBE_ROLLED, NULL);
}

static void test_reduce__no_secrets(void **state __attribute__((unused)))
{
    json_auto_t *list =
        parse("{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"metadata\":{\"continue\":\"x\"},"
              "\"items\":[{\"metadata\":{\"name\":\"p\",\"namespace\":\"n\"},\"spec\":{"
              "\"containers\":[{\"name\":\"c\",\"args\":[\"CANARY\"],\"env\":["
              "{\"name\":\"DB_PASSWORD\",\"value\":\"CANARY\"},"
              "{\"name\":\"AWS_SECRET_ACCESS_KEY\",\"value\":\"CANARY\"},"
              "{\"name\":\"AWS_ROLE_ARN\",\"value\":\"kept\"}]}]}}]}");
    json_auto_t *reduced = irsa_live_kube_reduce(list);
    irsa_autofree char *text = json_dumps(reduced, 0);
    assert_null(strstr(text, "CANARY"));
    assert_non_null(strstr(text, "kept"));
    assert_non_null(strstr(text, "continue"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_apply__a_conflict_is_read_and_tried_again, kube_set_up,
                                        kube_tear_down),
        cmocka_unit_test_setup_teardown(test_apply__somebody_else_did_it, kube_set_up,
                                        kube_tear_down),
        cmocka_unit_test_setup_teardown(test_apply__another_value_is_a_conflict, kube_set_up,
                                        kube_tear_down),
        cmocka_unit_test_setup_teardown(test_apply__created_by_two, kube_set_up, kube_tear_down),
        cmocka_unit_test_setup_teardown(test_apply__what_is_gone_is_a_conflict, kube_set_up,
                                        kube_tear_down),
        cmocka_unit_test(test_patch__keys_that_go_become_null),
        cmocka_unit_test(test_rollout__states),
        cmocka_unit_test(test_reduce__no_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
