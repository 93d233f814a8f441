/* SPDX-License-Identifier: Apache-2.0 */
/* Trust policies that work, or may, and let more in than the bindings need; what surprises in them;
 * their size. "We recommend that you scope to service account or namespace":
 * https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html */
#include "diagnose/room.h"

struct width {
    struct irsa_run *run;
    const struct irsa_role *role;
    const size_t *bindings; /* of this role */
    size_t binding_count;
};

static struct irsa_finding *report(const struct width *width, enum code code,
                                   const struct irsa_trust_grant *grant, const char *element)
{
    bool fresh;
    irsa_autofree char *key = irsa_format("%s %zu", width->role->arn, grant->statement);
    struct irsa_finding *finding = irsa_run_find(width->run, code, key, &fresh);
    irsa_finding_subject(finding, "Role", NULL, width->role->name);
    irsa_finding_source(finding, "%s: AssumeRolePolicyDocument.Statement[%zu]%s",
                        irsa_facts_file(width->run->facts, &width->role->origins), grant->statement,
                        element);
    for (size_t i = 0; i < width->binding_count; i++)
        irsa_finding_binding(finding, width->bindings[i]);
    return finding;
}

/* Who may get in by "*" counts: it is open, though nobody says to whom. */
static bool lets_in(const struct width *width, size_t binding)
{
    const size_t index = width->bindings[binding];
    return width->run->trusted[index] || width->run->perhaps[index];
}

/* Those who need the role: service accounts that are there or asked for, and are let in today. */
static void add_narrow(const struct width *width, struct irsa_finding *finding,
                       const struct irsa_trust_grant *grant)
{
    irsa_auto_strings subjects = {0};
    for (size_t i = 0; i < width->binding_count; i++) {
        const struct irsa_binding *binding = &width->run->bindings->items[width->bindings[i]];
        const bool asked_for = binding->wish || binding->account;
        if (asked_for && lets_in(width, i) && !irsa_strings_has(&subjects, binding->subject))
            irsa_strings_add(&subjects, binding->subject);
    }
    if (subjects.len == 0) {
        irsa_finding_help(finding,
                          "name the service accounts that need the role in a condition on "
                          "\"%s:sub\"",
                          width->run->scope->issuer);
        return;
    }
    irsa_autofree char *names = irsa_strings_join(&subjects, ", ", " and ");
    irsa_finding_help(finding, "--allow narrow lets in only %s", names);
    struct irsa_fix *fix =
        irsa_finding_fix(finding, IRSA_FIX_TRUST_NARROW, IRSA_CLASS_NARROW, SIZE_MAX);
    irsa_fix_set(fix, width->role->arn, NULL, NULL);
    fix->statement = grant->statement;
    fix->subjects = subjects;
    subjects = (struct irsa_strings){0};
}

static void check_any_subject(const struct width *width, const struct irsa_trust_grant *grant)
{
    struct irsa_finding *finding = report(width, C100, grant, ".Condition");
    irsa_autofree char *subjects = irsa_strings_join(&grant->subjects, ", ", " or ");
    irsa_finding_message(finding,
                         "trust policy of role %s lets every service account of the cluster in",
                         width->role->name);
    irsa_finding_evidence(finding, grant->subjects.len > 0 ? subjects : "no condition on :sub",
                          "the service accounts that need the role", IRSA_VERIFIED);
    if (grant->extra_conditions) {
        finding->severity = IRSA_SEVERITY_NOTE;
        irsa_finding_note(finding, "further conditions of the statement may narrow it");
    }
    add_narrow(width, finding, grant);
}

static void check_anybody(const struct width *width, const struct irsa_trust_grant *grant)
{
    struct irsa_finding *finding = report(width, C101, grant, ".Principal");
    irsa_finding_message(finding,
                         "trust policy of role %s is open to anybody: its principal is \"*\"",
                         width->role->name);
    irsa_finding_evidence(finding, "*", "the cluster's OIDC provider", IRSA_VERIFIED);
    if (grant->extra_conditions)
        irsa_finding_note(finding, "only the conditions of the statement keep others out");
    add_narrow(width, finding, grant);
}

/* "ForAllValues returns true if there are no context keys in the request"
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html).
 */
static void check_hole(const struct width *width, const struct irsa_trust_grant *grant)
{
    struct irsa_finding *finding = report(width, C102, grant, ".Condition");
    irsa_finding_message(
        finding,
        "a ForAllValues condition in the trust policy of role %s is also true when "
        "the key is missing",
        width->role->name);
    irsa_finding_evidence(finding, "ForAllValues:", "the operator without ForAllValues",
                          IRSA_VERIFIED);
    add_narrow(width, finding, grant);
    irsa_finding_note(finding, "a token has one subject and one audience: the operator without "
                               "ForAllValues does");
}

static void check_audience(const struct width *width, const struct irsa_trust_grant *grant)
{
    struct irsa_finding *finding = report(width, C103, grant, ".Condition");
    irsa_finding_message(finding,
                         "trust policy of role %s takes a token for any audience that the provider "
                         "has as client id",
                         width->role->name);
    irsa_finding_evidence(finding, "no condition on :aud", IRSA_DEFAULT_AUDIENCE, IRSA_VERIFIED);
    irsa_finding_help(finding, "compare \"%s:aud\" with the audience", width->run->scope->issuer);
}

static bool of_this_cluster(const struct width *width, const struct irsa_trust_grant *grant)
{
    irsa_autofree char *provider = irsa_provider_arn_text(
        width->role->partition, width->role->account, width->run->scope->issuer);
    return grant->width == IRSA_TRUST_ANYBODY || irsa_strings_has(&grant->providers, provider);
}

static void check_grants(const struct width *width)
{
    irsa_auto_trust_grants grants = {0};
    irsa_policy_trust_grants(width->role->trust, &grants);
    for (size_t i = 0; i < grants.len; i++) {
        const struct irsa_trust_grant *grant = &grants.items[i];
        if (!grant->effective || !of_this_cluster(width, grant))
            continue;
        if (grant->width == IRSA_TRUST_ANYBODY)
            check_anybody(width, grant);
        else if (grant->width == IRSA_TRUST_ANY_SUBJECT
                 && !(grant->forallvalues_hole && grant->subjects.len > 0))
            check_any_subject(width, grant);
        if (grant->forallvalues_hole)
            check_hole(width, grant);
        if (!grant->audience_checked && grant->width != IRSA_TRUST_ANYBODY)
            check_audience(width, grant);
    }
}

/* What has a finding of its own is not said twice. */
static bool said_elsewhere(const char *message)
{
    static const char *const said[] = {
        "no condition on :",
        "ForAllValues",
        "every service account",
        "is no service account",
        "characters without white space",
        "anybody;",
        "the unique id of",
    };
    for (size_t i = 0; i < IRSA_COUNT(said); i++)
        if (strstr(message, said[i]))
            return true;
    return false;
}

static void check_issues(const struct width *width)
{
    size_t count;
    const struct irsa_policy_issue *issues = irsa_policy_issues(width->role->trust, &count);
    for (size_t i = 0; i < count; i++) {
        const struct irsa_policy_issue *issue = &issues[i];
        if (said_elsewhere(issue->message))
            continue;
        bool fresh;
        irsa_autofree char *key = irsa_format("%s %s", width->role->arn, issue->where);
        struct irsa_finding *finding =
            irsa_run_find(width->run, issue->fatal ? C036 : C104, key, &fresh);
        if (!fresh)
            continue;
        if (issue->fatal)
            finding->severity = IRSA_SEVERITY_WARNING;
        irsa_finding_subject(finding, "Role", NULL, width->role->name);
        irsa_finding_message(finding, "trust policy of role %s: %s: %s", width->role->name,
                             issue->where, issue->message);
        irsa_finding_evidence(finding, issue->message, NULL, IRSA_VERIFIED);
        irsa_finding_source(finding, "%s: AssumeRolePolicyDocument.%s",
                            irsa_facts_file(width->run->facts, &width->role->origins),
                            issue->where);
        irsa_finding_help(finding, "look at %s of the trust policy", issue->where);
        for (size_t k = 0; k < width->binding_count; k++)
            irsa_finding_binding(finding, width->bindings[k]);
    }
}

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
static void check_size(const struct width *width)
{
    const json_t *document = irsa_policy_document(width->role->trust);
    if (!document)
        return;
    const size_t asked = width->run->intent->trust_policy_quota;
    const size_t quota = asked > 0 ? asked : IRSA_TRUST_POLICY_QUOTA;
    const size_t size = irsa_policy_size(document);
    if (size <= quota)
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(width->run, C039, width->role->arn, &fresh);
    if (size > IRSA_TRUST_POLICY_QUOTA_MAX)
        finding->severity = IRSA_SEVERITY_ERROR;
    irsa_finding_subject(finding, "Role", NULL, width->role->name);
    irsa_finding_message(finding,
                         "trust policy of role %s has %zu characters, %zu over the quota of %zu",
                         width->role->name, size, size - quota, quota);
    irsa_autofree char *observed = irsa_format("%zu characters without white space", size);
    irsa_autofree char *expected = irsa_format("at most %zu", quota);
    irsa_finding_evidence(finding, observed, expected, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: AssumeRolePolicyDocument",
                        irsa_facts_file(width->run->facts, &width->role->origins));
    irsa_finding_help(finding,
                      "merge statements that differ in the subject alone, use a pattern or "
                      "a further role, or have the quota raised to at most %d",
                      IRSA_TRUST_POLICY_QUOTA_MAX);
    for (size_t i = 0; i < width->binding_count; i++)
        irsa_finding_binding(finding, width->bindings[i]);
}

static void check_role(const struct width *width)
{
    bool works = false;
    for (size_t i = 0; i < width->binding_count; i++)
        works = works || lets_in(width, i);
    check_size(width);
    /* Of a policy that lets nobody in, the faults are told already. */
    if (!works)
        return;
    check_grants(width);
    check_issues(width);
}

void irsa_check_trust_width(struct irsa_run *run)
{
    if (!run->scope->issuer)
        return;
    /* Bindings by role: a chain through `next`, started by the map. */
    const size_t count = run->bindings->len;
    size_t *next = irsa_calloc(count + 1, sizeof(*next));
    size_t *members = irsa_calloc(count + 1, sizeof(*members));
    irsa_auto_map first = {0};
    for (size_t i = count; i-- > 0;) {
        const struct irsa_role *role = run->bindings->items[i].role;
        next[i] = SIZE_MAX;
        if (!role || !role->trust)
            continue;
        const size_t at = irsa_map_get(&first, role->arn);
        if (at == IRSA_MAP_NONE) {
            (void)irsa_map_put(&first, role->arn, i);
        } else {
            next[i] = next[at];
            next[at] = i;
        }
    }
    for (size_t i = 0; i < count; i++) {
        const struct irsa_role *role = run->bindings->items[i].role;
        if (!role || !role->trust || irsa_map_get(&first, role->arn) != i)
            continue;
        irsa_run_ran(run, C036, C039);
        irsa_run_ran(run, C100, C104);
        size_t len = 0;
        for (size_t at = i; at != SIZE_MAX; at = next[at])
            members[len++] = at;
        const struct width width = {run, role, members, len};
        check_role(&width);
    }
    free(next);
    free(members);
    irsa_run_skip(run, C100, C104, "no trust policy was seen");
}
