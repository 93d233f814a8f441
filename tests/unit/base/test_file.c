/* SPDX-License-Identifier: Apache-2.0 */
#include "base_test.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each test works in a directory of its own. */
static int enter(void **state)
{
    char *dir = irsa_strdup("irsa-fix-test-XXXXXX");
    if (!mkdtemp(dir) || chdir(dir) != 0)
        return -1;
    *state = dir;
    return 0;
}

static int leave(void **state)
{
    DIR *dir = opendir(".");
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] != '.' && unlink(entry->d_name) != 0)
            (void)rmdir(entry->d_name);
    }
    (void)closedir(dir);
    int result = chdir("..") == 0 && rmdir(*state) == 0 ? 0 : -1;
    free(*state);
    return result;
}

static void write_file(const char *path, const char *text)
{
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_file_replace(path, text, strlen(text), 0644, &error), 0);
}

static void assert_holds(const char *path, const char *text)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf buf = {0};
    assert_int_equal(irsa_file_read(path, 1000, &buf, &error), 0);
    assert_string_equal(irsa_buf_str(&buf), text);
}

static size_t count_entries(void)
{
    size_t count = 0;
    DIR *dir = opendir(".");
    while (readdir(dir))
        count++;
    (void)closedir(dir);
    return count - 2;
}

static void test_file_replace__creates_and_keeps_the_mode(void **state)
{
    (void)state;
    struct stat st;
    mode_t old = umask(027);
    write_file("f", "one");
    assert_int_equal(stat("f", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    assert_int_equal(chmod("f", 0604), 0);
    write_file("f", "two");
    assert_int_equal(stat("f", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0604);
    assert_holds("f", "two");
    assert_int_equal(count_entries(), 1);
    (void)umask(old);
}

static void test_file_replace__failure_leaves_the_old(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    write_file("f", "old");
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 10, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    char large[4096] = {0};
    int outcome = irsa_file_replace("f", large, sizeof(large), 0644, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(outcome, -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_IO);
    assert_holds("f", "old");
    assert_int_equal(count_entries(), 1);
}

static void test_file_replace__no_pipe(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    struct stat st;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(irsa_file_replace("pipe", "x", 1, 0644, &error), -1);
    assert_string_equal(irsa_error_message(error), "pipe: not a regular file");
    assert_int_equal(lstat("pipe", &st), 0);
    assert_true(S_ISFIFO(st.st_mode));
}

static void test_file_replace__no_directory(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_file_replace("no/f", "x", 1, 0644, &error), -1);
    assert_non_null(strstr(irsa_error_message(error), "no/f: "));
}

static void test_file_read__bounds(void **state)
{
    (void)state;
    irsa_auto_buf buf = {0};
    irsa_auto_error error = NULL;
    write_file("f", "12345");
    assert_int_equal(irsa_file_read("f", 4, &buf, &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_LIMIT);
    assert_null(buf.data);
    assert_int_equal(irsa_file_read("f", 5, &buf, &error), 0);
    assert_int_equal(buf.len, 5);
    write_file("empty", "");
    assert_holds("empty", "");
}

static void check_refused(const char *path, const char *message)
{
    irsa_auto_buf buf = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_file_read(path, 100, &buf, &error), -1);
    assert_string_equal(irsa_error_message(error), message);
    assert_int_equal(irsa_error_kind(error), IRSA_E_IO);
}

static void test_file_read__regular_files_only(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(mkdir("dir", 0700), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    check_refused("pipe", "pipe: not a regular file");
    check_refused("dir", "dir: not a regular file");
    check_refused("/dev/null", "/dev/null: not a regular file");
    check_refused("missing", "missing: No such file or directory");
    check_refused("loop", "loop: Too many levels of symbolic links");
}

static void test_mkdir_parents__makes_all(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    struct stat st;
    assert_int_equal(irsa_mkdir_parents("a/b//c/", &error), 0);
    assert_int_equal(irsa_mkdir_parents("a/b/c", &error), 0);
    assert_int_equal(stat("a/b/c", &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(rmdir("a/b/c"), 0);
    assert_int_equal(rmdir("a/b"), 0);
    write_file("f", "x");
    assert_int_equal(irsa_mkdir_parents("f/d", &error), -1);
}

static void test_mkdir_parents__a_file_in_the_way(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    write_file("f", "x");
    assert_int_equal(irsa_mkdir_parents("f", &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_IO);
}

static void test_sha256_hex__known_answer(void **state)
{
    (void)state;
    char hex[65];
    irsa_sha256_hex("abc", 3, hex); /* FIPS 180-2, appendix B.1 */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_file_replace__creates_and_keeps_the_mode, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(test_file_replace__failure_leaves_the_old, enter, leave),
        cmocka_unit_test_setup_teardown(test_file_replace__no_pipe, enter, leave),
        cmocka_unit_test_setup_teardown(test_file_replace__no_directory, enter, leave),
        cmocka_unit_test_setup_teardown(test_file_read__bounds, enter, leave),
        cmocka_unit_test_setup_teardown(test_file_read__regular_files_only, enter, leave),
        cmocka_unit_test_setup_teardown(test_mkdir_parents__makes_all, enter, leave),
        cmocka_unit_test_setup_teardown(test_mkdir_parents__a_file_in_the_way, enter, leave),
        cmocka_unit_test(test_sha256_hex__known_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
