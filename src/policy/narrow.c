/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

struct narrowing {
    const char *provider_arn; /* of the issuer, in the role's account */
    const char *issuer;
    const struct irsa_strings *subjects;
    const char *audience;
    char *sub_key;
    char *aud_key;
};

static void narrowing_done(struct narrowing *narrowing)
{
    free(narrowing->sub_key);
    free(narrowing->aud_key);
}
#define auto_narrowing IRSA_CLEANUP(narrowing_done) struct narrowing

/* --- principals ------------------------------------------------------------------------------- */

static bool is_of_issuer(const char *federated, const char *issuer)
{
    irsa_autofree char *found = irsa_edit_issuer_in(federated);
    return found && strcmp(found, issuer) == 0;
}

/* "*" alone, as a string or under AWS: tokens of the issuer come by its provider. */
static void name_provider(json_t *statement, const char *provider_arn)
{
    json_t *principal = json_object_get(statement, "Principal");
    const json_t *values = json_is_object(principal) && json_object_size(principal) == 1
                               ? json_object_get(principal, "AWS")
                               : principal;
    const char *text = irsa_value_count(values) == 1 ? irsa_value_text(values, 0) : NULL;
    if (text && strcmp(text, "*") == 0)
        (void)json_object_set_new(statement, "Principal",
                                  json_pack("{s:s}", "Federated", provider_arn));
}

/* Several providers in one statement: the issuer's alone are narrowed. Gives the principals of the
 * others as a new reference, or NULL where there are none; `statement` keeps the issuer's. */
static json_t *split_principals(json_t *statement, const char *issuer)
{
    json_t *principal = json_object_get(statement, "Principal");
    json_t *federated = json_object_get(principal, "Federated");
    json_auto_t *ours = json_array();
    json_auto_t *others = json_array();
    for (size_t i = 0; i < irsa_value_count(federated); i++) {
        const char *text = irsa_value_text(federated, i);
        bool is_ours = text && is_of_issuer(text, issuer);
        (void)json_array_append(is_ours ? ours : others, irsa_value_at(federated, i));
    }
    bool mixed = json_is_object(principal) && json_object_size(principal) > 1;
    if (json_array_size(ours) == 0 || (json_array_size(others) == 0 && !mixed))
        return NULL;
    json_t *rest = json_deep_copy(principal);
    if (json_array_size(others) > 0)
        (void)json_object_set(rest, "Federated", others);
    else
        (void)json_object_del(rest, "Federated");
    json_t *narrow = json_array_size(ours) == 1 ? json_array_get(ours, 0) : ours;
    (void)json_object_set_new(statement, "Principal", json_pack("{s:O}", "Federated", narrow));
    return rest;
}

/* --- conditions ------------------------------------------------------------------------------- */

/* A test that lets through what it names: the narrow one takes its place. */
static bool is_positive(const char *operator_)
{
    struct irsa_operator op;
    return irsa_operator_parse(operator_, &op) && !op.negated && op.family != IRSA_FAMILY_NULL;
}

static bool is_plain_equals(const char *operator_)
{
    return strcmp(operator_, "StringEquals") == 0;
}

/* Removes the positive tests of a key that are not StringEquals; negated ones only narrow further.
 */
static void remove_loose_tests(json_t *condition, const char *key)
{
    irsa_auto_strings operators = {0};
    const char *operator_;
    json_t *keys;
    json_object_foreach(condition, operator_, keys) irsa_strings_add(&operators, operator_);
    for (size_t i = 0; i < operators.len; i++) {
        if (!is_positive(operators.items[i]) || is_plain_equals(operators.items[i]))
            continue;
        keys = json_object_get(condition, operators.items[i]);
        const char *there = irsa_edit_find_key(keys, key);
        if (there)
            (void)json_object_del(keys, there);
        if (json_object_size(keys) == 0)
            (void)json_object_del(condition, operators.items[i]);
    }
}

static json_t *equals_of(json_t *condition)
{
    json_t *equals = json_object_get(condition, "StringEquals");
    if (!equals) {
        irsa_edit_insert(condition, NULL, "StringEquals", json_object());
        equals = json_object_get(condition, "StringEquals");
    }
    return equals;
}

static json_t *subject_values(const struct irsa_strings *subjects)
{
    if (subjects->len == 1)
        return json_string(subjects->items[0]);
    json_t *values = json_array();
    for (size_t i = 0; i < subjects->len; i++)
        (void)json_array_append_new(values, json_string(subjects->items[i]));
    return values;
}

static void narrow_condition(json_t *statement, const struct narrowing *narrowing)
{
    if (!json_is_object(json_object_get(statement, "Condition")))
        (void)json_object_set_new(statement, "Condition", json_object());
    json_t *condition = json_object_get(statement, "Condition");
    remove_loose_tests(condition, narrowing->sub_key);
    remove_loose_tests(condition, narrowing->aud_key);
    json_t *equals = equals_of(condition);
    const char *sub = irsa_edit_find_key(equals, narrowing->sub_key);
    const char *aud = irsa_edit_find_key(equals, narrowing->aud_key);
    (void)json_object_set_new(equals, sub ? sub : narrowing->sub_key,
                              subject_values(narrowing->subjects));
    if (!aud)
        (void)json_object_set_new(equals, narrowing->aud_key, json_string(narrowing->audience));
}

/* --- proof ------------------------------------------------------------------------------------ */

struct comparison {
    const struct irsa_policy *before;
    const struct irsa_policy *after;
    const struct narrowing *narrowing;
    const char *provider; /* by which the subjects come in */
};

static bool not_wider(const struct irsa_neighbour *neighbour, void *context)
{
    const struct comparison *comparison = context;
    const struct narrowing *narrowing = comparison->narrowing;
    bool before = irsa_edit_passes(irsa_policy_decide(comparison->before, &neighbour->request));
    bool after = irsa_edit_passes(irsa_policy_decide(comparison->after, &neighbour->request));
    if (after && !before)
        return false;
    bool kept = neighbour->subject && irsa_strings_has(narrowing->subjects, neighbour->subject)
                && strcmp(neighbour->request.principal, comparison->provider) == 0
                && strcmp(neighbour->audience, narrowing->audience) == 0
                && strcasecmp(neighbour->request.action, IRSA_ACTION_WEB_IDENTITY) == 0;
    return !kept || after == before;
}

static const char *provider_of(const json_t *statement, const struct narrowing *narrowing)
{
    const json_t *federated = json_object_get(json_object_get(statement, "Principal"), "Federated");
    for (size_t i = 0; i < irsa_value_count(federated); i++) {
        const char *text = irsa_value_text(federated, i);
        if (text && is_of_issuer(text, narrowing->issuer))
            return text;
    }
    return narrowing->provider_arn;
}

static bool prove_narrow(const struct irsa_policy *policy, size_t statement, const json_t *after,
                         const struct narrowing *narrowing)
{
    irsa_auto_policy narrowed = irsa_policy_new(after, IRSA_POLICY_TRUST);
    const json_t *before = irsa_policy_document(policy);
    struct irsa_neighbours neighbours = {0};
    const char *provider = provider_of(irsa_edit_statement(before, statement), narrowing);
    for (size_t i = 0; i < narrowing->subjects->len; i++)
        irsa_neighbours_add_binding(&neighbours, provider, narrowing->issuer,
                                    narrowing->subjects->items[i], narrowing->audience);
    irsa_neighbours_collect(&neighbours, before, "aws", "000000000000");
    struct comparison comparison = {policy, narrowed, narrowing, provider};
    bool proven = !neighbours.cut && irsa_neighbours_each(&neighbours, not_wider, &comparison);
    irsa_neighbours_done(&neighbours);
    return proven;
}

/* --- the edit --------------------------------------------------------------------------------- */

static json_t *narrow_document(const json_t *document, size_t index,
                               const struct narrowing *narrowing)
{
    json_auto_t *statement = json_deep_copy(irsa_edit_statement(document, index));
    json_auto_t *others = split_principals(statement, narrowing->issuer);
    name_provider(statement, narrowing->provider_arn);
    narrow_condition(statement, narrowing);
    json_auto_t *after = irsa_edit_with_statement(document, index, statement);
    if (!others)
        return irsa_steal(&after);
    /* what is left of the statement for the other principals stays as wide as it was */
    json_auto_t *rest = json_deep_copy(irsa_edit_statement(document, index));
    (void)json_object_set(rest, "Principal", others);
    const char *sid = json_string_value(json_object_get(rest, "Sid"));
    if (sid) {
        irsa_autofree char *unique = irsa_edit_unique_sid(document, sid);
        (void)json_object_set_new(rest, "Sid", json_string(unique));
    }
    json_t *statements = json_object_get(after, "Statement");
    if (json_is_object(statements)) {
        (void)json_object_set_new(after, "Statement", json_pack("[O]", statements));
        statements = json_object_get(after, "Statement");
    }
    (void)json_array_insert(statements, index + 1, rest);
    return irsa_steal(&after);
}

int irsa_policy_edit_narrow(const struct irsa_policy *policy, size_t statement,
                            const char *provider_arn, const struct irsa_strings *subjects,
                            const char *audience, json_t **ret_document, struct irsa_error **reterr)
{
    const json_t *document = irsa_policy_document(policy);
    json_t *wide = irsa_edit_statement(document, statement);
    if (!wide)
        return irsa_fail(reterr, IRSA_E_NOT_FOUND, "the trust policy has no Statement[%zu]",
                         statement);
    const char *effect = json_string_value(json_object_get(wide, "Effect"));
    if (!effect || strcmp(effect, "Allow") != 0)
        return irsa_fail(reterr, IRSA_E_CONFLICT,
                         "Statement[%zu] allows nothing, there is nothing to narrow", statement);
    if (subjects->len == 0)
        return irsa_fail(reterr, IRSA_E_CONFLICT,
                         "Statement[%zu] would let nobody in: no service account is known to use "
                         "it",
                         statement);
    irsa_auto_provider_arn provider = {0};
    if (irsa_provider_arn_parse(provider_arn, &provider, reterr) != 0)
        return irsa_wrap(reterr, "provider \"%s\"", provider_arn);
    const char *issuer = provider.host_path;
    auto_narrowing narrowing = {provider_arn,
                                issuer,
                                subjects,
                                audience,
                                irsa_format("%s:sub", issuer),
                                irsa_format("%s:aud", issuer)};
    json_auto_t *after = narrow_document(document, statement, &narrowing);
    if (!prove_narrow(policy, statement, after, &narrowing))
        return irsa_fail(reterr, IRSA_E_CONFLICT,
                         "Statement[%zu] can't be narrowed without changing what else it decides",
                         statement);
    *ret_document = irsa_steal(&after);
    return 0;
}
