/* SPDX-License-Identifier: Apache-2.0 */
/* What can only be indexed once everything was seen. */
#include "facts/internal.h"

void irsa_groups_done(struct irsa_groups *groups)
{
    irsa_map_done(&groups->names);
    free(groups->starts);
    free(groups->places);
}

static void index_role_names(struct irsa_facts *facts)
{
    struct irsa_facts_index *index = facts->index;
    for (size_t i = 0; i < facts->role_count; i++) {
        const struct irsa_role *role = &facts->roles[i];
        irsa_auto_key key = {0};
        irsa_autofree char *like = irsa_lower(role->name);
        irsa_map_put(&index->role_names, irsa_key_of(&key, role->account, role->name, NULL), i);
        irsa_map_put(&index->role_likes, irsa_key_of(&key, role->account, like, NULL), i);
    }
}

/* Whose listing an empty listing was: the account that everything else is about, if there is one.
 */
static void place_empty_listings(struct irsa_facts *facts)
{
    const char *partition = NULL;
    const char *account = irsa_home_account(facts, &partition);
    for (size_t i = 0; account && i < IRSA_LISTING_MAX_; i++) {
        if (facts->index->empty_listing[i])
            irsa_map_put(&facts->index->listed[i], account, 1);
    }
}

/* The service account that a record runs as. */
typedef void account_of(const struct irsa_facts *facts, size_t i, const char **ret_namespace,
                        const char **ret_name);

static void account_of_pod(const struct irsa_facts *facts, size_t i, const char **ret_namespace,
                           const char **ret_name)
{
    *ret_namespace = facts->pods[i].namespace_;
    *ret_name = facts->pods[i].spec.service_account;
}

static void account_of_workload(const struct irsa_facts *facts, size_t i,
                                const char **ret_namespace, const char **ret_name)
{
    *ret_namespace = facts->workloads[i].namespace_;
    *ret_name = facts->workloads[i].spec.service_account;
}

/* A counting sort: which group each record is in, where each group starts, then the places. */
static void build_groups(struct irsa_groups *groups, const struct irsa_facts *facts, size_t count,
                         account_of *account)
{
    uint32_t *group_of = irsa_calloc(count, sizeof(*group_of));
    for (size_t i = 0; i < count; i++) {
        const char *space = NULL;
        const char *name = NULL;
        irsa_auto_key key = {0};
        account(facts, i, &space, &name);
        const char *text = irsa_key_of(&key, space, *name ? name : "default", NULL);
        size_t group = irsa_map_get(&groups->names, text);
        if (group == IRSA_MAP_NONE) {
            group = groups->count++;
            irsa_map_put(&groups->names, text, group);
        }
        group_of[i] = (uint32_t)group;
    }
    groups->starts = irsa_calloc(groups->count + 1, sizeof(*groups->starts));
    groups->places = irsa_calloc(count, sizeof(*groups->places));
    for (size_t i = 0; i < count; i++)
        groups->starts[group_of[i] + 1]++;
    for (size_t g = 0; g < groups->count; g++)
        groups->starts[g + 1] += groups->starts[g];
    uint32_t *next = irsa_calloc(groups->count, sizeof(*next));
    for (size_t i = 0; i < count; i++) {
        uint32_t group = group_of[i];
        groups->places[groups->starts[group] + next[group]++] = (uint32_t)i;
    }
    free(next);
    free(group_of);
}

static void index_associations(struct irsa_facts *facts)
{
    for (size_t i = 0; i < facts->association_count; i++) {
        const struct irsa_pod_identity_association *of = &facts->associations[i];
        irsa_auto_key key = {0};
        irsa_map_put(&facts->index->associations_of,
                     irsa_key_of(&key, of->namespace_, of->service_account, NULL), i);
    }
}

void irsa_index_build(struct irsa_facts *facts)
{
    index_associations(facts);
    index_role_names(facts);
    place_empty_listings(facts);
    build_groups(&facts->index->pods_of, facts, facts->pod_count, account_of_pod);
    build_groups(&facts->index->workloads_of, facts, facts->workload_count, account_of_workload);
}
