/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_DIAGNOSE_SERVICE_ACCOUNT_H
#define IRSA_FIX_DIAGNOSE_SERVICE_ACCOUNT_H

#include "diagnose/room.h"

struct irsa_account_run {
    struct irsa_run *run;
    struct irsa_map by_name; /* name of a service account -> its first index */
    size_t *next_of_name;    /* the next of the same name, or SIZE_MAX */
};

/* The name of the file that shows the binding's service account. Borrowed. */
const char *irsa_account_file(const struct irsa_run *run, const struct irsa_binding *binding);
/* A finding about the binding's service account; its source is the role annotation. */
struct irsa_finding *irsa_account_report(struct irsa_run *run, enum code code,
                                         const struct irsa_binding *binding, size_t index);
/* Adds the fix that sets the role annotation to the binding's role. */
void irsa_account_annotate(struct irsa_finding *finding, const struct irsa_binding *binding,
                           size_t index, enum irsa_class class_);
/* The role annotation of an account that is there. */
void irsa_check_annotation(const struct irsa_account_run *account,
                           const struct irsa_binding *binding, size_t index);

#endif
