/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes that files had before a run. Its changes were taken back by edits that touch nothing
 * else; where nobody but irsa-fix wrote a file since, what a journal holds of it brings back spaces
 * and order as well.
 */
#include "world/captured.h"

#include <errno.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- what was written ------------------------------------------------------------------------- */

static void copy_buf(const struct irsa_buf *from, struct irsa_buf *to)
{
    irsa_buf_add(to, irsa_buf_str(from), from->len);
}

void irsa_captured_note(struct captured *captured, const char *name, const struct irsa_buf *before,
                        const struct irsa_buf *after, const char *made)
{
    size_t place = irsa_map_get(&captured->written_names, name);
    if (place == IRSA_MAP_NONE) {
        place = captured->written_count;
        captured->written =
            irsa_grow(captured->written, captured->written_count, sizeof(*captured->written));
        captured->written[captured->written_count++] =
            (struct captured_file){.name = irsa_strdup(name), .existed = before != NULL};
        irsa_map_put(&captured->written_names, name, place);
        if (before)
            copy_buf(before, &captured->written[place].first);
    }
    struct captured_file *file = &captured->written[place];
    *file->last = '\0';
    if (made) {
        free(file->made);
        file->made = irsa_strdup(made);
    }
    if (after)
        irsa_sha256_hex(irsa_buf_str(after), after->len, file->last);
}

void irsa_captured_forget(struct captured *captured)
{
    for (size_t i = 0; i < captured->written_count; i++) {
        free(captured->written[i].name);
        free(captured->written[i].made);
        irsa_buf_done(&captured->written[i].first);
    }
    free(captured->written);
    irsa_map_done(&captured->written_names);
}

static const struct captured_file *find_written(const struct captured *captured, const char *name)
{
    size_t place = irsa_map_get(&captured->written_names, name);
    return place == IRSA_MAP_NONE ? NULL : &captured->written[place];
}

/* --- one file --------------------------------------------------------------------------------- */

struct content {
    bool there;
    struct irsa_buf text;
};

static void content_done(struct content *content)
{
    irsa_buf_done(&content->text);
    *content = (struct content){0};
}
#define auto_content IRSA_CLEANUP(content_done) struct content

static bool has_digest(const struct content *content, const char *digest)
{
    char hex[65];
    if (!content->there || !digest || !*digest)
        return !content->there && (!digest || !*digest);
    irsa_sha256_hex(irsa_buf_str(&content->text), content->text.len, hex);
    return strcmp(hex, digest) == 0;
}

struct restore {
    struct captured *captured;
    const json_t *files;
    bool whole;
    struct irsa_strings *left;
    json_t *deltas; /* of what is to be written, for the journal */
    struct target *targets;
    size_t target_count;
    struct irsa_error **reterr;
};
/* A file as it shall be. */
struct target {
    char *path;
    char *name;
    struct content now;
    struct content then;
    mode_t mode; /* of one that is made anew */
};

static char *path_of(const struct captured *captured, const char *name)
{
    return irsa_format("%s/%s", strcmp(captured->root, "/") == 0 ? "" : captured->root, name);
}

static int read_content(const char *path, struct content *ret, struct irsa_error **reterr)
{
    struct stat st;
    if (stat(path, &st) != 0 && errno == ENOENT)
        return 0;
    ret->there = true;
    return irsa_file_read(path, IRSA_DOCUMENT_MAX_BYTES, &ret->text, reterr);
}

/* From what the run left to what it found, delta by delta; false where none fits. Deltas of writes
 * that came to nothing don't fit, and are passed over. */
static bool go_back(const struct restore *restore, const char *name, struct content *content,
                    mode_t *ret_mode)
{
    bool any = false;
    for (size_t i = json_array_size(restore->files); i-- > 0;) {
        const json_t *delta = json_array_get(restore->files, i);
        const char *of = irsa_json_string(delta, "name", NULL);
        const char *mode = irsa_json_string(delta, "mode", NULL);
        irsa_auto_error ignored = NULL;
        irsa_auto_buf before = {0};
        if (!of || strcmp(of, name) != 0
            || !has_digest(content, irsa_json_string(delta, "after_sha256", NULL)))
            continue;
        if (!json_is_true(json_object_get(delta, "existed"))) {
            content_done(content);
            any = true;
            continue;
        }
        if (irsa_file_delta_apply(delta, irsa_buf_str(&content->text), content->text.len, &before,
                                  &ignored)
            != 0)
            continue;
        content_done(content);
        content->there = true;
        content->text = before;
        before = (struct irsa_buf){0};
        *ret_mode = mode ? (mode_t)strtoul(mode, NULL, 8) : 0666;
        any = true;
    }
    return any;
}

/* A rollback before this one brought it back. */
static bool is_back(const struct restore *restore, const char *name, const struct content *now)
{
    size_t i = 0;
    json_t *delta = NULL;
    json_array_foreach(restore->files, i, delta)
    {
        const char *of = irsa_json_string(delta, "name", NULL);
        if (of && strcmp(of, name) == 0)
            return has_digest(now, irsa_json_string(delta, "before_sha256", NULL));
    }
    return false;
}

static bool same_meaning(const char *name, const struct content *a, const struct content *b)
{
    irsa_auto_documents x = {0};
    irsa_auto_documents y = {0};
    irsa_auto_error ignored = NULL;
    enum irsa_syntax syntax = IRSA_SYNTAX_JSON;
    if (!a->there || !b->there)
        return a->there == b->there;
    if (!irsa_syntax_of(name, &syntax)
        || irsa_document_read(syntax, name, irsa_buf_str(&a->text), a->text.len, &x, &ignored) != 0
        || irsa_document_read(syntax, name, irsa_buf_str(&b->text), b->text.len, &y, &ignored) != 0
        || x.len != y.len)
        return false;
    for (size_t i = 0; i < x.len; i++) {
        if (!json_equal(x.roots[i], y.roots[i]))
            return false;
    }
    return true;
}

static bool same_bytes(const struct content *a, const struct content *b)
{
    return a->there == b->there && a->text.len == b->text.len
           && memcmp(irsa_buf_str(&a->text), irsa_buf_str(&b->text), a->text.len) == 0;
}

static void add_target(struct restore *restore, const char *name, char *path, struct content *now,
                       struct content *then, mode_t mode)
{
    restore->targets =
        irsa_grow(restore->targets, restore->target_count, sizeof(*restore->targets));
    restore->targets[restore->target_count++] = (struct target){
        .name = irsa_strdup(name), .path = path, .now = *now, .then = *then, .mode = mode};
    json_t *delta = irsa_file_delta(name, now->there ? &now->text : NULL,
                                    then->there ? &then->text : NULL, mode);
    irsa_autofree char *made =
        now->there ? NULL : irsa_captured_missing_directory(restore->captured, path);
    if (made)
        json_object_set_new(delta, "made_directory", json_string(made));
    json_array_append_new(restore->deltas, delta);
    *now = (struct content){0};
    *then = (struct content){0};
}

/* Works out what a file shall hold. */
static int look_at(struct restore *restore, const char *name)
{
    const struct captured_file *written = find_written(restore->captured, name);
    irsa_autofree char *path = path_of(restore->captured, name);
    auto_content now = {0};
    auto_content then = {0};
    mode_t mode = 0666;
    struct stat st;
    if (read_content(path, &now, restore->reterr) != 0)
        return -1;
    bool ours = !written || has_digest(&now, written->last);
    then.there = written ? written->existed : now.there;
    if (then.there)
        copy_buf(written ? &written->first : &now.text, &then.text);
    if (!ours || !go_back(restore, name, &then, &mode)) {
        if (!is_back(restore, name, &now))
            irsa_strings_add(restore->left, name);
        return 0;
    }
    if (same_bytes(&now, &then) || (!restore->whole && !same_meaning(name, &now, &then)))
        return 0;
    if (now.there && stat(path, &st) == 0)
        mode = st.st_mode;
    add_target(restore, name, irsa_steal(&path), &now, &then, mode);
    return 0;
}

/* A file that only taking back made: what it says stands where it stood before. */
static int look_at_new(struct restore *restore, const struct captured_file *file)
{
    irsa_autofree char *path = path_of(restore->captured, file->name);
    auto_content now = {0};
    auto_content then = {0};
    if (read_content(path, &now, restore->reterr) != 0)
        return -1;
    if (now.there && !file->existed && has_digest(&now, file->last))
        add_target(restore, file->name, irsa_steal(&path), &now, &then, 0666);
    return 0;
}

/* --- all of them ------------------------------------------------------------------------------ */

static int look_at_all(struct restore *restore)
{
    irsa_auto_map seen = {0};
    size_t i = 0;
    json_t *delta = NULL;
    json_array_foreach(restore->files, i, delta)
    {
        const char *name = irsa_json_string(delta, "name", NULL);
        if (!name || irsa_map_get(&seen, name) != IRSA_MAP_NONE)
            continue;
        irsa_map_put(&seen, name, i);
        if (look_at(restore, name) != 0)
            return -1;
    }
    for (size_t k = 0; restore->whole && k < restore->captured->written_count; k++) {
        const struct captured_file *file = &restore->captured->written[k];
        if (irsa_map_get(&seen, file->name) == IRSA_MAP_NONE && look_at_new(restore, file) != 0)
            return -1;
    }
    return 0;
}

static int write_target(const struct target *target, struct irsa_error **reterr)
{
    irsa_autofree char *copy = irsa_strdup(target->path);
    if (!target->then.there)
        return unlink(target->path) == 0 ? 0
                                         : irsa_fail(reterr, IRSA_E_IO, "%s: cannot remove: %s",
                                                     target->path, strerror(errno));
    if (irsa_mkdir_parents(dirname(copy), reterr) != 0
        || irsa_file_replace(target->path, irsa_buf_str(&target->then.text), target->then.text.len,
                             0666, reterr)
               != 0)
        return -1;
    if (!target->now.there && chmod(target->path, target->mode & 07777) != 0)
        return irsa_fail(reterr, IRSA_E_IO, "%s: its mode cannot be set: %s", target->path,
                         strerror(errno));
    return 0;
}

static int write_all(struct restore *restore)
{
    struct irsa_world *world = &restore->captured->world;
    if (restore->target_count == 0)
        return 0;
    if (world->will_write
        && world->will_write(world->will_write_context, restore->deltas, restore->reterr) != 0)
        return -1;
    for (size_t i = 0; i < restore->target_count; i++) {
        const struct target *target = &restore->targets[i];
        if (write_target(target, restore->reterr) != 0)
            return -1;
        irsa_captured_note(restore->captured, target->name,
                           target->now.there ? &target->now.text : NULL,
                           target->then.there ? &target->then.text : NULL, NULL);
    }
    return 0;
}

/* From the innermost outward, as far as they are empty. */
static void remove_made(const struct captured *captured, const char *name, const char *made)
{
    if (!made || !name || !irsa_has_prefix(name, made) || strstr(name, ".."))
        return;
    irsa_autofree char *path = path_of(captured, name);
    size_t shortest = strlen(path) - strlen(name) + strlen(made);
    for (char *slash = strrchr(path, '/'); slash && (size_t)(slash - path) >= shortest;
         slash = strrchr(path, '/')) {
        *slash = '\0';
        if (rmdir(path) != 0 && errno != ENOENT)
            break;
    }
}

/* Directories that the run made, and those that taking it back made. */
static void remove_directories(const struct restore *restore)
{
    const struct captured *captured = restore->captured;
    for (size_t i = captured->written_count; i-- > 0;)
        remove_made(captured, captured->written[i].name, captured->written[i].made);
    for (size_t i = json_array_size(restore->files); i-- > 0;) {
        const json_t *delta = json_array_get(restore->files, i);
        remove_made(captured, irsa_json_string(delta, "name", NULL),
                    irsa_json_string(delta, "made_directory", NULL));
    }
}

/* Names come from a journal: they stay inside all the same. */
static int check_names(const struct restore *restore)
{
    size_t i = 0;
    json_t *delta = NULL;
    json_array_foreach(restore->files, i, delta)
    {
        const char *name = irsa_json_string(delta, "name", NULL);
        if (!name || *name == '/' || irsa_has_prefix(name, "../") || strstr(name, "/../"))
            return irsa_fail(restore->reterr, IRSA_E_PARSE, "the journal names no file of %s",
                             restore->captured->directory);
    }
    return 0;
}

int irsa_captured_restore(struct irsa_world *world, const json_t *files, bool whole,
                          struct irsa_strings *ret_left, struct irsa_error **reterr)
{
    struct restore restore = {.captured = (struct captured *)world,
                              .files = files,
                              .whole = whole,
                              .left = ret_left,
                              .deltas = json_array(),
                              .reterr = reterr};
    int r = check_names(&restore) != 0 || look_at_all(&restore) != 0 || write_all(&restore) != 0
                ? -1
                : 0;
    /* One that was in the way of another is gone the second time. */
    for (int pass = 0; r == 0 && pass < 2; pass++)
        remove_directories(&restore);
    for (size_t i = 0; i < restore.target_count; i++) {
        free(restore.targets[i].name);
        free(restore.targets[i].path);
        content_done(&restore.targets[i].now);
        content_done(&restore.targets[i].then);
    }
    free(restore.targets);
    json_decref(restore.deltas);
    return r;
}
