/* SPDX-License-Identifier: Apache-2.0 */
/* A case of this suite as read from its folder, and what must hold after apply. */
#ifndef IRSA_FIX_TESTS_PLAN_CASE_H
#define IRSA_FIX_TESTS_PLAN_CASE_H

#include "irsa/apply.h"

struct plan_case {
    const char *folder;
    json_t *expected;
    struct irsa_templates *templates;
    struct irsa_intent *intent;
};
/* 0, or -1 with the reason on stderr. */
int plan_case_read(struct plan_case *c);
void plan_case_done(struct plan_case *c);

/* The binding "NS/NAME" of a plan's JSON, or NULL. Borrowed. */
const json_t *plan_case_binding(const json_t *plan, const char *name);

/* A copy of the directory under $TMPDIR (the caller's), or NULL; and its removal. */
char *plan_case_copy_world(const char *directory);
void plan_case_remove(const char *directory);

/* Says what is wrong with the case on stderr; returns 1. */
int plan_case_fail(const struct plan_case *c, const char *fmt, ...) IRSA_PRINTF(2, 3);

/* Plans the world and applies it there; 0, or 1 with what does not hold then on stderr: nothing is
 * left to do but what was held back, and the three below. */
int plan_case_apply(const struct plan_case *c, const char *directory);
/* Plans the world, applies it, and takes that back from its journal: then every file and directory
 * is as it was. 0, or 1 with the reason on stderr. */
int plan_case_undo(const struct plan_case *c, const char *directory);

/* 0, or 1 with the reason on stderr: findings that `before` called mended are gone in `after`;
 * bindings whose breaking findings were all mended work; what each role refused before, it refuses
 * but for the bindings that were asked for. */
int plan_case_check_mended(const struct plan_case *c, const struct irsa_plan *before,
                           const struct irsa_plan *after);
int plan_case_check_works(const struct plan_case *c, const struct irsa_plan *before,
                          const struct irsa_plan *after);
int plan_case_check_neighbours(const struct plan_case *c, const struct irsa_plan *before,
                               const struct irsa_plan *after);

#endif
