/* SPDX-License-Identifier: Apache-2.0 */
/* Condition:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html What
 * is particular to trust policies is in validate_trust.c. */
#include "policy/issues.h"
#include "policy/match.h"

#include <strings.h>

static bool has_null_check(const struct irsa_statement *statement, const char *key)
{
    char space[IRSA_SCALAR_SPACE];
    for (size_t i = 0; i < statement->condition_count; i++) {
        const struct irsa_condition *condition = &statement->conditions[i];
        if (condition->known && condition->op.family == IRSA_FAMILY_NULL
            && strcasecmp(condition->key, key) == 0 && irsa_value_count(condition->values) == 1
            && strcasecmp(irsa_scalar_text(irsa_value_at(condition->values, 0), space), "false")
                   == 0)
            return true;
    }
    return false;
}

bool irsa_condition_has_hole(const struct irsa_statement *statement,
                             const struct irsa_condition *condition)
{
    return condition->known && condition->op.set == IRSA_SET_FOR_ALL
           && condition->op.family != IRSA_FAMILY_NULL
           && !has_null_check(statement, condition->key);
}

static void validate_value(struct irsa_policy *policy, const struct irsa_condition *condition,
                           const char *where, const char *text)
{
    const bool variable = policy->model->variables && irsa_has_variable(text);
    switch (condition->op.family) {
    case IRSA_FAMILY_STRING:
    case IRSA_FAMILY_STRING_CASE:
        if (irsa_has_wildcard(text))
            irsa_policy_add_issue(policy, false, where,
                                  "\"%s\": under %s a wildcard is an ordinary character "
                                  "(StringLike takes wildcards)",
                                  text, condition->operator_);
        break;
    case IRSA_FAMILY_ARN:
        if (!variable && strcmp(text, "*") != 0 && !irsa_has_prefix(text, "arn:") && text[0] != '*')
            irsa_policy_add_issue(policy, false, where, "\"%s\" is no ARN, so it matches nothing",
                                  text);
        break;
    case IRSA_FAMILY_NUMERIC:
    case IRSA_FAMILY_DATE:
    case IRSA_FAMILY_BOOL:
    case IRSA_FAMILY_IP:
    case IRSA_FAMILY_NULL:
        if (!variable && !irsa_value_fits(condition->op.family, text))
            irsa_policy_add_issue(policy, false, where,
                                  "\"%s\" is not of the form that %s compares", text,
                                  condition->operator_);
        break;
    case IRSA_FAMILY_STRING_LIKE:
    case IRSA_FAMILY_BINARY:
    default:
        break;
    }
}

static void validate_values(struct irsa_policy *policy, const struct irsa_statement *statement,
                            const struct irsa_condition *condition, const char *where)
{
    if (!condition->known) {
        irsa_policy_add_issue(policy, true, where, "values must be strings, numbers or booleans");
        return;
    }
    const size_t count = irsa_value_count(condition->values);
    if (count == 0)
        irsa_policy_add_issue(policy, false, where, "has no values: nothing can match");
    char space[IRSA_SCALAR_SPACE];
    for (size_t i = 0; i < count; i++)
        validate_value(policy, condition, where,
                       irsa_scalar_text(irsa_value_at(condition->values, i), space));
    /* "Use caution if you use ForAllValues with an Allow effect because it can be overly
     * permissive if the presence of missing context keys ... is unexpected":
     * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
     */
    if (!statement->deny && irsa_condition_has_hole(statement, condition))
        irsa_policy_add_issue(policy, false, where,
                              "ForAllValues is also true when the key is not in the request; a "
                              "Null condition with \"false\" closes that");
}

static void validate_key(struct irsa_policy *policy, const struct irsa_statement *statement,
                         const struct irsa_condition *condition, const char *path)
{
    irsa_autofree char *where =
        irsa_format("%s.Condition.%s.%s", path, condition->operator_, condition->key);
    /* IAM: "Actions/Conditions must be prefaced by a vendor". */
    if (!strchr(condition->key, ':'))
        irsa_policy_add_issue(policy, true, where,
                              "a condition key has a prefix and a colon, as in \"aws:SourceIp\"");
    validate_values(policy, statement, condition, where);
    if (policy->kind == IRSA_POLICY_TRUST)
        irsa_validate_trust_key(policy, statement, condition, where);
}

/* The operator's own object; false where its keys need no look. */
static bool validate_operator(struct irsa_policy *policy, const char *path, const char *operator_,
                              const json_t *keys)
{
    irsa_autofree char *where = irsa_format("%s.Condition.%s", path, operator_);
    struct irsa_operator op;
    if (!irsa_operator_parse(operator_, &op)) {
        irsa_autofree char *suggestion = irsa_operator_suggest(operator_);
        irsa_policy_add_issue(policy, true, where, "IAM knows no such condition operator%s%s%s",
                              suggestion ? " (did you mean " : "", suggestion ? suggestion : "",
                              suggestion ? "?)" : "");
        return false;
    }
    if (!json_is_object(keys)) {
        irsa_policy_add_issue(policy, true, where, "must be an object of keys and values");
        return false;
    }
    return true;
}

void irsa_validate_conditions(struct irsa_policy *policy, const struct irsa_statement *statement,
                              const char *path)
{
    json_t *condition = json_object_get(statement->json, "Condition");
    if (condition && !json_is_object(condition)) {
        irsa_autofree char *where = irsa_format("%s.Condition", path);
        irsa_policy_add_issue(policy, true, where, "must be an object of condition operators");
    }
    size_t next = 0;
    const char *operator_;
    json_t *keys;
    json_object_foreach(condition, operator_, keys)
    {
        const size_t count = json_object_size(keys);
        const bool look = validate_operator(policy, path, operator_, keys);
        for (size_t i = 0; i < count && look; i++)
            validate_key(policy, statement, &statement->conditions[next + i], path);
        next += count;
    }
    if (policy->kind == IRSA_POLICY_TRUST)
        irsa_validate_trust_statement(policy, statement, path);
}
