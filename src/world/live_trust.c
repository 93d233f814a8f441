/* SPDX-License-Identifier: Apache-2.0 */
/* Trust policies: of one role, and of many at once
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html). */
#include "world/live.h"

/* What is there against the change: 1 as wanted, 0 as before, -1 with CONFLICT. */
static int state_of(struct live_write *write, const json_t *role)
{
    const struct irsa_change *change = write->change;
    const json_t *now = json_object_get(role, "AssumeRolePolicyDocument");
    if (!now)
        return irsa_live_conflict(write, "it is not there any more");
    if (json_equal((json_t *)now, change->after))
        return 1;
    /* `before` NULL: the one there can't be parsed, and comes as text. */
    if (change->before ? !irsa_live_same_document(now, change->before) : json_is_object(now))
        return irsa_live_conflict(write, "its trust policy was changed");
    return 0;
}

static bool is_shown(const struct live_write *write, const json_t *role)
{
    return irsa_live_same_document(json_object_get(role, "AssumeRolePolicyDocument"),
                                   write->change->after);
}

static int holds(struct live_write *write)
{
    json_auto_t *role = NULL;
    if (irsa_live_read_role(write, &role) != 0)
        return -1;
    return is_shown(write, role) ? 1 : 0;
}

static json_t *parameters_of(const struct live_write *write)
{
    json_t *parameters = irsa_live_of_role(write);
    json_object_set_new(parameters, "PolicyDocument", irsa_live_compact(write->change->after));
    return parameters;
}

int irsa_live_trust(struct live_write *write)
{
    json_auto_t *role = NULL;
    if (irsa_live_read_role(write, &role) != 0)
        return -1;
    int state = state_of(write, role);
    if (state != 0)
        return state > 0 ? 0 : -1;
    if (irsa_live_send(write, IRSA_IAM_UPDATE_ASSUME_ROLE_POLICY, parameters_of(write),
                       irsa_live_is_fresh(write))
        != 0)
        return -1;
    return irsa_live_wait(write, "the new trust policy", holds);
}

/* --- several ---------------------------------------------------------------------------------- */

struct trust_write {
    struct live_write write;
    struct irsa_aws_call call;
    bool settled; /* done, or failed */
};

/* The same call for all that are not settled. */
static void call_each(struct trust_write *writes, size_t count, enum irsa_aws_operation operation,
                      json_t *(*parameters)(const struct live_write *write))
{
    struct irsa_aws_call *calls[IRSA_TRUST_AT_ONCE];
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        struct trust_write *one = &writes[i];
        if (one->settled)
            continue;
        one->call = (struct irsa_aws_call){.aws = one->write.account->aws,
                                           .operation = operation,
                                           .parameters = parameters(&one->write)};
        calls[made++] = &one->call;
    }
    if (made > 0)
        irsa_aws_call_all(calls, made);
}

static void settle(struct trust_write *one)
{
    one->settled = true;
    irsa_aws_call_done(&one->call);
}

/* On its own: it waits for what IAM does not show yet, and for answers that were lost. */
static void alone(struct trust_write *one)
{
    irsa_aws_call_done(&one->call);
    (void)irsa_live_trust(&one->write);
    irsa_error_free(irsa_steal(&one->write.lost));
    settle(one);
}

static void judge_read(struct trust_write *one)
{
    if (one->call.error && !irsa_aws_failed_with(&one->call, "NoSuchEntity")) {
        *one->write.reterr = irsa_steal(&one->call.error);
        settle(one);
        return;
    }
    if (state_of(&one->write, json_object_get(one->call.answer, "Role")) != 0)
        settle(one);
    else
        irsa_aws_call_done(&one->call);
}

static void judge_write(struct trust_write *one)
{
    if (!one->call.error) {
        irsa_aws_call_done(&one->call);
        return;
    }
    bool unseen =
        irsa_aws_failed_with(&one->call, "NoSuchEntity") && irsa_live_is_fresh(&one->write);
    if (one->call.maybe_done || unseen) {
        alone(one);
        return;
    }
    *one->write.reterr = irsa_steal(&one->call.error);
    settle(one);
}

static void judge_look(struct trust_write *one)
{
    if (one->call.answer && is_shown(&one->write, json_object_get(one->call.answer, "Role"))) {
        settle(one);
        return;
    }
    irsa_aws_call_done(&one->call);
    (void)irsa_live_wait(&one->write, "the new trust policy", holds);
    settle(one);
}

static void judge_each(struct trust_write *writes, size_t count,
                       void (*judge)(struct trust_write *one))
{
    for (size_t i = 0; i < count; i++) {
        if (!writes[i].settled)
            judge(&writes[i]);
    }
}

/* Read, written, looked at: three rounds of at most IRSA_TRUST_AT_ONCE calls. */
static void write_some(struct trust_write *writes, size_t count)
{
    call_each(writes, count, IRSA_IAM_GET_ROLE, irsa_live_of_role);
    judge_each(writes, count, judge_read);
    call_each(writes, count, IRSA_IAM_UPDATE_ASSUME_ROLE_POLICY, parameters_of);
    judge_each(writes, count, judge_write);
    call_each(writes, count, IRSA_IAM_GET_ROLE, irsa_live_of_role);
    judge_each(writes, count, judge_look);
}

void irsa_live_trust_all(struct live *live, const struct irsa_facts *facts,
                         const struct irsa_change *const *changes, size_t count,
                         struct irsa_error **errors)
{
    for (size_t first = 0; first < count; first += IRSA_TRUST_AT_ONCE) {
        struct trust_write writes[IRSA_TRUST_AT_ONCE];
        size_t some = count - first < IRSA_TRUST_AT_ONCE ? count - first : IRSA_TRUST_AT_ONCE;
        for (size_t i = 0; i < some; i++) {
            writes[i] = (struct trust_write){.write = {.live = live,
                                                       .facts = facts,
                                                       .change = changes[first + i],
                                                       .reterr = &errors[first + i]}};
            writes[i].settled = irsa_live_enter(&writes[i].write) != 0;
        }
        write_some(writes, some);
    }
}
