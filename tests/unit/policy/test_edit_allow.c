/* SPDX-License-Identifier: Apache-2.0 */
/* What the folders of tests/suites/policy-edit can't say: facts left out, kinds of errors,
 * ownership. */
#include "helper.h"
#include "irsa/identity.h"

#define STATEMENT(provider, sub)                                                                   \
    "{'Effect':'Allow','Principal':{'Federated':'" provider "'},"                                  \
    "'Action':'sts:AssumeRoleWithWebIdentity','Condition':{'StringEquals':{'" ISSUER ":sub':'" sub \
    "','" ISSUER ":aud':'sts.amazonaws.com'}}}"
#define DOCUMENT(statements) "{'Version':'2012-10-17','Statement':[" statements "]}"

static int edit(const struct irsa_policy *policy, struct irsa_trust_wish wish,
                struct irsa_edit_result *ret, struct irsa_error **reterr)
{
    json_auto_t *template_ = json_from(DOCUMENT(STATEMENT(PROVIDER, SUBJECT)));
    wish.issuer = ISSUER;
    wish.audience = IRSA_DEFAULT_AUDIENCE;
    wish.template_policy = template_;
    wish.provider_arn = wish.provider_arn ? wish.provider_arn : PROVIDER;
    wish.subject = wish.subject ? wish.subject : SUBJECT;
    return irsa_policy_edit_allow(policy, &wish, ret, reterr);
}

static void test_edit_allow__facts_may_be_left_out(void **unused)
{
    (void)unused;
    irsa_auto_policy policy =
        policy_from(DOCUMENT(STATEMENT("https://" ISSUER, SUBJECT)), IRSA_POLICY_TRUST);
    irsa_auto_edit_result result = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(edit(policy, (struct irsa_trust_wish){0}, &result, &error), 0);
    assert_int_equal(result.how, IRSA_EDIT_REPAIRED);
    json_auto_t *expected = json_from(DOCUMENT(STATEMENT(PROVIDER, SUBJECT)));
    assert_true(json_equal(result.document, expected));
}

static void test_edit_allow__input_is_left_alone(void **unused)
{
    (void)unused;
    json_auto_t *document = json_from(DOCUMENT(STATEMENT(PROVIDER, "shop:api")));
    json_auto_t *copy = json_deep_copy(document);
    irsa_auto_policy policy = irsa_policy_new(document, IRSA_POLICY_TRUST);
    irsa_auto_edit_result result = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(edit(policy, (struct irsa_trust_wish){0}, &result, &error), 0);
    assert_true(json_equal(document, copy));
    assert_ptr_not_equal(result.document, document);
}

static void test_edit_allow__unchanged_is_a_copy(void **unused)
{
    (void)unused;
    irsa_auto_policy policy =
        policy_from(DOCUMENT(STATEMENT(PROVIDER, SUBJECT)), IRSA_POLICY_TRUST);
    irsa_auto_edit_result result = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(edit(policy, (struct irsa_trust_wish){0}, &result, &error), 0);
    assert_int_equal(result.how, IRSA_EDIT_NONE);
    assert_int_equal(result.notes.len, 0);
    assert_true(json_equal(result.document, irsa_policy_document(policy)));
}

static void test_edit_allow__text_that_is_no_json(void **unused)
{
    (void)unused;
    irsa_auto_policy policy = irsa_policy_new_text("{\"Version\"", 10, IRSA_POLICY_TRUST);
    irsa_auto_edit_result result = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(edit(policy, (struct irsa_trust_wish){0}, &result, &error), 0);
    assert_int_equal(result.how, IRSA_EDIT_CREATED);
}

static void test_edit_allow__deny_is_a_conflict_with_a_hint(void **unused)
{
    (void)unused;
    irsa_auto_policy policy =
        policy_from(DOCUMENT("{'Sid':'No','Effect':'Deny','Principal':'*','Action':'sts:*'}"),
                    IRSA_POLICY_TRUST);
    irsa_auto_edit_result result = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(edit(policy, (struct irsa_trust_wish){0}, &result, &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_CONFLICT);
    assert_non_null(strstr(irsa_error_message(error), "Statement[0] (Sid No)"));
    assert_non_null(irsa_error_hint(error));
    assert_null(result.document);
}

static void test_edit_allow__wish_that_is_none(void **unused)
{
    (void)unused;
    irsa_auto_policy policy = policy_from(DOCUMENT(""), IRSA_POLICY_TRUST);
    irsa_auto_edit_result result = {0};
    irsa_auto_error first = NULL;
    irsa_auto_error second = NULL;
    struct irsa_trust_wish wish = {.provider_arn = "arn:aws:iam::1:oidc-provider/x"};
    assert_int_equal(edit(policy, wish, &result, &first), -1);
    assert_int_equal(irsa_error_kind(first), IRSA_E_PARSE);
    wish = (struct irsa_trust_wish){.subject = "system:serviceaccount:shop:*"};
    assert_int_equal(edit(policy, wish, &result, &second), -1);
    assert_int_equal(irsa_error_kind(second), IRSA_E_PARSE);
}

/* More subjects than the proof asks about: nothing is repaired that can't be proven. */
static void test_edit_allow__huge_statement_is_not_repaired(void **unused)
{
    (void)unused;
    json_auto_t *document = json_from(DOCUMENT(STATEMENT("https://" ISSUER, SUBJECT)));
    json_t *statement = json_array_get(json_object_get(document, "Statement"), 0);
    json_t *equals = json_object_get(json_object_get(statement, "Condition"), "StringEquals");
    json_t *subjects = json_pack("[s]", SUBJECT);
    for (int i = 0; i < 1000; i++) {
        irsa_autofree char *name = irsa_format("system:serviceaccount:team-%d:app", i);
        (void)json_array_append_new(subjects, json_string(name));
    }
    (void)json_object_set_new(equals, ISSUER ":sub", subjects);
    irsa_auto_policy policy = irsa_policy_new(document, IRSA_POLICY_TRUST);
    irsa_auto_edit_result result = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(edit(policy, (struct irsa_trust_wish){0}, &result, &error), 0);
    assert_int_equal(result.how, IRSA_EDIT_ADDED);
    assert_int_equal(result.statement, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edit_allow__facts_may_be_left_out),
        cmocka_unit_test(test_edit_allow__input_is_left_alone),
        cmocka_unit_test(test_edit_allow__unchanged_is_a_copy),
        cmocka_unit_test(test_edit_allow__text_that_is_no_json),
        cmocka_unit_test(test_edit_allow__deny_is_a_conflict_with_a_hint),
        cmocka_unit_test(test_edit_allow__wish_that_is_none),
        cmocka_unit_test(test_edit_allow__huge_statement_is_not_repaired),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
