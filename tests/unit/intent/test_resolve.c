/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

struct resolved {
    struct irsa_facts *facts;
    struct irsa_intent *intent;
    struct irsa_bindings bindings;
};

static void resolved_done(struct resolved *resolved)
{
    irsa_bindings_done(&resolved->bindings);
    irsa_facts_free(resolved->facts);
    irsa_intent_free(resolved->intent);
}
#define auto_resolved IRSA_CLEANUP(resolved_done) struct resolved

static struct resolved begin(const char *const *documents)
{
    return (struct resolved){.facts = make_facts(documents), .intent = irsa_intent_new()};
}

static void run(struct resolved *resolved)
{
    irsa_auto_error error = NULL;
    if (irsa_resolve(resolved->facts, resolved->intent, &resolved->bindings, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
}

static void run_fails(struct resolved *resolved, enum irsa_error_kind kind, const char *message,
                      const char *hint)
{
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_resolve(resolved->facts, resolved->intent, &resolved->bindings, &error),
                     -1);
    assert_string_equal(irsa_error_message(error), message);
    assert_int_equal(irsa_error_kind(error), kind);
    if (hint)
        assert_string_equal(irsa_error_hint(error), hint);
}

static void test_resolve__annotation_names_role(void **state)
{
    (void)state;
    auto_resolved r =
        begin((const char *[]){CLUSTER, ROLE("api", TRUST(ISSUER, SUBJECT("app", "api"))),
                               ANNOTATED("app", "api", "api"), NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    const struct irsa_binding *binding = &r.bindings.items[0];
    assert_string_equal(binding->role_arn, ROLE_ARN("api"));
    assert_string_equal(binding->provider_arn, PROVIDER);
    assert_string_equal(binding->subject, SUBJECT("app", "api"));
    assert_string_equal(binding->audience, "sts.amazonaws.com");
    assert_int_equal(binding->named_by, IRSA_NAMED_BY_ANNOTATION);
    assert_int_equal(binding->role_presence, IRSA_PRESENT);
    assert_int_equal(binding->account_presence, IRSA_PRESENT);
    assert_int_equal(binding->rivals.len, 0);
}

static void test_resolve__misspelt_key_names_role(void **state)
{
    (void)state;
    auto_resolved r = begin((const char *[]){
        CLUSTER, ACCOUNT("app", "api", "\"eks.amazon.com/role-arn\": \"" ROLE_ARN("api") "\""),
        NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    assert_int_equal(r.bindings.items[0].named_by, IRSA_NAMED_BY_MISSPELT);
    assert_string_equal(r.bindings.items[0].wrong_key, "eks.amazon.com/role-arn");
    assert_string_equal(r.bindings.items[0].role_arn, ROLE_ARN("api"));
}

static void test_resolve__broken_value_is_mended_where_the_role_exists(void **state)
{
    (void)state;
    auto_resolved r = begin((const char *[]){
        CLUSTER, ROLE("api", TRUST(ISSUER, SUBJECT("app", "api"))),
        ACCOUNT("app", "api",
                "\"eks.amazonaws.com/role-arn\": \"an:aws:iam::111122223333:role/api\""),
        ACCOUNT("app", "web",
                "\"eks.amazonaws.com/role-arn\": \"an:aws:iam::111122223333:role/web\""),
        ACCOUNT("app", "zed", "\"eks.amazonaws.com/role-arn\": \" " ROLE_ARN("zed") "\\n\""),
        NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 3);
    assert_string_equal(r.bindings.items[0].role_arn, ROLE_ARN("api"));
    assert_null(r.bindings.items[1].role_arn); /* a guess that nothing confirms */
    assert_string_equal(r.bindings.items[2].role_arn, ROLE_ARN("zed"));
    assert_string_equal(r.bindings.items[2].annotation, " " ROLE_ARN("zed") "\n");
}

static void test_resolve__trust_names_account_without_annotation(void **state)
{
    (void)state;
    auto_resolved r =
        begin((const char *[]){CLUSTER, ROLE("api", TRUST(ISSUER, SUBJECT("app", "api"))),
                               ACCOUNT("app", "api", ""), NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    assert_int_equal(r.bindings.items[0].named_by, IRSA_NAMED_BY_TRUST);
    assert_string_equal(r.bindings.items[0].role_arn, ROLE_ARN("api"));
}

static void test_resolve__trust_of_two_roles_makes_rivals(void **state)
{
    (void)state;
    auto_resolved r = begin((const char *[]){
        CLUSTER, ROLE("blue", TRUST(ISSUER, SUBJECT("app", "api"))),
        ROLE("green", TRUST(ISSUER, SUBJECT("app", "api"))), ACCOUNT("app", "api", ""), NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    assert_null(r.bindings.items[0].role_arn);
    assert_int_equal(r.bindings.items[0].rivals.len, 2);
    assert_string_equal(r.bindings.items[0].rivals.items[0], ROLE_ARN("blue"));
}

static void test_resolve__trust_of_another_cluster_names_nobody(void **state)
{
    (void)state;
    /* The other issuer may well be alive: no list of providers says otherwise. */
    auto_resolved r =
        begin((const char *[]){CLUSTER, ROLE("api", TRUST(OTHER_ISSUER, SUBJECT("app", "api"))),
                               ACCOUNT("app", "api", ""), NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 0);
}

static void test_resolve__trust_of_a_deleted_issuer_names_existing_accounts(void **state)
{
    (void)state;
    auto_resolved r = begin((const char *[]){
        CLUSTER, "{\"OpenIDConnectProviderList\": [{\"Arn\": \"" PROVIDER "\"}]}",
        ROLE("api", TRUST(OTHER_ISSUER, SUBJECT("app", "api"))),
        ROLE("old", TRUST(OTHER_ISSUER, SUBJECT("app", "gone"))), ACCOUNT("app", "api", ""), NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    assert_string_equal(r.bindings.items[0].role_arn, ROLE_ARN("api"));
}

static void test_resolve__misspelt_subject_is_no_account_of_its_own(void **state)
{
    (void)state;
    auto_resolved r =
        begin((const char *[]){CLUSTER, ROLE("api", TRUST(ISSUER, SUBJECT("default", "api"))),
                               ANNOTATED("app", "api", "api"), NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    assert_string_equal(r.bindings.items[0].namespace_, "app");
}

static void test_resolve__account_that_only_trust_names(void **state)
{
    (void)state;
    const char *const role = ROLE("api", TRUST(ISSUER, SUBJECT("app", "api")));
    auto_resolved unseen = begin((const char *[]){CLUSTER, role, NULL});
    run(&unseen);
    assert_int_equal(unseen.bindings.len, 1);
    assert_int_equal(unseen.bindings.items[0].account_presence, IRSA_UNSEEN);
    auto_resolved listed = begin(
        (const char *[]){CLUSTER, role,
                         "{\"apiVersion\": \"v1\", \"kind\": \"ServiceAccountList\", \"items\": "
                         "[" ACCOUNT("app", "web", "") "]}",
                         NULL});
    run(&listed);
    assert_int_equal(listed.bindings.items[0].account_presence, IRSA_ABSENT);
}

static void test_resolve__unseen_neighbour_of_a_user_is_its_misspelling(void **state)
{
    (void)state;
    const char *const trust =
        "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", "
        "\"Principal\": {\"Federated\": \"" PROVIDER
        "\"}, \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Condition\": "
        "{\"StringEquals\": {\"" ISSUER
        ":sub\": [\"" SUBJECT("prod", "api") "\", \"" SUBJECT("app", "apis") "\", \"" SUBJECT(
            "app", "worker") "\", \"" SUBJECT("app", "api") "\"]}}}]}";
    irsa_autofree char *role = irsa_format("{\"Role\": {\"Path\": \"/\", \"RoleName\": \"api\", "
                                           "\"RoleId\": \"AROAX\", \"Arn\": \"%s\", "
                                           "\"AssumeRolePolicyDocument\": %s}}",
                                           ROLE_ARN("api"), trust);
    auto_resolved r = begin((const char *[]){CLUSTER, role, ANNOTATED("app", "api", "api"), NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 2);
    assert_string_equal(r.bindings.items[0].subject, SUBJECT("app", "api"));
    assert_string_equal(r.bindings.items[1].subject, SUBJECT("app", "worker"));
    assert_int_equal(r.bindings.items[1].account_presence, IRSA_UNSEEN);
}

static void test_resolve__asked_by_name_knows_who_trusts_it(void **state)
{
    (void)state;
    auto_resolved r =
        begin((const char *[]){CLUSTER, ROLE("api", TRUST(ISSUER, SUBJECT("shop", "api"))),
                               ANNOTATED("app", "api", "api"), NULL});
    irsa_strings_add(&r.intent->service_accounts, "shop/api");
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    assert_string_equal(r.bindings.items[0].role_arn, ROLE_ARN("api"));
    assert_int_equal(r.bindings.items[0].account_presence, IRSA_ABSENT);
}

static void test_resolve__misplaced_annotation(void **state)
{
    (void)state;
    auto_resolved r = begin((const char *[]){
        CLUSTER, ACCOUNT("app", "api", ""),
        "{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\": {\"namespace\": "
        "\"app\", \"name\": \"api\", \"annotations\": {\"eks.amazonaws.com/role-arn\": "
        "\"" ROLE_ARN(
            "api") "\"}}, \"spec\": {\"template\": {\"spec\": {\"serviceAccountName\": "
                   "\"api\", \"containers\": [{\"name\": \"api\", \"image\": \"api\"}]}}}}",
        NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    assert_int_equal(r.bindings.items[0].named_by, IRSA_NAMED_BY_MISPLACED);
    assert_string_equal(r.bindings.items[0].role_arn, ROLE_ARN("api"));
}

static void test_resolve__wish_by_name_finds_account_and_path(void **state)
{
    (void)state;
    auto_resolved r = begin((const char *[]){CLUSTER, NULL});
    struct irsa_wish *wish = irsa_intent_add_wish(r.intent, "app", "worker", "command line");
    wish->role = irsa_strdup("app-worker");
    wish->settings.path = irsa_strdup("/apps/");
    wish->from_command_line = true;
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    const struct irsa_binding *binding = &r.bindings.items[0];
    assert_string_equal(binding->role_arn, "arn:aws:iam::111122223333:role/apps/app-worker");
    assert_int_equal(binding->account_presence, IRSA_ABSENT);
    assert_int_equal(binding->named_by, IRSA_NAMED_BY_COMMAND_LINE);
    assert_ptr_equal(binding->wish, wish);
}

static void test_resolve__role_of_another_path_is_absent(void **state)
{
    (void)state;
    auto_resolved r = begin((const char *[]){
        CLUSTER,
        "{\"Role\": {\"Path\": \"/apps/\", \"RoleName\": \"api\", \"RoleId\": \"AROAX\", \"Arn\": "
        "\"arn:aws:iam::111122223333:role/apps/api\", \"AssumeRolePolicyDocument\": " TRUST(
            ISSUER, SUBJECT("app", "api")) "}}",
        ANNOTATED("app", "api", "api"), NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    assert_string_equal(r.bindings.items[0].role->arn, "arn:aws:iam::111122223333:role/apps/api");
    assert_int_equal(r.bindings.items[0].role_presence, IRSA_ABSENT);
    assert_int_equal(r.bindings.items[0].rivals.len, 1);
}

static void test_resolve__role_in_other_letter_case_is_absent(void **state)
{
    (void)state;
    auto_resolved r = begin((const char *[]){
        CLUSTER,
        "{\"Role\": {\"Path\": \"/\", \"RoleName\": \"Api\", \"RoleId\": \"AROAX\", \"Arn\": "
        "\"arn:aws:iam::111122223333:role/Api\", \"AssumeRolePolicyDocument\": " TRUST(
            ISSUER, SUBJECT("app", "other")) "}}",
        ANNOTATED("app", "api", "api"), NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 2);
    assert_string_equal(r.bindings.items[0].role->arn, "arn:aws:iam::111122223333:role/Api");
    assert_int_equal(r.bindings.items[0].role_presence, IRSA_ABSENT);
}

static void test_resolve__sorted_and_selected(void **state)
{
    (void)state;
    auto_resolved r =
        begin((const char *[]){CLUSTER, ANNOTATED("web", "a", "x"), ANNOTATED("app", "b", "x"),
                               ANNOTATED("app", "a", "x"), NULL});
    run(&r);
    assert_int_equal(r.bindings.len, 3);
    assert_string_equal(r.bindings.items[0].subject, SUBJECT("app", "a"));
    assert_string_equal(r.bindings.items[2].subject, SUBJECT("web", "a"));
    irsa_bindings_done(&r.bindings);
    irsa_strings_add(&r.intent->namespaces, "ap*");
    run(&r);
    assert_int_equal(r.bindings.len, 2);
    irsa_bindings_done(&r.bindings);
    r.intent->selector = irsa_strdup("app in (b)");
    run(&r);
    assert_int_equal(r.bindings.len, 1);
    assert_string_equal(r.bindings.items[0].subject, SUBJECT("app", "b"));
}

static void test_resolve__asked_by_name(void **state)
{
    (void)state;
    const char *const documents[] = {CLUSTER, ACCOUNT("app", "plain", ""),
                                     ANNOTATED("app", "api", "x"), NULL};
    auto_resolved plain = begin(documents);
    irsa_strings_add(&plain.intent->service_accounts, "plain");
    run(&plain);
    assert_int_equal(plain.bindings.len, 1);
    assert_int_equal(plain.bindings.items[0].named_by, IRSA_NAMED_BY_SELECTION);
    assert_int_equal(plain.bindings.items[0].account_presence, IRSA_PRESENT);
    auto_resolved nowhere = begin(documents);
    irsa_strings_add(&nowhere.intent->service_accounts, "app/new");
    run(&nowhere);
    assert_int_equal(nowhere.bindings.len, 1);
    assert_int_equal(nowhere.bindings.items[0].account_presence, IRSA_ABSENT);
    auto_resolved by_option = begin(documents);
    irsa_strings_add(&by_option.intent->namespaces, "app");
    irsa_strings_add(&by_option.intent->service_accounts, "new");
    run(&by_option);
    assert_int_equal(by_option.bindings.len, 1);
    assert_string_equal(by_option.bindings.items[0].subject, SUBJECT("app", "new"));
}

static void test_resolve__nothing_matches(void **state)
{
    (void)state;
    const char *const documents[] = {CLUSTER, ANNOTATED("app", "api", "x"), NULL};
    auto_resolved name = begin(documents);
    irsa_strings_add(&name.intent->service_accounts, "apo");
    run_fails(&name, IRSA_E_NOT_FOUND, "no service account matches -s apo", "did you mean api?");
    auto_resolved glob = begin(documents);
    irsa_strings_add(&glob.intent->service_accounts, "web/*");
    run_fails(&glob, IRSA_E_NOT_FOUND, "no service account matches -s web/*", NULL);
    auto_resolved namespace_ = begin(documents);
    irsa_strings_add(&namespace_.intent->namespaces, "apps");
    run_fails(&namespace_, IRSA_E_NOT_FOUND, "no namespace matches -n apps", "did you mean app?");
}

static void test_resolve__audience(void **state)
{
    (void)state;
    auto_resolved r = begin(
        (const char *[]){CLUSTER, ANNOTATED("app", "api", "x"),
                         ACCOUNT("app", "web",
                                 "\"eks.amazonaws.com/role-arn\": \"" ROLE_ARN(
                                     "x") "\", \"eks.amazonaws.com/audience\": \"my-audience\""),
                         NULL});
    r.intent->audience = irsa_strdup("configured");
    run(&r);
    assert_string_equal(r.bindings.items[0].audience, "configured");
    assert_string_equal(r.bindings.items[1].audience, "my-audience");
}

/* Ten times the world costs about ten times the work: a quadratic walk would be seen. */
static void test_resolve__large_world(void **state)
{
    (void)state;
    struct irsa_facts *facts = irsa_facts_new();
    irsa_auto_error error = NULL;
    uint32_t file = irsa_facts_add_file(facts, "large.json");
    for (size_t i = 0; i < 12000; i++) {
        bool role = i >= 10000;
        irsa_autofree char *name = irsa_format("name-%zu", role ? i - 10000 : i);
        irsa_autofree char *role_arn = irsa_format(ROLE_ARN("name-%zu"), i % 2000);
        irsa_autofree char *subject = irsa_format(SUBJECT("app", "%s"), name);
        json_auto_t *document =
            role ? json_pack("{s:{s:s,s:s,s:s,s:s,s:{s:s,s:[{s:s,s:{s:s},s:s,s:{s:{s:s}}}]}}}",
                             "Role", "Path", "/", "RoleName", name, "RoleId", name, "Arn", role_arn,
                             "AssumeRolePolicyDocument", "Version", "2012-10-17", "Statement",
                             "Effect", "Allow", "Principal", "Federated", PROVIDER, "Action",
                             "sts:AssumeRoleWithWebIdentity", "Condition", "StringEquals",
                             ISSUER ":sub", subject)
                 : json_pack("{s:s,s:s,s:{s:s,s:s,s:{s:s}}}", "apiVersion", "v1", "kind",
                             "ServiceAccount", "metadata", "namespace", "app", "name", name,
                             "annotations", "eks.amazonaws.com/role-arn", role_arn);
        bool known = false;
        assert_int_equal(
            irsa_facts_add_document(facts, file, (uint32_t)i, document, &known, &error), 0);
    }
    assert_int_equal(irsa_facts_finish(facts, &error), 0);
    auto_resolved r = {.facts = facts, .intent = irsa_intent_new()};
    run(&r);
    assert_int_equal(r.bindings.len, 10000);
    assert_true(r.bindings.scope.issuer_inferred);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_resolve__annotation_names_role),
        cmocka_unit_test(test_resolve__misspelt_key_names_role),
        cmocka_unit_test(test_resolve__broken_value_is_mended_where_the_role_exists),
        cmocka_unit_test(test_resolve__trust_names_account_without_annotation),
        cmocka_unit_test(test_resolve__trust_of_two_roles_makes_rivals),
        cmocka_unit_test(test_resolve__trust_of_another_cluster_names_nobody),
        cmocka_unit_test(test_resolve__trust_of_a_deleted_issuer_names_existing_accounts),
        cmocka_unit_test(test_resolve__misspelt_subject_is_no_account_of_its_own),
        cmocka_unit_test(test_resolve__account_that_only_trust_names),
        cmocka_unit_test(test_resolve__unseen_neighbour_of_a_user_is_its_misspelling),
        cmocka_unit_test(test_resolve__asked_by_name_knows_who_trusts_it),
        cmocka_unit_test(test_resolve__misplaced_annotation),
        cmocka_unit_test(test_resolve__wish_by_name_finds_account_and_path),
        cmocka_unit_test(test_resolve__role_of_another_path_is_absent),
        cmocka_unit_test(test_resolve__role_in_other_letter_case_is_absent),
        cmocka_unit_test(test_resolve__sorted_and_selected),
        cmocka_unit_test(test_resolve__asked_by_name),
        cmocka_unit_test(test_resolve__nothing_matches),
        cmocka_unit_test(test_resolve__audience),
        cmocka_unit_test(test_resolve__large_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
