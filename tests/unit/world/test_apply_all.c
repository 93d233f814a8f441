/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <sys/stat.h>
#include <unistd.h>

#define SA(name)                                                                                   \
    "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: " name "\n  namespace: shop\n"
#define ANNOTATED(name) SA(name) "  annotations:\n    eks.amazonaws.com/role-arn: " ROLE "\n"
#define COUNT 3

struct batch {
    struct irsa_change changes[COUNT];
    const struct irsa_change *pointers[COUNT];
    struct irsa_error *errors[COUNT];
};

/* An annotation for each of the accounts. */
static void make(struct batch *batch, const char *const names[COUNT])
{
    *batch = (struct batch){0};
    for (size_t i = 0; i < COUNT; i++) {
        struct irsa_change *change = &batch->changes[i];
        change->action = IRSA_ACTION_UPDATE;
        change->kind = IRSA_OBJECT_SERVICE_ACCOUNT;
        change->target = irsa_format("shop/%s", names[i]);
        change->before =
            json_pack("{s:s,s:s,s:{s:s,s:s}}", "apiVersion", "v1", "kind", "ServiceAccount",
                      "metadata", "name", names[i], "namespace", "shop");
        change->after = json_deep_copy(change->before);
        json_object_set_new(json_object_get(change->after, "metadata"), "annotations",
                            json_pack("{s:s}", "eks.amazonaws.com/role-arn", ROLE));
        batch->pointers[i] = change;
    }
}

static void apply(struct scratch *s, struct batch *batch)
{
    s->world->ops->apply_all(s->world, s->facts, batch->pointers, COUNT, batch->errors);
}

static void done(struct batch *batch)
{
    for (size_t i = 0; i < COUNT; i++) {
        free(batch->changes[i].target);
        json_decref(batch->changes[i].before);
        json_decref(batch->changes[i].after);
        irsa_error_free(batch->errors[i]);
    }
}

static void test_apply_all__one_file_takes_many_changes(void **state)
{
    struct scratch *s = *state;
    struct batch batch;
    scratch_write(s, "sa.yaml", SA("a") "---\n" SA("b") "--- # the last\n" SA("c"));
    scratch_gather(s);
    make(&batch, (const char *const[]){"c", "a", "b"});
    apply(s, &batch);
    for (size_t i = 0; i < COUNT; i++)
        assert_null(batch.errors[i]);
    scratch_assert_text(s, "sa.yaml",
                        ANNOTATED("a") "---\n" ANNOTATED("b") "--- # the last\n" ANNOTATED("c"));
    done(&batch);
}

static void test_apply_all__a_conflict_stays_alone(void **state)
{
    struct scratch *s = *state;
    struct batch batch;
    scratch_write(s, "all.yaml", SA("a") "---\n" SA("b") "---\n" SA("c"));
    scratch_write(s, "copy.yaml", SA("b"));
    scratch_gather(s);
    scratch_write(s, "copy.yaml",
                  SA("b") "  annotations:\n    eks.amazonaws.com/role-arn: other\n");
    make(&batch, (const char *const[]){"a", "b", "c"});
    apply(s, &batch);
    assert_null(batch.errors[0]);
    assert_non_null(batch.errors[1]);
    assert_int_equal(irsa_error_kind(batch.errors[1]), IRSA_E_CONFLICT);
    assert_null(batch.errors[2]);
    /* what it had done to the first copy already was taken back */
    scratch_assert_text(s, "all.yaml", ANNOTATED("a") "---\n" SA("b") "---\n" ANNOTATED("c"));
    done(&batch);
}

/* The superuser may write everywhere: the attempt is made as nobody. */
static void test_apply_all__a_file_that_cannot_be_written_stays_alone(void **state)
{
    struct scratch *s = *state;
    struct batch batch;
    scratch_write(s, "open/a.yaml", SA("a"));
    scratch_write(s, "open/c.yaml", SA("c"));
    scratch_write(s, "shut/b.yaml", SA("b"));
    scratch_gather(s);
    irsa_autofree char *open_path = irsa_format("%s/open", s->directory);
    irsa_autofree char *shut_path = irsa_format("%s/shut", s->directory);
    uid_t before = geteuid();
    assert_int_equal(chmod(s->directory, 0755), 0);
    assert_int_equal(chmod(shut_path, 0555), 0);
    assert_int_equal(before == 0 ? chown(open_path, 65534, 65534) : 0, 0);
    make(&batch, (const char *const[]){"a", "b", "c"});
    assert_int_equal(before == 0 ? seteuid(65534) : 0, 0);
    apply(s, &batch);
    assert_int_equal(seteuid(before), 0);
    assert_int_equal(chmod(shut_path, 0755), 0);
    assert_null(batch.errors[0]);
    assert_non_null(batch.errors[1]);
    assert_int_equal(irsa_error_kind(batch.errors[1]), IRSA_E_IO);
    assert_null(batch.errors[2]);
    scratch_assert_text(s, "open/a.yaml", ANNOTATED("a"));
    scratch_assert_text(s, "open/c.yaml", ANNOTATED("c"));
    scratch_assert_text(s, "shut/b.yaml", SA("b"));
    done(&batch);
}

static void test_apply_all__new_files_and_names_that_are_taken(void **state)
{
    struct scratch *s = *state;
    struct batch batch;
    scratch_write(s, "sa.yaml", SA("a"));
    scratch_gather(s);
    make(&batch, (const char *const[]){"x", "z", "x"});
    for (size_t i = 0; i < COUNT; i++) {
        batch.changes[i].action = IRSA_ACTION_CREATE;
        json_decref(batch.changes[i].before);
        batch.changes[i].before = NULL;
    }
    apply(s, &batch);
    for (size_t i = 0; i < COUNT; i++)
        assert_null(batch.errors[i]);
    scratch_assert_text(s, "kubernetes/shop/serviceaccount-x.yaml", ANNOTATED("x"));
    scratch_assert_text(s, "kubernetes/shop/serviceaccount-z.yaml", ANNOTATED("z"));
    assert_false(scratch_exists(s, "kubernetes/shop/serviceaccount-x-2.yaml"));
    done(&batch);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_apply_all__one_file_takes_many_changes),
        TEST(test_apply_all__a_conflict_stays_alone),
        TEST(test_apply_all__a_file_that_cannot_be_written_stays_alone),
        TEST(test_apply_all__new_files_and_names_that_are_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
