/* SPDX-License-Identifier: Apache-2.0 */
/* Where facts were found. */
#include "facts/internal.h"

json_t *irsa_origin_path(const struct irsa_origin *origin)
{
    json_t *path = json_array();
    if (origin->list)
        json_array_append_new(path, json_string(origin->list));
    if (origin->list && origin->item != UINT32_MAX)
        json_array_append_new(path, json_integer(origin->item));
    return path;
}

void irsa_origins_add(struct irsa_origins *origins, const struct irsa_origin *origin)
{
    origins->items = irsa_grow(origins->items, origins->len, sizeof(*origins->items));
    origins->items[origins->len++] = *origin;
}

void irsa_origins_done(struct irsa_origins *origins)
{
    free(origins->items);
    *origins = (struct irsa_origins){0};
}

const char *irsa_facts_file(const struct irsa_facts *facts, const struct irsa_origins *origins)
{
    return origins->len > 0 ? facts->files.items[origins->items[0].file] : "?";
}
