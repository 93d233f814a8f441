/* SPDX-License-Identifier: Apache-2.0 */
/* Reading: what is asked for, pages, lists that expire, refusals. */
#include "kube_fixture.h"

#define SWAP(a, b)                                                                                 \
    do {                                                                                           \
        struct live_kube_gather swapped = a;                                                       \
        (a) = (b);                                                                                 \
        (b) = swapped;                                                                             \
    } while (0)

/* --- reading ---------------------------------------------------------------------------------- */

static void test_read__one_namespace(void **state)
{
    struct test *test = *state;
    irsa_strings_add(&test->intent->namespaces, "app");
    fake_answers(test->fake, 200, "{\"issuer\":\"https://oidc.example/id/A\"}");
    fake_answers(test->fake, 200, WEBHOOKS);
    fake_answers(test->fake, 404, NOT_FOUND);
    fake_answers(test->fake, 200, EMPTY("ServiceAccount"));
    kube_answer_rest(test);
    irsa_live_kube_read_all(&test->kube);
    assert_null(test->kube.error);
    assert_int_equal(test->fake->requests.len, 11);
    assert_int_equal(test->fake->batches, 1);
    fake_asked(test->fake, 0, "GET https://kube.example/.well-known/openid-configuration\n");
    fake_asked(test->fake, 3, "/api/v1/namespaces/app/serviceaccounts?limit=500\n");
    fake_asked(test->fake, 4, "&fieldSelector=status.phase%21%3DSucceeded");
    assert_string_equal(test->kube.issuer, "https://oidc.example/id/A");
    kube_finish(test);
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
    kube_answer_rest(test);
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
    kube_finish(test);
    const struct irsa_facts *facts = test->gather.facts;
    const struct irsa_service_account *account = irsa_facts_service_account(facts, "app", "api");
    assert_non_null(account);
    assert_string_equal(json_string_value(json_object_get(account->annotations, ROLE_KEY)), ROLE);
    assert_non_null(irsa_facts_service_account(facts, "web", "web"));
    assert_int_equal(irsa_facts_service_account_presence(facts, "any", "other"), IRSA_ABSENT);
}

#define EXPIRED                                                                                    \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"reason\":\"Expired\","           \
    "\"message\":\"too old\",\"code\":410}"
#define ONE_OF_LIST(more, annotations)                                                             \
    "{\"kind\":\"ServiceAccountList\",\"apiVersion\":\"v1\",\"metadata\":{\"continue\":\"" more    \
    "\"},\"items\":[{\"metadata\":{\"name\":\"api\",\"namespace\":\"app\",\"annotations\":"        \
    "{" annotations "}}}]}"

/* The list is begun anew; what was taken of it stays as it was seen first. */
static void test_read__an_expired_list_is_begun_anew(void **state)
{
    struct test *test = *state;
    irsa_strings_add(&test->intent->namespaces, "app");
    fake_answers(test->fake, 200, "{\"issuer\":\"https://oidc.example/id/A\"}");
    fake_answers(test->fake, 200, WEBHOOKS);
    fake_answers(test->fake, 404, NOT_FOUND);
    fake_answers(test->fake, 200, ONE_OF_LIST("one", ANNOTATED));
    kube_answer_rest(test);
    fake_answers(test->fake, 410, EXPIRED);
    fake_answers(test->fake, 200, ONE_OF_LIST("two", "\"" ROLE_KEY "\":\"other\""));
    fake_answers(test->fake, 200,
                 "{\"kind\":\"ServiceAccountList\",\"apiVersion\":\"v1\",\"metadata\":{},"
                 "\"items\":[{\"metadata\":{\"name\":\"web\",\"namespace\":\"app\"}}]}");
    irsa_live_kube_read_all(&test->kube);
    assert_null(test->kube.error);
    fake_asked(test->fake, 11, "continue=one\n");
    fake_asked_not(test->fake, 12, "continue=");
    fake_asked(test->fake, 13, "continue=two\n");
    kube_finish(test);
    const struct irsa_facts *facts = test->gather.facts;
    const struct irsa_service_account *account = irsa_facts_service_account(facts, "app", "api");
    assert_string_equal(json_string_value(json_object_get(account->annotations, ROLE_KEY)), ROLE);
    assert_non_null(irsa_facts_service_account(facts, "app", "web"));
    assert_int_equal(irsa_facts_service_account_presence(facts, "app", "x"), IRSA_ABSENT);
}

/* Never CONFLICT: nothing was planned yet that the world could have moved away from. */
static void test_read__a_list_that_always_expires_fails(void **state)
{
    struct test *test = *state;
    irsa_strings_add(&test->intent->namespaces, "app");
    fake_answers(test->fake, 200, "{\"issuer\":\"https://oidc.example/id/A\"}");
    fake_answers(test->fake, 200, WEBHOOKS);
    fake_answers(test->fake, 404, NOT_FOUND);
    fake_answers(test->fake, 200, ONE_OF_LIST("one", ANNOTATED));
    kube_answer_rest(test);
    for (size_t i = 0; i < 3; i++) {
        fake_answers(test->fake, 410, EXPIRED);
        fake_answers(test->fake, 200, ONE_OF_LIST("one", ANNOTATED));
    }
    fake_answers(test->fake, 410, EXPIRED);
    irsa_live_kube_read_all(&test->kube);
    assert_int_equal(test->fake->requests.len, 18);
    fake_failed(&test->kube.error, IRSA_E_NET, "410 Expired: too old",
                "expired before its last page, 4 times");
}

static void test_read__a_conflict_is_no_conflict_yet(void **state)
{
    struct test *test = *state;
    irsa_strings_add(&test->intent->namespaces, "app");
    for (size_t i = 0; i < 11; i++)
        fake_answers(test->fake, 409, CONFLICT);
    irsa_live_kube_read_all(&test->kube);
    fake_failed(&test->kube.error, IRSA_E_NET, "409 Conflict", NULL);
}

static void test_read__what_is_no_json_fails(void **state)
{
    static const char *const bodies[] = {"{\"kind\":\"PodList\",\"items\":[{\"metadata\":",
                                         "{\"kind\":\"PodList\" \"x\"}", "{nothing", "[]", ""};
    struct test *test = *state;
    irsa_strings_add(&test->intent->namespaces, "app");
    for (size_t i = 0; i < IRSA_COUNT(bodies); i++) {
        struct live_kube_gather kube = {.gather = &test->gather, .observed = json_object()};
        SWAP(kube, test->kube);
        test->fake->answer_count = test->fake->answered = 0;
        fake_answers(test->fake, 200, "{\"issuer\":\"https://oidc.example/id/A\"}");
        fake_answers(test->fake, 200, WEBHOOKS);
        fake_answers(test->fake, 404, NOT_FOUND);
        fake_answers(test->fake, 200, EMPTY("ServiceAccount"));
        fake_answers(test->fake, 200, bodies[i]);
        for (size_t k = 0; k < 6; k++)
            fake_answers(test->fake, 403, FORBIDDEN);
        irsa_live_kube_read_all(&test->kube);
        fake_failed(&test->kube.error, IRSA_E_NET, "no JSON", NULL);
        SWAP(kube, test->kube);
        kube_gather_done(&kube);
    }
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
    kube_finish(test);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read__one_namespace, kube_set_up, kube_tear_down),
        cmocka_unit_test_setup_teardown(test_read__metadata_in_pages_and_an_expired_token,
                                        kube_set_up, kube_tear_down),
        cmocka_unit_test_setup_teardown(test_read__an_expired_list_is_begun_anew, kube_set_up,
                                        kube_tear_down),
        cmocka_unit_test_setup_teardown(test_read__a_list_that_always_expires_fails, kube_set_up,
                                        kube_tear_down),
        cmocka_unit_test_setup_teardown(test_read__a_conflict_is_no_conflict_yet, kube_set_up,
                                        kube_tear_down),
        cmocka_unit_test_setup_teardown(test_read__what_is_no_json_fails, kube_set_up,
                                        kube_tear_down),
        cmocka_unit_test_setup_teardown(test_read__denied_lists_are_unknown_and_asked_one_by_one,
                                        kube_set_up, kube_tear_down),
        cmocka_unit_test_setup_teardown(test_read__an_error_is_the_end, kube_set_up,
                                        kube_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
