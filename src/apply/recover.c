/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change may concern several files. Where a kill came between two of them, copies of one object
 * differ, and nothing can be read any more: what was written of that change is taken back. Half
 * a change was never announced as done, so nobody has built on it.
 */
#include "apply/state.h"
#include "irsa/world.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t)1 << 30)

enum file_state { FILE_BEFORE, FILE_AFTER, FILE_OTHER };

/* What of the delta a file holds. *ret: its text, where there is one. */
static enum file_state state_of(const char *path, const json_t *delta, struct irsa_buf *ret)
{
    const char *before = irsa_json_string(delta, "before_sha256", NULL);
    const char *after = irsa_json_string(delta, "after_sha256", NULL);
    irsa_auto_error ignored = NULL;
    char hex[65] = "";
    if (access(path, F_OK) == 0) {
        if (irsa_file_read(path, FILE_MAX_BYTES, ret, &ignored) != 0)
            return FILE_OTHER;
        irsa_sha256_hex(irsa_buf_str(ret), ret->len, hex);
    } else if (errno != ENOENT) {
        return FILE_OTHER;
    }
    if (strcmp(hex, after ? after : "") == 0)
        return FILE_AFTER;
    return strcmp(hex, before ? before : "") == 0 ? FILE_BEFORE : FILE_OTHER;
}

static int put_back(const char *path, const json_t *delta, const struct irsa_buf *text,
                    struct irsa_error **reterr)
{
    const char *mode = irsa_json_string(delta, "mode", NULL);
    irsa_auto_buf before = {0};
    if (!json_is_true(json_object_get(delta, "existed")))
        return unlink(path) == 0 || errno == ENOENT
                   ? 0
                   : irsa_fail(reterr, IRSA_E_IO, "%s: cannot remove: %s", path, strerror(errno));
    if (irsa_file_delta_apply(delta, irsa_buf_str(text), text->len, &before, reterr) != 0)
        return -1;
    return irsa_file_replace(path, irsa_buf_str(&before), before.len,
                             mode ? (mode_t)strtoul(mode, NULL, 8) : 0666, reterr);
}

/* True for a name as irsa_file_replace gives to what it writes first. */
static bool is_temporary(const char *name)
{
    static const char prefix[] = ".irsa-fix.";
    return irsa_has_prefix(name, prefix) && strlen(name) == strlen(prefix) + 6;
}

static void sweep(const char *path)
{
    irsa_autofree char *copy = irsa_strdup(path);
    const char *folder = dirname(copy);
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        irsa_autofree char *name = irsa_format("%s/%s", folder, entry->d_name);
        if (is_temporary(entry->d_name))
            (void)unlink(name);
    }
    (void)closedir(dir);
}

int irsa_run_recover(const struct irsa_run *run, const char *root, size_t *ret_files,
                     struct irsa_error **reterr)
{
    size_t count = json_array_size(run->files);
    size_t written = 0;
    size_t other = 0;
    *ret_files = 0;
    for (size_t i = run->files_open; i < count; i++) {
        const json_t *delta = json_array_get(run->files, i);
        const char *name = irsa_json_string(delta, "name", NULL);
        irsa_autofree char *path = irsa_format("%s/%s", root, name ? name : "");
        irsa_auto_buf text = {0};
        enum file_state state = state_of(path, delta, &text);
        sweep(path);
        written += state == FILE_AFTER;
        other += state == FILE_OTHER;
    }
    /* All of it, nothing of it, or somebody was there since. */
    if (other > 0 || written == 0 || written == count - run->files_open)
        return 0;
    for (size_t i = count; i-- > run->files_open;) {
        const json_t *delta = json_array_get(run->files, i);
        irsa_autofree char *path =
            irsa_format("%s/%s", root, irsa_json_string(delta, "name", NULL));
        irsa_auto_buf text = {0};
        if (state_of(path, delta, &text) != FILE_AFTER)
            continue;
        if (put_back(path, delta, &text, reterr) != 0)
            return -1;
        ++*ret_files;
    }
    return 0;
}
