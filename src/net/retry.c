/* SPDX-License-Identifier: Apache-2.0 */
/* The standard mode of the AWS SDKs, in the form that is their default since November 2026
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html,
 * https://aws.amazon.com/blogs/developer/updated-default-retry-behavior-for-aws-sdks-and-tools/):
 * before retry i (from 0) it waits random(0, 1) x min(base x 2^i, 20 s), where base is 1 s after
 * throttling and 50 ms otherwise; a retry costs 5 or 14 tokens of a quota of 500, which success
 * gives back. */
#include "net/retry.h"

#include <sys/random.h>
#include <time.h>

#define MAX_ATTEMPTS 3U
#define MAX_BACKOFF_MS 20000L
#define THROTTLED_BASE_MS 1000L
#define TRANSIENT_BASE_MS 50L
#define QUOTA 500U
#define THROTTLED_COST 5U
#define TRANSIENT_COST 14U
#define SUCCESS_REFUND 1U
#define AMZ_RETRY_AFTER_MORE_MS 5000L
/* A server that asks for more than this isn't waited for: its answer is the result. */
#define MAX_RETRY_AFTER_MS 60000L
/* AWS accepts a signature for five minutes
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html): a
 * smaller difference is not what it complained of. */
#define MIN_SKEW 240
/* Retries that are due within this of each other go together. */
#define TOGETHER_MS 20L
#define SLICE_MS 100L

struct flight {
    struct irsa_exchange *exchange;
    bool pending;
    long due_ms;    /* from now on */
    unsigned taken; /* tokens that its last retry cost */
    bool arrived;   /* one of its attempts may have been carried out */
};

struct run {
    struct irsa_transport *transport;
    const struct irsa_retry_policy *policy;
    struct irsa_retry_state *state;
    struct flight *flights;
    size_t count;
};

static bool is_interrupted(const struct run *run)
{
    return run->policy->interrupted && *run->policy->interrupted;
}

static int64_t local_now(const struct run *run)
{
    return run->policy->now ? run->policy->now() : (int64_t)time(NULL);
}

static int64_t elapsed_ms(const struct timespec *since)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

static void wait_ms(const struct run *run, long ms)
{
    if (run->policy->sleep_ms) {
        run->policy->sleep_ms(ms);
        return;
    }
    struct timespec begin = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    for (long left = ms; left > 0 && !is_interrupted(run); left = ms - (long)elapsed_ms(&begin)) {
        const long slice = left < SLICE_MS ? left : SLICE_MS;
        const struct timespec pause = {.tv_nsec = slice * 1000000};
        (void)nanosleep(&pause, NULL);
    }
}

static uint32_t draw(const struct run *run)
{
    if (run->policy->random)
        return run->policy->random();
    uint32_t value = 0;
    /* Without it (an old kernel's early boot) there is no jitter, and the full delay is waited. */
    if (getrandom(&value, sizeof(value), GRND_NONBLOCK) != (ssize_t)sizeof(value))
        return UINT32_MAX;
    return value;
}

static long backoff_ms(const struct run *run, enum irsa_retry retry, unsigned attempts)
{
    long ceiling = retry == IRSA_RETRY_THROTTLED ? THROTTLED_BASE_MS : TRANSIENT_BASE_MS;
    for (unsigned i = 1; i < attempts && ceiling < MAX_BACKOFF_MS; i++)
        ceiling *= 2;
    if (ceiling > MAX_BACKOFF_MS)
        ceiling = MAX_BACKOFF_MS;
    return (long)(((uint64_t)ceiling * draw(run)) >> 32);
}

/* True where the server's clock explains the refusal: the next attempt is made by it. */
static bool learn_skew(struct run *run, const struct irsa_exchange *exchange)
{
    const int64_t server = irsa_retry_date(&exchange->response);
    if (server < 0)
        return false;
    const int64_t skew = server - local_now(run);
    const int64_t change = skew - run->state->clock_skew;
    if (change > -MIN_SKEW && change < MIN_SKEW)
        return false;
    run->state->clock_skew = skew;
    return true;
}

/* -1: not to be waited for. */
static long delay_ms(struct run *run, const struct irsa_exchange *exchange, enum irsa_retry retry)
{
    if (retry == IRSA_RETRY_CLOCK_SKEW)
        return 0;
    const long own = backoff_ms(run, retry, exchange->attempts);
    bool at_most = false;
    long asked =
        irsa_retry_after(&exchange->response, local_now(run) + run->state->clock_skew, &at_most);
    if (at_most && asked > own + AMZ_RETRY_AFTER_MORE_MS)
        asked = own + AMZ_RETRY_AFTER_MORE_MS;
    if (asked > MAX_RETRY_AFTER_MS)
        return -1;
    return asked > own ? asked : own;
}

static void refund(struct irsa_retry_state *state, unsigned tokens)
{
    state->spent -= tokens < state->spent ? tokens : state->spent;
}

/* Is the skew known by now better than what this attempt was signed with? Then several that were
 * sent together and refused together are all tried again, though only the first taught it. */
static enum irsa_retry judge(struct run *run, const struct irsa_exchange *exchange,
                             int64_t skew_before)
{
    if (exchange->failure == IRSA_HTTP_INTERRUPTED || is_interrupted(run))
        return IRSA_RETRY_NO;
    const enum irsa_retry retry =
        run->policy->judge ? run->policy->judge(exchange) : irsa_http_judge(exchange);
    if (retry != IRSA_RETRY_CLOCK_SKEW)
        return retry;
    if (learn_skew(run, exchange) || run->state->clock_skew != skew_before)
        return retry;
    return IRSA_RETRY_NO;
}

static void decide(struct run *run, struct flight *flight, int64_t skew_before)
{
    const struct irsa_exchange *exchange = flight->exchange;
    flight->pending = false;
    const enum irsa_retry retry = judge(run, exchange, skew_before);
    if (retry == IRSA_RETRY_NO) {
        if (!exchange->error && exchange->response.status / 100 == 2)
            refund(run->state, flight->taken ? flight->taken : SUCCESS_REFUND);
        return;
    }
    const unsigned most = run->policy->max_attempts ? run->policy->max_attempts : MAX_ATTEMPTS;
    if (exchange->attempts >= most)
        return;
    const unsigned cost = retry == IRSA_RETRY_THROTTLED ? THROTTLED_COST : TRANSIENT_COST;
    if (cost > QUOTA - run->state->spent)
        return;
    const long delay = delay_ms(run, exchange, retry);
    if (delay < 0)
        return;
    run->state->spent += cost;
    flight->taken = cost;
    flight->due_ms = delay;
    flight->pending = true;
}

/* Signs. False: it can't be sent, and has its error. */
static bool prepare(struct run *run, struct flight *flight)
{
    struct irsa_exchange *exchange = flight->exchange;
    exchange->attempts++;
    if (!run->policy->prepare)
        return true;
    irsa_auto_error error = NULL;
    if (run->policy->prepare(exchange, local_now(run) + run->state->clock_skew, &error) == 0)
        return true;
    exchange->may_have_arrived = flight->arrived;
    irsa_http_response_done(&exchange->response);
    irsa_error_free(exchange->error);
    exchange->error = irsa_steal(&error);
    exchange->failure = IRSA_HTTP_REFUSED;
    flight->pending = false;
    return false;
}

static void pass_time(struct run *run, int64_t ms)
{
    for (size_t i = 0; i < run->count; i++)
        run->flights[i].due_ms -= ms < run->flights[i].due_ms ? (long)ms : run->flights[i].due_ms;
}

/* The last attempt may not have reached the server where one before it did. */
static void note_arrival(struct flight *flight)
{
    struct irsa_exchange *exchange = flight->exchange;
    flight->arrived =
        flight->arrived || exchange->may_have_arrived || exchange->response.status != 0;
    if (exchange->error && !flight->pending)
        exchange->may_have_arrived = flight->arrived;
}

/* Sends all that is due, together. */
static void send_due(struct run *run)
{
    const int64_t skew_before = run->state->clock_skew;
    struct irsa_exchange **batch = irsa_calloc(run->count, sizeof(*batch));
    struct flight **of = irsa_calloc(run->count, sizeof(*of));
    size_t len = 0;
    for (size_t i = 0; i < run->count; i++) {
        struct flight *flight = &run->flights[i];
        if (!flight->pending || flight->due_ms > TOGETHER_MS || !prepare(run, flight))
            continue;
        of[len] = flight;
        batch[len++] = flight->exchange;
    }
    struct timespec begin = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &begin);
    if (len > 0)
        run->transport->ops->run(run->transport, batch, len);
    pass_time(run, elapsed_ms(&begin));
    for (size_t i = 0; i < len; i++)
        decide(run, of[i], skew_before);
    for (size_t i = 0; i < len; i++)
        note_arrival(of[i]);
    free((void *)of);
    free((void *)batch);
}

static void give_up(struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        struct irsa_exchange *exchange = run->flights[i].exchange;
        if (!run->flights[i].pending)
            continue;
        /* What was known before the wait says less than why it ended; what was sent stays sent. */
        irsa_http_response_done(&exchange->response);
        irsa_error_free(irsa_steal(&exchange->error));
        exchange->failure = IRSA_HTTP_INTERRUPTED;
        exchange->may_have_arrived = run->flights[i].arrived;
        (void)irsa_fail(&exchange->error, IRSA_E_NET, "%s: interrupted", exchange->request.label);
    }
}

/* How long until the next is due; -1: nothing is left to do. */
static long next_due(const struct run *run)
{
    long due = -1;
    for (size_t i = 0; i < run->count; i++) {
        if (run->flights[i].pending && (due < 0 || run->flights[i].due_ms < due))
            due = run->flights[i].due_ms;
    }
    return due;
}

void irsa_http_run(struct irsa_transport *transport, const struct irsa_retry_policy *policy,
                   struct irsa_exchange *const *exchanges, size_t count)
{
    static const struct irsa_retry_policy plain = {0};
    struct irsa_retry_state own = {0};
    struct run run = {.transport = transport, .policy = policy ? policy : &plain, .count = count};
    run.state = run.policy->state ? run.policy->state : &own;
    run.flights = irsa_calloc(count, sizeof(*run.flights));
    for (size_t i = 0; i < count; i++)
        run.flights[i] = (struct flight){.exchange = exchanges[i], .pending = true};
    long due = 0;
    while ((due = next_due(&run)) >= 0 && !is_interrupted(&run)) {
        if (due > 0) {
            wait_ms(&run, due);
            pass_time(&run, due);
        }
        if (!is_interrupted(&run))
            send_due(&run);
    }
    give_up(&run);
    free(run.flights);
}
