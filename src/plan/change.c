/* SPDX-License-Identifier: Apache-2.0 */
/* One change: its diff, and its way into a journal and back. */
#include "plan/draft.h"

void irsa_change_done(struct irsa_change *change)
{
    free(change->id);
    free(change->target);
    json_decref(change->before);
    json_decref(change->after);
    free(change->diff);
    irsa_strings_done(&change->because);
    irsa_strings_done(&change->notes);
    irsa_strings_done(&change->semantic);
    free(change->bindings);
    *change = (struct irsa_change){0};
}

static char *value_text(const struct irsa_change *change, const json_t *value)
{
    if (!value)
        return NULL;
    struct irsa_buf buf = {0};
    if (change->kind >= IRSA_OBJECT_NAMESPACE)
        irsa_yaml_write(value, &buf);
    else
        irsa_json_write(value, &buf);
    return irsa_buf_steal(&buf);
}

char *irsa_change_diff(const struct irsa_change *change)
{
    irsa_autofree char *before = value_text(change, change->before);
    irsa_autofree char *after = value_text(change, change->after);
    irsa_autofree char *name =
        irsa_format("%s %s", irsa_object_kind_text(change->kind), change->target);
    struct irsa_buf buf = {0};
    irsa_diff_unified(before, after, name, name, &buf);
    return irsa_buf_steal(&buf);
}

/* --- as JSON ---------------------------------------------------------------------------------- */

static json_t *value_or_null(json_t *value)
{
    return value ? json_incref(value) : json_null();
}

json_t *irsa_change_json(const struct irsa_change *change)
{
    json_t *because = json_array();
    for (size_t i = 0; i < change->because.len; i++)
        (void)json_array_append_new(because, json_string(change->because.items[i]));
    json_t *json = json_object();
    (void)json_object_set_new(json, "id", json_string(change->id));
    (void)json_object_set_new(json, "action", json_string(irsa_action_text(change->action)));
    (void)json_object_set_new(json, "kind", json_string(irsa_object_kind_text(change->kind)));
    (void)json_object_set_new(json, "target", json_string(change->target));
    (void)json_object_set_new(json, "before", value_or_null(change->before));
    (void)json_object_set_new(json, "after", value_or_null(change->after));
    (void)json_object_set_new(json, "class", json_string(irsa_class_text(change->class_)));
    (void)json_object_set_new(json, "because", because);
    return json;
}

static bool read_action(const char *text, enum irsa_action *ret)
{
    for (int i = IRSA_ACTION_CREATE; text && i <= IRSA_ACTION_DELETE; i++) {
        if (strcmp(irsa_action_text((enum irsa_action)i), text) == 0) {
            *ret = (enum irsa_action)i;
            return true;
        }
    }
    return false;
}

static bool read_kind(const char *text, enum irsa_object_kind *ret)
{
    for (int i = 0; text && i < IRSA_OBJECT_MAX_; i++) {
        if (strcmp(irsa_object_kind_text((enum irsa_object_kind)i), text) == 0) {
            *ret = (enum irsa_object_kind)i;
            return true;
        }
    }
    return false;
}

/* A side of the change: null where there is nothing. */
static json_t *read_side(const json_t *json, const char *key)
{
    json_t *value = json_object_get(json, key);
    return json_is_null(value) ? NULL : json_incref(value);
}

int irsa_change_read(const char *name, const json_t *json, struct irsa_change *ret,
                     struct irsa_error **reterr)
{
    const char *id = irsa_json_string(json, "id", NULL);
    const char *target = irsa_json_string(json, "target", NULL);
    const char *class_ = irsa_json_string(json, "class", NULL);
    struct irsa_change change = {0};
    if (!id || !target || !read_action(irsa_json_string(json, "action", NULL), &change.action)
        || !read_kind(irsa_json_string(json, "kind", NULL), &change.kind)
        || (class_ && !irsa_class_parse(class_, &change.class_)))
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: no change that this irsa-fix knows", name);
    change.id = irsa_strdup(id);
    change.target = irsa_strdup(target);
    change.before = read_side(json, "before");
    change.after = read_side(json, "after");
    change.diff = irsa_change_diff(&change);
    size_t i = 0;
    json_t *code = NULL;
    json_array_foreach(json_object_get(json, "because"), i, code)
    {
        if (json_is_string(code))
            irsa_strings_add(&change.because, json_string_value(code));
    }
    *ret = change;
    return 0;
}

void irsa_plan_add(struct irsa_plan *plan, struct irsa_change *change)
{
    if (change->held_back)
        plan->held_back++;
    else if (change->action == IRSA_ACTION_CREATE)
        plan->creates++;
    else if (change->action == IRSA_ACTION_UPDATE)
        plan->updates++;
    else
        plan->deletes++;
    plan->changes[plan->change_count++] = *change;
    *change = (struct irsa_change){0};
}
