/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the editor. One edit is: a wish, the document as it is (its own level put in order),
 * and a set of neighbours. Whatever a part proposes is a whole new document, and counts only after
 * irsa_edit_prove has asked both documents the same questions. Private to src/policy.
 */
#ifndef IRSA_FIX_POLICY_EDIT_H
#define IRSA_FIX_POLICY_EDIT_H

#include "irsa/identity.h"
#include "policy/model.h"

/* Neighbours: requests near the wish, made from what occurs in a document and from variations of a
 * binding. */
struct irsa_neighbours {
    struct irsa_strings issuers;   /* host/path, parallel to providers */
    struct irsa_strings providers; /* ARNs */
    struct irsa_strings subjects;
    struct irsa_strings audiences;
    struct irsa_strings actions;
    struct irsa_strings types; /* principals that are not Federated: parallel to principals */
    struct irsa_strings principals;
    bool cut;       /* more occurs than is asked: a proof would have holes */
    json_t *absent; /* every condition key of an issuer as json null: who is no token has none */
};
struct irsa_neighbour {
    struct irsa_request request;
    const char *subject; /* NULL where the principal is not Federated */
    const char *audience;
};
/* Returns false to stop. */
typedef bool irsa_neighbour_visit(const struct irsa_neighbour *neighbour, void *context);

/* What occurs in the document; partition and account make the ARNs of issuers without one. */
void irsa_neighbours_collect(struct irsa_neighbours *neighbours, const json_t *document,
                             const char *partition, const char *account);
/* One binding and what is next to it. */
void irsa_neighbours_add_binding(struct irsa_neighbours *neighbours, const char *provider_arn,
                                 const char *issuer, const char *subject, const char *audience);
/* False where the visitor stopped. */
bool irsa_neighbours_each(const struct irsa_neighbours *neighbours, irsa_neighbour_visit *visit,
                          void *context);
void irsa_neighbours_done(struct irsa_neighbours *neighbours);

struct irsa_edit {
    const struct irsa_trust_wish *wish;
    struct irsa_provider_arn role; /* partition and account of the role, host_path of the wish */
    char *namespace_;
    char *service_account;
    char *sub_key; /* ISSUER:sub */
    char *aud_key; /* ISSUER:aud */
    json_t *context;
    struct irsa_request request; /* the wish as a request */
    json_t *document;            /* what is edited: a copy, its own level in order */
    struct irsa_policy *base;    /* of document */
    struct irsa_neighbours neighbours;
};

/* How far a request gets (edit_prove.c): 0 refused, 1 it hangs on keys that are not known, 2
 * allowed.
 */
int irsa_edit_openness(const struct irsa_policy *policy, const struct irsa_request *request);
static inline bool irsa_edit_passes(enum irsa_decision decision)
{
    return decision == IRSA_DECISION_ALLOWED || decision == IRSA_DECISION_UNKNOWN;
}

/* --- edit_json.c: statements and ordered objects ---------------------------------------------- */

size_t irsa_edit_statement_count(const json_t *document);
/* Borrowed; NULL where the statement is no object. */
json_t *irsa_edit_statement(const json_t *document, size_t index);
/* A copy of the document in which statement `index` is replaced by a copy of `statement`. */
json_t *irsa_edit_with_statement(const json_t *document, size_t index, const json_t *statement);
/* `old` becomes `key`, at the same place; value (stolen) NULL keeps the old one. */
void irsa_edit_rename(json_t *object, const char *old, const char *key, json_t *value);
/* Behind `after`, or first where it is NULL or not there; value is stolen. */
void irsa_edit_insert(json_t *object, const char *after, const char *key, json_t *value);
/* Value number `index` of object[key] (string or array of strings). */
void irsa_edit_set_value(json_t *object, const char *key, size_t index, const char *value);
/* One more value; a string becomes an array. */
void irsa_edit_add_value(json_t *object, const char *key, const char *value);
/* The key as spelt in the object for a name in any letter case, or NULL. Borrowed. */
const char *irsa_edit_find_key(json_t *object, const char *name);

/* --- edit_side.c: whose is it? ---------------------------------------------------------------- */

/* In rising order of nearness to the wish. */
enum irsa_side {
    IRSA_SIDE_NONE,   /* says nothing about an issuer */
    IRSA_SIDE_OTHER,  /* an issuer that exists or may exist: somebody else's */
    IRSA_SIDE_DEAD,   /* can let nobody in: garbage, or a provider known not to exist */
    IRSA_SIDE_BROKEN, /* the wished issuer, written wrong */
    IRSA_SIDE_OURS,
};
enum irsa_claim { IRSA_CLAIM_NONE, IRSA_CLAIM_SUB, IRSA_CLAIM_AUD };

/* Of a principal's text. */
enum irsa_side irsa_edit_provider_side(const struct irsa_edit *edit, const char *text);
/* True when a token can come by this provider: it is a provider of the role's account that is not
 * known to be missing. */
bool irsa_edit_provider_possible(const struct irsa_edit *edit, const char *text);
/* Of a condition key, with the claim that it names: NONE for keys that are of no issuer. */
enum irsa_side irsa_edit_key_side(const struct irsa_edit *edit, const char *key,
                                  enum irsa_claim *ret_claim);
/* The issuer (host/path) inside a provider's ARN, a URL, or a key's prefix, or NULL; the caller's.
 */
char *irsa_edit_issuer_in(const char *text);

/* In rising order of nearness. */
enum irsa_likeness {
    IRSA_LIKE_NOTHING, /* no subject of Kubernetes' form */
    IRSA_LIKE_OTHER,   /* a service account, another one */
    IRSA_LIKE_NEAR,    /* one letter, or the namespace, away */
    IRSA_LIKE_WILD,    /* a pattern that covers the wish */
    IRSA_LIKE_GUESS,   /* malformed, and the wish was meant: can let nobody in */
    IRSA_LIKE_EXACT,
};
enum irsa_likeness irsa_edit_likeness(const struct irsa_edit *edit, const char *value);
/* True for text that no token carries as its subject. */
bool irsa_edit_subject_malformed(const char *value);
/* A pattern with its malformed beginning mended, where it then covers the wish; else NULL. The
 * caller's. */
char *irsa_edit_mend_pattern(const struct irsa_edit *edit, const char *pattern);
/* True for text that no token carries as its audience. */
bool irsa_edit_audience_malformed(const char *value);

/* --- edit_find.c: which statement was meant? -------------------------------------------------- */

struct irsa_candidate {
    size_t statement;
    unsigned score;
    enum irsa_likeness likeness;
};
/* Best first; the caller's, *ret_count of them. NULL where none was meant. */
struct irsa_candidate *irsa_edit_find(const struct irsa_edit *edit, size_t *ret_count);

/* --- edit_repair.c, edit_condition.c, edit_values.c: one statement ---------------------------- */

struct irsa_repair {
    const struct irsa_edit *edit;
    json_t *statement; /* the copy that is repaired */
    size_t index;
    bool lives;                /* before the repair it let somebody in */
    struct irsa_strings notes; /* "Statement[0].Principal: ..." */
    json_t *pattern;  /* the Condition with the author's wildcard under StringLike, or NULL */
    bool joined;      /* our subject stands beside others of the author's */
    bool blocked;     /* something that must stay is in the way */
    char *blocked_by; /* what, for the message */
};
void irsa_repair_done(struct irsa_repair *repair);
void irsa_repair_note(struct irsa_repair *repair, const char *fmt, ...) IRSA_PRINTF(2, 3);
/* Repairs element by element what keeps the wish out. False where it can't be done. */
bool irsa_edit_repair(struct irsa_repair *repair);
/* Condition: lost wrapper, operators and keys; then values. */
bool irsa_repair_condition_keys(struct irsa_repair *repair);
void irsa_repair_condition_values(struct irsa_repair *repair);
/* The decision on the wish of one statement made of these elements (borrowed; NULL: what fits). */
enum irsa_decision irsa_edit_probe(const struct irsa_edit *edit, const json_t *principal,
                                   const json_t *action, const json_t *condition);
/* The same for one operator and key. */
enum irsa_decision irsa_edit_probe_key(const struct irsa_edit *edit, const char *operator_,
                                       const char *key, const json_t *values);

/* --- edit_add.c: new statements and merged subjects ------------------------------------------- */

struct irsa_subject_test {
    const char *operator_;
    const char *key;
};
/* The one positive test of ISSUER:sub; false where there is none, or more. */
bool irsa_edit_subject_test(const struct irsa_edit *edit, json_t *statement,
                            struct irsa_subject_test *ret);
/* A document of the statement alone, without Sid, and without the subject's test if there is one.
 */
json_t *irsa_edit_alone_without(const json_t *statement, const struct irsa_subject_test *test);
/* Each gives a new document, or NULL where it does not apply. */
json_t *irsa_edit_merge_subject(const struct irsa_edit *edit, size_t *ret_statement,
                                struct irsa_strings *notes);
json_t *irsa_edit_add_template(const struct irsa_edit *edit, size_t *ret_statement,
                               struct irsa_strings *notes);
/* The Sid, with a number where the document has it already; the caller's. */
char *irsa_edit_unique_sid(const json_t *document, const char *sid);
/* True when no statement of the document can ever let anybody in, so that nothing is lost when the
 * template takes its place. */
bool irsa_edit_hopeless(const json_t *document);

/* --- edit_split.c: one subject of many -------------------------------------------------------- */

/* A statement that let nobody in and names several subjects: repaired, it would let all of them in.
 * So ours alone leaves it, repaired, and the others stay behind as they were. Statement
 * `*ret_statement` of the result has our subject; *ret_joined: it is one that others are in
 * already. NULL where the statement is not of that kind. */
json_t *irsa_edit_split(const struct irsa_repair *repair, size_t *ret_statement, bool *ret_joined);
/* The last subject that a split left behind goes after the others, into the statement before it,
 * and nothing is left. NULL where the statement is no such rest. */
json_t *irsa_edit_rejoin(const struct irsa_repair *repair);

/* --- edit_transpose.c: a statement from one issuer to another --------------------------------- */

struct irsa_transposition {
    const struct irsa_repoint *repoint;
    char *from_arn;
    char *to_arn;
};
/* True when the statement names the old issuer: as principal; as prefix of a condition key, or in a
 * condition's value. */
bool irsa_transposition_in_principal(const struct irsa_transposition *transposition,
                                     json_t *statement);
bool irsa_transposition_in_condition(const struct irsa_transposition *transposition,
                                     json_t *statement);
/* The statement with the new issuer in the place of the old one; alone: for the new one only, other
 * principals left out. NULL where its form does not allow it, with the reason (the caller's). */
json_t *irsa_transpose(const struct irsa_transposition *transposition, json_t *statement,
                       bool alone, char **ret_reason);
/* --- edit_repoint_prove.c --------------------------------------------------------------------- */

struct irsa_repoint_proof {
    const struct irsa_transposition *transposition;
    const struct irsa_policy *before;
    const struct irsa_policy *after; /* set while it runs */
    bool complete;                   /* the new issuer's tokens have all that the old one's had */
    bool gains;                      /* they have something that they had not */
};
/* True when every neighbour's answer is one that irsa_policy_edit_repoint promises. */
bool irsa_repoint_prove(struct irsa_repoint_proof *proof, const json_t *after);

/* True when whatever `statement` allows (or denies) `by` does as well, as far as form shows. */
bool irsa_edit_covers(const json_t *version, json_t *by, json_t *statement);
/* "Statement[2] (Sid Api)"; the caller's. */
char *irsa_edit_statement_name(const json_t *document, size_t index);

/* --- edit_prove.c ----------------------------------------------------------------------------- */

/* True when `after` allows the wish (or hangs on unknown keys), and every neighbour gets the answer
 * of the document before; template_allows: what the template's document allows may be new. */
bool irsa_edit_prove(const struct irsa_edit *edit, const json_t *after, bool template_allows);
/* True when the statement alone can let somebody in. */
bool irsa_edit_statement_lives(const struct irsa_edit *edit, const json_t *statement);

#endif
