/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_fixture.h"

int kube_set_up(void **state)
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

void kube_gather_done(struct live_kube_gather *kube)
{
    for (size_t i = 0; i < kube->read_count; i++) {
        struct live_kube_read *read = kube->reads[i];
        irsa_kube_call_done(&read->call);
        irsa_map_done(&read->seen);
        free(read->namespace_), free(read->name), free(read->more), free(read->path), free(read);
    }
    free(kube->reads);
    for (size_t i = 0; i < kube->document_count; i++) {
        free(kube->documents[i].name);
        json_decref(kube->documents[i].content);
    }
    free(kube->documents);
    irsa_live_kube_needs_done(&kube->needs);
    json_decref(kube->observed);
    irsa_error_free(kube->error);
    free(kube->issuer);
}

int kube_tear_down(void **state)
{
    struct test *test = *state;
    kube_gather_done(&test->kube);
    irsa_facts_free(test->gather.facts);
    irsa_intent_free(test->intent);
    fake_free(test->fake);
    free(test);
    return 0;
}

void kube_answer_rest(struct test *test)
{
    static const char *const rest[] = {EMPTY("Pod"),      APPS("Deployment"), APPS("StatefulSet"),
                                       APPS("DaemonSet"), APPS("ReplicaSet"), BATCH("Job"),
                                       BATCH("CronJob")};
    for (size_t i = 0; i < IRSA_COUNT(rest); i++)
        fake_answers(test->fake, 200, rest[i]);
}

/* Ends the gathering as the live world does. */
void kube_finish(struct test *test)
{
    struct irsa_error *error = NULL;
    bool known = false;
    json_auto_t *document = json_pack("{s:O}", "IrsaFixObserved", test->kube.observed);
    uint32_t file = irsa_facts_add_file(test->gather.facts, "observed");
    assert_int_equal(irsa_facts_add_document(test->gather.facts, file, 0, document, &known, &error),
                     0);
    assert_int_equal(irsa_facts_finish(test->gather.facts, &error), 0);
}
