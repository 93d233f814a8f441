/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <sys/stat.h>
#include <unistd.h>

#define UPDATE IRSA_ACTION_UPDATE
#define CREATE IRSA_ACTION_CREATE

#define POLICY(name)                                                                               \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": "        \
    "{\"Federated\": \"" PROVIDER "\"}, \"Action\": \"sts:AssumeRoleWithWebIdentity\", "           \
    "\"Condition\": {\"StringEquals\": {\"" ISSUER ":sub\": \"system:serviceaccount:shop:" name    \
    "\"}}}]}"
#define ROLE_OBJECT(trust)                                                                         \
    "{\"Path\": \"/\", \"RoleName\": \"shop-api\", \"Arn\": \"" ROLE "\", "                        \
    "\"AssumeRolePolicyDocument\": " trust "}"
#define GET_ROLE(trust) "{\"Role\": " ROLE_OBJECT(trust) "}\n"
#define READ_ONLY "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
#define SQS "arn:aws:iam::aws:policy/AmazonSQSFullAccess"

static const struct irsa_role *the_role(struct scratch *s)
{
    scratch_gather(s);
    const struct irsa_role *role = irsa_facts_role(s->facts, ROLE);
    assert_non_null(role);
    return role;
}

static void assert_trust(struct scratch *s, const char *expected)
{
    json_error_t error;
    json_auto_t *wanted = json_loads(expected, 0, &error);
    const struct irsa_role *role = the_role(s);
    assert_true(json_equal((json_t *)irsa_policy_document(role->trust), wanted));
}

static void apply_trust(struct scratch *s, const char *before, const char *after)
{
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, IRSA_OBJECT_TRUST_POLICY, ROLE, before, after);
}

/* --- trust policies --------------------------------------------------------------------------- */

static void test_trust__object_keeps_the_rest_of_the_file(void **state)
{
    struct scratch *s = *state;
    static const char text[] =
        "{\n  \"Role\": {\n    \"Arn\": \"" ROLE "\",\n"
        "    \"AssumeRolePolicyDocument\": {\"Version\":\"2012-10-17\",\n"
        "      \"Statement\": [ {\"Effect\":\"Allow\", \"Sid\": \"%s\"} ]},\n"
        "    \"MaxSessionDuration\":   3600\n  }\n}";
    irsa_autofree char *old = irsa_format("%.*s%s%s", (int)(strstr(text, "%s") - text), text, "old",
                                          strstr(text, "%s") + 2);
    irsa_autofree char *new = irsa_format("%.*s%s%s", (int)(strstr(text, "%s") - text), text, "new",
                                          strstr(text, "%s") + 2);
    scratch_write(s, "r.json", old);
    apply_trust(
        s, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Sid\":\"old\"}]}",
        "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Sid\":\"new\"}]}");
    scratch_assert_text(s, "r.json", new);
}

static void test_trust__json_text_stays_json_text(void **state)
{
    struct scratch *s = *state;
    scratch_write(
        s, "r.json",
        GET_ROLE("\"{\\n  \\\"Version\\\":\\\"2012-10-17\\\",\\n  \\\"Statement\\\": []}\\n\""));
    apply_trust(s, "{\"Version\": \"2012-10-17\", \"Statement\": []}",
                "{\"Version\": \"2008-10-17\", \"Statement\": []}");
    scratch_assert_text(
        s, "r.json",
        GET_ROLE("\"{\\n  \\\"Version\\\":\\\"2008-10-17\\\",\\n  \\\"Statement\\\": []}\\n\""));
}

static void test_trust__url_encoded_stays_url_encoded(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "r.json", GET_ROLE("\"%7B%22Version%22%3A%222012-10-17%22%7D\""));
    apply_trust(s, "{\"Version\": \"2012-10-17\"}", "{\"Version\": \"2008-10-17\"}");
    scratch_assert_text(s, "r.json", GET_ROLE("\"%7B%22Version%22%3A%222008-10-17%22%7D\""));
}

static void test_trust__broken_text_is_replaced(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "r.json", GET_ROLE("\"{ broken\""));
    apply_trust(s, NULL, POLICY("api"));
    assert_trust(s, POLICY("api"));
    assert_int_equal(the_role(s)->trust_form, IRSA_TRUST_AS_JSON_STRING);
}

static void test_trust__all_copies_in_their_forms(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "role.json", GET_ROLE(POLICY("old")));
    scratch_write(s, "roles.json", "{\"Roles\": [" ROLE_OBJECT(POLICY("old")) "]}");
    irsa_auto_buf encoded = {0};
    irsa_url_encode(POLICY("old"), strlen(POLICY("old")), &encoded);
    irsa_autofree char *details = irsa_format("{\"RoleDetailList\": [{\"Arn\": \"" ROLE
                                              "\", \"AssumeRolePolicyDocument\": \"%s\"}]}",
                                              irsa_buf_str(&encoded));
    scratch_write(s, "auth.json", details);
    apply_trust(s, POLICY("old"), POLICY("api"));
    assert_trust(s, POLICY("api"));
    assert_int_equal(irsa_facts_role(s->facts, ROLE)->origins.len, 3);
    irsa_autofree char *found = scratch_read(s, "auth.json");
    assert_non_null(strstr(found, "%7B"));
}

static void test_trust__moved_on_is_a_conflict(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "r.json", GET_ROLE(POLICY("somebody-else")));
    scratch_gather(s);
    scratch_must_refuse(s, UPDATE, IRSA_OBJECT_TRUST_POLICY, ROLE, POLICY("old"), POLICY("api"),
                        IRSA_E_CONFLICT, "AssumeRolePolicyDocument was changed");
    scratch_must_refuse(s, UPDATE, IRSA_OBJECT_TRUST_POLICY, ROLE, NULL, POLICY("api"),
                        IRSA_E_CONFLICT, "can be read now");
    scratch_assert_text(s, "r.json", GET_ROLE(POLICY("somebody-else")));
}

static void test_trust__read_only_directory_leaves_everything(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "a/r.json", GET_ROLE(POLICY("old")));
    scratch_write(s, "b/r.json", "{\"Roles\": [" ROLE_OBJECT(POLICY("old")) "]}");
    scratch_gather(s);
    irsa_autofree char *b = irsa_format("%s/b", s->directory);
    irsa_autofree char *a = irsa_format("%s/a", s->directory);
    /* The superuser may write everywhere: the attempt is made as nobody. */
    assert_int_equal(chmod(s->directory, 0755), 0);
    assert_int_equal(chmod(b, 0555), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(a, 65534, 65534), 0);
    uid_t before = geteuid();
    assert_int_equal(before == 0 ? seteuid(65534) : 0, 0);
    irsa_auto_error error = NULL;
    int r = scratch_apply(s, UPDATE, IRSA_OBJECT_TRUST_POLICY, ROLE, POLICY("old"), POLICY("api"),
                          &error);
    assert_int_equal(seteuid(before), 0);
    assert_int_equal(chmod(b, 0755), 0);
    assert_int_equal(r, -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_IO);
    scratch_assert_text(s, "a/r.json", GET_ROLE(POLICY("old")));
    scratch_assert_text(s, "b/r.json", "{\"Roles\": [" ROLE_OBJECT(POLICY("old")) "]}");
}

/* --- roles ------------------------------------------------------------------------------------ */

#define NEW_ROLE "arn:aws:iam::" ACCOUNT ":role/worker"
#define NEW_OBJECT                                                                                 \
    "{\"Path\": \"/\", \"RoleName\": \"worker\", \"Arn\": \"" NEW_ROLE "\", "                      \
    "\"AssumeRolePolicyDocument\": " POLICY("worker") "}"

static void test_role__created_with_all_that_it_may_do(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "roles.json", "{\"Roles\": [" ROLE_OBJECT(POLICY("api")) "]}");
    scratch_gather(s);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE, NEW_ROLE, NULL, NEW_OBJECT);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE_ATTACHMENT, NEW_ROLE " " SQS, NULL,
                       "{\"RoleName\": \"worker\", \"PolicyArn\": \"" SQS "\"}");
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE_POLICY, NEW_ROLE " own", NULL,
                       "{\"RoleName\": \"worker\", \"PolicyName\": \"own\", \"PolicyDocument\": "
                       "{\"Version\": \"2012-10-17\", \"Statement\": []}}");
    scratch_assert_text(s, "roles.json", "{\"Roles\": [" ROLE_OBJECT(POLICY("api")) "]}");
    assert_true(scratch_exists(s, "iam/roles/worker.json"));
    scratch_gather(s);
    const struct irsa_role *role = irsa_facts_role(s->facts, NEW_ROLE);
    assert_true(role->attached_seen);
    assert_int_equal(role->attached_count, 1);
    assert_string_equal(role->attached[0].arn, SQS);
    assert_true(role->inline_seen);
    assert_int_equal(role->inline_count, 1);
    assert_non_null(role->inlines[0].policy);
}

static void test_role__created_twice_is_done_once(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "roles.json", "{\"Roles\": []}");
    scratch_gather(s);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE, NEW_ROLE, NULL, NEW_OBJECT);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE, NEW_ROLE, NULL, NEW_OBJECT);
    assert_false(scratch_exists(s, "iam/roles/worker-2.json"));
    scratch_gather(s);
    scratch_must_refuse(s, CREATE, IRSA_OBJECT_ROLE, NEW_ROLE, NULL, NEW_OBJECT, IRSA_E_CONFLICT,
                        "exists already");
}

static void test_role__session_and_boundary_where_they_are_shown(void **state)
{
    struct scratch *s = *state;
    static const char edge[] =
        "{\"RoleName\": \"shop-api\", \"PermissionsBoundary\": "
        "{\"PermissionsBoundaryType\": \"Policy\", "
        "\"PermissionsBoundaryArn\": \"arn:aws:iam::" ACCOUNT ":policy/edge\"}}";
    scratch_write(s, "r.json", GET_ROLE(POLICY("api")));
    scratch_write(s, "roles.json",
                  "{\"Roles\": [{\"Arn\": \"" ROLE "\", \"MaxSessionDuration\": 3600}]}");
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, IRSA_OBJECT_ROLE, ROLE,
                       "{\"RoleName\": \"shop-api\", \"MaxSessionDuration\": 3600}",
                       "{\"RoleName\": \"shop-api\", \"MaxSessionDuration\": 7200}");
    scratch_must_apply(s, UPDATE, IRSA_OBJECT_ROLE, ROLE, "{\"RoleName\": \"shop-api\"}", edge);
    const struct irsa_role *role = the_role(s);
    assert_int_equal(role->max_session, 7200);
    assert_string_equal(role->boundary, "arn:aws:iam::" ACCOUNT ":policy/edge");
    scratch_assert_text(s, "roles.json",
                        "{\"Roles\": [{\"Arn\": \"" ROLE "\", \"MaxSessionDuration\": 7200}]}");
    scratch_must_refuse(s, UPDATE, IRSA_OBJECT_ROLE, ROLE,
                        "{\"RoleName\": \"shop-api\", \"MaxSessionDuration\": 3600}",
                        "{\"RoleName\": \"shop-api\", \"MaxSessionDuration\": 4000}",
                        IRSA_E_CONFLICT, "MaxSessionDuration was changed");
}

/* --- permissions ------------------------------------------------------------------------------ */

static void attach(struct scratch *s, const char *policy)
{
    irsa_autofree char *target = irsa_format(ROLE " %s", policy);
    irsa_autofree char *after =
        irsa_format("{\"RoleName\": \"shop-api\", \"PolicyArn\": \"%s\"}", policy);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE_ATTACHMENT, target, NULL, after);
}

static void test_attachment__joins_every_list(void **state)
{
    struct scratch *s = *state;
    static const char element[] =
        "{\"PolicyName\": \"AmazonS3ReadOnlyAccess\", \"PolicyArn\": \"" READ_ONLY "\"}";
    irsa_autofree char *list =
        irsa_format("{\"RoleName\": \"shop-api\", \"AttachedPolicies\": [%s]}\n", element);
    irsa_autofree char *auth = irsa_format("{\"RoleDetailList\": [{\"Arn\": \"" ROLE
                                           "\", \"AttachedManagedPolicies\": [%s]}]}\n",
                                           element);
    scratch_write(s, "list.json", list);
    scratch_write(s, "auth.json", auth);
    scratch_gather(s);
    attach(s, SQS);
    attach(s, SQS);
    const struct irsa_role *role = the_role(s);
    assert_int_equal(role->attached_count, 2);
    assert_string_equal(role->attached[1].arn, SQS);
    assert_false(scratch_exists(s, "iam"));
}

static void test_attachment__unlisted_stays_open(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "r.json", GET_ROLE(POLICY("api")));
    scratch_gather(s);
    attach(s, SQS);
    attach(s, READ_ONLY);
    const struct irsa_role *role = the_role(s);
    assert_int_equal(role->attached_count, 2);
    assert_false(role->attached_seen); /* there may be others */
}

static void test_role_policy__document_in_its_form(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "r.json", GET_ROLE(POLICY("api")));
    scratch_write(s, "p.json",
                  "{\"RoleName\": \"shop-api\", \"PolicyName\": \"own\", \"PolicyDocument\": "
                  "\"%7B%22Version%22%3A%222012-10-17%22%7D\"}");
    scratch_gather(s);
    scratch_must_apply(s, UPDATE, IRSA_OBJECT_ROLE_POLICY, ROLE " own",
                       "{\"RoleName\": \"shop-api\", \"PolicyName\": \"own\", \"PolicyDocument\": "
                       "{\"Version\": \"2012-10-17\"}}",
                       "{\"RoleName\": \"shop-api\", \"PolicyName\": \"own\", \"PolicyDocument\": "
                       "{\"Version\": \"2008-10-17\"}}");
    scratch_assert_text(s, "p.json",
                        "{\"RoleName\": \"shop-api\", \"PolicyName\": \"own\", \"PolicyDocument\": "
                        "\"%7B%22Version%22%3A%222008-10-17%22%7D\"}");
}

static void test_role_policy__new_one_joins_the_names(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "r.json", GET_ROLE(POLICY("api")));
    scratch_write(s, "names.json", "{\"RoleName\": \"shop-api\", \"PolicyNames\": [\"old\"]}");
    scratch_gather(s);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE_POLICY, ROLE " own", NULL,
                       "{\"RoleName\": \"shop-api\", \"PolicyName\": \"own\", \"PolicyDocument\": "
                       "{\"Version\": \"2012-10-17\"}}");
    scratch_assert_text(s, "names.json",
                        "{\"RoleName\": \"shop-api\", \"PolicyNames\": [\"old\", \"own\"]}");
    assert_true(scratch_exists(s, "iam/roles/shop-api.policy-own.json"));
    const struct irsa_role *role = the_role(s);
    assert_int_equal(role->inline_count, 2);
    assert_non_null(role->inlines[1].policy);
}

static void test_role_policy__stands_in_the_details(void **state)
{
    struct scratch *s = *state;
    scratch_write(s, "auth.json",
                  "{\"RoleDetailList\": [{\"Arn\": \"" ROLE "\", \"RolePolicyList\": []}]}");
    scratch_gather(s);
    scratch_must_apply(s, CREATE, IRSA_OBJECT_ROLE_POLICY, ROLE " own", NULL,
                       "{\"RoleName\": \"shop-api\", \"PolicyName\": \"own\", \"PolicyDocument\": "
                       "{\"Version\": \"2012-10-17\"}}");
    assert_false(scratch_exists(s, "iam"));
    assert_int_equal(the_role(s)->inline_count, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_trust__object_keeps_the_rest_of_the_file),
        TEST(test_trust__json_text_stays_json_text),
        TEST(test_trust__url_encoded_stays_url_encoded),
        TEST(test_trust__broken_text_is_replaced),
        TEST(test_trust__all_copies_in_their_forms),
        TEST(test_trust__moved_on_is_a_conflict),
        TEST(test_trust__read_only_directory_leaves_everything),
        TEST(test_role__created_with_all_that_it_may_do),
        TEST(test_role__created_twice_is_done_once),
        TEST(test_role__session_and_boundary_where_they_are_shown),
        TEST(test_attachment__joins_every_list),
        TEST(test_attachment__unlisted_stays_open),
        TEST(test_role_policy__document_in_its_form),
        TEST(test_role_policy__new_one_joins_the_names),
        TEST(test_role_policy__stands_in_the_details),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
