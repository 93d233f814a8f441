/* SPDX-License-Identifier: Apache-2.0 */
/* Lines and white space of the text being edited, and the style of its quotes. */
#include "document/edit.h"

size_t irsa_line_start(const struct editor *editor, size_t at)
{
    while (at > editor->skipped && editor->text[at - 1] != '\n')
        at--;
    return at;
}

size_t irsa_line_end(const struct editor *editor, size_t at)
{
    const char *end = memchr(editor->text + at, '\n', editor->len - at);
    if (!end)
        return editor->len;
    size_t line_end = (size_t)(end - editor->text);
    return line_end > at && editor->text[line_end - 1] == '\r' ? line_end - 1 : line_end;
}

size_t irsa_next_line(const struct editor *editor, size_t at)
{
    const char *end = memchr(editor->text + at, '\n', editor->len - at);
    return end ? (size_t)(end - editor->text) + 1 : editor->len;
}

const char *irsa_eol_near(const struct editor *editor, size_t at)
{
    size_t end = irsa_line_start(editor, at);
    if (end <= editor->skipped)
        end = irsa_next_line(editor, at);
    return end >= 2 && editor->text[end - 1] == '\n' && editor->text[end - 2] == '\r' ? "\r\n"
                                                                                      : "\n";
}

bool irsa_all_blank(const struct editor *editor, size_t from, size_t to)
{
    for (; from < to; from++) {
        if (!strchr(" \t\r\n", editor->text[from]))
            return false;
    }
    return true;
}

size_t irsa_skip_blank(const struct editor *editor, size_t at)
{
    while (at < editor->len) {
        char c = editor->text[at];
        if (c == '#')
            at = irsa_next_line(editor, at);
        else if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
            at++;
        else
            break;
    }
    return at;
}

struct quote_votes {
    bool plain;
    bool single_by_choice;
    bool double_by_choice;
};

static void vote(struct quote_votes *votes, enum node_style style, const char *text, size_t len,
                 bool flow)
{
    if (style == STYLE_PLAIN)
        votes->plain = true;
    else if (irsa_yaml_plain_safe(text, len, flow)) {
        votes->single_by_choice = votes->single_by_choice || style == STYLE_SINGLE;
        votes->double_by_choice = votes->double_by_choice || style == STYLE_DOUBLE;
    }
}

static enum irsa_quote decide(const struct quote_votes *votes)
{
    if (votes->plain)
        return IRSA_QUOTE_NONE;
    if (votes->double_by_choice)
        return IRSA_QUOTE_DOUBLE;
    return votes->single_by_choice ? IRSA_QUOTE_SINGLE : IRSA_QUOTE_NONE;
}

struct irsa_yaml_style irsa_style_of(const struct editor *editor, const struct node *parent,
                                     size_t at)
{
    struct irsa_yaml_style style = editor->style;
    struct quote_votes keys = {0};
    struct quote_votes values = {0};
    bool flow = parent->style == STYLE_FLOW;
    style.eol = irsa_eol_near(editor, at);
    for (size_t i = 0; i < parent->len && i < 50; i++) {
        const struct item *item = &parent->items[i];
        if (item->name && !item->merge)
            vote(&keys, item->key_style, item->name, strlen(item->name), flow);
        const json_t *value = item->value->value;
        if (json_is_string(value))
            vote(&values, item->value->style, json_string_value(value), json_string_length(value),
                 flow);
    }
    style.key_quote = decide(&keys);
    style.value_quote = decide(&values);
    return style;
}
