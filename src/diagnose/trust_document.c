/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a trust policy as a whole, and what evaluating it tells. */
#include "diagnose/trust.h"

/* A trust policy says who (Principal), a permission policy on what (Resource); a role's trust
 * policy with a Resource is refused as "Has prohibited field Resource"
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html). */
static bool is_permission_policy(const json_t *document)
{
    size_t resources = 0;
    for (size_t i = 0; i < irsa_view_statement_count(document); i++) {
        const json_t *statement = irsa_view_statement(document, i);
        if (json_object_get(statement, "Principal") || json_object_get(statement, "NotPrincipal"))
            return false;
        if (json_object_get(statement, "Resource") || json_object_get(statement, "NotResource"))
            resources++;
    }
    return resources > 0;
}

static void report_permission_policy(struct irsa_trust_case *trust)
{
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, C035, "", &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding,
                         "trust policy of role %s is a permission policy: it says on what, not who",
                         trust->role->name);
    irsa_finding_evidence(finding, "statements with Resource and without Principal",
                          trust->provider_arn, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: AssumeRolePolicyDocument",
                        irsa_facts_file(trust->run->facts, &trust->role->origins));
    irsa_finding_help(finding, "give the role a trust policy, and attach what stands there as a "
                               "permission policy if it is not attached yet");
}

static const struct irsa_policy_issue *first_fatal(const struct irsa_role *role)
{
    size_t count;
    const struct irsa_policy_issue *issues = irsa_policy_issues(role->trust, &count);
    for (size_t i = 0; i < count; i++)
        if (issues[i].fatal)
            return &issues[i];
    return NULL;
}

static void report_invalid(struct irsa_trust_case *trust, const struct irsa_policy_issue *issue)
{
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, C036, "", &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding, "trust policy of role %s is not valid: %s: %s", trust->role->name,
                         issue->where, issue->message);
    irsa_finding_evidence(finding, issue->message, "a policy that IAM accepts", IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: AssumeRolePolicyDocument %s",
                        irsa_facts_file(trust->run->facts, &trust->role->origins), issue->where);
    irsa_finding_help(finding, "mend the trust policy at %s", issue->where);
}

bool irsa_trust_check_document(struct irsa_trust_case *trust)
{
    const json_t *document = irsa_policy_document(trust->role->trust);
    const struct irsa_policy_issue *issue = first_fatal(trust->role);
    if (document && is_permission_policy(document)) {
        report_permission_policy(trust);
        return true;
    }
    if (!document || irsa_view_statement_count(document) == 0) {
        const struct irsa_policy_issue none = {.where = (char *)"Statement",
                                               .message = (char *)"it has no statement"};
        report_invalid(trust, issue ? issue : &none);
        return true;
    }
    return false;
}

static bool trusts_only_pod_identity(const json_t *document)
{
    irsa_autofree char *text = json_dumps(document, JSON_COMPACT);
    return text && strstr(text, "\"pods.eks.amazonaws.com\"")
           && irsa_view_statement_count(document) == 1;
}

/* Principals of all Allow statements as text, and whether one is Federated. */
static char *principals(const json_t *document, bool *ret_federated)
{
    irsa_auto_strings texts = {0};
    *ret_federated = false;
    for (size_t i = 0; i < irsa_view_statement_count(document); i++) {
        const json_t *statement = irsa_view_statement(document, i);
        const json_t *principal = json_object_get(statement, "Principal");
        if (!irsa_view_allows(statement) || !principal)
            continue;
        *ret_federated = *ret_federated || json_object_get(principal, "Federated");
        char *text = json_dumps(principal, JSON_COMPACT | JSON_ENCODE_ANY);
        if (text && texts.len < 4)
            irsa_strings_take(&texts, text);
        else
            free(text);
    }
    return irsa_strings_join(&texts, ", ", " and ");
}

/* Valid as far as it goes, with an element that IAM refuses: that is why nothing was found. */
static bool report_fatal(struct irsa_trust_case *trust)
{
    const struct irsa_policy_issue *issue = first_fatal(trust->role);
    if (issue)
        report_invalid(trust, issue);
    return issue != NULL;
}

void irsa_trust_report_none(struct irsa_trust_case *trust)
{
    if (report_fatal(trust))
        return;
    const json_t *document = irsa_policy_document(trust->role->trust);
    bool federated;
    irsa_autofree char *who = principals(document, &federated);
    const bool pod_identity = trusts_only_pod_identity(document);
    const enum code code = federated || pod_identity ? C020 : C034;
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, code, "", &fresh);
    if (!fresh)
        return;
    irsa_autofree char *name = irsa_binding_name(trust->binding);
    if (pod_identity)
        irsa_finding_message(finding,
                             "trust policy of role %s trusts EKS Pod Identity alone, not the "
                             "cluster's OIDC provider that %s comes with",
                             trust->role->name, name);
    else if (code == C034)
        irsa_finding_message(finding,
                             "trust policy of role %s trusts %s, and no OIDC provider: %s can't "
                             "assume it",
                             trust->role->name, who, name);
    else
        irsa_finding_message(finding, "trust policy of role %s has no statement for %s",
                             trust->role->name, name);
    irsa_finding_evidence(finding, who, trust->binding->subject, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: AssumeRolePolicyDocument.Statement",
                        irsa_facts_file(trust->run->facts, &trust->role->origins));
    irsa_finding_help(finding, "add a statement that lets \"%s\" in", trust->binding->subject);
}

static void report_deny(struct irsa_trust_case *trust, const struct irsa_verdict *verdict)
{
    bool fresh;
    trust->number = verdict->statement;
    struct irsa_finding *finding = irsa_trust_report(trust, C037, "", &fresh);
    if (!fresh)
        return;
    irsa_autofree char *sid = verdict->sid ? irsa_format(" (\"%s\")", verdict->sid) : NULL;
    irsa_autofree char *name = irsa_binding_name(trust->binding);
    irsa_finding_message(finding, "Deny statement %zu%s of role %s's trust policy keeps %s out",
                         verdict->statement, sid ? sid : "", trust->role->name, name);
    irsa_finding_evidence(finding, "Deny", "no Deny that matches", IRSA_VERIFIED);
    irsa_finding_help(finding,
                      "decide whether the Deny is meant for it; irsa-fix never removes one");
}

static void report_condition(struct irsa_trust_case *trust, const struct irsa_near_miss *miss)
{
    bool fresh;
    irsa_autofree char *where = irsa_format(
        ".Condition.%s.%s", miss->operator_ ? miss->operator_ : "", miss->key ? miss->key : "");
    struct irsa_finding *finding = irsa_trust_report(trust, C038, where, &fresh);
    if (!fresh)
        return;
    irsa_finding_message(
        finding, "trust policy of role %s asks for %s %s \"%s\", and the request has \"%s\"",
        trust->role->name, miss->key ? miss->key : "a condition",
        miss->operator_ ? miss->operator_ : "", miss->expected ? miss->expected : "",
        miss->found ? miss->found : "");
    irsa_finding_evidence(finding, miss->found, miss->expected, IRSA_VERIFIED);
    irsa_finding_help(finding, "decide whether this condition is meant for service accounts; "
                               "irsa-fix leaves it as it is");
}

static const struct irsa_near_miss *miss_of(const struct irsa_verdict *verdict, size_t statement)
{
    for (size_t i = 0; i < verdict->miss_count; i++)
        if (verdict->misses[i].statement == statement)
            return &verdict->misses[i];
    return NULL;
}

/* IAM would refuse the document because of this very statement. */
static bool fatal_in_statement(const struct irsa_trust_case *trust)
{
    const struct irsa_policy_issue *issue = first_fatal(trust->role);
    irsa_autofree char *path = irsa_format("Statement[%zu]", trust->number);
    return issue
           && (irsa_has_prefix(issue->where, path) || irsa_has_prefix(issue->where, "Statement."));
}

void irsa_trust_report_evaluation(struct irsa_trust_case *trust, const struct irsa_verdict *verdict)
{
    if (verdict->decision == IRSA_DECISION_DENIED_EXPLICIT) {
        report_deny(trust, verdict);
        return;
    }
    if (trust->found > 0)
        return;
    const struct irsa_near_miss *miss = miss_of(verdict, trust->number);
    if (fatal_in_statement(trust)) {
        report_invalid(trust, first_fatal(trust->role));
        return;
    }
    if (miss && miss->element == IRSA_ELEMENT_CONDITION)
        report_condition(trust, miss);
    else
        irsa_trust_report_none(trust);
}
