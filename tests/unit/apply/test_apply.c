/* SPDX-License-Identifier: Apache-2.0 */
/* A world that fails where a test says so, and remembers what it was asked to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "irsa/apply.h"

struct fake_world {
    struct irsa_world world;
    const char *failing; /* ids of changes that fail: "c1 c3" */
    enum irsa_error_kind kind;
    struct irsa_strings applied;
    bool *interrupt; /* set after the first change */
    bool gather_fails;
};

static int fake_gather(struct irsa_world *world, struct irsa_facts **ret,
                       struct irsa_error **reterr)
{
    struct fake_world *fake = (struct fake_world *)world;
    if (fake->gather_fails)
        return irsa_fail(reterr, IRSA_E_IO, "the world is gone");
    *ret = irsa_facts_new();
    return irsa_facts_finish(*ret, reterr);
}

static int fake_apply(struct irsa_world *world, const struct irsa_facts *facts,
                      const struct irsa_change *change, struct irsa_error **reterr)
{
    (void)facts;
    struct fake_world *fake = (struct fake_world *)world;
    irsa_strings_add(&fake->applied, change->id);
    if (fake->interrupt)
        *fake->interrupt = true;
    if (!fake->failing || !strstr(fake->failing, change->id))
        return 0;
    (void)irsa_fail(reterr, fake->kind, "%s went wrong", change->id);
    return irsa_hint(reterr, "try again");
}

static void fake_free(struct irsa_world *world)
{
    (void)world;
}

static const struct irsa_world_ops fake_ops = {
    .gather = fake_gather, .apply = fake_apply, .free = fake_free};

/* --- a plan of a new role with all that hangs on it, and a second binding beside it ----------- */

#define ROLE "arn:aws:iam::111122223333:role/new"

static size_t first[] = {0};
static size_t second[] = {1};
static size_t both[] = {0, 1};

static struct irsa_change changes[] = {
    {.id = (char *)"c1",
     .kind = IRSA_OBJECT_ROLE,
     .target = (char *)ROLE,
     .diff = (char *)"",
     .bindings = first,
     .binding_count = 1},
    {.id = (char *)"c2",
     .kind = IRSA_OBJECT_TRUST_POLICY,
     .action = IRSA_ACTION_UPDATE,
     .target = (char *)"arn:aws:iam::111122223333:role/shared",
     .diff = (char *)"",
     .bindings = both,
     .binding_count = 2},
    {.id = (char *)"c3",
     .kind = IRSA_OBJECT_ROLE_ATTACHMENT,
     .target = (char *)ROLE " P",
     .diff = (char *)"",
     .bindings = first,
     .binding_count = 1},
    {.id = (char *)"c4",
     .kind = IRSA_OBJECT_NAMESPACE,
     .target = (char *)"app",
     .diff = (char *)"",
     .bindings = second,
     .binding_count = 1},
    {.id = (char *)"c5",
     .kind = IRSA_OBJECT_SERVICE_ACCOUNT,
     .target = (char *)"app/one",
     .diff = (char *)"",
     .bindings = first,
     .binding_count = 1},
    {.id = (char *)"c6",
     .kind = IRSA_OBJECT_SERVICE_ACCOUNT,
     .target = (char *)"other/two",
     .diff = (char *)"",
     .bindings = second,
     .binding_count = 1},
    {.id = (char *)"c7",
     .kind = IRSA_OBJECT_WORKLOAD,
     .target = (char *)"Deployment other/d",
     .action = IRSA_ACTION_UPDATE,
     .class_ = IRSA_CLASS_RESTART,
     .held_back = true,
     .diff = (char *)""},
};

struct run {
    struct fake_world fake;
    struct irsa_binding bindings[2];
    struct irsa_intent *intent;
    struct irsa_facts *facts;
    struct irsa_plan plan;
    bool interrupted;
    size_t progress_calls;
    struct irsa_apply_result result;
};

static void count_progress(void *context, const struct irsa_change *change,
                           const struct irsa_change_result *result)
{
    (void)change;
    (void)result;
    (*(size_t *)context)++;
}

static int setup(void **state)
{
    struct run *run = irsa_calloc(1, sizeof(*run));
    run->fake = (struct fake_world){.world.ops = &fake_ops, .kind = IRSA_E_IO};
    run->intent = irsa_intent_new();
    run->facts = irsa_facts_new();
    run->plan = (struct irsa_plan){
        .facts = run->facts,
        .intent = run->intent,
        .bindings = {.items = run->bindings, .len = 2},
        .changes = changes,
        .change_count = IRSA_COUNT(changes),
    };
    *state = run;
    return 0;
}

static int teardown(void **state)
{
    struct run *run = *state;
    irsa_apply_result_done(&run->result);
    irsa_strings_done(&run->fake.applied);
    irsa_intent_free(run->intent);
    irsa_facts_free(run->facts);
    free(run);
    return 0;
}

static void apply(struct run *run)
{
    const struct irsa_apply_options options = {
        .interrupted = &run->interrupted,
        .progress = count_progress,
        .context = &run->progress_calls,
    };
    irsa_apply(&run->fake.world, &run->plan, &options, &run->result);
}

static char *applied(const struct run *run)
{
    return irsa_strings_join(&run->fake.applied, " ", " ");
}

static void test_apply__all_in_order_but_what_is_held_back(void **state)
{
    struct run *run = *state;
    apply(run);
    irsa_autofree char *ids = applied(run);
    assert_string_equal(ids, "c1 c2 c3 c4 c5 c6");
    assert_int_equal(run->result.done, 6);
    assert_int_equal(run->result.changes[6].state, IRSA_CHANGE_HELD_BACK);
    assert_int_equal(run->progress_calls, 12);
    assert_non_null(run->result.after);
    assert_int_equal(irsa_apply_outcome(&run->result), 0);
}

static void test_apply__a_failed_role_takes_its_own_along(void **state)
{
    struct run *run = *state;
    run->fake.failing = "c1";
    apply(run);
    irsa_autofree char *ids = applied(run);
    /* The shared trust policy and the other binding go on; the attachment has no role to go to. */
    assert_string_equal(ids, "c1 c2 c4 c6");
    assert_int_equal(run->result.failed, 1);
    assert_int_equal(run->result.skipped, 2);
    assert_string_equal(run->result.changes[0].message, "c1 went wrong");
    assert_string_equal(run->result.changes[0].hint, "try again");
    assert_string_equal(run->result.changes[4].message, "it needs c1, which was not done");
    assert_int_equal(irsa_apply_outcome(&run->result), 5);
}

static void test_apply__failures_that_leave_no_binding(void **state)
{
    struct run *run = *state;
    run->fake.failing = "c2";
    run->fake.kind = IRSA_E_ACCESS;
    run->plan.changes = &changes[1];
    run->plan.change_count = 5;
    apply(run);
    irsa_autofree char *ids = applied(run);
    assert_string_equal(ids, "c2");
    assert_int_equal(run->result.skipped, 4);
    assert_int_equal(irsa_apply_outcome(&run->result), 4);
}

static void test_apply__stops_when_interrupted(void **state)
{
    struct run *run = *state;
    run->fake.interrupt = &run->interrupted;
    apply(run);
    irsa_autofree char *ids = applied(run);
    assert_string_equal(ids, "c1");
    assert_true(run->result.interrupted);
    assert_int_equal(run->result.skipped, 5);
    assert_string_equal(run->result.changes[1].message, "interrupted");
    assert_int_equal(run->result.changes[6].state, IRSA_CHANGE_HELD_BACK);
    assert_int_equal(irsa_apply_outcome(&run->result), 5);
}

static void test_apply__world_cannot_be_read_again(void **state)
{
    struct run *run = *state;
    run->fake.gather_fails = true;
    apply(run);
    assert_null(run->result.after);
    assert_string_equal(run->result.recheck_error, "the world is gone");
    assert_int_equal(irsa_apply_outcome(&run->result), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_apply__all_in_order_but_what_is_held_back),
        TEST(test_apply__a_failed_role_takes_its_own_along),
        TEST(test_apply__failures_that_leave_no_binding),
        TEST(test_apply__stops_when_interrupted),
        TEST(test_apply__world_cannot_be_read_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
