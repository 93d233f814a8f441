/* SPDX-License-Identifier: Apache-2.0 */
/* Random documents for the property tests, the same in each run. */
#ifndef IRSA_FIX_TEST_DOCUMENT_RANDOM_H
#define IRSA_FIX_TEST_DOCUMENT_RANDOM_H

#include "irsa/document.h"

struct random {
    uint64_t state;
    unsigned int comments;     /* how many were written: "# c1", "# c2" … */
    const json_t *anchored[8]; /* values that carry the anchors &a0, &a1 … */
    unsigned int anchors;
};

static inline unsigned int random_below(struct random *random, unsigned int limit)
{
    /* xorshift64* (Marsaglia 2003, Vigna 2016) */
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    return (unsigned int)((random->state * UINT64_C(2685821657736338717)) >> 33) % limit;
}

/* A value of at most `depth` levels. */
json_t *random_value(struct random *random, int depth);
/* The value as YAML, each collection and scalar in a style of its own, comments in between. */
void random_yaml(struct random *random, const json_t *value, struct irsa_buf *ret);
/* The value as JSON with white space in any place. */
void random_json(struct random *random, const json_t *value, struct irsa_buf *ret);
/* A path that exists or almost does. */
json_t *random_path(struct random *random, const json_t *value);

#endif
