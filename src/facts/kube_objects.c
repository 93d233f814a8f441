/* SPDX-License-Identifier: Apache-2.0 */
/* Namespaces, ServiceAccounts, webhook configurations, and annotations that stand on something
 * else. */
#include "facts/internal.h"

#include "irsa/document.h"

json_t *irsa_annotations_of_irsa(const json_t *annotations)
{
    json_t *found = NULL;
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)annotations, key, value)
    {
        if (!irsa_key_concerns_irsa(key))
            continue;
        if (!found)
            found = json_object();
        json_object_set(found, key, value);
    }
    return found;
}

int irsa_take_misplaced(const struct irsa_take *take, const json_t *object, bool *ret_known)
{
    struct irsa_facts *facts = take->facts;
    const json_t *metadata = json_object_get(object, "metadata");
    const char *name = irsa_json_string(metadata, "name", NULL);
    const char *space = irsa_json_string(metadata, "namespace", NULL);
    const char *key = NULL;
    json_t *value = NULL;
    if (!name)
        return 0;
    if (space && *space)
        irsa_map_put(&facts->index->namespaces_seen, space, 1);
    json_object_foreach(json_object_get(metadata, "annotations"), key, value)
    {
        if (!irsa_key_names_role(key) || !json_is_string(value))
            continue;
        *ret_known = true;
        facts->misplaced =
            irsa_grow(facts->misplaced, facts->misplaced_count, sizeof(*facts->misplaced));
        struct irsa_misplaced *found = &facts->misplaced[facts->misplaced_count++];
        const char *kind = irsa_json_string(object, "kind", NULL);
        *found = (struct irsa_misplaced){
            .kind = irsa_strdup(kind ? kind : "object"),
            .namespace_ = irsa_strdup(space ? space : ""),
            .name = irsa_strdup(name),
            .key = irsa_strdup(key),
            .value = irsa_strdup(json_string_value(value)),
        };
        irsa_origins_add(&found->origins, &take->origin);
    }
    return 0;
}

/* --- names ------------------------------------------------------------------------------------ */

static int check_name(const struct irsa_take *take, const char *field, const char *name,
                      char *problem)
{
    irsa_autofree char *why = problem;
    return why ? irsa_take_fail(take, field, "\"%s\" %s", name, why) : 0;
}

/* --- Namespace -------------------------------------------------------------------------------- */

int irsa_take_namespace(const struct irsa_take *take, const json_t *object,
                        const struct irsa_kind *kind __attribute__((unused)))
{
    struct irsa_facts *facts = take->facts;
    const json_t *metadata = json_object_get(object, "metadata");
    const char *space = NULL;
    const char *name = NULL;
    json_t *labels = NULL;
    bool known = false;
    if (irsa_take_metadata(take, object, &space, &name) != 0)
        return -1;
    if (!name)
        return 0;
    if (check_name(take, "metadata.name", name, irsa_namespace_problem(name)) != 0
        || irsa_take_map(take, metadata, "labels", &labels) != 0
        || irsa_take_misplaced(take, object, &known) != 0)
        return -1;
    size_t found = irsa_map_get(&facts->index->namespaces, name);
    if (found == IRSA_MAP_NONE) {
        facts->namespaces =
            irsa_grow(facts->namespaces, facts->namespace_count, sizeof(*facts->namespaces));
        found = facts->namespace_count++;
        facts->namespaces[found] = (struct irsa_namespace){.name = irsa_strdup(name)};
        irsa_map_put_borrowed(&facts->index->namespaces, facts->namespaces[found].name, found);
    }
    struct irsa_namespace *record = &facts->namespaces[found];
    irsa_autofree char *what = irsa_format("Namespace %s", name);
    if (irsa_merge_labels(take, &record->origins, what, &record->labels, labels) != 0)
        return -1;
    const char *phase = irsa_json_string(object, "status", "phase", NULL);
    record->terminating = record->terminating || json_object_get(metadata, "deletionTimestamp")
                          || (phase && strcmp(phase, "Terminating") == 0);
    irsa_origins_add(&record->origins, &take->origin);
    return 0;
}

/* --- ServiceAccount --------------------------------------------------------------------------- */

/* Newest time at which somebody set an annotation of IRSA's
 * (https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management). */
static int64_t annotated_at(const json_t *metadata)
{
    int64_t newest = 0;
    size_t i = 0;
    json_t *entry = NULL;
    json_array_foreach(json_object_get(metadata, "managedFields"), i, entry)
    {
        json_t *fields = irsa_json_get(entry, "fieldsV1", "f:metadata", "f:annotations", NULL);
        const char *key = NULL;
        json_t *value = NULL;
        bool sets = false;
        json_object_foreach(fields, key, value) sets =
            sets || irsa_has_prefix(key, "f:eks.amazonaws.com/");
        int64_t time = sets ? irsa_time_parse(irsa_json_string(entry, "time", NULL)) : 0;
        newest = time > newest ? time : newest;
    }
    return newest;
}

/* kubectl's copy of what was last applied is long, and nothing here reads it. */
static json_t *annotations_kept(json_t *annotations)
{
    static const char last_applied[] = "kubectl.kubernetes.io/last-applied-configuration";
    if (!json_object_get(annotations, last_applied))
        return json_incref(annotations);
    json_t *kept = json_copy(annotations);
    json_object_del(kept, last_applied);
    if (json_object_size(kept) > 0)
        return kept;
    json_decref(kept);
    return NULL;
}

static struct irsa_service_account *find_or_add_account(struct irsa_facts *facts, const char *space,
                                                        const char *name)
{
    irsa_auto_key key = {0};
    const char *text = irsa_key_of(&key, space, name, NULL);
    /* Two manifests that name no namespace need not be of the same one. */
    size_t found = *space ? irsa_map_get(&facts->index->service_accounts, text) : IRSA_MAP_NONE;
    if (found == IRSA_MAP_NONE) {
        facts->service_accounts = irsa_grow(facts->service_accounts, facts->service_account_count,
                                            sizeof(*facts->service_accounts));
        found = facts->service_account_count++;
        facts->service_accounts[found] = (struct irsa_service_account){
            .namespace_ = irsa_strdup(space), .name = irsa_strdup(name)};
        irsa_map_put(&facts->index->service_accounts, text, found);
    }
    return &facts->service_accounts[found];
}

static int merge_automount(const struct irsa_take *take, struct irsa_service_account *account,
                           const char *what, const json_t *object)
{
    const json_t *value = json_object_get(object, "automountServiceAccountToken");
    if (!value || json_is_null(value))
        return 0;
    if (!json_is_boolean(value))
        return irsa_take_fail(take, "automountServiceAccountToken", "true or false is needed");
    bool on = json_is_true(value);
    bool was_on = account->automount == IRSA_AUTOMOUNT_TRUE;
    if (account->automount != IRSA_AUTOMOUNT_UNSET && on != was_on)
        return irsa_copies_differ(take, &account->origins, what, "automountServiceAccountToken",
                                  was_on ? "true" : "false", on ? "true" : "false");
    account->automount = on ? IRSA_AUTOMOUNT_TRUE : IRSA_AUTOMOUNT_FALSE;
    return 0;
}

static void merge_times(struct irsa_service_account *account, const json_t *metadata)
{
    int64_t created = irsa_time_parse(irsa_json_string(metadata, "creationTimestamp", NULL));
    int64_t annotated = annotated_at(metadata);
    const char *version = irsa_json_string(metadata, "resourceVersion", NULL);
    account->created = account->created ? account->created : created;
    account->annotated = annotated > account->annotated ? annotated : account->annotated;
    account->deleting = account->deleting || json_object_get(metadata, "deletionTimestamp");
    if (!account->resource_version && version)
        account->resource_version = irsa_strdup(version);
    if (!account->owner)
        account->owner = irsa_owner_of(metadata);
}

int irsa_take_service_account(const struct irsa_take *take, const json_t *object,
                              const struct irsa_kind *kind __attribute__((unused)))
{
    const json_t *metadata = json_object_get(object, "metadata");
    const char *space = NULL;
    const char *name = NULL;
    json_t *labels = NULL;
    json_t *annotations = NULL;
    if (irsa_take_metadata(take, object, &space, &name) != 0)
        return -1;
    if (!name)
        return 0;
    if ((*space
         && check_name(take, "metadata.namespace", space, irsa_namespace_problem(space)) != 0)
        || check_name(take, "metadata.name", name, irsa_service_account_problem(name)) != 0
        || irsa_take_map(take, metadata, "labels", &labels) != 0
        || irsa_take_map(take, metadata, "annotations", &annotations) != 0)
        return -1;
    struct irsa_service_account *account = find_or_add_account(take->facts, space, name);
    json_auto_t *kept = annotations_kept(annotations);
    if (account->origins.len == 0) {
        account->annotations = json_incref(kept);
        account->labels = json_incref(labels);
    }
    irsa_autofree char *what = irsa_format("ServiceAccount %s/%s", space, name);
    if ((account->origins.len > 0
         && (irsa_merge_annotations(take, &account->origins, what, &account->annotations, kept) != 0
             || irsa_merge_labels(take, &account->origins, what, &account->labels, labels) != 0))
        || merge_automount(take, account, what, object) != 0)
        return -1;
    merge_times(account, metadata);
    irsa_origins_add(&account->origins, &take->origin);
    return 0;
}
