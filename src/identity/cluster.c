/* SPDX-License-Identifier: Apache-2.0 */
#include "identity/text.h"
#include "irsa/identity.h"

/* https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html: name
 * ^[0-9A-Za-z][A-Za-z0-9\-_]*, 1 to 100 characters. */
#define CLUSTER_NAME_MAX 100

void irsa_cluster_arn_done(struct irsa_cluster_arn *arn)
{
    free(arn->partition);
    free(arn->region);
    free(arn->account);
    free(arn->name);
    *arn = (struct irsa_cluster_arn){0};
}

static int check_name(const char *name, struct irsa_error **reterr)
{
    size_t len = strlen(name);
    if (len == 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "cluster name is missing");
    if (len > CLUSTER_NAME_MAX)
        return irsa_fail(reterr, IRSA_E_PARSE, "cluster name has %zu characters, %d are allowed",
                         len, CLUSTER_NAME_MAX);
    for (const char *p = name; *p; p++) {
        if (irsa_is_alnum(*p) || (p > name && (*p == '-' || *p == '_')))
            continue;
        irsa_autofree char *what = irsa_char_text(*p);
        return irsa_fail(reterr, IRSA_E_PARSE, "cluster name %s %s",
                         p == name ? "begins with" : "has", what);
    }
    return 0;
}

/* A region whose name tells no partition is one that AWS opened later: it passes. */
static int check_region(const struct irsa_arn *arn, struct irsa_error **reterr)
{
    if (*arn->region == '\0')
        return irsa_fail(reterr, IRSA_E_PARSE, "region is missing");
    const char *partition = irsa_partition_of_region(arn->region);
    if (partition && strcmp(partition, arn->partition) != 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "region %s is of partition %s, not %s", arn->region,
                         partition, arn->partition);
    return 0;
}

int irsa_cluster_arn_parse(const char *text, struct irsa_cluster_arn *ret,
                           struct irsa_error **reterr)
{
    irsa_auto_arn arn = {0};
    if (irsa_arn_parse(text, &arn, reterr) != 0)
        return -1;
    if (strcmp(arn.service, "eks") != 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "service is \"%.40s\", a cluster's is \"eks\"",
                         arn.service);
    if (check_region(&arn, reterr) != 0 || irsa_account_id_check(arn.account, reterr) != 0)
        return -1;
    if (!irsa_has_prefix(arn.resource, "cluster/"))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "resource is \"%.80s\", a cluster's begins with \"cluster/\"",
                         arn.resource);
    const char *name = arn.resource + strlen("cluster/");
    if (check_name(name, reterr) != 0)
        return -1;
    ret->name = irsa_strdup(name);
    ret->partition = irsa_steal(&arn.partition);
    ret->region = irsa_steal(&arn.region);
    ret->account = irsa_steal(&arn.account);
    return 0;
}
