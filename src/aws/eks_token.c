/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bearer token by which EKS' API servers know an AWS identity: a presigned
 * sts:GetCallerIdentity with the cluster's name in a signed header, as `aws eks get-token` and
 * aws-iam-authenticator make it
 * (https://github.com/kubernetes-sigs/aws-iam-authenticator#api-authorization-from-outside-a-cluster).
 */
#include "aws/call.h"
#include "aws/endpoint.h"

#include <time.h>

/* awscli/customizations/eks/get_token.py: the URL holds for a minute, in which the API server has
 * to get it; the token is then good for 15 minutes, of which 14 are counted on. */
#define URL_SECONDS 60
#define TOKEN_SECONDS 840

/* Base64 with the alphabet of URLs and without padding (RFC 4648, 5). */
static void add_base64(struct irsa_buf *buf, const unsigned char *data, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i < 3 ? len - i : 3;
        uint32_t bits = (uint32_t)data[i] << 16;
        bits |= left > 1 ? (uint32_t)data[i + 1] << 8 : 0;
        bits |= left > 2 ? data[i + 2] : 0;
        for (size_t k = 0; k <= left; k++)
            irsa_buf_addc(buf, digits[bits >> (18 - 6 * k) & 63]);
    }
}

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
    add_base64(&token, (const unsigned char *)irsa_secret_expose(&url), url.len);
    irsa_secret_set(ret_token, irsa_buf_str(&token), token.len);
    explicit_bzero(token.data, token.len);
    *ret_expiry = expiry;
    return 0;
}
