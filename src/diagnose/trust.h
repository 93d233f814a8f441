/* SPDX-License-Identifier: Apache-2.0 */
/* A binding whose trust policy does not let it in, taken apart: which statement was meant for it,
 * and which of its elements stands in the way. */
#ifndef IRSA_FIX_DIAGNOSE_TRUST_H
#define IRSA_FIX_DIAGNOSE_TRUST_H

#include "diagnose/room.h"

struct irsa_trust_case {
    struct irsa_run *run;
    const struct irsa_binding *binding;
    size_t index;
    const struct irsa_role *role;
    char *provider_arn;      /* of the cluster's issuer in the role's account */
    const json_t *statement; /* the one that was meant; NULL: none was */
    size_t number;
    char *other_issuer; /* host path that Federated names in place of the cluster's, or NULL */
    size_t found;       /* findings made */
};

/* --- reading a policy as it stands (trust_view.c) --------------------------------------------- */

/* Statement may be an object or an array; elements may be a value or an array of them. */
size_t irsa_view_statement_count(const json_t *document);
const json_t *irsa_view_statement(const json_t *document, size_t number);
size_t irsa_view_count(const json_t *value);
/* NULL where the value is no string. */
const char *irsa_view_text(const json_t *value, size_t index);
/* "a", "a or b"; the caller's. */
char *irsa_view_join(const json_t *value);
bool irsa_view_allows(const json_t *statement);
/* The statement's actions include web identity. */
bool irsa_view_web_identity(const json_t *statement);
/* StringEquals, StringLike, ... without ForAnyValue: and IfExists. */
enum irsa_view_operator { IRSA_VIEW_EXACT, IRSA_VIEW_NOCASE, IRSA_VIEW_PATTERN, IRSA_VIEW_OTHER };
enum irsa_view_operator irsa_view_operator_of(const char *name);

/* What a condition key is, seen from the cluster's issuer. */
enum irsa_key_kind {
    IRSA_KEY_SUBJECT,
    IRSA_KEY_AUDIENCE,
    IRSA_KEY_MALFORMED,
    IRSA_KEY_OTHER_ISSUER,
    IRSA_KEY_FOREIGN, /* aws:..., another claim: none of the binding's */
};
struct irsa_key_view {
    enum irsa_key_kind kind;
    const char *why;     /* MALFORMED: static */
    bool means_audience; /* MALFORMED, OTHER_ISSUER: it ends in aud */
};
struct irsa_key_view irsa_key_view(const char *issuer, const char *other_issuer, const char *key);

/* How near a value for :sub comes to the subject: 0 (has nothing to do with it) to 100 (equal). */
int irsa_subject_nearness(const struct irsa_binding *binding, const char *value);
/* The best of the subjects in the statement's conditions; -1 where it speaks of none. */
int irsa_view_subject_score(const struct irsa_trust_case *trust, const json_t *statement);
/* The Allow statement that was meant for the binding; NULL where none was. */
const json_t *irsa_view_meant(const struct irsa_trust_case *trust, size_t *ret_number);

/* --- the parts of the diagnosis --------------------------------------------------------------- */

/* A finding about `where` in the role's trust policy (".Condition.StringEquals"), one for all
 * bindings that it breaks; the fix is added. */
struct irsa_finding *irsa_trust_report(struct irsa_trust_case *trust, enum code code,
                                       const char *where, bool *ret_new);
void irsa_trust_check_principal(struct irsa_trust_case *trust);
void irsa_trust_check_action(struct irsa_trust_case *trust);
void irsa_trust_check_conditions(struct irsa_trust_case *trust);
void irsa_trust_check_subject(struct irsa_trust_case *trust, const char *operator_, const char *key,
                              const json_t *values);
/* Whole-document faults: true when there is nothing more to look at. */
bool irsa_trust_check_document(struct irsa_trust_case *trust);
/* No statement was meant for the binding. */
void irsa_trust_report_none(struct irsa_trust_case *trust);
/* Deny in the way, further conditions, and whatever else the evaluation found. */
void irsa_trust_report_evaluation(struct irsa_trust_case *trust,
                                  const struct irsa_verdict *verdict);

#endif
