/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static void test_policy_new__lone_statement(void **state)
{
    (void)state;
    irsa_auto_policy policy =
        policy_from("{'Statement':{'Sid':'A','Effect':'Deny','NotAction':'x:y','NotResource':['*'],"
                    "'Condition':{'StringEquals':{'a:b':'c','a:d':['e']},'Null':{'a:f':true}}}}",
                    IRSA_POLICY_IDENTITY);
    assert_true(irsa_model_of(policy)->usable);
    assert_false(irsa_model_of(policy)->variables);
    assert_int_equal(irsa_model_of(policy)->statement_count, 1);
    const struct irsa_statement *statement = &irsa_model_of(policy)->statements[0];
    assert_false(statement->malformed);
    assert_true(statement->deny);
    assert_true(statement->not_action);
    assert_true(statement->not_resource);
    assert_string_equal(statement->sid, "A");
    assert_int_equal(statement->condition_count, 3);
    assert_string_equal(statement->conditions[1].key, "a:d");
    assert_int_equal(statement->conditions[2].op.family, IRSA_FAMILY_NULL);
}

static void test_policy_new__malformed_statements_are_kept(void **state)
{
    (void)state;
    static const char *const statements[] = {
        "'text'",
        "{}",
        "{'Effect':'allow','Action':'a:b'}",
        "{'Effect':'Allow'}",
        "{'Effect':'Allow','Action':1}",
        "{'Effect':'Allow','Action':[]}",
        "{'Effect':'Allow','Action':'a:b','NotAction':'a:b'}",
        "{'Effect':'Allow','Action':'a:b','Principal':'*','NotPrincipal':'*'}",
        "{'Effect':'Allow','Action':'a:b','Resource':'*','NotResource':'*'}",
        "{'Effect':'Allow','Action':'a:b','Resource':{}}",
        "{'Effect':'Allow','Action':'a:b','Condition':[]}",
        "{'Effect':'Allow','Action':'a:b','Condition':{'StringEquals':'x'}}",
        "{'Effect':'Allow','Action':'a:b','StringEquals':{'a:b':'c'}}",
    };
    for (size_t i = 0; i < IRSA_COUNT(statements); i++) {
        irsa_autofree char *text = irsa_format("{'Statement':[%s]}", statements[i]);
        irsa_auto_policy policy = policy_from(text, IRSA_POLICY_TRUST);
        assert_int_equal(irsa_model_of(policy)->statement_count, 1);
        assert_true(irsa_model_of(policy)->statements[0].malformed);
        assert_non_null(irsa_model_of(policy)->statements[0].flaw);
    }
}

static void test_policy_new__unusable_documents(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "[]",
        "'x'",
        "{}",
        "{'Statement':'x'}",
        "{'Version':'2020-01-01','Statement':[]}",
        "{'Version':1,'Statement':[]}",
    };
    for (size_t i = 0; i < IRSA_COUNT(documents); i++) {
        irsa_auto_policy policy = policy_from(documents[i], IRSA_POLICY_TRUST);
        assert_false(irsa_model_of(policy)->usable);
    }
}

static void test_policy_new_text__syntax_error_has_a_place(void **state)
{
    (void)state;
    static const char text[] = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [}\n";
    irsa_auto_policy policy = irsa_policy_new_text(text, strlen(text), IRSA_POLICY_TRUST);
    assert_null(irsa_policy_document(policy));
    size_t count = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    assert_int_equal(count, 1);
    assert_true(issues[0].fatal);
    assert_string_equal(issues[0].where, "line 3, column 17");
}

static void test_policy_new_text__duplicate_key(void **state)
{
    (void)state;
    static const char text[] = "{\"Statement\": [], \"Statement\": []}";
    irsa_auto_policy policy = irsa_policy_new_text(text, strlen(text), IRSA_POLICY_TRUST);
    size_t count = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    assert_true(count >= 1);
    assert_true(issues[0].fatal);
    assert_non_null(strstr(issues[0].message, "duplicate"));
    /* It is still there to be repaired, but decides nothing. */
    assert_non_null(irsa_policy_document(policy));
    assert_false(irsa_model_of(policy)->usable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_new__lone_statement),
        cmocka_unit_test(test_policy_new__malformed_statements_are_kept),
        cmocka_unit_test(test_policy_new__unusable_documents),
        cmocka_unit_test(test_policy_new_text__syntax_error_has_a_place),
        cmocka_unit_test(test_policy_new_text__duplicate_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
