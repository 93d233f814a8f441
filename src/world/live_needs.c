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

static void add_new(struct irsa_strings *strings, const char *text)
{
    if (!irsa_strings_has(strings, text))
        irsa_strings_add(strings, text);
}

/* `wish` NULL: none for the account whose role it is. */
static void add_role(const struct irsa_intent *intent, const struct irsa_wish *wish,
                     const char *role, struct live_needs *ret)
{
    add_new(&ret->roles, role);
    if (wish && irsa_live_is_asked_for(intent, wish->namespace_, wish->service_account))
        add_new(&ret->used, role);
    if (wish && wish->need_count > 0)
        add_new(&ret->needed, role);
}

/* Accounts that are named to the letter, as many as roles are read one by one. */
static bool is_few(const struct irsa_intent *intent)
{
    const struct irsa_strings *accounts = &intent->service_accounts;
    bool literal = !intent->selector;
    for (size_t i = 0; i < accounts->len; i++) {
        irsa_autofree char *space = namespace_of(intent, accounts->items[i]);
        literal = literal && is_literal(accounts->items[i]) && space && is_literal(space);
    }
    return literal && accounts->len > 0 && accounts->len <= IRSA_ROLES_ONE_BY_ONE;
}

/* --- annotations ------------------------------------------------------------------------------ */

static const struct irsa_wish *wish_for(const struct irsa_intent *intent,
                                        const struct irsa_service_account *account)
{
    for (size_t i = 0; i < intent->wish_count; i++) {
        const struct irsa_wish *wish = &intent->wishes[i];
        if (strcmp(wish->namespace_, account->namespace_) == 0
            && strcmp(wish->service_account, account->name) == 0)
            return wish;
    }
    return NULL;
}

/* The role that the account is annotated with, parsed; NULL where it has none, or not one. */
static const char *annotated_role(const struct irsa_service_account *account,
                                  struct irsa_role_arn *ret)
{
    const char *value =
        json_string_value(json_object_get(account->annotations, IRSA_ANNOTATION_ROLE_ARN));
    irsa_auto_error ignored = NULL;
    return value && irsa_role_arn_parse(value, ret, &ignored) == 0 ? value : NULL;
}

/* Roles of home are listed with the others; where they are not, those of the accounts asked for are
 * still of interest. */
void irsa_live_needs_annotated(const struct irsa_intent *intent, const struct irsa_facts *facts,
                               const char *home, struct live_needs *needs)
{
    for (size_t i = 0; i < facts->service_account_count; i++) {
        const struct irsa_service_account *account = &facts->service_accounts[i];
        const struct irsa_wish *wish = wish_for(intent, account);
        irsa_auto_role_arn arn = {0};
        const char *role = annotated_role(account, &arn);
        if (!role)
            continue;
        bool asked_for = irsa_live_is_asked_for(intent, account->namespace_, account->name);
        bool elsewhere = home && strcmp(arn.account, home) != 0;
        bool needed = wish && wish->need_count > 0 && !wish->role;
        if (elsewhere || needed || (asked_for && (!needs->list_roles || needs->few)))
            add_new(&needs->roles, role);
        if (asked_for)
            add_new(&needs->used, role);
        if (needed)
            add_new(&needs->needed, role);
    }
}

bool irsa_live_needs_complete(const struct irsa_intent *intent, const struct irsa_facts *facts)
{
    for (size_t i = 0; i < intent->service_accounts.len; i++) {
        const char *pattern = intent->service_accounts.items[i];
        const char *slash = strchr(pattern, '/');
        irsa_autofree char *space = namespace_of(intent, pattern);
        const struct irsa_wish *wish = wish_of(intent, pattern);
        bool found = wish && wish->role;
        for (size_t k = 0; !found && space && k < facts->service_account_count; k++) {
            const struct irsa_service_account *account = &facts->service_accounts[k];
            irsa_auto_role_arn arn = {0};
            found = strcmp(account->namespace_, space) == 0
                    && strcmp(account->name, slash ? slash + 1 : pattern) == 0
                    && annotated_role(account, &arn);
        }
        if (!found)
            return false;
    }
    return is_few(intent);
}

/* --- all of it -------------------------------------------------------------------------------- */

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
        if (wish->role)
            add_role(intent, wish, wish->role, ret);
    }
    if (intent->undo) {
        need_for_undo(intent, ret);
        return;
    }
    ret->few = is_few(intent);
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
    irsa_strings_done(&needs->used);
    irsa_strings_done(&needs->needed);
}
