/* SPDX-License-Identifier: Apache-2.0 */
/* OIDC providers
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html). */
#include "world/live.h"

static json_t *of_provider(const struct live_write *write)
{
    return json_pack("{s:s}", "OpenIDConnectProviderArn", write->change->target);
}

/* The provider as it is now; *ret is NULL where there is none. */
static int read_now(struct live_write *write, json_t **ret)
{
    struct irsa_aws_call call = {0};
    int r = irsa_live_call(write, IRSA_IAM_GET_PROVIDER, of_provider(write), &call);
    *ret = NULL;
    if (r == 0)
        *ret = json_incref(call.answer);
    else if (irsa_aws_failed_with(&call, "NoSuchEntity"))
        r = 0;
    else
        *write->reterr = irsa_steal(&call.error);
    irsa_aws_call_done(&call);
    return r;
}

static bool has(const json_t *array, const json_t *value)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(array, i, item)
    {
        if (json_equal(item, (json_t *)value))
            return true;
    }
    return false;
}

/* What of a provider changes: sets, of which IAM takes the first one by one, the second whole. */
static const char *const lists[] = {"ClientIDList", "ThumbprintList"};

/* Every value of `part` is in `whole`. */
static bool covers(const json_t *whole, const json_t *part)
{
    for (size_t n = 0; n < IRSA_COUNT(lists); n++) {
        size_t i = 0;
        json_t *item = NULL;
        json_array_foreach(json_object_get(part, lists[n]), i, item)
        {
            if (!has(json_object_get(whole, lists[n]), item))
                return false;
        }
    }
    return true;
}

/* Is `item` in one side of the change, and not in the other? */
static bool only_in(const char *list, const json_t *one, const json_t *other, const json_t *item)
{
    return has(json_object_get(one, list), item) && !has(json_object_get(other, list), item);
}

/* No value that only `before` has is left. */
static bool is_rid_of(const json_t *now, const struct irsa_change *change)
{
    for (size_t n = 0; n < IRSA_COUNT(lists); n++) {
        size_t i = 0;
        json_t *item = NULL;
        json_array_foreach(json_object_get(now, lists[n]), i, item)
        {
            if (only_in(lists[n], change->before, change->after, item))
                return false;
        }
    }
    return true;
}

/* What shall stay is there; what shall go may be gone. */
static bool keeps(const json_t *now, const struct irsa_change *change)
{
    for (size_t n = 0; n < IRSA_COUNT(lists); n++) {
        size_t i = 0;
        json_t *item = NULL;
        json_array_foreach(json_object_get(change->before, lists[n]), i, item)
        {
            if (has(json_object_get(change->after, lists[n]), item)
                && !has(json_object_get(now, lists[n]), item))
                return false;
        }
    }
    return true;
}

/* 1: as wanted. */
static int holds(struct live_write *write)
{
    json_auto_t *now = NULL;
    if (read_now(write, &now) != 0)
        return -1;
    if (!write->change->after)
        return now ? 0 : 1;
    return now && covers(now, write->change->after) && is_rid_of(now, write->change) ? 1 : 0;
}

/* --- creating --------------------------------------------------------------------------------- */

static int create(struct live_write *write, const json_t *now)
{
    const json_t *after = write->change->after;
    const char *host_path = irsa_json_string(after, "Url", NULL);
    if (now)
        return covers(now, after) ? 0
                                  : irsa_live_conflict(write, "it exists, with other audiences "
                                                              "or thumbprints");
    irsa_autofree char *url = irsa_format("https://%s", host_path);
    json_auto_t *parameters =
        json_pack("{s:s,s:O}", "Url", url, "ClientIDList", json_object_get(after, "ClientIDList"));
    json_t *thumbprints = json_object_get(after, "ThumbprintList");
    if (json_array_size(thumbprints) > 0)
        json_object_set(parameters, "ThumbprintList", thumbprints);
    json_t *tags = json_object_get(after, "Tags");
    if (tags)
        json_object_set(parameters, "Tags", tags);
    return irsa_live_create(write, IRSA_IAM_CREATE_PROVIDER, json_incref(parameters),
                            "the new OIDC provider", holds);
}

/* --- changing --------------------------------------------------------------------------------- */

/* Adds or removes the client ids that only `to` has, as far as they are not so already. */
static int send_client_ids(struct live_write *write, const json_t *now, const json_t *from,
                           const json_t *to, bool add)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(json_object_get(to, "ClientIDList"), i, item)
    {
        if (has(json_object_get(from, "ClientIDList"), item)
            || has(json_object_get(now, "ClientIDList"), item) == add)
            continue;
        json_t *parameters = of_provider(write);
        json_object_set(parameters, "ClientID", item);
        if (irsa_live_send(write, add ? IRSA_IAM_ADD_CLIENT_ID : IRSA_IAM_REMOVE_CLIENT_ID,
                           parameters, false)
            != 0)
            return -1;
    }
    return 0;
}

/* "The list that you pass with this operation completely replaces the existing list of
 * thumbprints", and it is required
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html):
 * what somebody else added since the plan stays. NULL where the change is not about them. */
static json_t *wanted_thumbprints(const struct irsa_change *change, const json_t *now)
{
    const json_t *after = json_object_get(change->after, lists[1]);
    json_t *whole = json_array();
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(json_object_get(now, lists[1]), i, item)
    {
        if (!only_in(lists[1], change->before, change->after, item))
            json_array_append(whole, item);
    }
    json_array_foreach(after, i, item)
    {
        if (!has(whole, item))
            json_array_append(whole, item);
    }
    if (after && !json_equal(whole, json_object_get(now, lists[1])))
        return whole;
    json_decref(whole);
    return NULL;
}

static int send_thumbprints(struct live_write *write, json_t *wanted)
{
    json_t *parameters = of_provider(write);
    json_object_set(parameters, lists[1], wanted);
    return irsa_live_send(write, IRSA_IAM_UPDATE_THUMBPRINT, parameters, false);
}

static int update(struct live_write *write, const json_t *now)
{
    const struct irsa_change *change = write->change;
    if (!now)
        return irsa_live_conflict(write, "it is not there any more");
    if (covers(now, change->after) && is_rid_of(now, change))
        return 0;
    if (!keeps(now, change))
        return irsa_live_conflict(write, "its audiences or thumbprints were changed");
    json_auto_t *thumbprints = wanted_thumbprints(change, now);
    if (thumbprints && json_array_size(thumbprints) == 0) {
        (void)irsa_fail(write->reterr, IRSA_E_LIMIT,
                        "%s had no thumbprint before, and IAM takes no empty list of them",
                        change->target);
        return irsa_hint(write->reterr, "give it another one with --thumbprint, or delete it");
    }
    if (send_client_ids(write, now, change->before, change->after, true) != 0
        || send_client_ids(write, now, change->after, change->before, false) != 0
        || (thumbprints && send_thumbprints(write, thumbprints) != 0))
        return -1;
    return irsa_live_wait(write, "the provider's new settings", holds);
}

static int remove_provider(struct live_write *write, const json_t *now)
{
    if (!now)
        return 0;
    bool known = json_object_get(write->change->before, "ClientIDList") != NULL;
    if (known && (!covers(now, write->change->before) || !covers(write->change->before, now)))
        return irsa_live_conflict(write, "its audiences were changed");
    if (irsa_live_send(write, IRSA_IAM_DELETE_PROVIDER, of_provider(write), false) != 0)
        return -1;
    return irsa_live_wait(write, "the provider to be gone", holds);
}

int irsa_live_provider(struct live_write *write)
{
    json_auto_t *now = NULL;
    if (read_now(write, &now) != 0)
        return -1;
    switch (write->change->action) {
    case IRSA_ACTION_CREATE:
        return create(write, now);
    case IRSA_ACTION_DELETE:
        return remove_provider(write, now);
    default:
        return update(write, now);
    }
}
