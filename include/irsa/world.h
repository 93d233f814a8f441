/* SPDX-License-Identifier: Apache-2.0 */
/*
 * world: where facts come from and changes go, as a table of functions. The captured world is a
 * directory of files (docs/captured-worlds.md), the live world is AWS and Kubernetes over the wire
 * (docs/live-aws.md, docs/live-kubernetes.md).
 */
#ifndef IRSA_FIX_WORLD_H
#define IRSA_FIX_WORLD_H

#include "irsa/aws.h"
#include "irsa/facts.h"
#include "irsa/kube.h"
#include "irsa/plan.h"

struct irsa_world;
struct irsa_world_ops {
    /* Everything that can be seen, finished facts. */
    int (*gather)(struct irsa_world *world, struct irsa_facts **ret, struct irsa_error **reterr);
    /* Carries out one change. The object must still be as `before` says, else CONFLICT and nothing
     * is done. Idempotent: a change whose `after` holds already is done. */
    int (*apply)(struct irsa_world *world, const struct irsa_facts *facts,
                 const struct irsa_change *change, struct irsa_error **reterr);
    /* The same for several changes of which none needs another: errors[i] (NULL before) is set
     * where changes[i] was not done. NULL where a world has no better way than one after the other.
     */
    void (*apply_all)(struct irsa_world *world, const struct irsa_facts *facts,
                      const struct irsa_change *const *changes, size_t count,
                      struct irsa_error **errors);
    /* Which kinds of objects apply_all is good for; NULL: all. */
    bool (*at_once)(const struct irsa_world *world, enum irsa_object_kind kind);
    /* The most changes of a kind that apply_all should get: until it is back nothing is reported,
     * and an interruption waits. NULL, or 0: as many as there are. */
    size_t (*batch)(const struct irsa_world *world, enum irsa_object_kind kind);
    void (*free)(struct irsa_world *world);
    /* The bytes of files as they were before a run, after its changes were taken back by apply.
     * files: the run's irsa_file_delta's in the order of writing. Only files that hold what the run
     * left, or what this world itself wrote since (`remember`), and that say the same then; with
     * `whole`, the run was taken back as a whole, and they need not be compared. ret_left: names of
     * those that somebody else changed. NULL: there are no files. */
    int (*restore)(struct irsa_world *world, const json_t *files, bool whole,
                   struct irsa_strings *ret_left, struct irsa_error **reterr);
    /* Files that were read in the last gathering and hold nothing known. NULL: there are no files.
     */
    const struct irsa_strings *(*passed_over)(const struct irsa_world *world);
};
struct irsa_world {
    const struct irsa_world_ops *ops;
    /* Called by worlds of files right before they write, or NULL. files: an array of
     * irsa_file_delta's, one a file. -1: nothing is written. */
    int (*will_write)(void *context, const json_t *files, struct irsa_error **reterr);
    void *will_write_context;
    bool remember; /* what files held before they were first written is kept, for restore */
    long lag_ms;   /* so long it may take until every answer shows what was written; 0: none */
};
void irsa_world_free(struct irsa_world *world);
/* After gather: files that were read but have no shape known here, for --verbose; NULL: none are
 * read. Borrowed. */
const struct irsa_strings *irsa_world_passed_over(const struct irsa_world *world);
static inline void irsa_world_freep(struct irsa_world **p)
{
    irsa_world_free(*p);
}
#define irsa_auto_world IRSA_CLEANUP(irsa_world_freep) struct irsa_world *

/* A captured world. ignore: globs on names relative to the directory. Opens nothing yet. Errors:
 * IO, NOT_FOUND (no such directory, with the nearest name as hint). */
int irsa_captured_new(const char *directory, const struct irsa_strings *ignore,
                      struct irsa_world **ret, struct irsa_error **reterr);

/* What brings a file back: {"name", "existed", "removed", "made_directory"? (the uppermost that had
 * to be made for it), "mode" (octal text, or null), the
 * SHA-256s "before_sha256" and "after_sha256" (null where there is no file), "hunks": [{"offset",
 * "length", "insert" or "insert_hex"}]}: from the last to the first, `length` bytes at `offset`
 * of the file as it is after become `insert`. Only what changed stands in it, since the rest of a
 * file may be anybody's. A new reference. before, after NULL: no file. */
json_t *irsa_file_delta(const char *name, const struct irsa_buf *before,
                        const struct irsa_buf *after, mode_t mode);
/* The bytes before, from those after. Errors: PARSE (no delta), CONFLICT (`after` is not what the
 * delta was made from, or the outcome is not what it was). Not for deltas of new files: what brings
 * these back is their removal. */
int irsa_file_delta_apply(const json_t *delta, const char *after, size_t len, struct irsa_buf *ret,
                          struct irsa_error **reterr);

/* --- live ------------------------------------------------------------------------------------- */

struct irsa_live_options {
    struct irsa_aws *aws;             /* who asks; the world's own from success on */
    const struct irsa_intent *intent; /* borrowed: what is read depends on it */
    const char *manifests; /* directory of the Kubernetes side, or NULL: it is not read */
    const struct irsa_strings *ignore; /* globs on the manifests */
    long wait_ms;                      /* for what was written to be seen; 0: a minute */
    const volatile bool *interrupted;  /* or NULL: everything is given up */
    const volatile bool *stopping;     /* or NULL: what is under way is finished, the rest is not
                                          waited for */
    /* Kubernetes; not with manifests. All three the world's own from success on. */
    struct irsa_kube *kube;                /* or NULL: it is not read */
    struct irsa_transport *kube_transport; /* what kube goes over */
    struct irsa_live_eks *eks;             /* what kube logs in by, or NULL */
    bool kube_optional; /* nobody asked for it: where it can't be reached or refuses the log-in,
                           there is a warning, and AWS alone is read */
    bool dry_run;       /* Kubernetes' writes are only checked by the server (dryRun=All) */
    bool keep;          /* Kubernetes' answers are kept for irsa_live_snapshot */
};
/* EKS' log-in for irsa_kube_open, by the AWS session that a live world gets later. */
struct irsa_live_eks *irsa_live_eks_new(void);
void irsa_live_eks_free(struct irsa_live_eks *eks);
const struct irsa_kube_eks *irsa_live_eks_functions(struct irsa_live_eks *eks);
/* Whose session it is; borrowed. Before that all its functions fail. */
void irsa_live_eks_set(struct irsa_live_eks *eks, struct irsa_aws *aws);
/* True where something was asked for before that. */
bool irsa_live_eks_wanted(const struct irsa_live_eks *eks);

/* Reads nothing yet. Errors: those of irsa_captured_new. */
int irsa_live_new(const struct irsa_live_options *options, struct irsa_world **ret,
                  struct irsa_error **reterr);

/* Writes the answers of the last gathering as a captured world, into a directory that is empty or
 * not there yet. redact: account ids, names and ids are replaced, each by the same everywhere.
 * Errors: IO, CONFLICT (something is in the directory). */
int irsa_live_snapshot(const struct irsa_world *live, const char *directory, bool redact,
                       struct irsa_error **reterr);

/* --- permissions ------------------------------------------------------------------------------ */

struct irsa_permissions_options {
    const struct irsa_intent *intent;
    const char *manifests; /* their annotations name roles, too; NULL: nobody knows those */
    const struct irsa_strings *ignore; /* globs on the manifests; NULL: none */
    const char *partition;             /* where neither region nor roles tell it; NULL: aws */
    bool apply;
};
/* The least IAM policy with which an intent can be planned in the live world, or applied too: from
 * the table of operations that the calls are made from. *ret is a new reference. Errors: those of
 * irsa_captured_new and of reading the manifests. */
int irsa_permissions(const struct irsa_permissions_options *options, json_t **ret,
                     struct irsa_error **reterr);
/* True where that policy names the roles, and the annotations of service accounts, which nobody
 * knows yet, may name other ones: those can't be read with it. */
bool irsa_permissions_leave_annotated(const struct irsa_permissions_options *options);
/* The same for Kubernetes: ClusterRole and, where the intent names its namespaces, Roles in these,
 * bound to the group irsa-fix; YAML. */
void irsa_permissions_rbac(const struct irsa_intent *intent, bool apply, struct irsa_buf *ret);
/* The same for verify: what plan reads, tokens, and with `pods` the test pods. (The IAM policy of
 * verify is that of plan: AssumeRoleWithWebIdentity is not signed, so no policy of the caller is
 * asked; https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html.)
 */
void irsa_permissions_rbac_verify(const struct irsa_intent *intent, bool pods,
                                  struct irsa_buf *ret);

#endif
