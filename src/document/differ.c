/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Myers' algorithm in its linear-space form: E. W. Myers, "An O(ND) Difference Algorithm and Its
 * Variations", Algorithmica 1 (1986), section 4b. Memory is O(pieces).
 */
#include "document/differ.h"

static void side_done(struct side *side)
{
    free(side->lines);
    free(side->changed);
}

void irsa_differ_done(struct differ *differ)
{
    side_done(&differ->a);
    side_done(&differ->b);
    free(differ->forward);
    free(differ->backward);
}

size_t irsa_line_length(const char *text, size_t len)
{
    const char *end = memchr(text, '\n', len);
    return end ? (size_t)(end - text) + 1 : len;
}

static void split(struct side *side, irsa_piece_length *piece, const char *text, size_t len)
{
    for (const char *end = text + len; text < end;) {
        size_t piece_len = piece(text, (size_t)(end - text));
        uint64_t hash = UINT64_C(14695981039346656037);
        for (size_t i = 0; i < piece_len; i++)
            hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
        side->lines = irsa_grow(side->lines, side->len, sizeof(*side->lines));
        side->lines[side->len++] = (struct line){.text = text, .len = piece_len, .hash = hash};
        text += piece_len;
    }
    side->changed = irsa_calloc(side->len + 1, sizeof(*side->changed));
}

static bool same(const struct differ *differ, ptrdiff_t x, ptrdiff_t y)
{
    const struct line *a = &differ->a.lines[x];
    const struct line *b = &differ->b.lines[y];
    return a->hash == b->hash && a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

struct box {
    ptrdiff_t x1, x2, y1, y2;
};

/* True when line `x` of a and line `y` of b, counted from the box's start or from its end, are the
 * same. */
static bool same_from(const struct differ *differ, const struct box *box, bool from_end,
                      ptrdiff_t x, ptrdiff_t y)
{
    return from_end ? same(differ, box->x2 - 1 - x, box->y2 - 1 - y)
                    : same(differ, box->x1 + x, box->y1 + y);
}

/* The furthest x on diagonal k with d differences, from what is known of its neighbours. */
static ptrdiff_t furthest(const struct differ *differ, const struct box *box, bool from_end,
                          ptrdiff_t d, ptrdiff_t k)
{
    ptrdiff_t width = box->x2 - box->x1;
    ptrdiff_t height = box->y2 - box->y1;
    const ptrdiff_t *v = (from_end ? differ->backward : differ->forward) + differ->origin;
    bool down = k == -d || k - 1 < -height || (k != d && k + 1 <= width && v[k - 1] < v[k + 1]);
    ptrdiff_t at = d == 0 ? 0 : down ? v[k + 1] : v[k - 1] + 1;
    while (at < width && at - k < height && same_from(differ, box, from_end, at, at - k))
        at++;
    return at;
}

/* One more difference from the start or from the end; true when it met the paths from the other
 * side at (*x, *y). The two sides meet going forward where the difference of the lengths is odd,
 * going backward where it is even (Myers, corollary of section 4b). */
static bool step(struct differ *differ, const struct box *box, bool from_end, ptrdiff_t d,
                 ptrdiff_t *x, ptrdiff_t *y)
{
    ptrdiff_t width = box->x2 - box->x1;
    ptrdiff_t height = box->y2 - box->y1;
    ptrdiff_t delta = width - height;
    ptrdiff_t *v = (from_end ? differ->backward : differ->forward) + differ->origin;
    const ptrdiff_t *other = (from_end ? differ->forward : differ->backward) + differ->origin;
    bool can_meet = ((delta & 1) == 0) == from_end;
    ptrdiff_t reach = from_end ? d : d - 1; /* of the paths from the other side */
    for (ptrdiff_t k = -d; k <= d; k += 2) {
        if (k < -height || k > width)
            continue;
        ptrdiff_t at = furthest(differ, box, from_end, d, k);
        v[k] = at;
        ptrdiff_t mirror = delta - k;
        if (can_meet && mirror >= -reach && mirror <= reach && mirror >= -height && mirror <= width
            && at + other[mirror] >= width) {
            *x = from_end ? box->x2 - at : box->x1 + at;
            *y = from_end ? box->y2 - (at - k) : box->y1 + at - k;
            return true;
        }
    }
    return false;
}

static void mark(struct differ *differ, const struct box *box)
{
    for (ptrdiff_t x = box->x1; x < box->x2; x++)
        differ->a.changed[x] = true;
    for (ptrdiff_t y = box->y1; y < box->y2; y++)
        differ->b.changed[y] = true;
}

static void compare(struct differ *differ, struct box box)
{
    while (box.x1 < box.x2 && box.y1 < box.y2 && same(differ, box.x1, box.y1)) {
        box.x1++;
        box.y1++;
    }
    while (box.x1 < box.x2 && box.y1 < box.y2 && same(differ, box.x2 - 1, box.y2 - 1)) {
        box.x2--;
        box.y2--;
    }
    if (box.x1 == box.x2 || box.y1 == box.y2) {
        mark(differ, &box);
        return;
    }
    ptrdiff_t x = 0;
    ptrdiff_t y = 0;
    for (ptrdiff_t d = 0;; d++) {
        if (step(differ, &box, /* from_end= */ false, d, &x, &y)
            || step(differ, &box, /* from_end= */ true, d, &x, &y))
            break;
    }
    compare(differ, (struct box){box.x1, x, box.y1, y});
    compare(differ, (struct box){x, box.x2, y, box.y2});
}

static void open_sides(struct differ *differ, irsa_piece_length *piece, const char *a, size_t a_len,
                       const char *b, size_t b_len)
{
    split(&differ->a, piece, a, a_len);
    split(&differ->b, piece, b, b_len);
    size_t diagonals = differ->a.len + differ->b.len + 3;
    differ->forward = irsa_calloc(diagonals, sizeof(*differ->forward));
    differ->backward = irsa_calloc(diagonals, sizeof(*differ->backward));
    differ->origin = (ptrdiff_t)differ->b.len + 1;
}

void irsa_differ_compare(struct differ *differ, irsa_piece_length *piece, const char *a,
                         size_t a_len, const char *b, size_t b_len)
{
    open_sides(differ, piece, a, a_len, b, b_len);
    compare(differ, (struct box){0, (ptrdiff_t)differ->a.len, 0, (ptrdiff_t)differ->b.len});
}

/* --- long texts with many differences --------------------------------------------------------- */

/* So many equal pieces in a row are no chance. */
#define RUN_PIECES 8
/* How far apart they may be, in pieces of both sides. */
#define REACH 4096

static bool same_run(const struct differ *differ, size_t x, size_t y)
{
    for (size_t i = 0; i < RUN_PIECES; i++, x++, y++) {
        if (x >= differ->a.len || y >= differ->b.len)
            return x >= differ->a.len && y >= differ->b.len;
        if (!same(differ, (ptrdiff_t)x, (ptrdiff_t)y))
            return false;
    }
    return true;
}

/* The nearest place from which on both go on alike; the ends where there is none within reach. */
static struct cursor next_run(const struct differ *differ, struct cursor from)
{
    for (size_t reach = 1; reach <= REACH; reach++) {
        for (size_t i = 0; i <= reach; i++) {
            struct cursor at = {from.x + i, from.y + reach - i};
            if (at.x <= differ->a.len && at.y <= differ->b.len && same_run(differ, at.x, at.y))
                return at;
        }
    }
    return (struct cursor){differ->a.len, differ->b.len};
}

void irsa_differ_compare_long(struct differ *differ, irsa_piece_length *piece, const char *a,
                              size_t a_len, const char *b, size_t b_len)
{
    struct cursor at = {0, 0};
    open_sides(differ, piece, a, a_len, b, b_len);
    while (at.x < differ->a.len || at.y < differ->b.len) {
        if (at.x < differ->a.len && at.y < differ->b.len
            && same(differ, (ptrdiff_t)at.x, (ptrdiff_t)at.y)) {
            at.x++;
            at.y++;
            continue;
        }
        struct cursor end = next_run(differ, at);
        compare(differ,
                (struct box){(ptrdiff_t)at.x, (ptrdiff_t)end.x, (ptrdiff_t)at.y, (ptrdiff_t)end.y});
        at = end;
    }
}

void irsa_skip_equal(const struct differ *differ, struct cursor *at)
{
    while (at->x < differ->a.len && at->y < differ->b.len && !differ->a.changed[at->x]
           && !differ->b.changed[at->y]) {
        at->x++;
        at->y++;
    }
}

void irsa_skip_changed(const struct differ *differ, struct cursor *at)
{
    while (at->x < differ->a.len && differ->a.changed[at->x])
        at->x++;
    while (at->y < differ->b.len && differ->b.changed[at->y])
        at->y++;
}
