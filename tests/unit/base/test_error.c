/* SPDX-License-Identifier: Apache-2.0 */
#include "base_test.h"

static int open_config(struct irsa_error **reterr)
{
    return irsa_fail(reterr, IRSA_E_IO, "%s: %s", "x.ini", "no such file");
}

static int read_config(struct irsa_error **reterr)
{
    if (open_config(reterr) != 0)
        return irsa_wrap(reterr, "reading %s", "the configuration");
    return 0;
}

static void test_error__message_is_built_outward(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    assert_int_equal(read_config(&error), -1);
    assert_string_equal(irsa_error_message(error),
                        "reading the configuration: x.ini: no such file");
    assert_int_equal(irsa_error_kind(error), IRSA_E_IO);
    assert_null(irsa_error_hint(error));
}

static void test_hint__the_deepest_stays(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    (void)irsa_fail(&error, IRSA_E_PARSE, "bad");
    assert_int_equal(irsa_hint(&error, "try %d", 1), -1);
    assert_int_equal(irsa_hint(&error, "try %d", 2), -1);
    assert_string_equal(irsa_error_hint(error), "try 1");
}

static void test_fail__over_another_error_keeps_the_new(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    (void)irsa_fail(&error, IRSA_E_PARSE, "first");
    (void)irsa_fail(&error, IRSA_E_LIMIT, "second");
    assert_string_equal(irsa_error_message(error), "second");
    assert_int_equal(irsa_error_kind(error), IRSA_E_LIMIT);
    irsa_error_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error__message_is_built_outward),
        cmocka_unit_test(test_hint__the_deepest_stays),
        cmocka_unit_test(test_fail__over_another_error_keeps_the_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
