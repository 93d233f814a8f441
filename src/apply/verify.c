/* SPDX-License-Identifier: Apache-2.0 */
#include "apply/verify.h"

#define BATCH ((size_t)32)
/* IAM shows a change within seconds, mostly. */
#define TIMEOUT_MS 60000L

static void proof_done(struct irsa_proof *proof)
{
    json_decref(proof->steps);
    irsa_token_request_done(&proof->request);
    irsa_token_done(&proof->token);
    irsa_assumption_done(&proof->assumption);
    irsa_cause_done(&proof->cause);
}

static void run_done(struct irsa_verify_run *run)
{
    for (size_t i = 0; i < run->count; i++)
        proof_done(&run->proofs[i]);
    free(run->proofs);
    json_decref(run->keys.keys);
    free(run->keys.where);
    free(run->keys.note);
    irsa_error_free(run->keys.error);
    free(run->session_name);
}

static void open_run(struct irsa_verify_run *run)
{
    const struct irsa_plan *plan = run->plan;
    run->started_ms = run->prover->ops->now_ms(run->prover);
    run->deadline_ms =
        run->started_ms + (run->options->timeout_ms > 0 ? run->options->timeout_ms : TIMEOUT_MS);
    run->session_name = irsa_format("irsa-fix-verify-%lld", (long long)(run->started_ms / 1000));
    run->count = plan->bindings.len;
    run->proofs = irsa_calloc(run->count + 1, sizeof(*run->proofs));
    for (size_t i = 0; i < run->count; i++) {
        struct irsa_proof *proof = &run->proofs[i];
        proof->index = i;
        proof->binding = &plan->bindings.items[i];
        proof->steps = json_array();
        irsa_verify_seen(proof, plan);
    }
}

json_t *irsa_verify(struct irsa_prover *prover, const struct irsa_plan *plan,
                    const struct irsa_verify_options *options)
{
    struct irsa_verify_run run = {.prover = prover, .plan = plan, .options = options};
    open_run(&run);
    struct irsa_proof **all = irsa_calloc(run.count + 1, sizeof(*all));
    for (size_t i = 0; i < run.count; i++)
        all[i] = &run.proofs[i];
    for (size_t at = 0; at < run.count; at += BATCH)
        irsa_verify_tokens(&run, all + at, run.count - at < BATCH ? run.count - at : BATCH);
    irsa_verify_assume(&run, all, run.count);
    if (options->pods)
        irsa_verify_pods(&run, all, run.count);
    json_t *document = irsa_verify_document(&run);
    free(all);
    run_done(&run);
    return document;
}
