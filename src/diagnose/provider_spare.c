/* SPDX-License-Identifier: Apache-2.0 */
/* Providers that nothing needs, and thumbprints that nothing reads: notes. */
#include "diagnose/room.h"

#include <strings.h>

/* All providers that any trust policy seen names. */
static void collect_trusted(const struct irsa_run *run, struct irsa_map *ret)
{
    for (size_t i = 0; i < run->facts->role_count; i++) {
        const struct irsa_role *role = &run->facts->roles[i];
        if (!role->trust)
            continue;
        irsa_auto_trust_grants grants = {0};
        irsa_policy_trust_grants(role->trust, &grants);
        for (size_t k = 0; k < grants.len; k++)
            for (size_t m = 0; m < grants.items[k].providers.len; m++)
                (void)irsa_map_put(ret, grants.items[k].providers.items[m], i);
    }
}

static bool known_issuer(const struct irsa_run *run, const char *host_path)
{
    if (strcmp(host_path, run->scope->issuer) == 0)
        return true;
    for (size_t i = 0; i < run->facts->cluster_count; i++) {
        const char *issuer = run->facts->clusters[i].issuer;
        if (issuer && irsa_has_suffix(issuer, host_path))
            return true;
    }
    return false;
}

/* A near match is part of another finding; GitHub's and other issuers are none of our business. */
static bool eks_cluster_of_this_region(const struct irsa_run *run, const char *host_path)
{
    return irsa_issuer_relation(run->scope->issuer, host_path) == IRSA_ISSUER_SAME_HOST_OTHER_ID
           && irsa_has_prefix(host_path, "oidc.eks.");
}

static void report_orphan(struct irsa_run *run, const struct irsa_provider *provider)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C016, provider->arn, &fresh);
    irsa_finding_subject(finding, "OpenIDConnectProvider", NULL, provider->arn);
    irsa_finding_message(finding,
                         "no cluster that was seen has the issuer of OIDC provider %s, and no role "
                         "of account %s trusts it",
                         provider->host_path, provider->account);
    irsa_finding_evidence(finding, provider->host_path, run->scope->issuer, IRSA_INFERRED);
    irsa_finding_source(finding, "%s: Url", irsa_run_provider_file(run, provider));
    irsa_finding_help(finding, "delete the provider if its cluster is gone");
    irsa_finding_note(finding, "whether a cluster with this issuer still exists can't be seen from "
                               "here: aws eks list-clusters and describe-cluster tell");
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_DELETE_PROVIDER, IRSA_CLASS_DELETE, SIZE_MAX),
                 provider->arn, NULL, NULL);
}

static void check_orphans(struct irsa_run *run)
{
    irsa_auto_map trusted = {0};
    bool collected = false;
    for (size_t i = 0; i < run->facts->provider_count; i++) {
        const struct irsa_provider *provider = &run->facts->providers[i];
        if (known_issuer(run, provider->host_path)
            || !eks_cluster_of_this_region(run, provider->host_path)
            || !irsa_facts_roles_listed(run->facts, provider->account))
            continue;
        if (!collected)
            collect_trusted(run, &trusted);
        collected = true;
        if (irsa_map_get(&trusted, provider->arn) == IRSA_MAP_NONE)
            report_orphan(run, provider);
    }
}

/* "AWS secures communication with OIDC identity providers using our library of trusted root CAs to
 * verify the JSON Web Key Set endpoint's TLS certificate; only if it is not signed by one of these
 * the thumbprints are used"
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html).
 * The two roots below are those that EKS's hosts have had; anything else is a leaf's or an old one.
 */
static bool root_thumbprint(const char *thumbprint)
{
    return strcasecmp(thumbprint, "9e99a48a9960b14926bb7f3b02e22da2b0ab7280") == 0
           || strcasecmp(thumbprint, "06b25927c42a721631c1efd9431e648fa62e1e39") == 0;
}

static void check_thumbprints(struct irsa_run *run, const struct irsa_provider *provider)
{
    if (!provider->detail_seen || !irsa_has_prefix(provider->host_path, "oidc.eks."))
        return;
    irsa_run_ran(run, C017, C017);
    for (size_t i = 0; i < provider->thumbprints.len; i++)
        if (root_thumbprint(provider->thumbprints.items[i]))
            return;
    if (provider->thumbprints.len == 0)
        return; /* what IAM does by itself today: nothing to say */
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C017, provider->arn, &fresh);
    irsa_finding_subject(finding, "OpenIDConnectProvider", NULL, provider->arn);
    irsa_finding_message(finding,
                         "thumbprint %s of OIDC provider %s is not that of a root certificate of "
                         "EKS; IAM does not use it for this host",
                         provider->thumbprints.items[0], provider->host_path);
    irsa_finding_evidence(finding, provider->thumbprints.items[0], NULL, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: ThumbprintList", irsa_run_provider_file(run, provider));
    irsa_finding_help(finding, "leave it: it neither helps nor harms");
}

void irsa_check_spare_providers(struct irsa_run *run)
{
    const struct irsa_scope *scope = run->scope;
    if (!scope->issuer || scope->issuer_inferred) {
        irsa_run_skip(run, C016, C017, "the cluster's issuer is not known");
        return;
    }
    for (size_t i = 0; i < run->facts->provider_count; i++)
        if (strcmp(run->facts->providers[i].host_path, scope->issuer) == 0)
            check_thumbprints(run, &run->facts->providers[i]);
    irsa_run_ran(run, C016, C016);
    check_orphans(run);
}
