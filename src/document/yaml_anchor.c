/* SPDX-License-Identifier: Apache-2.0 */
#include "document/yaml_anchor.h"

size_t irsa_yaml_measure(const json_t *value, size_t level, size_t *ret_height)
{
    size_t count = 1;
    *ret_height = level > *ret_height ? level : *ret_height;
    if (json_is_array(value)) {
        for (size_t i = 0; i < json_array_size(value); i++)
            count += irsa_yaml_measure(json_array_get(value, i), level + 1, ret_height);
    } else if (json_is_object(value)) {
        const char *key;
        json_t *item;
        json_object_foreach((json_t *)value, key, item) count +=
            irsa_yaml_measure(item, level + 1, ret_height);
    }
    return count;
}

void irsa_yaml_anchors_keep(struct irsa_yaml_anchors *anchors, json_t *value)
{
    anchors->kept = irsa_grow(anchors->kept, anchors->kept_len, sizeof(*anchors->kept));
    anchors->kept[anchors->kept_len++] = json_incref(value);
}

static struct irsa_yaml_anchor *find(const struct irsa_yaml_anchors *anchors, const char *name)
{
    size_t place = irsa_map_get(&anchors->places, name);
    return place == IRSA_MAP_NONE ? NULL : &anchors->items[place];
}

const struct irsa_yaml_anchor *irsa_yaml_anchor_find(const struct irsa_yaml_anchors *anchors,
                                                     const char *name)
{
    return find(anchors, name);
}

void irsa_yaml_anchor_set(struct irsa_yaml_anchors *anchors, const char *name, json_t *value)
{
    struct irsa_yaml_anchor *anchor = find(anchors, name);
    if (!anchor) {
        anchors->items = irsa_grow(anchors->items, anchors->len, sizeof(*anchors->items));
        (void)irsa_map_put(&anchors->places, name, anchors->len);
        anchor = &anchors->items[anchors->len++];
        *anchor = (struct irsa_yaml_anchor){.name = irsa_strdup(name)};
    }
    anchor->value = value;
    anchor->height = 0;
    anchor->nodes = value ? irsa_yaml_measure(value, 0, &anchor->height) : 0;
    if (value)
        irsa_yaml_anchors_keep(anchors, value);
}

void irsa_yaml_anchors_done(struct irsa_yaml_anchors *anchors)
{
    for (size_t i = 0; i < anchors->len; i++)
        free(anchors->items[i].name);
    free(anchors->items);
    irsa_map_done(&anchors->places);
    for (size_t i = 0; i < anchors->kept_len; i++)
        json_decref(anchors->kept[i]);
    free(anchors->kept);
    *anchors = (struct irsa_yaml_anchors){0};
}
