/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The typed model of a policy: a thin view over the json document, made in one pass with two
 * allocations. Everything in it is borrowed from the document, of which the model holds a
 * reference. A policy that is kept for later has no model until it is asked something: then there
 * are only the document's bytes (irsa_policy_freeze). Private to src/policy.
 */
#ifndef IRSA_FIX_POLICY_MODEL_H
#define IRSA_FIX_POLICY_MODEL_H

#include "irsa/policy.h"

/* Three-valued logic: MAYBE is "hangs on a key that can't be known beforehand". */
enum irsa_tri { IRSA_NO, IRSA_YES, IRSA_MAYBE };
static inline enum irsa_tri irsa_tri_and(enum irsa_tri a, enum irsa_tri b)
{
    if (a == IRSA_NO || b == IRSA_NO)
        return IRSA_NO;
    return a == IRSA_YES && b == IRSA_YES ? IRSA_YES : IRSA_MAYBE;
}
static inline enum irsa_tri irsa_tri_or(enum irsa_tri a, enum irsa_tri b)
{
    if (a == IRSA_YES || b == IRSA_YES)
        return IRSA_YES;
    return a == IRSA_NO && b == IRSA_NO ? IRSA_NO : IRSA_MAYBE;
}
static inline enum irsa_tri irsa_tri_not(enum irsa_tri a)
{
    if (a == IRSA_MAYBE)
        return IRSA_MAYBE;
    return a == IRSA_YES ? IRSA_NO : IRSA_YES;
}

/* --- values: where IAM takes one value or an array of them, both are walked alike ------------- */

/* 0 for NULL, the array's size, else 1. */
size_t irsa_value_count(const json_t *values);
/* Borrowed. The value itself at index 0 when it is no array. */
json_t *irsa_value_at(const json_t *values, size_t index);
/* The string at index, or NULL where it is no string. */
const char *irsa_value_text(const json_t *values, size_t index);
/* True when values is a string or a non-empty array of strings only. */
bool irsa_value_is_strings(const json_t *values);

/* --- condition operators ---------------------------------------------------------------------- */

enum irsa_operator_family {
    IRSA_FAMILY_STRING,      /* StringEquals */
    IRSA_FAMILY_STRING_CASE, /* StringEqualsIgnoreCase */
    IRSA_FAMILY_STRING_LIKE, /* StringLike: wildcards */
    IRSA_FAMILY_NUMERIC,
    IRSA_FAMILY_DATE,
    IRSA_FAMILY_BOOL,
    IRSA_FAMILY_BINARY,
    IRSA_FAMILY_IP,
    IRSA_FAMILY_ARN, /* ArnEquals and ArnLike, which behave alike: wildcards in each part */
    IRSA_FAMILY_NULL,
};
enum irsa_comparison { IRSA_CMP_EQ, IRSA_CMP_LT, IRSA_CMP_LE, IRSA_CMP_GT, IRSA_CMP_GE };
enum irsa_set_operator { IRSA_SET_NONE, IRSA_SET_FOR_ALL, IRSA_SET_FOR_ANY };

struct irsa_operator {
    enum irsa_operator_family family;
    enum irsa_comparison comparison; /* Numeric* and Date* only; else EQ */
    bool negated;                    /* StringNotEquals, ArnNotLike, NotIpAddress, ... */
    bool if_exists;
    enum irsa_set_operator set;
};
/* False for a name that IAM does not have (exact letter case). */
bool irsa_operator_parse(const char *name, struct irsa_operator *ret);
/* The right name for one in wrong letter case ("stringequals"); NULL where nothing is near. The
 * caller's. */
char *irsa_operator_suggest(const char *name);

/* --- statements ------------------------------------------------------------------------------- */

struct irsa_condition {
    const char *operator_; /* as written */
    const char *key;       /* as written */
    const json_t *values;
    bool known; /* the operator is one of IAM's and the values are of a kind it takes */
    struct irsa_operator op;
};

struct irsa_statement {
    const json_t *json;
    const char *sid;  /* NULL where there is none */
    bool malformed;   /* could not be understood: never matches, never edited */
    const char *flaw; /* why, static text; NULL unless malformed */
    bool deny;
    bool not_principal;
    bool not_action;
    bool not_resource;
    const json_t *principal; /* Principal or NotPrincipal: "*" or an object; NULL where missing */
    const json_t *action;    /* Action or NotAction: string or array of strings */
    const json_t *resource;  /* the same; NULL where missing */
    const struct irsa_condition *conditions; /* one per operator and key, in document order */
    size_t condition_count;
};

struct irsa_model {
    json_t *document; /* a reference; NULL after a syntax error */
    enum irsa_policy_kind kind;
    bool usable;    /* the document's own level is in order; else it denies implicitly */
    bool variables; /* Version 2012-10-17: ${...} in values are policy variables */
    struct irsa_statement *statements;
    size_t statement_count;
    struct irsa_condition *conditions; /* of all statements, in order */
    size_t condition_count;
};
/* Takes the reference; document may be NULL. The model is the caller's. (parse.c) */
struct irsa_model *irsa_model_new(json_t *document, enum irsa_policy_kind kind);
void irsa_model_free(struct irsa_model *model);
static inline void irsa_model_freep(struct irsa_model **p)
{
    irsa_model_free(*p);
}
#define irsa_auto_model IRSA_CLEANUP(irsa_model_freep) struct irsa_model *

struct irsa_policy {
    enum irsa_policy_kind kind;
    bool refused; /* as text: a syntax error, or a key that is there twice. It decides nothing */
    bool validated;
    struct irsa_model *model; /* NULL while frozen */
    char *frozen;             /* the document's bytes (irsa_json_freeze); NULL unless frozen */
    size_t frozen_len;
    struct irsa_policy_issue *issues;
    size_t issue_count;
    size_t shared; /* by how many more than one */
};
/* The model, made where there is none and kept from then on. Borrowed. (policy.c) */
const struct irsa_model *irsa_model_of(const struct irsa_policy *policy);
/* For one question that is asked of many policies: a frozen one stays so. Borrowed from the policy,
 * or from *ret_own, which becomes the caller's. */
const struct irsa_model *irsa_model_for_once(const struct irsa_policy *policy,
                                             struct irsa_model **ret_own);

/* --- parts of the evaluation, for those who ask about one element ----------------------------- */

/* Does the statement's element match the request? (For NotPrincipal, NotAction, NotResource: yes
 * when the list does not have it.) */
enum irsa_tri irsa_match_principal(const struct irsa_model *policy,
                                   const struct irsa_statement *statement,
                                   const struct irsa_request *request);
enum irsa_tri irsa_match_action(const struct irsa_statement *statement,
                                const struct irsa_request *request);
enum irsa_tri irsa_match_resource(const struct irsa_model *policy,
                                  const struct irsa_statement *statement,
                                  const struct irsa_request *request);
enum irsa_tri irsa_match_condition(const struct irsa_model *policy,
                                   const struct irsa_condition *condition,
                                   const struct irsa_request *request);
/* All elements together. */
enum irsa_tri irsa_match_statement(const struct irsa_model *policy,
                                   const struct irsa_statement *statement,
                                   const struct irsa_request *request);

/* IAM's wildcards over the whole text: `*` any run, `?` one character. */
bool irsa_wildcard_match(const char *pattern, const char *text, bool ignore_case);
/* True when the text has an unescaped `*` or `?` (policy variables ${*} and ${?} do not count). */
bool irsa_has_wildcard(const char *text);

/* --- condition keys --------------------------------------------------------------------------- */

/* True when key is PREFIX:claim, keys being case-insensitive. */
bool irsa_key_is(const char *key, const char *prefix, const char *claim);
/* The claim of a key of an OIDC issuer ("sub" of "oidc.eks.../id/X:sub"): what follows the last
 * colon; NULL for keys without one. Borrowed. */
const char *irsa_key_claim(const char *key);
/* The length of what stands before the claim's colon. */
size_t irsa_key_prefix_length(const char *key);

#endif
