/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds credentials, one question a line on stdin:
 *   {"home": FOLDER, "environment": {NAME: VALUE}, "profile": NAME?}
 * and answers with a line {"id", "key", "token", "requests": [[SIGNER, TEXT]...]} or {"error":
 * MESSAGE}. The network is made up: every role has credentials, whose access key id is "ID-" and
 * the end of its name.
 */
#include "aws/credentials.h"

#include <jansson.h>

#define KEYS_XML                                                                                   \
    "<%sResponse><%sResult><Credentials><AccessKeyId>ID-%s</AccessKeyId><SecretAccessKey>KEY-%s"   \
    "</SecretAccessKey><SessionToken>TOKEN-%s</SessionToken><Expiration>2099-01-01T00:00:00Z"      \
    "</Expiration></Credentials></%sResult></%sResponse>"

struct made_up {
    struct irsa_transport transport;
    json_t *requests;
};

/* What stands between two texts, the caller's; NULL where the first is missing. */
static char *between(const char *text, const char *begin, const char *ends)
{
    const char *at = strstr(text, begin);
    if (!at)
        return NULL;
    at += strlen(begin);
    return irsa_strndup(at, strcspn(at, ends));
}

static char *signer_of(const struct irsa_http_request *request)
{
    for (size_t i = 0; i < request->headers.len; i++) {
        char *id = between(request->headers.items[i], "Credential=", "/");
        if (id)
            return id;
    }
    for (size_t i = 0; i < request->secret_count; i++) {
        char *id = between(irsa_secret_expose(&request->secrets[i]), "Credential=", "/");
        if (id)
            return id;
    }
    return irsa_strdup("");
}

static void answer(struct made_up *net, struct irsa_exchange *exchange)
{
    const struct irsa_http_request *request = &exchange->request;
    irsa_autofree char *signer = signer_of(request);
    irsa_autofree char *body =
        irsa_strndup(request->body ? request->body : "", request->body ? request->body_len : 0);
    irsa_autofree char *action = between(body, "Action=", "&");
    irsa_autofree char *role = between(body, "role%2F", "&");
    irsa_autofree char *sso = between(request->url, "role_name=", "&");
    irsa_http_response_done(&exchange->response);
    exchange->response.status = 200;
    struct irsa_buf *out = &exchange->response.body;
    (void)json_array_append_new(net->requests,
                                json_pack("[s, s]", signer, request->body ? body : request->url));
    if (action && role)
        irsa_buf_addf(out, KEYS_XML, action, action, role, role, role, action, action);
    else if (sso)
        irsa_buf_addf(
            out,
            "{\"roleCredentials\":{\"accessKeyId\":\"ID-%s\",\"secretAccessKey\":\"KEY-%s\","
            "\"sessionToken\":\"TOKEN-%s\",\"expiration\":4070908800000}}",
            sso, sso, sso);
    else
        irsa_buf_adds(out,
                      "{\"AccessKeyId\":\"ID-container\",\"SecretAccessKey\":\"KEY-container\","
                      "\"Token\":\"TOKEN-container\",\"Expiration\":\"2099-01-01T00:00:00Z\"}");
}

static void run(struct irsa_transport *transport, struct irsa_exchange *const *exchanges,
                size_t count)
{
    for (size_t i = 0; i < count; i++)
        answer((struct made_up *)transport, exchanges[i]);
}

static const char *get(void *context, const char *name)
{
    return json_string_value(json_object_get(context, name));
}

static int find(const json_t *question, struct made_up *net, struct irsa_aws_credentials *ret,
                struct irsa_error **reterr)
{
    irsa_auto_aws_config config = {0};
    const struct irsa_aws_config_options options = {
        .profile = json_string_value(json_object_get(question, "profile")),
        .home = json_string_value(json_object_get(question, "home")),
        .environment = {.get = get, .context = json_object_get(question, "environment")},
    };
    if (irsa_aws_config_load(&options, &config, reterr) != 0)
        return -1;
    const struct irsa_aws_chain_options chain = {.config = &config, .transport = &net->transport};
    return irsa_aws_credentials_find(&chain, ret, reterr);
}

int main(void)
{
    static const struct irsa_transport_ops ops = {.run = run};
    irsa_autofree char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        irsa_auto_error error = NULL;
        irsa_auto_aws_credentials found = {0};
        json_auto_t *question = json_loads(line, 0, NULL);
        json_auto_t *requests = json_array();
        struct made_up net = {.transport = {.ops = &ops}, .requests = requests};
        json_auto_t *told = NULL;
        if (find(question, &net, &found, &error) != 0)
            told = json_pack("{s:s}", "error", irsa_error_message(error));
        else
            told = json_pack("{s:s, s:s, s:s, s:O}", "id", irsa_secret_expose(&found.access_key_id),
                             "key", irsa_secret_expose(&found.secret_access_key), "token",
                             found.session_token.len > 0 ? irsa_secret_expose(&found.session_token)
                                                         : "",
                             "requests", requests);
        irsa_autofree char *text = json_dumps(told, JSON_COMPACT);
        (void)printf("%s\n", text ? text : "null");
        (void)fflush(stdout);
    }
    return 0;
}
