/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#define UPDATE IRSA_ACTION_UPDATE
#define CREATE IRSA_ACTION_CREATE
#define DELETE IRSA_ACTION_DELETE

#define DETAIL(ids) "{\"Url\": \"" ISSUER "\", \"ClientIDList\": " ids "}"
#define CALLER                                                                                     \
    "{\"UserId\": \"A\", \"Account\": \"" ACCOUNT "\", \"Arn\": \"arn:aws:iam::" ACCOUNT           \
    ":user/ops\"}"

static void test_provider__created_beside_its_listing(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "list.json", "{\"OpenIDConnectProviderList\": []}");
    scratch_write(s, "who.json", CALLER);
    scratch_gather(s);
    assert_int_equal(irsa_facts_provider_presence(s->facts, PROVIDER), IRSA_ABSENT);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_PROVIDER, PROVIDER, NULL,
                       DETAIL("[\"sts.amazonaws.com\"]"));
    scratch_assert_text(s, "list.json", "{\"OpenIDConnectProviderList\": []}");
    assert_true(
        scratch_exists(s, "iam/open-id-connect-providers/D5E0B6F1A2C34D5E8F90A1B2C3D4E5F6.json"));
    scratch_gather(s);
    const struct irsa_provider *provider = irsa_facts_provider(s->facts, PROVIDER);
    assert_non_null(provider);
    assert_true(irsa_strings_has(&provider->client_ids, "sts.amazonaws.com"));
}

static void test_provider__client_id_joins_the_others(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "p.json", DETAIL("[\"b\", \"a\"]"));
    scratch_write(s, "who.json", CALLER);
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, IRSA_OBJECT_PROVIDER, PROVIDER, DETAIL("[\"a\", \"b\"]"),
                       DETAIL("[\"a\", \"b\", \"sts.amazonaws.com\"]"));
    scratch_assert_text(s, "p.json", DETAIL("[\"b\", \"a\", \"sts.amazonaws.com\"]"));
    scratch_must_refuse(s, UPDATE, IRSA_OBJECT_PROVIDER, PROVIDER, DETAIL("[\"a\"]"),
                        DETAIL("[\"a\", \"x\"]"), IRSA_E_CONFLICT, "ClientIDList was changed");
}

static void test_provider__deleted_with_its_place_in_the_listing(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "p.json", DETAIL("[\"a\"]"));
    scratch_write(s, "list.json",
                  "{\"OpenIDConnectProviderList\": [{\"Arn\": \"" PROVIDER "0\"}, {\"Arn\": "
                  "\"" PROVIDER "\"}]}");
    scratch_write(s, "who.json", CALLER);
    scratch_gather(s);
    scratch_must_apply(s, DELETE, IRSA_OBJECT_PROVIDER, PROVIDER, DETAIL("[\"a\"]"), NULL);
    assert_false(scratch_exists(s, "p.json"));
    scratch_assert_text(s, "list.json",
                        "{\"OpenIDConnectProviderList\": [{\"Arn\": \"" PROVIDER "0\"}]}");
    scratch_must_apply(s, DELETE, IRSA_OBJECT_PROVIDER, PROVIDER, DETAIL("[\"a\"]"), NULL);
    scratch_gather(s);
    assert_int_equal(irsa_facts_provider_presence(s->facts, PROVIDER), IRSA_ABSENT);
}

static void test_provider__a_file_with_more_is_not_deleted(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "p.json", "{\"Url\": \"" ISSUER "\", \"ClientIDList\": [], \"Note\": \"x\"}");
    scratch_write(s, "who.json", CALLER);
    scratch_gather(s);
    scratch_must_refuse(s, DELETE, IRSA_OBJECT_PROVIDER, PROVIDER, DETAIL("[]"), NULL,
                        IRSA_E_CONFLICT, "holds more than");
    assert_true(scratch_exists(s, "p.json"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_provider__created_beside_its_listing),
        TEST(test_provider__client_id_joins_the_others),
        TEST(test_provider__deleted_with_its_place_in_the_listing),
        TEST(test_provider__a_file_with_more_is_not_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
