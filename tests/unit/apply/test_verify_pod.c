/* SPDX-License-Identifier: Apache-2.0 */
/* Pods' states and the words of test pods. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "irsa/verify.h"

static void judge(const char *status, enum irsa_pod_state wanted, const char *code,
                  const char *words)
{
    irsa_autofree char *text = irsa_format("{\"metadata\":{},%s}", status);
    json_auto_t *pod = json_loads(text, 0, NULL);
    struct irsa_pod_verdict verdict = {0};
    assert_non_null(pod);
    irsa_pod_judge(pod, &verdict);
    assert_int_equal(verdict.state, wanted);
    if (code)
        assert_string_equal(verdict.code, code);
    if (words)
        assert_non_null(strstr(verdict.message, words));
    irsa_pod_verdict_done(&verdict);
}

#define ON_NODE "\"spec\":{\"nodeName\":\"n\"},"
#define WAITS(reason)                                                                              \
    ON_NODE "\"status\":{\"phase\":\"Pending\",\"containerStatuses\":[{\"state\":{\"waiting\":"    \
            "{\"reason\":\"" reason "\",\"message\":\"the words\"}}}]}"

static void test_judge__states(void **state)
{
    (void)state;
    judge("\"status\":{\"phase\":\"Succeeded\"}", IRSA_POD_ENDED, NULL, NULL);
    judge("\"status\":{\"phase\":\"Failed\",\"containerStatuses\":[{\"state\":{\"terminated\":"
          "{\"exitCode\":1}}}]}",
          IRSA_POD_ENDED, NULL, NULL);
    judge("\"status\":{\"phase\":\"Failed\",\"reason\":\"Evicted\",\"message\":\"low on memory\"}",
          IRSA_POD_STUCK, "IRSA118", "Evicted");
    judge("\"status\":{\"phase\":\"Pending\",\"conditions\":[{\"type\":\"PodScheduled\",\"status\":"
          "\"False\",\"reason\":\"Unschedulable\",\"message\":\"0/3 nodes\"}]}",
          IRSA_POD_WAITING, "IRSA119", "0/3 nodes");
    judge("\"status\":{\"phase\":\"Pending\"}", IRSA_POD_WAITING, "IRSA119", "scheduler");
    judge("\"status\":{}", IRSA_POD_WAITING, "IRSA119", NULL);
    judge(ON_NODE "\"status\":{\"phase\":\"Pending\"}", IRSA_POD_WAITING, "IRSA118", NULL);
    judge(ON_NODE "\"status\":{\"phase\":\"Running\"}", IRSA_POD_WAITING, "IRSA118", "not ended");
}

static void test_judge__containers(void **state)
{
    (void)state;
    judge(WAITS("ErrImagePull"), IRSA_POD_WAITING, "IRSA118", "the words");
    judge(WAITS("ImagePullBackOff"), IRSA_POD_STUCK, "IRSA118", "ImagePullBackOff");
    judge(WAITS("InvalidImageName"), IRSA_POD_STUCK, "IRSA118", "no valid name");
    judge(WAITS("CreateContainerConfigError"), IRSA_POD_STUCK, "IRSA118", "the words");
    judge(WAITS("ContainerCreating"), IRSA_POD_WAITING, "IRSA118", "not made yet");
    judge(WAITS("SomethingNew"), IRSA_POD_WAITING, "IRSA118", NULL);
}

static void test_judge__somebody_deletes_it(void **state)
{
    (void)state;
    json_auto_t *pod =
        json_loads("{\"metadata\":{\"deletionTimestamp\":\"2026-01-01T00:00:00Z\"},\"status\":"
                   "{\"phase\":\"Pending\"}}",
                   0, NULL);
    struct irsa_pod_verdict verdict = {0};
    irsa_pod_judge(pod, &verdict);
    assert_int_equal(verdict.state, IRSA_POD_STUCK);
    irsa_pod_verdict_done(&verdict);
}

static void test_log__all_is_well(void **state)
{
    (void)state;
    irsa_auto_pod_log log = {0};
    irsa_pod_log_read("AWS_REGION=eu-west-1\r\n"
                      "AWS_ROLE_ARN=arn:aws:iam::123456789012:role/api\n"
                      "AWS_STS_REGIONAL_ENDPOINTS=regional\n"
                      "AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks/token\n"
                      "AWS_PROFILE is set\n"
                      "{\n    \"UserId\": \"AROA:botocore-session-1\",\n    \"Account\": "
                      "\"123456789012\",\n"
                      "    \"Arn\": \"arn:aws:sts::123456789012:assumed-role/api/s\"\n}\n",
                      &log);
    assert_string_equal(log.role_arn, "arn:aws:iam::123456789012:role/api");
    assert_string_equal(log.token_file, "/var/run/secrets/eks/token");
    assert_string_equal(log.region, "eu-west-1");
    assert_string_equal(log.endpoints, "regional");
    assert_int_equal(log.names.len, 1);
    assert_string_equal(log.names.items[0], "AWS_PROFILE");
    assert_string_equal(log.caller_arn, "arn:aws:sts::123456789012:assumed-role/api/s");
    assert_null(log.code);
    assert_null(log.last_line);
    assert_false(log.token_unreadable);
}

static void test_log__refused(void **state)
{
    (void)state;
    irsa_auto_pod_log log = {0};
    irsa_pod_log_read("token file is not readable\n\nAn error occurred (AccessDenied) when calling "
                      "the AssumeRoleWithWebIdentity operation: Not authorized to perform "
                      "sts:AssumeRoleWithWebIdentity",
                      &log);
    assert_true(log.token_unreadable);
    assert_string_equal(log.code, "AccessDenied");
    assert_string_equal(log.message, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
    assert_null(log.caller_arn);
}

/* A template of one's own may print anything. */
static void test_log__keeps_no_secret(void **state)
{
    (void)state;
    static const char *const secrets[] = {
        "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_SESSION_TOKEN=IQoJb3JpZ2luX2VjEXAMPLE",
        "export KEY=AKIAIOSFODNN7EXAMPLE",
        "key AKIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJzdHMifQ.c2ln",
    };
    for (size_t i = 0; i < IRSA_COUNT(secrets); i++) {
        irsa_auto_pod_log log = {0};
        irsa_pod_log_read(secrets[i], &log);
        assert_null(log.last_line);
        assert_null(log.role_arn);
        for (size_t k = 0; k < log.names.len; k++)
            assert_null(strpbrk(log.names.items[k], "=/"));
    }
    irsa_auto_pod_log log = {0};
    irsa_pod_log_read("/bin/sh: aws: command not found\n", &log);
    assert_string_equal(log.last_line, "/bin/sh: aws: command not found");
}

static void test_log__cut_anywhere(void **state)
{
    (void)state;
    static const char text[] =
        "AWS_ROLE_ARN=arn:aws:iam::1:role/a\n\"Arn\": \"arn:aws:sts::1:assumed-role/a/b\"\n"
        "An error occurred (X) when calling the Y operation: Z\nAWS_A is set\n";
    for (size_t len = 0; len < sizeof(text); len++) {
        irsa_autofree char *cut = irsa_strndup(text, len);
        irsa_auto_pod_log log = {0};
        irsa_pod_log_read(cut, &log);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge__states),
        cmocka_unit_test(test_judge__containers),
        cmocka_unit_test(test_judge__somebody_deletes_it),
        cmocka_unit_test(test_log__all_is_well),
        cmocka_unit_test(test_log__refused),
        cmocka_unit_test(test_log__keeps_no_secret),
        cmocka_unit_test(test_log__cut_anywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
