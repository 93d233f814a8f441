/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static void test_policy_size__white_space_outside_strings_does_not_count(void **state)
{
    (void)state;
    json_auto_t *value = json_from("{ 'a' : [ 1 , 'b c' ] }");
    assert_int_equal(irsa_policy_size(value), strlen("{\"a\":[1,\"b c\"]}"));
}

static void test_policy_size__characters_not_bytes(void **state)
{
    (void)state;
    json_auto_t *value = json_from("{'a':'\xc3\xa9\xe2\x82\xac'}");
    assert_int_equal(irsa_policy_size(value), strlen("{\"a\":\"xx\"}"));
}

/* What jansson writes without white space is the measure, for all kinds of values. */
static void test_policy_size__as_written_compactly(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "[]",
        "{}",
        "[[],{}]",
        "[1,-20,1.5,true,false,null]",
        "['a\\\\b','\\n\\u0001\\t']",
        "{'a':{'b':[1,2,{'c':''}]},'d':null}",
    };
    for (size_t i = 0; i < IRSA_COUNT(texts); i++) {
        json_auto_t *value = json_from(texts[i]);
        irsa_autofree char *compact = json_dumps(value, JSON_COMPACT);
        assert_int_equal(irsa_policy_size(value), strlen(compact));
    }
}

static void test_policy_size__nothing(void **state)
{
    (void)state;
    assert_int_equal(irsa_policy_size(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy_size__white_space_outside_strings_does_not_count),
        cmocka_unit_test(test_policy_size__characters_not_bytes),
        cmocka_unit_test(test_policy_size__as_written_compactly),
        cmocka_unit_test(test_policy_size__nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
