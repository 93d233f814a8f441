/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each object is reduced to in a saved plan: the SHA-256 of its typed facts in canonical form.
 * Where it was read, and how the file was written, does not enter: the same facts have the same
 * digests.
 */
#include "facts/internal.h"

#include "irsa/document.h"

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text)
        json_object_set_new(object, key, json_string(text));
}

static void set_json(json_t *object, const char *key, const json_t *value)
{
    if (value)
        json_object_set(object, key, (json_t *)value);
}

static void set_strings(json_t *object, const char *key, const struct irsa_strings *strings)
{
    if (strings->len == 0)
        return;
    struct irsa_strings sorted = {.items = irsa_calloc(strings->len, sizeof(char *)), strings->len};
    memcpy(sorted.items, strings->items, strings->len * sizeof(char *));
    irsa_strings_sort(&sorted);
    json_t *array = json_array();
    for (size_t i = 0; i < sorted.len; i++)
        json_array_append_new(array, json_string(sorted.items[i]));
    free(sorted.items);
    json_object_set_new(object, key, array);
}

static void set_policy(json_t *object, const char *key, struct irsa_policy *policy)
{
    size_t count = 0;
    if (!policy)
        return;
    json_auto_t *document = irsa_policy_document_once(policy);
    if (document) {
        set_json(object, key, document);
        return;
    }
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    set_text(object, key, count > 0 ? issues[0].message : "unreadable");
}

/* Takes `object`. */
static void put(json_t *digests, const char *kind, const char *name, json_t *object)
{
    irsa_auto_buf text = {0};
    irsa_json_write_canonical(object, &text);
    json_decref(object);
    char hex[65];
    irsa_sha256_hex(irsa_buf_str(&text), text.len, hex);
    irsa_autofree char *key = irsa_format("%s %s", kind, name);
    json_object_set_new(digests, key, json_string(hex));
}

static void put_named(json_t *digests, const char *kind, const char *space, const char *name,
                      json_t *object)
{
    irsa_autofree char *text = irsa_format("%s/%s", space, name);
    put(digests, kind, text, object);
}

static void add_aws(const struct irsa_facts *facts, json_t *digests)
{
    for (size_t i = 0; i < facts->cluster_count; i++) {
        const struct irsa_cluster *cluster = &facts->clusters[i];
        json_t *object = json_object();
        set_text(object, "arn", cluster->arn);
        set_text(object, "issuer", cluster->issuer);
        set_text(object, "version", cluster->version);
        put(digests, "cluster", cluster->arn ? cluster->arn : cluster->name, object);
    }
    for (size_t i = 0; i < facts->provider_count; i++) {
        const struct irsa_provider *provider = &facts->providers[i];
        json_t *object = json_object();
        set_text(object, "url", provider->url);
        set_strings(object, "client_ids", &provider->client_ids);
        set_strings(object, "thumbprints", &provider->thumbprints);
        json_object_set_new(object, "detail_seen", json_boolean(provider->detail_seen));
        put(digests, "oidc-provider", provider->arn, object);
    }
    for (size_t i = 0; i < facts->managed_policy_count; i++) {
        const struct irsa_managed_policy *policy = &facts->managed_policies[i];
        json_t *object = json_object();
        set_text(object, "version", policy->default_version);
        set_policy(object, "document", policy->policy);
        put(digests, "policy", policy->arn, object);
    }
    for (size_t i = 0; i < facts->association_count; i++) {
        const struct irsa_pod_identity_association *one = &facts->associations[i];
        json_t *object = json_object();
        set_text(object, "cluster", one->cluster);
        set_text(object, "role", one->role_arn);
        put_named(digests, "pod-identity-association", one->namespace_, one->service_account,
                  object);
    }
}

static json_t *permissions_of(const struct irsa_role *role)
{
    struct irsa_strings attached = {0};
    for (size_t i = 0; i < role->attached_count; i++)
        irsa_strings_add(&attached, role->attached[i].arn);
    json_t *object = json_object();
    set_strings(object, "attached", &attached);
    irsa_strings_done(&attached);
    json_object_set_new(object, "attached_seen", json_boolean(role->attached_seen));
    json_object_set_new(object, "inline_seen", json_boolean(role->inline_seen));
    for (size_t i = 0; i < role->inline_count; i++) {
        irsa_autofree char *key = irsa_format("inline %s", role->inlines[i].name);
        set_text(object, key, "seen");
        set_policy(object, key, role->inlines[i].policy);
    }
    return object;
}

static void add_roles(const struct irsa_facts *facts, json_t *digests)
{
    for (size_t i = 0; i < facts->role_count; i++) {
        const struct irsa_role *role = &facts->roles[i];
        json_t *object = json_object();
        set_text(object, "id", role->id);
        set_text(object, "description", role->description);
        set_policy(object, "trust", role->trust);
        json_object_set_new(object, "max_session", json_integer(role->max_session));
        set_text(object, "boundary", role->boundary);
        set_json(object, "tags", role->tags);
        json_object_set_new(object, "permissions", permissions_of(role));
        put(digests, "role", role->arn, object);
    }
}

static json_t *spec_object(const struct irsa_pod_spec *spec)
{
    const struct {
        const char *key;
        const struct irsa_strings *list;
    } lists[] = {
        {"containers", &spec->containers},
        {"images", &spec->images},
        {"role_arn_by_hand", &spec->role_arn_by_hand},
        {"token_file_by_hand", &spec->token_file_by_hand},
        {"static_keys", &spec->static_keys},
        {"profile", &spec->profile},
        {"credentials_files", &spec->credentials_files},
        {"proxy", &spec->proxy},
        {"endpoint", &spec->endpoint},
        {"imds_disabled", &spec->imds_disabled},
        {"injected", &spec->injected},
        {"not_injected", &spec->not_injected},
        {"env_from", &spec->env_from},
    };
    json_t *object = json_object();
    for (size_t i = 0; i < IRSA_COUNT(lists); i++)
        set_strings(object, lists[i].key, lists[i].list);
    set_text(object, "service_account", spec->service_account);
    set_text(object, "role_arn", spec->injected_role_arn);
    set_text(object, "token_file", spec->injected_token_file);
    set_text(object, "token_audience", spec->token_audience);
    if (spec->skips_webhook)
        (void)json_object_set_new(object, "skips_webhook", json_true());
    set_json(object, "annotations", spec->annotations);
    json_object_set_new(object, "flags",
                        json_pack("[b,b,b,b,b,b,b]", spec->host_network, spec->windows,
                                  spec->run_as_non_root, spec->fs_group, spec->automount_false,
                                  spec->token_volume, spec->regional_sts));
    return object;
}

static void add_pods(const struct irsa_facts *facts, json_t *digests)
{
    for (size_t i = 0; i < facts->pod_count; i++) {
        const struct irsa_pod *pod = &facts->pods[i];
        json_t *object = spec_object(&pod->spec);
        json_object_set_new(object, "created", json_integer(pod->created));
        json_object_set_new(object, "finished", json_boolean(pod->finished));
        put_named(digests, "Pod", pod->namespace_, pod->name, object);
    }
    for (size_t i = 0; i < facts->workload_count; i++) {
        const struct irsa_workload *workload = &facts->workloads[i];
        json_t *object = spec_object(&workload->spec);
        json_object_set_new(object, "restarted", json_integer(workload->restarted));
        set_json(object, "labels", workload->labels);
        set_json(object, "own_annotations", workload->annotations);
        put_named(digests, workload->kind, workload->namespace_, workload->name, object);
    }
}

static void add_objects(const struct irsa_facts *facts, json_t *digests)
{
    for (size_t i = 0; i < facts->namespace_count; i++) {
        const struct irsa_namespace *space = &facts->namespaces[i];
        json_t *object = json_object();
        set_json(object, "labels", space->labels);
        json_object_set_new(object, "terminating", json_boolean(space->terminating));
        put(digests, "Namespace", space->name, object);
    }
    for (size_t i = 0; i < facts->service_account_count; i++) {
        const struct irsa_service_account *account = &facts->service_accounts[i];
        json_t *object = json_object();
        set_json(object, "annotations", account->annotations);
        set_json(object, "labels", account->labels);
        set_text(object, "owner", account->owner);
        json_object_set_new(object, "automount", json_integer(account->automount));
        if (account->deleting)
            json_object_set_new(object, "deleting", json_true());
        put_named(digests, "ServiceAccount", account->namespace_, account->name, object);
    }
    for (size_t i = 0; i < facts->webhook_count; i++) {
        const struct irsa_webhook *webhook = &facts->webhooks[i];
        json_t *object = json_object();
        set_text(object, "failure_policy", webhook->failure_policy);
        set_json(object, "namespace_selector", webhook->namespace_selector);
        set_json(object, "object_selector", webhook->object_selector);
        json_object_set_new(object, "matches_pods", json_boolean(webhook->matches_pods));
        put(digests, "MutatingWebhookConfiguration", webhook->name, object);
    }
    for (size_t i = 0; i < facts->misplaced_count; i++) {
        const struct irsa_misplaced *found = &facts->misplaced[i];
        irsa_autofree char *name =
            irsa_format("%s %s/%s", found->kind, found->namespace_, found->name);
        json_t *object = json_object();
        set_text(object, found->key, found->value);
        put(digests, "misplaced annotation on", name, object);
    }
}

json_t *irsa_facts_digests(const struct irsa_facts *facts)
{
    json_t *digests = json_object();
    /* Who plans may read only; somebody else of that account may apply it. */
    if (facts->caller.account) {
        json_t *object = json_object();
        set_text(object, "account", facts->caller.account);
        put(digests, "caller", "account", object);
    }
    add_aws(facts, digests);
    add_roles(facts, digests);
    add_objects(facts, digests);
    add_pods(facts, digests);
    return digests;
}
