/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the live world: Kubernetes over its API (docs/live-kubernetes.md). */
#ifndef IRSA_FIX_WORLD_LIVE_KUBE_H
#define IRSA_FIX_WORLD_LIVE_KUBE_H

#include "world/live.h"

#include "irsa/kube.h"

/* --- resources (live_kube_table.c) ------------------------------------------------------------ */

enum live_kube_resource {
    LIVE_KUBE_NAMESPACES,
    LIVE_KUBE_SERVICE_ACCOUNTS,
    LIVE_KUBE_PODS,
    LIVE_KUBE_DEPLOYMENTS,
    LIVE_KUBE_STATEFUL_SETS,
    LIVE_KUBE_DAEMON_SETS,
    LIVE_KUBE_REPLICA_SETS,
    LIVE_KUBE_JOBS,
    LIVE_KUBE_CRON_JOBS,
    LIVE_KUBE_WEBHOOKS,
    LIVE_KUBE_RESOURCE_MAX_,
};
struct live_kube_spec {
    const char *plural;      /* "deployments": in paths and in RBAC */
    const char *group;       /* "apps"; "" for the core group */
    const char *label;       /* "deployments.apps": in messages */
    const char *api_version; /* "apps/v1" */
    const char *kind;        /* "Deployment" */
    const char *selector;    /* fieldSelector of its lists, or NULL */
    bool namespaced;
    bool metadata_only; /* nearly all that matters stands in its metadata */
};
const struct live_kube_spec *irsa_live_kube_spec(enum live_kube_resource resource);
/* By kind; NULL for one that is none of these. */
const struct live_kube_spec *irsa_live_kube_kind(const char *kind);
/* A list of the one object of that name, for who may list and not get; the caller's. */
char *irsa_live_kube_search_path(const struct live_kube_spec *spec, const char *namespace_,
                                 const char *name);
/* That object of the list, as a get would give it: a new reference, or NULL where it is not there.
 */
json_t *irsa_live_kube_found(const struct live_kube_spec *spec, const json_t *list);
/* "/apis/apps/v1/namespaces/app/deployments/api": namespace_ and name may be NULL. The caller's. */
char *irsa_live_kube_path(const struct live_kube_spec *spec, const char *namespace_,
                          const char *name);

/* --- what has to be read (live_kube_needs.c) -------------------------------------------------- */

/* How an intent is gathered; `irsa-fix permissions --rbac` is answered from the same. */
struct live_kube_needs {
    bool everywhere;                /* all namespaces, in one list */
    struct irsa_strings namespaces; /* else these */
    struct irsa_strings accounts;   /* "NAMESPACE/NAME" that were named; sorted */
};
void irsa_live_kube_needs(const struct irsa_intent *intent, struct live_kube_needs *ret);
void irsa_live_kube_needs_done(struct live_kube_needs *needs);
#define irsa_auto_live_kube_needs IRSA_CLEANUP(irsa_live_kube_needs_done) struct live_kube_needs

/* --- reading (live_kube.c, live_kube_read.c) -------------------------------------------------- */

/* One list or object, page by page. */
struct live_kube_read {
    const struct live_kube_spec *spec; /* NULL: the discovery document */
    char *namespace_;                  /* NULL: all, or not namespaced */
    char *name;                        /* NULL: a list */
    char *more;                        /* what continues the list, or NULL */
    char *path;
    unsigned page;
    unsigned starts;      /* how often the list was begun */
    struct irsa_map seen; /* "NAMESPACE/NAME" of a list of several pages: who takes them has it */
    bool done;
    bool denied;
    struct irsa_kube_call call;
};
/* Works beside the reading of AWS, in a thread of its own: it shares nothing with that but the
 * facts, under gather->lock. */
struct live_kube_gather {
    struct gather *gather;
    struct live_kube_needs needs;
    struct live_kube_read **reads;
    size_t read_count;
    struct live_kube_pages *pages;
    json_t *observed;  /* what it adds to IrsaFixObserved */
    char *issuer;      /* of the API server, or NULL */
    bool undiscovered; /* it may be asked for, but there is none */
    bool taken;        /* something came in */
    struct irsa_error *error;
    struct live_document *documents;
    size_t document_count;
};
/* What of such an answer is read; borrowed. (live_kube_fields.c) */
const struct irsa_json_fields *irsa_live_kube_fields(const struct live_kube_spec *spec);

/* An answer on its way to the facts. */
struct live_kube_page {
    const struct live_kube_spec *spec;
    char *name; /* of the document, for messages */
    bool metadata;
    struct irsa_map *seen; /* the read's, where some of it may have been taken before; or NULL */
    struct irsa_buf text;
};
struct live_kube_pages;
/* Takes pages in the order in which they are put, beside whoever puts them: gather->lock is held
 * meanwhile, `taken` and `documents` of kube are its own until it is closed. (live_kube_pages.c) */
struct live_kube_pages *irsa_live_kube_pages_open(struct live_kube_gather *kube);
/* The page becomes its own. Waits where many wait already. False: one of them could not be taken,
 * and none will be. */
bool irsa_live_kube_pages_put(struct live_kube_pages *pages, struct live_kube_page *page);
/* Waits until all are taken. *reterr is set where one could not be, unless there is an error. */
void irsa_live_kube_pages_close(struct live_kube_pages *pages, struct irsa_error **reterr);
/* Reads all that the needs ask for. Errors in kube->error. */
void irsa_live_kube_read_all(struct live_kube_gather *kube);
/* Begins; NULL where the world has no Kubernetes. */
struct live_kube_gather *irsa_live_kube_begin(struct gather *gather);
/* Waits, and takes over what was seen besides answers. With `failed`, AWS could not be read: only
 * the end is waited for. Always frees kube. */
int irsa_live_kube_end(struct live_kube_gather *kube, struct gather *gather, bool failed);
/* A copy without what nobody reads and what nobody should: for snapshots. (live_kube_reduce.c) */
json_t *irsa_live_kube_reduce(const json_t *document);

/* --- writing (live_kube_apply.c, live_kube_patch.c, live_kube_rollout.c) ---------------------- */

void irsa_live_kube_apply(struct live *live, const struct irsa_facts *facts,
                          const struct irsa_change *const *changes, size_t count,
                          struct irsa_error **errors);

/* What a DELETE asks for, and on which conditions (live_kube_remove.c). The caller's; a new
 * reference. */
char *irsa_live_kube_delete_path(const struct live *live, const struct live_kube_spec *spec,
                                 const char *namespace_, const char *name);
json_t *irsa_live_kube_delete_body(const char *uid, const char *version);
/* CONFLICT where something lives in the namespace that Kubernetes did not put there itself. */
int irsa_live_kube_check_empty(struct live *live, const char *namespace_,
                               struct irsa_error **reterr);
/* What is looked for before a namespace is deleted, for RBAC: "pods", ... NULL at the end. */
const char *const *irsa_live_kube_inhabitants(void);

/* How an object stands to a change. */
enum live_kube_standing {
    LIVE_KUBE_BEFORE, /* as the plan saw it */
    LIVE_KUBE_AFTER,  /* as the plan wants it */
    LIVE_KUBE_MOVED,
};
/* *ret_path (the caller's) names the first field that moved. */
enum live_kube_standing irsa_live_kube_compare(const json_t *now, const json_t *before,
                                               const json_t *after, char **ret_path);
/* True where it has all annotations of `wanted`: who made it, and how else, does not matter. */
bool irsa_live_kube_serves(const json_t *now, const json_t *wanted);
/* Who keeps that service account as it is, or NULL; the caller's. */
char *irsa_live_kube_owner(const json_t *account);
/* What makes `after` of `before`, as a JSON merge patch (RFC 7386). A new reference. */
json_t *irsa_live_kube_patch(const json_t *before, const json_t *after);

/* How far a rollout is, as `kubectl rollout status` tells it. */
enum live_kube_rollout {
    LIVE_KUBE_ROLLING,
    LIVE_KUBE_ROLLED,
    LIVE_KUBE_STUCK,  /* Kubernetes itself gave up */
    LIVE_KUBE_BY_HAND /* its pods change when somebody deletes them */
};
/* *ret_text (the caller's): "1 of 3 pods are new". */
enum live_kube_rollout irsa_live_kube_rollout(const json_t *object, char **ret_text);
/* Watches the workloads of these changes until their pods are new or the time is over; errors[i]
 * NULL before. */
void irsa_live_kube_watch(struct live *live, const struct irsa_change *const *changes, size_t count,
                          struct irsa_error **errors);

#endif
