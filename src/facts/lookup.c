/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/internal.h"

#include <ctype.h>

static bool has(const struct irsa_map *map, const char *key)
{
    return key && irsa_map_get(map, key) != IRSA_MAP_NONE;
}

const struct irsa_cluster *irsa_facts_cluster(const struct irsa_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->cluster_count; i++) {
        const struct irsa_cluster *cluster = &facts->clusters[i];
        if (strcmp(cluster->name, name) == 0 || (cluster->arn && strcmp(cluster->arn, name) == 0))
            return cluster;
    }
    return NULL;
}

/* --- IAM -------------------------------------------------------------------------------------- */

const struct irsa_provider *irsa_facts_provider(const struct irsa_facts *facts, const char *arn)
{
    size_t found = arn ? irsa_map_get(&facts->index->providers, arn) : IRSA_MAP_NONE;
    return found == IRSA_MAP_NONE ? NULL : &facts->providers[found];
}

bool irsa_facts_providers_listed(const struct irsa_facts *facts, const char *account)
{
    return has(&facts->index->listed[IRSA_LISTING_PROVIDERS], account);
}

bool irsa_facts_clusters_listed(const struct irsa_facts *facts, const char *account,
                                const char *region)
{
    irsa_autofree char *key = irsa_format("%s/%s", account, region);
    return has(&facts->index->clusters_listed, key);
}

bool irsa_facts_is_cluster_issuer(const struct irsa_facts *facts, const char *issuer)
{
    for (size_t i = 0; i < facts->cluster_count; i++) {
        const char *seen = facts->clusters[i].issuer;
        if (seen && irsa_has_prefix(seen, "https://") && strcmp(seen + 8, issuer) == 0)
            return true;
    }
    return has(&facts->index->cluster_issuers, issuer);
}

enum irsa_presence irsa_facts_provider_presence(const struct irsa_facts *facts, const char *arn)
{
    if (irsa_facts_provider(facts, arn))
        return IRSA_PRESENT;
    if (has(&facts->index->absent_providers, arn))
        return IRSA_ABSENT;
    irsa_auto_provider_arn parsed = {0};
    irsa_auto_error why = NULL;
    if (!arn || irsa_provider_arn_parse(arn, &parsed, &why) != 0)
        return IRSA_UNSEEN;
    return irsa_facts_providers_listed(facts, parsed.account) ? IRSA_ABSENT : IRSA_UNSEEN;
}

const struct irsa_role *irsa_facts_role(const struct irsa_facts *facts, const char *arn)
{
    size_t found = arn ? irsa_map_get(&facts->index->roles, arn) : IRSA_MAP_NONE;
    return found == IRSA_MAP_NONE ? NULL : &facts->roles[found];
}

static const struct irsa_role *role_by(const struct irsa_facts *facts,
                                       const struct irsa_map *in_account,
                                       const struct irsa_map *anywhere,
                                       const struct irsa_map *twice, const char *account,
                                       const char *name)
{
    irsa_auto_key key = {0};
    if (!name || (!account && has(twice, name)))
        return NULL;
    size_t found = account ? irsa_map_get(in_account, irsa_key_of(&key, account, name, NULL))
                           : irsa_map_get(anywhere, name);
    return found == IRSA_MAP_NONE ? NULL : &facts->roles[found];
}

const struct irsa_role *irsa_facts_role_named(const struct irsa_facts *facts, const char *account,
                                              const char *name)
{
    const struct irsa_facts_index *index = facts->index;
    return role_by(facts, &index->role_names, &index->names_anywhere, &index->names_twice, account,
                   name);
}

/* https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html: "Names are not
 * distinguished by case". */
const struct irsa_role *irsa_facts_role_like(const struct irsa_facts *facts, const char *account,
                                             const char *name)
{
    const struct irsa_facts_index *index = facts->index;
    irsa_autofree char *like = name ? irsa_lower(name) : NULL;
    return role_by(facts, &index->role_likes, &index->likes_anywhere, &index->likes_twice, account,
                   like);
}

bool irsa_facts_roles_listed(const struct irsa_facts *facts, const char *account)
{
    return has(&facts->index->listed[IRSA_LISTING_ROLES], account);
}

enum irsa_presence irsa_facts_role_presence(const struct irsa_facts *facts, const char *account,
                                            const char *name)
{
    if (irsa_facts_role_named(facts, account, name))
        return IRSA_PRESENT;
    irsa_auto_key key = {0};
    if (account && name && has(&facts->index->absent_roles, irsa_key_of(&key, account, name, NULL)))
        return IRSA_ABSENT;
    return irsa_facts_roles_listed(facts, account) ? IRSA_ABSENT : IRSA_UNSEEN;
}

const struct irsa_managed_policy *irsa_facts_managed_policy(const struct irsa_facts *facts,
                                                            const char *arn)
{
    size_t found = arn ? irsa_map_get(&facts->index->managed_policies, arn) : IRSA_MAP_NONE;
    return found == IRSA_MAP_NONE ? NULL : &facts->managed_policies[found];
}

const struct irsa_pod_identity_association *irsa_facts_association(const struct irsa_facts *facts,
                                                                   const char *namespace_,
                                                                   const char *service_account)
{
    irsa_auto_key key = {0};
    size_t found = irsa_map_get(&facts->index->associations_of,
                                irsa_key_of(&key, namespace_, service_account, NULL));
    return found == IRSA_MAP_NONE ? NULL : &facts->associations[found];
}

const struct irsa_denied *irsa_facts_denied(const struct irsa_facts *facts, const char *action,
                                            const char *account, const char *resource)
{
    for (size_t i = 0; i < facts->denied_count; i++) {
        const struct irsa_denied *denied = &facts->denied[i];
        if (strcmp(denied->action, action) == 0
            && (!account || !denied->account || strcmp(denied->account, account) == 0)
            && (!resource || !denied->resource || strcmp(denied->resource, resource) == 0))
            return denied;
    }
    return NULL;
}

bool irsa_denied_by_kubernetes(const struct irsa_denied *denied)
{
    return strchr(denied->action, ' ') != NULL;
}

char *irsa_denied_text(const struct irsa_denied *denied)
{
    if (!irsa_denied_by_kubernetes(denied) || !denied->resource)
        return irsa_strdup(denied->action);
    bool itself = strcmp(denied->action, "get namespaces") == 0;
    return irsa_format("%s%s %s", denied->action, itself ? "" : " in namespace", denied->resource);
}

/* --- Kubernetes ------------------------------------------------------------------------------- */

const struct irsa_service_account *
irsa_facts_service_account(const struct irsa_facts *facts, const char *namespace_, const char *name)
{
    irsa_auto_key key = {0};
    size_t found =
        irsa_map_get(&facts->index->service_accounts, irsa_key_of(&key, namespace_, name, NULL));
    return found == IRSA_MAP_NONE ? NULL : &facts->service_accounts[found];
}

enum irsa_presence irsa_facts_service_account_presence(const struct irsa_facts *facts,
                                                       const char *namespace_, const char *name)
{
    if (irsa_facts_service_account(facts, namespace_, name))
        return IRSA_PRESENT;
    irsa_auto_key key = {0};
    if (has(&facts->index->accounts_listed, namespace_) || has(&facts->index->accounts_listed, "*")
        || has(&facts->index->absent_accounts, irsa_key_of(&key, namespace_, name, NULL))
        || irsa_facts_namespace_presence(facts, namespace_) == IRSA_ABSENT)
        return IRSA_ABSENT;
    return IRSA_UNSEEN;
}

const struct irsa_namespace *irsa_facts_namespace(const struct irsa_facts *facts, const char *name)
{
    size_t found = irsa_map_get(&facts->index->namespaces, name);
    return found == IRSA_MAP_NONE ? NULL : &facts->namespaces[found];
}

enum irsa_presence irsa_facts_namespace_presence(const struct irsa_facts *facts, const char *name)
{
    if (irsa_facts_namespace(facts, name) || has(&facts->index->namespaces_seen, name))
        return IRSA_PRESENT;
    return facts->index->namespaces_listed || has(&facts->index->absent_namespaces, name)
               ? IRSA_ABSENT
               : IRSA_UNSEEN;
}

const struct irsa_workload *irsa_facts_workload(const struct irsa_facts *facts, const char *kind,
                                                const char *namespace_, const char *name)
{
    irsa_auto_key key = {0};
    size_t found =
        irsa_map_get(&facts->index->workloads, irsa_key_of(&key, kind, namespace_, name));
    return found == IRSA_MAP_NONE ? NULL : &facts->workloads[found];
}

static const uint32_t *places_of(const struct irsa_groups *groups, const char *namespace_,
                                 const char *name, size_t *ret_count)
{
    irsa_auto_key key = {0};
    size_t group = irsa_map_get(&groups->names, irsa_key_of(&key, namespace_, name, NULL));
    *ret_count = 0;
    if (group == IRSA_MAP_NONE)
        return NULL;
    *ret_count = groups->starts[group + 1] - groups->starts[group];
    return groups->places + groups->starts[group];
}

const uint32_t *irsa_facts_pods_of(const struct irsa_facts *facts, const char *namespace_,
                                   const char *service_account, size_t *ret_count)
{
    return places_of(&facts->index->pods_of, namespace_, service_account, ret_count);
}

const uint32_t *irsa_facts_workloads_of(const struct irsa_facts *facts, const char *namespace_,
                                        const char *service_account, size_t *ret_count)
{
    return places_of(&facts->index->workloads_of, namespace_, service_account, ret_count);
}

/* Deployments name their ReplicaSets NAME-HASH, CronJobs their Jobs NAME-TIME: where the object
 * between was not captured, its name leads to the owner if that one is known. */
static const struct irsa_workload *owner_by_name(const struct irsa_facts *facts, const char *kind,
                                                 const char *namespace_, const char *name)
{
    const char *dash = strrchr(name, '-');
    if (!dash || dash == name)
        return NULL;
    irsa_autofree char *stem = irsa_strndup(name, (size_t)(dash - name));
    return irsa_facts_workload(facts, kind, namespace_, stem);
}

void irsa_facts_pod_owner(const struct irsa_facts *facts, const struct irsa_pod *pod,
                          const char **ret_kind, const char **ret_name)
{
    *ret_kind = pod->owner_kind ? pod->owner_kind : "Pod";
    *ret_name = pod->owner_name ? pod->owner_name : pod->name;
    bool replica_set = strcmp(*ret_kind, "ReplicaSet") == 0;
    if (!replica_set && strcmp(*ret_kind, "Job") != 0)
        return;
    const struct irsa_workload *between =
        irsa_facts_workload(facts, *ret_kind, pod->namespace_, *ret_name);
    if (between && between->owner_kind && between->owner_name) {
        *ret_kind = between->owner_kind;
        *ret_name = between->owner_name;
        return;
    }
    const struct irsa_workload *owner =
        between ? NULL
                : owner_by_name(facts, replica_set ? "Deployment" : "CronJob", pod->namespace_,
                                *ret_name);
    if (owner) {
        *ret_kind = owner->kind;
        *ret_name = owner->name;
    }
}

const struct irsa_webhook *irsa_facts_webhook(const struct irsa_facts *facts)
{
    for (size_t i = 0; i < facts->webhook_count; i++) {
        if (facts->webhooks[i].identity)
            return &facts->webhooks[i];
    }
    return NULL;
}

enum irsa_presence irsa_facts_webhook_presence(const struct irsa_facts *facts)
{
    if (irsa_facts_webhook(facts))
        return IRSA_PRESENT;
    return facts->index->webhooks_listed ? IRSA_ABSENT : IRSA_UNSEEN;
}
