/* SPDX-License-Identifier: Apache-2.0 */
/* --prune: OIDC providers of EKS clusters that are known to be gone. */
#include "plan/repoint.h"

#include <strings.h>

/* The trust policy as it is once what is not held back was done. */
static const struct irsa_policy *trust_after(const struct irsa_repoint_work *work,
                                             const struct irsa_role *role)
{
    size_t at = irsa_map_get(&work->role_at, role->arn);
    if (at == IRSA_MAP_NONE)
        return role->trust;
    const struct irsa_repoint_edit *edits[] = {&work->roles[at].prune, &work->roles[at].repoint};
    for (size_t i = 0; i < IRSA_COUNT(edits); i++) {
        if (edits[i]->copy.policy && work->plan->intent->allow[edits[i]->class_])
            return edits[i]->copy.policy;
    }
    return role->trust;
}

/* A role of the account whose trust policy names the issuer, or was not seen; NULL: there is none.
 */
static const struct irsa_role *find_user(const struct irsa_repoint_work *work,
                                         const struct irsa_provider *provider, bool *ret_unread)
{
    const struct irsa_facts *facts = work->plan->facts;
    for (size_t i = 0; i < facts->role_count; i++) {
        const struct irsa_role *role = &facts->roles[i];
        irsa_auto_strings issuers = {0};
        if (strcmp(role->account, provider->account) != 0)
            continue;
        *ret_unread = !role->trust || !irsa_policy_has_document(role->trust);
        if (*ret_unread)
            return role;
        irsa_policy_issuers(trust_after(work, role), &issuers);
        for (size_t k = 0; k < issuers.len; k++) {
            if (strcasecmp(issuers.items[k], provider->host_path) == 0)
                return role;
        }
    }
    return NULL;
}

/* An account whose clusters of that region are not all known, or NULL: a provider may be for a
 * cluster of another account. Borrowed. */
static const char *find_unlisted(const struct irsa_plan *plan, const char *account,
                                 const char *region)
{
    const struct irsa_intent *intent = plan->intent;
    if (!irsa_facts_clusters_listed(plan->facts, account, region))
        return account;
    const char *home = plan->bindings.scope.account_id;
    if (home && !irsa_facts_clusters_listed(plan->facts, home, region))
        return home;
    for (size_t i = 0; i < intent->account_count; i++) {
        if (!irsa_facts_clusters_listed(plan->facts, intent->accounts[i].id, region))
            return intent->accounts[i].id;
    }
    return NULL;
}

/* Why it can't be told that nobody needs the provider, or NULL; the caller's. */
static char *doubt_about(const struct irsa_repoint_work *work, const struct irsa_provider *provider,
                         const char *region)
{
    const struct irsa_plan *plan = work->plan;
    if (!irsa_facts_roles_listed(plan->facts, provider->account))
        return irsa_format("the roles of account %s were not listed", provider->account);
    const char *account = find_unlisted(plan, provider->account, region);
    return account ? irsa_format("the clusters of account %s in %s were not all described", account,
                                 region)
                   : NULL;
}

static void report(struct irsa_repoint_work *work, const struct irsa_provider *provider,
                   const char *doubt)
{
    const struct irsa_origins *origins =
        provider->origins.len > 0 ? &provider->origins : &provider->listed_origins;
    size_t at = irsa_repoint_add_finding(work->plan, doubt ? "IRSA135" : "IRSA134");
    struct irsa_finding *finding = &work->plan->diagnosis.findings[at];
    finding->subject_kind = irsa_strdup("OpenIDConnectProvider");
    finding->subject_name = irsa_strdup(provider->arn);
    finding->observed = irsa_strdup(provider->host_path);
    finding->source = irsa_format("%s: Url", irsa_facts_file(work->plan->facts, origins));
    finding->certainty = doubt ? IRSA_NOT_CHECKABLE : IRSA_VERIFIED;
    if (doubt) {
        finding->message = irsa_format("OIDC provider %s of account %s stays: %s",
                                       provider->host_path, provider->account, doubt);
        return;
    }
    finding->message =
        irsa_format("no cluster has the issuer of OIDC provider %s, and no role of account %s "
                    "trusts it",
                    provider->host_path, provider->account);
    finding->help = irsa_strdup("delete it with --allow delete");
    work->orphans = irsa_grow(work->orphans, work->orphan_count, sizeof(*work->orphans));
    work->orphans[work->orphan_count++] =
        (struct irsa_repoint_orphan){.provider = provider, .finding = at};
}

void irsa_repoint_orphans(struct irsa_repoint_work *work)
{
    const struct irsa_plan *plan = work->plan;
    for (size_t i = 0; plan->intent->prune && i < plan->facts->provider_count; i++) {
        const struct irsa_provider *provider = &plan->facts->providers[i];
        irsa_auto_issuer issuer = {0};
        irsa_auto_error ignored = NULL;
        bool unread = false;
        if (!irsa_repoint_is_another_cluster(plan->bindings.scope.issuer, provider->host_path)
            || irsa_issuer_parse(provider->host_path, &issuer, &ignored) != 0
            || irsa_facts_is_cluster_issuer(plan->facts, provider->host_path))
            continue;
        const struct irsa_role *user = find_user(work, provider, &unread);
        if (user && !unread)
            continue; /* in use, as far as can be told */
        irsa_autofree char *doubt =
            user ? irsa_format("the trust policy of role %s was not seen", user->name)
                 : doubt_about(work, provider, issuer.region);
        report(work, provider, doubt);
    }
}

int irsa_repoint_delete_orphans(struct irsa_repoint_work *work, struct irsa_error **reterr)
{
    for (size_t i = 0; i < work->orphan_count; i++) {
        struct irsa_fix fix = {.kind = IRSA_FIX_DELETE_PROVIDER,
                               .class_ = IRSA_CLASS_DELETE,
                               .binding = SIZE_MAX,
                               .target = work->orphans[i].provider->arn};
        struct irsa_fix_at at = {.fix = &fix, .finding = work->orphans[i].finding};
        if (irsa_plan_provider(work->builder, at, reterr) != 0)
            return -1;
    }
    return 0;
}
