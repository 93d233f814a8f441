/* SPDX-License-Identifier: Apache-2.0 */
/* What folders of tests/suites/yaml-edit and json-edit can't show. */
#include "document_test.h"

static void test_text_edit__same_value_leaves_the_text(void **state)
{
    (void)state;
    static const char text[] = "a:   1   # odd\nb: [ x ]";
    irsa_auto_error error = NULL;
    irsa_auto_buf result = {0};
    json_auto_t *path = json_of("['b', 0]");
    json_auto_t *after = json_of("'x'");
    assert_int_equal(irsa_text_edit(IRSA_SYNTAX_YAML, "f", text, strlen(text),
                                    &(struct irsa_text_change){0, path, after}, 1, &result, &error),
                     0);
    assert_string_equal(result.data, text);
}

static void test_text_edit__failure_returns_nothing(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_buf result = {0};
    json_auto_t *path = json_of("['b']");
    assert_int_equal(irsa_text_edit(IRSA_SYNTAX_YAML, "f", "a: 1\n", 5,
                                    &(struct irsa_text_change){0, path, NULL}, 1, &result, &error),
                     -1);
    assert_error(error, IRSA_E_NOT_FOUND, "f: nothing is at b");
    assert_null(result.data);
}

static void test_text_edit__whole_document(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_buf result = {0};
    json_auto_t *path = json_array();
    json_auto_t *after = json_of("{'b': 2}");
    static const char text[] = "# top\n---\nx\n---\ny\n";
    assert_int_equal(irsa_text_edit(IRSA_SYNTAX_YAML, "f", text, strlen(text),
                                    &(struct irsa_text_change){0, path, after}, 1, &result, &error),
                     0);
    assert_string_equal(result.data, "# top\n---\nb: 2\n---\ny\n");
    irsa_auto_buf none = {0};
    assert_int_equal(irsa_text_edit(IRSA_SYNTAX_YAML, "f", text, strlen(text),
                                    &(struct irsa_text_change){0, path, NULL}, 1, &none, &error),
                     -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_NOT_FOUND);
}

/* A literal with a comment below it that is indented as deep: no literal can be put before it. */
static void test_text_edit__second_attempt(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_buf result = {0};
    json_auto_t *path = json_of("['m', 'b']");
    json_auto_t *after = json_of("'x\\ny'");
    static const char text[] = "m:\n  a: 1\n      # deep\nc: 2\n";
    assert_int_equal(irsa_text_edit(IRSA_SYNTAX_YAML, "f", text, strlen(text),
                                    &(struct irsa_text_change){0, path, after}, 1, &result, &error),
                     0);
    assert_string_equal(result.data, "m:\n  a: 1\n  b: \"x\\ny\"\n      # deep\nc: 2\n");
}

static void test_text_edit__many_changes_at_once(void **state)
{
    (void)state;
    enum { ITEMS = 500 };
    irsa_auto_buf text = {0};
    irsa_auto_buf expected = {0};
    struct irsa_text_change changes[ITEMS] = {0};
    json_auto_t *after = json_of("'new'");
    json_auto_t *paths = json_array();
    for (int i = 0; i < ITEMS; i++) {
        irsa_buf_addf(&text, "---\nname: old # %d\n", i);
        irsa_buf_addf(&expected, "---\nname: new # %d\n", i);
        json_array_append_new(paths, json_of("['name']"));
        changes[i] = (struct irsa_text_change){(size_t)i, json_array_get(paths, (size_t)i), after};
    }
    irsa_auto_error error = NULL;
    irsa_auto_buf result = {0};
    assert_int_equal(
        irsa_text_edit(IRSA_SYNTAX_YAML, "f", text.data, text.len, changes, ITEMS, &result, &error),
        0);
    assert_string_equal(result.data, expected.data);
}

static size_t line_at(enum irsa_syntax syntax, const char *text, size_t document, const char *path)
{
    json_auto_t *steps = json_of(path);
    return irsa_text_line(syntax, text, strlen(text), document, steps);
}

static void test_text_line__of_values_and_what_is_missing(void **state)
{
    (void)state;
    static const char yaml[] = "# c\na: &x\n  b: 1\n---\n- p\n- q: *y\n  r: [1,\n   2]\n";
    static const char good[] = "# c\na: &x\n  b: 1\n---\n- p\n- q: 0\n  r: [1,\n   2]\n";
    static const char json[] = "{\n \"a\": [\n  1,\n  2]}";
    assert_int_equal(line_at(IRSA_SYNTAX_YAML, good, 0, "['a', 'b']"), 3);
    assert_int_equal(line_at(IRSA_SYNTAX_YAML, good, 1, "[1, 'r', 1]"), 8);
    assert_int_equal(line_at(IRSA_SYNTAX_YAML, good, 1, "[1, 'z', 1]"), 6);
    assert_int_equal(line_at(IRSA_SYNTAX_YAML, good, 2, "[]"), 0);
    assert_int_equal(line_at(IRSA_SYNTAX_YAML, yaml, 0, "[]"), 0);
    assert_int_equal(line_at(IRSA_SYNTAX_JSON, json, 0, "['a', 1]"), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_edit__same_value_leaves_the_text),
        cmocka_unit_test(test_text_edit__failure_returns_nothing),
        cmocka_unit_test(test_text_edit__whole_document),
        cmocka_unit_test(test_text_edit__second_attempt),
        cmocka_unit_test(test_text_edit__many_changes_at_once),
        cmocka_unit_test(test_text_line__of_values_and_what_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
