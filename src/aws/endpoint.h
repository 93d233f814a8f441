/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a service is and for which region it is signed: by partition, region and the FIPS and
 * dual-stack switches, or what the user set. The facts are those of the endpoint rule sets that the
 * AWS SDKs share (https://github.com/boto/botocore/tree/develop/botocore/data, of botocore 1.44.5);
 * tests/oracle/endpoint_oracle.py compares.
 */
#ifndef IRSA_FIX_AWS_ENDPOINT_H
#define IRSA_FIX_AWS_ENDPOINT_H

#include "irsa/base.h"

enum irsa_aws_service {
    IRSA_AWS_STS, /* regional:
                     https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html
                   */
    IRSA_AWS_IAM, /* one endpoint a partition */
    IRSA_AWS_EKS,
    IRSA_AWS_SSO,      /* the portal: GetRoleCredentials */
    IRSA_AWS_SSO_OIDC, /* CreateToken */
    IRSA_AWS_SIGNIN,   /* CreateOAuth2Token, of `aws login` */
};

struct irsa_aws_endpoint_options {
    enum irsa_aws_service service;
    const char *region; /* "eu-west-1"; "aws-global" is STS's and IAM's own of the partition aws */
    bool fips;
    bool dual_stack;
    const char *url; /* what the user set (irsa_aws_config_endpoint), or NULL */
};
struct irsa_aws_endpoint {
    char *url; /* "https://sts.eu-west-1.amazonaws.com", no slash at the end of what is not the
                  user's */
    char *signing_region;
    const char *signing_name; /* static */
    bool plain_http;          /* the user's, with http: irsa_http_request.plain_http */
};
/* Errors: PARSE: a region of no partition; FIPS or dual stack together with a URL (the SDKs refuse
 * that too); a URL that is not http or https or has a query. */
int irsa_aws_endpoint_find(const struct irsa_aws_endpoint_options *options,
                           struct irsa_aws_endpoint *ret, struct irsa_error **reterr);
void irsa_aws_endpoint_done(struct irsa_aws_endpoint *endpoint);
#define irsa_auto_aws_endpoint IRSA_CLEANUP(irsa_aws_endpoint_done) struct irsa_aws_endpoint

#endif
