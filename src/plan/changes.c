/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/draft.h"

/* --- what belongs together -------------------------------------------------------------------- */

static void merge_into(struct irsa_builder *builder, size_t to, size_t from)
{
    struct irsa_change *a = &builder->drafts[to].change;
    struct irsa_draft *source = &builder->drafts[from];
    (void)json_object_update_recursive(a->before, source->change.before);
    (void)json_object_update_recursive(a->after, source->change.after);
    for (size_t i = 0; i < source->finding_count; i++)
        irsa_draft_serve(builder, to, source->findings[i], SIZE_MAX);
    json_decref(source->change.after);
    json_decref(source->change.before);
    source->change.before = NULL;
    source->change.after = NULL;
}

/* An object that its owner (Helm, Argo CD, ...) sets back is changed as a whole or not at all. */
static void merge_owned(struct irsa_builder *builder)
{
    for (size_t i = 0; i < builder->draft_count; i++) {
        const struct irsa_change *change = &builder->drafts[i].change;
        if (change->class_ != IRSA_CLASS_OWNED || change->action != IRSA_ACTION_UPDATE
            || !change->after || !change->before)
            continue;
        size_t other = irsa_draft_find(builder, change->kind, IRSA_CLASS_ADDITIVE, change->target);
        if (other == IRSA_MAP_NONE)
            continue;
        const struct irsa_change *additive = &builder->drafts[other].change;
        if (additive->action == IRSA_ACTION_UPDATE && additive->after && additive->before)
            merge_into(builder, i, other);
    }
}

static bool is_empty(const struct irsa_change *change)
{
    return !change->before ? !change->after
                           : change->after && json_equal(change->before, change->after);
}

/* --- order ------------------------------------------------------------------------------------ */

static int compare_drafts(const void *a, const void *b)
{
    const struct irsa_change *x = &((const struct irsa_draft *)a)->change;
    const struct irsa_change *y = &((const struct irsa_draft *)b)->change;
    int by = (x->action == IRSA_ACTION_DELETE) - (y->action == IRSA_ACTION_DELETE);
    if (by == 0)
        by = (int)x->kind - (int)y->kind;
    if (by == 0)
        by = strcmp(x->target, y->target);
    if (by == 0)
        by = (x->over_quota > y->over_quota) - (x->over_quota < y->over_quota);
    if (by == 0)
        by = (int)x->class_ - (int)y->class_;
    return by;
}

static int compare_indexes(const void *a, const void *b)
{
    size_t x = *(const size_t *)a;
    size_t y = *(const size_t *)b;
    return (x > y) - (x < y);
}

static size_t sort_unique(size_t *items, size_t len)
{
    if (len < 2)
        return len;
    qsort(items, len, sizeof(size_t), compare_indexes);
    size_t kept = 1;
    for (size_t i = 1; i < len; i++) {
        if (items[i] != items[kept - 1])
            items[kept++] = items[i];
    }
    return kept;
}

/* --- results ---------------------------------------------------------------------------------- */

static void add_change(struct irsa_builder *builder, struct irsa_draft *draft)
{
    struct irsa_plan *plan = builder->plan;
    struct irsa_change *change = &draft->change;
    change->id = irsa_format("c%zu", plan->change_count + 1);
    change->held_back = change->over_quota || !plan->intent->allow[change->class_];
    change->binding_count = sort_unique(change->bindings, change->binding_count);
    draft->finding_count = sort_unique(draft->findings, draft->finding_count);
    for (size_t i = 0; i < draft->finding_count; i++) {
        const char *code = plan->diagnosis.findings[draft->findings[i]].check->code;
        if (!irsa_strings_has(&change->because, code))
            irsa_strings_add(&change->because, code);
        irsa_strings_add(&plan->fixed_by[draft->findings[i]], change->id);
    }
    irsa_strings_sort(&change->because);
    change->diff = irsa_change_diff(change);
    irsa_plan_add(plan, change);
}

/* Held-back changes of these classes are the cure itself; of the others (a pattern beside the exact
 * name, a former key that goes, a restart) the cure's better half stands in another change. */
static bool is_essential(const struct irsa_change *change)
{
    return change->over_quota || change->class_ == IRSA_CLASS_OVERWRITE
           || change->class_ == IRSA_CLASS_OWNED;
}

/* A finding is mended when a change of it goes through and none that it needs is held back. */
static void mark_mended(struct irsa_builder *builder, const struct irsa_draft *drafts,
                        const size_t *draft_of, bool *held)
{
    struct irsa_plan *plan = builder->plan;
    for (size_t i = 0; i < plan->change_count; i++) {
        const struct irsa_change *change = &plan->changes[i];
        const struct irsa_draft *draft = &drafts[draft_of[i]];
        for (size_t j = 0; j < draft->finding_count; j++) {
            if (!change->held_back)
                plan->mended[draft->findings[j]] = true;
            else if (is_essential(change))
                held[draft->findings[j]] = true;
        }
    }
    for (size_t i = 0; i < plan->diagnosis.finding_count; i++) {
        if (held[i] || builder->failed[i])
            plan->mended[i] = false;
    }
}

static bool breaks_something(const struct irsa_plan *plan, size_t finding)
{
    const struct irsa_finding *f = &plan->diagnosis.findings[finding];
    if (irsa_plan_is_repoint(plan) && finding < plan->repoint_findings)
        return false;
    return f->severity == IRSA_SEVERITY_ERROR
           || (plan->intent->strict && f->severity == IRSA_SEVERITY_WARNING);
}

static int outcome_of(const struct irsa_plan *plan)
{
    const struct irsa_diagnosis *diagnosis = &plan->diagnosis;
    for (size_t i = 0; i < diagnosis->finding_count; i++) {
        if (breaks_something(plan, i) && !plan->mended[i])
            return 3;
    }
    for (size_t i = 0; i < diagnosis->binding_count; i++) {
        if (diagnosis->works[i] == IRSA_WORKS_UNKNOWN && !irsa_plan_is_repoint(plan))
            return 3;
    }
    return plan->creates + plan->updates + plan->deletes > 0 ? 2 : 0;
}

static void count_findings(struct irsa_plan *plan)
{
    for (size_t i = 0; i < plan->diagnosis.finding_count; i++) {
        enum irsa_severity severity = plan->diagnosis.findings[i].severity;
        if (severity == IRSA_SEVERITY_ERROR)
            plan->errors++;
        else if (severity == IRSA_SEVERITY_WARNING)
            plan->warnings++;
        else
            plan->notes++;
    }
}

void irsa_drafts_finish(struct irsa_builder *builder)
{
    struct irsa_plan *plan = builder->plan;
    size_t findings = plan->diagnosis.finding_count;
    plan->fixed_by = irsa_calloc(findings + 1, sizeof(struct irsa_strings));
    plan->mended = irsa_calloc(findings + 1, sizeof(bool));
    plan->changes = irsa_calloc(builder->draft_count + 1, sizeof(struct irsa_change));
    size_t *draft_of = irsa_calloc(builder->draft_count + 1, sizeof(size_t));
    bool *held = irsa_calloc(findings + 1, sizeof(bool));
    merge_owned(builder);
    if (builder->draft_count > 1)
        qsort(builder->drafts, builder->draft_count, sizeof(struct irsa_draft), compare_drafts);
    for (size_t i = 0; i < builder->draft_count; i++) {
        struct irsa_draft *draft = &builder->drafts[i];
        if (is_empty(&draft->change))
            continue;
        draft_of[plan->change_count] = i;
        add_change(builder, draft);
    }
    mark_mended(builder, builder->drafts, draft_of, held);
    free(draft_of);
    free(held);
    count_findings(plan);
    plan->outcome = outcome_of(plan);
}
