/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_DOCUMENT_TEMPLATE_H
#define IRSA_FIX_DOCUMENT_TEMPLATE_H

#include "irsa/document.h"

struct irsa_template {
    const char *name;
    char *origin; /* for messages: the file's path, or templates/NAME where compiled in */
    char *text;
    size_t len;
};

struct irsa_templates {
    struct irsa_template *items;
    size_t len;
};

/* The one template of that name, or NULL. */
struct irsa_template *irsa_template_find(const struct irsa_templates *templates, const char *name);
/* Its document, an object. Returns a new reference. */
json_t *irsa_template_read(const struct irsa_template *item, struct irsa_error **reterr);

#endif
