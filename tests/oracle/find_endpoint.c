/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds endpoints, one JSON object a line on stdin, one answer a line on stdout:
 *   {"service": "sts"|"iam"|"eks"|"sso"|"sso-oidc"|"signin", "region", "fips", "dual_stack",
 * "url"?}
 *   {"url", "signing_region", "signing_name", "plain_http"} or {"error"}
 */
#include "aws/endpoint.h"

#include <jansson.h>

static const char *const services[] = {
    [IRSA_AWS_STS] = "sts", [IRSA_AWS_IAM] = "iam",           [IRSA_AWS_EKS] = "eks",
    [IRSA_AWS_SSO] = "sso", [IRSA_AWS_SSO_OIDC] = "sso-oidc", [IRSA_AWS_SIGNIN] = "signin",
};

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_t *find(const json_t *question)
{
    struct irsa_aws_endpoint_options options = {
        .region = text_of(question, "region"),
        .fips = json_is_true(json_object_get(question, "fips")),
        .dual_stack = json_is_true(json_object_get(question, "dual_stack")),
        .url = text_of(question, "url"),
    };
    for (size_t i = 0; i < IRSA_COUNT(services); i++) {
        if (strcmp(services[i], text_of(question, "service")) == 0)
            options.service = (enum irsa_aws_service)i;
    }
    irsa_auto_error error = NULL;
    irsa_auto_aws_endpoint endpoint = {0};
    if (irsa_aws_endpoint_find(&options, &endpoint, &error) != 0)
        return json_pack("{s:s}", "error", irsa_error_message(error));
    return json_pack("{s:s, s:s, s:s, s:b}", "url", endpoint.url, "signing_region",
                     endpoint.signing_region, "signing_name", endpoint.signing_name, "plain_http",
                     (int)endpoint.plain_http);
}

int main(void)
{
    irsa_autofree char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        json_error_t error;
        json_auto_t *question = json_loads(line, 0, &error);
        json_auto_t *answer = question ? find(question) : NULL;
        irsa_autofree char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
        if (!text)
            return 1;
        (void)printf("%s\n", text);
    }
    return 0;
}
