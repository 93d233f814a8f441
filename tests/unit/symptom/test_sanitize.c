/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/base.h"
#include "symptom/sanitize.h"
#include "unit.h"

static void check(const char *text, const char *expected)
{
    irsa_autofree char *safe = symptom_sanitize(text, strlen(text));
    if (strcmp(safe, expected) != 0)
        fail_msg("%s: found %s, expected %s", text, safe, expected);
}

static void test_what_is_no_secret__stays(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
        ("User: arn:aws:sts::111122223333:assumed-role/"
         "eksctl-prod-addon-iamserviceaccount-kube-system-aws-node-Role1-1ABC/i-0123456789abcdef0"),
        "https://oidc.eks.eu-west-1.amazonaws.com/id/D539D4633E53DE1B716D3041E5B91A2C",
        "request id: 67d0fad1-77e3-425c-b87f-c3def839dbad",
        "open /var/run/secrets/eks.amazonaws.com/serviceaccount/token: permission denied",
        "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
        "The request signature we calculated does not match the signature you provided",
        "environment variables (AWS_ACCESS_KEY_ID (or AWS_ACCESS_KEY) and AWS_SECRET_KEY)",
        "arn:aws:iam::111122223333:role/team/ClusterAutoscalerKubernetesRoleOfTeam1",
        "arn:aws:sts::111122223333:assumed-role/ClusterAutoscalerKubernetesRoleOfTheTeam1/i-0abc",
        "https://docs.aws.amazon.com/sdk-for-ruby/v3/api/Aws/AssumeRoleWebIdentityCredentials.html",
        "principal AROAEXAMPLEEXAMPLE123",
        "Grüße, 世界",
    };
    for (size_t i = 0; i < IRSA_COUNT(texts); i++)
        check(texts[i], texts[i]);
}

static void test_secrets__by_their_form(void **state)
{
    (void)state;
    check("token eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln end", "token [redacted] end");
    check("'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0'", "'[redacted]'");
    check("key AKIAIOSFODNN7EXAMPLE.", "key [redacted].");
    check("ASIAIOSFODNN7EXAMPLE", "[redacted]");
    check("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "[redacted]");
    check("arn:aws:s3:::bucket/wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
          "arn:aws:s3:::bucket/[redacted]");
    check("arn:aws:sts::111122223333:assumed-role/app/wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
          "arn:aws:sts::111122223333:assumed-role/app/[redacted]");
    check("https://example.com/wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
          "https://example.com/[redacted]");
    check("arn:aws:s3:::bucket/AKIAIOSFODNN7EXAMPLE", "arn:aws:s3:::bucket/[redacted]");
}

static void test_secrets__by_their_name(void **state)
{
    (void)state;
    check("aws_secret_access_key = abc", "aws_secret_access_key = [redacted]");
    check("\"SecretAccessKey\": \"abc\", \"x\": 1",
          "\"SecretAccessKey\": \"[redacted]\", \"x\": 1");
    check("AWS_SESSION_TOKEN=short&x=y", "AWS_SESSION_TOKEN=[redacted]&x=y");
    check("password: hunter2, user: bob", "password: [redacted], user: bob");
    check("Authorization: AWS4-HMAC-SHA256 Credential=AKIA/x, Signature=abc",
          "Authorization: [redacted]");
    check("Authorization: Bearer abc", "Authorization: [redacted]");
    check("https://sts.amazonaws.com/?X-Amz-Signature=abc&X-Amz-Credential=def",
          "https://sts.amazonaws.com/?X-Amz-Signature=[redacted]&X-Amz-Credential=[redacted]");
    check("<SessionToken>abc</SessionToken>", "<SessionToken>[redacted]</SessionToken>");
    check("https://example.com/password=abc", "https://example.com/password=[redacted]");
    check("WebIdentityToken=abc", "WebIdentityToken=[redacted]");
}

static void test_characters__that_would_steer_a_terminal(void **state)
{
    (void)state;
    check("a\x1b[31mb", "a\\x1b[31mb");
    check("a\x07\x7f", "a\\x07\\x7f");
    check("a\nb", "a b");
    check("\xff\xfe", "\\xff\\xfe");
    const char override[] = {(char)0xe2, (char)0x80, (char)0xae, '\0'}; /* U+202E */
    check(override, "\\xe2\\x80\\xae");
    check("\xc2\x9b", "\\xc2\\x9b");
    check("\xe4", "\\xe4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_secret__stays),
        cmocka_unit_test(test_secrets__by_their_form),
        cmocka_unit_test(test_secrets__by_their_name),
        cmocka_unit_test(test_characters__that_would_steer_a_terminal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
