/* SPDX-License-Identifier: Apache-2.0 */
/* {"IrsaFixObserved": {...}}: what a live world saw besides answers (include/irsa/facts.h). */
#include "facts/internal.h"

#include "irsa/document.h"

/* The strings of a field as keys of a map. */
static int take_keys(const struct irsa_take *take, const json_t *object, const char *field,
                     struct irsa_map *ret)
{
    irsa_auto_strings strings = {0};
    if (irsa_take_strings(take, object, field, &strings) != 0)
        return -1;
    for (size_t i = 0; i < strings.len; i++)
        irsa_map_put(ret, strings.items[i], 1);
    return 0;
}

/* The same where each string is of two parts: ACCOUNT/NAME, NAMESPACE/NAME. */
static int take_pairs(const struct irsa_take *take, const json_t *object, const char *field,
                      const char *form, struct irsa_map *ret)
{
    irsa_auto_strings strings = {0};
    if (irsa_take_strings(take, object, field, &strings) != 0)
        return -1;
    for (size_t i = 0; i < strings.len; i++) {
        const char *slash = strchr(strings.items[i], '/');
        if (!slash)
            return irsa_take_fail(take, field, "\"%s\" is not %s", strings.items[i], form);
        irsa_auto_key key = {0};
        irsa_autofree char *first =
            irsa_strndup(strings.items[i], (size_t)(slash - strings.items[i]));
        irsa_map_put(ret, irsa_key_of(&key, first, slash + 1, NULL), 1);
    }
    return 0;
}

/* URLs of issuers, as host/path. */
static int take_issuers(const struct irsa_take *take, const json_t *object, const char *field,
                        struct irsa_map *ret)
{
    irsa_auto_strings strings = {0};
    if (irsa_take_strings(take, object, field, &strings) != 0)
        return -1;
    for (size_t i = 0; i < strings.len; i++) {
        irsa_auto_issuer issuer = {0};
        irsa_auto_error ignored = NULL;
        if (irsa_issuer_parse(strings.items[i], &issuer, &ignored) != 0)
            return irsa_take_fail(take, field, "\"%s\" is no issuer", strings.items[i]);
        irsa_map_put(ret, issuer.host_path, 1);
    }
    return 0;
}

static char *copy_or_null(const char *text)
{
    return text ? irsa_strdup(text) : NULL;
}

static int take_denied(const struct irsa_take *take, const json_t *object)
{
    struct irsa_facts *facts = take->facts;
    json_t *list = NULL;
    size_t i = 0;
    json_t *item = NULL;
    if (irsa_take_array(take, object, "Denied", &list) != 0)
        return -1;
    json_array_foreach(list, i, item)
    {
        const char *action = irsa_json_string(item, "Action", NULL);
        if (!action)
            return irsa_take_fail(take, "Denied", "an element without Action");
        facts->denied = irsa_grow(facts->denied, facts->denied_count, sizeof(*facts->denied));
        facts->denied[facts->denied_count++] = (struct irsa_denied){
            .action = irsa_strdup(action),
            .account = copy_or_null(irsa_json_string(item, "Account", NULL)),
            .resource = copy_or_null(irsa_json_string(item, "Resource", NULL)),
            .message = copy_or_null(irsa_json_string(item, "Message", NULL)),
        };
    }
    return 0;
}

int irsa_take_observed(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    struct irsa_facts_index *index = take->facts->index;
    const json_t *observed = json_object_get(document, "IrsaFixObserved");
    if (!json_is_object(observed))
        return 0;
    *ret_known = true;
    take->origin.list = "IrsaFixObserved";
    if (take_keys(take, observed, "ListedRoles", &index->listed[IRSA_LISTING_ROLES]) != 0
        || take_keys(take, observed, "ListedProviders", &index->listed[IRSA_LISTING_PROVIDERS]) != 0
        || take_keys(take, observed, "AbsentProviders", &index->absent_providers) != 0
        || take_keys(take, observed, "ListedClusters", &index->clusters_listed) != 0
        || take_issuers(take, observed, "ClusterIssuers", &index->cluster_issuers) != 0
        || irsa_take_strings(take, observed, "NoAccess", &take->facts->no_access) != 0
        || irsa_take_strings(take, observed, "Undescribed", &take->facts->undescribed) != 0
        || irsa_take_strings(take, observed, "Unsimulated", &take->facts->unsimulated) != 0
        || take_keys(take, observed, "ListedServiceAccounts", &index->accounts_listed) != 0
        || take_keys(take, observed, "AbsentNamespaces", &index->absent_namespaces) != 0
        || take_pairs(take, observed, "AbsentServiceAccounts", "NAMESPACE/NAME",
                      &index->absent_accounts)
               != 0
        || take_pairs(take, observed, "AbsentRoles", "ACCOUNT/NAME", &index->absent_roles) != 0
        || take_denied(take, observed) != 0)
        return -1;
    if (json_is_true(json_object_get(observed, "KubernetesUnread")))
        take->facts->kubernetes_unread = true;
    if (json_is_true(json_object_get(observed, "ServiceAccountsAsMetadata")))
        take->facts->accounts_as_metadata = true;
    take->origin.list = NULL;
    return 0;
}
