/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/policy.h"

/* Characters, not bytes: continuation bytes of UTF-8 do not count. Escapes as jansson writes them:
 * two characters for quote, backslash and the short ones, six for other control characters. */
static size_t string_size(const char *text, size_t len)
{
    size_t count = 2;
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\' || (c < 0x20 && strchr("\b\f\n\r\t", c) && c != '\0'))
            count += 2;
        else if (c < 0x20)
            count += 6;
        else
            count += (c & 0xc0) != 0x80;
    }
    return count;
}

static size_t number_size(const json_t *value)
{
    irsa_autofree char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    return text ? strlen(text) : 0;
}

static size_t array_size(const json_t *array)
{
    const size_t len = json_array_size(array);
    size_t count = len > 0 ? len + 1 : 2; /* brackets and commas */
    for (size_t i = 0; i < len; i++)
        count += irsa_policy_size(json_array_get(array, i));
    return count;
}

static size_t object_size(const json_t *object)
{
    const size_t len = json_object_size(object);
    size_t count = len > 0 ? 2 * len + 1 : 2; /* braces, colons and commas */
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value) count +=
        string_size(key, strlen(key)) + irsa_policy_size(value);
    return count;
}

/* "IAM doesn't count white space when calculating the size of a policy against these quotas", said
 * of permission policies and taken to be so for trust policies:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
size_t irsa_policy_size(const json_t *document)
{
    if (!document)
        return 0;
    switch (json_typeof(document)) {
    case JSON_OBJECT:
        return object_size(document);
    case JSON_ARRAY:
        return array_size(document);
    case JSON_STRING:
        return string_size(json_string_value(document), json_string_length(document));
    case JSON_FALSE:
        return strlen("false");
    case JSON_TRUE:
    case JSON_NULL:
        return strlen("true");
    case JSON_INTEGER:
    case JSON_REAL:
    default:
        return number_size(document);
    }
}
