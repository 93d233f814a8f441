/* SPDX-License-Identifier: Apache-2.0 */
/* Who is in the way of a deletion. */
#include "irsa/rollback.h"

void irsa_undo_users_done(struct irsa_undo_users *users)
{
    irsa_strings_done(&users->names);
    *users = (struct irsa_undo_users){0};
}

/* What this plan does to an object before, or NULL. */
static const struct irsa_change *planned(const struct irsa_plan *plan, enum irsa_object_kind kind,
                                         const char *target)
{
    for (size_t i = 0; i < plan->change_count; i++) {
        const struct irsa_change *change = &plan->changes[i];
        if (change->kind == kind && !change->held_back && strcmp(change->target, target) == 0)
            return change;
    }
    return NULL;
}

static bool goes(const struct irsa_plan *plan, enum irsa_object_kind kind, const char *target)
{
    const struct irsa_change *change = planned(plan, kind, target);
    return change && change->action == IRSA_ACTION_DELETE;
}

/* --- roles ------------------------------------------------------------------------------------ */

static void add_hanging(const struct irsa_plan *plan, const struct irsa_role *role,
                        enum irsa_object_kind kind, const char *policy, struct irsa_undo_users *ret)
{
    irsa_autofree char *target = irsa_format("%s %s", role->arn, policy);
    if (!goes(plan, kind, target))
        irsa_strings_add(&ret->names, policy);
}

static void role_users(const struct irsa_plan *plan, const struct irsa_change *deletion,
                       struct irsa_undo_users *ret)
{
    const struct irsa_role *role = irsa_facts_role(plan->facts, deletion->target);
    for (size_t i = 0; role && i < role->attached_count; i++)
        add_hanging(plan, role, IRSA_OBJECT_ROLE_ATTACHMENT, role->attached[i].arn, ret);
    for (size_t i = 0; role && i < role->inline_count; i++)
        add_hanging(plan, role, IRSA_OBJECT_ROLE_POLICY, role->inlines[i].name, ret);
}

/* --- providers -------------------------------------------------------------------------------- */

static bool names(const json_t *value, const char *text)
{
    const char *key = NULL;
    json_t *item = NULL;
    size_t i = 0;
    if (json_is_string(value))
        return strcmp(json_string_value(value), text) == 0;
    json_array_foreach(value, i, item)
    {
        if (names(item, text))
            return true;
    }
    json_object_foreach((json_t *)value, key, item)
    {
        if (names(item, text))
            return true;
    }
    return false;
}

static void provider_users(const struct irsa_plan *plan, const struct irsa_change *deletion,
                           struct irsa_undo_users *ret)
{
    const struct irsa_facts *facts = plan->facts;
    irsa_auto_arn arn = {0};
    irsa_auto_error ignored = NULL;
    for (size_t i = 0; i < facts->role_count; i++) {
        const struct irsa_role *role = &facts->roles[i];
        const struct irsa_change *trust = planned(plan, IRSA_OBJECT_TRUST_POLICY, role->arn);
        json_auto_t *document = trust         ? json_incref(trust->after)
                                : role->trust ? irsa_policy_document_once(role->trust)
                                              : NULL;
        if (!goes(plan, IRSA_OBJECT_ROLE, role->arn) && names(document, deletion->target))
            irsa_strings_take(&ret->names, irsa_format("role %s", role->name));
    }
    ret->unseen = irsa_arn_parse(deletion->target, &arn, &ignored) != 0
                  || !irsa_facts_roles_listed(facts, arn.account);
}

/* --- namespaces ------------------------------------------------------------------------------- */

static void add_inhabitant(struct irsa_undo_users *ret, const char *kind, const char *name)
{
    irsa_strings_take(&ret->names, irsa_format("%s %s", kind, name));
}

/* Kubernetes itself puts the account `default` into every namespace
 * (https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts). */
static void namespace_users(const struct irsa_plan *plan, const struct irsa_change *deletion,
                            struct irsa_undo_users *ret)
{
    static const char *const reads[] = {"list pods", "list serviceaccounts",
                                        "list deployments.apps"};
    const struct irsa_facts *facts = plan->facts;
    const char *space = deletion->target;
    for (size_t i = 0; i < facts->service_account_count; i++) {
        const struct irsa_service_account *account = &facts->service_accounts[i];
        irsa_autofree char *target = irsa_format("%s/%s", space, account->name);
        if (strcmp(account->namespace_, space) == 0 && strcmp(account->name, "default") != 0
            && !goes(plan, IRSA_OBJECT_SERVICE_ACCOUNT, target))
            add_inhabitant(ret, "service account", account->name);
    }
    for (size_t i = 0; i < facts->workload_count; i++) {
        const struct irsa_workload *workload = &facts->workloads[i];
        if (strcmp(workload->namespace_, space) == 0 && !workload->owner_kind)
            add_inhabitant(ret, workload->kind, workload->name);
    }
    for (size_t i = 0; i < facts->pod_count; i++) {
        if (strcmp(facts->pods[i].namespace_, space) == 0)
            add_inhabitant(ret, "pod", facts->pods[i].name);
    }
    for (size_t i = 0; i < IRSA_COUNT(reads); i++)
        ret->unseen = ret->unseen || irsa_facts_denied(facts, reads[i], NULL, space);
}

void irsa_undo_users(const struct irsa_plan *plan, const struct irsa_change *deletion,
                     struct irsa_undo_users *ret)
{
    *ret = (struct irsa_undo_users){0};
    switch (deletion->kind) {
    case IRSA_OBJECT_ROLE:
        role_users(plan, deletion, ret);
        break;
    case IRSA_OBJECT_PROVIDER:
        provider_users(plan, deletion, ret);
        break;
    case IRSA_OBJECT_NAMESPACE:
        namespace_users(plan, deletion, ret);
        break;
    default:
        break;
    }
    irsa_strings_sort(&ret->names);
}
