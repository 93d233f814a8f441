/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an EKS cluster's API server is reached by, from the AWS session of the live world: its
 * endpoint and CA by DescribeCluster, and a token that is a signed request. Asked for by whoever
 * reads Kubernetes, at any time: one of both has AWS at a time.
 */
#include "world/live_kube.h"

struct irsa_live_eks {
    struct irsa_kube_eks functions;
    struct irsa_aws *aws; /* borrowed; NULL: not there yet */
    bool wanted;
    char *described; /* the cluster that was asked about on the way to its API server, or NULL */
    json_t *cluster; /* the answer, until it is taken */
    pthread_mutex_t lock;
};

void irsa_live_eks_set(struct irsa_live_eks *eks, struct irsa_aws *aws)
{
    eks->aws = aws;
}

bool irsa_live_eks_wanted(const struct irsa_live_eks *eks)
{
    return eks->wanted;
}

static int check_there(struct irsa_live_eks *eks, struct irsa_error **reterr)
{
    if (eks->aws)
        return 0;
    eks->wanted = true;
    return irsa_fail(reterr, IRSA_E_AUTH, "there is no AWS session yet");
}

void irsa_live_lock_aws(struct live *live)
{
    if (live->eks)
        (void)pthread_mutex_lock(&live->eks->lock);
}

void irsa_live_unlock_aws(struct live *live)
{
    if (live->eks)
        (void)pthread_mutex_unlock(&live->eks->lock);
}

json_t *irsa_live_eks_take_cluster(struct irsa_live_eks *eks, const char *name)
{
    json_t *answer = NULL;
    (void)pthread_mutex_lock(&eks->lock);
    if (eks->described && strcmp(eks->described, name) == 0)
        answer = irsa_steal(&eks->cluster);
    (void)pthread_mutex_unlock(&eks->lock);
    return answer;
}

/* --- the token -------------------------------------------------------------------------------- */

/* The entry's own profile and role: `aws eks get-token --profile P --role-arn R` takes R by P. */
static int token_as(struct irsa_aws *aws, const char *cluster, const char *region,
                    const char *profile, const char *role_arn, struct irsa_secret *ret_token,
                    int64_t *ret_expiry, struct irsa_error **reterr)
{
    irsa_auto_aws by_profile = NULL;
    irsa_auto_aws by_role = NULL;
    if (profile && irsa_aws_open_other(aws, profile, NULL, &by_profile, reterr) != 0)
        return -1;
    if (by_profile)
        aws = by_profile;
    if (role_arn && irsa_aws_open_other(aws, NULL, role_arn, &by_role, reterr) != 0)
        return -1;
    if (by_role)
        aws = by_role;
    return irsa_aws_eks_token(aws, cluster, region, ret_token, ret_expiry, reterr);
}

static int token(void *context, const char *cluster, const char *region, const char *profile,
                 const char *role_arn, struct irsa_secret *ret_token, int64_t *ret_expiry,
                 struct irsa_error **reterr)
{
    struct irsa_live_eks *eks = context;
    if (check_there(eks, reterr) != 0)
        return -1;
    (void)pthread_mutex_lock(&eks->lock);
    int r = token_as(eks->aws, cluster, region, profile, role_arn, ret_token, ret_expiry, reterr);
    (void)pthread_mutex_unlock(&eks->lock);
    return r;
}

/* --- the endpoint ----------------------------------------------------------------------------- */

/* The CA's PEM text; the caller's, or NULL. */
static char *decode(const char *base64)
{
    irsa_auto_buf text = {0};
    unsigned bits = 0;
    unsigned held = 0;
    for (const char *p = base64; *p && *p != '='; p++) {
        static const char digits[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const char *digit = strchr(digits, *p);
        if (!digit)
            return NULL;
        bits = bits << 6 | (unsigned)(digit - digits);
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        irsa_buf_addc(&text, (char)(bits >> held & 0xff));
    }
    return irsa_buf_steal(&text);
}

/* https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html */
static int take_endpoint(const char *cluster, const struct irsa_aws_call *call, char **ret_server,
                         char **ret_ca_pem, struct irsa_error **reterr)
{
    const char *server = irsa_json_string(call->answer, "cluster", "endpoint", NULL);
    const char *status = irsa_json_string(call->answer, "cluster", "status", NULL);
    const char *data =
        irsa_json_string(call->answer, "cluster", "certificateAuthority", "data", NULL);
    if (!server)
        return irsa_fail(reterr, IRSA_E_NOT_FOUND,
                         "EKS cluster %s has no endpoint (its status: %s)", cluster,
                         status ? status : "unknown");
    irsa_autofree char *pem = data ? decode(data) : NULL;
    if (data && !pem)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "EKS cluster %s: certificateAuthority.data is no base64", cluster);
    *ret_server = irsa_strdup(server);
    *ret_ca_pem = irsa_steal(&pem);
    return 0;
}

static void keep_cluster(struct irsa_live_eks *eks, const char *name, json_t *answer)
{
    free(eks->described);
    json_decref(eks->cluster);
    eks->described = irsa_strdup(name);
    eks->cluster = json_incref(answer);
}

static int endpoint(void *context, const char *cluster, const char *region, char **ret_server,
                    char **ret_ca_pem, struct irsa_error **reterr)
{
    struct irsa_live_eks *eks = context;
    (void)region; /* the session's own: both come from the command line */
    struct irsa_aws_call call = {.operation = IRSA_EKS_DESCRIBE_CLUSTER,
                                 .parameters = json_pack("{s:s}", "name", cluster)};
    struct irsa_aws_call *calls[] = {&call};
    int r = -1;
    if (check_there(eks, reterr) != 0) {
        json_decref(call.parameters);
        return -1;
    }
    (void)pthread_mutex_lock(&eks->lock);
    call.aws = eks->aws;
    irsa_aws_call_all(calls, 1);
    if (call.answer)
        keep_cluster(eks, cluster, call.answer);
    (void)pthread_mutex_unlock(&eks->lock);
    if (call.error)
        *reterr = irsa_steal(&call.error);
    else
        r = take_endpoint(cluster, &call, ret_server, ret_ca_pem, reterr);
    irsa_aws_call_done(&call);
    return r;
}

struct irsa_live_eks *irsa_live_eks_new(void)
{
    struct irsa_live_eks *eks = irsa_calloc(1, sizeof(*eks));
    eks->functions = (struct irsa_kube_eks){.token = token, .endpoint = endpoint, .context = eks};
    (void)pthread_mutex_init(&eks->lock, NULL);
    return eks;
}

void irsa_live_eks_free(struct irsa_live_eks *eks)
{
    if (!eks)
        return;
    free(eks->described);
    json_decref(eks->cluster);
    (void)pthread_mutex_destroy(&eks->lock);
    free(eks);
}

const struct irsa_kube_eks *irsa_live_eks_functions(struct irsa_live_eks *eks)
{
    return &eks->functions;
}
