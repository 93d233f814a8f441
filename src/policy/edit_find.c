/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

/* What a statement shows of whom it was meant for. */
struct traits {
    enum irsa_side principal;
    enum irsa_side key;
    enum irsa_likeness likeness;
};

static void raise_side(enum irsa_side *side, enum irsa_side found)
{
    if (found > *side)
        *side = found;
}

static void read_principal_values(const struct irsa_edit *edit, const json_t *values,
                                  bool federated, struct traits *traits)
{
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *text = irsa_value_text(values, i);
        enum irsa_side side = text ? irsa_edit_provider_side(edit, text) : IRSA_SIDE_DEAD;
        if (!federated && side == IRSA_SIDE_OTHER && !strstr(text, "oidc-provider"))
            side = IRSA_SIDE_DEAD;
        raise_side(&traits->principal, side);
    }
}

static void read_principal(const struct irsa_edit *edit, json_t *statement, struct traits *traits)
{
    json_t *principal = json_object_get(statement, "Principal");
    traits->principal = IRSA_SIDE_DEAD;
    if (!json_is_object(principal)) {
        read_principal_values(edit, principal, false, traits);
        return;
    }
    const char *type;
    json_t *values;
    traits->principal = json_object_size(principal) > 0 ? IRSA_SIDE_NONE : IRSA_SIDE_DEAD;
    json_object_foreach(principal, type, values)
        read_principal_values(edit, values, strcasecmp(type, "Federated") == 0, traits);
}

static void read_values(const struct irsa_edit *edit, const json_t *values, struct traits *traits)
{
    if (json_is_array(values)) {
        for (size_t i = 0; i < json_array_size(values); i++)
            read_values(edit, json_array_get(values, i), traits);
        return;
    }
    if (!json_is_string(values))
        return;
    enum irsa_likeness likeness = irsa_edit_likeness(edit, json_string_value(values));
    if (likeness > traits->likeness)
        traits->likeness = likeness;
}

/* Operator or key, whatever stands at this depth: a lost Condition or operator shifts them. */
static void read_condition(const struct irsa_edit *edit, json_t *object, unsigned depth,
                           struct traits *traits)
{
    const char *key;
    json_t *member;
    json_object_foreach(object, key, member)
    {
        if (json_is_object(member)) {
            if (depth < 2)
                read_condition(edit, member, depth + 1, traits);
            continue;
        }
        enum irsa_claim claim = IRSA_CLAIM_NONE;
        enum irsa_side side = irsa_edit_key_side(edit, key, &claim);
        raise_side(&traits->key, side);
        if (side != IRSA_SIDE_NONE)
            read_values(edit, member, traits);
    }
}

static void read_statement(const struct irsa_edit *edit, json_t *statement, struct traits *traits)
{
    read_principal(edit, statement, traits);
    const char *key;
    json_t *member;
    json_object_foreach(statement, key, member)
    {
        /* also what lost its Condition around it */
        if (json_is_object(member) && strcasecmp(key, "Principal") != 0)
            read_condition(edit, member, 0, traits);
    }
}

static bool is_near(enum irsa_side side)
{
    return side == IRSA_SIDE_OURS || side == IRSA_SIDE_BROKEN;
}

/* Somebody else's live statement is never meant; the subject alone does not make one ours where
 * both provider and keys name another issuer that exists. */
static bool was_meant(const struct traits *traits)
{
    if (traits->likeness < IRSA_LIKE_NEAR)
        return false;
    if (traits->principal == IRSA_SIDE_OTHER && !is_near(traits->key))
        return false;
    if (traits->key == IRSA_SIDE_OTHER && !is_near(traits->principal))
        return false;
    if (traits->likeness == IRSA_LIKE_NEAR || traits->likeness == IRSA_LIKE_WILD)
        return is_near(traits->principal) || is_near(traits->key);
    return true;
}

static bool is_allow(json_t *statement)
{
    const char *key = irsa_edit_find_key(statement, "Effect");
    const char *effect = key ? json_string_value(json_object_get(statement, key)) : NULL;
    return effect && strcasecmp(effect, "Allow") == 0 && !json_object_get(statement, "NotPrincipal")
           && !json_object_get(statement, "NotAction");
}

static int by_score(const void *a, const void *b)
{
    const struct irsa_candidate *left = a;
    const struct irsa_candidate *right = b;
    if (left->score != right->score)
        return left->score < right->score ? 1 : -1;
    return left->statement < right->statement ? -1 : 1;
}

struct irsa_candidate *irsa_edit_find(const struct irsa_edit *edit, size_t *ret_count)
{
    struct irsa_candidate *candidates = NULL;
    *ret_count = 0;
    size_t count = irsa_edit_statement_count(edit->document);
    for (size_t i = 0; i < count; i++) {
        json_t *statement = irsa_edit_statement(edit->document, i);
        if (!statement || !is_allow(statement))
            continue;
        struct traits traits = {0};
        read_statement(edit, statement, &traits);
        if (!was_meant(&traits))
            continue;
        candidates = irsa_grow(candidates, *ret_count, sizeof(*candidates));
        candidates[(*ret_count)++] = (struct irsa_candidate){
            .statement = i,
            .score = 100 * (unsigned)traits.likeness + 10 * (unsigned)traits.principal
                     + (unsigned)traits.key,
            .likeness = traits.likeness,
        };
    }
    if (candidates)
        qsort(candidates, *ret_count, sizeof(*candidates), by_score);
    return candidates;
}
