/* SPDX-License-Identifier: Apache-2.0 */
/*
 * apply: runs a plan's changes against a world in their order, keeps the failure of one binding
 * from stopping the others, and re-checks afterwards what now holds.
 */
#ifndef IRSA_FIX_APPLY_H
#define IRSA_FIX_APPLY_H

#include "irsa/journal.h"
#include "irsa/plan.h"
#include "irsa/world.h"

enum irsa_change_state {
    IRSA_CHANGE_DONE,
    IRSA_CHANGE_HELD_BACK,
    IRSA_CHANGE_FAILED,
    IRSA_CHANGE_SKIPPED, /* one that it needs failed before it */
};
struct irsa_change_result {
    enum irsa_change_state state;
    char *message; /* why it failed or was skipped, or NULL */
    char *hint;    /* or NULL */
    enum irsa_error_kind kind;
};
struct irsa_apply_result {
    struct irsa_change_result *changes; /* one a change of the plan */
    size_t change_count;
    size_t done, failed, skipped;
    bool interrupted;
    char *restore_error;      /* why files were not brought back byte for byte; or NULL */
    struct irsa_strings left; /* files that somebody else changed since: edited only */
    char *journal_error;      /* why it could not be written: nothing more was done; or NULL */
    struct irsa_facts *facts_after; /* gathered again; NULL where that failed */
    struct irsa_plan *after;        /* the plan made from them; NULL where that failed */
    char *recheck_error;            /* why not */
};
void irsa_apply_result_done(struct irsa_apply_result *result);

/* Called before and after each change (progress on stderr); may be NULL. result NULL: about to
 * start. */
typedef void irsa_apply_progress(void *context, const struct irsa_change *change,
                                 const struct irsa_change_result *result);

struct irsa_apply_options {
    struct irsa_journal *journal;     /* NULL: none is kept (tests) */
    const volatile bool *interrupted; /* or NULL */
    irsa_apply_progress *progress;    /* or NULL */
    void *context;                    /* of progress */
    const json_t *restore;            /* a rollback's: files of the run, for their bytes; or NULL */
};
/* Applies what is not held back, each change announced in the journal and its result written after
 * it. Stops before the next change when *interrupted becomes true (a signal), or when the journal
 * can't be written. The `end` record is the caller's. Never fails as a whole: the result tells. */
void irsa_apply(struct irsa_world *world, const struct irsa_plan *plan,
                const struct irsa_apply_options *options, struct irsa_apply_result *ret);
/* The answer of apply --format json: irsa_plan_json of the plan, with "result" (done, held-back,
 * failed, skipped) and "message" in each change, "applied": {"done", "failed", "skipped",
 * "interrupted"}, "recheck": irsa_plan_json of what holds now (null where it could not be read
 * again), and "outcome" of apply. */
json_t *irsa_apply_json(const struct irsa_plan *plan, const struct irsa_apply_result *result);
/* The exit status by design.md's table (5, 4, 1, 3, 2, 0). */
int irsa_apply_outcome(const struct irsa_apply_result *result);

#endif
