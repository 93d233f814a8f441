/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/draft.h"

/* A new role, as CreateRole takes it and GetRole gives it, in GetRole's order
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html). */

static void set_new(json_t *role, const char *key, json_t *value, bool override)
{
    if (!override && json_object_get(role, key))
        json_decref(value);
    else
        (void)json_object_set_new(role, key, value);
}

/* The first wish for a role overrides the template, a later one only adds what nobody said. */
static void apply_settings(json_t *role, const struct irsa_role_settings *settings, bool first)
{
    if (settings->description)
        set_new(role, "Description", json_string(settings->description), first);
    if (settings->max_session > 0)
        set_new(role, "MaxSessionDuration", json_integer(settings->max_session), first);
    if (settings->boundary)
        set_new(role, "PermissionsBoundary", irsa_boundary_json(settings->boundary), first);
    if (settings->tags && json_object_size(settings->tags) > 0)
        irsa_plan_tags(role, settings->tags, first);
}

static char *new_role_arn(const struct irsa_builder *builder, const struct irsa_binding *b,
                          const char *template_path)
{
    const char *path = b->role_path_known ? b->role_path : NULL;
    if (!path && b->wish)
        path = b->wish->settings.path;
    if (!path)
        path = builder->plan->intent->defaults.path;
    if (!path)
        path = template_path ? template_path : "/";
    struct irsa_arn provider = {0};
    irsa_auto_error error = NULL;
    const char *partition = builder->plan->bindings.scope.partition;
    if (irsa_arn_parse(b->provider_arn, &provider, &error) == 0)
        partition = provider.partition;
    char *arn =
        irsa_role_arn_text(partition ? partition : "aws", b->role_account, path, b->role_name);
    irsa_arn_done(&provider);
    return arn;
}

static json_t *new_role(const struct irsa_binding *b, const char *arn, const json_t *template_role)
{
    struct irsa_role_arn parts = {0};
    irsa_auto_error error = NULL;
    const char *path = irsa_role_arn_parse(arn, &parts, &error) == 0 ? parts.path : "/";
    json_t *role = json_object();
    (void)json_object_set_new(role, "Path", json_string(path));
    (void)json_object_set_new(role, "RoleName", json_string(b->role_name));
    (void)json_object_set_new(role, "Arn", json_string(arn));
    irsa_role_arn_done(&parts);
    json_auto_t *rest = json_deep_copy(template_role);
    (void)json_object_update_missing(role, rest);
    return role;
}

/* The role's draft, made by its first binding; IRSA_MAP_NONE where the template fails. */
static size_t role_draft(struct irsa_builder *builder, struct irsa_fix_at at,
                         const struct irsa_binding *b, bool *ret_first, struct irsa_error **reterr)
{
    irsa_autofree char *key = irsa_format("%s %s", b->role_account, b->role_name);
    size_t draft = irsa_map_get(&builder->new_roles, key);
    *ret_first = draft == IRSA_MAP_NONE;
    if (!*ret_first)
        return draft;
    json_auto_t *variables = irsa_template_variables(builder, at.fix->binding);
    json_auto_t *template_role = irsa_plan_expand(builder, "role.json", variables, reterr);
    if (!template_role)
        return IRSA_MAP_NONE;
    irsa_autofree char *arn =
        new_role_arn(builder, b, irsa_json_string(template_role, "Path", NULL));
    draft = irsa_draft_get(builder, IRSA_OBJECT_ROLE, at.fix->class_, arn);
    irsa_map_put(&builder->new_roles, key, draft);
    builder->drafts[draft].change.action = IRSA_ACTION_CREATE;
    builder->drafts[draft].change.after = new_role(b, arn, template_role);
    irsa_plan_tag_cluster(builder, builder->drafts[draft].change.after);
    return draft;
}

static void plan_permissions(struct irsa_builder *builder, struct irsa_fix_at at,
                             const char *role_arn, const struct irsa_role_settings *settings)
{
    for (size_t i = 0; i < settings->policy_arns.len; i++)
        irsa_role_attach(builder, at, role_arn, settings->policy_arns.items[i]);
    for (size_t i = 0; i < settings->policy_names.len; i++)
        irsa_role_put_policy(builder, at, role_arn, settings->policy_names.items[i],
                             settings->policy_documents[i]);
}

int irsa_plan_role_create(struct irsa_builder *builder, struct irsa_fix_at at,
                          struct irsa_error **reterr)
{
    const struct irsa_binding *b = &builder->plan->bindings.items[at.fix->binding];
    if (!b->role_account || !b->role_name || !b->provider_arn) {
        irsa_builder_fail(builder, at.finding,
                          irsa_format("role %s can't be planned: %s is not known",
                                      b->role_name ? b->role_name : "?",
                                      b->role_account ? "the cluster's issuer" : "its account"));
        return 0;
    }
    bool first = false;
    size_t draft = role_draft(builder, at, b, &first, reterr);
    if (draft == IRSA_MAP_NONE)
        return -1;
    irsa_draft_serve(builder, draft, at.finding, at.fix->binding);
    irsa_autofree char *arn = irsa_strdup(builder->drafts[draft].change.target);
    irsa_trust_want(builder, arn, at.fix->binding, at.finding);
    const struct irsa_role_settings *settings =
        b->wish ? &b->wish->settings : &builder->plan->intent->defaults;
    apply_settings(builder->drafts[draft].change.after, settings, first);
    plan_permissions(builder, at, arn, settings);
    return 0;
}
