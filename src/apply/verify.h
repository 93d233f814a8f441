/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of verify share. Room-private. */
#ifndef IRSA_FIX_APPLY_VERIFY_H
#define IRSA_FIX_APPLY_VERIFY_H

#include "irsa/verify.h"

enum irsa_step_state {
    IRSA_STEP_OK,
    IRSA_STEP_FAILED,
    IRSA_STEP_UNKNOWN, /* could not be done */
    IRSA_STEP_SKIPPED, /* needs one that was not reached */
};

/* One binding under way. */
struct irsa_proof {
    size_t index; /* in the plan */
    const struct irsa_binding *binding;
    json_t *steps; /* owned */
    bool failed, unknown;
    bool role_proven, pod_proven;
    struct irsa_token_request request;
    struct irsa_token token;
    bool has_token;
    bool keys_fit; /* the issuer's public keys verify the token */
    struct irsa_assumption assumption;
    bool waits; /* for IAM */
    struct irsa_cause cause;
};

/* Issuers' keys, fetched once each. */
struct irsa_proof_keys {
    bool asked;
    json_t *keys;
    bool public_;
    char *where, *note;
    struct irsa_error *error;
};

struct irsa_verify_run {
    struct irsa_prover *prover;
    const struct irsa_plan *plan;
    const struct irsa_verify_options *options;
    struct irsa_proof *proofs;
    size_t count;
    struct irsa_proof_keys keys;
    int64_t started_ms, deadline_ms;
    char *session_name;
    bool access, network; /* a right of ours is missing; something did not answer */
};

/* --- steps (verify_step.c) -------------------------------------------------------------------- */

/* Appends a step; borrowed. code: "IRSA010" or NULL. */
json_t *irsa_step(struct irsa_proof *proof, const char *name, enum irsa_step_state state,
                  const char *code, const char *fmt, ...) IRSA_PRINTF(5, 6);
/* Each may be NULL. */
void irsa_step_evidence(json_t *step, const char *observed, const char *expected,
                        const char *source);
void irsa_step_help(json_t *step, const char *help);
/* A step that could not be done, for the error; counts whose fault it is. */
void irsa_step_error(struct irsa_verify_run *run, struct irsa_proof *proof, const char *name,
                     const struct irsa_error *error);
/* A refusal's cause as a step; call: what STS said, or NULL. */
void irsa_step_cause(struct irsa_verify_run *run, struct irsa_proof *proof, const char *name,
                     const struct irsa_cause *cause, const struct irsa_aws_web_identity *call);
/* Whole answer. */
json_t *irsa_verify_document(const struct irsa_verify_run *run);

/* --- facts (verify_facts.c) ------------------------------------------------------------------- */

/* The finding of that link that breaks the binding, or NULL. Borrowed. */
const struct irsa_finding *irsa_verify_finding(const struct irsa_plan *plan, size_t binding,
                                               enum irsa_link link);
/* What is seen without asking anybody: service account and webhook. */
void irsa_verify_seen(struct irsa_proof *proof, const struct irsa_plan *plan);
/* The findings of `plan` about the applications of these bindings. A new reference. */
json_t *irsa_verify_applications(const struct irsa_plan *plan);

/* --- level 1 (verify_token.c, verify_assume.c) ------------------------------------------------ */

/* Each works on all of a batch. */
void irsa_verify_tokens(struct irsa_verify_run *run, struct irsa_proof *const *batch, size_t count);
void irsa_verify_assume(struct irsa_verify_run *run, struct irsa_proof *const *batch, size_t count);
/* Is this assumed-role ARN the binding's role? *ret_node: its session is that of an instance. */
bool irsa_verify_is_role(const struct irsa_binding *binding, const char *caller_arn,
                         bool *ret_node);
static inline bool irsa_verify_stopped(const struct irsa_verify_run *run)
{
    return run->options->interrupted && *run->options->interrupted;
}
/* Says what is waited for, and waits a second; false when the time is over, or interrupted. */
bool irsa_verify_wait(struct irsa_verify_run *run, const char *what);

/* --- level 2 (verify_pod.c, verify_pod_run.c) ------------------------------------------------- */

void irsa_verify_pods(struct irsa_verify_run *run, struct irsa_proof *const *batch, size_t count);

#endif
