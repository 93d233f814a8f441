/* SPDX-License-Identifier: Apache-2.0 */
#include "identity_test.h"

#define ROLE "arn:aws:iam::123456789012:role/app"

static void test_role_arn_parse__parts(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_role_arn arn = {0};
    assert_int_equal(
        irsa_role_arn_parse("arn:aws-cn:iam::123456789012:role/team/x/app_1+=,.@-", &arn, &error),
        0);
    assert_string_equal(arn.partition, "aws-cn");
    assert_string_equal(arn.account, "123456789012");
    assert_string_equal(arn.path, "/team/x/");
    assert_string_equal(arn.name, "app_1+=,.@-");
    irsa_role_arn_done(&arn);
    assert_int_equal(irsa_role_arn_parse(ROLE, &arn, &error), 0);
    assert_string_equal(arn.path, "/");
    irsa_autofree char *text = irsa_role_arn_text(arn.partition, arn.account, arn.path, arn.name);
    assert_string_equal(text, ROLE);
}

static void test_role_arn_parse__what_is_wrong(void **state)
{
    (void)state;
#define D "did you mean \"" ROLE "\"?"
    static const struct {
        const char *text;
        const char *message;
        const char *hint;
    } cases[] = {
        {"", "is empty, a role ARN is needed", NULL},
        {"app", "is a bare role name, the role's ARN is needed", NULL},
        {" " ROLE, "has a space in front", D},
        {ROLE "\n", "has a line break at the end", D},
        {ROLE "\t", "has a tab at the end", D},
        {"\"" ROLE "\"", "has a quote in front", D},
        {ROLE "\\", "has a backslash at the end", D},
        {"an:aws:iam::123456789012:role/app", "begins with \"an:\", an ARN begins with \"arn:\"",
         D},
        {"ARN:aws:iam::123456789012:role/app", "begins with \"ARN:\", an ARN begins with \"arn:\"",
         D},
        {"arn:aws:iam:123456789012:role/app", "has 4 colons, an ARN has at least 5", D},
        {"arn:aws:iam:::123456789012:role/app", "account id is missing", D},
        {"arn:aws:iam::12345678901:role/app", "account id has 11 digits, 12 are needed", NULL},
        {"arn:aws:iam:::role/app", "account id is missing", NULL},
        {"arn:aws:iam:eu-west-1:123456789012:role/app",
         "has a region (\"eu-west-1\"), a role's ARN has none", D},
        {"arn:aws:iam::123456789012:instance-profile/app",
         "is an instance profile's ARN, not a role's", D},
        {"arn:aws:sts::123456789012:assumed-role/app/session",
         "is an assumed role session's ARN, not a role's", D},
        {"arn:aws:iam::123456789012:policy/app", "is a policy's ARN, not a role's", NULL},
        {"arn:aws:iam::aws:policy/AmazonS3FullAccess", "is a policy's ARN, not a role's", NULL},
        {"arn:aws:iam::123456789012:user/app", "is a user's ARN, not a role's", NULL},
        {"arn:aws:iam::123456789012:root", "is the account's ARN, not a role's", NULL},
        {"arn:aws:eks:eu-west-1:123456789012:cluster/c", "is a cluster's ARN, not a role's", NULL},
        {"arn:aws:s3:::bucket", "service is \"s3\", a role's is \"iam\"", NULL},
        {"arn:aws:iam::123456789012:Role/app",
         "resource is \"Role/app\", a role's begins with \"role/\"", D},
        {"arn:aws:iam::123456789012:role:app",
         "resource is \"role:app\", a role's begins with \"role/\"", D},
        {"arn:aws:iam::123456789012:app", "resource is \"app\", a role's begins with \"role/\"", D},
        {"arn:aws:iam::123456789012:role/", "role name is empty", NULL},
        {"arn:aws:iam::123456789012:role//app", "role path has nothing between its slashes", D},
        {"arn:aws:iam::123456789012:role/a pp",
         "role name has a space, allowed are letters, digits and _+=,.@-", D},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_role_arn arn = {0};
        assert_parse_error(irsa_role_arn_parse(cases[i].text, &arn, &error), error,
                           cases[i].message);
        const char *hint = irsa_error_hint(error);
        check_text(hint ? irsa_strdup(hint) : NULL, cases[i].hint, cases[i].text);
    }
}

static void test_role_name_problem__length_and_characters(void **state)
{
    (void)state;
    char name[66];
    memset(name, 'a', sizeof name);
    name[64] = '\0';
    assert_null(irsa_role_name_problem(name));
    name[64] = 'a';
    name[65] = '\0';
    check_text(irsa_role_name_problem(name), "has 65 characters, 64 are allowed", "65");
    check_text(irsa_role_name_problem(""), "is empty", "");
    check_text(irsa_role_name_problem("a/b"), "has \"/\", allowed are letters, digits and _+=,.@-",
               "a/b");
    check_text(irsa_role_name_problem("caf\xc3\xa9"),
               "has byte 0xc3, allowed are letters, digits and _+=,.@-", "café");
}

static void test_role_path_problem__form_and_length(void **state)
{
    (void)state;
    assert_null(irsa_role_path_problem("/"));
    assert_null(irsa_role_path_problem("/team/"));
    assert_null(irsa_role_path_problem("/team/app:x!/"));
    check_text(irsa_role_path_problem(""), "is empty", "");
    check_text(irsa_role_path_problem("team/"), "must begin and end with \"/\"", "team/");
    check_text(irsa_role_path_problem("/team"), "must begin and end with \"/\"", "/team");
    check_text(irsa_role_path_problem("//"), "has nothing between its slashes", "//");
    check_text(irsa_role_path_problem("/a b/"), "has a space, allowed is printable ASCII", "/a b/");
    char path[514];
    memset(path, 'a', sizeof path);
    path[0] = path[511] = '/';
    path[512] = '\0';
    assert_null(irsa_role_path_problem(path));
    path[511] = 'a';
    path[512] = '/';
    path[513] = '\0';
    check_text(irsa_role_path_problem(path), "has 513 characters, 512 are allowed", "513");
}

static void test_role_arn_guess__one_meaning(void **state)
{
    (void)state;
    static const char *const broken[] = {
        ROLE,
        "  " ROLE "\r\n",
        "'" ROLE "'",
        "\"" ROLE "\",",
        "\\\"" ROLE "\\\"",
        ROLE "\\n",
        "arn:aws:iam::123456789012:role\\/app",
        "arn:aws:iam::123456789012:role/ app",
        "arm:aws:iam::123456789012:role/app",
        "arn::aws:iam::123456789012:role/app",
        "arn:aws::iam::123456789012:role/app",
        "arn:aws:iam::123456789012::role/app",
        "arn:aws:iam::123456789012/role/app",
        "arn:aws:iam::123456789012:/role/app",
        "arn:aws:iam::123456789012:role/app/",
        "arn:aws:iam::123456789012:roles/app",
        "arn:aws:iam::123456789012:role:app",
        "arn:aws:iam::1234-5678-9012:role/app",
        "arn:aws:iam::12345678901:role/app",
        "arn:aws:iam::1234567890123:role/app",
        "arn:aws:iam:::role/app",
        "arn:aws:iam::role/app",
        "arn:aws:sts::123456789012:assumed-role/app/i-0123",
        "arn:aws:iam::123456789012:instance-profile/app",
        "arn:aws:aim::123456789012:role/app",
        "ARN:AWS:IAM::123456789012:ROLE/app",
        "aws:iam::123456789012:role/app",
        "arn:iam::123456789012:role/app",
        "arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fapp",
        "eks.amazonaws.com/role-arn: " ROLE,
        "eks.amazonaws.com/role-arn=" ROLE,
        "arn:aws-cn:iam::123456789012:role/app",
        "app",
        "role/app",
        "/role/app",
    };
    for (size_t i = 0; i < IRSA_COUNT(broken); i++)
        check_text(irsa_role_arn_guess(broken[i], "aws", "123456789012"), ROLE, broken[i]);
    check_text(irsa_role_arn_guess("arn:aws:iam::123456789012:role//a//b/app", NULL, NULL),
               "arn:aws:iam::123456789012:role/a/b/app", "//a//b");
    check_text(irsa_role_arn_guess("arn:aws-cn:iam::123456789012:role/app ", NULL, NULL),
               "arn:aws-cn:iam::123456789012:role/app", "aws-cn");
}

static void test_role_arn_guess__another_account_stays(void **state)
{
    (void)state;
    check_text(irsa_role_arn_guess(" arn:aws:iam::222222222222:role/app", "aws", "123456789012"),
               "arn:aws:iam::222222222222:role/app", "222222222222");
}

static void test_role_arn_guess__nothing_single(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",
        "   ",
        "arn:aws:iam::123456789012:policy/app",
        "arn:aws:iam::123456789012:user/app",
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::123456789012:oidc-provider/host/id/X",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:s3:::bucket",
        ROLE "," ROLE,
        ROLE " " ROLE,
        "arn:aws:iam::999:role/app",
        "${ROLE_ARN}",
        "path/app",
        ":",
        "::::::",
        "arn:aws:iam::123456789012:role/a:b:c",
    };
    for (size_t i = 0; i < IRSA_COUNT(none); i++)
        check_text(irsa_role_arn_guess(none[i], "aws", "123456789012"), NULL, none[i]);
    check_text(irsa_role_arn_guess("app", NULL, NULL), NULL, "app");
    check_text(irsa_role_arn_guess("arn:iam::123456789012:role/app", NULL, NULL), NULL, "arn:iam");
    check_text(irsa_role_arn_guess("arn:aws:iam::12345678901:role/app", NULL, NULL), NULL, "11");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_role_arn_parse__parts),
        cmocka_unit_test(test_role_arn_parse__what_is_wrong),
        cmocka_unit_test(test_role_name_problem__length_and_characters),
        cmocka_unit_test(test_role_path_problem__form_and_length),
        cmocka_unit_test(test_role_arn_guess__one_meaning),
        cmocka_unit_test(test_role_arn_guess__another_account_stays),
        cmocka_unit_test(test_role_arn_guess__nothing_single),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
