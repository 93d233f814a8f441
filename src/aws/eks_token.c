/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bearer token by which EKS' API servers know an AWS identity: a presigned
 * sts:GetCallerIdentity with the cluster's name in a signed header, as `aws eks get-token` and
 * aws-iam-authenticator make it
 * (https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster).
 */
#include "aws/call.h"
#include "aws/dpop.h"
#include "aws/endpoint.h"

#include <time.h>

/* awscli/customizations/eks/get_token.py: the URL holds for a minute, in which the API server has
 * to get it; the token is then good for 15 minutes, of which 14 are counted on. */
#define URL_SECONDS 60
#define TOKEN_SECONDS 840

int irsa_aws_eks_token(struct irsa_aws *aws, const char *cluster, const char *region,
                       struct irsa_secret *ret_token, int64_t *ret_expiry,
                       struct irsa_error **reterr)
{
    irsa_auto_secret url = {0};
    irsa_auto_buf token = {0};
    int64_t expiry = (int64_t)time(NULL) + TOKEN_SECONDS;
    struct irsa_http_request request = {.label = "sts:GetCallerIdentity", .method = "GET"};
    irsa_http_request_header(&request, "x-k8s-aws-id", cluster);
    int r = irsa_aws_presign_sts(aws, region, "/?Action=GetCallerIdentity&Version=2011-06-15",
                                 &request, URL_SECONDS, &url, &expiry, reterr);
    irsa_http_request_done(&request);
    if (r != 0)
        return irsa_wrap(reterr, "token for EKS cluster %s", cluster);
    irsa_buf_adds(&token, "k8s-aws-v1.");
    irsa_base64url_encode(irsa_secret_expose(&url), url.len, &token);
    irsa_secret_set(ret_token, irsa_buf_str(&token), token.len);
    explicit_bzero(token.data, token.len);
    *ret_expiry = expiry;
    return 0;
}
