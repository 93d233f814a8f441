/* SPDX-License-Identifier: Apache-2.0 */
/* The example is that of
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and
 * its elder, docs.aws.amazon.com/general/latest/gr/sigv4-signed-request-examples.html: ListUsers,
 * with the documentation's keys. */
#include "aws/sigv4.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define EXAMPLE_SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define EXAMPLE_TIME 1440938160 /* 20150830T123600Z */

static struct irsa_secret id;
static struct irsa_secret secret;
static struct irsa_secret token;
static const struct irsa_sigv4_keys keys = {&id, &secret, NULL};
static const struct irsa_sigv4_keys session_keys = {&id, &secret, &token};
static const struct irsa_sigv4_options example = {
    .service = "iam", .region = "us-east-1", .now = EXAMPLE_TIME};

static int set_keys(void **state)
{
    (void)state;
    irsa_secret_set(&id, "AKIDEXAMPLE", 11);
    irsa_secret_set(&secret, EXAMPLE_SECRET, strlen(EXAMPLE_SECRET));
    irsa_secret_set(&token, "to/ken==", 8);
    return 0;
}

static int wipe_keys(void **state)
{
    (void)state;
    irsa_secret_done(&id);
    irsa_secret_done(&secret);
    irsa_secret_done(&token);
    return 0;
}

static struct irsa_http_request list_users(void)
{
    struct irsa_http_request request = {
        .label = "iam:ListUsers",
        .method = "GET",
        .url = "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08"};
    irsa_http_request_header(&request, "Content-Type",
                             "application/x-www-form-urlencoded; charset=utf-8");
    return request;
}

static void test_canonical_path__normalised_and_encoded_once_more(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *expected;
        const char *verbatim;
    } cases[] = {
        {"", "/", "/"},
        {"/", "/", "/"},
        {"/clusters/a%3Ab", "/clusters/a%253Ab", "/clusters/a%3Ab"},
        {"/a b~c", "/a%20b~c", "/a b~c"},
        {"//a//b/", "/a/b/", "//a//b/"},
        {"/a/./b/../c", "/a/c", "/a/./b/../c"},
        {"/..", "/", "/.."},
        {"/a/..", "/", "/a/.."},
        {"/a/b/..", "/a", "/a/b/.."},
        {"/a/../", "/", "/a/../"},
        {"/...", "/...", "/..."},
        {"/arn:aws:iam::1:role/x", "/arn%3Aaws%3Aiam%3A%3A1%3Arole/x", "/arn:aws:iam::1:role/x"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_autofree char *path = irsa_sigv4_canonical_path(cases[i].path, false);
        assert_string_equal(path, cases[i].expected);
        irsa_autofree char *verbatim = irsa_sigv4_canonical_path(cases[i].path, true);
        assert_string_equal(verbatim, cases[i].verbatim);
    }
}

static void test_canonical_query__sorted_by_name_then_value(void **state)
{
    (void)state;
    static const struct {
        const char *query;
        const char *expected;
    } cases[] = {
        {"", ""},
        {"b=2&a=1", "a=1&b=2"},
        {"a=2&a=1&a=", "a=&a=1&a=2"},
        {"watch", "watch="},
        {"a=b=c", "a=b=c"},
        {"B=1&a=1&%41=1", "%41=1&B=1&a=1"},
        {"a-b=1&a=1", "a=1&a-b=1"}, /* by name, not by the whole text */
        {"a=1&", "=&a=1"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_autofree char *query = irsa_sigv4_canonical_query(cases[i].query);
        assert_string_equal(query, cases[i].expected);
    }
}

static void test_canonical_headers__trimmed_joined_sorted(void **state)
{
    (void)state;
    irsa_auto_strings headers = {0};
    irsa_strings_add(&headers, "X-B:  two   words \t here ");
    irsa_strings_add(&headers, "x-a: z");
    irsa_strings_add(&headers, "User-Agent: not signed");
    irsa_strings_add(&headers, "X-A:y");
    irsa_strings_add(&headers, "Host: example.com");
    irsa_strings_add(&headers, "x-empty:");
    irsa_strings_add(&headers, "Authorization: of the attempt before");
    irsa_auto_buf text = {0};
    irsa_autofree char *names = NULL;
    irsa_sigv4_canonical_headers(&headers, &text, &names);
    assert_string_equal(text.data, "host:example.com\nx-a:z,y\nx-b:two words here\nx-empty:\n");
    assert_string_equal(names, "host;x-a;x-b;x-empty");
}

static void test_url_split__host_as_it_is_sent(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        const char *host;
        const char *path;
        const char *query;
    } cases[] = {
        {"https://IAM.amazonaws.com", "iam.amazonaws.com", "", ""},
        {"https://h:443/p?q#f", "h", "/p", "q"},
        {"http://h:80/", "h", "/", ""},
        {"http://h:443/?a?b", "h:443", "/", "a?b"},
        {"https://user:word@h:8443?x", "h:8443", "", "x"},
        {"http://[FD00::1]:80/x", "[fd00::1]", "/x", ""},
        {"http://[fd00::1]", "[fd00::1]", "", ""},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        irsa_auto_error error = NULL;
        struct irsa_sigv4_url url = {0};
        assert_int_equal(irsa_sigv4_url_split(cases[i].url, &url, &error), 0);
        assert_string_equal(url.host, cases[i].host);
        assert_string_equal(url.path, cases[i].path);
        assert_string_equal(url.query, cases[i].query);
        irsa_sigv4_url_done(&url);
    }
    static const char *const bad[] = {"", "/path", "ftp://h/", "https:///x", "https://"};
    for (size_t i = 0; i < IRSA_COUNT(bad); i++) {
        irsa_auto_error error = NULL;
        struct irsa_sigv4_url url = {0};
        assert_int_equal(irsa_sigv4_url_split(bad[i], &url, &error), -1);
        assert_int_equal(irsa_error_kind(error), IRSA_E_PARSE);
    }
}

static void test_key__of_the_documentation(void **state)
{
    (void)state;
    unsigned char key[32];
    irsa_sigv4_key(&secret, "20150830", "us-east-1", "iam", key);
    irsa_auto_buf hex = {0};
    for (size_t i = 0; i < sizeof(key); i++)
        irsa_buf_addf(&hex, "%02x", key[i]);
    assert_string_equal(hex.data,
                        "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

static void test_sign__each_stage_of_the_documentation(void **state)
{
    (void)state;
    struct irsa_http_request request = list_users();
    irsa_auto_error error = NULL;
    irsa_auto_sigv4_stages stages = {0};
    assert_int_equal(irsa_sigv4_sign(&request, &keys, &example, &stages, &error), 0);
    assert_string_equal(irsa_secret_expose(&stages.canonical_request),
                        "GET\n/\nAction=ListUsers&Version=2010-05-08\n"
                        "content-type:application/x-www-form-urlencoded; charset=utf-8\n"
                        "host:iam.amazonaws.com\nx-amz-date:20150830T123600Z\n\n"
                        "content-type;host;x-amz-date\n"
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_string_equal(stages.scope, "20150830/us-east-1/iam/aws4_request");
    assert_string_equal(stages.string_to_sign,
                        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/iam/aws4_request\n"
                        "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
    assert_string_equal(stages.signature,
                        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    assert_int_equal(request.secret_count, 1);
    assert_string_equal(
        irsa_secret_expose(&request.secrets[0]),
        "Authorization: AWS4-HMAC-SHA256 "
        "Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, "
        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    irsa_http_request_done(&request);
}

static void test_sign__again_replaces_what_it_set(void **state)
{
    (void)state;
    struct irsa_http_request request = list_users();
    irsa_auto_error error = NULL;
    struct irsa_sigv4_options later = example;
    later.now += 3600;
    irsa_auto_sigv4_stages first = {0};
    irsa_auto_sigv4_stages again = {0};
    assert_int_equal(irsa_sigv4_sign(&request, &session_keys, &later, NULL, &error), 0);
    assert_int_equal(irsa_sigv4_sign(&request, &session_keys, &example, &again, &error), 0);
    assert_int_equal(request.headers.len, 2);
    assert_int_equal(request.secret_count,
                     2); /* token and authorization: never among the headers */
    struct irsa_http_request fresh = list_users();
    assert_int_equal(irsa_sigv4_sign(&fresh, &session_keys, &example, &first, &error), 0);
    assert_string_equal(again.signature, first.signature);
    assert_string_equal(first.signed_headers, "content-type;host;x-amz-date;x-amz-security-token");
    irsa_http_request_done(&request);
    irsa_http_request_done(&fresh);
}

static void test_sign__unsigned_payload(void **state)
{
    (void)state;
    struct irsa_http_request request = list_users();
    struct irsa_sigv4_options options = example;
    options.unsigned_payload = true;
    irsa_auto_error error = NULL;
    irsa_auto_sigv4_stages stages = {0};
    assert_int_equal(irsa_sigv4_sign(&request, &keys, &options, &stages, &error), 0);
    assert_true(
        irsa_has_suffix(irsa_secret_expose(&stages.canonical_request), "\nUNSIGNED-PAYLOAD"));
    assert_true(irsa_strings_has(&request.headers, "X-Amz-Content-SHA256: UNSIGNED-PAYLOAD"));
    irsa_http_request_done(&request);
}

static void test_presign__as_eks_tokens_need_it(void **state)
{
    (void)state;
    struct irsa_http_request request = {
        .method = "GET",
        .url = "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"};
    irsa_http_request_header(&request, "x-k8s-aws-id", "shop-prod");
    const struct irsa_sigv4_options options = {
        .service = "sts", .region = "eu-west-1", .now = EXAMPLE_TIME, .expires = 60};
    irsa_auto_error error = NULL;
    irsa_auto_secret url = {0};
    irsa_auto_sigv4_stages stages = {0};
    assert_int_equal(irsa_sigv4_presign(&request, &session_keys, &options, &url, &stages, &error),
                     0);
    irsa_autofree char *expected = irsa_format(
        "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIDEXAMPLE%%2F20150830%%2Feu-west-1%%2Fsts%%2Faws4_request"
        "&X-Amz-Date=20150830T123600Z&X-Amz-Expires=60"
        "&X-Amz-SignedHeaders=host%%3Bx-k8s-aws-id&X-Amz-Security-Token=to%%2Fken%%3D%%3D"
        "&X-Amz-Signature=%s",
        stages.signature);
    assert_string_equal(irsa_secret_expose(&url), expected);
    assert_int_equal(request.secret_count, 0);
    irsa_http_request_done(&request);
}

static void test_stamp__is_utc(void **state)
{
    (void)state;
    char stamp[17];
    irsa_sigv4_stamp(0, stamp);
    assert_string_equal(stamp, "19700101T000000Z");
    irsa_sigv4_stamp(EXAMPLE_TIME, stamp);
    assert_string_equal(stamp, "20150830T123600Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_canonical_path__normalised_and_encoded_once_more),
        cmocka_unit_test(test_canonical_query__sorted_by_name_then_value),
        cmocka_unit_test(test_canonical_headers__trimmed_joined_sorted),
        cmocka_unit_test(test_url_split__host_as_it_is_sent),
        cmocka_unit_test(test_key__of_the_documentation),
        cmocka_unit_test(test_sign__each_stage_of_the_documentation),
        cmocka_unit_test(test_sign__again_replaces_what_it_set),
        cmocka_unit_test(test_sign__unsigned_payload),
        cmocka_unit_test(test_presign__as_eks_tokens_need_it),
        cmocka_unit_test(test_stamp__is_utc),
    };
    return cmocka_run_group_tests(tests, set_keys, wipe_keys);
}
