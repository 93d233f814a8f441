/* SPDX-License-Identifier: Apache-2.0 */
/* Requests: what is on them, how often they are sent, and as whom. */
#include "fake.h"

#define SERVER "{server: 'https://api.example.com:6443/base/'}"

static void test_run__sends_the_token(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct irsa_kube_call call;
    assert_int_equal(fake_open(fake, SERVER, "{token: t-1}"), 0);
    fake_answers(fake, 200, "{\"items\": []}");
    fake_get(fake, &call);
    assert_null(call.error);
    assert_int_equal(call.status, 200);
    assert_true(json_is_array(json_object_get(call.answer, "items")));
    fake_asked(fake, 0, "GET https://api.example.com:6443/base/api/v1/pods\n");
    fake_asked(fake, 0, "\nAuthorization: Bearer t-1\n");
    fake_asked(fake, 0, "\nAccept: application/json\n");
    fake_asked_not(fake, 0, "Content-Type");
    assert_true(fake->shared);
    assert_false(fake->once);
    irsa_kube_call_done(&call);
    fake_free(fake);
}

static void test_run__sends_no_credentials_over_http(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct irsa_kube_call call;
    assert_int_equal(
        fake_open(fake, "{server: 'http://localhost:8080'}", "{token: t-CANARY, as: jane}"), 0);
    fake_answers(fake, 200, "{}");
    fake_get(fake, &call);
    fake_asked_not(fake, 0, "CANARY");
    fake_asked_not(fake, 0, "Impersonate");
    irsa_kube_call_done(&call);
    fake_free(fake);
}

static void test_run__impersonates(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct irsa_kube_call call;
    assert_int_equal(
        fake_open(fake, SERVER, "{username: me, password: x, as: jane, as-groups: [a, b]}"), 0);
    fake_answers(fake, 200, "{}");
    fake_get(fake, &call);
    fake_asked(fake, 0, "\nImpersonate-User: jane\n");
    fake_asked(fake, 0, "\nImpersonate-Group: a\n");
    fake_asked(fake, 0, "\nImpersonate-Group: b\n");
    fake_asked(fake, 0, "\nAuthorization: Basic bWU6eA==\n");
    irsa_kube_call_done(&call);
    fake_free(fake);
}

static void test_run__all_at_once(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct irsa_kube_call calls[2] = {
        {.verb = "get", .resource = "pods", .method = "GET", .path = "/a"},
        {.verb = "get", .resource = "pods", .method = "GET", .path = "/b"},
    };
    struct irsa_kube_call *all[] = {&calls[0], &calls[1]};
    assert_int_equal(fake_open(fake, SERVER, "{token: t}"), 0);
    fake_answers(fake, 200, "{\"a\": 1}");
    fake_answers(fake, 404,
                 "{\"kind\": \"Status\", \"reason\": \"NotFound\", \"message\": \"none\"}");
    irsa_kube_run(fake->kube, all, 2);
    assert_int_equal(fake->batches, 1);
    assert_non_null(json_object_get(calls[0].answer, "a"));
    fake_failed(&calls[1].error, IRSA_E_NOT_FOUND,
                "get pods at api.example.com:6443: HTTP 404 NotFound: none", NULL);
    irsa_kube_call_done(&calls[0]);
    irsa_kube_call_done(&calls[1]);
    fake_free(fake);
}

static struct irsa_kube_call patch(const json_t *body)
{
    return (struct irsa_kube_call){.verb = "patch",
                                   .resource = "serviceaccounts",
                                   .method = "PATCH",
                                   .path = "/x",
                                   .content_type = "application/merge-patch+json",
                                   .body = body};
}

static void test_run__a_write(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    json_auto_t *body = json_pack("{s:s}", "a", "b");
    struct irsa_kube_call call = patch(body);
    struct irsa_kube_call *all[] = {&call};
    assert_int_equal(fake_open(fake, SERVER, "{token: t}"), 0);
    fake_answers(fake, 200, "{}");
    irsa_kube_run(fake->kube, all, 1);
    fake_asked(fake, 0, "PATCH https://api.example.com:6443/base/x\n");
    fake_asked(fake, 0, "\nContent-Type: application/merge-patch+json\n");
    fake_asked(fake, 0, "\n\n{\"a\":\"b\"}");
    assert_true(fake->once);
    irsa_kube_call_done(&call);
    fake_free(fake);
}

static void test_run__a_write_is_not_sent_twice(void **state)
{
    (void)state;
    static const struct fake_answer lost = {.failure = IRSA_HTTP_RESET, .body = "reset"};
    struct fake *fake = fake_new();
    json_auto_t *body = json_object();
    struct irsa_kube_call call = patch(body);
    struct irsa_kube_call *all[] = {&call};
    assert_int_equal(fake_open(fake, SERVER, "{token: t}"), 0);
    fake_answers_more(fake, &lost);
    irsa_kube_run(fake->kube, all, 1);
    assert_true(call.maybe_done);
    fake_failed(&call.error, IRSA_E_NET, "patch serviceaccounts: host: reset", NULL);
    fake_answers(fake, 500, "{\"kind\": \"Status\", \"message\": \"oops\"}");
    irsa_kube_run(fake->kube, all, 1);
    assert_true(call.maybe_done);
    fake_failed(&call.error, IRSA_E_NET, "HTTP 500 InternalError: oops", NULL);
    fake_answers(fake, 409,
                 "{\"kind\": \"Status\", \"reason\": \"Conflict\", \"message\": \"moved\"}");
    irsa_kube_run(fake->kube, all, 1);
    assert_false(call.maybe_done);
    fake_failed(&call.error, IRSA_E_CONFLICT, "HTTP 409 Conflict: moved", NULL);
    irsa_kube_call_done(&call);
    fake_free(fake);
}

static void test_run__retries_what_is_safe(void **state)
{
    (void)state;
    static const struct fake_answer busy = {
        .status = 429, .body = "{\"kind\": \"Status\"}", .header = "retry-after: 0"};
    static const struct fake_answer lost = {.failure = IRSA_HTTP_RESET, .body = "reset"};
    struct fake *fake = fake_new();
    struct irsa_kube_call call;
    json_auto_t *body = json_object();
    struct irsa_kube_call write = patch(body);
    struct irsa_kube_call *all[] = {&write};
    assert_int_equal(fake_open(fake, SERVER, "{token: t}"), 0);
    fake_answers_more(fake, &lost);
    fake_answers_more(fake, &busy);
    fake_answers(fake, 200, "{}");
    fake_get(fake, &call);
    assert_null(call.error);
    irsa_kube_call_done(&call);
    fake_answers_more(fake, &busy);
    fake_answers(fake, 200, "{}");
    irsa_kube_run(fake->kube, all, 1);
    assert_null(write.error);
    irsa_kube_call_done(&write);
    fake_free(fake);
}

static void test_run__token_file_is_read_again_after_401(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct irsa_kube_call call;
    fake_file(fake, "token", "old\n");
    assert_int_equal(fake_open(fake, SERVER, "{token: never, tokenFile: token}"), 0);
    fake_answers(fake, 200, "{}");
    fake_get(fake, &call);
    irsa_kube_call_done(&call);
    fake_asked(fake, 0, "Authorization: Bearer old\n");
    fake_file(fake, "token", " new \n");
    fake_answers(fake, 401, "{\"kind\": \"Status\", \"reason\": \"Unauthorized\"}");
    fake_answers(fake, 200, "{}");
    fake_get(fake, &call);
    assert_null(call.error);
    irsa_kube_call_done(&call);
    fake_asked(fake, 1, "Authorization: Bearer old\n");
    fake_asked(fake, 2, "Authorization: Bearer new\n");
    fake_free(fake);
}

static void test_run__token_file_that_is_missing(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct irsa_kube_call call;
    assert_int_equal(fake_open(fake, SERVER, "{tokenFile: token}"), 0);
    fake_get(fake, &call);
    fake_failed(&call.error, IRSA_E_IO, "list pods: getting credentials: failed to read token file",
                NULL);
    fake_file(fake, "token", " \n");
    fake_get(fake, &call);
    fake_failed(&call.error, IRSA_E_AUTH, "read empty token from file", NULL);
    assert_int_equal(fake->requests.len, 0);
    fake_free(fake);
}

#define EKS_USER                                                                                   \
    "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [eks, "         \
    "get-token, --cluster-name, shop, --region, eu-west-1]}}"

static void test_run__makes_eks_tokens(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct irsa_kube_call call;
    assert_int_equal(fake_open_eks(fake, SERVER, EKS_USER), 0);
    assert_string_equal(irsa_kube_cluster_name(fake->kube), "shop");
    assert_string_equal(irsa_kube_region(fake->kube), "eu-west-1");
    fake_answers(fake, 200, "{}");
    fake_answers(fake, 401, "{\"kind\": \"Status\"}");
    fake_answers(fake, 200, "{}");
    fake_answers(fake, 401, "{\"kind\": \"Status\"}");
    fake_answers(fake, 401, "{\"kind\": \"Status\"}");
    fake_get(fake, &call);
    irsa_kube_call_done(&call);
    fake_get(fake, &call);
    assert_null(call.error);
    irsa_kube_call_done(&call);
    fake_get(fake, &call);
    fake_failed(&call.error, IRSA_E_AUTH, "HTTP 401 Unauthorized", "access entry");
    fake_asked(fake, 0, "Authorization: Bearer made-1\n");
    fake_asked(fake, 1, "Authorization: Bearer made-1\n");
    fake_asked(fake, 2, "Authorization: Bearer made-2\n");
    fake_asked(fake, 4, "Authorization: Bearer made-3\n");
    fake_answers(fake, 401, "{\"kind\": \"Status\"}");
    fake_get(fake, &call);
    fake_failed(&call.error, IRSA_E_AUTH, "token for EKS cluster shop: no more",
                "--no-native-token");
    fake_free(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run__sends_the_token),
        cmocka_unit_test(test_run__sends_no_credentials_over_http),
        cmocka_unit_test(test_run__impersonates),
        cmocka_unit_test(test_run__all_at_once),
        cmocka_unit_test(test_run__a_write),
        cmocka_unit_test(test_run__a_write_is_not_sent_twice),
        cmocka_unit_test(test_run__retries_what_is_safe),
        cmocka_unit_test(test_run__token_file_is_read_again_after_401),
        cmocka_unit_test(test_run__token_file_that_is_missing),
        cmocka_unit_test(test_run__makes_eks_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
