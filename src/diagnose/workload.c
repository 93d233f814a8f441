/* SPDX-License-Identifier: Apache-2.0 */
/* The templates of workloads, and pods that no workload seen stands behind. */
#include "diagnose/pod.h"

bool irsa_workload_is_top(const struct irsa_facts *facts, const struct irsa_workload *workload)
{
    return !workload->owner_kind
           || !irsa_facts_workload(facts, workload->owner_kind, workload->namespace_,
                                   workload->owner_name);
}

static void check_carrier(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    irsa_check_carrier_environment(run, carrier, binding);
    irsa_check_carrier_settings(run, carrier, binding);
    irsa_check_images(run, carrier, binding);
}

static void check_templates(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    size_t count;
    const uint32_t *workloads =
        irsa_facts_workloads_of(run->facts, binding->namespace_, binding->service_account, &count);
    for (size_t i = 0; i < count; i++) {
        const struct irsa_workload *workload = &run->facts->workloads[workloads[i]];
        if (!irsa_workload_is_top(run->facts, workload))
            continue;
        const struct irsa_carrier carrier = {
            .kind = workload->kind,
            .namespace_ = workload->namespace_,
            .name = workload->name,
            .spec = &workload->spec,
            .origins = &workload->origins,
        };
        check_carrier(run, &carrier, index);
    }
}

static void check_lone_pods(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    size_t count;
    const uint32_t *pods =
        irsa_facts_pods_of(run->facts, binding->namespace_, binding->service_account, &count);
    for (size_t i = 0; i < count; i++) {
        const struct irsa_pod *pod = &run->facts->pods[pods[i]];
        const char *kind = NULL;
        const char *name = NULL;
        if (pod->finished)
            continue;
        irsa_facts_pod_owner(run->facts, pod, &kind, &name);
        if (irsa_facts_workload(run->facts, kind, pod->namespace_, name))
            continue;
        const struct irsa_carrier carrier = {
            .kind = kind,
            .namespace_ = pod->namespace_,
            .name = name,
            .spec = &pod->spec,
            .origins = &pod->origins,
            .live = true,
        };
        check_carrier(run, &carrier, index);
    }
}

void irsa_check_workloads(struct irsa_run *run)
{
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (!binding->role_arn)
            continue;
        check_templates(run, binding, i);
        check_lone_pods(run, binding, i);
    }
    irsa_run_skip(run, C063, C067, "no workloads of these service accounts were seen");
    irsa_run_skip(run, C068, C068, "the cluster's version was not seen, or no workloads");
    irsa_run_skip(run, C069, C070, "no workloads of these service accounts were seen");
    irsa_run_skip(run, C071, C071, "no image whose tag tells the version of an AWS tool was seen");
    irsa_run_skip(run, C072, C072, "no workloads of these service accounts were seen");
    irsa_run_skip(run, C073, C073, "no service account sets its STS endpoint");
    irsa_run_skip(run, C075, C075, "no workloads of these service accounts were seen");
    irsa_run_skip(run, C077, C077, "no workloads of these service accounts were seen");
}
