/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signs requests, one JSON object a line on stdin, one answer a line on stdout:
 *   {"form": "header"|"query", "method", "url", "headers": ["Name: value"...], "body",
 * "access_key", "secret_key", "token"?, "service", "region", "now", "unsigned", "verbatim",
 * "expires"}
 *   {"canonical_request", "string_to_sign", "signature", "result": URL or Authorization line}
 */
#include "aws/sigv4.h"

#include <jansson.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void set_secret(struct irsa_secret *secret, const json_t *question, const char *key)
{
    irsa_secret_set(secret, text_of(question, key), strlen(text_of(question, key)));
}

static json_t *sign(const json_t *question)
{
    irsa_auto_secret id = {0};
    irsa_auto_secret key = {0};
    irsa_auto_secret token = {0};
    set_secret(&id, question, "access_key");
    set_secret(&key, question, "secret_key");
    set_secret(&token, question, "token");
    const struct irsa_sigv4_keys keys = {&id, &key, &token};
    const struct irsa_sigv4_options options = {
        .service = text_of(question, "service"),
        .region = text_of(question, "region"),
        .now = json_integer_value(json_object_get(question, "now")),
        .unsigned_payload = json_is_true(json_object_get(question, "unsigned")),
        .verbatim_path = json_is_true(json_object_get(question, "verbatim")),
        .expires = (unsigned)json_integer_value(json_object_get(question, "expires")),
    };
    struct irsa_http_request request = {.method = text_of(question, "method"),
                                        .url = text_of(question, "url"),
                                        .body = text_of(question, "body")};
    request.body_len = strlen(request.body);
    size_t i = 0;
    const json_t *line = NULL;
    json_array_foreach(json_object_get(question, "headers"), i, line)
        irsa_strings_add(&request.headers, json_string_value(line));
    irsa_auto_error error = NULL;
    irsa_auto_sigv4_stages stages = {0};
    irsa_auto_secret result = {0};
    const bool query = strcmp(text_of(question, "form"), "query") == 0;
    const int failed = query
                           ? irsa_sigv4_presign(&request, &keys, &options, &result, &stages, &error)
                           : irsa_sigv4_sign(&request, &keys, &options, &stages, &error);
    json_t *answer =
        failed ? json_pack("{s:s}", "error", irsa_error_message(error))
               : json_pack("{s:s, s:s, s:s, s:s}", "canonical_request",
                           irsa_secret_expose(&stages.canonical_request), "string_to_sign",
                           stages.string_to_sign, "signature", stages.signature, "result",
                           query ? irsa_secret_expose(&result)
                                 : irsa_secret_expose(&request.secrets[request.secret_count - 1]));
    irsa_http_request_done(&request);
    return answer;
}

int main(void)
{
    irsa_autofree char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        json_error_t error;
        json_auto_t *question = json_loads(line, 0, &error);
        json_auto_t *answer = question ? sign(question) : NULL;
        irsa_autofree char *text = answer ? json_dumps(answer, JSON_COMPACT) : NULL;
        if (!text)
            return 1;
        (void)printf("%s\n", text);
    }
    return 0;
}
