/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify: proves bindings by doing what a pod would do. Each binding gets steps, in the order of
 * the chain, each with what was seen; what could not be done is unknown, and never reads as fine.
 */
#ifndef IRSA_FIX_VERIFY_H
#define IRSA_FIX_VERIFY_H

#include "irsa/plan.h"
#include "irsa/prove.h"
#include "irsa/token.h"

struct irsa_verify_options {
    bool pods;                              /* level 2: a test pod each */
    const char *image;                      /* of the test pod; NULL: the template's */
    const json_t *labels;                   /* more of the test pod's, or NULL */
    const json_t *node_selector;            /* of the test pod, or NULL */
    const struct irsa_templates *templates; /* borrowed */
    long timeout_ms;                        /* for IAM to spread a change, and for a pod to end;
                                               0: a minute, and two for a pod */
    void (*say)(void *context, const char *text); /* what is done to the cluster; may be NULL */
    /* What is waited for, about once a second; left_ms 0: over. May be NULL. */
    void (*waiting)(void *context, const char *text, long left_ms);
    void *context;
    const volatile bool *interrupted; /* or NULL */
};

/* Proves every binding of the plan; the answer of `verify` (docs/verify.schema.json), a new
 * reference. Its "outcome" is the exit status. */
json_t *irsa_verify(struct irsa_prover *prover, const struct irsa_plan *plan,
                    const struct irsa_verify_options *options);

/* --- why STS refuses (pure) ------------------------------------------------------------------- */

struct irsa_refusal {
    const char *code;    /* "InvalidIdentityToken" */
    const char *message; /* or NULL */
    bool keys_fit;       /* the issuer's public keys were seen to verify the token */
};
struct irsa_cause {
    const char *code; /* "IRSA010", or NULL: STS' words alone */
    char *message;    /* one line */
    char *observed;   /* or NULL */
    char *expected;   /* or NULL */
    char *source;     /* or NULL */
    char *help;       /* or NULL */
    bool not_yet;     /* by all that is known here it should work: it may when asked again */
    bool passing;     /* nobody was judged: throttled, an error of the service */
};
void irsa_cause_done(struct irsa_cause *cause);
#define irsa_auto_cause IRSA_CLEANUP(irsa_cause_done) struct irsa_cause
/* The link of the chain that a refusal points at: by its code and message
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors),
 * and by evaluating the same request with the facts. */
void irsa_refusal_cause(const struct irsa_plan *plan, size_t binding,
                        const struct irsa_refusal *refusal, struct irsa_cause *ret);

/* --- test pods (pure) ------------------------------------------------------------------------- */

enum irsa_pod_state {
    IRSA_POD_WAITING, /* may still come to something; the message says what it waits for */
    IRSA_POD_ENDED,   /* its log can be read */
    IRSA_POD_STUCK,   /* nothing will come of it */
};
struct irsa_pod_verdict {
    enum irsa_pod_state state;
    const char *code; /* of what it waits for or is stuck in, or NULL */
    char *message;    /* or NULL */
};
void irsa_pod_verdict_done(struct irsa_pod_verdict *verdict);
/* How far a pod is, from the object as the API server has it. */
void irsa_pod_judge(const json_t *pod, struct irsa_pod_verdict *ret);

/* What the test pod said. */
struct irsa_pod_log {
    char *role_arn;   /* AWS_ROLE_ARN, or NULL */
    char *token_file; /* AWS_WEB_IDENTITY_TOKEN_FILE, or NULL */
    char *region;     /* AWS_REGION or AWS_DEFAULT_REGION, or NULL */
    char *endpoints;  /* AWS_STS_REGIONAL_ENDPOINTS, or NULL */
    bool token_unreadable;
    struct irsa_strings names; /* of other variables that begin with AWS_ */
    char *caller_arn;          /* or NULL */
    char *code;                /* "An error occurred (CODE) ...", or NULL */
    char *message;             /* or NULL */
    char *last_line;           /* of what is none of this, or NULL */
};
void irsa_pod_log_read(const char *text, struct irsa_pod_log *ret);
void irsa_pod_log_done(struct irsa_pod_log *log);
#define irsa_auto_pod_log IRSA_CLEANUP(irsa_pod_log_done) struct irsa_pod_log

#endif
