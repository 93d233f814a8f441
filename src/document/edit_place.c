/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole value anew where block style holds. The new text has a first part, which follows the
 * key's colon or the dash, and lines below it (a block collection's, a literal's); either may be
 * empty. Where they go depends on how the old value stands there.
 */
#include "document/edit.h"

struct pieces {
    struct irsa_buf first; /* with the blank that it begins with; no line end */
    struct irsa_buf lines; /* each with its indentation and line end */
    bool compact;          /* "- key: value": the first part belongs right behind the dash */
};

static void pieces_done(struct pieces *pieces)
{
    irsa_buf_done(&pieces->first);
    irsa_buf_done(&pieces->lines);
}

static size_t behind(const struct editor *editor, size_t end)
{
    bool at_start = end > editor->skipped && editor->text[end - 1] == '\n';
    return at_start ? end : irsa_next_line(editor, end);
}

static bool same_line(const struct editor *editor, size_t from, size_t to)
{
    return !memchr(editor->text + from, '\n', to - from);
}

/* The old value's indentation is kept, where it is deeper than the key's. */
static void keep_indentation(const struct editor *editor, const struct node *node, size_t column,
                             struct irsa_yaml_style *style)
{
    size_t old = 0;
    if (node->style == STYLE_BLOCK)
        old = node->column;
    if (node->style == STYLE_BLOCK_SCALAR) {
        size_t body = irsa_next_line(editor, node->content);
        while (body < node->end && irsa_line_end(editor, body) == body)
            body = irsa_next_line(editor, body);
        old = strspn(editor->text + body, " ");
    }
    if (old <= column)
        return;
    style->step = old - column;
    if (node->style == STYLE_BLOCK && node->kind == NODE_ARRAY)
        style->sequence_offset = old - column;
}

static bool is_block(const json_t *value)
{
    return json_object_size(value) > 0 || json_array_size(value) > 0;
}

static void render(const struct editor *editor, const struct node *node, const json_t *wanted,
                   const char *prefix, struct pieces *ret)
{
    size_t column = node->parent->column;
    bool in_sequence = node->parent->kind == NODE_ARRAY;
    struct irsa_yaml_style style = editor->style;
    if (node->style == STYLE_EMPTY)
        style = irsa_style_of(editor, node->parent, node->start);
    if (node->style == STYLE_SINGLE || node->style == STYLE_DOUBLE)
        style.value_quote = node->style == STYLE_SINGLE ? IRSA_QUOTE_SINGLE : IRSA_QUOTE_DOUBLE;
    if (is_block(wanted))
        style.value_quote = style.key_quote = IRSA_QUOTE_NONE;
    style.eol = irsa_eol_near(editor, node->start);
    keep_indentation(editor, node, column, &style);
    irsa_auto_buf text = {0};
    /* Behind "- &anchor" a collection needs the lines below. */
    bool anchored = *prefix || (node->anchor && !node->tagged);
    ret->compact = is_block(wanted) && in_sequence && !anchored;
    if (is_block(wanted) && in_sequence && anchored) {
        irsa_buf_adds(&text, style.eol);
        for (size_t i = 0; i < column + 2; i++)
            irsa_buf_addc(&text, ' ');
        irsa_yaml_emit_block(&text, &style, wanted, column + 2);
    } else {
        irsa_yaml_emit_after(&text, &style, wanted, column, in_sequence);
    }
    size_t first = strcspn(text.data, "\r\n");
    size_t lines = first + strlen(style.eol);
    if (*prefix) {
        irsa_buf_addc(&ret->first, ' ');
        irsa_buf_add(&ret->first, prefix, strlen(prefix) - (first > 0 ? 0 : 1));
        irsa_buf_add(&ret->first, text.data + (first > 0 ? 1 : 0), first - (first > 0 ? 1 : 0));
    } else {
        irsa_buf_add(&ret->first, text.data, first);
    }
    irsa_buf_add(&ret->lines, text.data + lines, text.len - lines);
}

/* The first part in place of [from, to), which follow blanks; with no first part they go too. */
static void put_first(struct editor *editor, const struct node *node, size_t from, size_t to,
                      const struct pieces *pieces)
{
    if (pieces->compact) {
        bool follows = same_line(editor, node->indicator_end, from);
        irsa_edit_add(editor, node->indicator_end, follows ? to - node->indicator_end : 0,
                      pieces->first.data, pieces->first.len);
        if (!follows)
            irsa_edit_add(editor, from, to - from, "", 0);
        return;
    }
    if (pieces->first.len > 0) {
        irsa_edit_add(editor, from, to - from, pieces->first.data + 1, pieces->first.len - 1);
        return;
    }
    while (from > 0 && (editor->text[from - 1] == ' ' || editor->text[from - 1] == '\t'))
        from--;
    irsa_edit_add(editor, from, to - from, "", 0);
}

static void place_at_empty(struct editor *editor, const struct node *node, struct pieces *pieces)
{
    if (node->parent && node->indicator_end == 0) { /* `? key` with no value */
        irsa_autofree char *colon =
            irsa_format("%s%*s:", irsa_eol_near(editor, node->end), (int)node->parent->column, "");
        irsa_buf_splice(&pieces->first, 0, 0, colon, strlen(colon));
    }
    irsa_edit_add(editor, node->end, 0, pieces->first.data, pieces->first.len);
    irsa_edit_add(editor, behind(editor, node->end), 0, pieces->lines.data, pieces->lines.len);
}

static void place_at_inline(struct editor *editor, const struct node *node, size_t from,
                            const struct pieces *pieces)
{
    size_t after = behind(editor, node->end);
    bool follows = node->indicator_end && same_line(editor, node->indicator_end, from);
    bool alone = !follows && irsa_all_blank(editor, node->end, after);
    if (alone && (pieces->first.len == 0 || pieces->compact)) {
        size_t start = irsa_line_start(editor, from);
        irsa_edit_add(editor, node->indicator_end, 0, pieces->first.data, pieces->first.len);
        irsa_edit_add(editor, start, after - start, pieces->lines.data, pieces->lines.len);
        return;
    }
    put_first(editor, node, from, node->end, pieces);
    irsa_edit_add(editor, after, 0, pieces->lines.data, pieces->lines.len);
}

static void place_at_block_scalar(struct editor *editor, const struct node *node, size_t from,
                                  const struct pieces *pieces)
{
    size_t header_end = node->content + strcspn(editor->text + node->content, " \t\r\n");
    size_t body = irsa_next_line(editor, header_end);
    put_first(editor, node, from, header_end, pieces);
    irsa_edit_add(editor, body, node->end - body, pieces->lines.data, pieces->lines.len);
}

static void place_at_block(struct editor *editor, const struct node *node,
                           const struct pieces *pieces)
{
    size_t after = behind(editor, node->end);
    if (node->tagged || same_line(editor, node->indicator_end, node->content)) {
        irsa_auto_buf text = {0};
        irsa_buf_add(&text, pieces->first.data, pieces->first.len);
        irsa_buf_adds(&text, irsa_eol_near(editor, node->start));
        irsa_buf_add(&text, pieces->lines.data, pieces->lines.len);
        irsa_edit_add(editor, node->indicator_end, after - node->indicator_end, text.data,
                      text.len);
        return;
    }
    size_t at = node->anchor ? node->anchor_start + 1 + strlen(node->anchor) : node->indicator_end;
    size_t start = irsa_line_start(editor, node->content);
    irsa_edit_add(editor, at, 0, pieces->first.data, pieces->first.len);
    irsa_edit_add(editor, start, after - start, pieces->lines.data, pieces->lines.len);
}

/* The pieces of a document's own value: its block style begins at the left. */
static void render_root(const struct editor *editor, const struct node *node, const json_t *wanted,
                        struct pieces *ret)
{
    struct irsa_yaml_style style = editor->style;
    style.eol = irsa_eol_near(editor, node->start);
    if (is_block(wanted)) {
        irsa_yaml_emit_block(&ret->lines, &style, wanted, 0);
        return;
    }
    irsa_buf_addc(&ret->first, ' ');
    irsa_yaml_emit_flow(&ret->first, &style, wanted);
}

static void place_at_root_block(struct editor *editor, const struct node *node,
                                const struct pieces *pieces)
{
    size_t from = node->tagged ? node->start : node->content;
    size_t after = behind(editor, node->end);
    if (pieces->first.len == 0) {
        irsa_edit_add(editor, from, after - from, pieces->lines.data, pieces->lines.len);
        return;
    }
    irsa_edit_add(editor, from, after - from, pieces->first.data + 1, pieces->first.len - 1);
    irsa_edit_adds(editor, after, 0, irsa_eol_near(editor, node->start));
}

void irsa_edit_place_block(struct editor *editor, struct node *node, const json_t *wanted,
                           const char *prefix)
{
    if (!node->parent && node->style == STYLE_FLOW) {
        irsa_edit_place_flow(editor, node, wanted, prefix);
        return;
    }
    IRSA_CLEANUP(pieces_done) struct pieces pieces = {0};
    if (node->parent)
        render(editor, node, wanted, prefix, &pieces);
    else
        render_root(editor, node, wanted, &pieces);
    irsa_buf_adds(&pieces.first, "");
    irsa_buf_adds(&pieces.lines, "");
    size_t from = node->tagged ? node->start : node->content;
    switch (node->style) {
    case STYLE_EMPTY:
        place_at_empty(editor, node, &pieces);
        break;
    case STYLE_BLOCK_SCALAR:
        place_at_block_scalar(editor, node, from, &pieces);
        break;
    case STYLE_BLOCK:
        if (node->parent)
            place_at_block(editor, node, &pieces);
        else
            place_at_root_block(editor, node, &pieces);
        break;
    default:
        place_at_inline(editor, node, from, &pieces);
    }
}
