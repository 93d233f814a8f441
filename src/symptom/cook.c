/* SPDX-License-Identifier: Apache-2.0 */
#include "symptom/record.h"

#include <ctype.h>

/* What is read of the carrier: JSON's and Go's escapes, terminal sequences, HTML's entities. */
struct cook {
    struct symptom_plain *plain;
    bool join;
    bool line_begins;
    enum { ANSI_NO, ANSI_ESCAPE, ANSI_SEQUENCE } ansi;
};

void symptom_plain_done(struct symptom_plain *plain)
{
    irsa_buf_done(&plain->text);
    irsa_buf_done(&plain->fold);
}

static char last(const struct symptom_plain *plain)
{
    return plain->text.len > 0 ? plain->text.data[plain->text.len - 1] : '\n';
}

/* White space is kept as one: a line's end wins over spaces. */
static void put_space(struct cook *cook, char c)
{
    struct irsa_buf *text = &cook->plain->text;
    if (c == '\n')
        cook->line_begins = true;
    if (text->len == 0 || (c == '\n' && cook->join))
        return;
    if (last(cook->plain) == ' ' || last(cook->plain) == '\n') {
        if (c == '\n')
            text->data[text->len - 1] = '\n';
        return;
    }
    if (cook->join && cook->line_begins)
        return; /* what a broken line is indented with */
    irsa_buf_addc(text, c == '\n' ? '\n' : ' ');
    irsa_buf_addc(&cook->plain->fold, ' ');
}

/* Sequences of terminals (ECMA-48: ESC [ ... final byte) are passed over. */
static bool is_ansi(struct cook *cook, char c)
{
    if (c == '\033') {
        cook->ansi = ANSI_ESCAPE;
        return true;
    }
    if (cook->ansi == ANSI_ESCAPE) {
        cook->ansi = c == '[' ? ANSI_SEQUENCE : ANSI_NO;
        return c == '[';
    }
    if (cook->ansi == ANSI_SEQUENCE) {
        if (c >= 0x40 && c <= 0x7e)
            cook->ansi = ANSI_NO;
        return true;
    }
    return false;
}

static void put(struct cook *cook, char c)
{
    if (is_ansi(cook, c) || c == '\0')
        return;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\v' || c == '\f') {
        put_space(cook, c);
        return;
    }
    /* Quoting marks of mails and boxes of terminals in front of a line. */
    if (cook->line_begins && (c == '>' || c == '|'))
        return;
    cook->line_begins = false;
    irsa_buf_addc(&cook->plain->text, c);
    irsa_buf_addc(&cook->plain->fold, (char)tolower((unsigned char)c));
}

static int hex_value(const char *at)
{
    int value = 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = strchr("0123456789abcdef", tolower((unsigned char)at[i]));
        if (!digit || !at[i])
            return -1;
        value = value * 16 + (int)(digit - "0123456789abcdef");
    }
    return value;
}

/* An escape at data[at], a backslash, whatever number of times it was escaped (a log line in a log
 * line). Returns how many bytes it takes; 0: it is none. */
static size_t put_escape(struct cook *cook, const char *data, size_t len, size_t at)
{
    size_t slashes = 0;
    while (at + slashes < len && data[at + slashes] == '\\')
        slashes++;
    if (at + slashes >= len)
        return 0;
    const char c = data[at + slashes];
    if (c == 'n' || c == 'r' || c == 't') {
        put(cook, c == 'n' ? '\n' : ' ');
        return slashes + 1;
    }
    if (c == '"' || c == '\'' || c == '/') {
        put(cook, c);
        return slashes + 1;
    }
    if (c != 'u' || len - at - slashes < 5)
        return 0;
    const int value = hex_value(data + at + slashes + 1);
    if (value < 1 || value > 0x7e)
        return 0;
    put(cook, (char)value);
    return slashes + 5;
}

static size_t put_entity(struct cook *cook, const char *data, size_t len, size_t at)
{
    static const struct {
        const char *name;
        char c;
    } entities[] = {{"&quot;", '"'}, {"&#34;", '"'}, {"&#39;", '\''}, {"&apos;", '\''},
                    {"&lt;", '<'},   {"&gt;", '>'},  {"&amp;", '&'}};
    for (size_t i = 0; i < IRSA_COUNT(entities); i++) {
        const size_t name_len = strlen(entities[i].name);
        if (name_len <= len - at && strncmp(data + at, entities[i].name, name_len) == 0) {
            put(cook, entities[i].c);
            return name_len;
        }
    }
    return 0;
}

/* The bar that k9s and stern draw (U+2502), at the beginning of a line. */
static size_t skip_bar(const struct cook *cook, const char *data, size_t len, size_t at)
{
    return cook->line_begins && len - at >= 3 && memcmp(data + at, "\xe2\x94\x82", 3) == 0 ? 3 : 0;
}

void symptom_plain_make(const char *data, size_t len, bool join, struct symptom_plain *ret)
{
    struct cook cook = {.plain = ret, .join = join, .line_begins = true};
    for (size_t at = 0; at < len;) {
        size_t taken = 0;
        if (data[at] == '\\')
            taken = put_escape(&cook, data, len, at);
        else if (data[at] == '&')
            taken = put_entity(&cook, data, len, at);
        else if (data[at] == '\xe2')
            taken = skip_bar(&cook, data, len, at);
        if (taken == 0) {
            put(&cook, data[at]);
            taken = 1;
        }
        at += taken;
    }
    while (ret->text.len > 0 && (last(ret) == ' ' || last(ret) == '\n')) {
        ret->text.data[--ret->text.len] = '\0';
        ret->fold.data[--ret->fold.len] = '\0';
    }
}
