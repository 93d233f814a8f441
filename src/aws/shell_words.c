/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/shell_words.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One quoted run from behind its opening quote on; NULL where it is not closed. In double quotes a
 * backslash escapes only a quote and itself, in single quotes nothing does. */
static const char *take_quoted(const char *p, char quote, struct irsa_buf *word)
{
    for (; *p && *p != quote; p++) {
        if (quote == '"' && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
            p++;
        irsa_buf_addc(word, *p);
    }
    return *p ? p + 1 : NULL;
}

/* One word; NULL where it has no end. */
static const char *take_word(const char *p, struct irsa_buf *word)
{
    while (p && *p && !is_blank(*p)) {
        if (*p == '\'' || *p == '"') {
            p = take_quoted(p + 1, *p, word);
        } else if (*p == '\\') {
            if (p[1] == '\0')
                return NULL;
            irsa_buf_addc(word, p[1]);
            p += 2;
        } else {
            irsa_buf_addc(word, *p++);
        }
    }
    return p;
}

bool irsa_shell_words(const char *line, struct irsa_strings *ret)
{
    struct irsa_strings words = {0};
    for (const char *p = line;;) {
        while (is_blank(*p))
            p++;
        if (*p == '\0')
            break;
        irsa_auto_buf word = {0};
        p = take_word(p, &word);
        if (!p) {
            irsa_strings_done(&words);
            *ret = (struct irsa_strings){0};
            return false;
        }
        irsa_strings_take(&words, irsa_buf_steal(&word));
    }
    *ret = words;
    return true;
}
