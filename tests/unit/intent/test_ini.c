/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "intent/ini.h"

static int parse(const char *text, struct irsa_ini *ini, struct irsa_error **error)
{
    return irsa_ini_parse("irsa-fix.ini", text, strlen(text), ini, error);
}

static void assert_error(const char *text, const char *message)
{
    irsa_auto_error error = NULL;
    irsa_auto_ini ini = {0};
    assert_int_equal(parse(text, &ini, &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_PARSE);
    assert_string_equal(irsa_error_message(error), message);
    assert_null(ini.entries);
}

static char *repeat(char c, size_t count)
{
    char *text = irsa_calloc(count + 1, 1);
    memset(text, c, count);
    return text;
}

static void test_ini_parse__entries_with_places(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_ini ini = {0};
    assert_int_equal(parse("top = 1\n\n[cluster]\nname = prod\n  region=eu-west-1\n"
                           "[serviceaccount \"app/api\"]\nneeds = a b\nneeds = c d\n",
                           &ini, &error),
                     0);
    assert_int_equal(ini.len, 5);
    assert_string_equal(ini.entries[0].section, "");
    assert_int_equal(ini.entries[0].section_line, 0);
    assert_string_equal(ini.entries[2].section, "cluster");
    assert_string_equal(ini.entries[2].key, "region");
    assert_string_equal(ini.entries[2].value, "eu-west-1");
    assert_int_equal(ini.entries[2].line, 5);
    assert_int_equal(ini.entries[2].section_line, 3);
    assert_string_equal(ini.entries[4].section, "serviceaccount \"app/api\"");
    assert_string_equal(ini.entries[4].value, "c d");
    assert_int_equal(ini.section_count, 2);
}

static void test_ini_parse__nothing_is_cut_at_any_length(void **state)
{
    (void)state;
    static const size_t lengths[] = {1,   48,  49,  50,  51,   179,   180,    181,
                                     198, 199, 200, 201, 2000, 16000, 1000000};
    for (size_t i = 0; i < IRSA_COUNT(lengths); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_ini ini = {0};
        irsa_autofree char *long_text = repeat('x', lengths[i]);
        irsa_autofree char *text =
            irsa_format("[s %s]\n%s = 1\nkey = %s\nlast = 2\n", long_text, long_text, long_text);
        assert_int_equal(parse(text, &ini, &error), 0);
        assert_int_equal(ini.len, 3);
        assert_int_equal(strlen(ini.entries[0].section), lengths[i] + 2);
        assert_string_equal(ini.entries[0].key, long_text);
        assert_string_equal(ini.entries[1].value, long_text);
        assert_string_equal(ini.entries[2].value, "2");
        assert_int_equal(ini.entries[2].line, 4);
    }
}

static void test_ini_parse__long_sections_that_begin_alike_stay_apart(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_ini ini = {0};
    irsa_autofree char *name = repeat('n', 253);
    irsa_autofree char *text = irsa_format(
        "[serviceaccount \"ns/%s1\"]\na = 1\n[serviceaccount \"ns/%s2\"]\na = 2\n", name, name);
    assert_int_equal(parse(text, &ini, &error), 0);
    assert_int_equal(ini.len, 2);
    assert_true(irsa_has_suffix(ini.entries[0].section, "n1\""));
    assert_true(irsa_has_suffix(ini.entries[1].section, "n2\""));
}

static void test_ini_parse__nul_byte(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_ini ini = {0};
    static const char text[] = "[a]\nb = c\0d\n";
    assert_int_equal(irsa_ini_parse("x.ini", text, sizeof text - 1, &ini, &error), -1);
    assert_string_equal(irsa_error_message(error), "x.ini:2: NUL byte in column 6");
}

static void test_ini_parse__what_is_wrong(void **state)
{
    (void)state;
    assert_error("[a\n",
                 "irsa-fix.ini:1: section has no closing \"]\" or its quotes are not closed");
    assert_error("[a \"b]\n",
                 "irsa-fix.ini:1: section has no closing \"]\" or its quotes are not closed");
    assert_error("[]\n", "irsa-fix.ini:1: section has no name");
    assert_error("[ ]\n", "irsa-fix.ini:1: section has no name");
    assert_error("[a] b\n", "irsa-fix.ini:1: text after the section's \"]\"");
    assert_error("[a]\nb\n", "irsa-fix.ini:2: neither [section] nor key = value");
    assert_error("[a]\n= b\n", "irsa-fix.ini:2: key is missing in front of \"=\"");
    assert_error("[a]\nb c = d\n", "irsa-fix.ini:2: key \"b c\" has white space");
    assert_error("[a]\nb = \"c\n", "irsa-fix.ini:2: value has no closing quote");
    assert_error("[a]\nb = \"c\" d\n", "irsa-fix.ini:2: text after the value's closing quote");
    assert_error("[a]\nb = c \\\n  d\n",
                 "irsa-fix.ini:2: value ends with a backslash, but lines are not joined");
    assert_error("[a]\nb = c\rd\n", "irsa-fix.ini:2: control character 0x0d in column 6");
    assert_error("[a]\nb = \x01"
                 "0\n",
                 "irsa-fix.ini:2: control character 0x01 in column 5");
    assert_error("[a]\n[b]\n[ a ]\n",
                 "irsa-fix.ini:3: section [a] is repeated, it was opened in line 1");
    assert_error("a = \xff\n", "irsa-fix.ini:1: invalid UTF-8 (byte 0xff in column 5)");
}

static void test_ini_parse__colon_gets_a_hint(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_ini ini = {0};
    assert_int_equal(parse("[cluster]\nregion: eu-west-1\n", &ini, &error), -1);
    assert_string_equal(irsa_error_hint(error), "write \"region = ...\"");
}

static void test_ini_parse__empty_text(void **state)
{
    (void)state;
    static const char *const empty[] = {"", "\n", "\r\n", "\xef\xbb\xbf", "# x\n; y", "   "};
    for (size_t i = 0; i < IRSA_COUNT(empty); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_ini ini = {0};
        assert_int_equal(parse(empty[i], &ini, &error), 0);
        assert_int_equal(ini.len, 0);
    }
}

static void test_ini_quote__reads_back(void **state)
{
    (void)state;
    static const char *const values[] = {
        "",           "plain",    "two words", "a;b",    "a #b",        " lead",
        "trail ",     "\"q\"",    "#x",        "back\\", "a \"b\" c",   "\\\"",
        "x; \\ \" y", "\xc3\xa9", "a=b",       "[x]",    "tab\tinside",
    };
    for (size_t i = 0; i < IRSA_COUNT(values); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_ini ini = {0};
        irsa_autofree char *quoted = irsa_ini_quote(values[i]);
        irsa_autofree char *text = irsa_format("[s]\nkey = %s ; comment\n", quoted);
        assert_int_equal(parse(text, &ini, &error), 0);
        assert_int_equal(ini.len, 1);
        assert_string_equal(ini.entries[0].value, values[i]);
    }
    irsa_autofree char *plain = irsa_ini_quote("arn:aws:iam::123456789012:role/x");
    assert_string_equal(plain, "arn:aws:iam::123456789012:role/x");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ini_parse__entries_with_places),
        cmocka_unit_test(test_ini_parse__nothing_is_cut_at_any_length),
        cmocka_unit_test(test_ini_parse__long_sections_that_begin_alike_stay_apart),
        cmocka_unit_test(test_ini_parse__nul_byte),
        cmocka_unit_test(test_ini_parse__what_is_wrong),
        cmocka_unit_test(test_ini_parse__colon_gets_a_hint),
        cmocka_unit_test(test_ini_parse__empty_text),
        cmocka_unit_test(test_ini_quote__reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
