/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One condition: an operator, a key, values. Values are alternatives (OR); under a negated operator
 * none may match (NOR); the set operators quantify over the request's values:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
#include "policy/match.h"

static void note_unknown(struct irsa_strings *unknown, const char *key)
{
    if (unknown && !irsa_strings_has(unknown, key))
        irsa_strings_add(unknown, key);
}

/* "You can use a policy variable for Condition values in any condition that involves the string
 * operators or the ARN operators", and Bool by the operators' page. */
static bool takes_variables(enum irsa_operator_family family)
{
    return family == IRSA_FAMILY_STRING || family == IRSA_FAMILY_STRING_CASE
           || family == IRSA_FAMILY_STRING_LIKE || family == IRSA_FAMILY_ARN
           || family == IRSA_FAMILY_BOOL;
}

struct test {
    const struct irsa_model *policy;
    const struct irsa_condition *condition;
    const struct irsa_request *request;
    struct irsa_strings *unknown;
    bool invalid; /* a variable could not be resolved: see value_matches */
};

/* Does one of the policy's values match this one of the request? */
static enum irsa_tri value_matches(struct test *test, size_t index, const char *request_text)
{
    const struct irsa_operator *op = &test->condition->op;
    char space[IRSA_SCALAR_SPACE];
    const char *text = irsa_scalar_text(irsa_value_at(test->condition->values, index), space);
    if (!test->policy->variables || !takes_variables(op->family))
        return irsa_compare(op, text, request_text) ? IRSA_YES : IRSA_NO;
    const bool pattern = op->family == IRSA_FAMILY_STRING_LIKE || op->family == IRSA_FAMILY_ARN;
    irsa_auto_buf buf = {0};
    irsa_autofree char *key = NULL;
    switch (irsa_expand(text, pattern, test->request, &buf, &key)) {
    case IRSA_EXPAND_PLAIN:
        return irsa_compare(op, text, request_text) ? IRSA_YES : IRSA_NO;
    case IRSA_EXPAND_DONE:
        return irsa_compare(op, irsa_buf_str(&buf), request_text) ? IRSA_YES : IRSA_NO;
    case IRSA_EXPAND_UNKNOWN:
        note_unknown(test->unknown, key);
        return IRSA_MAYBE;
    case IRSA_EXPAND_MISSING:
    default:
        /* "any attempt to match it fails and causes the statement to be invalid" */
        test->invalid = true;
        return IRSA_NO;
    }
}

static enum irsa_tri any_value_matches(struct test *test, const json_t *request_value)
{
    char space[IRSA_SCALAR_SPACE];
    const char *text = irsa_scalar_text(request_value, space);
    enum irsa_tri result = IRSA_NO;
    const size_t count = irsa_value_count(test->condition->values);
    for (size_t i = 0; i < count && result != IRSA_YES; i++)
        result = irsa_tri_or(result, value_matches(test, i, text));
    return result;
}

/* "...if the context key value resolves to a null dataset, such as an empty string" */
static bool is_empty_set(const json_t *values)
{
    if (json_is_array(values))
        return json_array_size(values) == 0;
    return json_is_string(values) && json_string_length(values) == 0;
}

static enum irsa_tri test_set(struct test *test, const json_t *values)
{
    const struct irsa_operator *op = &test->condition->op;
    const bool all = op->set == IRSA_SET_FOR_ALL;
    if (is_empty_set(values))
        return all ? IRSA_YES : IRSA_NO;
    enum irsa_tri result = all ? IRSA_YES : IRSA_NO;
    const size_t count = irsa_value_count(values);
    for (size_t i = 0; i < count; i++) {
        enum irsa_tri one = any_value_matches(test, irsa_value_at(values, i));
        if (op->negated)
            one = irsa_tri_not(one);
        result = all ? irsa_tri_and(result, one) : irsa_tri_or(result, one);
    }
    return result;
}

/* Without a set operator. "Multivalued context keys require a condition set operator"; what holds
 * where there is none is not documented, so it is not known. */
static enum irsa_tri test_plain(struct test *test, const json_t *values)
{
    if (irsa_value_count(values) > 1) {
        note_unknown(test->unknown, test->condition->key);
        return IRSA_MAYBE;
    }
    const enum irsa_tri result = any_value_matches(test, irsa_value_at(values, 0));
    return test->condition->op.negated ? irsa_tri_not(result) : result;
}

/* "use either true (the key doesn't exist - it is null) or false (the key exists and its value is
 * not null)" */
static enum irsa_tri test_null(const struct irsa_condition *condition,
                               enum irsa_key_presence presence)
{
    if (presence == IRSA_KEY_UNKNOWN)
        return IRSA_MAYBE;
    const struct irsa_operator boolean = {.family = IRSA_FAMILY_BOOL};
    const char *is_null = presence == IRSA_KEY_ABSENT ? "true" : "false";
    char space[IRSA_SCALAR_SPACE];
    for (size_t i = 0; i < irsa_value_count(condition->values); i++) {
        const char *text = irsa_scalar_text(irsa_value_at(condition->values, i), space);
        if (irsa_compare(&boolean, text, is_null))
            return IRSA_YES;
    }
    return IRSA_NO;
}

static enum irsa_tri when_absent(const struct irsa_operator *op)
{
    /* "If the key is not present, evaluate the condition element as true." */
    if (op->if_exists)
        return IRSA_YES;
    /* ForAllValues "also returns true if there are no context keys in the request", ForAnyValue
     * false. */
    if (op->set == IRSA_SET_FOR_ALL)
        return IRSA_YES;
    if (op->set == IRSA_SET_FOR_ANY)
        return IRSA_NO;
    /* "If the policy condition requires that the key is not matched, such as StringNotLike or
     * ArnNotLike, and the right key is not present, the condition is true." */
    return op->negated ? IRSA_YES : IRSA_NO;
}

enum irsa_tri irsa_condition_test(const struct irsa_model *policy,
                                  const struct irsa_condition *condition,
                                  const struct irsa_request *request,
                                  struct irsa_strings *ret_unknown)
{
    if (!condition->known)
        return IRSA_NO;
    const json_t *values = NULL;
    const enum irsa_key_presence presence = irsa_request_key(request, condition->key, &values);
    if (presence == IRSA_KEY_UNKNOWN)
        note_unknown(ret_unknown, condition->key);
    if (condition->op.family == IRSA_FAMILY_NULL)
        return test_null(condition, presence);
    if (presence == IRSA_KEY_UNKNOWN)
        return IRSA_MAYBE;
    if (presence == IRSA_KEY_ABSENT || irsa_value_count(values) == 0)
        return when_absent(&condition->op);
    struct test test = {policy, condition, request, ret_unknown, false};
    const enum irsa_tri result =
        condition->op.set == IRSA_SET_NONE ? test_plain(&test, values) : test_set(&test, values);
    return test.invalid && (condition->op.negated || result == IRSA_NO) ? IRSA_NO : result;
}

enum irsa_tri irsa_match_condition(const struct irsa_model *policy,
                                   const struct irsa_condition *condition,
                                   const struct irsa_request *request)
{
    return irsa_condition_test(policy, condition, request, NULL);
}
