/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/base.h"

void irsa_strings_take(struct irsa_strings *strings, char *s)
{
    strings->items = irsa_grow(strings->items, strings->len, sizeof(char *));
    strings->items[strings->len++] = s;
}

void irsa_strings_add(struct irsa_strings *strings, const char *s)
{
    irsa_strings_take(strings, irsa_strdup(s));
}

bool irsa_strings_has(const struct irsa_strings *strings, const char *s)
{
    for (size_t i = 0; i < strings->len; i++) {
        if (strcmp(strings->items[i], s) == 0)
            return true;
    }
    return false;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void irsa_strings_sort(struct irsa_strings *strings)
{
    if (strings->len > 1)
        qsort(strings->items, strings->len, sizeof(char *), compare_strings);
}

char *irsa_strings_join(const struct irsa_strings *strings, const char *separator, const char *last)
{
    struct irsa_buf buf = {0};
    for (size_t i = 0; i < strings->len; i++) {
        if (i > 0)
            irsa_buf_adds(&buf, i + 1 == strings->len ? last : separator);
        irsa_buf_adds(&buf, strings->items[i]);
    }
    return irsa_buf_steal(&buf);
}

char *irsa_strings_some(const struct irsa_strings *strings, size_t most)
{
    const struct irsa_strings first = {.items = strings->items,
                                       .len = strings->len > most ? most : strings->len};
    if (strings->len == first.len)
        return irsa_strings_join(&first, ", ", " and ");
    irsa_autofree char *text = irsa_strings_join(&first, ", ", ", ");
    return irsa_format("%s and %zu more", text, strings->len - most);
}

void irsa_strings_done(struct irsa_strings *strings)
{
    for (size_t i = 0; i < strings->len; i++)
        free(strings->items[i]);
    free(strings->items);
    *strings = (struct irsa_strings){0};
}

struct irsa_map_slot {
    const char *key; /* NULL: free slot */
    size_t value;
    uint32_t hash; /* enough to tell most keys apart; there are tens of thousands of slots */
    bool owned;
};

uint64_t irsa_hash(const void *data, size_t len)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const unsigned char *p = data; p < (const unsigned char *)data + len; p++)
        hash = (hash ^ *p) * UINT64_C(1099511628211);
    return hash;
}

static uint32_t hash_key(const char *key)
{
    return (uint32_t)irsa_hash(key, strlen(key));
}

static struct irsa_map_slot *find_slot(const struct irsa_map *map, const char *key, uint32_t hash)
{
    for (size_t i = hash & (map->cap - 1);; i = (i + 1) & (map->cap - 1)) {
        struct irsa_map_slot *slot = &map->slots[i];
        if (!slot->key || (slot->hash == hash && strcmp(slot->key, key) == 0))
            return slot;
    }
}

static void enlarge(struct irsa_map *map)
{
    if (map->cap && map->len < map->cap - map->cap / 4)
        return;
    struct irsa_map larger = {.len = map->len, .cap = map->cap ? map->cap * 2 : 16};
    larger.slots = irsa_calloc(larger.cap, sizeof(*larger.slots));
    for (size_t i = 0; i < map->cap; i++) {
        if (map->slots[i].key)
            *find_slot(&larger, map->slots[i].key, map->slots[i].hash) = map->slots[i];
    }
    free(map->slots);
    *map = larger;
}

static bool put(struct irsa_map *map, const char *key, size_t value, bool copy)
{
    enlarge(map);
    uint32_t hash = hash_key(key);
    struct irsa_map_slot *slot = find_slot(map, key, hash);
    if (slot->key)
        return false;
    *slot = (struct irsa_map_slot){
        .key = copy ? irsa_strdup(key) : key, .value = value, .hash = hash, .owned = copy};
    map->len++;
    return true;
}

bool irsa_map_put(struct irsa_map *map, const char *key, size_t value)
{
    return put(map, key, value, true);
}

bool irsa_map_put_borrowed(struct irsa_map *map, const char *key, size_t value)
{
    return put(map, key, value, false);
}

size_t irsa_map_get(const struct irsa_map *map, const char *key)
{
    if (!map->cap)
        return IRSA_MAP_NONE;
    const struct irsa_map_slot *slot = find_slot(map, key, hash_key(key));
    return slot->key ? slot->value : IRSA_MAP_NONE;
}

void irsa_map_done(struct irsa_map *map)
{
    for (size_t i = 0; i < map->cap; i++) {
        if (map->slots[i].owned)
            free((char *)map->slots[i].key);
    }
    free(map->slots);
    *map = (struct irsa_map){0};
}
