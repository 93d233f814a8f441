/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of a shared file, in the way of Python's RawConfigParser with its defaults (strict, no
 * inline comments, empty lines inside values), which is what reads them in the AWS CLI. */
#include "aws/profile.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct reader {
    const char *path;
    const char *text;
    size_t len;
    size_t at;
    size_t line;
    struct irsa_aws_ini ini;
    struct irsa_map sections; /* names to lines */
    struct irsa_map keys;     /* "section's line, key" to lines */
    struct irsa_aws_section *section;
    bool has_entry; /* the section's last entry is open for lines that go on with it */
    struct irsa_buf value;
    size_t indent;
    struct irsa_error **reterr;
};

static int fail(struct reader *reader, size_t line, const char *reason)
{
    return irsa_fail(reader->reterr, IRSA_E_PARSE, "%s:%zu: %s", reader->path, line, reason);
}

/* Bytes of the white space (as str.isspace() has it, without the control characters, which are
 * refused) that a text begins with; 0 where there is none. */
static size_t space_at(const char *s)
{
    const unsigned char *p = (const unsigned char *)s;
    if (*p == ' ' || *p == '\t' || *p == '\n')
        return 1;
    if (p[0] == 0xc2 && (p[1] == 0x85 || p[1] == 0xa0)) /* NEXT LINE, NO-BREAK SPACE */
        return 2;
    if (p[0] == 0xe1 && p[1] == 0x9a && p[2] == 0x80)
        return 3;
    if (p[0] == 0xe2 && p[1] == 0x80
        && ((p[2] >= 0x80 && p[2] <= 0x8a) || p[2] == 0xa8 || p[2] == 0xa9 || p[2] == 0xaf))
        return 3;
    if ((p[0] == 0xe2 && p[1] == 0x81 && p[2] == 0x9f)
        || (p[0] == 0xe3 && p[1] == 0x80 && p[2] == 0x80))
        return 3;
    return 0;
}

/* The length of a text less the white space at its end. */
static size_t stripped_len(const char *s, size_t len)
{
    size_t end = 0;
    for (size_t i = 0; i < len;) {
        size_t space = space_at(s + i);
        if (space == 0)
            end = i + 1;
        i += space > 0 ? space : 1;
    }
    return end;
}

/* A new string without white space around it. */
static char *strip(const char *s, size_t len)
{
    const char *end = s + len;
    for (size_t space = 0; s < end && (space = space_at(s)) > 0;)
        s += space;
    return s < end ? irsa_strndup(s, stripped_len(s, (size_t)(end - s))) : irsa_strdup("");
}

/* Where a comment begins inside a value: `#` or `;` behind white space or at its very beginning. */
static const char *inline_comment(const char *value)
{
    for (const char *p = value; *p; p++) {
        if ((*p == '#' || *p == ';') && (p == value || p[-1] == ' ' || p[-1] == '\t'))
            return p;
    }
    return NULL;
}

static struct irsa_aws_entry new_entry(char *key, char *value, size_t line)
{
    struct irsa_aws_entry entry = {.key = key, .value = value, .line = line};
    const char *comment = strchr(value, '\n') ? NULL : inline_comment(value);
    if (comment)
        entry.plain = strip(value, (size_t)(comment - value));
    return entry;
}

/* The lines of a block: `key = value` each. Later ones win, as in the CLI's dictionary. */
static int read_block(struct reader *reader, struct irsa_aws_entry *entry)
{
    for (const char *p = entry->value; *p;) {
        size_t len = strcspn(p, "\n");
        irsa_autofree char *line = strip(p, len);
        p += len + (p[len] != '\0');
        if (*line == '\0')
            continue;
        const char *equals = strchr(line, '=');
        if (!equals)
            return fail(reader, entry->line, "a line of the block that begins here has no \"=\"");
        char *key = strip(line, (size_t)(equals - line));
        char *value = strip(equals + 1, strlen(equals + 1));
        entry->block = irsa_grow(entry->block, entry->block_len, sizeof *entry->block);
        entry->block[entry->block_len++] = new_entry(key, value, entry->line);
    }
    entry->is_block = true;
    return 0;
}

/* The open entry has all of its lines. */
static int close_entry(struct reader *reader)
{
    if (!reader->has_entry || !reader->section->entries)
        return 0;
    struct irsa_aws_entry *entry = &reader->section->entries[reader->section->len - 1];
    const char *text = irsa_buf_str(&reader->value);
    char *value = irsa_strndup(text, stripped_len(text, reader->value.len));
    size_t line = entry->line;
    *entry = new_entry(irsa_steal(&entry->key), value, line);
    reader->has_entry = false;
    if (reader->value.data)
        explicit_bzero(reader->value.data, reader->value.len);
    irsa_buf_done(&reader->value);
    reader->value = (struct irsa_buf){0};
    return *value == '\n' ? read_block(reader, entry) : 0;
}

static int open_section(struct reader *reader, const char *name)
{
    struct irsa_aws_ini *ini = &reader->ini;
    if (strcmp(name, "DEFAULT") == 0) {
        if (!ini->defaults.name)
            ini->defaults = (struct irsa_aws_section){irsa_strdup(name), reader->line, NULL, 0};
        reader->section = &ini->defaults;
        return 0;
    }
    size_t seen = irsa_map_get(&reader->sections, name);
    if (seen != IRSA_MAP_NONE) {
        (void)irsa_fail(reader->reterr, IRSA_E_PARSE,
                        "%s:%zu: section [%.300s] is there twice, first in line %zu", reader->path,
                        reader->line, name, seen);
        return irsa_hint(reader->reterr, "merge the two; the AWS CLI refuses such a file too");
    }
    (void)irsa_map_put(&reader->sections, name, reader->line);
    ini->sections = irsa_grow(ini->sections, ini->len, sizeof *ini->sections);
    ini->sections[ini->len] = (struct irsa_aws_section){irsa_strdup(name), reader->line, NULL, 0};
    reader->section = &ini->sections[ini->len++];
    return 0;
}

/* Keys are named in messages only where they can't be a secret that lost its key. */
static bool is_showable(const char *key)
{
    size_t len = strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    return len > 0 && len < 40 && key[len] == '\0';
}

static int open_entry(struct reader *reader, const char *line)
{
    size_t len = strcspn(line, "=:");
    if (line[len] == '\0') {
        (void)fail(reader, reader->line, "neither [section] nor key = value");
        return irsa_hint(reader->reterr, "a value that goes on in the next line has to be indented "
                                         "there; keys and tokens belong in one line");
    }
    if (len == 0)
        return fail(reader, reader->line, "a key is missing in front of the value");
    irsa_autofree char *key = strip(line, len);
    for (char *p = key; *p; p++)
        *p = (char)(*p >= 'A' && *p <= 'Z' ? *p + ('a' - 'A') : *p);
    irsa_autofree char *place = irsa_format("%zu %s", reader->section->line, key);
    size_t seen = irsa_map_get(&reader->keys, place);
    if (seen != IRSA_MAP_NONE)
        return irsa_fail(reader->reterr, IRSA_E_PARSE,
                         "%s:%zu: %s%s is there twice in section [%.300s], first in line %zu",
                         reader->path, reader->line, is_showable(key) ? "" : "a key",
                         is_showable(key) ? key : "", reader->section->name, seen);
    (void)irsa_map_put(&reader->keys, place, reader->line);
    struct irsa_aws_section *section = reader->section;
    section->entries = irsa_grow(section->entries, section->len, sizeof *section->entries);
    section->entries[section->len++] =
        (struct irsa_aws_entry){.key = irsa_steal(&key), .line = reader->line};
    irsa_autofree char *value = strip(line + len + 1, strlen(line + len + 1));
    irsa_buf_adds(&reader->value, value);
    reader->has_entry = true;
    return 0;
}

/* A line that is no comment and not empty, without the white space around it. */
static int take_line(struct reader *reader, const char *line, size_t indent)
{
    if (reader->has_entry && indent > reader->indent) {
        irsa_buf_addc(&reader->value, '\n');
        irsa_buf_adds(&reader->value, line);
        return 0;
    }
    if (close_entry(reader) != 0)
        return -1;
    reader->indent = indent;
    const char *end = *line == '[' ? strrchr(line, ']') : NULL;
    if (end && end > line + 1) {
        irsa_autofree char *name = irsa_strndup(line + 1, (size_t)(end - line) - 1);
        return open_section(reader, name);
    }
    if (*line == '[' && !end)
        return fail(reader, reader->line, "the \"]\" of the section's name is missing");
    if (!reader->section)
        return fail(reader, reader->line, "a line stands in front of the first [section]");
    return open_entry(reader, line);
}

static int check_bytes(struct reader *reader, const char *line, size_t len)
{
    size_t bad = 0;
    bool is_text = true;
    for (size_t i = 0; i < len && is_text; i++)
        is_text = (unsigned char)line[i] >= 0x20 || line[i] == '\t';
    if (is_text && irsa_utf8_valid(line, len, &bad))
        return 0;
    (void)fail(reader, reader->line,
               is_text ? "the line is no valid UTF-8" : "a control character is in the line");
    return irsa_hint(reader->reterr, "save the file as UTF-8 text");
}

/* Lines end as in Python's universal newlines: LF, CRLF or CR. */
static size_t line_len(const char *text, size_t len, size_t *ret_whole)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n' || text[i] == '\r') {
            *ret_whole = i + (text[i] == '\r' && i + 1 < len && text[i + 1] == '\n' ? 2 : 1);
            return i;
        }
    }
    *ret_whole = len;
    return len;
}

static int read_line(struct reader *reader)
{
    const char *begin = reader->text + reader->at;
    size_t whole = 0;
    size_t len = line_len(begin, reader->len - reader->at, &whole);
    reader->at += whole;
    reader->line++;
    if (check_bytes(reader, begin, len) != 0)
        return -1;
    irsa_autofree char *line = irsa_strndup(begin, len);
    size_t indent = 0;
    const char *p = line;
    for (size_t space = 0; (space = space_at(p)) > 0; indent++)
        p += space;
    int result = 0;
    size_t text_len = stripped_len(p, strlen(p));
    line[(size_t)(p - line) + text_len] = '\0';
    if (*p == '\0' && reader->has_entry)
        irsa_buf_addc(&reader->value, '\n');
    else if (*p && *p != '#' && *p != ';')
        result = take_line(reader, p, indent);
    explicit_bzero(line, len);
    return result;
}

int irsa_aws_ini_parse(const char *path, const char *text, size_t len, struct irsa_aws_ini *ret,
                       struct irsa_error **reterr)
{
    struct reader reader = {.path = path, .text = text, .len = len, .reterr = reterr};
    reader.ini.path = irsa_strdup(path);
    if (len >= strlen(BYTE_ORDER_MARK)
        && memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)) == 0)
        reader.at = strlen(BYTE_ORDER_MARK);
    int result = 0;
    while (result == 0 && reader.at < reader.len)
        result = read_line(&reader);
    if (result == 0)
        result = close_entry(&reader);
    irsa_map_done(&reader.sections);
    irsa_map_done(&reader.keys);
    if (reader.value.data)
        explicit_bzero(reader.value.data, reader.value.len);
    irsa_buf_done(&reader.value);
    if (result == 0)
        *ret = reader.ini;
    else
        irsa_aws_ini_done(&reader.ini);
    return result;
}

static void entry_done(struct irsa_aws_entry *entry)
{
    if (entry->value)
        explicit_bzero(entry->value, strlen(entry->value));
    if (entry->plain)
        explicit_bzero(entry->plain, strlen(entry->plain));
    free(entry->key);
    free(entry->value);
    free(entry->plain);
}

static void section_done(struct irsa_aws_section *section)
{
    for (size_t i = 0; i < section->len; i++) {
        struct irsa_aws_entry *entry = &section->entries[i];
        for (size_t k = 0; k < entry->block_len; k++)
            entry_done(&entry->block[k]);
        free(entry->block);
        entry_done(entry);
    }
    free(section->entries);
    free(section->name);
}

void irsa_aws_ini_done(struct irsa_aws_ini *ini)
{
    for (size_t i = 0; i < ini->len; i++)
        section_done(&ini->sections[i]);
    free(ini->sections);
    section_done(&ini->defaults);
    free(ini->path);
    *ini = (struct irsa_aws_ini){0};
}
