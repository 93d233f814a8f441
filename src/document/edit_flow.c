/* SPDX-License-Identifier: Apache-2.0 */
/* Edits inside of [] and {}: JSON, and YAML's flow style. */
#include "document/edit.h"

static bool first_on_line(const struct editor *editor, size_t at)
{
    return irsa_all_blank(editor, irsa_line_start(editor, at), at);
}

static bool has_comment(const struct editor *editor, size_t from, size_t to)
{
    return from < to && memchr(editor->text + from, '#', to - from) != NULL;
}

/* The comma behind an item, or SIZE_MAX. */
static size_t comma_after(const struct editor *editor, size_t end)
{
    size_t at = irsa_skip_blank(editor, end);
    return at < editor->len && editor->text[at] == ',' ? at : SIZE_MAX;
}

/* Nothing but white space and a comment up to the line's end. */
static bool ends_line(const struct editor *editor, size_t at)
{
    size_t end = irsa_line_end(editor, at);
    while (at < end && (editor->text[at] == ' ' || editor->text[at] == '\t'))
        at++;
    return at == end || editor->text[at] == '#';
}

static char *indent_of(const struct editor *editor, size_t at)
{
    size_t start = irsa_line_start(editor, at);
    return irsa_strndup(editor->text + start, at - start);
}

static void render_value(struct editor *editor, const struct irsa_yaml_style *style,
                         const json_t *value, const char *indent, struct irsa_buf *ret)
{
    if (editor->json_like)
        irsa_json_emit(ret, editor, value, indent, style->eol);
    else
        irsa_yaml_emit_flow(ret, style, value);
}

/* What stands between key and value among the siblings. */
static void add_colon(struct editor *editor, const struct node *node, struct irsa_buf *ret)
{
    const struct item *sibling = &node->items[0];
    size_t from = sibling->key_end;
    size_t to = sibling->value->start;
    bool usable = sibling->value->indicator_end && sibling->value->style != STYLE_EMPTY && to > from
                  && !memchr(editor->text + from, '\n', to - from)
                  && !has_comment(editor, from, to);
    if (usable && editor->json_like)
        irsa_buf_add(ret, editor->text + from, to - from);
    else
        irsa_buf_adds(ret, editor->json_like ? editor->json.colon : ": ");
}

static void render_item(struct editor *editor, const struct node *node,
                        const struct wanted_item *wanted, size_t at, const char *indent,
                        struct irsa_buf *ret)
{
    struct irsa_yaml_style style = irsa_style_of(editor, node, at);
    if (wanted->key && editor->json_like) {
        json_auto_t *key = json_string(wanted->key);
        irsa_json_emit(ret, editor, key, NULL, style.eol);
        add_colon(editor, node, ret);
    } else if (wanted->key) {
        irsa_yaml_emit_key(ret, &style, wanted->key, IRSA_YAML_FLOW);
        irsa_buf_addc(ret, ' ');
    }
    render_value(editor, &style, wanted->value, indent, ret);
}

/* Before the first item. */
static void insert_first(struct editor *editor, const struct node *node,
                         const struct wanted_item *wanted)
{
    size_t at = node->items[0].start;
    irsa_auto_buf text = {0};
    irsa_autofree char *indent = first_on_line(editor, at) ? indent_of(editor, at) : NULL;
    render_item(editor, node, wanted, at, indent, &text);
    if (indent)
        irsa_buf_addf(&text, ",%s%s", irsa_eol_near(editor, at), indent);
    else
        irsa_buf_adds(&text, editor->json_like ? editor->json.comma : ", ");
    irsa_edit_add(editor, at, 0, text.data, text.len);
}

/* Behind item number `before`, each on a line of its own. */
static void insert_line(struct editor *editor, const struct node *node, size_t before,
                        const struct wanted_item *wanted, const char *indent, bool following)
{
    size_t end = node->items[before].value->end;
    size_t comma = comma_after(editor, end);
    irsa_auto_buf text = {0};
    irsa_buf_addf(&text, "%s%s", irsa_eol_near(editor, end), indent);
    render_item(editor, node, wanted, end, indent, &text);
    if (comma != SIZE_MAX && ends_line(editor, comma + 1)
        && !memchr(editor->text + end, '\n', comma - end)) {
        irsa_buf_addc(&text, ',');
        irsa_edit_add(editor, irsa_line_end(editor, comma), 0, text.data, text.len);
        return;
    }
    if (comma == SIZE_MAX && ends_line(editor, end)) {
        /* The comma of the item before, and of those that come with this one. */
        irsa_edit_adds(editor, following ? irsa_line_end(editor, end) : end, 0, ",");
        irsa_edit_add(editor, irsa_line_end(editor, end), 0, text.data, text.len);
        return;
    }
    irsa_edit_adds(editor, end, 0, ",");
    irsa_edit_add(editor, end, 0, text.data, text.len);
}

static void insert_inline(struct editor *editor, const struct node *node, size_t before,
                          const struct wanted_item *wanted)
{
    size_t end = node->items[before].value->end;
    irsa_auto_buf text = {0};
    const struct item *items = node->items;
    size_t gap = node->len > 1 ? items[1].start - items[0].value->end : 0;
    const char *between = editor->text + items[0].value->end;
    if (gap > 0 && gap < 4 && between[0] == ',' && strspn(between + 1, " ") >= gap - 1)
        irsa_buf_add(&text, between, gap);
    else
        irsa_buf_adds(&text, editor->json_like ? editor->json.comma : ", ");
    render_item(editor, node, wanted, end, NULL, &text);
    irsa_edit_add(editor, end, 0, text.data, text.len);
}

static void insert_gap(struct editor *editor, const struct node *node,
                       const struct alignment *alignment, size_t gap)
{
    bool following = false;
    for (size_t j = 0; j < alignment->wanted_len; j++) {
        const struct wanted_item *wanted = &alignment->wanted[j];
        if (wanted->gap != (ptrdiff_t)gap)
            continue;
        size_t start = gap > 0 ? node->items[gap - 1].start : 0;
        if (gap == 0) {
            insert_first(editor, node, wanted);
        } else if (first_on_line(editor, start)) {
            irsa_autofree char *indent = indent_of(editor, start);
            insert_line(editor, node, gap - 1, wanted, indent, following);
        } else {
            insert_inline(editor, node, gap - 1, wanted);
        }
        following = true;
    }
}

static void remove_with_comma(struct editor *editor, const struct node *node, size_t i)
{
    const struct item *item = &node->items[i];
    size_t comma = comma_after(editor, item->value->end);
    size_t end = comma == SIZE_MAX ? item->value->end : comma + 1;
    size_t from = item->start;
    if (first_on_line(editor, from) && ends_line(editor, end)) {
        from = irsa_line_start(editor, from);
        end = irsa_next_line(editor, end);
    } else if (i + 1 < node->len && comma != SIZE_MAX
               && !has_comment(editor, comma, node->items[i + 1].start)) {
        end = node->items[i + 1].start;
    }
    irsa_edit_add(editor, from, end - from, "", 0);
}

static void remove_run(struct editor *editor, const struct node *node, size_t first, size_t last)
{
    size_t end = node->items[last].value->end;
    bool comments = false;
    for (size_t i = first; i <= last && i > 0; i++)
        comments =
            comments || has_comment(editor, node->items[i - 1].value->end, node->items[i].start);
    if (last + 1 == node->len && first > 0) {
        size_t before = node->items[first - 1].value->end;
        if (!comments) {
            irsa_edit_add(editor, before, end - before, "", 0);
            return;
        }
        if (comma_after(editor, end) == SIZE_MAX)
            irsa_edit_add(editor, comma_after(editor, before), 1, "", 0);
    }
    for (size_t i = first; i <= last; i++)
        remove_with_comma(editor, node, i);
}

static void rename_key(struct editor *editor, const struct item *item, const char *key)
{
    irsa_auto_buf text = {0};
    if (editor->json_like) {
        json_auto_t *name = json_string(key);
        irsa_json_emit(&text, editor, name, NULL, "");
    } else {
        irsa_yaml_emit_string(&text, &editor->style, key, strlen(key), irsa_key_quote(item), true);
    }
    irsa_edit_add(editor, item->key_start, item->key_end - item->key_start, text.data, text.len);
}

const struct edit_style irsa_edit_flow = {
    .insert_gap = insert_gap, .remove_run = remove_run, .rename_key = rename_key};

/* What the line begins with where the node (or its key) is the first on it; NULL: no line of its
 * own, so that what is put there stays on one line too. */
static char *own_indent(const struct editor *editor, const struct node *node)
{
    if (!node->parent) {
        bool lines =
            node->len == 0 || memchr(editor->text + node->content, '\n', node->end - node->content);
        return lines ? irsa_strdup("") : NULL;
    }
    size_t start = node->parent->items[node->place].start;
    return first_on_line(editor, start) ? indent_of(editor, start) : NULL;
}

bool irsa_edit_fill(struct editor *editor, const struct node *node, const json_t *wanted)
{
    if (node->len > 0 || !irsa_node_has_brackets(editor, node)
        || !has_comment(editor, node->content, node->end))
        return false;
    struct irsa_yaml_style style = editor->style;
    irsa_auto_buf text = {0};
    render_value(editor, &style, wanted, NULL, &text);
    irsa_edit_add(editor, node->end - 1, 0, text.data + 1, text.len - 2);
    return true;
}

void irsa_edit_place_flow(struct editor *editor, struct node *node, const json_t *wanted,
                          const char *prefix)
{
    struct irsa_yaml_style style = editor->style;
    style.eol = irsa_eol_near(editor, node->start);
    if (node->style == STYLE_SINGLE || node->style == STYLE_DOUBLE)
        style.value_quote = node->style == STYLE_SINGLE ? IRSA_QUOTE_SINGLE : IRSA_QUOTE_DOUBLE;
    irsa_auto_buf text = {0};
    irsa_autofree char *indent = own_indent(editor, node);
    if (node->style == STYLE_EMPTY)
        irsa_buf_adds(&text, node->indicator_end ? " " : ": ");
    irsa_buf_adds(&text, prefix);
    render_value(editor, &style, wanted, indent, &text);
    size_t from = node->tagged ? node->start : node->content;
    irsa_edit_add(editor, from, node->end - from, text.data, text.len);
}
