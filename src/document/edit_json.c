/* SPDX-License-Identifier: Apache-2.0 */
/* JSON text as a tree that knows its bytes, and new JSON text in the style of the old. */
#include "document/edit.h"

static size_t skip_space(const struct editor *editor, size_t at)
{
    while (at < editor->len && strchr(" \t\r\n", editor->text[at]))
        at++;
    return at;
}

/* `at` is on the opening quote; the place behind the closing one, or the text's end: the style is
 * looked for in YAML too. */
static size_t skip_string(const struct editor *editor, size_t at)
{
    for (at++; at < editor->len && editor->text[at] != '"'; at++)
        at += editor->text[at] == '\\' ? 1 : 0;
    return at < editor->len ? at + 1 : editor->len;
}

static size_t skip_value(const struct editor *editor, size_t at)
{
    size_t depth = 0;
    do {
        char c = editor->text[at];
        if (c == '"') {
            at = skip_string(editor, at);
        } else if (strchr("{}[],: \t\r\n", c)) {
            depth += c == '{' || c == '[' ? 1 : 0;
            depth -= c == '}' || c == ']' ? 1 : 0;
            at++;
        } else {
            while (at < editor->len && !strchr("{}[],: \t\r\n\"", editor->text[at]))
                at++;
        }
    } while (depth > 0);
    return at;
}

static struct node *new_node(const struct editor *editor, size_t at, const json_t *value)
{
    struct node *node = irsa_calloc(1, sizeof(*node));
    node->kind = json_is_object(value)  ? NODE_OBJECT
                 : json_is_array(value) ? NODE_ARRAY
                                        : NODE_SCALAR;
    node->style = node->kind != NODE_SCALAR ? STYLE_FLOW
                  : json_is_string(value)   ? STYLE_DOUBLE
                                            : STYLE_PLAIN;
    node->start = at;
    node->content = at;
    node->end = skip_value(editor, at);
    node->value = value;
    node->in_flow = true;
    return node;
}

struct node *irsa_edit_json_tree(struct editor *editor, const json_t *value)
{
    return new_node(editor, skip_space(editor, editor->skipped), value);
}

static void add_item(struct node *node, struct item item)
{
    item.value->parent = node;
    item.value->place = node->len;
    node->items = irsa_grow(node->items, node->len, sizeof(*node->items));
    node->items[node->len++] = item;
}

static size_t expand_member(const struct editor *editor, struct node *node, size_t at,
                            const char *key, const json_t *value)
{
    struct item item = {.start = at, .key_start = at, .key_style = STYLE_DOUBLE};
    item.key_end = skip_string(editor, at);
    item.name = irsa_strdup(key);
    at = skip_space(editor, item.key_end) + 1; /* the colon */
    item.value = new_node(editor, skip_space(editor, at), value);
    item.value->indicator_end = at;
    add_item(node, item);
    return item.value->end;
}

void irsa_edit_json_expand(const struct editor *editor, struct node *node)
{
    if (editor->syntax != IRSA_SYNTAX_JSON || node->expanded)
        return;
    node->expanded = true;
    size_t at = skip_space(editor, node->content + 1);
    /* Members come in the order of the text: json_loadb keeps it, and duplicates are refused. */
    if (node->kind == NODE_OBJECT) {
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)node->value, key, value)
        {
            at = skip_space(editor, expand_member(editor, node, at, key, value));
            at = skip_space(editor, at + 1); /* the comma */
        }
    }
    for (size_t i = 0; node->kind == NODE_ARRAY && i < json_array_size(node->value); i++) {
        struct item item = {.start = at};
        item.value = new_node(editor, at, json_array_get(node->value, i));
        add_item(node, item);
        at = skip_space(editor, item.value->end);
        at = skip_space(editor, at + 1);
    }
}

/* --- style ------------------------------------------------------------------------------------ */

/* Enough of the text to see how it is laid out. */
#define STYLE_BYTES ((size_t)64 << 10)

static void see_unit(struct editor *editor, size_t open, size_t next)
{
    size_t here = irsa_line_start(editor, open);
    size_t there = irsa_line_start(editor, next);
    size_t indent = strspn(editor->text + here, " \t");
    size_t inner = next - there;
    if (inner <= indent || inner - indent >= sizeof(editor->json.unit))
        return;
    memcpy(editor->json.unit, editor->text + there + indent, inner - indent);
    editor->json.unit[inner - indent] = '\0';
}

struct seen {
    bool unit;
    bool colon;
    bool comma;
    bool pad;
    bool array;
};

static void see_open(struct editor *editor, struct seen *seen, size_t at)
{
    size_t next = skip_space(editor, at + 1);
    char c = next < editor->len ? editor->text[next] : '\0';
    bool broken = memchr(editor->text + at, '\n', next - at) != NULL;
    if (c == '}' || c == ']')
        return;
    if (broken && !seen->unit) {
        see_unit(editor, at, next);
        seen->unit = true;
    }
    if (!broken && !seen->pad && editor->text[at] == '{') {
        editor->json.pad = next > at + 1 ? " " : "";
        seen->pad = true;
    }
    if (editor->text[at] == '[' && c != '{' && c != '[' && !seen->array) {
        editor->json.inline_arrays = !broken;
        seen->array = true;
    }
}

static void see_between(struct editor *editor, struct seen *seen, size_t at)
{
    bool spaced = at + 1 < editor->len && editor->text[at + 1] == ' ';
    bool before = at > 0 && editor->text[at - 1] == ' ';
    if (editor->text[at] == ':' && !seen->colon) {
        editor->json.colon = before ? spaced ? " : " : " :" : spaced ? ": " : ":";
        if (!seen->comma)
            editor->json.comma = spaced ? ", " : ",";
        seen->colon = true;
    }
    bool broken = at + 1 < editor->len && strchr("\r\n", editor->text[at + 1]);
    if (editor->text[at] == ',' && !seen->comma && !broken) {
        editor->json.comma = spaced ? ", " : ",";
        seen->comma = true;
    }
}

void irsa_edit_json_style(struct editor *editor)
{
    struct seen seen = {0};
    editor->json = (struct json_style){.unit = "    ", .colon = ": ", .comma = ", ", .pad = ""};
    size_t end = editor->len < STYLE_BYTES ? editor->len : STYLE_BYTES;
    for (size_t at = editor->skipped; at < end; at++) {
        char c = editor->text[at];
        if (c == '"')
            at = skip_string(editor, at) - 1;
        else if (c == '{' || c == '[')
            see_open(editor, &seen, at);
        else if (c == ':' || c == ',')
            see_between(editor, &seen, at);
    }
}

static bool all_scalars(const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *item = json_array_get(array, i);
        if (json_is_object(item) || json_is_array(item))
            return false;
    }
    return true;
}

static void emit_scalar(struct irsa_buf *buf, const json_t *value)
{
    irsa_autofree char *text = json_dumps(value, JSON_ENCODE_ANY);
    irsa_buf_adds(buf, text);
}

static void break_line(struct irsa_buf *buf, const char *eol, const char *indent)
{
    irsa_buf_adds(buf, eol);
    irsa_buf_adds(buf, indent);
}

static void emit_array(struct irsa_buf *buf, const struct editor *editor, const json_t *value,
                       const char *indent, const char *eol)
{
    if (editor->json.inline_arrays && all_scalars(value))
        indent = NULL;
    irsa_autofree char *inner = indent ? irsa_format("%s%s", indent, editor->json.unit) : NULL;
    irsa_buf_addc(buf, '[');
    for (size_t i = 0; i < json_array_size(value); i++) {
        if (i > 0)
            irsa_buf_adds(buf, inner ? "," : editor->json.comma);
        if (inner)
            break_line(buf, eol, inner);
        irsa_json_emit(buf, editor, json_array_get(value, i), inner, eol);
    }
    if (inner)
        break_line(buf, eol, indent);
    irsa_buf_addc(buf, ']');
}

void irsa_json_emit(struct irsa_buf *buf, const struct editor *editor, const json_t *value,
                    const char *indent, const char *eol)
{
    if (json_array_size(value) > 0) {
        emit_array(buf, editor, value, indent, eol);
        return;
    }
    if (json_object_size(value) == 0) {
        emit_scalar(buf, value);
        return;
    }
    irsa_autofree char *inner = indent ? irsa_format("%s%s", indent, editor->json.unit) : NULL;
    const char *separator = "";
    const char *key;
    json_t *item;
    irsa_buf_addc(buf, '{');
    irsa_buf_adds(buf, inner ? "" : editor->json.pad);
    json_object_foreach((json_t *)value, key, item)
    {
        irsa_buf_adds(buf, separator);
        separator = inner ? "," : editor->json.comma;
        if (inner)
            break_line(buf, eol, inner);
        json_auto_t *name = json_string(key);
        emit_scalar(buf, name);
        irsa_buf_adds(buf, editor->json.colon);
        irsa_json_emit(buf, editor, item, inner, eol);
    }
    if (inner)
        break_line(buf, eol, indent);
    irsa_buf_adds(buf, inner ? "" : editor->json.pad);
    irsa_buf_addc(buf, '}');
}
