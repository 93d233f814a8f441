/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, paths, times. */
#include "kube/kube.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_base64__both_ways(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"\xff\xfe", "//4="}};
    for (size_t i = 0; i < IRSA_COUNT(pairs); i++) {
        irsa_auto_buf text = {0};
        irsa_auto_buf back = {0};
        size_t at = 0;
        irsa_base64_encode(pairs[i][0], strlen(pairs[i][0]), &text);
        assert_string_equal(irsa_buf_str(&text), pairs[i][1]);
        assert_true(irsa_base64_decode(pairs[i][1], &back, &at));
        assert_string_equal(irsa_buf_str(&back), pairs[i][0]);
    }
}

static void test_base64__what_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "Zg", "Zg=", "Z===", "Zm9v=", "Zg==Zg==", "Zm9 ", "Zm9-", "====", "Zm=v"};
    for (size_t i = 0; i < IRSA_COUNT(wrong); i++) {
        irsa_auto_buf bytes = {0};
        size_t at = 0;
        if (irsa_base64_decode(wrong[i], &bytes, &at))
            fail_msg("%s", wrong[i]);
    }
    irsa_auto_buf bytes = {0};
    size_t at = 0;
    assert_true(irsa_base64_decode("Zm\r\n9v\nYg==\n", &bytes, &at)); /* as Go takes it */
    assert_string_equal(bytes.data, "foob");
}

static void test_path__is_relative_to_the_file(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"/home/me/.kube/config", "ca.crt", "/home/me/.kube/ca.crt"},
        {"config", "ca.crt", "ca.crt"},
        {"a/config", "../ca.crt", "a/../ca.crt"},
        {"a/config", "/ca.crt", "/ca.crt"}};
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_autofree char *path = irsa_kubeconfig_path(cases[i][0], cases[i][1]);
        assert_string_equal(path, cases[i][2]);
    }
}

static void test_time__rfc_3339(void **state)
{
    (void)state;
    assert_int_equal(irsa_kube_time("1970-01-02T00:00:00Z"), 86400);
    assert_int_equal(irsa_kube_time("2018-03-05T17:30:20-08:00"), 1520299820);
    assert_int_equal(irsa_kube_time("2018-03-06T01:30:20.123456Z"), 1520299820);
    assert_int_equal(irsa_kube_time("2018-03-06T03:00:20+01:30"), 1520299820);
    assert_int_equal(irsa_kube_time("2018-03-06"), -1);
    assert_int_equal(irsa_kube_time("2018-03-06T01:30:20"), -1);
    assert_int_equal(irsa_kube_time("soon"), -1);
    assert_int_equal(irsa_kube_time(""), -1);
    assert_int_equal(irsa_kube_time("2018-03-06T01:30:20Zx"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base64__both_ways),
        cmocka_unit_test(test_base64__what_is_refused),
        cmocka_unit_test(test_path__is_relative_to_the_file),
        cmocka_unit_test(test_time__rfc_3339),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
