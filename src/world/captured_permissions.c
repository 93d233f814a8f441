/* SPDX-License-Identifier: Apache-2.0 */
/* What roles may do, in files: attachments and inline policies. */
#include "world/captured.h"

/* --- attachments ------------------------------------------------------------------------------ */

/* The two parts of "ROLE-ARN REST". */
static char *role_part(const char *target)
{
    return irsa_strndup(target, strcspn(target, " "));
}

bool irsa_names_role(const json_t *object, const void *role_name)
{
    const char *text = irsa_json_string(object, "RoleName", NULL);
    return text && strcmp(text, role_name) == 0;
}

static int append_attached(struct drafts *drafts, const char *file, const json_t *object,
                           void *context, json_t **ret)
{
    const char *key = context;
    const char *arn = irsa_json_string(drafts->change->after, "PolicyArn", NULL);
    json_t *list = json_object_get(object, key);
    size_t i = 0;
    json_t *item = NULL;
    if (!json_is_array(list))
        return 0; /* this copy does not show it */
    json_array_foreach(list, i, item)
    {
        const char *there = irsa_json_string(item, "PolicyArn", NULL);
        if (there && strcmp(there, arn) == 0)
            return 0;
    }
    (void)file;
    const char *slash = strrchr(arn, '/');
    *ret = json_copy((json_t *)object);
    json_t *longer = json_copy(list);
    json_array_append_new(
        longer, json_pack("{s:s,s:s}", "PolicyName", slash ? slash + 1 : arn, "PolicyArn", arn));
    json_object_set_new(*ret, key, longer);
    return 0;
}

/* For a role whose attachments no file lists: the one that is known now, with the mark of an answer
 * that has more. */
static int new_attached_file(struct drafts *drafts, const char *arn, const char *name,
                             bool role_seen)
{
    irsa_autofree char *file = irsa_file_of_role(name, ".attached-policies");
    json_auto_t *there = irsa_draft_peek(drafts, file);
    if (there && irsa_names_role(there, name) && json_object_get(there, "AttachedPolicies"))
        return irsa_draft_edit_file(drafts, file, append_attached, (void *)"AttachedPolicies");
    const char *policy = irsa_json_string(drafts->change->after, "PolicyArn", NULL);
    const char *slash = strrchr(policy, '/');
    json_auto_t *answer = irsa_answer_about(drafts, arn, name);
    json_object_set_new(
        answer, "AttachedPolicies",
        json_pack("[{s:s,s:s}]", "PolicyName", slash ? slash + 1 : policy, "PolicyArn", policy));
    if (role_seen)
        json_object_set_new(answer, "IsTruncated", json_true());
    return irsa_draft_create(drafts, file, answer);
}

int irsa_captured_attachment(struct drafts *drafts)
{
    if (drafts->change->action == IRSA_ACTION_DELETE)
        return irsa_captured_remove_attachment(drafts);
    irsa_autofree char *arn = role_part(drafts->change->target);
    const char *name = irsa_json_string(drafts->change->after, "RoleName", NULL);
    const struct irsa_role *role = irsa_facts_role(drafts->facts, arn);
    bool listed = false;
    for (size_t i = 0; role && i < role->attached_origins.len; i++) {
        listed = true;
        if (irsa_draft_edit(drafts, &role->attached_origins.items[i], irsa_names_role, name,
                            append_attached, (void *)"AttachedPolicies")
            != 0)
            return -1;
    }
    for (size_t i = 0; role && i < role->origins.len; i++) {
        if (!irsa_origin_is(&role->origins.items[i], "RoleDetailList"))
            continue;
        listed = true;
        if (irsa_draft_edit(drafts, &role->origins.items[i], irsa_role_is, arn, append_attached,
                            (void *)"AttachedManagedPolicies")
            != 0)
            return -1;
    }
    return listed ? 0 : new_attached_file(drafts, arn, name, role != NULL);
}

/* --- inline policies -------------------------------------------------------------------------- */

static int edit_answer(struct drafts *drafts, const char *file, const json_t *object,
                       void *context __attribute__((unused)), json_t **ret)
{
    json_auto_t *copy = json_copy((json_t *)object);
    bool changed = false;
    if (irsa_policy_field_edit(drafts, file, copy, "PolicyDocument",
                               json_object_get(drafts->change->before, "PolicyDocument"),
                               json_object_get(drafts->change->after, "PolicyDocument"), &changed)
        != 0)
        return -1;
    *ret = changed ? json_incref(copy) : NULL;
    return 0;
}

/* The element of RolePolicyList, or a new one at its end. */
static int edit_details(struct drafts *drafts, const char *file, const json_t *object,
                        void *context __attribute__((unused)), json_t **ret)
{
    const json_t *after = drafts->change->after;
    const char *name = irsa_json_string(after, "PolicyName", NULL);
    json_t *list = json_object_get(object, "RolePolicyList");
    size_t i = 0;
    json_t *item = NULL;
    if (!json_is_array(list))
        return 0;
    json_auto_t *copy = json_copy((json_t *)object);
    json_t *longer = json_copy(list);
    json_object_set_new(copy, "RolePolicyList", longer);
    json_array_foreach(list, i, item)
    {
        const char *there = irsa_json_string(item, "PolicyName", NULL);
        if (!there || strcmp(there, name) != 0)
            continue;
        json_t *policy = NULL;
        if (edit_answer(drafts, file, item, NULL, &policy) != 0)
            return -1;
        if (policy) {
            json_array_set_new(longer, i, policy);
            *ret = json_incref(copy);
        }
        return 0;
    }
    json_array_append_new(longer, json_pack("{s:s,s:O}", "PolicyName", name, "PolicyDocument",
                                            json_object_get(after, "PolicyDocument")));
    *ret = json_incref(copy);
    return 0;
}

static int append_name(struct drafts *drafts, const char *file, const json_t *object,
                       void *context __attribute__((unused)), json_t **ret)
{
    const char *name = irsa_json_string(drafts->change->after, "PolicyName", NULL);
    json_t *list = json_object_get(object, "PolicyNames");
    size_t i = 0;
    json_t *item = NULL;
    (void)file;
    if (!json_is_array(list))
        return 0;
    json_array_foreach(list, i, item)
    {
        if (json_is_string(item) && strcmp(json_string_value(item), name) == 0)
            return 0;
    }
    *ret = json_copy((json_t *)object);
    json_t *longer = json_copy(list);
    json_array_append_new(longer, json_string(name));
    json_object_set_new(*ret, "PolicyNames", longer);
    return 0;
}

struct inline_target {
    const struct irsa_role *role; /* or NULL: made in this plan */
    const char *arn;
    const char *role_name;
    const char *policy_name;
};

static bool is_answer(const json_t *object, const void *context)
{
    const struct inline_target *target = context;
    const char *policy = irsa_json_string(object, "PolicyName", NULL);
    return irsa_names_role(object, target->role_name) && policy
           && strcmp(policy, target->policy_name) == 0;
}

/* Every copy that shows the document; *ret_shown tells whether there was one. */
static int edit_inline_copies(struct drafts *drafts, const struct inline_target *target,
                              bool *ret_shown)
{
    const struct irsa_role *role = target->role;
    for (size_t i = 0; role && i < role->inline_count; i++) {
        if (strcmp(role->inlines[i].name, target->policy_name) != 0)
            continue;
        const struct irsa_origins *origins = &role->inlines[i].origins;
        for (size_t k = 0; k < origins->len; k++) {
            *ret_shown = true;
            if (irsa_draft_edit(drafts, &origins->items[k], is_answer, target, edit_answer, NULL)
                != 0)
                return -1;
        }
    }
    for (size_t i = 0; role && i < role->origins.len; i++) {
        if (!irsa_origin_is(&role->origins.items[i], "RoleDetailList"))
            continue;
        *ret_shown = true;
        if (irsa_draft_edit(drafts, &role->origins.items[i], irsa_role_is, target->arn,
                            edit_details, NULL)
            != 0)
            return -1;
    }
    return 0;
}

static int add_inline_name(struct drafts *drafts, const struct inline_target *target)
{
    const struct irsa_role *role = target->role;
    for (size_t i = 0; role && i < role->inline_names_origins.len; i++) {
        if (irsa_draft_edit(drafts, &role->inline_names_origins.items[i], irsa_names_role,
                            target->role_name, append_name, NULL)
            != 0)
            return -1;
    }
    if (role)
        return 0;
    irsa_autofree char *names = irsa_file_of_role(target->role_name, ".policies");
    json_auto_t *there = irsa_draft_peek(drafts, names);
    if (!there || !irsa_names_role(there, target->role_name))
        return 0;
    return irsa_draft_edit_file(drafts, names, append_name, NULL);
}

int irsa_captured_role_policy(struct drafts *drafts)
{
    if (drafts->change->action == IRSA_ACTION_DELETE)
        return irsa_captured_remove_role_policy(drafts);
    const json_t *after = drafts->change->after;
    irsa_autofree char *arn = role_part(drafts->change->target);
    const struct inline_target target = {
        .role = irsa_facts_role(drafts->facts, arn),
        .arn = arn,
        .role_name = irsa_json_string(after, "RoleName", NULL),
        .policy_name = irsa_json_string(after, "PolicyName", NULL),
    };
    bool shown = false;
    if (edit_inline_copies(drafts, &target, &shown) != 0 || add_inline_name(drafts, &target) != 0)
        return -1;
    if (shown)
        return 0;
    irsa_autofree char *policy_part = irsa_file_part(target.policy_name);
    irsa_autofree char *rest = irsa_format(".policy-%s", policy_part);
    irsa_autofree char *file = irsa_file_of_role(target.role_name, rest);
    json_auto_t *answer = irsa_answer_about(drafts, arn, target.role_name);
    json_object_set_new(answer, "PolicyName", json_string(target.policy_name));
    json_object_set(answer, "PolicyDocument", json_object_get(after, "PolicyDocument"));
    return irsa_draft_create(drafts, file, answer);
}
