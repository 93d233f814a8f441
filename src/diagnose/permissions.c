/* SPDX-License-Identifier: Apache-2.0 */
/* What the role may do once it is assumed: policies that are wanted, settings, none at all. */
#include "diagnose/permissions.h"

/* --- policies that are wanted ----------------------------------------------------------------- */

static bool is_attached(const struct irsa_role *role, const char *arn)
{
    for (size_t i = 0; i < role->attached_count; i++)
        if (strcmp(role->attached[i].arn, arn) == 0)
            return true;
    return false;
}

static void check_attached(struct irsa_run *run, const struct irsa_role *role, size_t binding,
                           const char *arn)
{
    irsa_run_ran(run, C045, C045);
    if (is_attached(role, arn))
        return;
    if (!role->attached_seen) {
        irsa_role_report_unseen(run, role, binding, "its attached policies were not seen", arn);
        return;
    }
    bool fresh;
    struct irsa_finding *finding = irsa_role_report(run, C045, arn, role, binding, &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding, "policy %s is not attached to role %s", arn, role->name);
    irsa_autofree char *observed = irsa_format("%zu attached policies", role->attached_count);
    irsa_finding_evidence(finding, observed, arn, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: AttachedManagedPolicies", irsa_role_file(run, role));
    irsa_finding_help(finding, "attach it");
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_ATTACH_POLICY, IRSA_CLASS_ADDITIVE, binding),
                 role->arn, NULL, arn);
}

static const struct irsa_inline_policy *inline_named(const struct irsa_role *role, const char *name)
{
    for (size_t i = 0; i < role->inline_count; i++)
        if (strcmp(role->inlines[i].name, name) == 0)
            return &role->inlines[i];
    return NULL;
}

static void report_inline(struct irsa_run *run, const struct irsa_role *role, size_t binding,
                          const char *name, const json_t *document, bool differs)
{
    bool fresh;
    struct irsa_finding *finding = irsa_role_report(run, C045, name, role, binding, &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding,
                         differs ? "inline policy %s of role %s is not the one that is wanted"
                                 : "inline policy %s is not on role %s",
                         name, role->name);
    irsa_finding_evidence(finding, differs ? "another document" : "not there",
                          "the document that was given", IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: RolePolicyList", irsa_role_file(run, role));
    irsa_finding_help(finding, differs ? "replace it (--allow overwrite)" : "put it on the role");
    struct irsa_fix *fix =
        irsa_finding_fix(finding, IRSA_FIX_PUT_ROLE_POLICY,
                         differs ? IRSA_CLASS_OVERWRITE : IRSA_CLASS_ADDITIVE, binding);
    irsa_fix_set(fix, role->arn, name, NULL);
    fix->document = json_incref((json_t *)document);
}

static void check_inline(struct irsa_run *run, const struct irsa_role *role, size_t binding,
                         const char *name, const json_t *document)
{
    irsa_run_ran(run, C045, C045);
    const struct irsa_inline_policy *has = inline_named(role, name);
    if (!has && role->inline_seen) {
        report_inline(run, role, binding, name, document, false);
    } else if (!has) {
        irsa_role_report_unseen(run, role, binding, "its inline policies were not seen", name);
    } else if (!has->policy) {
        irsa_role_report_unseen(run, role, binding, "the inline policy's document was not seen",
                                name);
    } else {
        const json_t *now = irsa_policy_document(has->policy);
        if (!now || !irsa_policy_equivalent(now, document))
            report_inline(run, role, binding, name, document, true);
    }
}

static void check_wanted(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    const struct irsa_role_settings *settings = &binding->wish->settings;
    for (size_t i = 0; i < settings->policy_arns.len; i++)
        check_attached(run, binding->role, index, settings->policy_arns.items[i]);
    for (size_t i = 0; i < settings->policy_names.len; i++)
        check_inline(run, binding->role, index, settings->policy_names.items[i],
                     settings->policy_documents[i]);
}

/* --- settings of the role --------------------------------------------------------------------- */

static struct irsa_finding *report_setting(struct irsa_run *run, const struct irsa_binding *binding,
                                           size_t index, const char *key)
{
    bool fresh;
    struct irsa_finding *finding = irsa_role_report(run, C047, key, binding->role, index, &fresh);
    if (!fresh)
        return NULL;
    irsa_finding_source(finding, "%s: %s", irsa_role_file(run, binding->role), key);
    return finding;
}

/* A session longer than MaxSessionDuration is refused
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html). */
static void check_session(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    const int64_t wanted = binding->wish->settings.max_session;
    const int64_t has = binding->role->max_session;
    if (wanted == 0 || has == 0 || has >= wanted)
        return;
    struct irsa_finding *finding = report_setting(run, binding, index, "MaxSessionDuration");
    if (!finding)
        return;
    irsa_autofree char *observed = irsa_format("%lld", (long long)has);
    irsa_autofree char *expected = irsa_format("%lld", (long long)wanted);
    irsa_finding_message(finding, "sessions of role %s last %s seconds at most, %s are wanted",
                         binding->role->name, observed, expected);
    irsa_finding_evidence(finding, observed, expected, IRSA_VERIFIED);
    irsa_finding_help(finding, "set MaxSessionDuration to %s", expected);
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_UPDATE_ROLE, IRSA_CLASS_ADDITIVE, index),
                 binding->role->arn, "MaxSessionDuration", expected);
}

static void check_boundary(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    const char *wanted = binding->wish->settings.boundary;
    const char *has = binding->role->boundary;
    if (!wanted || !binding->role->boundary_seen || (has && strcmp(has, wanted) == 0))
        return;
    struct irsa_finding *finding = report_setting(run, binding, index, "PermissionsBoundary");
    if (!finding)
        return;
    irsa_finding_message(finding, "role %s has %s%s as permissions boundary, %s is wanted",
                         binding->role->name, has ? "" : "nothing", has ? has : "", wanted);
    irsa_finding_evidence(finding, has ? has : "none", wanted, IRSA_VERIFIED);
    /* A boundary where there was none takes access away. */
    const enum irsa_class class_ = has ? IRSA_CLASS_OVERWRITE : IRSA_CLASS_NARROW;
    irsa_finding_help(finding, "set the boundary (--allow %s)", irsa_class_text(class_));
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_UPDATE_ROLE, class_, index), binding->role->arn,
                 "PermissionsBoundary", wanted);
}

/* --- no permission at all --------------------------------------------------------------------- */

static bool wants_policies(const struct irsa_binding *binding)
{
    return binding->wish
           && binding->wish->settings.policy_arns.len + binding->wish->settings.policy_names.len
                  > 0;
}

static void check_any(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    const struct irsa_role *role = binding->role;
    if (!role->attached_seen || !role->inline_seen)
        return;
    irsa_run_ran(run, C044, C044);
    if (role->attached_count + role->inline_count > 0 || wants_policies(binding))
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_role_report(run, C044, "", role, index, &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding,
                         "role %s has no policy at all: every call but "
                         "sts:GetCallerIdentity is denied",
                         role->name);
    irsa_finding_evidence(finding, "no attached and no inline policy", "at least one",
                          IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: AttachedManagedPolicies, RolePolicyList",
                        irsa_role_file(run, role));
    irsa_autofree char *command = irsa_binding_bootstrap(run, binding, role->name);
    irsa_finding_help(finding, "%s", command);
}

/* Listings of roles show no policies: of some roles they may be known, of others not. */
static void note_unread(struct irsa_run *run)
{
    irsa_auto_strings unread = {0};
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_role *role = run->bindings->items[i].role;
        if (role && (!role->attached_seen || !role->inline_seen))
            irsa_strings_add(&unread, role->name);
    }
    irsa_strings_sort(&unread);
    size_t count = 0;
    for (size_t i = 0; i < unread.len; i++)
        count += i == 0 || strcmp(unread.items[i], unread.items[i - 1]) != 0;
    if (count == 1)
        irsa_run_gap(run, C044, "the policies of role %s were not read", unread.items[0]);
    else if (count > 1)
        irsa_run_gap(run, C044, "the policies of %zu roles were not read: %s and others", count,
                     unread.items[0]);
}

void irsa_check_permissions(struct irsa_run *run)
{
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (!binding->role)
            continue;
        check_any(run, binding, i);
        if (!binding->wish)
            continue;
        irsa_run_ran(run, C047, C047);
        check_wanted(run, binding, i);
        check_session(run, binding, i);
        check_boundary(run, binding, i);
        irsa_check_needs(run, binding, i);
    }
    note_unread(run);
    irsa_run_skip(run, C044, C044, "no role's policies were seen");
    irsa_run_skip(run, C045, C045, "no policies are asked for");
    irsa_run_skip(run, C046, C046, "no needed actions are declared");
    irsa_run_skip(run, C047, C047, "no settings are asked for");
    irsa_note_unsimulated(run);
    irsa_run_skip(run, C098, C098, "no permissions are asked for");
}
