/* SPDX-License-Identifier: Apache-2.0 */
/* What a rollback takes away, in files. */
#include "scratch.h"

#define CREATE IRSA_ACTION_CREATE
#define DELETE IRSA_ACTION_DELETE

#define TRUST(sid)                                                                                 \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Sid\": \"" sid "\", \"Effect\": \"Allow\", " \
    "\"Principal\": {\"Federated\": \"" PROVIDER "\"}, \"Action\": "                               \
    "\"sts:AssumeRoleWithWebIdentity\"}]}"
#define ROLE_OBJECT(sid)                                                                           \
    "{\"Path\": \"/\", \"RoleName\": \"shop-api\", \"Arn\": \"" ROLE "\", "                        \
    "\"AssumeRolePolicyDocument\": " TRUST(sid) "}"
#define SQS "arn:aws:iam::aws:policy/AmazonSQSFullAccess"
#define ATTACHMENT "{\"RoleName\": \"shop-api\", \"PolicyArn\": \"" SQS "\"}"
#define DOCUMENT "{\"Version\": \"2012-10-17\", \"Statement\": []}"
#define INLINE(document)                                                                           \
    "{\"RoleName\": \"shop-api\", \"PolicyName\": \"queue\", \"PolicyDocument\": " document "}"
#define WHO                                                                                        \
    "{\"UserId\": \"A\", \"Account\": \"" ACCOUNT "\", \"Arn\": \"arn:aws:iam::" ACCOUNT           \
    ":user/ops\"}"
#define ACCOUNT_OBJECT                                                                             \
    "{\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", \"metadata\": {\"name\": \"api\", "    \
    "\"namespace\": \"shop\", \"annotations\": {\"a\": \"b\"}}}"
#define NAMESPACE_OBJECT                                                                           \
    "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"shop\"}}"

static void assert_empty(const struct scratch *s)
{
    static const char *const names[] = {
        "iam/roles/shop-api.json", "iam/roles/shop-api.attached-policies.json",
        "iam/roles/shop-api.policies.json", "iam/roles/shop-api.policy-queue.json"};
    for (size_t i = 0; i < IRSA_COUNT(names); i++)
        assert_false(scratch_exists(s, names[i]));
}

static void make_role(struct scratch *s)
{
    scratch_write(s, "who.json", WHO);
    scratch_gather(s);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE, ROLE, NULL, ROLE_OBJECT("a"));
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE_ATTACHMENT, ROLE " " SQS, NULL, ATTACHMENT);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE_POLICY, ROLE " queue", NULL, INLINE(DOCUMENT));
    scratch_gather(s);
}

static void test_role__goes_with_all_that_was_made(void **state)
{
    struct scratch *s = *state;
    make_role(s);
    for (int again = 0; again < 2; again++) {
        scratch_must_apply(s, DELETE, IRSA_OBJECT_ROLE_POLICY, ROLE " queue", INLINE(DOCUMENT),
                           NULL);
        scratch_must_apply(s, DELETE, IRSA_OBJECT_ROLE_ATTACHMENT, ROLE " " SQS, ATTACHMENT, NULL);
        scratch_must_apply(s, DELETE, IRSA_OBJECT_ROLE, ROLE, ROLE_OBJECT("a"), NULL);
        assert_empty(s);
    }
}

static void test_role__stays_while_something_hangs_on_it(void **state)
{
    struct scratch *s = *state;
    make_role(s);
    scratch_must_refuse(s, DELETE, IRSA_OBJECT_ROLE, ROLE, ROLE_OBJECT("a"), NULL, IRSA_E_CONFLICT,
                        "AttachedPolicies is not empty");
    scratch_must_apply(s, DELETE, IRSA_OBJECT_ROLE_ATTACHMENT, ROLE " " SQS, ATTACHMENT, NULL);
    scratch_must_refuse(s, DELETE, IRSA_OBJECT_ROLE, ROLE, ROLE_OBJECT("a"), NULL, IRSA_E_CONFLICT,
                        "PolicyNames is not empty");
    assert_true(scratch_exists(s, "iam/roles/shop-api.json"));
}

static void test_role__changed_since_stays(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "r.json", "{\"Role\": " ROLE_OBJECT("b") "}");
    scratch_gather(s);
    scratch_must_refuse(s, DELETE, IRSA_OBJECT_ROLE, ROLE, ROLE_OBJECT("a"), NULL, IRSA_E_CONFLICT,
                        "AssumeRolePolicyDocument was changed");
    assert_true(scratch_exists(s, "r.json"));
}

static void test_role__out_of_the_details(void **state)
{
    struct scratch *s = *state;
    scratch_write(
        s, "all.json",
        "{\"RoleDetailList\": [{\"Arn\": \"" ROLE "2\", \"RoleName\": \"shop-api2\", "
        "\"Path\": \"/\"}, {\"Arn\": \"" ROLE "\", \"RoleName\": \"shop-api\", \"Path\": "
        "\"/\", \"AssumeRolePolicyDocument\": " TRUST(
            "a") ", "
                 "\"AttachedManagedPolicies\": [{\"PolicyName\": \"x\", \"PolicyArn\": \"" SQS
                 "\"}], \"RolePolicyList\": [{\"PolicyName\": \"queue\", "
                 "\"PolicyDocument\": " DOCUMENT "}]}]}");
    scratch_gather(s);
    scratch_must_refuse(s, DELETE, IRSA_OBJECT_ROLE, ROLE, ROLE_OBJECT("a"), NULL, IRSA_E_CONFLICT,
                        "AttachedManagedPolicies is not empty");
    scratch_must_refuse(s, DELETE, IRSA_OBJECT_ROLE_POLICY, ROLE " queue",
                        INLINE("{\"Version\": \"2008-10-17\", \"Statement\": []}"), NULL,
                        IRSA_E_CONFLICT, "PolicyDocument was changed");
    scratch_must_apply(s, DELETE, IRSA_OBJECT_ROLE_POLICY, ROLE " queue", INLINE(DOCUMENT), NULL);
    scratch_must_apply(s, DELETE, IRSA_OBJECT_ROLE_ATTACHMENT, ROLE " " SQS, ATTACHMENT, NULL);
    scratch_must_apply(s, DELETE, IRSA_OBJECT_ROLE, ROLE, ROLE_OBJECT("a"), NULL);
    scratch_assert_text(s, "all.json",
                        "{\"RoleDetailList\": [{\"Arn\": \"" ROLE "2\", \"RoleName\": "
                        "\"shop-api2\", \"Path\": \"/\"}]}");
}

static void test_kubernetes__namespace_and_account(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "who.json", WHO);
    scratch_gather(s);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_NAMESPACE, "shop", NULL, NAMESPACE_OBJECT);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_SERVICE_ACCOUNT, "shop/api", NULL, ACCOUNT_OBJECT);
    scratch_gather(s);
    scratch_must_apply(s, DELETE, IRSA_OBJECT_SERVICE_ACCOUNT, "shop/api", ACCOUNT_OBJECT, NULL);
    scratch_must_apply(s, DELETE, IRSA_OBJECT_NAMESPACE, "shop", NAMESPACE_OBJECT, NULL);
    assert_false(scratch_exists(s, "kubernetes/shop/serviceaccount-api.yaml"));
    assert_false(scratch_exists(s, "kubernetes/shop/namespace.yaml"));
    scratch_must_apply(s, DELETE, IRSA_OBJECT_NAMESPACE, "shop", NAMESPACE_OBJECT, NULL);
}

static void test_kubernetes__changed_since_stays(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "sa.yaml",
                  "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: api\n"
                  "  namespace: shop\n  annotations:\n    a: c\n");
    scratch_gather(s);
    scratch_must_refuse(s, DELETE, IRSA_OBJECT_SERVICE_ACCOUNT, "shop/api", ACCOUNT_OBJECT, NULL,
                        IRSA_E_CONFLICT, "metadata.annotations.a was changed");
}

static void test_provider__changed_since_stays(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "p.json", "{\"Url\": \"" ISSUER "\", \"ClientIDList\": [\"a\", \"b\"]}");
    scratch_write(s, "who.json", WHO);
    scratch_gather(s);
    scratch_must_refuse(s, DELETE, IRSA_OBJECT_PROVIDER, PROVIDER,
                        "{\"Url\": \"" ISSUER "\", \"ClientIDList\": [\"a\"]}", NULL,
                        IRSA_E_CONFLICT, "ClientIDList was changed");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_role__goes_with_all_that_was_made),
        TEST(test_role__stays_while_something_hangs_on_it),
        TEST(test_role__changed_since_stays),
        TEST(test_role__out_of_the_details),
        TEST(test_kubernetes__namespace_and_account),
        TEST(test_kubernetes__changed_since_stays),
        TEST(test_provider__changed_since_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
