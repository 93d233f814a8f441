/* SPDX-License-Identifier: Apache-2.0 */
/* All regions and switches: tests/oracle/endpoint_oracle.py. */
#include "aws/endpoint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_find__one_of_each_kind(void **state)
{
    (void)state;
    static const struct {
        struct irsa_aws_endpoint_options options;
        const char *url;
        const char *signing_region;
    } cases[] = {
        {{IRSA_AWS_STS, .region = "eu-west-1"}, "https://sts.eu-west-1.amazonaws.com", "eu-west-1"},
        {{IRSA_AWS_STS, .region = "aws-global"}, "https://sts.amazonaws.com", "us-east-1"},
        {{IRSA_AWS_STS, .region = "us-gov-west-1", .fips = true},
         "https://sts.us-gov-west-1.amazonaws.com",
         "us-gov-west-1"},
        {{IRSA_AWS_IAM, .region = "eu-west-1"}, "https://iam.amazonaws.com", "us-east-1"},
        {{IRSA_AWS_IAM, .region = "cn-northwest-1"},
         "https://iam.cn-north-1.amazonaws.com.cn",
         "cn-north-1"},
        {{IRSA_AWS_IAM, .region = "us-gov-east-1"},
         "https://iam.us-gov.amazonaws.com",
         "us-gov-west-1"},
        {{IRSA_AWS_EKS, .region = "us-east-2", .fips = true},
         "https://fips.eks.us-east-2.amazonaws.com",
         "us-east-2"},
        {{IRSA_AWS_EKS, .region = "us-east-2", .dual_stack = true},
         "https://eks.us-east-2.api.aws",
         "us-east-2"},
        {{IRSA_AWS_SSO, .region = "eu-west-1"},
         "https://portal.sso.eu-west-1.amazonaws.com",
         "eu-west-1"},
        {{IRSA_AWS_STS, .region = "eu-west-1", .url = "http://localhost:5000"},
         "http://localhost:5000",
         "eu-west-1"},
        {{IRSA_AWS_IAM, .region = "eu-west-1", .url = "https://vpce-1.iam.example/x/"},
         "https://vpce-1.iam.example/x/",
         "us-east-1"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_aws_endpoint endpoint = {0};
        assert_int_equal(irsa_aws_endpoint_find(&cases[i].options, &endpoint, &error), 0);
        assert_string_equal(endpoint.url, cases[i].url);
        assert_string_equal(endpoint.signing_region, cases[i].signing_region);
        assert_int_equal(endpoint.plain_http, irsa_has_prefix(cases[i].url, "http:"));
    }
}

static void test_find__refuses(void **state)
{
    (void)state;
    static const struct {
        struct irsa_aws_endpoint_options options;
        const char *reason;
    } cases[] = {
        {{IRSA_AWS_STS, .region = "europe"}, "\"europe\" is no region of AWS"},
        {{IRSA_AWS_STS, .region = NULL}, "\"\" is no region of AWS"},
        {{IRSA_AWS_STS, .region = "eu-west-1.evil.example/"},
         "\"eu-west-1.evil.example/\" is no region of AWS"},
        {{IRSA_AWS_STS, .region = "eu-west-1", .fips = true, .url = "https://x"},
         "FIPS endpoints and an endpoint of your own exclude each other"},
        {{IRSA_AWS_EKS, .region = "eu-west-1", .dual_stack = true, .url = "https://x"},
         "dual-stack endpoints and an endpoint of your own exclude each other"},
        {{IRSA_AWS_EKS, .region = "eu-west-1", .url = "localhost:5000"},
         "the endpoint \"localhost:5000\" is no URL that begins with https:// or http://"},
        {{IRSA_AWS_EKS, .region = "eu-west-1", .url = "https:///x"},
         "the endpoint \"https:///x\" has no host"},
        {{IRSA_AWS_EKS, .region = "eu-west-1", .url = "https://user:word@h"},
         "the endpoint given holds more than host, port and path"},
        {{IRSA_AWS_EKS, .region = "eu-west-1", .url = "https://h?x"},
         "the endpoint \"https://h?x\" holds more than host, port and path"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_aws_endpoint endpoint = {0};
        assert_int_equal(irsa_aws_endpoint_find(&cases[i].options, &endpoint, &error), -1);
        assert_string_equal(irsa_error_message(error), cases[i].reason);
        assert_int_equal(irsa_error_kind(error), IRSA_E_PARSE);
        assert_null(endpoint.url);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find__one_of_each_kind),
        cmocka_unit_test(test_find__refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
