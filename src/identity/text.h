/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share: character classes that ignore the locale, quoting of foreign
 * text for messages, and partition tables. Private to the room. */
#ifndef IRSA_FIX_IDENTITY_TEXT_H
#define IRSA_FIX_IDENTITY_TEXT_H

#include "irsa/base.h"

static inline bool irsa_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool irsa_is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}
static inline bool irsa_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}
static inline bool irsa_is_alnum(char c)
{
    return irsa_is_digit(c) || irsa_is_lower(c) || irsa_is_upper(c);
}
static inline bool irsa_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}
static inline char irsa_to_lower(char c)
{
    return irsa_is_upper(c) ? (char)(c | 0x20) : c;
}

/* "a space", "a line break", "control character 0x07", "byte 0xc3", or "\"x\"": one character for a
 * message; the caller's. */
char *irsa_char_text(char c);
/* Equal but for the case of ASCII letters. */
bool irsa_equal_nocase(const char *a, const char *b);
/* ASCII letters in lower case; the caller's. */
char *irsa_lower_text(const char *s);
/* All runs of '/' become one; the caller's. */
char *irsa_squeeze_slashes(const char *s);
/* The name of the known partition nearest to a misspelt one, or NULL. Static. */
const char *irsa_partition_nearest(const char *text);
/* "api.aws", ...; NULL for an unknown partition. Static. */
const char *irsa_partition_dual_stack_suffix(const char *partition);
/* Fails unless account_id is twelve digits, saying how many it has. */
int irsa_account_id_check(const char *account_id, struct irsa_error **reterr);

#endif
