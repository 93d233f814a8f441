/* SPDX-License-Identifier: Apache-2.0 */
/* One issuer in the place of another, and beside it: document for document. */
#include "helper.h"

#define OLD "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
#define NEW "oidc.eks.eu-west-1.amazonaws.com/id/C4D5E6F708192A3B4C5D6E7F8091A2B3"
#define THIRD "oidc.eks.us-east-1.amazonaws.com/id/99999999999999999999999999999999"
#define ACCOUNT "111122223333"
#define ARN(issuer) "arn:aws:iam::" ACCOUNT ":oidc-provider/" issuer
#define WEB "'Action':'sts:AssumeRoleWithWebIdentity'"
#define POLICY(statements) "{'Version':'2012-10-17','Statement':[" statements "]}"
/* A statement for one issuer and subject, with what stands before its effect. */
#define FOR(before, issuer, subject)                                                               \
    "{" before "'Effect':'Allow','Principal':{'Federated':'" ARN(                                  \
        issuer) "'}," WEB ",'Condition':{'StringEquals':{'" issuer ":sub':'" subject "','" issuer  \
                ":aud':'sts.amazonaws.com'}}}"
#define API "system:serviceaccount:shop:api"

static int repoint(const char *before, bool keep_old, struct irsa_repoint_result *ret,
                   struct irsa_error **reterr)
{
    irsa_auto_policy policy = policy_from(before, IRSA_POLICY_TRUST);
    struct irsa_repoint wish = {
        .partition = "aws", .account = ACCOUNT, .from = OLD, .to = NEW, .keep_old = keep_old};
    return irsa_policy_edit_repoint(policy, &wish, ret, reterr);
}

/* Equal to the letter: the order of keys too. */
static void assert_document(const json_t *document, const char *expected)
{
    json_auto_t *wanted = json_from(expected);
    char *is = json_dumps(document, JSON_INDENT(1));
    char *should = json_dumps(wanted, JSON_INDENT(1));
    assert_string_equal(is, should);
    free(is);
    free(should);
}

static void assert_repointed(const char *before, bool keep_old, const char *expected)
{
    irsa_auto_repoint_result result = {0};
    irsa_auto_error error = NULL;
    if (repoint(before, keep_old, &result, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    assert_document(result.document, expected);
    assert_int_equal(result.changed, strcmp(before, expected) != 0);
    assert_int_equal(result.left.len, 0);
    /* once more: nothing is left to do */
    irsa_auto_policy policy = irsa_policy_new(result.document, IRSA_POLICY_TRUST);
    struct irsa_repoint wish = {
        .partition = "aws", .account = ACCOUNT, .from = OLD, .to = NEW, .keep_old = keep_old};
    irsa_auto_repoint_result again = {0};
    assert_int_equal(irsa_policy_edit_repoint(policy, &wish, &again, &error), 0);
    assert_false(again.changed);
}

static void assert_refused(const char *before, bool keep_old, const char *part)
{
    irsa_auto_repoint_result result = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(repoint(before, keep_old, &result, &error), -1);
    if (!strstr(irsa_error_message(error), part))
        fail_msg("\"%s\" is not in: %s", part, irsa_error_message(error));
}

static void test_replace__statement(void **state)
{
    (void)state;
    assert_repointed(POLICY(FOR("'Sid':'Api',", OLD, API)), false,
                     POLICY(FOR("'Sid':'Api',", NEW, API)));
}

static void test_replace__lone_object(void **state)
{
    (void)state;
    assert_repointed("{'Version':'2012-10-17','Statement':" FOR("", OLD, API) "}", false,
                     "{'Version':'2012-10-17','Statement':" FOR("", NEW, API) "}");
}

static void test_replace__patterns_and_further_conditions(void **state)
{
    (void)state;
#define WIDE(issuer)                                                                               \
    "{'Effect':'Allow','Principal':{'Federated':['" ARN(                                           \
        issuer) "']}," WEB ",'Condition':{'StringLike':{'" issuer                                  \
                ":sub':['system:serviceaccount:*:velero-*','x']},"                                 \
                "'IpAddress':{'aws:SourceIp':'10.0.0.0/"                                           \
                "8'},'StringEquals':{'aws:FederatedProvider':'" ARN(                               \
                    issuer) "','" issuer ":aud':['sts.amazonaws.com','vault']}}}"
    assert_repointed(POLICY(WIDE(OLD)), false, POLICY(WIDE(NEW)));
    assert_repointed(POLICY(WIDE(OLD)), true, POLICY(WIDE(OLD) "," WIDE(NEW)));
#undef WIDE
}

static void test_replace__key_in_other_letter_case(void **state)
{
    (void)state;
    assert_repointed(
        POLICY("{'Effect':'Allow','Principal':{'Federated':'" ARN(
            OLD) "'}," WEB ",'Condition':{'StringEquals':{'OIDC.eks.eu-west-1.amazonaws.com/id/"
                 "0a1b2c3d4e5f60718293a4b5c6d7e8f9:SUB':'" API "'}}}"),
        false,
        POLICY("{'Effect':'Allow','Principal':{'Federated':'" ARN(
            NEW) "'}," WEB ",'Condition':{'StringEquals':{'" NEW ":SUB':'" API "'}}}"));
}

static void test_replace__several_principals(void **state)
{
    (void)state;
#define MIXED(issuer)                                                                              \
    "{'Effect':'Allow','Principal':{'AWS':'arn:aws:iam::111122223333:root','Federated':['" ARN(    \
        THIRD) "','" ARN(issuer) "']},'Action':['sts:AssumeRole',"                                 \
                                 "'sts:AssumeRoleWithWebIdentity'],'Condition':{'"                 \
                                 "StringEqualsIfExists':{'" issuer ":sub':'" API "','" THIRD       \
                                 ":sub':'system:serviceaccount:ops:cron'}}}"
    assert_repointed(POLICY(MIXED(OLD)), false, POLICY(MIXED(NEW)));
    /* beside: a statement of the new issuer's own, nobody else's */
    assert_repointed(
        POLICY(MIXED(OLD)), true,
        POLICY(MIXED(OLD) ",{'Effect':'Allow','Principal':{'Federated':['" ARN(
            NEW) "']},'Action':['sts:AssumeRole','sts:AssumeRoleWithWebIdentity'],'Condition':{"
                 "'StringEqualsIfExists':{'" NEW ":sub':'" API "','" THIRD
                 ":sub':'system:serviceaccount:ops:cron'}}}"));
#undef MIXED
}

static void test_replace__others_untouched(void **state)
{
    (void)state;
#define OTHERS                                                                                     \
    FOR("'Sid':'Third',", THIRD, "system:serviceaccount:ops:cron")                                 \
    ",{'Action':'sts:AssumeRole','Principal':{'Service':'ec2.amazonaws.com'},'Effect':'Allow'}"
    assert_repointed(POLICY(OTHERS "," FOR("", OLD, API)), false,
                     POLICY(OTHERS "," FOR("", NEW, API)));
    assert_repointed(POLICY(OTHERS), false, POLICY(OTHERS));
#undef OTHERS
}

static void test_keep_old__sid_is_made_unique(void **state)
{
    (void)state;
    assert_repointed(
        POLICY(FOR("'Sid':'Api',", OLD, API) "," FOR("'Sid':'Api2',", OLD,
                                                     "system:serviceaccount:shop:web")),
        true,
        POLICY(FOR("'Sid':'Api',", OLD, API) "," FOR("'Sid':'Api3',", NEW, API) "," FOR(
            "'Sid':'Api2',", OLD,
            "system:serviceaccount:shop:web") "," FOR("'Sid':'Api22',", NEW,
                                                      "system:serviceaccount:shop:"
                                                      "web")));
}

static void test_keep_old__there_already(void **state)
{
    (void)state;
    assert_repointed(POLICY(FOR("", OLD, API) "," FOR("'Sid':'Green',", NEW, API)), true,
                     POLICY(FOR("", OLD, API) "," FOR("'Sid':'Green',", NEW, API)));
}

static void test_replace__there_already(void **state)
{
    (void)state;
    assert_repointed(POLICY(FOR("", OLD, API) "," FOR("'Sid':'Green',", NEW, API)), false,
                     POLICY(FOR("'Sid':'Green',", NEW, API)));
}

static void test_replace__same_subject_other_conditions(void **state)
{
    (void)state;
    /* what the two hang on is not known alike: both stay */
#define FROM(issuer, vpc)                                                                          \
    "{'Effect':'Allow','Principal':{'Federated':'" ARN(                                            \
        issuer) "'}," WEB ",'Condition':{'StringEquals':{'" issuer ":sub':'" API                   \
                "','aws:SourceVpc':'" vpc "'}}}"
    assert_repointed(POLICY(FROM(OLD, "vpc-1") "," FROM(NEW, "vpc-2")), false,
                     POLICY(FROM(NEW, "vpc-1") "," FROM(NEW, "vpc-2")));
#undef FROM
}

static void test_replace__deny_goes_along(void **state)
{
    (void)state;
#define DENY(issuer)                                                                               \
    "{'Effect':'Deny','Principal':{'Federated':'" ARN(                                             \
        issuer) "'}," WEB ",'Condition':{'StringEquals':{'" issuer                                 \
                ":sub':'system:serviceaccount:shop:bad'}}}"
#define LIKE(issuer)                                                                               \
    "{'Effect':'Allow','Principal':{'Federated':'" ARN(                                            \
        issuer) "'}," WEB ",'Condition':{'StringLike':{'" issuer                                   \
                ":sub':'system:serviceaccount:shop:*'}}}"
    assert_repointed(POLICY(LIKE(OLD) "," DENY(OLD)), false, POLICY(LIKE(NEW) "," DENY(NEW)));
    assert_repointed(POLICY(LIKE(OLD) "," DENY(OLD)), true,
                     POLICY(LIKE(OLD) "," LIKE(NEW) "," DENY(OLD) "," DENY(NEW)));
    /* A Deny of all but the old issuer's subjects can't be had for both. */
    assert_refused(POLICY(LIKE(OLD) ",{'Effect':'Deny','Principal':'*'," WEB
                                    ",'Condition':{'StringNotLike':{'" OLD
                                    ":sub':'system:serviceaccount:shop:*'}}}"),
                   true, "Statement[1]");
#undef DENY
#undef LIKE
}

static void test_left__what_lets_nobody_in(void **state)
{
    (void)state;
    /* put to the new issuer by half: mending that is not re-pointing */
    const char *half = "{'Effect':'Allow','Principal':{'Federated':'" ARN(
        OLD) "'}," WEB ",'Condition':{'StringEquals':{'" NEW ":sub':'" API "'}}}";
    irsa_autofree char *alone = irsa_format("{'Version':'2012-10-17','Statement':[%s]}", half);
    assert_refused(alone, false, "it lets nobody in as it stands");
    irsa_autofree char *both = irsa_format("{'Version':'2012-10-17','Statement':[%s,%s]}", half,
                                           FOR("", OLD, "system:serviceaccount:shop:web"));
    irsa_auto_repoint_result result = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(repoint(both, false, &result, &error), 0);
    assert_true(result.changed);
    assert_int_equal(result.left.len, 1);
    irsa_autofree char *expected = irsa_format("{'Version':'2012-10-17','Statement':[%s,%s]}", half,
                                               FOR("", NEW, "system:serviceaccount:shop:web"));
    assert_document(result.document, expected);
}

static void test_refused__new_issuer_is_denied(void **state)
{
    (void)state;
    assert_refused(POLICY(FOR("", OLD, API) ",{'Effect':'Deny','Principal':{'Federated':'" ARN(
                       NEW) "'},'Action':'*'}"),
                   true, "is never removed");
}

static void test_refused__keys_that_clash(void **state)
{
    (void)state;
    assert_refused(POLICY("{'Effect':'Allow','Principal':{'Federated':['" ARN(OLD) "','" ARN(
                       NEW) "']}," WEB ",'Condition':{'StringEqualsIfExists':{'" OLD ":sub':'" API
                            "','" NEW ":sub':'system:serviceaccount:a:b'}}}"),
                   false, "name the new issuer too");
}

static void test_variables(void **state)
{
    (void)state;
#define VARIABLE(issuer)                                                                           \
    "{'Effect':'Allow','Principal':{'Federated':'" ARN(                                            \
        issuer) "'}," WEB ",'Condition':{'StringLike':{'" issuer                                   \
                ":sub':'system:serviceaccount:*:*'},"                                              \
                "'StringEquals':{'sts:RoleSessionName':'a-${" issuer ":sub}-b'}}}"
    assert_repointed(POLICY(VARIABLE(OLD)), false, POLICY(VARIABLE(NEW)));
#undef VARIABLE
}

static void test_issuers(void **state)
{
    (void)state;
    irsa_auto_policy policy = policy_from(
        POLICY(FOR("", OLD, API) "," FOR(
            "", THIRD, API) ",{'Effect':'Allow',"
                            "'Principal':'*','Action':'*','Condition':{'StringEquals':{'" NEW
                            ":sub':'x','aws:SourceIp':'y','accounts.google.com:aud':'z'}}}"),
        IRSA_POLICY_TRUST);
    irsa_auto_strings issuers = {0};
    irsa_policy_issuers(policy, &issuers);
    assert_int_equal(issuers.len, 3);
    assert_string_equal(issuers.items[0], OLD);
    assert_string_equal(issuers.items[1], THIRD);
    assert_string_equal(issuers.items[2], NEW);
}

/* --- prune ------------------------------------------------------------------------------------ */

static int prune(const char *before, struct irsa_repoint_result *ret, struct irsa_error **reterr)
{
    irsa_auto_policy policy = policy_from(before, IRSA_POLICY_TRUST);
    struct irsa_repoint place = {.partition = "aws", .account = ACCOUNT};
    char *items[] = {(char *)OLD};
    struct irsa_strings gone = {.items = items, .len = 1};
    return irsa_policy_edit_prune(policy, &place, &gone, ret, reterr);
}

static void assert_pruned(const char *before, size_t left, const char *expected)
{
    irsa_auto_repoint_result result = {0};
    irsa_auto_error error = NULL;
    if (prune(before, &result, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    assert_document(result.document, expected);
    assert_int_equal(result.changed, strcmp(before, expected) != 0);
    assert_int_equal(result.left.len, left);
}

static void test_prune__statements_and_principals(void **state)
{
    (void)state;
    assert_pruned(POLICY(FOR("", OLD, API) "," FOR("", NEW, API)), 0, POLICY(FOR("", NEW, API)));
    assert_pruned(POLICY("{'Effect':'Allow','Principal':{'Federated':['" ARN(OLD) "','" ARN(
                      NEW) "']}," WEB ",'Condition':{'StringEquals':{'" NEW ":sub':'" API "'}}}"),
                  0,
                  POLICY("{'Effect':'Allow','Principal':{'Federated':['" ARN(
                      NEW) "']}," WEB ",'Condition':{'StringEquals':{'" NEW ":sub':'" API "'}}}"));
    assert_pruned(POLICY("{'Effect':'Allow','Principal':{'AWS':'" ACCOUNT
                         "','Federated':'" ARN(OLD) "'},'Action':'sts:*'}"),
                  0,
                  POLICY("{'Effect':'Allow','Principal':{'AWS':'" ACCOUNT "'},'Action':'sts:*'}"));
}

static void test_prune__what_stays(void **state)
{
    (void)state;
    irsa_auto_repoint_result result = {0};
    irsa_auto_error error = NULL;
    assert_int_equal(prune(POLICY(FOR("", OLD, API)), &result, &error), -1);
    assert_non_null(strstr(irsa_error_message(error), "nothing would be left"));
    const char *deny = POLICY("{'Effect':'Deny','Principal':{'Federated':'" ARN(OLD) "'}," WEB "}");
    assert_pruned(deny, 1, deny);
    const char *half = POLICY("{'Effect':'Allow','Principal':{'Federated':'" ARN(
        OLD) "'}," WEB ",'Condition':{'StringEquals':{'" NEW ":sub':'" API "'}}}");
    assert_pruned(half, 1, half);
    const char *keys = POLICY("{'Effect':'Allow','Principal':{'Federated':'" ARN(
        NEW) "'}," WEB ",'Condition':{'StringEquals':{'" OLD ":sub':'" API "'}}}");
    assert_pruned(keys, 1, keys);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replace__statement),
        cmocka_unit_test(test_replace__lone_object),
        cmocka_unit_test(test_replace__patterns_and_further_conditions),
        cmocka_unit_test(test_replace__key_in_other_letter_case),
        cmocka_unit_test(test_replace__several_principals),
        cmocka_unit_test(test_replace__others_untouched),
        cmocka_unit_test(test_keep_old__sid_is_made_unique),
        cmocka_unit_test(test_keep_old__there_already),
        cmocka_unit_test(test_replace__there_already),
        cmocka_unit_test(test_replace__same_subject_other_conditions),
        cmocka_unit_test(test_replace__deny_goes_along),
        cmocka_unit_test(test_left__what_lets_nobody_in),
        cmocka_unit_test(test_refused__new_issuer_is_denied),
        cmocka_unit_test(test_refused__keys_that_clash),
        cmocka_unit_test(test_variables),
        cmocka_unit_test(test_issuers),
        cmocka_unit_test(test_prune__statements_and_principals),
        cmocka_unit_test(test_prune__what_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
