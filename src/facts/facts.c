/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/facts.h"

#include "facts/internal.h"
#include "irsa/document.h"

struct irsa_facts *irsa_facts_new(void)
{
    struct irsa_facts *facts = irsa_calloc(1, sizeof(*facts));
    facts->index = irsa_calloc(1, sizeof(*facts->index));
    return facts;
}

uint32_t irsa_facts_add_file(struct irsa_facts *facts, const char *name)
{
    irsa_strings_add(&facts->files, name);
    return (uint32_t)(facts->files.len - 1);
}

/* Elements were taken early, for those of a List: the end must keep that promise. */
static int check_early_items(const struct irsa_take *take, const json_t *document)
{
    const char *kind = irsa_json_string(document, "kind", NULL);
    if (!irsa_early_list(take->facts->index, &take->origin) || irsa_is_list(document))
        return 0;
    if (!kind)
        return irsa_take_fail(take, "kind", "is missing, where `items` holds objects");
    return irsa_take_fail(take, "kind", "is \"%s\", where `items` holds objects of a List", kind);
}

int irsa_facts_add_item(struct irsa_facts *facts, uint32_t file, uint32_t document_number,
                        const json_t *list, size_t index, const json_t *item, bool *ret_taken,
                        struct irsa_error **reterr)
{
    struct irsa_take take = {
        .facts = facts,
        .origin = {.file = file, .document = document_number, .item = (uint32_t)index},
        .reterr = reterr,
    };
    return irsa_take_item_early(&take, list, item, ret_taken);
}

int irsa_facts_add_document(struct irsa_facts *facts, uint32_t file, uint32_t document_number,
                            const json_t *document, bool *ret_known, struct irsa_error **reterr)
{
    struct irsa_take take = {
        .facts = facts,
        .origin = {.file = file, .document = document_number, .item = UINT32_MAX},
        .reterr = reterr,
    };
    bool known = false;
    if (check_early_items(&take, document) != 0)
        return -1;
    if (json_is_object(document)) {
        bool kubernetes = json_is_string(json_object_get(document, "apiVersion"))
                          && json_is_string(json_object_get(document, "kind"));
        int r = kubernetes ? irsa_take_kubernetes(&take, document, &known)
                           : irsa_take_aws(&take, document, &known);
        if (r != 0)
            return -1;
    }
    *ret_known = known;
    return 0;
}

int irsa_facts_finish(struct irsa_facts *facts, struct irsa_error **reterr)
{
    struct irsa_take take = {.facts = facts, .reterr = reterr};
    if (irsa_join_providers(&take) != 0 || irsa_join_roles(&take) != 0
        || irsa_join_versions(&take) != 0)
        return -1;
    irsa_map_done(&facts->index->trusts);
    irsa_index_build(facts);
    return 0;
}

const json_t *irsa_facts_bad_path(const struct irsa_facts *facts)
{
    return facts->index->bad_path;
}
