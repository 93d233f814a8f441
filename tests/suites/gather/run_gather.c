/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One case: a captured world is read. world/ is the world; it is copied to a temporary directory
 * first, where the lines of `setup` (optional) add what a repository can't hold:
 *
 *   mkdir NAME · fifo NAME · link TARGET NAME · mode OCTAL NAME · copy NAME NAME · repeat COUNT
 * TEXT NAME
 *
 * and `ignore` (optional) has globs for --ignore, one a line. Then either `expected.json` is what
 * was gathered (see summary below; what is empty is left out), or `error` the message, and after a
 * line break the hint, with the temporary directory written as WORLD. ask.json (optional) has
 * questions:
 * {"roles": ["ACCOUNT/NAME"], "providers": [ARN], "namespaces": [NAME], "service_accounts":
 * ["NS/NAME"], "webhook": true}; the answers are in "presence". With IRSA_BLESS=1 in the
 * environment the runner writes what it found.
 */
#include "irsa/document.h"
#include "irsa/world.h"

#include "summary.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the world on disk ------------------------------------------------------------------------ */

static int run(const char *const *argv)
{
    irsa_auto_buf line = {0};
    for (size_t i = 0; argv[i]; i++)
        irsa_buf_addf(&line, "%s'%s'", i ? " " : "", argv[i]);
    return system(irsa_buf_str(&line));
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static bool write_repeated(const char *path, unsigned long count, const char *text)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf content = {0};
    for (unsigned long i = 0; i < count; i++)
        irsa_buf_adds(&content, text);
    return irsa_file_replace(path, irsa_buf_str(&content), content.len, 0666, &error) == 0;
}

static bool set_up_line(const char *world, char *line)
{
    char *save = NULL;
    const char *word = strtok_r(line, " ", &save);
    char *one = strtok_r(NULL, " ", &save);
    char *two = strtok_r(NULL, " ", &save);
    char *three = strtok_r(NULL, " ", &save);
    const char *last = three ? three : two ? two : one;
    if (!word || !one)
        return false;
    irsa_autofree char *path = irsa_format("%s/%s", world, last);
    if (strcmp(word, "mkdir") == 0)
        return mkdir(path, 0777) == 0;
    if (strcmp(word, "fifo") == 0)
        return mkfifo(path, 0666) == 0;
    if (strcmp(word, "link") == 0)
        return symlink(one, path) == 0;
    if (strcmp(word, "mode") == 0)
        return chmod(path, (mode_t)strtoul(one, NULL, 8)) == 0;
    if (strcmp(word, "repeat") == 0)
        return write_repeated(path, strtoul(one, NULL, 10), two);
    irsa_autofree char *from = irsa_format("%s/%s", world, one);
    const char *copy[] = {"cp", from, path, NULL};
    return strcmp(word, "copy") == 0 && run(copy) == 0;
}

static bool read_optional(const char *folder, const char *name, struct irsa_buf *ret)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *path = irsa_format("%s/%s", folder, name);
    return access(path, F_OK) == 0 && irsa_file_read(path, (size_t)1 << 20, ret, &error) == 0;
}

static bool set_up(const char *folder, const char *temporary, char **ret_world)
{
    irsa_autofree char *from = irsa_format("%s/world", folder);
    irsa_autofree char *world = irsa_format("%s/world", temporary);
    const char *copy[] = {"cp", "-R", from, world, NULL};
    struct stat st;
    if (stat(from, &st) == 0 ? run(copy) != 0 : mkdir(world, 0777) != 0)
        return false;
    irsa_auto_buf lines = {0};
    if (!read_optional(folder, "setup", &lines))
        irsa_buf_adds(&lines, "");
    char *save = NULL;
    for (char *line = strtok_r(lines.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (!set_up_line(world, line)) {
            (void)fprintf(stderr, "setup: %s: failed\n", line);
            return false;
        }
    }
    *ret_world = irsa_steal(&world);
    return true;
}

/* --- comparing -------------------------------------------------------------------------------- */

static int compare(const char *folder, const char *name, const char *other, const char *found)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf expected = {0};
    irsa_autofree char *path = irsa_format("%s/%s", folder, name);
    irsa_autofree char *other_path = irsa_format("%s/%s", folder, other);
    if (getenv("IRSA_BLESS")) {
        (void)unlink(other_path);
        return irsa_file_replace(path, found, strlen(found), 0666, &error) == 0 ? 0 : 1;
    }
    if (irsa_file_read(path, (size_t)1 << 20, &expected, &error) == 0
        && strcmp(irsa_buf_str(&expected), found) == 0)
        return 0;
    irsa_auto_buf diff = {0};
    irsa_diff_unified(irsa_buf_str(&expected), found, name, "found", &diff);
    (void)fprintf(stderr, "%s", irsa_buf_str(&diff));
    return 1;
}

static int compare_error(const char *folder, const char *world, const struct irsa_error *error)
{
    const char *hint = irsa_error_hint(error);
    irsa_auto_buf said = {0};
    irsa_buf_addf(&said, "%s\n%s%s", irsa_error_message(error), hint ? hint : "", hint ? "\n" : "");
    irsa_auto_buf plain = {0};
    const char *rest = irsa_buf_str(&said);
    for (const char *at = strstr(rest, world); at; at = strstr(rest, world)) {
        irsa_buf_add(&plain, rest, (size_t)(at - rest));
        irsa_buf_adds(&plain, "WORLD");
        rest = at + strlen(world);
    }
    irsa_buf_adds(&plain, rest);
    return compare(folder, "error", "expected.json", irsa_buf_str(&plain));
}

static int check(const char *folder, const char *world)
{
    irsa_auto_error error = NULL;
    irsa_auto_strings ignore = {0};
    irsa_auto_buf globs = {0};
    if (!read_optional(folder, "ignore", &globs))
        irsa_buf_adds(&globs, "");
    char *save = NULL;
    for (char *line = strtok_r(globs.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
        irsa_strings_add(&ignore, line);
    irsa_auto_world captured = NULL;
    irsa_auto_facts facts = NULL;
    if (irsa_captured_new(world, &ignore, &captured, &error) != 0
        || captured->ops->gather(captured, &facts, &error) != 0)
        return compare_error(folder, world, error);
    json_auto_t *found = gather_summary(facts, irsa_world_passed_over(captured), folder);
    irsa_auto_buf written = {0};
    irsa_json_write(found, &written);
    return compare(folder, "expected.json", "error", irsa_buf_str(&written));
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 64;
    const char *tmp = getenv("TMPDIR");
    irsa_autofree char *temporary = irsa_format("%s/irsa-gather.XXXXXX", tmp ? tmp : P_tmpdir);
    irsa_autofree char *world = NULL;
    if (!mkdtemp(temporary))
        return 1;
    int r = set_up(argv[1], temporary, &world) ? check(argv[1], world) : 1;
    (void)nftw(temporary, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return r;
}
