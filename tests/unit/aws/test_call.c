/* SPDX-License-Identifier: Apache-2.0 */
/* The stages of a call, and calls over a transport that is made up. */
#include "aws/call.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "irsa/document.h"

/* --- requests -------------------------------------------------------------------------------- */

static void assert_body(enum irsa_aws_operation operation, const char *parameters,
                        const char *expected)
{
    json_auto_t *json = json_loads(parameters, 0, NULL);
    irsa_auto_buf body = {0};
    assert_non_null(json);
    irsa_aws_query_body(irsa_aws_spec(operation), json, &body);
    assert_string_equal(irsa_buf_str(&body), expected);
}

static void test_query_body__lists_structures_and_escapes(void **state)
{
    (void)state;
    assert_body(IRSA_IAM_GET_ROLE, "{\"RoleName\": \"a+b@c\"}",
                "Action=GetRole&Version=2010-05-08&RoleName=a%2Bb%40c");
    assert_body(IRSA_STS_GET_CALLER_IDENTITY, "{}", "Action=GetCallerIdentity&Version=2011-06-15");
    assert_body(IRSA_IAM_CREATE_PROVIDER,
                "{\"Url\": \"https://x/id/1\", \"ClientIDList\": [\"sts.amazonaws.com\", \"b\"], "
                "\"Tags\": [{\"Key\": \"k\", \"Value\": \"v w\"}]}",
                "Action=CreateOpenIDConnectProvider&Version=2010-05-08&Url=https%3A%2F%2Fx%2Fid%2F1"
                "&ClientIDList.member.1=sts.amazonaws.com&ClientIDList.member.2=b"
                "&Tags.member.1.Key=k&Tags.member.1.Value=v%20w");
    assert_body(IRSA_IAM_UPDATE_ROLE, "{\"RoleName\": \"r\", \"MaxSessionDuration\": 7200}",
                "Action=UpdateRole&Version=2010-05-08&RoleName=r&MaxSessionDuration=7200");
}

static void test_rest_target__path_and_sorted_query(void **state)
{
    (void)state;
    json_auto_t *json = json_pack("{s:s,s:s,s:s}", "serviceAccount", "api", "clusterName", "a/b",
                                  "namespace", "x y");
    irsa_auto_buf target = {0};
    irsa_aws_rest_target(irsa_aws_spec(IRSA_EKS_LIST_POD_IDENTITY_ASSOCIATIONS), json, &target);
    assert_string_equal(irsa_buf_str(&target), "/clusters/a%2Fb/pod-identity-associations"
                                               "?namespace=x%20y&serviceAccount=api");
}

static void test_spec__every_operation_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < IRSA_AWS_OPERATION_MAX_; i++) {
        const struct irsa_aws_spec *spec = irsa_aws_spec((enum irsa_aws_operation)i);
        assert_non_null(spec->service);
        assert_non_null(spec->name);
        assert_non_null(spec->path);
        assert_true(spec->version || strcmp(spec->service, "eks") == 0);
        assert_true(spec->writes || spec->repeatable);
        irsa_autofree char *label = irsa_format("%s:%s", spec->service, spec->name);
        assert_string_equal(irsa_aws_label((enum irsa_aws_operation)i), label);
    }
}

/* --- answers --------------------------------------------------------------------------------- */

static void read_reply(enum irsa_aws_operation operation, long status, const char *body,
                       struct irsa_aws_reply *ret)
{
    irsa_auto_error error = NULL;
    struct irsa_http_response response = {.status = status};
    irsa_buf_adds(&response.body, body);
    assert_int_equal(irsa_aws_reply_read(irsa_aws_spec(operation), "x", &response, ret, &error), 0);
    irsa_http_response_done(&response);
}

static void test_reply_read__a_role_as_the_cli_prints_it(void **state)
{
    (void)state;
    irsa_auto_aws_reply reply = {0};
    read_reply(
        IRSA_IAM_GET_ROLE, 200,
        "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role>"
        "<Path>/</Path><RoleName>r</RoleName><CreateDate>2026-01-02T03:04:05Z</CreateDate>"
        "<AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</"
        "AssumeRolePolicyDocument>"
        "<MaxSessionDuration>3600</MaxSessionDuration><Tags><member><Key>a</Key><Value>1</Value>"
        "</member></Tags></Role></GetRoleResult><ResponseMetadata><RequestId>i</RequestId>"
        "</ResponseMetadata></GetRoleResponse>",
        &reply);
    json_auto_t *expected =
        json_loads("{\"Role\": {\"Path\": \"/\", \"RoleName\": \"r\", \"CreateDate\": "
                   "\"2026-01-02T03:04:05+00:00\", \"AssumeRolePolicyDocument\": {\"Version\": "
                   "\"2012-10-17\"}, "
                   "\"MaxSessionDuration\": 3600, \"Tags\": [{\"Key\": \"a\", \"Value\": \"1\"}]}}",
                   0, NULL);
    assert_true(json_equal(reply.result, expected));
    assert_string_equal(reply.request_id, "i");
}

static void test_reply_read__a_policy_that_is_no_json_stays_text(void **state)
{
    (void)state;
    irsa_auto_aws_reply reply = {0};
    read_reply(IRSA_IAM_GET_ROLE_POLICY, 200,
               "<GetRolePolicyResponse><GetRolePolicyResult><RoleName>r</RoleName>"
               "<PolicyDocument>%7Bbroken</PolicyDocument></GetRolePolicyResult>"
               "</GetRolePolicyResponse>",
               &reply);
    assert_string_equal(irsa_json_string(reply.result, "PolicyDocument", NULL), "{broken");
}

static void test_reply_read__refusals_of_both_protocols(void **state)
{
    (void)state;
    irsa_auto_aws_reply query = {0};
    irsa_auto_aws_reply rest = {0};
    irsa_auto_aws_reply html = {0};
    read_reply(IRSA_IAM_GET_ROLE, 403,
               "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
               "<Message>no</Message></Error><RequestId>q</RequestId></ErrorResponse>",
               &query);
    assert_string_equal(query.code, "AccessDenied");
    assert_string_equal(query.message, "no");
    assert_string_equal(query.request_id, "q");
    read_reply(
        IRSA_EKS_DESCRIBE_CLUSTER, 404,
        "{\"__type\": \"com.amazonaws.eks#ResourceNotFoundException:http://x\", \"message\": "
        "\"No cluster found\"}",
        &rest);
    assert_string_equal(rest.code, "ResourceNotFoundException");
    assert_string_equal(rest.message, "No cluster found");
    read_reply(IRSA_IAM_GET_ROLE, 502, "<html>bad gateway</html>", &html);
    assert_null(html.result);
    assert_null(html.code);
}

static void assert_no_reply(enum irsa_aws_operation operation, const char *body,
                            const char *message)
{
    irsa_auto_error error = NULL;
    irsa_auto_aws_reply reply = {0};
    struct irsa_http_response response = {.status = 200};
    irsa_buf_adds(&response.body, body);
    assert_int_equal(irsa_aws_reply_read(irsa_aws_spec(operation), "x", &response, &reply, &error),
                     -1);
    assert_string_equal(irsa_error_message(error), message);
    assert_int_equal(irsa_error_kind(error), IRSA_E_PARSE);
    irsa_http_response_done(&response);
}

static void test_reply_read__what_is_no_answer(void **state)
{
    (void)state;
    assert_no_reply(IRSA_EKS_DESCRIBE_CLUSTER, "", "x: the answer is empty");
    assert_no_reply(IRSA_EKS_DESCRIBE_CLUSTER, "{}", "x: the answer has no cluster");
    assert_no_reply(IRSA_EKS_DESCRIBE_CLUSTER, "<html>", "x: the answer is HTML or XML, not JSON");
    assert_no_reply(IRSA_EKS_DESCRIBE_CLUSTER, "[]", "x: the answer is no JSON object");
    assert_no_reply(IRSA_IAM_GET_ROLE, "<GetRoleResponse><GetRoleResult/></GetRoleResponse>",
                    "x: the answer has no Role");
}

static void test_refusal_fail__kinds_and_hints(void **state)
{
    static const struct {
        const char *code;
        long status;
        enum irsa_error_kind kind;
        const char *hint; /* a part of it, or NULL: none */
    } cases[] = {
        {"AccessDenied", 403, IRSA_E_ACCESS, "allow iam:GetRole"},
        {"ExpiredToken", 403, IRSA_E_AUTH, "have expired"},
        {"InvalidClientTokenId", 403, IRSA_E_AUTH, "eu-west-1 is not enabled"},
        {"SignatureDoesNotMatch", 403, IRSA_E_AUTH, "does not belong to the access key"},
        {"RegionDisabledException", 403, IRSA_E_AUTH, "STS is not active in eu-west-1"},
        {"OptInRequired", 403, IRSA_E_AUTH, "eu-west-1 is not enabled"},
        {"RequestExpired", 400, IRSA_E_AUTH, "clock is wrong"},
        {"NoSuchEntity", 404, IRSA_E_NOT_FOUND, NULL},
        {"EntityAlreadyExists", 409, IRSA_E_CONFLICT, NULL},
        {"LimitExceeded", 409, IRSA_E_LIMIT, NULL},
        {"MalformedPolicyDocument", 400, IRSA_E_PARSE, NULL},
        {"Throttling", 400, IRSA_E_NET, "limits how often"},
        {"ServiceFailure", 500, IRSA_E_NET, "could not answer"},
        {NULL, 403, IRSA_E_ACCESS, "allow iam:GetRole"},
        {NULL, 404, IRSA_E_PARSE, NULL},
    };
    (void)state;
    const struct irsa_aws_place place = {"iam:GetRole", "iam.amazonaws.com", "eu-west-1"};
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_error error = NULL;
        struct irsa_aws_reply reply = {.code = (char *)(uintptr_t)cases[i].code,
                                       .message = (char *)(uintptr_t) "because\n\nThe Canonical "
                                                                      "String has a token in it",
                                       .request_id = (char *)(uintptr_t) "id-1"};
        assert_int_equal(irsa_aws_refusal_fail(&place, cases[i].status, &reply, &error), -1);
        assert_int_equal(irsa_error_kind(error), cases[i].kind);
        irsa_autofree char *code = cases[i].code ? irsa_strdup(cases[i].code)
                                                 : irsa_format("HTTP status %ld", cases[i].status);
        irsa_autofree char *message =
            irsa_format("iam:GetRole at iam.amazonaws.com: %s: because (request id id-1)", code);
        assert_string_equal(irsa_error_message(error), message);
        const char *hint = irsa_error_hint(error);
        assert_true(cases[i].hint ? hint && strstr(hint, cases[i].hint) : !hint);
    }
}

/* --- calls ----------------------------------------------------------------------------------- */

struct script {
    struct irsa_transport transport;
    const char *const *bodies; /* NULL: the connection is lost after sending */
    size_t count;
    size_t at;
    struct irsa_strings requests;
};

static void run(struct irsa_transport *transport, struct irsa_exchange *const *exchanges,
                size_t count)
{
    struct script *script = (struct script *)transport;
    for (size_t i = 0; i < count; i++) {
        struct irsa_exchange *exchange = exchanges[i];
        irsa_http_response_done(&exchange->response);
        irsa_error_free(irsa_steal(&exchange->error));
        exchange->failure = IRSA_HTTP_ANSWERED;
        irsa_strings_take(&script->requests,
                          irsa_format("%s %s", exchange->request.url,
                                      exchange->request.body ? exchange->request.body : ""));
        const char *body = script->at < script->count ? script->bodies[script->at] : NULL;
        script->at++;
        if (body) {
            exchange->response.status = strstr(body, "ErrorResponse") ? 400 : 200;
            irsa_buf_adds(&exchange->response.body, body);
        } else {
            exchange->failure = IRSA_HTTP_RESET;
            exchange->may_have_arrived = true;
            (void)irsa_fail(&exchange->error, IRSA_E_NET, "reset");
        }
    }
}

static void nothing(struct irsa_transport *transport)
{
    (void)transport;
}

static const struct irsa_transport_ops ops = {.run = run, .free = nothing};

static struct irsa_aws *open_by(struct script *script)
{
    struct irsa_aws *aws = NULL;
    irsa_auto_error error = NULL;
    script->transport.ops = &ops;
    const struct irsa_aws_options options = {.region = "eu-west-1",
                                             .transport = &script->transport};
    if (irsa_aws_open(&options, &aws, &error) != 0)
        fail_msg("%s", irsa_error_message(error));
    return aws;
}

static void call_one(struct irsa_aws *aws, enum irsa_aws_operation operation, json_t *parameters,
                     struct irsa_aws_call *ret)
{
    *ret = (struct irsa_aws_call){.aws = aws, .operation = operation, .parameters = parameters};
    struct irsa_aws_call *calls[] = {ret};
    irsa_aws_call_all(calls, 1);
}

#define PAGE(names, more)                                                                          \
    "<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames>" names "</PolicyNames>" more  \
    "</ListRolePoliciesResult></ListRolePoliciesResponse>"

static void test_call_all__pages_to_the_end(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        PAGE("<member>a</member><member>b</member>",
             "<IsTruncated>true</IsTruncated><Marker>m1</Marker>"),
        PAGE("<member>c</member>", "<IsTruncated>false</IsTruncated>"),
    };
    struct script script = {.bodies = bodies, .count = IRSA_COUNT(bodies)};
    struct irsa_aws *aws = open_by(&script);
    struct irsa_aws_call call = {0};
    call_one(aws, IRSA_IAM_LIST_ROLE_POLICIES, json_pack("{s:s}", "RoleName", "r"), &call);
    json_auto_t *expected =
        json_loads("{\"PolicyNames\": [\"a\", \"b\", \"c\"], \"RoleName\": \"r\"}", 0, NULL);
    assert_null(call.error);
    assert_true(json_equal(call.answer, expected));
    assert_int_equal(script.requests.len, 2);
    assert_string_equal(script.requests.items[1],
                        "https://iam.amazonaws.com/ Action=ListRolePolicies&Version=2010-05-08"
                        "&RoleName=r&Marker=m1");
    irsa_aws_call_done(&call);
    irsa_aws_free(aws);
    irsa_strings_done(&script.requests);
}

static void test_call_all__a_lost_answer_of_a_creation_is_not_sent_again(void **state)
{
    (void)state;
    struct script script = {0};
    struct irsa_aws *aws = open_by(&script);
    struct irsa_aws_call call = {0};
    call_one(aws, IRSA_IAM_CREATE_ROLE, json_pack("{s:s}", "RoleName", "r"), &call);
    assert_non_null(call.error);
    assert_true(call.maybe_done);
    assert_int_equal(script.requests.len, 1);
    irsa_aws_call_done(&call);
    call_one(aws, IRSA_IAM_GET_ROLE, json_pack("{s:s}", "RoleName", "r"), &call);
    assert_non_null(call.error);
    assert_false(call.maybe_done);
    assert_int_equal(script.requests.len, 4);
    irsa_aws_call_done(&call);
    irsa_aws_free(aws);
    irsa_strings_done(&script.requests);
}

static void test_call_all__html_in_place_of_an_answer(void **state)
{
    (void)state;
    static const char *const bodies[] = {"<html>log in to the network</html>"};
    struct script script = {.bodies = bodies, .count = 1};
    struct irsa_aws *aws = open_by(&script);
    struct irsa_aws_call call = {0};
    call_one(aws, IRSA_IAM_GET_ROLE, json_pack("{s:s}", "RoleName", "r"), &call);
    assert_non_null(call.error);
    assert_int_equal(irsa_error_kind(call.error), IRSA_E_PARSE);
    assert_non_null(strstr(irsa_error_message(call.error), "iam:GetRole at iam.amazonaws.com"));
    assert_non_null(irsa_error_hint(call.error));
    irsa_aws_call_done(&call);
    irsa_aws_free(aws);
    irsa_strings_done(&script.requests);
}

static int set_up(void **state)
{
    (void)state;
    static const char *const unset[] = {"AWS_PROFILE",       "AWS_ENDPOINT_URL",
                                        "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE",
                                        "AWS_CONFIG_FILE",   "AWS_SHARED_CREDENTIALS_FILE"};
    for (size_t i = 0; i < IRSA_COUNT(unset); i++)
        (void)unsetenv(unset[i]);
    (void)setenv("HOME", "/nonexistent", 1);
    (void)setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_query_body__lists_structures_and_escapes),
        cmocka_unit_test(test_rest_target__path_and_sorted_query),
        cmocka_unit_test(test_spec__every_operation_is_complete),
        cmocka_unit_test(test_reply_read__a_role_as_the_cli_prints_it),
        cmocka_unit_test(test_reply_read__a_policy_that_is_no_json_stays_text),
        cmocka_unit_test(test_reply_read__refusals_of_both_protocols),
        cmocka_unit_test(test_reply_read__what_is_no_answer),
        cmocka_unit_test(test_refusal_fail__kinds_and_hints),
        cmocka_unit_test(test_call_all__pages_to_the_end),
        cmocka_unit_test(test_call_all__a_lost_answer_of_a_creation_is_not_sent_again),
        cmocka_unit_test(test_call_all__html_in_place_of_an_answer),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
