/* SPDX-License-Identifier: Apache-2.0 */
/* What holds for the diagnosis as a whole; the single checks are in tests/suites/diagnose. */
#include "irsa/diagnose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#define ISSUER "oidc.eks.eu-west-1.amazonaws.com/id/D539D4633E53DE1B716D3041E5B91A2C"
#define STALE "oidc.eks.eu-west-1.amazonaws.com/id/0AC9BBE2F7D14C0B9F1E3D5A7C2B4E6F"

struct scene {
    struct irsa_facts *facts;
    struct irsa_intent *intent;
    struct irsa_bindings bindings;
    struct irsa_diagnosis diagnosis;
};

static void add(struct scene *scene, json_t *document)
{
    irsa_auto_error error = NULL;
    bool known = false;
    const uint32_t file = irsa_facts_add_file(scene->facts, "world.json");
    if (irsa_facts_add_document(scene->facts, file, 0, document, &known, &error) < 0)
        fail_msg("%s", irsa_error_message(error));
    assert_true(known);
    json_decref(document);
}

static void add_cluster(struct scene *scene)
{
    add(scene, json_pack("{s:{s:s, s:s, s:{s:{s:s}}}}", "cluster", "name", "prod", "arn",
                         "arn:aws:eks:eu-west-1:111122223333:cluster/prod", "identity", "oidc",
                         "issuer", "https://" ISSUER));
}

static void add_providers(struct scene *scene)
{
    add(scene, json_pack("{s:[{s:s}]}", "OpenIDConnectProviderList", "Arn",
                         "arn:aws:iam::111122223333:oidc-provider/" ISSUER));
    add(scene, json_pack("{s:s, s:[s], s:[]}", "Url", ISSUER, "ClientIDList", "sts.amazonaws.com",
                         "ThumbprintList"));
}

static json_t *role(size_t number, size_t accounts, const char *issuer)
{
    json_t *subjects = json_array();
    for (size_t i = 0; i < accounts; i++) {
        irsa_autofree char *subject =
            irsa_format("system:serviceaccount:shop:app-%zu-%zu", number, i);
        (void)json_array_append_new(subjects, json_string(subject));
    }
    irsa_autofree char *name = irsa_format("role-%zu", number);
    irsa_autofree char *arn = irsa_format("arn:aws:iam::111122223333:role/%s", name);
    irsa_autofree char *provider =
        irsa_format("arn:aws:iam::111122223333:oidc-provider/%s", issuer);
    irsa_autofree char *sub = irsa_format("%s:sub", issuer);
    irsa_autofree char *aud = irsa_format("%s:aud", issuer);
    return json_pack("{s:s, s:s, s:s, s:{s:s, s:[{s:s, s:{s:s}, s:s, s:{s:{s:o, s:s}}}]}, s:[], "
                     "s:[{s:s, s:s}]}",
                     "RoleName", name, "Path", "/", "Arn", arn, "AssumeRolePolicyDocument",
                     "Version", "2012-10-17", "Statement", "Effect", "Allow", "Principal",
                     "Federated", provider, "Action", "sts:AssumeRoleWithWebIdentity", "Condition",
                     "StringEquals", sub, subjects, aud, "sts.amazonaws.com", "RolePolicyList",
                     "AttachedManagedPolicies", "PolicyName", "P", "PolicyArn",
                     "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess");
}

static json_t *account(size_t number, size_t index)
{
    irsa_autofree char *name = irsa_format("app-%zu-%zu", number, index);
    irsa_autofree char *arn = irsa_format("arn:aws:iam::111122223333:role/role-%zu", number);
    return json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}}", "apiVersion", "v1", "kind",
                     "ServiceAccount", "metadata", "name", name, "namespace", "shop", "annotations",
                     "eks.amazonaws.com/role-arn", arn);
}

static void set_up(struct scene *scene, size_t roles, size_t accounts, const char *issuer)
{
    *scene = (struct scene){.facts = irsa_facts_new(), .intent = irsa_intent_new()};
    add_cluster(scene);
    add_providers(scene);
    json_t *details = json_array();
    json_t *items = json_array();
    for (size_t i = 0; i < roles; i++) {
        (void)json_array_append_new(details, role(i, accounts, issuer));
        for (size_t k = 0; k < accounts; k++)
            (void)json_array_append_new(items, account(i, k));
    }
    add(scene, json_pack("{s:o}", "RoleDetailList", details));
    add(scene, json_pack("{s:s, s:s, s:o}", "apiVersion", "v1", "kind", "List", "items", items));
    irsa_auto_error error = NULL;
    if (irsa_facts_finish(scene->facts, &error) < 0
        || irsa_resolve(scene->facts, scene->intent, &scene->bindings, &error) < 0)
        fail_msg("%s", irsa_error_message(error));
}

static void tear_down(struct scene *scene)
{
    irsa_diagnosis_done(&scene->diagnosis);
    irsa_bindings_done(&scene->bindings);
    irsa_facts_free(scene->facts);
    irsa_intent_free(scene->intent);
}

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double diagnose(struct scene *scene)
{
    const double start = seconds();
    irsa_diagnose(scene->facts, scene->intent, &scene->bindings, &scene->diagnosis);
    return seconds() - start;
}

static void test_irsa_diagnose__healthy(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 3, 2, ISSUER);
    (void)diagnose(&scene);
    assert_int_equal(scene.diagnosis.finding_count, 0);
    assert_int_equal(scene.diagnosis.binding_count, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(scene.diagnosis.works[i], IRSA_WORKS_YES);
        assert_int_equal(scene.diagnosis.links[i][IRSA_LINK_TRUST], IRSA_LINK_HOLDS);
        assert_int_equal(scene.diagnosis.links[i][IRSA_LINK_POD], IRSA_LINK_UNKNOWN);
    }
    tear_down(&scene);
}

static void test_irsa_diagnose__one_cause_is_one_finding(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 40, 2, STALE);
    (void)diagnose(&scene);
    assert_int_equal(scene.diagnosis.finding_count, 1);
    const struct irsa_finding *finding = &scene.diagnosis.findings[0];
    assert_string_equal(finding->check->code, "IRSA023");
    assert_int_equal(finding->binding_count, 80);
    assert_int_equal(finding->fix_count, 80);
    assert_true(irsa_has_prefix(finding->message, "40 roles still trust issuer"));
    assert_true(finding->notes.len < 12);
    tear_down(&scene);
}

static void test_irsa_diagnose__nothing_at_all(void **state)
{
    (void)state;
    struct scene scene = {.facts = irsa_facts_new(), .intent = irsa_intent_new()};
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_facts_finish(scene.facts, &error), 0);
    (void)diagnose(&scene);
    assert_int_equal(scene.diagnosis.finding_count, 0);
    assert_int_equal(scene.diagnosis.binding_count, 0);
    assert_int_equal(scene.diagnosis.failed, 0);
    for (size_t i = 0; i < scene.diagnosis.skipped_count; i++)
        assert_true(*scene.diagnosis.skipped[i].reason != '\0');
    tear_down(&scene);
}

static void test_irsa_diagnose__same_facts_same_findings(void **state)
{
    (void)state;
    struct scene scene;
    set_up(&scene, 5, 3, STALE);
    (void)diagnose(&scene);
    struct irsa_diagnosis again;
    irsa_diagnose(scene.facts, scene.intent, &scene.bindings, &again);
    assert_int_equal(again.finding_count, scene.diagnosis.finding_count);
    for (size_t i = 0; i < again.finding_count; i++)
        assert_string_equal(again.findings[i].message, scene.diagnosis.findings[i].message);
    irsa_diagnosis_done(&again);
    tear_down(&scene);
}

/* Ten times the work may cost a little more than ten times the time, and no square of it. */
static void test_irsa_diagnose__grows_with_the_world(void **state)
{
    (void)state;
    static const char *const issuers[] = {ISSUER, STALE};
    for (size_t i = 0; i < IRSA_COUNT(issuers); i++) {
        struct scene small;
        struct scene large;
        set_up(&small, 100, 2, issuers[i]);
        set_up(&large, 1000, 2, issuers[i]);
        const double few = diagnose(&small);
        const double many = diagnose(&large);
        if (many > 0.05 && many > few * 40)
            fail_msg("%.3f s for 200 bindings, %.3f s for 2,000", few, many);
        tear_down(&small);
        tear_down(&large);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irsa_diagnose__healthy),
        cmocka_unit_test(test_irsa_diagnose__one_cause_is_one_finding),
        cmocka_unit_test(test_irsa_diagnose__nothing_at_all),
        cmocka_unit_test(test_irsa_diagnose__same_facts_same_findings),
        cmocka_unit_test(test_irsa_diagnose__grows_with_the_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
