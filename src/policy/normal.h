/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A statement in a form in which order, one-element arrays, Sids and letter case that does not
 * count are gone: elements by label, each with its set of values. What the comparison and the diff
 * by meaning share. Private to src/policy.
 */
#ifndef IRSA_FIX_POLICY_NORMAL_H
#define IRSA_FIX_POLICY_NORMAL_H

#include "policy/model.h"

struct irsa_normal_value {
    char *form; /* what is compared */
    char *text; /* as written, for people */
};
struct irsa_normal_element {
    char *form;  /* "Condition StringEquals issuer:sub" in lower case where case does not count */
    char *label; /* "Condition StringEquals ISSUER:sub" */
    struct irsa_normal_value *values; /* sorted by form, each once */
    size_t len;
};
struct irsa_normal_statement {
    const char *sid;                      /* borrowed */
    char *path;                           /* "Statement[1]" */
    struct irsa_normal_element *elements; /* sorted by form */
    size_t len;
    char *form; /* of the whole */
};
struct irsa_normal_policy {
    struct irsa_model *model;
    struct irsa_normal_statement *statements;
    size_t len;
};

void irsa_normalise(const json_t *document, struct irsa_normal_policy *ret);
/* True when a value has a `${`. */
bool irsa_normal_has_variable(const struct irsa_normal_policy *policy);
void irsa_normal_policy_done(struct irsa_normal_policy *policy);
#define irsa_auto_normal_policy IRSA_CLEANUP(irsa_normal_policy_done) struct irsa_normal_policy

#endif
