/* SPDX-License-Identifier: Apache-2.0 */
/* The Kubernetes half of the live world over a made-up network. */
#include "../kube/fake.h"
#include "world/live_kube.h"

#define ROLE "arn:aws:iam::111122223333:role/app"
#define ROLE_KEY "eks.amazonaws.com/role-arn"
#define EMPTY(kind) "{\"kind\":\"" kind "List\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[]}"
#define APPS(kind)                                                                                 \
    "{\"kind\":\"" kind "List\",\"apiVersion\":\"apps/v1\",\"metadata\":{},\"items\":[]}"
#define BATCH(kind)                                                                                \
    "{\"kind\":\"" kind "List\",\"apiVersion\":\"batch/v1\",\"metadata\":{},\"items\":[]}"
#define WEBHOOKS                                                                                   \
    "{\"kind\":\"MutatingWebhookConfigurationList\","                                              \
    "\"apiVersion\":\"admissionregistration.k8s.io/v1\",\"metadata\":{},\"items\":[]}"
#define FORBIDDEN                                                                                  \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"Forbidden\","  \
    "\"message\":\"serviceaccounts is forbidden\",\"code\":403}"
#define CONFLICT                                                                                   \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"Conflict\","   \
    "\"message\":\"the object has been modified\",\"code\":409}"
#define NOT_FOUND                                                                                  \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"NotFound\","   \
    "\"message\":\"not found\",\"code\":404}"
#define ACCOUNT(version, annotations)                                                              \
    "{\"kind\":\"ServiceAccount\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"api\","           \
    "\"namespace\":\"app\",\"resourceVersion\":\"" version "\",\"annotations\":{" annotations      \
    "}}}"
#define ANNOTATED "\"" ROLE_KEY "\":\"" ROLE "\""

struct test {
    struct fake *fake;
    struct irsa_intent *intent;
    struct live live;
    struct gather gather;
    struct live_kube_gather kube;
};

static int set_up(void **state)
{
    struct test *test = irsa_calloc(1, sizeof(*test));
    test->fake = fake_new();
    assert_int_equal(fake_open(test->fake, "{server: 'https://kube.example'}", "{token: t}"), 0);
    test->intent = irsa_intent_new();
    test->live = (struct live){
        .intent = test->intent, .kube = test->fake->kube, .rollout_ms = 1, .keep = true};
    test->gather = (struct gather){
        .live = &test->live, .facts = irsa_facts_new(), .lock = PTHREAD_MUTEX_INITIALIZER};
    test->kube = (struct live_kube_gather){.gather = &test->gather, .observed = json_object()};
    *state = test;
    return 0;
}

static int tear_down(void **state)
{
    struct test *test = *state;
    for (size_t i = 0; i < test->kube.read_count; i++) {
        struct live_kube_read *read = test->kube.reads[i];
        irsa_kube_call_done(&read->call);
        free(read->namespace_), free(read->name), free(read->more), free(read->path), free(read);
    }
    free(test->kube.reads);
    for (size_t i = 0; i < test->kube.document_count; i++) {
        free(test->kube.documents[i].name);
        json_decref(test->kube.documents[i].content);
    }
    free(test->kube.documents);
    irsa_live_kube_needs_done(&test->kube.needs);
    json_decref(test->kube.observed);
    irsa_error_free(test->kube.error);
    free(test->kube.issuer);
    irsa_facts_free(test->gather.facts);
    irsa_intent_free(test->intent);
    fake_free(test->fake);
    free(test);
    return 0;
}

static void answer_rest(struct test *test)
{
    static const char *const rest[] = {EMPTY("Pod"),      APPS("Deployment"), APPS("StatefulSet"),
                                       APPS("DaemonSet"), APPS("ReplicaSet"), BATCH("Job"),
                                       BATCH("CronJob")};
    for (size_t i = 0; i < IRSA_COUNT(rest); i++)
        fake_answers(test->fake, 200, rest[i]);
}

/* Ends the gathering as the live world does. */
static void finish(struct test *test)
{
    struct irsa_error *error = NULL;
    bool known = false;
    json_auto_t *document = json_pack("{s:O}", "IrsaFixObserved", test->kube.observed);
    uint32_t file = irsa_facts_add_file(test->gather.facts, "observed");
    assert_int_equal(irsa_facts_add_document(test->gather.facts, file, 0, document, &known, &error),
                     0);
    assert_int_equal(irsa_facts_finish(test->gather.facts, &error), 0);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void test_read__one_namespace(void **state)
{
    struct test *test = *state;
    irsa_strings_add(&test->intent->namespaces, "app");
    fake_answers(test->fake, 200, "{\"issuer\":\"https://oidc.example/id/A\"}");
    fake_answers(test->fake, 200, WEBHOOKS);
    fake_answers(test->fake, 404, NOT_FOUND);
    fake_answers(test->fake, 200, EMPTY("ServiceAccount"));
    answer_rest(test);
    irsa_live_kube_read_all(&test->kube);
    assert_null(test->kube.error);
    assert_int_equal(test->fake->requests.len, 11);
    assert_int_equal(test->fake->batches, 1);
    fake_asked(test->fake, 0, "GET https://kube.example/.well-known/openid-configuration\n");
    fake_asked(test->fake, 3, "/api/v1/namespaces/app/serviceaccounts?limit=500\n");
    fake_asked(test->fake, 4, "&fieldSelector=status.phase%21%3DSucceeded");
    assert_string_equal(test->kube.issuer, "https://oidc.example/id/A");
    finish(test);
    const struct irsa_facts *facts = test->gather.facts;
    assert_int_equal(irsa_facts_namespace_presence(facts, "app"), IRSA_ABSENT);
    assert_int_equal(irsa_facts_namespace_presence(facts, "other"), IRSA_UNSEEN);
    assert_int_equal(irsa_facts_service_account_presence(facts, "app", "api"), IRSA_ABSENT);
    assert_int_equal(irsa_facts_service_account_presence(facts, "other", "api"), IRSA_UNSEEN);
    assert_int_equal(irsa_facts_webhook_presence(facts), IRSA_ABSENT);
}

static void test_read__metadata_in_pages_and_an_expired_token(void **state)
{
    struct test *test = *state;
    fake_answers(test->fake, 200, "{\"issuer\":\"https://oidc.example/id/A\"}");
    fake_answers(test->fake, 200, WEBHOOKS);
    fake_answers(test->fake, 200, EMPTY("Namespace"));
    fake_answers(test->fake, 200,
                 "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\","
                 "\"metadata\":{\"continue\":\"one/+\"},\"items\":[{\"kind\":"
                 "\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{"
                 "\"name\":\"api\",\"namespace\":\"app\",\"annotations\":{" ANNOTATED "}}}]}");
    answer_rest(test);
    fake_answers(test->fake, 410,
                 "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{\"continue\":\"two\"},"
                 "\"reason\":\"Expired\",\"message\":\"too old\",\"code\":410}");
    fake_answers(test->fake, 200,
                 "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\","
                 "\"metadata\":{},\"items\":[{\"metadata\":{\"name\":\"web\",\"namespace\":"
                 "\"web\"}}]}");
    irsa_live_kube_read_all(&test->kube);
    assert_null(test->kube.error);
    fake_asked(test->fake, 3, "as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
    fake_asked(test->fake, 11, "continue=one%2F%2B\n");
    fake_asked(test->fake, 12, "continue=two\n");
    finish(test);
    const struct irsa_facts *facts = test->gather.facts;
    const struct irsa_service_account *account = irsa_facts_service_account(facts, "app", "api");
    assert_non_null(account);
    assert_string_equal(json_string_value(json_object_get(account->annotations, ROLE_KEY)), ROLE);
    assert_non_null(irsa_facts_service_account(facts, "web", "web"));
    assert_int_equal(irsa_facts_service_account_presence(facts, "any", "other"), IRSA_ABSENT);
}

static void test_read__denied_lists_are_unknown_and_asked_one_by_one(void **state)
{
    struct test *test = *state;
    irsa_strings_add(&test->intent->service_accounts, "app/api");
    for (size_t i = 0; i < 11; i++)
        fake_answers(test->fake, 403, FORBIDDEN);
    fake_answers(test->fake, 200, ACCOUNT("7", ANNOTATED));
    irsa_live_kube_read_all(&test->kube);
    assert_null(test->kube.error);
    fake_asked(test->fake, 11, "/api/v1/namespaces/app/serviceaccounts/api\n");
    finish(test);
    const struct irsa_facts *facts = test->gather.facts;
    assert_non_null(irsa_facts_service_account(facts, "app", "api"));
    assert_int_equal(irsa_facts_service_account_presence(facts, "app", "web"), IRSA_UNSEEN);
    assert_int_equal(irsa_facts_webhook_presence(facts), IRSA_UNSEEN);
    const struct irsa_denied *denied = irsa_facts_denied(facts, "list pods", NULL, "app");
    assert_non_null(denied);
    irsa_autofree char *text = irsa_denied_text(denied);
    assert_string_equal(text, "list pods in namespace app");
}

static void test_read__an_error_is_the_end(void **state)
{
    struct test *test = *state;
    irsa_strings_add(&test->intent->namespaces, "app");
    for (size_t i = 0; i < 11; i++)
        fake_answers(test->fake, 422, FORBIDDEN);
    irsa_live_kube_read_all(&test->kube);
    assert_non_null(test->kube.error);
    assert_false(test->kube.taken);
}

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
        cmocka_unit_test_setup_teardown(test_read__one_namespace, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read__metadata_in_pages_and_an_expired_token, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_read__denied_lists_are_unknown_and_asked_one_by_one,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read__an_error_is_the_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_apply__a_conflict_is_read_and_tried_again, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_apply__somebody_else_did_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_apply__another_value_is_a_conflict, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_apply__created_by_two, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_apply__what_is_gone_is_a_conflict, set_up, tear_down),
        cmocka_unit_test(test_patch__keys_that_go_become_null),
        cmocka_unit_test(test_rollout__states),
        cmocka_unit_test(test_reduce__no_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
