/* SPDX-License-Identifier: Apache-2.0 */
/* A captured world in a temporary directory, for tests. */
#ifndef IRSA_FIX_TESTS_WORLD_SCRATCH_H
#define IRSA_FIX_TESTS_WORLD_SCRATCH_H

#include "irsa/document.h"
#include "irsa/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ACCOUNT "111122223333"
#define ISSUER "oidc.eks.eu-west-1.amazonaws.com/id/D5E0B6F1A2C34D5E8F90A1B2C3D4E5F6"
#define PROVIDER "arn:aws:iam::" ACCOUNT ":oidc-provider/" ISSUER
#define ROLE "arn:aws:iam::" ACCOUNT ":role/shop-api"

struct scratch {
    char *directory;
    struct irsa_world *world;
    struct irsa_facts *facts;
};

/* cmocka set-up and tear-down: a directory, as struct scratch. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* Writes a file (with the directories above it). */
void scratch_write(const struct scratch *scratch, const char *name, const char *text);
/* Reads one; fails the test where it is not there. The caller's. */
char *scratch_read(const struct scratch *scratch, const char *name);
bool scratch_exists(const struct scratch *scratch, const char *name);
void scratch_assert_text(const struct scratch *scratch, const char *name, const char *expected);
/* Gathers (anew); fails the test on an error. */
void scratch_gather(struct scratch *scratch);

/* Applies {action, kind, target, before, after}; the JSON texts may be NULL. Returns what apply
 * does; *reterr is the caller's. */
int scratch_apply(struct scratch *scratch, enum irsa_action action, enum irsa_object_kind kind,
                  const char *target, const char *before, const char *after,
                  struct irsa_error **reterr);
/* The same where it must work. */
void scratch_must_apply(struct scratch *scratch, enum irsa_action action,
                        enum irsa_object_kind kind, const char *target, const char *before,
                        const char *after);
/* The same where it must fail so. */
void scratch_must_refuse(struct scratch *scratch, enum irsa_action action,
                         enum irsa_object_kind kind, const char *target, const char *before,
                         const char *after, enum irsa_error_kind why, const char *message);

#endif
