/* SPDX-License-Identifier: Apache-2.0 */
/* Two texts compared piece by piece: which pieces of each are not in the other. Room-private. */
#ifndef IRSA_FIX_DOCUMENT_DIFFER_H
#define IRSA_FIX_DOCUMENT_DIFFER_H

#include "irsa/document.h"

struct line {
    const char *text;
    size_t len; /* with its line feed */
    uint64_t hash;
};

struct side {
    struct line *lines;
    size_t len;
    bool *changed; /* of each line: not in the other side */
};

struct differ {
    struct side a;
    struct side b;
    ptrdiff_t *forward; /* furthest reaching x of each diagonal, from both ends */
    ptrdiff_t *backward;
    ptrdiff_t origin; /* index of diagonal 0 */
};

/* The length of the piece that begins at `text`, of `len` bytes at most; 1 at least. */
typedef size_t irsa_piece_length(const char *text, size_t len);
/* A line with its line feed. */
irsa_piece_length irsa_line_length;

/* Marks a minimal set of pieces. */
void irsa_differ_compare(struct differ *differ, irsa_piece_length *piece, const char *a,
                         size_t a_len, const char *b, size_t b_len);
/* Marks pieces from difference to difference: not always the fewest, but in linear time where the
 * differences are small, however many there are. */
void irsa_differ_compare_long(struct differ *differ, irsa_piece_length *piece, const char *a,
                              size_t a_len, const char *b, size_t b_len);
void irsa_differ_done(struct differ *differ);

struct cursor {
    size_t x;
    size_t y;
};
/* Moves over equal pieces to the next difference, and over a difference to what is equal. */
void irsa_skip_equal(const struct differ *differ, struct cursor *at);
void irsa_skip_changed(const struct differ *differ, struct cursor *at);

#endif
