/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/unreached.h"

/* What to do about it; NULL: nothing that isn't in the message. */
static const char *hint_of(const struct irsa_exchange *exchange)
{
    const char *message = irsa_error_message(exchange->error);
    switch (exchange->failure) {
    case IRSA_HTTP_TLS:
        if (strstr(message, "no CA certificates"))
            return "install the system's CA certificates (the package ca-certificates), or name a "
                   "file of them in AWS_CA_BUNDLE";
        /* https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html */
        return strstr(message, "certificate")
                   ? "where a proxy signs in place of AWS, AWS_CA_BUNDLE (ca_bundle in the "
                     "profile) names the file of its authority"
                   : NULL;
    case IRSA_HTTP_DNS:
        return "check the region, the network, and HTTPS_PROXY where a proxy leads outside";
    case IRSA_HTTP_CONNECT:
    case IRSA_HTTP_TIMEOUT:
        return exchange->may_have_arrived
                   ? NULL
                   : "check the network, and HTTPS_PROXY where a proxy leads outside";
    default:
        return NULL;
    }
}

int irsa_aws_unreached(struct irsa_exchange *exchange, struct irsa_error **reterr)
{
    const char *hint = hint_of(exchange);
    *reterr = irsa_steal(&exchange->error);
    return hint && !irsa_error_hint(*reterr) ? irsa_hint(reterr, "%s", hint) : -1;
}
