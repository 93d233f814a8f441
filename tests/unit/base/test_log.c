/* SPDX-License-Identifier: Apache-2.0 */
/* The line that is rewritten, on a terminal of the test's own. */
#include "irsa/base.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ERASER "\r\033[K"

struct terminal {
    int own; /* what a person sees comes out here */
    int stderr_before;
    char seen[4096];
};

static int set_up(void **state)
{
    struct terminal *terminal = irsa_calloc(1, sizeof(*terminal));
    const struct winsize size = {.ws_row = 24, .ws_col = 20};
    int slave = -1;
    if (openpty(&terminal->own, &slave, NULL, NULL, &size) != 0
        || fcntl(terminal->own, F_SETFL, O_NONBLOCK) != 0)
        return -1;
    terminal->stderr_before = dup(STDERR_FILENO);
    (void)dup2(slave, STDERR_FILENO);
    (void)close(slave);
    (void)setenv("TERM", "xterm", 1);
    irsa_log_set_level(IRSA_LOG_NOTICE);
    *state = terminal;
    return 0;
}

static int tear_down(void **state)
{
    struct terminal *terminal = *state;
    irsa_log_status_clear();
    (void)dup2(terminal->stderr_before, STDERR_FILENO);
    (void)close(terminal->stderr_before);
    (void)close(terminal->own);
    free(terminal);
    return 0;
}

/* What was written since; the terminal makes \r\n of \n. */
static const char *seen(struct terminal *terminal)
{
    size_t len = 0;
    for (ssize_t n = 1; n > 0 && len < sizeof(terminal->seen) - 1;) {
        n = read(terminal->own, terminal->seen + len, sizeof(terminal->seen) - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    terminal->seen[len] = '\0';
    return terminal->seen;
}

static void test_status__is_rewritten_and_goes(void **state)
{
    assert_true(irsa_log_status("%d of 2", 1));
    assert_string_equal(seen(*state), ERASER "1 of 2");
    assert_string_equal(irsa_log_status_eraser(), ERASER);
    assert_true(irsa_log_status("%d of 2", 2));
    assert_string_equal(seen(*state), ERASER "2 of 2");
    irsa_log_status_clear();
    assert_string_equal(seen(*state), ERASER);
    irsa_log_status_clear();
    assert_string_equal(seen(*state), "");
    assert_string_equal(irsa_log_status_eraser(), "");
}

static void test_status__makes_room_for_messages(void **state)
{
    assert_true(irsa_log_status("working"));
    irsa_log(IRSA_LOG_WARNING, "something");
    assert_string_equal(seen(*state), ERASER "working" ERASER "irsa-fix: warning: something\r\n");
}

static void test_status__never_wraps(void **state)
{
    assert_true(irsa_log_status("%s", "0123456789012345678901234567890"));
    assert_string_equal(seen(*state), ERASER "0123456789012345678");
    assert_true(irsa_log_status("%s", "\xc3\xa9\xc3\xa9"
                                      "34567890123456789012345"));
    assert_string_equal(seen(*state), ERASER "\xc3\xa9\xc3\xa9"
                                             "34567890123456789");
}

static void test_status__drives_no_terminal(void **state)
{
    assert_true(irsa_log_status("%s", "a\033[1mb"));
    assert_string_equal(seen(*state), ERASER "a\\x1b[1mb");
}

static void test_status__only_where_it_is_wanted(void **state)
{
    irsa_log_set_level(IRSA_LOG_ERROR);
    assert_false(irsa_log_status("quiet"));
    irsa_log_set_level(IRSA_LOG_NOTICE);
    (void)setenv("TERM", "dumb", 1);
    assert_false(irsa_log_status("dumb"));
    (void)unsetenv("TERM");
    assert_false(irsa_log_status("none"));
    assert_string_equal(seen(*state), "");
}

static void test_status__not_into_a_file(void **state)
{
    int pipes[2] = {-1, -1};
    char text[16] = "";
    struct terminal *terminal = *state;
    assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
    int before = dup(STDERR_FILENO);
    (void)dup2(pipes[1], STDERR_FILENO);
    bool shown = irsa_log_status("into a pipe");
    (void)dup2(before, STDERR_FILENO);
    assert_false(shown);
    assert_true(read(pipes[0], text, sizeof(text)) < 0);
    assert_string_equal(seen(terminal), "");
    (void)close(before), (void)close(pipes[0]), (void)close(pipes[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_status__is_rewritten_and_goes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_status__makes_room_for_messages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_status__never_wraps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_status__drives_no_terminal, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_status__only_where_it_is_wanted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_status__not_into_a_file, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
