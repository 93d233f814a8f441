/* SPDX-License-Identifier: Apache-2.0 */
/* The role annotation: there, under the right key, a role's ARN, and the right role's. */
#include "diagnose/service_account.h"

/* --- no annotation ---------------------------------------------------------------------------- */

struct misplaced {
    const char *kind;
    const char *name;
    const char *file;
};

static bool carries(const json_t *annotations)
{
    return annotations && json_object_get(annotations, IRSA_ANNOTATION_ROLE_ARN) != NULL;
}

static bool on_workload(const struct irsa_run *run, const struct irsa_binding *binding,
                        struct misplaced *ret)
{
    size_t count;
    const uint32_t *workloads =
        irsa_facts_workloads_of(run->facts, binding->namespace_, binding->service_account, &count);
    for (size_t i = 0; i < count; i++) {
        const struct irsa_workload *workload = &run->facts->workloads[workloads[i]];
        if (!carries(workload->annotations) && !carries(workload->spec.annotations))
            continue;
        *ret = (struct misplaced){workload->kind, workload->name,
                                  irsa_facts_file(run->facts, &workload->origins)};
        return true;
    }
    return false;
}

static bool on_pod(const struct irsa_run *run, const struct irsa_binding *binding,
                   struct misplaced *ret)
{
    size_t count;
    const uint32_t *pods =
        irsa_facts_pods_of(run->facts, binding->namespace_, binding->service_account, &count);
    for (size_t i = 0; i < count; i++) {
        const struct irsa_pod *pod = &run->facts->pods[pods[i]];
        if (!carries(pod->spec.annotations))
            continue;
        *ret = (struct misplaced){"Pod", pod->name, irsa_facts_file(run->facts, &pod->origins)};
        return true;
    }
    return false;
}

/* A RBAC Role, a namespace, ... of the account's namespace. */
static bool on_other(const struct irsa_run *run, const struct irsa_binding *binding,
                     struct misplaced *ret)
{
    for (size_t i = 0; i < run->facts->misplaced_count; i++) {
        const struct irsa_misplaced *other = &run->facts->misplaced[i];
        const bool same_namespace =
            other->namespace_ && strcmp(other->namespace_, binding->namespace_) == 0;
        const bool same_role = binding->role_arn && strcmp(other->value, binding->role_arn) == 0;
        if ((!same_namespace && other->namespace_ && *other->namespace_)
            || (!same_role && strcmp(other->name, binding->service_account) != 0))
            continue;
        *ret = (struct misplaced){other->kind, other->name,
                                  irsa_facts_file(run->facts, &other->origins)};
        return true;
    }
    return false;
}

static bool report_misplaced(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    struct misplaced at = {0};
    if (!on_workload(run, binding, &at) && !on_pod(run, binding, &at)
        && !((binding->named_by & IRSA_NAMED_BY_MISPLACED) && on_other(run, binding, &at)))
        return false;
    struct irsa_finding *finding = irsa_account_report(run, C053, binding, index);
    irsa_finding_message(finding,
                         "annotation " IRSA_ANNOTATION_ROLE_ARN " is on %s %s, where nothing reads "
                         "it; it belongs on service account %s/%s",
                         at.kind, at.name, binding->namespace_, binding->service_account);
    irsa_autofree char *observed = irsa_format("on %s %s", at.kind, at.name);
    irsa_finding_evidence(finding, observed, "on the ServiceAccount", IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: annotations[\"" IRSA_ANNOTATION_ROLE_ARN "\"]", at.file);
    irsa_finding_help(finding, "annotate service account %s/%s", binding->namespace_,
                      binding->service_account);
    finding->breaks = true;
    irsa_account_annotate(finding, binding, index, IRSA_CLASS_ADDITIVE);
    return true;
}

static void report_misspelt(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    struct irsa_finding *finding = irsa_account_report(run, C054, binding, index);
    irsa_finding_message(
        finding,
        "service account %s/%s has annotation \"%s\", which nothing reads; the key "
        "is \"" IRSA_ANNOTATION_ROLE_ARN "\"",
        binding->namespace_, binding->service_account, binding->wrong_key);
    irsa_finding_evidence(finding, binding->wrong_key, IRSA_ANNOTATION_ROLE_ARN, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: metadata.annotations[\"%s\"]",
                        irsa_facts_file(run->facts, &binding->account->origins),
                        binding->wrong_key);
    irsa_finding_help(finding, "set \"" IRSA_ANNOTATION_ROLE_ARN "\" to \"%s\"",
                      binding->role_arn ? binding->role_arn : "the role's ARN");
    finding->breaks = true;
    irsa_account_annotate(finding, binding, index, IRSA_CLASS_ADDITIVE);
}

static void report_undecided(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    struct irsa_finding *finding = irsa_account_report(run, C097, binding, index);
    irsa_autofree char *rivals = irsa_strings_join(&binding->rivals, ", ", " and ");
    irsa_finding_message(
        finding, "service account %s/%s has no role annotation, and %zu roles trust it: %s",
        binding->namespace_, binding->service_account, binding->rivals.len, rivals);
    irsa_finding_evidence(finding, rivals, "one role", IRSA_VERIFIED);
    irsa_autofree char *command =
        irsa_suggest(run->intent, IRSA_TOOL_PLANNING, "irsa-fix plan", "-n", binding->namespace_,
                     "-s", binding->service_account, "--role", "NAME", NULL);
    irsa_finding_help(finding, "say which one: %s", command);
    finding->breaks = true;
}

/* Pod Identity needs no annotation. */
static bool uses_pod_identity(const struct irsa_run *run, const struct irsa_binding *binding)
{
    return !(binding->named_by & (IRSA_NAMED_BY_CONFIG | IRSA_NAMED_BY_COMMAND_LINE))
           && irsa_facts_association(run->facts, binding->namespace_, binding->service_account);
}

static void report_none(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    if (!binding->role_arn && binding->rivals.len > 1) {
        report_undecided(run, binding, index);
        return;
    }
    struct irsa_finding *finding = irsa_account_report(run, C052, binding, index);
    finding->breaks = true;
    irsa_finding_evidence(finding, "no annotation " IRSA_ANNOTATION_ROLE_ARN,
                          binding->role_arn ? binding->role_arn : "a role's ARN", IRSA_VERIFIED);
    if (!binding->role_arn) {
        irsa_finding_message(finding,
                             "service account %s/%s has no role annotation, and no role "
                             "that was seen trusts it",
                             binding->namespace_, binding->service_account);
        irsa_autofree char *command = irsa_binding_bootstrap(run, binding, "NAME");
        irsa_finding_help(finding, "%s", command);
        return;
    }
    irsa_finding_message(finding, "service account %s/%s has no role annotation; %s role %s",
                         binding->namespace_, binding->service_account,
                         binding->named_by == IRSA_NAMED_BY_TRUST ? "it is trusted by"
                                                                  : "it shall have",
                         binding->role_name);
    if (uses_pod_identity(run, binding)) {
        finding->severity = IRSA_SEVERITY_NOTE;
        irsa_finding_help(finding, "leave it: an EKS Pod Identity association serves the account");
        return;
    }
    irsa_finding_help(finding, "annotate it with \"" IRSA_ANNOTATION_ROLE_ARN ": %s\"",
                      binding->role_arn);
    irsa_account_annotate(finding, binding, index, IRSA_CLASS_ADDITIVE);
}

/* --- an annotation that is wrong -------------------------------------------------------------- */

static void report_broken(struct irsa_run *run, const struct irsa_binding *binding, size_t index,
                          const char *why)
{
    struct irsa_finding *finding = irsa_account_report(run, C055, binding, index);
    irsa_finding_message(finding,
                         "role annotation \"%s\" of service account %s/%s is not a role ARN: "
                         "%s",
                         binding->annotation, binding->namespace_, binding->service_account, why);
    irsa_finding_evidence(finding, binding->annotation,
                          binding->role_arn ? binding->role_arn : "arn:aws:iam::ACCOUNT:role/NAME",
                          IRSA_VERIFIED);
    finding->breaks = true;
    /* What was meant is a guess; that such a role exists, or is asked for, confirms it. */
    const bool confirmed = binding->role || (binding->wish && binding->wish->role);
    if (binding->role_arn && confirmed) {
        irsa_finding_help(finding, "set it to \"%s\"", binding->role_arn);
        irsa_account_annotate(finding, binding, index, IRSA_CLASS_ADDITIVE);
    } else {
        irsa_finding_help(finding, "set it to the ARN that \"aws iam get-role\" shows%s%s",
                          binding->role_arn ? ", probably " : "",
                          binding->role_arn ? binding->role_arn : "");
    }
}

static void report_partition(struct irsa_run *run, const struct irsa_binding *binding, size_t index,
                             const struct irsa_role_arn *arn)
{
    const char *partition = run->scope->partition;
    irsa_autofree char *right = irsa_role_arn_text(partition, arn->account, arn->path, arn->name);
    struct irsa_finding *finding = irsa_account_report(run, C055, binding, index);
    irsa_finding_message(
        finding,
        "role annotation \"%s\" of service account %s/%s is of partition \"%s\", the "
        "cluster of \"%s\"",
        binding->annotation, binding->namespace_, binding->service_account, arn->partition,
        partition);
    irsa_finding_evidence(finding, binding->annotation, right, IRSA_VERIFIED);
    irsa_finding_help(finding, "set it to the ARN of a role in partition %s", partition);
    finding->breaks = true;
    if (!irsa_facts_role(run->facts, right))
        return;
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_SET_ANNOTATION,
                                  irsa_binding_class(binding, IRSA_CLASS_ADDITIVE), index),
                 NULL, IRSA_ANNOTATION_ROLE_ARN, right);
    irsa_finding_owner_note(finding, binding, IRSA_ANNOTATION_ROLE_ARN, right);
}

/* It is a role's ARN, and another's than the wanted one. */
static void report_other_role(struct irsa_run *run, const struct irsa_binding *binding,
                              size_t index, const struct irsa_role_arn *arn)
{
    const bool works = irsa_role_works_for(run, binding->annotation, binding);
    /* Names are unique in an account, whatever the path
     * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html): where that name
     * has another ARN, nothing has this one. */
    const struct irsa_role *namesake = irsa_facts_role_named(run->facts, arn->account, arn->name);
    const bool elsewhere = namesake && strcmp(namesake->arn, binding->annotation) != 0;
    const bool absent =
        elsewhere || irsa_facts_role_presence(run->facts, arn->account, arn->name) == IRSA_ABSENT;
    struct irsa_finding *finding = irsa_account_report(run, C056, binding, index);
    finding->breaks = true;
    irsa_finding_evidence(finding, binding->annotation, binding->role_arn, IRSA_VERIFIED);
    if (binding->named_by == IRSA_NAMED_BY_TRUST && !absent) {
        /* Nobody asked for that role: the annotation is the account's word. */
        finding->severity = IRSA_SEVERITY_NOTE;
        irsa_finding_message(finding, "role %s trusts service account %s/%s, which uses role %s",
                             binding->role_name, binding->namespace_, binding->service_account,
                             arn->name);
        irsa_finding_help(finding, "leave it, or annotate the account with \"%s\"",
                          binding->role_arn);
        return;
    }
    irsa_finding_message(finding, "service account %s/%s names role %s%s; %s is wanted",
                         binding->namespace_, binding->service_account, arn->name,
                         elsewhere ? " by an ARN that it does not have"
                         : absent  ? ", which does not exist"
                         : works   ? ", which works"
                                   : "",
                         binding->role_arn);
    irsa_finding_help(finding, "set the annotation to \"%s\"", binding->role_arn);
    irsa_account_annotate(finding, binding, index,
                          absent ? IRSA_CLASS_ADDITIVE : IRSA_CLASS_OVERWRITE);
    if (!absent)
        irsa_finding_note(finding, "pods that rely on %s lose it: --allow overwrite", arn->name);
}

void irsa_check_annotation(const struct irsa_account_run *account,
                           const struct irsa_binding *binding, size_t index)
{
    struct irsa_run *run = account->run;
    if (!binding->annotation) {
        if (binding->wrong_key)
            report_misspelt(run, binding, index);
        else if (!report_misplaced(run, binding, index))
            report_none(run, binding, index);
        return;
    }
    irsa_auto_role_arn arn = {0};
    irsa_auto_error error = NULL;
    if (irsa_role_arn_parse(binding->annotation, &arn, &error) < 0)
        report_broken(run, binding, index, irsa_error_message(error));
    else if (run->scope->partition && strcmp(arn.partition, run->scope->partition) != 0)
        report_partition(run, binding, index, &arn);
    else if (binding->role_arn && strcmp(binding->annotation, binding->role_arn) != 0)
        report_other_role(run, binding, index, &arn);
}
