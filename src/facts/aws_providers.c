/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OIDC providers: {"OpenIDConnectProviderList": [{"Arn": ...}]} of ListOpenIDConnectProviders, and
 * {"Url", "ClientIDList", "ThumbprintList", ...} of GetOpenIDConnectProvider, which does not give
 * the ARN (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html):
 * it is put together from partition, account and Url once all files were seen.
 */
#include "facts/internal.h"

#include "irsa/document.h"

static int find_or_add(const struct irsa_take *take, const char *arn, const char *field,
                       size_t *ret)
{
    struct irsa_facts *facts = take->facts;
    *ret = irsa_map_get(&facts->index->providers, arn);
    if (*ret != IRSA_MAP_NONE)
        return 0;
    irsa_auto_provider_arn parsed = {0};
    irsa_auto_error why = NULL;
    if (irsa_provider_arn_parse(arn, &parsed, &why) != 0)
        return irsa_take_fail(take, field, "\"%s\" is no OIDC provider's ARN: %s", arn,
                              irsa_error_message(why));
    facts->providers =
        irsa_grow(facts->providers, facts->provider_count, sizeof(*facts->providers));
    *ret = facts->provider_count++;
    facts->providers[*ret] = (struct irsa_provider){
        .arn = irsa_strdup(arn),
        .partition = irsa_steal(&parsed.partition),
        .account = irsa_steal(&parsed.account),
        .host_path = irsa_steal(&parsed.host_path),
    };
    irsa_map_put_borrowed(&facts->index->providers, facts->providers[*ret].arn, *ret);
    return 0;
}

static int take_listing(struct irsa_take *take, const json_t *document, const json_t *list)
{
    struct irsa_facts_index *index = take->facts->index;
    bool complete = !irsa_answer_cut(document);
    size_t i = 0;
    json_t *item = NULL;
    take->origin.list = "OpenIDConnectProviderList";
    json_array_foreach(list, i, item)
    {
        const char *arn = NULL;
        size_t place = 0;
        take->origin.item = (uint32_t)i;
        if (irsa_take_required(take, item, "Arn", &arn) != 0
            || find_or_add(take, arn, "Arn", &place) != 0)
            return -1;
        struct irsa_provider *provider = &take->facts->providers[place];
        irsa_origins_add(&provider->listed_origins, &take->origin);
        if (complete)
            irsa_map_put(&index->listed[IRSA_LISTING_PROVIDERS], provider->account, 1);
    }
    if (complete && json_array_size(list) == 0)
        index->empty_listing[IRSA_LISTING_PROVIDERS] = true;
    take->origin.list = NULL;
    take->origin.item = UINT32_MAX;
    return 0;
}

static int keep_detail(struct irsa_take *take, const json_t *document)
{
    struct irsa_facts_index *index = take->facts->index;
    const char *url = NULL;
    const char *arn = NULL;
    if (irsa_take_required(take, document, "Url", &url) != 0
        || irsa_take_string(take, document, "OpenIDConnectProviderArn", &arn) != 0
        || (!arn && irsa_take_string(take, document, "Arn", &arn) != 0))
        return -1;
    index->provider_pieces = irsa_grow(index->provider_pieces, index->provider_piece_count,
                                       sizeof(*index->provider_pieces));
    index->provider_pieces[index->provider_piece_count++] = (struct irsa_provider_piece){
        .origin = take->origin,
        .arn = arn ? irsa_strdup(arn) : NULL,
        .content = json_incref((json_t *)document),
    };
    return 0;
}

int irsa_take_providers(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    json_t *list = NULL;
    if (irsa_take_array(take, document, "OpenIDConnectProviderList", &list) != 0)
        return -1;
    if (list) {
        *ret_known = true;
        if (take_listing(take, document, list) != 0)
            return -1;
    }
    if (!json_object_get(document, "Url") || !json_object_get(document, "ClientIDList"))
        return 0;
    *ret_known = true;
    return keep_detail(take, document);
}

/* The ARN of the one provider known by a listing whose host and path are those; NULL where there is
 * none or more than one. */
static const char *listed_arn(const struct irsa_facts *facts, const char *host_path)
{
    const char *arn = NULL;
    for (size_t i = 0; i < facts->provider_count; i++) {
        if (strcmp(facts->providers[i].host_path, host_path) != 0
            || facts->providers[i].listed_origins.len == 0)
            continue;
        if (arn)
            return NULL;
        arn = facts->providers[i].arn;
    }
    return arn;
}

static int arn_of_piece(const struct irsa_take *take, const struct irsa_provider_piece *piece,
                        char **ret)
{
    const char *url = irsa_json_string(piece->content, "Url", NULL);
    const char *host_path = irsa_has_prefix(url, "https://") ? url + strlen("https://") : url;
    const char *partition = NULL;
    const char *arn = piece->arn ? piece->arn : listed_arn(take->facts, host_path);
    const char *account = irsa_home_account(take->facts, &partition);
    if (arn) {
        *ret = irsa_strdup(arn);
        return 0;
    }
    if (!account) {
        (void)irsa_take_fail(take, "Url", "the account of this provider can't be told");
        return irsa_hint(take->reterr,
                         "add the answer of `aws sts get-caller-identity`, or the key "
                         "\"OpenIDConnectProviderArn\"");
    }
    *ret = irsa_provider_arn_text(partition, account, host_path);
    return 0;
}

/* Client ids and thumbprints are sets: their order says nothing. */
static int merge_set(const struct irsa_take *take, const struct irsa_provider *provider,
                     const char *what, const char *field, struct irsa_strings *have, bool first,
                     const json_t *content)
{
    irsa_auto_strings now = {0};
    if (irsa_take_strings(take, content, field, &now) != 0)
        return -1;
    if (first) {
        *have = now;
        now = (struct irsa_strings){0};
        return 0;
    }
    bool same = now.len == have->len;
    for (size_t i = 0; i < now.len && same; i++)
        same = irsa_strings_has(have, now.items[i]);
    return same ? 0 : irsa_copies_differ(take, &provider->origins, what, field, NULL, NULL);
}

static int join_one(struct irsa_take *take, const struct irsa_provider_piece *piece)
{
    irsa_autofree char *arn = NULL;
    size_t place = 0;
    take->origin = piece->origin;
    if (arn_of_piece(take, piece, &arn) != 0
        || find_or_add(take, arn, piece->arn ? "OpenIDConnectProviderArn" : "Url", &place) != 0)
        return -1;
    struct irsa_provider *provider = &take->facts->providers[place];
    irsa_autofree char *what = irsa_format("OIDC provider %s", arn);
    bool first = !provider->detail_seen;
    if (irsa_merge_string(take, &provider->origins, what, "Url", &provider->url,
                          irsa_json_string(piece->content, "Url", NULL))
            != 0
        || merge_set(take, provider, what, "ClientIDList", &provider->client_ids, first,
                     piece->content)
               != 0
        || merge_set(take, provider, what, "ThumbprintList", &provider->thumbprints, first,
                     piece->content)
               != 0)
        return -1;
    provider->detail_seen = true;
    irsa_origins_add(&provider->origins, &take->origin);
    return 0;
}

int irsa_join_providers(struct irsa_take *take)
{
    struct irsa_facts_index *index = take->facts->index;
    for (size_t i = 0; i < index->provider_piece_count; i++) {
        if (join_one(take, &index->provider_pieces[i]) != 0)
            return -1;
    }
    return 0;
}
