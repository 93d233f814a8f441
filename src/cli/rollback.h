/* SPDX-License-Identifier: Apache-2.0 */
/* The run that is taken back, as the journals tell of it. */
#ifndef IRSA_FIX_CLI_ROLLBACK_H
#define IRSA_FIX_CLI_ROLLBACK_H

#include "cli/run.h"
#include "irsa/rollback.h"

/* A run with those that it went on from: killed ones that it finished. */
struct irsa_job {
    struct irsa_strings ids; /* oldest first */
    struct irsa_run **runs;  /* the same order; owned */
    size_t run_count;
    struct irsa_undo_change *changes; /* borrowed from runs */
    size_t change_count;
    json_t *files; /* of all runs, in the order of writing */
    struct irsa_undo undo;
};
void irsa_job_done(struct irsa_job *job);
#define irsa_auto_job IRSA_CLEANUP(irsa_job_done) struct irsa_job

/* The run that the command line names, or the last one of its world that is not taken back. Of
 * several that finish each other the last. *ret_by: the run that took it back as a whole, or NULL.
 * Borrowed from runs. Errors: NOT_FOUND, USAGE. */
int irsa_job_choose(const struct irsa_arguments *arguments, const struct irsa_runs *runs,
                    const struct irsa_run_summary **ret, const char **ret_by,
                    struct irsa_error **reterr);
/* Reads it with all that it went on from. Errors: those of irsa_run_read. */
int irsa_job_read(const char *state, const struct irsa_runs *runs,
                  const struct irsa_run_summary *last, struct irsa_job *ret,
                  struct irsa_error **reterr);

/* The source that the run recorded, with what this command line says besides. Errors: USAGE
 * (another world), PARSE. (rollback_source.c) */
int irsa_job_arguments(const struct irsa_job *job, const struct irsa_arguments *arguments,
                       struct irsa_arguments *ret, struct irsa_error **reterr);
/* What has to be read for it. */
void irsa_job_intend(const struct irsa_job *job, bool captured, struct irsa_intent *intent);
/* After reading: CONFLICT where this is another account or cluster than the run changed. */
int irsa_job_check_world(const struct irsa_undo *undo, const struct irsa_facts *facts,
                         struct irsa_error **reterr);

#endif
