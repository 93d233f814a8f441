/* SPDX-License-Identifier: Apache-2.0 */
#include "identity_test.h"

static char *repeat(char c, size_t count)
{
    char *text = irsa_calloc(count + 1, 1);
    memset(text, c, count);
    return text;
}

static void test_namespace_problem__limits(void **state)
{
    (void)state;
    irsa_autofree char *longest = repeat('a', 63);
    irsa_autofree char *too_long = repeat('a', 64);
    assert_null(irsa_namespace_problem(longest));
    check_text(irsa_namespace_problem(too_long), "has 64 characters, 63 are allowed", "64");
    assert_null(irsa_namespace_problem("0-a"));
    check_text(irsa_namespace_problem(""), "is empty", "");
    check_text(irsa_namespace_problem("a.b"), "has \".\", allowed are a-z, 0-9 and -", "a.b");
    check_text(irsa_namespace_problem("App"), "has upper-case \"A\", lower case is needed", "App");
    check_text(irsa_namespace_problem("-a"),
               "begins a part with \"-\", a letter or digit is needed", "-a");
    check_text(irsa_namespace_problem("a-"), "ends a part with \"-\", a letter or digit is needed",
               "a-");
}

static void test_service_account_problem__limits(void **state)
{
    (void)state;
    irsa_autofree char *longest = repeat('a', 253);
    irsa_autofree char *too_long = repeat('a', 254);
    assert_null(irsa_service_account_problem(longest));
    check_text(irsa_service_account_problem(too_long), "has 254 characters, 253 are allowed",
               "254");
    assert_null(irsa_service_account_problem("a.b-c.d"));
    check_text(irsa_service_account_problem("a..b"),
               "ends a part with \".\", a letter or digit is needed", "a..b");
    check_text(irsa_service_account_problem(".a"),
               "begins a part with \".\", a letter or digit is needed", ".a");
    check_text(irsa_service_account_problem("a."),
               "ends a part with \".\", a letter or digit is needed", "a.");
    check_text(irsa_service_account_problem("a-.b"),
               "ends a part with \"-\", a letter or digit is needed", "a-.b");
    check_text(irsa_service_account_problem("a b"), "has a space, allowed are a-z, 0-9, - and .",
               "a b");
    check_text(irsa_service_account_problem("a/b"), "has \"/\", allowed are a-z, 0-9, - and .",
               "a/b");
}

static void test_subject_parse__round_trip(void **state)
{
    (void)state;
    irsa_autofree char *text = irsa_subject_text("app", "api.v1");
    assert_string_equal(text, "system:serviceaccount:app:api.v1");
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    assert_true(irsa_subject_parse(text, &namespace_, &name));
    assert_string_equal(namespace_, "app");
    assert_string_equal(name, "api.v1");
}

static void test_subject_parse__refuses(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "system:serviceaccount:",
        "system:serviceaccount:app",
        "system:serviceaccount:app:",
        "system:serviceaccount::api",
        "system:serviceaccount:app:api:x",
        "system:serviceaccount:*:api",
        "system:serviceaccount:app:api*",
        "system:serviceaccount:app:api ",
        "system:serviceaccount: app:api",
        "system:serviceaccounts:app:api",
        "System:serviceaccount:app:api",
        "system:serviceaccount:App:api",
    };
    for (size_t i = 0; i < IRSA_COUNT(bad); i++) {
        char *namespace_ = NULL;
        char *name = NULL;
        assert_false(irsa_subject_parse(bad[i], &namespace_, &name));
        assert_null(namespace_);
        assert_null(name);
    }
}

static void test_subject_guess__one_meaning(void **state)
{
    (void)state;
    static const char *const broken[] = {
        "system:serviceaccount:app:api",
        "system:serviceaccounts:app:api",
        "system:serviceAccount:app:api",
        "system:service-account:app:api",
        "system:sericeaccount:app:api",
        "sytem:serviceaccount:app:api",
        "system:sa:app:api",
        "system/serviceaccount/app/api",
        "system:serviceaccount:app/api",
        "system:serviceaccount/app/api",
        "system:serviceaccount::app:api",
        "serviceaccount/app/api",
        "serviceaccount:app:api",
        "serviceaccounts/app/api",
        "namespaces/app/serviceaccounts/api",
        "app/api",
        "app:api",
        " system:serviceaccount:app:api ",
        "system:serviceaccount: app: api\n",
        "\"system:serviceaccount:app:api\"",
        "system:serviceaccount:App:api",
    };
    for (size_t i = 0; i < IRSA_COUNT(broken); i++)
        check_text(irsa_subject_guess(broken[i]), "system:serviceaccount:app:api", broken[i]);
}

static void test_subject_guess__nothing_single(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",
        "api",
        "system:serviceaccount:api",
        "system:serviceaccount",
        "system:masters",
        "system:node:ip-10-0-0-1",
        "system:serviceaccount:*:api",
        "system:serviceaccount:a:b:c",
        "system:serviceaccount:a_b:c",
        "sts.amazonaws.com",
        "https://host/x",
        "repo:octo-org/octo-repo:ref:refs/heads/main",
        "${namespace}/api",
    };
    for (size_t i = 0; i < IRSA_COUNT(none); i++)
        check_text(irsa_subject_guess(none[i]), NULL, none[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_namespace_problem__limits),
        cmocka_unit_test(test_service_account_problem__limits),
        cmocka_unit_test(test_subject_parse__round_trip),
        cmocka_unit_test(test_subject_parse__refuses),
        cmocka_unit_test(test_subject_guess__one_meaning),
        cmocka_unit_test(test_subject_guess__nothing_single),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
