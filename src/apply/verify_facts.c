/* SPDX-License-Identifier: Apache-2.0 */
/* The links that need nobody to be asked: they were read for the plan already. */
#include "apply/verify.h"

static bool concerns(const struct irsa_finding *finding, size_t binding)
{
    for (size_t i = 0; i < finding->binding_count; i++) {
        if (finding->bindings[i] == binding)
            return true;
    }
    return false;
}

static const struct irsa_finding *find(const struct irsa_plan *plan, size_t binding,
                                       enum irsa_link link, bool breaks)
{
    const struct irsa_diagnosis *diagnosis = &plan->diagnosis;
    for (size_t i = 0; i < diagnosis->finding_count; i++) {
        const struct irsa_finding *finding = &diagnosis->findings[i];
        if (finding->check->link == link
            && (breaks ? finding->breaks : finding->blocks_decision && !finding->breaks)
            && concerns(finding, binding))
            return finding;
    }
    return NULL;
}

const struct irsa_finding *irsa_verify_finding(const struct irsa_plan *plan, size_t binding,
                                               enum irsa_link link)
{
    return find(plan, binding, link, true);
}

static void take(struct irsa_proof *proof, const char *name, enum irsa_step_state state,
                 const struct irsa_finding *finding)
{
    json_t *step = irsa_step(proof, name, state, finding->check->code, "%s", finding->message);
    irsa_step_evidence(step, finding->observed, finding->expected, finding->source);
    irsa_step_help(step, finding->help);
}

static void see_account(struct irsa_proof *proof, const struct irsa_plan *plan)
{
    static const char name[] = "service-account";
    const struct irsa_binding *binding = proof->binding;
    const struct irsa_finding *broken = find(plan, proof->index, IRSA_LINK_SERVICE_ACCOUNT, true);
    const struct irsa_finding *open = find(plan, proof->index, IRSA_LINK_SERVICE_ACCOUNT, false);
    if (broken || open) {
        take(proof, name, broken ? IRSA_STEP_FAILED : IRSA_STEP_UNKNOWN, broken ? broken : open);
        return;
    }
    bool annotated = binding->account && binding->annotation && binding->role_arn
                     && strcmp(binding->annotation, binding->role_arn) == 0;
    json_t *step =
        annotated
            ? irsa_step(proof, name, IRSA_STEP_OK, NULL, "service account %s/%s names role %s",
                        binding->namespace_, binding->service_account, binding->role_arn)
            : irsa_step(proof, name, IRSA_STEP_UNKNOWN, "IRSA096",
                        "it was not seen whether service account %s/%s names the role",
                        binding->namespace_, binding->service_account);
    irsa_step_evidence(step, binding->annotation, binding->role_arn,
                       binding->account ? irsa_facts_file(plan->facts, &binding->account->origins)
                                        : NULL);
}

/* Whether it adds what it should is only to be seen in a pod. */
static void see_webhook(struct irsa_proof *proof, const struct irsa_plan *plan)
{
    static const char name[] = "webhook";
    const struct irsa_finding *broken = find(plan, proof->index, IRSA_LINK_POD, true);
    if (broken) {
        take(proof, name, IRSA_STEP_FAILED, broken);
        return;
    }
    if (irsa_facts_webhook_presence(plan->facts) == IRSA_PRESENT)
        (void)irsa_step(proof, name, IRSA_STEP_OK, NULL,
                        "the pod identity webhook handles new pods of namespace %s",
                        proof->binding->namespace_);
    else
        (void)irsa_step(proof, name, IRSA_STEP_UNKNOWN, NULL,
                        "the pod identity webhook was not seen: whether a new pod gets the role's "
                        "environment only --pod can tell");
}

void irsa_verify_seen(struct irsa_proof *proof, const struct irsa_plan *plan)
{
    see_account(proof, plan);
    see_webhook(proof, plan);
}

/* --- what is left is the application ---------------------------------------------------------- */

/* 049: assumes itself; 060 to 079: pods and workloads. */
static bool is_application(const char *code)
{
    return strcmp(code, "IRSA049") == 0 || irsa_has_prefix(code, "IRSA06")
           || irsa_has_prefix(code, "IRSA07");
}

json_t *irsa_verify_applications(const struct irsa_plan *plan)
{
    json_t *ret = json_array();
    json_auto_t *document = irsa_plan_json(plan);
    size_t i = 0;
    json_t *finding = NULL;
    json_array_foreach(json_object_get(document, "findings"), i, finding)
    {
        const char *code = json_string_value(json_object_get(finding, "code"));
        if (code && is_application(code))
            json_array_append(ret, finding);
    }
    return ret;
}
