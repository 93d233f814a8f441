/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/world.h"

#include "world/captured.h"

#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <sys/stat.h>

char *irsa_captured_path(const struct captured *captured, const char *name)
{
    const char *slash = strcmp(captured->directory, "/") == 0 ? "" : "/";
    return irsa_format("%s%s%s", captured->directory, *name ? slash : "", name);
}

bool irsa_captured_inside(const struct captured *captured, const char *real_path)
{
    size_t len = strlen(captured->root);
    if (strcmp(captured->root, "/") == 0)
        return true;
    return strncmp(real_path, captured->root, len) == 0
           && (real_path[len] == '/' || real_path[len] == '\0');
}

bool irsa_captured_ignored(const struct captured *captured, const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    for (size_t i = 0; i < captured->ignore.len; i++) {
        irsa_autofree char *glob = irsa_strdup(captured->ignore.items[i]);
        size_t len = strlen(glob);
        if (len > 1 && glob[len - 1] == '/')
            glob[len - 1] = '\0';
        const char *text = irsa_has_prefix(glob, "./") ? glob + 2 : glob;
        if (irsa_glob_match(text, name) || (!strchr(text, '/') && irsa_glob_match(text, base)))
            return true;
    }
    return false;
}

/* Works one change out; what a change that fails did to the drafts is taken back. */
static int draft_change(struct drafts *drafts, const struct irsa_change *change,
                        struct irsa_error **reterr)
{
    static int (*const by_kind[IRSA_OBJECT_MAX_])(struct drafts *) = {
        [IRSA_OBJECT_PROVIDER] = irsa_captured_provider,
        [IRSA_OBJECT_ROLE] = irsa_captured_role,
        [IRSA_OBJECT_TRUST_POLICY] = irsa_captured_trust,
        [IRSA_OBJECT_ROLE_ATTACHMENT] = irsa_captured_attachment,
        [IRSA_OBJECT_ROLE_POLICY] = irsa_captured_role_policy,
        [IRSA_OBJECT_NAMESPACE] = irsa_captured_namespace,
        [IRSA_OBJECT_SERVICE_ACCOUNT] = irsa_captured_service_account,
        [IRSA_OBJECT_WORKLOAD] = irsa_captured_workload,
    };
    irsa_drafts_begin(drafts, change, reterr);
    if (by_kind[change->kind](drafts) == 0)
        return 0;
    irsa_drafts_undo(drafts);
    return -1;
}

static int captured_apply(struct irsa_world *world, const struct irsa_facts *facts,
                          const struct irsa_change *change, struct irsa_error **reterr)
{
    IRSA_CLEANUP(irsa_drafts_done)
    struct drafts drafts = {.captured = (const struct captured *)world, .facts = facts};
    if (draft_change(&drafts, change, reterr) != 0)
        return -1;
    return irsa_drafts_write(&drafts, reterr);
}

/* Every file is read, edited, proven and written once, however many changes it takes. */
static void captured_apply_all(struct irsa_world *world, const struct irsa_facts *facts,
                               const struct irsa_change *const *changes, size_t count,
                               struct irsa_error **errors)
{
    IRSA_CLEANUP(irsa_drafts_done)
    struct drafts drafts = {.captured = (const struct captured *)world, .facts = facts};
    irsa_auto_error error = NULL;
    for (size_t i = 0; i < count; i++)
        (void)draft_change(&drafts, changes[i], &errors[i]);
    if (irsa_drafts_write(&drafts, &error) == 0)
        return;
    /* A file that can't be written must not take along the changes of others. */
    for (size_t i = 0; i < count; i++) {
        if (!errors[i])
            (void)captured_apply(world, facts, changes[i], &errors[i]);
    }
}

static void captured_free(struct irsa_world *world)
{
    struct captured *captured = (struct captured *)world;
    irsa_captured_forget(captured);
    free(captured->directory);
    free(captured->root);
    irsa_strings_done(&captured->ignore);
    irsa_strings_done(&captured->passed_over);
    free(captured);
}

static const struct irsa_strings *captured_passed_over(const struct irsa_world *world)
{
    return &((const struct captured *)world)->passed_over;
}

/* The entry of the parent directory that was most likely meant. */
static char *nearest_directory(const char *directory)
{
    irsa_autofree char *copy = irsa_strdup(directory);
    irsa_autofree char *copy2 = irsa_strdup(directory);
    const char *parent = dirname(copy);
    const char *wanted = basename(copy2);
    DIR *dir = opendir(parent);
    if (!dir)
        return NULL;
    irsa_auto_strings names = {0};
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        irsa_autofree char *path = irsa_format("%s/%s", parent, entry->d_name);
        struct stat st;
        if (entry->d_name[0] != '.' && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
            irsa_strings_add(&names, entry->d_name);
    }
    (void)closedir(dir);
    irsa_strings_sort(&names);
    const char *near = irsa_nearest(wanted, (const char *const *)names.items, names.len);
    if (!near)
        return NULL;
    return strchr(directory, '/') ? irsa_format("%s/%s", parent, near) : irsa_strdup(near);
}

int irsa_captured_new(const char *directory, const struct irsa_strings *ignore,
                      struct irsa_world **ret, struct irsa_error **reterr)
{
    static const struct irsa_world_ops ops = {
        .gather = irsa_captured_gather,
        .apply = captured_apply,
        .apply_all = captured_apply_all,
        .free = captured_free,
        .passed_over = captured_passed_over,
        .restore = irsa_captured_restore,
    };
    irsa_autofree char *root = realpath(directory, NULL);
    struct stat st;
    if (!root && errno == ENOENT) {
        irsa_autofree char *near = nearest_directory(directory);
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "%s: no such directory", directory);
        return near ? irsa_hint(reterr, "did you mean %s?", near) : -1;
    }
    if (!root || stat(root, &st) != 0)
        return irsa_fail(reterr, IRSA_E_IO, "%s: %s", directory, strerror(errno));
    if (!S_ISDIR(st.st_mode)) {
        (void)irsa_fail(reterr, IRSA_E_IO, "%s: not a directory", directory);
        return irsa_hint(reterr, "--from takes a directory of files (docs/captured-worlds.md)");
    }
    struct captured *captured = irsa_calloc(1, sizeof(*captured));
    captured->world.ops = &ops;
    captured->directory = irsa_strdup(directory);
    for (size_t len = strlen(directory); len > 1 && directory[len - 1] == '/'; len--)
        captured->directory[len - 1] = '\0';
    captured->root = irsa_steal(&root);
    for (size_t i = 0; ignore && i < ignore->len; i++)
        irsa_strings_add(&captured->ignore, ignore->items[i]);
    *ret = &captured->world;
    return 0;
}
