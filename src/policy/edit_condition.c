/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

/* --- lost wrappers ---------------------------------------------------------------------------- */

static bool is_operator(const char *name)
{
    struct irsa_operator op;
    if (irsa_operator_parse(name, &op))
        return true;
    irsa_autofree char *suggestion = irsa_operator_suggest(name);
    return suggestion != NULL;
}

/* Operators that stand in the statement itself go into its Condition. */
static void wrap_operators(struct irsa_repair *repair)
{
    json_t *statement = repair->statement;
    irsa_auto_strings lost = {0};
    const char *before = NULL;
    const char *key;
    json_t *member;
    json_object_foreach(statement, key, member)
    {
        if (json_is_object(member) && is_operator(key))
            irsa_strings_add(&lost, key);
        else if (lost.len == 0)
            before = key;
    }
    if (lost.len == 0)
        return;
    if (!json_is_object(json_object_get(statement, "Condition"))) {
        irsa_autofree char *after = before ? irsa_strdup(before) : NULL;
        irsa_edit_insert(statement, after, "Condition", json_object());
    }
    json_t *condition = json_object_get(statement, "Condition");
    for (size_t i = 0; i < lost.len; i++) {
        const char *name = lost.items[i];
        json_t *keys = json_object_get(condition, name);
        if (keys)
            (void)json_object_update_missing(keys, json_object_get(statement, name));
        else
            (void)json_object_set(condition, name, json_object_get(statement, name));
        (void)json_object_del(statement, name);
        irsa_repair_note(repair, "%s: moved into Condition", name);
    }
}

/* --- values ----------------------------------------------------------------------------------- */

static void flatten_into(json_t *array, const json_t *values)
{
    for (size_t i = 0; i < json_array_size(values); i++) {
        json_t *value = json_array_get(values, i);
        if (json_is_array(value))
            flatten_into(array, value);
        else
            (void)json_array_append(array, value);
    }
}

/* A new reference; arrays in arrays, which IAM refuses, become one. */
static json_t *flat_values(json_t *values, bool *ret_changed)
{
    *ret_changed = false;
    for (size_t i = 0; i < json_array_size(values); i++)
        *ret_changed = *ret_changed || json_is_array(json_array_get(values, i));
    if (!*ret_changed)
        return json_incref(values);
    json_t *array = json_array();
    flatten_into(array, values);
    return array;
}

static bool names_a_subject(const struct irsa_edit *edit, const json_t *values)
{
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *text = irsa_value_text(values, i);
        if (text && irsa_edit_likeness(edit, text) != IRSA_LIKE_NOTHING)
            return true;
    }
    return false;
}

static bool names_an_audience(const struct irsa_edit *edit, const json_t *values)
{
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *text = irsa_value_text(values, i);
        if (text && (strcmp(text, edit->wish->audience) == 0 || strstr(text, "amazonaws")))
            return true;
    }
    return false;
}

/* --- operators and keys ----------------------------------------------------------------------- */

/* What a claim is compared with: strings. The caller's; the operator itself where it will do. */
static char *operator_for(const char *name, bool is_claim)
{
    struct irsa_operator op;
    irsa_autofree char *suggestion = NULL;
    if (!irsa_operator_parse(name, &op)) {
        suggestion = irsa_operator_suggest(name);
        if (!suggestion || !irsa_operator_parse(suggestion, &op))
            return irsa_strdup(is_claim ? "StringEquals" : name);
    }
    bool strings = op.family == IRSA_FAMILY_STRING || op.family == IRSA_FAMILY_STRING_CASE
                   || op.family == IRSA_FAMILY_STRING_LIKE || op.family == IRSA_FAMILY_NULL;
    if (is_claim && !strings && !op.negated)
        return irsa_strdup("StringEquals");
    return suggestion ? irsa_steal(&suggestion) : irsa_strdup(name);
}

/* The claim that was meant: what the values look like tells where :sub and :aud were mixed up. */
static enum irsa_claim claim_meant(const struct irsa_edit *edit, enum irsa_claim claim,
                                   const json_t *values)
{
    if (claim == IRSA_CLAIM_SUB && names_an_audience(edit, values)
        && !names_a_subject(edit, values))
        return IRSA_CLAIM_AUD;
    if (claim == IRSA_CLAIM_SUB)
        return IRSA_CLAIM_SUB;
    if (names_a_subject(edit, values))
        return IRSA_CLAIM_SUB;
    return IRSA_CLAIM_AUD;
}

static const char *key_for(const struct irsa_edit *edit, const char *key, enum irsa_side side,
                           enum irsa_claim claim, enum irsa_claim meant)
{
    if (side == IRSA_SIDE_OURS && claim == meant)
        return key;
    return meant == IRSA_CLAIM_SUB ? edit->sub_key : edit->aud_key;
}

/* Puts one test into the new Condition; false where two tests of one key would have to become one.
 */
static bool place(struct irsa_repair *repair, json_t *condition, const char *operator_,
                  const char *key, json_t *values)
{
    const struct irsa_edit *edit = repair->edit;
    enum irsa_claim claim = IRSA_CLAIM_NONE;
    enum irsa_side side = irsa_edit_key_side(edit, key, &claim);
    bool is_claim = side != IRSA_SIDE_NONE;
    bool flattened = false;
    json_auto_t *flat = flat_values(values, &flattened);
    const char *new_key = key;
    if (is_claim)
        new_key = key_for(edit, key, side, claim, claim_meant(edit, claim, flat));
    irsa_autofree char *new_operator = operator_for(operator_, is_claim);
    json_t *keys = json_object_get(condition, new_operator);
    if (!keys) {
        (void)json_object_set_new(condition, new_operator, json_object());
        keys = json_object_get(condition, new_operator);
    }
    json_t *there = json_object_get(keys, new_key);
    if (there && !json_equal(there, flat))
        return false;
    (void)json_object_set(keys, new_key, flat);
    if (strcmp(key, new_key) != 0)
        irsa_repair_note(repair, "Condition.%s: key \"%s\" renamed \"%s\"", new_operator, key,
                         new_key);
    if (strcmp(operator_, new_operator) != 0)
        irsa_repair_note(repair, "Condition: operator \"%s\" of \"%s\" replaced by \"%s\"",
                         operator_, new_key, new_operator);
    if (flattened)
        irsa_repair_note(repair, "Condition.%s.%s: array in an array made one", new_operator,
                         new_key);
    return true;
}

bool irsa_repair_condition_keys(struct irsa_repair *repair)
{
    wrap_operators(repair);
    json_t *old = json_object_get(repair->statement, "Condition");
    if (!json_is_object(old))
        return false;
    size_t notes = repair->notes.len;
    json_auto_t *condition = json_object();
    const char *operator_;
    json_t *keys;
    json_object_foreach(old, operator_, keys)
    {
        if (!json_is_object(keys)) {
            /* a key where its operator should be */
            irsa_repair_note(repair, "Condition.%s: operator StringEquals added", operator_);
            if (!place(repair, condition, "StringEquals", operator_, keys))
                return false;
            continue;
        }
        const char *key;
        json_t *values;
        json_object_foreach(keys, key, values)
        {
            if (!place(repair, condition, operator_, key, values))
                return false;
        }
    }
    if (repair->notes.len > notes)
        (void)json_object_set(repair->statement, "Condition", condition);
    return true;
}
