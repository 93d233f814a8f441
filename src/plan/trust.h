/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trust policy of one role while it is edited: a working copy that takes one wish after the
 * other. Room-private.
 */
#ifndef IRSA_FIX_PLAN_TRUST_H
#define IRSA_FIX_PLAN_TRUST_H

#include "plan/draft.h"

struct irsa_trust_want {
    size_t binding;
    size_t *findings;
    size_t finding_count;
    bool refused;    /* no edit makes the policy allow it */
    bool over_quota; /* only in a policy that IAM would refuse for its length */
    bool pattern;    /* its author may have meant a pattern */
};
struct irsa_trust_narrow {
    const struct irsa_fix *fix;
    size_t finding;
};
struct irsa_trust_work {
    char *role_arn;
    struct irsa_trust_want *wants;
    size_t want_count;
    struct irsa_map want_index; /* by binding, as text */
    struct irsa_trust_narrow *narrows;
    size_t narrow_count;
};

/* A document on its way. */
struct irsa_trust_copy {
    json_t *document;           /* owned; NULL: none that can be used */
    struct irsa_policy *policy; /* of document, owned; NULL with it */
    struct irsa_strings notes;
    size_t size;
};
/* The copy starts with this document (a new reference is taken). */
void irsa_trust_copy_set(struct irsa_trust_copy *copy, const json_t *document);
void irsa_trust_copy_done(struct irsa_trust_copy *copy);
#define irsa_auto_trust_copy IRSA_CLEANUP(irsa_trust_copy_done) struct irsa_trust_copy

struct irsa_trust_step {
    size_t binding;
    bool pattern; /* take what the author may have meant, where there is such a thing */
    const struct irsa_policy *base; /* of a document that has no value (syntax error), or NULL */
};
/* Makes the copy allow the binding. Returns 0, or -1 with the reason (taken by the caller: a
 * finding's note). *ret_pattern: an alternative with a pattern exists. *reterr is set only for what
 * stops all planning (a template that does not expand): then *ret_reason is NULL. */
int irsa_trust_allow(struct irsa_builder *builder, struct irsa_trust_copy *copy,
                     struct irsa_trust_step step, bool *ret_pattern, char **ret_reason,
                     struct irsa_error **reterr);
/* True when the policy lets the binding in by evaluation (or hangs on unknown keys alone). */
bool irsa_trust_lets_in(const struct irsa_builder *builder, const struct irsa_policy *policy,
                        size_t binding);

/* One role on the way from wishes to changes. */
struct irsa_trust_run {
    struct irsa_builder *builder;
    struct irsa_trust_work *work;
    const struct irsa_policy *base; /* the policy as it is; NULL: a new role, or not seen */
    const json_t *original;         /* its document, or NULL */
    size_t quota;
    bool merged;    /* statement numbers are no longer the original's */
    json_t *cursor; /* owned: what stands there once all that is not held back is applied */
};
/* The change from what stands there then (run->cursor) to the copy, whose notes it takes; returns
 * the draft. Unless it is held back, the copy is what stands there from now on. */
size_t irsa_trust_add_change(struct irsa_trust_run *run, enum irsa_class class_, bool over_quota,
                             struct irsa_trust_copy *copy);
void irsa_trust_serve(struct irsa_trust_run *run, size_t draft, const struct irsa_trust_want *want);
/* What IAM accepts for a trust policy that is `original` now (NULL: new), in characters. */
size_t irsa_trust_quota(const struct irsa_plan *plan, const json_t *original);
/* Merges statements where the copy then fits. */
bool irsa_trust_merge_to_fit(struct irsa_trust_copy *copy, size_t quota);
/* Why one that does not fit is held back; the caller's. */
char *irsa_trust_over_quota(const struct irsa_trust_copy *copy, size_t quota);
/* Held-back changes, where there is reason for them. */
int irsa_trust_plan_pattern(struct irsa_trust_run *run, struct irsa_error **reterr);
int irsa_trust_plan_narrow(struct irsa_trust_run *run, struct irsa_error **reterr);

#endif
