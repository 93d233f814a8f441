/* SPDX-License-Identifier: Apache-2.0 */
#include "document_test.h"
#include "random.h"

/* The same value, to the order of its keys and the last bit of its numbers; from a copy of the
 * bytes that ends where they end. */
static void check_same(const json_t *value)
{
    irsa_auto_buf bytes = {0};
    irsa_auto_buf again = {0};
    irsa_auto_buf before = {0};
    irsa_auto_buf after = {0};
    irsa_json_freeze(value, &bytes);
    char *exact = irsa_realloc(NULL, bytes.len);
    memcpy(exact, bytes.data, bytes.len);
    json_auto_t *thawed = irsa_json_thaw(exact);
    free(exact);
    irsa_json_write_compact(value, &before);
    irsa_json_write_compact(thawed, &after);
    assert_string_equal(irsa_buf_str(&after), irsa_buf_str(&before));
    irsa_json_freeze(thawed, &again);
    assert_int_equal(again.len, bytes.len);
    assert_memory_equal(again.data, bytes.data, bytes.len);
}

static void check_text(const char *text)
{
    irsa_auto_error error = NULL;
    json_auto_t *value = irsa_json_read("f", text, strlen(text), &error);
    assert_non_null(value);
    check_same(value);
}

static void test_json_freeze__every_kind_of_value(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "null",
        "true",
        "false",
        "[]",
        "{}",
        "\"\"",
        "\"caf\xc3\xa9 \xf0\x9f\x90\x99\"",
        "0",
        "-1",
        "9223372036854775807",
        "-9223372036854775808",
        "0.1",
        "-0.0",
        "1e308",
        "5e-324",
        "1.0",
        "[[], {}, [{\"\": null}], \"\\\"\\\\\\n\", [1, 2.5, true]]",
        "{\"z\": 1, \"a\": {\"b\": [2], \"A\": 3}, \"m\": null}",
    };
    for (size_t i = 0; i < IRSA_COUNT(texts); i++)
        check_text(texts[i]);
}

static void test_json_freeze__lengths_of_more_than_seven_bits(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 127, 128, 129, 255, 256, 16383, 16384, 70000, 2097152};
    for (size_t i = 0; i < IRSA_COUNT(lengths); i++) {
        irsa_autofree char *text = irsa_calloc(lengths[i] + 1, 1);
        memset(text, 'x', lengths[i]);
        json_auto_t *object = json_pack("{s:s}", text, text);
        check_same(object);
        json_auto_t *array = json_array();
        for (size_t k = 0; k < lengths[i] && k < 20000; k++)
            json_array_append_new(array, json_integer((json_int_t)k));
        check_same(array);
    }
}

static void test_json_freeze__a_string_with_nul(void **state)
{
    (void)state;
    json_auto_t *value = json_stringn("a\0b", 3);
    irsa_auto_buf bytes = {0};
    irsa_json_freeze(value, &bytes);
    json_auto_t *thawed = irsa_json_thaw(bytes.data);
    assert_int_equal(json_string_length(thawed), 3);
    assert_memory_equal(json_string_value(thawed), "a\0b", 3);
}

static void test_json_freeze__appends(void **state)
{
    (void)state;
    json_auto_t *value = json_pack("[i, s]", 1, "x");
    irsa_auto_buf bytes = {0};
    irsa_buf_addc(&bytes, '#');
    irsa_json_freeze(value, &bytes);
    assert_int_equal(bytes.data[0], '#');
    json_auto_t *thawed = irsa_json_thaw(bytes.data + 1);
    assert_true(json_equal(thawed, value));
}

static void test_json_freeze__the_order_of_keys_tells(void **state)
{
    (void)state;
    json_auto_t *one = json_pack("{s:i, s:i}", "a", 1, "b", 2);
    json_auto_t *other = json_pack("{s:i, s:i}", "b", 2, "a", 1);
    irsa_auto_buf bytes = {0};
    irsa_auto_buf others = {0};
    irsa_json_freeze(one, &bytes);
    irsa_json_freeze(other, &others);
    assert_int_equal(bytes.len, others.len);
    assert_memory_not_equal(bytes.data, others.data, bytes.len);
}

static void test_json_freeze__as_deep_as_is_read(void **state)
{
    (void)state;
    irsa_auto_buf text = {0};
    for (int i = 0; i < IRSA_DOCUMENT_MAX_DEPTH - 1; i++)
        irsa_buf_adds(&text, i % 2 ? "{\"k\":" : "[");
    irsa_buf_adds(&text, "1");
    for (int i = IRSA_DOCUMENT_MAX_DEPTH - 2; i >= 0; i--)
        irsa_buf_adds(&text, i % 2 ? "}" : "]");
    check_text(irsa_buf_str(&text));
}

static void test_json_freeze__random_values(void **state)
{
    (void)state;
    struct random random = {.state = 20261128};
    for (int i = 0; i < 3000; i++) {
        json_auto_t *value = random_value(&random, 6);
        check_same(value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_freeze__every_kind_of_value),
        cmocka_unit_test(test_json_freeze__lengths_of_more_than_seven_bits),
        cmocka_unit_test(test_json_freeze__a_string_with_nul),
        cmocka_unit_test(test_json_freeze__appends),
        cmocka_unit_test(test_json_freeze__the_order_of_keys_tells),
        cmocka_unit_test(test_json_freeze__as_deep_as_is_read),
        cmocka_unit_test(test_json_freeze__random_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
