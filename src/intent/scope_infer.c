/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/resolve.h"

/* The distinct issuers that trust policies name for Kubernetes subjects. */
static void collect_trusted(const struct irsa_trust_index *trust, struct irsa_strings *ret)
{
    irsa_auto_map seen = {0};
    for (size_t i = 0; i < trust->role_count; i++) {
        for (size_t j = 0; j < trust->grants[i].len; j++) {
            const struct irsa_trust_grant *grant = &trust->grants[i].items[j];
            bool kubernetes = false;
            for (size_t k = 0; k < grant->subjects.len && !kubernetes; k++)
                kubernetes = irsa_subject_like(grant->subjects.items[k]);
            for (size_t k = 0; kubernetes && k < grant->issuers.len; k++) {
                const char *issuer = irsa_issuer_plain(grant->issuers.items[k]);
                if (irsa_map_put(&seen, issuer, ret->len))
                    irsa_strings_add(ret, issuer);
            }
        }
    }
}

/* The distinct issuers of providers that are a cluster's: EKS's, and those that trust policies use
 * for Kubernetes subjects (GitHub's, GitLab's and others are none). */
static void collect_registered(const struct irsa_facts *facts, const struct irsa_strings *trusted,
                               struct irsa_strings *ret)
{
    irsa_auto_map used = {0};
    irsa_auto_map seen = {0};
    for (size_t i = 0; i < trusted->len; i++)
        (void)irsa_map_put_borrowed(&used, trusted->items[i], i);
    for (size_t i = 0; i < facts->provider_count; i++) {
        const char *host_path = facts->providers[i].host_path;
        irsa_auto_issuer issuer = {0};
        irsa_auto_error error = NULL;
        if (irsa_issuer_parse(host_path, &issuer, &error) != 0)
            continue;
        if ((issuer.id || irsa_map_get(&used, host_path) != IRSA_MAP_NONE)
            && irsa_map_put(&seen, host_path, i))
            irsa_strings_add(ret, host_path);
    }
}

/* All that trust policies name is this issuer, or a misspelling of it. */
static bool all_near(const char *issuer, const struct irsa_strings *trusted)
{
    for (size_t i = 0; i < trusted->len; i++) {
        enum irsa_issuer_relation relation = irsa_issuer_relation(issuer, trusted->items[i]);
        if (relation == IRSA_ISSUER_SAME_HOST_OTHER_ID || relation == IRSA_ISSUER_UNRELATED)
            return false;
    }
    return true;
}

char *irsa_issuer_infer(const struct irsa_facts *facts, const struct irsa_trust_index *trust)
{
    irsa_auto_strings trusted = {0};
    irsa_auto_strings registered = {0};
    collect_trusted(trust, &trusted);
    collect_registered(facts, &trusted, &registered);
    const char *only = registered.len == 1                      ? registered.items[0]
                       : registered.len == 0 && trusted.len > 0 ? trusted.items[0]
                                                                : NULL;
    if (!only || !all_near(only, &trusted))
        return NULL;
    /* Without any provider there must be one spelling only: which of two is right can't be told. */
    if (registered.len == 0 && trusted.len > 1)
        return NULL;
    irsa_auto_issuer issuer = {0};
    irsa_auto_error error = NULL;
    if (irsa_issuer_parse(only, &issuer, &error) != 0)
        return NULL;
    return irsa_format("https://%s", only);
}
