/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the json document to the model. Nothing is refused here: what IAM would refuse is said by
 * validate.c; here a statement that can't be understood is marked, so that it never counts as
 * allowing. Grammar:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
#include "policy/issues.h"

static bool version_usable(const json_t *version, bool *ret_variables)
{
    *ret_variables = false;
    /* A missing Version defaults to 2008-10-17, which has no policy variables:
     * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html */
    if (!version)
        return true;
    const char *text = json_string_value(version);
    if (!text)
        return false;
    *ret_variables = strcmp(text, "2012-10-17") == 0;
    return *ret_variables || strcmp(text, "2008-10-17") == 0;
}

static bool values_usable(const json_t *values)
{
    const size_t count = irsa_value_count(values);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = irsa_value_at(values, i);
        if (!json_is_string(value) && !json_is_number(value) && !json_is_boolean(value))
            return false;
    }
    return true;
}

static size_t count_conditions(const json_t *statement)
{
    size_t count = 0;
    const char *operator_;
    json_t *keys;
    json_object_foreach((json_t *)json_object_get(statement, "Condition"), operator_, keys) count +=
        json_object_size(keys);
    return count;
}

static size_t parse_conditions(const json_t *condition, struct irsa_condition *ret)
{
    size_t count = 0;
    const char *operator_;
    json_t *keys;
    json_object_foreach((json_t *)condition, operator_, keys)
    {
        struct irsa_operator op = {0};
        const bool known = irsa_operator_parse(operator_, &op);
        const char *key;
        json_t *values;
        json_object_foreach(keys, key, values)
        {
            ret[count++] = (struct irsa_condition){
                .operator_ = operator_,
                .key = key,
                .values = values,
                .known = known && values_usable(values),
                .op = op,
            };
        }
    }
    return count;
}

/* Either of two elements, of which IAM takes just one. */
static const json_t *either(const json_t *statement, const char *name, const char *not_name,
                            bool *ret_not, bool *ret_both)
{
    const json_t *plain = json_object_get(statement, name);
    const json_t *negated = json_object_get(statement, not_name);
    *ret_not = negated && !plain;
    *ret_both = negated && plain;
    return plain ? plain : negated;
}

static const char *condition_flaw(const json_t *statement)
{
    json_t *condition = json_object_get(statement, "Condition");
    if (!condition)
        return NULL;
    if (!json_is_object(condition))
        return "Condition is no object";
    const char *operator_;
    json_t *keys;
    json_object_foreach(condition, operator_, keys)
    {
        if (!json_is_object(keys))
            return "a condition operator holds no object of keys";
    }
    return NULL;
}

static const char *unknown_element(const json_t *statement)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)statement, name, value)
    {
        if (!irsa_statement_element_known(name))
            return "it has an element that IAM does not know";
    }
    return NULL;
}

static const char *parse_elements(struct irsa_statement *statement)
{
    const json_t *json = statement->json;
    if (!json_is_object(json))
        return "it is no object";
    statement->sid = json_string_value(json_object_get(json, "Sid"));
    /* "The Effect value is case sensitive":
     * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html */
    const char *effect = json_string_value(json_object_get(json, "Effect"));
    statement->deny = effect && strcmp(effect, "Deny") == 0;
    bool both_principal = false;
    bool both_action = false;
    bool both_resource = false;
    statement->principal =
        either(json, "Principal", "NotPrincipal", &statement->not_principal, &both_principal);
    statement->action = either(json, "Action", "NotAction", &statement->not_action, &both_action);
    statement->resource =
        either(json, "Resource", "NotResource", &statement->not_resource, &both_resource);
    if (!effect || (!statement->deny && strcmp(effect, "Allow") != 0))
        return "Effect is neither Allow nor Deny";
    if (both_principal)
        return "it has both Principal and NotPrincipal";
    if (both_action)
        return "it has both Action and NotAction";
    if (both_resource)
        return "it has both Resource and NotResource";
    if (!statement->action)
        return "it has no Action";
    if (!irsa_value_is_strings(statement->action))
        return "Action is no string and no list of strings";
    if (statement->resource && !irsa_value_is_strings(statement->resource))
        return "Resource is no string and no list of strings";
    const char *flaw = condition_flaw(json);
    return flaw ? flaw : unknown_element(json);
}

static void parse_statement(struct irsa_model *model, struct irsa_statement *statement,
                            const json_t *json)
{
    statement->json = json;
    statement->flaw = parse_elements(statement);
    statement->malformed = statement->flaw != NULL;
    struct irsa_condition *conditions =
        model->conditions ? model->conditions + model->condition_count : NULL;
    statement->conditions = conditions;
    if (conditions)
        statement->condition_count =
            parse_conditions(json_object_get(json, "Condition"), conditions);
    model->condition_count += statement->condition_count;
}

static void parse_document(struct irsa_model *model)
{
    const json_t *statements = json_object_get(model->document, "Statement");
    if (!json_is_object(model->document)
        || (!json_is_array(statements) && !json_is_object(statements)))
        return;
    model->usable = version_usable(json_object_get(model->document, "Version"), &model->variables);
    const size_t count = irsa_value_count(statements);
    size_t conditions = 0;
    for (size_t i = 0; i < count; i++)
        conditions += count_conditions(irsa_value_at(statements, i));
    if (count > 0)
        model->statements = irsa_calloc(count, sizeof(*model->statements));
    if (conditions > 0)
        model->conditions = irsa_calloc(conditions, sizeof(*model->conditions));
    model->statement_count = count;
    for (size_t i = 0; i < count; i++)
        parse_statement(model, &model->statements[i], irsa_value_at(statements, i));
}

struct irsa_model *irsa_model_new(json_t *document, enum irsa_policy_kind kind)
{
    struct irsa_model *model = irsa_calloc(1, sizeof(*model));
    model->kind = kind;
    model->document = document;
    if (document)
        parse_document(model);
    return model;
}

void irsa_model_free(struct irsa_model *model)
{
    if (!model)
        return;
    free(model->statements);
    free(model->conditions);
    json_decref(model->document);
    free(model);
}
