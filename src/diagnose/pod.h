/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_DIAGNOSE_POD_H
#define IRSA_FIX_DIAGNOSE_POD_H

#include "diagnose/room.h"

/* Whatever has a pod spec: a workload's template, or a pod that no workload seen stands behind. */
struct irsa_carrier {
    const char *kind;
    const char *namespace_;
    const char *name;
    const struct irsa_pod_spec *spec;
    const struct irsa_origins *origins;
    bool live; /* a pod as it runs: what the webhook added is in it */
};

/* A finding about the carrier, one for all bindings; "file: FIELD". */
struct irsa_finding *irsa_carrier_report(struct irsa_run *run, enum code code,
                                         const struct irsa_carrier *carrier, size_t binding,
                                         const char *field, bool *ret_new);
/* The workload that people know, where it was seen: not a ReplicaSet of a Deployment seen. */
bool irsa_workload_is_top(const struct irsa_facts *facts, const struct irsa_workload *workload);
/* Containers of the spec that the skip-containers annotation names (csv). */
void irsa_skipped_containers(const struct irsa_pod_spec *spec, struct irsa_strings *ret);
/* Images, settings of the pod. */
void irsa_check_carrier_environment(struct irsa_run *run, const struct irsa_carrier *carrier,
                                    size_t binding);
void irsa_check_carrier_settings(struct irsa_run *run, const struct irsa_carrier *carrier,
                                 size_t binding);
void irsa_check_images(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding);

#endif
