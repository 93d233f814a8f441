/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STS' verdict, and who one is then. "IAM achieves high availability by replicating data across
 * multiple servers ... a change ... might not be immediately visible everywhere"
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency):
 * what is refused though by the facts it should work is asked again until the deadline; what the
 * facts explain is refused at once.
 */
#include "apply/verify.h"

#define BATCH ((size_t)32)
#define ASK_AGAIN_MS 2000L
/* A token that has less left is replaced before it is used again. */
#define LEAST_SECONDS 60

/* arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION. A role's path is in its IAM ARN and not in
 * this one
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns),
 * and names are unique in an account whatever the path. The session of an instance profile's
 * credentials is the instance's id
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable).
 */
bool irsa_verify_is_role(const struct irsa_binding *binding, const char *caller_arn, bool *ret_node)
{
    static const char kind[] = "assumed-role/";
    irsa_auto_arn arn = {0};
    irsa_auto_role_arn role = {0};
    irsa_auto_error ignored = NULL;
    *ret_node = false;
    if (irsa_arn_parse(caller_arn, &arn, &ignored) != 0 || strcmp(arn.service, "sts") != 0
        || !irsa_has_prefix(arn.resource, kind))
        return false;
    const char *name = arn.resource + strlen(kind);
    const char *slash = strchr(name, '/');
    *ret_node = slash && irsa_has_prefix(slash, "/i-");
    if (!slash || !binding->role_arn
        || irsa_role_arn_parse(binding->role_arn, &role, &ignored) != 0)
        return false;
    size_t len = (size_t)(slash - name);
    return strlen(role.name) == len && strncmp(role.name, name, len) == 0
           && strcmp(role.account, arn.account) == 0 && strcmp(role.partition, arn.partition) == 0;
}

bool irsa_verify_wait(struct irsa_verify_run *run, const char *what)
{
    struct irsa_prover *prover = run->prover;
    const struct irsa_verify_options *options = run->options;
    int64_t now = prover->ops->now_ms(prover);
    int64_t until = now + ASK_AGAIN_MS < run->deadline_ms ? now + ASK_AGAIN_MS : run->deadline_ms;
    while (now < until && !irsa_verify_stopped(run)) {
        if (options->waiting)
            options->waiting(options->context, what, (long)(run->deadline_ms - now));
        long rest = (long)(until - now);
        prover->ops->pause(prover, rest < 1000 ? rest : 1000);
        now = prover->ops->now_ms(prover);
    }
    return now < run->deadline_ms && !irsa_verify_stopped(run);
}

/* --- who one is ------------------------------------------------------------------------------- */

static void say_identity(struct irsa_verify_run *run, struct irsa_proof *proof)
{
    static const char name[] = "caller-identity";
    const struct irsa_assumption *assumption = &proof->assumption;
    if (assumption->caller_error) {
        irsa_step_error(run, proof, name, assumption->caller_error);
        return;
    }
    bool node = false;
    proof->role_proven = irsa_verify_is_role(proof->binding, assumption->caller_arn, &node);
    json_t *step = irsa_step(proof, name, proof->role_proven ? IRSA_STEP_OK : IRSA_STEP_FAILED,
                             "IRSA116", "STS says that the caller is %s", assumption->caller_arn);
    irsa_step_evidence(step, assumption->caller_arn, proof->binding->role_arn,
                       "sts:GetCallerIdentity");
}

static void identify(struct irsa_verify_run *run, struct irsa_proof *const *proofs, size_t count)
{
    struct irsa_assumption **assumptions = irsa_calloc(count + 1, sizeof(*assumptions));
    for (size_t i = 0; i < count; i++)
        assumptions[i] = &proofs[i]->assumption;
    run->prover->ops->identify(run->prover, assumptions, count);
    for (size_t i = 0; i < count; i++) {
        say_identity(run, proofs[i]);
        irsa_assumption_done(&proofs[i]->assumption);
    }
    free(assumptions);
}

/* --- STS' verdict ----------------------------------------------------------------------------- */

static void say_assumed(struct irsa_verify_run *run, struct irsa_proof *proof)
{
    const struct irsa_aws_web_identity *call = &proof->assumption.call;
    int64_t waited = proof->waits ? run->prover->ops->now_ms(run->prover) - run->started_ms : 0;
    irsa_autofree char *after =
        waited > 0 ? irsa_format(", after %lld s", (long long)(waited + 999) / 1000)
                   : irsa_strdup("");
    json_t *step = irsa_step(proof, "assume-role", IRSA_STEP_OK, NULL,
                             "STS gives credentials of %s for the token%s",
                             call->assumed_arn ? call->assumed_arn : "a role", after);
    irsa_step_evidence(step, call->provider, proof->binding->provider_arn, call->host);
}

/* True where it is worth asking again. */
static bool take_refusal(struct irsa_verify_run *run, struct irsa_proof *proof)
{
    const struct irsa_aws_web_identity *call = &proof->assumption.call;
    if (!call->code) {
        irsa_step_error(run, proof, "assume-role", call->error);
        return false;
    }
    const struct irsa_refusal refusal = {
        .code = call->code, .message = call->message, .keys_fit = proof->keys_fit};
    irsa_cause_done(&proof->cause);
    irsa_refusal_cause(run->plan, proof->index, &refusal, &proof->cause);
    proof->waits = true;
    if (proof->cause.not_yet)
        return true;
    irsa_step_cause(run, proof, "assume-role", &proof->cause, call);
    return false;
}

static void renew_tokens(struct irsa_verify_run *run, struct irsa_proof *const *proofs,
                         size_t count)
{
    int64_t now = run->prover->ops->now_ms(run->prover) / 1000;
    for (size_t i = 0; i < count; i++) {
        struct irsa_token_request *const request[] = {&proofs[i]->request};
        irsa_auto_error ignored = NULL;
        if (!proofs[i]->waits || proofs[i]->token.expires - now >= LEAST_SECONDS)
            continue;
        run->prover->ops->tokens(run->prover, request, 1);
        irsa_token_done(&proofs[i]->token);
        (void)irsa_token_read(irsa_secret_expose(&request[0]->token), request[0]->token.len,
                              &proofs[i]->token, &ignored);
    }
}

static void assume(struct irsa_verify_run *run, struct irsa_proof *const *proofs, size_t count)
{
    struct irsa_assumption **assumptions = irsa_calloc(count + 1, sizeof(*assumptions));
    renew_tokens(run, proofs, count);
    for (size_t i = 0; i < count; i++) {
        proofs[i]->assumption.call.role_arn = proofs[i]->binding->role_arn;
        proofs[i]->assumption.call.session_name = run->session_name;
        proofs[i]->assumption.call.token = &proofs[i]->request.token;
        assumptions[i] = &proofs[i]->assumption;
    }
    run->prover->ops->assume(run->prover, assumptions, count);
    free(assumptions);
}

/* Asks for all of `pending`; those that are worth asking again stay in it. */
static size_t ask(struct irsa_verify_run *run, struct irsa_proof **pending, size_t count)
{
    struct irsa_proof *assumed[BATCH];
    size_t left = 0;
    for (size_t at = 0; at < count; at += BATCH) {
        size_t len = count - at < BATCH ? count - at : BATCH;
        size_t good = 0;
        assume(run, pending + at, len);
        for (size_t i = at; i < at + len; i++) {
            struct irsa_proof *proof = pending[i];
            if (proof->assumption.assumed) {
                say_assumed(run, proof);
                assumed[good++] = proof;
            } else if (take_refusal(run, proof)) {
                pending[left++] = proof;
            }
        }
        identify(run, assumed, good);
    }
    return left;
}

static char *waiting_text(struct irsa_proof *const *pending, size_t count)
{
    const struct irsa_proof *first = pending[0];
    irsa_autofree char *more =
        count > 1 ? irsa_format(" and %zu more", count - 1) : irsa_strdup("");
    return irsa_format("%s/%s%s: %s, not yet: IAM may still spread a change",
                       first->binding->namespace_, first->binding->service_account, more,
                       first->assumption.call.code);
}

void irsa_verify_assume(struct irsa_verify_run *run, struct irsa_proof *const *batch, size_t count)
{
    struct irsa_proof **pending = irsa_calloc(count + 1, sizeof(*pending));
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        if (!batch[i]->has_token)
            (void)irsa_step(batch[i], "assume-role", IRSA_STEP_SKIPPED, NULL,
                            "there is no token to ask with");
        else if (!batch[i]->binding->role_arn)
            (void)irsa_step(batch[i], "assume-role", IRSA_STEP_SKIPPED, "IRSA097",
                            "it is not known which role is wanted");
        else
            pending[left++] = batch[i];
    }
    while (left > 0) {
        left = ask(run, pending, left);
        if (left == 0)
            break;
        irsa_autofree char *text = waiting_text(pending, left);
        if (irsa_verify_wait(run, text))
            continue;
        for (size_t i = 0; i < left; i++)
            irsa_step_cause(run, pending[i], "assume-role", &pending[i]->cause,
                            &pending[i]->assumption.call);
        break;
    }
    if (run->options->waiting)
        run->options->waiting(run->options->context, "", 0);
    free(pending);
}
