/* SPDX-License-Identifier: Apache-2.0 */
/* The comparison of one policy value with one request value, and the request's keys. Private to
 * src/policy. */
#ifndef IRSA_FIX_POLICY_MATCH_H
#define IRSA_FIX_POLICY_MATCH_H

#include "policy/model.h"

/* In patterns made by variable expansion this byte makes the next one literal. JSON text can't hold
 * it unescaped, and IAM refuses control characters in documents
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html, PolicyDocument's
 * pattern starts at U+0020 but for tab, line feed and carriage return). */
#define IRSA_PATTERN_ESCAPE '\x01'

/* irsa_wildcard_match for patterns with escapes. */
bool irsa_pattern_match(const char *pattern, const char *text, bool ignore_case);
/* A Resource's pattern against an ARN. */
bool irsa_resource_match(const char *pattern, const char *arn);
/* ArnEquals and ArnLike: part by part. */
bool irsa_arn_like(const char *pattern, const char *arn);

/* One value of the policy against one of the request, as the family compares them. The texts are
 * those of scalars: strings as they are, numbers and booleans printed. */
bool irsa_compare(const struct irsa_operator *op, const char *policy_text,
                  const char *request_text);

/* True when text is a value that the family can compare (a number, a date, an address, ...). */
bool irsa_value_fits(enum irsa_operator_family family, const char *text);

/* What is known of a key. */
enum irsa_key_presence { IRSA_KEY_UNKNOWN, IRSA_KEY_ABSENT, IRSA_KEY_PRESENT };
/* The key's value in the request (borrowed), for IRSA_KEY_PRESENT only. */
enum irsa_key_presence irsa_request_key(const struct irsa_request *request, const char *key,
                                        const json_t **ret_value);

/* The text of a scalar: borrowed where it is a string, else printed into `space`. */
#define IRSA_SCALAR_SPACE 64
const char *irsa_scalar_text(const json_t *value, char space[IRSA_SCALAR_SPACE]);

enum irsa_expansion {
    IRSA_EXPAND_PLAIN,   /* no variable in it: use the text as it is */
    IRSA_EXPAND_DONE,    /* *ret is the expanded text */
    IRSA_EXPAND_MISSING, /* a variable has no value: the text matches nothing */
    IRSA_EXPAND_UNKNOWN, /* a variable's value is not known */
};
/* Policy variables of one text. `pattern`: what variables bring in is escaped, so that it is taken
 * literally. The first key not known is stored in *ret_key where ret_key is not NULL; the caller's.
 */
enum irsa_expansion irsa_expand(const char *text, bool pattern, const struct irsa_request *request,
                                struct irsa_buf *ret, char **ret_key);
/* True when the text has a `${`. */
bool irsa_has_variable(const char *text);

/* As irsa_match_condition, naming what is not known: each key is added to `unknown` (NULL: not
 * wanted) once. */
enum irsa_tri irsa_condition_test(const struct irsa_model *policy,
                                  const struct irsa_condition *condition,
                                  const struct irsa_request *request,
                                  struct irsa_strings *ret_unknown);
enum irsa_tri irsa_resource_test(const struct irsa_model *policy,
                                 const struct irsa_statement *statement,
                                 const struct irsa_request *request,
                                 struct irsa_strings *ret_unknown);

#endif
