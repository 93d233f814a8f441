/* SPDX-License-Identifier: Apache-2.0 */
/*
 * prove: what proving a binding takes of the world, as a table of functions: tokens from the API
 * server, the issuer's keys, STS' verdict, pods. The live world has one (src/world/live_verify.c);
 * tests put another in its place.
 */
#ifndef IRSA_FIX_PROVE_H
#define IRSA_FIX_PROVE_H

#include "irsa/aws.h"
#include "irsa/kube.h"
#include "irsa/world.h"

/* A token for a service account, as the kubelet would ask for one: TokenRequest
 * (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/).
 */
struct irsa_token_request {
    const char *namespace_; /* borrowed, as the others */
    const char *service_account;
    const char *audience;
    /* answer */
    struct irsa_secret token; /* empty after an error */
    long status;              /* HTTP's; 0: no answer */
    struct irsa_error *error; /* owned */
};
void irsa_token_request_done(struct irsa_token_request *request);

/* A role taken on by a token, and who STS says one is then. */
struct irsa_assumption {
    struct irsa_aws_web_identity call;
    bool assumed;
    char *caller_arn;                /* GetCallerIdentity's, or NULL */
    struct irsa_error *caller_error; /* owned */
};
void irsa_assumption_done(struct irsa_assumption *assumption);

struct irsa_prover;
struct irsa_prover_ops {
    /* Each of these works on all at once. */
    void (*tokens)(struct irsa_prover *prover, struct irsa_token_request *const *requests,
                   size_t count);
    void (*assume)(struct irsa_prover *prover, struct irsa_assumption *const *assumptions,
                   size_t count);
    void (*identify)(struct irsa_prover *prover, struct irsa_assumption *const *assumptions,
                     size_t count);
    void (*kube)(struct irsa_prover *prover, struct irsa_kube_call *const *calls, size_t count);
    /* The keys that tokens are verified with: the issuer's own, where it can be reached
     * (*ret_public true), else the API server's. *ret_where, the caller's, is where they are from;
     * *ret_note, the caller's or NULL, why not from the issuer. */
    int (*keys)(struct irsa_prover *prover, const char *issuer_url, json_t **ret, bool *ret_public,
                char **ret_where, char **ret_note, struct irsa_error **reterr);
    int64_t (*now_ms)(struct irsa_prover *prover); /* since 1970 */
    void (*pause)(struct irsa_prover *prover, long ms);
    void (*random)(struct irsa_prover *prover, unsigned char *ret, size_t len);
    void (*free)(struct irsa_prover *prover);
};
struct irsa_prover {
    const struct irsa_prover_ops *ops;
};
void irsa_prover_free(struct irsa_prover *prover);
static inline void irsa_prover_freep(struct irsa_prover **p)
{
    irsa_prover_free(*p);
}
#define irsa_auto_prover IRSA_CLEANUP(irsa_prover_freep) struct irsa_prover *

/* Of a live world, which must outlive it. From then on JSON values are wiped when they are
 * released, since some hold tokens and keys. Errors: NOT_FOUND (the world has no API server). */
int irsa_live_prover(struct irsa_world *live, struct irsa_prover **ret, struct irsa_error **reterr);

#endif
