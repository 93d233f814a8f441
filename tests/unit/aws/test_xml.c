/* SPDX-License-Identifier: Apache-2.0 */
/* All outputs of IAM and STS: tests/oracle/xml_oracle.py. */
#include "aws/xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void assert_answer(const char *action, const char *text, const char *expected)
{
    irsa_auto_error error = NULL;
    irsa_auto_aws_answer answer = {0};
    assert_int_equal(irsa_aws_answer_read("iam: host", action, text, strlen(text), &answer, &error),
                     0);
    assert_null(answer.code);
    irsa_auto_buf json = {0};
    irsa_json_write_compact(answer.result, &json);
    irsa_autofree char *text_of = irsa_trim(json.data);
    assert_string_equal(text_of, expected);
}

static void assert_fails(const char *text, size_t len, enum irsa_error_kind kind,
                         const char *message)
{
    irsa_auto_error error = NULL;
    irsa_auto_aws_answer answer = {0};
    assert_int_equal(irsa_aws_answer_read("iam: host", "GetRole", text, len, &answer, &error), -1);
    assert_int_equal(irsa_error_kind(error), kind);
    assert_string_equal(irsa_error_message(error), message);
    assert_null(answer.result);
}

static void test_answer__lists_structures_and_texts(void **state)
{
    (void)state;
    assert_answer("GetRole",
                  "<?xml version=\"1.0\"?>\n"
                  "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n"
                  "  <GetRoleResult>\n    <Role>\n      <Path>/</Path>\n"
                  "      <AssumeRolePolicyDocument>%7B%22a%22%3A1%7D</AssumeRolePolicyDocument>\n"
                  "      <Description> a &lt;b&gt; &#233; <![CDATA[<c>]]> </Description>\n"
                  "      <RoleLastUsed/>\n      <Empty></Empty>\n"
                  "      <Tags>\n        <member><Key>k</Key><Value/></member>\n      </Tags>\n"
                  "    </Role>\n  </GetRoleResult>\n"
                  "  <ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata>\n"
                  "</GetRoleResponse>\n",
                  "{\"Role\":{\"Path\":\"/\",\"AssumeRolePolicyDocument\":\"%7B%22a%22%3A1%7D\","
                  "\"Description\":\" a <b> \xc3\xa9 <c> \",\"RoleLastUsed\":{},\"Empty\":\"\","
                  "\"Tags\":[{\"Key\":\"k\",\"Value\":\"\"}]}}");
}

static void test_answer__empty_lists(void **state)
{
    (void)state;
    assert_answer("ListRoles",
                  "<ListRolesResponse><ListRolesResult><Roles>\n </Roles>"
                  "<IsTruncated>false</IsTruncated></ListRolesResult></ListRolesResponse>",
                  "{\"Roles\":[],\"IsTruncated\":\"false\"}");
    assert_answer(
        "GetOpenIDConnectProvider",
        "<n:GetOpenIDConnectProviderResponse xmlns:n=\"u\"><n:GetOpenIDConnectProviderResult>"
        "<n:ThumbprintList/><n:ClientIDList><n:member>a</n:member><n:member>b</n:member>"
        "</n:ClientIDList></n:GetOpenIDConnectProviderResult>"
        "</n:GetOpenIDConnectProviderResponse>",
        "{\"ThumbprintList\":[],\"ClientIDList\":[\"a\",\"b\"]}");
}

static void test_answer__maps(void **state)
{
    (void)state;
    assert_answer("Simulate",
                  "<SimulateResponse><SimulateResult><EvalDecisionDetails>"
                  "<entry><key>a b</key><value>allowed</value></entry>"
                  "<entry><key>c</key><value>explicitDeny</value></entry>"
                  "</EvalDecisionDetails></SimulateResult></SimulateResponse>",
                  "{\"EvalDecisionDetails\":{\"a b\":\"allowed\",\"c\":\"explicitDeny\"}}");
}

static void test_answer__without_a_result(void **state)
{
    (void)state;
    assert_answer("DeleteRole",
                  "<DeleteRoleResponse><ResponseMetadata><RequestId>r</RequestId>"
                  "</ResponseMetadata></DeleteRoleResponse>",
                  "{}");
    assert_answer("DeleteRole", "<DeleteRoleResponse><DeleteRoleResult/></DeleteRoleResponse>",
                  "{}");
}

static void test_answer__errors_of_both_forms(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>"
        "<Type>Sender</Type><Code>NoSuchEntity</Code><Message>no &amp; none</Message></Error>"
        "<RequestId>r-2</RequestId></ErrorResponse>",
        "<Response><Errors><Error><Code>NoSuchEntity</Code><Message>no &amp; none</Message></Error>"
        "</Errors><RequestID>r-2</RequestID></Response>"};
    for (size_t i = 0; i < IRSA_COUNT(texts); i++) {
        irsa_auto_error error = NULL;
        irsa_auto_aws_answer answer = {0};
        assert_int_equal(
            irsa_aws_answer_read("iam", "GetRole", texts[i], strlen(texts[i]), &answer, &error), 0);
        assert_null(answer.result);
        assert_string_equal(answer.code, "NoSuchEntity");
        assert_string_equal(answer.message, "no & none");
        assert_string_equal(answer.request_id, "r-2");
    }
}

static void test_answer__what_is_none(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"", "iam: host: the answer is empty"},
        {"\n <!DOCTYPE html><html>", "iam: host: the answer is HTML, not XML"},
        {"<HTML><body>", "iam: host: the answer is HTML, not XML"},
        {"{\"message\": 1}", "iam: host: the answer is not XML: line 1: not well-formed "
                             "(invalid token)"},
        {"<GetRoleResponse><GetRoleResult>",
         "iam: host: the answer is cut off: line 1: no element found"},
        {"<GetRoleResponse>\n<GetRo", "iam: host: the answer is cut off: line 2: unclosed token"},
        {"<a></b>", "iam: host: the answer is not XML: line 1: mismatched tag"},
        {"<GetRoleResponse>\xff\xfe</GetRoleResponse>",
         "iam: host: the answer is not XML: line 1: not well-formed (invalid token)"},
        {"<ListRolesResponse/>", "iam: host: the answer <ListRolesResponse> is none to GetRole"},
        {"<ErrorResponse><Error/></ErrorResponse>",
         "iam: host: the answer <ErrorResponse> is none to GetRole"},
        {"<GetRoleResponse><GetRoleResult>text</GetRoleResult></GetRoleResponse>",
         "iam: host: the answer <GetRoleResponse> is none to GetRole"},
        {"<GetRoleResponse><a/><a/></GetRoleResponse>",
         "iam: host: line 1: an element that is there twice, or does not belong where it is"},
        {"<GetRoleResponse><member/><a/></GetRoleResponse>",
         "iam: host: line 1: an element that is there twice, or does not belong where it is"},
        {"<!DOCTYPE x [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><GetRoleResponse>&b;"
         "</GetRoleResponse>",
         "iam: host: line 1: a document type, which no answer of AWS has"},
        {"<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><GetRoleResponse/>",
         "iam: host: line 1: a document type, which no answer of AWS has"},
        {"<GetRoleResponse>&unknown;</GetRoleResponse>",
         "iam: host: the answer is not XML: line 1: undefined entity"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++)
        assert_fails(cases[i].text, strlen(cases[i].text), IRSA_E_PARSE, cases[i].message);
    assert_fails("<GetRoleResponse>\0</GetRoleResponse>", 36, IRSA_E_PARSE,
                 "iam: host: the answer is not XML: line 1: not well-formed (invalid token)");
}

static void test_answer__is_bounded(void **state)
{
    (void)state;
    irsa_auto_buf deep = {0};
    for (int i = 0; i < 100000; i++)
        irsa_buf_adds(&deep, "<a>");
    assert_fails(deep.data, deep.len, IRSA_E_LIMIT,
                 "iam: host: line 1: elements are nested too deep");
    irsa_auto_buf wide = {0};
    irsa_buf_adds(&wide, "<GetRoleResponse>");
    for (int i = 0; i < 500000; i++)
        irsa_buf_adds(&wide, "<member/>");
    assert_fails(wide.data, wide.len, IRSA_E_LIMIT, "iam: host: line 1: too many elements");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer__lists_structures_and_texts),
        cmocka_unit_test(test_answer__empty_lists),
        cmocka_unit_test(test_answer__maps),
        cmocka_unit_test(test_answer__without_a_result),
        cmocka_unit_test(test_answer__errors_of_both_forms),
        cmocka_unit_test(test_answer__what_is_none),
        cmocka_unit_test(test_answer__is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
