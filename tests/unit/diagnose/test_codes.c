/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose/codes.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_irsa_checks__are_in_order_and_unique(void **state)
{
    (void)state;
    const struct irsa_check *const *checks = irsa_checks();
    size_t count = 0;
    for (; checks[count]; count++) {
        assert_int_equal(strlen(checks[count]->code), strlen("IRSA000"));
        if (count > 0)
            assert_true(strcmp(checks[count - 1]->code, checks[count]->code) < 0);
        for (size_t i = 0; i < count; i++)
            assert_string_not_equal(checks[i]->title, checks[count]->title);
    }
    assert_int_equal(count, CODE_MAX);
}

static void test_irsa_check_find__ignores_letter_case(void **state)
{
    (void)state;
    assert_string_equal(irsa_check_find("irsa021")->code, "IRSA021");
    assert_string_equal(irsa_check_find("IRSA021")->title, "trust policy expects another audience");
    assert_null(irsa_check_find("IRSA999"));
    assert_null(irsa_check_find(""));
    assert_null(irsa_check_find("IRSA0210"));
}

static void test_irsa_check_page__every_code_has_one(void **state)
{
    (void)state;
    static const char *const links[IRSA_LINK_MAX_] = {
        [IRSA_LINK_CLUSTER] = "cluster",
        [IRSA_LINK_PROVIDER] = "OIDC provider",
        [IRSA_LINK_ROLE] = "role",
        [IRSA_LINK_TRUST] = "trust policy",
        [IRSA_LINK_SERVICE_ACCOUNT] = "service account",
        [IRSA_LINK_POD] = "pods and webhook",
        [IRSA_LINK_PERMISSIONS] = "permissions",
    };
    static const char *const parts[] = {"## Symptom", "## Cause", "## How it is checked",
                                        "## Fix and its safety", "## How to verify"};
    for (const struct irsa_check *const *check = irsa_checks(); *check; check++) {
        const char *page = irsa_check_page((*check)->code);
        if (!page)
            fail_msg("%s has no page in docs/checks", (*check)->code);
        irsa_autofree char *title = irsa_format("# %s: %s\n", (*check)->code, (*check)->title);
        if (!irsa_has_prefix(page, title))
            fail_msg("docs/checks/%s.md does not start with: %s", (*check)->code, title);
        irsa_autofree char *severity =
            irsa_format("\nSeverity: %s. Link of the chain: %s.\n",
                        irsa_severity_text((*check)->severity), links[(*check)->link]);
        if (!strstr(page, severity))
            fail_msg("docs/checks/%s.md lacks: %s", (*check)->code, severity + 1);
        for (size_t i = 0; i < IRSA_COUNT(parts); i++)
            if (!strstr(page, parts[i]))
                fail_msg("docs/checks/%s.md lacks %s", (*check)->code, parts[i]);
    }
    assert_null(irsa_check_page("IRSA999"));
}

static void test_irsa_check_page__every_page_has_a_code(void **state)
{
    (void)state;
    DIR *dir = opendir("docs/checks");
    assert_non_null(dir);
    size_t pages = 0;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (!irsa_has_prefix(entry->d_name, "IRSA"))
            continue;
        irsa_autofree char *code = irsa_strndup(entry->d_name, strcspn(entry->d_name, "."));
        if (!irsa_check_find(code))
            fail_msg("docs/checks/%s has no code", entry->d_name);
        pages++;
    }
    (void)closedir(dir);
    assert_int_equal(pages, CODE_MAX);
}

static void test_texts__of_every_value(void **state)
{
    (void)state;
    assert_string_equal(irsa_severity_text(IRSA_SEVERITY_ERROR), "error");
    assert_string_equal(irsa_severity_text(IRSA_SEVERITY_WARNING), "warning");
    assert_string_equal(irsa_severity_text(IRSA_SEVERITY_NOTE), "note");
    assert_string_equal(irsa_certainty_text(IRSA_VERIFIED), "verified");
    assert_string_equal(irsa_certainty_text(IRSA_INFERRED), "inferred");
    assert_string_equal(irsa_certainty_text(IRSA_NOT_CHECKABLE), "not-checkable");
    for (int link = 0; link < IRSA_LINK_MAX_; link++)
        assert_true(*irsa_link_text((enum irsa_link)link) != '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irsa_checks__are_in_order_and_unique),
        cmocka_unit_test(test_irsa_check_find__ignores_letter_case),
        cmocka_unit_test(test_irsa_check_page__every_code_has_one),
        cmocka_unit_test(test_irsa_check_page__every_page_has_a_code),
        cmocka_unit_test(test_texts__of_every_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
