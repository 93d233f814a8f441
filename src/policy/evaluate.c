/* SPDX-License-Identifier: Apache-2.0 */
/* The decision:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
#include "policy/match.h"

/* --- principal:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */

/* The account of an ARN ("arn:P:S:R:ACCOUNT:..."): borrowed, its length in *ret_len. */
static const char *arn_account(const char *arn, size_t *ret_len)
{
    for (int colons = 0; colons < 4; colons++) {
        arn = strchr(arn, ':');
        if (!arn)
            return NULL;
        arn++;
    }
    *ret_len = strcspn(arn, ":");
    return arn;
}

/* An account stands for all its principals, as "123456789012" or "arn:aws:iam::123456789012:root".
 */
static bool account_matches(const char *wanted, const char *principal)
{
    size_t len = 0;
    const char *account = arn_account(principal, &len);
    if (!account || len != 12)
        return false;
    if (strlen(wanted) == 12 && strspn(wanted, "0123456789") == 12)
        return strncmp(wanted, account, 12) == 0;
    size_t wanted_len = 0;
    const char *of_wanted =
        irsa_has_suffix(wanted, ":root") ? arn_account(wanted, &wanted_len) : NULL;
    return of_wanted && wanted_len == 12 && strncmp(of_wanted, account, 12) == 0
           && strcmp(of_wanted + 12, ":root") == 0;
}

/* "You cannot use a wildcard to match part of a principal name or ARN": all are literal, but for
 * "*" alone under AWS, which is everybody. Federated takes no "*" (IAM refuses it: "Federated
 * principals must be valid domain names or SAML metadata ARNs"). */
static bool entry_matches(bool aws, const char *wanted, const struct irsa_request *request)
{
    if (strcmp(wanted, request->principal) == 0)
        return true;
    return aws && account_matches(wanted, request->principal);
}

static bool names_anybody(const json_t *values)
{
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *wanted = irsa_value_text(values, i);
        if (wanted && strcmp(wanted, "*") == 0)
            return true;
    }
    return false;
}

static bool principal_named(const json_t *principal, const struct irsa_request *request)
{
    if (!json_is_object(principal) || !request->principal_type || !request->principal)
        return false;
    const bool aws = strcmp(request->principal_type, "AWS") == 0;
    const json_t *values = json_object_get(principal, request->principal_type);
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *wanted = irsa_value_text(values, i);
        if (wanted && entry_matches(aws, wanted, request))
            return true;
    }
    return false;
}

static bool is_anybody(const json_t *principal)
{
    const char *text = json_string_value(principal);
    return text ? strcmp(text, "*") == 0 : names_anybody(json_object_get(principal, "AWS"));
}

/* Whether "*" lets in who comes with a token of an OIDC provider. "You can use a wildcard (*) to
 * specify all principals", says the page, and counts OIDC federated principals among them, but also
 * that for a provider of one's own "you specify the provider's ARN in your role's trust policy",
 * and that "*" and {"AWS": "*"} are equivalent "for anonymous users"; none of its sentences is
 * about AssumeRoleWithWebIdentity under an Allow. So there it is not known. That a Deny with it
 * takes such requests is what AWS's own samples for role trust policies and resource control
 * policies rest on (https://github.com/aws-samples/data-perimeter-policy-examples,
 * resource_based_policies/iam_role_trust_policy.json and
 * resource_control_policies/identity_perimeter_rcp.json). */
static enum irsa_tri anybody_matches(const struct irsa_statement *statement,
                                     const struct irsa_request *request)
{
    const bool federated =
        request->principal_type && strcmp(request->principal_type, "Federated") == 0;
    return federated && !statement->deny ? IRSA_MAYBE : IRSA_YES;
}

enum irsa_tri irsa_match_principal(const struct irsa_model *policy,
                                   const struct irsa_statement *statement,
                                   const struct irsa_request *request)
{
    /* An identity policy's principal is the identity that it is attached to. */
    if (policy->kind == IRSA_POLICY_IDENTITY)
        return IRSA_YES;
    if (!statement->principal)
        return IRSA_NO;
    const bool named = principal_named(statement->principal, request);
    const bool anybody = is_anybody(statement->principal);
    /* Refused in trust policies
     * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html);
     * whom it leaves over is everybody else. */
    if (statement->not_principal)
        return named || anybody ? IRSA_NO : anybody_matches(statement, request);
    if (named)
        return IRSA_YES;
    return anybody ? anybody_matches(statement, request) : IRSA_NO;
}

/* --- action: "The prefix and the action name are case insensitive", `*` and `?` are wildcards:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 * ----------- */

enum irsa_tri irsa_match_action(const struct irsa_statement *statement,
                                const struct irsa_request *request)
{
    bool listed = false;
    const size_t count = irsa_value_count(statement->action);
    for (size_t i = 0; i < count && !listed; i++) {
        const char *pattern = irsa_value_text(statement->action, i);
        listed = pattern && irsa_wildcard_match(pattern, request->action, /* ignore_case= */ true);
    }
    return listed != statement->not_action ? IRSA_YES : IRSA_NO;
}

/* --- resource --------------------------------------------------------------------------------- */

/* "You can use a policy variable in the Resource element, but only in the resource portion of the
 * ARN", which is what follows the fifth colon. */
static const char *resource_portion(const char *pattern)
{
    for (int colons = 0; colons < 5; colons++) {
        pattern = strchr(pattern, ':');
        if (!pattern)
            return NULL;
        pattern++;
    }
    return pattern;
}

static enum irsa_tri resource_matches(const char *pattern, const struct irsa_request *request,
                                      struct irsa_strings *unknown, bool *ret_invalid)
{
    const char *portion = resource_portion(pattern);
    if (!portion || !irsa_has_variable(portion))
        return irsa_resource_match(pattern, request->resource) ? IRSA_YES : IRSA_NO;
    irsa_auto_buf buf = {0};
    irsa_autofree char *key = NULL;
    irsa_buf_add(&buf, pattern, (size_t)(portion - pattern));
    switch (irsa_expand(portion, /* pattern= */ true, request, &buf, &key)) {
    case IRSA_EXPAND_UNKNOWN:
        if (unknown && !irsa_strings_has(unknown, key))
            irsa_strings_add(unknown, key);
        return IRSA_MAYBE;
    case IRSA_EXPAND_MISSING:
        *ret_invalid = true;
        return IRSA_NO;
    case IRSA_EXPAND_PLAIN:
    case IRSA_EXPAND_DONE:
    default:
        return irsa_resource_match(irsa_buf_str(&buf), request->resource) ? IRSA_YES : IRSA_NO;
    }
}

enum irsa_tri irsa_resource_test(const struct irsa_model *policy,
                                 const struct irsa_statement *statement,
                                 const struct irsa_request *request,
                                 struct irsa_strings *ret_unknown)
{
    /* A trust policy's resource is the role itself. */
    if (policy->kind == IRSA_POLICY_TRUST)
        return IRSA_YES;
    if (!statement->resource || !request->resource)
        return IRSA_NO;
    enum irsa_tri listed = IRSA_NO;
    bool invalid = false;
    const size_t count = irsa_value_count(statement->resource);
    for (size_t i = 0; i < count && listed != IRSA_YES; i++) {
        const char *pattern = irsa_value_text(statement->resource, i);
        if (!pattern)
            continue;
        if (policy->variables)
            listed = irsa_tri_or(listed, resource_matches(pattern, request, ret_unknown, &invalid));
        else if (irsa_resource_match(pattern, request->resource))
            listed = IRSA_YES;
    }
    if (!statement->not_resource)
        return listed;
    /* A variable without value makes the statement invalid, also where not matching would be right.
     */
    return invalid ? IRSA_NO : irsa_tri_not(listed);
}

enum irsa_tri irsa_match_resource(const struct irsa_model *policy,
                                  const struct irsa_statement *statement,
                                  const struct irsa_request *request)
{
    return irsa_resource_test(policy, statement, request, NULL);
}

/* --- all together ----------------------------------------------------------------------------- */

enum irsa_tri irsa_match_statement(const struct irsa_model *policy,
                                   const struct irsa_statement *statement,
                                   const struct irsa_request *request)
{
    if (statement->malformed || irsa_match_action(statement, request) == IRSA_NO)
        return IRSA_NO;
    enum irsa_tri result = irsa_match_principal(policy, statement, request);
    if (result != IRSA_NO)
        result = irsa_tri_and(result, irsa_match_resource(policy, statement, request));
    for (size_t i = 0; i < statement->condition_count && result != IRSA_NO; i++)
        result =
            irsa_tri_and(result, irsa_match_condition(policy, &statement->conditions[i], request));
    return result;
}

struct tally {
    enum irsa_tri allow;
    enum irsa_tri deny;
};

static struct tally tally_policy(const struct irsa_model *policy,
                                 const struct irsa_request *request)
{
    struct tally tally = {IRSA_NO, IRSA_NO};
    if (!policy->usable)
        return tally;
    for (size_t i = 0; i < policy->statement_count; i++) {
        const struct irsa_statement *statement = &policy->statements[i];
        enum irsa_tri *side = statement->deny ? &tally.deny : &tally.allow;
        if (*side != IRSA_YES)
            *side = irsa_tri_or(*side, irsa_match_statement(policy, statement, request));
        if (tally.deny == IRSA_YES)
            break;
    }
    return tally;
}

static enum irsa_decision conclude(const struct tally *tally)
{
    if (tally->deny == IRSA_YES)
        return IRSA_DECISION_DENIED_EXPLICIT;
    if (tally->allow == IRSA_NO)
        return IRSA_DECISION_DENIED_IMPLICIT;
    return tally->allow == IRSA_YES && tally->deny == IRSA_NO ? IRSA_DECISION_ALLOWED
                                                              : IRSA_DECISION_UNKNOWN;
}

enum irsa_decision irsa_policy_decide(const struct irsa_policy *policy,
                                      const struct irsa_request *request)
{
    const struct tally tally = tally_policy(irsa_model_of(policy), request);
    return conclude(&tally);
}

/* "An explicit deny in any of these policies overrides the allow"; the boundary gives no permission
 * of its own: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html */
enum irsa_decision irsa_policies_decide(const struct irsa_policy *const *policies, size_t count,
                                        const struct irsa_policy *boundary,
                                        const struct irsa_request *request)
{
    struct tally all = {IRSA_NO, IRSA_NO};
    for (size_t i = 0; i < count; i++) {
        const struct tally one = tally_policy(irsa_model_of(policies[i]), request);
        all.allow = irsa_tri_or(all.allow, one.allow);
        all.deny = irsa_tri_or(all.deny, one.deny);
    }
    if (boundary) {
        const struct tally one = tally_policy(irsa_model_of(boundary), request);
        all.allow = irsa_tri_and(all.allow, one.allow);
        all.deny = irsa_tri_or(all.deny, one.deny);
    }
    return conclude(&all);
}
