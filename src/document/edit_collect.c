/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of the old tree, and the edits that are collected on the way. */
#include "document/edit.h"

void irsa_node_free(struct node *node)
{
    if (!node)
        return;
    for (size_t i = 0; i < node->len; i++) {
        free(node->items[i].name);
        irsa_node_free(node->items[i].value);
    }
    free(node->items);
    free(node->anchor);
    free(node);
}

bool irsa_node_has_brackets(const struct editor *editor, const struct node *node)
{
    char c = node->content < editor->len ? editor->text[node->content] : '\0';
    return node->style == STYLE_FLOW && (c == '{' || c == '[');
}

void irsa_edit_add(struct editor *editor, size_t at, size_t len, const char *text, size_t text_len)
{
    if (len == 0 && text_len == 0)
        return;
    editor->edits = irsa_grow(editor->edits, editor->edits_len, sizeof(*editor->edits));
    editor->edits[editor->edits_len] = (struct edit){.at = at,
                                                     .len = len,
                                                     .text = irsa_strndup(text, text_len),
                                                     .text_len = text_len,
                                                     .order = editor->edits_len};
    editor->edits_len++;
}

void irsa_edit_adds(struct editor *editor, size_t at, size_t len, const char *text)
{
    irsa_edit_add(editor, at, len, text, strlen(text));
}

void irsa_edit_gone(struct node *node)
{
    node->gone = true;
    for (size_t i = 0; i < node->len; i++)
        irsa_edit_gone(node->items[i].value);
}

enum irsa_quote irsa_key_quote(const struct item *item)
{
    return item->key_style == STYLE_SINGLE   ? IRSA_QUOTE_SINGLE
           : item->key_style == STYLE_DOUBLE ? IRSA_QUOTE_DOUBLE
                                             : IRSA_QUOTE_NONE;
}
