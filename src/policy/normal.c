/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/normal.h"
#include "policy/issues.h"
#include "policy/match.h"

#include <ctype.h>

static char *lower(const char *text)
{
    char *copy = irsa_strdup(text);
    for (char *c = copy; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}

/* --- values ----------------------------------------------------------------------------------- */

static int compare_values(const void *a, const void *b)
{
    return strcmp(((const struct irsa_normal_value *)a)->form,
                  ((const struct irsa_normal_value *)b)->form);
}

/* Takes ownership of form. */
static void add_value(struct irsa_normal_element *element, char *form, const char *text)
{
    for (size_t i = 0; i < element->len; i++) {
        if (strcmp(element->values[i].form, form) == 0) {
            free(form);
            return;
        }
    }
    element->values = irsa_grow(element->values, element->len, sizeof(*element->values));
    element->values[element->len++] =
        (struct irsa_normal_value){.form = form, .text = irsa_strdup(text)};
}

/* Takes ownership of form and label. */
static struct irsa_normal_element *add_element(struct irsa_normal_statement *statement, char *form,
                                               char *label)
{
    statement->elements =
        irsa_grow(statement->elements, statement->len, sizeof(*statement->elements));
    statement->elements[statement->len] =
        (struct irsa_normal_element){.form = form, .label = label};
    return &statement->elements[statement->len++];
}

static char *dump(const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_SORT_KEYS);
    return text ? text : irsa_strdup("");
}

/* --- elements --------------------------------------------------------------------------------- */

/* "The account ARN and the shortened account ID behave the same way." */
static char *principal_form(const char *type, const char *value)
{
    const char *account = strstr(value, ":iam::");
    if (strcmp(type, "AWS") == 0 && irsa_has_prefix(value, "arn:") && account
        && strcmp(value + strlen(value) - 5, ":root") == 0
        && strlen(account) == strlen(":iam::") + 12 + strlen(":root"))
        return irsa_strndup(account + strlen(":iam::"), 12);
    return irsa_strdup(value);
}

static bool is_anybody(const json_t *principal)
{
    const char *text = json_string_value(principal);
    if (text)
        return strcmp(text, "*") == 0;
    const json_t *aws = json_object_get(principal, "AWS");
    for (size_t i = 0; i < irsa_value_count(aws); i++) {
        const char *value = irsa_value_text(aws, i);
        if (value && strcmp(value, "*") == 0)
            return true;
    }
    return false;
}

static void add_principal(struct irsa_normal_statement *normal,
                          const struct irsa_statement *statement)
{
    const char *name = statement->not_principal ? "NotPrincipal" : "Principal";
    const json_t *principal = statement->principal;
    if (!principal)
        return;
    if (!json_is_object(principal) || is_anybody(principal)) {
        struct irsa_normal_element *element =
            add_element(normal, irsa_strdup(name), irsa_strdup(name));
        irsa_autofree char *raw = dump(principal);
        const char *text = is_anybody(principal) ? "*" : raw;
        add_value(element, irsa_strdup(text), text);
        return;
    }
    const char *type;
    json_t *values;
    json_object_foreach((json_t *)principal, type, values)
    {
        struct irsa_normal_element *element =
            add_element(normal, irsa_format("%s %s", name, type), irsa_format("%s %s", name, type));
        for (size_t i = 0; i < irsa_value_count(values); i++) {
            const char *value = irsa_value_text(values, i);
            if (value)
                add_value(element, principal_form(type, value), value);
        }
    }
}

static void add_list(struct irsa_normal_statement *normal, const char *name, const json_t *values,
                     bool ignore_case)
{
    if (!values)
        return;
    struct irsa_normal_element *element = add_element(normal, irsa_strdup(name), irsa_strdup(name));
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *value = irsa_value_text(values, i);
        if (value)
            add_value(element, ignore_case ? lower(value) : irsa_strdup(value), value);
    }
}

/* "The ArnEquals and ArnLike condition operators behave identically." */
static char *operator_form(const struct irsa_condition *condition)
{
    const char *equals = strstr(condition->operator_, "Equals");
    if (!condition->known || condition->op.family != IRSA_FAMILY_ARN || !equals)
        return irsa_strdup(condition->operator_);
    return irsa_format("%.*sLike%s", (int)(equals - condition->operator_), condition->operator_,
                       equals + strlen("Equals"));
}

static char *value_form(const struct irsa_condition *condition, const char *text)
{
    const enum irsa_operator_family family = condition->op.family;
    const bool ignore_case = family == IRSA_FAMILY_BOOL || family == IRSA_FAMILY_NULL
                             || family == IRSA_FAMILY_STRING_CASE;
    return condition->known && ignore_case ? lower(text) : irsa_strdup(text);
}

static void add_condition(struct irsa_normal_statement *normal,
                          const struct irsa_condition *condition)
{
    irsa_autofree char *operator_ = operator_form(condition);
    irsa_autofree char *key = lower(condition->key);
    struct irsa_normal_element *element =
        add_element(normal, irsa_format("Condition %s %s", operator_, key),
                    irsa_format("Condition %s %s", condition->operator_, condition->key));
    char space[IRSA_SCALAR_SPACE];
    for (size_t i = 0; i < irsa_value_count(condition->values); i++) {
        const json_t *value = irsa_value_at(condition->values, i);
        irsa_autofree char *raw = condition->known ? NULL : dump(value);
        const char *text = raw ? raw : irsa_scalar_text(value, space);
        add_value(element, value_form(condition, text), text);
    }
}

/* --- statements ------------------------------------------------------------------------------- */

static int compare_elements(const void *a, const void *b)
{
    return strcmp(((const struct irsa_normal_element *)a)->form,
                  ((const struct irsa_normal_element *)b)->form);
}

static void finish(struct irsa_normal_statement *normal)
{
    irsa_auto_buf buf = {0};
    for (size_t i = 0; i < normal->len; i++) {
        struct irsa_normal_element *element = &normal->elements[i];
        if (element->len > 1)
            qsort(element->values, element->len, sizeof(*element->values), compare_values);
    }
    qsort(normal->elements, normal->len, sizeof(*normal->elements), compare_elements);
    for (size_t i = 0; i < normal->len; i++) {
        const struct irsa_normal_element *element = &normal->elements[i];
        irsa_buf_addf(&buf, "%s\n", element->form);
        for (size_t j = 0; j < element->len; j++)
            irsa_buf_addf(&buf, " %zu:%s\n", strlen(element->values[j].form),
                          element->values[j].form);
    }
    normal->form = irsa_buf_steal(&buf);
}

static void normalise_statement(const struct irsa_model *policy, size_t index,
                                struct irsa_normal_statement *ret)
{
    const struct irsa_statement *statement = &policy->statements[index];
    *ret = (struct irsa_normal_statement){
        .sid = statement->sid,
        .path = irsa_statement_path(policy, index),
    };
    if (statement->malformed) {
        struct irsa_normal_element *element =
            add_element(ret, irsa_strdup("(malformed)"), irsa_strdup("(malformed)"));
        irsa_autofree char *raw = dump(statement->json);
        add_value(element, irsa_strdup(raw), raw);
        finish(ret);
        return;
    }
    const char *effect = statement->deny ? "Deny" : "Allow";
    add_value(add_element(ret, irsa_strdup("Effect"), irsa_strdup("Effect")), irsa_strdup(effect),
              effect);
    add_principal(ret, statement);
    add_list(ret, statement->not_action ? "NotAction" : "Action", statement->action,
             /* ignore_case= */ true);
    add_list(ret, statement->not_resource ? "NotResource" : "Resource", statement->resource,
             /* ignore_case= */ false);
    for (size_t i = 0; i < statement->condition_count; i++)
        add_condition(ret, &statement->conditions[i]);
    finish(ret);
}

void irsa_normalise(const json_t *document, struct irsa_normal_policy *ret)
{
    *ret = (struct irsa_normal_policy){
        .model = irsa_model_new(json_incref((json_t *)document), IRSA_POLICY_TRUST),
    };
    ret->len = ret->model->statement_count;
    if (ret->len > 0)
        ret->statements = irsa_calloc(ret->len, sizeof(*ret->statements));
    for (size_t i = 0; i < ret->len; i++)
        normalise_statement(ret->model, i, &ret->statements[i]);
}

bool irsa_normal_has_variable(const struct irsa_normal_policy *policy)
{
    for (size_t i = 0; i < policy->len; i++) {
        if (strstr(policy->statements[i].form, "${"))
            return true;
    }
    return false;
}

static void element_done(struct irsa_normal_element *element)
{
    for (size_t i = 0; i < element->len; i++) {
        free(element->values[i].form);
        free(element->values[i].text);
    }
    free(element->values);
    free(element->form);
    free(element->label);
}

void irsa_normal_policy_done(struct irsa_normal_policy *policy)
{
    for (size_t i = 0; i < policy->len; i++) {
        struct irsa_normal_statement *statement = &policy->statements[i];
        for (size_t j = 0; j < statement->len; j++)
            element_done(&statement->elements[j]);
        free(statement->elements);
        free(statement->path);
        free(statement->form);
    }
    free(policy->statements);
    irsa_model_free(policy->model);
    *policy = (struct irsa_normal_policy){0};
}
