/* SPDX-License-Identifier: Apache-2.0 */
#include "symptom/pattern.h"

/* The rest of a pattern after its first piece: each piece at most a gap behind the one before. */
static bool follow(const char *rest, const char *fold, size_t len, size_t at, size_t *ret_end)
{
    while (*rest) {
        rest++; /* the star */
        const size_t piece = strcspn(rest, "*");
        if (piece == 0)
            continue;
        size_t reach = len - at;
        if (reach > SYMPTOM_PATTERN_GAP + piece)
            reach = SYMPTOM_PATTERN_GAP + piece;
        const char *found = memmem(fold + at, reach, rest, piece);
        if (!found)
            return false;
        at = (size_t)(found - fold) + piece;
        rest += piece;
    }
    *ret_end = at;
    return true;
}

bool symptom_pattern_find(const char *pattern, const char *fold, size_t len, size_t from,
                          size_t *ret_start, size_t *ret_end)
{
    const size_t piece = strcspn(pattern, "*");
    while (from < len) {
        const char *found = memmem(fold + from, len - from, pattern, piece);
        if (!found)
            return false;
        const size_t start = (size_t)(found - fold);
        if (follow(pattern + piece, fold, len, start + piece, ret_end)) {
            *ret_start = start;
            return true;
        }
        from = start + 1;
    }
    return false;
}
