/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run that changes something: alone in its world by a lock, written down in a journal, and heir
 * to the runs that were killed before it.
 */
#ifndef IRSA_FIX_CLI_RUN_H
#define IRSA_FIX_CLI_RUN_H

#include "cli/session.h"

/* The default of --timeout for another run to end. */
#define IRSA_LOCK_WAIT_MS 60000L

/* --- what a run is named by (run_head.c) ------------------------------------------------------ */

/* XDG_STATE_HOME and HOME to irsa-fix's directory; the caller's. Errors: IO. */
char *irsa_cli_state(struct irsa_error **reterr);
/* The key of the world's lock: "captured REAL-PATH", "live PARTITION ACCOUNT REGION CLUSTER"; after
 * planning. The caller's. */
char *irsa_cli_world_key(const struct irsa_session *session);
/* The id of the run that is taken back, or NULL. */
const char *irsa_session_undoes(const struct irsa_session *session);
/* "source" and "arguments" of saved plans. New references. */
json_t *irsa_source_json(const struct irsa_arguments *arguments);
json_t *irsa_arguments_json(const struct irsa_session *session);
/* The same with absolute names of files and the command's own name: for journals. */
json_t *irsa_run_source_json(const struct irsa_arguments *arguments);
json_t *irsa_run_arguments_json(const struct irsa_session *session);
/* The command line that a `run` record tells of, with --yes; NULL where it is not understood. The
 * caller's. */
char *irsa_run_command(const json_t *head);

/* --- killed runs (killed.c) ------------------------------------------------------------------- */

/* The runs of a world that were killed and that no later one finished, took back or settled. */
struct irsa_killed {
    struct irsa_run **items; /* newest first; each owned */
    size_t len;
};
void irsa_killed_done(struct irsa_killed *killed);
#define irsa_auto_killed IRSA_CLEANUP(irsa_killed_done) struct irsa_killed
/* What can't be read is passed over. */
void irsa_killed_find(const char *state, const char *world, struct irsa_killed *ret);
/* Says on standard error what is known of a killed run, and what the facts tell of what is in
 * doubt. */
void irsa_killed_tell(const struct irsa_run *run, const struct irsa_facts *facts);
/* True where this command, with these arguments, is the one that was killed. */
bool irsa_killed_is_same(const struct irsa_run *run, const struct irsa_session *session);
/* True where nothing of it is left to be done or to be found out. */
bool irsa_killed_is_whole(const struct irsa_run *run, const struct irsa_facts *facts);
/* Before the world is read, for a run that may write: where a killed run left a change of files
 * half written, it is put back. locked: the world whose lock is held already, or NULL. Errors:
 * those of the lock, IO. */
int irsa_killed_recover(const struct irsa_arguments *arguments, const char *locked,
                        struct irsa_error **reterr);
/* After the world could not be read, for others: says that this may be why. */
void irsa_killed_tell_half(const struct irsa_arguments *arguments);
/* "changes" of its `settled` record, by facts. A new reference. */
json_t *irsa_killed_settled(const struct irsa_run *run, const struct irsa_facts *facts);

/* --- the run (run.c) -------------------------------------------------------------------------- */

struct irsa_cli_run {
    char *state;
    char *id;
    char *world;
    struct irsa_lock *lock;
    struct irsa_journal *journal; /* NULL until irsa_cli_run_open */
    struct irsa_killed killed;
    const char *continues; /* among killed, or NULL */
};
void irsa_cli_run_done(struct irsa_cli_run *run);
#define irsa_auto_cli_run IRSA_CLEANUP(irsa_cli_run_done) struct irsa_cli_run
/* After planning: takes the world's lock, reads and plans again where somebody had it meanwhile
 * (CONFLICT where the plan was a saved one), and says what killed runs left. */
int irsa_cli_run_begin(struct irsa_session *session, struct irsa_cli_run *run,
                       struct irsa_error **reterr);
/* Opens the journal and settles the run that this one goes on with; signals are held from here on.
 * undoes: the run that is taken back, or NULL. */
int irsa_cli_run_open(struct irsa_session *session, struct irsa_cli_run *run, const char *undoes,
                      struct irsa_error **reterr);
/* The last record; what fails is told, and changes nothing. */
void irsa_cli_run_end(struct irsa_cli_run *run, int outcome,
                      const struct irsa_apply_result *result);
/* For `plan` and dry runs, after planning: says what killed runs left, and who is at work. */
void irsa_cli_warn_of_runs(const struct irsa_session *session);

#endif
