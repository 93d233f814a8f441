/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pen.h"

#include "fixture.h"

static const struct irsa_report_style utf8 = {.utf8 = true};
static const struct irsa_report_style ascii = {.utf8 = false};

static char *quote(const struct irsa_report_style *style, const char *text, size_t *ret_columns)
{
    struct irsa_buf out = {0};
    struct irsa_pen pen = {.style = style, .out = &out};
    *ret_columns = irsa_pen_quote(&pen, text);
    return irsa_buf_steal(&out);
}

static void test_pen_quote__plain_text_stays(void **state)
{
    (void)state;
    size_t columns = 0;
    irsa_autofree char *text = quote(&utf8, "arn:aws:iam::1:role/é", &columns);
    assert_string_equal(text, "arn:aws:iam::1:role/é");
    assert_int_equal(columns, 21);
}

static void test_pen_quote__without_utf8_all_is_ascii(void **state)
{
    (void)state;
    size_t columns = 0;
    irsa_autofree char *text = quote(&ascii, "é→😀", &columns);
    assert_string_equal(text, "\\u{e9}\\u{2192}\\u{1f600}");
    assert_int_equal(columns, strlen(text));
}

static void test_pen_quote__invisible_characters_are_shown(void **state)
{
    (void)state;
    size_t columns = 0;
    irsa_autofree char *text = quote(&utf8, "a\u200bb\ufeffc\u2066d\u2028e\xc2\x80\x01", &columns);
    assert_string_equal(text, "a\\u{200b}b\\u{feff}c\\u{2066}d\\u{2028}e\\u{80}\\x01");
}

static void test_pen_width__counts_escapes_before_the_caret(void **state)
{
    (void)state;
    irsa_auto_buf out = {0};
    struct irsa_pen pen = {.style = &utf8, .out = &out};
    assert_int_equal(irsa_pen_width(&pen, "abc", 2), 2);
    assert_int_equal(irsa_pen_width(&pen, "a\tc", 2), 3);
    assert_int_equal(irsa_pen_width(&pen, "ab", 9), 2);
    assert_int_equal(out.len, 0);
}

static void test_pen_names__three_and_the_number_of_the_rest(void **state)
{
    (void)state;
    static const struct {
        const char *names;
        const char *text;
    } cases[] = {
        {"['a']", "a"},
        {"['a', 'b']", "a and b"},
        {"['a', 'b', 'c', 'd']", "a, b, c and d"},
        {"['a', 'b', 'c', 'd', 'e']", "a, b, c and 2 more"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        json_auto_t *names = fixture(cases[i].names);
        irsa_auto_buf out = {0};
        struct irsa_pen pen = {.style = &utf8, .out = &out};
        irsa_pen_names(&pen, names);
        assert_string_equal(out.data, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pen_quote__plain_text_stays),
        cmocka_unit_test(test_pen_quote__without_utf8_all_is_ascii),
        cmocka_unit_test(test_pen_quote__invisible_characters_are_shown),
        cmocka_unit_test(test_pen_width__counts_escapes_before_the_caret),
        cmocka_unit_test(test_pen_names__three_and_the_number_of_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
