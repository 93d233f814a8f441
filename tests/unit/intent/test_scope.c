/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#define OTHER_CLUSTER                                                                              \
    "{\"cluster\": {\"name\": \"test\", \"arn\": "                                                 \
    "\"arn:aws:eks:eu-west-1:111122223333:cluster/test\", \"identity\": {\"oidc\": {\"issuer\": "  \
    "\"https://" OTHER_ISSUER "\"}}}}"

struct scoped {
    struct irsa_facts *facts;
    struct irsa_intent *intent;
    struct irsa_bindings bindings;
};

static void scoped_done(struct scoped *scoped)
{
    irsa_bindings_done(&scoped->bindings);
    irsa_facts_free(scoped->facts);
    irsa_intent_free(scoped->intent);
}
#define auto_scoped IRSA_CLEANUP(scoped_done) struct scoped

static struct scoped begin(const char *const *documents)
{
    return (struct scoped){.facts = make_facts(documents), .intent = irsa_intent_new()};
}

static const struct irsa_scope *run(struct scoped *scoped)
{
    irsa_auto_error error = NULL;
    if (irsa_resolve(scoped->facts, scoped->intent, &scoped->bindings, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    return &scoped->bindings.scope;
}

static void test_scope__from_the_cluster(void **state)
{
    (void)state;
    auto_scoped s = begin((const char *[]){CLUSTER, NULL});
    const struct irsa_scope *scope = run(&s);
    assert_string_equal(scope->cluster_name, "prod");
    assert_string_equal(scope->account_id, "111122223333");
    assert_string_equal(scope->region, "eu-west-1");
    assert_string_equal(scope->partition, "aws");
    assert_string_equal(scope->issuer_url, "https://" ISSUER);
    assert_string_equal(scope->issuer, ISSUER);
    assert_false(scope->issuer_inferred);
    assert_int_equal(scope->contradictions.len, 0);
}

static void test_scope__two_clusters_need_a_choice(void **state)
{
    (void)state;
    auto_scoped s = begin((const char *[]){CLUSTER, OTHER_CLUSTER, NULL});
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_resolve(s.facts, s.intent, &s.bindings, &error), -1);
    assert_string_equal(irsa_error_message(error), "2 clusters are described: prod and test");
    assert_string_equal(irsa_error_hint(error), "choose one with --cluster NAME");
    s.intent->cluster_name = irsa_strdup("test");
    assert_string_equal(run(&s)->issuer, OTHER_ISSUER);
}

static void test_scope__unknown_cluster(void **state)
{
    (void)state;
    auto_scoped s = begin((const char *[]){CLUSTER, NULL});
    s.intent->cluster_name = irsa_strdup("prd");
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_resolve(s.facts, s.intent, &s.bindings, &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_NOT_FOUND);
    assert_string_equal(irsa_error_hint(error), "what was read describes prod");
}

static void test_scope__contradictions(void **state)
{
    (void)state;
    auto_scoped s =
        begin((const char *[]){CLUSTER,
                               "{\"UserId\": \"AIDA\", \"Account\": \"222233334444\", \"Arn\": "
                               "\"arn:aws:iam::222233334444:user/me\"}",
                               NULL});
    s.intent->region = irsa_strdup("us-east-1");
    const struct irsa_scope *scope = run(&s);
    assert_int_equal(scope->contradictions.len, 2);
    assert_string_equal(
        scope->contradictions.items[0],
        "account id: cluster ARN says 111122223333, caller identity says 222233334444");
    assert_string_equal(scope->account_id, "111122223333");
    assert_string_equal(scope->region, "eu-west-1");
}

static void test_scope__cluster_without_issuer(void **state)
{
    (void)state;
    auto_scoped s =
        begin((const char *[]){"{\"cluster\": {\"name\": \"prod\", \"identity\": {}}}", NULL});
    const struct irsa_scope *scope = run(&s);
    assert_true(scope->no_issuer);
    assert_null(scope->issuer);
}

static void test_scope__issuer_from_the_only_provider(void **state)
{
    (void)state;
    auto_scoped s = begin((const char *[]){
        "{\"OpenIDConnectProviderList\": [{\"Arn\": \"" PROVIDER "\"}, {\"Arn\": "
        "\"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com\"}]}",
        NULL});
    const struct irsa_scope *scope = run(&s);
    assert_true(scope->issuer_inferred);
    assert_string_equal(scope->issuer, ISSUER);
    assert_string_equal(scope->region, "eu-west-1");
    assert_string_equal(scope->account_id, "111122223333");
}

static void test_scope__issuer_is_not_guessed_among_two(void **state)
{
    (void)state;
    auto_scoped s =
        begin((const char *[]){ROLE("a", TRUST(ISSUER, SUBJECT("app", "a"))),
                               ROLE("b", TRUST(OTHER_ISSUER, SUBJECT("app", "b"))), NULL});
    const struct irsa_scope *scope = run(&s);
    assert_null(scope->issuer);
    assert_false(scope->no_issuer);
}

static void test_scope__custom_issuer_from_trust(void **state)
{
    (void)state;
    auto_scoped s =
        begin((const char *[]){ROLE("a", TRUST("s3.example.com/keys", SUBJECT("app", "a"))), NULL});
    const struct irsa_scope *scope = run(&s);
    assert_true(scope->issuer_inferred);
    assert_string_equal(scope->issuer_url, "https://s3.example.com/keys");
    assert_null(scope->region);
}

static void test_scope__account_from_annotations(void **state)
{
    (void)state;
    auto_scoped s = begin((const char *[]){ANNOTATED("app", "api", "api"), NULL});
    const struct irsa_scope *scope = run(&s);
    assert_string_equal(scope->account_id, "111122223333");
    assert_string_equal(scope->partition, "aws");
    assert_null(scope->issuer);
}

static void test_scope__empty(void **state)
{
    (void)state;
    auto_scoped s = begin((const char *[]){NULL});
    const struct irsa_scope *scope = run(&s);
    assert_null(scope->account_id);
    assert_null(scope->partition);
    assert_int_equal(s.bindings.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scope__from_the_cluster),
        cmocka_unit_test(test_scope__two_clusters_need_a_choice),
        cmocka_unit_test(test_scope__unknown_cluster),
        cmocka_unit_test(test_scope__contradictions),
        cmocka_unit_test(test_scope__cluster_without_issuer),
        cmocka_unit_test(test_scope__issuer_from_the_only_provider),
        cmocka_unit_test(test_scope__issuer_is_not_guessed_among_two),
        cmocka_unit_test(test_scope__custom_issuer_from_trust),
        cmocka_unit_test(test_scope__account_from_annotations),
        cmocka_unit_test(test_scope__empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
