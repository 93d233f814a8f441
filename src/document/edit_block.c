/* SPDX-License-Identifier: Apache-2.0 */
/* Edits in YAML's block style: whole lines come and go. */
#include "document/edit.h"

static void add_spaces(struct irsa_buf *buf, size_t count)
{
    for (size_t i = 0; i < count; i++)
        irsa_buf_addc(buf, ' ');
}

/* The start of the line behind what ends at `end`; a block scalar ends there itself. */
static size_t behind(const struct editor *editor, size_t end)
{
    bool at_start = end > editor->skipped && editor->text[end - 1] == '\n';
    return at_start ? end : irsa_next_line(editor, end);
}

static size_t back_over_blanks(const struct editor *editor, size_t at)
{
    while (at > editor->skipped && (editor->text[at - 1] == ' ' || editor->text[at - 1] == '\t'))
        at--;
    return at;
}

static void render_item(struct irsa_buf *ret, const struct irsa_yaml_style *style,
                        const struct node *node, const struct wanted_item *wanted)
{
    if (wanted->key)
        irsa_yaml_emit_key(ret, style, wanted->key, node->column);
    else
        irsa_buf_addc(ret, '-');
    irsa_yaml_emit_after(ret, style, wanted->value, node->column, !wanted->key);
}

/* A block scalar whose last line has no end, at the text's end, has no final newline in its value
 * either. With lines behind it that must be said: `|` becomes `|-`. */
static void close_open_end(struct editor *editor, const struct item *item)
{
    const struct node *node = item->value;
    while (node->style == STYLE_BLOCK && node->len > 0)
        node = node->items[node->len - 1].value;
    if (!editor->unended || node->style != STYLE_BLOCK_SCALAR || node->end != editor->len
        || node->changed)
        return;
    size_t header = strcspn(editor->text + node->content, " \t\r\n");
    const char *keep = memchr(editor->text + node->content, '+', header);
    if (keep)
        irsa_edit_adds(editor, (size_t)(keep - editor->text), 1, "-");
    else if (!memchr(editor->text + node->content, '-', header))
        irsa_edit_adds(editor, node->content + header, 0, "-");
}

static void insert_gap(struct editor *editor, const struct node *node,
                       const struct alignment *alignment, size_t gap)
{
    bool closed = false;
    for (size_t j = 0; j < alignment->wanted_len; j++) {
        const struct wanted_item *wanted = &alignment->wanted[j];
        if (wanted->gap != (ptrdiff_t)gap)
            continue;
        if (gap > 0 && !closed)
            close_open_end(editor, &node->items[gap - 1]);
        closed = true;
        bool front = gap == 0;
        size_t at = front ? node->items[0].start : behind(editor, node->items[gap - 1].value->end);
        struct irsa_yaml_style style = irsa_style_of(editor, node, at);
        irsa_auto_buf text = {0};
        if (!front)
            add_spaces(&text, node->column);
        render_item(&text, &style, node, wanted);
        if (front)
            add_spaces(&text, node->column);
        irsa_edit_add(editor, at, 0, text.data, text.len);
    }
}

static void remove_lines(struct editor *editor, const struct item *item)
{
    size_t from = irsa_line_start(editor, item->start);
    irsa_edit_add(editor, from, behind(editor, item->value->end) - from, "", 0);
}

/* The first items, which share their line with a dash before them: what follows moves up to it,
 * unless comments stand between. */
static void remove_head(struct editor *editor, const struct node *node, size_t last)
{
    size_t start = node->items[0].start;
    size_t end = behind(editor, node->items[last].value->end);
    bool clean = last + 1 < node->len && irsa_all_blank(editor, end, node->items[last + 1].start);
    for (size_t i = 0; i < last && clean; i++)
        clean = irsa_all_blank(editor, behind(editor, node->items[i].value->end),
                               node->items[i + 1].start);
    if (clean) {
        irsa_edit_add(editor, start, node->items[last + 1].start - start, "", 0);
        return;
    }
    size_t from = back_over_blanks(editor, start);
    size_t line_end = behind(editor, node->items[0].value->end);
    line_end -= line_end > from && editor->text[line_end - 1] == '\n' ? 1 : 0;
    line_end -= line_end > from && editor->text[line_end - 1] == '\r' ? 1 : 0;
    irsa_edit_add(editor, from, line_end - from, "", 0);
    for (size_t i = 1; i <= last; i++)
        remove_lines(editor, &node->items[i]);
}

static void remove_run(struct editor *editor, const struct node *node, size_t first, size_t last)
{
    size_t start = node->items[first].start;
    if (!irsa_all_blank(editor, irsa_line_start(editor, start), start)) {
        remove_head(editor, node, last);
        return;
    }
    for (size_t i = first; i <= last; i++)
        remove_lines(editor, &node->items[i]);
}

static void rename_key(struct editor *editor, const struct item *item, const char *key)
{
    irsa_auto_buf text = {0};
    irsa_yaml_emit_string(&text, &editor->style, key, strlen(key), irsa_key_quote(item), false);
    irsa_edit_add(editor, item->key_start, item->key_end - item->key_start, text.data, text.len);
}

const struct edit_style irsa_edit_block = {
    .insert_gap = insert_gap, .remove_run = remove_run, .rename_key = rename_key};
