/* SPDX-License-Identifier: Apache-2.0 */
/* Principal:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
#include "irsa/identity.h"
#include "policy/issues.h"

static const char *const principal_types[] = {"AWS", "Federated", "Service", "CanonicalUser"};

bool irsa_is_builtin_provider(const char *value)
{
    static const char *const domains[] = {"cognito-identity.amazonaws.com", "www.amazon.com",
                                          "graph.facebook.com", "accounts.google.com"};
    for (size_t i = 0; i < IRSA_COUNT(domains); i++) {
        if (strcmp(value, domains[i]) == 0)
            return true;
    }
    return false;
}

static bool is_provider_arn(const char *value)
{
    irsa_auto_error error = NULL;
    irsa_auto_arn arn = {0};
    if (irsa_arn_parse(value, &arn, &error) != 0)
        return false;
    return strcmp(arn.service, "iam") == 0 && irsa_account_id_valid(arn.account)
           && (irsa_has_prefix(arn.resource, "oidc-provider/")
               || irsa_has_prefix(arn.resource, "saml-provider/"));
}

/* IAM: "Federated principals must be valid domain names or SAML metadata ARNs". */
static void validate_federated(struct irsa_policy *policy, const char *where, const char *value)
{
    if (value[strcspn(value, " \t\r\n")]) {
        irsa_policy_add_issue(policy, true, where, "white space in a Federated principal");
        return;
    }
    if (is_provider_arn(value)) {
        irsa_auto_error error = NULL;
        irsa_auto_provider_arn provider = {0};
        irsa_auto_issuer issuer = {0};
        if (irsa_provider_arn_parse(value, &provider, &error) == 0
            && irsa_issuer_parse(provider.host_path, &issuer, &error) == 0 && issuer.id
            && strpbrk(issuer.id, "abcdef"))
            irsa_policy_add_issue(policy, false, where,
                                  "the cluster's id has lower case letters, EKS makes them upper "
                                  "case, and a provider's ARN is compared exactly");
        return;
    }
    if (strstr(value, "://"))
        irsa_policy_add_issue(policy, true, where,
                              "a URL; the provider's ARN is needed (IAM: \"Federated principals "
                              "must be valid domain names or SAML metadata ARNs\")");
    else if (irsa_has_prefix(value, "arn:"))
        irsa_policy_add_issue(policy, true, where, "not the ARN of an identity provider");
    else if (strpbrk(value, "*?") || !strchr(value, '.'))
        irsa_policy_add_issue(policy, true, where, "neither a provider's ARN nor a domain name");
    else if (!irsa_is_builtin_provider(value))
        irsa_policy_add_issue(policy, false, where,
                              "IAM accepts a bare host, but it names no provider: the provider's "
                              "ARN is needed");
}

static void validate_aws(struct irsa_policy *policy, const char *where, const char *value)
{
    if (strcmp(value, "*") == 0 || irsa_account_id_valid(value))
        return;
    if (strpbrk(value, "*?")) {
        irsa_policy_add_issue(policy, true, where,
                              "a wildcard can't match part of a principal's ARN");
        return;
    }
    if (irsa_has_prefix(value, "AIDA") || irsa_has_prefix(value, "AROA")) {
        irsa_policy_add_issue(policy, false, where,
                              "the unique id of a user or role that was deleted; IAM refuses it in "
                              "an update");
        return;
    }
    irsa_auto_error error = NULL;
    irsa_auto_arn arn = {0};
    if (irsa_arn_parse(value, &arn, &error) != 0)
        irsa_policy_add_issue(policy, true, where, "\"%s\" is neither an account nor an ARN",
                              value);
    else if (strstr(arn.resource, "oidc-provider/") || strstr(arn.resource, "saml-provider/"))
        irsa_policy_add_issue(policy, true, where,
                              "an identity provider belongs under Federated, not AWS");
}

static void validate_entry(struct irsa_policy *policy, const char *path, const char *type,
                           const json_t *values)
{
    irsa_autofree char *where = irsa_format("%s.%s", path, type);
    if (!irsa_value_is_strings(values)) {
        irsa_policy_add_issue(policy, true, where, "must be a string or a list of strings");
        return;
    }
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *value = irsa_value_text(values, i);
        if (strcmp(type, "Federated") == 0)
            validate_federated(policy, where, value);
        else if (strcmp(type, "AWS") == 0)
            validate_aws(policy, where, value);
        else if (strcmp(type, "Service") == 0 && strpbrk(value, "*?"))
            irsa_policy_add_issue(policy, true, where, "a service principal takes no wildcard");
    }
}

static void validate_map(struct irsa_policy *policy, const json_t *principal, const char *path)
{
    if (json_object_size(principal) == 0)
        irsa_policy_add_issue(policy, true, path, "names nobody");
    const char *type;
    json_t *values;
    json_object_foreach((json_t *)principal, type, values)
    {
        bool known = false;
        for (size_t i = 0; i < IRSA_COUNT(principal_types); i++)
            known = known || strcmp(type, principal_types[i]) == 0;
        if (known) {
            validate_entry(policy, path, type, values);
            continue;
        }
        irsa_autofree char *where = irsa_format("%s.%s", path, type);
        const char *near = irsa_nearest(type, principal_types, IRSA_COUNT(principal_types));
        irsa_policy_add_issue(policy, true, where, "IAM knows no such kind of principal%s%s%s",
                              near ? " (did you mean " : "", near ? near : "", near ? "?)" : "");
    }
}

static void validate_presence(struct irsa_policy *policy, const struct irsa_statement *statement,
                              const char *path)
{
    irsa_autofree char *where = irsa_format("%s.NotPrincipal", path);
    const bool negated = json_object_get(statement->json, "NotPrincipal") != NULL;
    if (!statement->principal)
        irsa_policy_add_issue(policy, true, path, "a trust policy's statement needs a Principal%s",
                              json_object_get(statement->json, "Resource")
                                  ? "; this looks like a permission policy"
                                  : "");
    if (negated && json_object_get(statement->json, "Principal"))
        irsa_policy_add_issue(policy, true, path, "has both Principal and NotPrincipal");
    /* "You cannot use the NotPrincipal element in an IAM identity-based policy nor in an IAM role
     * trust policy":
     * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
     */
    else if (negated)
        irsa_policy_add_issue(policy, true, where, "not supported in a trust policy");
}

void irsa_validate_principal(struct irsa_policy *policy, const struct irsa_statement *statement,
                             const char *path)
{
    if (policy->kind == IRSA_POLICY_IDENTITY) {
        if (statement->principal)
            irsa_policy_add_issue(policy, true, path, "%s must not be in an identity-based policy",
                                  statement->not_principal ? "NotPrincipal" : "Principal");
        return;
    }
    validate_presence(policy, statement, path);
    if (!statement->principal)
        return;
    irsa_autofree char *where =
        irsa_format("%s.%s", path, statement->not_principal ? "NotPrincipal" : "Principal");
    const char *text = json_string_value(statement->principal);
    const json_t *aws = json_object_get(statement->principal, "AWS");
    bool anybody = text && strcmp(text, "*") == 0;
    for (size_t i = 0; i < irsa_value_count(aws); i++) {
        const char *value = irsa_value_text(aws, i);
        anybody = anybody || (value && strcmp(value, "*") == 0);
    }
    if (anybody && !statement->deny && !statement->not_principal)
        irsa_policy_add_issue(policy, false, where,
                              "anybody; only the conditions limit who can assume the role");
    if (json_is_object(statement->principal))
        validate_map(policy, statement->principal, where);
    else if (!text || strcmp(text, "*") != 0)
        irsa_policy_add_issue(policy, true, where,
                              "must be \"*\" or an object such as {\"Federated\": \"ARN\"}");
}
