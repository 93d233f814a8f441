/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose/trust.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ID "D539D4633E53DE1B716D3041E5B91A2C"
#define ISSUER "oidc.eks.eu-west-1.amazonaws.com/id/" ID
#define OTHER "oidc.eks.eu-west-1.amazonaws.com/id/77F0A1B2C3D4E5F60718293A4B5C6D7E"

static void assert_key(const char *key, enum irsa_key_kind kind)
{
    const struct irsa_key_view view = irsa_key_view(ISSUER, NULL, key);
    if (view.kind != kind)
        fail_msg("\"%s\" is of kind %d, not %d", key, (int)view.kind, (int)kind);
    assert_int_equal(kind == IRSA_KEY_MALFORMED, view.why != NULL);
}

static void test_irsa_key_view__right_keys(void **state)
{
    (void)state;
    assert_key(ISSUER ":sub", IRSA_KEY_SUBJECT);
    assert_key(ISSUER ":aud", IRSA_KEY_AUDIENCE);
    assert_key(ISSUER ":SUB", IRSA_KEY_SUBJECT);
    assert_key("OIDC.eks.eu-west-1.amazonaws.com/id/d539d4633e53de1b716d3041e5b91a2c:aud",
               IRSA_KEY_AUDIENCE);
}

static void test_irsa_key_view__malformed_keys(void **state)
{
    (void)state;
    assert_key("arn:aws:iam::111122223333:oidc-provider/" ISSUER ":sub", IRSA_KEY_MALFORMED);
    assert_key("https://" ISSUER ":sub", IRSA_KEY_MALFORMED);
    assert_key("http://" ISSUER ":aud", IRSA_KEY_MALFORMED);
    assert_key(ISSUER, IRSA_KEY_MALFORMED);
    assert_key(ISSUER ":", IRSA_KEY_MALFORMED);
    assert_key(ISSUER ":subject", IRSA_KEY_MALFORMED);
    assert_key(ISSUER "/:sub", IRSA_KEY_MALFORMED);
    assert_key(" " ISSUER ":sub", IRSA_KEY_MALFORMED);
    assert_key("oidc.eks.eu-west-1.amazonaws.com/" ID ":sub", IRSA_KEY_MALFORMED);
    assert_key("oidc-eks.eu-west-1.api.aws/id/" ID ":sub", IRSA_KEY_MALFORMED);
    assert_key("oidc.eks.us-east-1.amazonaws.com/id/" ID ":sub", IRSA_KEY_MALFORMED);
}

static void test_irsa_key_view__says_which_claim_was_meant(void **state)
{
    (void)state;
    assert_true(irsa_key_view(ISSUER, NULL, "https://" ISSUER ":aud").means_audience);
    assert_false(irsa_key_view(ISSUER, NULL, "https://" ISSUER ":sub").means_audience);
    assert_true(irsa_key_view(ISSUER, NULL, ISSUER ":audience").means_audience);
    assert_true(irsa_key_view(ISSUER, NULL, OTHER ":aud").means_audience);
}

static void test_irsa_key_view__other_issuers_and_foreign_keys(void **state)
{
    (void)state;
    assert_key(OTHER ":sub", IRSA_KEY_OTHER_ISSUER);
    assert_key("oidc.example.com/prod:aud", IRSA_KEY_OTHER_ISSUER);
    assert_key("aws:SourceVpc", IRSA_KEY_FOREIGN);
    assert_key("aws:PrincipalOrgID", IRSA_KEY_FOREIGN);
    assert_key("sts:ExternalId", IRSA_KEY_FOREIGN);
    assert_key("accounts.google.com:aud", IRSA_KEY_FOREIGN);
    assert_key("", IRSA_KEY_FOREIGN);
    /* Where the principal is known to be that of the other issuer, its keys go with it. */
    assert_int_equal(irsa_key_view(ISSUER, OTHER, OTHER ":sub").kind, IRSA_KEY_SUBJECT);
}

static void test_irsa_subject_nearness__orders_by_how_near_it_comes(void **state)
{
    (void)state;
    char namespace_[] = "shop";
    char name[] = "api";
    char subject[] = "system:serviceaccount:shop:api";
    const struct irsa_binding binding = {
        .namespace_ = namespace_, .service_account = name, .subject = subject};
    static const char *const order[] = {
        "system:serviceaccount:shop:api",
        "system:serviceaccount:shop:api ",
        "system:serviceaccount:shop:*",
        "system:serviceaccount:default:api",
        "system:serviceaccount:shop:app",
        "system:serviceaccount:shop:payments",
        "system:serviceaccount:blog:*",
        "system:serviceaccount:blog:web",
        "sts.amazonaws.com",
    };
    for (size_t i = 1; i < IRSA_COUNT(order); i++)
        if (irsa_subject_nearness(&binding, order[i - 1])
            <= irsa_subject_nearness(&binding, order[i]))
            fail_msg("\"%s\" is not nearer than \"%s\"", order[i - 1], order[i]);
    assert_int_equal(irsa_subject_nearness(&binding, "sts.amazonaws.com"), 0);
}

static void test_irsa_view_operator_of__forms(void **state)
{
    (void)state;
    assert_int_equal(irsa_view_operator_of("StringEquals"), IRSA_VIEW_EXACT);
    assert_int_equal(irsa_view_operator_of("ForAnyValue:StringEqualsIfExists"), IRSA_VIEW_EXACT);
    assert_int_equal(irsa_view_operator_of("StringEqualsIgnoreCase"), IRSA_VIEW_NOCASE);
    assert_int_equal(irsa_view_operator_of("ForAllValues:StringLike"), IRSA_VIEW_PATTERN);
    assert_int_equal(irsa_view_operator_of("StringNotEquals"), IRSA_VIEW_OTHER);
    assert_int_equal(irsa_view_operator_of("stringequals"), IRSA_VIEW_OTHER);
}

static void test_irsa_view_web_identity__actions(void **state)
{
    (void)state;
    static const struct {
        const char *statement;
        bool expected;
    } cases[] = {
        {"{\"Action\": \"sts:AssumeRoleWithWebIdentity\"}", true},
        {"{\"Action\": \"STS:assumerolewithwebidentity\"}", true},
        {"{\"Action\": [\"sts:TagSession\", \"sts:*\"]}", true},
        {"{\"Action\": \"*\"}", true},
        {"{\"NotAction\": \"sts:TagSession\"}", true},
        {"{\"Action\": \"sts:AssumeRole\"}", false},
        {"{\"Action\": 7}", false},
        {"{}", false},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        json_error_t error;
        json_auto_t *statement = json_loads(cases[i].statement, 0, &error);
        if (irsa_view_web_identity(statement) != cases[i].expected)
            fail_msg("%s", cases[i].statement);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irsa_key_view__right_keys),
        cmocka_unit_test(test_irsa_key_view__malformed_keys),
        cmocka_unit_test(test_irsa_key_view__says_which_claim_was_meant),
        cmocka_unit_test(test_irsa_key_view__other_issuers_and_foreign_keys),
        cmocka_unit_test(test_irsa_subject_nearness__orders_by_how_near_it_comes),
        cmocka_unit_test(test_irsa_view_operator_of__forms),
        cmocka_unit_test(test_irsa_view_web_identity__actions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
