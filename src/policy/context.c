/* SPDX-License-Identifier: Apache-2.0 */
/* What the request has: known keys, keys known not to be there, and all the others. */
#include "policy/match.h"

#include <strings.h>

/*
 * Keys that a request for AssumeRoleWithWebIdentity with a Kubernetes token can't have. The call is
 * not signed ("does not require the use of AWS security credentials",
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html), so what
 * describes the signing principal, its credentials or a calling AWS service is not in it; the token
 * has neither session tags nor a source identity (claims of the name space
 * https://aws.amazon.com/), see
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/. Availability of
 * each key: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 * and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
 * A name that ends in `/` or `:` stands for all keys that start so.
 */
static const char *const absent_for_web_identity[] = {
    "aws:AssumedRoot",
    "aws:CalledVia",
    "aws:CalledViaFirst",
    "aws:CalledViaLast",
    "aws:ChatbotSourceArn",
    "aws:Ec2InstanceSourcePrivateIPv4",
    "aws:Ec2InstanceSourceVpc",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:PrincipalTag/",
    "aws:RequestTag/",
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceIdentity",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
    "aws:TagKeys",
    "aws:TokenIssueTime",
    "aws:userid",
    "aws:username",
    "saml:",
    "sts:AWSServiceName",
    "sts:ExternalId",
    "sts:SourceIdentity",
    "sts:TransitiveTagKeys",
};

static bool named(const char *const *names, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++) {
        const size_t len = strlen(names[i]);
        const char last = names[i][len - 1];
        if (strncasecmp(names[i], key, len) == 0
            && (key[len] == '\0' || last == '/' || last == ':'))
            return true;
    }
    return false;
}

/* Keys of services start with a plain name (aws:, sts:, s3:); those of identity providers with a
 * host, and what people mistake for one with a scheme or an ARN. */
static bool is_service_key(const char *key)
{
    const size_t len = strcspn(key, ":");
    if (key[len] == '\0' || len == 0)
        return false;
    if (strncasecmp(key, "arn:", 4) == 0 || strncasecmp(key, "http:", 5) == 0
        || strncasecmp(key, "https:", 6) == 0)
        return false;
    return strcspn(key, "./") >= len;
}

static enum irsa_key_presence web_identity_key(const char *issuer, const char *key)
{
    if (irsa_key_is(key, issuer, "sub") || irsa_key_is(key, issuer, "aud"))
        return IRSA_KEY_UNKNOWN;
    if (named(absent_for_web_identity, IRSA_COUNT(absent_for_web_identity), key))
        return IRSA_KEY_ABSENT;
    /* Of an issuer's keys STS sets the documented ones alone, and of these a Kubernetes token gives
     * :sub and :aud; another issuer's are not set at all. */
    return is_service_key(key) ? IRSA_KEY_UNKNOWN : IRSA_KEY_ABSENT;
}

static const json_t *find(const json_t *context, const char *key)
{
    const json_t *exact = json_object_get(context, key);
    if (exact)
        return exact;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)context, name, value)
    {
        if (strcasecmp(name, key) == 0)
            return value;
    }
    return NULL;
}

enum irsa_key_presence irsa_request_key(const struct irsa_request *request, const char *key,
                                        const json_t **ret_value)
{
    const json_t *value = find(request->context, key);
    if (!value)
        return request->issuer ? web_identity_key(request->issuer, key) : IRSA_KEY_UNKNOWN;
    if (json_is_null(value))
        return IRSA_KEY_ABSENT;
    *ret_value = value;
    return IRSA_KEY_PRESENT;
}

const char *irsa_scalar_text(const json_t *value, char space[IRSA_SCALAR_SPACE])
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return json_string_value(value);
    case JSON_INTEGER:
        (void)snprintf(space, IRSA_SCALAR_SPACE, "%" JSON_INTEGER_FORMAT,
                       json_integer_value(value));
        return space;
    case JSON_REAL:
        (void)snprintf(space, IRSA_SCALAR_SPACE, "%.17g", json_real_value(value));
        return space;
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_NULL:
    default:
        return "";
    }
}

json_t *irsa_request_web_identity_context(const char *provider_arn, const char *issuer,
                                          const char *subject, const char *audience)
{
    irsa_autofree char *sub = irsa_format("%s:sub", issuer);
    irsa_autofree char *aud = irsa_format("%s:aud", issuer);
    json_t *context = json_object();
    json_object_set_new(context, sub, json_string(subject));
    json_object_set_new(context, aud, json_string(audience));
    json_object_set_new(context, "aws:FederatedProvider", json_string(provider_arn));
    return context;
}
