/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How bindings are found: trust policies are read once into a list of whom they name; candidates
 * are service accounts that anything names; each candidate that is selected becomes a binding with
 * the role that is wanted for it. Everything is looked up by name, so that the work grows with the
 * size of the world and not with its square. Private to src/intent.
 */
#ifndef IRSA_FIX_INTENT_RESOLVE_H
#define IRSA_FIX_INTENT_RESOLVE_H

#include "irsa/intent.h"

/* --- trust policies (trust_names.c, scope.c) -------------------------------------------------- */

enum irsa_issuer_side {
    IRSA_SIDE_OURS,    /* this cluster's issuer, or a misspelling of it, or none can be told */
    IRSA_SIDE_GONE,    /* an issuer whose provider is known not to exist */
    IRSA_SIDE_OTHER,   /* another cluster, as far as is known */
    IRSA_SIDE_UNKNOWN, /* the cluster's own issuer is not known */
};

/* One role's trust policy names one service account. */
struct irsa_trust_name {
    size_t role; /* index in facts->roles */
    char *namespace_;
    char *service_account;
    bool effective; /* by a statement that can let somebody in */
    enum irsa_issuer_side side;
};

struct irsa_trust_index {
    struct irsa_trust_grants *grants; /* one a role of the facts */
    size_t role_count;
    struct irsa_trust_name *names;
    size_t name_count;
    struct irsa_map named; /* "ROLE-INDEX NS/NAME" */
};
/* The grants of all roles. */
void irsa_trust_index_read(struct irsa_trust_index *index, const struct irsa_facts *facts);
/* The names in them, once the scope is known. */
void irsa_trust_index_names(struct irsa_trust_index *index, const struct irsa_facts *facts,
                            const struct irsa_scope *scope);
/* True when the role's trust policy names the account, by name or by a pattern. */
bool irsa_trust_index_has(const struct irsa_trust_index *index, size_t role, const char *namespace_,
                          const char *service_account);
void irsa_trust_index_done(struct irsa_trust_index *index);
/* The host/path form of an issuer as people write it in trust policies: without scheme and without
 * a provider ARN in front. Borrowed from text. */
const char *irsa_issuer_plain(const char *text);
/* True for a value that looks like a Kubernetes subject. */
bool irsa_subject_like(const char *subject);

int irsa_scope_make(const struct irsa_facts *facts, const struct irsa_intent *intent,
                    const struct irsa_trust_index *trust, struct irsa_scope *ret,
                    struct irsa_error **reterr);
/* The issuer concluded from providers and trust policies, or NULL (scope_infer.c). The caller's. */
char *irsa_issuer_infer(const struct irsa_facts *facts, const struct irsa_trust_index *trust);

/* --- candidates (candidates.c) ---------------------------------------------------------------- */

struct irsa_candidate {
    char *namespace_; /* "" where a manifest names none */
    char *service_account;
    unsigned named_by;
    const struct irsa_service_account *account; /* or NULL */
    const struct irsa_wish *wish;               /* or NULL */
    char *annotation;
    char *wrong_key;
    char *wrong_value;
    char *misplaced;  /* value of an annotation that stands elsewhere */
    size_t *trusting; /* indexes of the trust names that name it */
    size_t trusting_count;
};

struct irsa_candidates {
    const struct irsa_facts *facts;
    const struct irsa_intent *intent;
    const struct irsa_scope *scope;
    const struct irsa_trust_index *trust;
    struct irsa_candidate *items;
    size_t len;
    struct irsa_map index; /* "NS/NAME" */
};
/* The candidate, made where it is new. Valid until the next one is made. */
struct irsa_candidate *irsa_candidate_of(struct irsa_candidates *all, const char *namespace_,
                                         const char *service_account);
struct irsa_candidate *irsa_candidate_find(const struct irsa_candidates *all,
                                           const char *namespace_, const char *service_account);
/* By annotations, wishes and misplaced annotations. */
void irsa_candidates_collect(struct irsa_candidates *all);
/* By trust policies; after the ones above (candidates_trusted.c). */
void irsa_candidates_collect_trusted(struct irsa_candidates *all);
/* Who trusts each candidate; once there are all of them. */
void irsa_candidates_link_trust(struct irsa_candidates *all);
void irsa_candidates_done(struct irsa_candidates *all);

/* --- selection (select.c) --------------------------------------------------------------------- */

/* Adds what -s asks for by name; fails where an option matches nothing. */
int irsa_select_asked(struct irsa_candidates *all, struct irsa_error **reterr);
/* Does -n, -s and -l leave the candidate in? selector: the parsed -l, or NULL. */
struct irsa_selector;
/* NOT_FOUND where nothing that was seen fits -l, with the labels that there are. */
int irsa_select_labelled(const struct irsa_candidates *all, const struct irsa_selector *selector,
                         struct irsa_error **reterr);
bool irsa_selected(const struct irsa_intent *intent, const struct irsa_selector *selector,
                   const struct irsa_candidate *candidate);

/* --- roles (wanted.c) ------------------------------------------------------------------------- */

/* The role that is wanted for a candidate into binding: role_arn and its parts, rivals, named_by.
 */
void irsa_wanted_role(const struct irsa_candidates *all, const struct irsa_candidate *candidate,
                      struct irsa_binding *binding);
/* The index of the role with this ARN in facts->roles, or SIZE_MAX. */
size_t irsa_role_index(const struct irsa_facts *facts, const char *arn);

#endif
