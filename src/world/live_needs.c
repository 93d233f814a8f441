/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What has to be read for an intent. A few roles that are known by name are asked for one by one;
 * for everything else, and for many, one listing is cheaper.
 */
#include "world/live.h"

static bool is_literal(const char *text)
{
    return strpbrk(text, "*?") == NULL;
}

/* The namespace of a pattern of -s, or NULL where it is not told. The caller's. */
static char *namespace_of(const struct irsa_intent *intent, const char *pattern)
{
    const char *slash = strchr(pattern, '/');
    if (slash)
        return irsa_strndup(pattern, (size_t)(slash - pattern));
    return intent->namespaces.len == 1 ? irsa_strdup(intent->namespaces.items[0]) : NULL;
}

bool irsa_live_is_asked_for(const struct irsa_intent *intent, const char *namespace_,
                            const char *name)
{
    for (size_t i = 0; i < intent->service_accounts.len; i++) {
        const char *pattern = intent->service_accounts.items[i];
        const char *slash = strchr(pattern, '/');
        irsa_autofree char *space = namespace_of(intent, pattern);
        if (space && irsa_glob_match(space, namespace_)
            && irsa_glob_match(slash ? slash + 1 : pattern, name))
            return true;
    }
    return false;
}

/* The wish for exactly the account that a pattern of -s names, or NULL. */
static const struct irsa_wish *wish_of(const struct irsa_intent *intent, const char *pattern)
{
    const char *slash = strchr(pattern, '/');
    const char *name = slash ? slash + 1 : pattern;
    irsa_autofree char *namespace_ = namespace_of(intent, pattern);
    if (!namespace_ || !is_literal(pattern) || !is_literal(namespace_))
        return NULL;
    for (size_t i = 0; i < intent->wish_count; i++) {
        const struct irsa_wish *wish = &intent->wishes[i];
        if (strcmp(wish->namespace_, namespace_) == 0 && strcmp(wish->service_account, name) == 0)
            return wish;
    }
    return NULL;
}

/* True when every service account that was asked for has a role by its wish. */
static bool roles_are_named(const struct irsa_intent *intent, struct irsa_strings *ret)
{
    if (intent->service_accounts.len == 0 || intent->selector)
        return false;
    for (size_t i = 0; i < intent->service_accounts.len; i++) {
        const struct irsa_wish *wish = wish_of(intent, intent->service_accounts.items[i]);
        if (!wish || !wish->role)
            return false;
        if (!irsa_strings_has(ret, wish->role))
            irsa_strings_add(ret, wish->role);
    }
    return ret->len <= IRSA_ROLES_ONE_BY_ONE;
}

/* A cluster that EKS does not know: its issuer is told, and is none of EKS's or has no name there.
 */
static bool is_self_managed(const struct irsa_intent *intent)
{
    irsa_auto_issuer issuer = {0};
    irsa_auto_error ignored = NULL;
    if (!intent->issuer || irsa_issuer_parse(intent->issuer, &issuer, &ignored) != 0)
        return false;
    return !intent->cluster_name || !issuer.id;
}

/* Who else trusts a provider, and what hangs on a role: all roles, with their policies. */
static void need_for_undo(const struct irsa_intent *intent, struct live_needs *ret)
{
    ret->associations = false;
    ret->list_roles = true;
    ret->details = true;
    for (size_t i = 0; i < intent->undo_roles.len; i++)
        irsa_strings_add(&ret->roles, intent->undo_roles.items[i]);
}

void irsa_live_needs(const struct irsa_intent *intent, struct live_needs *ret)
{
    bool self_managed = is_self_managed(intent);
    irsa_auto_strings named = {0};
    *ret = (struct live_needs){
        .describe_cluster = !self_managed,
        .list_clusters = !self_managed && !intent->cluster_name,
        .associations = !self_managed,
    };
    for (size_t i = 0; i < intent->wish_count; i++) {
        const struct irsa_wish *wish = &intent->wishes[i];
        const struct irsa_role_settings *settings = &wish->settings;
        ret->documents = ret->documents || wish->need_count > 0;
        /* Only a role's own answer and the details show its boundary. */
        ret->details = ret->details || wish->need_count > 0 || settings->policy_arns.len > 0
                       || settings->policy_names.len > 0 || settings->boundary;
        if (wish->role && !irsa_strings_has(&ret->roles, wish->role))
            irsa_strings_add(&ret->roles, wish->role);
    }
    if (intent->undo) {
        need_for_undo(intent, ret);
        return;
    }
    ret->other_accounts = intent->repoint || intent->prune;
    ret->all_clusters = intent->prune;
    ret->list_roles = ret->other_accounts || !roles_are_named(intent, &named);
    if (!ret->list_roles) {
        struct irsa_strings all = ret->roles;
        ret->roles = named;
        named = all;
    }
}

void irsa_live_needs_done(struct live_needs *needs)
{
    irsa_strings_done(&needs->roles);
}
