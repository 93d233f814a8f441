/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static enum irsa_key_presence presence(const char *key)
{
    json_auto_t *context = web_context();
    const struct irsa_request request = web_request(context);
    const json_t *value = NULL;
    return irsa_request_key(&request, key, &value);
}

static void test_request_key__known_of_web_identity(void **state)
{
    (void)state;
    assert_int_equal(presence(ISSUER ":sub"), IRSA_KEY_PRESENT);
    assert_int_equal(presence(ISSUER ":SUB"), IRSA_KEY_PRESENT);
    assert_int_equal(presence("OIDC.eks.eu-west-1.amazonaws.com/id/"
                              "exampled539d4633e53de1b71example:aud"),
                     IRSA_KEY_PRESENT);
    assert_int_equal(presence("AWS:federatedprovider"), IRSA_KEY_PRESENT);
}

static void test_request_key__absent_from_web_identity(void **state)
{
    (void)state;
    assert_int_equal(presence("oidc.eks.us-east-1.amazonaws.com/id/OTHER:sub"), IRSA_KEY_ABSENT);
    assert_int_equal(presence("https://" ISSUER ":sub"), IRSA_KEY_ABSENT);
    assert_int_equal(presence(PROVIDER ":sub"), IRSA_KEY_ABSENT);
    assert_int_equal(presence(ISSUER), IRSA_KEY_ABSENT);
    assert_int_equal(presence(ISSUER ":iss"), IRSA_KEY_ABSENT);
    assert_int_equal(presence("aws:PrincipalOrgID"), IRSA_KEY_ABSENT);
    assert_int_equal(presence("aws:principaltag/team"), IRSA_KEY_ABSENT);
    assert_int_equal(presence("sts:ExternalId"), IRSA_KEY_ABSENT);
    assert_int_equal(presence("saml:sub"), IRSA_KEY_ABSENT);
}

static void test_request_key__unknown_beforehand(void **state)
{
    (void)state;
    assert_int_equal(presence("aws:SourceIp"), IRSA_KEY_UNKNOWN);
    assert_int_equal(presence("aws:SourceVpc"), IRSA_KEY_UNKNOWN);
    assert_int_equal(presence("sts:RoleSessionName"), IRSA_KEY_UNKNOWN);
    assert_int_equal(presence("aws:ResourceTag/a.b"), IRSA_KEY_UNKNOWN);
}

static void test_request_key__without_issuer_all_is_unknown(void **state)
{
    (void)state;
    const struct irsa_request request = {.action = "s3:GetObject"};
    const json_t *value = NULL;
    assert_int_equal(irsa_request_key(&request, "aws:PrincipalOrgID", &value), IRSA_KEY_UNKNOWN);
    assert_int_equal(irsa_request_key(&request, "a.b/c:sub", &value), IRSA_KEY_UNKNOWN);
}

static void test_web_identity_context__three_keys(void **state)
{
    (void)state;
    json_auto_t *context = web_context();
    assert_string_equal(json_string_value(json_object_get(context, ISSUER ":sub")), SUBJECT);
    assert_string_equal(json_string_value(json_object_get(context, ISSUER ":aud")),
                        "sts.amazonaws.com");
    assert_string_equal(json_string_value(json_object_get(context, "aws:FederatedProvider")),
                        PROVIDER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_key__known_of_web_identity),
        cmocka_unit_test(test_request_key__absent_from_web_identity),
        cmocka_unit_test(test_request_key__unknown_beforehand),
        cmocka_unit_test(test_request_key__without_issuer_all_is_unknown),
        cmocka_unit_test(test_web_identity_context__three_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
