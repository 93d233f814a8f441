/* SPDX-License-Identifier: Apache-2.0 */
/* One statement from one issuer to another. What names the issuer in a trust policy: the provider's
 * ARN as principal, and as value of aws:FederatedProvider; the prefix of condition keys, and of the
 * same keys as policy variables
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html). */
#include "policy/edit.h"

#include <strings.h>

char *irsa_edit_statement_name(const json_t *document, size_t index)
{
    const json_t *statement = irsa_edit_statement(document, index);
    const char *sid = json_string_value(json_object_get(statement, "Sid"));
    return sid ? irsa_format("Statement[%zu] (Sid %s)", index, sid)
               : irsa_format("Statement[%zu]", index);
}

/* --- what names the old issuer ---------------------------------------------------------------- */

/* Condition keys are not case-sensitive
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html). */
static bool key_is_of(const char *key, const char *issuer)
{
    size_t len = strlen(issuer);
    return strncasecmp(key, issuer, len) == 0 && key[len] == ':';
}

/* The next "${ISSUER:" of a value, or NULL. */
static const char *find_variable(const char *value, const char *issuer)
{
    for (const char *at = strstr(value, "${"); at; at = strstr(at + 2, "${")) {
        if (key_is_of(at + 2, issuer))
            return at;
    }
    return NULL;
}

static bool text_names(const struct irsa_transposition *t, const char *text)
{
    return text && (strcmp(text, t->from_arn) == 0 || find_variable(text, t->repoint->from));
}

static bool values_name(const struct irsa_transposition *t, const json_t *values)
{
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        if (text_names(t, irsa_value_text(values, i)))
            return true;
    }
    return false;
}

static bool principal_names(const struct irsa_transposition *t, const json_t *principal)
{
    const json_t *federated = json_object_get(principal, "Federated");
    for (size_t i = 0; i < irsa_value_count(federated); i++) {
        const char *text = irsa_value_text(federated, i);
        if (text && strcmp(text, t->from_arn) == 0)
            return true;
    }
    return false;
}

static bool condition_names(const struct irsa_transposition *t, json_t *condition)
{
    const char *operator_;
    json_t *keys;
    json_object_foreach(condition, operator_, keys)
    {
        const char *key;
        json_t *values;
        json_object_foreach(keys, key, values)
        {
            if (key_is_of(key, t->repoint->from) || values_name(t, values))
                return true;
        }
    }
    return false;
}

bool irsa_transposition_in_principal(const struct irsa_transposition *transposition,
                                     json_t *statement)
{
    return principal_names(transposition, json_object_get(statement, "Principal"))
           || principal_names(transposition, json_object_get(statement, "NotPrincipal"));
}

bool irsa_transposition_in_condition(const struct irsa_transposition *transposition,
                                     json_t *statement)
{
    return condition_names(transposition, json_object_get(statement, "Condition"));
}

/* --- principals ------------------------------------------------------------------------------- */

static void transpose_federated(const struct irsa_transposition *t, json_t *principal)
{
    json_t *federated = json_object_get(principal, "Federated");
    if (!json_is_array(federated)) {
        irsa_edit_set_value(principal, "Federated", 0, t->to_arn);
        return;
    }
    json_auto_t *values = json_array();
    bool placed = false;
    for (size_t i = 0; i < json_array_size(federated); i++) {
        const char *text = irsa_value_text(federated, i);
        bool ours = text && (strcmp(text, t->from_arn) == 0 || strcmp(text, t->to_arn) == 0);
        if (ours && placed)
            continue;
        if (ours)
            (void)json_array_append_new(values, json_string(t->to_arn));
        else
            (void)json_array_append(values, json_array_get(federated, i));
        placed = placed || ours;
    }
    (void)json_object_set(principal, "Federated", values);
}

/* The new issuer's alone; an array stays one. */
static json_t *sole_principal(const struct irsa_transposition *t, const json_t *principal)
{
    json_t *value = json_string(t->to_arn);
    if (json_is_array(json_object_get(principal, "Federated")))
        value = json_pack("[o]", value);
    return json_pack("{s:o}", "Federated", value);
}

static void transpose_principal(const struct irsa_transposition *t, json_t *statement,
                                const char *element, bool alone)
{
    json_t *principal = json_object_get(statement, element);
    if (!principal_names(t, principal))
        return;
    if (alone)
        (void)json_object_set_new(statement, element, sole_principal(t, principal));
    else
        transpose_federated(t, principal);
}

/* --- conditions ------------------------------------------------------------------------------- */

static char *transpose_variables(const struct irsa_transposition *t, const char *text)
{
    irsa_auto_buf buf = {0};
    const char *at;
    while ((at = find_variable(text, t->repoint->from)) != NULL) {
        irsa_autofree char *before = irsa_strndup(text, (size_t)(at - text));
        irsa_buf_addf(&buf, "%s${%s", before, t->repoint->to);
        text = at + 2 + strlen(t->repoint->from);
    }
    irsa_buf_adds(&buf, text);
    return irsa_buf_steal(&buf);
}

static void transpose_values(const struct irsa_transposition *t, json_t *keys, const char *key)
{
    json_t *values = json_object_get(keys, key);
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *text = irsa_value_text(values, i);
        if (!text_names(t, text))
            continue;
        irsa_autofree char *next =
            strcmp(text, t->from_arn) == 0 ? irsa_strdup(t->to_arn) : transpose_variables(t, text);
        irsa_edit_set_value(keys, key, i, next);
        values = json_object_get(keys, key);
    }
}

/* The names of an object's members; more can't be changed while it is walked. */
static void names_of(json_t *object, struct irsa_strings *ret)
{
    const char *key;
    json_t *member;
    json_object_foreach(object, key, member) irsa_strings_add(ret, key);
}

static bool transpose_key(const struct irsa_transposition *t, const char *operator_, json_t *keys,
                          const char *key, char **ret_reason)
{
    irsa_autofree char *wanted =
        irsa_format("%s%s", t->repoint->to, key + strlen(t->repoint->from));
    const char *there = irsa_edit_find_key(keys, wanted);
    if (!there) {
        irsa_edit_rename(keys, key, wanted, NULL);
        return true;
    }
    *ret_reason = irsa_format("%s tests %s twice", operator_, key + strlen(t->repoint->from) + 1);
    return false;
}

static bool transpose_operator(const struct irsa_transposition *t, const char *operator_,
                               json_t *keys, char **ret_reason)
{
    irsa_auto_strings names = {0};
    names_of(keys, &names);
    for (size_t i = 0; i < names.len; i++) {
        transpose_values(t, keys, names.items[i]);
        if (key_is_of(names.items[i], t->repoint->from)
            && !transpose_key(t, operator_, keys, names.items[i], ret_reason))
            return false;
    }
    return true;
}

json_t *irsa_transpose(const struct irsa_transposition *transposition, json_t *statement,
                       bool alone, char **ret_reason)
{
    json_auto_t *copy = json_deep_copy(statement);
    if (alone && principal_names(transposition, json_object_get(copy, "NotPrincipal"))) {
        *ret_reason = irsa_strdup("its NotPrincipal names the old issuer");
        return NULL;
    }
    transpose_principal(transposition, copy, "Principal", alone);
    transpose_principal(transposition, copy, "NotPrincipal", alone);
    json_t *condition = json_object_get(copy, "Condition");
    irsa_auto_strings operators = {0};
    if (json_is_object(condition))
        names_of(condition, &operators);
    for (size_t i = 0; i < operators.len; i++) {
        json_t *keys = json_object_get(condition, operators.items[i]);
        if (json_is_object(keys)
            && !transpose_operator(transposition, operators.items[i], keys, ret_reason))
            return NULL;
    }
    return irsa_steal(&copy);
}
