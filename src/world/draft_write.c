/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts become files: each once, by a temporary file and a rename; all of them or none. */
#include "world/captured.h"

#include <errno.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

static bool is_changed(const struct draft *draft)
{
    return draft->is_new ? !draft->removed : draft->removed || draft->edit_count > 0;
}

/* Of the root in real paths, with its slash. */
static size_t root_length(const struct drafts *drafts)
{
    const char *root = drafts->captured->root;
    return strcmp(root, "/") == 0 ? 1 : strlen(root) + 1;
}

static int remove_file(const struct draft *draft, struct irsa_error **reterr)
{
    if (unlink(draft->path) != 0)
        return irsa_fail(reterr, IRSA_E_IO, "%s: cannot remove: %s", draft->path, strerror(errno));
    return 0;
}

/* What the file shall hold. */
static int make_text(struct draft *draft, struct irsa_error **reterr)
{
    if (draft->is_new && draft->syntax == IRSA_SYNTAX_YAML)
        irsa_yaml_write(draft->documents.roots[0], &draft->after);
    else if (draft->is_new)
        irsa_json_write(draft->documents.roots[0], &draft->after);
    else if (!draft->removed)
        return irsa_text_edit(draft->syntax, draft->path, irsa_buf_str(&draft->before),
                              draft->before.len, draft->edits, draft->edit_count, &draft->after,
                              reterr);
    return 0;
}

static int write_file(const struct draft *draft, struct irsa_error **reterr)
{
    irsa_autofree char *copy = irsa_strdup(draft->path);
    if (draft->is_new && irsa_mkdir_parents(dirname(copy), reterr) != 0)
        return -1;
    return irsa_file_replace(draft->path, irsa_buf_str(&draft->after), draft->after.len, 0666,
                             reterr);
}

char *irsa_captured_missing_directory(const struct captured *captured, const char *path)
{
    size_t root = strcmp(captured->root, "/") == 0 ? 1 : strlen(captured->root) + 1;
    irsa_autofree char *upward = irsa_strdup(path);
    irsa_autofree char *made = NULL;
    struct stat st;
    for (char *slash = strrchr(upward, '/'); slash && slash > upward;
         slash = strrchr(upward, '/')) {
        *slash = '\0';
        if (stat(upward, &st) == 0)
            break;
        free(made);
        made = irsa_strdup(upward);
    }
    return made && strlen(made) > root ? irsa_strdup(made + root) : NULL;
}

static void note_directories(struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->len; i++) {
        struct draft *draft = &drafts->items[i];
        free(irsa_steal(&draft->made));
        if (draft->is_new && is_changed(draft))
            draft->made = irsa_captured_missing_directory(drafts->captured, draft->path);
    }
}

/* What was written is remembered for whoever wants the bytes from before. */
static void remember(const struct drafts *drafts)
{
    if (!drafts->captured->world.remember)
        return;
    for (size_t i = 0; i < drafts->len; i++) {
        const struct draft *draft = &drafts->items[i];
        if (draft->written)
            irsa_captured_note((struct captured *)drafts->captured,
                               draft->path + root_length(drafts),
                               draft->is_new ? NULL : &draft->before,
                               draft->removed ? NULL : &draft->after, draft->made);
    }
}

/* Who wants to know hears what brings every file back, before the first is touched. */
static int announce(const struct drafts *drafts, struct irsa_error **reterr)
{
    const struct irsa_world *world = &drafts->captured->world;
    json_auto_t *files = json_array();
    if (!world->will_write)
        return 0;
    for (size_t i = 0; i < drafts->len; i++) {
        const struct draft *draft = &drafts->items[i];
        struct stat st = {0};
        if (!is_changed(draft))
            continue;
        if (!draft->is_new && stat(draft->path, &st) != 0)
            return irsa_fail(reterr, IRSA_E_IO, "%s: %s", draft->path, strerror(errno));
        json_t *delta = irsa_file_delta(draft->path + root_length(drafts),
                                        draft->is_new ? NULL : &draft->before,
                                        draft->removed ? NULL : &draft->after, st.st_mode);
        if (draft->made)
            json_object_set_new(delta, "made_directory", json_string(draft->made));
        json_array_append_new(files, delta);
    }
    return json_array_size(files) > 0 ? world->will_write(world->will_write_context, files, reterr)
                                      : 0;
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
        irsa_buf_done(&draft->after);
        draft->after = (struct irsa_buf){0};
        if (is_changed(draft) && make_text(draft, reterr) != 0)
            return -1;
    }
    note_directories(drafts);
    if (announce(drafts, reterr) != 0)
        return -1;
    for (size_t i = 0; i < drafts->len; i++) {
        struct draft *draft = &drafts->items[i];
        if (!is_changed(draft))
            continue;
        int r = draft->removed ? remove_file(draft, reterr) : write_file(draft, reterr);
        if (r != 0) {
            put_back(drafts);
            return -1;
        }
        draft->written = true;
    }
    remember(drafts);
    return 0;
}
