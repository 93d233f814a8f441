/* SPDX-License-Identifier: Apache-2.0 */
#include "base_test.h"

static void test_strings__sort_has_join(void **state)
{
    (void)state;
    irsa_auto_strings strings = {0};
    irsa_autofree char *none = irsa_strings_join(&strings, ", ", " and ");
    assert_string_equal(none, "");
    irsa_strings_sort(&strings);
    irsa_strings_add(&strings, "b");
    irsa_autofree char *one = irsa_strings_join(&strings, ", ", " and ");
    assert_string_equal(one, "b");
    irsa_strings_take(&strings, irsa_strdup("c"));
    irsa_strings_add(&strings, "B");
    irsa_strings_sort(&strings);
    irsa_autofree char *all = irsa_strings_join(&strings, ", ", " and ");
    assert_string_equal(all, "B, b and c");
    assert_true(irsa_strings_has(&strings, "c"));
    assert_false(irsa_strings_has(&strings, "C"));
}

static void test_map__many_keys(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    irsa_auto_map map = {0};
    assert_int_equal(irsa_map_get(&map, "a"), IRSA_MAP_NONE);
    for (size_t i = 0; i < COUNT; i++) {
        irsa_autofree char *key = irsa_format("key-%zu", i);
        assert_true(irsa_map_put(&map, key, i));
    }
    assert_int_equal(map.len, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        irsa_autofree char *key = irsa_format("key-%zu", i);
        assert_int_equal(irsa_map_get(&map, key), i);
        assert_false(irsa_map_put(&map, key, 0));
    }
    assert_int_equal(irsa_map_get(&map, "key-20000"), IRSA_MAP_NONE);
    assert_int_equal(irsa_map_get(&map, ""), IRSA_MAP_NONE);
}

static void test_map__borrowed_keys(void **state)
{
    (void)state;
    static const char key[] = "";
    irsa_auto_map map = {0};
    assert_true(irsa_map_put_borrowed(&map, key, 7));
    assert_false(irsa_map_put_borrowed(&map, key, 8));
    assert_int_equal(irsa_map_get(&map, ""), 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strings__sort_has_join),
        cmocka_unit_test(test_map__many_keys),
        cmocka_unit_test(test_map__borrowed_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
