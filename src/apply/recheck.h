/* SPDX-License-Identifier: Apache-2.0 */
/* The end of a run. Private to src/apply. */
#ifndef IRSA_FIX_APPLY_RECHECK_H
#define IRSA_FIX_APPLY_RECHECK_H

#include "irsa/apply.h"

/* facts_after and after, or recheck_error, of the result. Where what was done does not show yet, it
 * is read again, up to the world's lag. */
void irsa_apply_recheck(struct irsa_world *world, const struct irsa_plan *plan,
                        const volatile bool *interrupted, struct irsa_apply_result *ret);

#endif
