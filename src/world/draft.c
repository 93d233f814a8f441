/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change may concern several files, and many changes one file. All of them are read, checked and
 * edited in memory first; then (draft_write.c) each file is written once.
 */
#include "world/captured.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static void draft_done(struct draft *draft)
{
    free(draft->name);
    free(draft->path);
    free(draft->made);
    irsa_buf_done(&draft->before);
    irsa_buf_done(&draft->after);
    irsa_documents_done(&draft->documents);
    for (size_t i = 0; i < draft->edit_count; i++) {
        json_decref((json_t *)draft->edits[i].path);
        json_decref((json_t *)draft->edits[i].after);
    }
    free(draft->edits);
}

static void forget_undos(struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->undo_count; i++)
        json_decref(drafts->undos[i].root);
    drafts->undo_count = 0;
}

void irsa_drafts_done(struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->len; i++)
        draft_done(&drafts->items[i]);
    free(drafts->items);
    irsa_map_done(&drafts->names);
    forget_undos(drafts);
    free(drafts->undos);
}

/* --- one change among several ----------------------------------------------------------------- */

static void note_undo(struct drafts *drafts, struct undo undo)
{
    drafts->undos = irsa_grow(drafts->undos, drafts->undo_count, sizeof(undo));
    drafts->undos[drafts->undo_count++] = undo;
}

void irsa_drafts_begin(struct drafts *drafts, const struct irsa_change *change,
                       struct irsa_error **reterr)
{
    forget_undos(drafts);
    drafts->change = change;
    drafts->reterr = reterr;
}

void irsa_drafts_undo(struct drafts *drafts)
{
    for (size_t i = drafts->undo_count; i-- > 0;) {
        struct undo *undo = &drafts->undos[i];
        struct draft *draft = &drafts->items[undo->draft];
        if (undo->what == UNDO_REMOVE)
            draft->removed = false;
        if (undo->what == UNDO_CREATE)
            draft->removed = true; /* a new file that is not to be */
        if (undo->what != UNDO_EDIT)
            continue;
        json_decref(draft->documents.roots[undo->document]);
        draft->documents.roots[undo->document] = irsa_steal(&undo->root);
        draft->edit_count--;
        json_decref((json_t *)draft->edits[draft->edit_count].path);
        json_decref((json_t *)draft->edits[draft->edit_count].after);
    }
    forget_undos(drafts);
}

int irsa_draft_conflict(struct drafts *drafts, const char *file, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    irsa_autofree char *reason = irsa_vformat(fmt, args);
    va_end(args);
    (void)irsa_fail(drafts->reterr, IRSA_E_CONFLICT, "%s: %s is not as the plan saw it: %s", file,
                    drafts->change->target, reason);
    return irsa_hint(drafts->reterr, "run plan again");
}

/* --- drafts ----------------------------------------------------------------------------------- */

static struct draft *add_draft(struct drafts *drafts, const char *name)
{
    drafts->items = irsa_grow(drafts->items, drafts->len, sizeof(*drafts->items));
    struct draft *draft = &drafts->items[drafts->len];
    *draft = (struct draft){.name = irsa_strdup(name)};
    (void)irsa_syntax_of(name, &draft->syntax);
    irsa_map_put(&drafts->names, name, drafts->len++);
    return draft;
}

static struct draft *find_draft(struct drafts *drafts, const char *name)
{
    size_t place = irsa_map_get(&drafts->names, name);
    return place == IRSA_MAP_NONE ? NULL : &drafts->items[place];
}

/* The draft of an existing file, read on first use. */
static struct draft *open_draft(struct drafts *drafts, const char *name)
{
    struct draft *draft = find_draft(drafts, name);
    if (draft && !draft->removed)
        return draft;
    irsa_autofree char *path = irsa_captured_path(drafts->captured, name);
    irsa_autofree char *real = draft ? NULL : realpath(path, NULL);
    if (!real || !irsa_captured_inside(drafts->captured, real)) {
        (void)irsa_draft_conflict(drafts, name, "%s",
                                  draft  ? "its file is removed"
                                  : real ? "it leads outside now"
                                         : strerror(errno));
        return NULL;
    }
    irsa_auto_buf text = {0};
    irsa_auto_documents documents = {0};
    enum irsa_syntax syntax = IRSA_SYNTAX_JSON;
    (void)irsa_syntax_of(name, &syntax);
    if (irsa_file_read(real, IRSA_DOCUMENT_MAX_BYTES, &text, drafts->reterr) != 0
        || irsa_document_read(syntax, real, irsa_buf_str(&text), text.len, &documents,
                              drafts->reterr)
               != 0)
        return NULL;
    draft = add_draft(drafts, name);
    draft->path = irsa_steal(&real);
    draft->before = text;
    draft->documents = documents;
    text = (struct irsa_buf){0};
    documents = (struct irsa_documents){0};
    return draft;
}

/* --- edits ------------------------------------------------------------------------------------ */

/* Where the object is now: where it was, else elsewhere in the same list. A new reference or NULL.
 */
static json_t *place_now(const json_t *root, const struct irsa_origin *origin, object_is *is,
                         const void *context)
{
    json_t *path = irsa_origin_path(origin);
    const json_t *there = irsa_json_at(root, path);
    if (there && is(there, context))
        return path;
    const json_t *list = origin->list ? json_object_get(root, origin->list) : NULL;
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (!is(json_array_get(list, i), context))
            continue;
        json_array_set_new(path, 1, json_integer((json_int_t)i));
        return path;
    }
    json_decref(path);
    return NULL;
}

/* The value with `after` at the path (NULL: nothing there), a new reference that shares all the
 * rest. */
static json_t *replaced(json_t *value, const json_t *path, size_t depth, json_t *after)
{
    if (depth == json_array_size(path))
        return json_incref(after);
    const json_t *step = json_array_get(path, depth);
    bool drop = !after && depth + 1 == json_array_size(path);
    json_t *copy = json_copy(value);
    if (json_is_string(step)) {
        const char *key = json_string_value(step);
        if (drop)
            json_object_del(copy, key);
        else
            json_object_set_new(copy, key,
                                replaced(json_object_get(value, key), path, depth + 1, after));
        return copy;
    }
    size_t index = (size_t)json_integer_value(step);
    if (drop)
        json_array_remove(copy, index);
    else
        json_array_set_new(copy, index,
                           replaced(json_array_get(value, index), path, depth + 1, after));
    return copy;
}

static void rewrite(struct drafts *drafts, struct draft *draft, size_t document, json_t *path,
                    json_t *after)
{
    json_t **root = &draft->documents.roots[document];
    json_t *changed = replaced(*root, path, 0, after);
    note_undo(drafts, (struct undo){.what = UNDO_EDIT,
                                    .draft = (size_t)(draft - drafts->items),
                                    .document = document,
                                    .root = *root});
    *root = changed;
    draft->edits = irsa_grow(draft->edits, draft->edit_count, sizeof(*draft->edits));
    draft->edits[draft->edit_count++] = (struct irsa_text_change){
        .document = document, .path = json_incref(path), .after = json_incref(after)};
}

int irsa_draft_edit(struct drafts *drafts, const struct irsa_origin *origin, object_is *is,
                    const void *is_context, object_edit *edit, void *context)
{
    const char *name = drafts->facts->files.items[origin->file];
    struct draft *draft = open_draft(drafts, name);
    if (!draft)
        return -1;
    const json_t *root =
        origin->document < draft->documents.len ? draft->documents.roots[origin->document] : NULL;
    json_auto_t *path = root ? place_now(root, origin, is, is_context) : NULL;
    if (!path)
        return irsa_draft_conflict(drafts, name, "it is not there any more");
    json_auto_t *after = NULL;
    if (edit(drafts, name, irsa_json_at(root, path), context, &after) != 0)
        return -1;
    if (after)
        rewrite(drafts, draft, origin->document, path, after);
    return 0;
}

int irsa_draft_edit_file(struct drafts *drafts, const char *name, object_edit *edit, void *context)
{
    struct draft *draft = open_draft(drafts, name);
    json_auto_t *path = json_array();
    json_auto_t *after = NULL;
    if (!draft)
        return -1;
    if (draft->documents.len == 0)
        return irsa_draft_conflict(drafts, name, "it is empty");
    if (edit(drafts, name, draft->documents.roots[0], context, &after) != 0)
        return -1;
    if (after)
        rewrite(drafts, draft, 0, path, after);
    return 0;
}

bool irsa_draft_is_gone(struct drafts *drafts, const struct irsa_origin *origin)
{
    const char *name = drafts->facts->files.items[origin->file];
    irsa_autofree char *path = irsa_captured_path(drafts->captured, name);
    const struct draft *known = find_draft(drafts, name);
    return (known && known->removed) || (access(path, F_OK) != 0 && errno == ENOENT);
}

int irsa_draft_remove(struct drafts *drafts, const struct irsa_origin *origin, object_is *is,
                      const void *is_context, object_edit *check, void *check_context)
{
    const char *name = drafts->facts->files.items[origin->file];
    if (irsa_draft_is_gone(drafts, origin))
        return 0;
    struct draft *draft = open_draft(drafts, name);
    if (!draft)
        return -1;
    const json_t *root =
        origin->document < draft->documents.len ? draft->documents.roots[origin->document] : NULL;
    json_auto_t *path = root ? place_now(root, origin, is, is_context) : NULL;
    if (!path)
        return 0;
    json_t *nothing = NULL;
    if (check && check(drafts, name, irsa_json_at(root, path), check_context, &nothing) != 0)
        return -1;
    /* {"Role": ...} alone in a document is the document. */
    bool whole = !origin->list || (origin->item == UINT32_MAX && json_object_size(root) == 1);
    if (!whole) {
        rewrite(drafts, draft, origin->document, path, NULL);
        return 0;
    }
    if (draft->documents.len > 1) {
        (void)irsa_fail(drafts->reterr, IRSA_E_CONFLICT,
                        "%s: %s stands in one file with other documents", name,
                        drafts->change->target);
        return irsa_hint(drafts->reterr, "remove that document by hand");
    }
    draft->removed = true;
    note_undo(drafts, (struct undo){.what = UNDO_REMOVE, .draft = (size_t)(draft - drafts->items)});
    return 0;
}

/* --- new files -------------------------------------------------------------------------------- */

json_t *irsa_draft_peek(struct drafts *drafts, const char *name)
{
    irsa_auto_error ignored = NULL;
    irsa_auto_buf text = {0};
    irsa_auto_documents documents = {0};
    enum irsa_syntax syntax = IRSA_SYNTAX_JSON;
    const struct draft *draft = find_draft(drafts, name);
    if (draft)
        return draft->documents.len == 1 && !draft->removed ? json_incref(draft->documents.roots[0])
                                                            : NULL;
    irsa_autofree char *path = irsa_captured_path(drafts->captured, name);
    (void)irsa_syntax_of(name, &syntax);
    if (irsa_file_read(path, IRSA_DOCUMENT_MAX_BYTES, &text, &ignored) != 0
        || irsa_document_read(syntax, name, irsa_buf_str(&text), text.len, &documents, &ignored)
               != 0
        || documents.len != 1)
        return NULL;
    return json_incref(documents.roots[0]);
}

/* A name whose directories are inside the world, also where some of them are links. */
static int check_inside(struct drafts *drafts, const char *path)
{
    irsa_autofree char *copy = irsa_strdup(path);
    for (char *slash = strrchr(copy, '/'); slash; slash = strrchr(copy, '/')) {
        *slash = '\0';
        irsa_autofree char *real = realpath(*copy ? copy : "/", NULL);
        if (!real)
            continue;
        if (irsa_captured_inside(drafts->captured, real))
            return 0;
        break;
    }
    return irsa_fail(drafts->reterr, IRSA_E_IO, "%s: would lead outside of %s", path,
                     drafts->captured->directory);
}

/* "a/b.json" with a number: "a/b-2.json". */
static char *numbered(const char *name, unsigned number)
{
    const char *dot = strrchr(name, '.');
    return number == 1 ? irsa_strdup(name)
                       : irsa_format("%.*s-%u%s", (int)(dot - name), name, number, dot);
}

static bool is_free(struct drafts *drafts, const char *name, const char *path)
{
    struct stat st;
    const struct draft *draft = find_draft(drafts, name);
    return draft ? draft->is_new && draft->removed : lstat(path, &st) != 0;
}

int irsa_draft_create(struct drafts *drafts, const char *name, const json_t *value)
{
    irsa_autofree char *free_name = NULL;
    irsa_autofree char *path = NULL;
    for (unsigned number = 1;; number++) {
        free(free_name);
        free(path);
        free_name = numbered(name, number);
        path = irsa_format("%s/%s", drafts->captured->root, free_name);
        if (is_free(drafts, free_name, path))
            break;
        json_auto_t *there = irsa_draft_peek(drafts, free_name);
        if (there && json_equal(there, (json_t *)value))
            return 0;
    }
    if (check_inside(drafts, path) != 0)
        return -1;
    if (irsa_captured_ignored(drafts->captured, free_name)) {
        (void)irsa_fail(drafts->reterr, IRSA_E_CONFLICT,
                        "%s: a new file there would be left out by --ignore", free_name);
        return irsa_hint(drafts->reterr, "choose a narrower --ignore");
    }
    struct draft *draft = find_draft(drafts, free_name);
    if (!draft)
        draft = add_draft(drafts, free_name);
    irsa_documents_done(&draft->documents);
    free(draft->path);
    draft->path = irsa_steal(&path);
    draft->is_new = true;
    draft->removed = false;
    draft->documents.roots = irsa_calloc(1, sizeof(json_t *));
    draft->documents.roots[0] = json_incref((json_t *)value);
    draft->documents.len = 1;
    note_undo(drafts, (struct undo){.what = UNDO_CREATE, .draft = (size_t)(draft - drafts->items)});
    return 0;
}

char *irsa_file_part(const char *name)
{
    irsa_auto_buf part = {0};
    /* Names that begin with a dot would not be read again. */
    if (*name == '.')
        irsa_buf_addc(&part, '_');
    for (const char *p = name; *p; p++)
        irsa_buf_addc(&part, *p == '/' || *p == ':' || (unsigned char)*p < ' ' ? '-' : *p);
    return irsa_buf_steal(&part);
}
