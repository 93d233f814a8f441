/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal: what a run is about to do is on the disk before it is done, and what came of it after,
 * so that a run that was killed can be told from one that ended, finished by the next one, and
 * taken back by `rollback`. One file a run in $XDG_STATE_HOME/irsa-fix/runs (or
 * ~/.local/state/irsa-fix/runs: XDG Base Directory Specification), directories 0700, files 0600,
 * JSON lines, each flushed by fsync before the call that it announces. No secrets stand in it: only
 * what changes hold, which are ARNs, names and policies.
 *
 * Records, in the order in which they are written (docs/journal.md):
 *   {"record": "run", "version": 1, "id", "started" (RFC 3339, UTC), "command", "user", "host",
 *    "pid", "irsa_fix_version", "world" (key of the lock), "cluster" (as in irsa_plan_json),
 *    "source", "arguments" (as in saved plans, file names made absolute), "planned": [{"index",
 *    "id", "action", "kind", "target"}], "continues": id|null, "undoes": id|null}
 *   {"record": "change", "index", "at", "change": {"id", "action", "kind", "target", "before",
 *    "after", "class", "because"}}                      before it is made; several for a batch
 *   {"record": "files", "at", "files": [{"name", "existed", "removed", "mode", "before_sha256",
 *    "after_sha256", "hunks"}]}                         captured worlds: what brings back the bytes
 *                                                       (irsa_file_delta), before they are written
 *   {"record": "result", "index", "at", "result": "done"|"failed", "message", "hint"}
 *   {"record": "end", "at", "outcome", "done", "failed", "skipped"}      the run ended by itself
 *   {"record": "settled", "at", "by": id, "changes": [{"index", "holds": true|false|null}]}
 *                                                       a later run found it killed and looked
 * A last line without its line feed was torn by a kill: what it would have announced had not begun.
 */
#ifndef IRSA_FIX_JOURNAL_H
#define IRSA_FIX_JOURNAL_H

#include "irsa/plan.h"

/* --- where it is ------------------------------------------------------------------------------ */

/* irsa-fix's directory of what is kept: xdg_state_home (only where it is absolute, as the
 * specification has it) or home/.local/state, with /irsa-fix. Either may be NULL. The caller's.
 * Errors: IO with a hint where neither serves. Makes nothing. */
char *irsa_state_directory(const char *xdg_state_home, const char *home,
                           struct irsa_error **reterr);

/* --- writing ---------------------------------------------------------------------------------- */

/* "20261127-235509-1f39c04e": UTC, milliseconds and chance; sorts by time. The caller's. */
char *irsa_run_id_new(void);

/* What the `run` record says; all borrowed. */
struct irsa_journal_run {
    const char *id;
    const char *command;   /* "apply", "bootstrap", "rollback" */
    const char *world;     /* key of the lock */
    const json_t *cluster; /* "cluster" of irsa_plan_json */
    const json_t *source;  /* as in saved plans: {"kind", "directory"?, "ignore"} */
    const json_t *arguments;
    const struct irsa_change *changes; /* planned; held-back ones are left out */
    size_t change_count;
    const char *continues; /* the killed run that this one finishes, or NULL */
    const char *undoes;    /* the run that this one takes back, or NULL */
};

/* A run's journal, open for writing. */
struct irsa_journal;
/* Makes directories and file, and writes the first record. Errors: IO with a hint; nothing may be
 * changed then. */
int irsa_journal_open(const char *state_directory, const struct irsa_journal_run *run,
                      struct irsa_journal **ret, struct irsa_error **reterr);
/* Before they are made: changes[indexes[i]], with one fsync. Errors: IO; they must not be made
 * then. */
int irsa_journal_changes(struct irsa_journal *journal, const struct irsa_change *changes,
                         const size_t *indexes, size_t count, struct irsa_error **reterr);
/* For struct irsa_world's will_write; `journal` is a struct irsa_journal *. */
int irsa_journal_files(void *journal, const json_t *files, struct irsa_error **reterr);
/* What came of one change; written out by irsa_journal_flush. message and hint may be NULL. */
void irsa_journal_result(struct irsa_journal *journal, size_t index, bool done, const char *message,
                         const char *hint);
/* Errors: IO; the next change must not be made then. */
int irsa_journal_flush(struct irsa_journal *journal, struct irsa_error **reterr);
/* The run's last record. Errors: IO. */
int irsa_journal_end(struct irsa_journal *journal, int outcome, size_t done, size_t failed,
                     size_t skipped, struct irsa_error **reterr);
void irsa_journal_free(struct irsa_journal *journal);
static inline void irsa_journal_freep(struct irsa_journal **p)
{
    irsa_journal_free(*p);
}
#define irsa_auto_journal IRSA_CLEANUP(irsa_journal_freep) struct irsa_journal *

/* Adds the `settled` record to the journal of a run that was killed: `changes` as above. Errors:
 * IO. */
int irsa_journal_settle(const char *state_directory, const char *id, const char *by,
                        const json_t *changes, struct irsa_error **reterr);

/* --- reading ---------------------------------------------------------------------------------- */

enum irsa_run_state {
    IRSA_RUN_UNENDED,     /* killed, or at work yet: who holds its world's lock tells */
    IRSA_RUN_FINISHED,    /* ended by itself, well or not: `outcome` */
    IRSA_RUN_SETTLED,     /* killed; a later run looked, and finished it */
    IRSA_RUN_ROLLED_BACK, /* taken back as a whole by the run `rolled_back_by` */
};

/* What a list shows of a run. */
struct irsa_run_summary {
    char *id;
    json_t *head; /* its `run` record; owned */
    enum irsa_run_state state;
    int outcome; /* of ended ones; else -1 */
    char *ended; /* when, or NULL */
    size_t planned, done, failed, skipped;
    size_t doubtful;      /* begun, and no word of what came of it */
    char *settled_by;     /* or NULL */
    char *rolled_back_by; /* the newest run that undoes it, or NULL */
};
struct irsa_runs {
    struct irsa_run_summary *items; /* newest first */
    size_t len;
    struct irsa_strings unreadable; /* "FILE: reason": passed over */
};
/* All runs; none where there is no directory yet. Errors: IO (the directory can't be read). */
int irsa_runs_read(const char *state_directory, struct irsa_runs *ret, struct irsa_error **reterr);
/* Those without an end alone, newest first: killed, or at work yet, and not taken back since. Costs
 * a directory where there are none, however many runs there are. Errors: IO. */
int irsa_runs_read_unended(const char *state_directory, struct irsa_runs *ret,
                           struct irsa_error **reterr);
void irsa_runs_done(struct irsa_runs *runs);
#define irsa_auto_runs IRSA_CLEANUP(irsa_runs_done) struct irsa_runs
/* The run of that id or unique beginning of one; NULL: the newest. Borrowed. Errors: NOT_FOUND (the
 * nearest as hint; none at all), USAGE (several begin so). */
const struct irsa_run_summary *irsa_runs_find(const struct irsa_runs *runs, const char *id,
                                              struct irsa_error **reterr);

enum irsa_run_change_state {
    IRSA_RUN_CHANGE_NOT_BEGUN, /* planned only; `change` has id, action, kind and target alone */
    IRSA_RUN_CHANGE_DOUBTFUL,  /* begun, and no word of what came of it */
    IRSA_RUN_CHANGE_DONE,
    IRSA_RUN_CHANGE_FAILED,
};
struct irsa_run_change {
    size_t index; /* place in the plan that was applied */
    enum irsa_run_change_state state;
    struct irsa_change change; /* owned; diff empty, no bindings: as irsa_change_read leaves it */
    char *message;             /* why it failed, or NULL */
    char *hint;
};
/* One run, read as a whole. */
struct irsa_run {
    struct irsa_run_summary summary; /* as far as its own file tells */
    struct irsa_run_change *changes; /* by index */
    size_t change_count;
    json_t *files;     /* array of all `files` records' elements, in the order of writing */
    size_t files_open; /* from there on `files` are of the last record, and no result came after it;
                          else their number */
    json_t *settled;   /* "changes" of the settled record, or NULL */
    bool torn;         /* the last line was cut by a kill */
};
/* Errors: IO, PARSE ("FILE:line: reason"), LIMIT. */
int irsa_run_read(const char *state_directory, const char *id, struct irsa_run **ret,
                  struct irsa_error **reterr);
void irsa_run_free(struct irsa_run *run);
static inline void irsa_run_freep(struct irsa_run **p)
{
    irsa_run_free(*p);
}
#define irsa_auto_run IRSA_CLEANUP(irsa_run_freep) struct irsa_run *

/* Where the last change was killed between two of its files (below `root`), those that were written
 * are put back, *ret_files of them; temporary files are removed. Whoever calls it holds the lock of
 * the run's world. Nothing is done where somebody wrote to one of them since. Errors: IO. */
int irsa_run_recover(const struct irsa_run *run, const char *root, size_t *ret_files,
                     struct irsa_error **reterr);

/* --- one at a time ---------------------------------------------------------------------------- */

/* A world's lock: flock on STATE/locks/SHA256-OF-KEY.lock, so that a killed holder leaves none
 * behind. What stands in the file tells who holds it. */
struct irsa_lock;
/* Waits up to timeout_ms for another holder to let go, and says once (log: warning) whom it waits
 * for. *ret_moved: since `since` (CLOCK_REALTIME, ns) somebody else had the lock, or its last
 * holder was killed: what was read before may be out of date. Errors: IO, with the holder in the
 * message. */
int irsa_lock_take(const char *state_directory, const char *key, const char *run_id,
                   long timeout_ms, int64_t since_ns, struct irsa_lock **ret, bool *ret_moved,
                   struct irsa_error **reterr);
void irsa_lock_free(struct irsa_lock *lock);
static inline void irsa_lock_freep(struct irsa_lock **p)
{
    irsa_lock_free(*p);
}
#define irsa_auto_lock IRSA_CLEANUP(irsa_lock_freep) struct irsa_lock *
/* The run that holds that world's lock ("?" while it has not said so yet), or NULL: nobody does.
 * The caller's. */
char *irsa_lock_holder(const char *state_directory, const char *key);
/* True for a run without an end that is not killed, but at work. */
bool irsa_run_is_at_work(const char *state_directory, const struct irsa_run_summary *run);

/* --- as JSON: the answers of `history --format json` ------------------------------------------ */

typedef bool irsa_run_wanted(const struct irsa_run_summary *run, void *context);
/* {"format_version", "runs": [...], "total": all there are, "unreadable": [...]}; wanted NULL: all.
 * A new reference. */
json_t *irsa_runs_json(const char *state_directory, const struct irsa_runs *runs,
                       irsa_run_wanted *wanted, void *context);
/* One run with its "changes", each with "diff", "result", "message", "hint" and "holds". summary:
 * the same from irsa_runs_read, which knows what later runs did about it. A new reference. */
json_t *irsa_run_json(const char *state_directory, const struct irsa_run_summary *summary,
                      const struct irsa_run *run);

#endif
