/* SPDX-License-Identifier: Apache-2.0 */
/* OIDC providers in files. */
#include "world/captured.h"

static bool listed_is(const json_t *object, const void *arn)
{
    const char *text = irsa_json_string(object, "Arn", NULL);
    return text && strcmp(text, arn) == 0;
}

static bool detail_is(const json_t *object, const void *url)
{
    const char *text = irsa_json_string(object, "Url", NULL);
    return text && strcmp(text, url) == 0 && json_object_get(object, "ClientIDList");
}

/* --- client ids ------------------------------------------------------------------------------- */

static bool array_has(const json_t *array, const json_t *value)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(array, i, item)
    {
        if (json_equal(item, value))
            return true;
    }
    return false;
}

static bool same_set(const json_t *a, const json_t *b)
{
    size_t i = 0;
    json_t *item = NULL;
    if (json_array_size(a) != json_array_size(b))
        return false;
    json_array_foreach(a, i, item)
    {
        if (!array_has(b, item))
            return false;
    }
    return true;
}

/* Nothing of the present order changes: what is new comes last. */
static json_t *merged_set(const json_t *now, const json_t *after)
{
    json_t *merged = json_array();
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(now, i, item)
    {
        if (array_has(after, item))
            json_array_append(merged, item);
    }
    json_array_foreach(after, i, item)
    {
        if (!array_has(now, item))
            json_array_append(merged, item);
    }
    return merged;
}

static int edit_detail(struct drafts *drafts, const char *file, const json_t *object,
                       void *context __attribute__((unused)), json_t **ret)
{
    static const char *const keys[] = {"ClientIDList", "ThumbprintList"};
    json_auto_t *copy = json_copy((json_t *)object);
    bool changed = false;
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        const json_t *now = json_object_get(object, keys[i]);
        const json_t *before = json_object_get(drafts->change->before, keys[i]);
        const json_t *after = json_object_get(drafts->change->after, keys[i]);
        if (!after || same_set(now, after))
            continue;
        if (before && !same_set(now, before))
            return irsa_draft_conflict(drafts, file, "%s was changed", keys[i]);
        json_object_set_new(copy, keys[i], merged_set(now, after));
        changed = true;
    }
    *ret = changed ? json_incref(copy) : NULL;
    return 0;
}

/* --- new and removed -------------------------------------------------------------------------- */

static int create(struct drafts *drafts)
{
    const char *arn = drafts->change->target;
    const struct irsa_provider *provider = irsa_facts_provider(drafts->facts, arn);
    if (provider && provider->detail_seen)
        return irsa_draft_conflict(drafts, drafts->captured->directory,
                                   "the provider exists already");
    const char *slash = strrchr(arn, '/');
    irsa_autofree char *id = irsa_file_part(slash && slash[1] ? slash + 1 : arn);
    irsa_autofree char *name = irsa_format("iam/open-id-connect-providers/%s.json", id);
    /* GetOpenIDConnectProvider does not tell the account: with the ARN the file stands for itself.
     */
    json_auto_t *answer = json_pack("{s:s}", "OpenIDConnectProviderArn", arn);
    json_object_update(answer, drafts->change->after);
    return irsa_draft_create(drafts, name, answer);
}

/* True when the document says nothing but what GetOpenIDConnectProvider answers. */
static bool nothing_else(const json_t *object)
{
    static const char *const known[] = {
        "OpenIDConnectProviderArn", "Arn",  "Url",       "ClientIDList",
        "ThumbprintList",           "Tags", "CreateDate"};
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)object, key, value)
    {
        bool found = false;
        for (size_t i = 0; i < IRSA_COUNT(known); i++)
            found = found || strcmp(key, known[i]) == 0;
        if (!found)
            return false;
    }
    return true;
}

/* A file that says more than that is nobody's to remove but its author's. */
static int check_own_file(struct drafts *drafts, const struct irsa_origin *origin)
{
    const char *name = drafts->facts->files.items[origin->file];
    json_auto_t *there = irsa_draft_peek(drafts, name);
    if (!there || nothing_else(there))
        return 0;
    (void)irsa_fail(drafts->reterr, IRSA_E_CONFLICT, "%s: holds more than %s", name,
                    drafts->change->target);
    return irsa_hint(drafts->reterr, "remove the provider from it by hand");
}

static int check_detail(struct drafts *drafts, const char *file, const json_t *object,
                        void *context __attribute__((unused)), json_t **ret __attribute__((unused)))
{
    const json_t *before = json_object_get(drafts->change->before, "ClientIDList");
    if (!before || same_set(json_object_get(object, "ClientIDList"), before))
        return 0;
    return irsa_draft_conflict(drafts, file, "ClientIDList was changed");
}

static int remove_provider(struct drafts *drafts, const struct irsa_provider *provider)
{
    for (size_t i = 0; i < provider->origins.len; i++) {
        const struct irsa_origin *origin = &provider->origins.items[i];
        if (check_own_file(drafts, origin) != 0
            || irsa_draft_remove(drafts, origin, detail_is, provider->url, check_detail, NULL) != 0)
            return -1;
    }
    for (size_t i = 0; i < provider->listed_origins.len; i++) {
        if (irsa_draft_remove(drafts, &provider->listed_origins.items[i], listed_is, provider->arn,
                              NULL, NULL)
            != 0)
            return -1;
    }
    return 0;
}

int irsa_captured_provider(struct drafts *drafts)
{
    const struct irsa_change *change = drafts->change;
    if (change->action == IRSA_ACTION_CREATE)
        return create(drafts);
    const struct irsa_provider *provider = irsa_facts_provider(drafts->facts, change->target);
    if (!provider && change->action == IRSA_ACTION_DELETE)
        return 0; /* done already */
    if (!provider)
        return irsa_draft_conflict(drafts, drafts->captured->directory,
                                   "no file shows the provider");
    if (change->action == IRSA_ACTION_DELETE)
        return remove_provider(drafts, provider);
    for (size_t i = 0; i < provider->origins.len; i++) {
        if (irsa_draft_edit(drafts, &provider->origins.items[i], detail_is, provider->url,
                            edit_detail, NULL)
            != 0)
            return -1;
    }
    return 0;
}
