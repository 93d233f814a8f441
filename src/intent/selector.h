/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes label selectors, equality and set based, as `kubectl -l` takes them:
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
#ifndef IRSA_FIX_INTENT_SELECTOR_H
#define IRSA_FIX_INTENT_SELECTOR_H

#include "irsa/base.h"

#include <jansson.h>

struct irsa_selector;
/* Errors: USAGE, with the place. */
int irsa_selector_parse(const char *text, struct irsa_selector **ret, struct irsa_error **reterr);
/* labels: an object, or NULL for none. */
bool irsa_selector_matches(const struct irsa_selector *selector, const json_t *labels);
void irsa_selector_free(struct irsa_selector *selector);
static inline void irsa_selector_freep(struct irsa_selector **p)
{
    irsa_selector_free(*p);
}
#define irsa_auto_selector IRSA_CLEANUP(irsa_selector_freep) struct irsa_selector *
/* Only the form. */
int irsa_selector_check(const char *text, struct irsa_error **reterr);

#endif
