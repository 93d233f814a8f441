/* SPDX-License-Identifier: Apache-2.0 */
#include "base_test.h"

static void test_buf__grows_and_stays_terminated(void **state)
{
    (void)state;
    irsa_auto_buf buf = {0};
    assert_string_equal(irsa_buf_str(&buf), "");
    for (int i = 0; i < 1000; i++)
        irsa_buf_addc(&buf, 'x');
    irsa_buf_adds(&buf, "yz");
    irsa_buf_addf(&buf, "%d-%s", 5, "a");
    assert_int_equal(buf.len, 1005);
    assert_int_equal(strlen(buf.data), 1005);
    assert_string_equal(buf.data + 999, "xyz5-a");
}

static void test_buf_add__nothing_makes_an_empty_string(void **state)
{
    (void)state;
    irsa_auto_buf buf = {0};
    irsa_buf_add(&buf, NULL, 0);
    assert_int_equal(buf.len, 0);
    assert_string_equal(buf.data, "");
}

static void test_buf_splice__replaces(void **state)
{
    (void)state;
    irsa_auto_buf buf = {0};
    irsa_buf_adds(&buf, "one two three");
    irsa_buf_splice(&buf, 4, 3, "2", 1);
    assert_string_equal(buf.data, "one 2 three");
    irsa_buf_splice(&buf, 0, 3, "eleven", 6);
    assert_string_equal(buf.data, "eleven 2 three");
    irsa_buf_splice(&buf, buf.len, 0, "!", 1);
    irsa_buf_splice(&buf, 6, 2, NULL, 0);
    assert_string_equal(buf.data, "eleven three!");
}

static void test_buf_steal__hands_over(void **state)
{
    (void)state;
    struct irsa_buf buf = {0};
    irsa_autofree char *empty = irsa_buf_steal(&buf);
    assert_string_equal(empty, "");
    irsa_buf_adds(&buf, "abc");
    irsa_autofree char *text = irsa_buf_steal(&buf);
    assert_string_equal(text, "abc");
    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
}

static void test_grow__doubles(void **state)
{
    (void)state;
    size_t *numbers = NULL;
    for (size_t i = 0; i < 1000; i++) {
        numbers = irsa_grow(numbers, i, sizeof(*numbers));
        numbers[i] = i;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(numbers[i], i);
    free(numbers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf__grows_and_stays_terminated),
        cmocka_unit_test(test_buf_add__nothing_makes_an_empty_string),
        cmocka_unit_test(test_buf_splice__replaces),
        cmocka_unit_test(test_buf_steal__hands_over),
        cmocka_unit_test(test_grow__doubles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
