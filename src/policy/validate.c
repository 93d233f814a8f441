/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Validation as IAM does it. Fatal is what IAM refuses with MalformedPolicyDocument (grammar:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html), a warning what
 * it accepts and what surprises. This file: the document and the statements' frame.
 */
#include "policy/issues.h"

#include <ctype.h>
#include <strings.h>

static const char *const document_elements[] = {"Version", "Id", "Statement"};
static const char *const statement_elements[] = {
    "Sid",       "Effect",   "Principal",   "NotPrincipal", "Action",
    "NotAction", "Resource", "NotResource", "Condition",
};

void irsa_policy_add_issue(struct irsa_policy *policy, bool fatal, const char *where,
                           const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *message = irsa_vformat(fmt, ap);
    va_end(ap);
    policy->issues = irsa_grow(policy->issues, policy->issue_count, sizeof(*policy->issues));
    policy->issues[policy->issue_count++] = (struct irsa_policy_issue){
        .fatal = fatal,
        .where = irsa_strdup(where),
        .message = message,
    };
}

static bool is_one_of(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

bool irsa_statement_element_known(const char *name)
{
    return is_one_of(name, statement_elements, IRSA_COUNT(statement_elements));
}

char *irsa_statement_path(const struct irsa_model *policy, size_t index)
{
    if (json_is_object(json_object_get(policy->document, "Statement")))
        return irsa_strdup("Statement");
    return irsa_format("Statement[%zu]", index);
}

/* The near name, if it differs only in letter case or by a slip: " (did you mean X?)"; the
 * caller's. */
static char *did_you_mean(const char *name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(name, names[i]) == 0)
            return irsa_format(" (did you mean %s?)", names[i]);
    }
    const char *nearest = irsa_nearest(name, names, count);
    return nearest ? irsa_format(" (did you mean %s?)", nearest) : irsa_strdup("");
}

/* --- statements ------------------------------------------------------------------------------- */

static void validate_elements(struct irsa_policy *policy, const struct irsa_statement *statement,
                              const char *path)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)statement->json, name, value)
    {
        if (irsa_statement_element_known(name))
            continue;
        irsa_autofree char *where = irsa_format("%s.%s", path, name);
        struct irsa_operator op;
        if (irsa_operator_parse(name, &op)) {
            irsa_policy_add_issue(policy, true, where,
                                  "condition operators belong into the element Condition");
            continue;
        }
        irsa_autofree char *hint =
            did_you_mean(name, statement_elements, IRSA_COUNT(statement_elements));
        irsa_policy_add_issue(policy, true, where, "IAM knows no such element%s", hint);
    }
}

static void validate_effect(struct irsa_policy *policy, const struct irsa_statement *statement,
                            const char *path)
{
    irsa_autofree char *where = irsa_format("%s.Effect", path);
    const json_t *effect = json_object_get(statement->json, "Effect");
    if (!effect) {
        irsa_policy_add_issue(policy, true, where, "missing; it must be Allow or Deny");
        return;
    }
    const char *text = json_string_value(effect);
    if (!text || (strcmp(text, "Allow") != 0 && strcmp(text, "Deny") != 0))
        irsa_policy_add_issue(policy, true, where, "must be Allow or Deny, in this letter case");
}

/* "basic alphanumeric characters (A-Z,a-z,0-9) are the only allowed characters in the Sid value" */
static void validate_sid(struct irsa_policy *policy, const struct irsa_statement *statement,
                         const char *path, struct irsa_map *sids, size_t index)
{
    irsa_autofree char *where = irsa_format("%s.Sid", path);
    const json_t *sid = json_object_get(statement->json, "Sid");
    if (!sid)
        return;
    if (!statement->sid) {
        irsa_policy_add_issue(policy, true, where, "must be a string");
        return;
    }
    for (const char *c = statement->sid; *c; c++) {
        if (!isascii((unsigned char)*c) || !isalnum((unsigned char)*c)) {
            irsa_policy_add_issue(policy, true, where,
                                  "may only have the characters A-Z, a-z and 0-9");
            break;
        }
    }
    /* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html */
    if (*statement->sid && !irsa_map_put_borrowed(sids, statement->sid, index))
        irsa_policy_add_issue(policy, true, where, "must be unique: statement %zu has it too",
                              irsa_map_get(sids, statement->sid));
}

static void validate_statement(struct irsa_policy *policy, size_t index, struct irsa_map *sids)
{
    const struct irsa_statement *statement = &policy->model->statements[index];
    irsa_autofree char *path = irsa_statement_path(policy->model, index);
    if (!json_is_object(statement->json)) {
        irsa_policy_add_issue(policy, true, path, "must be an object");
        return;
    }
    validate_elements(policy, statement, path);
    validate_sid(policy, statement, path, sids, index);
    validate_effect(policy, statement, path);
    irsa_validate_principal(policy, statement, path);
    irsa_validate_action(policy, statement, path);
    irsa_validate_resource(policy, statement, path);
    irsa_validate_conditions(policy, statement, path);
}

/* --- the document ----------------------------------------------------------------------------- */

static bool mentions_variable(const json_t *value)
{
    const char *text = json_string_value(value);
    if (text)
        return strstr(text, "${") != NULL;
    size_t index;
    const char *key;
    json_t *inner;
    json_array_foreach(value, index, inner)
    {
        if (mentions_variable(inner))
            return true;
    }
    json_object_foreach((json_t *)value, key, inner)
    {
        if (mentions_variable(inner))
            return true;
    }
    return false;
}

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html */
static void validate_version(struct irsa_policy *policy)
{
    const json_t *version = json_object_get(policy->model->document, "Version");
    const char *text = json_string_value(version);
    const bool variables = !policy->model->variables && mentions_variable(policy->model->document);
    if (!version)
        irsa_policy_add_issue(policy, false, "Version", "missing, so that 2008-10-17 holds%s",
                              variables ? " and ${...} is taken literally" : "");
    else if (!text || (strcmp(text, "2012-10-17") != 0 && strcmp(text, "2008-10-17") != 0))
        irsa_policy_add_issue(policy, true, "Version", "must be \"2012-10-17\" or \"2008-10-17\"");
    else if (!policy->model->variables && variables)
        irsa_policy_add_issue(policy, false, "Version",
                              "2008-10-17 has no policy variables: ${...} is taken literally");
}

static void validate_document_elements(struct irsa_policy *policy)
{
    const char *name;
    json_t *value;
    json_object_foreach(policy->model->document, name, value)
    {
        if (is_one_of(name, document_elements, IRSA_COUNT(document_elements)))
            continue;
        irsa_autofree char *hint =
            did_you_mean(name, document_elements, IRSA_COUNT(document_elements));
        irsa_policy_add_issue(policy, true, name, "IAM knows no such element%s", hint);
    }
    const json_t *id = json_object_get(policy->model->document, "Id");
    if (id && !json_is_string(id))
        irsa_policy_add_issue(policy, true, "Id", "must be a string");
    else if (id && policy->kind == IRSA_POLICY_IDENTITY)
        irsa_policy_add_issue(policy, false, "Id", "is not meant for identity-based policies");
}

/* Quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
static void validate_size(struct irsa_policy *policy)
{
    const bool trust = policy->kind == IRSA_POLICY_TRUST;
    const size_t size = irsa_policy_size(policy->model->document);
    const size_t most = trust ? IRSA_TRUST_POLICY_QUOTA_MAX : 10240;
    const size_t usual = trust ? IRSA_TRUST_POLICY_QUOTA : 6144;
    if (size > most)
        irsa_policy_add_issue(policy, true, "document",
                              "has %zu characters without white space; %zu is the most", size,
                              most);
    else if (size > usual)
        irsa_policy_add_issue(policy, false, "document",
                              "has %zu characters without white space; the quota is %zu%s", size,
                              usual, trust ? " unless it was raised" : " for a managed policy");
}

static void validate_document(struct irsa_policy *policy)
{
    const struct irsa_model *model = irsa_model_of(policy);
    if (!json_is_object(model->document)) {
        irsa_policy_add_issue(policy, true, "document", "must be a JSON object");
        return;
    }
    validate_document_elements(policy);
    validate_version(policy);
    const json_t *statements = json_object_get(model->document, "Statement");
    if (!statements)
        irsa_policy_add_issue(policy, true, "Statement", "missing");
    else if (!json_is_array(statements) && !json_is_object(statements))
        irsa_policy_add_issue(policy, true, "Statement", "must be a list of objects");
    else if (model->statement_count == 0)
        irsa_policy_add_issue(policy, true, "Statement", "must have at least one statement");
    irsa_auto_map sids = {0};
    for (size_t i = 0; i < model->statement_count; i++)
        validate_statement(policy, i, &sids);
    validate_size(policy);
}

const struct irsa_policy_issue *irsa_policy_issues(struct irsa_policy *policy, size_t *ret_count)
{
    if (!policy->validated) {
        policy->validated = true;
        validate_document(policy);
    }
    *ret_count = policy->issue_count;
    return policy->issues;
}
