/* SPDX-License-Identifier: Apache-2.0 */
/* "repoint" of irsa_plan_json: which issuers and accounts, how many roles, and what was left. */
#include "plan/repoint.h"

static const char *provider_text(const struct irsa_repoint_group *group)
{
    if (group->provider == IRSA_UNSEEN)
        return "not-seen";
    return group->provider == IRSA_PRESENT ? "exists" : "gone";
}

static json_t *groups_json(const struct irsa_repoint_work *work, bool prune)
{
    json_t *array = json_array();
    for (size_t i = 0; i < work->group_count; i++) {
        const struct irsa_repoint_group *group = &work->groups[i];
        if (group->prune != prune)
            continue;
        json_t *item = json_object();
        irsa_json_set(item, "issuer", json_string(group->issuer));
        irsa_json_set(item, "account_id", json_string(group->account));
        irsa_json_set(item, "provider", json_string(provider_text(group)));
        irsa_json_set(item, "roles", irsa_json_size(group->roles));
        irsa_json_set(item, "changes", irsa_json_size(group->changes));
        irsa_json_set(item, "held_back", irsa_json_size(group->held_back));
        irsa_json_set(item, "left", irsa_json_size(group->left));
        (void)json_array_append_new(array, item);
    }
    return array;
}

static void add_left(json_t *array, const struct irsa_repoint_role *role,
                     const struct irsa_repoint_edit *edit)
{
    json_t *reasons = json_array();
    if (edit->refused)
        (void)json_array_append_new(reasons, json_string(edit->refused));
    for (size_t i = 0; i < edit->left.len; i++)
        (void)json_array_append_new(reasons, json_string(edit->left.items[i]));
    if (json_array_size(reasons) > 0)
        (void)json_array_append_new(array,
                                    json_pack("{s:s, s:b, s:O}", "role", role->role->arn, "whole",
                                              edit->refused != NULL, "reasons", reasons));
    json_decref(reasons);
}

static json_t *left_json(const struct irsa_repoint_work *work)
{
    json_t *array = json_array();
    for (size_t i = 0; i < work->role_count; i++) {
        add_left(array, &work->roles[i], &work->roles[i].repoint);
        add_left(array, &work->roles[i], &work->roles[i].prune);
    }
    return array;
}

static json_t *strings_json(const struct irsa_strings *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->len; i++)
        (void)json_array_append_new(array, json_string(strings->items[i]));
    return array;
}

static json_t *providers_json(const struct irsa_repoint_work *work)
{
    json_t *array = json_array();
    const char *account;
    json_t *state;
    json_object_foreach(work->provider_states, account, state)
    {
        json_t *item = json_object();
        irsa_json_set(item, "account_id", json_string(account));
        irsa_json_set(item, "provider", json_incref(state));
        (void)json_array_append_new(array, item);
    }
    return array;
}

json_t *irsa_repoint_json(const struct irsa_repoint_work *work)
{
    const struct irsa_intent *intent = work->plan->intent;
    json_t *json = json_object();
    irsa_json_set(json, "to", json_string(work->plan->bindings.scope.issuer));
    irsa_json_set(json, "from",
                  work->from        ? json_string(work->from)
                  : intent->repoint ? json_string(IRSA_REPOINT_STALE)
                                    : json_null());
    irsa_json_set(json, "keep_old", json_boolean(intent->keep_old));
    irsa_json_set(json, "prune", json_boolean(intent->prune));
    irsa_json_set(json, "issuers", groups_json(work, /* prune= */ false));
    irsa_json_set(json, "gone", groups_json(work, /* prune= */ true));
    irsa_json_set(json, "providers", providers_json(work));
    irsa_json_set(json, "left", left_json(work));
    irsa_json_set(json, "unread", strings_json(&work->unread));
    irsa_json_set(json, "deselected", irsa_json_size(work->deselected));
    return json;
}
