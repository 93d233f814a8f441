/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A program run to its end without a shell: its output taken, bounded in size and time. stdin and
 * the environment are those of the caller, so that it may ask its user.
 */
#ifndef IRSA_FIX_AWS_PROCESS_H
#define IRSA_FIX_AWS_PROCESS_H

#include "irsa/base.h"

struct irsa_aws_process {
    long deadline_ms;                 /* in */
    const volatile bool *interrupted; /* in; may be NULL */
    struct irsa_buf out;
    struct irsa_buf err; /* its beginning */
    int status;
    int signal; /* 0: ended by itself */
};
void irsa_aws_process_done(struct irsa_aws_process *process);

/* words[0] is looked for on PATH. Errors: NOT_FOUND, IO, LIMIT (too much output), AUTH (deadline
 * passed, interrupted); the program is not left running. */
int irsa_aws_process_run(const struct irsa_strings *words, struct irsa_aws_process *process,
                         struct irsa_error **reterr);

#endif
