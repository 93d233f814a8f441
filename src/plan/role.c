/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/draft.h"

/* Role: what CreateRole takes and GetRole gives, in GetRole's order
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html). */

json_t *irsa_boundary_json(const char *arn)
{
    json_t *boundary = json_object();
    (void)json_object_set_new(boundary, "PermissionsBoundaryType", json_string("Policy"));
    (void)json_object_set_new(boundary, "PermissionsBoundaryArn", json_string(arn));
    return boundary;
}

void irsa_role_attach(struct irsa_builder *builder, struct irsa_fix_at at, const char *role_arn,
                      const char *policy_arn)
{
    irsa_autofree char *target = irsa_format("%s %s", role_arn, policy_arn);
    size_t draft = irsa_draft_get(builder, IRSA_OBJECT_ROLE_ATTACHMENT, at.fix->class_, target);
    struct irsa_change *change = &builder->drafts[draft].change;
    if (!change->after) {
        change->action = IRSA_ACTION_CREATE;
        change->after = json_object();
        (void)json_object_set_new(change->after, "RoleName", json_string(irsa_arn_last(role_arn)));
        (void)json_object_set_new(change->after, "PolicyArn", json_string(policy_arn));
    }
    irsa_draft_serve(builder, draft, at.finding, at.fix->binding);
}

static json_t *role_policy_json(const char *role_arn, const char *name, const json_t *document)
{
    json_t *json = json_object();
    (void)json_object_set_new(json, "RoleName", json_string(irsa_arn_last(role_arn)));
    (void)json_object_set_new(json, "PolicyName", json_string(name));
    (void)json_object_set_new(json, "PolicyDocument", json_deep_copy(document));
    return json;
}

static const json_t *present_policy(const struct irsa_facts *facts, const char *role_arn,
                                    const char *name)
{
    const struct irsa_role *role = irsa_facts_role(facts, role_arn);
    for (size_t i = 0; role && i < role->inline_count; i++) {
        const struct irsa_inline_policy *inline_ = &role->inlines[i];
        if (inline_->policy && strcmp(inline_->name, name) == 0)
            return irsa_policy_document(inline_->policy);
    }
    return NULL;
}

void irsa_role_put_policy(struct irsa_builder *builder, struct irsa_fix_at at, const char *role_arn,
                          const char *name, const json_t *document)
{
    irsa_autofree char *target = irsa_format("%s %s", role_arn, name);
    size_t draft = irsa_draft_get(builder, IRSA_OBJECT_ROLE_POLICY, at.fix->class_, target);
    struct irsa_change *change = &builder->drafts[draft].change;
    if (!change->after) {
        const json_t *present = present_policy(builder->plan->facts, role_arn, name);
        change->action = present ? IRSA_ACTION_UPDATE : IRSA_ACTION_CREATE;
        if (present)
            change->before = role_policy_json(role_arn, name, present);
        change->after = role_policy_json(role_arn, name, document);
    } else if (!json_equal(json_object_get(change->after, "PolicyDocument"), document)) {
        irsa_builder_fail(builder, at.finding,
                          irsa_format("inline policy %s of role %s is wanted with two different "
                                      "contents",
                                      name, irsa_arn_last(role_arn)));
    }
    irsa_draft_serve(builder, draft, at.finding, at.fix->binding);
}

int irsa_plan_role_update(struct irsa_builder *builder, struct irsa_fix_at at,
                          struct irsa_error **reterr)
{
    (void)reterr;
    const struct irsa_fix *fix = at.fix;
    const struct irsa_role *role = irsa_facts_role(builder->plan->facts, fix->target);
    if (!role) {
        irsa_builder_fail(builder, at.finding, NULL);
        return 0;
    }
    size_t draft = irsa_draft_get(builder, IRSA_OBJECT_ROLE, fix->class_, fix->target);
    struct irsa_change *change = &builder->drafts[draft].change;
    if (!change->after) {
        change->before = json_object();
        (void)json_object_set_new(change->before, "RoleName", json_string(role->name));
        change->after = json_deep_copy(change->before);
    }
    if (strcmp(fix->key, "PermissionsBoundary") == 0) {
        if (role->boundary)
            (void)json_object_set_new(change->before, fix->key, irsa_boundary_json(role->boundary));
        (void)json_object_set_new(change->after, fix->key, irsa_boundary_json(fix->value));
    } else {
        (void)json_object_set_new(change->before, fix->key, json_integer(role->max_session));
        (void)json_object_set_new(change->after, fix->key,
                                  json_integer(strtoll(fix->value, NULL, 10)));
    }
    irsa_draft_serve(builder, draft, at.finding, fix->binding);
    return 0;
}

int irsa_plan_role_policy(struct irsa_builder *builder, struct irsa_fix_at at,
                          struct irsa_error **reterr)
{
    (void)reterr;
    const struct irsa_fix *fix = at.fix;
    irsa_autofree char *arn = irsa_planned_role_arn(builder, fix->target);
    if (fix->kind == IRSA_FIX_ATTACH_POLICY)
        irsa_role_attach(builder, at, arn, fix->value);
    else
        irsa_role_put_policy(builder, at, arn, fix->key, fix->document);
    return 0;
}
