/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the live world: AWS over the wire (docs/live-aws.md). */
#ifndef IRSA_FIX_WORLD_LIVE_H
#define IRSA_FIX_WORLD_LIVE_H

#include "irsa/aws.h"
#include "irsa/document.h"
#include "irsa/kube.h"
#include "irsa/world.h"

#include <pthread.h>
#include <stdatomic.h>

/* An account and who asks in it. */
struct live_account {
    char *id;             /* NULL for home until the caller's identity was read */
    struct irsa_aws *aws; /* NULL: there is no identity for it */
};

/* An answer as it was taken. */
struct live_document {
    char *name;
    json_t *content;
};

struct live {
    struct irsa_world world; /* first: a struct irsa_world * is one of these */
    const struct irsa_intent *intent;
    struct live_account home;
    char *partition; /* of home */
    struct live_account **others;
    size_t other_count;
    struct irsa_world *manifests;     /* the Kubernetes side in files, or NULL */
    char *cluster_name;               /* what new providers are tagged with, or NULL */
    char *issuer;                     /* https://..., or NULL */
    long wait_ms;                     /* for what was written to be seen */
    const volatile bool *interrupted; /* given up at once */
    const volatile bool *stopping;    /* what is under way is finished, and no more waited for */
    struct irsa_kube *kube;           /* the API server, or NULL: not within reach */
    struct irsa_transport *kube_transport;
    bool kube_optional;              /* nobody asked for it: do without where it can't be reached */
    struct irsa_live_eks *eks;       /* or NULL */
    long rollout_ms;                 /* for restarted pods to be there */
    bool dry_run;                    /* Kubernetes' writes are only checked, by the server */
    bool keep;                       /* Kubernetes' answers too, for a snapshot */
    struct live_document *documents; /* of the last gathering */
    size_t document_count;
};

/* --- AWS for two (live_kube_eks.c) -------------------------------------------------------------

 * EKS logs in to Kubernetes by AWS, while that is read: one at a time. */
void irsa_live_lock_aws(struct live *live);
void irsa_live_unlock_aws(struct live *live);
/* What DescribeCluster told of that cluster when its API server was looked for, or NULL; once: what
 * is gathered later is asked anew. A new reference. */
json_t *irsa_live_eks_take_cluster(struct irsa_live_eks *eks, const char *name);

/* --- accounts (live_accounts.c) --------------------------------------------------------------- */

/* Who asks in that account, home among them; aws NULL where nobody can. Errors: those of files and
 * settings; credentials that are refused only leave the account without an identity. */
int irsa_live_account(struct live *live, const char *id, const struct live_account **ret,
                      struct irsa_error **reterr);
void irsa_live_accounts_done(struct live *live);

/* --- what has to be read (live_needs.c) ------------------------------------------------------- */

/* How an intent is gathered. `irsa-fix permissions` is answered from the same. */
struct live_needs {
    bool describe_cluster; /* by name; else, with list_clusters, the only one */
    bool list_clusters;
    bool list_roles; /* of home; else the roles of the wishes, one by one */
    bool details;    /* ... with their policies: GetAccountAuthorizationDetails */
    bool documents;  /* policy documents, for needed actions */
    bool associations;
    bool all_clusters;   /* of the region, in every account: to prune */
    bool other_accounts; /* all roles of every account that is configured */
    bool few;            /* the accounts are named and few: what their roles may do is read too */
    struct irsa_strings roles;  /* names and ARNs, as wished and as annotated; distinct */
    struct irsa_strings used;   /* those of the accounts that were asked for */
    struct irsa_strings needed; /* those that needed actions are checked against */
};
/* Up to that many roles of an account are read by GetRole; a page of ListRoles costs about as much.
 */
#define IRSA_ROLES_ONE_BY_ONE 4
void irsa_live_needs(const struct irsa_intent *intent, struct live_needs *ret);
/* Adds what the annotations of service accounts say, of facts that need not be finished. `home`:
 * the caller's account, NULL where it is not known. */
void irsa_live_needs_annotated(const struct irsa_intent *intent, const struct irsa_facts *facts,
                               const char *home, struct live_needs *needs);
/* True where each of the few accounts has a role in needs->used. */
bool irsa_live_needs_complete(const struct irsa_intent *intent, const struct irsa_facts *facts);
/* True for a service account that the selection names. */
bool irsa_live_is_asked_for(const struct irsa_intent *intent, const char *namespace_,
                            const char *name);
void irsa_live_needs_done(struct live_needs *needs);
#define irsa_auto_live_needs IRSA_CLEANUP(irsa_live_needs_done) struct live_needs

/* --- gathering (live_gather.c, live_roles.c, live_batch.c) ------------------------------------ */

/* One call of a round, and what it is about. */
struct live_read {
    struct irsa_aws_call call;
    const struct live_account *account;
    char *subject; /* role name, provider ARN, ...; NULL: everything */
    struct gather *gather;
    uint32_t file;  /* of facts, with the first page */
    uint32_t pages; /* that were taken as they came */
};

struct gather {
    struct live *live;
    struct irsa_facts *facts;
    struct live_needs needs;
    struct live_read **reads; /* of all rounds */
    size_t read_count;
    size_t next;             /* the first of the round to come */
    size_t taken;            /* those before it are among the facts */
    struct irsa_map asked;   /* calls made already */
    json_t *observed;        /* IrsaFixObserved's content */
    size_t answered, denied; /* of all reads but the caller's identity */
    struct irsa_error **reterr;
    pthread_mutex_t lock; /* on facts: Kubernetes is read at the same time */
    atomic_bool failed;   /* nothing more needs to be read */
};

/* Adds a call to the next round, unless it was made before. `parameters` becomes its own. The read
 * is NULL then; it is borrowed else. */
struct live_read *irsa_gather_ask(struct gather *gather, const struct live_account *account,
                                  enum irsa_aws_operation operation, json_t *parameters,
                                  const char *subject);
/* Carries out the round. Denied reads are noted. Errors: what is neither an answer, nor denied, nor
 * NOT_FOUND. */
int irsa_gather_round(struct gather *gather);
/* The read of this operation about this subject that was answered; NULL where there is none. */
struct live_read *irsa_gather_find(const struct gather *gather, enum irsa_aws_operation operation,
                                   const struct live_account *account, const char *subject);
/* Puts the answer among the facts; the other one what was observed besides answers. */
int irsa_gather_take(struct gather *gather, const struct live_read *read);
int irsa_gather_take_observed(struct gather *gather);
/* Appends a text to an array of what was observed, unless it is there. */
void irsa_gather_note(struct gather *gather, const char *key, const char *text);
void irsa_gather_done(struct gather *gather);

/* Asks for all roles of an account, with their policies where those are needed. */
void irsa_gather_ask_listing(struct gather *gather, const struct live_account *account);
/* A round about roles, the issuer's providers where they are, and associations: what is known of
 * them by now, and was not asked for yet. `accounts`: Kubernetes' service accounts are among the
 * facts. */
int irsa_gather_roles(struct gather *gather, bool accounts);
/* The account that a role is in, by name or ARN, and its name (the caller's). */
int irsa_gather_account_of(struct gather *gather, const char *role, const struct live_account **ret,
                           char **ret_name);
/* Takes the answers that were not taken yet. */
int irsa_gather_take_new(struct gather *gather);
void irsa_gather_ask_inline(struct gather *gather, const struct live_account *account,
                            const char *name, const char *policy);
/* {KEY: VALUE}, a new reference. */
json_t *irsa_gather_parameter(const char *key, const char *value);
/* Policy documents, where needed actions are checked against them. (live_documents.c) */
int irsa_gather_documents(struct gather *gather);

/* Asks IAM's simulator about needed actions of the roles whose ARN is known by now; `last`: of
 * those that were seen alone. `accounts` as above. (live_simulate.c) */
int irsa_gather_simulations(struct gather *gather, bool accounts, bool last);

/* For --repoint and --prune (live_repoint.c): asks for the roles of all other accounts; then for
 * the old cluster and, to prune, for all clusters of the region. */
int irsa_gather_other_accounts(struct gather *gather);
int irsa_gather_clusters(struct gather *gather);
/* The name of the old cluster, where --repoint names it so; the caller's, or NULL. */
char *irsa_live_old_cluster(const struct live *live);
/* Asks for the providers of an account that is entered; false where nobody can ask there. */
bool irsa_gather_enter(struct gather *gather, const struct live_account *account);

int irsa_live_gather(struct irsa_world *world, struct irsa_facts **ret, struct irsa_error **reterr);

/* --- changes (live_apply.c, live_provider.c, live_role.c) ------------------------------------- */

struct live_write {
    struct live *live;
    const struct irsa_facts *facts;
    const struct irsa_change *change;
    const struct live_account *account;
    struct irsa_error *lost; /* why no answer came to what was sent last; owned */
    struct irsa_error **reterr;
};
int irsa_live_apply(struct irsa_world *world, const struct irsa_facts *facts,
                    const struct irsa_change *change, struct irsa_error **reterr);
/* Kubernetes' changes, and the trust policies of different roles, are made at once; AWS' other ones
 * one after the other. */
bool irsa_live_at_once(const struct irsa_world *world, enum irsa_object_kind kind);
size_t irsa_live_batch(const struct irsa_world *world, enum irsa_object_kind kind);
void irsa_live_apply_all(struct irsa_world *world, const struct irsa_facts *facts,
                         const struct irsa_change *const *changes, size_t count,
                         struct irsa_error **errors);
/* Of the manifests, where the Kubernetes side is files. */
int irsa_live_restore(struct irsa_world *world, const json_t *files, bool whole,
                      struct irsa_strings *ret_left, struct irsa_error **reterr);
int irsa_live_provider(struct live_write *write);
/* A document as IAM takes it: text without white space. A new reference. */
json_t *irsa_live_compact(const json_t *document);
int irsa_live_role(struct live_write *write);
int irsa_live_trust(struct live_write *write);
int irsa_live_attachment(struct live_write *write);
int irsa_live_role_policy(struct live_write *write);

/* What a rollback takes away (live_remove.c). Gone already is done. */
int irsa_live_remove_role(struct live_write *write);
int irsa_live_remove_attachment(struct live_write *write);
int irsa_live_remove_role_policy(struct live_write *write);

/* {"RoleName"} of the change's role, a new reference. */
json_t *irsa_live_of_role(const struct live_write *write);
/* The same with "PolicyArn" or "PolicyName" of the change's policy. */
json_t *irsa_live_of_policy(const struct live_write *write, const char *key);
/* 1 where the role has the change's managed policy, 0 where not, -1 with an error. */
int irsa_live_is_attached(struct live_write *write);
/* The answer of a read, *ret NULL where there is no such thing. `parameters` becomes its own. */
int irsa_live_read_now(struct live_write *write, enum irsa_aws_operation operation,
                       json_t *parameters, json_t **ret);
/* The change's role as GetRole gives it now, *ret NULL where there is none. */
int irsa_live_read_role(struct live_write *write, json_t **ret);
/* Two policies that say the same. */
bool irsa_live_same_document(const json_t *a, const json_t *b);

/* Who may write there: sets write->account. */
int irsa_live_enter(struct live_write *write);

/* --- trust policies (live_trust.c) ------------------------------------------------------------ */

/* So many are written at the same time: each is read once more right before, and the fewer there
 * are, the shorter ago that is. A batch is a few of these rounds. */
#define IRSA_TRUST_AT_ONCE ((size_t)8)
#define IRSA_TRUST_BATCH ((size_t)32)
void irsa_live_trust_all(struct live *live, const struct irsa_facts *facts,
                         const struct irsa_change *const *changes, size_t count,
                         struct irsa_error **errors);

/* One call; `parameters` becomes its own. Returns its outcome, with the error in the call. */
int irsa_live_call(struct live_write *write, enum irsa_aws_operation operation, json_t *parameters,
                   struct irsa_aws_call *ret);
/* The same for a write: NoSuchEntity is waited out while `fresh`, and an answer that was lost is no
 * error yet: write->lost, for irsa_live_wait. Fails with the call's error. */
int irsa_live_send(struct live_write *write, enum irsa_aws_operation operation, json_t *parameters,
                   bool fresh);
/* Creates something and waits until IAM shows it. An answer that was lost, and EntityAlreadyExists,
 * are settled by looking; only what is not there is sent again. */
int irsa_live_create(struct live_write *write, enum irsa_aws_operation operation,
                     json_t *parameters, const char *what, int (*holds)(struct live_write *write));
/* CONFLICT "TARGET is not as the plan saw it: reason". Returns -1. */
int irsa_live_conflict(struct live_write *write, const char *fmt, ...) IRSA_PRINTF(2, 3);
/* Calls `holds` until it says 1; -1 is an error of its own. Says on stderr what is waited for, and
 * gives up after the deadline with NET. */
int irsa_live_wait(struct live_write *write, const char *what,
                   int (*holds)(struct live_write *write));
/* True when the change's role or provider is made by an earlier change of this run. */
bool irsa_live_is_fresh(const struct live_write *write);
/* "ROLE-ARN REST": the name of the role; the caller's. */
char *irsa_live_role_name(const struct irsa_change *change);

#endif
