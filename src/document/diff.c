/* SPDX-License-Identifier: Apache-2.0 */
/* Unified diffs, and the hunks of bytes in which two texts differ. */
#include "document/differ.h"

#define CONTEXT 3

static void add_line(struct irsa_buf *ret, char sign, const struct line *line)
{
    irsa_buf_addc(ret, sign);
    irsa_buf_add(ret, line->text, line->len);
    if (line->text[line->len - 1] != '\n')
        irsa_buf_adds(ret, "\n\\ No newline at end of file\n");
}

/* "12,3" as diff(1) prints a range: one line without its count, an empty one by the line before. */
static void add_range(struct irsa_buf *ret, size_t start, size_t count)
{
    irsa_buf_addf(ret, "%zu", count == 0 ? start : start + 1);
    if (count != 1)
        irsa_buf_addf(ret, ",%zu", count);
}

/* The end of the hunk that begins with the difference at `from`. */
static struct cursor hunk_end(const struct differ *differ, struct cursor from)
{
    struct cursor end = from;
    for (;;) {
        irsa_skip_changed(differ, &end);
        struct cursor next = end;
        irsa_skip_equal(differ, &next);
        bool last = next.x == differ->a.len && next.y == differ->b.len;
        if (last || next.x - end.x > (size_t)2 * CONTEXT)
            break;
        end = next;
    }
    for (int i = 0; i < CONTEXT && end.x < differ->a.len && end.y < differ->b.len; i++) {
        end.x++;
        end.y++;
    }
    return end;
}

static void add_hunk(const struct differ *differ, struct cursor from, struct cursor to,
                     struct irsa_buf *ret)
{
    irsa_buf_adds(ret, "@@ -");
    add_range(ret, from.x, to.x - from.x);
    irsa_buf_adds(ret, " +");
    add_range(ret, from.y, to.y - from.y);
    irsa_buf_adds(ret, " @@\n");
    while (from.x < to.x || from.y < to.y) {
        if (from.x < to.x && differ->a.changed[from.x]) {
            add_line(ret, '-', &differ->a.lines[from.x++]);
        } else if (from.y < to.y && differ->b.changed[from.y]) {
            add_line(ret, '+', &differ->b.lines[from.y++]);
        } else {
            add_line(ret, ' ', &differ->a.lines[from.x++]);
            from.y++;
        }
    }
}

void irsa_diff_unified(const char *before, const char *after, const char *before_name,
                       const char *after_name, struct irsa_buf *ret)
{
    if ((!before && !after) || (before && after && strcmp(before, after) == 0))
        return;
    IRSA_CLEANUP(irsa_differ_done) struct differ differ = {0};
    const char *a = before ? before : "";
    const char *b = after ? after : "";
    irsa_differ_compare(&differ, irsa_line_length, a, strlen(a), b, strlen(b));
    irsa_buf_addf(ret, "--- %s\n+++ %s\n", before ? before_name : "/dev/null",
                  after ? after_name : "/dev/null");
    struct cursor at = {0, 0};
    for (;;) {
        irsa_skip_equal(&differ, &at);
        if (at.x == differ.a.len && at.y == differ.b.len)
            return;
        size_t lead = at.x < CONTEXT ? at.x : CONTEXT;
        lead = at.y < lead ? at.y : lead;
        struct cursor from = {at.x - lead, at.y - lead};
        at = hunk_end(&differ, at);
        add_hunk(&differ, from, at, ret);
    }
}

/* --- hunks ------------------------------------------------------------------------------------ */

static bool ends_part(char c)
{
    return c == ',' || c == '{' || c == '}' || c == '[' || c == ']';
}

/* A line; or a part of one that ends behind a comma or a bracket, since whole documents may stand
 * in one line. */
static size_t part_length(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            return i + 1;
        bool line_ends = i + 1 < len && (text[i + 1] == '\n' || text[i + 1] == '\r');
        if (ends_part(text[i]) && !line_ends)
            return i + 1;
    }
    return len;
}

static struct irsa_hunk trimmed(const char *a, const char *b, struct irsa_hunk hunk)
{
    while (hunk.a_len > 0 && hunk.b_len > 0 && a[hunk.a] == b[hunk.b]) {
        hunk.a++;
        hunk.b++;
        hunk.a_len--;
        hunk.b_len--;
    }
    while (hunk.a_len > 0 && hunk.b_len > 0
           && a[hunk.a + hunk.a_len - 1] == b[hunk.b + hunk.b_len - 1]) {
        hunk.a_len--;
        hunk.b_len--;
    }
    return hunk;
}

static size_t offset_of(const struct side *side, size_t place, const char *text, size_t len)
{
    return place < side->len ? (size_t)(side->lines[place].text - text) : len;
}

size_t irsa_diff_hunks(const char *a, size_t a_len, const char *b, size_t b_len,
                       struct irsa_hunk **ret)
{
    IRSA_CLEANUP(irsa_differ_done) struct differ differ = {0};
    struct cursor at = {0, 0};
    size_t count = 0;
    *ret = NULL;
    irsa_differ_compare_long(&differ, part_length, a, a_len, b, b_len);
    for (;;) {
        irsa_skip_equal(&differ, &at);
        if (at.x == differ.a.len && at.y == differ.b.len)
            return count;
        size_t a_begin = offset_of(&differ.a, at.x, a, a_len);
        size_t b_begin = offset_of(&differ.b, at.y, b, b_len);
        irsa_skip_changed(&differ, &at);
        *ret = irsa_grow(*ret, count, sizeof(**ret));
        (*ret)[count++] = trimmed(a, b,
                                  (struct irsa_hunk){
                                      .a = a_begin,
                                      .a_len = offset_of(&differ.a, at.x, a, a_len) - a_begin,
                                      .b = b_begin,
                                      .b_len = offset_of(&differ.b, at.y, b, b_len) - b_begin,
                                  });
    }
}
