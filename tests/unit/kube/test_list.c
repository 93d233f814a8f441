/* SPDX-License-Identifier: Apache-2.0 */
/* Lists in chunks. */
#include "fake.h"

#define SERVER "{server: 'https://api.example.com'}"
#define GONE "{\"kind\": \"Status\", \"reason\": \"Expired\", \"message\": \"too old\"}"

struct taken {
    size_t pages;
    size_t items;
    size_t starts;
    size_t stop_at;
};

static int take(void *context, const json_t *page, struct irsa_error **reterr)
{
    struct taken *taken = context;
    if (!page) {
        taken->items = 0;
        taken->starts++;
        return 0;
    }
    taken->items += json_array_size(json_object_get(page, "items"));
    if (++taken->pages == taken->stop_at)
        return irsa_fail(reterr, IRSA_E_PARSE, "enough");
    return 0;
}

static int list(struct fake *fake, const char *path, struct taken *taken)
{
    return irsa_kube_list(fake->kube, "pods", path, NULL, take, taken, &fake->error);
}

static void test_list__follows_continue(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct taken taken = {0};
    assert_int_equal(fake_open(fake, SERVER, "{token: t}"), 0);
    fake_answers(fake, 200, "{\"metadata\": {\"continue\": \"a+b/=\"}, \"items\": [1, 2]}");
    fake_answers(fake, 200, "{\"metadata\": {\"continue\": \"\"}, \"items\": [3]}");
    assert_int_equal(list(fake, "/api/v1/pods?labelSelector=x", &taken), 0);
    assert_int_equal(taken.items, 3);
    fake_asked(fake, 0, "/api/v1/pods?labelSelector=x&limit=500\n");
    fake_asked(fake, 1, "/api/v1/pods?labelSelector=x&limit=500&continue=a%2Bb%2F%3D\n");
    fake_free(fake);
}

static void test_list__starts_again_when_gone(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct taken taken = {0};
    assert_int_equal(fake_open(fake, SERVER, "{token: t}"), 0);
    fake_answers(fake, 200, "{\"metadata\": {\"continue\": \"a\"}, \"items\": [1, 2]}");
    fake_answers(fake, 410, GONE);
    fake_answers(fake, 200, "{\"metadata\": {\"continue\": \"b\"}, \"items\": [1]}");
    fake_answers(fake, 200, "{\"metadata\": {}, \"items\": [4, 5, 6]}");
    assert_int_equal(list(fake, "/api/v1/pods", &taken), 0);
    assert_int_equal(taken.items, 4);
    assert_int_equal(taken.starts, 1);
    fake_asked(fake, 2, "/api/v1/pods?limit=500\n");
    fake_free(fake);
}

static void test_list__that_is_always_gone(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct taken taken = {0};
    assert_int_equal(fake_open(fake, SERVER, "{token: t}"), 0);
    for (size_t i = 0; i < 4; i++) {
        fake_answers(fake, 200, "{\"metadata\": {\"continue\": \"a\"}, \"items\": [1]}");
        fake_answers(fake, 410, GONE);
    }
    assert_int_equal(list(fake, "/api/v1/pods", &taken), -1);
    fake_failed(&fake->error, IRSA_E_NET, "list pods: the list expired (410 Gone)", NULL);
    fake_free(fake);
}

static void test_list__stops(void **state)
{
    (void)state;
    struct fake *fake = fake_new();
    struct taken taken = {.stop_at = 1};
    assert_int_equal(fake_open(fake, SERVER, "{token: t}"), 0);
    fake_answers(fake, 200, "{\"metadata\": {\"continue\": \"a\"}, \"items\": [1]}");
    assert_int_equal(list(fake, "/api/v1/pods", &taken), -1);
    fake_failed(&fake->error, IRSA_E_PARSE, "enough", NULL);
    fake_answers(fake, 403, "{\"kind\": \"Status\", \"message\": \"no\"}");
    assert_int_equal(list(fake, "/api/v1/pods", &taken), -1);
    fake_failed(&fake->error, IRSA_E_ACCESS, "list pods at api.example.com: HTTP 403", NULL);
    fake_free(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list__follows_continue),
        cmocka_unit_test(test_list__starts_again_when_gone),
        cmocka_unit_test(test_list__that_is_always_gone),
        cmocka_unit_test(test_list__stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
