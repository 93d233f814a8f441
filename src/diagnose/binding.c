/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose/room.h"

char *irsa_binding_name(const struct irsa_binding *binding)
{
    return irsa_format("%s/%s", binding->namespace_, binding->service_account);
}

char *irsa_binding_bootstrap(const struct irsa_run *run, const struct irsa_binding *binding,
                             const char *role)
{
    return irsa_suggest(run->intent, IRSA_TOOL_PLANNING, "irsa-fix bootstrap", "-n",
                        binding->namespace_, "-s", binding->service_account, "--role", role,
                        "--policy-arn", "POLICY-ARN", NULL);
}

enum irsa_class irsa_binding_class(const struct irsa_binding *binding, enum irsa_class class_)
{
    return binding->account && binding->account->owner ? IRSA_CLASS_OWNED : class_;
}

/* Where the owner keeps what it writes into the account. */
static const struct {
    const char *owner; /* how its name begins */
    const char *where;
} places[] = {
    {"Argo CD", "in the application's source, or in its Helm values"},
    {"Flux HelmRelease", "in the HelmRelease's spec.values (mostly serviceAccount.annotations)"},
    {"Flux Kustomization", "in the manifests that the Kustomization applies"},
    {"Helm", "in the chart's values (mostly serviceAccount.annotations)"},
    {"Operator Lifecycle Manager", "in the operator's bundle or Subscription"},
};

void irsa_finding_owner_note(struct irsa_finding *finding, const struct irsa_binding *binding,
                             const char *key, const char *value)
{
    const char *where = "there";
    const char *owner = binding->account ? binding->account->owner : NULL;
    if (!owner)
        return;
    /* https://docs.aws.amazon.com/eks/latest/userguide/add-ons-iam.html */
    if (strcmp(owner, "EKS add-on") == 0 && strcmp(key, IRSA_ANNOTATION_ROLE_ARN) == 0) {
        irsa_finding_note(finding,
                          "service account %s/%s belongs to an EKS add-on, which sets it back: "
                          "give the add-on the role \"%s\" (aws eks update-addon, with "
                          "--service-account-role-arn)",
                          binding->namespace_, binding->service_account, value);
        return;
    }
    for (size_t i = 0; i < IRSA_COUNT(places); i++) {
        if (irsa_has_prefix(owner, places[i].owner))
            where = places[i].where;
    }
    irsa_finding_note(
        finding,
        "service account %s/%s belongs to %s, which sets it back: set annotation %s to "
        "\"%s\" %s",
        binding->namespace_, binding->service_account, owner, key, value, where);
}

const char *irsa_account_annotation(const struct irsa_service_account *account, const char *key)
{
    return account ? json_string_value(json_object_get(account->annotations, key)) : NULL;
}

enum irsa_decision irsa_trust_decide(const struct irsa_run *run, const struct irsa_role *role,
                                     const char *subject, const char *audience)
{
    const struct irsa_scope *scope = run->scope;
    if (!role->trust || !scope->issuer)
        return IRSA_DECISION_UNKNOWN;
    irsa_autofree char *provider =
        irsa_provider_arn_text(role->partition, role->account, scope->issuer);
    json_auto_t *context =
        irsa_request_web_identity_context(provider, scope->issuer, subject, audience);
    const struct irsa_request request = {
        .principal_type = "Federated",
        .principal = provider,
        .action = IRSA_ACTION_WEB_IDENTITY,
        .context = context,
        .issuer = scope->issuer,
    };
    return irsa_policy_decide(role->trust, &request);
}

bool irsa_role_works_for(const struct irsa_run *run, const char *role_arn,
                         const struct irsa_binding *binding)
{
    const struct irsa_role *role = irsa_facts_role(run->facts, role_arn);
    if (!role || (run->scope->partition && strcmp(role->partition, run->scope->partition) != 0))
        return false;
    return irsa_trust_decide(run, role, binding->subject, binding->audience)
           == IRSA_DECISION_ALLOWED;
}

bool irsa_binding_partition_differs(const struct irsa_run *run, const struct irsa_binding *binding)
{
    if (!run->scope->partition || !binding->role_arn)
        return false;
    irsa_autofree char *usual = irsa_format("arn:%s:iam::", run->scope->partition);
    if (irsa_has_prefix(binding->role_arn, usual))
        return false;
    irsa_auto_role_arn arn = {0};
    irsa_auto_error error = NULL;
    return irsa_role_arn_parse(binding->role_arn, &arn, &error) == 0
           && strcmp(arn.partition, run->scope->partition) != 0;
}

static bool only_trusted(const struct irsa_binding *binding)
{
    return binding->named_by == IRSA_NAMED_BY_TRUST && binding->account_presence == IRSA_ABSENT;
}

void irsa_run_find_leftovers(struct irsa_run *run)
{
    irsa_auto_map in_use = {0};
    for (size_t i = 0; i < run->facts->service_account_count; i++) {
        const char *arn =
            irsa_account_annotation(&run->facts->service_accounts[i], IRSA_ANNOTATION_ROLE_ARN);
        if (arn)
            (void)irsa_map_put_borrowed(&in_use, arn, i);
    }
    /* Others, too, that will carry it once they are mended. */
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (binding->role_arn && !only_trusted(binding))
            (void)irsa_map_put_borrowed(&in_use,
                                        binding->role ? binding->role->arn : binding->role_arn, i);
    }
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        run->leftover[i] = binding->role_arn && only_trusted(binding)
                           && irsa_map_get(&in_use, binding->role_arn) != IRSA_MAP_NONE;
    }
}
