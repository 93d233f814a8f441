/* SPDX-License-Identifier: Apache-2.0 */
/* The old tree and the wanted value side by side. */
#include "document/edit.h"

void irsa_edit_place(struct editor *editor, struct node *node, const json_t *wanted,
                     const char *prefix)
{
    for (size_t i = 0; i < node->len; i++)
        irsa_edit_gone(node->items[i].value);
    if (node->in_flow)
        irsa_edit_place_flow(editor, node, wanted, prefix);
    else
        irsa_edit_place_block(editor, node, wanted, prefix);
}

static bool can_edit_inside(const struct editor *editor, const struct node *node,
                            const struct alignment *alignment)
{
    if (alignment->regular)
        return true;
    return !editor->wholesale
           && (node->style == STYLE_BLOCK || irsa_node_has_brackets(editor, node));
}

/* The run of items to be removed that begins at `first`; returns the item after it. */
static size_t remove_from(struct editor *editor, const struct edit_style *style,
                          const struct node *node, const struct alignment *alignment, size_t first)
{
    size_t last = first;
    while (last + 1 < node->len && alignment->old[last + 1] == ALIGN_REMOVE)
        last++;
    for (size_t i = first; i <= last; i++)
        irsa_edit_gone(node->items[i].value);
    style->remove_run(editor, node, first, last);
    return last + 1;
}

static void keep(struct editor *editor, const struct edit_style *style, const struct item *item,
                 const struct wanted_item *wanted)
{
    if (item->name && strcmp(item->name, wanted->key) != 0)
        style->rename_key(editor, item, wanted->key);
    irsa_edit_walk(editor, item->value, wanted->value);
}

static void edit_inside(struct editor *editor, const struct node *node,
                        const struct alignment *alignment)
{
    const struct edit_style *style =
        node->style == STYLE_BLOCK ? &irsa_edit_block : &irsa_edit_flow;
    for (size_t i = 0; i < node->len;) {
        style->insert_gap(editor, node, alignment, i);
        ptrdiff_t j = alignment->old[i];
        if (j == ALIGN_REMOVE) {
            i = remove_from(editor, style, node, alignment, i);
            continue;
        }
        if (j >= 0)
            keep(editor, style, &node->items[i], &alignment->wanted[j]);
        i++;
    }
    style->insert_gap(editor, node, alignment, node->len);
}

void irsa_edit_walk(struct editor *editor, struct node *node, const json_t *wanted)
{
    if (node->value && json_equal(node->value, wanted))
        return;
    node->changed = true;
    irsa_edit_json_expand(editor, node);
    bool same_kind = (node->kind == NODE_OBJECT && json_object_size(wanted) > 0)
                     || (node->kind == NODE_ARRAY && json_array_size(wanted) > 0);
    if (same_kind && irsa_edit_fill(editor, node, wanted))
        return;
    if (!same_kind || node->len == 0) {
        irsa_edit_place(editor, node, wanted, "");
        return;
    }
    auto_alignment alignment = {0};
    irsa_align(node, wanted, &alignment);
    if (!can_edit_inside(editor, node, &alignment))
        irsa_edit_place(editor, node, wanted, "");
    else
        edit_inside(editor, node, &alignment);
}
