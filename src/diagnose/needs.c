/* SPDX-License-Identifier: Apache-2.0 */
/* Needed actions, evaluated over attached and inline policies and the boundary:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * A policy that was not seen may allow or deny: then the answer is "can't be told". */
#include "diagnose/permissions.h"

struct grant {
    const struct irsa_policy **policies;
    size_t count;
    const struct irsa_policy *boundary;
    bool boundary_known;
    const char *hidden; /* what was not seen, or NULL */
};

static void add(struct grant *grant, const struct irsa_policy *policy)
{
    grant->policies = irsa_grow(grant->policies, grant->count, sizeof(struct irsa_policy *));
    grant->policies[grant->count++] = policy;
}

static void collect(const struct irsa_run *run, const struct irsa_role *role, struct grant *ret)
{
    *ret = (struct grant){.boundary_known = role->boundary_seen && !role->boundary};
    if (!role->attached_seen)
        ret->hidden = "its attached policies were not seen";
    else if (!role->inline_seen)
        ret->hidden = "its inline policies were not seen";
    for (size_t i = 0; i < role->attached_count; i++) {
        const struct irsa_managed_policy *policy =
            irsa_facts_managed_policy(run->facts, role->attached[i].arn);
        if (policy && policy->policy)
            add(ret, policy->policy);
        else
            ret->hidden = "the document of an attached policy was not seen";
    }
    for (size_t i = 0; i < role->inline_count; i++) {
        if (role->inlines[i].policy)
            add(ret, role->inlines[i].policy);
        else
            ret->hidden = "the document of an inline policy was not seen";
    }
    if (role->boundary) {
        const struct irsa_managed_policy *boundary =
            irsa_facts_managed_policy(run->facts, role->boundary);
        ret->boundary = boundary ? boundary->policy : NULL;
        ret->boundary_known = ret->boundary != NULL;
    }
}

struct answer {
    enum irsa_decision decision;
    const char *why; /* static */
};

static struct answer decide(const struct grant *grant, const struct irsa_request *request)
{
    const enum irsa_decision inside =
        irsa_policies_decide(grant->policies, grant->count, NULL, request);
    if (inside == IRSA_DECISION_DENIED_EXPLICIT)
        return (struct answer){inside, "a Deny statement matches it"};
    if (grant->boundary) {
        const enum irsa_decision bounded = irsa_policy_decide(grant->boundary, request);
        if (bounded == IRSA_DECISION_DENIED_EXPLICIT)
            return (struct answer){bounded,
                                   "a Deny statement of the permissions boundary matches it"};
        if (bounded == IRSA_DECISION_DENIED_IMPLICIT)
            return (struct answer){bounded, "the permissions boundary does not allow it"};
        if (bounded == IRSA_DECISION_UNKNOWN)
            return (struct answer){bounded,
                                   "the boundary has a condition that can't be known here"};
    }
    if (grant->hidden)
        return (struct answer){IRSA_DECISION_UNKNOWN, grant->hidden};
    if (inside == IRSA_DECISION_DENIED_IMPLICIT)
        return (struct answer){inside, "no policy of the role allows it"};
    if (inside == IRSA_DECISION_UNKNOWN)
        return (struct answer){inside, "a condition of its policies can't be known here"};
    if (!grant->boundary_known)
        return (struct answer){IRSA_DECISION_UNKNOWN, "its permissions boundary was not seen"};
    return (struct answer){inside, NULL};
}

static void check_need(struct irsa_run *run, const struct irsa_binding *binding, size_t index,
                       const struct grant *grant, const struct irsa_need *need)
{
    const struct irsa_role *role = binding->role;
    const struct irsa_request request = {
        .principal_type = "AWS",
        .principal = role->arn,
        .action = need->action,
        .resource = need->resource,
    };
    irsa_run_ran(run, C046, C046);
    irsa_run_ran(run, C098, C098);
    const struct answer answer = decide(grant, &request);
    irsa_check_simulated(run, role, index, need, answer.decision);
    if (answer.decision == IRSA_DECISION_ALLOWED)
        return;
    irsa_autofree char *what = irsa_format("%s on %s", need->action, need->resource);
    if (answer.decision == IRSA_DECISION_UNKNOWN) {
        irsa_role_report_unseen(run, role, index, answer.why, what);
        return;
    }
    bool fresh;
    struct irsa_finding *finding = irsa_role_report(run, C046, what, role, index, &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding, "role %s may not do %s: %s", role->name, what, answer.why);
    irsa_finding_evidence(finding,
                          answer.decision == IRSA_DECISION_DENIED_EXPLICIT ? "explicitly denied"
                                                                           : "implicitly denied",
                          "allowed", IRSA_VERIFIED);
    irsa_finding_help(finding, "allow %s in a policy of the role (--policy-arn, --policy-file)",
                      what);
    if (irsa_simulated_allows(run, role, need))
        irsa_finding_note(finding, "IAM's policy simulator says that it is allowed: its answer and "
                                   "the policies may have been read at different times");
}

void irsa_check_needs(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    if (binding->wish->need_count == 0)
        return;
    struct grant grant;
    collect(run, binding->role, &grant);
    for (size_t i = 0; i < binding->wish->need_count; i++)
        check_need(run, binding, index, &grant, &binding->wish->needs[i]);
    free(grant.policies);
}
