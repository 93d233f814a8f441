/* SPDX-License-Identifier: Apache-2.0 */
/* An object as the facts show it, in the shape of the sides of a change. */
#include "irsa/rollback.h"

static json_t *strings_json(const struct irsa_strings *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->len; i++)
        (void)json_array_append_new(array, json_string(strings->items[i]));
    return array;
}

static const json_t *side_of(const struct irsa_change *change)
{
    return change->before ? change->before : change->after;
}

static bool mentions(const struct irsa_change *change, const char *key)
{
    return json_object_get(change->before, key) || json_object_get(change->after, key);
}

/* --- AWS -------------------------------------------------------------------------------------- */

static json_t *provider_now(const struct irsa_facts *facts, const struct irsa_change *change)
{
    const struct irsa_provider *provider = irsa_facts_provider(facts, change->target);
    if (!provider)
        return NULL;
    json_t *json = json_object();
    irsa_json_set(json, "Url", json_string(provider->url ? provider->url : provider->host_path));
    if (provider->detail_seen)
        irsa_json_set(json, "ClientIDList", strings_json(&provider->client_ids));
    if (provider->detail_seen && mentions(change, "ThumbprintList"))
        irsa_json_set(json, "ThumbprintList", strings_json(&provider->thumbprints));
    return json;
}

static const struct irsa_role *role_of(const struct irsa_facts *facts, const char *target)
{
    irsa_autofree char *arn = irsa_strndup(target, strcspn(target, " "));
    return irsa_facts_role(facts, arn);
}

static json_t *boundary_json(const char *arn)
{
    json_t *json = json_object();
    irsa_json_set(json, "PermissionsBoundaryType", json_string("Policy"));
    irsa_json_set(json, "PermissionsBoundaryArn", json_string(arn));
    return json;
}

/* What the change is about; of a creation what can be told of it. */
static json_t *role_now(const struct irsa_facts *facts, const struct irsa_change *change)
{
    static const char trust[] = "AssumeRolePolicyDocument";
    const struct irsa_role *role = role_of(facts, change->target);
    if (!role)
        return NULL;
    json_t *json = json_object();
    const json_t *document = role->trust ? irsa_policy_document(role->trust) : NULL;
    irsa_json_set(json, "RoleName", json_string(role->name));
    if (mentions(change, trust) && document)
        irsa_json_set(json, trust, json_incref((json_t *)document));
    if (mentions(change, "MaxSessionDuration") && role->max_session > 0)
        irsa_json_set(json, "MaxSessionDuration", json_integer(role->max_session));
    bool whole = change->action != IRSA_ACTION_UPDATE;
    if ((whole || mentions(change, "PermissionsBoundary")) && role->boundary)
        irsa_json_set(json, "PermissionsBoundary", boundary_json(role->boundary));
    return json;
}

static json_t *trust_now(const struct irsa_facts *facts, const struct irsa_change *change)
{
    const struct irsa_role *role = role_of(facts, change->target);
    const json_t *document = role && role->trust ? irsa_policy_document(role->trust) : NULL;
    return document ? json_incref((json_t *)document) : NULL;
}

static json_t *attachment_now(const struct irsa_facts *facts, const struct irsa_change *change)
{
    const struct irsa_role *role = role_of(facts, change->target);
    const char *arn = irsa_json_string(side_of(change), "PolicyArn", NULL);
    for (size_t i = 0; role && arn && i < role->attached_count; i++) {
        if (strcmp(role->attached[i].arn, arn) == 0)
            return json_incref((json_t *)side_of(change));
    }
    return NULL;
}

static json_t *role_policy_now(const struct irsa_facts *facts, const struct irsa_change *change)
{
    const struct irsa_role *role = role_of(facts, change->target);
    const char *name = irsa_json_string(side_of(change), "PolicyName", NULL);
    for (size_t i = 0; role && name && i < role->inline_count; i++) {
        if (strcmp(role->inlines[i].name, name) != 0 || !role->inlines[i].policy)
            continue;
        json_t *json = json_object();
        const json_t *document = irsa_policy_document(role->inlines[i].policy);
        irsa_json_set(json, "RoleName", json_string(role->name));
        irsa_json_set(json, "PolicyName", json_string(name));
        irsa_json_set(json, "PolicyDocument",
                      document ? json_incref((json_t *)document) : json_null());
        return json;
    }
    return NULL;
}

/* --- Kubernetes ------------------------------------------------------------------------------- */

/* `side` without what only `keep` lets stand: apiVersion, kind, metadata{name, namespace}. */
static json_t *head_of(const json_t *side)
{
    json_t *json = json_object();
    json_t *metadata = json_object();
    const json_t *old = json_object_get(side, "metadata");
    static const char *const keys[] = {"name", "namespace"};
    json_object_set(json, "apiVersion", json_object_get(side, "apiVersion"));
    json_object_set(json, "kind", json_object_get(side, "kind"));
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        if (json_object_get(old, keys[i]))
            json_object_set(metadata, keys[i], json_object_get(old, keys[i]));
    }
    irsa_json_set(json, "metadata", metadata);
    return json;
}

/* Those of `all` that one of the sides names. */
static json_t *mentioned(const json_t *all, const json_t *a, const json_t *b)
{
    json_t *json = json_object();
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)all, key, value)
    {
        if (json_object_get(a, key) || json_object_get(b, key))
            json_object_set(json, key, value);
    }
    return json;
}

static json_t *namespace_now(const struct irsa_facts *facts, const struct irsa_change *change)
{
    return irsa_facts_namespace_presence(facts, change->target) == IRSA_PRESENT
               ? json_incref((json_t *)side_of(change))
               : NULL;
}

static json_t *account_now(const struct irsa_facts *facts, const struct irsa_change *change)
{
    const char *space = irsa_json_string(side_of(change), "metadata", "namespace", NULL);
    const char *name = irsa_json_string(side_of(change), "metadata", "name", NULL);
    const struct irsa_service_account *account =
        name ? irsa_facts_service_account(facts, space ? space : "", name) : NULL;
    if (!account && name)
        account = irsa_facts_service_account(facts, "", name);
    if (!account)
        return NULL;
    json_t *json = head_of(side_of(change));
    static const char *const keys[] = {"annotations", "labels"};
    const json_t *values[] = {account->annotations, account->labels};
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        json_t *now = mentioned(values[i], irsa_json_get(change->before, "metadata", keys[i], NULL),
                                irsa_json_get(change->after, "metadata", keys[i], NULL));
        if (json_object_size(now) > 0)
            irsa_json_set(json_object_get(json, "metadata"), keys[i], now);
        else
            json_decref(now);
    }
    return json;
}

/* The leaf of that name somewhere below becomes `text`, or goes. */
static void set_leaves(json_t *object, const char *name, const char *text)
{
    const char *key = NULL;
    json_t *value = NULL;
    void *next = NULL;
    json_object_foreach_safe(object, next, key, value)
    {
        if (json_is_object(value)) {
            json_auto_t *copy = json_copy(value);
            set_leaves(copy, name, text);
            json_object_set(object, key, copy);
        } else if (strcmp(key, name) == 0) {
            if (text && *text)
                json_object_set_new(object, key, json_string(text));
            else
                json_object_del(object, key);
        }
    }
}

static json_t *workload_now(const struct irsa_facts *facts, const struct irsa_change *change)
{
    const json_t *side = side_of(change);
    const char *kind = irsa_json_string(side, "kind", NULL);
    const char *space = irsa_json_string(side, "metadata", "namespace", NULL);
    const char *name = irsa_json_string(side, "metadata", "name", NULL);
    const struct irsa_workload *workload =
        kind && name ? irsa_facts_workload(facts, kind, space ? space : "", name) : NULL;
    if (!workload)
        return NULL;
    json_t *json = json_deep_copy(change->before);
    (void)json_object_update_recursive(json, change->after);
    set_leaves(json, "serviceAccountName", workload->spec.service_account);
    set_leaves(json, "kubectl.kubernetes.io/restartedAt", workload->restarted_text);
    return json;
}

json_t *irsa_undo_now(const struct irsa_facts *facts, const struct irsa_change *change)
{
    static json_t *(*const by_kind[IRSA_OBJECT_MAX_])(const struct irsa_facts *,
                                                      const struct irsa_change *) = {
        [IRSA_OBJECT_PROVIDER] = provider_now,       [IRSA_OBJECT_ROLE] = role_now,
        [IRSA_OBJECT_TRUST_POLICY] = trust_now,      [IRSA_OBJECT_ROLE_ATTACHMENT] = attachment_now,
        [IRSA_OBJECT_ROLE_POLICY] = role_policy_now, [IRSA_OBJECT_NAMESPACE] = namespace_now,
        [IRSA_OBJECT_SERVICE_ACCOUNT] = account_now, [IRSA_OBJECT_WORKLOAD] = workload_now,
    };
    return by_kind[change->kind](facts, change);
}

/* --- what differs ----------------------------------------------------------------------------- */

static char *value_text(const json_t *value)
{
    irsa_auto_buf buf = {0};
    if (!value)
        return irsa_strdup("missing");
    irsa_json_write_compact(value, &buf);
    return irsa_buf_steal(&buf);
}

static void find_difference(const char *path, const json_t *now, const json_t *left, char **ret)
{
    if (*ret || (now && left && json_equal((json_t *)now, (json_t *)left)))
        return;
    if (!json_is_object(now) || !json_is_object(left)) {
        irsa_autofree char *a = value_text(now);
        irsa_autofree char *b = value_text(left);
        *ret = irsa_format("%s is %s now, the run left %s", *path ? path : "it", a, b);
        return;
    }
    const json_t *sides[] = {left, now};
    for (size_t i = 0; i < IRSA_COUNT(sides); i++) {
        const char *key = NULL;
        json_t *value = NULL;
        json_object_foreach((json_t *)sides[i], key, value)
        {
            irsa_autofree char *below = *path ? irsa_format("%s.%s", path, key) : irsa_strdup(key);
            const json_t *a = json_object_get(now, key);
            const json_t *b = json_object_get(left, key);
            if (a || b)
                find_difference(below, a, b, ret);
        }
    }
}

char *irsa_undo_difference(const json_t *now, const json_t *left)
{
    char *difference = NULL;
    find_difference("", now, left, &difference);
    return difference;
}
