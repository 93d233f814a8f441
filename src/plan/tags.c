/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of what is created: the template's, those of irsa-fix.ini, and the cluster that it is for.
 * They stand in the change, since that is what people approve. */
#include "plan/draft.h"

static json_t *tag_of(json_t *tags, const char *key)
{
    size_t i;
    json_t *tag;
    json_array_foreach(tags, i, tag)
    {
        const char *name = json_string_value(json_object_get(tag, "Key"));
        if (name && strcmp(name, key) == 0)
            return tag;
    }
    return NULL;
}

static void set_tag(json_t *object, const char *key, json_t *value, bool override)
{
    json_t *tags = json_object_get(object, "Tags");
    if (!json_is_array(tags)) {
        tags = json_array();
        (void)json_object_set_new(object, "Tags", tags);
    }
    json_t *tag = tag_of(tags, key);
    if (tag && !override)
        return;
    if (!tag) {
        tag = json_object();
        (void)json_object_set_new(tag, "Key", json_string(key));
        (void)json_array_append_new(tags, tag);
    }
    (void)json_object_set(tag, "Value", value);
}

void irsa_plan_tags(json_t *object, const json_t *wanted, bool override)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)wanted, key, value)
    {
        set_tag(object, key, value, override);
    }
}

void irsa_plan_tag_cluster(const struct irsa_builder *builder, json_t *object)
{
    const char *cluster = builder->plan->bindings.scope.cluster_name;
    if (!cluster)
        return;
    json_auto_t *value = json_string(cluster);
    set_tag(object, "irsa-fix:cluster", value, false);
}
