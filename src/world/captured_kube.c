/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes objects in files. */
#include "world/captured.h"

/* --- which object ----------------------------------------------------------------------------- */

struct named {
    const char *kind;
    const char *space;
    const char *name;
};

static bool is_named(const json_t *object, const void *context)
{
    const struct named *named = context;
    const char *kind = irsa_json_string(object, "kind", NULL);
    const char *space = irsa_json_string(object, "metadata", "namespace", NULL);
    const char *name = irsa_json_string(object, "metadata", "name", NULL);
    /* Elements of the API's typed lists carry no kind. */
    return (!kind || strcmp(kind, named->kind) == 0) && name && strcmp(name, named->name) == 0
           && strcmp(space ? space : "", named->space) == 0;
}

/* --- partial objects -------------------------------------------------------------------------- */

struct partial {
    struct drafts *drafts;
    const char *file;
    bool changed;
};

static const json_t *meaning(const json_t *value)
{
    return json_is_null(value) ? NULL : value;
}

/* What names the object stands in `before` and `after` for the reader. */
static bool names_object(const char *path)
{
    static const char *const fixed[] = {"apiVersion", "kind", "metadata.name",
                                        "metadata.namespace"};
    for (size_t i = 0; i < IRSA_COUNT(fixed); i++) {
        if (strcmp(path, fixed[i]) == 0)
            return true;
    }
    return false;
}

/* Of several copies (a manifest, a capture of the cluster) the newest time is the one planned on:
 * an older one, or none, is no sign that something moved. */
static bool restarted_before(const char *key, const json_t *now, const json_t *before)
{
    if (strcmp(key, "kubectl.kubernetes.io/restartedAt") != 0 || (now && !json_is_string(now)))
        return false;
    return irsa_time_parse(json_string_value(now)) <= irsa_time_parse(json_string_value(before));
}

static int merge_leaf(struct partial *partial, json_t *object, const char *key, const char *path,
                      const json_t *before, const json_t *after)
{
    /* `serviceAccount` is the old name of serviceAccountName; the API server fills both. */
    bool has_old_name = strcmp(key, "serviceAccountName") == 0
                        && json_is_string(json_object_get(object, "serviceAccount"));
    const json_t *now = meaning(json_object_get(object, key));
    if (!now && has_old_name)
        now = json_object_get(object, "serviceAccount");
    bool done = now && after ? json_equal((json_t *)now, (json_t *)after) : !now && !after;
    bool as_before = now && before ? json_equal((json_t *)now, (json_t *)before) : !now && !before;
    if (done)
        return 0;
    if (!as_before && !restarted_before(key, now, before))
        return irsa_draft_conflict(partial->drafts, partial->file, "%s was changed", path);
    partial->changed = true;
    if (!after) {
        json_object_del(object, key);
        if (has_old_name)
            json_object_del(object, "serviceAccount");
        return 0;
    }
    json_object_set(object, key, (json_t *)after);
    if (has_old_name)
        json_object_set(object, "serviceAccount", (json_t *)after);
    return 0;
}

static int merge_object(struct partial *partial, json_t *object, const char *path,
                        const json_t *before, const json_t *after);

static int merge_key(struct partial *partial, json_t *object, const char *key, const char *path,
                     const json_t *before, const json_t *after)
{
    irsa_autofree char *below = *path ? irsa_format("%s.%s", path, key) : irsa_strdup(key);
    if (names_object(below))
        return 0;
    if (!json_is_object(before) && !json_is_object(after))
        return merge_leaf(partial, object, key, below, before, after);
    const json_t *now = json_object_get(object, key);
    if (now && !json_is_object(now) && !json_is_null(now))
        return irsa_draft_conflict(partial->drafts, partial->file, "%s was changed", below);
    json_auto_t *copy = json_is_object(now) ? json_copy((json_t *)now) : json_object();
    if (merge_object(partial, copy, below, before, after) != 0)
        return -1;
    /* A mapping that lost its last key goes with it; one that was empty stays. */
    if (json_object_size(copy) > 0)
        json_object_set(object, key, copy);
    else if (json_object_size(now) > 0)
        json_object_del(object, key);
    return 0;
}

/* Makes `object` (the caller's copy) as `after` says in all keys that before or after name. */
static int merge_object(struct partial *partial, json_t *object, const char *path,
                        const json_t *before, const json_t *after)
{
    const json_t *sides[] = {before, after};
    for (size_t i = 0; i < IRSA_COUNT(sides); i++) {
        const char *key = NULL;
        json_t *value = NULL;
        json_object_foreach((json_t *)sides[i], key, value)
        {
            if (i == 1 && json_object_get(before, key))
                continue; /* seen on the first side */
            if (merge_key(partial, object, key, path, meaning(json_object_get(before, key)),
                          meaning(json_object_get(after, key)))
                != 0)
                return -1;
        }
    }
    return 0;
}

static int edit_partial(struct drafts *drafts, const char *file, const json_t *object,
                        void *context __attribute__((unused)), json_t **ret)
{
    struct partial partial = {.drafts = drafts, .file = file};
    json_auto_t *copy = json_copy((json_t *)object);
    if (merge_object(&partial, copy, "", drafts->change->before, drafts->change->after) != 0)
        return -1;
    *ret = partial.changed ? json_incref(copy) : NULL;
    return 0;
}

static int check_partial(struct drafts *drafts, const char *file, const json_t *object,
                         void *context __attribute__((unused)),
                         json_t **ret __attribute__((unused)))
{
    struct partial partial = {.drafts = drafts, .file = file};
    json_auto_t *copy = json_copy((json_t *)object);
    return merge_object(&partial, copy, "", drafts->change->before, drafts->change->before);
}

static int remove_all(struct drafts *drafts, const struct irsa_origins *origins,
                      const struct named *named)
{
    for (size_t i = 0; i < origins->len; i++) {
        if (irsa_draft_remove(drafts, &origins->items[i], is_named, named, check_partial, NULL)
            != 0)
            return -1;
    }
    return 0;
}

static int edit_all(struct drafts *drafts, const struct irsa_origins *origins,
                    const struct named *named)
{
    for (size_t i = 0; i < origins->len; i++) {
        if (irsa_draft_edit(drafts, &origins->items[i], is_named, named, edit_partial, NULL) != 0)
            return -1;
    }
    return 0;
}

/* --- the changes ------------------------------------------------------------------------------ */

static int not_shown(struct drafts *drafts)
{
    return irsa_draft_conflict(drafts, drafts->captured->directory, "no file shows it");
}

int irsa_captured_namespace(struct drafts *drafts)
{
    const char *name = drafts->change->target;
    const struct irsa_namespace *there = irsa_facts_namespace(drafts->facts, name);
    const struct named named = {"Namespace", "", name};
    if (drafts->change->action == IRSA_ACTION_DELETE)
        return there ? remove_all(drafts, &there->origins, &named) : 0;
    if (drafts->change->action != IRSA_ACTION_CREATE || there)
        return irsa_draft_conflict(drafts, drafts->captured->directory, "it exists already");
    irsa_autofree char *file = irsa_format("kubernetes/%s/namespace.yaml", name);
    return irsa_draft_create(drafts, file, drafts->change->after);
}

int irsa_captured_service_account(struct drafts *drafts)
{
    const struct irsa_change *change = drafts->change;
    const json_t *object = change->after ? change->after : change->before;
    const char *space = irsa_json_string(object, "metadata", "namespace", NULL);
    const char *name = irsa_json_string(object, "metadata", "name", NULL);
    const struct irsa_service_account *account =
        irsa_facts_service_account(drafts->facts, space ? space : "", name);
    if (change->action == IRSA_ACTION_CREATE) {
        if (account)
            return irsa_draft_conflict(drafts, drafts->captured->directory, "it exists already");
        irsa_autofree char *file = irsa_format("kubernetes/%s/serviceaccount-%s.yaml", space, name);
        return irsa_draft_create(drafts, file, change->after);
    }
    /* A manifest that names no namespace stands for the one that was said (-n, irsa-fix.ini). */
    if (!account && name)
        account = irsa_facts_service_account(drafts->facts, "", name);
    if (!account && change->action == IRSA_ACTION_DELETE)
        return 0; /* done already */
    if (!account)
        return not_shown(drafts);
    const struct named named = {"ServiceAccount", account->namespace_, account->name};
    if (change->action == IRSA_ACTION_DELETE)
        return remove_all(drafts, &account->origins, &named);
    return edit_all(drafts, &account->origins, &named);
}

int irsa_captured_workload(struct drafts *drafts)
{
    const struct irsa_change *change = drafts->change;
    const char *kind = irsa_json_string(change->after, "kind", NULL);
    const char *space = irsa_json_string(change->after, "metadata", "namespace", NULL);
    const char *name = irsa_json_string(change->after, "metadata", "name", NULL);
    const struct irsa_workload *workload =
        kind && name ? irsa_facts_workload(drafts->facts, kind, space ? space : "", name) : NULL;
    if (!workload || change->action != IRSA_ACTION_UPDATE)
        return not_shown(drafts);
    const struct named named = {workload->kind, workload->namespace_, workload->name};
    return edit_all(drafts, &workload->origins, &named);
}
