/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/apply.h"

/* Exit statuses: design.md's table, README.md. */
enum {
    OUTCOME_FAILED = 1,
    OUTCOME_MOVED = 2,
    OUTCOME_PERMISSION = 4,
    OUTCOME_HALF_WAY = 5,
    OUTCOME_INTERRUPTED = 130,
};

static int failure_outcome(const struct irsa_apply_result *result)
{
    bool permission = false;
    bool other = false;
    for (size_t i = 0; i < result->change_count; i++) {
        const struct irsa_change_result *change = &result->changes[i];
        if (change->state != IRSA_CHANGE_FAILED)
            continue;
        if (change->kind == IRSA_E_AUTH || change->kind == IRSA_E_ACCESS)
            permission = true;
        else if (change->kind != IRSA_E_CONFLICT)
            other = true;
    }
    if (permission)
        return OUTCOME_PERMISSION;
    return other ? OUTCOME_FAILED : OUTCOME_MOVED;
}

int irsa_apply_outcome(const struct irsa_apply_result *result)
{
    bool stopped = result->failed > 0 || result->skipped > 0;
    if (stopped && result->done > 0)
        return OUTCOME_HALF_WAY;
    if (result->failed > 0)
        return failure_outcome(result);
    if (result->journal_error && result->skipped > 0)
        return OUTCOME_FAILED;
    if (result->interrupted && result->skipped > 0)
        return OUTCOME_INTERRUPTED;
    return result->after ? result->after->outcome : OUTCOME_FAILED;
}
