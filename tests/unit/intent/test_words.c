/* SPDX-License-Identifier: Apache-2.0 */
/* Selectors, annotation keys, checks of names, saving a wish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "intent/check.h"
#include "intent/selector.h"

static bool matches(const char *text)
{
    irsa_auto_error error = NULL;
    irsa_auto_selector selector = NULL;
    json_auto_t *labels = json_pack("{s:s,s:s,s:s}", "app", "web", "tier", "front", "weight", "7");
    if (irsa_selector_parse(text, &selector, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    return irsa_selector_matches(selector, labels);
}

static void test_selector__as_kubectl(void **state)
{
    (void)state;
    const char *const yes[] = {"app=web",
                               "app==web,tier=front",
                               " app = web , tier != back ",
                               "app in (web, api)",
                               "app notin (api)",
                               "missing notin (a)",
                               "missing!=a",
                               "app",
                               "!missing",
                               "weight>6",
                               "weight<8",
                               "in in (a),app" /* a label may be called in */};
    for (size_t i = 0; i + 1 < IRSA_COUNT(yes); i++)
        assert_true(matches(yes[i]));
    const char *const no[] = {"app=api",
                              "app!=web",
                              "app in (api)",
                              "app notin (web)",
                              "missing",
                              "!app",
                              "weight>7",
                              "app>1",
                              "app=web,tier=x",
                              "missing=",
                              yes[IRSA_COUNT(yes) - 1]};
    for (size_t i = 0; i < IRSA_COUNT(no); i++)
        assert_false(matches(no[i]));
}

static void test_selector__errors(void **state)
{
    (void)state;
    const char *const bad[] = {"",       "=web",        "app=web,", "app in web", "app in (web",
                               "app of", "!app=web",    "a b",      "app>x",      "app=web)",
                               ",",      "app in (a))", "app<"};
    for (size_t i = 0; i < IRSA_COUNT(bad); i++) {
        irsa_auto_error error = NULL;
        assert_int_equal(irsa_selector_check(bad[i], &error), -1);
        assert_int_equal(irsa_error_kind(error), IRSA_E_USAGE);
    }
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_selector_check("app in web", &error), -1);
    assert_string_equal(irsa_error_message(error),
                        "label selector \"app in web\": expected \"(\" at character 8");
}

static void test_annotation__misspelt_keys(void **state)
{
    (void)state;
    const char *const meant[] = {
        "eks.amazon.com/role-arn",
        "eks.amazonaws.com/role_arn",
        "eks.amazonaws.com/rolearn",
        "eks.amazonaws.com/role",
        "EKS.amazonaws.com/Role-Arn",
        "iam.amazonaws.com/role",
        "role_arn",
        "role-arn",
        "eks.amazonaws.com/iam-role-arn",
        "eks.amazonaws.com/role-arm",
        "eks.amazonaws.com.cn/role-arn",
        "eks.aws.com/role-arn",
        " eks.amazonaws.com/role-arn",
        "https://eks.amazonaws.com/role-arn",
        "eks.amazonaws.com//role-arn",
        "eks.amazonaws.com-role-arn",
        "eks.amzonaws.com/role-arn",
    };
    for (size_t i = 0; i < IRSA_COUNT(meant); i++) {
        if (!irsa_annotation_meant_role_arn(meant[i]))
            fail_msg("%s was not recognised", meant[i]);
    }
    const char *const others[] = {
        "eks.amazonaws.com/role-arn",
        "eks.amazonaws.com/audience",
        "eks.amazonaws.com/token-expiration",
        "eks.amazonaws.com/sts-regional-endpoints",
        "eks.amazonaws.com/skip-containers",
        "role",
        "owner",
        "meta.helm.sh/release-name",
        "example.com/role",
        "kubernetes.io/enforce-mountable-secrets",
        "",
        "eks.amazonaws.com/",
    };
    for (size_t i = 0; i < IRSA_COUNT(others); i++) {
        if (irsa_annotation_meant_role_arn(others[i]))
            fail_msg("%s was taken for the role's key", others[i]);
    }
}

static void assert_problem(int result, struct irsa_error **reterr, const char *message,
                           const char *hint)
{
    struct irsa_error *error = irsa_steal(reterr);
    assert_int_equal(result, -1);
    assert_int_equal(irsa_error_kind(error), IRSA_E_USAGE);
    if (message)
        assert_string_equal(irsa_error_message(error), message);
    if (hint)
        assert_string_equal(irsa_error_hint(error), hint);
    irsa_error_free(error);
}

static void test_check__names(void **state)
{
    (void)state;
    struct irsa_error *error = NULL;
    assert_int_equal(irsa_check_namespace("app", &error), 0);
    assert_int_equal(irsa_check_service_account("my.account", &error), 0);
    assert_int_equal(irsa_check_role("app-worker", &error), 0);
    assert_int_equal(irsa_check_role("arn:aws:iam::111122223333:role/app", &error), 0);
    assert_problem(irsa_check_namespace("My_App", &error), &error, NULL,
                   "did you mean \"my-app\"?");
    assert_problem(irsa_check_role("app worker", &error), &error, NULL, NULL);
    char *const name = irsa_calloc(66, 1);
    memset(name, 'a', 65);
    assert_problem(irsa_check_role(name, &error), &error, NULL, NULL);
    free(name);
    assert_problem(irsa_check_role("arn:aws:iam::11112222333:role/app", &error), &error, NULL,
                   NULL);
    assert_problem(
        irsa_check_policy_arn("arn:aws:iam::111122223333:role/app", &error), &error,
        "\"arn:aws:iam::111122223333:role/app\" is no managed policy's ARN (it is a role's)", NULL);
    assert_problem(irsa_check_cluster_name("arn:aws:eks:eu-west-1:1:cluster/prod", &error), &error,
                   NULL, "give its name: prod");
    assert_problem(irsa_check_audience("a b", &error), &error, "audience \"a b\" holds white space",
                   NULL);
    assert_problem(irsa_check_description("snow \xe2\x98\x83", &error), &error, NULL, NULL);
    assert_int_equal(irsa_check_description("caf\xc3\xa9", &error), 0);
}

static void test_check__tags_and_labels(void **state)
{
    (void)state;
    struct irsa_error *error = NULL;
    json_auto_t *reserved = json_pack("{s:s}", "AWS:x", "y");
    assert_problem(irsa_check_tags(reserved, &error), &error, "tag key \"AWS:x\": aws: is reserved",
                   NULL);
    json_auto_t *labels = json_pack("{s:s,s:s}", "app.kubernetes.io/name", "web", "empty", "");
    assert_int_equal(irsa_check_labels(labels, &error), 0);
    json_auto_t *bad = json_pack("{s:s}", "app", "a b");
    assert_problem(irsa_check_labels(bad, &error), &error,
                   "label app: \"a b\" is no value that Kubernetes takes", NULL);
}

static struct irsa_wish make_wish(void)
{
    struct irsa_wish wish = {
        .namespace_ = irsa_strdup("app"),
        .service_account = irsa_strdup("worker"),
        .role = irsa_strdup("app-worker"),
    };
    irsa_strings_add(&wish.settings.policy_arns, "arn:aws:iam::aws:policy/AmazonSQSFullAccess");
    wish.settings.tags = json_pack("{s:s}", "team", "shop");
    return wish;
}

static void assert_saved(const char *before, const char *after)
{
    irsa_auto_error error = NULL;
    irsa_auto_buf saved = {0};
    IRSA_CLEANUP(irsa_wish_done) struct irsa_wish wish = make_wish();
    if (irsa_intent_save_wish("irsa-fix.ini", before, &wish, &saved, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    assert_string_equal(irsa_buf_str(&saved), after);
    irsa_auto_buf again = {0};
    assert_int_equal(
        irsa_intent_save_wish("irsa-fix.ini", irsa_buf_str(&saved), &wish, &again, &error), 0);
    assert_string_equal(irsa_buf_str(&again), after);
}

static void test_save_wish__adds_or_completes(void **state)
{
    (void)state;
    static const char section[] = "[serviceaccount \"app/worker\"]\n"
                                  "role = app-worker\n"
                                  "tags = team=shop\n"
                                  "policy-arn = arn:aws:iam::aws:policy/AmazonSQSFullAccess\n";
    assert_saved("", section);
    irsa_autofree char *after_other = irsa_format("[cluster]\nname = prod\n\n%s", section);
    assert_saved("[cluster]\nname = prod", after_other);
    assert_saved("; mine\n[serviceaccount \"app/worker\"]\nrole = app-worker ; keep\n\n"
                 "[cluster]\nname = prod\n",
                 "; mine\n[serviceaccount \"app/worker\"]\nrole = app-worker ; keep\n"
                 "tags = team=shop\n"
                 "policy-arn = arn:aws:iam::aws:policy/AmazonSQSFullAccess\n\n"
                 "[cluster]\nname = prod\n");
    assert_saved("[serviceaccount \"app/worker\"]\r\n",
                 "[serviceaccount \"app/worker\"]\r\nrole = app-worker\r\ntags = team=shop\r\n"
                 "policy-arn = arn:aws:iam::aws:policy/AmazonSQSFullAccess\r\n");
}

static void test_save_wish__never_overwrites(void **state)
{
    (void)state;
    struct irsa_error *error = NULL;
    irsa_auto_buf saved = {0};
    IRSA_CLEANUP(irsa_wish_done) struct irsa_wish wish = make_wish();
    assert_problem(irsa_intent_save_wish("irsa-fix.ini",
                                         "[serviceaccount \"app/worker\"]\nrole = other\n", &wish,
                                         &saved, &error),
                   &error, "irsa-fix.ini:2: says role = other, the command line says app-worker",
                   "change that line, or leave the option out");
    assert_int_equal(saved.len, 0);
}

static void test_class__words(void **state)
{
    (void)state;
    enum irsa_class class_;
    for (size_t i = 0; i < IRSA_CLASS_MAX_; i++) {
        assert_true(irsa_class_parse(irsa_class_text((enum irsa_class)i), &class_));
        assert_int_equal(class_, i);
    }
    assert_false(irsa_class_parse("everything", &class_));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_selector__as_kubectl),
        cmocka_unit_test(test_selector__errors),
        cmocka_unit_test(test_annotation__misspelt_keys),
        cmocka_unit_test(test_check__names),
        cmocka_unit_test(test_check__tags_and_labels),
        cmocka_unit_test(test_save_wish__adds_or_completes),
        cmocka_unit_test(test_save_wish__never_overwrites),
        cmocka_unit_test(test_class__words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
