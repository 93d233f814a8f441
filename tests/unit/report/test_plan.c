/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static const struct irsa_report_style plain = {.utf8 = true};

static char *render(const char *members, struct irsa_report_style style)
{
    json_auto_t *plan = plan_with(members);
    struct irsa_buf out = {0};
    irsa_report_plan_text(plan, &style, &out);
    return irsa_buf_steal(&out);
}

#define LINKS(provider, trust)                                                                     \
    "'links': [{'link': 'cluster', 'state': 'holds'}, {'link': 'provider', 'state': '" provider    \
    "'}, {'link': 'role', 'state': 'holds'}, {'link': 'trust policy', 'state': '" trust            \
    "'}, {'link': 'service account', 'state': 'holds'}, {'link': 'pod', 'state': 'holds'},"        \
    " {'link': 'permissions', 'state': 'holds'}]"

#define BROKEN                                                                                     \
    "{'namespace': 'app', 'service_account': 'api', 'role_arn': 'arn:aws:iam::1:role/api',"        \
    " 'works': false, 'codes': ['IRSA021'], " LINKS("holds", "broken") "}"

#define FINDING                                                                                    \
    "{'code': 'IRSA021', 'severity': 'error', 'title': 'another audience',"                        \
    " 'subject': {'kind': 'Role', 'name': 'api'}, 'message': 'trust policy of role api is wrong'," \
    " 'evidence': {'observed': 'system:serviceaccount:app:app',"                                   \
    "  'expected': 'system:serviceaccount:app:api', 'source': 'iam/api.json: Statement[0]',"       \
    "  'certainty': 'verified', 'difference_at': 27}, 'fixed_by': ['c1'], 'mended': true,"         \
    " 'link': 'trust policy', 'help': 'name the service account', 'notes': ['the id is right'],"   \
    " 'bindings': ['app/api']}"

#define CHANGE                                                                                     \
    "{'id': 'c1', 'action': 'update', 'kind': 'trust-policy',"                                     \
    " 'target': 'arn:aws:iam::1:role/api', 'before': {}, 'after': {},"                             \
    " 'diff': '--- a\\n+++ a\\n@@ -1 +1 @@\\n-x\\n+y\\n', 'because': ['IRSA021'],"                 \
    " 'class': 'additive', 'held_back': false, 'over_quota': false,"                               \
    " 'notes': ['statement 0 repaired'], 'semantic': ['~ Statement[0] sub'],"                      \
    " 'sizes': {'before': 400, 'after': 410, 'quota': 2048}, 'bindings': ['app/api']}"

static const char broken_plan[] =
    "{'bindings': [" BROKEN "], 'findings': [" FINDING "], 'changes': [" CHANGE "],"
    " 'summary': {'update': 1, 'errors': 1}}";

static void test_plan_text__broken_binding(void **state)
{
    (void)state;
    struct irsa_report_style style = plain;
    style.next_command = "irsa-fix apply --from world";
    irsa_autofree char *text = render(broken_plan, style);
    assert_string_equal(text,
                        "Cluster shop, account 111122223333, region eu-west-1, issuer "
                        "https://oidc.example/id/A\n"
                        "\n"
                        "✗ app/api → arn:aws:iam::1:role/api: does not work\n"
                        "    ✓ provider  ✓ role  ✗ trust policy: broken  ✓ service account  ✓ pod\n"
                        "\n"
                        "error[IRSA021]: trust policy of role api is wrong\n"
                        "  --> iam/api.json: Statement[0]\n"
                        "  observed: system:serviceaccount:app:app\n"
                        "  expected: system:serviceaccount:app:api\n"
                        "                                       ^ here they part\n"
                        "  help: name the service account\n"
                        "  note: the id is right\n"
                        "  fixed by: c1\n"
                        "\n"
                        "Checks: 3 passed, 0 found something\n"
                        "\n"
                        "~ c1 trust-policy arn:aws:iam::1:role/api: update, because of IRSA021\n"
                        "  410 of 2048 characters, 400 before\n"
                        "  note: statement 0 repaired\n"
                        "--- a\n"
                        "+++ a\n"
                        "@@ -1 +1 @@\n"
                        "-x\n"
                        "+y\n"
                        "\n"
                        "More about a finding: irsa-fix explain IRSA021\n"
                        "Plan: 0 to create, 1 to change, 0 to remove. Nothing was changed.\n"
                        "To apply it: irsa-fix apply --from world --yes\n");
}

static void test_plan_text__ascii_without_utf8(void **state)
{
    (void)state;
    irsa_autofree char *text = render(broken_plan, (struct irsa_report_style){0});
    assert_contains(text, "[x] app/api -> arn:aws:iam::1:role/api: does not work\n");
    assert_contains(text, "[ok] provider  [ok] role  [x] trust policy: broken");
    for (const char *c = text; *c; c++)
        assert_true((unsigned char)*c < 0x80);
}

static void test_plan_text__colour_only_when_asked(void **state)
{
    (void)state;
    irsa_autofree char *without = render(broken_plan, plain);
    assert_lacks(without, "\033");
    irsa_autofree char *with = render(broken_plan, (struct irsa_report_style){.colour = true});
    assert_contains(with, "\033[31m-x\033[m\n");
    assert_contains(with, "\033[32m+y\033[m\n");
    assert_contains(with, "\033[36m@@ -1 +1 @@\033[m\n");
    assert_contains(with, "\033[1m--- a\033[m\n");
}

static void test_plan_text__semantic_in_place_of_the_diff(void **state)
{
    (void)state;
    irsa_autofree char *text =
        render(broken_plan, (struct irsa_report_style){.utf8 = true, .semantic = true});
    assert_contains(text, "  ~ Statement[0] sub\n");
    assert_lacks(text, "@@");
}

static void test_plan_text__nothing_to_do(void **state)
{
    (void)state;
    struct irsa_report_style style = plain;
    style.next_command = "irsa-fix apply";
    irsa_autofree char *text = render("{}", style);
    assert_contains(text, "No service account that uses or wants a role was found.\n");
    assert_true(
        irsa_has_suffix(text, "Plan: 0 to create, 0 to change, 0 to remove. Nothing to do.\n"));
}

static void test_plan_text__unknown_cluster_and_issuer(void **state)
{
    (void)state;
    irsa_autofree char *text = render("{'cluster': {'name': null, 'account_id': null,"
                                      " 'region': null, 'issuer': null}}",
                                      plain);
    assert_true(irsa_has_prefix(text, "Cluster (name not known), issuer not known\n"));
}

static void test_plan_text__held_back_names_the_classes(void **state)
{
    (void)state;
    struct irsa_report_style style = plain;
    style.next_command = "irsa-fix apply";
    irsa_autofree char *text = render(
        "{'changes': [{'id': 'c1', 'action': 'update', 'kind': 'trust-policy', 'target': 'r',"
        " 'diff': '', 'because': [], 'class': 'pattern', 'held_back': true},"
        "{'id': 'c2', 'action': 'update', 'kind': 'trust-policy', 'target': 'r', 'diff': '',"
        " 'because': [], 'class': 'narrow', 'held_back': true},"
        "{'id': 'c3', 'action': 'update', 'kind': 'trust-policy', 'target': 's', 'diff': '',"
        " 'because': [], 'class': 'additive', 'held_back': true, 'over_quota': true}],"
        " 'summary': {'held_back': 3, 'decisions': 1, 'unknown': 2}}",
        style);
    assert_contains(text, "! c1 trust-policy r: update (held back: needs --allow pattern)\n");
    assert_contains(text, "! c3 trust-policy s: update (held back: IAM would refuse it)\n");
    assert_contains(text, "Plan: 0 to create, 0 to change, 0 to remove; 3 held back; 1 needs a "
                          "decision; 2 can't be decided. Nothing was changed.\n");
    assert_true(irsa_has_suffix(text, "To apply what was held back: irsa-fix apply --yes --allow "
                                      "narrow,pattern\n"));
    assert_lacks(text, "To apply it:");
}

static json_t *many_bindings(size_t count, const char *works)
{
    json_auto_t *all = json_array();
    for (size_t i = 0; i < count; i++) {
        json_auto_t *binding = fixture("{'namespace': 'n', 'role_arn': 'r', 'codes': [],"
                                       " 'links': []}");
        irsa_autofree char *name = irsa_format("sa%02zu", i);
        assert_int_equal(json_object_set_new(binding, "service_account", json_string(name)), 0);
        json_t *value = works ? json_boolean(*works == 't') : json_null();
        assert_int_equal(json_object_set_new(binding, "works", value), 0);
        assert_int_equal(json_array_append(all, binding), 0);
    }
    json_t *plan = plan_with("{}");
    assert_int_equal(json_object_set(plan, "bindings", all), 0);
    return plan;
}

static void test_plan_text__many_healthy_bindings_are_one_line(void **state)
{
    (void)state;
    json_auto_t *plan = many_bindings(40, "true");
    struct irsa_report_style style = plain;
    irsa_auto_buf out = {0};
    irsa_report_plan_text(plan, &style, &out);
    assert_contains(out.data, "✓ 40 work: n/sa00, n/sa01, n/sa02 and 37 more\n");
    assert_lacks(out.data, "n/sa03");
    style.verbose = true;
    irsa_auto_buf all = {0};
    irsa_report_plan_text(plan, &style, &all);
    assert_contains(all.data, "✓ n/sa39 → r: works\n");
}

static void test_plan_text__undecided_bindings_say_so(void **state)
{
    (void)state;
    json_auto_t *plan = many_bindings(25, NULL);
    irsa_auto_buf out = {0};
    irsa_report_plan_text(plan, &plain, &out);
    assert_contains(out.data, "? n/sa19 → r: can't be decided\n");
    assert_contains(out.data, "? 5 more can't be decided: n/sa20, n/sa21, n/sa22 and 2 more\n");
}

static void test_plan_text__one_cause_for_forty_bindings(void **state)
{
    (void)state;
    json_auto_t *plan = plan_with("{'findings': [" FINDING "]}");
    json_t *names = json_array();
    for (int i = 0; i < 40; i++) {
        irsa_autofree char *name = irsa_format("app/sa%02d", i);
        assert_int_equal(json_array_append_new(names, json_string(name)), 0);
    }
    json_t *finding = json_array_get(json_object_get(plan, "findings"), 0);
    assert_int_equal(json_object_set_new(finding, "bindings", names), 0);
    irsa_auto_buf out = {0};
    irsa_report_plan_text(plan, &plain, &out);
    assert_contains(out.data, "  concerns 40 bindings: app/sa00, app/sa01, app/sa02 and 37 more\n");
}

static void test_plan_text__findings_of_one_kind_are_gathered(void **state)
{
    (void)state;
    json_auto_t *plan = plan_with("{}");
    json_t *findings = json_object_get(plan, "findings");
    for (int i = 0; i < 12; i++) {
        json_t *finding = fixture(FINDING);
        irsa_autofree char *name = irsa_format("role%02d", i);
        assert_int_equal(
            json_object_set_new(json_object_get(finding, "subject"), "name", json_string(name)), 0);
        assert_int_equal(json_array_append_new(findings, finding), 0);
    }
    irsa_auto_buf out = {0};
    irsa_report_plan_text(plan, &plain, &out);
    assert_contains(out.data, "error[IRSA021]: 7 more of this kind (another audience): role05, "
                              "role06, role07 and 4 more\n");
}

static void test_plan_text__what_was_not_checked_is_said(void **state)
{
    (void)state;
    static const char skipped[] =
        "{'checks': {'skipped': [{'code': 'IRSA041', 'reason': 'no policies seen'},"
        " {'code': 'IRSA042', 'reason': 'no policies seen'}]}}";
    irsa_autofree char *text = render(skipped, plain);
    assert_contains(text, "Checks: 3 passed, 0 found something, 2 were not made (--verbose says "
                          "why)\n");
    assert_lacks(text, "IRSA041");
    irsa_autofree char *all =
        render(skipped, (struct irsa_report_style){.utf8 = true, .verbose = true});
    assert_contains(all, "? not checked: IRSA041 and IRSA042 (no policies seen)\n");
}

static void test_plan_text__world_cannot_write_to_the_terminal(void **state)
{
    (void)state;
    irsa_autofree char *text =
        render("{'cluster': {'name': 'a\\u001b[2Jb'},"
               " 'findings': [{'code': 'IRSA021', 'severity': 'error', 'title': 't',"
               " 'message': 'x\\u0007y\\u202ez\\u009b\\u007f', 'evidence': {'observed':"
               " 'line\\nbreak', 'expected': 'tab\\tand\\rreturn'}, 'notes': ['\\u001b]0;t']}],"
               " 'changes': [{'id': 'c1', 'action': 'update', 'kind': 'role', 'target':"
               " '\\u001b[31m', 'diff': '+\\u001b[0m\\r', 'because': []}]}",
               plain);
    assert_lacks(text, "\033");
    assert_lacks(text, "\r");
    assert_lacks(text, "\a");
    assert_contains(text, "Cluster a\\x1b[2Jb");
    assert_contains(text, "x\\x07y\\u{202e}z\\u{9b}\\x7f");
    assert_contains(text, "observed: line\\nbreak");
    assert_contains(text, "expected: tab\\tand\\rreturn");
    assert_contains(text, "+\\x1b[0m\\r\n");
}

static void test_plan_text__any_json_is_survived(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "{}",
        "[]",
        "{'bindings': 3, 'findings': {}, 'changes': 'x', 'summary': []}",
        ("{'bindings': [null, 3], 'findings': [null, {'evidence': [], 'bindings': [1, 2]}],"
         " 'changes': [null, {'because': [3], 'notes': [4], 'semantic': [5]}]}"),
    };
    for (size_t i = 0; i < IRSA_COUNT(odd); i++) {
        json_auto_t *plan = fixture(odd[i]);
        irsa_auto_buf out = {0};
        irsa_report_plan_text(plan, &plain, &out);
        irsa_report_apply_text(plan, &plain, &out);
        assert_contains(out.data, "Plan: ");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan_text__broken_binding),
        cmocka_unit_test(test_plan_text__ascii_without_utf8),
        cmocka_unit_test(test_plan_text__colour_only_when_asked),
        cmocka_unit_test(test_plan_text__semantic_in_place_of_the_diff),
        cmocka_unit_test(test_plan_text__nothing_to_do),
        cmocka_unit_test(test_plan_text__unknown_cluster_and_issuer),
        cmocka_unit_test(test_plan_text__held_back_names_the_classes),
        cmocka_unit_test(test_plan_text__many_healthy_bindings_are_one_line),
        cmocka_unit_test(test_plan_text__undecided_bindings_say_so),
        cmocka_unit_test(test_plan_text__one_cause_for_forty_bindings),
        cmocka_unit_test(test_plan_text__findings_of_one_kind_are_gathered),
        cmocka_unit_test(test_plan_text__what_was_not_checked_is_said),
        cmocka_unit_test(test_plan_text__world_cannot_write_to_the_terminal),
        cmocka_unit_test(test_plan_text__any_json_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
