/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static void assert_marked(const char *expected, const char *found, const char *text)
{
    irsa_autofree char *marked = irsa_mark_difference(expected, found);
    assert_string_equal(marked, text);
}

static void test_mark_difference__places(void **state)
{
    (void)state;
    assert_marked("ns:api", "ns:app", "expected \"ns:api\"\nfound    \"ns:app\"\n               ^");
    assert_marked("abc", "abcd", "expected \"abc\"\nfound    \"abcd\"\n             ^");
    assert_marked("", "x", "expected \"\"\nfound    \"x\"\n          ^");
    assert_marked("same", "same", "expected \"same\"\nfound    \"same\"");
}

static void test_mark_difference__control_characters_and_utf8(void **state)
{
    (void)state;
    assert_marked("a\n", "a ", "expected \"a\\n\"\nfound    \"a \"\n           ^");
    assert_marked("\tx", "\ty", "expected \"\\tx\"\nfound    \"\\ty\"\n            ^");
    /* The two differ in the second byte of a character. */
    assert_marked("\xc3\xa9", "\xc3\xa8",
                  "expected \"\xc3\xa9\"\nfound    \"\xc3\xa8\"\n          ^");
    assert_marked("\x1b[0m", "", "expected \"\\x1b[0m\"\nfound    \"\"\n          ^");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mark_difference__places),
        cmocka_unit_test(test_mark_difference__control_characters_and_utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
