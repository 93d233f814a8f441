/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the journal: its files and their lines. */
#ifndef IRSA_FIX_APPLY_STATE_H
#define IRSA_FIX_APPLY_STATE_H

#include "irsa/document.h"
#include "irsa/journal.h"

#define IRSA_JOURNAL_VERSION 1
/* Longer journals are not read: ten thousand changes of a role's size stay well below. */
#define IRSA_JOURNAL_MAX_BYTES ((size_t)1 << 30)

/* STATE/runs/ID.jsonl; the caller's. */
char *irsa_run_path(const char *state_directory, const char *id);
/* STATE and STATE/NAME are made where they are missing, mode 0700. */
int irsa_state_mkdir(const char *state_directory, const char *name, struct irsa_error **reterr);
/* fsync of a directory; 0 where its file system knows no such thing. */
int irsa_sync_directory(const char *path);
/* "2026-11-27T23:55:09Z", now; the caller's. */
char *irsa_time_now(void);
/* Name of the user and of the machine, as far as they are known; the caller's. */
char *irsa_user_name(void);
char *irsa_host_name(void);

/* Names in a directory that end in `suffix`, without it, sorted; none where there is no directory.
 * Errors: IO. */
int irsa_list_runs(const char *directory, const char *suffix, struct irsa_strings *ret,
                   struct irsa_error **reterr);
/* One run more, by what its own file tells; or its file as unreadable. */
void irsa_runs_add(const char *state_directory, const char *id, struct irsa_runs *runs);

/* --- which have no end (runs_unended.c) ------------------------------------------------------- */

/* Before the first record of a run, when its file is there. Errors: IO. */
int irsa_run_mark(const char *state_directory, const char *id, struct irsa_error **reterr);
/* After its last one. */
void irsa_run_unmark(const char *state_directory, const char *id);

void irsa_run_summary_done(struct irsa_run_summary *summary);

#endif
