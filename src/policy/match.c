/* SPDX-License-Identifier: Apache-2.0 */
/* Wildcards. Backtracking goes back to the last star only, so that time is bounded by the product
 * of the lengths whatever the pattern. */
#include "policy/match.h"

#include <ctype.h>

struct pattern_mode {
    bool ignore_case;
    bool escapes; /* IRSA_PATTERN_ESCAPE is one */
};

static bool same(char a, char b, bool ignore_case)
{
    if (a == b)
        return true;
    return ignore_case && tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* UTF-8's continuation bytes belong to the character before: `?` takes a whole character. */
static const char *next_character(const char *s)
{
    s++;
    while (((unsigned char)*s & 0xc0) == 0x80)
        s++;
    return s;
}

static bool glob(const char *pattern, const char *text, const struct pattern_mode *mode)
{
    const char *p = pattern;
    const char *t = text;
    const char *star = NULL;
    const char *star_text = NULL;
    for (;;) {
        if (*p == '*') {
            star = p++;
            star_text = t;
            continue;
        }
        const bool escaped = mode->escapes && *p == IRSA_PATTERN_ESCAPE && p[1];
        const char want = escaped ? p[1] : *p;
        if (*t && !escaped && want == '?') {
            p++;
            t = next_character(t);
            continue;
        }
        if (*t && want && same(want, *t, mode->ignore_case)) {
            p += escaped ? 2 : 1;
            t++;
            continue;
        }
        if (!*t && !want)
            return true;
        if (!star || !*star_text)
            return false;
        star_text++;
        p = star + 1;
        t = star_text;
    }
}

bool irsa_wildcard_match(const char *pattern, const char *text, bool ignore_case)
{
    return glob(pattern, text, &(struct pattern_mode){.ignore_case = ignore_case});
}

bool irsa_pattern_match(const char *pattern, const char *text, bool ignore_case)
{
    return glob(pattern, text, &(struct pattern_mode){.ignore_case = ignore_case, .escapes = true});
}

bool irsa_has_wildcard(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (c[0] == '$' && c[1] == '{') {
            const char *close = strchr(c, '}');
            if (close) {
                c = close;
                continue;
            }
        }
        if (*c == '*' || *c == '?')
            return true;
    }
    return false;
}

/* A star inside one of the first five colon-separated parts, with more of the part after it. */
static bool star_within(const char *pattern, const char *p)
{
    if (p[1] == ':' || p[1] == '\0')
        return false;
    size_t colons = 0;
    for (const char *c = pattern; c < p; c++)
        colons += *c == ':';
    return colons < 5;
}

/* Which lengths of the text the pattern so far can have matched: one flag a length. */
static void step(bool *reached, const char *text, size_t len, char want, bool escaped, bool within)
{
    if (want == '*' && !escaped) {
        for (size_t i = 1; i <= len; i++)
            reached[i] = reached[i] || (reached[i - 1] && !(within && text[i - 1] == ':'));
        return;
    }
    for (size_t i = len; i > 0; i--)
        reached[i] = reached[i - 1] && ((want == '?' && !escaped) || text[i - 1] == want);
    reached[0] = false;
}

static bool match_within_parts(const char *pattern, const char *text)
{
    const size_t len = strlen(text);
    bool *reached = irsa_calloc(len + 1, sizeof(*reached));
    reached[0] = true;
    for (const char *p = pattern; *p; p++) {
        const bool escaped = *p == IRSA_PATTERN_ESCAPE && p[1];
        p += escaped;
        step(reached, text, len, *p, escaped, star_within(pattern, p));
    }
    const bool result = reached[len];
    free(reached);
    return result;
}

/* "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond
 * the colon boundaries"; within a segment it stays inside. What follows the fifth colon is one
 * segment.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
bool irsa_resource_match(const char *pattern, const char *arn)
{
    for (const char *star = strchr(pattern, '*'); star; star = strchr(star + 1, '*')) {
        if (star_within(pattern, star))
            return match_within_parts(pattern, arn);
    }
    return irsa_pattern_match(pattern, arn, /* ignore_case= */ false);
}

/* Up to the colon that ends the part, or the end; the last (sixth) part holds the rest. */
static size_t part_length(const char *s, int part)
{
    return part == 5 ? strlen(s) : strcspn(s, ":");
}

/* "Each of the six colon-delimited components of the ARN is checked separately and each can include
 * multi-character match wildcards (*) or single-character match wildcards (?)":
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
bool irsa_arn_like(const char *pattern, const char *arn)
{
    if (strcmp(pattern, "*") == 0)
        return irsa_has_prefix(arn, "arn:");
    for (int part = 0; part < 6; part++) {
        const size_t pattern_len = part_length(pattern, part);
        const size_t arn_len = part_length(arn, part);
        irsa_autofree char *p = irsa_strndup(pattern, pattern_len);
        irsa_autofree char *a = irsa_strndup(arn, arn_len);
        if (!irsa_pattern_match(p, a, /* ignore_case= */ false))
            return false;
        pattern += pattern_len;
        arn += arn_len;
        if (part < 5 && (*pattern != ':' || *arn != ':'))
            return false;
        pattern += part < 5;
        arn += part < 5;
    }
    return true;
}
