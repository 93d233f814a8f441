/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is still there, but on its way out. In a namespace that is being deleted nothing can be
 * created any more
 * (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#namespacelifecycle);
 * an account with a deletionTimestamp serves until its finalizers are done, which nobody can tell
 * beforehand (https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/).
 */
#include "diagnose/room.h"

bool irsa_binding_is_going(const struct irsa_run *run, const struct irsa_binding *binding)
{
    const struct irsa_namespace *space = irsa_facts_namespace(run->facts, binding->namespace_);
    return (space && space->terminating) || (binding->account && binding->account->deleting);
}

static void report_namespace(struct irsa_run *run, const struct irsa_namespace *space, size_t index)
{
    bool fresh;
    irsa_autofree char *key = irsa_format("namespace %s", space->name);
    struct irsa_finding *finding = irsa_run_find(run, C006, key, &fresh);
    irsa_finding_binding(finding, index);
    if (!fresh)
        return;
    finding->breaks = true;
    irsa_finding_subject(finding, "Namespace", NULL, space->name);
    irsa_finding_message(finding,
                         "namespace %s is being deleted (Terminating): no pod can be created in it",
                         space->name);
    irsa_finding_evidence(finding, "Terminating", "Active", IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: status.phase", irsa_facts_file(run->facts, &space->origins));
    irsa_autofree char *command = irsa_suggest(
        run->intent, IRSA_TOOL_KUBECTL, "kubectl get namespace", space->name, "-o", "yaml", NULL);
    irsa_finding_help(finding,
                      "wait until it is gone and create it anew, or take another namespace; what "
                      "holds it up: %s",
                      command);
}

static void report_account(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    bool fresh;
    irsa_autofree char *name = irsa_binding_name(binding);
    struct irsa_finding *finding = irsa_run_find(run, C006, name, &fresh);
    irsa_finding_binding(finding, index);
    if (!fresh)
        return;
    finding->blocks_decision = true;
    irsa_finding_subject(finding, "ServiceAccount", binding->namespace_, binding->service_account);
    irsa_finding_message(finding,
                         "service account %s is being deleted: it is gone when its finalizers are "
                         "done",
                         name);
    irsa_finding_evidence(finding, "deletionTimestamp is set", "an account that stays",
                          IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: metadata.deletionTimestamp",
                        irsa_facts_file(run->facts, &binding->account->origins));
    irsa_autofree char *command =
        irsa_suggest(run->intent, IRSA_TOOL_KUBECTL, "kubectl", "-n", binding->namespace_, "get",
                     "serviceaccount", binding->service_account, "-o", "yaml", NULL);
    irsa_finding_help(finding, "wait until it is gone, and plan again; what holds it up: %s",
                      command);
}

/* https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html (status) */
static void check_cluster(struct irsa_run *run)
{
    const struct irsa_cluster *cluster = run->scope->cluster;
    if (!cluster) {
        irsa_run_skip(run, C005, C005, "the cluster was not seen");
        return;
    }
    irsa_run_ran(run, C005, C005);
    if (!cluster->deleting)
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C005, NULL, &fresh);
    finding->blocks_decision = true;
    irsa_finding_subject(finding, "Cluster", NULL, cluster->name);
    irsa_finding_message(finding,
                         "cluster %s is being deleted: whether pods still start in it can't be "
                         "known, and its issuer's keys go with it",
                         cluster->name);
    irsa_finding_evidence(finding, "DELETING", "ACTIVE", IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: cluster.status",
                        irsa_facts_file(run->facts, &cluster->origins));
    irsa_finding_help(finding, "choose another cluster with --cluster");
    for (size_t i = 0; i < run->bindings->len; i++)
        irsa_finding_binding(finding, i);
}

void irsa_check_deletion(struct irsa_run *run)
{
    check_cluster(run);
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        const struct irsa_namespace *space = irsa_facts_namespace(run->facts, binding->namespace_);
        if (!space && !binding->account)
            continue;
        irsa_run_ran(run, C006, C006);
        if (space && space->terminating)
            report_namespace(run, space, i);
        else if (binding->account && binding->account->deleting)
            report_account(run, binding, i);
    }
    irsa_run_skip(run, C006, C006, "neither service account nor namespace was seen");
}
