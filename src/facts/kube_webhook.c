/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MutatingWebhookConfiguration: is it the one that gives pods their role? On EKS it is named
 * pod-identity-webhook, its webhook iam-for-pods.amazonaws.com; an own installation has a service
 * pod-identity-webhook (https://github.com/aws/amazon-eks-pod-identity-webhook, deploy/). EKS'
 * second one, vpc-resource-mutating-webhook, has nothing to do with it.
 */
#include "facts/internal.h"

#include "irsa/document.h"

static bool means_identity(const char *text)
{
    return text && (strstr(text, "pod-identity-webhook") || strstr(text, "iam-for-pods"));
}

static bool array_has(const json_t *array, const char *word)
{
    size_t i = 0;
    json_t *value = NULL;
    json_array_foreach(array, i, value)
    {
        const char *text = json_string_value(value);
        if (text && (strcmp(text, word) == 0 || strcmp(text, "*") == 0))
            return true;
    }
    return false;
}

/* https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules
 */
static bool creates_pods(const json_t *webhook)
{
    size_t i = 0;
    json_t *rule = NULL;
    json_array_foreach(json_object_get(webhook, "rules"), i, rule)
    {
        const json_t *resources = json_object_get(rule, "resources");
        const char *scope = irsa_json_string(rule, "scope", NULL);
        if (array_has(json_object_get(rule, "operations"), "CREATE")
            && array_has(json_object_get(rule, "apiVersions"), "v1")
            && (!scope || strcmp(scope, "Cluster") != 0)
            && array_has(json_object_get(rule, "apiGroups"), "")
            && (array_has(resources, "pods") || array_has(resources, "*/*")))
            return true;
    }
    return false;
}

static bool is_identity(const char *configuration, const json_t *webhook)
{
    return means_identity(configuration) || means_identity(irsa_json_string(webhook, "name", NULL))
           || means_identity(irsa_json_string(webhook, "clientConfig", "service", "name", NULL))
           || means_identity(irsa_json_string(webhook, "clientConfig", "service", "path", NULL))
           || means_identity(irsa_json_string(webhook, "clientConfig", "url", NULL));
}

/* The webhook among the configuration's that says most: the identity one that gets pods first. */
static const json_t *choose(const char *name, const json_t *webhooks)
{
    const json_t *best = NULL;
    int best_rank = -1;
    size_t i = 0;
    json_t *webhook = NULL;
    json_array_foreach(webhooks, i, webhook)
    {
        int rank = (is_identity(name, webhook) ? 2 : 0) + (creates_pods(webhook) ? 1 : 0);
        if (rank > best_rank) {
            best = webhook;
            best_rank = rank;
        }
    }
    return best;
}

int irsa_take_webhook(const struct irsa_take *take, const json_t *object,
                      const struct irsa_kind *kind __attribute__((unused)))
{
    struct irsa_facts *facts = take->facts;
    const char *space = NULL;
    const char *name = NULL;
    json_t *webhooks = NULL;
    if (irsa_take_metadata(take, object, &space, &name) != 0
        || irsa_take_array(take, object, "webhooks", &webhooks) != 0)
        return -1;
    if (!name)
        return 0;
    size_t found = irsa_map_get(&facts->index->webhooks, name);
    bool first = found == IRSA_MAP_NONE;
    if (first) {
        facts->webhooks =
            irsa_grow(facts->webhooks, facts->webhook_count, sizeof(*facts->webhooks));
        found = facts->webhook_count++;
        facts->webhooks[found] = (struct irsa_webhook){.name = irsa_strdup(name)};
        irsa_map_put_borrowed(&facts->index->webhooks, facts->webhooks[found].name, found);
    }
    struct irsa_webhook *record = &facts->webhooks[found];
    const json_t *webhook = choose(name, webhooks);
    irsa_autofree char *what = irsa_format("MutatingWebhookConfiguration %s", name);
    const struct irsa_origins *seen = &record->origins;
    bool matches = webhook && creates_pods(webhook);
    if (!first && matches != record->matches_pods)
        return irsa_copies_differ(take, seen, what, "webhooks", NULL, NULL);
    if (irsa_merge_string(take, seen, what, "failurePolicy", &record->failure_policy,
                          irsa_json_string(webhook, "failurePolicy", NULL))
            != 0
        || irsa_merge_json(take, seen, what, "namespaceSelector", &record->namespace_selector,
                           irsa_json_get(webhook, "namespaceSelector", NULL))
               != 0
        || irsa_merge_json(take, seen, what, "objectSelector", &record->object_selector,
                           irsa_json_get(webhook, "objectSelector", NULL))
               != 0)
        return -1;
    record->matches_pods = matches;
    record->identity = record->identity || (webhook && is_identity(name, webhook));
    irsa_origins_add(&record->origins, &take->origin);
    return 0;
}
