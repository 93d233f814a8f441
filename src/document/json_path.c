/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/document.h"

json_t *irsa_json_at(const json_t *value, const json_t *path)
{
    const json_t *at = value;
    for (size_t i = 0; at && i < json_array_size(path); i++) {
        const json_t *step = json_array_get(path, i);
        if (json_is_string(step))
            at = json_object_get(at, json_string_value(step));
        else if (json_is_integer(step) && json_integer_value(step) >= 0)
            at = json_array_get(at, (size_t)json_integer_value(step));
        else
            at = NULL;
    }
    return (json_t *)at;
}

static json_t *follow(const json_t *value, va_list keys)
{
    const json_t *at = value;
    for (const char *key = va_arg(keys, const char *); at && key; key = va_arg(keys, const char *))
        at = json_object_get(at, key);
    return (json_t *)at;
}

json_t *irsa_json_get(const json_t *value, ...)
{
    va_list keys;
    va_start(keys, value);
    json_t *at = follow(value, keys);
    va_end(keys);
    return at;
}

const char *irsa_json_string(const json_t *value, ...)
{
    va_list keys;
    va_start(keys, value);
    const json_t *at = follow(value, keys);
    va_end(keys);
    return json_string_value(at);
}

/* A key that reads unmistakably between dots. */
static bool is_plain_key(const char *key)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return *key && key[strspn(key, plain)] == '\0';
}

char *irsa_json_path_text(const json_t *path)
{
    struct irsa_buf buf = {0};
    size_t i;
    json_t *step;
    json_array_foreach(path, i, step)
    {
        const char *key = json_string_value(step);
        if (json_is_integer(step))
            irsa_buf_addf(&buf, "[%" JSON_INTEGER_FORMAT "]", json_integer_value(step));
        else if (key && is_plain_key(key))
            irsa_buf_addf(&buf, "%s%s", buf.len ? "." : "", key);
        else
            irsa_buf_addf(&buf, "[\"%s\"]", key ? key : "?");
    }
    return irsa_buf_steal(&buf);
}
