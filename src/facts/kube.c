/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes objects: single ones, `kind: List` as kubectl prints several, and the API's typed
 * lists (ServiceAccountList, ...), whose elements carry no kind of their own
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#collections).
 */
#include "facts/internal.h"

#include "irsa/document.h"

static const struct irsa_kind kinds[] = {
    {"Pod", "", true, irsa_take_pod},
    {"ServiceAccount", "", true, irsa_take_service_account},
    {"Namespace", "", false, irsa_take_namespace},
    {"Deployment", "apps", true, irsa_take_workload},
    {"ReplicaSet", "apps", true, irsa_take_workload},
    {"StatefulSet", "apps", true, irsa_take_workload},
    {"DaemonSet", "apps", true, irsa_take_workload},
    {"Job", "batch", true, irsa_take_workload},
    {"CronJob", "batch", true, irsa_take_workload},
    {"MutatingWebhookConfiguration", "admissionregistration.k8s.io", false, irsa_take_webhook},
};

/* "apps/v1" is of group "apps", "v1" of the core group "". */
static bool group_is(const char *api_version, const char *group)
{
    size_t len = strlen(group);
    const char *slash = strchr(api_version, '/');
    if (!slash)
        return len == 0;
    return (size_t)(slash - api_version) == len && strncmp(api_version, group, len) == 0;
}

static const struct irsa_kind *find_kind(const char *api_version, const char *kind, size_t kind_len)
{
    for (size_t i = 0; i < IRSA_COUNT(kinds); i++) {
        if (strlen(kinds[i].kind) == kind_len && strncmp(kinds[i].kind, kind, kind_len) == 0
            && group_is(api_version, kinds[i].group))
            return &kinds[i];
    }
    return NULL;
}

/* --- metadata --------------------------------------------------------------------------------- */

int irsa_take_metadata(const struct irsa_take *take, const json_t *object,
                       const char **ret_namespace, const char **ret_name)
{
    const json_t *metadata = json_object_get(object, "metadata");
    if (!json_is_object(metadata))
        return irsa_take_fail(take, "metadata", metadata ? "an object is needed" : "is missing");
    const json_t *name = json_object_get(metadata, "name");
    const json_t *space = json_object_get(metadata, "namespace");
    if (space && !json_is_string(space) && !json_is_null(space))
        return irsa_take_fail(take, "metadata.namespace", "a string is needed");
    const char *text = json_string_value(name);
    if (name && !text)
        return irsa_take_fail(take, "metadata.name", "a string is needed");
    if ((!text || !*text) && !json_is_string(json_object_get(metadata, "generateName")))
        return irsa_take_fail(take, "metadata.name", text ? "is empty" : "is missing");
    *ret_name = text && *text ? text : NULL;
    *ret_namespace = json_is_string(space) ? json_string_value(space) : "";
    return 0;
}

int irsa_take_map(const struct irsa_take *take, const json_t *metadata, const char *field,
                  json_t **ret)
{
    json_t *value = json_object_get(metadata, field);
    if (value && !json_is_object(value) && !json_is_null(value)) {
        irsa_autofree char *path = irsa_format("metadata.%s", field);
        return irsa_take_fail(take, path, "an object is needed");
    }
    *ret = json_is_object(value) && json_object_size(value) > 0 ? value : NULL;
    return 0;
}

/* https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/ */
void irsa_take_controller(const json_t *metadata, const char **ret_kind, const char **ret_name)
{
    const json_t *owners = json_object_get(metadata, "ownerReferences");
    *ret_kind = NULL;
    *ret_name = NULL;
    size_t i = 0;
    json_t *owner = NULL;
    json_array_foreach(owners, i, owner)
    {
        if (!json_is_true(json_object_get(owner, "controller")))
            continue;
        const char *kind = json_string_value(json_object_get(owner, "kind"));
        const char *name = json_string_value(json_object_get(owner, "name"));
        if (kind && name) {
            *ret_kind = kind;
            *ret_name = name;
        }
        return;
    }
}

static void see_namespace(struct irsa_facts *facts, const char *name)
{
    if (*name && irsa_map_get(&facts->index->namespaces_seen, name) == IRSA_MAP_NONE)
        irsa_map_put(&facts->index->namespaces_seen, name, 1);
}

static int take_one(const struct irsa_take *take, const json_t *object,
                    const struct irsa_kind *kind, bool *ret_known)
{
    if (!kind)
        return irsa_take_misplaced(take, object, ret_known);
    *ret_known = true;
    const char *space = irsa_json_string(object, "metadata", "namespace", NULL);
    if (kind->namespaced && space)
        see_namespace(take->facts, space);
    return kind->take(take, object, kind);
}

/* --- lists ------------------------------------------------------------------------------------ */

/* What a list tells beyond its elements: that there are no others. `kubectl get -A` and `-n NS`
 * print the same; so an element speaks for its namespace only. */
static void note_item(struct irsa_listed *listed, const struct irsa_kind *kind, const json_t *item)
{
    if (kind->take == irsa_take_namespace)
        listed->namespaces = true;
    else if (kind->take == irsa_take_webhook)
        listed->webhooks = true;
    if (kind->take != irsa_take_service_account)
        return;
    struct irsa_strings *accounts = &listed->accounts;
    const char *space = irsa_json_string(item, "metadata", "namespace", NULL);
    if (space && (accounts->len == 0 || strcmp(accounts->items[accounts->len - 1], space) != 0))
        irsa_strings_add(accounts, space);
}

static void note_list(struct irsa_facts_index *index, const struct irsa_listed *listed)
{
    index->namespaces_listed = index->namespaces_listed || listed->namespaces;
    index->webhooks_listed = index->webhooks_listed || listed->webhooks;
    for (size_t i = 0; i < listed->accounts.len; i++)
        irsa_map_put(&index->accounts_listed, listed->accounts.items[i], 1);
}

struct irsa_listed *irsa_early_list(const struct irsa_facts_index *index,
                                    const struct irsa_origin *origin)
{
    for (size_t i = index->early_count; i-- > 0;) {
        if (index->early[i].file == origin->file && index->early[i].document == origin->document)
            return &index->early[i];
    }
    return NULL;
}

static void listed_done(struct irsa_listed *listed)
{
    irsa_strings_done(&listed->accounts);
}

static const struct irsa_kind *kind_of_item(const json_t *item, const struct irsa_kind *of_list)
{
    const char *kind = irsa_json_string(item, "kind", NULL);
    const char *version = irsa_json_string(item, "apiVersion", NULL);
    return kind && version ? find_kind(version, kind, strlen(kind)) : of_list;
}

/* A list that was asked for in pieces says so
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks).
 */
static bool list_complete(const json_t *list)
{
    const char *more = irsa_json_string(list, "metadata", "continue", NULL);
    return !more || !*more;
}

static int take_list(struct irsa_take *take, const json_t *list, const struct irsa_kind *of_list,
                     bool *ret_known)
{
    json_t *items = NULL;
    if (irsa_take_array(take, list, "items", &items) != 0)
        return -1;
    struct irsa_facts_index *index = take->facts->index;
    const struct irsa_listed *early = irsa_early_list(index, &take->origin);
    IRSA_CLEANUP(listed_done) struct irsa_listed listed = {0};
    if (of_list && json_array_size(items) == 0 && !of_list->namespaced)
        note_item(&listed, of_list, NULL);
    size_t i = 0;
    json_t *item = NULL;
    take->origin.list = "items";
    json_array_foreach(items, i, item)
    {
        take->origin.item = (uint32_t)i;
        if (json_is_null(item) && early)
            continue; /* it was taken */
        if (!json_is_object(item))
            return irsa_take_fail(take, "", "an object is needed");
        /* kubectl prints none; to pass it by would make what is in it missing. */
        if (irsa_is_list(item))
            return irsa_take_fail(take, "kind",
                                  "a list inside a list is not read: put its items "
                                  "into a document of their own");
        const struct irsa_kind *kind = kind_of_item(item, of_list);
        if (take_one(take, item, kind, ret_known) != 0)
            return -1;
        if (kind)
            note_item(&listed, kind, item);
    }
    if (list_complete(list)) {
        note_list(index, &listed);
        if (early)
            note_list(index, early);
    }
    take->origin.list = NULL;
    take->origin.item = UINT32_MAX;
    return 0;
}

int irsa_take_kubernetes(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    const char *version = irsa_json_string(document, "apiVersion", NULL);
    const char *kind = irsa_json_string(document, "kind", NULL);
    if (strcmp(kind, "List") == 0 && strcmp(version, "v1") == 0) {
        *ret_known = true;
        return take_list(take, document, NULL, ret_known);
    }
    if (irsa_has_suffix(kind, "List") && json_object_get(document, "items")) {
        const struct irsa_kind *of_list = find_kind(version, kind, strlen(kind) - strlen("List"));
        *ret_known = of_list != NULL;
        return of_list ? take_list(take, document, of_list, ret_known) : 0;
    }
    return take_one(take, document, find_kind(version, kind, strlen(kind)), ret_known);
}

bool irsa_is_list(const json_t *document)
{
    const char *version = irsa_json_string(document, "apiVersion", NULL);
    const char *kind = irsa_json_string(document, "kind", NULL);
    if (!version || !kind || !irsa_has_suffix(kind, "List"))
        return false;
    return strcmp(kind, "List") == 0
           || find_kind(version, kind, strlen(kind) - strlen("List")) != NULL;
}

/* kubectl prints the keys of a List in alphabetical order: its elements come before its kind. What
 * carries apiVersion and kind of its own is taken as it comes; the end must then prove to be a
 * List. */
int irsa_take_item_early(struct irsa_take *take, const json_t *list, const json_t *item,
                         bool *ret_taken)
{
    struct irsa_facts_index *index = take->facts->index;
    const char *list_version = irsa_json_string(list, "apiVersion", NULL);
    const char *list_kind = irsa_json_string(list, "kind", NULL);
    const char *version = irsa_json_string(item, "apiVersion", NULL);
    const char *kind_name = irsa_json_string(item, "kind", NULL);
    *ret_taken = false;
    const struct irsa_kind *kind =
        version && kind_name ? find_kind(version, kind_name, strlen(kind_name)) : NULL;
    if (!kind || !list_version || strcmp(list_version, "v1") != 0
        || (list_kind && strcmp(list_kind, "List") != 0))
        return 0;
    struct irsa_listed *early = irsa_early_list(index, &take->origin);
    if (!early) {
        index->early = irsa_grow(index->early, index->early_count, sizeof(*index->early));
        early = &index->early[index->early_count++];
        *early = (struct irsa_listed){.file = take->origin.file, .document = take->origin.document};
    }
    bool known = false;
    take->origin.list = "items";
    if (take_one(take, item, kind, &known) != 0)
        return -1;
    note_item(early, kind, item);
    *ret_taken = true;
    return 0;
}
