/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pen.h"

#define NAMES_SHOWN 3

void irsa_pen_say(struct irsa_pen *pen, const char *fmt, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    if (len < 0)
        abort();
    irsa_buf_add(pen->out, text, (size_t)len);
    free(text);
}

/* The code point at text (valid UTF-8, as jansson guarantees) and its length in bytes. */
static uint32_t decode(const char *text, size_t *ret_len)
{
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) {
        *ret_len = 1;
        return s[0];
    }
    size_t len = s[0] >= 0xF0 ? 4 : s[0] >= 0xE0 ? 3 : 2;
    uint32_t point = s[0] & (0xFFU >> (len + 1));
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80) { /* not reached with valid text */
            *ret_len = i;
            return 0xFFFD;
        }
        point = point << 6 | (s[i] & 0x3FU);
    }
    *ret_len = len;
    return point;
}

/* Whatever could move the cursor, hide or reorder text on a terminal: C0, DEL, C1 (ECMA-48), line
 * and paragraph separators, and the bidirectional controls (Unicode TR 36, "Bidirectional Text
 * Spoofing"). */
static bool must_escape(uint32_t point, bool utf8)
{
    if (point < 0x20 || (point >= 0x7F && point < 0xA0))
        return true;
    if (point == 0x2028 || point == 0x2029 || point == 0xFEFF)
        return true;
    if ((point >= 0x200B && point <= 0x200F) || (point >= 0x202A && point <= 0x202E)
        || (point >= 0x2060 && point <= 0x2069))
        return true;
    return point > 0x7F && !utf8;
}

static size_t escape(struct irsa_buf *out, uint32_t point)
{
    char text[16];
    const char *shorthand = point == '\n'   ? "\\n"
                            : point == '\t' ? "\\t"
                            : point == '\r' ? "\\r"
                                            : NULL;
    int len = shorthand      ? snprintf(text, sizeof(text), "%s", shorthand)
              : point < 0x80 ? snprintf(text, sizeof(text), "\\x%02x", (unsigned)point)
                             : snprintf(text, sizeof(text), "\\u{%x}", (unsigned)point);
    irsa_buf_adds(out, text);
    return (size_t)len;
}

static size_t quote(bool utf8, const char *text, size_t characters, struct irsa_buf *out)
{
    size_t columns = 0;
    for (size_t n = 0; *text && n < characters; n++) {
        size_t len = 1;
        uint32_t point = decode(text, &len);
        if (must_escape(point, utf8)) {
            columns += escape(out, point);
        } else {
            irsa_buf_add(out, text, len);
            columns++;
        }
        text += len;
    }
    return columns;
}

size_t irsa_pen_quote(struct irsa_pen *pen, const char *text)
{
    return quote(pen->style->utf8, text, SIZE_MAX, pen->out);
}

size_t irsa_pen_width(const struct irsa_pen *pen, const char *text, size_t characters)
{
    irsa_auto_buf scratch = {0};
    return quote(pen->style->utf8, text, characters, &scratch);
}

void irsa_pen_ink(struct irsa_pen *pen, enum irsa_ink ink)
{
    static const char *const codes[] = {
        [IRSA_INK_BOLD] = "\033[1m",    [IRSA_INK_RED] = "\033[31m",  [IRSA_INK_GREEN] = "\033[32m",
        [IRSA_INK_YELLOW] = "\033[33m", [IRSA_INK_CYAN] = "\033[36m",
    };
    if (pen->style->colour)
        irsa_buf_adds(pen->out, codes[ink]);
}

void irsa_pen_plain(struct irsa_pen *pen)
{
    if (pen->style->colour)
        irsa_buf_adds(pen->out, "\033[m");
}

void irsa_pen_mark(struct irsa_pen *pen, enum irsa_mark mark)
{
    static const struct {
        const char *utf8;
        const char *ascii;
        enum irsa_ink ink;
    } marks[] = {
        [IRSA_MARK_GOOD] = {"\u2713", "[ok]", IRSA_INK_GREEN},
        [IRSA_MARK_BAD] = {"\u2717", "[x]", IRSA_INK_RED},
        [IRSA_MARK_UNKNOWN] = {"?", "[?]", IRSA_INK_YELLOW},
    };
    irsa_pen_ink(pen, marks[mark].ink);
    irsa_buf_adds(pen->out, pen->style->utf8 ? marks[mark].utf8 : marks[mark].ascii);
    irsa_pen_plain(pen);
}

const char *irsa_pen_arrow(const struct irsa_pen *pen)
{
    return pen->style->utf8 ? "\u2192" : "->";
}

void irsa_pen_names(struct irsa_pen *pen, const json_t *names)
{
    size_t count = json_array_size(names);
    size_t shown = pen->style->verbose || count <= NAMES_SHOWN + 1 ? count : NAMES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (i > 0)
            irsa_pen_say(pen, "%s", i + 1 == count ? " and " : ", ");
        irsa_pen_quote(pen, name ? name : "?");
    }
    if (shown < count)
        irsa_pen_say(pen, " and %zu more", count - shown);
}

const char *irsa_text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

json_int_t irsa_number_at(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

void irsa_pen_notes(struct irsa_pen *pen, const char *prefix, const json_t *notes)
{
    size_t i;
    json_t *note;
    json_array_foreach((json_t *)notes, i, note)
    {
        const char *text = json_string_value(note);
        irsa_pen_say(pen, "%snote: ", prefix);
        irsa_pen_quote(pen, text ? text : "");
        irsa_pen_say(pen, "\n");
    }
}

void irsa_pen_binding(struct irsa_pen *pen, enum irsa_mark mark, const json_t *binding)
{
    const char *role = irsa_text_at(binding, "role_arn");
    irsa_pen_mark(pen, mark);
    irsa_pen_say(pen, " ");
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_quote(pen, irsa_text_at(binding, "namespace"));
    irsa_pen_say(pen, "/");
    irsa_pen_quote(pen, irsa_text_at(binding, "service_account"));
    irsa_pen_plain(pen);
    irsa_pen_say(pen, " %s ", irsa_pen_arrow(pen));
    irsa_pen_quote(pen, *role ? role : "(no role known)");
}
