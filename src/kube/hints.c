/* SPDX-License-Identifier: Apache-2.0 */
/* Which EKS cluster is this? `aws eks update-kubeconfig` names its entries by the cluster's ARN and
 * asks `aws eks get-token --region R --cluster-name N`
 * (https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html); eksctl names the
 * cluster's entry NAME.REGION.eksctl.io and the context USER@NAME.REGION.eksctl.io
 * (https://docs.aws.amazon.com/eks/latest/eksctl/creating-and-managing-clusters.html). The host of
 * an endpoint, ID.gr7.REGION.eks.amazonaws.com, tells the region alone. */
#include "irsa/identity.h"
#include "kube/kube.h"

/* What one source tells. */
struct clue {
    char *name, *region, *account;
};

static void clue_done(struct clue *clue)
{
    free(clue->name);
    free(clue->region);
    free(clue->account);
}

static bool read_arn(const char *text, struct clue *ret)
{
    irsa_auto_error ignored = NULL;
    irsa_auto_cluster_arn arn = {0};
    if (!irsa_has_prefix(text, "arn:") || irsa_cluster_arn_parse(text, &arn, &ignored) != 0)
        return false;
    ret->name = irsa_steal(&arn.name);
    ret->region = irsa_steal(&arn.region);
    ret->account = irsa_steal(&arn.account);
    return true;
}

static bool read_eksctl(const char *text, struct clue *ret)
{
    static const char suffix[] = ".eksctl.io";
    const char *at = strrchr(text, '@');
    const char *start = at ? at + 1 : text;
    if (!irsa_has_suffix(start, suffix))
        return false;
    irsa_autofree char *both = irsa_strndup(start, strlen(start) - strlen(suffix));
    char *dot = strrchr(both, '.');
    if (!dot || dot == both || !irsa_partition_of_region(dot + 1))
        return false;
    *dot = '\0';
    if (strchr(both, '.')) /* no cluster's name has one */
        return false;
    ret->name = irsa_strdup(both);
    ret->region = irsa_strdup(dot + 1);
    return true;
}

static void read_name(const char *text, struct clue *ret)
{
    if (text && !read_arn(text, ret))
        (void)read_eksctl(text, ret);
}

/* ID.gr7.eu-west-1.eks.amazonaws.com, or dual-stack ID.gr7.eks-cluster.eu-west-1.api.aws
 * (https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html). */
static void read_host(const struct irsa_kube *kube, struct clue *ret)
{
    irsa_autofree char *host = irsa_kube_host(kube);
    host[strcspn(host, ":")] = '\0';
    char *end = strstr(host, ".eks.amazonaws.com");
    char *start = NULL;
    if (end) {
        *end = '\0';
        start = strrchr(host, '.');
    } else {
        start = strstr(host, ".eks-cluster.");
        start = start ? start + strlen(".eks-cluster") : NULL;
        end = start ? strstr(start, ".api.a") : NULL;
        if (end)
            *end = '\0';
    }
    if (start && irsa_partition_of_region(start + 1))
        ret->region = irsa_strdup(start + 1);
}

/* What is known already stays; an account belongs to the cluster that its source names. */
static void follow(struct irsa_kube *kube, struct clue *clue)
{
    bool same = !kube->cluster_name || !clue->name || strcmp(kube->cluster_name, clue->name) == 0;
    if (!kube->cluster_name && clue->name)
        kube->cluster_name = irsa_steal(&clue->name);
    if (same && !kube->region && clue->region)
        kube->region = irsa_steal(&clue->region);
    if (same && !kube->account && clue->account)
        kube->account = irsa_steal(&clue->account);
    clue_done(clue);
}

static void follow_context(struct irsa_kube *kube, const char *cluster_entry)
{
    struct clue exec = {0};
    struct clue cluster = {0};
    struct clue context = {0};
    struct clue host = {0};
    exec.name = kube->native.cluster ? irsa_strdup(kube->native.cluster) : NULL;
    exec.region = kube->native.region ? irsa_strdup(kube->native.region) : NULL;
    read_name(cluster_entry, &cluster);
    read_name(kube->context, &context);
    read_host(kube, &host);
    follow(kube, &exec);
    follow(kube, &cluster);
    follow(kube, &context);
    follow(kube, &host);
}

static bool differ(const char *a, const char *b)
{
    return a && b && strcmp(a, b) != 0;
}

static int fail_two(const struct irsa_kube *kube, const char *what, const char *found,
                    const char *asked, struct irsa_error **reterr)
{
    (void)irsa_fail(reterr, IRSA_E_PARSE, "context \"%s\" is of %s %s, but --cluster names %s",
                    kube->context, what, found, asked);
    return irsa_hint(reterr, "leave --cluster out, or give the --context of that cluster");
}

int irsa_kube_conclude(struct irsa_kube *kube, const struct irsa_kube_options *options,
                       const char *cluster_entry, struct irsa_error **reterr)
{
    struct clue asked = {0};
    if (cluster_entry)
        follow_context(kube, cluster_entry);
    int result = 0;
    if (options->cluster && !read_arn(options->cluster, &asked))
        asked.name = irsa_strdup(options->cluster);
    if (differ(asked.name, kube->cluster_name))
        result = fail_two(kube, "cluster", kube->cluster_name, asked.name, reterr);
    else if (differ(asked.region, kube->region))
        result = fail_two(kube, "region", kube->region, asked.region, reterr);
    else if (differ(asked.account, kube->account))
        result = fail_two(kube, "account", kube->account, asked.account, reterr);
    follow(kube, &asked);
    if (!kube->region && options->region)
        irsa_kube_set(&kube->region, options->region);
    return result;
}
