/* SPDX-License-Identifier: Apache-2.0 */
#include "base_test.h"

static void test_prefix_suffix_trim(void **state)
{
    (void)state;
    assert_true(irsa_has_prefix("abc", "ab"));
    assert_false(irsa_has_prefix("a", "ab"));
    assert_true(irsa_has_suffix("abc", "bc"));
    assert_true(irsa_has_suffix("abc", ""));
    assert_false(irsa_has_suffix("c", "bc"));
    irsa_autofree char *trimmed = irsa_trim(" \t\r\na b\v\f ");
    assert_string_equal(trimmed, "a b");
    irsa_autofree char *blank = irsa_trim(" \n");
    assert_string_equal(blank, "");
    assert_int_equal(irsa_first_difference("abc", "abd"), 2);
    assert_int_equal(irsa_first_difference("abc", "abc"), 3);
    assert_int_equal(irsa_first_difference("ab", "abc"), 2);
}

static void test_edit_distance__counts_slips(void **state)
{
    (void)state;
    assert_int_equal(irsa_edit_distance("", "", 3), 0);
    assert_int_equal(irsa_edit_distance("abc", "abc", 3), 0);
    assert_int_equal(irsa_edit_distance("abc", "ab", 3), 1);
    assert_int_equal(irsa_edit_distance("abc", "acb", 3), 1);
    assert_int_equal(irsa_edit_distance("ab", "ba", 0), 1);
    assert_int_equal(irsa_edit_distance("kitten", "sitting", 3), 3);
    assert_int_equal(irsa_edit_distance("kitten", "sitting", 2), 3);
    assert_int_equal(irsa_edit_distance("aaaa", "bbbb", 2), 3);
    assert_int_equal(irsa_edit_distance("a", "abcdef", 2), 3);
    /* A transposition whose halves differ more than the limit on the way. */
    assert_int_equal(irsa_edit_distance("abcd", "badc", 2), 2);
}

/* The textbook table, for comparison. */
static size_t slow_distance(const char *a, const char *b)
{
    size_t t[16][16];
    size_t n = strlen(a);
    size_t m = strlen(b);
    for (size_t i = 0; i <= n; i++) {
        for (size_t j = 0; j <= m; j++) {
            t[i][j] = i == 0 ? j : i;
            if (i == 0 || j == 0)
                continue;
            size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            t[i][j] = t[i - 1][j - 1] + cost;
            t[i][j] = t[i - 1][j] + 1 < t[i][j] ? t[i - 1][j] + 1 : t[i][j];
            t[i][j] = t[i][j - 1] + 1 < t[i][j] ? t[i][j - 1] + 1 : t[i][j];
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]
                && t[i - 2][j - 2] + 1 < t[i][j])
                t[i][j] = t[i - 2][j - 2] + 1;
        }
    }
    return t[n][m];
}

static void test_edit_distance__as_the_textbook(void **state)
{
    (void)state;
    unsigned int seed = 1;
    for (int round = 0; round < 20000; round++) {
        char words[2][10] = {{0}, {0}};
        for (int w = 0; w < 2; w++) {
            seed = seed * 1103515245U + 12345U;
            size_t len = (seed >> 16) % 9;
            for (size_t i = 0; i < len; i++) {
                seed = seed * 1103515245U + 12345U;
                words[w][i] = (char)('a' + (seed >> 16) % 3);
            }
        }
        size_t expected = slow_distance(words[0], words[1]);
        for (size_t limit = 0; limit < 5; limit++)
            assert_int_equal(irsa_edit_distance(words[0], words[1], limit),
                             expected > limit ? limit + 1 : expected);
    }
}

static void test_nearest__is_near_or_nothing(void **state)
{
    (void)state;
    static const char *const words[] = {"issuer", "region", "role_arn"};
    assert_string_equal(irsa_nearest("isuer", words, 3), "issuer");
    assert_string_equal(irsa_nearest("rolearn", words, 3), "role_arn");
    assert_null(irsa_nearest("namespace", words, 3));
    assert_null(irsa_nearest("x", words, 3));
    assert_null(irsa_nearest("issuer", words, 0));
}

static void test_utf8_valid__refuses_what_rfc3629_does(void **state)
{
    (void)state;
    size_t at = 99;
    assert_true(irsa_utf8_valid("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 10, &at));
    assert_true(irsa_utf8_valid("", 0, &at));
    static const struct {
        const char *bytes;
        size_t len;
        size_t bad;
    } cases[] = {
        {"a\xff", 2, 1},
        {"\xc0\x80", 2, 0},
        {"\xe0\x80\x80", 3, 0},
        {"\xed\xa0\x80", 3, 0},
        {"\xf4\x90\x80\x80", 4, 0},
        {"\xf0\x80\x80\x80", 4, 0},
        {"ab\xe2\x82", 4, 2},
        {"\x80", 1, 0},
        {"\xc3\x28", 2, 0},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        assert_false(irsa_utf8_valid(cases[i].bytes, cases[i].len, &at));
        assert_int_equal(at, cases[i].bad);
    }
}

static void test_glob_match(void **state)
{
    (void)state;
    assert_true(irsa_glob_match("*", ""));
    assert_true(irsa_glob_match("a*c", "abbc"));
    assert_true(irsa_glob_match("a*b*c", "aXbYbZc"));
    assert_true(irsa_glob_match("?b", "ab"));
    assert_false(irsa_glob_match("?", ""));
    assert_false(irsa_glob_match("a*c", "abcd"));
    assert_false(irsa_glob_match("abc", "ab"));
    assert_false(irsa_glob_match("", "a"));
    /* No exponential walk. */
    irsa_auto_buf text = {0};
    for (int i = 0; i < 5000; i++)
        irsa_buf_addc(&text, 'a');
    assert_false(irsa_glob_match("*a*a*a*a*a*a*a*a*b", text.data));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prefix_suffix_trim),
        cmocka_unit_test(test_edit_distance__counts_slips),
        cmocka_unit_test(test_edit_distance__as_the_textbook),
        cmocka_unit_test(test_nearest__is_near_or_nothing),
        cmocka_unit_test(test_utf8_valid__refuses_what_rfc3629_does),
        cmocka_unit_test(test_glob_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
