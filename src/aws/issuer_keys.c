/* SPDX-License-Identifier: Apache-2.0 */
/* What an issuer publishes for those who verify its tokens
 * (https://openid.net/specs/openid-connect-discovery-1_0.html, sections 3 and 4;
 * https://docs.aws.amazon.com/eks/latest/userguide/irsa-fetch-keys.html). */
#include "aws/call.h"
#include "irsa/document.h"

#define ANSWER_MAX ((size_t)1 << 20)
/* It is asked by the way, and there are networks from which it can't be reached. */
#define CONNECT_MS 3000L
#define TOTAL_MS 10000L

/* A JSON object from a URL; a new reference. */
static json_t *fetch(struct irsa_aws *home, const char *label, const char *url,
                     struct irsa_error **reterr)
{
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange exchange = {0};
    exchange.request = (struct irsa_http_request){
        .label = label,
        .method = "GET",
        .url = url,
        .max_body = ANSWER_MAX,
        .connect_ms = CONNECT_MS,
        .total_ms = TOTAL_MS,
    };
    irsa_http_request_header(&exchange.request, "Accept", "application/json");
    struct irsa_retry_policy policy = {0};
    struct irsa_retry_state own = {0};
    irsa_aws_retry_policy(home, &policy);
    policy.max_attempts = 1;
    policy.state = &own; /* another server's clock */
    struct irsa_exchange *const all[] = {&exchange};
    irsa_http_run(irsa_aws_transport(home), &policy, all, 1);
    if (exchange.error) {
        *reterr = irsa_steal(&exchange.error);
        return NULL;
    }
    if (exchange.response.status != 200) {
        (void)irsa_fail(reterr, IRSA_E_NET, "%s: %s: HTTP %ld", label, url,
                        exchange.response.status);
        return NULL;
    }
    json_t *json = irsa_json_read(url, irsa_buf_str(&exchange.response.body),
                                  exchange.response.body.len, reterr);
    if (!json || json_is_object(json))
        return json;
    json_decref(json);
    (void)irsa_fail(reterr, IRSA_E_PARSE, "%s: no JSON object", url);
    return NULL;
}

int irsa_aws_issuer_keys(struct irsa_aws *home, const char *issuer_url, json_t **ret,
                         char **ret_uri, struct irsa_error **reterr)
{
    irsa_autofree char *url = irsa_format("%s/.well-known/openid-configuration", issuer_url);
    json_auto_t *configuration = fetch(home, "the issuer's configuration", url, reterr);
    if (!configuration)
        return -1;
    const char *uri = json_string_value(json_object_get(configuration, "jwks_uri"));
    if (!uri)
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: it names no jwks_uri", url);
    json_auto_t *keys = fetch(home, "the issuer's keys", uri, reterr);
    if (!keys)
        return -1;
    if (!json_is_array(json_object_get(keys, "keys")))
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: there are no keys in it", uri);
    *ret_uri = irsa_strdup(uri);
    *ret = irsa_steal(&keys);
    return 0;
}
