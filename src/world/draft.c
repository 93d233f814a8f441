/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change may concern several files. All of them are read, checked and edited in memory first;
 * then they are written one by one, and put back if one can't be written.
 */
#include "world/captured.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

void irsa_drafts_done(struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->len; i++) {
        free(drafts->items[i].name);
        free(drafts->items[i].path);
        irsa_buf_done(&drafts->items[i].before);
        irsa_buf_done(&drafts->items[i].now);
    }
    free(drafts->items);
}

int irsa_draft_conflict(struct drafts *drafts, const char *file, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    irsa_autofree char *reason = NULL;
    if (vasprintf(&reason, fmt, args) < 0)
        abort();
    va_end(args);
    (void)irsa_fail(drafts->reterr, IRSA_E_CONFLICT, "%s: %s is not as the plan saw it: %s", file,
                    drafts->change->target, reason);
    return irsa_hint(drafts->reterr, "run plan again");
}

static struct draft *add_draft(struct drafts *drafts, const char *name)
{
    drafts->items = irsa_grow(drafts->items, drafts->len, sizeof(*drafts->items));
    struct draft *draft = &drafts->items[drafts->len++];
    *draft = (struct draft){.name = irsa_strdup(name)};
    return draft;
}

static struct draft *find_draft(struct drafts *drafts, const char *name)
{
    for (size_t i = 0; i < drafts->len; i++) {
        if (strcmp(drafts->items[i].name, name) == 0)
            return &drafts->items[i];
    }
    return NULL;
}

/* The draft of an existing file, read on first use. */
static struct draft *open_draft(struct drafts *drafts, const char *name)
{
    struct draft *draft = find_draft(drafts, name);
    if (draft)
        return draft;
    irsa_autofree char *path = irsa_captured_path(drafts->captured, name);
    irsa_autofree char *real = realpath(path, NULL);
    if (!real || !irsa_captured_inside(drafts->captured, real)) {
        (void)irsa_draft_conflict(drafts, name, "%s",
                                  real ? "it leads outside now" : strerror(errno));
        return NULL;
    }
    irsa_auto_buf text = {0};
    if (irsa_file_read(real, IRSA_DOCUMENT_MAX_BYTES, &text, drafts->reterr) != 0)
        return NULL;
    draft = add_draft(drafts, name);
    draft->path = irsa_steal(&real);
    draft->before = text;
    text = (struct irsa_buf){0};
    irsa_buf_add(&draft->now, irsa_buf_str(&draft->before), draft->before.len);
    return draft;
}

/* --- edits ------------------------------------------------------------------------------- */

static enum irsa_syntax syntax_of(const char *name)
{
    enum irsa_syntax syntax = IRSA_SYNTAX_JSON;
    (void)irsa_syntax_of(name, &syntax);
    return syntax;
}

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
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(list, i, item)
    {
        if (!is(item, context))
            continue;
        json_array_set_new(path, 1, json_integer((json_int_t)i));
        return path;
    }
    json_decref(path);
    return NULL;
}

static int rewrite(struct drafts *drafts, struct draft *draft, size_t document, const json_t *path,
                   const json_t *after)
{
    irsa_auto_buf edited = {0};
    if (irsa_text_edit(syntax_of(draft->name), draft->path, irsa_buf_str(&draft->now),
                       draft->now.len, document, path, after, &edited, drafts->reterr)
        != 0)
        return -1;
    irsa_buf_done(&draft->now);
    draft->now = edited;
    edited = (struct irsa_buf){0};
    draft->changed = true;
    return 0;
}

static int read_draft(struct drafts *drafts, const struct draft *draft, struct irsa_documents *ret)
{
    return irsa_document_read(syntax_of(draft->name), draft->path, irsa_buf_str(&draft->now),
                              draft->now.len, ret, drafts->reterr);
}

int irsa_draft_edit(struct drafts *drafts, const struct irsa_origin *origin, object_is *is,
                    const void *is_context, object_edit *edit, void *context)
{
    const char *name = drafts->facts->files.items[origin->file];
    struct draft *draft = open_draft(drafts, name);
    irsa_auto_documents documents = {0};
    if (!draft || read_draft(drafts, draft, &documents) != 0)
        return -1;
    const json_t *root =
        origin->document < documents.len ? documents.roots[origin->document] : NULL;
    json_auto_t *path = root ? place_now(root, origin, is, is_context) : NULL;
    if (!path)
        return irsa_draft_conflict(drafts, name, "it is not there any more");
    json_auto_t *after = NULL;
    if (edit(drafts, name, irsa_json_at(root, path), context, &after) != 0)
        return -1;
    return after ? rewrite(drafts, draft, origin->document, path, after) : 0;
}

int irsa_draft_edit_file(struct drafts *drafts, const char *name, object_edit *edit, void *context)
{
    struct draft *draft = open_draft(drafts, name);
    irsa_auto_documents documents = {0};
    if (!draft || read_draft(drafts, draft, &documents) != 0)
        return -1;
    json_auto_t *path = json_array();
    json_auto_t *after = NULL;
    if (documents.len == 0)
        return irsa_draft_conflict(drafts, name, "it is empty");
    if (edit(drafts, name, documents.roots[0], context, &after) != 0)
        return -1;
    return after ? rewrite(drafts, draft, 0, path, after) : 0;
}

int irsa_draft_remove(struct drafts *drafts, const struct irsa_origin *origin, object_is *is,
                      const void *is_context)
{
    const char *name = drafts->facts->files.items[origin->file];
    irsa_autofree char *path_text = irsa_captured_path(drafts->captured, name);
    if (access(path_text, F_OK) != 0 && errno == ENOENT)
        return 0; /* done already */
    struct draft *draft = open_draft(drafts, name);
    irsa_auto_documents documents = {0};
    if (!draft || read_draft(drafts, draft, &documents) != 0)
        return -1;
    const json_t *root =
        origin->document < documents.len ? documents.roots[origin->document] : NULL;
    json_auto_t *path = root ? place_now(root, origin, is, is_context) : NULL;
    if (!path)
        return 0;
    if (origin->list)
        return rewrite(drafts, draft, origin->document, path, NULL);
    if (documents.len > 1) {
        (void)irsa_fail(drafts->reterr, IRSA_E_CONFLICT,
                        "%s: %s stands in one file with other documents", name,
                        drafts->change->target);
        return irsa_hint(drafts->reterr, "remove that document by hand");
    }
    draft->removed = true;
    draft->changed = true;
    return 0;
}

/* --- new files --------------------------------------------------------------------------- */

json_t *irsa_draft_peek(struct drafts *drafts, const char *name)
{
    irsa_auto_error ignored = NULL;
    irsa_auto_buf text = {0};
    irsa_auto_documents documents = {0};
    const struct draft *draft = find_draft(drafts, name);
    irsa_autofree char *path = irsa_captured_path(drafts->captured, name);
    if (!draft && irsa_file_read(path, IRSA_DOCUMENT_MAX_BYTES, &text, &ignored) != 0)
        return NULL;
    const struct irsa_buf *source = draft ? &draft->now : &text;
    if (irsa_document_read(syntax_of(name), name, irsa_buf_str(source), source->len, &documents,
                           &ignored)
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

static bool exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

int irsa_draft_create(struct drafts *drafts, enum irsa_syntax syntax, const char *name,
                      const json_t *value)
{
    irsa_autofree char *free_name = NULL;
    irsa_autofree char *path = NULL;
    for (unsigned number = 1;; number++) {
        free(free_name);
        free(path);
        free_name = numbered(name, number);
        path = irsa_format("%s/%s", drafts->captured->root, free_name);
        if (!exists(path) && !find_draft(drafts, free_name))
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
    struct draft *draft = add_draft(drafts, free_name);
    draft->path = irsa_steal(&path);
    draft->is_new = true;
    draft->changed = true;
    if (syntax == IRSA_SYNTAX_YAML)
        irsa_yaml_write(value, &draft->now);
    else
        irsa_json_write(value, &draft->now);
    return 0;
}

/* --- writing ----------------------------------------------------------------------------- */

static int write_draft(const struct draft *draft, struct irsa_error **reterr)
{
    if (draft->removed) {
        if (unlink(draft->path) != 0)
            return irsa_fail(reterr, IRSA_E_IO, "%s: cannot remove: %s", draft->path,
                             strerror(errno));
        return 0;
    }
    if (draft->is_new) {
        irsa_autofree char *copy = irsa_strdup(draft->path);
        if (irsa_mkdir_parents(dirname(copy), reterr) != 0)
            return -1;
    }
    return irsa_file_replace(draft->path, irsa_buf_str(&draft->now), draft->now.len, 0666, reterr);
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

int irsa_drafts_write(struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->len; i++) {
        struct draft *draft = &drafts->items[i];
        if (!draft->changed)
            continue;
        if (write_draft(draft, drafts->reterr) != 0) {
            put_back(drafts);
            return -1;
        }
        draft->written = true;
    }
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
