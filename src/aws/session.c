/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/call.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/sigv4.h"
#include "irsa/identity.h"

#include <time.h>

struct service {
    const char *name;
    enum irsa_aws_service service;
};
static const struct service services[] = {
    {"sts", IRSA_AWS_STS},
    {"iam", IRSA_AWS_IAM},
    {"eks", IRSA_AWS_EKS},
};

struct irsa_aws {
    struct irsa_aws_config config;
    struct irsa_aws_credentials credentials;
    char *region;
    struct irsa_aws_endpoint endpoints[IRSA_COUNT(services)]; /* url NULL: not looked for yet */
    struct irsa_transport *transport;
    bool owns_transport;
    struct irsa_retry_state state;
    struct irsa_retry_state *shared_state; /* that of the identity whose connections are shared */
    struct irsa_aws_options options;       /* borrowed strings are not used after opening */
};

void irsa_aws_free(struct irsa_aws *aws)
{
    if (!aws)
        return;
    for (size_t i = 0; i < IRSA_COUNT(services); i++)
        irsa_aws_endpoint_done(&aws->endpoints[i]);
    irsa_aws_credentials_done(&aws->credentials);
    irsa_aws_config_done(&aws->config);
    if (aws->owns_transport)
        irsa_transport_free(aws->transport);
    free(aws->region);
    free(aws);
}

const char *irsa_aws_region(const struct irsa_aws *aws)
{
    return aws->region;
}

struct irsa_transport *irsa_aws_transport(struct irsa_aws *aws)
{
    return aws->transport;
}

void irsa_aws_retry_policy(struct irsa_aws *aws, struct irsa_retry_policy *ret)
{
    ret->max_attempts = aws->config.max_attempts;
    ret->state = aws->shared_state;
    ret->interrupted = aws->options.interrupted;
}

long irsa_aws_timeout(const struct irsa_aws *aws)
{
    return aws->options.timeout_ms;
}

static size_t place_of(const char *service)
{
    size_t place = 0;
    while (place + 1 < IRSA_COUNT(services) && strcmp(services[place].name, service) != 0)
        place++;
    return place;
}

static int find_endpoint(struct irsa_aws *aws, size_t place, const char *region,
                         struct irsa_aws_endpoint *ret, struct irsa_error **reterr)
{
    struct irsa_aws_endpoint_options options = {
        .service = services[place].service,
        .region = region,
        .fips = aws->config.use_fips,
        .dual_stack = aws->config.use_dualstack,
    };
    if (irsa_aws_config_endpoint(&aws->config, services[place].name, &options.url, reterr) != 0
        || irsa_aws_endpoint_find(&options, ret, reterr) != 0)
        return irsa_wrap(reterr, "endpoint of %s", services[place].name);
    return 0;
}

int irsa_aws_service_endpoint(struct irsa_aws *aws, const char *service,
                              const struct irsa_aws_endpoint **ret, struct irsa_error **reterr)
{
    size_t place = place_of(service);
    struct irsa_aws_endpoint *endpoint = &aws->endpoints[place];
    if (!endpoint->url && find_endpoint(aws, place, aws->region, endpoint, reterr) != 0)
        return -1;
    *ret = endpoint;
    return 0;
}

int irsa_aws_sign(struct irsa_aws *aws, const struct irsa_aws_endpoint *endpoint,
                  struct irsa_http_request *request, int64_t now, struct irsa_error **reterr)
{
    const struct irsa_sigv4_keys keys = {
        .access_key_id = &aws->credentials.access_key_id,
        .secret_access_key = &aws->credentials.secret_access_key,
        .session_token = &aws->credentials.session_token,
    };
    const struct irsa_sigv4_options options = {
        .service = endpoint->signing_name,
        .region = endpoint->signing_region,
        .now = now,
    };
    return irsa_sigv4_sign(request, &keys, &options, NULL, reterr);
}

int irsa_aws_presign_sts(struct irsa_aws *aws, const char *region, const char *target,
                         struct irsa_http_request *request, unsigned seconds,
                         struct irsa_secret *ret_url, int64_t *expiry, struct irsa_error **reterr)
{
    irsa_auto_aws_endpoint endpoint = {0};
    const struct irsa_sigv4_keys keys = {
        .access_key_id = &aws->credentials.access_key_id,
        .secret_access_key = &aws->credentials.secret_access_key,
        .session_token = &aws->credentials.session_token,
    };
    if (find_endpoint(aws, place_of("sts"), region ? region : aws->region, &endpoint, reterr) != 0)
        return -1;
    const struct irsa_sigv4_options options = {
        .service = endpoint.signing_name,
        .region = endpoint.signing_region,
        .now = (int64_t)time(NULL) + aws->shared_state->clock_skew,
        .expires = seconds,
    };
    size_t len = strlen(endpoint.url);
    len -= len > 0 && endpoint.url[len - 1] == '/';
    irsa_autofree char *url = irsa_format("%.*s%s", (int)len, endpoint.url, target);
    request->url = url;
    int r = irsa_sigv4_presign(request, &keys, &options, ret_url, NULL, reterr);
    request->url = NULL;
    if (r == 0 && aws->credentials.expires_at > 0 && aws->credentials.expires_at < *expiry)
        *expiry = aws->credentials.expires_at;
    return r;
}

/* --- opening ---------------------------------------------------------------------------------- */

static void chain_of(struct irsa_aws *aws, struct irsa_retry_policy *retry,
                     struct irsa_aws_chain_options *ret)
{
    *retry = (struct irsa_retry_policy){0};
    irsa_aws_retry_policy(aws, retry);
    *ret = (struct irsa_aws_chain_options){
        .config = &aws->config,
        .transport = aws->transport,
        .retry = retry,
        .region = aws->region,
    };
}

/* --region and irsa-fix.ini, the variables and the profile, the instance. */
static int find_region(struct irsa_aws *aws, struct irsa_error **reterr)
{
    struct irsa_retry_policy retry;
    struct irsa_aws_chain_options chain;
    if (aws->config.region) {
        aws->region = irsa_strdup(aws->config.region);
        return 0;
    }
    chain_of(aws, &retry, &chain);
    if (irsa_aws_imds_region(&chain, &aws->region, reterr) != 0)
        return -1;
    if (aws->region)
        return 0;
    (void)irsa_fail(reterr, IRSA_E_USAGE, "the region is not known");
    return irsa_hint(reterr, "give --region, set AWS_REGION, or `region` in irsa-fix.ini or in the "
                             "profile; --from DIR reads files instead of asking AWS");
}

static int load_config(struct irsa_aws *aws, struct irsa_error **reterr)
{
    const struct irsa_aws_config_options options = {
        .profile = aws->options.profile,
        .region = aws->options.region,
    };
    return irsa_aws_config_load(&options, &aws->config, reterr);
}

int irsa_aws_configured_region(const char *profile, char **ret, struct irsa_error **reterr)
{
    irsa_auto_aws aws = irsa_calloc(1, sizeof(*aws));
    aws->options.profile = profile;
    if (load_config(aws, reterr) != 0)
        return -1;
    *ret = irsa_steal(&aws->config.region);
    return 0;
}

static int open_transport(struct irsa_aws *aws, struct irsa_error **reterr)
{
    if (aws->options.transport) {
        aws->transport = aws->options.transport;
        return 0;
    }
    const struct irsa_curl_options options = {
        .ca_bundle = aws->config.ca_bundle,
        .log_http = aws->options.log_http,
        .interrupted = aws->options.interrupted,
    };
    if (irsa_transport_curl(&options, &aws->transport, reterr) != 0)
        return aws->config.ca_bundle ? irsa_wrap(reterr, "%s", aws->config.ca_bundle_source) : -1;
    aws->owns_transport = true;
    return 0;
}

static int find_credentials(struct irsa_aws *aws, struct irsa_error **reterr)
{
    struct irsa_retry_policy retry;
    struct irsa_aws_chain_options chain;
    chain_of(aws, &retry, &chain);
    return irsa_aws_credentials_find(&chain, &aws->credentials, reterr);
}

int irsa_aws_open(const struct irsa_aws_options *options, struct irsa_aws **ret,
                  struct irsa_error **reterr)
{
    irsa_auto_aws aws = irsa_calloc(1, sizeof(*aws));
    aws->options = *options;
    aws->shared_state = &aws->state;
    if (load_config(aws, reterr) != 0 || open_transport(aws, reterr) != 0
        || find_region(aws, reterr) != 0 || find_credentials(aws, reterr) != 0)
        return -1;
    aws->options.profile = aws->options.region = NULL;
    *ret = irsa_steal(&aws);
    return 0;
}

int irsa_aws_open_other(struct irsa_aws *home, const char *profile, const char *role_arn,
                        struct irsa_aws **ret, struct irsa_error **reterr)
{
    irsa_auto_aws aws = irsa_calloc(1, sizeof(*aws));
    struct irsa_retry_policy retry;
    struct irsa_aws_chain_options chain;
    aws->options = home->options;
    aws->options.profile = profile;
    aws->options.region = home->region;
    aws->options.transport = home->transport;
    aws->shared_state = home->shared_state;
    if (load_config(aws, reterr) != 0 || open_transport(aws, reterr) != 0
        || find_region(aws, reterr) != 0)
        return -1;
    chain_of(aws, &retry, &chain);
    int r = role_arn ? irsa_aws_assume_role(&chain, &home->credentials, role_arn,
                                            /* external_id= */ NULL, &aws->credentials, reterr)
                     : irsa_aws_credentials_find(&chain, &aws->credentials, reterr);
    if (r != 0)
        return -1;
    aws->options.profile = aws->options.region = NULL;
    *ret = irsa_steal(&aws);
    return 0;
}

/* What it has of its own are its credentials; region and endpoints are those of home. */
struct irsa_aws *irsa_aws_with_credentials(struct irsa_aws *home,
                                           struct irsa_aws_credentials *credentials)
{
    struct irsa_aws *aws = irsa_calloc(1, sizeof(*aws));
    aws->options = home->options;
    aws->transport = home->transport;
    aws->shared_state = home->shared_state;
    aws->region = irsa_strdup(home->region);
    aws->config.max_attempts = home->config.max_attempts;
    for (size_t i = 0; i < IRSA_COUNT(services); i++) {
        const struct irsa_aws_endpoint *from = &home->endpoints[i];
        if (!from->url)
            continue;
        aws->endpoints[i] = *from;
        aws->endpoints[i].url = irsa_strdup(from->url);
        aws->endpoints[i].signing_region = irsa_strdup(from->signing_region);
    }
    aws->credentials = *credentials;
    *credentials = (struct irsa_aws_credentials){0};
    return aws;
}
