/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/symptom.h"
#include "unit.h"

static const struct {
    const char *code;
    const char *message;
    const char *id; /* NULL: not known */
    const char *first;
} cases[] = {
    {"InvalidIdentityToken",
     "No OpenIDConnect provider found in your account for "
     "https://oidc.eks.eu-west-1.amazonaws.com/id/D539D4633E53DE1B716D3041E5B91A2C",
     "sts-no-provider", "IRSA010"},
    {"InvalidIdentityToken",
     "No OpenIDConnect provider found in your account for https://kubernetes.default.svc",
     "sts-no-provider", "IRSA001"},
    {"InvalidIdentityToken", "Incorrect token audience", "sts-audience", "IRSA011"},
    {"InvalidIdentityToken", "Missing a required claim: aud", "sts-no-audience", "IRSA067"},
    {"InvalidIdentityToken",
     "Couldn't retrieve verification key from your identity provider,  please reference "
     "AssumeRoleWithWebIdentity documentation for requirements",
     "sts-verification-key", "IRSA111"},
    {"InvalidIdentityToken", "The ID Token provided is not a valid JWT.", "sts-not-a-token",
     "IRSA067"},
    {"InvalidIdentityToken", "token signature is not right", "sts-signature", "IRSA111"},
    {"ExpiredTokenException",
     "Token expired: current date/time 1753382758 must be before the expiration date/time "
     "1753089571",
     "sts-token-expired", "IRSA110"},
    {"ExpiredTokenException", "any words", "sts-token-expired", "IRSA110"},
    {"AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", "sts-denied",
     "IRSA024"},
    {"AccessDenied",
     "Not authorized to perform: sts:AssumeRoleWithWebIdentity with an explicit deny in a "
     "resource "
     "control policy",
     "sts-denied", "IRSA113"},
    {"ValidationError", "Request ARN is invalid", "sts-arn-invalid", "IRSA055"},
    {"ValidationError",
     "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
     "sts-duration", "IRSA114"},
    {"RegionDisabledException", "STS is not activated in this region for account:111122223333.",
     "sts-region", "IRSA112"},
    {"IDPCommunicationError", "", "sts-issuer-unreachable", "IRSA115"},
    {"IDPRejectedClaim", "any words", "sts-not-a-token", "IRSA067"},
    {"Throttling", "Rate exceeded", NULL, NULL},
    {"InternalFailure", "", NULL, NULL},
    {"", "", NULL, NULL},
};

static void test_refusals__by_code_and_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_symptom_match match = {0};
        const bool known = irsa_symptom_of_refusal(cases[i].code, cases[i].message, &match);
        if (known != (cases[i].id != NULL))
            fail_msg("%s: %s: known: %d", cases[i].code, cases[i].message, (int)known);
        if (!known) {
            assert_null(match.id);
            continue;
        }
        assert_string_equal(match.id, cases[i].id);
        assert_int_equal(match.family, IRSA_SYMPTOM_STS);
        assert_string_equal(match.causes[0].check->code, cases[i].first);
    }
}

static void test_refusal__tells_the_issuer(void **state)
{
    (void)state;
    irsa_auto_symptom_match match = {0};
    assert_true(irsa_symptom_of_refusal(
        "InvalidIdentityToken",
        "No OpenIDConnect provider found in your account for "
        "https://oidc.eks.eu-west-1.amazonaws.com/id/D539D4633E53DE1B716D3041E5B91A2C",
        &match));
    assert_string_equal(match.values.region, "eu-west-1");
    assert_string_equal(
        match.values.issuer,
        "https://oidc.eks.eu-west-1.amazonaws.com/id/D539D4633E53DE1B716D3041E5B91A2C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals__by_code_and_message),
        cmocka_unit_test(test_refusal__tells_the_issuer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
