/* SPDX-License-Identifier: Apache-2.0 */
/* Whose account everything is about. */
#include "facts/internal.h"

struct home {
    const char *account;
    const char *partition;
    bool several;
};

static void consider(struct home *home, const char *account, const char *partition)
{
    if (!account || !partition || home->several)
        return;
    if (!home->account) {
        home->account = account;
        home->partition = partition;
    } else if (strcmp(home->account, account) != 0) {
        home->several = true;
    }
}

/* The caller's account, else that of the clusters, else the only one that occurs. */
const char *irsa_home_account(const struct irsa_facts *facts, const char **ret_partition)
{
    struct home home = {0};
    if (facts->caller.arn)
        consider(&home, facts->caller.account, irsa_partition_of_arn(facts->caller.arn));
    if (!home.account) {
        for (size_t i = 0; i < facts->cluster_count; i++)
            consider(&home, facts->clusters[i].account, facts->clusters[i].partition);
    }
    if (!home.account) {
        for (size_t i = 0; i < facts->role_count; i++)
            consider(&home, facts->roles[i].account, facts->roles[i].partition);
        for (size_t i = 0; i < facts->provider_count; i++)
            consider(&home, facts->providers[i].account, facts->providers[i].partition);
    }
    if (home.several)
        return NULL;
    *ret_partition = home.partition;
    return home.account;
}
