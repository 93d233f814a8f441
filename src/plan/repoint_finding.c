/* SPDX-License-Identifier: Apache-2.0 */
/* The findings of --repoint and --prune: one for each issuer and account, and one for each role
 * that can't be done. They stand behind those of the checks. */
#include "plan/repoint.h"

size_t irsa_repoint_add_finding(struct irsa_plan *plan, const char *code)
{
    struct irsa_diagnosis *out = &plan->diagnosis;
    const struct irsa_check *check = irsa_check_find(code);
    out->findings = irsa_grow(out->findings, out->finding_count, sizeof(*out->findings));
    out->findings[out->finding_count] = (struct irsa_finding){
        .check = check,
        .severity = check->severity,
    };
    return out->finding_count++;
}

static void add_bindings(struct irsa_finding *finding, const struct irsa_repoint_role *role)
{
    for (size_t i = 0; i < role->binding_count; i++) {
        finding->bindings =
            irsa_grow(finding->bindings, finding->binding_count, sizeof(*finding->bindings));
        finding->bindings[finding->binding_count++] = role->bindings[i];
    }
}

static bool is_of_group(const struct irsa_repoint_edit *edit, size_t group)
{
    for (size_t i = 0; i < edit->group_count; i++) {
        if (edit->groups[i] == group)
            return true;
    }
    return false;
}

static const struct irsa_repoint_edit *edit_of(const struct irsa_repoint_role *role, bool prune)
{
    return prune ? &role->prune : &role->repoint;
}

static char *source_of(const struct irsa_plan *plan, const struct irsa_role *role)
{
    return irsa_format("%s: AssumeRolePolicyDocument",
                       irsa_facts_file(plan->facts, &role->origins));
}

/* --- roles that stay as they are -------------------------------------------------------------- */

/* What was left of a policy that is changed otherwise is no error. */
static void report_left(struct irsa_repoint_work *work, const struct irsa_repoint_role *role,
                        bool prune)
{
    const struct irsa_repoint_edit *edit = edit_of(role, prune);
    if (!edit->refused && edit->left.len == 0)
        return;
    size_t index = irsa_repoint_add_finding(work->plan, prune ? "IRSA133" : "IRSA131");
    struct irsa_finding *finding = &work->plan->diagnosis.findings[index];
    finding->subject_kind = irsa_strdup("Role");
    finding->subject_name = irsa_strdup(role->role->arn);
    finding->source = source_of(work->plan, role->role);
    finding->certainty = IRSA_VERIFIED;
    finding->help = edit->hint ? irsa_strdup(edit->hint) : NULL;
    if (edit->refused) {
        finding->message = irsa_format("the trust policy of role %s stays as it is: %s",
                                       role->role->name, edit->refused);
    } else {
        finding->severity = IRSA_SEVERITY_WARNING;
        finding->message = irsa_format("a part of the trust policy of role %s stays as it is: %s",
                                       role->role->name, edit->left.items[0]);
    }
    for (size_t i = edit->refused ? 0 : 1; i < edit->left.len; i++)
        irsa_strings_add(&finding->notes, edit->left.items[i]);
    add_bindings(finding, role);
}

/* --- groups ----------------------------------------------------------------------------------- */

static const char *provider_words(const struct irsa_repoint_group *group)
{
    if (group->provider == IRSA_PRESENT)
        return "whose provider exists: its cluster may be alive";
    if (group->stale)
        return "whose provider is gone";
    return group->provider == IRSA_ABSENT
               ? "which has no provider in the account, while the issuer "
                 "is known to exist elsewhere"
               : "whose provider was not seen: its cluster may be alive";
}

static char *message_of(const struct irsa_repoint_work *work,
                        const struct irsa_repoint_group *group)
{
    const char *subject = group->roles == 1 ? "role" : "roles";
    const char *verb = group->roles == 1 ? "trusts" : "trust";
    if (group->prune)
        return irsa_format("%zu %s of account %s %s issuer \"%s\", whose provider is gone: nobody "
                           "comes in by it",
                           group->roles, subject, group->account, verb, group->issuer);
    return irsa_format("%zu %s of account %s %s issuer \"%s\", %s; the cluster's issuer is \"%s\"",
                       group->roles, subject, group->account, verb, group->issuer,
                       provider_words(group), work->plan->bindings.scope.issuer);
}

static char *help_of(const struct irsa_repoint_work *work, const struct irsa_repoint_group *group)
{
    const char *to = work->plan->bindings.scope.issuer;
    if (group->prune)
        return irsa_strdup("take that trust out with --allow delete");
    if (work->plan->intent->keep_old)
        return irsa_format("put \"%s\" beside it in these trust policies", to);
    if (group->stale)
        return irsa_format("put \"%s\" in its place in these trust policies", to);
    return irsa_strdup("add the new issuer beside it with --keep-old, or replace it with "
                       "--allow overwrite, which takes its access away");
}

static void report_group(struct irsa_repoint_work *work, size_t index)
{
    struct irsa_repoint_group *group = &work->groups[index];
    size_t at = irsa_repoint_add_finding(work->plan, group->prune ? "IRSA132" : "IRSA130");
    struct irsa_finding *finding = &work->plan->diagnosis.findings[at];
    group->finding = at;
    finding->subject_kind = irsa_strdup("OpenIDConnectProvider");
    finding->subject_name = irsa_provider_arn_text(group->partition, group->account, group->issuer);
    finding->message = message_of(work, group);
    finding->observed = irsa_strdup(finding->subject_name);
    finding->expected = group->prune ? NULL
                                     : irsa_provider_arn_text(group->partition, group->account,
                                                              work->plan->bindings.scope.issuer);
    finding->certainty = group->provider == IRSA_UNSEEN ? IRSA_INFERRED : IRSA_VERIFIED;
    finding->help = help_of(work, group);
    for (size_t i = 0; i < work->role_count; i++) {
        const struct irsa_repoint_role *role = &work->roles[i];
        if (!is_of_group(edit_of(role, group->prune), index))
            continue;
        if (!finding->source)
            finding->source = source_of(work->plan, role->role);
        add_bindings(finding, role);
    }
}

static void count(struct irsa_repoint_work *work, const struct irsa_repoint_edit *edit)
{
    for (size_t i = 0; i < edit->group_count; i++) {
        struct irsa_repoint_group *group = &work->groups[edit->groups[i]];
        group->changes += edit->copy.document != NULL;
        group->left += edit->refused != NULL;
    }
}

void irsa_repoint_findings(struct irsa_repoint_work *work)
{
    for (size_t i = 0; i < work->role_count; i++) {
        count(work, &work->roles[i].repoint);
        count(work, &work->roles[i].prune);
    }
    for (size_t i = 0; i < work->group_count; i++) {
        if (work->groups[i].changes > 0)
            report_group(work, i);
    }
    for (size_t i = 0; i < work->role_count; i++) {
        report_left(work, &work->roles[i], /* prune= */ false);
        report_left(work, &work->roles[i], /* prune= */ true);
    }
    irsa_repoint_orphans(work);
}
