/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the facts room: how documents are taken apart, merged and indexed. */
#ifndef IRSA_FIX_FACTS_INTERNAL_H
#define IRSA_FIX_FACTS_INTERNAL_H

#include "irsa/facts.h"

/* --- the private part of the facts ------------------------------------------------------------ */

/* Places of the records of one service account, one after the other for all accounts. */
struct irsa_groups {
    struct irsa_map names; /* NAMESPACE, NAME -> group */
    uint32_t *starts;      /* where each group begins in `places`, and the end */
    uint32_t *places;
    size_t count;
};

/* Answers that name a role but not its account: joined when all documents were seen. */
enum irsa_piece_kind { IRSA_PIECE_ATTACHED, IRSA_PIECE_INLINE_NAMES, IRSA_PIECE_INLINE };
struct irsa_piece {
    enum irsa_piece_kind kind;
    struct irsa_origin origin;
    char *role_arn; /* or NULL */
    char *role_name;
    json_t *content; /* the array of the list, or the GetRolePolicy answer */
    bool complete;   /* not cut short by pagination */
};

/* GetOpenIDConnectProvider does not give the ARN. */
struct irsa_provider_piece {
    struct irsa_origin origin;
    char *arn; /* or NULL */
    json_t *content;
};

/* GetPolicyVersion does not give the policy. */
struct irsa_version_piece {
    struct irsa_origin origin;
    json_t *content;
};

/* An account-wide listing without a single element: whose account it was is told by other files. */
enum irsa_listing { IRSA_LISTING_ROLES, IRSA_LISTING_PROVIDERS, IRSA_LISTING_MAX_ };

/* What the elements of a list say is listed, until its end tells whether it was complete. */
struct irsa_listed {
    struct irsa_strings accounts; /* namespaces with a ServiceAccount in the list */
    bool namespaces;
    bool webhooks;
    uint32_t file; /* the list's place */
    uint32_t document;
};

struct irsa_facts_index {
    struct irsa_map trusts; /* hash of a trust policy -> a role that has it */
    struct irsa_map providers;
    struct irsa_map roles;
    struct irsa_map role_names;     /* ACCOUNT, NAME */
    struct irsa_map role_likes;     /* ACCOUNT, lower-case NAME */
    struct irsa_map names_anywhere; /* NAME -> the first role of that name in any account */
    struct irsa_map names_twice;    /* NAMEs of roles in more than one account */
    struct irsa_map likes_anywhere; /* the same with names in lower case */
    struct irsa_map likes_twice;
    struct irsa_map managed_policies;
    struct irsa_map simulations;     /* ROLE ARN, lower-case ACTION, RESOURCE */
    struct irsa_map associations;    /* CLUSTER, NAMESPACE, NAME */
    struct irsa_map associations_of; /* NAMESPACE, NAME -> the first of them */
    struct irsa_map namespaces;
    struct irsa_map namespaces_seen; /* in which any object was seen */
    struct irsa_map service_accounts;
    struct irsa_map pods;
    struct irsa_map workloads;
    struct irsa_map webhooks;
    struct irsa_map listed[IRSA_LISTING_MAX_]; /* accounts whose listing was seen */
    bool empty_listing[IRSA_LISTING_MAX_];
    struct irsa_map absent_roles;     /* ACCOUNT, NAME: asked for one by one, and not there */
    struct irsa_map absent_providers; /* ARNs */
    struct irsa_map clusters_listed;  /* ACCOUNT/REGION: all clusters there were described */
    struct irsa_map cluster_issuers;  /* host/path, of clusters that are no facts of their own */
    struct irsa_map accounts_listed;  /* namespaces whose ServiceAccounts were listed; "*": all */
    struct irsa_map absent_accounts;  /* NAMESPACE, NAME */
    struct irsa_map absent_namespaces;
    bool namespaces_listed;
    bool webhooks_listed;
    struct irsa_groups pods_of;
    struct irsa_groups workloads_of;
    struct irsa_piece *pieces;
    size_t piece_count;
    struct irsa_provider_piece *provider_pieces;
    size_t provider_piece_count;
    struct irsa_version_piece *version_pieces;
    size_t version_piece_count;
    struct irsa_listed *early; /* lists of which elements came before their end */
    size_t early_count;
    json_t *bad_path; /* of the last value found malformed, or NULL */
};

/* A map key of up to three parts, without an allocation in all usual cases. */
struct irsa_key {
    char room[384];
    char *heap;
};
void irsa_key_done(struct irsa_key *key);
#define irsa_auto_key IRSA_CLEANUP(irsa_key_done) struct irsa_key
/* a, b and (unless NULL) c; borrowed from key. */
const char *irsa_key_of(struct irsa_key *key, const char *a, const char *b, const char *c);
char *irsa_lower(const char *s);

/* --- taking documents apart ------------------------------------------------------------------- */

/* The object that is being read, and where it stands. */
struct irsa_take {
    struct irsa_facts *facts;
    struct irsa_origin origin;
    struct irsa_error **reterr;
};

/* PARSE error "FILE: PATH.FIELD: reason" for the object being read. Returns -1. */
int irsa_take_fail(const struct irsa_take *take, const char *field, const char *fmt, ...)
    IRSA_PRINTF(3, 4);
/* The string object.field: *ret is NULL where it is missing or null; fails where it is no string.
 */
int irsa_take_string(const struct irsa_take *take, const json_t *object, const char *field,
                     const char **ret);
/* As above, and it must be there and not be empty. */
int irsa_take_required(const struct irsa_take *take, const json_t *object, const char *field,
                       const char **ret);
/* object.field, an array (object) or missing/null: NULL then. */
int irsa_take_array(const struct irsa_take *take, const json_t *object, const char *field,
                    json_t **ret);
int irsa_take_object(const struct irsa_take *take, const json_t *object, const char *field,
                     json_t **ret);
/* object.field as a vector of strings, added to *ret. */
int irsa_take_strings(const struct irsa_take *take, const json_t *object, const char *field,
                      struct irsa_strings *ret);
/* A policy document in any of its forms (object, JSON text, URL-encoded text); NULL where the field
 * is missing. ret_form takes one of IRSA_TRUST_AS_...; may be NULL. */
int irsa_take_policy(const struct irsa_take *take, const json_t *object, const char *field,
                     enum irsa_policy_kind kind, struct irsa_policy **ret, int *ret_form);
void irsa_origins_add(struct irsa_origins *origins, const struct irsa_origin *origin);
void irsa_origins_done(struct irsa_origins *origins);
/* True where a paginated answer says that there is more. */
bool irsa_answer_cut(const json_t *document);

/* --- copies of one object --------------------------------------------------------------------- */

/* "A and B: WHAT: FIELD differs: ...". Returns -1. */
int irsa_copies_differ(const struct irsa_take *take, const struct irsa_origins *seen,
                       const char *what, const char *field, const char *before, const char *now);
/* Each: nothing where `now` does not show the field; taken over where only `now` shows it; an error
 * where both show it and differ. */
int irsa_merge_string(const struct irsa_take *take, const struct irsa_origins *seen,
                      const char *what, const char *field, char **have, const char *now);
int irsa_merge_json(const struct irsa_take *take, const struct irsa_origins *seen, const char *what,
                    const char *field, json_t **have, json_t *now);
/* `now` is the caller's no more. */
int irsa_merge_policy(const struct irsa_take *take, const struct irsa_origins *seen,
                      const char *what, const char *field, struct irsa_policy **have,
                      struct irsa_policy *now);
/* Objects of strings (labels): the union; a key that both show must have one value. */
int irsa_merge_labels(const struct irsa_take *take, const struct irsa_origins *seen,
                      const char *what, json_t **have, json_t *now);
/* Annotations: as labels, and IRSA's own keys must be on both or on neither. */
int irsa_merge_annotations(const struct irsa_take *take, const struct irsa_origins *seen,
                           const char *what, json_t **have, json_t *now);
/* True when both policies are the same document (or the same broken text). */
bool irsa_policy_same(struct irsa_policy *a, struct irsa_policy *b);

/* --- AWS -------------------------------------------------------------------------------------- */

int irsa_take_aws(struct irsa_take *take, const json_t *document, bool *ret_known);
int irsa_take_roles(struct irsa_take *take, const json_t *document, bool *ret_known);
int irsa_take_role_details(struct irsa_take *take, const json_t *document, bool *ret_known);
int irsa_take_role_pieces(struct irsa_take *take, const json_t *document, bool *ret_known);
int irsa_take_simulations(struct irsa_take *take, const json_t *document, bool *ret_known);
int irsa_take_aliases(struct irsa_take *take, const json_t *document, bool *ret_known);
int irsa_take_providers(struct irsa_take *take, const json_t *document, bool *ret_known);
int irsa_take_policies(struct irsa_take *take, const json_t *document, bool *ret_known);
int irsa_take_observed(struct irsa_take *take, const json_t *document, bool *ret_known);
/* One policy of GetAccountAuthorizationDetails, or of GetPolicy. */
int irsa_take_managed_policy(const struct irsa_take *take, const json_t *policy);
int irsa_role_add_attached(const struct irsa_take *take, struct irsa_role *role,
                           const json_t *array, bool complete);
int irsa_role_add_inline_names(const struct irsa_take *take, struct irsa_role *role,
                               const json_t *array, bool complete);
/* document NULL: only the name is known; else the caller's no more. */
int irsa_role_add_inline(const struct irsa_take *take, struct irsa_role *role, const char *name,
                         struct irsa_policy *document, bool own_answer);
/* Joins the pieces; called by irsa_facts_finish in this order. */
int irsa_join_providers(struct irsa_take *take);
int irsa_join_roles(struct irsa_take *take);
int irsa_join_versions(struct irsa_take *take);
/* The one account that everything is about, or NULL; partition likewise. */
const char *irsa_home_account(const struct irsa_facts *facts, const char **ret_partition);

/* --- Kubernetes ------------------------------------------------------------------------------- */

/* What a kind is, by apiVersion and kind. */
struct irsa_kind {
    const char *kind;
    const char *group; /* "" for the core group */
    bool namespaced;
    int (*take)(const struct irsa_take *take, const json_t *object, const struct irsa_kind *kind);
};
int irsa_take_kubernetes(struct irsa_take *take, const json_t *document, bool *ret_known);
/* What is known of the list at that document of which elements came before it, or NULL. */
struct irsa_listed *irsa_early_list(const struct irsa_facts_index *index,
                                    const struct irsa_origin *origin);
/* True for `kind: List`, and for the API's typed lists of kinds that matter. */
bool irsa_is_list(const json_t *document);
/* One element of a list whose end was not seen; *ret_taken is false where it can't be told yet. */
int irsa_take_item_early(struct irsa_take *take, const json_t *list, const json_t *item,
                         bool *ret_taken);
int irsa_take_namespace(const struct irsa_take *take, const json_t *object,
                        const struct irsa_kind *kind);
int irsa_take_service_account(const struct irsa_take *take, const json_t *object,
                              const struct irsa_kind *kind);
int irsa_take_webhook(const struct irsa_take *take, const json_t *object,
                      const struct irsa_kind *kind);
int irsa_take_pod(const struct irsa_take *take, const json_t *object, const struct irsa_kind *kind);
int irsa_take_workload(const struct irsa_take *take, const json_t *object,
                       const struct irsa_kind *kind);
/* Any other object: noted only where somebody put an IRSA annotation on it. */
int irsa_take_misplaced(const struct irsa_take *take, const json_t *object, bool *ret_known);

/* metadata.name and .namespace ("" where there is none). *ret_name is NULL for an object that gets
 * its name from the API server (generateName). */
int irsa_take_metadata(const struct irsa_take *take, const json_t *object,
                       const char **ret_namespace, const char **ret_name);
/* metadata.annotations and .labels: objects, or NULL. */
int irsa_take_map(const struct irsa_take *take, const json_t *metadata, const char *field,
                  json_t **ret);
/* The controller among the ownerReferences; both NULL where there is none. Borrowed. */
void irsa_take_controller(const json_t *metadata, const char **ret_kind, const char **ret_name);
int irsa_take_pod_spec(const struct irsa_take *take, const json_t *metadata, const json_t *spec,
                       const char *field, bool template, struct irsa_pod_spec *ret);
void irsa_pod_spec_done(struct irsa_pod_spec *spec);
/* "Helm release shop in namespace shop", ... or NULL; the caller's. */
char *irsa_owner_of(const json_t *metadata);
/* True for eks.amazonaws.com/... and for what people write in its place. */
bool irsa_key_concerns_irsa(const char *key);
/* True for a key that names a role in one of the forms people use. */
bool irsa_key_names_role(const char *key);
/* The annotations that concern IRSA, a new object, or NULL where there are none. */
json_t *irsa_annotations_of_irsa(const json_t *annotations);

/* --- indexes ---------------------------------------------------------------------------------- */

void irsa_index_build(struct irsa_facts *facts);
void irsa_groups_done(struct irsa_groups *groups);

#endif
