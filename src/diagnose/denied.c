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
        irsa_autofree char *observed = irsa_format("%s was denied", denied->action);
        irsa_finding_evidence(finding, observed, finding->expected, IRSA_NOT_CHECKABLE);
        irsa_finding_source(finding, "%s", denied->action);
        irsa_finding_help(finding, "allow %s%s%s to who runs irsa-fix (irsa-fix permissions plan)",
                          denied->action, account ? " in account " : "", account ? account : "");
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
