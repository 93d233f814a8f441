/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts become files: each once, by a temporary file and a rename; all of them or none. */
#include "world/captured.h"

#include <errno.h>
#include <libgen.h>
#include <unistd.h>

static bool is_changed(const struct draft *draft)
{
    return draft->is_new ? !draft->removed : draft->removed || draft->edit_count > 0;
}

static int remove_file(const struct draft *draft, struct irsa_error **reterr)
{
    if (unlink(draft->path) != 0)
        return irsa_fail(reterr, IRSA_E_IO, "%s: cannot remove: %s", draft->path, strerror(errno));
    return 0;
}

static int write_new(const struct draft *draft, struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    irsa_autofree char *copy = irsa_strdup(draft->path);
    if (draft->syntax == IRSA_SYNTAX_YAML)
        irsa_yaml_write(draft->documents.roots[0], &text);
    else
        irsa_json_write(draft->documents.roots[0], &text);
    if (irsa_mkdir_parents(dirname(copy), reterr) != 0)
        return -1;
    return irsa_file_replace(draft->path, irsa_buf_str(&text), text.len, 0666, reterr);
}

static int write_edited(const struct draft *draft, struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    if (irsa_text_edit(draft->syntax, draft->path, irsa_buf_str(&draft->before), draft->before.len,
                       draft->edits, draft->edit_count, &text, reterr)
        != 0)
        return -1;
    return irsa_file_replace(draft->path, irsa_buf_str(&text), text.len, 0666, reterr);
}

static void put_back(struct drafts *drafts)
{
    for (size_t i = drafts->len; i-- > 0;) {
        const struct draft *draft = &drafts->items[i];
        irsa_auto_error ignored = NULL;
        if (!draft->written)
            continue;
        if (draft->is_new)
            (void)unlink(draft->path);
        else
            (void)irsa_file_replace(draft->path, irsa_buf_str(&draft->before), draft->before.len,
                                    0666, &ignored);
    }
}

int irsa_drafts_write(struct drafts *drafts, struct irsa_error **reterr)
{
    for (size_t i = 0; i < drafts->len; i++) {
        struct draft *draft = &drafts->items[i];
        if (!is_changed(draft))
            continue;
        int r = draft->removed  ? remove_file(draft, reterr)
                : draft->is_new ? write_new(draft, reterr)
                                : write_edited(draft, reterr);
        if (r != 0) {
            put_back(drafts);
            return -1;
        }
        draft->written = true;
    }
    return 0;
}
