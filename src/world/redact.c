/* SPDX-License-Identifier: Apache-2.0 */
#include "world/redact.h"

#include <strings.h>

void irsa_redaction_done(struct redaction *redaction)
{
    irsa_map_done(&redaction->words);
    irsa_strings_done(&redaction->others);
    *redaction = (struct redaction){0};
}

/* --- replacing -------------------------------------------------------------------------------- */

static bool is_learnt(const struct redaction *redaction, const char *text, size_t len)
{
    irsa_autofree char *word = irsa_strndup(text, len);
    return irsa_map_get(&redaction->words, word) != IRSA_MAP_NONE;
}

char *irsa_redact_text(const struct redaction *redaction, const char *text)
{
    irsa_auto_buf ret = {0};
    irsa_buf_adds(&ret, "");
    while (*text) {
        size_t len = irsa_redaction_variable(text);
        irsa_buf_add(&ret, text, len);
        text += len;
        len = 0;
        while (text[len] && !irsa_redaction_ends_word(text[len]))
            len++;
        /* A role's name may end in a comma or a full stop, and so may a sentence. */
        while (len > 0 && !is_learnt(redaction, text, len) && strchr(".,", text[len - 1]))
            len--;
        irsa_autofree char *word = irsa_strndup(text, len);
        size_t found = irsa_map_get(&redaction->words, word);
        irsa_buf_adds(&ret, found == IRSA_MAP_NONE ? word : redaction->others.items[found]);
        text += len;
        if (*text)
            irsa_buf_addc(&ret, *text++);
    }
    return irsa_buf_steal(&ret);
}

/* Of a cluster only what plans read; the rest (endpoint, network, certificate) is nobody's
 * business. */
static bool left_out(const char *parent, const char *key)
{
    static const char *const cluster[] = {"name", "arn", "version", "status", "identity"};
    static const char *const never[] = {"InstanceProfileList", "UserDetailList",
                                        "GroupDetailList",     "RoleLastUsed",
                                        "MatchedStatements",   "tags"};
    for (size_t i = 0; i < IRSA_COUNT(never); i++) {
        if (strcmp(never[i], key) == 0)
            return true;
    }
    if (strcmp(parent, "cluster") != 0)
        return false;
    for (size_t i = 0; i < IRSA_COUNT(cluster); i++) {
        if (strcmp(cluster[i], key) == 0)
            return false;
    }
    return true;
}

/* Elements of policies and answers in which no name stands. */
static bool means_itself(const char *key)
{
    static const char *const keys[] = {
        "Action", "NotAction",  "Effect",         "Version",      "version",
        "status", "CreateDate", "EvalActionName", "EvalDecision", "EvalResourceDecision"};
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        if (strcmp(keys[i], key) == 0)
            return true;
    }
    return false;
}

/* --- conditions ------------------------------------------------------------------------------- */

/* As it was learnt whole; the caller's. */
static char *whole(const struct redaction *redaction, const char *kind, const char *text)
{
    irsa_autofree char *key = irsa_format("%s%s", kind, text);
    size_t found = irsa_map_get(&redaction->words, key);
    return irsa_strdup(found == IRSA_MAP_NONE ? text : redaction->others.items[found]);
}

static char *redact_condition_key(const struct redaction *redaction, const char *key)
{
    size_t from = 0;
    size_t to = 0;
    irsa_redaction_split_key(key, &from, &to);
    irsa_autofree char *name = irsa_strndup(key + from, to - from);
    irsa_autofree char *other = irsa_redact_text(redaction, name);
    return irsa_format("%.*s%s%s", (int)from, key, other, key + to);
}

static json_t *redact_condition_value(const struct redaction *redaction, const char *operator_,
                                      const json_t *value)
{
    size_t i = 0;
    json_t *item = NULL;
    const char *text = json_string_value(value);
    if (json_is_array(value)) {
        json_t *array = json_array();
        json_array_foreach(value, i, item)
        {
            json_array_append_new(array, redact_condition_value(redaction, operator_, item));
        }
        return array;
    }
    if (!text || irsa_redaction_keeps_values(operator_))
        return json_incref((json_t *)value);
    if (irsa_redaction_is_address(operator_)) {
        size_t len = strcspn(text, "/");
        irsa_autofree char *address = irsa_strndup(text, len);
        irsa_autofree char *other = whole(redaction, "ip:", address);
        return json_sprintf("%s%s", other, text + len);
    }
    irsa_autofree char *other = irsa_redact_text(redaction, text);
    return json_string(other);
}

static json_t *redact_conditions(const struct redaction *redaction, const json_t *conditions)
{
    const char *operator_ = NULL;
    const char *key = NULL;
    json_t *keys = NULL;
    json_t *value = NULL;
    json_t *ret = json_object();
    json_object_foreach((json_t *)conditions, operator_, keys)
    {
        json_t *object = json_is_object(keys) ? json_object() : json_incref(keys);
        json_object_foreach(keys, key, value)
        {
            irsa_autofree char *name = redact_condition_key(redaction, key);
            json_object_set_new(object, name, redact_condition_value(redaction, operator_, value));
        }
        json_object_set_new(ret, operator_, object);
    }
    return ret;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* What the fields are called is the API's; only some objects have names for keys. */
static char *redact_key(const struct redaction *redaction, const char *parent, const char *key)
{
    bool label = irsa_redaction_is_labels(parent) && !irsa_redaction_keeps_key(key);
    bool names = strpbrk(key, ":/ ") != NULL && !irsa_redaction_keeps_key(key)
                 && strcmp(parent, "annotations") != 0;
    return names || label ? irsa_redact_text(redaction, key) : irsa_strdup(key);
}

static json_t *redact_string(const struct redaction *redaction, const char *key, const char *value)
{
    if (means_itself(key))
        return json_string(value);
    if (strcmp(key, "Description") == 0 || strcmp(key, "Value") == 0)
        return json_string("redacted");
    irsa_autofree char *text = strcmp(key, "Sid") == 0 ? whole(redaction, "Sid:", value)
                                                       : irsa_redact_text(redaction, value);
    return json_string(text);
}

static json_t *redact(const struct redaction *redaction, const char *key, const json_t *value)
{
    size_t i = 0;
    const char *below = NULL;
    json_t *item = NULL;
    if (json_is_string(value))
        return redact_string(redaction, key, json_string_value(value));
    if (strcmp(key, "Condition") == 0 && json_is_object(value))
        return redact_conditions(redaction, value);
    if (json_is_array(value)) {
        json_t *array = json_array();
        json_array_foreach(value, i, item)
        {
            json_array_append_new(array, redact(redaction, key, item));
        }
        return array;
    }
    if (!json_is_object(value))
        return json_incref((json_t *)value);
    json_t *object = json_object();
    json_object_foreach((json_t *)value, below, item)
    {
        irsa_autofree char *name = redact_key(redaction, key, below);
        bool foreign = strcmp(key, "annotations") == 0
                       && irsa_redaction_foreign_annotation(below, json_string_value(item));
        if (!left_out(key, below) && !foreign)
            json_object_set_new(object, name, redact(redaction, below, item));
    }
    return object;
}

json_t *irsa_redact(const struct redaction *redaction, const json_t *answer)
{
    return redact(redaction, "", answer);
}
