/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/internal.h"
#include "irsa/document.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ROLE(account, name) "arn:aws:iam::" account ":role/" name
#define ONE "111122223333"
#define TWO "444455556666"

/* Takes YAML documents (JSON is YAML) as one file each, and finishes. */
static struct irsa_facts *facts_of(const char *const *texts, size_t count)
{
    irsa_auto_error error = NULL;
    struct irsa_facts *facts = irsa_facts_new();
    for (size_t i = 0; i < count; i++) {
        irsa_auto_documents documents = {0};
        irsa_autofree char *name = irsa_format("file-%zu.yaml", i);
        uint32_t file = irsa_facts_add_file(facts, name);
        if (irsa_yaml_read(name, texts[i], strlen(texts[i]), &documents, &error) != 0)
            fail_msg("%s", irsa_error_message(error));
        for (size_t k = 0; k < documents.len; k++) {
            bool known = false;
            if (irsa_facts_add_document(facts, file, (uint32_t)k, documents.roots[k], &known,
                                        &error)
                != 0)
                fail_msg("%s", irsa_error_message(error));
        }
    }
    if (irsa_facts_finish(facts, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    return facts;
}
#define FACTS(...)                                                                                 \
    facts_of((const char *const[]){__VA_ARGS__},                                                   \
             sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* --- roles ------------------------------------------------------------------------------------ */

static void test_role_named__by_account_name_and_case(void **state)
{
    (void)state;
    irsa_auto_facts facts =
        FACTS("Role: {Arn: '" ROLE(ONE, "team/Api") "'}", "Role: {Arn: '" ROLE(TWO, "api") "'}",
              "Role: {Arn: '" ROLE(TWO, "web") "'}");
    assert_string_equal(irsa_facts_role_named(facts, ONE, "Api")->path, "/team/");
    assert_null(irsa_facts_role_named(facts, ONE, "api"));
    assert_string_equal(irsa_facts_role_like(facts, ONE, "aPI")->name, "Api");
    assert_string_equal(irsa_facts_role_named(facts, NULL, "api")->account, TWO);
    assert_string_equal(irsa_facts_role_named(facts, NULL, "web")->account, TWO);
    /* two accounts have one that is alike */
    assert_null(irsa_facts_role_like(facts, NULL, "api"));
    assert_null(irsa_facts_role_named(facts, NULL, "none"));
    assert_null(irsa_facts_role_named(facts, NULL, NULL));
    assert_null(irsa_facts_role(facts, NULL));
}

static void test_role_presence__only_a_listing_makes_absence_known(void **state)
{
    (void)state;
    irsa_auto_facts facts =
        FACTS("Roles: [{Arn: '" ROLE(ONE, "a") "'}]", "Role: {Arn: '" ROLE(TWO, "b") "'}");
    assert_int_equal(irsa_facts_role_presence(facts, ONE, "a"), IRSA_PRESENT);
    assert_int_equal(irsa_facts_role_presence(facts, ONE, "x"), IRSA_ABSENT);
    assert_int_equal(irsa_facts_role_presence(facts, TWO, "x"), IRSA_UNSEEN);
    assert_int_equal(irsa_facts_role_presence(facts, NULL, "x"), IRSA_UNSEEN);
}

static void test_roles_listed__an_empty_listing_is_the_home_accounts(void **state)
{
    (void)state;
    irsa_auto_facts home =
        FACTS("Roles: []", "{Account: '" ONE "', UserId: u, Arn: 'arn:aws:iam::" ONE ":user/u'}",
              "Role: {Arn: '" ROLE(TWO, "b") "'}");
    assert_true(irsa_facts_roles_listed(home, ONE));
    assert_false(irsa_facts_roles_listed(home, TWO));
    irsa_auto_facts nobodys = FACTS("Roles: []", "Role: {Arn: '" ROLE(TWO, "b") "'}",
                                    "Role: {Arn: '" ROLE(ONE, "b") "'}");
    assert_false(irsa_facts_roles_listed(nobodys, ONE));
    assert_false(irsa_facts_roles_listed(nobodys, TWO));
}

/* --- Kubernetes ------------------------------------------------------------------------------- */

static void test_pods_of__groups_by_service_account(void **state)
{
    (void)state;
    static const char pods[] =
        "{apiVersion: v1, kind: List, items: [\n"
        "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: s}, spec: "
        "{serviceAccountName: api}},\n"
        "{apiVersion: v1, kind: Pod, metadata: {name: b, namespace: s}, spec: "
        "{}},\n"
        "{apiVersion: v1, kind: Pod, metadata: {name: c, namespace: s}, spec: "
        "{serviceAccount: api}},\n"
        "{apiVersion: v1, kind: Pod, metadata: {name: d, namespace: t}, spec: "
        "{serviceAccountName: api}}]}\n";
    irsa_auto_facts facts = FACTS(pods);
    size_t count = 0;
    const uint32_t *places = irsa_facts_pods_of(facts, "s", "api", &count);
    assert_int_equal(count, 2);
    assert_string_equal(facts->pods[places[0]].name, "a");
    assert_string_equal(facts->pods[places[1]].name, "c");
    places = irsa_facts_pods_of(facts, "s", "default", &count);
    assert_int_equal(count, 1);
    assert_string_equal(facts->pods[places[0]].name, "b");
    assert_null(irsa_facts_pods_of(facts, "t", "web", &count));
    assert_int_equal(count, 0);
    assert_int_equal(irsa_facts_namespace_presence(facts, "t"), IRSA_PRESENT);
    assert_int_equal(irsa_facts_namespace_presence(facts, "u"), IRSA_UNSEEN);
}

static void test_pod_owner__through_what_is_between(void **state)
{
    (void)state;
    static const char all[] =
        "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: s, ownerReferences: [{kind: "
        "Other, name: o}, {kind: ReplicaSet, name: odd-name, controller: true}]}, spec: {}}\n"
        "---\n"
        "{apiVersion: apps/v1, kind: ReplicaSet, metadata: {name: odd-name, namespace: s, "
        "ownerReferences: [{kind: Rollout, name: canary, controller: true}]}, spec: {template: "
        "{spec: {}}}}\n"
        "---\n"
        "{apiVersion: v1, kind: Pod, metadata: {name: bare, namespace: s}, spec: {}}\n"
        "---\n"
        "{apiVersion: v1, kind: Pod, metadata: {name: q, namespace: s, ownerReferences: [{kind: "
        "ReplicaSet, name: gone-5d8f, controller: true}]}, spec: {}}\n";
    irsa_auto_facts facts = FACTS(all);
    const char *kind = NULL;
    const char *name = NULL;
    irsa_facts_pod_owner(facts, &facts->pods[0], &kind, &name);
    assert_string_equal(kind, "Rollout");
    assert_string_equal(name, "canary");
    irsa_facts_pod_owner(facts, &facts->pods[1], &kind, &name);
    assert_string_equal(kind, "Pod");
    assert_string_equal(name, "bare");
    irsa_facts_pod_owner(facts, &facts->pods[2], &kind, &name);
    assert_string_equal(kind, "ReplicaSet");
    assert_string_equal(name, "gone-5d8f");
}

static void test_key_names_role__forms_that_people_use(void **state)
{
    (void)state;
    static const char *const yes[] = {"eks.amazonaws.com/role-arn",
                                      "eks.amazon.com/role-arn",
                                      "iam.amazonaws.com/role",
                                      "eks.amazonaws.com/role_arn",
                                      "EKS.amazonaws.com/Role-ARN",
                                      "role-arn",
                                      "roleArn",
                                      "eks.amazonaws.com/iam-role"};
    static const char *const no[] = {"app.kubernetes.io/name", "eks.amazonaws.com/audience",
                                     "iam.amazonaws.com/permitted",
                                     "rbac.authorization.kubernetes.io/aggregate-to-role", "role"};
    for (size_t i = 0; i < IRSA_COUNT(yes); i++) {
        if (!irsa_key_names_role(yes[i]) || !irsa_key_concerns_irsa(yes[i]))
            fail_msg("%s names a role", yes[i]);
    }
    for (size_t i = 0; i < IRSA_COUNT(no); i++) {
        if (irsa_key_names_role(no[i]))
            fail_msg("%s names no role", no[i]);
    }
}

/* --- digests ---------------------------------------------------------------------------------- */

static const char account_text[] = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, "
                                   "namespace: s, annotations: {x: '1', y: '2'}}}";

static void test_digests__do_not_hang_on_the_files(void **state)
{
    (void)state;
    irsa_auto_facts one = FACTS(account_text, "Role: {Arn: '" ROLE(ONE, "a") "'}");
    irsa_auto_facts other =
        FACTS("Role: {Arn: '" ROLE(ONE, "a") "'}",
              "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  namespace: s\n  name: a\n"
              "  resourceVersion: '7'\n  annotations:\n    y: '2'\n    x: '1'\n");
    json_auto_t *a = irsa_facts_digests(one);
    json_auto_t *b = irsa_facts_digests(other);
    assert_int_equal(json_object_size(a), 2);
    assert_true(json_equal(a, b));
    assert_non_null(json_object_get(a, "ServiceAccount s/a"));
    assert_non_null(json_object_get(a, "role " ROLE(ONE, "a")));
}

static void test_digests__tell_what_changed(void **state)
{
    (void)state;
    irsa_auto_facts one = FACTS(account_text);
    irsa_auto_facts other = FACTS("{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, "
                                  "namespace: s, annotations: {x: '1', y: '3'}}}");
    json_auto_t *a = irsa_facts_digests(one);
    json_auto_t *b = irsa_facts_digests(other);
    assert_false(json_equal(a, b));
}

static void test_add_document__unknown_shapes_take_nothing(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[1]",
        "\"Role\"",
        "{\"Role\": \"admin\"}",
        "{\"Roles\": [\"admin\"]}",
        "{\"cluster\": \"x\"}",
        "{\"Policy\": {\"Effect\": \"Allow\"}}",
        "{\"associations\": [1]}",
        "{\"Url\": \"x\"}",
        "{\"Account\": \"x\", \"Arn\": \"y\"}",
        "{\"RoleName\": \"x\"}",
        "{\"AccountAliases\": \"x\"}",
        "{\"EvaluationResults\": []}",
        "{\"apiVersion\": \"v1\", \"kind\": \"Config\", \"clusters\": []}",
        "{\"apiVersion\": \"v1\", \"kind\": 7}",
    };
    irsa_auto_facts facts = irsa_facts_new();
    uint32_t file = irsa_facts_add_file(facts, "x.json");
    for (size_t i = 0; i < IRSA_COUNT(texts); i++) {
        irsa_auto_error error = NULL;
        bool known = true;
        json_auto_t *document = irsa_json_read("x.json", texts[i], strlen(texts[i]), &error);
        assert_non_null(document);
        assert_int_equal(irsa_facts_add_document(facts, file, 0, document, &known, &error), 0);
        if (known)
            fail_msg("%s was taken", texts[i]);
    }
}

static void take(struct irsa_facts *facts, const char *text)
{
    irsa_auto_error error = NULL;
    bool known = false;
    json_auto_t *document = irsa_json_read("x.json", text, strlen(text), &error);
    uint32_t file = irsa_facts_add_file(facts, "x.json");
    assert_non_null(document);
    assert_int_equal(irsa_facts_add_document(facts, file, 0, document, &known, &error), 0);
    assert_true(known);
}

static void test_account_alias__whose_it_is(void **state)
{
    (void)state;
    static const char caller[] = "{\"Account\": \"111122223333\", \"UserId\": \"AIDA\", "
                                 "\"Arn\": \"arn:aws:iam::111122223333:user/me\"}";
    static const struct {
        const char *texts[3];
        const char *alias;
    } cases[] = {
        {{"{\"AccountAliases\": [\"shop\"]}"}, "shop"},
        {{"{\"AccountAliases\": [\"shop\"]}", "{\"AccountAliases\": [\"shop\"]}"}, "shop"},
        {{"{\"AccountAliases\": []}"}, NULL},
        /* of two accounts, and nobody says which */
        {{"{\"AccountAliases\": [\"shop\"]}", "{\"AccountAliases\": [\"bank\"]}"}, NULL},
        {{"{\"AccountAliases\": [\"shop\"], \"Account\": \"111122223333\"}",
          "{\"AccountAliases\": [\"bank\"], \"Account\": \"444455556666\"}"},
         "shop"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_facts facts = irsa_facts_new();
        take(facts, caller);
        for (size_t k = 0; k < IRSA_COUNT(cases[i].texts) && cases[i].texts[k]; k++)
            take(facts, cases[i].texts[k]);
        const char *alias = irsa_facts_account_alias(facts, "111122223333");
        assert_true(!alias == !cases[i].alias);
        if (alias)
            assert_string_equal(alias, cases[i].alias);
        assert_null(irsa_facts_account_alias(facts, NULL));
    }
}

static void test_key_of__long_names_are_not_cut(void **state)
{
    (void)state;
    char long_name[1000];
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    irsa_auto_key key = {0};
    assert_int_equal(strlen(irsa_key_of(&key, "a", long_name, NULL)), 1001);
    assert_string_equal(irsa_key_of(&key, "a", "b", "c"), "a\nb\nc");
    assert_string_equal(irsa_key_of(&key, "a", "b", NULL), "a\nb");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_role_named__by_account_name_and_case),
        cmocka_unit_test(test_role_presence__only_a_listing_makes_absence_known),
        cmocka_unit_test(test_roles_listed__an_empty_listing_is_the_home_accounts),
        cmocka_unit_test(test_pods_of__groups_by_service_account),
        cmocka_unit_test(test_pod_owner__through_what_is_between),
        cmocka_unit_test(test_key_names_role__forms_that_people_use),
        cmocka_unit_test(test_digests__do_not_hang_on_the_files),
        cmocka_unit_test(test_digests__tell_what_changed),
        cmocka_unit_test(test_add_document__unknown_shapes_take_nothing),
        cmocka_unit_test(test_account_alias__whose_it_is),
        cmocka_unit_test(test_key_of__long_names_are_not_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
