/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/trust.h"

/* More wishes than fit into any trust policy are not worth editing in: what counts is that they
 * don't fit. */
#define OVERFLOW_STOP (4 * IRSA_TRUST_POLICY_QUOTA_MAX)

void irsa_trust_works_done(struct irsa_builder *builder)
{
    for (size_t i = 0; i < builder->trust_count; i++) {
        struct irsa_trust_work *work = &builder->trusts[i];
        for (size_t j = 0; j < work->want_count; j++)
            free(work->wants[j].findings);
        free(work->wants);
        irsa_map_done(&work->want_index);
        free(work->narrows);
        free(work->role_arn);
    }
    free(builder->trusts);
}

static struct irsa_trust_work *get_work(struct irsa_builder *builder, const char *role_arn)
{
    size_t index = irsa_map_get(&builder->trust_index, role_arn);
    if (index == IRSA_MAP_NONE) {
        index = builder->trust_count;
        builder->trusts = irsa_grow(builder->trusts, index, sizeof(struct irsa_trust_work));
        builder->trusts[index] = (struct irsa_trust_work){.role_arn = irsa_strdup(role_arn)};
        builder->trust_count++;
        irsa_map_put(&builder->trust_index, role_arn, index);
    }
    return &builder->trusts[index];
}

void irsa_trust_want(struct irsa_builder *builder, const char *role_arn, size_t binding,
                     size_t finding)
{
    struct irsa_trust_work *work = get_work(builder, role_arn);
    irsa_autofree char *key = irsa_format("%zu", binding);
    size_t index = irsa_map_get(&work->want_index, key);
    if (index == IRSA_MAP_NONE) {
        index = work->want_count;
        work->wants = irsa_grow(work->wants, index, sizeof(struct irsa_trust_want));
        work->wants[index] = (struct irsa_trust_want){.binding = binding};
        work->want_count++;
        irsa_map_put(&work->want_index, key, index);
    }
    struct irsa_trust_want *want = &work->wants[index];
    want->findings = irsa_grow(want->findings, want->finding_count, sizeof(size_t));
    want->findings[want->finding_count++] = finding;
}

int irsa_plan_trust(struct irsa_builder *builder, struct irsa_fix_at at, struct irsa_error **reterr)
{
    (void)reterr;
    if (at.fix->kind == IRSA_FIX_TRUST_NARROW) {
        struct irsa_trust_work *work = get_work(builder, at.fix->target);
        work->narrows =
            irsa_grow(work->narrows, work->narrow_count, sizeof(struct irsa_trust_narrow));
        work->narrows[work->narrow_count++] =
            (struct irsa_trust_narrow){.fix = at.fix, .finding = at.finding};
        return 0;
    }
    const struct irsa_binding *b = &builder->plan->bindings.items[at.fix->binding];
    if (!b->role_arn) {
        irsa_builder_fail(builder, at.finding, NULL);
        return 0;
    }
    irsa_autofree char *arn = irsa_planned_role_arn(builder, b->role ? b->role->arn : b->role_arn);
    irsa_trust_want(builder, arn, at.fix->binding, at.finding);
    return 0;
}

/* --- turning one role's wishes into changes --------------------------------------------------- */

size_t irsa_trust_quota(const struct irsa_plan *plan, const json_t *original)
{
    size_t quota = plan->intent->trust_policy_quota;
    if (quota == 0)
        quota = IRSA_TRUST_POLICY_QUOTA;
    /* One that is longer already shows that the account's quota was raised; how far is not visible.
     */
    if (original && irsa_policy_size(original) > quota)
        quota = IRSA_TRUST_POLICY_QUOTA_MAX;
    return quota;
}

static void fail_want(struct irsa_trust_run *run, struct irsa_trust_want *want, const char *reason)
{
    for (size_t i = 0; i < want->finding_count; i++)
        irsa_builder_fail(run->builder, want->findings[i], irsa_strdup(reason));
}

static void copy_from(struct irsa_trust_copy *to, const struct irsa_trust_copy *from)
{
    irsa_trust_copy_set(to, from->document);
    for (size_t i = 0; i < from->notes.len; i++)
        irsa_note_add(&to->notes, irsa_strdup(from->notes.items[i]));
}

bool irsa_trust_merge_to_fit(struct irsa_trust_copy *copy, size_t quota)
{
    if (!copy->policy)
        return false;
    json_auto_t *merged = irsa_policy_merge_statements(copy->policy);
    if (!merged || irsa_policy_size(merged) > quota)
        return false;
    size_t before = copy->size;
    irsa_trust_copy_set(copy, merged);
    irsa_note_add(
        &copy->notes,
        irsa_format("statements that differ in the subject alone were merged, so that %zu "
                    "characters became %zu and fit into the quota of %zu",
                    before, copy->size, quota));
    return true;
}

static bool merge_to_fit(struct irsa_trust_run *run, struct irsa_trust_copy *copy)
{
    if (!irsa_trust_merge_to_fit(copy, run->quota))
        return false;
    run->merged = true;
    return true;
}

char *irsa_trust_over_quota(const struct irsa_trust_copy *copy, size_t quota)
{
    return irsa_format("%zu characters, %zu over the quota of %zu: have the quota \"role trust "
                       "policy length\" raised (up to %d) and give it as trust-policy-quota, or "
                       "use a role of its own for some of the service accounts",
                       copy->size, copy->size - quota, quota, IRSA_TRUST_POLICY_QUOTA_MAX);
}

/* One wish after the other, taken only if the whole still fits; the rest goes into `overflow`. */
static int take_wants(struct irsa_trust_run *run, struct irsa_trust_copy *copy,
                      struct irsa_trust_copy *overflow, struct irsa_error **reterr)
{
    for (size_t i = 0; i < run->work->want_count; i++) {
        struct irsa_trust_want *want = &run->work->wants[i];
        irsa_auto_trust_copy next = {0};
        copy_from(&next, copy);
        struct irsa_trust_step step = {.binding = want->binding, .base = run->base};
        irsa_autofree char *reason = NULL;
        if (irsa_trust_allow(run->builder, &next, step, &want->pattern, &reason, reterr) < 0) {
            if (!reason)
                return -1;
            want->refused = true;
            fail_want(run, want, reason);
            continue;
        }
        if (next.size <= run->quota || next.size <= copy->size || merge_to_fit(run, &next)) {
            copy_from(copy, &next);
            continue;
        }
        want->over_quota = true;
        if (overflow->size > OVERFLOW_STOP)
            continue;
        if (!overflow->document) {
            copy_from(overflow, &next);
            continue;
        }
        bool pattern = false;
        if (irsa_trust_allow(run->builder, overflow, step, &pattern, &reason, reterr) < 0
            && !reason)
            return -1;
    }
    return 0;
}

void irsa_trust_serve(struct irsa_trust_run *run, size_t draft, const struct irsa_trust_want *want)
{
    for (size_t i = 0; i < want->finding_count; i++)
        irsa_draft_serve(run->builder, draft, want->findings[i], want->binding);
}

size_t irsa_trust_add_change(struct irsa_trust_run *run, enum irsa_class class_, bool over_quota,
                             struct irsa_trust_copy *copy)
{
    size_t draft =
        irsa_draft_get(run->builder, IRSA_OBJECT_TRUST_POLICY, class_, run->work->role_arn);
    if (run->builder->drafts[draft].change.after) {
        /* The additive change is there; what does not fit any more comes after it, on its own. */
        irsa_autofree char *key = irsa_format("%s (over quota)", run->work->role_arn);
        draft = irsa_draft_get(run->builder, IRSA_OBJECT_TRUST_POLICY, class_, key);
        free(run->builder->drafts[draft].change.target);
        run->builder->drafts[draft].change.target = irsa_strdup(run->work->role_arn);
    }
    struct irsa_change *change = &run->builder->drafts[draft].change;
    change->before = json_incref(run->cursor);
    change->after = json_incref(copy->document);
    change->size_before = run->cursor ? irsa_policy_size(run->cursor) : 0;
    change->size_after = copy->size;
    change->quota = run->quota;
    change->over_quota = over_quota;
    change->notes = copy->notes;
    copy->notes = (struct irsa_strings){0};
    irsa_policy_semantic_diff(run->cursor, copy->document, &change->semantic);
    if (!over_quota && run->builder->plan->intent->allow[class_]) {
        json_decref(run->cursor);
        run->cursor = json_incref(copy->document);
    }
    return draft;
}

static void plan_additive(struct irsa_trust_run *run, struct irsa_trust_copy *copy)
{
    if (!copy->document || (run->original && json_equal(run->original, copy->document)))
        return;
    size_t draft = irsa_trust_add_change(run, IRSA_CLASS_ADDITIVE, false, copy);
    for (size_t i = 0; i < run->work->want_count; i++) {
        const struct irsa_trust_want *want = &run->work->wants[i];
        if (!want->refused && !want->over_quota)
            irsa_trust_serve(run, draft, want);
    }
}

static void plan_overflow(struct irsa_trust_run *run, struct irsa_trust_copy *overflow)
{
    if (!overflow->document)
        return;
    char *note = irsa_trust_over_quota(overflow, run->quota);
    irsa_note_add(&overflow->notes, irsa_strdup(note));
    size_t draft = irsa_trust_add_change(run, IRSA_CLASS_ADDITIVE, true, overflow);
    for (size_t i = 0; i < run->work->want_count; i++) {
        struct irsa_trust_want *want = &run->work->wants[i];
        if (!want->over_quota)
            continue;
        irsa_trust_serve(run, draft, want);
        fail_want(run, want, note);
    }
    free(note);
}

static int finish_new_role(struct irsa_trust_run *run, size_t draft, struct irsa_error **reterr)
{
    irsa_auto_trust_copy copy = {0};
    irsa_auto_trust_copy overflow = {0};
    if (take_wants(run, &copy, &overflow, reterr) < 0)
        return -1;
    struct irsa_change *change = &run->builder->drafts[draft].change;
    (void)json_object_set(change->after, "AssumeRolePolicyDocument", copy.document);
    change->size_after = copy.size;
    change->quota = run->quota;
    json_decref(run->cursor);
    run->cursor = json_incref(copy.document);
    for (size_t i = 0; i < copy.notes.len; i++)
        irsa_note_add(&change->notes, irsa_strdup(copy.notes.items[i]));
    for (size_t i = 0; i < run->work->want_count; i++) {
        const struct irsa_trust_want *want = &run->work->wants[i];
        if (!want->refused && !want->over_quota)
            irsa_trust_serve(run, draft, want);
    }
    plan_overflow(run, &overflow);
    return 0;
}

static int finish_run(struct irsa_trust_run *run, struct irsa_error **reterr)
{
    struct irsa_builder *builder = run->builder;
    run->quota = irsa_trust_quota(builder->plan, run->original);
    for (int class_ = 0; class_ < IRSA_CLASS_MAX_; class_++) {
        size_t draft = irsa_draft_find(builder, IRSA_OBJECT_ROLE, (enum irsa_class)class_,
                                       run->work->role_arn);
        if (draft != IRSA_MAP_NONE && builder->drafts[draft].change.action == IRSA_ACTION_CREATE)
            return finish_new_role(run, draft, reterr);
    }
    if (!run->base) {
        for (size_t i = 0; i < run->work->want_count; i++)
            fail_want(run, &run->work->wants[i], "the role's trust policy was not seen");
        return 0;
    }
    irsa_auto_trust_copy copy = {0};
    irsa_auto_trust_copy overflow = {0};
    irsa_trust_copy_set(&copy, run->original);
    run->cursor = json_incref((json_t *)run->original);
    if (take_wants(run, &copy, &overflow, reterr) < 0)
        return -1;
    plan_additive(run, &copy);
    plan_overflow(run, &overflow);
    if (irsa_trust_plan_pattern(run, reterr) < 0)
        return -1;
    return irsa_trust_plan_narrow(run, reterr);
}

int irsa_plan_trust_finish(struct irsa_builder *builder, struct irsa_error **reterr)
{
    for (size_t i = 0; i < builder->trust_count; i++) {
        struct irsa_trust_work *work = &builder->trusts[i];
        const struct irsa_role *role = irsa_facts_role(builder->plan->facts, work->role_arn);
        struct irsa_trust_run run = {
            .builder = builder,
            .work = work,
            .base = role ? role->trust : NULL,
            .original = role && role->trust ? irsa_policy_document(role->trust) : NULL,
        };
        int failed = finish_run(&run, reterr);
        json_decref(run.cursor);
        if (failed < 0)
            return -1;
    }
    return 0;
}
