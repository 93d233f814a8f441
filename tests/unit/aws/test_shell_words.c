/* SPDX-License-Identifier: Apache-2.0 */
/* What Python's shlex.split makes of the same lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/shell_words.h"

static void test_shell_words__as_a_shell_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *words; /* joined by | */
    } cases[] = {
        {"", ""},
        {" \t ", ""},
        {"a b", "a|b"},
        {"  a   'b  c' \"d e\"  ", "a|b  c|d e"},
        {"a\\ b c\\\\d", "a b|c\\d"},
        {"'a\\' \"b\\\"c\\d\\\\\"", "a\\|b\"c\\d\\"},
        {"x'y'\"z\"w ''", "xyzw|"},
        {"a # b ; c | d > e $F `g`", "a|#|b|;|c|PIPE|d|>|e|$F|`g`"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_strings words = {0};
        irsa_auto_buf line = {0};
        irsa_buf_adds(&line, cases[i].line);
        assert_true(irsa_shell_words(irsa_buf_str(&line), &words));
        for (size_t k = 0; k < words.len; k++) {
            if (strcmp(words.items[k], "|") == 0) {
                free(words.items[k]);
                words.items[k] = irsa_strdup("PIPE");
            }
        }
        irsa_autofree char *joined = irsa_strings_join(&words, "|", "|");
        assert_string_equal(joined, cases[i].words);
    }
}

static void test_shell_words__not_closed(void **state)
{
    (void)state;
    static const char *const lines[] = {"a 'b", "a \"b", "a\\", "\"a\\\"", "'"};
    for (size_t i = 0; i < IRSA_COUNT(lines); i++) {
        struct irsa_strings words = {0};
        assert_false(irsa_shell_words(lines[i], &words));
        assert_int_equal(words.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shell_words__as_a_shell_quotes),
        cmocka_unit_test(test_shell_words__not_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
