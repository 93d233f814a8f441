/* SPDX-License-Identifier: Apache-2.0 */
/* YAML text for new values: whole documents, and the pieces that the editor puts in. */
#include "document/yaml.h"

#define COLUMN_MAX 1000

static void add_spaces(struct irsa_buf *buf, size_t count)
{
    for (size_t i = 0; i < count; i++)
        irsa_buf_addc(buf, ' ');
}

/* The code point at text and its length; text is valid UTF-8. */
static unsigned int code_point(const unsigned char *text, size_t *ret_len)
{
    *ret_len = text[0] < 0x80 ? 1 : text[0] < 0xe0 ? 2 : text[0] < 0xf0 ? 3 : 4;
    if (*ret_len == 1)
        return text[0];
    unsigned int point = text[0] & (0x7fU >> *ret_len);
    for (size_t i = 1; i < *ret_len; i++)
        point = point << 6 | (text[i] & 0x3fU);
    return point;
}

/* Characters that every reader takes as they are (YAML 1.2, section 5.1), line ends apart. */
static bool is_printable(unsigned int point)
{
    if (point == 0x2028 || point == 0x2029 || point == 0xfeff)
        return false;
    return (point >= 0x20 && point < 0x7f) || (point >= 0xa0 && point <= 0xd7ff)
           || (point >= 0xe000 && point <= 0xfffd) || point >= 0x10000;
}

static bool all_printable(const char *text, size_t len, bool line_feeds)
{
    for (size_t i = 0; i < len;) {
        size_t step = 1;
        unsigned int point = code_point((const unsigned char *)text + i, &step);
        if (!is_printable(point) && !(line_feeds && point == '\n'))
            return false;
        i += step;
    }
    return true;
}

static void emit_escape(struct irsa_buf *buf, unsigned int point)
{
    if (point == '\n')
        irsa_buf_adds(buf, "\\n");
    else if (point == '\t')
        irsa_buf_adds(buf, "\\t");
    else if (point == '\r')
        irsa_buf_adds(buf, "\\r");
    else if (point < 0x100)
        irsa_buf_addf(buf, "\\x%02X", point);
    else
        irsa_buf_addf(buf, "\\u%04X", point);
}

static void emit_double(struct irsa_buf *buf, const char *text, size_t len)
{
    irsa_buf_addc(buf, '"');
    for (size_t i = 0; i < len;) {
        size_t step = 1;
        unsigned int point = code_point((const unsigned char *)text + i, &step);
        if (point == '"' || point == '\\')
            irsa_buf_addc(buf, '\\');
        if (is_printable(point))
            irsa_buf_add(buf, text + i, step);
        else
            emit_escape(buf, point);
        i += step;
    }
    irsa_buf_addc(buf, '"');
}

static void emit_single(struct irsa_buf *buf, const char *text, size_t len)
{
    irsa_buf_addc(buf, '\'');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'')
            irsa_buf_addc(buf, '\'');
        irsa_buf_addc(buf, text[i]);
    }
    irsa_buf_addc(buf, '\'');
}

void irsa_yaml_emit_string(struct irsa_buf *buf, const struct irsa_yaml_style *style,
                           const char *text, size_t len, enum irsa_quote quote, bool flow)
{
    if (quote == IRSA_QUOTE_NONE && irsa_yaml_plain_safe(text, len, flow)) {
        irsa_buf_add(buf, text, len);
        return;
    }
    quote = quote == IRSA_QUOTE_NONE ? style->needed_quote : quote;
    if (quote == IRSA_QUOTE_SINGLE && all_printable(text, len, false))
        emit_single(buf, text, len);
    else
        emit_double(buf, text, len);
}

void irsa_yaml_emit_key(struct irsa_buf *buf, const struct irsa_yaml_style *style, const char *key,
                        size_t column)
{
    bool flow = column == IRSA_YAML_FLOW;
    size_t start = buf->len;
    irsa_yaml_emit_string(buf, style, key, strlen(key), style->key_quote, flow);
    /* A key without `?` is at most 1,024 characters long (YAML 1.2, section 7.4.2). */
    if (buf->len - start > 1000) {
        irsa_buf_splice(buf, start, 0, "? ", 2);
        irsa_buf_adds(buf, flow ? " " : style->eol);
        add_spaces(buf, flow ? 0 : column);
    }
    irsa_buf_addc(buf, ':');
}

static void emit_number(struct irsa_buf *buf, const json_t *value)
{
    irsa_autofree char *text = json_dumps(value, JSON_ENCODE_ANY);
    irsa_buf_adds(buf, text);
}

static void emit_scalar(struct irsa_buf *buf, const struct irsa_yaml_style *style,
                        const json_t *value, bool flow)
{
    if (json_is_string(value))
        irsa_yaml_emit_string(buf, style, json_string_value(value), json_string_length(value),
                              style->value_quote, flow);
    else
        emit_number(buf, value);
}

void irsa_yaml_emit_flow(struct irsa_buf *buf, const struct irsa_yaml_style *style,
                         const json_t *value)
{
    if (json_is_array(value)) {
        irsa_buf_addc(buf, '[');
        for (size_t i = 0; i < json_array_size(value); i++) {
            irsa_buf_adds(buf, i > 0 ? ", " : "");
            irsa_yaml_emit_flow(buf, style, json_array_get(value, i));
        }
        irsa_buf_addc(buf, ']');
    } else if (json_is_object(value)) {
        const char *separator = "";
        const char *key;
        json_t *item;
        irsa_buf_addc(buf, '{');
        json_object_foreach((json_t *)value, key, item)
        {
            irsa_buf_adds(buf, separator);
            separator = ", ";
            irsa_yaml_emit_key(buf, style, key, IRSA_YAML_FLOW);
            irsa_buf_addc(buf, ' ');
            irsa_yaml_emit_flow(buf, style, item);
        }
        irsa_buf_addc(buf, '}');
    } else {
        emit_scalar(buf, style, value, true);
    }
}

/* Several lines that a literal block (|) can hold as they are, whatever stands behind it. */
static bool fits_literal(const json_t *value)
{
    const char *text = json_string_value(value);
    size_t len = json_string_length(value);
    const char *line_feed = memchr(text, '\n', len);
    if (!line_feed || text[0] == ' ' || text[0] == '\n' || text[0] == '\t')
        return false;
    if (strspn(text, "\n ") == len || irsa_has_suffix(text, " ") || strstr(text, " \n")
        || irsa_has_suffix(text, "\n\n"))
        return false;
    return all_printable(text, len, true);
}

static void emit_literal(struct irsa_buf *buf, const struct irsa_yaml_style *style,
                         const json_t *value, size_t column)
{
    const char *text = json_string_value(value);
    bool ended = irsa_has_suffix(text, "\n");
    irsa_buf_addf(buf, " |%s%s", ended ? "" : "-", style->eol);
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (len > 0)
            add_spaces(buf, column);
        irsa_buf_add(buf, text, len);
        irsa_buf_adds(buf, style->eol);
        text += len + (text[len] == '\n' ? 1 : 0);
    }
}

static bool is_block(const json_t *value)
{
    return json_object_size(value) > 0 || json_array_size(value) > 0;
}

void irsa_yaml_emit_after(struct irsa_buf *buf, const struct irsa_yaml_style *style,
                          const json_t *value, size_t column, bool in_sequence)
{
    size_t inner = column + (in_sequence ? 2 : style->step);
    if (!in_sequence && json_is_array(value))
        inner = column + style->sequence_offset;
    /* Deeper than any file: keeps the text's size linear. */
    if (is_block(value) && column > COLUMN_MAX) {
        irsa_buf_addc(buf, ' ');
        irsa_yaml_emit_flow(buf, style, value);
        irsa_buf_adds(buf, style->eol);
    } else if (is_block(value)) {
        irsa_buf_adds(buf, in_sequence ? " " : style->eol);
        if (!in_sequence)
            add_spaces(buf, inner);
        irsa_yaml_emit_block(buf, style, value, inner);
    } else if (!style->no_literals && json_is_string(value) && fits_literal(value)) {
        emit_literal(buf, style, value, inner);
    } else {
        irsa_buf_addc(buf, ' ');
        irsa_yaml_emit_flow(buf, style, value);
        irsa_buf_adds(buf, style->eol);
    }
}

void irsa_yaml_emit_block(struct irsa_buf *buf, const struct irsa_yaml_style *style,
                          const json_t *value, size_t column)
{
    size_t indent = 0;
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++) {
            add_spaces(buf, indent);
            indent = column;
            irsa_buf_addc(buf, '-');
            irsa_yaml_emit_after(buf, style, json_array_get(value, i), column, true);
        }
        return;
    }
    const char *key;
    json_t *item;
    json_object_foreach((json_t *)value, key, item)
    {
        add_spaces(buf, indent);
        indent = column;
        irsa_yaml_emit_key(buf, style, key, column);
        irsa_yaml_emit_after(buf, style, item, column, false);
    }
}

void irsa_yaml_write(const json_t *value, struct irsa_buf *ret)
{
    static const struct irsa_yaml_style style = IRSA_YAML_STYLE;
    if (is_block(value)) {
        irsa_yaml_emit_block(ret, &style, value, 0);
        return;
    }
    irsa_yaml_emit_flow(ret, &style, value);
    irsa_buf_addc(ret, '\n');
}
