/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/trust.h"

void irsa_trust_copy_set(struct irsa_trust_copy *copy, const json_t *document)
{
    json_t *next = json_incref((json_t *)document);
    irsa_policy_free(copy->policy);
    json_decref(copy->document);
    copy->document = next;
    copy->policy = next ? irsa_policy_new(next, IRSA_POLICY_TRUST) : NULL;
    copy->size = next ? irsa_policy_size(next) : 0;
}

void irsa_trust_copy_done(struct irsa_trust_copy *copy)
{
    irsa_trust_copy_set(copy, NULL);
    irsa_strings_done(&copy->notes);
}

static bool provider_exists(const void *context, const char *provider_arn)
{
    const struct irsa_builder *builder = context;
    return irsa_facts_provider_presence(builder->plan->facts, provider_arn) == IRSA_PRESENT;
}

static bool provider_missing(const void *context, const char *provider_arn)
{
    const struct irsa_builder *builder = context;
    return irsa_facts_provider_presence(builder->plan->facts, provider_arn) == IRSA_ABSENT;
}

/* An account that this plan creates is as good as there. */
static bool subject_missing(const void *context, const char *issuer, const char *subject)
{
    const struct irsa_builder *builder = context;
    const char *own = builder->plan->bindings.scope.issuer;
    if (!own || strcmp(own, issuer) != 0)
        return false;
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    if (!irsa_subject_parse(subject, &namespace_, &name))
        return false;
    if (irsa_facts_service_account_presence(builder->plan->facts, namespace_, name) != IRSA_ABSENT)
        return false;
    irsa_autofree char *target = irsa_format("%s/%s", namespace_, name);
    for (int class_ = 0; class_ < IRSA_CLASS_MAX_; class_++) {
        size_t draft =
            irsa_draft_find(builder, IRSA_OBJECT_SERVICE_ACCOUNT, (enum irsa_class)class_, target);
        if (draft != IRSA_MAP_NONE)
            return false;
    }
    return true;
}

/* A document that does not exist yet begins as the template's. */
static int begin(struct irsa_trust_copy *copy, const json_t *template_policy)
{
    irsa_trust_copy_set(copy, template_policy);
    return 0;
}

int irsa_trust_allow(struct irsa_builder *builder, struct irsa_trust_copy *copy,
                     struct irsa_trust_step step, bool *ret_pattern, char **ret_reason,
                     struct irsa_error **reterr)
{
    const struct irsa_binding *b = &builder->plan->bindings.items[step.binding];
    const char *issuer = builder->plan->bindings.scope.issuer;
    if (!b->provider_arn || !issuer) {
        *ret_reason = irsa_format("the trust policy can't be planned for %s/%s: the cluster's "
                                  "issuer is not known",
                                  b->namespace_, b->service_account);
        return -1;
    }
    json_auto_t *variables = irsa_template_variables(builder, step.binding);
    json_auto_t *template_policy =
        irsa_plan_expand(builder, "trust-policy.json", variables, reterr);
    if (!template_policy)
        return -1;
    if (!copy->policy && !step.base)
        begin(copy, template_policy);
    struct irsa_trust_wish wish = {
        .provider_arn = b->provider_arn,
        .issuer = issuer,
        .subject = b->subject,
        .audience = b->audience,
        .template_policy = template_policy,
        .provider_exists = provider_exists,
        .provider_missing = provider_missing,
        .subject_missing = subject_missing,
        .context = builder,
    };
    irsa_auto_edit_result result = {0};
    irsa_auto_error error = NULL;
    if (irsa_policy_edit_allow(copy->policy ? copy->policy : step.base, &wish, &result, &error)
        < 0) {
        *ret_reason = irsa_strdup(irsa_error_message(error));
        return -1;
    }
    *ret_pattern = result.pattern_document != NULL;
    if (step.pattern && result.pattern_document) {
        irsa_trust_copy_set(copy, result.pattern_document);
        return 0;
    }
    if (result.how != IRSA_EDIT_NONE)
        irsa_trust_copy_set(copy, result.document);
    for (size_t i = 0; i < result.notes.len; i++)
        irsa_note_add(&copy->notes, irsa_strdup(result.notes.items[i]));
    return 0;
}

bool irsa_trust_lets_in(const struct irsa_builder *builder, const struct irsa_policy *policy,
                        size_t binding)
{
    const struct irsa_binding *b = &builder->plan->bindings.items[binding];
    const char *issuer = builder->plan->bindings.scope.issuer;
    if (!policy || !b->provider_arn || !issuer)
        return false;
    json_auto_t *context =
        irsa_request_web_identity_context(b->provider_arn, issuer, b->subject, b->audience);
    struct irsa_request request = {
        .principal_type = "Federated",
        .principal = b->provider_arn,
        .action = IRSA_ACTION_WEB_IDENTITY,
        .context = context,
        .issuer = issuer,
    };
    enum irsa_decision decision = irsa_policy_decide(policy, &request);
    return decision == IRSA_DECISION_ALLOWED || decision == IRSA_DECISION_UNKNOWN;
}
