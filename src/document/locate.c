/* SPDX-License-Identifier: Apache-2.0 */
/* Where a value stands in its text, for messages. */
#include "document/edit.h"

static void node_freep(struct node **node)
{
    irsa_node_free(*node);
}

static const struct node *child_at(const struct editor *editor, struct node *node,
                                   const json_t *step)
{
    if (node->kind == NODE_ALIAS && node->target)
        node = node->target;
    irsa_edit_json_expand(editor, node);
    const char *key = json_string_value(step);
    for (size_t i = 0; i < node->len; i++) {
        const struct item *item = &node->items[i];
        if (key ? item->name && strcmp(item->name, key) == 0
                : (json_int_t)i == json_integer_value(step))
            return item->value;
    }
    return NULL;
}

static size_t line_of(const struct editor *editor, size_t at)
{
    size_t line = 1;
    for (const char *p = editor->text; p < editor->text + at; p++)
        line += *p == '\n' ? 1 : 0;
    return line;
}

size_t irsa_text_line(enum irsa_syntax syntax, const char *text, size_t len, size_t document,
                      const json_t *path)
{
    irsa_auto_error ignored = NULL;
    irsa_auto_documents documents = {0};
    if (irsa_document_read(syntax, "", text, len, &documents, &ignored) != 0
        || document >= documents.len)
        return 0;
    irsa_auto_buf ended = {0};
    irsa_buf_add(&ended, text, len);
    irsa_buf_adds(&ended, "\n");
    struct editor editor = {.syntax = syntax,
                            .text = ended.data,
                            .len = ended.len,
                            .skipped = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0,
                            .style = IRSA_YAML_STYLE};
    IRSA_CLEANUP(node_freep)
    struct node *root = syntax == IRSA_SYNTAX_JSON
                            ? irsa_edit_json_tree(&editor, documents.roots[document])
                            : irsa_edit_yaml_tree(&editor, document, documents.roots[document]);
    const struct node *node = root;
    for (size_t i = 0; i < json_array_size(path); i++) {
        const struct node *child = child_at(&editor, (struct node *)node, json_array_get(path, i));
        if (!child)
            break; /* what is missing is missing here */
        node = child;
    }
    size_t line = line_of(&editor, node->content);
    free(editor.aliases);
    return line;
}
