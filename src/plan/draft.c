/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/draft.h"

void irsa_builder_done(struct irsa_builder *builder)
{
    for (size_t i = 0; i < builder->draft_count; i++) {
        irsa_change_done(&builder->drafts[i].change);
        free(builder->drafts[i].findings);
    }
    free(builder->drafts);
    irsa_map_done(&builder->draft_index);
    irsa_trust_works_done(builder);
    irsa_map_done(&builder->trust_index);
    irsa_map_done(&builder->new_roles);
    free(builder->failed);
    *builder = (struct irsa_builder){0};
}

void irsa_plan_free(struct irsa_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->change_count; i++)
        irsa_change_done(&plan->changes[i]);
    free(plan->changes);
    if (plan->fixed_by) {
        for (size_t i = 0; i < plan->diagnosis.finding_count; i++)
            irsa_strings_done(&plan->fixed_by[i]);
    }
    free(plan->fixed_by);
    free(plan->mended);
    irsa_strings_done(&plan->undo_notes);
    json_decref(plan->repoint);
    irsa_diagnosis_done(&plan->diagnosis);
    irsa_bindings_done(&plan->bindings);
    free(plan);
}

static char *draft_key(enum irsa_object_kind kind, enum irsa_class class_, const char *target)
{
    return irsa_format("%d %d %s", (int)kind, (int)class_, target);
}

size_t irsa_draft_find(const struct irsa_builder *builder, enum irsa_object_kind kind,
                       enum irsa_class class_, const char *target)
{
    irsa_autofree char *key = draft_key(kind, class_, target);
    return irsa_map_get(&builder->draft_index, key);
}

size_t irsa_draft_get(struct irsa_builder *builder, enum irsa_object_kind kind,
                      enum irsa_class class_, const char *target)
{
    irsa_autofree char *key = draft_key(kind, class_, target);
    size_t found = irsa_map_get(&builder->draft_index, key);
    if (found != IRSA_MAP_NONE)
        return found;
    size_t index = builder->draft_count;
    builder->drafts = irsa_grow(builder->drafts, index, sizeof(struct irsa_draft));
    builder->drafts[index] = (struct irsa_draft){
        .change =
            {
                .action = IRSA_ACTION_UPDATE,
                .kind = kind,
                .class_ = class_,
                .target = irsa_strdup(target),
            },
    };
    builder->draft_count++;
    irsa_map_put(&builder->draft_index, key, index);
    return index;
}

static void add_index(size_t **items, size_t *len, size_t value)
{
    /* Most repetitions come in a row; the rest goes when the draft is finished. */
    if (*len > 0 && (*items)[*len - 1] == value)
        return;
    *items = irsa_grow(*items, *len, sizeof(size_t));
    (*items)[(*len)++] = value;
}

void irsa_draft_serve(struct irsa_builder *builder, size_t draft, size_t finding, size_t binding)
{
    if (finding == IRSA_NO_FINDING)
        return;
    struct irsa_draft *d = &builder->drafts[draft];
    add_index(&d->findings, &d->finding_count, finding);
    struct irsa_change *change = &d->change;
    if (binding != SIZE_MAX) {
        add_index(&change->bindings, &change->binding_count, binding);
        return;
    }
    const struct irsa_finding *f = &builder->plan->diagnosis.findings[finding];
    for (size_t i = 0; i < f->binding_count; i++)
        add_index(&change->bindings, &change->binding_count, f->bindings[i]);
}

void irsa_draft_mend(struct irsa_builder *builder, size_t draft, size_t finding)
{
    struct irsa_draft *d = &builder->drafts[draft];
    add_index(&d->findings, &d->finding_count, finding);
}

void irsa_note_add(struct irsa_strings *notes, char *note)
{
    if (irsa_strings_has(notes, note))
        free(note);
    else
        irsa_strings_take(notes, note);
}

void irsa_builder_fail(struct irsa_builder *builder, size_t finding, char *note)
{
    builder->failed[finding] = true;
    if (note)
        irsa_note_add(&builder->plan->diagnosis.findings[finding].notes, note);
}

const char *irsa_arn_last(const char *arn)
{
    const char *slash = strrchr(arn, '/');
    return slash ? slash + 1 : arn;
}
