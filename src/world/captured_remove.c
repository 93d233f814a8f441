/* SPDX-License-Identifier: Apache-2.0 */
/* Taking away what a run created, in files: roles and what hangs on them. As IAM does it, a role
 * goes only when nothing hangs on it any more. */
#include "world/captured.h"

static char *role_part(const char *target)
{
    return irsa_strndup(target, strcspn(target, " "));
}

/* --- the role itself -------------------------------------------------------------------------- */

static bool is_empty_list(const json_t *object, const char *key)
{
    return json_array_size(json_object_get(object, key)) == 0;
}

/* A check has nothing to edit: *ret stays NULL. */
static int check_role(struct drafts *drafts, const char *file, const json_t *object,
                      void *context __attribute__((unused)), json_t **ret __attribute__((unused)))
{
    static const char *const lists[] = {"AttachedManagedPolicies", "RolePolicyList",
                                        "InstanceProfileList"};
    json_t *trust = json_object_get(drafts->change->before, "AssumeRolePolicyDocument");
    json_auto_t *copy = json_copy((json_t *)object);
    bool changed = false;
    for (size_t i = 0; i < IRSA_COUNT(lists); i++) {
        if (!is_empty_list(object, lists[i]))
            return irsa_draft_conflict(drafts, file, "%s is not empty", lists[i]);
    }
    if (!trust || !json_object_get(object, "AssumeRolePolicyDocument"))
        return 0;
    return irsa_policy_field_edit(drafts, file, copy, "AssumeRolePolicyDocument", trust, trust,
                                  &changed);
}

static int check_empty(struct drafts *drafts, const char *file, const json_t *object, void *context,
                       json_t **ret __attribute__((unused)))
{
    const char *key = context;
    return is_empty_list(object, key) ? 0
                                      : irsa_draft_conflict(drafts, file, "%s is not empty", key);
}

/* The answers about a role that is gone tell nothing any more. */
static int remove_answers(struct drafts *drafts, const struct irsa_origins *origins,
                          const char *role_name, const char *key)
{
    for (size_t i = 0; i < origins->len; i++) {
        if (irsa_draft_remove(drafts, &origins->items[i], irsa_names_role, role_name, check_empty,
                              (void *)key)
            != 0)
            return -1;
    }
    return 0;
}

int irsa_captured_remove_role(struct drafts *drafts)
{
    const char *arn = drafts->change->target;
    const struct irsa_role *role = irsa_facts_role(drafts->facts, arn);
    if (!role)
        return 0;
    if (remove_answers(drafts, &role->attached_origins, role->name, "AttachedPolicies") != 0
        || remove_answers(drafts, &role->inline_names_origins, role->name, "PolicyNames") != 0)
        return -1;
    for (size_t i = 0; i < role->origins.len; i++) {
        if (irsa_draft_remove(drafts, &role->origins.items[i], irsa_role_is, arn, check_role, NULL)
            != 0)
            return -1;
    }
    return 0;
}

/* --- elements of lists ------------------------------------------------------------------------ */

struct element {
    const char *list; /* key of the list in the object */
    const char *key;  /* of its elements; NULL: they are strings */
    const char *value;
};

static bool is_element(const json_t *item, const struct element *element)
{
    const char *text =
        element->key ? irsa_json_string(item, element->key, NULL) : json_string_value(item);
    return text && strcmp(text, element->value) == 0;
}

static int drop_element(struct drafts *drafts, const char *file, const json_t *object,
                        void *context, json_t **ret)
{
    const struct element *element = context;
    json_t *list = json_object_get(object, element->list);
    json_t *before = json_object_get(drafts->change->before, "PolicyDocument");
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(list, i, item)
    {
        bool changed = false;
        if (!is_element(item, element))
            continue;
        json_auto_t *copy = json_is_object(item) ? json_copy(item) : NULL;
        if (before && json_object_get(copy, "PolicyDocument")
            && irsa_policy_field_edit(drafts, file, copy, "PolicyDocument", before, before,
                                      &changed)
                   != 0)
            return -1;
        json_t *shorter = json_copy(list);
        json_array_remove(shorter, i);
        *ret = json_copy((json_t *)object);
        json_object_set_new(*ret, element->list, shorter);
        return 0;
    }
    return 0;
}

/* In the elements of RoleDetailList. */
static int drop_detail(struct drafts *drafts, const struct irsa_role *role, struct element *element)
{
    for (size_t i = 0; i < role->origins.len; i++) {
        if (irsa_origin_is(&role->origins.items[i], "RoleDetailList")
            && !irsa_draft_is_gone(drafts, &role->origins.items[i])
            && irsa_draft_edit(drafts, &role->origins.items[i], irsa_role_is, role->arn,
                               drop_element, element)
                   != 0)
            return -1;
    }
    return 0;
}

static int drop_answers(struct drafts *drafts, const struct irsa_origins *origins,
                        const char *role_name, struct element *element)
{
    for (size_t i = 0; i < origins->len; i++) {
        if (!irsa_draft_is_gone(drafts, &origins->items[i])
            && irsa_draft_edit(drafts, &origins->items[i], irsa_names_role, role_name, drop_element,
                               element)
                   != 0)
            return -1;
    }
    return 0;
}

int irsa_captured_remove_attachment(struct drafts *drafts)
{
    irsa_autofree char *arn = role_part(drafts->change->target);
    const struct irsa_role *role = irsa_facts_role(drafts->facts, arn);
    const char *policy = irsa_json_string(drafts->change->before, "PolicyArn", NULL);
    struct element answer = {"AttachedPolicies", "PolicyArn", policy};
    struct element detail = {"AttachedManagedPolicies", "PolicyArn", policy};
    if (!role)
        return 0;
    if (drop_answers(drafts, &role->attached_origins, role->name, &answer) != 0)
        return -1;
    return drop_detail(drafts, role, &detail);
}

/* --- inline policies -------------------------------------------------------------------------- */

static bool is_answer(const json_t *object, const void *context)
{
    const struct irsa_change *change = context;
    const char *role = irsa_json_string(change->before, "RoleName", NULL);
    const char *ours = irsa_json_string(change->before, "PolicyName", NULL);
    const char *policy = irsa_json_string(object, "PolicyName", NULL);
    return irsa_names_role(object, role) && policy && strcmp(policy, ours) == 0;
}

static int check_answer(struct drafts *drafts, const char *file, const json_t *object,
                        void *context __attribute__((unused)), json_t **ret __attribute__((unused)))
{
    json_t *before = json_object_get(drafts->change->before, "PolicyDocument");
    json_auto_t *copy = json_copy((json_t *)object);
    bool changed = false;
    return irsa_policy_field_edit(drafts, file, copy, "PolicyDocument", before, before, &changed);
}

int irsa_captured_remove_role_policy(struct drafts *drafts)
{
    irsa_autofree char *arn = role_part(drafts->change->target);
    const struct irsa_role *role = irsa_facts_role(drafts->facts, arn);
    const char *policy = irsa_json_string(drafts->change->before, "PolicyName", NULL);
    struct element name = {"PolicyNames", NULL, policy};
    struct element detail = {"RolePolicyList", "PolicyName", policy};
    if (!role)
        return 0;
    for (size_t i = 0; i < role->inline_count; i++) {
        const struct irsa_origins *origins = &role->inlines[i].origins;
        if (strcmp(role->inlines[i].name, policy) != 0)
            continue;
        for (size_t k = 0; k < origins->len; k++) {
            if (irsa_draft_remove(drafts, &origins->items[k], is_answer, drafts->change,
                                  check_answer, NULL)
                != 0)
                return -1;
        }
    }
    if (drop_answers(drafts, &role->inline_names_origins, role->name, &name) != 0)
        return -1;
    return drop_detail(drafts, role, &detail);
}
