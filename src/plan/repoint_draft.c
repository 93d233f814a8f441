/* SPDX-License-Identifier: Apache-2.0 */
/* The changes of --repoint and --prune: the new issuer's providers, then the trust policies. */
#include "plan/repoint.h"

/* --- providers -------------------------------------------------------------------------------- */

/* The audiences that the new issuer's tokens may have by this policy. */
static void collect_audiences(const struct irsa_policy *trust, const char *issuer,
                              struct irsa_strings *ret)
{
    irsa_auto_trust_grants grants = {0};
    irsa_policy_trust_grants(trust, &grants);
    for (size_t i = 0; i < grants.len; i++) {
        const struct irsa_trust_grant *grant = &grants.items[i];
        for (size_t k = 0; irsa_strings_has(&grant->issuers, issuer) && k < grant->audiences.len;
             k++) {
            const char *audience = grant->audiences.items[k];
            if (*audience && !strpbrk(audience, "*? ") && !irsa_strings_has(ret, audience))
                irsa_strings_add(ret, audience);
        }
    }
}

static int plan_audiences(struct irsa_repoint_work *work, enum irsa_fix_kind kind, const char *arn,
                          const struct irsa_strings *audiences, struct irsa_error **reterr)
{
    for (size_t i = 0; i < audiences->len; i++) {
        struct irsa_fix fix = {.kind = kind,
                               .class_ = IRSA_CLASS_ADDITIVE,
                               .binding = SIZE_MAX,
                               .target = (char *)arn,
                               .value = audiences->items[i]};
        struct irsa_fix_at at = {.fix = &fix, .finding = IRSA_NO_FINDING};
        if (irsa_plan_provider(work->builder, at, reterr) != 0)
            return -1;
    }
    return 0;
}

static bool has_all(const struct irsa_provider *provider, const struct irsa_strings *audiences)
{
    for (size_t i = 0; i < audiences->len; i++) {
        if (!irsa_strings_has(&provider->client_ids, audiences->items[i]))
            return false;
    }
    return true;
}

/* The findings that the provider's change serves: those of its account, and the checks' own. */
static void mend_by_provider(struct irsa_repoint_work *work, const char *account, const char *arn)
{
    size_t draft = irsa_draft_find(work->builder, IRSA_OBJECT_PROVIDER, IRSA_CLASS_ADDITIVE, arn);
    if (draft == IRSA_MAP_NONE)
        return;
    for (size_t i = 0; i < work->group_count; i++) {
        const struct irsa_repoint_group *group = &work->groups[i];
        if (group->finding != SIZE_MAX && !group->prune && strcmp(group->account, account) == 0)
            irsa_draft_mend(work->builder, draft, group->finding);
    }
    const struct irsa_diagnosis *diagnosis = &work->plan->diagnosis;
    for (size_t i = 0; i < work->plan->repoint_findings; i++) {
        for (size_t k = 0; k < diagnosis->findings[i].fix_count; k++) {
            const struct irsa_fix *fix = &diagnosis->findings[i].fixes[k];
            if (fix->kind == IRSA_FIX_CREATE_PROVIDER && strcmp(fix->target, arn) == 0)
                irsa_draft_mend(work->builder, draft, i);
        }
    }
}

static void set_state(struct irsa_repoint_work *work, const char *account, const char *state)
{
    (void)json_object_set_new(work->provider_states, account, json_string(state));
}

/* The new issuer's provider in one account, for the roles there that change. */
static int plan_provider(struct irsa_repoint_work *work, const struct irsa_role *role,
                         struct irsa_error **reterr)
{
    const char *issuer = work->plan->bindings.scope.issuer;
    const struct irsa_facts *facts = work->plan->facts;
    irsa_autofree char *arn = irsa_provider_arn_text(role->partition, role->account, issuer);
    irsa_auto_strings audiences = {0};
    for (size_t i = 0; i < work->role_count; i++) {
        const struct irsa_repoint_role *other = &work->roles[i];
        if (other->repoint.copy.policy && strcmp(other->role->account, role->account) == 0)
            collect_audiences(other->repoint.copy.policy, issuer, &audiences);
    }
    if (audiences.len == 0)
        irsa_strings_add(&audiences, IRSA_DEFAULT_AUDIENCE);
    irsa_strings_sort(&audiences);
    enum irsa_presence presence = irsa_facts_provider_presence(facts, arn);
    const struct irsa_provider *provider = irsa_facts_provider(facts, arn);
    if (presence == IRSA_UNSEEN) {
        set_state(work, role->account, "not-seen");
        return 0;
    }
    set_state(work, role->account, presence == IRSA_ABSENT ? "to-be-created" : "exists");
    enum irsa_fix_kind kind = IRSA_FIX_CREATE_PROVIDER;
    if (presence == IRSA_PRESENT) {
        if (!provider || !provider->detail_seen || has_all(provider, &audiences))
            return 0;
        kind = IRSA_FIX_ADD_CLIENT_ID;
    }
    if (plan_audiences(work, kind, arn, &audiences, reterr) != 0)
        return -1;
    mend_by_provider(work, role->account, arn);
    return 0;
}

static int plan_providers(struct irsa_repoint_work *work, struct irsa_error **reterr)
{
    for (size_t i = 0; i < work->role_count; i++) {
        const struct irsa_repoint_role *item = &work->roles[i];
        if (!item->repoint.copy.policy
            || json_object_get(work->provider_states, item->role->account))
            continue;
        if (plan_provider(work, item->role, reterr) != 0)
            return -1;
    }
    return 0;
}

/* --- trust policies --------------------------------------------------------------------------- */

static void serve_groups(struct irsa_repoint_work *work, const struct irsa_repoint_role *item,
                         const struct irsa_repoint_edit *edit)
{
    for (size_t i = 0; i < edit->group_count; i++) {
        struct irsa_repoint_group *group = &work->groups[edit->groups[i]];
        group->held_back += edit->held_back;
        if (group->finding == SIZE_MAX)
            continue;
        irsa_draft_mend(work->builder, edit->draft, group->finding);
        for (size_t k = 0; k < item->binding_count; k++)
            irsa_draft_serve(work->builder, edit->draft, group->finding, item->bindings[k]);
    }
}

static void plan_edit(struct irsa_repoint_work *work, struct irsa_repoint_role *item,
                      struct irsa_repoint_edit *edit, struct irsa_trust_run *run)
{
    if (!edit->copy.document)
        return;
    struct irsa_trust_copy copy = {0};
    irsa_trust_copy_set(&copy, edit->copy.document);
    for (size_t i = 0; i < edit->copy.notes.len; i++)
        irsa_note_add(&copy.notes, irsa_strdup(edit->copy.notes.items[i]));
    bool shrinks = run->cursor && copy.size <= irsa_policy_size(run->cursor);
    bool over_quota =
        copy.size > run->quota && !shrinks && !irsa_trust_merge_to_fit(&copy, run->quota);
    if (over_quota)
        irsa_note_add(&copy.notes, irsa_trust_over_quota(&copy, run->quota));
    edit->held_back = over_quota || !work->plan->intent->allow[edit->class_];
    edit->draft = irsa_trust_add_change(run, edit->class_, over_quota, &copy);
    irsa_trust_copy_done(&copy);
    serve_groups(work, item, edit);
}

static void plan_role(struct irsa_repoint_work *work, struct irsa_repoint_role *item)
{
    struct irsa_trust_work trust = {.role_arn = item->role->arn};
    const json_t *original = irsa_policy_document(item->role->trust);
    struct irsa_trust_run run = {
        .builder = work->builder,
        .work = &trust,
        .base = item->role->trust,
        .original = original,
        .quota = irsa_trust_quota(work->plan, original),
        .cursor = json_incref((json_t *)original),
    };
    plan_edit(work, item, &item->repoint, &run);
    plan_edit(work, item, &item->prune, &run);
    json_decref(run.cursor);
}

/* --- the checks' findings --------------------------------------------------------------------- */

/* A finding of the checks is mended where every trust policy that it asks for is, and nothing else
 * is asked for. */
static void serve_finding(struct irsa_repoint_work *work, size_t index)
{
    const struct irsa_finding *finding = &work->plan->diagnosis.findings[index];
    for (size_t k = 0; k < finding->fix_count; k++) {
        const struct irsa_fix *fix = &finding->fixes[k];
        if (fix->kind == IRSA_FIX_CREATE_PROVIDER)
            continue;
        const struct irsa_role *role = fix->kind == IRSA_FIX_TRUST_ALLOW && fix->binding != SIZE_MAX
                                           ? work->plan->bindings.items[fix->binding].role
                                           : NULL;
        size_t at = role ? irsa_map_get(&work->role_at, role->arn) : IRSA_MAP_NONE;
        const struct irsa_repoint_edit *edit =
            at == IRSA_MAP_NONE ? NULL : &work->roles[at].repoint;
        if (edit && edit->draft != SIZE_MAX
            && irsa_trust_lets_in(work->builder, edit->copy.policy, fix->binding))
            irsa_draft_serve(work->builder, edit->draft, index, fix->binding);
        else
            work->builder->failed[index] = true;
    }
}

int irsa_repoint_drafts(struct irsa_repoint_work *work, struct irsa_error **reterr)
{
    struct irsa_builder builder = {
        .plan = work->plan,
        .failed = irsa_calloc(work->plan->diagnosis.finding_count + 1, sizeof(bool)),
    };
    work->builder = &builder;
    int r = plan_providers(work, reterr);
    for (size_t i = 0; r == 0 && i < work->role_count; i++)
        plan_role(work, &work->roles[i]);
    if (r == 0)
        r = irsa_repoint_delete_orphans(work, reterr);
    for (size_t i = 0; r == 0 && i < work->plan->repoint_findings; i++)
        serve_finding(work, i);
    if (r == 0)
        irsa_drafts_finish(&builder);
    irsa_builder_done(&builder);
    work->builder = NULL;
    return r;
}
