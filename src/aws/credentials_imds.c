/* SPDX-License-Identifier: Apache-2.0 */
/* The instance metadata service of EC2, version 2, and version 1 where it refuses tokens and nobody
 * turned version 1 off
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html,
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html). */
#include "aws/credentials_source.h"

#include <ctype.h>
#include <strings.h>

#define IPV4_ENDPOINT "http://169.254.169.254/"
#define IPV6_ENDPOINT "http://[fd00:ec2::254]/"
#define ROLES "latest/meta-data/iam/security-credentials/"
#define BODY_MAX ((size_t)64 << 10)
#define TTL_SECONDS "21600"

struct imds {
    const struct irsa_aws_chain *chain;
    char *base; /* ends in a slash */
    unsigned attempts;
    long timeout_ms;
    bool v1_disabled;
    struct irsa_secret token;
    char *why; /* nothing came: the reason, for a note */
};

static void imds_done(struct imds *imds)
{
    free(imds->base);
    irsa_secret_done(&imds->token);
    free(imds->why);
}

static void because(struct imds *imds, char *why)
{
    free(imds->why);
    imds->why = why;
}

/* A whole number from 1 on, the default where nobody says. */
static int read_number(const struct irsa_aws_config *config, const char *variable, const char *key,
                       unsigned *ret, struct irsa_error **reterr)
{
    const char *text = NULL;
    irsa_autofree char *source = NULL;
    if (irsa_aws_config_setting(config, variable, key, &text, &source, reterr) != 0)
        return -1;
    if (!text)
        return 0;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 5 || text[digits])
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: \"%.60s\" is no whole number", source, text);
    unsigned long value = strtoul(text, NULL, 10);
    *ret = value > 0 ? (unsigned)value : 1;
    return 0;
}

static int read_mode(const struct irsa_aws_config *config, bool *ret_ipv6,
                     struct irsa_error **reterr)
{
    const char *mode = NULL;
    irsa_autofree char *source = NULL;
    if (irsa_aws_config_setting(config, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                                "ec2_metadata_service_endpoint_mode", &mode, &source, reterr)
        != 0)
        return -1;
    if (!mode)
        return irsa_aws_config_switch(config, "AWS_IMDS_USE_IPV6", "imds_use_ipv6", ret_ipv6,
                                      reterr);
    *ret_ipv6 = strcasecmp(mode, "ipv6") == 0;
    if (!*ret_ipv6 && strcasecmp(mode, "ipv4") != 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: \"%.60s\" is neither ipv4 nor ipv6", source,
                         mode);
    return 0;
}

static int read_endpoint(const struct irsa_aws_config *config, struct imds *imds,
                         struct irsa_error **reterr)
{
    const char *endpoint = NULL;
    irsa_autofree char *source = NULL;
    bool ipv6 = false;
    if (read_mode(config, &ipv6, reterr) != 0
        || irsa_aws_config_setting(config, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                   "ec2_metadata_service_endpoint", &endpoint, &source, reterr)
               != 0)
        return -1;
    if (!endpoint)
        endpoint = ipv6 ? IPV6_ENDPOINT : IPV4_ENDPOINT;
    bool is_url =
        strncasecmp(endpoint, "http://", 7) == 0 || strncasecmp(endpoint, "https://", 8) == 0;
    if (!is_url || endpoint[strcspn(endpoint, " \t\r\n?#@")])
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: \"%.200s\" is no URL of a service", source,
                         endpoint);
    imds->base = irsa_format("%s%s", endpoint, irsa_has_suffix(endpoint, "/") ? "" : "/");
    return 0;
}

static int read_settings(const struct irsa_aws_chain *chain, struct imds *imds,
                         struct irsa_error **reterr)
{
    const struct irsa_aws_config *config = chain->config;
    unsigned seconds = 1;
    imds->chain = chain;
    imds->attempts = 1;
    if (read_endpoint(config, imds, reterr) != 0
        || read_number(config, "AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", &seconds,
                       reterr)
               != 0
        || read_number(config, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts",
                       &imds->attempts, reterr)
               != 0
        || irsa_aws_config_switch(config, "AWS_EC2_METADATA_V1_DISABLED",
                                  "ec2_metadata_v1_disabled", &imds->v1_disabled, reterr)
               != 0)
        return -1;
    imds->timeout_ms = (long)seconds * 1000;
    return 0;
}

static void request(const struct imds *imds, const char *method, const char *url, const char *label,
                    struct irsa_exchange *exchange)
{
    exchange->request = (struct irsa_http_request){
        .label = label,
        .method = method,
        .url = url,
        .plain_http = true,
        .no_proxy = true,
        .max_body = BODY_MAX,
        .connect_ms = imds->timeout_ms,
        .total_ms = imds->timeout_ms,
    };
    if (strcmp(method, "PUT") == 0)
        irsa_strings_add(&exchange->request.headers,
                         "x-aws-ec2-metadata-token-ttl-seconds: " TTL_SECONDS);
    else if (imds->token.len > 0)
        irsa_http_request_secret(&exchange->request, "x-aws-ec2-metadata-token",
                                 irsa_secret_expose(&imds->token));
    irsa_aws_run(imds->chain, exchange, imds->attempts);
}

/* Whether it is worth asking on. 403, 404 and 405 are of services that have no tokens; no answer to
 * a request that did arrive is what a hop limit of 1 looks like from inside a pod. */
static bool fetch_token(struct imds *imds)
{
    irsa_autofree char *url = irsa_format("%slatest/api/token", imds->base);
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange exchange = {0};
    request(imds, "PUT", url, "imds:GetToken", &exchange);
    long status = exchange.response.status;
    const struct irsa_buf *body = &exchange.response.body;
    if (exchange.error) {
        because(imds, irsa_format(exchange.may_have_arrived
                                      ? "%s gave no answer to the request for a token: from a pod "
                                        "the instance's hop limit has to be 2"
                                      : "%s is not there",
                                  imds->base));
        return exchange.may_have_arrived && !imds->v1_disabled;
    }
    if (status == 200 && body->len > 0 && strlen(body->data) == body->len
        && !body->data[strcspn(body->data, "\r\n")]) {
        irsa_secret_set(&imds->token, body->data, body->len);
        return true;
    }
    because(imds,
            irsa_format("%s answered the request for a token with status %ld", imds->base, status));
    return (status == 403 || status == 404 || status == 405) && !imds->v1_disabled;
}

/* The answer with status 200, or false with the reason noted. */
static bool fetch(struct imds *imds, const char *path, struct irsa_exchange *exchange)
{
    irsa_autofree char *url = irsa_format("%s%s", imds->base, path);
    request(imds, "GET", url, "imds:Get", exchange);
    exchange->request.url = NULL;
    /* what went wrong with the token says more */
    bool keep_why = imds->why && imds->token.len == 0;
    if (!exchange->error && exchange->response.status == 200 && exchange->response.body.len > 0)
        return true;
    if (keep_why)
        return false;
    if (exchange->error)
        because(imds, irsa_format("%s gave no answer", imds->base));
    else if (exchange->response.status == 404)
        because(imds, irsa_format("%s has no %s", imds->base, path));
    else
        because(imds,
                irsa_format("%s answered with status %ld", imds->base, exchange->response.status));
    return false;
}

/* The first line of an answer, the caller's; NULL where it holds what no name does. */
static char *first_line(const struct irsa_buf *body)
{
    const char *text = irsa_buf_str(body);
    irsa_autofree char *line = irsa_strndup(text, strcspn(text, "\r\n"));
    for (const char *p = line; *p; p++) {
        if (!isalnum((unsigned char)*p) && !strchr("+=,.@-_", *p))
            return NULL;
    }
    return *line ? irsa_steal(&line) : NULL;
}

static bool find(struct imds *imds, struct irsa_aws_credentials *ret)
{
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange roles = {0};
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange keys = {0};
    if (!fetch_token(imds) || !fetch(imds, ROLES, &roles))
        return false;
    irsa_autofree char *role = first_line(&roles.response.body);
    if (!role) {
        because(imds, irsa_format("%s named no role", imds->base));
        return false;
    }
    irsa_autofree char *path = irsa_format(ROLES "%s", role);
    if (!fetch(imds, path, &keys))
        return false;
    /* {"Code": "Success", "AccessKeyId": ..., "Token": ..., "Expiration": ...}; a failure has
     * status 200 too, and another Code */
    json_auto_t *json = irsa_aws_response_json(&keys.response);
    const char *missing = NULL;
    if (irsa_aws_credentials_of_json(json, "Token", /* is_temporary= */ true, ret, &missing)) {
        ret->source = irsa_format("instance metadata (role %s)", role);
        return true;
    }
    const char *code = json_string_value(json_object_get(json, "Code"));
    irsa_aws_credentials_done(ret);
    because(imds, irsa_format("%s gave no usable %s for role %s%s%.60s", imds->base, missing, role,
                              code ? ", code " : "", code ? code : ""));
    return false;
}

static bool is_disabled(const struct irsa_aws_chain *chain)
{
    const char *value = irsa_aws_chain_variable(chain, "AWS_EC2_METADATA_DISABLED");
    return value && strcasecmp(value, "true") == 0;
}

int irsa_aws_from_imds(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                       struct irsa_aws_credentials *ret, bool *ret_found,
                       struct irsa_error **reterr)
{
    (void)profile;
    if (is_disabled(chain)) {
        irsa_aws_note(chain, "instance metadata: turned off by AWS_EC2_METADATA_DISABLED");
        return 0;
    }
    IRSA_CLEANUP(imds_done) struct imds imds = {0};
    if (read_settings(chain, &imds, reterr) != 0)
        return -1;
    *ret_found = find(&imds, ret);
    if (!*ret_found)
        irsa_aws_note(chain, "instance metadata: %s", imds.why);
    return 0;
}

/* placement/region is of 2020; before, the zone less its letter had to do. */
static char *find_region(struct imds *imds)
{
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange region = {0};
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange zone = {0};
    if (!fetch_token(imds))
        return NULL;
    if (fetch(imds, "latest/meta-data/placement/region", &region))
        return first_line(&region.response.body);
    if (region.error || !fetch(imds, "latest/meta-data/placement/availability-zone", &zone))
        return NULL;
    char *name = first_line(&zone.response.body);
    if (name)
        name[strlen(name) - 1] = '\0';
    return name;
}

int irsa_aws_imds_region(const struct irsa_aws_chain_options *options, char **ret,
                         struct irsa_error **reterr)
{
    const struct irsa_aws_chain chain = {.options = options, .config = options->config};
    IRSA_CLEANUP(imds_done) struct imds imds = {0};
    irsa_autofree char *region = NULL;
    if (!is_disabled(&chain)) {
        if (read_settings(&chain, &imds, reterr) != 0)
            return -1;
        region = find_region(&imds);
    }
    *ret = region && irsa_aws_region_valid(region) ? irsa_steal(&region) : NULL;
    return 0;
}
