/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which files a captured world has. What lies in the directory comes first, in the order of names;
 * links after that, and only where they lead to something inside the world that was not met before:
 * a link that leads to its own directory adds nothing, and the walk ends.
 */
#include "world/captured.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

/* Deeper than any real tree; real directories can't form loops. */
#define MAX_DIRECTORIES_DEEP 100

struct walk {
    struct captured *captured;
    struct irsa_strings links; /* met on the way */
    struct irsa_map seen;      /* DEVICE:INODE of files and directories */
    struct irsa_strings *files;
    struct irsa_error **reterr;
};

static bool first_sight(struct walk *walk, const struct stat *st)
{
    irsa_autofree char *key =
        irsa_format("%llu:%llu", (unsigned long long)st->st_dev, (unsigned long long)st->st_ino);
    return irsa_map_put(&walk->seen, key, 1);
}

static bool is_document(const char *name)
{
    enum irsa_syntax syntax = IRSA_SYNTAX_JSON;
    return irsa_syntax_of(name, &syntax);
}

static void pass_over(struct walk *walk, const char *name, const char *why)
{
    irsa_strings_take(&walk->captured->passed_over, irsa_format("%s (%s)", name, why));
}

int irsa_captured_hint_ignore(const char *name, struct irsa_error **reterr)
{
    return irsa_hint(reterr, "let who runs irsa-fix read it, or leave it out with --ignore '%s'",
                     name);
}

static int list_directory(const struct walk *walk, const char *path, struct irsa_strings *ret)
{
    DIR *dir = opendir(path);
    if (!dir)
        return irsa_fail(walk->reterr, IRSA_E_IO, "%s: %s", path, strerror(errno));
    errno = 0;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] != '.')
            irsa_strings_add(ret, entry->d_name);
        errno = 0;
    }
    int saved = errno;
    (void)closedir(dir);
    if (saved != 0)
        return irsa_fail(walk->reterr, IRSA_E_IO, "%s: %s", path, strerror(saved));
    irsa_strings_sort(ret);
    return 0;
}

static int walk_directory(struct walk *walk, const char *name, int depth);

static int visit(struct walk *walk, const char *name, int depth)
{
    irsa_autofree char *path = irsa_captured_path(walk->captured, name);
    struct stat st;
    if (irsa_captured_ignored(walk->captured, name))
        return 0;
    if (lstat(path, &st) != 0)
        return irsa_fail(walk->reterr, IRSA_E_IO, "%s: %s", path, strerror(errno));
    if (S_ISLNK(st.st_mode)) {
        irsa_strings_add(&walk->links, name);
        return 0;
    }
    if (S_ISDIR(st.st_mode)) {
        (void)first_sight(walk, &st);
        return walk_directory(walk, name, depth + 1);
    }
    if (!is_document(name))
        return 0;
    if (!S_ISREG(st.st_mode)) {
        pass_over(walk, name, "not a regular file");
        return 0;
    }
    (void)first_sight(walk, &st);
    irsa_strings_add(walk->files, name);
    return 0;
}

static int walk_directory(struct walk *walk, const char *name, int depth)
{
    irsa_autofree char *path = irsa_captured_path(walk->captured, name);
    irsa_auto_strings entries = {0};
    if (depth > MAX_DIRECTORIES_DEEP)
        return irsa_fail(walk->reterr, IRSA_E_LIMIT, "%s: more than %d directories deep", path,
                         MAX_DIRECTORIES_DEEP);
    if (list_directory(walk, path, &entries) != 0)
        return *name ? irsa_captured_hint_ignore(name, walk->reterr) : -1;
    for (size_t i = 0; i < entries.len; i++) {
        irsa_autofree char *entry =
            *name ? irsa_format("%s/%s", name, entries.items[i]) : irsa_strdup(entries.items[i]);
        if (visit(walk, entry, depth) != 0)
            return -1;
    }
    return 0;
}

static int broken_link(const struct walk *walk, const char *name, int error)
{
    irsa_autofree char *path = irsa_captured_path(walk->captured, name);
    /* A link to nothing is of no concern unless a file was to be read there. */
    if (error == ENOENT && !is_document(name))
        return 0;
    (void)irsa_fail(walk->reterr, IRSA_E_IO, "%s: a link that leads nowhere: %s", path,
                    strerror(error));
    return irsa_hint(walk->reterr, "mend or remove the link, or leave it out with --ignore '%s'",
                     name);
}

static int follow(struct walk *walk, const char *name)
{
    irsa_autofree char *path = irsa_captured_path(walk->captured, name);
    irsa_autofree char *real = realpath(path, NULL);
    struct stat st;
    if (!real || stat(real, &st) != 0)
        return broken_link(walk, name, errno);
    bool document = is_document(name);
    if (!irsa_captured_inside(walk->captured, real)) {
        if (document || S_ISDIR(st.st_mode))
            pass_over(walk, name, "a link that leads outside");
        return 0;
    }
    if (S_ISDIR(st.st_mode))
        return first_sight(walk, &st) ? walk_directory(walk, name, 0) : 0;
    if (!document)
        return 0;
    if (!S_ISREG(st.st_mode)) {
        pass_over(walk, name, "not a regular file");
        return 0;
    }
    if (first_sight(walk, &st))
        irsa_strings_add(walk->files, name);
    return 0;
}

static int walk_all(struct walk *walk)
{
    struct stat st;
    if (stat(walk->captured->root, &st) == 0)
        (void)first_sight(walk, &st);
    if (walk_directory(walk, "", 0) != 0)
        return -1;
    /* Directories behind links may add further links. */
    for (size_t i = 0; i < walk->links.len; i++) {
        irsa_autofree char *name = irsa_strdup(walk->links.items[i]);
        if (follow(walk, name) != 0)
            return -1;
    }
    return 0;
}

int irsa_captured_walk(struct captured *captured, struct irsa_strings *ret,
                       struct irsa_error **reterr)
{
    irsa_auto_strings files = {0};
    struct walk walk = {.captured = captured, .files = &files, .reterr = reterr};
    int r = walk_all(&walk);
    irsa_strings_done(&walk.links);
    irsa_map_done(&walk.seen);
    if (r != 0)
        return -1;
    *ret = files;
    files = (struct irsa_strings){0};
    return 0;
}
