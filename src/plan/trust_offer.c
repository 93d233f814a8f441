/* SPDX-License-Identifier: Apache-2.0 */
/* What is held back unless it is asked for: patterns, and the narrow form of what is too wide. */
#include "plan/trust.h"

/* Statements that let in whoever the cluster issues a token to. */
static size_t count_open(const json_t *document)
{
    irsa_auto_policy policy = irsa_policy_new(document, IRSA_POLICY_TRUST);
    irsa_auto_trust_grants grants = {0};
    irsa_policy_trust_grants(policy, &grants);
    size_t count = 0;
    for (size_t i = 0; i < grants.len; i++)
        count += grants.items[i].effective && grants.items[i].width >= IRSA_TRUST_ANY_SUBJECT;
    return count;
}

/* A pattern that takes everybody is a mistake, whatever its author meant. */
static bool is_pattern_offered(const struct irsa_trust_run *run, const struct irsa_trust_copy *copy)
{
    return copy->size <= run->quota && !json_equal(copy->document, run->cursor)
           && count_open(copy->document) <= count_open(run->cursor);
}

/* What the author of a literal wildcard may have meant: all wishes once more, patterns taken. */
int irsa_trust_plan_pattern(struct irsa_trust_run *run, struct irsa_error **reterr)
{
    bool any = false;
    for (size_t i = 0; i < run->work->want_count; i++)
        any = any || run->work->wants[i].pattern;
    if (!any || !run->original)
        return 0;
    irsa_auto_trust_copy copy = {0};
    irsa_trust_copy_set(&copy, run->original);
    for (size_t i = 0; i < run->work->want_count; i++) {
        const struct irsa_trust_want *want = &run->work->wants[i];
        if (want->refused || want->over_quota)
            continue;
        for (int pass = 0; pass < 2; pass++) {
            bool pattern = false;
            irsa_autofree char *reason = NULL;
            struct irsa_trust_step step = {
                .binding = want->binding, .pattern = pass == 0, .base = run->base};
            if (irsa_trust_allow(run->builder, &copy, step, &pattern, &reason, reterr) < 0
                && !reason)
                return -1;
        }
    }
    if (!is_pattern_offered(run, &copy))
        return 0;
    irsa_strings_done(&copy.notes);
    irsa_note_add(&copy.notes, irsa_strdup("the wildcard becomes a pattern: it then lets in every "
                                           "service account that matches it"));
    size_t draft = irsa_trust_add_change(run, IRSA_CLASS_PATTERN, false, &copy);
    for (size_t i = 0; i < run->work->want_count; i++) {
        if (run->work->wants[i].pattern)
            irsa_trust_serve(run, draft, &run->work->wants[i]);
    }
    return 0;
}

/* The bindings that the policy lets in before it is narrowed, it must let in afterwards. */
static int keep_wants(struct irsa_trust_run *run, const struct irsa_policy *before,
                      struct irsa_trust_copy *copy, struct irsa_error **reterr)
{
    for (size_t i = 0; i < run->work->want_count; i++) {
        size_t binding = run->work->wants[i].binding;
        if (!irsa_trust_lets_in(run->builder, before, binding)
            || irsa_trust_lets_in(run->builder, copy->policy, binding))
            continue;
        bool pattern = false;
        irsa_autofree char *reason = NULL;
        struct irsa_trust_step step = {.binding = binding, .base = run->base};
        if (irsa_trust_allow(run->builder, copy, step, &pattern, &reason, reterr) < 0 && !reason)
            return -1;
    }
    return 0;
}

int irsa_trust_plan_narrow(struct irsa_trust_run *run, struct irsa_error **reterr)
{
    if (run->work->narrow_count == 0 || !run->cursor || run->merged)
        return 0;
    irsa_auto_policy before = irsa_policy_new(run->cursor, IRSA_POLICY_TRUST);
    irsa_auto_trust_copy copy = {0};
    irsa_trust_copy_set(&copy, run->cursor);
    const struct irsa_plan *plan = run->builder->plan;
    irsa_auto_role_arn role = {0};
    if (irsa_role_arn_parse(run->work->role_arn, &role, reterr) != 0)
        return -1;
    irsa_autofree char *provider =
        irsa_provider_arn_text(role.partition, role.account, plan->bindings.scope.issuer);
    for (size_t i = 0; i < run->work->narrow_count; i++) {
        const struct irsa_trust_narrow *narrow = &run->work->narrows[i];
        const struct irsa_finding *finding = &plan->diagnosis.findings[narrow->finding];
        const char *audience =
            plan->intent->audience ? plan->intent->audience : IRSA_DEFAULT_AUDIENCE;
        if (finding->binding_count > 0)
            audience = plan->bindings.items[finding->bindings[0]].audience;
        json_auto_t *document = NULL;
        irsa_auto_error error = NULL;
        if (irsa_policy_edit_narrow(copy.policy, narrow->fix->statement, provider,
                                    &narrow->fix->subjects, audience, &document, &error)
            < 0) {
            irsa_builder_fail(run->builder, narrow->finding,
                              irsa_strdup(irsa_error_message(error)));
            continue;
        }
        irsa_trust_copy_set(&copy, document);
    }
    if (keep_wants(run, before, &copy, reterr) < 0)
        return -1;
    if (json_equal(copy.document, run->cursor))
        return 0;
    size_t draft = irsa_trust_add_change(run, IRSA_CLASS_NARROW, copy.size > run->quota, &copy);
    for (size_t i = 0; i < run->work->narrow_count; i++)
        irsa_draft_serve(run->builder, draft, run->work->narrows[i].finding, SIZE_MAX);
    return 0;
}
