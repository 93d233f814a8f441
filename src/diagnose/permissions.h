/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_DIAGNOSE_PERMISSIONS_H
#define IRSA_FIX_DIAGNOSE_PERMISSIONS_H

#include "diagnose/room.h"

/* The name of the file that shows the role. Borrowed. */
const char *irsa_role_file(const struct irsa_run *run, const struct irsa_role *role);
/* A finding about the role, one a key for all bindings; source is the role's file. */
struct irsa_finding *irsa_role_report(struct irsa_run *run, enum code code, const char *key,
                                      const struct irsa_role *role, size_t binding, bool *ret_new);
/* IRSA098: what hides it ("its inline policies were not seen"), and what was wanted. */
void irsa_role_report_unseen(struct irsa_run *run, const struct irsa_role *role, size_t binding,
                             const char *what, const char *wanted);
/* The actions that the wish needs, evaluated. */
void irsa_check_needs(struct irsa_run *run, const struct irsa_binding *binding, size_t index);
/* What IAM's policy simulator says of a needed action that `own` is irsa-fix's decision about,
 * where it denies it; whether it allows it; and what it did not say. (simulated.c) */
void irsa_check_simulated(struct irsa_run *run, const struct irsa_role *role, size_t binding,
                          const struct irsa_need *need, enum irsa_decision own);
bool irsa_simulated_allows(const struct irsa_run *run, const struct irsa_role *role,
                           const struct irsa_need *need);
void irsa_note_unsimulated(struct irsa_run *run);

#endif
