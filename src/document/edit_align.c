/* SPDX-License-Identifier: Apache-2.0 */
/* Which old item becomes which wanted one, what goes and what comes, and where. */
#include "document/edit.h"

/* Beyond this many cells the longest common subsequence of two arrays is not computed: what lies
 * between their equal heads and tails is then taken place by place. */
#define LCS_CELLS_MAX 1000000

void irsa_alignment_done(struct alignment *alignment)
{
    free(alignment->old);
    free(alignment->wanted);
    *alignment = (struct alignment){0};
}

static void add_wanted(struct alignment *alignment, const char *key, const json_t *value)
{
    alignment->wanted =
        irsa_grow(alignment->wanted, alignment->wanted_len, sizeof(*alignment->wanted));
    alignment->wanted[alignment->wanted_len++] =
        (struct wanted_item){.key = key, .value = value, .gap = -1};
}

/* Whether the mapping that a merge key leads to has the key. */
static bool merge_brings(const struct node *source, const char *key)
{
    if (source->kind == NODE_ALIAS)
        return source->target && merge_brings(source->target, key);
    for (size_t i = 0; i < source->len; i++) {
        const struct item *item = &source->items[i];
        bool inner = item->merge || source->kind == NODE_ARRAY;
        if (inner ? merge_brings(item->value, key) : strcmp(item->name, key) == 0)
            return true;
    }
    return false;
}

/* A key that merging brings can't be taken away but by writing out all the others. */
static bool must_write_out_merges(const struct node *node, const json_t *wanted)
{
    bool merges = false;
    for (size_t i = 0; i < node->len; i++)
        merges = merges || node->items[i].merge;
    if (!merges)
        return false;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)node->value, key, value)
    {
        if (json_object_get(wanted, key))
            continue;
        for (size_t i = 0; i < node->len; i++) {
            if (node->items[i].merge && merge_brings(node->items[i].value, key))
                return true;
        }
    }
    return false;
}

static ptrdiff_t last_merge(const struct node *node)
{
    for (size_t i = node->len; i > 0; i--) {
        if (node->items[i - 1].merge)
            return (ptrdiff_t)i - 1;
    }
    return -1;
}

static void match_keys(const struct node *node, const json_t *wanted, struct alignment *alignment)
{
    irsa_auto_map places = {0};
    for (size_t j = 0; j < alignment->wanted_len; j++)
        (void)irsa_map_put_borrowed(&places, alignment->wanted[j].key, j);
    bool write_out = must_write_out_merges(node, wanted);
    irsa_auto_map old_places = {0};
    for (size_t i = 0; i < node->len; i++) {
        const struct item *item = &node->items[i];
        size_t place = item->merge ? IRSA_MAP_NONE : irsa_map_get(&places, item->name);
        alignment->old[i] = item->merge && !write_out ? ALIGN_KEEP
                            : place == IRSA_MAP_NONE  ? ALIGN_REMOVE
                                                      : (ptrdiff_t)place;
        if (!item->merge)
            (void)irsa_map_put_borrowed(&old_places, item->name, i);
    }
    ptrdiff_t gap = 0;
    for (size_t j = 0; j < alignment->wanted_len; j++) {
        struct wanted_item *item = &alignment->wanted[j];
        size_t place = irsa_map_get(&old_places, item->key);
        if (place != IRSA_MAP_NONE) {
            gap = (ptrdiff_t)place + 1;
            continue;
        }
        const json_t *merged = json_object_get(node->value, item->key);
        if (merged && !write_out && json_equal(merged, item->value))
            continue;
        /* Kubernetes' reader lets a merge key replace what stands before it. */
        ptrdiff_t after_merge = write_out ? 0 : last_merge(node) + 1;
        item->gap = gap > after_merge ? gap : after_merge;
        if (merged && !write_out)
            item->gap = (ptrdiff_t)node->len;
    }
}

/* A key that was renamed keeps its place, and what is said about it beside. */
static void match_renamed(const struct node *node, struct alignment *alignment)
{
    for (size_t i = 0; i < node->len; i++) {
        if (alignment->old[i] != ALIGN_REMOVE || node->items[i].merge)
            continue;
        for (size_t j = 0; j < alignment->wanted_len; j++) {
            struct wanted_item *item = &alignment->wanted[j];
            if (item->gap < 0 || !json_equal(item->value, node->items[i].value->value))
                continue;
            item->gap = -1;
            alignment->old[i] = (ptrdiff_t)j;
            break;
        }
    }
}

/* What goes and what comes between the same two neighbours is one thing that changes. */
static void pair_in_gaps(const struct node *node, struct alignment *alignment)
{
    size_t j = 0;
    ptrdiff_t gap = 0;
    for (size_t i = 0; i < node->len; i++) {
        if (alignment->old[i] != ALIGN_REMOVE) {
            gap = (ptrdiff_t)i + 1;
            continue;
        }
        for (j = 0; j < alignment->wanted_len; j++) {
            if (alignment->wanted[j].gap == gap)
                break;
        }
        if (j == alignment->wanted_len || node->items[i].merge)
            continue;
        alignment->old[i] = (ptrdiff_t)j;
        alignment->wanted[j].gap = -1;
        /* Others that were to come here come behind it: in the order wanted. */
        for (size_t k = 0; k < alignment->wanted_len; k++) {
            if (alignment->wanted[k].gap == gap)
                alignment->wanted[k].gap = (ptrdiff_t)i + 1;
        }
        gap = (ptrdiff_t)i + 1;
    }
}

struct range {
    size_t old_start, old_end;
    size_t wanted_start, wanted_end;
};

static bool equal_at(const struct node *node, const struct alignment *alignment, size_t i, size_t j)
{
    return json_equal(node->items[i].value->value, alignment->wanted[j].value);
}

static void match_lcs(const struct node *node, struct alignment *alignment,
                      const struct range *range)
{
    size_t rows = range->old_end - range->old_start;
    size_t columns = range->wanted_end - range->wanted_start;
    if (rows == 0 || columns == 0 || rows > LCS_CELLS_MAX / columns)
        return;
    size_t width = columns + 1;
    uint32_t *best = irsa_calloc((rows + 1) * width, sizeof(*best));
    for (size_t i = rows; i > 0; i--) {
        for (size_t j = columns; j > 0; j--) {
            uint32_t *cell = &best[(i - 1) * width + j - 1];
            if (equal_at(node, alignment, range->old_start + i - 1, range->wanted_start + j - 1))
                *cell = cell[width + 1] + 1;
            else
                *cell = cell[width] > cell[1] ? cell[width] : cell[1];
        }
    }
    for (size_t i = 0, j = 0; i < rows && j < columns;) {
        const uint32_t *cell = &best[i * width + j];
        if (equal_at(node, alignment, range->old_start + i, range->wanted_start + j))
            alignment->old[range->old_start + i++] = (ptrdiff_t)(range->wanted_start + j++);
        else if (cell[width] >= cell[1])
            i++;
        else
            j++;
    }
    free(best);
}

static void match_elements(const struct node *node, struct alignment *alignment)
{
    struct range range = {0, node->len, 0, alignment->wanted_len};
    for (size_t i = 0; i < node->len; i++)
        alignment->old[i] = ALIGN_REMOVE;
    while (range.old_start < range.old_end && range.wanted_start < range.wanted_end
           && equal_at(node, alignment, range.old_start, range.wanted_start))
        alignment->old[range.old_start++] = (ptrdiff_t)range.wanted_start++;
    while (range.old_start < range.old_end && range.wanted_start < range.wanted_end
           && equal_at(node, alignment, range.old_end - 1, range.wanted_end - 1))
        alignment->old[--range.old_end] = (ptrdiff_t)--range.wanted_end;
    match_lcs(node, alignment, &range);
    bool *matched = irsa_calloc(alignment->wanted_len, sizeof(*matched));
    ptrdiff_t *place = irsa_calloc(alignment->wanted_len, sizeof(*place));
    for (size_t i = 0; i < node->len; i++) {
        if (alignment->old[i] >= 0) {
            matched[alignment->old[i]] = true;
            place[alignment->old[i]] = (ptrdiff_t)i;
        }
    }
    ptrdiff_t gap = 0;
    for (size_t j = 0; j < alignment->wanted_len; j++) {
        if (matched[j])
            gap = place[j] + 1;
        else
            alignment->wanted[j].gap = gap;
    }
    free(matched);
    free(place);
}

static bool is_regular(const struct node *node, const struct alignment *alignment)
{
    for (size_t i = 0; i < alignment->old_len; i++) {
        ptrdiff_t j = alignment->old[i];
        if (j == ALIGN_REMOVE)
            return false;
        if (j >= 0 && node->items[i].name
            && strcmp(node->items[i].name, alignment->wanted[j].key) != 0)
            return false;
    }
    for (size_t j = 0; j < alignment->wanted_len; j++) {
        if (alignment->wanted[j].gap >= 0)
            return false;
    }
    return true;
}

void irsa_align(const struct node *node, const json_t *wanted, struct alignment *ret)
{
    ret->old = irsa_calloc(node->len, sizeof(*ret->old));
    ret->old_len = node->len;
    if (node->kind == NODE_OBJECT) {
        const char *key;
        json_t *value;
        json_object_foreach((json_t *)wanted, key, value) add_wanted(ret, key, value);
        match_keys(node, wanted, ret);
        match_renamed(node, ret);
    } else {
        for (size_t i = 0; i < json_array_size(wanted); i++)
            add_wanted(ret, NULL, json_array_get(wanted, i));
        match_elements(node, ret);
    }
    pair_in_gaps(node, ret);
    ret->regular = is_regular(node, ret);
}
