/* SPDX-License-Identifier: Apache-2.0 */
/* The round after the roles': documents of the policies that needed actions are checked against. */
#include "world/live.h"

static void ask_managed(struct gather *gather, const struct live_account *account, const char *arn)
{
    const struct irsa_managed_policy *known = irsa_facts_managed_policy(gather->facts, arn);
    if (arn && !(known && known->policy))
        irsa_gather_ask(gather, account, IRSA_IAM_GET_POLICY,
                        irsa_gather_parameter("PolicyArn", arn), arn);
}

/* The role as the details of the account show it, or NULL. */
static const struct irsa_role *detailed(const struct gather *gather,
                                        const struct live_account *account, const char *name)
{
    const struct irsa_facts *facts = gather->facts;
    for (size_t i = 0; i < facts->role_count; i++) {
        const struct irsa_role *role = &facts->roles[i];
        if (role->attached_seen && strcmp(role->name, name) == 0
            && strcmp(role->account, account->id) == 0)
            return role;
    }
    return NULL;
}

static const json_t *answer_of(const struct gather *gather, enum irsa_aws_operation operation,
                               const struct live_account *account, const char *name)
{
    const struct live_read *read = irsa_gather_find(gather, operation, account, name);
    return read ? read->call.answer : NULL;
}

static void ask_detailed(struct gather *gather, const struct live_account *account,
                         const struct irsa_role *role)
{
    for (size_t i = 0; i < role->attached_count; i++)
        ask_managed(gather, account, role->attached[i].arn);
    ask_managed(gather, account, role->boundary);
    for (size_t i = 0; i < role->inline_count; i++) {
        if (!role->inlines[i].policy)
            irsa_gather_ask_inline(gather, account, role->name, role->inlines[i].name);
    }
}

static void ask_documents(struct gather *gather, const struct live_account *account,
                          const char *name)
{
    const struct irsa_role *role = detailed(gather, account, name);
    size_t i = 0;
    json_t *item = NULL;
    if (role) {
        ask_detailed(gather, account, role);
        return;
    }
    const json_t *attached = json_object_get(
        answer_of(gather, IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES, account, name), "AttachedPolicies");
    const json_t *names = json_object_get(
        answer_of(gather, IRSA_IAM_LIST_ROLE_POLICIES, account, name), "PolicyNames");
    json_array_foreach(attached, i, item)
    {
        ask_managed(gather, account, irsa_json_string(item, "PolicyArn", NULL));
    }
    ask_managed(gather, account,
                irsa_json_string(answer_of(gather, IRSA_IAM_GET_ROLE, account, name), "Role",
                                 "PermissionsBoundary", "PermissionsBoundaryArn", NULL));
    json_array_foreach(names, i, item)
    {
        irsa_gather_ask_inline(gather, account, name, json_string_value(item));
    }
}

static void ask_versions(struct gather *gather, size_t first)
{
    size_t end = gather->read_count;
    for (size_t i = first; i < end; i++) {
        const struct live_read *read = gather->reads[i];
        const char *version =
            irsa_json_string(read->call.answer, "Policy", "DefaultVersionId", NULL);
        if (read->call.operation != IRSA_IAM_GET_POLICY || !version)
            continue;
        json_t *parameters = irsa_gather_parameter("PolicyArn", read->subject);
        json_object_set_new(parameters, "VersionId", json_string(version));
        irsa_gather_ask(gather, read->account, IRSA_IAM_GET_POLICY_VERSION, parameters,
                        read->subject);
    }
}

int irsa_gather_documents(struct gather *gather)
{
    const struct irsa_strings *roles = &gather->needs.needed;
    size_t first = gather->read_count;
    for (size_t i = 0; i < roles->len; i++) {
        const struct live_account *account = NULL;
        irsa_autofree char *name = NULL;
        if (irsa_gather_account_of(gather, roles->items[i], &account, &name) != 0)
            return -1;
        if (account->aws)
            ask_documents(gather, account, name);
    }
    if (irsa_gather_simulations(gather, true, true) != 0 || irsa_gather_round(gather) != 0)
        return -1;
    ask_versions(gather, first);
    if (irsa_gather_round(gather) != 0)
        return -1;
    return irsa_gather_take_new(gather);
}
