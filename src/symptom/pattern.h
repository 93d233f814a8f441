/* SPDX-License-Identifier: Apache-2.0 */
/* A text of the table against a message: letters literal, `*` for anything in between. */
#ifndef IRSA_FIX_SYMPTOM_PATTERN_H
#define IRSA_FIX_SYMPTOM_PATTERN_H

#include "irsa/base.h"

#define SYMPTOM_PATTERN_GAP ((size_t)500) /* the longest run that a `*` stands for */

/* The first place at or after `from` where the pattern is found in fold (lower case, no NUL), the
 * shortest from there. */
bool symptom_pattern_find(const char *pattern, const char *fold, size_t len, size_t from,
                          size_t *ret_start, size_t *ret_end);

#endif
