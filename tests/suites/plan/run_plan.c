/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One case: a captured world goes through the whole core. world/ is the world; irsa-fix.ini
 * (optional) says what is wanted; args.json (optional) stands for the command line: {"allow",
 * "strict", "namespaces", "service_accounts", "cluster", "quota", "repoint", "keep_old", "prune",
 * "role", "audience", "thumbprint", "bootstrap": {...}}.
 * expected.json says
 *
 *   "outcome"   the exit status
 *   "changes"   all of them in order; of each the members that matter. Objects in "before" and
 *               "after" may be partial, arrays are whole; "after_is" and "before_is" are whole
 *   "works"     "NS/NAME" -> true, false, null, before anything is applied
 *   "error"     in place of all that: a part of the message
 *
 * Besides, for every case: the same world gives the same bytes; the world is then applied to a
 * copy, and there nothing is left to do but what was held back, no held-back change was made, what
 * was refused by the trust policies is refused still, and every finding that the plan called mended
 * is gone.
 */
#include "plan_case.h"

/* --- expected.json ---------------------------------------------------------------------------- */

static char *dump(const json_t *value)
{
    return value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : irsa_strdup("(absent)");
}

static bool is_part_of(const json_t *part, const json_t *whole)
{
    if (json_is_array(part)) {
        if (!json_is_array(whole) || json_array_size(part) != json_array_size(whole))
            return false;
        for (size_t i = 0; i < json_array_size(part); i++) {
            if (!is_part_of(json_array_get(part, i), json_array_get(whole, i)))
                return false;
        }
        return true;
    }
    if (!json_is_object(part))
        return json_equal(part, whole);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)part, key, value)
    {
        const json_t *other = json_object_get(whole, key);
        if (!other || !is_part_of(value, other))
            return false;
    }
    return true;
}

static int check_change(const struct plan_case *c, size_t index, const json_t *expected,
                        const json_t *change)
{
    int failed = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)expected, key, value)
    {
        bool whole = irsa_has_suffix(key, "_is");
        irsa_autofree char *name = irsa_strndup(key, strlen(key) - (whole ? 3 : 0));
        const json_t *found = json_object_get(change, name);
        if (found && (whole ? json_equal(value, found) : is_part_of(value, found)))
            continue;
        irsa_autofree char *wanted = dump(value);
        irsa_autofree char *got = dump(found);
        failed |= plan_case_fail(c, "changes[%zu].%s\n  expected %s\n  found    %s", index, key,
                                 wanted, got);
    }
    return failed;
}

static int check_changes(const struct plan_case *c, const json_t *plan)
{
    const json_t *expected = json_object_get(c->expected, "changes");
    const json_t *changes = json_object_get(plan, "changes");
    int failed = 0;
    size_t count = json_array_size(expected);
    if (count != json_array_size(changes))
        failed =
            plan_case_fail(c, "%zu changes expected, %zu planned", count, json_array_size(changes));
    for (size_t i = 0; i < count && i < json_array_size(changes); i++)
        failed |= check_change(c, i, json_array_get(expected, i), json_array_get(changes, i));
    return failed;
}

static int check_works(const struct plan_case *c, const json_t *plan)
{
    int failed = 0;
    const char *name;
    json_t *works;
    json_object_foreach(json_object_get(c->expected, "works"), name, works)
    {
        const json_t *found = plan_case_binding(plan, name);
        if (!found)
            failed |= plan_case_fail(c, "there is no binding %s", name);
        else if (!json_equal(works, json_object_get(found, "works")))
            failed |= plan_case_fail(c, "works of %s is not as expected", name);
    }
    return failed;
}

static int check_expected(const struct plan_case *c, const json_t *plan)
{
    int failed = check_changes(c, plan) | check_works(c, plan);
    json_int_t outcome = json_integer_value(json_object_get(c->expected, "outcome"));
    json_int_t found = json_integer_value(json_object_get(plan, "outcome"));
    if (outcome != found)
        failed |= plan_case_fail(c, "outcome %lld expected, %lld found", (long long)outcome,
                                 (long long)found);
    if (failed) {
        irsa_autofree char *text = json_dumps(plan, JSON_INDENT(2));
        fprintf(stderr, "%s\n", text);
    }
    return failed;
}

/* --- what holds for every case ---------------------------------------------------------------- */

static int check_same_bytes(const struct plan_case *c, const struct irsa_plan *plan)
{
    irsa_auto_plan again = NULL;
    irsa_auto_error error = NULL;
    if (irsa_plan_make(plan->facts, plan->intent, &again, &error) < 0)
        return plan_case_fail(c, "the second plan: %s", irsa_error_message(error));
    json_auto_t *first_json = irsa_plan_json(plan);
    json_auto_t *second_json = irsa_plan_json(again);
    irsa_auto_buf first = {0};
    irsa_auto_buf second = {0};
    irsa_json_write(first_json, &first);
    irsa_json_write(second_json, &second);
    return strcmp(first.data, second.data) == 0
               ? 0
               : plan_case_fail(c, "two plans of one world differ");
}

static int run_plan(const struct plan_case *c)
{
    irsa_autofree char *directory = irsa_format("%s/world", c->folder);
    irsa_auto_world world = NULL;
    irsa_auto_facts facts = NULL;
    irsa_auto_plan plan = NULL;
    irsa_auto_error error = NULL;
    const char *wanted = json_string_value(json_object_get(c->expected, "error"));
    if (irsa_captured_new(directory, NULL, &world, &error) < 0
        || world->ops->gather(world, &facts, &error) < 0
        || irsa_plan_make(facts, c->intent, &plan, &error) < 0) {
        const char *message = irsa_error_message(error);
        if (wanted && strstr(message, wanted))
            return 0;
        return plan_case_fail(c, "error: %s", message);
    }
    if (wanted)
        return plan_case_fail(c, "the error \"%s\" was expected", wanted);
    json_auto_t *json = irsa_plan_json(plan);
    int failed = check_expected(c, json) | check_same_bytes(c, plan);
    irsa_autofree char *copy = plan_case_copy_world(directory);
    if (!copy)
        return plan_case_fail(c, "the world could not be copied");
    failed |= plan_case_apply(c, copy);
    plan_case_remove(copy);
    return failed;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CASE\n", argv[0]);
        return 64;
    }
    struct plan_case c = {.folder = argv[1]};
    if (plan_case_read(&c) < 0)
        return 1;
    int failed = run_plan(&c);
    plan_case_done(&c);
    return failed;
}
