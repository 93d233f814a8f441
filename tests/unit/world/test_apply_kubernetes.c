/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <sys/stat.h>
#include <unistd.h>

#define UPDATE IRSA_ACTION_UPDATE
#define CREATE IRSA_ACTION_CREATE
#define ACCOUNT_KIND IRSA_OBJECT_SERVICE_ACCOUNT

#define HEAD                                                                                       \
    "\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", \"metadata\": {\"name\": \"api\", "     \
    "\"namespace\": \"shop\""
#define WITHOUT "{" HEAD "}}"
#define WITH(arn) "{" HEAD ", \"annotations\": {\"eks.amazonaws.com/role-arn\": \"" arn "\"}}}"

static const char commented[] = "# the shop's API\n"
                                "apiVersion: v1\n"
                                "kind: ServiceAccount\n"
                                "metadata:\n"
                                "  namespace: shop   # where it lives\n"
                                "  name: api\n"
                                "  annotations:\n"
                                "    # wrong since the move\n"
                                "    eks.amazonaws.com/role-arn: \"" ROLE "-old\"  # team shop\n"
                                "    note: 'keep me'\n"
                                "---\n"
                                "apiVersion: v1\n"
                                "kind: ConfigMap\n"
                                "metadata: {name: c}\n";

static void test_service_account__only_the_value_changes(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "sa.yaml", commented);
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, ACCOUNT_KIND, "shop/api", WITH(ROLE "-old"), WITH(ROLE));
    irsa_autofree char *found = scratch_read(s, "sa.yaml");
    assert_non_null(strstr(found, "    eks.amazonaws.com/role-arn: \"" ROLE "\"  # team shop\n"
                                  "    note: 'keep me'\n---\napiVersion: v1\nkind: ConfigMap\n"));
    assert_non_null(strstr(found, "  namespace: shop   # where it lives\n"));
    scratch_gather(s);
    const struct irsa_service_account *a = irsa_facts_service_account(s->facts, "shop", "api");
    assert_string_equal(
        json_string_value(json_object_get(a->annotations, "eks.amazonaws.com/role-arn")), ROLE);
}

static void test_service_account__annotations_added_and_removed(void **state)
{
    struct scratch *s = *state;
    scratch_write(
        s, "sa.yaml",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: api\n  namespace: shop\n");
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, ACCOUNT_KIND, "shop/api", WITHOUT, WITH(ROLE));
    scratch_assert_text(s, "sa.yaml",
                        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: api\n"
                        "  namespace: shop\n  annotations:\n"
                        "    eks.amazonaws.com/role-arn: " ROLE "\n");
    scratch_must_apply(s, UPDATE, ACCOUNT_KIND, "shop/api", WITH(ROLE), WITHOUT);
    scratch_assert_text(
        s, "sa.yaml",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: api\n  namespace: shop\n");
}

static void test_service_account__copies_are_kept_in_step(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "git/sa.yaml",
                  "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: api, namespace: shop}\n");
    scratch_write(s, "live/list.json",
                  "{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n"
                  "    {\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", \"metadata\": "
                  "{\"name\": \"web\", \"namespace\": \"shop\"}},\n"
                  "    {\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", \"metadata\": "
                  "{\"name\": \"api\", \"namespace\": \"shop\"}}\n]}\n");
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, ACCOUNT_KIND, "shop/api", WITHOUT, WITH(ROLE));
    scratch_gather(s); /* fails where the copies differ */
    assert_int_equal(irsa_facts_service_account(s->facts, "shop", "api")->origins.len, 2);
    assert_null(irsa_facts_service_account(s->facts, "shop", "web")->annotations);
}

static void test_service_account__moved_on_is_a_conflict(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "sa.yaml", commented);
    scratch_gather(s);
    scratch_must_refuse(s, UPDATE, ACCOUNT_KIND, "shop/api", WITH(ROLE "-other"), WITH(ROLE),
                        IRSA_E_CONFLICT,
                        "metadata.annotations.eks.amazonaws.com/role-arn was changed");
    scratch_must_refuse(s, UPDATE, ACCOUNT_KIND, "shop/api", WITHOUT, WITH(ROLE), IRSA_E_CONFLICT,
                        "sa.yaml: shop/api is not as the plan saw it");
    scratch_assert_text(s, "sa.yaml", commented);
}

static void test_service_account__one_conflict_leaves_all_copies(void **state)
{
    struct scratch *s = *state;
    static const char other[] =
        "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: api, namespace: shop}\n";
    scratch_write(s, "a.yaml", other);
    scratch_write(s, "b.yaml", other);
    scratch_gather(s);
    scratch_write(s, "b.yaml",
                  "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: api, namespace: shop, "
                  "annotations: {eks.amazonaws.com/role-arn: x}}\n");
    scratch_must_refuse(s, UPDATE, ACCOUNT_KIND, "shop/api", WITHOUT, WITH(ROLE), IRSA_E_CONFLICT,
                        "b.yaml");
    scratch_assert_text(s, "a.yaml", other);
}

static void test_service_account__done_already_changes_nothing(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "sa.yaml", commented);
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, ACCOUNT_KIND, "shop/api", WITH(ROLE "-older"), WITH(ROLE "-old"));
    scratch_assert_text(s, "sa.yaml", commented);
}

static void test_service_account__gone_is_a_conflict(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "sa.yaml", commented);
    scratch_gather(s);
    scratch_write(s, "sa.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n");
    scratch_must_refuse(s, UPDATE, ACCOUNT_KIND, "shop/api", WITH(ROLE "-old"), WITH(ROLE),
                        IRSA_E_CONFLICT, "it is not there any more");
}

static void test_service_account__another_place_in_its_list(void **state)
{
    struct scratch *s = *state;
    static const char before[] = "apiVersion: v1\nkind: List\nitems:\n"
                                 "- {apiVersion: v1, kind: ServiceAccount, metadata: {name: api, "
                                 "namespace: shop}}\n";
    static const char after[] = "apiVersion: v1\nkind: List\nitems:\n"
                                "- {apiVersion: v1, kind: ServiceAccount, metadata: {name: first, "
                                "namespace: shop}}\n"
                                "- {apiVersion: v1, kind: ServiceAccount, metadata: {name: api, "
                                "namespace: shop}}\n";
    scratch_write(s, "sa.yaml", before);
    scratch_gather(s);
    scratch_write(s, "sa.yaml", after);
    scratch_must_apply(s, UPDATE, ACCOUNT_KIND, "shop/api", WITHOUT, WITH(ROLE));
    scratch_gather(s);
    assert_null(irsa_facts_service_account(s->facts, "shop", "first")->annotations);
    assert_non_null(irsa_facts_service_account(s->facts, "shop", "api")->annotations);
}

static void test_service_account__new_one_gets_a_new_file(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "sa.yaml", commented);
    scratch_gather(s);
    static const char object[] =
        "{\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", "
        "\"metadata\": {\"name\": \"worker\", \"namespace\": \"shop\", "
        "\"annotations\": {\"eks.amazonaws.com/role-arn\": \"" ROLE "\"}}}";
    scratch_must_apply(s, CREATE, ACCOUNT_KIND, "shop/worker", NULL, object);
    scratch_assert_text(s, "kubernetes/shop/serviceaccount-worker.yaml",
                        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: worker\n"
                        "  namespace: shop\n  annotations:\n"
                        "    eks.amazonaws.com/role-arn: " ROLE "\n");
    /* a second time: done already */
    scratch_must_apply(s, CREATE, ACCOUNT_KIND, "shop/worker", NULL, object);
    assert_false(scratch_exists(s, "kubernetes/shop/serviceaccount-worker-2.yaml"));
    scratch_assert_text(s, "sa.yaml", commented);
}

static void test_service_account__a_taken_file_name_is_not_overwritten(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "sa.yaml", commented);
    scratch_write(s, "kubernetes/shop/serviceaccount-worker.yaml", "other: thing\n");
    scratch_gather(s);
    scratch_must_apply(s, CREATE, ACCOUNT_KIND, "shop/worker", NULL,
                       "{\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", \"metadata\": "
                       "{\"name\": \"worker\", \"namespace\": \"shop\"}}");
    scratch_assert_text(s, "kubernetes/shop/serviceaccount-worker.yaml", "other: thing\n");
    assert_true(scratch_exists(s, "kubernetes/shop/serviceaccount-worker-2.yaml"));
}

static void test_service_account__links_are_kept(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, ".data/sa.yaml", commented);
    irsa_autofree char *link = irsa_format("%s/sa.yaml", s->directory);
    irsa_autofree char *real = irsa_format("%s/.data/sa.yaml", s->directory);
    assert_int_equal(symlink(".data/sa.yaml", link), 0);
    assert_int_equal(chmod(real, 0640), 0);
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, ACCOUNT_KIND, "shop/api", WITH(ROLE "-old"), WITH(ROLE));
    struct stat st;
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(lstat(real, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0640);
    irsa_autofree char *found = scratch_read(s, ".data/sa.yaml");
    assert_non_null(strstr(found, "\"" ROLE "\"  # team shop"));
}

static void test_service_account__new_file_never_leads_outside(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "world/sa.yaml", commented);
    scratch_write(s, "outside/keep", "");
    irsa_autofree char *link = irsa_format("%s/world/kubernetes", s->directory);
    irsa_autofree char *whole = irsa_steal(&s->directory);
    assert_int_equal(symlink("../outside", link), 0);
    s->directory = irsa_format("%s/world", whole);
    scratch_gather(s);
    scratch_must_refuse(s, CREATE, ACCOUNT_KIND, "shop/worker", NULL,
                        "{\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", \"metadata\": "
                        "{\"name\": \"worker\", \"namespace\": \"shop\"}}",
                        IRSA_E_IO, "would lead outside");
    free(s->directory);
    s->directory = irsa_steal(&whole);
    assert_false(scratch_exists(s, "outside/shop"));
}

static void test_namespace__new_file(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "sa.yaml", commented);
    scratch_gather(s);
    scratch_must_apply(
        s, CREATE, IRSA_OBJECT_NAMESPACE, "side", NULL,
        "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"side\"}}");
    scratch_assert_text(s, "kubernetes/side/namespace.yaml",
                        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: side\n");
}

/* --- workloads -------------------------------------------------------------------------------- */

static const char deployment[] = "apiVersion: apps/v1\nkind: Deployment\n"
                                 "metadata:\n  name: api\n  namespace: shop\n"
                                 "spec:\n  template:\n    spec:\n"
                                 "      serviceAccountName: wrong # a typo\n"
                                 "      serviceAccount: wrong\n"
                                 "      containers:\n      - name: api\n";
#define WORKLOAD(spec)                                                                             \
    "{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\", \"metadata\": {\"name\": \"api\", "   \
    "\"namespace\": \"shop\"}, \"spec\": " spec "}"
#define NAMED(name) WORKLOAD("{\"template\": {\"spec\": {\"serviceAccountName\": \"" name "\"}}}")
#define RESTARTED(time)                                                                            \
    WORKLOAD("{\"template\": {\"metadata\": {\"annotations\": "                                    \
             "{\"kubectl.kubernetes.io/restartedAt\": " time "}}}}")

static void test_workload__service_account_name(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "d.yaml", deployment);
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, IRSA_OBJECT_WORKLOAD, "Deployment shop/api", NAMED("wrong"),
                       NAMED("api"));
    scratch_assert_text(s, "d.yaml",
                        "apiVersion: apps/v1\nkind: Deployment\n"
                        "metadata:\n  name: api\n  namespace: shop\n"
                        "spec:\n  template:\n    spec:\n"
                        "      serviceAccountName: api # a typo\n"
                        "      serviceAccount: api\n"
                        "      containers:\n      - name: api\n");
}

static void test_workload__restart(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "d.yaml", deployment);
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, IRSA_OBJECT_WORKLOAD, "Deployment shop/api", WORKLOAD("{}"),
                       RESTARTED("\"2026-03-01T10:00:00Z\""));
    scratch_gather(s);
    const struct irsa_workload *w = irsa_facts_workload(s->facts, "Deployment", "shop", "api");
    assert_int_equal(w->restarted, 1772359200);
    assert_string_equal(w->spec.service_account, "wrong");
    /* null stands for "not there" on both sides */
    scratch_must_apply(s, UPDATE, IRSA_OBJECT_WORKLOAD, "Deployment shop/api",
                       RESTARTED("\"2026-03-01T10:00:00Z\""), RESTARTED("null"));
    scratch_assert_text(s, "d.yaml", deployment);
}

static void test_workload__unknown_is_a_conflict(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "sa.yaml", commented);
    scratch_gather(s);
    scratch_must_refuse(s, UPDATE, IRSA_OBJECT_WORKLOAD, "Deployment shop/api", NAMED("a"),
                        NAMED("b"), IRSA_E_CONFLICT, "no file shows it");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_service_account__only_the_value_changes),
        TEST(test_service_account__annotations_added_and_removed),
        TEST(test_service_account__copies_are_kept_in_step),
        TEST(test_service_account__moved_on_is_a_conflict),
        TEST(test_service_account__one_conflict_leaves_all_copies),
        TEST(test_service_account__done_already_changes_nothing),
        TEST(test_service_account__gone_is_a_conflict),
        TEST(test_service_account__another_place_in_its_list),
        TEST(test_service_account__new_one_gets_a_new_file),
        TEST(test_service_account__a_taken_file_name_is_not_overwritten),
        TEST(test_service_account__links_are_kept),
        TEST(test_service_account__new_file_never_leads_outside),
        TEST(test_namespace__new_file),
        TEST(test_workload__service_account_name),
        TEST(test_workload__restart),
        TEST(test_workload__unknown_is_a_conflict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
