/* SPDX-License-Identifier: Apache-2.0 */
/* Why something was not seen, where a live world knows it: a read that was refused, an account
 * without an identity for it, Kubernetes not asked. */
#include "diagnose/room.h"

static bool no_access(const struct irsa_run *run, const char *account)
{
    return account && irsa_strings_has(&run->facts->no_access, account);
}

bool irsa_finding_denied(struct irsa_run *run, struct irsa_finding *finding, const char *account,
                         const char *resource, const char *const *actions)
{
    for (size_t i = 0; actions[i]; i++) {
        const struct irsa_denied *denied =
            irsa_facts_denied(run->facts, actions[i], account, resource);
        if (!denied)
            continue;
        irsa_autofree char *what = irsa_denied_text(denied);
        irsa_autofree char *observed = irsa_format("%s was denied", what);
        irsa_finding_evidence(finding, observed, finding->expected, IRSA_NOT_CHECKABLE);
        irsa_finding_source(finding, "%s", denied->action);
        irsa_autofree char *command =
            irsa_suggest(run->intent, IRSA_TOOL_PERMISSIONS, "irsa-fix permissions plan",
                         irsa_denied_by_kubernetes(denied) ? "--rbac" : NULL, NULL);
        irsa_finding_help(finding, "allow %s%s%s to who runs irsa-fix (%s)", what,
                          account ? " in account " : "", account ? account : "", command);
        if (denied->message)
            irsa_finding_note(finding, "%s", denied->message);
        return true;
    }
    if (!no_access(run, account))
        return false;
    irsa_autofree char *observed = irsa_format("no identity was given for account %s", account);
    irsa_finding_evidence(finding, observed, finding->expected, IRSA_NOT_CHECKABLE);
    irsa_finding_help(
        finding,
        "name an identity for it: --account-profile %s=PROFILE, or [account \"%s\"] in "
        "irsa-fix.ini",
        account, account);
    irsa_finding_note(
        finding,
        "a role of account %s needs an OIDC provider for the cluster's issuer there; the "
        "other way is role chaining: the pod gets a role of the cluster's account, which "
        "may assume the one of account %s",
        account, account);
    return true;
}

/* --- what no binding's finding tells ---------------------------------------------------------- */

struct consequence {
    const char *action;
    enum code code;
    const char *subject;
    const char *message;
};

static const struct consequence consequences[] = {
    {"iam:ListRoles", C093, "Role",
     "roles were not listed: service accounts that only trust policies name are not in this plan"},
    {"iam:GetAccountAuthorizationDetails", C093, "Role",
     "roles were not listed: service accounts that only trust policies name are not in this plan"},
    {"iam:ListOpenIDConnectProviders", C091, "OpenIDConnectProvider",
     "OIDC providers were not listed: those of other issuers are not known"},
    {"iam:ListAttachedRolePolicies", C098, "Role", "the role's attached policies were not seen"},
    {"iam:ListRolePolicies", C098, "Role", "the role's inline policies were not seen"},
};

static bool names(const char *text, const char *what)
{
    return text && strstr(text, what);
}

/* In a finding, or in why a check was not made. */
static bool is_told(const struct irsa_run *run, const struct irsa_denied *denied)
{
    irsa_autofree char *what = irsa_denied_text(denied);
    irsa_autofree char *observed = irsa_format("%s was denied", what);
    for (size_t i = 0; i < run->out->finding_count; i++) {
        const struct irsa_finding *finding = &run->out->findings[i];
        if (names(finding->observed, observed) || irsa_strings_has(&finding->notes, observed))
            return true;
    }
    for (int code = 0; code < CODE_MAX; code++) {
        if (names(run->gap[code], observed)
            || (!run->ran[code] && names(run->skip[code], observed)))
            return true;
    }
    return false;
}

static void report(struct irsa_run *run, const struct irsa_denied *denied,
                   const struct consequence *consequence)
{
    bool fresh;
    irsa_autofree char *key =
        irsa_format("%s %s", denied->action, denied->account ? denied->account : "");
    struct irsa_finding *finding = irsa_run_find(run, consequence->code, key, &fresh);
    if (!fresh)
        return;
    const char *const actions[] = {denied->action, NULL};
    irsa_finding_subject(finding, consequence->subject, NULL,
                         denied->resource ? denied->resource : "of the account");
    irsa_finding_message(finding, "%s", consequence->message);
    irsa_finding_evidence(finding, NULL, "an answer", IRSA_NOT_CHECKABLE);
    (void)irsa_finding_denied(run, finding, denied->account, denied->resource, actions);
}

/* What of Kubernetes each refused read leaves unchecked. */
void irsa_note_denied(struct irsa_run *run)
{
    static const struct {
        const char *action;
        enum code from, to;
        const char *reason;
    } unchecked[] = {
        {"list pods", C060, C062, "list pods was denied"},
        {"list pods", C076, C076, "list pods was denied"},
        {"list deployments.apps", C061, C075, "list deployments.apps was denied"},
        {"list deployments.apps", C077, C077, "list deployments.apps was denied"},
        {"list mutatingwebhookconfigurations.admissionregistration.k8s.io", C080, C084,
         "list mutatingwebhookconfigurations was denied"},
    };
    for (size_t i = 0; i < IRSA_COUNT(unchecked); i++) {
        if (irsa_facts_denied(run->facts, unchecked[i].action, NULL, NULL))
            irsa_run_skip(run, unchecked[i].from, unchecked[i].to, unchecked[i].reason);
    }
}

/* Refusals that no finding tells of: which check can't be made without the answer. */
static void note_gap(struct irsa_run *run, const struct irsa_denied *denied)
{
    static const struct {
        const char *action;
        enum code code;
    } gaps[] = {
        {"eks:DescribeCluster", C090},
        {"eks:ListClusters", C090},
        {"eks:ListPodIdentityAssociations", C074},
        {"eks:DescribePodIdentityAssociation", C074},
        {"iam:GetOpenIDConnectProvider", C092},
        {"iam:GetRole", C093},
        {"iam:GetRolePolicy", C098},
        {"iam:GetPolicy", C098},
        {"iam:GetPolicyVersion", C098},
    };
    for (size_t i = 0; i < IRSA_COUNT(gaps); i++) {
        if (strcmp(gaps[i].action, denied->action) == 0)
            irsa_run_gap(run, gaps[i].code, "%s was denied", denied->action);
    }
}

void irsa_check_denied(struct irsa_run *run)
{
    for (size_t i = 0; i < run->facts->denied_count; i++) {
        const struct irsa_denied *denied = &run->facts->denied[i];
        for (size_t k = 0; k < IRSA_COUNT(consequences); k++) {
            if (strcmp(consequences[k].action, denied->action) == 0 && !is_told(run, denied))
                report(run, denied, &consequences[k]);
        }
        if (!is_told(run, denied))
            note_gap(run, denied);
    }
}
