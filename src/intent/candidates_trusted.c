/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/resolve.h"

/* Accounts compared with a name one by one; beyond, only equal names count. */
#define USERS_MAX 16

/* Who has a role by annotation or wish: a name in its trust policy that is nowhere to be seen is
 * most likely a misspelling of one of them. */
struct role_use {
    size_t users[USERS_MAX]; /* indexes of candidates */
    size_t count;
    bool misfit; /* one of them is not named by the trust policy */
};

struct uses {
    struct role_use *roles; /* one a role of the facts */
    struct irsa_map names;  /* "ROLE-INDEX NAME" of its users */
};

static void collect_uses(const struct irsa_candidates *all, struct uses *uses)
{
    uses->roles = irsa_calloc(all->facts->role_count, sizeof(*uses->roles));
    for (size_t i = 0; i < all->len; i++) {
        const struct irsa_candidate *candidate = &all->items[i];
        struct irsa_binding binding = {0};
        irsa_wanted_role(all, candidate, &binding);
        size_t role = binding.role_arn ? irsa_role_index(all->facts, binding.role_arn) : SIZE_MAX;
        irsa_binding_done(&binding);
        if (role == SIZE_MAX)
            continue;
        struct role_use *use = &uses->roles[role];
        if (use->count < USERS_MAX)
            use->users[use->count++] = i;
        irsa_autofree char *key = irsa_format("%zu %s", role, candidate->service_account);
        (void)irsa_map_put(&uses->names, key, i);
        use->misfit = use->misfit
                      || !irsa_trust_index_has(all->trust, role, candidate->namespace_,
                                               candidate->service_account);
    }
}

static bool is_near_a_user(const struct irsa_candidates *all, const struct uses *uses,
                           const struct irsa_trust_name *name)
{
    irsa_autofree char *key = irsa_format("%zu %s", name->role, name->service_account);
    if (irsa_map_get(&uses->names, key) != IRSA_MAP_NONE)
        return true;
    const struct role_use *use = &uses->roles[name->role];
    for (size_t i = 0; i < use->count; i++) {
        const struct irsa_candidate *user = &all->items[use->users[i]];
        if (strcmp(user->namespace_, name->namespace_) == 0
            && irsa_nearest(name->service_account, (const char *const *)&user->service_account, 1))
            return true;
    }
    return false;
}

/* A name in a trust policy alone: is there somebody behind it? */
static bool may_be_new(const struct irsa_candidates *all, const struct uses *uses,
                       const struct irsa_trust_name *name)
{
    switch (
        irsa_facts_service_account_presence(all->facts, name->namespace_, name->service_account)) {
    case IRSA_PRESENT:
        return true;
    case IRSA_ABSENT:
        return name->side == IRSA_SIDE_OURS && !uses->roles[name->role].misfit;
    case IRSA_UNSEEN:
        return name->side == IRSA_SIDE_OURS && !is_near_a_user(all, uses, name);
    }
    return false;
}

void irsa_candidates_collect_trusted(struct irsa_candidates *all)
{
    struct uses uses = {0};
    collect_uses(all, &uses);
    for (size_t i = 0; i < all->trust->name_count; i++) {
        const struct irsa_trust_name *name = &all->trust->names[i];
        if (name->side != IRSA_SIDE_OTHER && may_be_new(all, &uses, name))
            (void)irsa_candidate_of(all, name->namespace_, name->service_account);
    }
    free(uses.roles);
    irsa_map_done(&uses.names);
}

void irsa_candidates_link_trust(struct irsa_candidates *all)
{
    for (size_t i = 0; i < all->trust->name_count; i++) {
        const struct irsa_trust_name *name = &all->trust->names[i];
        struct irsa_candidate *candidate =
            irsa_candidate_find(all, name->namespace_, name->service_account);
        if (name->side == IRSA_SIDE_OTHER || !candidate)
            continue;
        candidate->trusting =
            irsa_grow(candidate->trusting, candidate->trusting_count, sizeof(*candidate->trusting));
        candidate->trusting[candidate->trusting_count++] = i;
        if (!candidate->annotation && !candidate->wrong_key)
            candidate->named_by |= IRSA_NAMED_BY_TRUST;
    }
}
