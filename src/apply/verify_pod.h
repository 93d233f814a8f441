/* SPDX-License-Identifier: Apache-2.0 */
/* The test pod's object and words, apart from its life. Room-private. */
#ifndef IRSA_FIX_APPLY_VERIFY_POD_H
#define IRSA_FIX_APPLY_VERIFY_POD_H

#include "apply/verify.h"

/* What a pod may live longer than it is waited for. */
#define IRSA_POD_SPARE_SECONDS 10

/* How long a pod is waited for. */
long irsa_verify_pod_ms(const struct irsa_verify_run *run);
/* The pod for a binding, by the template; a new reference. Errors: those of the template. */
json_t *irsa_verify_pod_object(const struct irsa_verify_run *run, const struct irsa_proof *proof,
                               struct irsa_error **reterr);
/* The query by which the pods of verify are listed. */
extern const char *const irsa_verify_pod_selector;
/* A test pod past its deadline; now: Unix seconds. */
bool irsa_verify_pod_is_left(const json_t *pod, int64_t now);
/* Steps from its log. */
void irsa_verify_pod_said(struct irsa_verify_run *run, struct irsa_proof *proof, const char *text);

#endif
