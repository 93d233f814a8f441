/* SPDX-License-Identifier: Apache-2.0 */
/* Journals: what is written comes back, wherever a kill cut it off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply/state.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct home {
    char *state; /* directory */
    struct irsa_change changes[3];
    json_t *nothing;
};

static const char *const targets[] = {"arn:aws:iam::111122223333:role/a", "app", "app/one"};

static int setup(void **test)
{
    struct home *home = irsa_calloc(1, sizeof(*home));
    const char *base = getenv("TMPDIR");
    irsa_autofree char *name = irsa_format("%s/irsa-fix-journal.XXXXXX", base ? base : P_tmpdir);
    if (!mkdtemp(name))
        return -1;
    home->state = irsa_format("%s/state/irsa-fix", name);
    home->nothing = json_object();
    for (size_t i = 0; i < IRSA_COUNT(home->changes); i++) {
        struct irsa_change *change = &home->changes[i];
        change->id = irsa_format("c%zu", i + 1);
        change->kind =
            (enum irsa_object_kind)(i == 0 ? IRSA_OBJECT_ROLE : IRSA_OBJECT_NAMESPACE + i - 1);
        change->target = irsa_strdup(targets[i]);
        change->after = json_pack("{s:s}", "RoleName", "a");
        irsa_strings_add(&change->because, "IRSA040");
    }
    *test = home;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int teardown(void **test)
{
    struct home *home = *test;
    *strstr(home->state, "/state/") = '\0';
    (void)nftw(home->state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < IRSA_COUNT(home->changes); i++)
        irsa_change_done(&home->changes[i]);
    json_decref(home->nothing);
    free(home->state);
    free(home);
    return 0;
}

static struct irsa_journal *begin(struct home *home, const char *id, const char *undoes)
{
    struct irsa_journal *journal = NULL;
    irsa_auto_error error = NULL;
    const struct irsa_journal_run run = {
        .id = id,
        .command = "apply",
        .world = "live aws 111122223333 eu-west-1 shop",
        .cluster = home->nothing,
        .source = home->nothing,
        .arguments = home->nothing,
        .changes = home->changes,
        .change_count = IRSA_COUNT(home->changes),
        .undoes = undoes,
    };
    if (irsa_journal_open(home->state, &run, &journal, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    return journal;
}

static void announce(struct irsa_journal *journal, struct home *home, size_t first, size_t count)
{
    size_t indexes[3];
    irsa_auto_error error = NULL;
    for (size_t i = 0; i < count; i++)
        indexes[i] = first + i;
    assert_int_equal(irsa_journal_changes(journal, home->changes, indexes, count, &error), 0);
}

static void finish(struct irsa_journal *journal, int outcome, size_t done, size_t failed)
{
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_journal_end(journal, outcome, done, failed, 0, &error), 0);
    irsa_journal_free(journal);
}

/* A whole run: one change done, one failed, one of which nothing came. */
static void write_run(struct home *home, const char *id)
{
    struct irsa_journal *journal = begin(home, id, NULL);
    irsa_auto_error error = NULL;
    json_auto_t *files = json_pack("[{s:s}]", "name", "a.json");
    announce(journal, home, 0, 1);
    assert_int_equal(irsa_journal_files(journal, files, &error), 0);
    irsa_journal_result(journal, 0, true, NULL, NULL);
    assert_int_equal(irsa_journal_flush(journal, &error), 0);
    announce(journal, home, 1, 2);
    irsa_journal_result(journal, 1, false, "no \"luck\"", "try again");
    assert_int_equal(irsa_journal_flush(journal, &error), 0);
    finish(journal, 5, 1, 1);
}

static struct irsa_run *read_run(const struct home *home, const char *id)
{
    struct irsa_run *run = NULL;
    irsa_auto_error error = NULL;
    if (irsa_run_read(home->state, id, &run, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    return run;
}

static void test_journal__comes_back(void **test)
{
    struct home *home = *test;
    write_run(home, "20260101-000000-00000000");
    irsa_auto_run run = read_run(home, "20260101-000000-00000000");
    assert_int_equal(run->summary.state, IRSA_RUN_FINISHED);
    assert_int_equal(run->summary.outcome, 5);
    assert_int_equal(run->change_count, 3);
    assert_int_equal(run->changes[0].state, IRSA_RUN_CHANGE_DONE);
    assert_int_equal(run->changes[1].state, IRSA_RUN_CHANGE_FAILED);
    assert_string_equal(run->changes[1].message, "no \"luck\"");
    assert_string_equal(run->changes[1].hint, "try again");
    assert_int_equal(run->changes[2].state, IRSA_RUN_CHANGE_DOUBTFUL);
    assert_string_equal(run->changes[0].change.target, targets[0]);
    assert_int_equal(run->changes[2].change.kind, IRSA_OBJECT_SERVICE_ACCOUNT);
    assert_string_equal(run->changes[0].change.because.items[0], "IRSA040");
    assert_true(json_equal(run->changes[0].change.after, home->changes[0].after));
    assert_int_equal(json_array_size(run->files), 1);
    assert_int_equal(run->files_open, 1);
}

static mode_t mode_of(const struct home *home, const char *name)
{
    irsa_autofree char *path = irsa_format("%s%s", home->state, name);
    struct stat st = {0};
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void test_journal__is_the_owners_alone(void **test)
{
    struct home *home = *test;
    mode_t mask = umask(0);
    write_run(home, "20260101-000000-00000000");
    (void)umask(mask);
    assert_int_equal(mode_of(home, ""), 0700);
    assert_int_equal(mode_of(home, "/runs"), 0700);
    assert_int_equal(mode_of(home, "/runs/20260101-000000-00000000.jsonl"), 0600);
}

/* Cut at each byte: never an error behind the first line, and never a change that counts as done or
 * begun without its whole record. */
static void test_journal__torn_anywhere(void **test)
{
    struct home *home = *test;
    const char *id = "20260101-000000-00000000";
    irsa_autofree char *path = irsa_run_path(home->state, id);
    irsa_auto_error error = NULL;
    irsa_auto_buf whole = {0};
    write_run(home, id);
    assert_int_equal(irsa_file_read(path, 1 << 20, &whole, &error), 0);
    size_t head = strcspn(whole.data, "\n") + 1;
    for (size_t len = head; len < whole.len; len++) {
        assert_int_equal(truncate(path, (off_t)len), 0);
        irsa_auto_run run = read_run(home, id);
        size_t lines = 0;
        for (size_t i = 0; i < len; i++)
            lines += whole.data[i] == '\n';
        assert_int_equal(run->torn, whole.data[len - 1] != '\n');
        assert_int_equal(run->summary.state, IRSA_RUN_UNENDED);
        assert_int_equal(run->changes[0].state, lines < 2   ? IRSA_RUN_CHANGE_NOT_BEGUN
                                                : lines < 4 ? IRSA_RUN_CHANGE_DOUBTFUL
                                                            : IRSA_RUN_CHANGE_DONE);
        assert_int_equal(json_array_size(run->files) - run->files_open, lines == 3);
        assert_int_equal(irsa_file_replace(path, whole.data, whole.len, 0600, &error), 0);
    }
    for (size_t len = 0; len < head; len += 7) {
        irsa_auto_error none = NULL;
        struct irsa_run *run = NULL;
        assert_int_equal(truncate(path, (off_t)len), 0);
        assert_int_equal(irsa_run_read(home->state, id, &run, &none), -1);
        assert_int_equal(irsa_file_replace(path, whole.data, whole.len, 0600, &error), 0);
    }
}

static void test_settle__behind_a_torn_line(void **test)
{
    struct home *home = *test;
    const char *id = "20260101-000000-00000000";
    irsa_autofree char *path = irsa_run_path(home->state, id);
    irsa_auto_error error = NULL;
    struct irsa_journal *journal = begin(home, id, NULL);
    announce(journal, home, 0, 2);
    irsa_journal_free(journal);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(truncate(path, st.st_size - 9), 0);
    json_auto_t *changes = json_pack("[{s:i,s:b}]", "index", 0, "holds", 1);
    assert_int_equal(
        irsa_journal_settle(home->state, id, "20260102-000000-00000000", changes, &error), 0);
    irsa_auto_run run = read_run(home, id);
    assert_int_equal(run->summary.state, IRSA_RUN_SETTLED);
    assert_string_equal(run->summary.settled_by, "20260102-000000-00000000");
    assert_false(run->torn);
    assert_int_equal(run->changes[0].state, IRSA_RUN_CHANGE_DOUBTFUL);
    assert_int_equal(run->changes[1].state, IRSA_RUN_CHANGE_NOT_BEGUN);
    assert_true(json_equal(run->settled, changes));
}

static void test_runs__newest_first_and_joined(void **test)
{
    struct home *home = *test;
    irsa_auto_runs runs = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_runs_read(home->state, &runs, &error), 0);
    assert_int_equal(runs.len, 0);
    write_run(home, "20260101-000000-00000000");
    irsa_journal_free(begin(home, "20260102-000000-00000000", NULL));
    struct irsa_journal *undo = begin(home, "20260103-000000-00000000", "20260101-000000-00000000");
    finish(undo, 0, 1, 0);
    assert_int_equal(irsa_runs_read(home->state, &runs, &error), 0);
    assert_int_equal(runs.len, 3);
    assert_string_equal(runs.items[0].id, "20260103-000000-00000000");
    assert_int_equal(runs.items[1].state, IRSA_RUN_UNENDED);
    assert_int_equal(runs.items[1].planned, 3);
    assert_int_equal(runs.items[2].state, IRSA_RUN_ROLLED_BACK);
    assert_string_equal(runs.items[2].rolled_back_by, "20260103-000000-00000000");
    assert_int_equal(runs.items[2].failed, 1);
}

/* Names of those without an end, and how many marks lie there after looking. */
static void assert_unended(const struct home *home, const char *expected, size_t marks)
{
    irsa_auto_runs runs = {0};
    irsa_auto_error error = NULL;
    irsa_auto_buf names = {0};
    assert_int_equal(irsa_runs_read_unended(home->state, &runs, &error), 0);
    for (size_t i = 0; i < runs.len; i++)
        irsa_buf_addf(&names, "%.8s ", runs.items[i].id);
    assert_string_equal(irsa_buf_str(&names), expected);
    irsa_autofree char *folder = irsa_format("%s/unended", home->state);
    DIR *dir = opendir(folder);
    size_t found = 0;
    for (const struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir))
        found += entry->d_name[0] != '.';
    if (dir)
        (void)closedir(dir);
    assert_int_equal(found, marks);
}

static void test_unended__found_by_their_marks(void **test)
{
    struct home *home = *test;
    irsa_auto_error error = NULL;
    json_auto_t *changes = json_array();
    assert_unended(home, "", 0);
    write_run(home, "20260101-000000-00000000");
    assert_unended(home, "", 0);
    irsa_journal_free(begin(home, "20260102-000000-00000000", NULL));
    irsa_journal_free(begin(home, "20260103-000000-00000000", NULL));
    irsa_journal_free(begin(home, "20260104-000000-00000000", NULL));
    assert_unended(home, "20260104 20260103 20260102 ", 3);
    assert_int_equal(
        irsa_journal_settle(home->state, "20260102-000000-00000000", "x", changes, &error), 0);
    assert_unended(home, "20260104 20260103 ", 2);
    finish(begin(home, "20260105-000000-00000000", "20260103-000000-00000000"), 0, 1, 0);
    assert_unended(home, "20260104 ", 1);
    irsa_autofree char *path = irsa_format("%s/runs/20260104-000000-00000000.jsonl", home->state);
    assert_int_equal(unlink(path), 0);
    assert_unended(home, "", 0);
}

/* A kill between the last record and the mark. */
static void test_unended__a_mark_left_behind(void **test)
{
    struct home *home = *test;
    write_run(home, "20260101-000000-00000000");
    irsa_autofree char *path = irsa_format("%s/unended/20260101-000000-00000000", home->state);
    irsa_autoclose int fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_unended(home, "", 0);
}

static void test_find__by_beginning(void **test)
{
    struct home *home = *test;
    irsa_auto_runs runs = {0};
    irsa_auto_error none = NULL;
    irsa_auto_error several = NULL;
    write_run(home, "20260101-000000-00000000");
    write_run(home, "20260101-000001-00000000");
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_runs_read(home->state, &runs, &error), 0);
    assert_ptr_equal(irsa_runs_find(&runs, "20260101-000000", &error), &runs.items[1]);
    assert_ptr_equal(irsa_runs_find(&runs, NULL, &error), &runs.items[0]);
    assert_null(irsa_runs_find(&runs, "20260101", &several));
    assert_int_equal(irsa_error_kind(several), IRSA_E_USAGE);
    assert_null(irsa_runs_find(&runs, "20260101-000000-0000000x", &none));
    assert_int_equal(irsa_error_kind(none), IRSA_E_NOT_FOUND);
    assert_non_null(strstr(irsa_error_hint(none), "20260101-000000-00000000"));
}

static void test_state_directory__absolute_only(void **test)
{
    (void)test;
    irsa_auto_error error = NULL;
    irsa_auto_error none = NULL;
    irsa_autofree char *xdg = irsa_state_directory("/s", "/h", &error);
    irsa_autofree char *home = irsa_state_directory("relative", "/h", &error);
    irsa_autofree char *empty = irsa_state_directory("", "/h", &error);
    assert_string_equal(xdg, "/s/irsa-fix");
    assert_string_equal(home, "/h/.local/state/irsa-fix");
    assert_string_equal(empty, "/h/.local/state/irsa-fix");
    assert_null(irsa_state_directory("relative", NULL, &none));
    assert_non_null(irsa_error_hint(none));
}

/* A disk that is full in the middle: the record is an error, and what stood there before is whole.
 */
static void test_journal__disk_full(void **test)
{
    struct home *home = *test;
    const char *id = "20260101-000000-00000000";
    irsa_autofree char *path = irsa_run_path(home->state, id);
    struct irsa_journal *journal = begin(home, id, NULL);
    struct stat st;
    struct rlimit old;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = {.rlim_cur = (rlim_t)st.st_size + 10, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    irsa_auto_error error = NULL;
    int r = irsa_journal_changes(journal, home->changes, (size_t[]){0}, 1, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(r, -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_IO);
    finish(journal, 1, 0, 0);
    irsa_auto_run run = read_run(home, id);
    assert_int_equal(run->changes[0].state, IRSA_RUN_CHANGE_NOT_BEGUN);
    assert_int_equal(run->summary.state, IRSA_RUN_FINISHED);
}

static void test_lock__one_at_a_time(void **test)
{
    struct home *home = *test;
    irsa_auto_error error = NULL;
    irsa_auto_error held = NULL;
    struct irsa_lock *lock = NULL;
    struct irsa_lock *second = NULL;
    bool moved = true;
    assert_null(irsa_lock_holder(home->state, "w"));
    assert_int_equal(irsa_lock_take(home->state, "w", "run-1", 10, 0, &lock, &moved, &error), 0);
    assert_false(moved);
    irsa_autofree char *holder = irsa_lock_holder(home->state, "w");
    assert_string_equal(holder, "run-1");
    irsa_log_set_level(IRSA_LOG_ERROR);
    assert_int_equal(irsa_lock_take(home->state, "w", "run-2", 10, 0, &second, &moved, &held), -1);
    assert_non_null(strstr(irsa_error_message(held), "run run-1"));
    assert_int_equal(irsa_lock_take(home->state, "v", "run-3", 10, 0, &second, &moved, &error), 0);
    irsa_lock_free(second);
    irsa_lock_free(lock);
    assert_null(irsa_lock_holder(home->state, "w"));
}

static void test_lock__tells_that_somebody_had_it(void **test)
{
    struct home *home = *test;
    irsa_auto_error error = NULL;
    struct irsa_lock *lock = NULL;
    bool moved = false;
    assert_int_equal(irsa_lock_take(home->state, "w", "a", 10, 0, &lock, &moved, &error), 0);
    irsa_lock_free(lock);
    assert_int_equal(irsa_lock_take(home->state, "w", "b", 10, 0, &lock, &moved, &error), 0);
    assert_true(moved);
    irsa_lock_free(lock);
    assert_int_equal(irsa_lock_take(home->state, "w", "c", 10, INT64_MAX, &lock, &moved, &error),
                     0);
    assert_false(moved);
    irsa_lock_free(lock);
}

/* A holder that dies leaves the lock free, and it shows. */
static void test_lock__killed_holder(void **test)
{
    struct home *home = *test;
    irsa_auto_error error = NULL;
    struct irsa_lock *lock = NULL;
    bool moved = false;
    pid_t child = fork();
    if (child == 0) {
        (void)irsa_lock_take(home->state, "w", "a", 10, 0, &lock, &moved, &error);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(irsa_lock_take(home->state, "w", "b", 10, INT64_MAX, &lock, &moved, &error),
                     0);
    assert_true(moved);
    irsa_lock_free(lock);
}

#define WITH_HOME(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_HOME(test_journal__comes_back),
        WITH_HOME(test_journal__is_the_owners_alone),
        WITH_HOME(test_journal__torn_anywhere),
        WITH_HOME(test_settle__behind_a_torn_line),
        WITH_HOME(test_runs__newest_first_and_joined),
        WITH_HOME(test_unended__found_by_their_marks),
        WITH_HOME(test_unended__a_mark_left_behind),
        WITH_HOME(test_find__by_beginning),
        cmocka_unit_test(test_state_directory__absolute_only),
        WITH_HOME(test_journal__disk_full),
        WITH_HOME(test_lock__one_at_a_time),
        WITH_HOME(test_lock__tells_that_somebody_had_it),
        WITH_HOME(test_lock__killed_holder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
