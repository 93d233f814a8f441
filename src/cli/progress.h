/* SPDX-License-Identifier: Apache-2.0 */
/* How far an apply of many changes is. Room-private. */
#ifndef IRSA_FIX_CLI_PROGRESS_H
#define IRSA_FIX_CLI_PROGRESS_H

#include "irsa/apply.h"

struct irsa_progress {
    size_t total; /* changes that are not held back */
    size_t settled;
    size_t failed;
    bool shown;
    bool drawn;    /* there is a terminal */
    long drawn_ms; /* or tried to */
    long said_ms;  /* elsewhere */
};
void irsa_progress_begin(struct irsa_progress *progress, const struct irsa_plan *plan);
/* As irsa_apply_progress: result NULL: a change is about to start. */
void irsa_progress_step(struct irsa_progress *progress, const struct irsa_change_result *result);
/* The line is taken away. */
void irsa_progress_end(void);

#endif
