/* SPDX-License-Identifier: Apache-2.0 */
/* A listing of roles that comes page by page, each let go before the next: what is kept of it. */
#include "facts/internal.h"
#include "irsa/document.h"
#include "policy/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ACCOUNT "111122223333"
#define ISSUER "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
#define OF_EC2                                                                                     \
    "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":" \
    "\"ec2.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}"
/* The same, its keys in another order. */
#define OF_EC2_TURNED                                                                              \
    "{\"Statement\":[{\"Action\":\"sts:AssumeRole\",\"Principal\":{\"Service\":"                   \
    "\"ec2.amazonaws.com\"},\"Effect\":\"Allow\"}],\"Version\":\"2012-10-17\"}"

/* What a service account of that number needs; the caller's. */
static char *trust_text(size_t number)
{
    return irsa_format("{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                       "\"Principal\":{\"Federated\":\"arn:aws:iam::" ACCOUNT
                       ":oidc-provider/" ISSUER "\"},\"Action\":\"sts:AssumeRoleWithWebIdentity\","
                       "\"Condition\":{\"StringEquals\":{\"" ISSUER
                       ":sub\":\"system:serviceaccount:shop:api-%zu\"}}}]}",
                       number);
}

static void add_role(struct irsa_buf *page, const char *name, const char *trust)
{
    if (irsa_buf_str(page)[page->len - 1] != '[')
        irsa_buf_addc(page, ',');
    irsa_buf_addf(page,
                  "{\"RoleName\":\"%s\",\"Arn\":\"arn:aws:iam::" ACCOUNT
                  ":role/%s\",\"Path\":\"/\",\"AssumeRolePolicyDocument\":%s}",
                  name, name, trust);
}

/* Takes one page, of which nothing is left then but what the facts keep. */
static int take(struct irsa_facts *facts, uint32_t file, uint32_t number, struct irsa_buf *page,
                bool last, struct irsa_error **reterr)
{
    irsa_buf_addf(page, "],\"IsTruncated\":%s}", last ? "false" : "true");
    json_auto_t *document = irsa_json_read("page", page->data, page->len, reterr);
    bool known = false;
    if (!document)
        return -1;
    int r = irsa_facts_add_document(facts, file, number, document, &known, reterr);
    irsa_buf_done(page);
    *page = (struct irsa_buf){0};
    irsa_buf_adds(page, "{\"Roles\":[");
    assert_true(r != 0 || known);
    return r;
}

#define PAGES 20
#define ON_A_PAGE 100

/* Every other role has a trust policy of its own, the rest that of EC2. */
static struct irsa_facts *facts_of_pages(void)
{
    struct irsa_facts *facts = irsa_facts_new();
    irsa_auto_error error = NULL;
    irsa_auto_buf page = {0};
    const uint32_t file = irsa_facts_add_file(facts, "iam:ListRoles");
    irsa_buf_adds(&page, "{\"Roles\":[");
    for (size_t i = 0; i < PAGES; i++) {
        for (size_t k = 0; k < ON_A_PAGE; k++) {
            const size_t number = i * ON_A_PAGE + k;
            irsa_autofree char *name = irsa_format("role-%zu", number);
            irsa_autofree char *own = trust_text(number);
            add_role(&page, name, number % 2 ? own : OF_EC2);
        }
        assert_int_equal(take(facts, file, (uint32_t)i, &page, i + 1 == PAGES, &error), 0);
        assert_int_equal(irsa_facts_roles_listed(facts, ACCOUNT), i + 1 == PAGES);
    }
    assert_int_equal(irsa_facts_finish(facts, &error), 0);
    return facts;
}

static void test_role_pages__every_role_with_its_policy(void **state)
{
    (void)state;
    irsa_auto_facts facts = facts_of_pages();
    assert_int_equal(facts->role_count, PAGES * ON_A_PAGE);
    for (size_t i = 0; i < facts->role_count; i++) {
        const struct irsa_role *role = &facts->roles[i];
        irsa_autofree char *name = irsa_format("role-%zu", i);
        irsa_autofree char *own = trust_text(i);
        irsa_auto_buf text = {0};
        assert_string_equal(role->name, name);
        assert_int_equal(role->origins.len, 1);
        assert_int_equal(role->origins.items[0].document, i / ON_A_PAGE);
        assert_int_equal(role->origins.items[0].item, i % ON_A_PAGE);
        assert_int_equal(role->trust_form, IRSA_TRUST_AS_OBJECT);
        json_auto_t *document = irsa_policy_document_once(role->trust);
        irsa_json_write_compact(document, &text);
        assert_string_equal(irsa_buf_str(&text), i % 2 ? own : OF_EC2);
    }
    assert_int_equal(irsa_facts_role_presence(facts, ACCOUNT, "role-2000"), IRSA_ABSENT);
}

static void test_role_pages__equal_trust_policies_are_kept_once(void **state)
{
    (void)state;
    irsa_auto_facts facts = facts_of_pages();
    const struct irsa_policy *shared = facts->roles[0].trust;
    assert_int_equal(shared->shared, facts->role_count / 2 - 1);
    for (size_t i = 0; i < facts->role_count; i++) {
        const struct irsa_policy *trust = facts->roles[i].trust;
        assert_int_equal(trust == shared, i % 2 == 0);
        assert_true(trust == shared || trust->shared == 0);
    }
}

/* What is asked of all roles leaves them as small as they were. */
static void test_role_pages__frozen_until_one_is_looked_at(void **state)
{
    (void)state;
    irsa_auto_facts facts = facts_of_pages();
    size_t bytes = 0;
    for (size_t i = 1; i < facts->role_count; i += 2) {
        irsa_auto_trust_grants grants = {0};
        irsa_policy_trust_grants(facts->roles[i].trust, &grants);
        assert_int_equal(grants.len, 1);
        assert_true(grants.items[0].effective);
    }
    json_auto_t *digests = irsa_facts_digests(facts);
    assert_int_equal(json_object_size(digests), facts->role_count);
    for (size_t i = 1; i < facts->role_count; i += 2) {
        irsa_autofree char *text = trust_text(i);
        assert_null(facts->roles[i].trust->model);
        assert_true(facts->roles[i].trust->frozen_len <= strlen(text));
        bytes += facts->roles[i].trust->frozen_len;
    }
    assert_true(bytes > 0);
    assert_non_null(irsa_policy_document(facts->roles[1].trust));
    assert_non_null(facts->roles[1].trust->model);
    assert_null(facts->roles[3].trust->model);
}

static void test_role_pages__the_order_of_keys_is_kept(void **state)
{
    (void)state;
    irsa_auto_facts facts = irsa_facts_new();
    irsa_auto_error error = NULL;
    irsa_auto_buf page = {0};
    const uint32_t file = irsa_facts_add_file(facts, "iam:ListRoles");
    irsa_buf_adds(&page, "{\"Roles\":[");
    add_role(&page, "a", OF_EC2);
    add_role(&page, "b", OF_EC2_TURNED);
    add_role(&page, "c", OF_EC2_TURNED);
    assert_int_equal(take(facts, file, 0, &page, true, &error), 0);
    assert_int_equal(irsa_facts_finish(facts, &error), 0);
    assert_ptr_not_equal(facts->roles[0].trust, facts->roles[1].trust);
    assert_ptr_equal(facts->roles[1].trust, facts->roles[2].trust);
    irsa_auto_buf text = {0};
    irsa_json_write_compact(irsa_policy_document(facts->roles[2].trust), &text);
    assert_string_equal(irsa_buf_str(&text), OF_EC2_TURNED);
}

/* A text may have lost something that its document does not show: it is nobody else's. */
static void test_role_pages__texts_are_not_shared(void **state)
{
    (void)state;
    irsa_auto_facts facts = irsa_facts_new();
    irsa_auto_error error = NULL;
    irsa_auto_buf page = {0};
    irsa_auto_buf quoted = {0};
    const uint32_t file = irsa_facts_add_file(facts, "iam:ListRoles");
    json_auto_t *text = json_string(OF_EC2);
    irsa_json_write_compact(text, &quoted);
    irsa_buf_adds(&page, "{\"Roles\":[");
    add_role(&page, "a", OF_EC2);
    add_role(&page, "b", irsa_buf_str(&quoted));
    add_role(&page, "c", "\"{\\\"Statement\\\":[],\\\"Statement\\\":[]}\"");
    add_role(&page, "d", "\"{\\n  \\\"Statement\\\": [}\"");
    add_role(&page, "e", OF_EC2);
    assert_int_equal(take(facts, file, 0, &page, true, &error), 0);
    assert_int_equal(irsa_facts_finish(facts, &error), 0);
    assert_ptr_equal(facts->roles[4].trust, facts->roles[0].trust);
    assert_ptr_not_equal(facts->roles[1].trust, facts->roles[0].trust);
    assert_int_equal(facts->roles[1].trust_form, IRSA_TRUST_AS_JSON_STRING);
    size_t count = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(facts->roles[2].trust, &count);
    assert_true(count > 0 && issues[0].fatal && strstr(issues[0].message, "duplicate"));
    assert_true(irsa_policy_has_document(facts->roles[2].trust));
    issues = irsa_policy_issues(facts->roles[3].trust, &count);
    assert_int_equal(count, 1);
    assert_string_equal(issues[0].where, "line 2, column 17");
    assert_false(irsa_policy_has_document(facts->roles[3].trust));
}

/* Copies agree whatever the order of their keys, and differ where they do. */
static void test_role_pages__copies_of_a_role(void **state)
{
    (void)state;
    irsa_auto_facts facts = irsa_facts_new();
    irsa_auto_error error = NULL;
    irsa_auto_buf page = {0};
    irsa_autofree char *own = trust_text(7);
    irsa_autofree char *other = trust_text(8);
    const uint32_t file = irsa_facts_add_file(facts, "iam:ListRoles");
    const uint32_t second = irsa_facts_add_file(facts, "again");
    irsa_buf_adds(&page, "{\"Roles\":[");
    add_role(&page, "a", OF_EC2);
    add_role(&page, "b", OF_EC2);
    add_role(&page, "c", own);
    assert_int_equal(take(facts, file, 0, &page, false, &error), 0);
    add_role(&page, "a", OF_EC2_TURNED);
    add_role(&page, "c", own);
    assert_int_equal(take(facts, second, 0, &page, false, &error), 0);
    assert_int_equal(facts->roles[0].origins.len, 2);
    assert_ptr_equal(facts->roles[1].trust, facts->roles[0].trust);
    assert_null(facts->roles[2].trust->model);
    add_role(&page, "c", other);
    assert_int_equal(take(facts, second, 1, &page, true, &error), -1);
    assert_string_equal(irsa_error_message(error),
                        "iam:ListRoles and again: two copies of role arn:aws:iam::" ACCOUNT
                        ":role/c differ in AssumeRolePolicyDocument");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_role_pages__every_role_with_its_policy),
        cmocka_unit_test(test_role_pages__equal_trust_policies_are_kept_once),
        cmocka_unit_test(test_role_pages__frozen_until_one_is_looked_at),
        cmocka_unit_test(test_role_pages__the_order_of_keys_is_kept),
        cmocka_unit_test(test_role_pages__texts_are_not_shared),
        cmocka_unit_test(test_role_pages__copies_of_a_role),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
