/* SPDX-License-Identifier: Apache-2.0 */
/* Who a trust policy lets in by web identity, statement by statement. */
#include "irsa/identity.h"
#include "policy/issues.h"
#include "policy/match.h"

#include <strings.h>

static void add_once(struct irsa_strings *strings, const char *text, size_t len)
{
    irsa_autofree char *copy = irsa_strndup(text, len);
    if (!irsa_strings_has(strings, copy))
        irsa_strings_add(strings, copy);
}

static bool is_service_key(const char *key)
{
    static const char *const services[] = {"aws:", "sts:", "iam:", "saml:", "ec2:", "s3:"};
    for (size_t i = 0; i < IRSA_COUNT(services); i++) {
        if (strncasecmp(key, services[i], strlen(services[i])) == 0)
            return true;
    }
    return false;
}

static bool key_has_claim(const char *key, const char *claim)
{
    const char *of_key = irsa_key_claim(key);
    return of_key && !is_service_key(key) && strcasecmp(of_key, claim) == 0;
}

static bool is_string_family(enum irsa_operator_family family)
{
    return family == IRSA_FAMILY_STRING || family == IRSA_FAMILY_STRING_CASE
           || family == IRSA_FAMILY_STRING_LIKE || family == IRSA_FAMILY_ARN;
}

static bool takes_wildcards(const struct irsa_condition *condition)
{
    return condition->op.family == IRSA_FAMILY_STRING_LIKE
           || condition->op.family == IRSA_FAMILY_ARN;
}

/* --- is it one? ------------------------------------------------------------------------------- */

/* system:serviceaccount:... or what people mistake for it. */
static bool looks_like_subject(const char *text)
{
    if (strstr(text, "system:serviceaccount"))
        return true;
    irsa_autofree char *guess = strstr(text, "serviceaccount") ? irsa_subject_guess(text) : NULL;
    return guess != NULL;
}

static bool has_subject_value(const json_t *keys)
{
    const char *key;
    json_t *values;
    json_object_foreach((json_t *)keys, key, values)
    {
        for (size_t i = 0; i < irsa_value_count(values); i++) {
            const char *text = irsa_value_text(values, i);
            if (text && looks_like_subject(text))
                return true;
        }
    }
    return false;
}

/* In Condition, or in operators that lost their Condition. */
static bool mentions_subject(const struct irsa_statement *statement)
{
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(statement->json, "Condition"), name, value)
    {
        if (has_subject_value(value))
            return true;
    }
    json_object_foreach((json_t *)statement->json, name, value)
    {
        struct irsa_operator op;
        if (irsa_operator_parse(name, &op) && has_subject_value(value))
            return true;
    }
    return false;
}

static bool lets_anybody(const struct irsa_statement *statement)
{
    if (statement->not_principal)
        return true;
    const char *text = json_string_value(statement->principal);
    if (text)
        return strcmp(text, "*") == 0;
    const json_t *aws = json_object_get(statement->principal, "AWS");
    for (size_t i = 0; i < irsa_value_count(aws); i++) {
        const char *value = irsa_value_text(aws, i);
        if (value && strcmp(value, "*") == 0)
            return true;
    }
    return false;
}

static bool takes_web_identity(const struct irsa_statement *statement)
{
    const struct irsa_request request = {.action = IRSA_ACTION_WEB_IDENTITY};
    return !statement->malformed && irsa_match_action(statement, &request) == IRSA_YES;
}

static bool is_grant(const struct irsa_statement *statement)
{
    if (!json_is_object(statement->json) || statement->deny)
        return false;
    const json_t *federated = json_object_get(statement->principal, "Federated");
    for (size_t i = 0; i < irsa_value_count(federated); i++) {
        const char *value = irsa_value_text(federated, i);
        if (value && !strstr(value, ":saml-provider/"))
            return true;
    }
    return (lets_anybody(statement) && takes_web_identity(statement))
           || mentions_subject(statement);
}

/* --- what it says ----------------------------------------------------------------------------- */

static void add_providers(const struct irsa_statement *statement, struct irsa_trust_grant *ret)
{
    const json_t *federated = json_object_get(statement->principal, "Federated");
    for (size_t i = 0; i < irsa_value_count(federated); i++) {
        const char *value = irsa_value_text(federated, i);
        if (!value)
            continue;
        irsa_strings_add(&ret->providers, value);
        const char *host_path = strstr(value, "oidc-provider/");
        if (host_path) {
            host_path += strlen("oidc-provider/");
            add_once(&ret->issuers, host_path, strlen(host_path));
        }
    }
}

static void add_values(const struct irsa_condition *condition, struct irsa_strings *ret)
{
    for (size_t i = 0; i < irsa_value_count(condition->values); i++) {
        const char *text = irsa_value_text(condition->values, i);
        if (text && !irsa_strings_has(ret, text))
            irsa_strings_add(ret, text);
    }
}

static void read_condition(const struct irsa_statement *statement,
                           const struct irsa_condition *condition, struct irsa_trust_grant *ret)
{
    const bool sub = key_has_claim(condition->key, "sub");
    const bool aud = key_has_claim(condition->key, "aud");
    if (sub || aud)
        add_once(&ret->issuers, condition->key, irsa_key_prefix_length(condition->key));
    const bool positive =
        condition->known && !condition->op.negated && is_string_family(condition->op.family);
    const bool null = condition->known && condition->op.family == IRSA_FAMILY_NULL;
    if ((!sub && !aud) || (!positive && !null)) {
        ret->extra_conditions = true;
        return;
    }
    if (null)
        return;
    ret->forallvalues_hole =
        ret->forallvalues_hole || irsa_condition_has_hole(statement, condition);
    if (sub) {
        add_values(condition, &ret->subjects);
        ret->subjects_are_patterns = ret->subjects_are_patterns || takes_wildcards(condition);
    } else {
        add_values(condition, &ret->audiences);
        ret->audience_checked = true;
    }
}

/* --- can it let anybody in? ------------------------------------------------------------------- */

static bool subject_possible(const char *text, bool pattern)
{
    if (pattern && irsa_has_wildcard(text))
        return true;
    if (text[strcspn(text, " \t\r\n*?")])
        return false;
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    return irsa_subject_parse(text, &namespace_, &name) || !looks_like_subject(text);
}

/* For this issuer: with a subject that its conditions name, or with any where none is named. */
static bool passes(const struct irsa_model *policy, const struct irsa_statement *statement,
                   const struct irsa_trust_grant *grant, const char *provider, const char *issuer)
{
    struct irsa_request request = {
        .principal_type = "Federated",
        .principal = provider,
        .action = IRSA_ACTION_WEB_IDENTITY,
        .issuer = issuer,
    };
    if (irsa_match_statement(policy, statement, &request) == IRSA_NO)
        return false;
    if (grant->subjects.len == 0)
        return true;
    irsa_autofree char *key = irsa_format("%s:sub", issuer ? issuer : "");
    for (size_t i = 0; i < grant->subjects.len; i++) {
        const char *subject = grant->subjects.items[i];
        if (!subject_possible(subject, grant->subjects_are_patterns))
            continue;
        if (grant->subjects_are_patterns && irsa_has_wildcard(subject))
            return true;
        json_auto_t *context = json_pack("{s:s}", key, subject);
        request.context = context;
        if (irsa_match_statement(policy, statement, &request) != IRSA_NO)
            return true;
    }
    return grant->forallvalues_hole;
}

static bool is_effective(const struct irsa_model *policy, const struct irsa_statement *statement,
                         const struct irsa_trust_grant *grant)
{
    if (!policy->usable || !takes_web_identity(statement))
        return false;
    if (lets_anybody(statement)) {
        for (size_t i = 0; i < grant->issuers.len; i++) {
            if (passes(policy, statement, grant, "", grant->issuers.items[i]))
                return true;
        }
        return grant->issuers.len == 0 && passes(policy, statement, grant, "", NULL);
    }
    for (size_t i = 0; i < grant->providers.len; i++) {
        const char *provider = grant->providers.items[i];
        irsa_auto_error error = NULL;
        irsa_auto_provider_arn arn = {0};
        const char *issuer = irsa_is_builtin_provider(provider) ? provider : NULL;
        if (!issuer && irsa_provider_arn_parse(provider, &arn, &error) == 0)
            issuer = arn.host_path;
        if (issuer && passes(policy, statement, grant, provider, issuer))
            return true;
    }
    return false;
}

/* --- how wide --------------------------------------------------------------------------------- */

static enum irsa_trust_width value_width(const char *text, bool pattern)
{
    if (!pattern || !irsa_has_wildcard(text))
        return IRSA_TRUST_EXACT;
    /* Two subjects that have nothing in common: who takes both takes all. */
    return irsa_wildcard_match(text, "system:serviceaccount:q7-x:z9-w", false)
                   && irsa_wildcard_match(text, "system:serviceaccount:j:k.v-3", false)
               ? IRSA_TRUST_ANY_SUBJECT
               : IRSA_TRUST_PATTERN;
}

static enum irsa_trust_width condition_width(const struct irsa_condition *condition)
{
    enum irsa_trust_width width = IRSA_TRUST_EXACT;
    for (size_t i = 0; i < irsa_value_count(condition->values); i++) {
        const char *text = irsa_value_text(condition->values, i);
        if (!text)
            continue;
        const enum irsa_trust_width one = value_width(text, takes_wildcards(condition));
        width = one > width ? one : width;
    }
    return width;
}

/* All conditions must hold: the narrowest counts. */
static enum irsa_trust_width width_of(const struct irsa_statement *statement)
{
    enum irsa_trust_width width =
        lets_anybody(statement) ? IRSA_TRUST_ANYBODY : IRSA_TRUST_ANY_SUBJECT;
    for (size_t i = 0; i < statement->condition_count; i++) {
        const struct irsa_condition *condition = &statement->conditions[i];
        if (!condition->known || condition->op.negated || !is_string_family(condition->op.family)
            || !key_has_claim(condition->key, "sub")
            || irsa_condition_has_hole(statement, condition))
            continue;
        const enum irsa_trust_width one = condition_width(condition);
        width = one < width ? one : width;
    }
    return width;
}

/* Operators that lost their Condition: IAM refuses the statement, but whom it means is plain. */
static void read_lost_conditions(const struct irsa_statement *statement,
                                 struct irsa_trust_grant *ret)
{
    const char *name;
    json_t *keys;
    json_object_foreach((json_t *)statement->json, name, keys)
    {
        struct irsa_condition condition = {.operator_ = name, .known = true};
        if (!irsa_operator_parse(name, &condition.op))
            continue;
        const char *key;
        json_t *values;
        json_object_foreach(keys, key, values)
        {
            condition.key = key;
            condition.values = values;
            read_condition(statement, &condition, ret);
        }
    }
}

static void read_grant(const struct irsa_model *policy, size_t index, struct irsa_trust_grant *ret)
{
    const struct irsa_statement *statement = &policy->statements[index];
    *ret = (struct irsa_trust_grant){
        .statement = index,
        .sid = statement->sid ? irsa_strdup(statement->sid) : NULL,
        .width = width_of(statement),
    };
    for (size_t i = 0; i < statement->condition_count; i++)
        read_condition(statement, &statement->conditions[i], ret);
    read_lost_conditions(statement, ret);
    add_providers(statement, ret);
    ret->effective = is_effective(policy, statement, ret);
}

void irsa_policy_trust_grants(const struct irsa_policy *policy, struct irsa_trust_grants *ret)
{
    *ret = (struct irsa_trust_grants){0};
    irsa_auto_model own = NULL;
    const struct irsa_model *model = irsa_model_for_once(policy, &own);
    for (size_t i = 0; i < model->statement_count; i++) {
        if (!is_grant(&model->statements[i]))
            continue;
        ret->items = irsa_grow(ret->items, ret->len, sizeof(*ret->items));
        read_grant(model, i, &ret->items[ret->len++]);
    }
}

void irsa_trust_grants_done(struct irsa_trust_grants *grants)
{
    for (size_t i = 0; i < grants->len; i++) {
        struct irsa_trust_grant *grant = &grants->items[i];
        free(grant->sid);
        irsa_strings_done(&grant->providers);
        irsa_strings_done(&grant->issuers);
        irsa_strings_done(&grant->subjects);
        irsa_strings_done(&grant->audiences);
    }
    free(grants->items);
    *grants = (struct irsa_trust_grants){0};
}
