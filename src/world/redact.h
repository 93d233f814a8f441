/* SPDX-License-Identifier: Apache-2.0 */
/* Names that shall not leave the house. */
#ifndef IRSA_FIX_WORLD_REDACT_H
#define IRSA_FIX_WORLD_REDACT_H

#include "irsa/document.h"

struct redaction {
    struct irsa_map words; /* what is replaced -> place in `others` */
    struct irsa_strings others;
    size_t accounts, ids, names, sids, addresses;
};
void irsa_redaction_done(struct redaction *redaction);
/* Learns account ids, names and ids from an answer: from ARNs, subjects and the fields that hold
 * names. */
void irsa_redaction_learn(struct redaction *redaction, const json_t *answer);
/* The answer with every word that was learnt replaced, and without what plans have no use for. A
 * new reference. */
json_t *irsa_redact(const struct redaction *redaction, const json_t *answer);
/* The same for a text; the caller's. */
char *irsa_redact_text(const struct redaction *redaction, const char *text);

/* --- for both halves (redact_learn.c) ---------------------------------------------------------- */

/* What separates names. */
bool irsa_redaction_ends_word(char c);
/* The length of "${aws:PrincipalTag" where a policy variable begins, else 0. */
size_t irsa_redaction_variable(const char *text);
/* The part of a condition's key in which names stand. */
void irsa_redaction_split_key(const char *key, size_t *ret_from, size_t *ret_to);
/* Operators on numbers, times and truth; on addresses. */
bool irsa_redaction_keeps_values(const char *operator_);
bool irsa_redaction_is_address(const char *operator_);
/* Objects of Kubernetes whose keys and values are both somebody's own. */
bool irsa_redaction_is_labels(const char *key);

/* --- Kubernetes (redact_kube.c) ---------------------------------------------------------------- */

/* Names that are Kubernetes' own, AWS' or a tool's. */
bool irsa_redaction_kube_common(const char *word);
/* The part of a field's, label's or annotation's value in which names stand; the caller's, or NULL.
 */
char *irsa_redaction_kube_names(const char *key, const char *value);
/* Labels and annotations with a meaning that is known, whose keys stay; and those whose values do.
 */
bool irsa_redaction_keeps_key(const char *key);
bool irsa_redaction_keeps_label(const char *key);
/* An annotation that nobody can have meant for IRSA. */
bool irsa_redaction_foreign_annotation(const char *key, const char *value);

#endif
