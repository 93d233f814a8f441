/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/draft.h"

/* An unset variable is not an empty one: a template that needs it must fail with file and line. */
static void set(json_t *variables, const char *name, const char *value)
{
    if (value && *value)
        (void)json_object_set_new(variables, name, json_string(value));
}

char *irsa_planned_role_arn(const struct irsa_builder *builder, const char *arn)
{
    struct irsa_role_arn parts = {0};
    irsa_auto_error error = NULL;
    if (irsa_role_arn_parse(arn, &parts, &error) < 0)
        return irsa_strdup(arn);
    irsa_autofree char *key = irsa_format("%s %s", parts.account, parts.name);
    irsa_role_arn_done(&parts);
    size_t draft = irsa_map_get(&builder->new_roles, key);
    return irsa_strdup(draft == IRSA_MAP_NONE ? arn : builder->drafts[draft].change.target);
}

json_t *irsa_template_variables(const struct irsa_builder *builder, size_t binding)
{
    const struct irsa_binding *b = &builder->plan->bindings.items[binding];
    const struct irsa_scope *scope = &builder->plan->bindings.scope;
    json_t *variables = json_object();
    set(variables, "issuer", scope->issuer);
    set(variables, "provider_arn", b->provider_arn);
    set(variables, "account_id", b->role_account ? b->role_account : scope->account_id);
    set(variables, "region", scope->region);
    set(variables, "partition", scope->partition);
    set(variables, "namespace", b->namespace_);
    set(variables, "service_account", b->service_account);
    set(variables, "audience", b->audience);
    if (b->role_arn) {
        irsa_autofree char *arn = irsa_planned_role_arn(builder, b->role_arn);
        set(variables, "role_arn", arn);
    }
    return variables;
}

json_t *irsa_provider_variables(const struct irsa_builder *builder, const char *provider_arn,
                                const char *audience)
{
    const struct irsa_scope *scope = &builder->plan->bindings.scope;
    json_t *variables = json_object();
    set(variables, "region", scope->region);
    set(variables, "audience", audience);
    set(variables, "provider_arn", provider_arn);
    struct irsa_provider_arn parts = {0};
    irsa_auto_error error = NULL;
    if (irsa_provider_arn_parse(provider_arn, &parts, &error) == 0) {
        set(variables, "issuer", parts.host_path);
        set(variables, "account_id", parts.account);
        set(variables, "partition", parts.partition);
        irsa_provider_arn_done(&parts);
    }
    return variables;
}

json_t *irsa_plan_expand(const struct irsa_builder *builder, const char *name, json_t *variables,
                         struct irsa_error **reterr)
{
    return irsa_template_expand(builder->plan->intent->templates, name, variables, reterr);
}
