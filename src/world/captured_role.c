/* SPDX-License-Identifier: Apache-2.0 */
/* Roles and trust policies in files. */
#include "world/captured.h"

bool irsa_role_is(const json_t *object, const void *arn)
{
    const char *text = irsa_json_string(object, "Arn", NULL);
    return text && strcmp(text, arn) == 0;
}

static const struct irsa_role *role_of(struct drafts *drafts, const char *arn)
{
    const struct irsa_role *role = irsa_facts_role(drafts->facts, arn);
    if (!role)
        (void)irsa_draft_conflict(drafts, drafts->captured->directory, "no file shows the role");
    return role;
}

/* --- trust policies --------------------------------------------------------------------------- */

static int edit_trust(struct drafts *drafts, const char *file, const json_t *object,
                      void *context __attribute__((unused)), json_t **ret)
{
    const struct irsa_change *change = drafts->change;
    json_auto_t *copy = json_copy((json_t *)object);
    bool changed = false;
    if (!json_object_get(object, "AssumeRolePolicyDocument"))
        return 0; /* this copy does not show it */
    if (irsa_policy_field_edit(drafts, file, copy, "AssumeRolePolicyDocument", change->before,
                               change->after, &changed)
        != 0)
        return -1;
    *ret = changed ? json_incref(copy) : NULL;
    return 0;
}

int irsa_captured_trust(struct drafts *drafts)
{
    const char *arn = drafts->change->target;
    const struct irsa_role *role = role_of(drafts, arn);
    if (!role)
        return -1;
    if (!drafts->change->after)
        return 0; /* no JSON: a rollback brings the bytes back */
    for (size_t i = 0; i < role->origins.len; i++) {
        if (irsa_draft_edit(drafts, &role->origins.items[i], irsa_role_is, arn, edit_trust, NULL)
            != 0)
            return -1;
    }
    return 0;
}

/* --- roles ------------------------------------------------------------------------------------ */

/* How much a source shows of a role: GetRole everything, GetAccountAuthorizationDetails no session
 * duration, ListRoles no boundary. */
bool irsa_origin_is(const struct irsa_origin *origin, const char *list)
{
    return origin->list && strcmp(origin->list, list) == 0;
}

static bool shows(const struct irsa_origin *origin, const char *key)
{
    if (strcmp(key, "PermissionsBoundary") == 0)
        return !irsa_origin_is(origin, "Roles");
    return !irsa_origin_is(origin, "RoleDetailList");
}

struct role_edit {
    const char *key;
    bool add; /* also where this copy does not show the key yet */
};

static int edit_role(struct drafts *drafts, const char *file, const json_t *object, void *context,
                     json_t **ret)
{
    const struct role_edit *edit = context;
    const json_t *now = json_object_get(object, edit->key);
    json_t *before = json_object_get(drafts->change->before, edit->key);
    json_t *after = json_object_get(drafts->change->after, edit->key);
    if ((!now && !edit->add) || (now && after && json_equal((json_t *)now, after)))
        return 0;
    if (now && before && !json_is_null(before) && !json_equal((json_t *)now, before))
        return irsa_draft_conflict(drafts, file, "%s was changed", edit->key);
    *ret = json_copy((json_t *)object);
    if (after && !json_is_null(after))
        json_object_set(*ret, edit->key, after);
    else
        json_object_del(*ret, edit->key);
    return 0;
}

static int update_role(struct drafts *drafts, const struct irsa_role *role, const char *key)
{
    bool any = false;
    for (size_t i = 0; i < role->origins.len; i++)
        any = any || shows(&role->origins.items[i], key);
    for (size_t i = 0; i < role->origins.len; i++) {
        const struct irsa_origin *origin = &role->origins.items[i];
        struct role_edit edit = {.key = key, .add = !any || shows(origin, key)};
        if (irsa_draft_edit(drafts, origin, irsa_role_is, role->arn, edit_role, &edit) != 0)
            return -1;
    }
    return 0;
}

/* RoleArn is needed beside RoleName only where another account has a role of that name. */
json_t *irsa_answer_about(const struct drafts *drafts, const char *arn, const char *name)
{
    json_t *answer = json_pack("{s:s}", "RoleName", name);
    for (size_t i = 0; i < drafts->facts->role_count; i++) {
        const struct irsa_role *other = &drafts->facts->roles[i];
        if (strcmp(other->name, name) == 0 && strcmp(other->arn, arn) != 0) {
            json_object_set_new(answer, "RoleArn", json_string(arn));
            break;
        }
    }
    return answer;
}

char *irsa_file_of_role(const char *name, const char *rest)
{
    irsa_autofree char *part = irsa_file_part(name);
    return irsa_format("iam/roles/%s%s.json", part, rest);
}

static int empty_list(struct drafts *drafts __attribute__((unused)),
                      const char *file __attribute__((unused)), const json_t *object, void *context,
                      json_t **ret)
{
    const char *key = context;
    if (json_array_size(json_object_get(object, key)) == 0)
        return 0;
    *ret = json_copy((json_t *)object);
    json_object_set_new(*ret, key, json_array());
    return 0;
}

/* A list that is there already is that of an older role of the same name. */
static int start_list(struct drafts *drafts, const char *role_name, const char *rest,
                      const char *key)
{
    irsa_autofree char *file = irsa_file_of_role(role_name, rest);
    json_auto_t *there = irsa_draft_peek(drafts, file);
    const char *named = irsa_json_string(there, "RoleName", NULL);
    if (named && strcmp(named, role_name) == 0 && json_is_array(json_object_get(there, key)))
        return irsa_draft_edit_file(drafts, file, empty_list, (void *)key);
    json_auto_t *answer = irsa_answer_about(drafts, drafts->change->target, role_name);
    json_object_set_new(answer, key, json_array());
    return irsa_draft_create(drafts, file, answer);
}

/* A new role has no permissions but those that the next changes give it: that is known from the
 * start, and so the lists come first. */
static int create_role(struct drafts *drafts)
{
    const char *arn = drafts->change->target;
    const char *name = irsa_json_string(drafts->change->after, "RoleName", NULL);
    if (irsa_facts_role(drafts->facts, arn))
        return irsa_draft_conflict(drafts, drafts->captured->directory, "the role exists already");
    irsa_autofree char *own = irsa_file_of_role(name, "");
    json_auto_t *there = irsa_draft_peek(drafts, own);
    if (irsa_role_is(json_object_get(there, "Role"), arn))
        return 0; /* made before, in this very plan */
    json_auto_t *role = json_pack("{s:O}", "Role", drafts->change->after);
    if (start_list(drafts, name, ".attached-policies", "AttachedPolicies") != 0
        || start_list(drafts, name, ".policies", "PolicyNames") != 0)
        return -1;
    return irsa_draft_create(drafts, own, role);
}

int irsa_captured_role(struct drafts *drafts)
{
    static const char *const keys[] = {"MaxSessionDuration", "PermissionsBoundary", "Description",
                                       "Tags"};
    if (drafts->change->action == IRSA_ACTION_CREATE)
        return create_role(drafts);
    if (drafts->change->action == IRSA_ACTION_DELETE)
        return irsa_captured_remove_role(drafts);
    const struct irsa_role *role = role_of(drafts, drafts->change->target);
    if (!role)
        return -1;
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        if ((json_object_get(drafts->change->after, keys[i])
             || json_object_get(drafts->change->before, keys[i]))
            && update_role(drafts, role, keys[i]) != 0)
            return -1;
    }
    return 0;
}
