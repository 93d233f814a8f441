/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/call.h"

#include "aws/xml.h"
#include "irsa/document.h"

void irsa_aws_reply_done(struct irsa_aws_reply *reply)
{
    json_decref(reply->result);
    free(reply->code);
    free(reply->message);
    free(reply->request_id);
    *reply = (struct irsa_aws_reply){0};
}

/* --- types ------------------------------------------------------------------------------------ */

enum type { TYPE_STRING, TYPE_INTEGER, TYPE_BOOLEAN, TYPE_TIME, TYPE_POLICY };

/* One name means one type in all answers of IAM and STS that are used here. */
static enum type type_of(const char *key)
{
    static const struct {
        const char *key;
        enum type type;
    } types[] = {
        {"AllowedByOrganizations", TYPE_BOOLEAN},
        {"AllowedByPermissionsBoundary", TYPE_BOOLEAN},
        {"AssumeRolePolicyDocument", TYPE_POLICY},
        {"AttachmentCount", TYPE_INTEGER},
        {"CreateDate", TYPE_TIME},
        {"Document", TYPE_POLICY},
        {"IsAttachable", TYPE_BOOLEAN},
        {"IsDefaultVersion", TYPE_BOOLEAN},
        {"IsTruncated", TYPE_BOOLEAN},
        {"LastUsedDate", TYPE_TIME},
        {"MaxSessionDuration", TYPE_INTEGER},
        {"PermissionsBoundaryUsageCount", TYPE_INTEGER},
        {"PolicyDocument", TYPE_POLICY},
        {"UpdateDate", TYPE_TIME},
    };
    for (size_t i = 0; i < IRSA_COUNT(types); i++) {
        if (strcmp(types[i].key, key) == 0)
            return types[i].type;
    }
    return TYPE_STRING;
}

/* "2026-01-02T03:04:05Z" is printed as "2026-01-02T03:04:05+00:00" (cli_timestamp_format iso8601).
 */
static json_t *typed_time(const char *text)
{
    if (!irsa_has_suffix(text, "Z"))
        return json_string(text);
    irsa_autofree char *time = irsa_format("%.*s+00:00", (int)strlen(text) - 1, text);
    return json_string(time);
}

/* The AWS CLI shows what decodes to JSON as an object and the rest as the decoded text. IAM encodes
 * by RFC 3986 (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html). */
static json_t *typed_policy(const char *text)
{
    irsa_auto_buf decoded = {0};
    irsa_auto_error ignored = NULL;
    if (!irsa_url_decode(text, &decoded))
        return json_string(text);
    json_t *document = irsa_json_read("policy", irsa_buf_str(&decoded), decoded.len, &ignored);
    return document ? document : json_stringn(irsa_buf_str(&decoded), decoded.len);
}

static json_t *typed(enum type type, const char *text)
{
    char *end = NULL;
    switch (type) {
    case TYPE_INTEGER: {
        long long number = strtoll(text, &end, 10);
        return *text && !*end ? json_integer(number) : json_string(text);
    }
    case TYPE_BOOLEAN:
        if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
            return json_boolean(strcmp(text, "true") == 0);
        return json_string(text);
    case TYPE_TIME:
        return typed_time(text);
    case TYPE_POLICY:
        return typed_policy(text);
    default:
        return json_string(text);
    }
}

void irsa_aws_result_type(json_t *result)
{
    size_t i = 0;
    const char *key = NULL;
    json_t *value = NULL;
    json_array_foreach(result, i, value)
    {
        irsa_aws_result_type(value);
    }
    json_object_foreach(result, key, value)
    {
        enum type type = type_of(key);
        if (!json_is_string(value))
            irsa_aws_result_type(value);
        else if (type != TYPE_STRING)
            json_object_set_new(result, key, typed(type, json_string_value(value)));
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

static int read_query(const struct irsa_aws_spec *spec, const char *what,
                      const struct irsa_http_response *response, struct irsa_aws_reply *ret,
                      struct irsa_error **reterr)
{
    irsa_auto_aws_answer answer = {0};
    if (irsa_aws_answer_read(what, spec->name, irsa_buf_str(&response->body), response->body.len,
                             &answer, reterr)
        != 0)
        return -1;
    ret->result = irsa_steal(&answer.result);
    ret->code = irsa_steal(&answer.code);
    ret->message = irsa_steal(&answer.message);
    ret->request_id = irsa_steal(&answer.request_id);
    if (ret->result)
        irsa_aws_result_type(ret->result);
    return 0;
}

static char *copy_string(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text && *text ? irsa_strdup(text) : NULL;
}

/* "NAME", "NAME:URI" and "NAMESPACE#NAME"
 * (https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html#operation-error-serialization).
 */
static char *error_type(const char *text)
{
    const char *hash = strchr(text, '#');
    const char *name = hash ? hash + 1 : text;
    return irsa_strndup(name, strcspn(name, ":"));
}

/* "NAME is missing" of an answer that parses: an empty one, or that of another service. */
static int check_member(const struct irsa_aws_spec *spec, const char *what, const json_t *result,
                        struct irsa_error **reterr)
{
    if (!spec->member || json_object_get(result, spec->member))
        return 0;
    return irsa_fail(reterr, IRSA_E_PARSE, "%s: the answer has no %s", what, spec->member);
}

static int read_json(const char *what, const struct irsa_http_response *response,
                     struct irsa_aws_reply *ret, struct irsa_error **reterr)
{
    const char *text = irsa_buf_str(&response->body);
    irsa_autofree char *name = irsa_format("%s: the answer", what);
    if (text[strspn(text, " \t\r\n")] == '\0')
        return irsa_fail(reterr, IRSA_E_PARSE, "%s is empty", name);
    if (text[strspn(text, " \t\r\n")] == '<')
        return irsa_fail(reterr, IRSA_E_PARSE, "%s is HTML or XML, not JSON", name);
    json_auto_t *body = irsa_json_read(name, text, response->body.len, reterr);
    if (!body)
        return -1;
    if (!json_is_object(body))
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: the answer is no JSON object", what);
    const char *type = irsa_http_header(response, "x-amzn-errortype");
    if (!type)
        type = json_string_value(json_object_get(body, "__type"));
    if (!type && response->status >= 300)
        type = json_string_value(json_object_get(body, "code"));
    if (response->status < 300 && !type) {
        ret->result = json_incref(body);
        return 0;
    }
    ret->code = type ? error_type(type) : NULL;
    ret->message = copy_string(body, "message");
    if (!ret->message)
        ret->message = copy_string(body, "Message");
    return 0;
}

int irsa_aws_reply_read(const struct irsa_aws_spec *spec, const char *what,
                        const struct irsa_http_response *response, struct irsa_aws_reply *ret,
                        struct irsa_error **reterr)
{
    int r = spec->version ? read_query(spec, what, response, ret, reterr)
                          : read_json(what, response, ret, reterr);
    if (r == 0 && response->status < 300 && ret->result)
        r = check_member(spec, what, ret->result, reterr);
    if (r != 0 && response->status < 300)
        return -1;
    if (r != 0) {
        irsa_error_free(irsa_steal(reterr));
        irsa_aws_reply_done(ret);
    }
    if (response->status >= 300) {
        json_decref(ret->result);
        ret->result = NULL;
    }
    const char *id = irsa_http_request_id(response);
    if (!ret->request_id && id)
        ret->request_id = irsa_strdup(id);
    return 0;
}

/* --- pages ------------------------------------------------------------------------------------ */

void irsa_aws_result_append(json_t *result, json_t *page)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(page, key, value)
    {
        json_t *have = json_object_get(result, key);
        if (json_is_array(have) && json_is_array(value))
            json_array_extend(have, value);
        else
            json_object_set(result, key, value);
    }
}

/* https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html: "IsTruncated ... Marker";
 * https://docs.aws.amazon.com/eks/latest/APIReference/API_ListClusters.html: "nextToken". */
bool irsa_aws_next_page(const struct irsa_aws_spec *spec, json_t *page, json_t *parameters)
{
    bool marker = spec->pages == IRSA_PAGES_MARKER;
    if (spec->pages == IRSA_PAGES_NONE)
        return false;
    const char *key = marker ? "Marker" : "nextToken";
    json_auto_t *token = json_incref(json_object_get(page, key));
    bool more = json_is_string(token) && json_string_length(token) > 0
                && (!marker || json_is_true(json_object_get(page, "IsTruncated")));
    json_object_del(page, key);
    json_object_del(page, "IsTruncated");
    /* A server that gives the same token again would keep us for ever. */
    json_t *last = json_object_get(parameters, key);
    if (!more || (last && json_equal(last, token)))
        return false;
    json_object_set(parameters, key, token);
    return true;
}
