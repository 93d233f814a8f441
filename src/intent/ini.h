/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reader of irsa-fix.ini: text to entries, each with file, line, section, key and value, by way
 * of inih, and never cut silently (inih alone cuts lines at 199 bytes and section names at 49).
 *
 * The form, all of it:
 *  - UTF-8, a byte order mark at the beginning is skipped; lines end in LF or CRLF; no NUL and no
 *    control characters but tabs. Indentation means nothing, and a value ends with its line: the
 * way to give several values is to repeat the key.
 *  - `[section]`, `[kind "name"]`, of any length; white space runs outside quotes count as one
 *    space. The same section twice is an error that names both lines.
 *  - `key = value`. A key stands in front of the first `=` and holds no white space, colon or
 * quote.
 *  - `;` and `#` begin a comment at the beginning of a line and after white space, nowhere else:
 *    `a#b` is a value. A value in double quotes keeps its white space and its `;` and `#`; inside
 *    it `\"` is a quote and `\\` a backslash.
 */
#ifndef IRSA_FIX_INTENT_INI_H
#define IRSA_FIX_INTENT_INI_H

#include "irsa/base.h"

struct irsa_ini_entry {
    char *section; /* "" in front of the first section */
    char *key;
    char *value; /* may be "" */
    size_t line;
    size_t section_line; /* 0 in front of the first section */
};
struct irsa_ini_section {
    char *name;
    size_t line;
};
struct irsa_ini {
    struct irsa_ini_entry *entries; /* in the file's order, repeated keys kept */
    size_t len;
    struct irsa_ini_section *sections; /* in the file's order, empty ones too */
    size_t section_count;
};

/* Errors (PARSE): "NAME:LINE: reason". */
int irsa_ini_parse(const char *name, const char *text, size_t len, struct irsa_ini *ret,
                   struct irsa_error **reterr);
void irsa_ini_done(struct irsa_ini *ini);
#define irsa_auto_ini IRSA_CLEANUP(irsa_ini_done) struct irsa_ini

/* A value as it has to be written so that it reads back the same: itself, or in quotes where it
 * needs them; the caller's. Without control characters only (they cannot be written). */
char *irsa_ini_quote(const char *value);

#endif
