/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"

static enum irsa_expansion expand(const char *text, bool pattern, char **ret, char **ret_key)
{
    json_auto_t *context = json_from("{'aws:username':'ann*','k:many':['a','b'],'k:one':['a'],"
                                     "'k:gone':null,'k:number':7}");
    const struct irsa_request request = {.context = context};
    irsa_auto_buf buf = {0};
    const enum irsa_expansion result = irsa_expand(text, pattern, &request, &buf, ret_key);
    *ret = irsa_buf_steal(&buf);
    return result;
}

static void test_expand__values(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool pattern;
        enum irsa_expansion result;
        const char *expanded;
    } cases[] = {
        {"plain", false, IRSA_EXPAND_PLAIN, ""},
        {"home/${aws:username}/", false, IRSA_EXPAND_DONE, "home/ann*/"},
        {"home/${AWS:UserName}/*", true, IRSA_EXPAND_DONE, "home/ann\x01*/*"},
        {"${*}${?}${$}", false, IRSA_EXPAND_DONE, "*?$"},
        {"${*}", true, IRSA_EXPAND_DONE, "\x01*"},
        {"${k:one}${k:number}", false, IRSA_EXPAND_DONE, "a7"},
        {"${k:gone, 'nobody'}", false, IRSA_EXPAND_DONE, "nobody"},
        {"${aws:username, 'nobody'}", false, IRSA_EXPAND_DONE, "ann*"},
        {"${unclosed", false, IRSA_EXPAND_DONE, "${unclosed"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_autofree char *expanded = NULL;
        assert_int_equal(expand(cases[i].text, cases[i].pattern, &expanded, NULL), cases[i].result);
        assert_string_equal(expanded, cases[i].expanded);
    }
}

static void test_expand__no_value(void **state)
{
    (void)state;
    irsa_autofree char *a = NULL;
    irsa_autofree char *b = NULL;
    assert_int_equal(expand("${k:gone}", false, &a, NULL), IRSA_EXPAND_MISSING);
    assert_int_equal(expand("${k:many}", false, &b, NULL), IRSA_EXPAND_MISSING);
}

static void test_expand__unknown_is_named(void **state)
{
    (void)state;
    irsa_autofree char *text = NULL;
    irsa_autofree char *key = NULL;
    assert_int_equal(expand("a${aws:userid, 'x'}", false, &text, &key), IRSA_EXPAND_UNKNOWN);
    assert_string_equal(key, "aws:userid");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expand__values),
        cmocka_unit_test(test_expand__no_value),
        cmocka_unit_test(test_expand__unknown_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
