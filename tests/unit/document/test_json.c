/* SPDX-License-Identifier: Apache-2.0 */
#include "document_test.h"

static void check_refused(const char *text, size_t len, enum irsa_error_kind kind,
                          const char *message)
{
    irsa_auto_error error = NULL;
    assert_null(irsa_json_read("f.json", text, len, &error));
    assert_error(error, kind, message);
}
#define REFUSED(text, message) check_refused(text, sizeof(text) - 1, IRSA_E_PARSE, message)

static void test_json_read__any_value_at_the_top(void **state)
{
    (void)state;
    static const char *const texts[] = {"1",  "\"a\"",  "null",           "true",
                                        "[]", " {} \n", "\xef\xbb\xbf[1]"};
    for (size_t i = 0; i < IRSA_COUNT(texts); i++) {
        irsa_auto_error error = NULL;
        json_auto_t *value = irsa_json_read("f", texts[i], strlen(texts[i]), &error);
        assert_non_null(value);
    }
}

static void test_json_read__refuses_with_a_place(void **state)
{
    (void)state;
    REFUSED("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", "f.json:3:4: duplicate object key near '\"a\"'");
    REFUSED("", "f.json:1:1: empty, where a JSON value is needed");
    REFUSED(" \n ", "f.json:2:2: empty, where a JSON value is needed");
    REFUSED("[1,\n x]", "f.json:2:2: invalid token near 'x'");
    REFUSED("[1] 2", "f.json:1:5: end of file expected near '2'");
    REFUSED("\"\\u0000\"", "f.json:1:8: a NUL character (\\u0000) in a string");
    REFUSED("123456789012345678901", "f.json:1:21: a number that is too big");
}

/* The text need not end in NUL: the sanitizer sees a byte read beyond it. */
static void test_json_read__stays_inside_the_text(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 4; len++) {
        irsa_autofree char *text = irsa_calloc(1, len + 1);
        char *exact = realloc(irsa_steal(&text), len ? len : 1);
        assert_non_null(exact);
        memset(exact, ' ', len ? len : 1);
        irsa_auto_error error = NULL;
        assert_null(irsa_json_read("f.json", exact, len, &error));
        assert_non_null(strstr(irsa_error_message(error), "empty, where a JSON value is needed"));
        free(exact);
    }
}

static void test_json_read__refuses_bad_bytes(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    assert_null(irsa_json_read("f", "[\"\xff\"]", 5, &error));
    assert_non_null(strstr(irsa_error_message(error), "f:1:"));
    irsa_auto_error error2 = NULL;
    assert_null(irsa_json_read("f", "[1,\0 2]", 7, &error2));
    irsa_auto_error error3 = NULL;
    assert_null(irsa_json_read("f", "{\"a\": [1,", 9, &error3));
    assert_non_null(strstr(irsa_error_message(error3), "f:1:"));
}

static char *nested(size_t depth)
{
    struct irsa_buf buf = {0};
    for (size_t i = 0; i < depth; i++)
        irsa_buf_addc(&buf, '[');
    for (size_t i = 0; i < depth; i++)
        irsa_buf_addc(&buf, ']');
    return irsa_buf_steal(&buf);
}

static void test_json_read__depth_is_bounded(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_autofree char *deep = nested(IRSA_DOCUMENT_MAX_DEPTH);
    json_auto_t *value = irsa_json_read("f", deep, strlen(deep), &error);
    assert_non_null(value);
    irsa_autofree char *deeper = nested(100000);
    check_refused(deeper, strlen(deeper), IRSA_E_LIMIT,
                  "f.json:1:201: nested deeper than 200 levels");
    /* Brackets in strings don't nest. */
    irsa_auto_buf quoted = {0};
    irsa_buf_addf(&quoted, "[\"%s\\\"%s\", \"\\\\\"]", deeper, deeper);
    json_auto_t *string = irsa_json_read("f", quoted.data, quoted.len, &error);
    assert_non_null(string);
}

static void test_json_at__paths(void **state)
{
    (void)state;
    json_auto_t *value = json_of("{'a': {'b.c': [1, {'d': 'x'}]}}");
    json_auto_t *path = json_of("['a', 'b.c', 1, 'd']");
    json_auto_t *miss = json_of("['a', 'b.c', 2, 'd']");
    json_auto_t *negative = json_of("['a', 'b.c', -1]");
    json_auto_t *empty = json_array();
    assert_string_equal(json_string_value(irsa_json_at(value, path)), "x");
    assert_null(irsa_json_at(value, miss));
    assert_null(irsa_json_at(value, negative));
    assert_ptr_equal(irsa_json_at(value, empty), value);
    irsa_autofree char *text = irsa_json_path_text(path);
    assert_string_equal(text, "a[\"b.c\"][1].d");
    irsa_autofree char *nothing = irsa_json_path_text(empty);
    assert_string_equal(nothing, "");
}

static void test_json_get__stops_at_the_first_miss(void **state)
{
    (void)state;
    json_auto_t *value = json_of("{'a': {'b': 'x', 'n': 1}}");
    assert_string_equal(irsa_json_string(value, "a", "b", NULL), "x");
    assert_null(irsa_json_string(value, "a", "n", NULL));
    assert_null(irsa_json_string(value, "z", "b", NULL));
    assert_null(irsa_json_get(value, "a", "b", "c", NULL));
    assert_null(irsa_json_get(NULL, "a", NULL));
    assert_ptr_equal(irsa_json_get(value, NULL), value);
}

static void test_json_write__forms(void **state)
{
    (void)state;
    json_auto_t *value = json_of("{'b': ['\xc3\xa4', {}], 'a': null}");
    irsa_auto_buf pretty = {0};
    irsa_auto_buf compact = {0};
    irsa_auto_buf canonical = {0};
    irsa_json_write(value, &pretty);
    irsa_json_write_compact(value, &compact);
    irsa_json_write_canonical(value, &canonical);
    assert_string_equal(pretty.data, "{\n    \"b\": [\n        \"\xc3\xa4\",\n        {}\n    ],\n"
                                     "    \"a\": null\n}\n");
    assert_string_equal(compact.data, "{\"b\":[\"\xc3\xa4\",{}],\"a\":null}");
    assert_string_equal(canonical.data, "{\"a\":null,\"b\":[\"\xc3\xa4\",{}]}");
}

static void test_syntax_of__extensions(void **state)
{
    (void)state;
    enum irsa_syntax syntax = IRSA_SYNTAX_JSON;
    assert_true(irsa_syntax_of("a/b.YAML", &syntax));
    assert_int_equal(syntax, IRSA_SYNTAX_YAML);
    assert_true(irsa_syntax_of("x.yml", &syntax));
    assert_true(irsa_syntax_of("x.Json", &syntax));
    assert_int_equal(syntax, IRSA_SYNTAX_JSON);
    assert_false(irsa_syntax_of("x.json/y", &syntax));
    assert_false(irsa_syntax_of("x.txt", &syntax));
    assert_false(irsa_syntax_of("json", &syntax));
}

static void test_url__decodes_and_encodes(void **state)
{
    (void)state;
    irsa_auto_buf decoded = {0};
    irsa_auto_buf encoded = {0};
    irsa_auto_buf bad = {0};
    assert_true(irsa_url_decode("%7B%22a+b%22%3a%20%C3%A4%7d~", &decoded));
    assert_string_equal(decoded.data, "{\"a+b\": \xc3\xa4}~");
    irsa_url_encode(decoded.data, decoded.len, &encoded);
    assert_string_equal(encoded.data, "%7B%22a%2Bb%22%3A%20%C3%A4%7D~");
    assert_false(irsa_url_decode("%4", &bad));
    assert_false(irsa_url_decode("%", &bad));
    assert_false(irsa_url_decode("%zz", &bad));
    assert_false(irsa_url_decode("a%00b", &bad));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_read__any_value_at_the_top),
        cmocka_unit_test(test_json_read__refuses_with_a_place),
        cmocka_unit_test(test_json_read__stays_inside_the_text),
        cmocka_unit_test(test_json_read__refuses_bad_bytes),
        cmocka_unit_test(test_json_read__depth_is_bounded),
        cmocka_unit_test(test_json_at__paths),
        cmocka_unit_test(test_json_get__stops_at_the_first_miss),
        cmocka_unit_test(test_json_write__forms),
        cmocka_unit_test(test_syntax_of__extensions),
        cmocka_unit_test(test_url__decodes_and_encodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
