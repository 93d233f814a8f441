/* SPDX-License-Identifier: Apache-2.0 */
/* Partial objects, the `before` and `after` of changes, against objects as they are. */
#include "world/live_kube.h"

static const json_t *meaning(const json_t *value)
{
    return json_is_null(value) ? NULL : value;
}

static bool equal(const json_t *a, const json_t *b)
{
    return a && b ? json_equal((json_t *)a, (json_t *)b) : !a && !b;
}

/* --- comparing -------------------------------------------------------------------------------- */

struct comparison {
    bool any_before; /* a field is as before, and shall be another */
    char *moved;     /* path of the first field that is neither */
};

static void compare(struct comparison *all, const char *path, const json_t *now,
                    const json_t *before, const json_t *after);

static void compare_keys(struct comparison *all, const char *path, const json_t *now,
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
            irsa_autofree char *below = *path ? irsa_format("%s.%s", path, key) : irsa_strdup(key);
            compare(all, below, meaning(json_object_get(now, key)),
                    meaning(json_object_get(before, key)), meaning(json_object_get(after, key)));
        }
    }
}

static void compare(struct comparison *all, const char *path, const json_t *now,
                    const json_t *before, const json_t *after)
{
    bool objects = json_is_object(before) || json_is_object(after);
    if (objects && (!now || json_is_object(now))) {
        compare_keys(all, path, now, before, after);
        return;
    }
    if (equal(now, after))
        return;
    if (equal(now, before))
        all->any_before = true;
    else if (!all->moved)
        all->moved = irsa_strdup(path);
}

enum live_kube_standing irsa_live_kube_compare(const json_t *now, const json_t *before,
                                               const json_t *after, char **ret_path)
{
    struct comparison all = {0};
    compare(&all, "", now, before, after);
    *ret_path = all.moved;
    if (all.moved)
        return LIVE_KUBE_MOVED;
    return all.any_before ? LIVE_KUBE_BEFORE : LIVE_KUBE_AFTER;
}

bool irsa_live_kube_serves(const json_t *now, const json_t *wanted)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(irsa_json_get(wanted, "metadata", "annotations", NULL), key, value)
    {
        if (!equal(irsa_json_get(now, "metadata", "annotations", key, NULL), value))
            return false;
    }
    return true;
}

char *irsa_live_kube_owner(const json_t *account)
{
    struct irsa_facts *facts = irsa_facts_new();
    irsa_auto_error none = NULL;
    bool known = false;
    const uint32_t file = irsa_facts_add_file(facts, "service account");
    char *owner = NULL;
    if (irsa_facts_add_document(facts, file, 0, account, &known, &none) == 0
        && facts->service_account_count == 1 && facts->service_accounts[0].owner)
        owner = irsa_strdup(facts->service_accounts[0].owner);
    irsa_facts_free(facts);
    return owner;
}

/* --- the patch -------------------------------------------------------------------------------- */

json_t *irsa_live_kube_patch(const json_t *before, const json_t *after)
{
    json_t *patch = json_object();
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)after, key, value)
    {
        const json_t *old = json_object_get(before, key);
        if (equal(old, value))
            continue;
        if (json_is_object(value))
            json_object_set_new(patch, key,
                                irsa_live_kube_patch(json_is_object(old) ? old : NULL, value));
        else
            json_object_set(patch, key, value);
    }
    json_object_foreach((json_t *)before, key, value)
    {
        if (json_object_get(after, key))
            continue;
        /* A mapping goes key by key: there may be more in it than is shown here. */
        if (json_is_object(value))
            json_object_set_new(patch, key, irsa_live_kube_patch(value, NULL));
        else
            json_object_set_new(patch, key, json_null());
        /* "DeprecatedServiceAccount is a deprecated alias for ServiceAccountName"
         * (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/): the
         * server fills each from the other, so both go. */
        if (strcmp(key, "serviceAccountName") == 0)
            json_object_set_new(patch, "serviceAccount", json_null());
    }
    return patch;
}
