/* SPDX-License-Identifier: Apache-2.0 */
/* Trust policies are evaluated for each binding; only those that do not let it in are taken apart.
 */
#include "diagnose/trust.h"

static void evaluate(const struct irsa_trust_case *trust, struct irsa_verdict *ret)
{
    const struct irsa_scope *scope = trust->run->scope;
    json_auto_t *context = irsa_request_web_identity_context(
        trust->provider_arn, scope->issuer, trust->binding->subject, trust->binding->audience);
    const struct irsa_request request = {
        .principal_type = "Federated",
        .principal = trust->provider_arn,
        .action = IRSA_ACTION_WEB_IDENTITY,
        .context = context,
        .issuer = scope->issuer,
    };
    irsa_policy_evaluate(trust->role->trust, &request, ret);
}

/* Trust policies of roles that AWS keeps can't be changed: service-linked ones
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html) and
 * those of IAM Identity Center
 * (https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html). */
static bool report_kept_by_aws(struct irsa_trust_case *trust)
{
    const struct irsa_role *role = trust->role;
    if (!role->path
        || (!irsa_has_prefix(role->path, "/aws-service-role/")
            && !irsa_has_prefix(role->path, "/aws-reserved/")))
        return false;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(trust->run, C020, role->arn, &fresh);
    if (fresh) {
        irsa_finding_subject(finding, "Role", NULL, role->name);
        irsa_finding_message(finding,
                             "role %s belongs to AWS (path %s), which keeps its trust policy: no "
                             "service account can have it",
                             role->name, role->path);
        irsa_finding_evidence(finding, role->path, "a role of your own", IRSA_VERIFIED);
        irsa_finding_source(finding, "%s: Path",
                            irsa_facts_file(trust->run->facts, &role->origins));
        irsa_autofree char *command = irsa_binding_bootstrap(trust->run, trust->binding, "NAME");
        irsa_finding_help(finding, "make a role: %s", command);
        finding->breaks = true;
    }
    irsa_finding_binding(finding, trust->index);
    return true;
}

static void take_apart(struct irsa_trust_case *trust)
{
    if (report_kept_by_aws(trust))
        return;
    if (irsa_trust_check_document(trust))
        return;
    irsa_auto_verdict verdict = {0};
    evaluate(trust, &verdict);
    trust->statement = irsa_view_meant(trust, &trust->number);
    /* Nothing in this policy is about the account, and another role trusts it: that one is meant.
     */
    const bool about = trust->statement && irsa_view_subject_score(trust, trust->statement) >= 90;
    const bool sure = trust->binding->role_presence == IRSA_PRESENT;
    if (sure && !about && irsa_report_rival(trust->run, trust->binding, trust->index))
        return;
    if (trust->statement && verdict.decision != IRSA_DECISION_DENIED_EXPLICIT) {
        irsa_trust_check_principal(trust);
        if (trust->statement) {
            irsa_trust_check_action(trust);
            irsa_trust_check_conditions(trust);
        }
    }
    if (!trust->statement && verdict.decision != IRSA_DECISION_DENIED_EXPLICIT) {
        irsa_trust_report_none(trust);
        return;
    }
    irsa_trust_report_evaluation(trust, &verdict);
}

static void say_key(struct irsa_finding *finding, const struct irsa_binding *binding,
                    const char *keys)
{
    irsa_finding_message(finding,
                         "trust policy of role %s depends on %s, which is known only when the pod "
                         "asks",
                         binding->role->name, keys);
    irsa_finding_evidence(finding, keys, "a value that the policy allows", IRSA_NOT_CHECKABLE);
    irsa_finding_help(finding, "compare the condition on %s with where the pods run", keys);
}

static void say_principal(struct irsa_finding *finding, const struct irsa_trust_case *trust)
{
    irsa_finding_message(finding,
                         "trust policy of role %s lets pods in by principal \"*\", if at all: no "
                         "page of AWS says that this takes the tokens of an OIDC provider",
                         trust->role->name);
    irsa_finding_evidence(finding, "*", trust->provider_arn, IRSA_NOT_CHECKABLE);
    irsa_finding_help(finding, "put the provider in the place of \"*\", as Federated principal");
    irsa_finding_note(finding, "irsa-fix verify asks STS, live");
}

/* `keys` NULL: it hangs on what "*" stands for. */
static void report_unknown(const struct irsa_trust_case *trust, const char *keys)
{
    struct irsa_run *run = trust->run;
    irsa_autofree char *key = irsa_format("%s %s", trust->role->arn, keys ? keys : "*");
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C095, key, &fresh);
    if (fresh) {
        irsa_finding_subject(finding, "Role", NULL, trust->role->name);
        irsa_finding_source(finding, "%s: AssumeRolePolicyDocument",
                            irsa_facts_file(run->facts, &trust->role->origins));
        if (keys)
            say_key(finding, trust->binding, keys);
        else
            say_principal(finding, trust);
        finding->blocks_decision = true;
    }
    irsa_finding_binding(finding, trust->index);
}

static void report_unknowns(const struct irsa_trust_case *trust)
{
    irsa_auto_verdict verdict = {0};
    evaluate(trust, &verdict);
    irsa_autofree char *keys = irsa_strings_join(&verdict.unknown_keys, ", ", " and ");
    if (verdict.unknown_keys.len > 0)
        report_unknown(trust, keys);
    trust->run->perhaps[trust->index] = verdict.unknown_principal;
    if (verdict.unknown_principal)
        report_unknown(trust, NULL);
}

static void report_unseen(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C094, binding->role->arn, &fresh);
    if (fresh) {
        irsa_finding_subject(finding, "Role", NULL, binding->role->name);
        irsa_finding_message(finding, "trust policy of role %s was not seen", binding->role->name);
        irsa_finding_evidence(finding, "no AssumeRolePolicyDocument", binding->subject,
                              IRSA_NOT_CHECKABLE);
        irsa_finding_source(finding, "%s", irsa_facts_file(run->facts, &binding->role->origins));
        irsa_autofree char *command = irsa_suggest(run->intent, IRSA_TOOL_AWS, "aws iam get-role",
                                                   "--role-name", binding->role->name, NULL);
        irsa_finding_help(finding, "add the output of \"%s\"", command);
        finding->blocks_decision = true;
    }
    irsa_finding_binding(finding, index);
}

static void check_binding(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    if (!binding->role->trust) {
        report_unseen(run, binding, index);
        return;
    }
    irsa_run_ran(run, C020, C038);
    irsa_run_ran(run, C094, C095);
    const enum irsa_decision decision =
        irsa_trust_decide(run, binding->role, binding->subject, binding->audience);
    run->trusted[index] = decision == IRSA_DECISION_ALLOWED;
    if (run->trusted[index])
        return;
    struct irsa_trust_case trust = {
        .run = run,
        .binding = binding,
        .index = index,
        .role = binding->role,
        .provider_arn = irsa_provider_arn_text(binding->role->partition, binding->role->account,
                                               run->scope->issuer),
    };
    if (decision == IRSA_DECISION_UNKNOWN)
        report_unknowns(&trust);
    else
        take_apart(&trust);
    free(trust.provider_arn);
    free(trust.other_issuer);
}

/* "3 roles still trust ...", once it is known how many. */
static void count_stale(struct irsa_run *run)
{
    for (size_t i = 0; i < run->out->finding_count; i++) {
        struct irsa_finding *finding = &run->out->findings[i];
        if (finding->check != irsa_checks()[C023])
            continue;
        irsa_auto_map roles = {0};
        for (size_t k = 0; k < finding->fix_count; k++)
            if (irsa_map_put(&roles, finding->fixes[k].target, k) && roles.len > 1
                && roles.len <= 10)
                irsa_finding_note(finding, "%s too", finding->fixes[k].target);
        irsa_auto_error error = NULL;
        irsa_auto_provider_arn arn = {0};
        const bool parsed = irsa_provider_arn_parse(finding->observed, &arn, &error) == 0;
        if (roles.len == 1)
            irsa_finding_message(finding,
                                 "role %s still trusts issuer \"%s\", which has no provider any "
                                 "more; the cluster's issuer is \"%s\"",
                                 finding->subject_name, parsed ? arn.host_path : finding->observed,
                                 run->scope->issuer);
        else
            irsa_finding_message(finding,
                                 "%zu roles still trust issuer \"%s\", which has no provider any "
                                 "more; the cluster's issuer is \"%s\"",
                                 roles.len, parsed ? arn.host_path : finding->observed,
                                 run->scope->issuer);
    }
}

void irsa_check_trust(struct irsa_run *run)
{
    if (!run->scope->issuer) {
        irsa_run_skip(run, C020, C038, "the cluster's issuer is not known");
        return;
    }
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (binding->role && *binding->namespace_ && !run->leftover[i]
            && !irsa_binding_partition_differs(run, binding))
            check_binding(run, binding, i);
    }
    count_stale(run);
    irsa_run_skip(run, C020, C038, "no trust policy was seen");
}
