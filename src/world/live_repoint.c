/* SPDX-License-Identifier: Apache-2.0 */
/* What --repoint and --prune need besides: the old cluster, all roles of the other accounts, and
 * which clusters there are at all. */
#include "world/live.h"

/* --- the old cluster -------------------------------------------------------------------------- */

char *irsa_live_old_cluster(const struct live *live)
{
    const char *text = irsa_repoint_cluster_name(live->intent);
    irsa_auto_error ignored = NULL;
    struct irsa_cluster_arn arn = {0};
    if (!text)
        return NULL;
    if (!irsa_has_prefix(text, "arn:"))
        return irsa_strdup(text);
    if (irsa_cluster_arn_parse(text, &arn, &ignored) != 0)
        return NULL;
    /* One of elsewhere can't be asked from here. */
    bool here = strcmp(arn.region, irsa_aws_region(live->home.aws)) == 0 && live->home.id
                && strcmp(arn.account, live->home.id) == 0;
    char *name = here ? irsa_strdup(arn.name) : NULL;
    irsa_cluster_arn_done(&arn);
    return name;
}

/* One of the cluster's own name was read with it; one that is not there leaves it to the plan to
 * say so. */
static int gather_old_cluster(struct gather *gather)
{
    const struct live *live = gather->live;
    irsa_autofree char *name = irsa_live_old_cluster(live);
    if (!name)
        return 0;
    if (!irsa_gather_ask(gather, &live->home, IRSA_EKS_DESCRIBE_CLUSTER,
                         irsa_gather_parameter("name", name), name))
        return 0;
    if (irsa_gather_round(gather) != 0)
        return -1;
    const struct live_read *read =
        irsa_gather_find(gather, IRSA_EKS_DESCRIBE_CLUSTER, &live->home, name);
    return read ? irsa_gather_take(gather, read) : 0;
}

/* --- the other accounts ----------------------------------------------------------------------- */

int irsa_gather_other_accounts(struct gather *gather)
{
    const struct irsa_intent *intent = gather->live->intent;
    if (!gather->needs.other_accounts)
        return 0;
    for (size_t i = 0; i < intent->account_count; i++) {
        const struct live_account *account = NULL;
        if (!intent->accounts[i].profile && !intent->accounts[i].role_arn)
            continue;
        if (irsa_live_account(gather->live, intent->accounts[i].id, &account, gather->reterr) != 0)
            return -1;
        if (account == &gather->live->home || !irsa_gather_enter(gather, account))
            continue;
        irsa_gather_ask_listing(gather, account);
    }
    return 0;
}

/* --- the clusters of the region --------------------------------------------------------------- */

static void ask_described(struct gather *gather, const struct live_account *account)
{
    const struct live_read *listing =
        irsa_gather_find(gather, IRSA_EKS_LIST_CLUSTERS, account, NULL);
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(json_object_get(listing ? listing->call.answer : NULL, "clusters"), i, item)
    {
        const char *name = json_string_value(item);
        if (name)
            irsa_gather_ask(gather, account, IRSA_EKS_DESCRIBE_CLUSTER,
                            irsa_gather_parameter("name", name), name);
    }
}

/* True where each cluster of the listing was described; their issuers are noted. */
static bool note_issuers(struct gather *gather, const struct live_account *account,
                         const json_t *names)
{
    bool all = true;
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(names, i, item)
    {
        const struct live_read *read =
            irsa_gather_find(gather, IRSA_EKS_DESCRIBE_CLUSTER, account, json_string_value(item));
        const char *issuer = read ? irsa_json_string(read->call.answer, "cluster", "identity",
                                                     "oidc", "issuer", NULL)
                                  : NULL;
        all = all && read;
        if (issuer)
            irsa_gather_note(gather, "ClusterIssuers", issuer);
    }
    return all;
}

static void note_clusters(struct gather *gather, const struct live_account *account)
{
    const struct live_read *listing =
        irsa_gather_find(gather, IRSA_EKS_LIST_CLUSTERS, account, NULL);
    if (!listing
        || !note_issuers(gather, account, json_object_get(listing->call.answer, "clusters")))
        return;
    irsa_autofree char *text = irsa_format("%s/%s", account->id, irsa_aws_region(account->aws));
    irsa_gather_note(gather, "ListedClusters", text);
}

/* Of home and of every other account that can be asked. */
static void each_account(struct gather *gather,
                         void (*visit)(struct gather *gather, const struct live_account *account))
{
    visit(gather, &gather->live->home);
    for (size_t i = 0; i < gather->live->other_count; i++) {
        if (gather->live->others[i]->aws)
            visit(gather, gather->live->others[i]);
    }
}

/* https://docs.aws.amazon.com/eks/latest/APIReference/API_ListClusters.html */
static void ask_listing(struct gather *gather, const struct live_account *account)
{
    irsa_gather_ask(gather, account, IRSA_EKS_LIST_CLUSTERS, NULL, NULL);
}

int irsa_gather_clusters(struct gather *gather)
{
    if (gather_old_cluster(gather) != 0)
        return -1;
    if (!gather->needs.all_clusters)
        return 0;
    each_account(gather, ask_listing);
    if (irsa_gather_round(gather) != 0)
        return -1;
    each_account(gather, ask_described);
    if (irsa_gather_round(gather) != 0)
        return -1;
    each_account(gather, note_clusters);
    return 0;
}
