/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/base.h"

bool irsa_has_prefix(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool irsa_has_suffix(const char *s, const char *suffix)
{
    size_t len = strlen(s);
    size_t suffix_len = strlen(suffix);
    return len >= suffix_len && strcmp(s + len - suffix_len, suffix) == 0;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

char *irsa_trim(const char *s)
{
    while (is_space(*s))
        s++;
    size_t len = strlen(s);
    while (len > 0 && is_space(s[len - 1]))
        len--;
    return irsa_strndup(s, len);
}

size_t irsa_first_difference(const char *a, const char *b)
{
    size_t i = 0;
    while (a[i] && a[i] == b[i])
        i++;
    return i;
}

/* Words compared are names and keys; longer ones are not typing slips. */
#define DISTANCE_MAX_LEN 256

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

size_t irsa_edit_distance(const char *a, const char *b, size_t limit)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    size_t gap = a_len > b_len ? a_len - b_len : b_len - a_len;
    if (gap > limit || a_len > DISTANCE_MAX_LEN || b_len > DISTANCE_MAX_LEN)
        return limit + 1;
    size_t rows[3][DISTANCE_MAX_LEN + 1];
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *above2 = rows[(i + 1) % 3];
        size_t best = row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]
                && above2[j - 2] + 1 < row[j])
                row[j] = above2[j - 2] + 1;
            best = row[j] < best ? row[j] : best;
        }
        if (best > limit + 1)
            return limit + 1;
    }
    size_t distance = rows[a_len % 3][b_len];
    return distance > limit ? limit + 1 : distance;
}

const char *irsa_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t limit = strlen(word) / 3;
    limit = limit < 1 ? 1 : limit > 3 ? 3 : limit;
    const char *nearest = NULL;
    size_t best = limit + 1;
    for (size_t i = 0; i < count; i++) {
        size_t distance = irsa_edit_distance(word, candidates[i], limit);
        if (distance < best) {
            best = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}

/* Length of the sequence that starts at p, 0 if it is not valid (RFC 3629, section 4). */
static size_t utf8_sequence(const unsigned char *p, size_t left)
{
    if (p[0] < 0x80)
        return 1;
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || left < len)
        return 0;
    for (size_t i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f)
        || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return len;
}

bool irsa_utf8_valid(const char *data, size_t len, size_t *ret_offset)
{
    const unsigned char *p = (const unsigned char *)data;
    for (size_t i = 0; i < len;) {
        size_t step = utf8_sequence(p + i, len - i);
        if (step == 0) {
            *ret_offset = i;
            return false;
        }
        i += step;
    }
    return true;
}

bool irsa_glob_match(const char *glob, const char *s)
{
    const char *star = NULL;
    const char *resume = NULL;
    while (*s) {
        if (*glob == '*') {
            star = ++glob;
            resume = s;
        } else if (*glob == '?' || *glob == *s) {
            glob++;
            s++;
        } else if (star) {
            glob = star;
            s = ++resume;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

void irsa_shell_quote(const char *word, struct irsa_buf *ret)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                "%+,-./:=@_";
    if (*word && !word[strspn(word, plain)]) {
        irsa_buf_adds(ret, word);
        return;
    }
    irsa_buf_addc(ret, '\'');
    for (const char *p = word; *p; p++) {
        if (*p == '\'')
            irsa_buf_adds(ret, "'\\''");
        else
            irsa_buf_addc(ret, *p);
    }
    irsa_buf_addc(ret, '\'');
}
