/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/net.h"

#include <ctype.h>
#include <strings.h>

/* Is `line` ("Name: value") a header of that name? */
static bool line_has_name(const char *line, const char *name)
{
    const size_t len = strlen(name);
    return strncasecmp(line, name, len) == 0 && line[len] == ':';
}

void irsa_http_request_header(struct irsa_http_request *request, const char *name,
                              const char *value)
{
    char *line = irsa_format("%s: %s", name, value);
    for (size_t i = 0; i < request->headers.len; i++) {
        if (line_has_name(request->headers.items[i], name)) {
            free(request->headers.items[i]);
            request->headers.items[i] = line;
            return;
        }
    }
    irsa_strings_take(&request->headers, line);
}

void irsa_http_request_secret(struct irsa_http_request *request, const char *name,
                              const char *value)
{
    struct irsa_secret *place = NULL;
    for (size_t i = 0; i < request->secret_count && !place; i++) {
        if (line_has_name(irsa_secret_expose(&request->secrets[i]), name))
            place = &request->secrets[i];
    }
    if (!place) {
        request->secrets =
            irsa_grow(request->secrets, request->secret_count, sizeof(*request->secrets));
        place = &request->secrets[request->secret_count++];
        *place = (struct irsa_secret){0};
    }
    char *line = irsa_format("%s: %s", name, value);
    irsa_secret_done(place);
    *place = (struct irsa_secret){.data = line, .len = strlen(line)};
}

void irsa_http_request_done(struct irsa_http_request *request)
{
    for (size_t i = 0; i < request->secret_count; i++)
        irsa_secret_done(&request->secrets[i]);
    free(request->secrets);
    irsa_strings_done(&request->headers);
    *request = (struct irsa_http_request){0};
}

void irsa_http_response_done(struct irsa_http_response *response)
{
    /* An answer of STS holds keys. */
    if (response->body.data)
        explicit_bzero(response->body.data, response->body.len);
    irsa_buf_done(&response->body);
    irsa_strings_done(&response->headers);
    *response = (struct irsa_http_response){0};
}

const char *irsa_http_header(const struct irsa_http_response *response, const char *name)
{
    for (size_t i = 0; i < response->headers.len; i++) {
        const char *line = response->headers.items[i];
        if (line_has_name(line, name))
            return line + strlen(name) + 1 + strspn(line + strlen(name) + 1, " \t");
    }
    return NULL;
}

/* What AWS and Kubernetes call it:
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html,
 * https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/ (Audit-Id). */
static const char *const id_headers[] = {"x-amzn-requestid", "x-amz-request-id", "audit-id"};

const char *irsa_http_request_id(const struct irsa_http_response *response)
{
    for (size_t i = 0; i < IRSA_COUNT(id_headers); i++) {
        const char *id = irsa_http_header(response, id_headers[i]);
        if (!id)
            continue;
        size_t len = 0;
        while (isalnum((unsigned char)id[len]) || (id[len] && strchr("-_=+/.", id[len])))
            len++;
        if (len > 0 && len <= 128 && id[len] == '\0')
            return id;
    }
    return NULL;
}

void irsa_exchange_done(struct irsa_exchange *exchange)
{
    irsa_http_request_done(&exchange->request);
    irsa_http_response_done(&exchange->response);
    irsa_error_free(exchange->error);
    *exchange = (struct irsa_exchange){0};
}

void irsa_transport_free(struct irsa_transport *transport)
{
    if (transport)
        transport->ops->free(transport);
}
