/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands share: from arguments to intent, world, facts and plan; the result's way out;
 * and interrupts. Each command is one function in a file of its own that returns the exit status,
 * or -1 with an error.
 */
#ifndef IRSA_FIX_CLI_SESSION_H
#define IRSA_FIX_CLI_SESSION_H

#include "cli/options.h"
#include "irsa/apply.h"
#include "irsa/report.h"

/* --- the commands ----------------------------------------------------------------------------- */

int irsa_run_plan(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_apply(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_bootstrap(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_rollback(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_show(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_snapshot(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_verify(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_permissions(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_history(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_explain(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_templates(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_completion(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_help(const struct irsa_arguments *arguments, struct irsa_error **reterr);
int irsa_run_version(const struct irsa_arguments *arguments, struct irsa_error **reterr);

/* The whole program, for main: parses, runs, prints the error, returns the exit status. */
int irsa_cli(int argc, char *const *argv);
/* design.md's table. */
int irsa_exit_status(enum irsa_error_kind kind);

/* --- a session: arguments to plan (session.c) ------------------------------------------------- */

struct irsa_session {
    const struct irsa_arguments *arguments; /* borrowed */
    struct irsa_templates *templates;
    struct irsa_intent *intent;
    struct irsa_world *world;
    struct irsa_facts *facts;
    struct irsa_plan *plan;
    int64_t read_ns;              /* CLOCK_REALTIME, right before the world was read */
    const char *locked;           /* key of the world whose lock is held, or NULL; borrowed */
    const struct irsa_undo *undo; /* borrowed: the run that is taken back; NULL elsewhere */
    const json_t *undo_files;     /* borrowed: what brings back the bytes of its files */
    bool is_saved;                /* the plan has to be the one that was saved */
};
void irsa_session_done(struct irsa_session *session);
#define irsa_auto_session IRSA_CLEANUP(irsa_session_done) struct irsa_session
/* Arguments and irsa-fix.ini to intent, checked. */
int irsa_session_intend(struct irsa_session *session, const struct irsa_arguments *arguments,
                        struct irsa_error **reterr);
/* The same, and the world opened, not yet read. */
int irsa_session_open(struct irsa_session *session, const struct irsa_arguments *arguments,
                      struct irsa_error **reterr);
/* Reads the world and plans. */
int irsa_session_plan(struct irsa_session *session, struct irsa_error **reterr);
/* What was refused, on standard error. (denied.c) */
void irsa_warn_of_denied(const struct irsa_facts *facts);
/* The same once more, after somebody may have changed it. */
int irsa_session_read_again(struct irsa_session *session, struct irsa_error **reterr);
/* Plans once more from the facts at hand (after the intent changed). */
int irsa_session_plan_again(struct irsa_session *session, struct irsa_error **reterr);
/* Applies the plan, writes the result; the exit status. *ret_finished: everything to be done was.
 */
int irsa_session_apply(struct irsa_session *session, const char *next_command, bool *ret_finished,
                       struct irsa_error **reterr);
/* Asks the API server about the plan's changes, then writes the plan; the exit status. (dry_run.c)
 */
int irsa_session_dry_run(struct irsa_session *session, const char *next_command,
                         struct irsa_error **reterr);
/* Writes the plan; the exit status. */
int irsa_session_report(struct irsa_session *session, const char *next_command,
                        struct irsa_error **reterr);

/* Proves the bindings of `plan` in the live world (verify.c); the answer, a new reference. Errors:
 * USAGE, those of irsa_live_prover. */
json_t *irsa_session_verify(struct irsa_session *session, const struct irsa_plan *plan,
                            struct irsa_error **reterr);

/* apply --verify: the same after apply, its answer put into `document`; the worse of `status` and
 * its own (design.md's order). */
int irsa_session_prove(struct irsa_session *session, const struct irsa_plan *after,
                       json_t *document, int status);
/* What can't be asked later is not waited for until then. Errors: USAGE. */
int irsa_verify_check(const struct irsa_arguments *arguments, struct irsa_error **reterr);

/* --timeout in milliseconds; 0: not given. Errors: USAGE. (live.c) */
int irsa_timeout_from_arguments(const struct irsa_arguments *arguments, long *ret_ms,
                                struct irsa_error **reterr);
/* --account-profile into the intent. Errors: USAGE. (live.c) */
int irsa_accounts_from_arguments(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                                 struct irsa_error **reterr);
/* thumbprint.c: --thumbprint HEX becomes intent->thumbprint; `auto` is looked up at the issuer that
 * irsa-fix.ini names, where it is not EKS's. Errors: USAGE; NET, with a hint. */
int irsa_thumbprint_from_arguments(const struct irsa_arguments *arguments,
                                   struct irsa_intent *intent, struct irsa_error **reterr);
int irsa_thumbprint_from_issuer(const struct irsa_arguments *arguments, long timeout_ms,
                                struct irsa_intent *intent, struct irsa_error **reterr);
/* The live world that the arguments name (live.c). Errors: those of irsa_aws_open, USAGE. */
int irsa_live_from_arguments(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                             struct irsa_world **ret, struct irsa_error **reterr);

/* --- arguments to intent (wish.c) ------------------------------------------------------------- */

int irsa_intent_from_arguments(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                               struct irsa_error **reterr);
/* What was wished is of no interest: a run is taken back. (rollback_source.c) */
void irsa_intend_undo(struct irsa_intent *intent);
/* --allow into intent. */
int irsa_allow_from_arguments(const struct irsa_arguments *arguments, struct irsa_intent *intent,
                              struct irsa_error **reterr);

/* --- the result's way out (output.c) ---------------------------------------------------------- */

/* `plan`, or a document like it, as text or JSON by --format, to --output or standard output. */
enum irsa_report_kind {
    IRSA_REPORT_PLAN,
    IRSA_REPORT_APPLY,
    IRSA_REPORT_RUNS,
    IRSA_REPORT_RUN,
    IRSA_REPORT_VERIFY,
    IRSA_REPORT_SYMPTOMS,
};
int irsa_write_report(const struct irsa_arguments *arguments, enum irsa_report_kind kind,
                      const json_t *document, const char *next_command, struct irsa_error **reterr);
/* Text to a file that the command line names: a regular file is replaced as a whole, and through a
 * link; devices and pipes are written to. Errors: IO. */
int irsa_write_file(const char *path, const struct irsa_buf *text, struct irsa_error **reterr);
/* Text to --output or standard output. Errors: IO. */
int irsa_write_result(const struct irsa_arguments *arguments, const struct irsa_buf *text,
                      struct irsa_error **reterr);
/* The last word on standard output: what was buffered is written and checked. Errors: IO. */
int irsa_close_stdout(struct irsa_error **reterr);
/* File descriptors 0 to 2 are open, so that no file opened later takes the place of a closed one.
 */
void irsa_guard_streams(void);
bool irsa_wants_json(const struct irsa_arguments *arguments);
/* Environment and options to colours and characters (pure but for isatty; tested on its own). */
bool irsa_wants_colour(const struct irsa_arguments *arguments, bool terminal);
bool irsa_wants_utf8(const struct irsa_arguments *arguments);

/* --- interrupts (signals.c) ------------------------------------------------------------------- */

/* From now on SIGINT and SIGTERM end the program with 130 at once, except while held. */
void irsa_signals_install(void);
/* While held they only set the flag: a change under way is finished, the next one not begun. */
void irsa_signals_hold(bool hold);
const volatile bool *irsa_interrupted(void);
/* The second signal while held: what is under way on the network is given up too. */
const volatile bool *irsa_given_up(void);

#endif
