/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

/* A statement that may be merged: its one positive test of a subject, and all the rest. */
struct part {
    char *operator_;
    char *key;
    json_t *rest; /* a document of the statement without Sid and without the test's values */
};

static void part_done(struct part *part)
{
    free(part->operator_);
    free(part->key);
    json_decref(part->rest);
}

static bool is_subject_key(const char *key)
{
    const char *claim = irsa_key_claim(key);
    return claim && strcasecmp(claim, "sub") == 0;
}

/* Values of such a test are alternatives, so two tests that differ in them alone are one with both
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html).
 */
static bool takes_alternatives(const char *operator_)
{
    struct irsa_operator op;
    return irsa_operator_parse(operator_, &op) && !op.negated && op.set == IRSA_SET_NONE
           && (op.family == IRSA_FAMILY_STRING || op.family == IRSA_FAMILY_STRING_CASE
               || op.family == IRSA_FAMILY_STRING_LIKE);
}

static bool find_test(json_t *statement, struct part *part)
{
    size_t found = 0;
    const char *operator_;
    json_t *keys;
    json_object_foreach(json_object_get(statement, "Condition"), operator_, keys)
    {
        const char *key;
        json_t *values;
        json_object_foreach(keys, key, values)
        {
            if (!is_subject_key(key))
                continue;
            found++;
            if (found > 1 || !takes_alternatives(operator_) || !irsa_value_is_strings(values))
                return false;
            part->operator_ = irsa_strdup(operator_);
            part->key = irsa_strdup(key);
        }
    }
    return found == 1;
}

static bool read_part(json_t *statement, const json_t *version, struct part *part)
{
    const char *effect = json_string_value(json_object_get(statement, "Effect"));
    if (!effect || strcmp(effect, "Allow") != 0 || !find_test(statement, part))
        return false;
    json_auto_t *copy = json_deep_copy(statement);
    (void)json_object_del(copy, "Sid");
    json_t *keys = json_object_get(json_object_get(copy, "Condition"), part->operator_);
    (void)json_object_set_new(keys, part->key, json_string("-"));
    part->rest = json_pack("{s:O}", "Statement", copy);
    if (version)
        (void)json_object_set(part->rest, "Version", (json_t *)version);
    return true;
}

static json_t *test_values(json_t *statement, const struct part *part)
{
    json_t *condition = json_object_get(statement, "Condition");
    return json_object_get(json_object_get(condition, part->operator_), part->key);
}

static bool has_value(const json_t *values, const char *text)
{
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *there = irsa_value_text(values, i);
        if (there && strcmp(there, text) == 0)
            return true;
    }
    return false;
}

static void join_values(json_t *into, const struct part *part, json_t *from,
                        const struct part *from_part)
{
    json_t *condition = json_object_get(into, "Condition");
    json_t *keys = json_object_get(condition, part->operator_);
    const json_t *values = test_values(from, from_part);
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *text = irsa_value_text(values, i);
        if (!has_value(json_object_get(keys, part->key), text))
            irsa_edit_add_value(keys, part->key, text);
    }
}

/* Joins statements of the array into earlier ones; true where any was. */
static bool merge_array(json_t *statements, const json_t *version)
{
    bool merged = false;
    for (size_t i = 0; i < json_array_size(statements); i++) {
        json_t *into = json_array_get(statements, i);
        struct part part = {0};
        if (!json_is_object(into) || !read_part(into, version, &part)) {
            part_done(&part);
            continue;
        }
        for (size_t j = i + 1; j < json_array_size(statements);) {
            json_t *from = json_array_get(statements, j);
            struct part from_part = {0};
            bool same = json_is_object(from) && read_part(from, version, &from_part)
                        && irsa_policy_equivalent(part.rest, from_part.rest);
            if (same) {
                join_values(into, &part, from, &from_part);
                (void)json_array_remove(statements, j);
                merged = true;
            } else {
                j++;
            }
            part_done(&from_part);
        }
        part_done(&part);
    }
    return merged;
}

static json_t *alone(const json_t *version, json_t *statement)
{
    json_t *document = json_pack("{s:O}", "Statement", statement);
    if (version)
        (void)json_object_set(document, "Version", (json_t *)version);
    return document;
}

static bool has_values(const json_t *all, const json_t *some)
{
    for (size_t i = 0; i < irsa_value_count(some); i++) {
        if (!has_value(all, irsa_value_text(some, i)))
            return false;
    }
    return true;
}

bool irsa_edit_covers(const json_t *version, json_t *by, json_t *statement)
{
    json_auto_t *one = alone(version, by);
    json_auto_t *other = alone(version, statement);
    if (irsa_policy_equivalent(one, other))
        return true;
    struct part part = {0};
    struct part by_part = {0};
    bool covers = read_part(by, version, &by_part) && read_part(statement, version, &part)
                  && irsa_policy_equivalent(by_part.rest, part.rest)
                  && has_values(test_values(by, &by_part), test_values(statement, &part));
    part_done(&part);
    part_done(&by_part);
    return covers;
}

struct comparison {
    const struct irsa_policy *before;
    const struct irsa_policy *after;
};

static bool same_decision(const struct irsa_neighbour *neighbour, void *context)
{
    const struct comparison *comparison = context;
    return irsa_policy_decide(comparison->before, &neighbour->request)
           == irsa_policy_decide(comparison->after, &neighbour->request);
}

static bool prove_same(const struct irsa_policy *policy, const json_t *after)
{
    irsa_auto_policy merged = irsa_policy_new(after, IRSA_POLICY_TRUST);
    struct irsa_neighbours neighbours = {0};
    irsa_neighbours_collect(&neighbours, irsa_policy_document(policy), "aws", "000000000000");
    if (neighbours.audiences.len == 0)
        irsa_strings_add(&neighbours.audiences, IRSA_DEFAULT_AUDIENCE);
    struct comparison comparison = {policy, merged};
    bool same = !neighbours.cut && irsa_neighbours_each(&neighbours, same_decision, &comparison);
    irsa_neighbours_done(&neighbours);
    return same;
}

json_t *irsa_policy_merge_statements(const struct irsa_policy *policy)
{
    const json_t *document = irsa_policy_document(policy);
    if (!json_is_array(json_object_get(document, "Statement")))
        return NULL;
    json_auto_t *after = json_deep_copy(document);
    const json_t *version = json_object_get(document, "Version");
    if (!merge_array(json_object_get(after, "Statement"), version) || !prove_same(policy, after))
        return NULL;
    return irsa_steal(&after);
}
