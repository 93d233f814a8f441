/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What IAM's policy simulator says of needed actions. It "evaluates statements in identity-based
 * policies, service control policies (SCPs) including their condition keys and resource scoping,
 * and the inputs that you provide during simulation", and "can differ from your live ...
 * environment": resource control policies "are not supported in this release", and "Simulation of
 * resource-based policies isn't supported for IAM roles"
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html). So what
 * it allows proves nothing more than what the policies say, and what it denies is told, with why
 * it may be wrong.
 */
#include "diagnose/permissions.h"

static const char *decision_text(enum irsa_simulated decision)
{
    static const char *const words[] = {
        [IRSA_SIMULATED_ALLOWED] = "allowed",
        [IRSA_SIMULATED_DENIED_EXPLICIT] = "explicitly denied",
        [IRSA_SIMULATED_DENIED_IMPLICIT] = "implicitly denied",
    };
    return words[decision];
}

static void report_organization(struct irsa_finding *finding, const struct irsa_role *role,
                                const char *what)
{
    irsa_finding_message(finding,
                         "role %s may not do %s, says IAM's policy simulator: a service control "
                         "policy of the organization does not allow it",
                         role->name, what);
    irsa_finding_evidence(finding, "not allowed by the organization's service control policies",
                          "allowed", IRSA_INFERRED);
    irsa_finding_help(finding,
                      "irsa-fix can't change it, and no policy of the role can: whoever manages "
                      "the organization has to allow %s in the service control policies of "
                      "account %s",
                      what, role->account);
    irsa_finding_note(finding, "of the call the simulator is told the role (aws:PrincipalArn) and "
                               "the region of the resource, else of the cluster "
                               "(aws:RequestedRegion): where the service control policy asks for "
                               "more, a real call may be allowed");
}

/* Another account's resource needs a policy of its own, which the simulator does not see. */
static bool is_elsewhere(const struct irsa_role *role, const char *resource)
{
    irsa_auto_arn arn = {0};
    irsa_auto_error ignored = NULL;
    return irsa_arn_parse(resource, &arn, &ignored) == 0 && arn.account && *arn.account
           && strcmp(arn.account, role->account) != 0;
}

static void report_disagreement(const struct irsa_run *run, struct irsa_finding *finding,
                                const struct irsa_role *role, const char *what,
                                const struct irsa_simulation *simulation)
{
    irsa_autofree char *command =
        irsa_suggest(run->intent, IRSA_TOOL_AWS, "aws iam simulate-principal-policy",
                     "--policy-source-arn", role->arn, NULL);
    irsa_finding_message(finding,
                         "role %s may not do %s, says IAM's policy simulator%s: its policies as "
                         "they were read allow it",
                         role->name, what,
                         simulation->denied_by_boundary ? " because of the permissions boundary"
                                                        : "");
    irsa_finding_evidence(finding, decision_text(simulation->decision), "allowed", IRSA_INFERRED);
    irsa_finding_help(finding,
                      "plan again: the simulator's answer may be older than the policies; if it "
                      "stays, `%s --action-names ... --resource-arns ...` shows what it goes by",
                      command);
}

void irsa_check_simulated(struct irsa_run *run, const struct irsa_role *role, size_t binding,
                          const struct irsa_need *need, enum irsa_decision own)
{
    const struct irsa_simulation *simulation =
        irsa_facts_simulation(run->facts, role->arn, need->action, need->resource);
    if (!simulation)
        return;
    irsa_run_ran(run, C099, C099);
    bool denied = simulation->decision != IRSA_SIMULATED_ALLOWED;
    bool organization = denied && simulation->denied_by_organization;
    bool disagrees = denied && own == IRSA_DECISION_ALLOWED && !simulation->lacks_context
                     && !is_elsewhere(role, need->resource);
    if (!organization && !disagrees)
        return;
    bool fresh;
    irsa_autofree char *what = irsa_format("%s on %s", need->action, need->resource);
    struct irsa_finding *finding = irsa_role_report(run, C099, what, role, binding, &fresh);
    if (!fresh)
        return;
    irsa_finding_source(finding, "%s: EvaluationResults",
                        irsa_facts_file(run->facts, &simulation->origins));
    if (organization)
        report_organization(finding, role, what);
    else
        report_disagreement(run, finding, role, what, simulation);
}

bool irsa_simulated_allows(const struct irsa_run *run, const struct irsa_role *role,
                           const struct irsa_need *need)
{
    const struct irsa_simulation *simulation =
        irsa_facts_simulation(run->facts, role->arn, need->action, need->resource);
    return simulation && simulation->decision == IRSA_SIMULATED_ALLOWED
           && !simulation->lacks_context;
}

/* Which needs it was not asked about, or did not answer. */
void irsa_note_unsimulated(struct irsa_run *run)
{
    const struct irsa_strings *reasons = &run->facts->unsimulated;
    if (reasons->len > 0)
        irsa_run_gap(run, C099, "IAM's policy simulator did not answer about %s",
                     reasons->items[0]);
    else if (irsa_facts_denied(run->facts, "iam:SimulatePrincipalPolicy", NULL, NULL))
        irsa_run_gap(run, C099, "iam:SimulatePrincipalPolicy was denied");
    irsa_run_skip(run, C099, C099,
                  run->ran[C046] ? "IAM's policy simulator did not say: service control policies "
                                   "are not known"
                                 : "no needed actions are declared");
}
