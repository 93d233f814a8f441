/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/draft.h"

static json_t *string_array(const struct irsa_strings *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->len; i++)
        (void)json_array_append_new(array, json_string(strings->items[i]));
    return array;
}

static bool array_has(const json_t *array, const char *value)
{
    size_t i;
    json_t *item;
    json_array_foreach(array, i, item)
    {
        const char *text = json_string_value(item);
        if (text && strcmp(text, value) == 0)
            return true;
    }
    return false;
}

/* What GetOpenIDConnectProvider answers: Url without a scheme, ClientIDList, ThumbprintList.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html */
static json_t *provider_json(const struct irsa_provider *provider)
{
    json_t *json = json_object();
    const char *url = provider->url ? provider->url : provider->host_path;
    (void)json_object_set_new(json, "Url", json_string(url));
    if (provider->detail_seen)
        (void)json_object_set_new(json, "ClientIDList", string_array(&provider->client_ids));
    return json;
}

static void add_value(json_t *after, const char *key, const char *value)
{
    json_t *list = json_object_get(after, key);
    if (!json_is_array(list)) {
        list = json_array();
        (void)json_object_set_new(after, key, list);
    }
    if (!array_has(list, value))
        (void)json_array_append_new(list, json_string(value));
}

static void add_audience(json_t *after, const char *audience)
{
    add_value(after, "ClientIDList", audience);
}

/* Only where the user gave one, and the template none: IAM finds it itself where a public CA
 * signed, and does not read it for EKS. */
static void add_wanted_thumbprint(const struct irsa_builder *builder, json_t *after)
{
    const char *wanted = builder->plan->intent->thumbprint;
    const char *host_path = irsa_json_string(after, "Url", NULL);
    if (wanted && host_path && !irsa_issuer_is_eks(host_path)
        && json_array_size(json_object_get(after, "ThumbprintList")) == 0)
        add_value(after, "ThumbprintList", wanted);
}

/* CreateOpenIDConnectProvider takes the URL with https://, GetOpenIDConnectProvider gives it
 * without; a change shows what will be there. */
static void strip_scheme(json_t *provider)
{
    const char *url = irsa_json_string(provider, "Url", NULL);
    if (url && irsa_has_prefix(url, "https://")) {
        irsa_autofree char *host_path = irsa_strdup(url + strlen("https://"));
        (void)json_object_set_new(provider, "Url", json_string(host_path));
    }
}

static int create(struct irsa_builder *builder, struct irsa_fix_at at, struct irsa_error **reterr)
{
    const struct irsa_fix *fix = at.fix;
    const char *audience = fix->value ? fix->value : IRSA_DEFAULT_AUDIENCE;
    size_t draft = irsa_draft_get(builder, IRSA_OBJECT_PROVIDER, fix->class_, fix->target);
    struct irsa_change *change = &builder->drafts[draft].change;
    if (!change->after) {
        json_auto_t *variables = irsa_provider_variables(builder, fix->target, audience);
        json_t *after = irsa_plan_expand(builder, "oidc-provider.json", variables, reterr);
        if (!after)
            return -1;
        change->action = IRSA_ACTION_CREATE;
        change->after = after;
        strip_scheme(after);
        add_wanted_thumbprint(builder, after);
        irsa_plan_tags(after, builder->plan->intent->defaults.tags, true);
        irsa_plan_tag_cluster(builder, after);
    }
    add_audience(change->after, audience);
    irsa_draft_serve(builder, draft, at.finding, fix->binding);
    return 0;
}

/* The draft of a provider that is there, with both its sides; NONE: it was not seen. */
static size_t draft_of_existing(struct irsa_builder *builder, struct irsa_fix_at at)
{
    const struct irsa_fix *fix = at.fix;
    const struct irsa_provider *provider = irsa_facts_provider(builder->plan->facts, fix->target);
    if (!provider) {
        irsa_builder_fail(builder, at.finding,
                          irsa_format("provider %s was not seen", fix->target));
        return IRSA_MAP_NONE;
    }
    size_t draft = irsa_draft_get(builder, IRSA_OBJECT_PROVIDER, fix->class_, fix->target);
    struct irsa_change *change = &builder->drafts[draft].change;
    if (!change->after) {
        change->before = provider_json(provider);
        change->after = json_deep_copy(change->before);
    }
    return draft;
}

static void add_client_id(struct irsa_builder *builder, struct irsa_fix_at at)
{
    const struct irsa_fix *fix = at.fix;
    /* One that this plan creates takes the audience along. */
    size_t draft = irsa_draft_find(builder, IRSA_OBJECT_PROVIDER, IRSA_CLASS_ADDITIVE, fix->target);
    if (draft == IRSA_MAP_NONE)
        draft = draft_of_existing(builder, at);
    if (draft == IRSA_MAP_NONE)
        return;
    add_audience(builder->drafts[draft].change.after, fix->value);
    irsa_draft_serve(builder, draft, at.finding, fix->binding);
}

/* Thumbprints stand in a change that is about them, and in no other. */
static void add_thumbprint(struct irsa_builder *builder, struct irsa_fix_at at)
{
    size_t draft = draft_of_existing(builder, at);
    if (draft == IRSA_MAP_NONE)
        return;
    struct irsa_change *change = &builder->drafts[draft].change;
    const struct irsa_provider *provider =
        irsa_facts_provider(builder->plan->facts, at.fix->target);
    json_t *now = string_array(&provider->thumbprints);
    (void)json_object_set_new(change->before, "ThumbprintList", now);
    (void)json_object_set_new(change->after, "ThumbprintList", json_deep_copy(now));
    add_value(change->after, "ThumbprintList", at.fix->value);
    irsa_draft_serve(builder, draft, at.finding, at.fix->binding);
}

static void delete (struct irsa_builder *builder, struct irsa_fix_at at)
{
    const struct irsa_fix *fix = at.fix;
    const struct irsa_provider *provider = irsa_facts_provider(builder->plan->facts, fix->target);
    if (!provider) {
        irsa_builder_fail(builder, at.finding, NULL);
        return;
    }
    size_t draft = irsa_draft_get(builder, IRSA_OBJECT_PROVIDER, fix->class_, fix->target);
    struct irsa_change *change = &builder->drafts[draft].change;
    change->action = IRSA_ACTION_DELETE;
    if (!change->before)
        change->before = provider_json(provider);
    irsa_draft_serve(builder, draft, at.finding, fix->binding);
}

int irsa_plan_provider(struct irsa_builder *builder, struct irsa_fix_at at,
                       struct irsa_error **reterr)
{
    if (at.fix->kind == IRSA_FIX_CREATE_PROVIDER)
        return create(builder, at, reterr);
    if (at.fix->kind == IRSA_FIX_ADD_CLIENT_ID)
        add_client_id(builder, at);
    else if (at.fix->kind == IRSA_FIX_ADD_THUMBPRINT)
        add_thumbprint(builder, at);
    else
        delete (builder, at);
    return 0;
}
