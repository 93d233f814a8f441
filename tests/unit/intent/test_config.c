/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "intent/config.h"

static void assert_error(const char *text, const char *message, const char *hint)
{
    irsa_auto_error error = NULL;
    irsa_auto_intent intent = irsa_intent_new();
    assert_int_equal(irsa_config_parse(intent, "irsa-fix.ini", text, strlen(text), &error), -1);
    assert_string_equal(irsa_error_message(error), message);
    assert_int_equal(irsa_error_kind(error), IRSA_E_PARSE);
    if (hint)
        assert_string_equal(irsa_error_hint(error), hint);
}

static const char full[] = "[cluster]\n"
                           "name = prod\n"
                           "region = eu-west-1\n"
                           "account-id = 111122223333\n"
                           "issuer = https://oidc.eks.eu-west-1.amazonaws.com/id/ABC\n"
                           "[defaults]\n"
                           "path = /apps/\n"
                           "tags = team=shop, env=prod\n"
                           "trust-policy-quota = 4096\n"
                           "max-session-duration = 2h\n"
                           "[account \"222233334444\"]\n"
                           "profile = other\n"
                           "[serviceaccount \"app/api\"]\n"
                           "role = api\n"
                           "policy-arn = arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess\n"
                           "policy-arn = arn:aws:iam::111122223333:policy/mine\n"
                           "needs = s3:GetObject arn:aws:s3:::bucket/*\n"
                           "tags = env=test\n"
                           "labels = app=api\n"
                           "create-namespace = true\n";

static void test_config_parse__everything(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_intent file = irsa_intent_new();
    irsa_auto_intent intent = irsa_intent_new();
    assert_int_equal(irsa_config_parse(file, "irsa-fix.ini", full, strlen(full), &error), 0);
    irsa_config_merge(intent, file);
    assert_string_equal(intent->cluster_name, "prod");
    assert_string_equal(intent->account_id, "111122223333");
    assert_int_equal(intent->trust_policy_quota, 4096);
    assert_int_equal(intent->account_count, 1);
    assert_string_equal(intent->accounts[0].profile, "other");
    assert_int_equal(intent->wish_count, 1);
    const struct irsa_wish *wish = &intent->wishes[0];
    assert_string_equal(wish->origin, "irsa-fix.ini:13");
    assert_string_equal(wish->namespace_, "app");
    assert_string_equal(wish->settings.path, "/apps/");
    assert_int_equal(wish->settings.max_session, 7200);
    assert_int_equal(wish->settings.policy_arns.len, 2);
    assert_string_equal(json_string_value(json_object_get(wish->settings.tags, "env")), "test");
    assert_string_equal(json_string_value(json_object_get(wish->settings.tags, "team")), "shop");
    assert_string_equal(wish->needs[0].action, "s3:GetObject");
    assert_string_equal(wish->needs[0].resource, "arn:aws:s3:::bucket/*");
    assert_true(wish->create_namespace);
    assert_true(wish->create_role);
    assert_false(wish->from_command_line);
    assert_int_equal(irsa_intent_check(intent, &error), 0);
}

static void test_config_parse__errors_name_line_and_nearest(void **state)
{
    (void)state;
    assert_error("[clutser]\nname = x\n", "irsa-fix.ini:1: unknown section [clutser]",
                 "did you mean [cluster]?");
    assert_error("[cluster]\n\nnmae = x\n", "irsa-fix.ini:3: unknown key \"nmae\" in [cluster]",
                 "did you mean \"name\"?");
    assert_error("[cluster]\nrole = x\n", "irsa-fix.ini:2: unknown key \"role\" in [cluster]",
                 "\"role\" belongs to [serviceaccount]");
    assert_error("[cluster]\nname = a\nname = b\n",
                 "irsa-fix.ini:3: key \"name\" again, it stands on line 2 already",
                 "remove one of them");
    assert_error("name = a\n", "irsa-fix.ini:1: key \"name\" stands before any section", NULL);
    assert_error("[serviceaccount \"app\"]\n",
                 "irsa-fix.ini:1: section [serviceaccount \"app\"] names no NAMESPACE/NAME",
                 "write it as [serviceaccount \"NAMESPACE/NAME\"]");
    assert_error("[account \"2222\"]\n",
                 "irsa-fix.ini:1: account id \"2222\" has 4 digits, 12 are needed", NULL);
    assert_error("[cluster \"x\"]\n",
                 "irsa-fix.ini:1: section [cluster] takes no name, found \"x\"", NULL);
    assert_error("[account]\n", "irsa-fix.ini:1: section [account] names no account", NULL);
}

static void test_config_parse__bad_values(void **state)
{
    (void)state;
    assert_error("[cluster]\nregion = eu-west-1a\n",
                 "irsa-fix.ini:2: region: \"eu-west-1a\" is no AWS region",
                 "\"eu-west-1a\" is an availability zone of region eu-west-1");
    assert_error("[defaults]\ntrust-policy-quota = 9000\n",
                 "irsa-fix.ini:2: trust-policy-quota: \"9000\" is no quota for trust policies: IAM "
                 "has 2048, and 8192 at most on request",
                 NULL);
    assert_error("[defaults]\nmax-session-duration = 30m\n",
                 "irsa-fix.ini:2: max-session-duration: a session of 1800 seconds is not possible: "
                 "IAM allows 3600 to 43200",
                 "give a value from 1h to 12h");
    assert_error("[defaults]\npath = apps\n",
                 "irsa-fix.ini:2: path: role path \"apps\" must begin and end with \"/\"",
                 "did you mean \"/apps/\"?");
    assert_error("[serviceaccount \"app/api\"]\npolicy-arn = AmazonS3ReadOnlyAccess\n",
                 "irsa-fix.ini:2: policy-arn: policy ARN \"AmazonS3ReadOnlyAccess\": is no ARN: "
                 "does not begin with \"arn:\"",
                 "AWS's own policies are arn:aws:iam::aws:policy/NAME");
    assert_error("[serviceaccount \"app/api\"]\nneeds = s3:GetObject\n",
                 "irsa-fix.ini:2: needs: \"s3:GetObject\" is not an action and a resource", NULL);
    assert_error("[serviceaccount \"app/api\"]\nlabels = a\n",
                 "irsa-fix.ini:2: labels: \"a\" is not of the form KEY=VALUE", NULL);
    assert_error("[serviceaccount \"app/api\"]\ncreate-namespace = maybe\n",
                 "irsa-fix.ini:2: create-namespace: \"maybe\" is neither true nor false", NULL);
}

static void test_config_merge__command_line_wins(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_intent file = irsa_intent_new();
    irsa_auto_intent intent = irsa_intent_new();
    struct irsa_wish *own = irsa_intent_add_wish(intent, "app", "api", "command line");
    own->role = irsa_strdup("other");
    assert_int_equal(irsa_config_parse(file, "irsa-fix.ini", full, strlen(full), &error), 0);
    irsa_config_merge(intent, file);
    assert_int_equal(intent->wish_count, 1);
    assert_string_equal(intent->wishes[0].role, "other");
    assert_string_equal(intent->wishes[0].origin, "command line");
    assert_int_equal(intent->wishes[0].settings.policy_arns.len, 2);
    assert_int_equal(intent->wishes[0].need_count, 1);
}

static void test_config_merge__section_of_another_cluster(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_intent file = irsa_intent_new();
    irsa_auto_intent intent = irsa_intent_new();
    intent->cluster_name = irsa_strdup("test");
    assert_int_equal(irsa_config_parse(file, "irsa-fix.ini", full, strlen(full), &error), 0);
    irsa_config_merge(intent, file);
    assert_string_equal(intent->cluster_name, "test");
    assert_null(intent->region);
    assert_null(intent->issuer);
}

static void write_file(const char *directory, const char *name, const char *text)
{
    irsa_auto_error error = NULL;
    irsa_autofree char *path = irsa_format("%s/%s", directory, name);
    assert_int_equal(irsa_file_replace(path, text, strlen(text), 0644, &error), 0);
}

static void test_read_config__files_are_relative_to_it(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    char directory[] = "/tmp/irsa-fix-test.XXXXXX";
    assert_non_null(mkdtemp(directory));
    write_file(directory, "read-bucket.json",
               "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": "
               "\"s3:GetObject\", \"Resource\": \"*\"}]}");
    write_file(directory, "irsa-fix.ini",
               "[serviceaccount \"app/api\"]\npolicy-file = read-bucket.json\n");
    irsa_autofree char *below = irsa_format("%s/a/b", directory);
    assert_int_equal(irsa_mkdir_parents(below, &error), 0);
    irsa_autofree char *found = irsa_intent_find_config(below);
    irsa_autofree char *expected = irsa_format("%s/irsa-fix.ini", directory);
    assert_string_equal(found, expected);
    irsa_auto_intent intent = irsa_intent_new();
    assert_int_equal(irsa_intent_read_config(intent, found, &error), 0);
    assert_string_equal(intent->config_file, expected);
    assert_string_equal(intent->wishes[0].settings.policy_names.items[0], "read-bucket");
    assert_true(json_is_object(intent->wishes[0].settings.policy_documents[0]));
    assert_true(intent->wishes[0].create_role);
    irsa_autofree char *policy = irsa_format("%s/read-bucket.json", directory);
    irsa_autofree char *parent = irsa_format("%s/a", directory);
    (void)unlink(policy), (void)unlink(expected), (void)rmdir(below), (void)rmdir(parent);
    assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config_parse__everything),
        cmocka_unit_test(test_config_parse__errors_name_line_and_nearest),
        cmocka_unit_test(test_config_parse__bad_values),
        cmocka_unit_test(test_config_merge__command_line_wins),
        cmocka_unit_test(test_config_merge__section_of_another_cluster),
        cmocka_unit_test(test_read_config__files_are_relative_to_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
