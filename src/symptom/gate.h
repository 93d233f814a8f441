/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gates: words of which every message of the table holds one. A log is searched for them alone, by
 * leaps; only what stands around one is looked at more closely.
 */
#ifndef IRSA_FIX_SYMPTOM_GATE_H
#define IRSA_FIX_SYMPTOM_GATE_H

#include "irsa/base.h"

#define SYMPTOM_GATE_MIN 8 /* the shortest one's length: the longest leap */

/* Lower case; NULL-terminated. */
extern const char *const symptom_gates[];

struct symptom_gate_index {
    uint8_t leap[1u << 15];  /* by the hash of three bytes */
    uint8_t first[1u << 15]; /* place + 1 of the first gate whose start ends with these, 0: none */
    uint8_t next[64];        /* ... and of the one after each */
};
void symptom_gate_index_make(struct symptom_gate_index *ret);
/* The place of the first gate in data from `from` on, letter case ignored; SIZE_MAX: none. */
size_t symptom_gate_find(const struct symptom_gate_index *index, const char *data, size_t len,
                         size_t from, size_t *ret_gate);
/* The gate that text holds, for the table's own texts; SIZE_MAX: none. */
size_t symptom_gate_of(const char *text);

#endif
