/* SPDX-License-Identifier: Apache-2.0 */
/* Which roles are re-pointed or pruned, and what becomes of their trust policies. */
#include "plan/repoint.h"

#include <strings.h>

static void edit_done(struct irsa_repoint_edit *edit)
{
    free(edit->groups);
    irsa_trust_copy_done(&edit->copy);
    irsa_strings_done(&edit->left);
    free(edit->refused);
    free(edit->hint);
}

static void work_done(struct irsa_repoint_work *work)
{
    for (size_t i = 0; i < work->group_count; i++) {
        free(work->groups[i].issuer);
        free(work->groups[i].account);
        free(work->groups[i].partition);
    }
    for (size_t i = 0; i < work->role_count; i++) {
        edit_done(&work->roles[i].repoint);
        edit_done(&work->roles[i].prune);
        free(work->roles[i].bindings);
    }
    free(work->groups);
    free(work->roles);
    free(work->orphans);
    free(work->from);
    irsa_map_done(&work->group_index);
    irsa_map_done(&work->role_at);
    irsa_strings_done(&work->unread);
    json_decref(work->provider_states);
}

/* --- issuers that are gone -------------------------------------------------------------------- */

static bool has_provider_anywhere(const struct irsa_plan *plan, const char *issuer)
{
    for (size_t i = 0; i < plan->facts->provider_count; i++) {
        if (strcasecmp(plan->facts->providers[i].host_path, issuer) == 0)
            return true;
    }
    return false;
}

bool irsa_repoint_is_another_cluster(const char *own, const char *issuer)
{
    irsa_auto_issuer parsed = {0};
    irsa_auto_error ignored = NULL;
    enum irsa_issuer_relation relation = irsa_issuer_relation(own, issuer);
    return (relation == IRSA_ISSUER_SAME_HOST_OTHER_ID || relation == IRSA_ISSUER_UNRELATED)
           && irsa_issuer_parse(issuer, &parsed, &ignored) == 0 && parsed.id
           && irsa_has_prefix(issuer, "oidc.eks.");
}

bool irsa_repoint_is_gone(const struct irsa_plan *plan, const struct irsa_role *role,
                          const char *issuer)
{
    irsa_autofree char *arn = irsa_provider_arn_text(role->partition, role->account, issuer);
    return irsa_repoint_is_another_cluster(plan->bindings.scope.issuer, issuer)
           && irsa_facts_provider_presence(plan->facts, arn) == IRSA_ABSENT
           && !irsa_facts_is_cluster_issuer(plan->facts, issuer)
           && !has_provider_anywhere(plan, issuer);
}

/* --- groups ----------------------------------------------------------------------------------- */

static size_t group_of(struct irsa_repoint_work *work, const struct irsa_role *role,
                       const char *issuer, bool prune)
{
    irsa_autofree char *key = irsa_format("%d %s %s", (int)prune, role->account, issuer);
    size_t index = irsa_map_get(&work->group_index, key);
    if (index != IRSA_MAP_NONE)
        return index;
    irsa_autofree char *arn = irsa_provider_arn_text(role->partition, role->account, issuer);
    index = work->group_count;
    work->groups = irsa_grow(work->groups, index, sizeof(*work->groups));
    work->groups[index] = (struct irsa_repoint_group){
        .issuer = irsa_strdup(issuer),
        .account = irsa_strdup(role->account),
        .partition = irsa_strdup(role->partition),
        .provider = irsa_facts_provider_presence(work->plan->facts, arn),
        .stale = irsa_repoint_is_gone(work->plan, role, issuer),
        .prune = prune,
        .finding = SIZE_MAX,
    };
    work->group_count++;
    irsa_map_put(&work->group_index, key, index);
    return index;
}

static void add_group(struct irsa_repoint_work *work, struct irsa_repoint_edit *edit,
                      const struct irsa_role *role, const char *issuer, bool prune)
{
    size_t group = group_of(work, role, issuer, prune);
    edit->groups = irsa_grow(edit->groups, edit->group_count, sizeof(size_t));
    edit->groups[edit->group_count++] = group;
    work->groups[group].roles++;
}

/* --- selection -------------------------------------------------------------------------------- */

static bool names_selected_subject(const struct irsa_plan *plan, const struct irsa_policy *trust)
{
    irsa_auto_trust_grants grants = {0};
    irsa_policy_trust_grants(trust, &grants);
    for (size_t i = 0; i < grants.len; i++) {
        for (size_t k = 0; k < grants.items[i].subjects.len; k++) {
            irsa_autofree char *namespace_ = NULL;
            irsa_autofree char *name = NULL;
            if (irsa_subject_parse(grants.items[i].subjects.items[k], &namespace_, &name)
                && irsa_intent_selects(plan->intent, namespace_, name))
                return true;
        }
    }
    return false;
}

/* By -n, -s, -l: a binding of the plan has the role, or (labels aside) the trust policy names a
 * service account that is selected. */
static bool is_selected(const struct irsa_plan *plan, const struct irsa_map *bound,
                        const struct irsa_role *role)
{
    const struct irsa_intent *intent = plan->intent;
    const char *wanted = intent->repoint_role;
    if (wanted && strcmp(wanted, role->arn) != 0 && strcmp(wanted, role->name) != 0)
        return false;
    if (intent->namespaces.len + intent->service_accounts.len == 0 && !intent->selector)
        return true;
    return irsa_map_get(bound, role->arn) != IRSA_MAP_NONE
           || (!intent->selector && names_selected_subject(plan, role->trust));
}

/* --- re-pointing one role --------------------------------------------------------------------- */

static bool is_repointed(const struct irsa_repoint_work *work, const struct irsa_role *role,
                         const char *issuer)
{
    if (!work->plan->intent->repoint)
        return false;
    return work->from ? strcmp(work->from, issuer) == 0
                      : irsa_repoint_is_gone(work->plan, role, issuer);
}

static void refuse(struct irsa_repoint_edit *edit, const struct irsa_error *error)
{
    if (edit->refused)
        return;
    edit->refused = irsa_strdup(irsa_error_message(error));
    edit->hint = irsa_error_hint(error) ? irsa_strdup(irsa_error_hint(error)) : NULL;
}

static void take_result(struct irsa_repoint_edit *edit, struct irsa_repoint_result *result)
{
    if (result->changed)
        irsa_trust_copy_set(&edit->copy, result->document);
    for (size_t i = 0; i < result->notes.len; i++)
        irsa_note_add(&edit->copy.notes, irsa_strdup(result->notes.items[i]));
    for (size_t i = 0; i < result->left.len; i++)
        irsa_note_add(&edit->left, irsa_strdup(result->left.items[i]));
}

/* One old issuer after the other; stale ones may be several. Taking the place of one that may be
 * alive takes its access away. */
static void repoint_role(struct irsa_repoint_work *work, struct irsa_repoint_role *item,
                         const struct irsa_strings *issuers)
{
    struct irsa_repoint_edit *edit = &item->repoint;
    const struct irsa_role *role = item->role;
    const struct irsa_intent *intent = work->plan->intent;
    for (size_t i = 0; i < issuers->len; i++) {
        const char *issuer = issuers->items[i];
        if (!is_repointed(work, role, issuer))
            continue;
        add_group(work, edit, role, issuer, /* prune= */ false);
        if (!intent->keep_old && !irsa_repoint_is_gone(work->plan, role, issuer))
            edit->class_ = IRSA_CLASS_OVERWRITE;
        struct irsa_repoint wish = {.partition = role->partition,
                                    .account = role->account,
                                    .from = issuer,
                                    .to = work->plan->bindings.scope.issuer,
                                    .keep_old = intent->keep_old};
        irsa_auto_repoint_result result = {0};
        irsa_auto_error error = NULL;
        const struct irsa_policy *now = edit->copy.policy ? edit->copy.policy : role->trust;
        if (irsa_policy_edit_repoint(now, &wish, &result, &error) != 0)
            refuse(edit, error);
        else
            take_result(edit, &result);
    }
}

/* --- pruning one role ------------------------------------------------------------------------- */

/* From what stands there once the re-pointing is done, if that is not held back. */
static void prune_role(struct irsa_repoint_work *work, struct irsa_repoint_role *item)
{
    const struct irsa_role *role = item->role;
    bool moved = item->repoint.copy.policy && work->plan->intent->allow[item->repoint.class_];
    const struct irsa_policy *now = moved ? item->repoint.copy.policy : role->trust;
    irsa_auto_strings named = {0};
    irsa_auto_strings gone = {0};
    irsa_policy_issuers(now, &named);
    for (size_t i = 0; i < named.len; i++) {
        if (!irsa_repoint_is_gone(work->plan, role, named.items[i]))
            continue;
        irsa_strings_add(&gone, named.items[i]);
        add_group(work, &item->prune, role, named.items[i], /* prune= */ true);
    }
    if (gone.len == 0)
        return;
    struct irsa_repoint place = {.partition = role->partition, .account = role->account};
    irsa_auto_repoint_result result = {0};
    irsa_auto_error error = NULL;
    item->prune.class_ = IRSA_CLASS_DELETE;
    if (irsa_policy_edit_prune(now, &place, &gone, &result, &error) != 0)
        refuse(&item->prune, error);
    else
        take_result(&item->prune, &result);
}

/* --- all roles -------------------------------------------------------------------------------- */

static void take_role(struct irsa_repoint_work *work, const struct irsa_role *role)
{
    irsa_auto_strings issuers = {0};
    struct irsa_repoint_role item = {
        .role = role,
        .repoint = {.draft = SIZE_MAX},
        .prune = {.draft = SIZE_MAX},
    };
    irsa_policy_issuers(role->trust, &issuers);
    repoint_role(work, &item, &issuers);
    if (work->plan->intent->prune)
        prune_role(work, &item);
    if (item.repoint.group_count + item.prune.group_count == 0) {
        edit_done(&item.repoint);
        edit_done(&item.prune);
        return;
    }
    irsa_map_put_borrowed(&work->role_at, role->arn, work->role_count);
    work->roles = irsa_grow(work->roles, work->role_count, sizeof(*work->roles));
    work->roles[work->role_count++] = item;
}

static void take_bindings(struct irsa_repoint_work *work)
{
    for (size_t i = 0; i < work->plan->bindings.len; i++) {
        const struct irsa_role *role = work->plan->bindings.items[i].role;
        size_t at = role ? irsa_map_get(&work->role_at, role->arn) : IRSA_MAP_NONE;
        if (at == IRSA_MAP_NONE)
            continue;
        struct irsa_repoint_role *item = &work->roles[at];
        item->bindings = irsa_grow(item->bindings, item->binding_count, sizeof(size_t));
        item->bindings[item->binding_count++] = i;
    }
}

static void take_roles(struct irsa_repoint_work *work)
{
    const struct irsa_plan *plan = work->plan;
    irsa_auto_map bound = {0};
    for (size_t i = 0; i < plan->bindings.len; i++) {
        if (plan->bindings.items[i].role)
            irsa_map_put_borrowed(&bound, plan->bindings.items[i].role->arn, i);
    }
    for (size_t i = 0; i < plan->facts->role_count; i++) {
        const struct irsa_role *role = &plan->facts->roles[i];
        if (!role->trust || !irsa_policy_has_document(role->trust))
            irsa_strings_add(&work->unread, role->arn);
        else if (is_selected(plan, &bound, role))
            take_role(work, role);
        else
            work->deselected++;
    }
    irsa_strings_sort(&work->unread);
    take_bindings(work);
}

int irsa_plan_repoint(struct irsa_plan *plan, struct irsa_error **reterr)
{
    struct irsa_repoint_work work = {.plan = plan, .provider_states = json_object()};
    int r =
        irsa_repoint_issuer(plan->facts, plan->intent, &plan->bindings.scope, &work.from, reterr);
    if (r == 0) {
        take_roles(&work);
        irsa_repoint_findings(&work);
        r = irsa_repoint_drafts(&work, reterr);
    }
    if (r == 0)
        plan->repoint = irsa_repoint_json(&work);
    work_done(&work);
    return r;
}
