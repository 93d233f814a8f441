/* SPDX-License-Identifier: Apache-2.0 */
#include "document_test.h"

#include <sys/stat.h>
#include <unistd.h>

extern const struct irsa_embedded irsa_builtin_templates[];

static json_t *all_variables(void)
{
    return json_of("{'account_id': '111122223333', 'audience': 'sts.amazonaws.com',"
                   " 'issuer': 'oidc.eks.eu-west-1.amazonaws.com/id/ABC', 'namespace': 'app',"
                   " 'partition': 'aws', 'provider_arn': 'arn:p', 'region': 'eu-west-1',"
                   " 'role_arn': 'arn:r', 'service_account': 'api'}");
}

static void test_template_names__each_expands(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    struct irsa_templates *templates = NULL;
    json_auto_t *variables = all_variables();
    assert_int_equal(irsa_templates_load(NULL, &templates, &error), 0);
    size_t count = 0;
    for (const char *const *name = irsa_template_names(); *name; name++, count++) {
        json_auto_t *value = irsa_template_expand(templates, *name, variables, &error);
        if (!value)
            fail_msg("%s", irsa_error_message(error));
        irsa_autofree char *text = json_dumps(value, 0);
        assert_null(strstr(text, "${"));
        assert_non_null(irsa_template_text(templates, *name));
    }
    /* The list of names and what is compiled in are the same. */
    assert_int_equal(count, 7);
    assert_null(irsa_builtin_templates[count].name);
    assert_null(irsa_template_text(templates, "nothing"));
    irsa_templates_free(templates);
}

static void test_template_expand__trust_policy(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    struct irsa_templates *templates = NULL;
    json_auto_t *variables = all_variables();
    assert_int_equal(irsa_templates_load(NULL, &templates, &error), 0);
    json_auto_t *value = irsa_template_expand(templates, "trust-policy.json", variables, &error);
    json_auto_t *expected = json_of(
        "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Principal': {'Federated':"
        " 'arn:p'}, 'Action': 'sts:AssumeRoleWithWebIdentity', 'Condition': {'StringEquals': {"
        "'oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub': 'system:serviceaccount:app:api',"
        "'oidc.eks.eu-west-1.amazonaws.com/id/ABC:aud': 'sts.amazonaws.com'}}}]}");
    assert_true(json_equal(value, expected));
    assert_null(irsa_template_expand(templates, "trust.json", variables, &error));
    assert_int_equal(irsa_error_kind(error), IRSA_E_NOT_FOUND);
    irsa_templates_free(templates);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *path = irsa_format("%s/%s", folder, name);
    assert_int_equal(irsa_file_replace(path, text, strlen(text), 0644, &error), 0);
}

static void remove_folder(const char *folder, const char *name)
{
    irsa_autofree char *path = irsa_format("%s/%s", folder, name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_templates_load__file_overrides(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    struct irsa_templates *templates = NULL;
    json_auto_t *variables = all_variables();
    char folder[] = "irsa-fix-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    write_file(folder, "namespace.yaml", "x: ${namespace}\n");
    assert_int_equal(irsa_templates_load(folder, &templates, &error), 0);
    json_auto_t *value = irsa_template_expand(templates, "namespace.yaml", variables, &error);
    assert_string_equal(irsa_json_string(value, "x", NULL), "app");
    json_auto_t *other = irsa_template_expand(templates, "oidc-provider.json", variables, &error);
    assert_non_null(other);
    irsa_templates_free(templates);
    remove_folder(folder, "namespace.yaml");
}

static void test_templates_load__wrong_name(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    struct irsa_templates *templates = NULL;
    char folder[] = "irsa-fix-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    write_file(folder, "namespaces.yaml", "a: b\n");
    assert_int_equal(irsa_templates_load(folder, &templates, &error), -1);
    assert_null(templates);
    assert_string_equal(irsa_error_hint(error), "did you mean namespace.yaml?");
    remove_folder(folder, "namespaces.yaml");
}

static void test_templates_load__broken_file(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    struct irsa_templates *templates = NULL;
    char folder[] = "irsa-fix-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    write_file(folder, "role.json", "{\n  \"a\": }\n");
    assert_int_equal(irsa_templates_load(folder, &templates, &error), -1);
    assert_non_null(strstr(irsa_error_message(error), "role.json:2:8: "));
    remove_folder(folder, "role.json");
    irsa_auto_error error2 = NULL;
    assert_int_equal(irsa_templates_load(folder, &templates, &error2), -1);
    assert_int_equal(irsa_error_kind(error2), IRSA_E_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_template_names__each_expands),
        cmocka_unit_test(test_template_expand__trust_policy),
        cmocka_unit_test(test_templates_load__file_overrides),
        cmocka_unit_test(test_templates_load__wrong_name),
        cmocka_unit_test(test_templates_load__broken_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
