/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#define ANNOTATED "{'eks.amazonaws.com/role-arn': '" ROLE("api") "'}"

static json_t *save(struct fixture *f)
{
    add_account(f, "app", "api", ANNOTATED);
    begin(f);
    set_fix(add_fix(add_finding(f, 0), IRSA_FIX_ADD_CLIENT_ID, IRSA_CLASS_ADDITIVE), PROVIDER, NULL,
            "sts.amazonaws.com");
    end(f);
    json_auto_t *source = parse("{'from': 'world'}");
    json_auto_t *arguments = parse("{'allow': ['narrow']}");
    return irsa_saved_plan_new(f->plan, source, arguments);
}

static void assert_refused(const json_t *saved, const char *part)
{
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_saved_plan_check("fix.plan", saved, &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_PARSE);
    const char *message = irsa_error_message(error);
    assert_true(irsa_has_prefix(message, "fix.plan: "));
    if (!strstr(message, part))
        fail_msg("\"%s\" is not in \"%s\"", part, message);
}

static void test_saved_plan_check__written_and_read_again(void **state)
{
    json_auto_t *saved = save(*state);
    irsa_auto_buf text = {0};
    irsa_json_write(saved, &text);
    irsa_auto_error error = NULL;
    json_auto_t *again = irsa_json_read("fix.plan", text.data, text.len, &error);
    assert_non_null(again);
    assert_int_equal(irsa_saved_plan_check("fix.plan", again, &error), 0);
    assert_string_equal(irsa_json_string(again, "source", "from", NULL), "world");
    assert_string_equal(irsa_json_string(again, "plan", "format_version", NULL), "1.0");
}

static void test_saved_plan_check__edited_by_hand(void **state)
{
    json_auto_t *saved = save(*state);
    json_t *change = json_array_get(irsa_json_get(saved, "plan", "changes", NULL), 0);
    assert_int_equal(json_object_set_new(change, "target", json_string("x")), 0);
    assert_refused(saved, "was changed after it was written");
}

static void test_saved_plan_check__other_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *part;
    } cases[] = {
        {"[]", "no saved plan"},
        {"{}", "no saved plan"},
        {"3", "no saved plan"},
        {"{'irsa_fix_plan': '2', 'irsa_fix_version': '9.9'}", "format 2 (irsa-fix 9.9)"},
        {"{'irsa_fix_plan': 1}", "format ?"},
        {"{'irsa_fix_plan': '1'}", "has no \"source\""},
        {"{'irsa_fix_plan': '1', 'source': 3}", "source: an object expected"},
        {"{'irsa_fix_plan': '1', 'source': {}, 'arguments': {}, 'plan': {}, 'observed': {},"
         " 'digest': 3}",
         "digest: a string expected"},
        {"{'irsa_fix_plan': '1', 'source': {}, 'arguments': {}, 'plan': {}, 'observed': {},"
         " 'digest': 'x'}",
         "plan.format_version is missing"},
        {"{'irsa_fix_plan': '1', 'source': {}, 'arguments': {}, 'plan': {'format_version': '2.0'},"
         " 'observed': {}, 'digest': 'x'}",
         "plan.format_version is 2.0"},
        {"{'irsa_fix_plan': '1', 'source': {}, 'arguments': {}, 'plan': {'format_version': '1.7'},"
         " 'observed': {}, 'digest': 'x'}",
         "plan.bindings: an array expected"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        json_auto_t *saved = parse(cases[i].text);
        assert_refused(saved, cases[i].part);
    }
}

static void test_saved_plan_compare__same_world(void **state)
{
    struct fixture *f = *state;
    json_auto_t *saved = save(f);
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_saved_plan_compare(saved, f->plan, &error), 0);
}

static void test_saved_plan_compare__names_what_moved(void **state)
{
    struct fixture *f = *state;
    json_auto_t *saved = save(f);
    json_t *observed = json_object_get(saved, "observed");
    const char *first = json_object_iter_key(json_object_iter(observed));
    irsa_autofree char *name = irsa_strdup(first);
    assert_int_equal(json_object_set_new(observed, name, json_string("other")), 0);
    assert_int_equal(json_object_set_new(observed, "role gone", json_string("x")), 0);
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_saved_plan_compare(saved, f->plan, &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_CONFLICT);
    irsa_autofree char *changed = irsa_format("%s has changed", name);
    assert_non_null(strstr(irsa_error_message(error), changed));
    assert_non_null(strstr(irsa_error_message(error), "role gone is gone"));
}

static void test_saved_plan_compare__other_changes_from_the_same_world(void **state)
{
    struct fixture *f = *state;
    json_auto_t *saved = save(f);
    f->plan->changes[0].held_back = true;
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_saved_plan_compare(saved, f->plan, &error), -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_CONFLICT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_saved_plan_check__written_and_read_again),
        TEST(test_saved_plan_check__edited_by_hand),
        TEST(test_saved_plan_check__other_forms),
        TEST(test_saved_plan_compare__same_world),
        TEST(test_saved_plan_compare__names_what_moved),
        TEST(test_saved_plan_compare__other_changes_from_the_same_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
