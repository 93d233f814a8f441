/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/endpoint.h"

#include "irsa/identity.h"

#include <ctype.h>
#include <strings.h>

/* FIPS and dual stack as bits: the index of a form. */
enum { PLAIN, DUAL_STACK, FIPS, FIPS_DUAL_STACK, FORMS };

/* IAM's rule set names each form of each partition; none follows from the others. */
static const struct partition {
    const char *name;
    const char *global_region; /* that which stands for a partition's own services */
    const char *dual_stack_suffix;
    const char *iam_region; /* IAM's signing region */
    const char *iam[FORMS];
    const char *signin_suffix; /* of AWS Sign-In, which is the console's */
} partitions[] = {
    {"aws",
     "aws-global",
     "api.aws",
     "us-east-1",
     {"iam.amazonaws.com", "iam.global.api.aws", "iam-fips.amazonaws.com",
      "iam-fips.global.api.aws"},
     "aws.amazon.com"},
    {"aws-cn",
     "aws-cn-global",
     "api.amazonwebservices.com.cn",
     "cn-north-1",
     {"iam.cn-north-1.amazonaws.com.cn", "iam.global.api.amazonwebservices.com.cn",
      "iam-fips.amazonaws.com.cn", "iam-fips.api.amazonwebservices.com.cn"},
     "amazonaws.cn"},
    {"aws-eusc",
     "",
     "api.amazonwebservices.eu",
     "eusc-de-east-1",
     {"iam.eusc-de-east-1.amazonaws.eu", "iam.global.api.amazonwebservices.eu",
      "iam-fips.amazonaws.eu", "iam-fips.api.amazonwebservices.eu"},
     "amazonaws-eusc.eu"},
    {"aws-iso",
     "aws-iso-global",
     "api.aws.ic.gov",
     "us-iso-east-1",
     {"iam.us-iso-east-1.c2s.ic.gov", "iam.api.aws.ic.gov", "iam-fips.us-iso-east-1.c2s.ic.gov",
      "iam-fips.api.aws.ic.gov"},
     "c2shome.ic.gov"},
    {"aws-iso-b",
     "aws-iso-b-global",
     "api.aws.scloud",
     "us-isob-east-1",
     {"iam.us-isob-east-1.sc2s.sgov.gov", "iam.api.aws.scloud",
      "iam-fips.us-isob-east-1.sc2s.sgov.gov", "iam-fips.api.aws.scloud"},
     "sc2shome.sgov.gov"},
    {"aws-iso-e",
     "aws-iso-e-global",
     "api.cloud-aws.adc-e.uk",
     "eu-isoe-west-1",
     {"iam.eu-isoe-west-1.cloud.adc-e.uk", "iam.api.cloud-aws.adc-e.uk", "iam-fips.cloud.adc-e.uk",
      "iam-fips.api.cloud-aws.adc-e.uk"},
     "csphome.adc-e.uk"},
    {"aws-iso-f",
     "aws-iso-f-global",
     "api.aws.hci.ic.gov",
     "us-isof-south-1",
     {"iam.us-isof-south-1.csp.hci.ic.gov", "iam.api.aws.hci.ic.gov", "iam-fips.csp.hci.ic.gov",
      "iam-fips.api.aws.hci.ic.gov"},
     "csphome.hci.ic.gov"},
    {"aws-us-gov",
     "aws-us-gov-global",
     "api.aws",
     "us-gov-west-1",
     {"iam.us-gov.amazonaws.com", "iam.us-gov.api.aws", "iam.us-gov.amazonaws.com",
      "iam.us-gov.api.aws"},
     "amazonaws-us-gov.com"},
};

static const struct service {
    const char *signing_name;
    const char *host;
} services[] = {
    [IRSA_AWS_STS] = {"sts", "sts"},
    [IRSA_AWS_IAM] = {"iam", "iam"},
    [IRSA_AWS_EKS] = {"eks", "eks"},
    [IRSA_AWS_SSO] = {"awsssoportal", "portal.sso"},
    [IRSA_AWS_SSO_OIDC] = {"sso-oauth", "oidc"},
    [IRSA_AWS_SIGNIN] = {"signin", "signin"},
};

static const struct partition *partition_of(const char *region)
{
    const char *name = irsa_partition_of_region(region);
    for (size_t i = 0; i < IRSA_COUNT(partitions); i++) {
        if (name ? strcmp(name, partitions[i].name) == 0
                 : (*region && strcmp(region, partitions[i].global_region) == 0))
            return &partitions[i];
    }
    return NULL;
}

/* The services that have an endpoint in each region. The partition aws-us-gov gives all its
 * endpoints FIPS under the plain name; EKS has a form of its own in the partition aws. */
static char *regional_url(const struct irsa_aws_endpoint_options *options,
                          const struct partition *partition)
{
    const char *host = services[options->service].host;
    const char *suffix = options->dual_stack ? partition->dual_stack_suffix
                                             : irsa_partition_dns_suffix(partition->name);
    const bool aws = strcmp(partition->name, "aws") == 0;
    const bool plainly_fips = strcmp(partition->name, "aws-us-gov") == 0 && !options->dual_stack;
    if (!options->fips || plainly_fips)
        return irsa_format("https://%s.%s.%s", host, options->region, suffix);
    if (aws && options->service == IRSA_AWS_EKS && !options->dual_stack)
        return irsa_format("https://fips.eks.%s.%s", options->region, suffix);
    return irsa_format("https://%s-fips.%s.%s", host, options->region, suffix);
}

/* AWS Sign-In is called under the console's name, but with dual stack, and with FIPS outside of
 * aws-us-gov. */
static char *signin_url(const struct irsa_aws_endpoint_options *options,
                        const struct partition *partition)
{
    const bool gov = strcmp(partition->name, "aws-us-gov") == 0;
    if (options->dual_stack || (options->fips && !gov))
        return regional_url(options, partition);
    if (!options->fips)
        return irsa_format("https://%s.signin.%s", options->region, partition->signin_suffix);
    if (strcmp(options->region, "us-gov-west-1") == 0)
        return irsa_format("https://signin-fips.%s", partition->signin_suffix);
    return irsa_format("https://%s.signin-fips.%s", options->region, partition->signin_suffix);
}

/* The URL in quotes for a message, unless there may be a password in it; the caller's. */
static char *quoted(const char *url)
{
    return strchr(url, '@') ? irsa_strdup("given") : irsa_format("\"%.200s\"", url);
}

static int check_url(const char *url, bool *ret_plain_http, struct irsa_error **reterr)
{
    const bool http = strncasecmp(url, "http://", 7) == 0;
    irsa_autofree char *shown = quoted(url);
    if (!http && strncasecmp(url, "https://", 8) != 0)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "the endpoint %s is no URL that begins with https:// or http://", shown);
    const char *host = url + (http ? 7 : 8);
    if (strcspn(host, "/?#") == 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "the endpoint %s has no host", shown);
    if (strpbrk(host, "?#@ \t\r\n"))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "the endpoint %s holds more than host, port and path", shown);
    *ret_plain_http = http;
    return 0;
}

/* A URL that the user set is signed for the region asked for, IAM's for its own. */
static int use_given(const struct irsa_aws_endpoint_options *options, struct irsa_aws_endpoint *ret,
                     struct irsa_error **reterr)
{
    bool plain_http = false;
    if (check_url(options->url, &plain_http, reterr) != 0)
        return -1;
    if (options->fips || options->dual_stack) {
        (void)irsa_fail(reterr, IRSA_E_PARSE, "%s and an endpoint of your own exclude each other",
                        options->fips ? "FIPS endpoints" : "dual-stack endpoints");
        return irsa_hint(reterr, "unset the endpoint's URL, or %s",
                         options->fips ? "AWS_USE_FIPS_ENDPOINT (use_fips_endpoint)"
                                       : "AWS_USE_DUALSTACK_ENDPOINT (use_dualstack_endpoint)");
    }
    free(ret->url);
    ret->url = irsa_strdup(options->url);
    ret->plain_http = plain_http;
    return 0;
}

int irsa_aws_endpoint_find(const struct irsa_aws_endpoint_options *options,
                           struct irsa_aws_endpoint *ret, struct irsa_error **reterr)
{
    const char *region = options->region;
    const struct partition *partition = region ? partition_of(region) : NULL;
    if (!region || !partition)
        return irsa_fail(reterr, IRSA_E_PARSE, "\"%.64s\" is no region of AWS",
                         region ? region : "");
    irsa_auto_aws_endpoint found = {.signing_name = services[options->service].signing_name};
    const unsigned form = (options->fips ? FIPS : 0U) | (options->dual_stack ? DUAL_STACK : 0U);
    if (options->service == IRSA_AWS_IAM) {
        found.url = irsa_format("https://%s", partition->iam[form]);
        found.signing_region = irsa_strdup(partition->iam_region);
    } else if (options->service == IRSA_AWS_STS && form == PLAIN
               && strcmp(region, "aws-global") == 0) {
        found.url = irsa_strdup("https://sts.amazonaws.com");
        found.signing_region = irsa_strdup("us-east-1");
    } else {
        found.url = options->service == IRSA_AWS_SIGNIN ? signin_url(options, partition)
                                                        : regional_url(options, partition);
        found.signing_region = irsa_strdup(region);
    }
    if (options->url && use_given(options, &found, reterr) != 0)
        return -1;
    *ret = found;
    found = (struct irsa_aws_endpoint){0};
    return 0;
}

void irsa_aws_endpoint_done(struct irsa_aws_endpoint *endpoint)
{
    free(endpoint->url);
    free(endpoint->signing_region);
    *endpoint = (struct irsa_aws_endpoint){0};
}
