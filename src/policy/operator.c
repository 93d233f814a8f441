/* SPDX-License-Identifier: Apache-2.0 */
/* The names of condition operators:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
#include "policy/model.h"

#include <strings.h>

static const struct {
    const char *name;
    enum irsa_operator_family family;
    enum irsa_comparison comparison;
    bool negated;
} operators[] = {
    {"StringEquals", IRSA_FAMILY_STRING, IRSA_CMP_EQ, false},
    {"StringLike", IRSA_FAMILY_STRING_LIKE, IRSA_CMP_EQ, false},
    {"StringNotEquals", IRSA_FAMILY_STRING, IRSA_CMP_EQ, true},
    {"StringNotLike", IRSA_FAMILY_STRING_LIKE, IRSA_CMP_EQ, true},
    {"StringEqualsIgnoreCase", IRSA_FAMILY_STRING_CASE, IRSA_CMP_EQ, false},
    {"StringNotEqualsIgnoreCase", IRSA_FAMILY_STRING_CASE, IRSA_CMP_EQ, true},
    {"NumericEquals", IRSA_FAMILY_NUMERIC, IRSA_CMP_EQ, false},
    {"NumericNotEquals", IRSA_FAMILY_NUMERIC, IRSA_CMP_EQ, true},
    {"NumericLessThan", IRSA_FAMILY_NUMERIC, IRSA_CMP_LT, false},
    {"NumericLessThanEquals", IRSA_FAMILY_NUMERIC, IRSA_CMP_LE, false},
    {"NumericGreaterThan", IRSA_FAMILY_NUMERIC, IRSA_CMP_GT, false},
    {"NumericGreaterThanEquals", IRSA_FAMILY_NUMERIC, IRSA_CMP_GE, false},
    {"DateEquals", IRSA_FAMILY_DATE, IRSA_CMP_EQ, false},
    {"DateNotEquals", IRSA_FAMILY_DATE, IRSA_CMP_EQ, true},
    {"DateLessThan", IRSA_FAMILY_DATE, IRSA_CMP_LT, false},
    {"DateLessThanEquals", IRSA_FAMILY_DATE, IRSA_CMP_LE, false},
    {"DateGreaterThan", IRSA_FAMILY_DATE, IRSA_CMP_GT, false},
    {"DateGreaterThanEquals", IRSA_FAMILY_DATE, IRSA_CMP_GE, false},
    {"Bool", IRSA_FAMILY_BOOL, IRSA_CMP_EQ, false},
    {"BinaryEquals", IRSA_FAMILY_BINARY, IRSA_CMP_EQ, false},
    {"IpAddress", IRSA_FAMILY_IP, IRSA_CMP_EQ, false},
    {"NotIpAddress", IRSA_FAMILY_IP, IRSA_CMP_EQ, true},
    {"ArnEquals", IRSA_FAMILY_ARN, IRSA_CMP_EQ, false},
    {"ArnLike", IRSA_FAMILY_ARN, IRSA_CMP_EQ, false},
    {"ArnNotEquals", IRSA_FAMILY_ARN, IRSA_CMP_EQ, true},
    {"ArnNotLike", IRSA_FAMILY_ARN, IRSA_CMP_EQ, true},
    {"Null", IRSA_FAMILY_NULL, IRSA_CMP_EQ, false},
};

#define FOR_ALL "ForAllValues:"
#define FOR_ANY "ForAnyValue:"
#define IF_EXISTS "IfExists"

struct parts {
    enum irsa_set_operator set;
    const char *base;
    size_t base_len;
    bool if_exists;
};

typedef int compare_function(const char *a, const char *b, size_t len);

static struct parts split(const char *name, compare_function *compare)
{
    struct parts parts = {.base = name};
    if (compare(name, FOR_ALL, strlen(FOR_ALL)) == 0) {
        parts.set = IRSA_SET_FOR_ALL;
        parts.base += strlen(FOR_ALL);
    } else if (compare(name, FOR_ANY, strlen(FOR_ANY)) == 0) {
        parts.set = IRSA_SET_FOR_ANY;
        parts.base += strlen(FOR_ANY);
    }
    parts.base_len = strlen(parts.base);
    const size_t suffix = strlen(IF_EXISTS);
    if (parts.base_len > suffix
        && compare(parts.base + parts.base_len - suffix, IF_EXISTS, suffix) == 0) {
        parts.if_exists = true;
        parts.base_len -= suffix;
    }
    return parts;
}

static size_t find(const struct parts *parts, compare_function *compare)
{
    for (size_t i = 0; i < IRSA_COUNT(operators); i++) {
        if (strlen(operators[i].name) == parts->base_len
            && compare(parts->base, operators[i].name, parts->base_len) == 0)
            return i;
    }
    return SIZE_MAX;
}

bool irsa_operator_parse(const char *name, struct irsa_operator *ret)
{
    const struct parts parts = split(name, strncmp);
    const size_t found = find(&parts, strncmp);
    if (found == SIZE_MAX)
        return false;
    /* "You can add IfExists to the end of any condition operator name except the Null condition."
     */
    if (operators[found].family == IRSA_FAMILY_NULL && parts.if_exists)
        return false;
    *ret = (struct irsa_operator){
        .family = operators[found].family,
        .comparison = operators[found].comparison,
        .negated = operators[found].negated,
        .if_exists = parts.if_exists,
        .set = parts.set,
    };
    return true;
}

static const char *set_text(enum irsa_set_operator set)
{
    if (set == IRSA_SET_NONE)
        return "";
    return set == IRSA_SET_FOR_ALL ? FOR_ALL : FOR_ANY;
}

char *irsa_operator_suggest(const char *name)
{
    const struct parts parts = split(name, strncasecmp);
    const char *best = NULL;
    const size_t found = find(&parts, strncasecmp);
    if (found != SIZE_MAX) {
        best = operators[found].name;
    } else {
        const char *names[IRSA_COUNT(operators)];
        for (size_t i = 0; i < IRSA_COUNT(operators); i++)
            names[i] = operators[i].name;
        irsa_autofree char *base = irsa_strndup(parts.base, parts.base_len);
        best = irsa_nearest(base, names, IRSA_COUNT(names));
    }
    if (!best || (parts.if_exists && strcmp(best, "Null") == 0))
        return NULL;
    return irsa_format("%s%s%s", set_text(parts.set), best, parts.if_exists ? IF_EXISTS : "");
}
