/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_time_parse__forms_of_kubernetes_and_the_cli(void **state)
{
    (void)state;
    assert_int_equal(irsa_time_parse("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(irsa_time_parse("1970-01-01T00:00:01Z"), 1);
    assert_int_equal(irsa_time_parse("2026-03-01T10:00:00Z"), 1772359200);
    assert_int_equal(irsa_time_parse("2024-02-29T23:59:59Z"), 1709251199);
    assert_int_equal(irsa_time_parse("2026-03-01T10:00:00.123456Z"), 1772359200);
    assert_int_equal(irsa_time_parse("2026-03-01T11:00:00+01:00"), 1772359200);
    assert_int_equal(irsa_time_parse("2026-03-01T04:30:00-05:30"), 1772359200);
    assert_int_equal(irsa_time_parse("2026-03-01T10:00:00+0000"), 1772359200);
    assert_int_equal(irsa_time_parse("2100-03-01T00:00:00Z"), INT64_C(4107542400));
}

static void test_time_parse__what_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "now",
        "2026-03-01",
        "2026-03-01T10:00:00",
        "2026-13-01T10:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T10:00:00Zx",
        "2026-03-0xT10:00:00Z",
        "1772359200",
    };
    for (size_t i = 0; i < IRSA_COUNT(texts); i++)
        assert_int_equal(irsa_time_parse(texts[i]), 0);
    assert_int_equal(irsa_time_parse(NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time_parse__forms_of_kubernetes_and_the_cli),
        cmocka_unit_test(test_time_parse__what_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
