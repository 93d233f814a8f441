/* SPDX-License-Identifier: Apache-2.0 */
/* One message against the table. */
#ifndef IRSA_FIX_SYMPTOM_MATCH_H
#define IRSA_FIX_SYMPTOM_MATCH_H

#include "symptom/gate.h"
#include "symptom/values.h"

#define SYMPTOM_MAX_HITS ((size_t)64) /* that are looked for in one message */

/* The table's texts, each with its gate. */
struct symptom_text {
    const struct symptom *symptom;
    const char *text;
    size_t gate;
};
struct symptom_index {
    struct symptom_gate_index gates;
    struct symptom_text *texts;
    size_t len;
};
void symptom_index_make(struct symptom_index *ret);
void symptom_index_done(struct symptom_index *index);

/* A row of the table that a message fits. */
struct symptom_hit {
    const struct symptom *symptom;
    size_t start; /* in the plain text */
    size_t end;
    struct symptom_found found;
};
struct symptom_hits {
    struct symptom_hit items[SYMPTOM_MAX_HITS]; /* in the order of the text */
    size_t len;
};
void symptom_hits_done(struct symptom_hits *hits);
#define symptom_auto_hits IRSA_CLEANUP(symptom_hits_done) struct symptom_hits

/* What the table knows of a message. */
void symptom_hits_find(const struct symptom_index *index, const struct symptom_plain *plain,
                       struct symptom_hits *ret);
/* The hit as a match, of one line, with its causes in order; takes what was found. */
void symptom_hit_match(struct symptom_hit *hit, const struct symptom_plain *plain,
                       struct irsa_symptom_match *ret);

#endif
