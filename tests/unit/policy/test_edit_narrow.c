/* SPDX-License-Identifier: Apache-2.0 */
#include "helper.h"
#include "irsa/identity.h"

#define OTHER_ISSUER "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
#define OTHER_PROVIDER "arn:aws:iam::111122223333:oidc-provider/" OTHER_ISSUER
#define WEB "system:serviceaccount:shop:web"
#define ALLOW                                                                                      \
    "'Effect':'Allow','Principal':{'Federated':'" PROVIDER "'},"                                   \
    "'Action':'sts:AssumeRoleWithWebIdentity'"
#define DOCUMENT(statements) "{'Version':'2012-10-17','Statement':[" statements "]}"

/* The document after narrowing to the subjects (NULL ends them), or NULL with the kind of the
 * error. */
static json_t *narrow(const char *document, size_t statement, const char *const *subjects,
                      enum irsa_error_kind *ret_kind)
{
    irsa_auto_policy policy = policy_from(document, IRSA_POLICY_TRUST);
    irsa_auto_strings wanted = {0};
    for (; *subjects; subjects++)
        irsa_strings_add(&wanted, *subjects);
    irsa_auto_error error = NULL;
    json_t *after = NULL;
    if (irsa_policy_edit_narrow(policy, statement, PROVIDER, &wanted, IRSA_DEFAULT_AUDIENCE, &after,
                                &error)
        == 0)
        return after;
    *ret_kind = irsa_error_kind(error);
    return NULL;
}

static void check(const char *before, size_t statement, const char *const *subjects,
                  const char *after)
{
    enum irsa_error_kind kind = IRSA_E_INTERNAL;
    json_auto_t *found = narrow(before, statement, subjects, &kind);
    json_auto_t *expected = json_from(after);
    assert_non_null(found);
    irsa_autofree char *found_text = json_dumps(found, JSON_INDENT(1));
    irsa_autofree char *expected_text = json_dumps(expected, JSON_INDENT(1));
    assert_string_equal(found_text, expected_text);
}

static const char *const api[] = {SUBJECT, NULL};
static const char *const api_and_web[] = {SUBJECT, WEB, NULL};

static void test_narrow__pattern_becomes_names(void **unused)
{
    (void)unused;
    check(DOCUMENT("{" ALLOW ",'Condition':{'StringLike':{'" ISSUER
                   ":sub':'system:serviceaccount:*:*'}}}"),
          0, api_and_web,
          DOCUMENT("{" ALLOW ",'Condition':{'StringEquals':{'" ISSUER ":sub':['" SUBJECT "','" WEB
                   "'],'" ISSUER ":aud':'sts.amazonaws.com'}}}"));
}

static void test_narrow__audience_and_other_conditions_stay(void **unused)
{
    (void)unused;
    check(DOCUMENT(
              "{'Sid':'Wide'," ALLOW ",'Condition':{'StringEquals':{'" ISSUER
              ":aud':['sts.amazonaws.com']},'StringLike':{'" ISSUER
              ":sub':'system:serviceaccount:shop:*'},'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}}}"),
          0, api,
          DOCUMENT("{'Sid':'Wide'," ALLOW ",'Condition':{'StringEquals':{'" ISSUER
                   ":aud':['sts.amazonaws.com'],'" ISSUER ":sub':'" SUBJECT
                   "'},'IpAddress':{'aws:SourceIp':'10.0.0.0/8'}}}"));
}

static void test_narrow__no_condition_at_all(void **unused)
{
    (void)unused;
    check(DOCUMENT("{" ALLOW "}"), 0, api,
          DOCUMENT("{" ALLOW ",'Condition':{'StringEquals':{'" ISSUER ":sub':'" SUBJECT "','" ISSUER
                   ":aud':'sts.amazonaws.com'}}}"));
}

static void test_narrow__for_all_values_hole_is_closed(void **unused)
{
    (void)unused;
    check(DOCUMENT("{" ALLOW ",'Condition':{'ForAllValues:StringEquals':{'" ISSUER
                   ":subject':'x','" ISSUER ":sub':'" SUBJECT "'}}}"),
          0, api,
          DOCUMENT("{" ALLOW ",'Condition':{'StringEquals':{'" ISSUER ":sub':'" SUBJECT "','" ISSUER
                   ":aud':'sts.amazonaws.com'},'ForAllValues:StringEquals':{'" ISSUER
                   ":subject':'x'}}}"));
}

static void test_narrow__other_providers_keep_their_access(void **unused)
{
    (void)unused;
    check(DOCUMENT("{'Sid':'All','Effect':'Allow','Principal':{'Federated':['" PROVIDER
                   "','" OTHER_PROVIDER "']},'Action':'sts:AssumeRoleWithWebIdentity'},"
                   "{'Effect':'Allow','Principal':{'Service':'ec2.amazonaws.com'},"
                   "'Action':'sts:AssumeRole'}"),
          0, api,
          DOCUMENT("{'Sid':'All'," ALLOW ",'Condition':{'StringEquals':{'" ISSUER ":sub':'" SUBJECT
                   "','" ISSUER ":aud':'sts.amazonaws.com'}}},"
                   "{'Sid':'All2','Effect':'Allow','Principal':{'Federated':['" OTHER_PROVIDER
                   "']},'Action':'sts:AssumeRoleWithWebIdentity'},"
                   "{'Effect':'Allow','Principal':{'Service':'ec2.amazonaws.com'},"
                   "'Action':'sts:AssumeRole'}"));
}

static void test_narrow__star_principal(void **unused)
{
    (void)unused;
    check("{'Version':'2012-10-17','Statement':{'Effect':'Allow','Principal':'*',"
          "'Action':'sts:AssumeRoleWithWebIdentity'}}",
          0, api,
          "{'Version':'2012-10-17','Statement':{" ALLOW ",'Condition':{'StringEquals':{'" ISSUER
          ":sub':'" SUBJECT "','" ISSUER ":aud':'sts.amazonaws.com'}}}}");
}

static void test_narrow__never_lets_in_whom_it_kept_out(void **unused)
{
    (void)unused;
    enum irsa_error_kind kind = IRSA_E_INTERNAL;
    /* shop:api is not among those that the pattern lets in */
    assert_null(narrow(DOCUMENT("{" ALLOW ",'Condition':{'StringLike':{'" ISSUER
                                ":sub':'system:serviceaccount:ops:*'}}}"),
                       0, api, &kind));
    assert_int_equal(kind, IRSA_E_CONFLICT);
}

static void test_narrow__refuses(void **unused)
{
    (void)unused;
    static const char *const nobody[] = {NULL};
    enum irsa_error_kind kind = IRSA_E_INTERNAL;
    assert_null(narrow(DOCUMENT("{" ALLOW "}"), 1, api, &kind));
    assert_int_equal(kind, IRSA_E_NOT_FOUND);
    assert_null(narrow(DOCUMENT("{" ALLOW "}"), 0, nobody, &kind));
    assert_int_equal(kind, IRSA_E_CONFLICT);
    assert_null(
        narrow(DOCUMENT("{'Effect':'Deny','Principal':'*','Action':'sts:*'}"), 0, api, &kind));
    assert_int_equal(kind, IRSA_E_CONFLICT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_narrow__pattern_becomes_names),
        cmocka_unit_test(test_narrow__audience_and_other_conditions_stay),
        cmocka_unit_test(test_narrow__no_condition_at_all),
        cmocka_unit_test(test_narrow__for_all_values_hole_is_closed),
        cmocka_unit_test(test_narrow__other_providers_keep_their_access),
        cmocka_unit_test(test_narrow__star_principal),
        cmocka_unit_test(test_narrow__never_lets_in_whom_it_kept_out),
        cmocka_unit_test(test_narrow__refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
