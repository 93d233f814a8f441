/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

size_t irsa_edit_statement_count(const json_t *document)
{
    const json_t *statements = json_object_get(document, "Statement");
    if (json_is_object(statements))
        return 1;
    return json_array_size(statements);
}

json_t *irsa_edit_statement(const json_t *document, size_t index)
{
    json_t *statements = json_object_get(document, "Statement");
    json_t *statement =
        json_is_object(statements) && index == 0 ? statements : json_array_get(statements, index);
    return json_is_object(statement) ? statement : NULL;
}

json_t *irsa_edit_with_statement(const json_t *document, size_t index, const json_t *statement)
{
    json_t *copy = json_deep_copy(document);
    json_t *statements = json_object_get(copy, "Statement");
    if (json_is_array(statements))
        (void)json_array_set_new(statements, index, json_deep_copy(statement));
    else
        (void)json_object_set_new(copy, "Statement", json_deep_copy(statement));
    return copy;
}

/* Takes the object apart and puts it together again: jansson keeps the order of insertion. */
static void rebuild(json_t *object, const json_t *in_new_order)
{
    json_object_clear(object);
    (void)json_object_update(object, (json_t *)in_new_order);
}

void irsa_edit_rename(json_t *object, const char *old, const char *key, json_t *value)
{
    json_auto_t *replacement = value;
    json_auto_t *ordered = json_object();
    const char *name;
    json_t *member;
    json_object_foreach(object, name, member)
    {
        bool here = strcmp(name, old) == 0;
        (void)json_object_set(ordered, here ? key : name,
                              here && replacement ? replacement : member);
    }
    rebuild(object, ordered);
}

void irsa_edit_insert(json_t *object, const char *after, const char *key, json_t *value)
{
    json_auto_t *stolen = value;
    json_auto_t *ordered = json_object();
    bool behind = after && json_object_get(object, after);
    if (!behind)
        (void)json_object_set(ordered, key, stolen);
    const char *name;
    json_t *member;
    json_object_foreach(object, name, member)
    {
        if (strcmp(name, key) != 0)
            (void)json_object_set(ordered, name, member);
        if (behind && strcmp(name, after) == 0)
            (void)json_object_set(ordered, key, stolen);
    }
    rebuild(object, ordered);
}

void irsa_edit_set_value(json_t *object, const char *key, size_t index, const char *value)
{
    json_t *values = json_object_get(object, key);
    if (json_is_array(values))
        (void)json_array_set_new(values, index, json_string(value));
    else
        (void)json_object_set_new(object, key, json_string(value));
}

void irsa_edit_add_value(json_t *object, const char *key, const char *value)
{
    json_t *values = json_object_get(object, key);
    if (json_is_array(values)) {
        (void)json_array_append_new(values, json_string(value));
        return;
    }
    json_t *array = json_array();
    if (values)
        (void)json_array_append(array, values);
    (void)json_array_append_new(array, json_string(value));
    (void)json_object_set_new(object, key, array);
}

const char *irsa_edit_find_key(json_t *object, const char *name)
{
    if (!json_is_object(object))
        return NULL;
    const char *key;
    json_t *member;
    json_object_foreach(object, key, member)
    {
        if (strcasecmp(key, name) == 0)
            return key;
    }
    return NULL;
}
