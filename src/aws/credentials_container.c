/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoint that ECS, EKS Pod Identity and others offer inside a container
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html). */
#include "aws/credentials_source.h"

#include <arpa/inet.h>
#include <strings.h>

#define RELATIVE_URI "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL_URI "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define TOKEN_FILE "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"
#define ECS_ADDRESS "http://169.254.170.2"
#define TOKEN_MAX ((size_t)1 << 20)
#define ATTEMPTS 3
#define TIMEOUT_MS 2000L

/* The host of an http or https URL, without brackets, the caller's; NULL where the URL has none
 * that is plain to read (no user names: they can make one host look like another). */
static char *host_of(const char *url)
{
    const char *begin = strstr(url, "://");
    if (!begin)
        return NULL;
    begin += strlen("://");
    size_t len = strcspn(begin, "/?#");
    if (memchr(begin, '@', len) || memchr(begin, '\\', len))
        return NULL;
    if (*begin == '[') {
        const char *end = memchr(begin, ']', len);
        return end ? irsa_strndup(begin + 1, (size_t)(end - begin) - 1) : NULL;
    }
    size_t host = strcspn(begin, ":/?#");
    return host > 0 ? irsa_strndup(begin, host) : NULL;
}

/* Without TLS only the node itself may be asked: loopback, ECS's and EKS Pod Identity's addresses.
 */
static bool is_near(const char *host)
{
    struct in_addr four;
    struct in6_addr six;
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &four) == 1)
        return (ntohl(four.s_addr) >> 24) == 127 || strcmp(host, "169.254.170.2") == 0
               || strcmp(host, "169.254.170.23") == 0;
    if (inet_pton(AF_INET6, host, &six) != 1)
        return false;
    struct in6_addr eks;
    (void)inet_pton(AF_INET6, "fd00:ec2::23", &eks);
    return memcmp(&six, &in6addr_loopback, sizeof six) == 0 || memcmp(&six, &eks, sizeof six) == 0;
}

static int check_url(const char *url, struct irsa_error **reterr)
{
    if (url[strcspn(url, " \t\r\n")])
        return irsa_fail(reterr, IRSA_E_PARSE, FULL_URI " has white space in it");
    irsa_autofree char *host = host_of(url);
    if (strncasecmp(url, "https://", 8) == 0 && host)
        return 0;
    if (strncasecmp(url, "http://", 7) != 0 || !host)
        return irsa_fail(reterr, IRSA_E_PARSE, FULL_URI " is no http or https URL");
    if (is_near(host))
        return 0;
    (void)irsa_fail(reterr, IRSA_E_PARSE,
                    FULL_URI ": http is allowed to this machine only, not to "
                             "\"%.200s\"",
                    host);
    return irsa_hint(reterr, "allowed are https, loopback addresses, 169.254.170.2, 169.254.170.23 "
                             "and [fd00:ec2::23]");
}

/* The file goes first: EKS Pod Identity renews it. */
static int add_token(const struct irsa_aws_chain *chain, struct irsa_http_request *request,
                     struct irsa_error **reterr)
{
    const char *path = irsa_aws_chain_variable(chain, TOKEN_FILE);
    const char *token = path ? NULL : irsa_aws_chain_variable(chain, TOKEN);
    IRSA_CLEANUP(irsa_aws_wipe_buf) struct irsa_buf file = {0};
    if (path) {
        if (irsa_file_read(path, TOKEN_MAX, &file, reterr) != 0)
            return irsa_wrap(reterr, TOKEN_FILE);
        token = irsa_buf_str(&file);
        if (strlen(token) != file.len)
            return irsa_fail(reterr, IRSA_E_PARSE, TOKEN_FILE ": %s has a NUL byte in it", path);
    }
    if (!token)
        return 0;
    if (token[strcspn(token, "\r\n")])
        return irsa_fail(reterr, IRSA_E_PARSE, "%s has a line break in its token",
                         path ? TOKEN_FILE : TOKEN);
    irsa_http_request_secret(request, "Authorization", token);
    return 0;
}

static int read_answer(const struct irsa_aws_chain *chain, const char *url,
                       struct irsa_exchange *exchange, struct irsa_aws_credentials *ret,
                       struct irsa_error **reterr)
{
    if (exchange->error) {
        *reterr = irsa_steal(&exchange->error);
        return irsa_wrap(reterr, "container credentials, %s", url);
    }
    json_auto_t *json = irsa_aws_response_json(&exchange->response);
    if (exchange->response.status != 200) {
        const char *message = json_string_value(json_object_get(json, "message"));
        long status = exchange->response.status;
        return irsa_fail(reterr, status >= 500 || status == 429 ? IRSA_E_NET : IRSA_E_AUTH,
                         "container credentials, %s: status %ld%s%.200s", url, status,
                         message ? ": " : "", message ? message : "");
    }
    const char *missing = NULL;
    if (!json_is_object(json))
        return irsa_fail(reterr, IRSA_E_AUTH,
                         "container credentials, %s: the answer is no JSON "
                         "object",
                         url);
    if (!irsa_aws_credentials_of_json(json, "Token", /* is_temporary= */ true, ret, &missing))
        return irsa_fail(reterr, IRSA_E_AUTH,
                         "container credentials, %s: the answer has no usable "
                         "\"%s\"",
                         url, missing);
    ret->source = irsa_format("container credentials (%s)", url);
    return irsa_aws_check_expiry(chain, ret, reterr);
}

int irsa_aws_from_container(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                            struct irsa_aws_credentials *ret, bool *ret_found,
                            struct irsa_error **reterr)
{
    (void)profile;
    const char *relative = irsa_aws_chain_variable(chain, RELATIVE_URI);
    const char *full = irsa_aws_chain_variable(chain, FULL_URI);
    if (!relative && !full) {
        irsa_aws_note(chain, "container: neither " RELATIVE_URI " nor " FULL_URI " is set");
        return 0;
    }
    if (relative && *relative != '/')
        return irsa_fail(reterr, IRSA_E_PARSE, RELATIVE_URI " does not begin with \"/\"");
    irsa_autofree char *url =
        relative ? irsa_format(ECS_ADDRESS "%s", relative) : irsa_strdup(full);
    if (check_url(url, reterr) != 0)
        return -1;
    IRSA_CLEANUP(irsa_exchange_done) struct irsa_exchange exchange = {0};
    exchange.request = (struct irsa_http_request){
        .label = "container:GetCredentials",
        .method = "GET",
        .url = url,
        .plain_http = true,
        .no_proxy = strncasecmp(url, "http://", 7) == 0,
        .connect_ms = TIMEOUT_MS,
        .total_ms = TIMEOUT_MS,
    };
    irsa_strings_add(&exchange.request.headers, "Accept: application/json");
    if (add_token(chain, &exchange.request, reterr) != 0)
        return -1;
    irsa_aws_run(chain, &exchange, ATTEMPTS);
    if (read_answer(chain, url, &exchange, ret, reterr) != 0)
        return -1;
    *ret_found = true;
    return 0;
}
