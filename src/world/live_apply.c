/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing to AWS. IAM has no compare-and-swap: what a change builds on is read again immediately
 * before it, which leaves a window of one call (docs/live-aws.md). IAM is eventually consistent
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency):
 * what was written is read until it is seen.
 */
#include "world/live_kube.h"

#include "world/captured.h"

#include <time.h>

#define FIRST_PAUSE_MS 200L
#define LONGEST_PAUSE_MS 4000L
/* From then on a person would wonder. */
#define SAY_AFTER_MS 1000L
/* A creation whose answer was lost is sent again when it does not show after that long. */
#define LOOK_MS 5000L
#define CREATE_ATTEMPTS 3
/* And what was written is waited for that long after Ctrl-C. */
#define STOPPING_MS 3000L

int irsa_live_conflict(struct live_write *write, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    irsa_autofree char *reason = irsa_vformat(fmt, args);
    va_end(args);
    (void)irsa_fail(write->reterr, IRSA_E_CONFLICT, "%s is not as the plan saw it: %s",
                    write->change->target, reason);
    return irsa_hint(write->reterr, "plan again");
}

int irsa_live_call(struct live_write *write, enum irsa_aws_operation operation, json_t *parameters,
                   struct irsa_aws_call *ret)
{
    *ret = (struct irsa_aws_call){
        .aws = write->account->aws, .operation = operation, .parameters = parameters};
    struct irsa_aws_call *calls[] = {ret};
    irsa_aws_call_all(calls, 1);
    return ret->error ? -1 : 0;
}

/* --- waiting ---------------------------------------------------------------------------------- */

static long now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_interrupted(const struct live_write *write)
{
    return write->live->interrupted && *write->live->interrupted;
}

static void sleep_ms(long ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* A wait that grows; false where the deadline has passed. Says what it waits for, once. After
 * Ctrl-C it goes on only as long as it commonly takes. */
struct patience {
    long begin_ms;
    long pause_ms;
    long wait_ms;
    bool said;
    bool stopping;
};

static void hurry(const struct live_write *write, struct patience *patience, long waited)
{
    const volatile bool *stopping = write->live->stopping;
    if (patience->stopping || !stopping || !*stopping)
        return;
    patience->stopping = true;
    if (patience->wait_ms > waited + STOPPING_MS)
        patience->wait_ms = waited + STOPPING_MS;
    patience->pause_ms = FIRST_PAUSE_MS;
}

static bool wait_again(struct live_write *write, const char *what, struct patience *patience)
{
    long waited = now_ms() - patience->begin_ms;
    hurry(write, patience, waited);
    if (waited + patience->pause_ms > patience->wait_ms || is_interrupted(write))
        return false;
    if (!patience->said && waited + patience->pause_ms >= SAY_AFTER_MS) {
        irsa_log(IRSA_LOG_WARNING, "waiting for IAM: %s (up to %ld s)", what,
                 patience->wait_ms / 1000);
        patience->said = true;
    }
    sleep_ms(patience->pause_ms);
    patience->pause_ms *= patience->stopping ? 1 : 2;
    if (patience->pause_ms > LONGEST_PAUSE_MS)
        patience->pause_ms = LONGEST_PAUSE_MS;
    return true;
}

/* Until it holds, for that long: 1, 0 where it does not, -1 with an error. */
static int wait_for(struct live_write *write, const char *what, long wait_ms,
                    int (*holds)(struct live_write *write))
{
    struct patience patience = {
        .begin_ms = now_ms(), .pause_ms = FIRST_PAUSE_MS, .wait_ms = wait_ms};
    for (;;) {
        int seen = holds(write);
        if (seen != 0 || !wait_again(write, what, &patience))
            return seen;
    }
}

/* What was lost was tried several times already. */
static long patience_with(const struct live_write *write)
{
    long wait_ms = write->live->wait_ms;
    return write->lost && wait_ms > LOOK_MS ? LOOK_MS : wait_ms;
}

static int fail_lost(struct live_write *write)
{
    *write->reterr = irsa_steal(&write->lost);
    if (is_interrupted(write))
        return irsa_hint(write->reterr, "whether it was done is not known; plan again");
    return irsa_hint(write->reterr,
                     "IAM does not show it, so it was probably not done; plan again in "
                     "a minute");
}

int irsa_live_wait(struct live_write *write, const char *what,
                   int (*holds)(struct live_write *write))
{
    if (write->lost && is_interrupted(write))
        return fail_lost(write);
    int seen = wait_for(write, what, patience_with(write), holds);
    if (seen != 0)
        return seen > 0 ? 0 : -1;
    if (write->lost)
        return fail_lost(write);
    (void)irsa_fail(write->reterr, IRSA_E_NET, "%s was written, but IAM does not show it: %s",
                    write->change->target, what);
    const volatile bool *stopping = write->live->stopping;
    if (stopping && *stopping)
        return irsa_hint(write->reterr, "interrupted; the same command goes on from here");
    return irsa_hint(write->reterr, "IAM may take minutes to show a change; plan again later, or "
                                    "give a longer --timeout");
}

/* Of two things that a call is about the one that was there before may be missing for good. */
static bool is_unseen(const struct irsa_aws_call *call)
{
    const char *policy = json_string_value(json_object_get(call->parameters, "PolicyArn"));
    return irsa_aws_failed_with(call, "NoSuchEntity")
           && !(policy && strstr(irsa_error_message(call->error), policy));
}

/* An answer that was lost: what is there decides. */
static void note_lost(struct live_write *write, struct irsa_error *error)
{
    irsa_error_free(write->lost);
    write->lost = error;
    irsa_log(IRSA_LOG_WARNING, "%s; looking whether it was done", irsa_error_message(error));
}

int irsa_live_send(struct live_write *write, enum irsa_aws_operation operation, json_t *parameters,
                   bool fresh)
{
    struct patience patience = {
        .begin_ms = now_ms(), .pause_ms = FIRST_PAUSE_MS, .wait_ms = write->live->wait_ms};
    json_auto_t *owned = parameters;
    irsa_error_free(irsa_steal(&write->lost));
    for (;;) {
        struct irsa_aws_call call = {0};
        int r = irsa_live_call(write, operation, json_incref(owned), &call);
        bool lost = r != 0 && call.maybe_done;
        bool unseen = r != 0 && fresh && is_unseen(&call);
        irsa_auto_error error = irsa_steal(&call.error);
        irsa_aws_call_done(&call);
        if (r == 0)
            return 0;
        if (unseen && wait_again(write, "what was just created", &patience))
            continue;
        if (lost) {
            note_lost(write, irsa_steal(&error));
            return 0;
        }
        *write->reterr = irsa_steal(&error);
        return -1;
    }
}

/* True where what is there now decides: somebody was quicker, or a try whose answer was lost was
 * carried out after all. */
static bool must_look(const struct irsa_aws_call *call)
{
    return call->maybe_done || irsa_aws_failed_with(call, "EntityAlreadyExists");
}

int irsa_live_create(struct live_write *write, enum irsa_aws_operation operation,
                     json_t *parameters, const char *what, int (*holds)(struct live_write *write))
{
    json_auto_t *owned = parameters;
    for (unsigned attempt = 1;; attempt++) {
        struct irsa_aws_call call = {0};
        irsa_error_free(irsa_steal(&write->lost));
        int r = irsa_live_call(write, operation, json_incref(owned), &call);
        bool look = r != 0 && must_look(&call);
        bool lost = look && call.maybe_done;
        irsa_auto_error error = irsa_steal(&call.error);
        irsa_aws_call_done(&call);
        if (r != 0 && !look) {
            *write->reterr = irsa_steal(&error);
            return -1;
        }
        if (!lost)
            return irsa_live_wait(write, what, holds);
        note_lost(write, irsa_steal(&error));
        if (is_interrupted(write))
            return fail_lost(write);
        int seen = wait_for(write, what, patience_with(write), holds);
        if (seen != 0)
            return seen > 0 ? 0 : -1;
        if (attempt == CREATE_ATTEMPTS)
            return fail_lost(write);
    }
}

/* --- one change ------------------------------------------------------------------------------- */

/* Not among the facts that the plan was made from, and yet to be changed: made by this plan. */
bool irsa_live_is_fresh(const struct live_write *write)
{
    irsa_autofree char *arn =
        irsa_strndup(write->change->target, strcspn(write->change->target, " "));
    return !irsa_facts_role(write->facts, arn) && !irsa_facts_provider(write->facts, arn);
}

char *irsa_live_role_name(const struct irsa_change *change)
{
    irsa_autofree char *arn = irsa_strndup(change->target, strcspn(change->target, " "));
    const char *slash = strrchr(arn, '/');
    return irsa_strdup(slash ? slash + 1 : arn);
}

int irsa_live_enter(struct live_write *write)
{
    irsa_autofree char *arn =
        irsa_strndup(write->change->target, strcspn(write->change->target, " "));
    irsa_auto_arn parsed = {0};
    if (irsa_arn_parse(arn, &parsed, write->reterr) != 0)
        return -1;
    if (irsa_live_account(write->live, parsed.account, &write->account, write->reterr) != 0)
        return -1;
    if (write->account->aws)
        return 0;
    (void)irsa_fail(write->reterr, IRSA_E_ACCESS, "%s: there is no identity for account %s",
                    write->change->target, parsed.account);
    return irsa_hint(write->reterr, "name one: --account-profile %s=PROFILE", parsed.account);
}

/* The manifests' world, as this one is announced to. */
static struct irsa_world *manifests_of(const struct live *live)
{
    live->manifests->will_write = live->world.will_write;
    live->manifests->will_write_context = live->world.will_write_context;
    live->manifests->remember = live->world.remember;
    return live->manifests;
}

static int apply_kubernetes(struct live *live, const struct irsa_facts *facts,
                            const struct irsa_change *change, struct irsa_error **reterr)
{
    if (live->manifests)
        return live->manifests->ops->apply(manifests_of(live), facts, change, reterr);
    if (live->kube) {
        irsa_live_kube_apply(live, facts, &change, 1, reterr);
        return *reterr ? -1 : 0;
    }
    (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "%s %s: Kubernetes is not within reach",
                    irsa_object_kind_text(change->kind), change->target);
    return irsa_hint(reterr,
                     "name the cluster's context with --context, or read and write it in files "
                     "with --manifests DIR");
}

int irsa_live_apply(struct irsa_world *world, const struct irsa_facts *facts,
                    const struct irsa_change *change, struct irsa_error **reterr)
{
    static int (*const by_kind[IRSA_OBJECT_MAX_])(struct live_write *) = {
        [IRSA_OBJECT_PROVIDER] = irsa_live_provider,
        [IRSA_OBJECT_ROLE] = irsa_live_role,
        [IRSA_OBJECT_TRUST_POLICY] = irsa_live_trust,
        [IRSA_OBJECT_ROLE_ATTACHMENT] = irsa_live_attachment,
        [IRSA_OBJECT_ROLE_POLICY] = irsa_live_role_policy,
    };
    struct live *live = (struct live *)world;
    struct live_write write = {.live = live, .facts = facts, .change = change, .reterr = reterr};
    if (!by_kind[change->kind])
        return apply_kubernetes(live, facts, change, reterr);
    if (irsa_live_enter(&write) != 0)
        return -1;
    int r = by_kind[change->kind](&write);
    irsa_error_free(write.lost);
    return r;
}

bool irsa_live_at_once(const struct irsa_world *world, enum irsa_object_kind kind)
{
    const struct live *live = (const struct live *)world;
    bool kubernetes = kind == IRSA_OBJECT_NAMESPACE || kind == IRSA_OBJECT_SERVICE_ACCOUNT
                      || kind == IRSA_OBJECT_WORKLOAD;
    return kind == IRSA_OBJECT_TRUST_POLICY || (kubernetes && (live->kube || live->manifests));
}

size_t irsa_live_batch(const struct irsa_world *world, enum irsa_object_kind kind)
{
    (void)world;
    return kind == IRSA_OBJECT_TRUST_POLICY ? IRSA_TRUST_BATCH : 0;
}

void irsa_live_apply_all(struct irsa_world *world, const struct irsa_facts *facts,
                         const struct irsa_change *const *changes, size_t count,
                         struct irsa_error **errors)
{
    struct live *live = (struct live *)world;
    if (count > 0 && changes[0]->kind == IRSA_OBJECT_TRUST_POLICY)
        irsa_live_trust_all(live, facts, changes, count, errors);
    else if (live->manifests)
        live->manifests->ops->apply_all(manifests_of(live), facts, changes, count, errors);
    else
        irsa_live_kube_apply(live, facts, changes, count, errors);
}

int irsa_live_restore(struct irsa_world *world, const json_t *files, bool whole,
                      struct irsa_strings *ret_left, struct irsa_error **reterr)
{
    struct live *live = (struct live *)world;
    return live->manifests
               ? irsa_captured_restore(manifests_of(live), files, whole, ret_left, reterr)
               : 0;
}
