/* SPDX-License-Identifier: Apache-2.0 */
/* Reads that were refused, in as few lines as tell them all: an answer with gaps must not look like
 * one without. */
#include "cli/session.h"

#define DISCOVERY "get /.well-known/openid-configuration"

/* Kubernetes' reads of one verb in one place, or one action of AWS. */
struct group {
    const char *action; /* of AWS; NULL: of Kubernetes */
    char *verb;
    struct irsa_strings resources;
    struct irsa_strings places; /* namespaces; none: everywhere */
};

static void group_done(struct group *group)
{
    free(group->verb);
    irsa_strings_done(&group->resources);
    irsa_strings_done(&group->places);
}

static bool same_strings(const struct irsa_strings *a, const struct irsa_strings *b)
{
    for (size_t i = 0; a->len == b->len && i < a->len; i++) {
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    }
    return a->len == b->len;
}

static bool is_of(const struct group *group, const char *verb, const char *place)
{
    if (!group->verb || strcmp(group->verb, verb) != 0)
        return false;
    return place ? group->places.len == 1 && strcmp(group->places.items[0], place) == 0
                 : group->places.len == 0;
}

struct groups {
    struct group *items;
    size_t len;
};

static struct group *add_group(struct groups *groups)
{
    groups->items = irsa_grow(groups->items, groups->len, sizeof(*groups->items));
    groups->items[groups->len] = (struct group){0};
    return &groups->items[groups->len++];
}

static void add_new(struct irsa_strings *strings, const char *text)
{
    if (!irsa_strings_has(strings, text))
        irsa_strings_add(strings, text);
}

/* "list pods" in a namespace or everywhere; a namespace itself is its own place. */
static void add_kubernetes(struct groups *groups, const struct irsa_denied *denied)
{
    const char *blank = strchr(denied->action, ' ');
    irsa_autofree char *verb = irsa_strndup(denied->action, (size_t)(blank - denied->action));
    bool itself = strcmp(denied->action, "get namespaces") == 0 && denied->resource;
    const char *place = itself ? NULL : denied->resource;
    irsa_autofree char *resource =
        itself ? irsa_format("namespaces %s", denied->resource) : irsa_strdup(blank + 1);
    struct group *group = NULL;
    for (size_t i = 0; i < groups->len && !group; i++)
        group = is_of(&groups->items[i], verb, place) ? &groups->items[i] : NULL;
    if (!group) {
        group = add_group(groups);
        group->verb = irsa_steal(&verb);
        if (place)
            irsa_strings_add(&group->places, place);
    }
    add_new(&group->resources, resource);
}

static void add_aws(struct groups *groups, const struct irsa_denied *denied)
{
    for (size_t i = 0; i < groups->len; i++) {
        if (groups->items[i].action && strcmp(groups->items[i].action, denied->action) == 0)
            return;
    }
    add_group(groups)->action = denied->action;
}

/* Places where the same is refused become one line. */
static void join_places(struct groups *groups)
{
    for (size_t i = 0; i < groups->len; i++) {
        struct group *into = &groups->items[i];
        for (size_t k = i + 1; k < groups->len && into->places.len > 0; k++) {
            struct group *other = &groups->items[k];
            if (other->places.len != 1 || strcmp(into->verb, other->verb) != 0
                || !same_strings(&into->resources, &other->resources))
                continue;
            irsa_strings_add(&into->places, other->places.items[0]);
            group_done(other);
            *other = (struct group){0};
        }
    }
}

static void say(const struct group *group)
{
    if (group->action) {
        irsa_log(IRSA_LOG_WARNING, "%s was denied: what it shows is not known", group->action);
        return;
    }
    if (!group->verb)
        return; /* told by another */
    bool several = group->resources.len > 1 || group->places.len > 1;
    irsa_autofree char *resources = irsa_strings_join(&group->resources, ", ", " and ");
    irsa_autofree char *places = irsa_strings_join(&group->places, ", ", " and ");
    const char *in = group->places.len > 1 ? " in namespaces " : " in namespace ";
    irsa_log(IRSA_LOG_WARNING, "%s %s%s%s %s denied: what %s is not known", group->verb, resources,
             group->places.len > 0 ? in : "", places, several ? "were" : "was",
             several ? "they show" : "it shows");
}

void irsa_warn_of_denied(const struct irsa_facts *facts)
{
    struct groups groups = {0};
    for (size_t i = 0; i < facts->denied_count; i++) {
        const struct irsa_denied *denied = &facts->denied[i];
        if (strcmp(denied->action, DISCOVERY) == 0)
            irsa_log(IRSA_LOG_WARNING,
                     "%s was denied: whether the API server has the issuer that EKS says the "
                     "cluster has was not compared",
                     denied->action);
        else if (irsa_denied_by_kubernetes(denied))
            add_kubernetes(&groups, denied);
        else
            add_aws(&groups, denied);
    }
    join_places(&groups);
    for (size_t i = 0; i < groups.len; i++) {
        say(&groups.items[i]);
        group_done(&groups.items[i]);
    }
    free(groups.items);
}
