/* SPDX-License-Identifier: Apache-2.0 */
/* The anchors of a YAML document while it is read. */
#ifndef IRSA_FIX_DOCUMENT_YAML_ANCHOR_H
#define IRSA_FIX_DOCUMENT_YAML_ANCHOR_H

#include "irsa/document.h"

struct irsa_yaml_anchor {
    char *name;
    json_t *value; /* borrowed from the document or from what is kept; NULL while incomplete */
    size_t nodes;
    size_t height;
};

struct irsa_yaml_anchors {
    struct irsa_yaml_anchor *items;
    size_t len;
    struct irsa_map places; /* name to place in items */
    json_t **kept; /* anchored values that merging may drop from the tree: held until its end */
    size_t kept_len;
};

/* NULL for a name that is not known. */
const struct irsa_yaml_anchor *irsa_yaml_anchor_find(const struct irsa_yaml_anchors *anchors,
                                                     const char *name);
/* value NULL: not complete yet. */
void irsa_yaml_anchor_set(struct irsa_yaml_anchors *anchors, const char *name, json_t *value);
/* Holds a reference to the value until the end. */
void irsa_yaml_anchors_keep(struct irsa_yaml_anchors *anchors, json_t *value);
void irsa_yaml_anchors_done(struct irsa_yaml_anchors *anchors);
/* How many nodes a value has; *ret_height becomes at least level + its levels. */
size_t irsa_yaml_measure(const json_t *value, size_t level, size_t *ret_height);

#endif
