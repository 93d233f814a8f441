/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static const struct irsa_report_style plain = {.utf8 = true, .next_command = "irsa-fix apply"};

static char *render(const char *members)
{
    json_auto_t *plan = plan_with(members);
    struct irsa_buf out = {0};
    irsa_report_apply_text(plan, &plain, &out);
    return irsa_buf_steal(&out);
}

#define APPLIED(done, failed, skipped, rest)                                                       \
    "'applied': {'done': " done ", 'failed': " failed ", 'skipped': " skipped                      \
    ", 'interrupted': false, " rest "}"

static void test_apply_text__all_done_and_verified(void **state)
{
    (void)state;
    irsa_autofree char *text =
        render("{'changes': [{'id': 'c1', 'kind': 'role', 'target': 'r', 'result': 'done'}],"
               " 'recheck': " EMPTY_PLAN
               ", " APPLIED("1", "0", "0", "'verified': 1, 'resolved': ['IRSA040 Role r']") "}");
    assert_contains(text, "✓ c1 role r: done\n");
    assert_contains(text, "Resolved (1): IRSA040 Role r\n");
    assert_true(irsa_has_suffix(text, "Applied 1 of 1, verified 1.\n"));
}

static void test_apply_text__failures_say_why(void **state)
{
    (void)state;
    irsa_autofree char *text = render(
        "{'changes': [{'id': 'c1', 'kind': 'role', 'target': 'r', 'result': 'failed', 'message':"
        " 'disk full', 'hint': 'make room'}, {'id': 'c2', 'kind': 'service-account', 'target':"
        " 'n/s', 'result': 'skipped', 'message': 'it needs c1, which was not done'},"
        " {'id': 'c3', 'kind': 'trust-policy', 'target': 'q', 'result': 'held-back', 'class':"
        " 'narrow', 'held_back': true}], 'summary': {'held_back': 1}, 'recheck': null, " APPLIED(
            "0", "1", "1", "'verified': null, 'recheck_error': 'x.json: gone'") "}");
    assert_contains(text, "✗ c1 role r: failed: disk full\n    hint: make room\n");
    assert_contains(text, "- c2 service-account n/s: skipped: it needs c1, which was not done\n");
    assert_contains(text, "! c3 trust-policy q: held back\n");
    assert_contains(text, "? what holds now could not be read again: x.json: gone\n");
    assert_contains(text, "Applied 0 of 2; 1 failed; 1 skipped; 1 held back.\n");
    assert_true(irsa_has_suffix(
        text, "To apply what was held back: irsa-fix apply --yes --allow narrow\n"));
}

static void test_apply_text__done_and_not_checked(void **state)
{
    (void)state;
    irsa_autofree char *text = render("{'changes': [], 'recheck': null, " APPLIED(
        "2", "0", "0", "'verified': null, 'recheck_error': 'x.json: gone'") "}");
    assert_contains(text, "? all 2 changes were made, but what holds now could not be read again: "
                          "x.json: gone\n    irsa-fix plan shows it once it can be read\n");
    irsa_autofree char *half = render("{'changes': [], 'recheck': null, " APPLIED(
        "1", "1", "0", "'verified': null, 'recheck_error': 'x.json: gone'") "}");
    assert_contains(half, "? 1 change was made, but what holds now could not be read again: ");
}

static void test_apply_text__pods_that_need_a_restart(void **state)
{
    (void)state;
    irsa_autofree char *text = render("{'recheck': " EMPTY_PLAN
                                      ", " APPLIED("1", "0", "0",
                                                   "'verified': 1, 'restart':"
                                                   " ['Deployment n/a', 'StatefulSet n/b']") "}");
    assert_contains(text, "these need a restart:\n    Deployment n/a\n    StatefulSet n/b\n");
}

static void test_apply_text__interrupted(void **state)
{
    (void)state;
    irsa_autofree char *text =
        render("{'recheck': " EMPTY_PLAN ", 'applied': {'done': 1, 'failed': 0, 'skipped': 2,"
               " 'interrupted': true, 'verified': 1}}");
    assert_true(irsa_has_suffix(text, "Interrupted. Applied 1 of 3, verified 1; 2 skipped.\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apply_text__all_done_and_verified),
        cmocka_unit_test(test_apply_text__failures_say_why),
        cmocka_unit_test(test_apply_text__done_and_not_checked),
        cmocka_unit_test(test_apply_text__pods_that_need_a_restart),
        cmocka_unit_test(test_apply_text__interrupted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
