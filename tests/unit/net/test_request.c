/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_secret_set__replaces(void **state)
{
    (void)state;
    irsa_auto_secret secret = {0};
    assert_string_equal(irsa_secret_expose(&secret), "");
    irsa_secret_set(&secret, "first", 5);
    irsa_secret_set(&secret, "second-longer", 6);
    assert_string_equal(irsa_secret_expose(&secret), "second");
    assert_int_equal(secret.len, 6);
    irsa_secret_set(&secret, secret.data + 3, 3); /* of itself */
    assert_string_equal(irsa_secret_expose(&secret), "ond");
}

static void test_request_header__replaces_by_name_ignoring_case(void **state)
{
    (void)state;
    struct irsa_http_request request = {0};
    irsa_http_request_header(&request, "X-Amz-Date", "1");
    irsa_http_request_header(&request, "X-Amz-Date-Not", "2");
    irsa_http_request_header(&request, "x-amz-date", "3");
    assert_int_equal(request.headers.len, 2);
    assert_string_equal(request.headers.items[0], "x-amz-date: 3");
    assert_string_equal(request.headers.items[1], "X-Amz-Date-Not: 2");
    irsa_http_request_done(&request);
    assert_null(request.headers.items);
}

static void test_request_secret__replaces_by_name(void **state)
{
    (void)state;
    struct irsa_http_request request = {0};
    irsa_http_request_secret(&request, "Authorization", "Bearer a");
    irsa_http_request_secret(&request, "X-Amz-Security-Token", "t");
    irsa_http_request_secret(&request, "authorization", "Bearer b");
    assert_int_equal(request.secret_count, 2);
    assert_string_equal(irsa_secret_expose(&request.secrets[0]), "authorization: Bearer b");
    assert_string_equal(irsa_secret_expose(&request.secrets[1]), "X-Amz-Security-Token: t");
    irsa_http_request_done(&request);
}

static void test_http_header__finds_the_first_without_leading_blanks(void **state)
{
    (void)state;
    struct irsa_http_response response = {0};
    irsa_strings_add(&response.headers, "x-a: \tone");
    irsa_strings_add(&response.headers, "x-ab: two");
    irsa_strings_add(&response.headers, "x-a: three");
    irsa_strings_add(&response.headers, "empty:");
    assert_string_equal(irsa_http_header(&response, "x-a"), "one");
    assert_string_equal(irsa_http_header(&response, "empty"), "");
    assert_null(irsa_http_header(&response, "x"));
    irsa_http_response_done(&response);
}

static void test_http_request_id__is_one_plain_word(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *id;
    } cases[] = {
        {"x-amzn-requestid: 7a62c49f-347e-4fc4-9331-6e8eEXAMPLE",
         "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE"},
        {"audit-id: abc", "abc"},
        {"x-amz-request-id: two words", NULL},
        {"x-amzn-requestid: \x1b[31m", NULL},
        {"x-amzn-requestid:", NULL},
        {"x-other: abc", NULL},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        struct irsa_http_response response = {0};
        irsa_strings_add(&response.headers, cases[i].line);
        const char *id = irsa_http_request_id(&response);
        if (cases[i].id)
            assert_string_equal(id, cases[i].id);
        else
            assert_null(id);
        irsa_http_response_done(&response);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secret_set__replaces),
        cmocka_unit_test(test_request_header__replaces_by_name_ignoring_case),
        cmocka_unit_test(test_request_secret__replaces_by_name),
        cmocka_unit_test(test_http_header__finds_the_first_without_leading_blanks),
        cmocka_unit_test(test_http_request_id__is_one_plain_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
