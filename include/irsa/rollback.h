/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rollback: from the changes that a run made, and the facts as they are now, to the plan that takes
 * them back: in reverse order, what was created goes, what was changed becomes what it was, what
 * was deleted is made anew. What somebody changed since is held back. Pure, as all plans are.
 */
#ifndef IRSA_FIX_ROLLBACK_H
#define IRSA_FIX_ROLLBACK_H

#include "irsa/plan.h"

/* How sure it is that a recorded change was made. */
enum irsa_undo_certainty {
    IRSA_UNDO_DONE,
    IRSA_UNDO_DOUBTFUL, /* begun, and no word of what came of it: the facts tell */
    IRSA_UNDO_FAILED,   /* reported as failed: only looked at */
};
struct irsa_undo_change {
    const struct irsa_change *change; /* borrowed */
    enum irsa_undo_certainty certainty;
};
/* What is to be taken back; all borrowed. A killed run and those that finished it are one job. */
struct irsa_undo {
    const json_t *run;                      /* the job's last run: its `run` record */
    const struct irsa_strings *runs;        /* ids, oldest first */
    const struct irsa_undo_change *changes; /* in the order in which they were made */
    size_t change_count;
    bool aws_in_files;        /* the account is files: what no file shows need not exist */
    bool kubernetes_in_files; /* restarts are texts, which can be taken back */
};

/* The way back. Held back: of class `overwrite` what is neither as the run left it nor as it was,
 * of class `delete` what somebody else uses by now; and `blocked`, whatever is allowed, what can't
 * be taken back. The plan has no bindings and no findings; its scope is the recorded cluster, its
 * outcome 0 (all is as it was), 2 or 3 (something is held back). `undo` outlives the plan. */
void irsa_rollback_plan(const struct irsa_facts *facts, const struct irsa_intent *intent,
                        const struct irsa_undo *undo, struct irsa_plan **ret);

/* "rollback" of irsa_plan_json: {"run", "runs", "command", "started", "user", "host", "undone",
 * "notes"}. A new reference. */
json_t *irsa_rollback_json(const struct irsa_plan *plan);

/* The changes of a job brought together, one an object: what the first found, what the last left.
 * Owned; the caller frees each with irsa_change_done and the array. (rollback_merge.c) */
struct irsa_undo_net {
    struct irsa_change change;
    enum irsa_undo_certainty certainty; /* the best of its parts */
};
size_t irsa_undo_merge(const struct irsa_undo *undo, struct irsa_undo_net **ret);

/* What the facts show of the object of `change`, in the shape of its sides; NULL: not there, or not
 * seen. A new reference. (rollback_now.c) */
json_t *irsa_undo_now(const struct irsa_facts *facts, const struct irsa_change *change);
/* What differs between the object now and as the run left it: "eks.amazonaws.com/role-arn is "X"
 * now, not "Y"". The caller's. */
char *irsa_undo_difference(const json_t *now, const json_t *left);

/* Who is in the way of a deletion that undoes a creation: names of what uses or inhabits the
 * object, without what `plan` takes away before. (rollback_users.c) */
struct irsa_undo_users {
    struct irsa_strings names;
    bool unseen; /* there may be more that was not seen */
};
void irsa_undo_users_done(struct irsa_undo_users *users);
void irsa_undo_users(const struct irsa_plan *plan, const struct irsa_change *deletion,
                     struct irsa_undo_users *ret);

#endif
