/* SPDX-License-Identifier: Apache-2.0 */
/* The audience annotation: the token is made out to it, so that provider and trust policy must know
 * it (https://github.com/aws/amazon-eks-pod-identity-webhook#readme). */
#include "diagnose/room.h"

/* Neither the provider nor the trust policy knows it, and both know the default one: the annotation
 * is the odd one out. */
static bool is_odd(const struct irsa_run *run, const struct irsa_binding *binding)
{
    const char *annotation = irsa_account_annotation(binding->account, IRSA_ANNOTATION_AUDIENCE);
    const char *usual = run->intent->audience ? run->intent->audience : IRSA_DEFAULT_AUDIENCE;
    if (!annotation || strcmp(annotation, usual) == 0 || !binding->provider_arn || !binding->role
        || !binding->role->trust || strcmp(binding->audience, annotation) != 0)
        return false;
    const struct irsa_provider *provider = irsa_facts_provider(run->facts, binding->provider_arn);
    if (!provider || !provider->detail_seen || irsa_strings_has(&provider->client_ids, annotation)
        || !irsa_strings_has(&provider->client_ids, usual))
        return false;
    return irsa_trust_decide(run, binding->role, binding->subject, annotation)
               != IRSA_DECISION_ALLOWED
           && irsa_trust_decide(run, binding->role, binding->subject, usual)
                  == IRSA_DECISION_ALLOWED;
}

static void report(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    const char *usual = run->intent->audience ? run->intent->audience : IRSA_DEFAULT_AUDIENCE;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C057, NULL, &fresh);
    irsa_finding_subject(finding, "ServiceAccount", binding->namespace_, binding->service_account);
    irsa_finding_message(finding,
                         "service account %s/%s asks for audience \"%s\", which neither the OIDC "
                         "provider nor the trust policy of role %s knows",
                         binding->namespace_, binding->service_account, binding->audience,
                         binding->role_name);
    irsa_finding_evidence(finding, binding->audience, usual, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: metadata.annotations[\"" IRSA_ANNOTATION_AUDIENCE "\"]",
                        irsa_facts_file(run->facts, &binding->account->origins));
    irsa_finding_help(finding,
                      "drop the annotation if nothing else needs it; else let provider and "
                      "trust policy know \"%s\"",
                      binding->audience);
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_ADD_CLIENT_ID, IRSA_CLASS_ADDITIVE, SIZE_MAX),
                 binding->provider_arn, NULL, binding->audience);
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_TRUST_ALLOW, IRSA_CLASS_ADDITIVE, index),
                 binding->role->arn, NULL, NULL);
    finding->breaks = true;
    irsa_finding_binding(finding, index);
}

/* The webhook takes the annotation as it is, and a token without an audience is made out to the API
 * server (https://github.com/aws/amazon-eks-pod-identity-webhook, pkg/cache/cache.go;
 * https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken). */
static void report_empty(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C057, NULL, &fresh);
    irsa_finding_subject(finding, "ServiceAccount", binding->namespace_, binding->service_account);
    irsa_finding_message(finding,
                         "service account %s/%s asks for audience \"\": its tokens are for the "
                         "Kubernetes API, and STS does not take them",
                         binding->namespace_, binding->service_account);
    irsa_finding_evidence(finding, "", binding->audience, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: metadata.annotations[\"" IRSA_ANNOTATION_AUDIENCE "\"]",
                        irsa_facts_file(run->facts, &binding->account->origins));
    irsa_finding_help(finding, "set it to \"%s\", or drop the annotation", binding->audience);
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_SET_ANNOTATION,
                                  irsa_binding_class(binding, IRSA_CLASS_ADDITIVE), index),
                 NULL, IRSA_ANNOTATION_AUDIENCE, binding->audience);
    irsa_finding_owner_note(finding, binding, IRSA_ANNOTATION_AUDIENCE, binding->audience);
    finding->breaks = true;
    irsa_finding_binding(finding, index);
}

/* A wanted audience reaches the token by way of the annotation alone. */
static bool lacks_annotation(const struct irsa_binding *binding)
{
    return binding->wish && binding->wish->audience
           && strcmp(binding->wish->audience, IRSA_DEFAULT_AUDIENCE) != 0
           && !irsa_account_annotation(binding->account, IRSA_ANNOTATION_AUDIENCE);
}

static void report_lacking(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    const char *wanted = binding->wish->audience;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C057, NULL, &fresh);
    irsa_finding_subject(finding, "ServiceAccount", binding->namespace_, binding->service_account);
    irsa_finding_message(finding,
                         "service account %s/%s shall have tokens for audience \"%s\", but has no "
                         "annotation that says so: they are for \"" IRSA_DEFAULT_AUDIENCE "\"",
                         binding->namespace_, binding->service_account, wanted);
    irsa_finding_evidence(finding, "no annotation " IRSA_ANNOTATION_AUDIENCE, wanted,
                          IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: metadata.annotations",
                        irsa_facts_file(run->facts, &binding->account->origins));
    irsa_finding_help(finding, "annotate it with \"" IRSA_ANNOTATION_AUDIENCE ": %s\"", wanted);
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_SET_ANNOTATION,
                                  irsa_binding_class(binding, IRSA_CLASS_ADDITIVE), index),
                 NULL, IRSA_ANNOTATION_AUDIENCE, wanted);
    irsa_finding_owner_note(finding, binding, IRSA_ANNOTATION_AUDIENCE, wanted);
    finding->breaks = true;
    irsa_finding_binding(finding, index);
}

void irsa_check_audiences(struct irsa_run *run)
{
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (!binding->account)
            continue;
        irsa_run_ran(run, C057, C057);
        const char *annotated = irsa_account_annotation(binding->account, IRSA_ANNOTATION_AUDIENCE);
        run->odd_audience[i] = is_odd(run, binding);
        if (annotated && !*annotated)
            report_empty(run, binding, i);
        else if (run->odd_audience[i])
            report(run, binding, i);
        else if (lacks_annotation(binding))
            report_lacking(run, binding, i);
    }
}
