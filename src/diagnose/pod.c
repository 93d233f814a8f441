/* SPDX-License-Identifier: Apache-2.0 */
/* Pods that run: the webhook acts when a pod is created, so that one which is older than the
 * annotation keeps what it was born with
 * (https://docs.aws.amazon.com/eks/latest/userguide/pod-configuration.html). */
#include "diagnose/pod.h"

struct irsa_finding *irsa_carrier_report(struct irsa_run *run, enum code code,
                                         const struct irsa_carrier *carrier, size_t binding,
                                         const char *field, bool *ret_new)
{
    irsa_autofree char *key =
        irsa_format("%s %s %s", carrier->kind, carrier->namespace_, carrier->name);
    struct irsa_finding *finding = irsa_run_find(run, code, key, ret_new);
    if (*ret_new) {
        irsa_finding_subject(finding, carrier->kind, carrier->namespace_, carrier->name);
        irsa_finding_source(finding, "%s: %s", irsa_facts_file(run->facts, carrier->origins),
                            field);
    }
    irsa_finding_binding(finding, binding);
    return finding;
}

void irsa_skipped_containers(const struct irsa_pod_spec *spec, struct irsa_strings *ret)
{
    const char *text = json_string_value(json_object_get(spec->annotations, IRSA_ANNOTATION_SKIP));
    while (text && *text) {
        const size_t len = strcspn(text, ",");
        irsa_autofree char *raw = irsa_strndup(text, len);
        irsa_autofree char *name = irsa_trim(raw);
        if (irsa_strings_has(&spec->containers, name) && !irsa_strings_has(ret, name))
            irsa_strings_add(ret, name);
        text += len;
        text += *text == ',';
    }
}

static bool all_skipped(const struct irsa_pod_spec *spec)
{
    irsa_auto_strings skipped = {0};
    irsa_skipped_containers(spec, &skipped);
    return skipped.len == spec->containers.len;
}

/* A rollout that is under way, or was asked for after the annotation, needs no further restart. */
static bool restarted_since(const struct irsa_workload *workload, const struct irsa_pod *pod,
                            const struct irsa_service_account *account)
{
    if (!workload || workload->restarted == 0)
        return false;
    return workload->restarted > pod->created
           || (account && account->annotated > 0 && workload->restarted >= account->annotated);
}

struct watch {
    struct irsa_run *run;
    const struct irsa_binding *binding;
    size_t index;
    bool annotated; /* the annotation is the wanted one, to the letter */
};

/* As kubectl writes it. */
static const char *lower_kind(const char *kind)
{
    return strcmp(kind, "Deployment") == 0    ? "deployment"
           : strcmp(kind, "StatefulSet") == 0 ? "statefulset"
                                              : "daemonset";
}

static void add_restart(const struct watch *watch, struct irsa_finding *finding,
                        const struct irsa_carrier *owner, const struct irsa_workload *workload)
{
    const bool rolls = strcmp(owner->kind, "Deployment") == 0
                       || strcmp(owner->kind, "StatefulSet") == 0
                       || strcmp(owner->kind, "DaemonSet") == 0;
    irsa_autofree char *command =
        irsa_suggest(watch->run->intent, IRSA_TOOL_KUBECTL, "kubectl", "-n", owner->namespace_,
                     "rollout", "restart", lower_kind(owner->kind), owner->name, NULL);
    if (rolls && workload) {
        irsa_autofree char *target = irsa_format("%s/%s", owner->kind, owner->name);
        struct irsa_fix *fix =
            irsa_finding_fix(finding, IRSA_FIX_RESTART, IRSA_CLASS_RESTART, watch->index);
        irsa_fix_set(fix, target, NULL, NULL);
        fix->namespace_ = irsa_strdup(owner->namespace_);
        irsa_finding_help(finding, "restart it: --allow restart, or %s", command);
    } else if (rolls) {
        irsa_finding_help(finding, "%s", command);
    } else if (strcmp(owner->kind, "Pod") == 0) {
        irsa_finding_help(finding, "delete pod %s/%s and create it again", owner->namespace_,
                          owner->name);
    } else {
        irsa_finding_help(finding, "let %s %s/%s make new pods", owner->kind, owner->namespace_,
                          owner->name);
    }
}

static const char *why_without(const struct watch *watch, const struct irsa_pod *pod)
{
    const struct irsa_service_account *account = watch->binding->account;
    if (!watch->annotated)
        return "the service account has not had the right annotation";
    if (account->annotated > 0 && pod->created < account->annotated)
        return "it was created before the annotation";
    if (account->annotated > 0)
        return "it is younger than the annotation, so the webhook did not handle it";
    if (account->created > 0 && pod->created < account->created)
        return "it was created before the service account";
    return "it was created before the annotation, or the webhook did not handle it";
}

static void report_without(const struct watch *watch, const struct irsa_pod *pod,
                           const struct irsa_carrier *owner, const struct irsa_workload *workload)
{
    bool fresh;
    struct irsa_finding *finding =
        irsa_carrier_report(watch->run, C060, owner, watch->index, "spec.containers[].env", &fresh);
    if (!fresh)
        return;
    const struct irsa_binding *binding = watch->binding;
    irsa_finding_message(finding, "pod %s/%s of %s %s runs without role %s: %s", pod->namespace_,
                         pod->name, owner->kind, owner->name, binding->role_name,
                         why_without(watch, pod));
    irsa_finding_source(finding, "%s: spec.containers[].env",
                        irsa_facts_file(watch->run->facts, &pod->origins));
    irsa_finding_evidence(finding, "neither AWS_ROLE_ARN nor AWS_WEB_IDENTITY_TOKEN_FILE",
                          binding->role_arn, IRSA_VERIFIED);
    add_restart(watch, finding, owner, workload);
}

static void report_other_role(const struct watch *watch, const struct irsa_pod *pod,
                              const struct irsa_carrier *owner,
                              const struct irsa_workload *workload)
{
    bool fresh;
    struct irsa_finding *finding =
        irsa_carrier_report(watch->run, C076, owner, watch->index, "", &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding, "pod %s/%s of %s %s runs with role \"%s\", not \"%s\"",
                         pod->namespace_, pod->name, owner->kind, owner->name,
                         pod->spec.injected_role_arn, watch->binding->role_arn);
    irsa_finding_source(finding, "%s: spec.containers[].env AWS_ROLE_ARN",
                        irsa_facts_file(watch->run->facts, &pod->origins));
    irsa_finding_evidence(finding, pod->spec.injected_role_arn, watch->binding->role_arn,
                          IRSA_VERIFIED);
    add_restart(watch, finding, owner, workload);
}

/* A pod of this binding that runs: with the role, or without. */
static void check_pod(const struct watch *watch, const struct irsa_pod *pod)
{
    if (pod->finished || pod->created == 0)
        return;
    const struct irsa_facts *facts = watch->run->facts;
    const char *kind = NULL;
    const char *name = NULL;
    irsa_facts_pod_owner(facts, pod, &kind, &name);
    const struct irsa_workload *workload = irsa_facts_workload(facts, kind, pod->namespace_, name);
    const struct irsa_carrier owner = {
        .kind = kind,
        .namespace_ = pod->namespace_,
        .name = name,
        .spec = &pod->spec,
        .origins = workload ? &workload->origins : &pod->origins,
    };
    irsa_run_ran(watch->run, C060, C060);
    irsa_run_ran(watch->run, C076, C076);
    /* Variables set by hand and the label that keeps the webhook away are told of the template; Pod
     * Identity injects others. */
    if (pod->spec.skips_webhook || (workload && workload->spec.skips_webhook))
        return;
    if ((workload
         && workload->spec.role_arn_by_hand.len + workload->spec.token_file_by_hand.len > 0)
        || restarted_since(workload, pod, watch->binding->account))
        return;
    if (pod->spec.injected.len == 0 && pod->spec.not_injected.len == pod->spec.containers.len) {
        if (!all_skipped(&pod->spec))
            report_without(watch, pod, &owner, workload);
    } else if (pod->spec.injected_role_arn
               && strcmp(pod->spec.injected_role_arn, watch->binding->role_arn) != 0) {
        report_other_role(watch, pod, &owner, workload);
    }
}

/* "Container credentials method takes precedence": the webhook gives the association's variables
 * (https://github.com/aws/amazon-eks-pod-identity-webhook, pkg/handler/handler.go). */
static void check_association(struct irsa_run *run, const struct irsa_binding *binding,
                              size_t index, const struct irsa_pod_identity_association *association)
{
    bool fresh;
    irsa_autofree char *key = irsa_binding_name(binding);
    struct irsa_finding *finding = irsa_run_find(run, C074, key, &fresh);
    const bool annotated = binding->annotation != NULL;
    if (!annotated) {
        finding->severity = IRSA_SEVERITY_NOTE;
    } else if (association->role_arn && strcmp(association->role_arn, binding->role_arn) != 0) {
        finding->severity = IRSA_SEVERITY_ERROR;
        finding->breaks = true;
    }
    irsa_finding_subject(finding, "ServiceAccount", binding->namespace_, binding->service_account);
    irsa_finding_message(
        finding,
        "service account %s/%s has an EKS Pod Identity association%s%s: new pods get "
        "that one's credentials, not those of the annotation",
        binding->namespace_, binding->service_account, association->role_arn ? " with role " : "",
        association->role_arn ? association->role_arn : "");
    irsa_finding_evidence(finding, association->role_arn ? association->role_arn : "an association",
                          binding->role_arn, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: associations",
                        irsa_facts_file(run->facts, &association->origins));
    irsa_finding_help(finding,
                      "keep one of the two: delete the association, or drop the annotation");
    irsa_finding_binding(finding, index);
}

/* Associations belong to a cluster; names of namespaces and accounts occur in several. */
static const struct irsa_pod_identity_association *
association_of(const struct irsa_run *run, const struct irsa_binding *binding)
{
    const struct irsa_facts *facts = run->facts;
    const char *cluster = run->scope->cluster_name;
    const struct irsa_pod_identity_association *found =
        irsa_facts_association(facts, binding->namespace_, binding->service_account);
    if (!found || !cluster || !*found->cluster || strcmp(found->cluster, cluster) == 0)
        return found;
    for (size_t i = 0; i < facts->association_count; i++) {
        const struct irsa_pod_identity_association *other = &facts->associations[i];
        if (strcmp(other->cluster, cluster) == 0
            && strcmp(other->namespace_, binding->namespace_) == 0
            && strcmp(other->service_account, binding->service_account) == 0)
            return other;
    }
    return NULL;
}

void irsa_check_pods(struct irsa_run *run)
{
    if (run->facts->associations_listed)
        irsa_run_ran(run, C074, C074);
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (!binding->account || !binding->role_arn)
            continue;
        const struct irsa_pod_identity_association *association = association_of(run, binding);
        if (association) {
            check_association(run, binding, i, association);
            continue;
        }
        const struct watch watch = {
            .run = run,
            .binding = binding,
            .index = i,
            .annotated = binding->annotation && strcmp(binding->annotation, binding->role_arn) == 0,
        };
        size_t count;
        const uint32_t *pods =
            irsa_facts_pods_of(run->facts, binding->namespace_, binding->service_account, &count);
        for (size_t k = 0; k < count; k++)
            check_pod(&watch, &run->facts->pods[pods[k]]);
    }
    irsa_run_skip(run, C074, C074, "EKS Pod Identity associations were not listed");
    irsa_run_skip(run, C060, C060, "no pods of these service accounts were seen");
    irsa_run_skip(run, C076, C076, "no pods of these service accounts were seen");
}
