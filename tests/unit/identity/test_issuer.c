/* SPDX-License-Identifier: Apache-2.0 */
#include "identity_test.h"

#define ID "0123456789ABCDEF0123456789ABCDEF"
#define OTHER_ID "FEDCBA98765432100123456789ABCDEF"
#define HOST "oidc.eks.eu-west-1.amazonaws.com"
#define ISSUER HOST "/id/" ID

static void test_issuer_parse__eks(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_issuer issuer = {0};
    assert_int_equal(irsa_issuer_parse("https://" ISSUER, &issuer, &error), 0);
    assert_string_equal(issuer.url, "https://" ISSUER);
    assert_string_equal(issuer.host_path, ISSUER);
    assert_string_equal(issuer.host, HOST);
    assert_string_equal(issuer.region, "eu-west-1");
    assert_string_equal(issuer.id, ID);
}

static void test_issuer_parse__without_scheme(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_issuer issuer = {0};
    assert_int_equal(
        irsa_issuer_parse("oidc.eks.cn-north-1.amazonaws.com.cn/id/" ID, &issuer, &error), 0);
    assert_string_equal(issuer.url, "https://oidc.eks.cn-north-1.amazonaws.com.cn/id/" ID);
    assert_string_equal(issuer.region, "cn-north-1");
}

static void test_issuer_parse__dual_stack_host(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_issuer issuer = {0};
    assert_int_equal(
        irsa_issuer_parse("https://oidc-eks.eu-west-1.api.aws/id/" ID, &issuer, &error), 0);
    assert_string_equal(issuer.region, "eu-west-1");
    assert_string_equal(issuer.id, ID);
}

static void test_issuer_parse__not_eks(void **state)
{
    (void)state;
    static const char *const custom[] = {
        "https://oidc.example.org",
        "https://oidc.example.org:8443/clusters/a",
        "https://s3.eu-west-1.amazonaws.com/bucket.with.dots/cluster",
        "https://10.0.0.1/x",
        "https://[2001:db8::1]:8443/x",
        /* the suffix is another partition's */
        "https://oidc.eks.eu-west-1.amazonaws.com.cn/id/" ID,
        "https://oidc.eks.eu-west-1.amazonaws.com.example.org/id/" ID,
        "https://eks.oidc.eu-west-1.amazonaws.com/id/" ID,
    };
    for (size_t i = 0; i < IRSA_COUNT(custom); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_issuer issuer = {0};
        assert_int_equal(irsa_issuer_parse(custom[i], &issuer, &error), 0);
        assert_string_equal(issuer.url, custom[i]);
        assert_null(issuer.region);
        assert_null(issuer.id);
    }
}

static void test_issuer_parse__nothing_is_normalised(void **state)
{
    (void)state;
    static const char *const kept[] = {
        "https://" ISSUER "/",
        "https://OIDC.eks.eu-west-1.amazonaws.com/id/" ID,
        "https://" HOST ":443/id/" ID,
        "https://" HOST "//id/" ID,
    };
    for (size_t i = 0; i < IRSA_COUNT(kept); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_issuer issuer = {0};
        assert_int_equal(irsa_issuer_parse(kept[i], &issuer, &error), 0);
        assert_string_equal(issuer.url, kept[i]);
        assert_null(issuer.id);
    }
}

static void test_issuer_parse__what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "issuer is empty"},
        {"https://", "issuer has no host"},
        {"https:///id/x", "issuer has no host"},
        {"/id/x", "issuer has no host"},
        {"http://" ISSUER, "issuer begins with \"http://\", \"https://\" is needed"},
        {"HTTPS://" ISSUER, "issuer begins with \"HTTPS://\", \"https://\" is needed"},
        {"https://https://" ISSUER, "issuer's port is \":\""},
        {"https://" ISSUER "?x=1", "issuer has a query, which no issuer has"},
        {"https://" ISSUER "#x", "issuer has a fragment, which no issuer has"},
        {"https://user:pw@" ISSUER, "issuer has user information in front of the host"},
        {" https://" ISSUER, "issuer has a space at position 1"},
        {ISSUER "\n", "issuer has a line break at position 69"},
        {"https://ho*st/id", "issuer's host has \"*\""},
        {"https://host:/id", "issuer's port is \":\""},
        {"https://host:99999/id", "issuer's port is \":99999\""},
        {"https://host:12x/id", "issuer's port is \":12x\""},
        {"https://${host}/id", "issuer has \"{\" at position 10"},
        {"https://h\xc3\xb6st/id", "issuer has byte 0xc3 at position 10"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_issuer issuer = {0};
        assert_parse_error(irsa_issuer_parse(cases[i].text, &issuer, &error), error,
                           cases[i].message);
        assert_null(issuer.url);
    }
}

static void test_provider_arn_parse__parts(void **state)
{
    (void)state;
    irsa_auto_error error = NULL;
    irsa_auto_provider_arn arn = {0};
    irsa_autofree char *text = irsa_provider_arn_text("aws", "123456789012", ISSUER);
    assert_string_equal(text, "arn:aws:iam::123456789012:oidc-provider/" ISSUER);
    assert_int_equal(irsa_provider_arn_parse(text, &arn, &error), 0);
    assert_string_equal(arn.partition, "aws");
    assert_string_equal(arn.account, "123456789012");
    assert_string_equal(arn.host_path, ISSUER);
}

static void test_provider_arn_parse__what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {ISSUER, "is no ARN: does not begin with \"arn:\""},
        {"https://" ISSUER, "begins with \"https:\", an ARN begins with \"arn:\""},
        {"arn:aws:iam::123456789012:oidc-provider/https://" ISSUER,
         "has \"https://\" inside, a provider's ARN carries the URL without it"},
        {"arn:aws:iam:::oidc-provider/" ISSUER, "account id is missing"},
        {"arn:aws:iam::123456789012:role/x",
         "resource is \"role/x\", an OIDC provider's begins with \"oidc-provider/\""},
        {"arn:aws:eks:eu-west-1:123456789012:cluster/c",
         "service is \"eks\", an OIDC provider's is \"iam\""},
        {"arn:aws:iam::123456789012:oidc-provider/", "issuer is empty"},
        {"arn:aws:iam::123456789012:oidc-provider/" ISSUER " ",
         "issuer has a space at position 69"},
        {"arn:aws:iam:eu-west-1:123456789012:oidc-provider/" ISSUER,
         "has a region (\"eu-west-1\"), an OIDC provider's ARN has none"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_provider_arn arn = {0};
        assert_parse_error(irsa_provider_arn_parse(cases[i].text, &arn, &error), error,
                           cases[i].message);
    }
}

static void test_issuer_relation__each_kind(void **state)
{
    (void)state;
    static const struct {
        const char *found;
        enum irsa_issuer_relation relation;
    } cases[] = {
        {ISSUER, IRSA_ISSUER_EQUAL},
        {"oidc.eks.eu-west-1.amazonaws.com/id/0123456789abcdef0123456789abcdef",
         IRSA_ISSUER_SAME_BUT_CASE},
        {ISSUER "/", IRSA_ISSUER_SAME_BUT_SLASH},
        {HOST "//id/" ID, IRSA_ISSUER_SAME_BUT_SLASH},
        {"https://" ISSUER, IRSA_ISSUER_SAME_BUT_SCHEME},
        {"http://" ISSUER "/", IRSA_ISSUER_SAME_BUT_SCHEME},
        {HOST ":443/id/" ID, IRSA_ISSUER_SAME_BUT_PORT},
        {"oidc-eks.eu-west-1.api.aws/id/" ID, IRSA_ISSUER_DUAL_STACK},
        {"oidc-eks.eu-west-2.api.aws/id/" ID, IRSA_ISSUER_SAME_ID_OTHER_HOST},
        {"oidc.eks.eu-west-2.amazonaws.com/id/" ID, IRSA_ISSUER_SAME_ID_OTHER_HOST},
        {"oidc.eks.eu-west-1.amazonaws.com.cn/id/" ID, IRSA_ISSUER_SAME_ID_OTHER_HOST},
        {"eks.oidc.eu-west-1.amazonaws.com/id/" ID, IRSA_ISSUER_SAME_ID_OTHER_HOST},
        {HOST "/id/" OTHER_ID, IRSA_ISSUER_SAME_HOST_OTHER_ID},
        {HOST "/" ID, IRSA_ISSUER_MISSING_ID_PREFIX},
        {HOST, IRSA_ISSUER_UNRELATED},
        {"oidc.example.org/x", IRSA_ISSUER_UNRELATED},
        {"", IRSA_ISSUER_UNRELATED},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        enum irsa_issuer_relation relation = irsa_issuer_relation(ISSUER, cases[i].found);
        if (relation != cases[i].relation)
            fail_msg("%s: %s", cases[i].found, irsa_issuer_relation_text(relation));
        assert_true(strlen(irsa_issuer_relation_text(relation)) > 0);
    }
}

static void test_issuer_relation__custom_issuers(void **state)
{
    (void)state;
    assert_int_equal(irsa_issuer_relation("oidc.example.org/a", "oidc.example.org/a/"),
                     IRSA_ISSUER_SAME_BUT_SLASH);
    assert_int_equal(irsa_issuer_relation("oidc.example.org/a", "oidc.example.org/b"),
                     IRSA_ISSUER_UNRELATED);
    assert_int_equal(irsa_issuer_relation("oidc.example.org/a", "oidc.example.com/a"),
                     IRSA_ISSUER_UNRELATED);
    assert_int_equal(irsa_issuer_relation("oidc.example.org", "https://oidc.example.org"),
                     IRSA_ISSUER_SAME_BUT_SCHEME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_issuer_parse__eks),
        cmocka_unit_test(test_issuer_parse__without_scheme),
        cmocka_unit_test(test_issuer_parse__dual_stack_host),
        cmocka_unit_test(test_issuer_parse__not_eks),
        cmocka_unit_test(test_issuer_parse__nothing_is_normalised),
        cmocka_unit_test(test_issuer_parse__what_is_wrong),
        cmocka_unit_test(test_provider_arn_parse__parts),
        cmocka_unit_test(test_provider_arn_parse__what_is_wrong),
        cmocka_unit_test(test_issuer_relation__each_kind),
        cmocka_unit_test(test_issuer_relation__custom_issuers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
