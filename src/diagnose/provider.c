/* SPDX-License-Identifier: Apache-2.0 */
/* The OIDC provider: registered in the role's account, for this issuer to the letter, with the
 * token's audience among its client ids
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html). */
#include "diagnose/room.h"

#include <strings.h>

/* A provider of the account whose host path is nearest to the issuer; UNRELATED where none is. */
static const struct irsa_provider *nearest(const struct irsa_run *run, const char *account,
                                           enum irsa_issuer_relation *ret_relation)
{
    const struct irsa_provider *best = NULL;
    *ret_relation = IRSA_ISSUER_UNRELATED;
    for (size_t i = 0; i < run->facts->provider_count; i++) {
        const struct irsa_provider *provider = &run->facts->providers[i];
        if (strcmp(provider->account, account) != 0)
            continue;
        const enum irsa_issuer_relation relation =
            irsa_issuer_relation(run->scope->issuer, provider->host_path);
        if (relation < *ret_relation && relation != IRSA_ISSUER_EQUAL
            && relation != IRSA_ISSUER_SAME_HOST_OTHER_ID) {
            *ret_relation = relation;
            best = provider;
        }
    }
    return best;
}

/* The same issuer's provider in another account. */
static const struct irsa_provider *elsewhere(const struct irsa_run *run, const char *account)
{
    for (size_t i = 0; i < run->facts->provider_count; i++) {
        const struct irsa_provider *provider = &run->facts->providers[i];
        if (strcmp(provider->account, account) != 0
            && strcmp(provider->host_path, run->scope->issuer) == 0)
            return provider;
    }
    return NULL;
}

static enum code code_of(enum irsa_issuer_relation relation)
{
    switch (relation) {
    case IRSA_ISSUER_DUAL_STACK:
        return C013;
    case IRSA_ISSUER_SAME_ID_OTHER_HOST:
        return C014;
    default:
        return C012;
    }
}

const char *irsa_run_provider_file(const struct irsa_run *run, const struct irsa_provider *provider)
{
    return irsa_facts_file(run->facts, provider->origins.len > 0 ? &provider->origins
                                                                 : &provider->listed_origins);
}

/* A provider that was meant for this issuer, and is not. */
static struct irsa_finding *report_near(struct irsa_run *run, const struct irsa_binding *binding,
                                        const struct irsa_provider *near,
                                        enum irsa_issuer_relation relation, bool *fresh)
{
    struct irsa_finding *finding =
        irsa_run_find(run, code_of(relation), binding->provider_arn, fresh);
    if (!*fresh)
        return finding;
    irsa_finding_subject(finding, "OpenIDConnectProvider", NULL, near->arn);
    if (relation == IRSA_ISSUER_DUAL_STACK)
        irsa_finding_message(
            finding,
            "OIDC provider \"%s\" has the dual-stack host, but the issuer in every "
            "token is \"%s\"",
            near->host_path, run->scope->issuer);
    else
        irsa_finding_message(finding,
                             "OIDC provider \"%s\" is not that of issuer \"%s\": it %s, and IAM "
                             "compares exactly",
                             near->host_path, run->scope->issuer,
                             irsa_issuer_relation_text(relation));
    irsa_finding_evidence(finding, near->host_path, run->scope->issuer, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: Url", irsa_run_provider_file(run, near));
    irsa_finding_help(finding, "register \"https://%s\" as an OIDC provider in account %s",
                      run->scope->issuer, binding->role_account);
    irsa_finding_note(
        finding,
        "%s stays as it is: a provider's URL can't be changed; delete it once nothing "
        "uses it",
        near->arn);
    return finding;
}

static struct irsa_finding *report_other_account(struct irsa_run *run,
                                                 const struct irsa_binding *binding,
                                                 const struct irsa_provider *other, bool *fresh)
{
    struct irsa_finding *finding = irsa_run_find(run, C015, binding->provider_arn, fresh);
    if (!*fresh)
        return finding;
    irsa_finding_subject(finding, "OpenIDConnectProvider", NULL, binding->provider_arn);
    irsa_finding_message(
        finding,
        "role %s is in account %s, which has no OIDC provider for \"%s\"; account %s "
        "has one, and STS does not look there",
        binding->role_name, binding->role_account, run->scope->issuer, other->account);
    irsa_finding_evidence(finding, other->arn, binding->provider_arn, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: OpenIDConnectProviderList",
                        irsa_run_provider_file(run, other));
    irsa_finding_help(finding,
                      "register the issuer in account %s too, or let the pod assume a role of "
                      "account %s first and %s from there (role chaining)",
                      binding->role_account, other->account, binding->role_name);
    return finding;
}

/* The file that lists the account's providers, where any is in it. */
static const char *listing_file(const struct irsa_run *run, const char *account)
{
    for (size_t i = 0; i < run->facts->provider_count; i++) {
        const struct irsa_provider *provider = &run->facts->providers[i];
        if (provider->listed_origins.len > 0 && strcmp(provider->account, account) == 0)
            return irsa_facts_file(run->facts, &provider->listed_origins);
    }
    return "iam list-open-id-connect-providers";
}

static struct irsa_finding *report_missing(struct irsa_run *run, const struct irsa_binding *binding,
                                           bool *fresh)
{
    struct irsa_finding *finding = irsa_run_find(run, C010, binding->provider_arn, fresh);
    if (!*fresh)
        return finding;
    irsa_finding_subject(finding, "OpenIDConnectProvider", NULL, binding->provider_arn);
    irsa_finding_message(finding, "account %s has no OIDC provider for issuer \"%s\"",
                         binding->role_account, run->scope->issuer);
    irsa_finding_evidence(finding, "not among the providers of the account", binding->provider_arn,
                          IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: OpenIDConnectProviderList",
                        listing_file(run, binding->role_account));
    irsa_finding_help(finding, "register \"https://%s\" with audience \"%s\"", run->scope->issuer,
                      binding->audience);
    irsa_finding_note(finding, "the cluster's own identity provider configuration (eks "
                               "associate-identity-provider-config) is for logging in to the "
                               "cluster, and has no part in this");
    return finding;
}

/* One fix an audience, whatever number of bindings need it. */
static void want_audience(struct irsa_finding *finding, enum irsa_fix_kind kind, const char *arn,
                          const char *audience)
{
    for (size_t i = 0; i < finding->fix_count; i++)
        if (strcmp(finding->fixes[i].value, audience) == 0)
            return;
    irsa_fix_set(irsa_finding_fix(finding, kind, IRSA_CLASS_ADDITIVE, SIZE_MAX), arn, NULL,
                 audience);
}

static void check_absent(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    bool fresh;
    enum irsa_issuer_relation relation;
    const struct irsa_provider *near = nearest(run, binding->role_account, &relation);
    const struct irsa_provider *other = near ? NULL : elsewhere(run, binding->role_account);
    struct irsa_finding *finding = near    ? report_near(run, binding, near, relation, &fresh)
                                   : other ? report_other_account(run, binding, other, &fresh)
                                           : report_missing(run, binding, &fresh);
    finding->breaks = true;
    want_audience(finding, IRSA_FIX_CREATE_PROVIDER, binding->provider_arn, binding->audience);
    irsa_finding_binding(finding, index);
}

static void check_unseen(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C091, binding->provider_arn, &fresh);
    if (fresh) {
        irsa_finding_subject(finding, "OpenIDConnectProvider", NULL, binding->provider_arn);
        irsa_finding_message(finding,
                             "whether account %s has an OIDC provider for \"%s\" was not seen",
                             binding->role_account, run->scope->issuer);
        irsa_finding_evidence(finding, "no listing of the account's providers",
                              binding->provider_arn, IRSA_NOT_CHECKABLE);
        irsa_finding_help(finding,
                          "add the output of \"aws iam list-open-id-connect-providers\" and "
                          "\"aws iam get-open-id-connect-provider\" of account %s",
                          binding->role_account);
        static const char *const reads[] = {"iam:ListOpenIDConnectProviders",
                                            "iam:GetOpenIDConnectProvider", NULL};
        (void)irsa_finding_denied(run, finding, binding->role_account, binding->provider_arn,
                                  reads);
        finding->blocks_decision = true;
    }
    irsa_finding_binding(finding, index);
}

/* "The client IDs (audiences)... A request whose aud is not among them fails": STS answers
 * InvalidIdentityToken, "Incorrect token audience"
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html). */
static void check_audience(struct irsa_run *run, const struct irsa_provider *provider,
                           const struct irsa_binding *binding, size_t index)
{
    bool fresh;
    if (!provider->detail_seen) {
        struct irsa_finding *finding = irsa_run_find(run, C092, provider->arn, &fresh);
        if (fresh) {
            irsa_finding_subject(finding, "OpenIDConnectProvider", NULL, provider->arn);
            irsa_finding_message(finding, "audiences of OIDC provider %s were not seen",
                                 provider->host_path);
            irsa_finding_evidence(finding, "the provider's ARN alone", binding->audience,
                                  IRSA_NOT_CHECKABLE);
            irsa_finding_source(finding, "%s: OpenIDConnectProviderList",
                                irsa_run_provider_file(run, provider));
            irsa_autofree char *command =
                irsa_suggest(run->intent, IRSA_TOOL_AWS, "aws iam get-open-id-connect-provider",
                             "--open-id-connect-provider-arn", provider->arn, NULL);
            irsa_finding_help(finding, "add the output of \"%s\"", command);
            static const char *const reads[] = {"iam:GetOpenIDConnectProvider", NULL};
            (void)irsa_finding_denied(run, finding, provider->account, provider->arn, reads);
            finding->blocks_decision = true;
        }
        irsa_finding_binding(finding, index);
        return;
    }
    irsa_run_ran(run, C092, C092);
    if (irsa_strings_has(&provider->client_ids, binding->audience) || run->odd_audience[index])
        return;
    struct irsa_finding *finding = irsa_run_find(run, C011, provider->arn, &fresh);
    if (fresh) {
        irsa_autofree char *has = irsa_strings_join(&provider->client_ids, ", ", " and ");
        const char *near =
            irsa_nearest(binding->audience, (const char *const *)provider->client_ids.items,
                         provider->client_ids.len);
        irsa_finding_subject(finding, "OpenIDConnectProvider", NULL, provider->arn);
        if (near)
            irsa_finding_message(finding,
                                 "OIDC provider %s knows audience \"%s\", but the token carries "
                                 "\"%s\"",
                                 provider->host_path, near, binding->audience);
        else
            irsa_finding_message(finding,
                                 "OIDC provider %s does not know the token's audience \"%s\"",
                                 provider->host_path, binding->audience);
        irsa_finding_evidence(finding, provider->client_ids.len > 0 ? has : "no client id",
                              binding->audience, IRSA_VERIFIED);
        irsa_finding_source(finding, "%s: ClientIDList", irsa_run_provider_file(run, provider));
        irsa_finding_help(finding, "add client id \"%s\" to the provider", binding->audience);
        finding->breaks = true;
    }
    want_audience(finding, IRSA_FIX_ADD_CLIENT_ID, provider->arn, binding->audience);
    irsa_finding_binding(finding, index);
}

/* Whom IAM believes for this issuer is the user's to say, hence only with --thumbprint; IAM reads
 * thumbprints where no public CA signed the host's certificate, and never for EKS. "IAM lets you
 * have up to five thumbprints for an OIDC provider"
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html). */
static void check_thumbprint(struct irsa_run *run, const struct irsa_provider *provider)
{
    enum { THUMBPRINTS_MAX = 5 };
    const char *wanted = run->intent->thumbprint;
    bool fresh;
    if (!wanted || !provider->detail_seen || irsa_issuer_is_eks(provider->host_path))
        return;
    irsa_run_ran(run, C018, C018);
    for (size_t i = 0; i < provider->thumbprints.len; i++)
        if (strcasecmp(provider->thumbprints.items[i], wanted) == 0)
            return;
    struct irsa_finding *finding = irsa_run_find(run, C018, provider->arn, &fresh);
    if (!fresh)
        return;
    irsa_autofree char *has = irsa_strings_join(&provider->thumbprints, ", ", " and ");
    irsa_finding_subject(finding, "OpenIDConnectProvider", NULL, provider->arn);
    irsa_finding_message(finding, "OIDC provider %s does not have the thumbprint %s",
                         provider->host_path, wanted);
    irsa_finding_evidence(finding, provider->thumbprints.len > 0 ? has : "no thumbprint", wanted,
                          IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: ThumbprintList", irsa_run_provider_file(run, provider));
    if (provider->thumbprints.len >= THUMBPRINTS_MAX) {
        irsa_finding_help(finding, "a provider has five thumbprints at most: take out one that is "
                                   "not in use with \"aws iam "
                                   "update-open-id-connect-provider-thumbprint\"");
        return;
    }
    irsa_finding_help(finding, "add it, after comparing it with the issuer's certificate: IAM "
                               "believes whoever has that one");
    irsa_finding_note(finding, "it matters only where no public CA has signed the certificate of "
                               "the issuer's host");
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_ADD_THUMBPRINT, IRSA_CLASS_ADDITIVE, SIZE_MAX),
                 provider->arn, NULL, wanted);
}

void irsa_check_providers(struct irsa_run *run)
{
    if (!run->intent->thumbprint)
        irsa_run_ran(run, C018, C018); /* all that were asked for are there */
    if (!run->scope->issuer) {
        irsa_run_skip(run, C010, C015, "the cluster's issuer is not known");
        return;
    }
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (!binding->provider_arn || !binding->role_account
            || irsa_binding_partition_differs(run, binding))
            continue;
        switch (irsa_facts_provider_presence(run->facts, binding->provider_arn)) {
        case IRSA_PRESENT:
            irsa_run_ran(run, C010, C015);
            irsa_run_ran(run, C091, C091);
            check_audience(run, irsa_facts_provider(run->facts, binding->provider_arn), binding, i);
            check_thumbprint(run, irsa_facts_provider(run->facts, binding->provider_arn));
            break;
        case IRSA_ABSENT:
            irsa_run_ran(run, C010, C015);
            irsa_run_ran(run, C091, C091);
            check_absent(run, binding, i);
            break;
        case IRSA_UNSEEN:
            check_unseen(run, binding, i);
            break;
        }
    }
    irsa_run_skip(run, C018, C018, "no provider of an issuer but EKS' was seen");
    irsa_run_skip(run, C010, C015, "no listing of the account's OIDC providers was seen");
}
