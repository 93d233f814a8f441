/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Aliases whose anchor changes or goes keep what they stood for: the first of them that stays
 * becomes the anchor's new home, with the old value; the others then refer to that.
 */
#include "document/edit.h"

/* Takes "&name " out of a node that stays. */
static void remove_anchor(struct editor *editor, const struct node *node)
{
    size_t from = node->anchor_start;
    size_t to = from + 1 + strlen(node->anchor);
    if (editor->text[to] == ' ' || editor->text[to] == '\t') {
        while (editor->text[to] == ' ' || editor->text[to] == '\t')
            to++;
    } else {
        while (from > 0 && (editor->text[from - 1] == ' ' || editor->text[from - 1] == '\t'))
            from--;
    }
    irsa_edit_add(editor, from, to - from, "", 0);
}

void irsa_edit_anchors(struct editor *editor)
{
    for (size_t i = 0; i < editor->aliases_len; i++) {
        struct node *alias = editor->aliases[i];
        struct node *target = alias->target;
        if (alias->gone || alias->changed || !target || !(target->gone || target->changed))
            continue;
        const json_t *value = alias->value ? alias->value : target->value;
        if (!value)
            continue;
        irsa_autofree char *prefix = irsa_format("&%s ", target->anchor);
        irsa_edit_place(editor, alias, value, prefix);
        if (!target->gone && !target->tagged)
            remove_anchor(editor, target);
        for (size_t k = i + 1; k < editor->aliases_len; k++) {
            if (editor->aliases[k]->target == target)
                editor->aliases[k]->target = NULL;
        }
    }
}
