/* SPDX-License-Identifier: Apache-2.0 */
/* A frozen policy says what it said before, whatever is asked of it, and in whatever order. */
#include "helper.h"

#include "irsa/document.h"

#define WORKS TRUST(",'Condition':{'StringEquals':{'" ISSUER ":sub':'" SUBJECT "'}}")
#define ELSEWHERE                                                                                  \
    TRUST(",'Condition':{'StringEquals':{'" ISSUER ":sub':'system:serviceaccount:a:b'}}")

static const char *const texts[] = {
    WORKS,
    ELSEWHERE,
    TRUST(",'Condition':{'StringLike':{'" ISSUER ":sub':['system:serviceaccount:*:x','a']}}"),
    TRUST(",'Sid':'one','Condition':{'Bool':{'aws:SecureTransport':true},'NumericLessThan':"
          "{'aws:MultiFactorAuthAge':3600.5}}"),
    "{'Statement':{'Effect':'Deny','Principal':'*','Action':['sts:*']}}",
    "{'Version':'2012-10-17','Id':'x','Extra':[null,{'deep':[1,2,{}]}],'Statement':[]}",
    "{'Statement':['text',{},{'Effect':'allow','Action':'a:b'}]}",
    "{'Version':'2020-01-01','Statement':[{'Effect':'Allow','Action':'sts:AssumeRole'}]}",
    "[]",
    "'x'",
    "{}",
    /* a key that is there twice */
    ("{'Statement':[],'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':'*',"
     "'Action':'sts:*'}]}"),
    /* syntax errors */
    "{'Version':'2012-10-17',\n  'Statement': [}\n",
    "",
    "{'Statement':[]} and more",
};

static char *unquoted(const char *quoted)
{
    char *text = irsa_strdup(quoted);
    for (char *c = text; *c; c++) {
        if (*c == '\'')
            *c = '"';
    }
    return text;
}

static struct irsa_policy *policy_of(const char *quoted, enum irsa_policy_kind kind)
{
    irsa_autofree char *text = unquoted(quoted);
    return irsa_policy_new_text(text, strlen(text), kind);
}

/* --- each question, written down -------------------------------------------------------------- */

typedef void question(struct irsa_policy *policy, struct irsa_buf *ret);

static void ask_document(struct irsa_policy *policy, struct irsa_buf *ret)
{
    const json_t *document = irsa_policy_document(policy);
    assert_int_equal(irsa_policy_has_document(policy), document != NULL);
    assert_ptr_equal(irsa_policy_document(policy), document);
    if (document)
        irsa_json_write_compact(document, ret);
}

static void ask_document_once(struct irsa_policy *policy, struct irsa_buf *ret)
{
    json_auto_t *document = irsa_policy_document_once(policy);
    assert_int_equal(irsa_policy_has_document(policy), document != NULL);
    if (document)
        irsa_json_write_compact(document, ret);
}

static void ask_issues(struct irsa_policy *policy, struct irsa_buf *ret)
{
    size_t count = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    for (size_t i = 0; i < count; i++)
        irsa_buf_addf(ret, "%d %s: %s\n", issues[i].fatal, issues[i].where, issues[i].message);
}

static void ask_verdict(struct irsa_policy *policy, struct irsa_buf *ret)
{
    json_auto_t *context = web_context();
    const struct irsa_request request = web_request(context);
    irsa_auto_verdict verdict = {0};
    irsa_policy_evaluate(policy, &request, &verdict);
    irsa_buf_addf(ret, "%d %zu %s\n", (int)verdict.decision, verdict.statement,
                  verdict.sid ? verdict.sid : "-");
    for (size_t i = 0; i < verdict.miss_count; i++)
        irsa_buf_addf(ret, "%s: expected %s, found %s\n", verdict.misses[i].where,
                      verdict.misses[i].expected, verdict.misses[i].found);
}

static void ask_decision(struct irsa_policy *policy, struct irsa_buf *ret)
{
    json_auto_t *context = web_context();
    const struct irsa_request request = web_request(context);
    const struct irsa_policy *const policies[] = {policy};
    irsa_buf_addf(ret, "%d %d %d", (int)irsa_policy_decide(policy, &request),
                  (int)irsa_policies_decide(policies, 1, NULL, &request),
                  (int)irsa_policies_decide(policies, 1, policy, &request));
}

static void ask_grants(struct irsa_policy *policy, struct irsa_buf *ret)
{
    irsa_auto_trust_grants grants = {0};
    irsa_policy_trust_grants(policy, &grants);
    for (size_t i = 0; i < grants.len; i++) {
        const struct irsa_trust_grant *grant = &grants.items[i];
        irsa_autofree char *subjects = irsa_strings_join(&grant->subjects, " ", " ");
        irsa_buf_addf(ret, "%zu %s %d %d %s\n", grant->statement, grant->sid ? grant->sid : "-",
                      grant->effective, (int)grant->width, subjects);
    }
}

static void ask_issuers(struct irsa_policy *policy, struct irsa_buf *ret)
{
    irsa_auto_strings issuers = {0};
    irsa_policy_issuers(policy, &issuers);
    irsa_autofree char *all = irsa_strings_join(&issuers, " ", " ");
    irsa_buf_adds(ret, all);
}

static void ask_merged(struct irsa_policy *policy, struct irsa_buf *ret)
{
    json_auto_t *merged = irsa_policy_merge_statements(policy);
    if (merged)
        irsa_json_write_compact(merged, ret);
}

static question *const questions[] = {
    ask_document_once, ask_grants,   ask_issuers,  ask_issues,
    ask_verdict,       ask_decision, ask_document, ask_merged,
};

static void check_answer(question *ask, struct irsa_policy *open, struct irsa_policy *frozen)
{
    irsa_auto_buf expected = {0};
    irsa_auto_buf found = {0};
    ask(open, &expected);
    ask(frozen, &found);
    assert_string_equal(irsa_buf_str(&found), irsa_buf_str(&expected));
}

/* --- the tests -------------------------------------------------------------------------------- */

static void test_policy_freeze__each_question_first(void **state)
{
    (void)state;
    for (size_t i = 0; i < IRSA_COUNT(texts); i++) {
        for (size_t k = 0; k < 2 * IRSA_COUNT(questions); k++) {
            const enum irsa_policy_kind kind = k % 2 ? IRSA_POLICY_TRUST : IRSA_POLICY_IDENTITY;
            irsa_auto_policy open = policy_of(texts[i], kind);
            irsa_auto_policy frozen = policy_of(texts[i], kind);
            irsa_policy_freeze(frozen);
            check_answer(questions[k / 2], open, frozen);
            for (size_t m = 0; m < IRSA_COUNT(questions); m++)
                check_answer(questions[m], open, frozen);
        }
    }
}

static void test_policy_freeze__after_questions_and_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < IRSA_COUNT(texts); i++) {
        irsa_auto_policy open = policy_of(texts[i], IRSA_POLICY_TRUST);
        irsa_auto_policy frozen = policy_of(texts[i], IRSA_POLICY_TRUST);
        for (size_t m = 0; m < IRSA_COUNT(questions); m++) {
            irsa_policy_freeze(frozen);
            irsa_policy_freeze(frozen);
            check_answer(questions[m], open, frozen);
        }
    }
}

static void test_policy_freeze__what_is_asked_of_all_leaves_it_frozen(void **state)
{
    (void)state;
    irsa_auto_policy policy = policy_of(WORKS, IRSA_POLICY_TRUST);
    irsa_auto_buf ignored = {0};
    irsa_policy_freeze(policy);
    assert_null(policy->model);
    ask_grants(policy, &ignored);
    ask_issuers(policy, &ignored);
    ask_document_once(policy, &ignored);
    assert_null(policy->model);
    const json_t *document = irsa_policy_document(policy);
    assert_non_null(policy->model);
    assert_null(policy->frozen);
    for (size_t i = 0; i < IRSA_COUNT(questions); i++)
        questions[i](policy, &ignored);
    assert_ptr_equal(irsa_policy_document(policy), document);
}

static void test_policy_freeze__syntax_error_keeps_its_place(void **state)
{
    (void)state;
    irsa_auto_policy policy =
        policy_of("{\n  'Version': '2012-10-17',\n  'Statement': [}\n", IRSA_POLICY_TRUST);
    irsa_policy_freeze(policy);
    size_t count = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    assert_int_equal(count, 1);
    assert_true(issues[0].fatal);
    assert_string_equal(issues[0].where, "line 3, column 17");
    assert_false(irsa_policy_has_document(policy));
    assert_null(irsa_policy_document(policy));
    assert_null(irsa_policy_document_once(policy));
}

static void test_policy_freeze__a_key_twice_decides_nothing(void **state)
{
    (void)state;
    static const char twice[] = "{'Statement':[],'Statement':[{'Effect':'Allow','Principal':'*',"
                                "'Action':'sts:*'}]}";
    irsa_auto_policy policy = policy_of(twice, IRSA_POLICY_TRUST);
    json_auto_t *context = web_context();
    const struct irsa_request request = web_request(context);
    irsa_policy_freeze(policy);
    assert_non_null(policy->frozen);
    assert_int_equal(irsa_policy_decide(policy, &request), IRSA_DECISION_DENIED_IMPLICIT);
    size_t count = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    assert_non_null(strstr(issues[0].message, "duplicate"));
    assert_int_equal(json_array_size(json_object_get(irsa_policy_document(policy), "Statement")),
                     1);
}

static void test_policy_freeze__edited_afterwards(void **state)
{
    (void)state;
    irsa_auto_policy open = policy_of(ELSEWHERE, IRSA_POLICY_TRUST);
    irsa_auto_policy frozen = policy_of(ELSEWHERE, IRSA_POLICY_TRUST);
    json_auto_t *template_ = json_from(WORKS);
    const struct irsa_trust_wish wish = {.provider_arn = PROVIDER,
                                         .issuer = ISSUER,
                                         .subject = SUBJECT,
                                         .audience = "sts.amazonaws.com",
                                         .template_policy = template_};
    irsa_auto_edit_result expected = {0};
    irsa_auto_edit_result found = {0};
    irsa_auto_error error = NULL;
    irsa_policy_freeze(frozen);
    assert_int_equal(irsa_policy_edit_allow(open, &wish, &expected, &error), 0);
    assert_int_equal(irsa_policy_edit_allow(frozen, &wish, &found, &error), 0);
    assert_int_equal(found.how, expected.how);
    assert_int_not_equal(found.how, IRSA_EDIT_NONE);
    irsa_auto_buf before = {0};
    irsa_auto_buf after = {0};
    irsa_json_write_compact(expected.document, &before);
    irsa_json_write_compact(found.document, &after);
    assert_string_equal(irsa_buf_str(&after), irsa_buf_str(&before));
    /* The edit has a document of its own: the old policy is as it was, the new one works frozen. */
    for (size_t i = 0; i < IRSA_COUNT(questions); i++)
        check_answer(questions[i], open, frozen);
    json_auto_t *context = web_context();
    const struct irsa_request request = web_request(context);
    irsa_auto_policy edited = irsa_policy_new(found.document, IRSA_POLICY_TRUST);
    irsa_policy_freeze(edited);
    assert_int_equal(irsa_policy_decide(frozen, &request), IRSA_DECISION_DENIED_IMPLICIT);
    assert_int_equal(irsa_policy_decide(edited, &request), IRSA_DECISION_ALLOWED);
}

static void test_policy_freeze__the_document_may_change_afterwards(void **state)
{
    (void)state;
    json_auto_t *document = json_from(WORKS);
    irsa_auto_policy policy = irsa_policy_new(document, IRSA_POLICY_TRUST);
    irsa_policy_freeze(policy);
    json_object_clear(document);
    json_auto_t *again = irsa_policy_document_once(policy);
    json_auto_t *original = json_from(WORKS);
    assert_true(json_equal(again, original));
}

static void test_policy_share__frozen(void **state)
{
    (void)state;
    struct irsa_policy *policy = policy_of(WORKS, IRSA_POLICY_TRUST);
    irsa_policy_freeze(policy);
    struct irsa_policy *second = irsa_policy_share(policy);
    assert_ptr_equal(second, policy);
    irsa_policy_free(policy);
    irsa_auto_buf grants = {0};
    ask_grants(second, &grants);
    assert_true(grants.len > 0);
    irsa_policy_free(second);
    /* What several have is looked at several times: it thaws once. */
    policy = policy_of(WORKS, IRSA_POLICY_TRUST);
    irsa_policy_freeze(policy);
    second = irsa_policy_share(policy);
    ask_grants(second, &grants);
    assert_non_null(policy->model);
    irsa_policy_free(second);
    irsa_policy_free(policy);
}

static bool identical(const char *a_text, enum irsa_policy_kind a_kind, const char *b_text,
                      enum irsa_policy_kind b_kind)
{
    irsa_auto_policy a = policy_of(a_text, a_kind);
    irsa_auto_policy b = policy_of(b_text, b_kind);
    irsa_policy_freeze(a);
    assert_false(irsa_policy_identical(a, b) || irsa_policy_identical(b, a)); /* one is not */
    irsa_policy_freeze(b);
    const bool same = irsa_policy_identical(a, b);
    assert_int_equal(irsa_policy_identical(b, a), same);
    assert_true(!same || irsa_policy_hash(a) == irsa_policy_hash(b));
    return same;
}

static void test_policy_identical__the_same_document_in_the_same_order(void **state)
{
    (void)state;
    const enum irsa_policy_kind trust = IRSA_POLICY_TRUST;
    assert_true(identical(WORKS, trust, WORKS, trust));
    assert_true(identical("{ 'a': [1] }", trust, "{'a':[1]}", trust));
    assert_false(identical(WORKS, trust, ELSEWHERE, trust));
    assert_false(identical(WORKS, trust, WORKS, IRSA_POLICY_IDENTITY));
    assert_false(identical("{'a':1,'b':2}", trust, "{'b':2,'a':1}", trust));
    assert_false(identical("{'a':1}", trust, "{'a':1.0}", trust));
    /* one of them was refused as it stood */
    assert_false(identical("{'a':2}", trust, "{'a':1,'a':2}", trust));
    assert_false(identical("{", trust, "{", trust));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_freeze__each_question_first),
        cmocka_unit_test(test_policy_freeze__after_questions_and_again),
        cmocka_unit_test(test_policy_freeze__what_is_asked_of_all_leaves_it_frozen),
        cmocka_unit_test(test_policy_freeze__syntax_error_keeps_its_place),
        cmocka_unit_test(test_policy_freeze__a_key_twice_decides_nothing),
        cmocka_unit_test(test_policy_freeze__edited_afterwards),
        cmocka_unit_test(test_policy_freeze__the_document_may_change_afterwards),
        cmocka_unit_test(test_policy_share__frozen),
        cmocka_unit_test(test_policy_identical__the_same_document_in_the_same_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
