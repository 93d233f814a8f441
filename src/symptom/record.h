/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a log the message around a place begins and ends, and its text made plain. */
#ifndef IRSA_FIX_SYMPTOM_RECORD_H
#define IRSA_FIX_SYMPTOM_RECORD_H

#include "irsa/base.h"

/* A message is looked at so far around a gate, and not farther. */
#define SYMPTOM_RECORD_BEFORE ((size_t)4096)
#define SYMPTOM_RECORD_AFTER ((size_t)8192)
#define SYMPTOM_RECORD_LINES 40

/* The lines around `at` that belong to one message: those that follow without looking like the
 * beginning of another (a date, a level, JSON, an empty line). Returns false where data ends before
 * that can be told and more may come. */
bool symptom_record_around(const char *data, size_t len, size_t at, bool more_may_come,
                           size_t *ret_start, size_t *ret_end);
/* True where a message of its own begins there. */
bool symptom_record_starts(const char *line, size_t len);

/* A message made plain: without colours, quoting and line breaks of its carrier. */
struct symptom_plain {
    struct irsa_buf text; /* as it was written; '\n' where a line ended, in the log or escaped */
    struct irsa_buf fold; /* the same length: lower case, ' ' for every white space */
};
void symptom_plain_done(struct symptom_plain *plain);
/* With `join` lines that were broken in the middle of a word are put together again. */
void symptom_plain_make(const char *data, size_t len, bool join, struct symptom_plain *ret);

#endif
