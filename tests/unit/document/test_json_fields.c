/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of what is wanted; jansson's verdict on everything is the second opinion. */
#include "document_test.h"

#include "random.h"

static const struct irsa_json_fields name_only[] = {{"name", NULL}, {NULL, NULL}};
static const struct irsa_json_fields two_levels[] = {
    {"kind", NULL}, {"items", name_only}, {NULL, NULL}};

static void check(const char *text, const struct irsa_json_fields *fields, const char *wanted)
{
    irsa_auto_error error = NULL;
    json_auto_t *found = irsa_json_read_fields("f", text, strlen(text), fields, &error);
    json_auto_t *expected = json_loads(wanted, JSON_DECODE_ANY, NULL);
    assert_null(error);
    assert_non_null(expected);
    assert_true(json_equal(found, expected));
}

static void refused(const char *text, const struct irsa_json_fields *fields,
                    enum irsa_error_kind kind, const char *message)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *exact = irsa_calloc(1, strlen(text) + 1);
    memcpy(exact, text, strlen(text));
    assert_null(irsa_json_read_fields("f", exact, strlen(text), fields, &error));
    assert_error(error, kind, message);
}

static void test_fields__everything(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "1",
        "-0.5e3",
        "null",
        "true",
        "\"\"",
        "[]",
        " {} \n",
        "[1, [2, {\"a\": [ ]}], \"x\"]",
        "{\"a\": {\"b\": null}, \"c\": \"d\", \"\": 0}",
        "{\"a\": 1, \"a\": 2}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u20AC\\ud83d\\uDE00\"",
        "{\"\\u0061b\": \"\xc3\xa9\"}"};
    for (size_t i = 0; i < IRSA_COUNT(texts); i++)
        check(texts[i], NULL, texts[i]);
}

static void test_fields__only_what_is_wanted(void **state)
{
    (void)state;
    check("{\"kind\": \"L\", \"x\": {\"name\": \"n\", \"y\": [1, \"]}\\\"\", {}]}, \"items\": "
          "[{\"name\": \"a\", \"spec\": [[]]}, {\"z\": -1.5e-3}, \"s\", {\"n\\u0061me\": \"b\"}], "
          "\"w\": null}",
          two_levels,
          "{\"kind\": \"L\", \"items\": [{\"name\": \"a\"}, {}, \"s\", {\"name\": \"b\"}]}");
    check("{\"name\": {\"name\": [1]}, \"names\": 1, \"nam\": 2}", name_only,
          "{\"name\": {\"name\": [1]}}");
}

static void test_fields__order_is_kept(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    static const char text[] = "{\"c\":1,\"a\":2,\"b\":3}";
    json_auto_t *found = irsa_json_read_fields("f", text, sizeof(text) - 1, NULL, &error);
    irsa_auto_buf written = {0};
    irsa_json_write_compact(found, &written);
    assert_non_null(strstr(irsa_buf_str(&written), "\"c\":1,\"a\":2,\"b\":3"));
}

static void test_fields__refused_with_a_place(void **state)
{
    (void)state;
    refused("", NULL, IRSA_E_PARSE, "f:1:1: no value of JSON");
    refused("[1,\n x]", NULL, IRSA_E_PARSE, "f:2:2: no value of JSON");
    refused("[1] 2", NULL, IRSA_E_PARSE, "f:1:5: text after the value");
    refused("[1 2]", NULL, IRSA_E_PARSE, "f:1:4: a comma or a closing bracket is needed");
    refused("{\"a\" 1}", NULL, IRSA_E_PARSE, "f:1:6: a colon is needed");
    refused("{1: 1}", NULL, IRSA_E_PARSE, "f:1:2: a key is needed");
    refused("{\"a\": \"b", NULL, IRSA_E_PARSE, "f:1:9: the text ends in a string");
    refused("\"a\\", NULL, IRSA_E_PARSE, "f:1:4: the text ends in a string");
    refused("\"a\nb\"", NULL, IRSA_E_PARSE, "f:1:3: a control character in a string");
    refused("\"\\x\"", NULL, IRSA_E_PARSE, "f:1:5: an escape that JSON does not have");
    refused("\"\\ud800\"", NULL, IRSA_E_PARSE, "f:1:9: an escape that JSON does not have");
    refused("\"\xff\"", NULL, IRSA_E_PARSE, "f:1:4: bytes that are no UTF-8 in a string");
    refused("[123456789012345678901]", NULL, IRSA_E_PARSE, "f:1:2: no value of JSON");
}

static void test_fields__what_is_passed_over_has_to_end(void **state)
{
    (void)state;
    refused("{\"x\": [", name_only, IRSA_E_PARSE, "f:1:8: the text ends in a value");
    refused("{\"x\": \"", name_only, IRSA_E_PARSE, "f:1:8: the text ends in a string");
    refused("{\"x\": , \"name\": 1}", name_only, IRSA_E_PARSE, "f:1:7: a value is missing");
    refused("{\"x\": }", name_only, IRSA_E_PARSE, "f:1:7: a value is missing");
    refused("{\"x\": 1", name_only, IRSA_E_PARSE, "f:1:8: a comma or a closing bracket is needed");
}

static void test_fields__depth_is_bounded(void **state)
{
    (void)state;
    irsa_auto_buf deep = {0};
    irsa_buf_adds(&deep, "{\"x\":");
    for (size_t i = 0; i < IRSA_DOCUMENT_MAX_DEPTH; i++)
        irsa_buf_addc(&deep, '[');
    refused(irsa_buf_str(&deep), NULL, IRSA_E_LIMIT, "f:1:205: nested deeper than 200 levels");
    refused(irsa_buf_str(&deep), name_only, IRSA_E_LIMIT, "f:1:205: nested deeper than 200 levels");
}

/* What jansson takes is read as the same; what it refuses is refused. */
static void test_fields__as_jansson(void **state)
{
    (void)state;
    static const char bytes[] = "{}[]\",:0123456789-+.eE truefalsn\\u00ab\n";
    struct random random = {.state = 20261127};
    size_t good = 0;
    for (size_t i = 0; i < 200000; i++) {
        char text[16] = "";
        const size_t len = random_below(&random, 14) + 1;
        for (size_t k = 0; k < len; k++)
            text[k] = bytes[random_below(&random, sizeof(bytes) - 1)];
        irsa_auto_error error = NULL;
        json_auto_t *theirs = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        json_auto_t *ours = irsa_json_read_fields("f", text, len, NULL, &error);
        assert_int_equal(theirs != NULL, ours != NULL);
        if (theirs)
            assert_true(json_equal(theirs, ours));
        good += theirs != NULL;
    }
    assert_in_range(good, 1000, 200000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields__everything),
        cmocka_unit_test(test_fields__only_what_is_wanted),
        cmocka_unit_test(test_fields__order_is_kept),
        cmocka_unit_test(test_fields__refused_with_a_place),
        cmocka_unit_test(test_fields__what_is_passed_over_has_to_end),
        cmocka_unit_test(test_fields__depth_is_bounded),
        cmocka_unit_test(test_fields__as_jansson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
