/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <ftw.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

int scratch_setup(void **state)
{
    struct scratch *scratch = irsa_calloc(1, sizeof(*scratch));
    const char *tmp = getenv("TMPDIR");
    scratch->directory = irsa_format("%s/irsa-world.XXXXXX", tmp ? tmp : P_tmpdir);
    *state = scratch;
    return mkdtemp(scratch->directory) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

int scratch_teardown(void **state)
{
    struct scratch *scratch = *state;
    irsa_facts_free(scratch->facts);
    irsa_world_free(scratch->world);
    (void)nftw(scratch->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(scratch->directory);
    free(scratch);
    return 0;
}

void scratch_write(const struct scratch *scratch, const char *name, const char *text)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *path = irsa_format("%s/%s", scratch->directory, name);
    irsa_autofree char *copy = irsa_strdup(path);
    assert_int_equal(irsa_mkdir_parents(dirname(copy), &error), 0);
    assert_int_equal(irsa_file_replace(path, text, strlen(text), 0666, &error), 0);
}

char *scratch_read(const struct scratch *scratch, const char *name)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf text = {0};
    irsa_autofree char *path = irsa_format("%s/%s", scratch->directory, name);
    if (irsa_file_read(path, (size_t)1 << 24, &text, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    return irsa_buf_steal(&text);
}

bool scratch_exists(const struct scratch *scratch, const char *name)
{
    irsa_autofree char *path = irsa_format("%s/%s", scratch->directory, name);
    return access(path, F_OK) == 0;
}

void scratch_assert_text(const struct scratch *scratch, const char *name, const char *expected)
{
    irsa_autofree char *found = scratch_read(scratch, name);
    assert_string_equal(found, expected);
}

void scratch_gather(struct scratch *scratch)
{
    irsa_auto_error error = NULL;
    irsa_facts_free(irsa_steal(&scratch->facts));
    irsa_world_free(irsa_steal(&scratch->world));
    if (irsa_captured_new(scratch->directory, NULL, &scratch->world, &error) != 0
        || scratch->world->ops->gather(scratch->world, &scratch->facts, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
}

static json_t *parse(const char *text)
{
    json_error_t error;
    if (!text)
        return NULL;
    json_t *value = json_loads(text, JSON_DECODE_ANY, &error);
    if (!value)
        fail_msg("the test's own JSON: %s", error.text);
    return value;
}

int scratch_apply(struct scratch *scratch, enum irsa_action action, enum irsa_object_kind kind,
                  const char *target, const char *before, const char *after,
                  struct irsa_error **reterr)
{
    json_auto_t *old = parse(before);
    json_auto_t *new = parse(after);
    irsa_autofree char *copy = irsa_strdup(target);
    const struct irsa_change change = {
        .action = action, .kind = kind, .target = copy, .before = old, .after = new};
    return scratch->world->ops->apply(scratch->world, scratch->facts, &change, reterr);
}

void scratch_must_apply(struct scratch *scratch, enum irsa_action action,
                        enum irsa_object_kind kind, const char *target, const char *before,
                        const char *after)
{
    irsa_auto_error error = NULL;
    if (scratch_apply(scratch, action, kind, target, before, after, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
}

void scratch_must_refuse(struct scratch *scratch, enum irsa_action action,
                         enum irsa_object_kind kind, const char *target, const char *before,
                         const char *after, enum irsa_error_kind why, const char *message)
{
    irsa_auto_error error = NULL;
    assert_int_equal(scratch_apply(scratch, action, kind, target, before, after, &error), -1);
    if (!strstr(irsa_error_message(error), message))
        fail_msg("found: %s, expected in it: %s", irsa_error_message(error), message);
    assert_int_equal(irsa_error_kind(error), why);
}
