/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/ini.h"

#include <ini.h>

/* inih 55 cuts lines at 199 bytes, section names and keys at 49, and takes " ;" for a comment. Each
 * piece of a line that is longer or means something to it is therefore handed over as a token (this
 * mark and a number) and put back in the handler; no text of the user's can hold the mark, since
 * control characters are refused. A line is then two pieces and " = " at most. */
#define TOKEN_MARK '\x01'
#define PIECE_MAX 49

/* At the beginning of a file it is skipped; anywhere else it is what joining files left, and can't
 * be seen. */
#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct reader {
    const char *name;
    const char *text;
    size_t len;
    size_t at;
    size_t line;
    struct irsa_strings tokens; /* the pieces of the present line that are held back */
    struct irsa_map seen;       /* section names to their lines */
    struct irsa_ini ini;
    struct irsa_error *error;
};

static int fail(struct reader *reader, const char *fmt, ...) IRSA_PRINTF(2, 3);
static int fail(struct reader *reader, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    irsa_autofree char *reason = irsa_vformat(fmt, args);
    va_end(args);
    return irsa_fail(&reader->error, IRSA_E_PARSE, "%s:%zu: %s", reader->name, reader->line,
                     reason);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static const char *skip_blanks(const char *s)
{
    while (is_blank(*s))
        s++;
    return s;
}

/* True where nothing but white space and a comment is left. Comments need white space in front. */
static bool is_rest_empty(const char *rest)
{
    const char *p = skip_blanks(rest);
    return *p == '\0' || (p > rest && (*p == ';' || *p == '#'));
}

static int check_line(struct reader *reader, const char *line, size_t len)
{
    size_t bad = 0;
    if (!irsa_utf8_valid(line, len, &bad)) {
        (void)fail(reader, "invalid UTF-8 (byte 0x%02x in column %zu)", (unsigned char)line[bad],
                   bad + 1);
        return irsa_hint(&reader->error, "save the file as UTF-8");
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)line[i];
        if (byte == '\0')
            return fail(reader, "NUL byte in column %zu", i + 1);
        if ((byte < 0x20 && byte != '\t') || byte == 0x7f)
            return fail(reader, "control character 0x%02x in column %zu", byte, i + 1);
    }
    const char *mark = memmem(line, len, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK));
    if (mark)
        return fail(reader, "byte order mark in column %zu", (size_t)(mark - line) + 1);
    return 0;
}

/* The next line without its end and the byte order mark, the caller's; NULL at the end of the text
 * or with the error set. */
static char *next_line(struct reader *reader)
{
    size_t mark_len = strlen(BYTE_ORDER_MARK);
    if (reader->at == 0 && reader->len >= mark_len
        && memcmp(reader->text, BYTE_ORDER_MARK, mark_len) == 0)
        reader->at = mark_len;
    if (reader->at >= reader->len)
        return NULL;
    const char *begin = reader->text + reader->at;
    const char *newline = memchr(begin, '\n', reader->len - reader->at);
    size_t len = newline ? (size_t)(newline - begin) : reader->len - reader->at;
    reader->at += len + 1;
    reader->line++;
    if (len > 0 && begin[len - 1] == '\r')
        len--;
    return check_line(reader, begin, len) == 0 ? irsa_strndup(begin, len) : NULL;
}

/* Appends a piece, or its token. */
static void add_piece(struct reader *reader, struct irsa_buf *line, const char *piece)
{
    size_t len = strlen(piece);
    bool plain = len > 0 && len <= PIECE_MAX && !strpbrk(piece, ";#[]\"") && !is_blank(piece[0])
                 && !is_blank(piece[len - 1]);
    if (plain) {
        irsa_buf_adds(line, piece);
        return;
    }
    irsa_buf_addf(line, "%c%zu", TOKEN_MARK, reader->tokens.len);
    irsa_strings_add(&reader->tokens, piece);
}

static const char *piece_of(const struct reader *reader, const char *text)
{
    if (text[0] != TOKEN_MARK)
        return text;
    size_t index = strtoul(text + 1, NULL, 10);
    return index < reader->tokens.len ? reader->tokens.items[index] : NULL;
}

static int open_section(struct reader *reader, char *name)
{
    irsa_autofree char *owned = name;
    size_t seen = irsa_map_get(&reader->seen, name);
    if (seen != IRSA_MAP_NONE)
        return fail(reader, "section [%.300s] is repeated, it was opened in line %zu", name, seen);
    (void)irsa_map_put(&reader->seen, name, reader->line);
    struct irsa_ini *ini = &reader->ini;
    ini->sections = irsa_grow(ini->sections, ini->section_count, sizeof *ini->sections);
    ini->sections[ini->section_count++] =
        (struct irsa_ini_section){.name = irsa_steal(&owned), .line = reader->line};
    return 0;
}

/* `[name]`: the name, from behind the bracket on, with white space runs outside quotes as one
 * space. *ret_rest is what follows the closing bracket, NULL where there is none. */
static char *section_name(const char *begin, const char **ret_rest)
{
    struct irsa_buf name = {0};
    bool quoted = false;
    const char *p = skip_blanks(begin);
    for (; *p && (*p != ']' || quoted); p++) {
        if (*p == '"')
            quoted = !quoted;
        if (quoted || !is_blank(*p))
            irsa_buf_addc(&name, *p);
        else if (!is_blank(p[1]) && p[1] != ']')
            irsa_buf_addc(&name, ' ');
    }
    *ret_rest = *p == ']' ? p + 1 : NULL;
    return irsa_buf_steal(&name);
}

static int scan_section(struct reader *reader, const char *line, struct irsa_buf *ret)
{
    const char *rest = NULL;
    irsa_autofree char *name = section_name(line + 1, &rest);
    if (!rest)
        return fail(reader, "section has no closing \"]\" or its quotes are not closed");
    if (*name == '\0')
        return fail(reader, "section has no name");
    if (!is_rest_empty(rest))
        return fail(reader, "text after the section's \"]\"");
    irsa_buf_addc(ret, '[');
    /* the handler never needs the name: the section opened last is the one */
    add_piece(reader, ret, name);
    irsa_buf_addc(ret, ']');
    return open_section(reader, irsa_steal(&name));
}

static int scan_quoted(struct reader *reader, const char *text, struct irsa_buf *ret)
{
    const char *p = text + 1;
    for (; *p && *p != '"'; p++) {
        if (*p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
        irsa_buf_addc(ret, *p);
    }
    if (*p == '\0')
        return fail(reader, "value has no closing quote");
    if (is_rest_empty(p + 1))
        return 0;
    (void)fail(reader, "text after the value's closing quote");
    return irsa_hint(&reader->error, "inside a quoted value, write \\\" for a quote");
}

/* The value from behind `=` on. */
static int scan_value(struct reader *reader, const char *text, struct irsa_buf *ret)
{
    const char *begin = skip_blanks(text);
    if (*begin == '"')
        return scan_quoted(reader, begin, ret);
    const char *end = begin;
    while (*end && !((*end == ';' || *end == '#') && end > text && is_blank(end[-1])))
        end++;
    while (end > begin && is_blank(end[-1]))
        end--;
    irsa_buf_add(ret, begin, (size_t)(end - begin));
    if (end == begin || end[-1] != '\\')
        return 0;
    (void)fail(reader, "value ends with a backslash, but lines are not joined");
    return irsa_hint(&reader->error,
                     "repeat the key for another value, or put the value in quotes");
}

static int no_key(struct reader *reader, const char *line)
{
    (void)fail(reader, "neither [section] nor key = value");
    size_t word = strcspn(line, ": \t");
    if (word > 0 && line[word] == ':')
        return irsa_hint(&reader->error, "write \"%.*s = ...\"", (int)(word < 60 ? word : 60),
                         line);
    return irsa_hint(&reader->error, "a value ends with its line; repeat the key for more values");
}

static int scan_key(struct reader *reader, const char *line, struct irsa_buf *ret)
{
    const char *equals = strchr(line, '=');
    if (!equals)
        return no_key(reader, line);
    const char *end = equals;
    while (end > line && is_blank(end[-1]))
        end--;
    irsa_autofree char *key = irsa_strndup(line, (size_t)(end - line));
    if (*key == '\0')
        return fail(reader, "key is missing in front of \"=\"");
    const char *bad = strpbrk(key, " \t:\"';#[]");
    if (bad && *bad == ':')
        return no_key(reader, line);
    if (bad)
        return fail(reader, "key \"%.60s\" has %s", key,
                    is_blank(*bad) ? "white space" : "a character that no key has");
    irsa_auto_buf value = {0};
    if (scan_value(reader, equals + 1, &value) != 0)
        return -1;
    add_piece(reader, ret, key);
    irsa_buf_adds(ret, " = ");
    add_piece(reader, ret, irsa_buf_str(&value));
    return 0;
}

/* inih's fgets: each line once, in a form that fits. NULL ends the parse, at the end or with an
 * error. */
static char *read_line(char *into, int size, void *context)
{
    struct reader *reader = context;
    irsa_autofree char *line = reader->error ? NULL : next_line(reader);
    if (!line)
        return NULL;
    irsa_strings_done(&reader->tokens);
    reader->tokens = (struct irsa_strings){0};
    irsa_auto_buf form = {0};
    const char *begin = skip_blanks(line);
    int result = 0;
    if (*begin == '[')
        result = scan_section(reader, begin, &form);
    else if (*begin && *begin != ';' && *begin != '#')
        result = scan_key(reader, begin, &form);
    if (result != 0)
        return NULL;
    irsa_buf_addc(&form, '\n');
    if (form.len >= (size_t)size) {
        (void)irsa_fail(&reader->error, IRSA_E_INTERNAL, "%s:%zu: line does not fit into inih",
                        reader->name, reader->line);
        return NULL;
    }
    memcpy(into, irsa_buf_str(&form), form.len + 1);
    return into;
}

static int on_entry(void *context, const char *section, const char *key, const char *value)
{
    (void)section;
    struct reader *reader = context;
    struct irsa_ini *ini = &reader->ini;
    const char *whole_key = piece_of(reader, key);
    const char *whole_value = piece_of(reader, value);
    if (!whole_key || !whole_value)
        return 0;
    const struct irsa_ini_section *open =
        ini->section_count > 0 ? &ini->sections[ini->section_count - 1] : NULL;
    ini->entries = irsa_grow(ini->entries, ini->len, sizeof *ini->entries);
    ini->entries[ini->len++] = (struct irsa_ini_entry){
        .section = irsa_strdup(open ? open->name : ""),
        .key = irsa_strdup(whole_key),
        .value = irsa_strdup(whole_value),
        .line = reader->line,
        .section_line = open ? open->line : 0,
    };
    return 1;
}

int irsa_ini_parse(const char *name, const char *text, size_t len, struct irsa_ini *ret,
                   struct irsa_error **reterr)
{
    struct reader reader = {.name = name, .text = text, .len = len};
    int bad_line = ini_parse_stream(read_line, &reader, on_entry, &reader);
    irsa_strings_done(&reader.tokens);
    irsa_map_done(&reader.seen);
    if (reader.error) {
        irsa_ini_done(&reader.ini);
        *reterr = reader.error;
        return -1;
    }
    if (bad_line != 0) {
        irsa_ini_done(&reader.ini);
        return irsa_fail(reterr, IRSA_E_PARSE, "%s:%d: neither [section] nor key = value", name,
                         bad_line);
    }
    *ret = reader.ini;
    return 0;
}

void irsa_ini_done(struct irsa_ini *ini)
{
    for (size_t i = 0; i < ini->len; i++) {
        free(ini->entries[i].section);
        free(ini->entries[i].key);
        free(ini->entries[i].value);
    }
    for (size_t i = 0; i < ini->section_count; i++)
        free(ini->sections[i].name);
    free(ini->entries);
    free(ini->sections);
    *ini = (struct irsa_ini){0};
}

char *irsa_ini_quote(const char *value)
{
    size_t len = strlen(value);
    bool needs = len > 0
                 && (is_blank(value[0]) || is_blank(value[len - 1]) || value[0] == '"'
                     || value[len - 1] == '\\' || strpbrk(value, ";#"));
    if (!needs)
        return irsa_strdup(value);
    struct irsa_buf quoted = {0};
    irsa_buf_addc(&quoted, '"');
    for (const char *p = value; *p; p++) {
        if (*p == '"' || *p == '\\')
            irsa_buf_addc(&quoted, '\\');
        irsa_buf_addc(&quoted, *p);
    }
    irsa_buf_addc(&quoted, '"');
    return irsa_buf_steal(&quoted);
}
