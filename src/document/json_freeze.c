/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values as bytes. Each is its type and a number: how many members, elements or bytes follow. Seven
 * bits of a number stand in each byte, the lowest first; the eighth says that more follow.
 */
#include "irsa/document.h"

static void add_size(struct irsa_buf *buf, size_t n)
{
    for (; n > 0x7f; n >>= 7)
        irsa_buf_addc(buf, (char)(0x80 | (n & 0x7f)));
    irsa_buf_addc(buf, (char)n);
}

static void begin(struct irsa_buf *buf, const json_t *value, size_t n)
{
    irsa_buf_addc(buf, (char)json_typeof(value));
    add_size(buf, n);
}

static void add_object(const json_t *object, struct irsa_buf *ret)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)object, key, value)
    {
        const size_t len = strlen(key);
        add_size(ret, len);
        irsa_buf_add(ret, key,
                     len + 1); /* with its end, so that it need not be copied to be used */
        irsa_json_freeze(value, ret);
    }
}

static void add_array(const json_t *array, struct irsa_buf *ret)
{
    size_t i = 0;
    json_t *value = NULL;
    json_array_foreach(array, i, value)
    {
        irsa_json_freeze(value, ret);
    }
}

void irsa_json_freeze(const json_t *value, struct irsa_buf *ret)
{
    const json_int_t integer = json_integer_value(value);
    const double real = json_real_value(value);
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        begin(ret, value, json_object_size(value));
        add_object(value, ret);
        break;
    case JSON_ARRAY:
        begin(ret, value, json_array_size(value));
        add_array(value, ret);
        break;
    case JSON_STRING:
        begin(ret, value, json_string_length(value));
        irsa_buf_add(ret, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        begin(ret, value, sizeof(integer));
        irsa_buf_add(ret, &integer, sizeof(integer));
        break;
    case JSON_REAL:
        begin(ret, value, sizeof(real));
        irsa_buf_add(ret, &real, sizeof(real));
        break;
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
    default:
        begin(ret, value, 0);
        break;
    }
}

/* --- and back --------------------------------------------------------------------------------- */

static size_t take_size(const char **at)
{
    size_t n = 0;
    unsigned shift = 0;
    unsigned char byte = 0;
    do {
        byte = (unsigned char)*(*at)++;
        n |= (size_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return n;
}

static json_t *thaw(const char **at);

static json_t *take_object(const char **at, size_t count)
{
    json_t *object = json_object();
    for (size_t i = 0; i < count; i++) {
        const size_t len = take_size(at);
        const char *key = *at;
        *at += len + 1;
        (void)json_object_set_new_nocheck(object, key, thaw(at));
    }
    return object;
}

static json_t *take_array(const char **at, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(array, thaw(at));
    return array;
}

static json_t *take_scalar(const char **at, json_type type, size_t len)
{
    const char *bytes = *at;
    json_int_t integer = 0;
    double real = 0;
    *at += len;
    switch (type) {
    case JSON_STRING:
        return json_stringn_nocheck(bytes, len);
    case JSON_INTEGER:
        memcpy(&integer, bytes, sizeof(integer));
        return json_integer(integer);
    case JSON_REAL:
        memcpy(&real, bytes, sizeof(real));
        return json_real(real);
    case JSON_TRUE:
        return json_true();
    case JSON_FALSE:
        return json_false();
    default:
        return json_null();
    }
}

static json_t *thaw(const char **at)
{
    const json_type type = (json_type)(unsigned char)*(*at)++;
    const size_t n = take_size(at);
    if (type == JSON_OBJECT)
        return take_object(at, n);
    return type == JSON_ARRAY ? take_array(at, n) : take_scalar(at, type, n);
}

json_t *irsa_json_thaw(const char *frozen)
{
    return thaw(&frozen);
}
