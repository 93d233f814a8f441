/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/document.h"

static int add_to_buf(const char *data, size_t len, void *buf)
{
    irsa_buf_add(buf, data, len);
    return 0;
}

static void write_with(const json_t *value, size_t flags, struct irsa_buf *ret)
{
    if (json_dump_callback(value, add_to_buf, ret, flags | JSON_ENCODE_ANY) != 0)
        abort(); /* only a loop in the value or memory could fail it */
}

void irsa_json_write(const json_t *value, struct irsa_buf *ret)
{
    write_with(value, JSON_INDENT(4), ret);
    irsa_buf_addc(ret, '\n');
}

void irsa_json_write_compact(const json_t *value, struct irsa_buf *ret)
{
    write_with(value, JSON_COMPACT, ret);
}

void irsa_json_write_canonical(const json_t *value, struct irsa_buf *ret)
{
    write_with(value, JSON_COMPACT | JSON_SORT_KEYS, ret);
}

void irsa_json_set(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

json_t *irsa_json_text(const char *text)
{
    return text ? json_string(text) : json_null();
}

json_t *irsa_json_size(size_t n)
{
    return json_integer((json_int_t)n);
}
