/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* A transport that answers by a script: one step an attempt, the last for all that follow. */
struct step {
    long status; /* 0: `failure` */
    enum irsa_http_failure failure;
    bool may_have_arrived;
    const char *header;
};
static const struct step *script;
static size_t script_len;
static size_t sent;
static size_t batches;

static void scripted_run(struct irsa_transport *transport, struct irsa_exchange *const *exchanges,
                         size_t count)
{
    (void)transport;
    batches++;
    for (size_t i = 0; i < count; i++) {
        struct irsa_exchange *exchange = exchanges[i];
        const struct step *step = &script[sent < script_len ? sent : script_len - 1];
        sent++;
        irsa_http_response_done(&exchange->response);
        irsa_error_free(irsa_steal(&exchange->error));
        exchange->failure = step->failure;
        exchange->may_have_arrived = step->may_have_arrived;
        exchange->response.status = step->status;
        if (step->header)
            irsa_strings_add(&exchange->response.headers, step->header);
        if (step->status == 0)
            (void)irsa_fail(&exchange->error, IRSA_E_NET, "label: host: fault");
    }
}

static const struct irsa_transport_ops scripted_ops = {.run = scripted_run};
static struct irsa_transport scripted = {&scripted_ops};

static long sleeps[64];
static size_t sleep_count;
static uint32_t random_value;
static int64_t clock_value;
static int64_t prepared_at;
static volatile bool stop_after_sleep;
static volatile bool interrupted;

static void record_sleep(long ms)
{
    sleeps[sleep_count++] = ms;
    interrupted = stop_after_sleep;
}

static uint32_t fixed_random(void)
{
    return random_value;
}

static int64_t fixed_now(void)
{
    return clock_value;
}

static int record_time(struct irsa_exchange *exchange, int64_t now, struct irsa_error **reterr)
{
    (void)exchange, (void)reterr;
    prepared_at = now;
    return 0;
}

static enum irsa_retry judge_skew(const struct irsa_exchange *exchange)
{
    return exchange->response.status == 403 ? IRSA_RETRY_CLOCK_SKEW : irsa_http_judge(exchange);
}

static struct irsa_retry_policy policy(void)
{
    return (struct irsa_retry_policy){.prepare = record_time,
                                      .now = fixed_now,
                                      .sleep_ms = record_sleep,
                                      .random = fixed_random,
                                      .interrupted = &interrupted};
}

static int reset(void **state)
{
    (void)state;
    sent = batches = sleep_count = 0;
    random_value = UINT32_MAX;
    clock_value = 1700000000; /* Tue, 14 Nov 2023 22:13:20 GMT */
    stop_after_sleep = interrupted = false;
    return 0;
}

static struct irsa_exchange run_script(const struct irsa_retry_policy *with, const char *method,
                                       const struct step *steps, size_t count)
{
    script = steps;
    script_len = count;
    struct irsa_exchange exchange = {.request = {.label = "x", .method = method}};
    struct irsa_exchange *all[] = {&exchange};
    irsa_http_run(&scripted, with, all, 1);
    return exchange;
}
#define RUN(with, method, ...)                                                                     \
    run_script(with, method, (const struct step[]){__VA_ARGS__},                                   \
               IRSA_COUNT(((const struct step[]){__VA_ARGS__})))

static void test_run__success_is_one_attempt(void **state)
{
    (void)state;
    const struct irsa_retry_policy with = policy();
    struct irsa_exchange exchange = RUN(&with, "POST", {.status = 200});
    assert_int_equal(exchange.attempts, 1);
    assert_int_equal(sleep_count, 0);
    assert_int_equal(prepared_at, 1700000000);
    irsa_exchange_done(&exchange);
}

static void test_run__three_attempts_then_the_last_answer_stands(void **state)
{
    (void)state;
    const struct irsa_retry_policy with = policy();
    struct irsa_exchange exchange =
        RUN(&with, "GET", {.status = 500}, {.status = 502}, {.status = 504});
    assert_int_equal(exchange.attempts, 3);
    assert_int_equal(exchange.response.status, 504);
    assert_null(exchange.error);
    /* random is all but 1: 50 ms, then 100 ms */
    assert_int_equal(sleep_count, 2);
    assert_int_equal(sleeps[0], 49);
    assert_int_equal(sleeps[1], 99);
    irsa_exchange_done(&exchange);
}

static void test_run__throttling_waits_longer_up_to_20_s(void **state)
{
    (void)state;
    struct irsa_retry_policy with = policy();
    with.max_attempts = 8;
    struct irsa_exchange exchange = RUN(&with, "POST", {.status = 429});
    assert_int_equal(exchange.attempts, 8);
    static const long expected[] = {999, 1999, 3999, 7999, 15999, 19999, 19999};
    assert_int_equal(sleep_count, IRSA_COUNT(expected));
    for (size_t i = 0; i < IRSA_COUNT(expected); i++)
        assert_int_equal(sleeps[i], expected[i]);
    irsa_exchange_done(&exchange);
}

static void test_run__jitter_is_full(void **state)
{
    (void)state;
    const struct irsa_retry_policy with = policy();
    random_value = UINT32_MAX / 4;
    struct irsa_exchange exchange = RUN(&with, "GET", {.status = 429}, {.status = 200});
    assert_int_equal(exchange.response.status, 200);
    assert_int_equal(sleeps[0], 249);
    irsa_exchange_done(&exchange);
    (void)reset(NULL);
    random_value = 0;
    struct irsa_exchange at_once = RUN(&with, "GET", {.status = 429}, {.status = 200});
    assert_int_equal(at_once.attempts, 2);
    assert_int_equal(sleep_count, 0);
    irsa_exchange_done(&at_once);
}

static void test_run__retry_after(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        long sleep; /* -1: no retry */
    } cases[] = {
        {"retry-after: 7", 7000},
        {"retry-after: 0", 999},
        {"retry-after: 61", -1},
        {"retry-after: 99999999999999999999", 999},
        {"retry-after: soon", 999},
        {"retry-after: Tue, 14 Nov 2023 22:13:30 GMT", 10000},
        {"retry-after: Tue, 14 Nov 2023 22:13:10 GMT", 999},
        {"x-amz-retry-after: 3000", 3000},
        {"x-amz-retry-after: 30000", 5999}, /* at most 5 s beyond its own */
        {"x-amz-retry-after: -5", 999},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        (void)reset(NULL);
        const struct irsa_retry_policy with = policy();
        struct irsa_exchange exchange =
            RUN(&with, "GET", {.status = 429, .header = cases[i].header}, {.status = 200});
        assert_int_equal(sleep_count, cases[i].sleep >= 0);
        assert_int_equal(exchange.response.status, cases[i].sleep >= 0 ? 200 : 429);
        if (cases[i].sleep >= 0)
            assert_int_equal(sleeps[0], cases[i].sleep);
        irsa_exchange_done(&exchange);
    }
}

static void test_judge__what_may_have_been_carried_out_is_not_repeated(void **state)
{
    (void)state;
    static const struct {
        const char *method;
        struct step step;
        unsigned attempts;
    } cases[] = {
        {"POST", {.status = 500}, 1},
        {"POST", {.status = 504}, 1},
        {"POST", {.status = 503}, 3},
        {"GET", {.status = 500}, 3},
        {"GET", {.status = 501}, 1},
        {"GET", {.status = 404}, 1},
        {"POST", {.failure = IRSA_HTTP_RESET, .may_have_arrived = true}, 1},
        {"POST", {.failure = IRSA_HTTP_TIMEOUT}, 3},
        {"POST", {.failure = IRSA_HTTP_CONNECT}, 3},
        {"GET", {.failure = IRSA_HTTP_CUT_OFF, .may_have_arrived = true}, 3},
        {"GET", {.failure = IRSA_HTTP_TLS}, 1},
        {"GET", {.failure = IRSA_HTTP_TOO_LARGE, .may_have_arrived = true}, 1},
        {"GET", {.failure = IRSA_HTTP_NOT_HTTP, .may_have_arrived = true}, 1},
        {"GET", {.failure = IRSA_HTTP_REFUSED}, 1},
        {"GET", {.failure = IRSA_HTTP_INTERRUPTED}, 1},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        (void)reset(NULL);
        const struct irsa_retry_policy with = policy();
        struct irsa_exchange exchange = run_script(&with, cases[i].method, &cases[i].step, 1);
        assert_int_equal(exchange.attempts, cases[i].attempts);
        assert_int_equal(exchange.error != NULL, cases[i].step.status == 0);
        irsa_exchange_done(&exchange);
    }
}

static void test_run__an_earlier_attempt_may_have_arrived(void **state)
{
    (void)state;
    const struct irsa_retry_policy with = policy();
    struct irsa_exchange exchange =
        RUN(&with, "GET", {.failure = IRSA_HTTP_RESET, .may_have_arrived = true},
            {.failure = IRSA_HTTP_CONNECT});
    assert_int_equal(exchange.attempts, 3);
    assert_int_equal(exchange.failure, IRSA_HTTP_CONNECT);
    assert_true(exchange.may_have_arrived);
    irsa_exchange_done(&exchange);
}

static void test_run__clock_skew_is_learnt_from_date(void **state)
{
    (void)state;
    struct irsa_retry_state kept = {0};
    struct irsa_retry_policy with = policy();
    with.judge = judge_skew;
    with.state = &kept;
    struct irsa_exchange exchange =
        RUN(&with, "POST", {.status = 403, .header = "date: Tue, 14 Nov 2023 23:13:20 GMT"},
            {.status = 200});
    assert_int_equal(exchange.response.status, 200);
    assert_int_equal(prepared_at, 1700003600);
    assert_int_equal(sleep_count, 0);
    irsa_exchange_done(&exchange);
    sent = 0;
    struct irsa_exchange next = RUN(&with, "POST", {.status = 200});
    assert_int_equal(next.attempts, 1);
    assert_int_equal(prepared_at, 1700003600); /* kept from run to run */
    irsa_exchange_done(&next);
}

static void test_run__clocks_that_agree_explain_nothing(void **state)
{
    (void)state;
    static const char *const headers[] = {"date: Tue, 14 Nov 2023 22:15:20 GMT", "date: yesterday",
                                          NULL};
    for (size_t i = 0; i < IRSA_COUNT(headers); i++) {
        (void)reset(NULL);
        struct irsa_retry_policy with = policy();
        with.judge = judge_skew;
        struct irsa_exchange exchange =
            RUN(&with, "POST", {.status = 403, .header = headers[i]}, {.status = 200});
        assert_int_equal(exchange.attempts, 1);
        assert_int_equal(exchange.response.status, 403);
        irsa_exchange_done(&exchange);
    }
}

static void test_run__all_that_were_sent_by_the_wrong_clock_go_again(void **state)
{
    (void)state;
    static const struct step steps[] = {
        {.status = 403, .header = "date: Tue, 14 Nov 2023 23:13:20 GMT"},
        {.status = 403, .header = "date: Tue, 14 Nov 2023 23:13:20 GMT"},
        {.status = 200}};
    script = steps;
    script_len = IRSA_COUNT(steps);
    struct irsa_retry_policy with = policy();
    with.judge = judge_skew;
    struct irsa_exchange exchanges[2] = {{.request = {.label = "a", .method = "POST"}},
                                         {.request = {.label = "b", .method = "POST"}}};
    struct irsa_exchange *all[] = {&exchanges[0], &exchanges[1]};
    irsa_http_run(&scripted, &with, all, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(exchanges[i].response.status, 200);
        irsa_exchange_done(&exchanges[i]);
    }
    assert_int_equal(batches, 2);
}

static void test_run__the_quota_ends_retrying(void **state)
{
    (void)state;
    struct irsa_retry_state kept = {0};
    struct irsa_retry_policy with = policy();
    with.state = &kept;
    unsigned retries = 0;
    for (int i = 0; i < 30; i++) {
        (void)reset(NULL);
        struct irsa_exchange exchange = RUN(&with, "GET", {.failure = IRSA_HTTP_CONNECT});
        retries += exchange.attempts - 1;
        irsa_exchange_done(&exchange);
    }
    assert_int_equal(retries, 500 / 14);
    /* success gives back one token a call that needed no retry */
    const unsigned spent = kept.spent;
    struct irsa_exchange good = RUN(&with, "GET", {.status = 200});
    assert_int_equal(kept.spent, spent - 1);
    irsa_exchange_done(&good);
}

static void test_run__success_after_a_retry_gives_its_tokens_back(void **state)
{
    (void)state;
    struct irsa_retry_state kept = {0};
    struct irsa_retry_policy with = policy();
    with.state = &kept;
    struct irsa_exchange exchange = RUN(&with, "GET", {.status = 429}, {.status = 200});
    assert_int_equal(kept.spent, 0);
    irsa_exchange_done(&exchange);
    (void)reset(NULL);
    struct irsa_exchange failing = RUN(&with, "GET", {.status = 429});
    assert_int_equal(kept.spent, 10);
    irsa_exchange_done(&failing);
}

static void test_run__ctrl_c_ends_the_wait(void **state)
{
    (void)state;
    const struct irsa_retry_policy with = policy();
    stop_after_sleep = true;
    struct irsa_exchange exchange = RUN(&with, "GET", {.status = 429}, {.status = 200});
    assert_int_equal(sent, 1);
    assert_int_equal(exchange.failure, IRSA_HTTP_INTERRUPTED);
    assert_non_null(exchange.error);
    assert_true(exchange.may_have_arrived);
    irsa_exchange_done(&exchange);
}

static int refuse(struct irsa_exchange *exchange, int64_t now, struct irsa_error **reterr)
{
    (void)exchange, (void)now;
    return irsa_fail(reterr, IRSA_E_AUTH, "no keys");
}

static void test_run__what_can_not_be_signed_is_not_sent(void **state)
{
    (void)state;
    struct irsa_retry_policy with = policy();
    with.prepare = refuse;
    struct irsa_exchange exchange = RUN(&with, "GET", {.status = 200});
    assert_int_equal(sent, 0);
    assert_string_equal(irsa_error_message(exchange.error), "no keys");
    assert_int_equal(irsa_error_kind(exchange.error), IRSA_E_AUTH);
    irsa_exchange_done(&exchange);
}

static void test_run__the_real_clock_sleep_and_random(void **state)
{
    (void)state;
    struct irsa_exchange exchange =
        RUN(NULL, "GET", {.failure = IRSA_HTTP_CONNECT}, {.status = 200});
    assert_int_equal(exchange.attempts, 2);
    assert_int_equal(exchange.response.status, 200);
    irsa_exchange_done(&exchange);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_run__success_is_one_attempt),
        TEST(test_run__three_attempts_then_the_last_answer_stands),
        TEST(test_run__throttling_waits_longer_up_to_20_s),
        TEST(test_run__jitter_is_full),
        TEST(test_run__retry_after),
        TEST(test_judge__what_may_have_been_carried_out_is_not_repeated),
        TEST(test_run__an_earlier_attempt_may_have_arrived),
        TEST(test_run__clock_skew_is_learnt_from_date),
        TEST(test_run__clocks_that_agree_explain_nothing),
        TEST(test_run__all_that_were_sent_by_the_wrong_clock_go_again),
        TEST(test_run__the_quota_ends_retrying),
        TEST(test_run__success_after_a_retry_gives_its_tokens_back),
        TEST(test_run__ctrl_c_ends_the_wait),
        TEST(test_run__what_can_not_be_signed_is_not_sent),
        TEST(test_run__the_real_clock_sleep_and_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
