/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON of a peer that writes much more than is wanted (a pod of Kubernetes is two thirds
 * managedFields and status): what is wanted is made into json_t, the rest is passed over in one
 * glance at its strings and brackets. https://www.rfc-editor.org/rfc/rfc8259
 */
#include "irsa/document.h"

#include "document/position.h"

#define ESCAPE_MAX 4 /* bytes that an escape becomes in UTF-8 */

struct reader {
    const char *name;
    const char *text;
    const char *p;
    const char *end;
    size_t depth;
    struct irsa_error **reterr;
};

static int fail_kind(struct reader *reader, enum irsa_error_kind kind, const char *reason)
{
    size_t line = 0;
    size_t column = 0;
    irsa_locate(reader->text, (size_t)(reader->p - reader->text), &line, &column);
    return irsa_fail(reader->reterr, kind, "%s:%zu:%zu: %s", reader->name, line, column, reason);
}

static int fail(struct reader *reader, const char *reason)
{
    return fail_kind(reader, IRSA_E_PARSE, reason);
}

static int too_deep(struct reader *reader)
{
    irsa_autofree char *reason =
        irsa_format("nested deeper than %d levels", IRSA_DOCUMENT_MAX_DEPTH);
    return fail_kind(reader, IRSA_E_LIMIT, reason);
}

/* The next byte that is no blank; NUL at the end, where a NUL in the text is no JSON either. */
static char next(struct reader *reader)
{
    while (reader->p < reader->end
           && (*reader->p == ' ' || *reader->p == '\n' || *reader->p == '\t' || *reader->p == '\r'))
        reader->p++;
    return reader->p < reader->end ? *reader->p : '\0';
}

/* --- strings ---------------------------------------------------------------------------------- */

/* A string as it stands in the text, without its quotes. */
struct raw {
    const char *at;
    size_t len;
    bool escapes;
};

static int take_raw(struct reader *reader, struct raw *ret)
{
    const char *begin = ++reader->p;
    bool escapes = false;
    for (; reader->p < reader->end && *reader->p != '"'; reader->p++) {
        if ((unsigned char)*reader->p < 0x20)
            return fail(reader, "a control character in a string");
        if (*reader->p != '\\')
            continue;
        escapes = true;
        reader->p += reader->p + 1 < reader->end;
    }
    if (reader->p >= reader->end)
        return fail(reader, "the text ends in a string");
    *ret = (struct raw){begin, (size_t)(reader->p - begin), escapes};
    reader->p++;
    return 0;
}

static bool hex4(const char *p, const char *end, uint32_t *ret)
{
    uint32_t value = 0;
    if (end - p < 4)
        return false;
    for (int i = 0; i < 4; i++) {
        const char c = p[i];
        const char lower = (char)(c | 0x20);
        if (c >= '0' && c <= '9')
            value = value * 16 + (uint32_t)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value * 16 + (uint32_t)(lower - 'a' + 10);
        else
            return false;
    }
    *ret = value;
    return true;
}

static size_t encode_utf8(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    const size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = more; i > 0; i--) {
        out[i] = (char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(lead[more] | code);
    return more + 1;
}

/* \uXXXX, or two of them for what lies beyond 16 bits; `*p` is behind the `u`. */
static bool take_unicode(const char **p, const char *end, uint32_t *ret)
{
    uint32_t low = 0;
    if (!hex4(*p, end, ret))
        return false;
    *p += 4;
    if (*ret < 0xd800 || *ret > 0xdfff)
        return true;
    if (*ret > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u'
        || !hex4(*p + 2, end, &low) || low < 0xdc00 || low > 0xdfff)
        return false;
    *p += 6;
    *ret = 0x10000 + ((*ret - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/* `out` has the room of the escaped text. */
static int decode(struct reader *reader, const struct raw *raw, char *out, size_t *ret_len)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    const char *end = raw->at + raw->len;
    size_t len = 0;
    for (const char *p = raw->at; p < end;) {
        uint32_t code = 0;
        if (*p != '\\') {
            out[len++] = *p++;
            continue;
        }
        p += 2; /* there is a byte behind every backslash */
        const char *found = p[-1] ? strchr(from, p[-1]) : NULL;
        if (found)
            out[len++] = to[found - from];
        else if (p[-1] == 'u' && take_unicode(&p, end, &code))
            len += encode_utf8(code, out + len);
        else
            return fail(reader, "an escape that JSON does not have");
    }
    *ret_len = len;
    return 0;
}

static json_t *read_string(struct reader *reader)
{
    struct raw raw = {0};
    if (take_raw(reader, &raw) != 0)
        return NULL;
    irsa_autofree char *decoded = raw.escapes ? irsa_calloc(1, raw.len + ESCAPE_MAX) : NULL;
    size_t len = raw.len;
    if (decoded && decode(reader, &raw, decoded, &len) != 0)
        return NULL;
    json_t *string = json_stringn(decoded ? decoded : raw.at, len);
    if (!string)
        (void)fail(reader, "bytes that are no UTF-8 in a string");
    return string;
}

const char *irsa_json_string_end(const char *p, const char *end)
{
    for (;;) {
        p = memchr(p, '"', (size_t)(end - p));
        if (!p)
            return end;
        size_t backslashes = 0;
        while (p[-1 - (ptrdiff_t)backslashes] == '\\')
            backslashes++;
        if (backslashes % 2 == 0)
            return p;
        p++;
    }
}

/* --- what is not wanted ----------------------------------------------------------------------- */

/* Everything up to where the value ends: brackets have to pair in number, strings to end. */
static int skip_value(struct reader *reader)
{
    size_t open = 0;
    do {
        switch (next(reader)) {
        case '\0':
            return fail(reader, "the text ends in a value");
        case '"':
            reader->p = irsa_json_string_end(reader->p + 1, reader->end);
            if (reader->p >= reader->end)
                return fail(reader, "the text ends in a string");
            break;
        case '{':
        case '[':
            if (reader->depth + ++open > IRSA_DOCUMENT_MAX_DEPTH)
                return too_deep(reader);
            break;
        case '}':
        case ']':
            if (open == 0)
                return fail(reader, "a value is missing");
            open--;
            break;
        case ',':
        case ':':
            if (open == 0)
                return fail(reader, "a value is missing");
            break;
        default: /* a number or a word, up to its end */
            while (reader->p + 1 < reader->end && !strchr(",:]}\"[{ \t\r\n", reader->p[1]))
                reader->p++;
            break;
        }
        reader->p++;
    } while (open > 0);
    return 0;
}

/* --- what is ---------------------------------------------------------------------------------- */

static json_t *read_value(struct reader *reader, const struct irsa_json_fields *fields);

/* Numbers and words: short and few. */
static json_t *read_scalar(struct reader *reader)
{
    const char *begin = reader->p;
    while (reader->p < reader->end && !strchr(",:]}\"[{ \t\r\n", *reader->p))
        reader->p++;
    json_t *value =
        json_loadb(begin, (size_t)(reader->p - begin), JSON_DECODE_ANY, /* error= */ NULL);
    if (!value) {
        reader->p = begin;
        (void)fail(reader, "no value of JSON");
    }
    return value;
}

/* The field of that name; NULL: not wanted. */
static const struct irsa_json_fields *wanted(const struct irsa_json_fields *fields, const char *key,
                                             size_t len)
{
    for (; fields->key; fields++) {
        if (strncmp(fields->key, key, len) == 0 && fields->key[len] == '\0')
            return fields;
    }
    return NULL;
}

static int read_named(struct reader *reader, const struct irsa_json_fields *fields, const char *key,
                      size_t len, json_t *object)
{
    const struct irsa_json_fields *field = fields ? wanted(fields, key, len) : NULL;
    if (next(reader) != ':')
        return fail(reader, "a colon is needed");
    reader->p++;
    if (fields && !field)
        return skip_value(reader);
    json_t *value = read_value(reader, field ? field->below : NULL);
    if (!value)
        return -1;
    if (json_object_setn_new(object, key, len, value) != 0)
        return fail(reader, "bytes that are no UTF-8 in a key");
    return 0;
}

static int read_member(struct reader *reader, const struct irsa_json_fields *fields, json_t *object)
{
    struct raw key = {0};
    if (next(reader) != '"')
        return fail(reader, "a key is needed");
    if (take_raw(reader, &key) != 0)
        return -1;
    if (!key.escapes)
        return read_named(reader, fields, key.at, key.len, object);
    irsa_autofree char *decoded = irsa_calloc(1, key.len + ESCAPE_MAX);
    size_t len = 0;
    if (decode(reader, &key, decoded, &len) != 0)
        return -1;
    return read_named(reader, fields, decoded, len, object);
}

static int read_element(struct reader *reader, const struct irsa_json_fields *fields, json_t *array)
{
    json_t *value = read_value(reader, fields);
    return value ? json_array_append_new(array, value) : -1;
}

static int read_elements(struct reader *reader, const struct irsa_json_fields *fields, bool object,
                         json_t *into)
{
    const char close = object ? '}' : ']';
    reader->p++;
    if (next(reader) == close) {
        reader->p++;
        return 0;
    }
    for (;;) {
        if ((object ? read_member(reader, fields, into) : read_element(reader, fields, into)) != 0)
            return -1;
        const char c = next(reader);
        if (c != ',' && c != close)
            return fail(reader, "a comma or a closing bracket is needed");
        reader->p++;
        if (c == close)
            return 0;
    }
}

static json_t *read_value(struct reader *reader, const struct irsa_json_fields *fields)
{
    const char c = next(reader);
    if (c == '"')
        return read_string(reader);
    if (c != '{' && c != '[')
        return read_scalar(reader);
    if (reader->depth >= IRSA_DOCUMENT_MAX_DEPTH) {
        (void)too_deep(reader);
        return NULL;
    }
    json_auto_t *into = c == '{' ? json_object() : json_array();
    reader->depth++;
    if (read_elements(reader, fields, c == '{', into) != 0)
        return NULL;
    reader->depth--;
    return irsa_steal(&into);
}

json_t *irsa_json_read_fields(const char *name, const char *text, size_t len,
                              const struct irsa_json_fields *fields, struct irsa_error **reterr)
{
    struct reader reader = {
        .name = name, .text = text, .p = text, .end = text + len, .reterr = reterr};
    json_auto_t *value = read_value(&reader, fields);
    if (!value)
        return NULL;
    if (next(&reader) != '\0' || reader.p < reader.end) {
        (void)fail(&reader, "text after the value");
        return NULL;
    }
    return irsa_steal(&value);
}
