/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

/* A literal wildcard of the author's, kept for the alternative that turns it into a pattern. */
struct wildcard {
    const char *operator_;
    const char *key;
    size_t index;
    char *pattern;
};

static json_t *condition_of(const struct irsa_repair *repair)
{
    return json_object_get(repair->statement, "Condition");
}

/* The operator's form that takes wildcards: qualifiers and IfExists stay. The caller's. */
static char *like_operator(const char *name)
{
    const char *equals = strstr(name, "StringEquals");
    if (!equals)
        return irsa_strdup(name);
    const char *rest = equals + strlen("StringEquals");
    if (irsa_has_prefix(rest, "IgnoreCase"))
        rest += strlen("IgnoreCase");
    return irsa_format("%.*sStringLike%s", (int)(equals - name), name, rest);
}

/* The Condition in which the author's wildcard is a pattern. */
static void keep_pattern(struct irsa_repair *repair, const struct wildcard *wildcard)
{
    json_auto_t *condition = json_deep_copy(condition_of(repair));
    json_t *keys = json_object_get(condition, wildcard->operator_);
    irsa_edit_set_value(keys, wildcard->key, wildcard->index, wildcard->pattern);
    irsa_autofree char *like = like_operator(wildcard->operator_);
    if (strcmp(like, wildcard->operator_) != 0) {
        json_auto_t *values = json_incref(json_object_get(keys, wildcard->key));
        (void)json_object_del(keys, wildcard->key);
        json_t *likes = json_object_get(condition, like);
        if (likes)
            (void)json_object_set(likes, wildcard->key, values);
        else
            irsa_edit_insert(condition, wildcard->operator_, like,
                             json_pack("{s:O}", wildcard->key, values));
        if (json_object_size(keys) == 0)
            (void)json_object_del(condition, wildcard->operator_);
    }
    json_decref(repair->pattern);
    repair->pattern = json_incref(condition);
}

/* --- :sub ------------------------------------------------------------------------------------- */

static size_t nearest_value(const struct irsa_edit *edit, const json_t *values,
                            enum irsa_likeness *ret_likeness)
{
    size_t best = 0;
    *ret_likeness = IRSA_LIKE_NOTHING;
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *text = irsa_value_text(values, i);
        enum irsa_likeness likeness = text ? irsa_edit_likeness(edit, text) : IRSA_LIKE_NOTHING;
        if (likeness > *ret_likeness) {
            best = i;
            *ret_likeness = likeness;
        }
    }
    return best;
}

static bool subject_missing(const struct irsa_edit *edit, const char *value)
{
    const struct irsa_trust_wish *wish = edit->wish;
    return wish->subject_missing && wish->subject_missing(wish->context, wish->issuer, value);
}

/* True when the value can let nobody in, so that ours may take its place. */
static bool is_void(const struct irsa_edit *edit, const json_t *values, size_t index,
                    enum irsa_likeness likeness, bool literal)
{
    const char *text = irsa_value_text(values, index);
    if (!text || likeness == IRSA_LIKE_GUESS)
        return true;
    if (likeness == IRSA_LIKE_WILD)
        return literal;
    bool alone = irsa_value_count(values) == 1;
    if (alone && (irsa_edit_subject_malformed(text) || (literal && irsa_has_wildcard(text))))
        return true;
    return (alone || likeness == IRSA_LIKE_NEAR) && subject_missing(edit, text);
}

static void repair_subject(struct irsa_repair *repair, const char *operator_, const char *key,
                           bool literal)
{
    const struct irsa_edit *edit = repair->edit;
    json_t *keys = json_object_get(condition_of(repair), operator_);
    json_t *values = json_object_get(keys, key);
    enum irsa_likeness likeness;
    size_t at = nearest_value(edit, values, &likeness);
    const char *subject = edit->wish->subject;
    if (json_array_size(values) == 0 && json_is_array(values)) {
        irsa_repair_note(repair, "Condition.%s.%s: + \"%s\"", operator_, key, subject);
        irsa_edit_add_value(keys, key, subject);
        return;
    }
    if (!is_void(edit, values, at, likeness, literal)) {
        repair->joined = true;
        irsa_repair_note(repair, "Condition.%s.%s: + \"%s\"", operator_, key, subject);
        irsa_edit_add_value(keys, key, subject);
        return;
    }
    const char *text = irsa_value_text(values, at);
    irsa_autofree char *old = irsa_strdup(text ? text : "");
    irsa_repair_note(repair, "Condition.%s.%s: \"%s\" replaced by \"%s\"", operator_, key, old,
                     subject);
    irsa_edit_set_value(keys, key, at, subject);
    irsa_autofree char *pattern =
        likeness == IRSA_LIKE_WILD ? irsa_strdup(old) : irsa_edit_mend_pattern(edit, old);
    if (pattern && irsa_has_wildcard(pattern)) {
        struct wildcard wildcard = {operator_, key, at, pattern};
        keep_pattern(repair, &wildcard);
    }
}

/* --- :aud ------------------------------------------------------------------------------------- */

static void repair_audience(struct irsa_repair *repair, const char *operator_, const char *key)
{
    json_t *keys = json_object_get(condition_of(repair), operator_);
    json_t *values = json_object_get(keys, key);
    const char *audience = repair->edit->wish->audience;
    const char *old = irsa_value_text(values, 0);
    bool malformed = !old || irsa_edit_audience_malformed(old);
    /* An audience that somebody comes with stays; what let nobody in takes ours instead. */
    if (repair->lives && !malformed) {
        irsa_repair_note(repair, "Condition.%s.%s: + \"%s\"", operator_, key, audience);
        irsa_edit_add_value(keys, key, audience);
        return;
    }
    irsa_repair_note(repair, "Condition.%s.%s: \"%s\" replaced by \"%s\"", operator_, key,
                     old ? old : "", audience);
    json_t *value = json_string(audience);
    (void)json_object_set_new(keys, key, json_is_array(values) ? json_pack("[o]", value) : value);
}

/* Without :aud any audience would pass that the provider lists; before the repair none did. */
static void add_audience(struct irsa_repair *repair)
{
    json_t *condition = condition_of(repair);
    const char *host = NULL;
    const char *operator_;
    json_t *keys;
    json_object_foreach(condition, operator_, keys)
    {
        struct irsa_operator op;
        bool equals = irsa_operator_parse(operator_, &op) && op.family == IRSA_FAMILY_STRING
                      && !op.negated && !op.if_exists && op.set == IRSA_SET_NONE;
        if (irsa_edit_find_key(keys, repair->edit->aud_key))
            return;
        if (equals)
            host = operator_;
    }
    if (!host) {
        (void)json_object_set_new(condition, "StringEquals", json_object());
        host = "StringEquals";
    }
    keys = json_object_get(condition, host);
    irsa_repair_note(repair, "Condition.%s: + \"%s\": \"%s\"", host, repair->edit->aud_key,
                     repair->edit->wish->audience);
    (void)json_object_set_new(keys, repair->edit->aud_key,
                              json_string(repair->edit->wish->audience));
}

/* --- all -------------------------------------------------------------------------------------- */

static void block(struct irsa_repair *repair, const char *operator_, const char *key)
{
    if (!repair->blocked)
        repair->blocked_by =
            irsa_format("Statement[%zu].Condition.%s.%s", repair->index, operator_, key);
    repair->blocked = true;
}

static void repair_test(struct irsa_repair *repair, const char *operator_, const char *key)
{
    const struct irsa_edit *edit = repair->edit;
    json_t *values = json_object_get(json_object_get(condition_of(repair), operator_), key);
    if (irsa_edit_passes(irsa_edit_probe_key(edit, operator_, key, values)))
        return;
    struct irsa_operator op;
    bool mendable = irsa_operator_parse(operator_, &op) && !op.negated
                    && (op.family == IRSA_FAMILY_STRING || op.family == IRSA_FAMILY_STRING_CASE
                        || op.family == IRSA_FAMILY_STRING_LIKE);
    if (mendable && strcasecmp(key, edit->sub_key) == 0)
        repair_subject(repair, operator_, key, op.family != IRSA_FAMILY_STRING_LIKE);
    else if (mendable && strcasecmp(key, edit->aud_key) == 0)
        repair_audience(repair, operator_, key);
    else if (strcasecmp(key, edit->sub_key) != 0 && strcasecmp(key, edit->aud_key) != 0)
        block(repair, operator_, key);
}

static void repair_tests(struct irsa_repair *repair, bool subjects)
{
    json_auto_t *tests = json_deep_copy(condition_of(repair)); /* names, while the other changes */
    const char *operator_;
    json_t *keys;
    json_object_foreach(tests, operator_, keys)
    {
        const char *key;
        json_t *values;
        json_object_foreach(keys, key, values)
        {
            if ((strcasecmp(key, repair->edit->sub_key) == 0) == subjects)
                repair_test(repair, operator_, key);
        }
    }
}

/* Subjects last: the alternative with a pattern is then right in all else. */
void irsa_repair_condition_values(struct irsa_repair *repair)
{
    if (!repair->lives)
        add_audience(repair);
    repair_tests(repair, false);
    repair_tests(repair, true);
}
