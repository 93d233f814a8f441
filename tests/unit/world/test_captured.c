/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SA "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: api, namespace: shop}\n"

static void assert_refused(const char *directory, enum irsa_error_kind kind, const char *message,
                           const char *hint)
{
    irsa_auto_error error = NULL;
    irsa_auto_world world = NULL;
    irsa_auto_facts facts = NULL;
    int r = irsa_captured_new(directory, NULL, &world, &error);
    if (r == 0)
        r = world->ops->gather(world, &facts, &error);
    assert_int_equal(r, -1);
    if (!strstr(irsa_error_message(error), message))
        fail_msg("found: %s, expected in it: %s", irsa_error_message(error), message);
    assert_int_equal(irsa_error_kind(error), kind);
    if (hint) {
        assert_non_null(irsa_error_hint(error));
        assert_string_equal(irsa_error_hint(error), hint);
    }
}

static void test_captured_new__no_such_directory_names_the_nearest(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "broken-cluster/sa.yaml", SA);
    irsa_autofree char *wrong = irsa_format("%s/broken-clutser", s->directory);
    irsa_autofree char *hint = irsa_format("did you mean %s/broken-cluster?", s->directory);
    assert_refused(wrong, IRSA_E_NOT_FOUND, "no such directory", hint);
}

static void test_captured_new__a_file_is_no_directory(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "sa.yaml", SA);
    irsa_autofree char *path = irsa_format("%s/sa.yaml", s->directory);
    assert_refused(path, IRSA_E_IO, "not a directory", NULL);
}

/* The superuser may read everything: the attempt is made as nobody. */
static void test_gather__unreadable_file_is_named(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "ok.yaml", SA);
    scratch_write(s, "secret.yaml", SA);
    irsa_autofree char *path = irsa_format("%s/secret.yaml", s->directory);
    assert_int_equal(chmod(s->directory, 0755), 0);
    assert_int_equal(chmod(path, 0), 0);
    uid_t before = geteuid();
    assert_int_equal(before == 0 ? seteuid(65534) : 0, 0);
    assert_refused(s->directory, IRSA_E_IO, "secret.yaml: Permission denied", NULL);
    assert_int_equal(seteuid(before), 0);
}

static void test_gather__unreadable_directory_is_named(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "closed/sa.yaml", SA);
    irsa_autofree char *path = irsa_format("%s/closed", s->directory);
    assert_int_equal(chmod(s->directory, 0755), 0);
    assert_int_equal(chmod(path, 0), 0);
    uid_t before = geteuid();
    assert_int_equal(before == 0 ? seteuid(65534) : 0, 0);
    assert_refused(s->directory, IRSA_E_IO, "closed: Permission denied", NULL);
    assert_int_equal(seteuid(before), 0);
    assert_int_equal(chmod(path, 0755), 0);
}

/* A sparse file of two gigabytes: refused by its size, without being read. */
static void test_gather__gigantic_file_is_refused_at_once(void **state)
{
    struct scratch *s = *state;
    irsa_autofree char *path = irsa_format("%s/huge.json", s->directory);
    irsa_autoclose int fd = open(path, O_WRONLY | O_CREAT, 0666);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, (off_t)2 << 30), 0);
    time_t start = time(NULL);
    assert_refused(s->directory, IRSA_E_LIMIT, "huge.json: larger than", NULL);
    assert_true(time(NULL) - start <= 2);
}

static void test_gather__a_second_time_gives_the_same(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "b/sa.yaml", SA);
    scratch_write(s, "a/other.yaml", "x: 1\n");
    scratch_gather(s);
    json_auto_t *first = irsa_facts_digests(s->facts);
    assert_int_equal(irsa_world_passed_over(s->world)->len, 1);
    irsa_auto_error error = NULL;
    irsa_auto_facts again = NULL;
    assert_int_equal(s->world->ops->gather(s->world, &again, &error), 0);
    json_auto_t *second = irsa_facts_digests(again);
    assert_true(json_equal(first, second));
    assert_int_equal(irsa_world_passed_over(s->world)->len, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_captured_new__no_such_directory_names_the_nearest),
        TEST(test_captured_new__a_file_is_no_directory),
        TEST(test_gather__unreadable_file_is_named),
        TEST(test_gather__unreadable_directory_is_named),
        TEST(test_gather__gigantic_file_is_refused_at_once),
        TEST(test_gather__a_second_time_gives_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
