/* SPDX-License-Identifier: Apache-2.0 */
/* The token: that there is one, that its claims are those that STS will look at, and that its
 * issuer's keys verify it. */
#include "apply/verify.h"

/* Clocks of machines that are set by the network differ by less. */
#define SKEW_SECONDS 300

static void say_no_token(struct irsa_verify_run *run, struct irsa_proof *proof)
{
    static const char name[] = "token";
    const struct irsa_token_request *request = &proof->request;
    if (request->status == 404) {
        json_t *step = irsa_step(proof, name, IRSA_STEP_FAILED, "IRSA050",
                                 "there is no service account %s/%s to give a token for",
                                 request->namespace_, request->service_account);
        irsa_step_evidence(step, irsa_error_message(request->error), "a token",
                           "create serviceaccounts/token");
        return;
    }
    irsa_step_error(run, proof, name, request->error);
    if (request->status == 403)
        irsa_step_help(json_array_get(proof->steps, json_array_size(proof->steps) - 1),
                       "allow create serviceaccounts/token to who runs irsa-fix (irsa-fix "
                       "permissions verify --rbac)");
}

static void check_claims(const struct irsa_verify_run *run, struct irsa_proof *proof)
{
    static const char name[] = "claims";
    const struct irsa_token_wish wish = {
        .issuer = run->plan->bindings.scope.issuer_url,
        .audience = proof->binding->audience,
        .subject = proof->binding->subject,
        .now = run->prover->ops->now_ms(run->prover) / 1000,
        .skew = SKEW_SECONDS,
    };
    irsa_auto_token_problems problems = {0};
    irsa_token_check(&proof->token, &wish, &problems);
    if (problems.len == 0) {
        (void)irsa_step(proof, name, wish.issuer ? IRSA_STEP_OK : IRSA_STEP_UNKNOWN, "IRSA090",
                        "subject %s, audience %s, %s %s", wish.subject, wish.audience,
                        wish.issuer ? "issuer" : "and it is not known whether this is the issuer:",
                        proof->token.issuer ? proof->token.issuer : "none");
        return;
    }
    const struct irsa_token_problem *first = &problems.items[0];
    bool is_time = strcmp(first->claim, "exp") == 0 || strcmp(first->claim, "iat") == 0
                   || strcmp(first->claim, "nbf") == 0;
    json_t *step = irsa_step(proof, name, IRSA_STEP_FAILED, is_time ? "IRSA110" : "IRSA121",
                             "claim %s of the token is %s, and has to be %s%s", first->claim,
                             first->observed, first->expected,
                             problems.len > 1 ? "; it is not the only one that is wrong" : "");
    irsa_step_evidence(step, first->observed, first->expected, "create serviceaccounts/token");
}

/* --- signature -------------------------------------------------------------------------------- */

static void fetch_keys(struct irsa_verify_run *run, const char *issuer)
{
    struct irsa_proof_keys *keys = &run->keys;
    if (keys->asked)
        return;
    keys->asked = true;
    (void)run->prover->ops->keys(run->prover, issuer, &keys->keys, &keys->public_, &keys->where,
                                 &keys->note, &keys->error);
}

static void take_signature(struct irsa_verify_run *run, struct irsa_proof *proof,
                           enum irsa_signature verdict, const char *message)
{
    static const char name[] = "signature";
    const struct irsa_proof_keys *keys = &run->keys;
    if (verdict == IRSA_SIGNATURE_UNSUPPORTED) {
        (void)irsa_step(proof, name, IRSA_STEP_UNKNOWN, NULL, "%s", message);
        return;
    }
    bool good = verdict == IRSA_SIGNATURE_GOOD;
    proof->keys_fit = good && keys->public_;
    json_t *step =
        irsa_step(proof, name, good ? IRSA_STEP_OK : IRSA_STEP_FAILED, "IRSA111", "%s%s%s", message,
                  keys->note ? ": by the API server's keys; those of the issuer were not read: "
                             : ", as the issuer publishes it",
                  keys->note ? keys->note : "");
    irsa_step_evidence(step, message, "a signature by a key of the issuer", keys->where);
}

/* Who can't reach the keys is not refused for it: STS will verify the token by itself. */
static void check_signature(struct irsa_verify_run *run, struct irsa_proof *proof)
{
    const struct irsa_proof_keys *keys = &run->keys;
    irsa_autofree char *message = NULL;
    fetch_keys(run, proof->token.issuer);
    if (!keys->keys) {
        json_t *step = irsa_step(proof, "signature", IRSA_STEP_UNKNOWN, NULL,
                                 "the keys were not to be had, so only STS verifies the token: %s",
                                 irsa_error_message(keys->error));
        irsa_step_help(step, irsa_error_hint(keys->error));
        return;
    }
    const struct irsa_secret *token = &proof->request.token;
    enum irsa_signature verdict =
        irsa_token_verify(irsa_secret_expose(token), token->len, keys->keys, &message);
    take_signature(run, proof, verdict, message);
}

/* --- all -------------------------------------------------------------------------------------- */

static void take_token(struct irsa_verify_run *run, struct irsa_proof *proof)
{
    irsa_auto_error error = NULL;
    const struct irsa_secret *token = &proof->request.token;
    if (proof->request.error) {
        say_no_token(run, proof);
        return;
    }
    irsa_token_done(&proof->token);
    if (irsa_token_read(irsa_secret_expose(token), token->len, &proof->token, &error) != 0) {
        irsa_step_error(run, proof, "token", error);
        return;
    }
    proof->has_token = true;
    (void)irsa_step(proof, "token", IRSA_STEP_OK, NULL,
                    "the API server gives a token for service account %s/%s",
                    proof->request.namespace_, proof->request.service_account);
    check_claims(run, proof);
    if (proof->token.issuer)
        check_signature(run, proof);
}

void irsa_verify_tokens(struct irsa_verify_run *run, struct irsa_proof *const *batch, size_t count)
{
    struct irsa_token_request **requests = irsa_calloc(count + 1, sizeof(*requests));
    for (size_t i = 0; i < count; i++) {
        batch[i]->request = (struct irsa_token_request){
            .namespace_ = batch[i]->binding->namespace_,
            .service_account = batch[i]->binding->service_account,
            .audience = batch[i]->binding->audience,
        };
        requests[i] = &batch[i]->request;
    }
    run->prover->ops->tokens(run->prover, requests, count);
    for (size_t i = 0; i < count; i++)
        take_token(run, batch[i]);
    free(requests);
}
