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

static void add_audience(json_t *after, const char *audience)
{
    json_t *list = json_object_get(after, "ClientIDList");
    if (!json_is_array(list)) {
        list = json_array();
        (void)json_object_set_new(after, "ClientIDList", list);
    }
    if (!array_has(list, audience))
        (void)json_array_append_new(list, json_string(audience));
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
        irsa_plan_tags(after, builder->plan->intent->defaults.tags, true);
        irsa_plan_tag_cluster(builder, after);
    }
    add_audience(change->after, audience);
    irsa_draft_serve(builder, draft, at.finding, fix->binding);
    return 0;
}

static void add_client_id(struct irsa_builder *builder, struct irsa_fix_at at)
{
    const struct irsa_fix *fix = at.fix;
    /* One that this plan creates takes the audience along. */
    size_t draft = irsa_draft_find(builder, IRSA_OBJECT_PROVIDER, IRSA_CLASS_ADDITIVE, fix->target);
    if (draft == IRSA_MAP_NONE) {
        const struct irsa_provider *provider =
            irsa_facts_provider(builder->plan->facts, fix->target);
        if (!provider) {
            irsa_builder_fail(builder, at.finding,
                              irsa_format("provider %s was not seen", fix->target));
            return;
        }
        draft = irsa_draft_get(builder, IRSA_OBJECT_PROVIDER, fix->class_, fix->target);
        struct irsa_change *change = &builder->drafts[draft].change;
        if (!change->after) {
            change->before = provider_json(provider);
            change->after = json_deep_copy(change->before);
        }
    }
    add_audience(builder->drafts[draft].change.after, fix->value);
    irsa_draft_serve(builder, draft, at.finding, fix->binding);
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
    else
        delete (builder, at);
    return 0;
}
