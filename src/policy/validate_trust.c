/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What IAM accepts in a trust policy for web identity and what then lets nobody, or too many, in.
 * Keys:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif
 */
#include "irsa/identity.h"
#include "policy/issues.h"
#include "policy/match.h"

#include <strings.h>

/* The host path of the n-th Federated principal that is an OIDC provider's ARN, else NULL.
 * Borrowed. */
static const char *provider_host_path(const struct irsa_statement *statement, size_t index)
{
    const char *arn = irsa_value_text(json_object_get(statement->principal, "Federated"), index);
    const char *resource = arn ? strstr(arn, ":oidc-provider/") : NULL;
    return resource ? resource + strlen(":oidc-provider/") : NULL;
}

static size_t provider_count(const struct irsa_statement *statement)
{
    return irsa_value_count(json_object_get(statement->principal, "Federated"));
}

/* A key that names an identity provider by host, URL or ARN, right or wrong. */
static bool is_provider_key(const char *key)
{
    return strncasecmp(key, "arn:", 4) == 0 || strncasecmp(key, "https:", 6) == 0
           || strncasecmp(key, "http:", 5) == 0 || strcspn(key, "./") < strcspn(key, ":");
}

static bool belongs_to_provider(const struct irsa_statement *statement, const char *key)
{
    const size_t len = irsa_key_prefix_length(key);
    for (size_t i = 0; i < provider_count(statement); i++) {
        const char *host_path = provider_host_path(statement, i);
        if (host_path && strlen(host_path) == len && strncasecmp(host_path, key, len) == 0)
            return true;
    }
    return false;
}

static bool has_provider(const struct irsa_statement *statement)
{
    for (size_t i = 0; i < provider_count(statement); i++) {
        if (provider_host_path(statement, i))
            return true;
    }
    return false;
}

static void validate_prefix(struct irsa_policy *policy, const struct irsa_statement *statement,
                            const char *key, const char *where)
{
    if (strncasecmp(key, "http:", 5) == 0 || strncasecmp(key, "https:", 6) == 0)
        irsa_policy_add_issue(policy, false, where,
                              "the key must start with the issuer without https://");
    else if (strncasecmp(key, "arn:", 4) == 0)
        irsa_policy_add_issue(policy, false, where,
                              "the key must start with the issuer, not with the provider's ARN");
    else if (has_provider(statement) && !belongs_to_provider(statement, key))
        irsa_policy_add_issue(policy, false, where,
                              "the key is of another issuer than the Federated principal");
}

static void validate_subject(struct irsa_policy *policy, const struct irsa_condition *condition,
                             const char *where, const char *text)
{
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    if (irsa_has_wildcard(text) || irsa_has_variable(text)
        || irsa_subject_parse(text, &namespace_, &name))
        return;
    irsa_autofree char *guess = irsa_subject_guess(text);
    if (guess && !condition->op.negated)
        irsa_policy_add_issue(policy, false, where,
                              "\"%s\" is no service account (did you mean \"%s\"?)", text, guess);
}

void irsa_validate_trust_key(struct irsa_policy *policy, const struct irsa_statement *statement,
                             const struct irsa_condition *condition, const char *where)
{
    const char *claim = irsa_key_claim(condition->key);
    if (!claim || !is_provider_key(condition->key))
        return;
    validate_prefix(policy, statement, condition->key, where);
    static const char *const claims[] = {"sub",  "aud", "amr",     "azp",   "email",
                                         "oaud", "id",  "user_id", "app_id"};
    bool known = false;
    for (size_t i = 0; i < IRSA_COUNT(claims); i++)
        known = known || strcasecmp(claim, claims[i]) == 0;
    if (!known && belongs_to_provider(statement, condition->key)
        && irsa_has_prefix(condition->key, "oidc.eks"))
        irsa_policy_add_issue(policy, false, where,
                              "AWS sets no key for the claim \"%s\" of a cluster's token", claim);
    if (strcasecmp(claim, "sub") != 0 || !condition->known)
        return;
    char space[IRSA_SCALAR_SPACE];
    for (size_t i = 0; i < irsa_value_count(condition->values); i++)
        validate_subject(policy, condition, where,
                         irsa_scalar_text(irsa_value_at(condition->values, i), space));
}

static bool checks_claim(const struct irsa_statement *statement, const char *claim)
{
    for (size_t i = 0; i < statement->condition_count; i++) {
        const struct irsa_condition *condition = &statement->conditions[i];
        const char *of_key = irsa_key_claim(condition->key);
        if (!of_key || !is_provider_key(condition->key) || strcasecmp(of_key, claim) != 0)
            continue;
        /* One that IAM refuses was meant as a check, and says so itself. */
        if (!condition->known
            || (condition->op.family != IRSA_FAMILY_NULL && !condition->op.negated))
            return true;
    }
    return false;
}

void irsa_validate_trust_statement(struct irsa_policy *policy,
                                   const struct irsa_statement *statement, const char *path)
{
    if (statement->deny || statement->malformed || !has_provider(statement))
        return;
    irsa_autofree char *where = irsa_format("%s.Condition", path);
    const struct irsa_request request = {.action = IRSA_ACTION_WEB_IDENTITY};
    if (irsa_match_action(statement, &request) != IRSA_YES) {
        irsa_autofree char *action = irsa_format("%s.Action", path);
        irsa_policy_add_issue(policy, false, action,
                              "an OIDC provider's tokens need " IRSA_ACTION_WEB_IDENTITY);
        return;
    }
    if (!checks_claim(statement, "sub"))
        irsa_policy_add_issue(
            policy, false, where,
            "no condition on :sub: every service account of the issuer is let in");
    if (!checks_claim(statement, "aud"))
        irsa_policy_add_issue(policy, false, where,
                              "no condition on :aud: a token for any registered audience passes");
}
