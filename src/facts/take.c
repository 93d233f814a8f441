/* SPDX-License-Identifier: Apache-2.0 */
#include "facts/internal.h"

#include "irsa/document.h"

#include <ctype.h>

void irsa_key_done(struct irsa_key *key)
{
    free(key->heap);
}

const char *irsa_key_of(struct irsa_key *key, const char *a, const char *b, const char *c)
{
    free(irsa_steal(&key->heap));
    /* A line feed occurs in no name of AWS or Kubernetes. */
    int n = snprintf(key->room, sizeof(key->room), "%s\n%s%s%s", a, b, c ? "\n" : "", c ? c : "");
    if (n >= 0 && (size_t)n < sizeof(key->room))
        return key->room;
    key->heap = irsa_format("%s\n%s%s%s", a, b, c ? "\n" : "", c ? c : "");
    return key->heap;
}

char *irsa_lower(const char *s)
{
    char *lower = irsa_strdup(s);
    for (char *p = lower; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return lower;
}

/* "AssumeRolePolicyDocument.Statement[2]" appended to a json path. */
static void append_field(json_t *path, const char *field)
{
    for (const char *p = field; *p;) {
        if (*p == '[') {
            char *end = NULL;
            json_array_append_new(path, json_integer((json_int_t)strtol(p + 1, &end, 10)));
            p = *end == ']' ? end + 1 : end;
        } else {
            size_t len = strcspn(p, ".[");
            json_array_append_new(path, json_stringn(p, len));
            p += len;
        }
        p += *p == '.';
    }
}

int irsa_take_fail(const struct irsa_take *take, const char *field, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    irsa_autofree char *reason = irsa_vformat(fmt, args);
    va_end(args);
    json_t *path = irsa_origin_path(&take->origin);
    append_field(path, field);
    irsa_autofree char *text = irsa_json_path_text(path);
    json_decref(take->facts->index->bad_path);
    take->facts->index->bad_path = path;
    const char *file = take->facts->files.items[take->origin.file];
    if (take->origin.document > 0)
        return irsa_fail(take->reterr, IRSA_E_PARSE, "%s: document %u: %s: %s", file,
                         take->origin.document + 1, text, reason);
    return irsa_fail(take->reterr, IRSA_E_PARSE, "%s: %s: %s", file, text, reason);
}

static const char *type_of(const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "an array";
    case JSON_STRING:
        return "a string";
    case JSON_INTEGER:
    case JSON_REAL:
        return "a number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "a boolean";
    default:
        return "null";
    }
}

int irsa_take_string(const struct irsa_take *take, const json_t *object, const char *field,
                     const char **ret)
{
    const json_t *value = json_object_get(object, field);
    if (value && !json_is_string(value) && !json_is_null(value))
        return irsa_take_fail(take, field, "a string is needed, not %s", type_of(value));
    *ret = json_string_value(value);
    return 0;
}

int irsa_take_required(const struct irsa_take *take, const json_t *object, const char *field,
                       const char **ret)
{
    const char *text = NULL;
    if (irsa_take_string(take, object, field, &text) != 0)
        return -1;
    if (!text || !*text)
        return irsa_take_fail(take, field, text ? "is empty" : "is missing");
    *ret = text;
    return 0;
}

int irsa_take_array(const struct irsa_take *take, const json_t *object, const char *field,
                    json_t **ret)
{
    json_t *value = json_object_get(object, field);
    if (value && !json_is_array(value) && !json_is_null(value))
        return irsa_take_fail(take, field, "an array is needed, not %s", type_of(value));
    *ret = json_is_array(value) ? value : NULL;
    return 0;
}

int irsa_take_object(const struct irsa_take *take, const json_t *object, const char *field,
                     json_t **ret)
{
    json_t *value = json_object_get(object, field);
    if (value && !json_is_object(value) && !json_is_null(value))
        return irsa_take_fail(take, field, "an object is needed, not %s", type_of(value));
    *ret = json_is_object(value) ? value : NULL;
    return 0;
}

int irsa_take_strings(const struct irsa_take *take, const json_t *object, const char *field,
                      struct irsa_strings *ret)
{
    json_t *array = NULL;
    if (irsa_take_array(take, object, field, &array) != 0)
        return -1;
    size_t i = 0;
    json_t *value = NULL;
    json_array_foreach(array, i, value)
    {
        if (!json_is_string(value)) {
            irsa_autofree char *place = irsa_format("%s[%zu]", field, i);
            return irsa_take_fail(take, place, "a string is needed, not %s", type_of(value));
        }
        irsa_strings_add(ret, json_string_value(value));
    }
    return 0;
}

/* IAM's wire format has policy documents URL-encoded by RFC 3986, the AWS CLI decodes them
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html). A JSON text begins with a
 * bracket, which the encoding turns into %7B. */
static struct irsa_policy *policy_of_text(const char *text, enum irsa_policy_kind kind,
                                          int *ret_form)
{
    const char *start = text + strspn(text, " \t\r\n");
    if (*start == '%') {
        irsa_auto_buf decoded = {0};
        if (irsa_url_decode(start, &decoded)) {
            *ret_form = IRSA_TRUST_AS_URL_ENCODED;
            return irsa_policy_new_text(irsa_buf_str(&decoded), decoded.len, kind);
        }
    }
    *ret_form = IRSA_TRUST_AS_JSON_STRING;
    return irsa_policy_new_text(text, strlen(text), kind);
}

int irsa_take_policy(const struct irsa_take *take, const json_t *object, const char *field,
                     enum irsa_policy_kind kind, struct irsa_policy **ret, int *ret_form)
{
    const json_t *value = json_object_get(object, field);
    int form = IRSA_TRUST_AS_OBJECT;
    *ret = NULL;
    if (!value || json_is_null(value))
        return 0;
    if (json_is_string(value))
        *ret = policy_of_text(json_string_value(value), kind, &form);
    else if (json_is_object(value))
        *ret = irsa_policy_new(value, kind);
    else
        return irsa_take_fail(take, field, "a policy document is an object or its text, not %s",
                              type_of(value));
    /* There may be thousands, of which a handful matter. */
    irsa_policy_freeze(*ret);
    if (ret_form)
        *ret_form = form;
    return 0;
}

/* The AWS CLI leaves NextToken in its answer when --max-items cut it; IAM itself has IsTruncated
 * (https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html). */
bool irsa_answer_cut(const json_t *document)
{
    const json_t *token = json_object_get(document, "NextToken");
    const json_t *token_eks = json_object_get(document, "nextToken");
    return json_is_true(json_object_get(document, "IsTruncated"))
           || (json_is_string(token) && json_string_length(token) > 0)
           || (json_is_string(token_eks) && json_string_length(token_eks) > 0);
}
