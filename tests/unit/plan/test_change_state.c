/* SPDX-License-Identifier: Apache-2.0 */
/* Does a change hold? By facts, for each kind of object. */
#include "fixture.h"

static enum irsa_change_holds state_of(struct fixture *f, const char *kind, const char *target,
                                       const char *before, const char *after)
{
    irsa_autofree char *text = irsa_format(
        "{'id': 'c1', 'action': '%s', 'kind': '%s', 'target': '%s', 'before': %s, 'after': %s,"
        " 'class': 'additive', 'because': ['IRSA010']}",
        strcmp(before, "null") == 0  ? "create"
        : strcmp(after, "null") == 0 ? "delete"
                                     : "update",
        kind, target, before, after);
    json_auto_t *json = parse(text);
    struct irsa_change change = {0};
    irsa_auto_error error = NULL;
    if (irsa_change_read("test", json, &change, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    json_auto_t *again = irsa_change_json(&change);
    assert_true(json_equal(again, json));
    enum irsa_change_holds holds = irsa_change_state(f->facts, &change);
    irsa_change_done(&change);
    return holds;
}

#define CLIENTS(list) "{'Url': '" ISSUER "', 'ClientIDList': [" list "]}"

static void test_state__provider(void **state)
{
    struct fixture *f = *state;
    begin(f);
    const char *other = "arn:aws:iam::" ACCOUNT ":oidc-provider/elsewhere";
    const char *stranger = "arn:aws:iam::999999999999:oidc-provider/elsewhere";
    assert_int_equal(state_of(f, "oidc-provider", PROVIDER, "null", CLIENTS("'other'")),
                     IRSA_CHANGE_HOLDS);
    assert_int_equal(state_of(f, "oidc-provider", PROVIDER, "null", CLIENTS("'x'")),
                     IRSA_CHANGE_OTHER);
    assert_int_equal(
        state_of(f, "oidc-provider", PROVIDER, CLIENTS("'other'"), CLIENTS("'other', 'x'")),
        IRSA_CHANGE_BEFORE);
    assert_int_equal(
        state_of(f, "oidc-provider", PROVIDER, CLIENTS("'x'"), CLIENTS("'x', 'other'")),
        IRSA_CHANGE_OTHER);
    assert_int_equal(state_of(f, "oidc-provider", PROVIDER, CLIENTS("'other'"), "null"),
                     IRSA_CHANGE_BEFORE);
    assert_int_equal(state_of(f, "oidc-provider", other, CLIENTS("'other'"), "null"),
                     IRSA_CHANGE_HOLDS);
    assert_int_equal(state_of(f, "oidc-provider", other, "null", CLIENTS("'other'")),
                     IRSA_CHANGE_BEFORE);
    assert_int_equal(state_of(f, "oidc-provider", stranger, "null", CLIENTS("'other'")),
                     IRSA_CHANGE_UNKNOWN);
}

static char *role_side(const char *trust)
{
    return irsa_format(
        "{'Path': '/', 'RoleName': 'a', 'Arn': '" ROLE("a") "',"
                                                            " 'AssumeRolePolicyDocument': %s}",
        trust);
}

static void test_state__role_and_trust(void **state)
{
    struct fixture *f = *state;
    irsa_autofree char *trust = trust_for("system:serviceaccount:app:a");
    irsa_autofree char *other = trust_for("system:serviceaccount:app:b");
    irsa_autofree char *same = role_side(trust);
    irsa_autofree char *different = role_side(other);
    add_role(f, "a", trust);
    begin(f);
    assert_int_equal(state_of(f, "role", ROLE("a"), "null", same), IRSA_CHANGE_HOLDS);
    assert_int_equal(state_of(f, "role", ROLE("a"), "null", different), IRSA_CHANGE_OTHER);
    assert_int_equal(state_of(f, "role", ROLE("a"), same, "null"), IRSA_CHANGE_BEFORE);
    assert_int_equal(state_of(f, "role", ROLE("b"), "null", same), IRSA_CHANGE_UNKNOWN);
    assert_int_equal(state_of(f, "role", ROLE("a"), "{'RoleName': 'a', 'MaxSessionDuration': 3600}",
                              "{'RoleName': 'a', 'MaxSessionDuration': 7200}"),
                     IRSA_CHANGE_BEFORE);
    assert_int_equal(state_of(f, "role", ROLE("a"), "{'RoleName': 'a', 'MaxSessionDuration': 900}",
                              "{'RoleName': 'a', 'MaxSessionDuration': 3600}"),
                     IRSA_CHANGE_HOLDS);
    assert_int_equal(state_of(f, "trust-policy", ROLE("a"), other, trust), IRSA_CHANGE_HOLDS);
    assert_int_equal(state_of(f, "trust-policy", ROLE("a"), trust, other), IRSA_CHANGE_BEFORE);
    assert_int_equal(state_of(f, "trust-policy", ROLE("a"), "null", other), IRSA_CHANGE_OTHER);
    assert_int_equal(state_of(f, "trust-policy", ROLE("b"), trust, other), IRSA_CHANGE_UNKNOWN);
}

static void test_state__permissions(void **state)
{
    struct fixture *f = *state;
    irsa_autofree char *trust = trust_for("system:serviceaccount:app:a");
    const char *yes = "{'RoleName': 'a', 'PolicyArn': 'arn:aws:iam::aws:policy/P'}";
    const char *no = "{'RoleName': 'a', 'PolicyArn': 'arn:aws:iam::aws:policy/Q'}";
    const char *own = "{'RoleName': 'a', 'PolicyName': 'own', 'PolicyDocument': {'Version':"
                      " '2012-10-17', 'Statement': []}}";
    add_role(f, "a", trust);
    add_role(f, "b", trust);
    add_fact(f, "{'RoleName': 'a', 'AttachedPolicies': [{'PolicyName': 'P', 'PolicyArn':"
                " 'arn:aws:iam::aws:policy/P'}]}");
    add_fact(f, "{'RoleName': 'a', 'PolicyNames': ['seen', 'named']}");
    add_fact(f, "{'RoleName': 'a', 'PolicyName': 'seen', 'PolicyDocument': {'Version':"
                " '2012-10-17', 'Statement': []}}");
    begin(f);
    assert_int_equal(state_of(f, "role-attachment", ROLE("a") " P", "null", yes),
                     IRSA_CHANGE_HOLDS);
    assert_int_equal(state_of(f, "role-attachment", ROLE("a") " Q", "null", no),
                     IRSA_CHANGE_BEFORE);
    assert_int_equal(state_of(f, "role-attachment", ROLE("a") " P", yes, "null"),
                     IRSA_CHANGE_BEFORE);
    assert_int_equal(state_of(f, "role-attachment", ROLE("b") " P", "null", yes),
                     IRSA_CHANGE_UNKNOWN);
    assert_int_equal(state_of(f, "role-policy", ROLE("a") " own", "null", own), IRSA_CHANGE_BEFORE);
    irsa_autofree char *seen = irsa_strdup(own);
    memcpy(strstr(seen, "'own'"), "'see'", 5);
    assert_int_equal(state_of(f, "role-policy", ROLE("a") " see", seen, "null"), IRSA_CHANGE_HOLDS);
    assert_int_equal(
        state_of(f, "role-policy", ROLE("a") " seen", "null",
                 "{'RoleName': 'a', 'PolicyName': 'seen', 'PolicyDocument': {'Statement': [],"
                 " 'Version': '2012-10-17'}}"),
        IRSA_CHANGE_HOLDS);
    assert_int_equal(state_of(f, "role-policy", ROLE("a") " named", "null",
                              "{'RoleName': 'a', 'PolicyName': 'named', 'PolicyDocument': {}}"),
                     IRSA_CHANGE_UNKNOWN);
}

#define ACCOUNT_WITH(annotations)                                                                  \
    "{'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': 'a', 'namespace': "       \
    "'app'" annotations "}}"
#define DEPLOYMENT(template)                                                                       \
    "{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'd', 'namespace':"       \
    " 'app'}, 'spec': {'template': {" template "}}}"
#define RESTARTED(time)                                                                            \
    "'metadata': {'annotations': {'kubectl.kubernetes.io/restartedAt': '" time "'}}"

static void test_state__kubernetes(void **state)
{
    struct fixture *f = *state;
    const char *none = ACCOUNT_WITH("");
    const char *now = ACCOUNT_WITH(", 'annotations': {'eks.amazonaws.com/role-arn': 'x'}");
    const char *wanted = ACCOUNT_WITH(", 'annotations': {'eks.amazonaws.com/role-arn': 'y'}");
    add_account(f, "app", "a", "{'eks.amazonaws.com/role-arn': 'x', 'note': 'theirs'}");
    add_fact(f, "{'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'd',"
                " 'namespace': 'app'}, 'spec': {'template': {" RESTARTED(
                    "2025-01-01T00:00:00Z") ", 'spec': {'serviceAccountName': 'a', 'containers':"
                                            " []}}}}");
    begin(f);
    assert_int_equal(state_of(f, "service-account", "app/a", none, now), IRSA_CHANGE_HOLDS);
    assert_int_equal(state_of(f, "service-account", "app/a", now, wanted), IRSA_CHANGE_BEFORE);
    assert_int_equal(state_of(f, "service-account", "app/a", none, wanted), IRSA_CHANGE_OTHER);
    assert_int_equal(state_of(f, "service-account", "app/b", "null", now), IRSA_CHANGE_UNKNOWN);
    assert_int_equal(state_of(f, "namespace", "app", "null", "{'kind': 'Namespace'}"),
                     IRSA_CHANGE_HOLDS);
    assert_int_equal(state_of(f, "namespace", "other", "null", "{'kind': 'Namespace'}"),
                     IRSA_CHANGE_UNKNOWN);
    assert_int_equal(state_of(f, "workload", "Deployment app/d", DEPLOYMENT(""),
                              DEPLOYMENT(RESTARTED("2025-01-01T00:00:00Z"))),
                     IRSA_CHANGE_HOLDS);
    assert_int_equal(state_of(f, "workload", "Deployment app/d",
                              DEPLOYMENT(RESTARTED("2025-01-01T00:00:00Z")),
                              DEPLOYMENT(RESTARTED("2025-02-01T00:00:00Z"))),
                     IRSA_CHANGE_BEFORE);
    assert_int_equal(state_of(f, "workload", "Deployment app/d",
                              DEPLOYMENT("'spec': {'serviceAccountName': 'a'}"),
                              DEPLOYMENT("'spec': {'serviceAccountName': 'b'}")),
                     IRSA_CHANGE_BEFORE);
    assert_int_equal(state_of(f, "workload", "Deployment app/e", DEPLOYMENT(""),
                              DEPLOYMENT(RESTARTED("2025-01-01T00:00:00Z"))),
                     IRSA_CHANGE_UNKNOWN);
}

static void test_read__refuses_what_it_does_not_know(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "{'id': 'c1', 'action': 'burn', 'kind': 'role', 'target': 'x'}",
        "{'id': 'c1', 'action': 'create', 'kind': 'moon', 'target': 'x'}",
        "{'id': 'c1', 'action': 'create', 'kind': 'role'}",
        "{'id': 'c1', 'action': 'create', 'kind': 'role', 'target': 'x', 'class': 'first'}",
    };
    for (size_t i = 0; i < IRSA_COUNT(texts); i++) {
        json_auto_t *json = parse(texts[i]);
        struct irsa_change change = {0};
        irsa_auto_error error = NULL;
        assert_int_equal(irsa_change_read("journal:3", json, &change, &error), -1);
        assert_int_equal(irsa_error_kind(error), IRSA_E_PARSE);
        assert_true(irsa_has_prefix(irsa_error_message(error), "journal:3: "));
    }
}

#define WITH_FIXTURE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FIXTURE(test_state__provider),
        WITH_FIXTURE(test_state__role_and_trust),
        WITH_FIXTURE(test_state__permissions),
        WITH_FIXTURE(test_state__kubernetes),
        cmocka_unit_test(test_read__refuses_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
