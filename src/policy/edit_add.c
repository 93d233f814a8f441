/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

/* --- Sids ------------------------------------------------------------------------------------- */

static bool sid_taken(const json_t *document, const char *sid)
{
    size_t count = irsa_edit_statement_count(document);
    for (size_t i = 0; i < count; i++) {
        const char *there =
            json_string_value(json_object_get(irsa_edit_statement(document, i), "Sid"));
        if (there && strcmp(there, sid) == 0)
            return true;
    }
    return false;
}

/* A Sid is unique in its policy, letters and digits
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html). */
char *irsa_edit_unique_sid(const json_t *document, const char *sid)
{
    char *unique = irsa_strdup(sid);
    for (unsigned number = 2; sid_taken(document, unique); number++) {
        free(unique);
        unique = irsa_format("%s%u", sid, number);
    }
    return unique;
}

/* --- statements compared but for the subject -------------------------------------------------- */

bool irsa_edit_subject_test(const struct irsa_edit *edit, json_t *statement,
                            struct irsa_subject_test *ret)
{
    size_t found = 0;
    const char *operator_;
    json_t *keys;
    json_object_foreach(json_object_get(statement, "Condition"), operator_, keys)
    {
        struct irsa_operator op;
        const char *key = irsa_edit_find_key(keys, edit->sub_key);
        if (!key)
            continue;
        found++;
        bool plain = irsa_operator_parse(operator_, &op) && !op.negated && !op.if_exists
                     && op.set == IRSA_SET_NONE
                     && (op.family == IRSA_FAMILY_STRING || op.family == IRSA_FAMILY_STRING_LIKE);
        if (!plain)
            return false;
        *ret = (struct irsa_subject_test){operator_, key};
    }
    return found == 1;
}

json_t *irsa_edit_alone_without(const json_t *statement, const struct irsa_subject_test *test)
{
    json_t *copy = json_deep_copy(statement);
    (void)json_object_del(copy, "Sid");
    if (test) {
        json_t *condition = json_object_get(copy, "Condition");
        json_t *keys = json_object_get(condition, test->operator_);
        (void)json_object_del(keys, test->key);
        if (json_object_size(keys) == 0)
            (void)json_object_del(condition, test->operator_);
    }
    return json_pack("{s:s, s:o}", "Version", "2012-10-17", "Statement", copy);
}

static bool is_present(const json_t *document, const json_t *statement)
{
    json_auto_t *wanted = irsa_edit_alone_without(statement, NULL);
    size_t count = irsa_edit_statement_count(document);
    for (size_t i = 0; i < count; i++) {
        json_t *there = irsa_edit_statement(document, i);
        if (!there)
            continue;
        json_auto_t *alone = irsa_edit_alone_without(there, NULL);
        if (json_equal(alone, wanted))
            return true;
    }
    return false;
}

/* --- merging ---------------------------------------------------------------------------------- */

/* The template's statement for the wish, where all else of the template is in the document already.
 */
static json_t *statement_to_merge(const struct irsa_edit *edit, struct irsa_subject_test *ret_test)
{
    json_t *chosen = NULL;
    size_t count = irsa_edit_statement_count(edit->wish->template_policy);
    for (size_t i = 0; i < count; i++) {
        json_t *statement = irsa_edit_statement(edit->wish->template_policy, i);
        struct irsa_subject_test test;
        if (!chosen && statement && irsa_edit_subject_test(edit, statement, &test)) {
            chosen = statement;
            *ret_test = test;
        } else if (!statement || !is_present(edit->document, statement)) {
            return NULL;
        }
    }
    return chosen;
}

/* Does the author put several subjects into one statement? */
static bool author_merges(const struct irsa_edit *edit)
{
    size_t count = irsa_edit_statement_count(edit->document);
    for (size_t i = 0; i < count; i++) {
        const char *operator_;
        json_t *keys;
        json_object_foreach(json_object_get(irsa_edit_statement(edit->document, i), "Condition"),
                            operator_, keys)
        {
            const char *key;
            json_t *values;
            json_object_foreach(keys, key, values)
            {
                enum irsa_claim claim;
                (void)irsa_edit_key_side(edit, key, &claim);
                if (claim == IRSA_CLAIM_SUB && json_array_size(values) > 1)
                    return true;
            }
        }
    }
    return false;
}

json_t *irsa_edit_merge_subject(const struct irsa_edit *edit, size_t *ret_statement,
                                struct irsa_strings *notes)
{
    struct irsa_subject_test wanted_test;
    json_t *wanted = statement_to_merge(edit, &wanted_test);
    if (!wanted)
        return NULL;
    json_auto_t *wanted_rest = irsa_edit_alone_without(wanted, &wanted_test);
    bool merges = author_merges(edit);
    size_t count = irsa_edit_statement_count(edit->document);
    for (size_t i = 0; i < count; i++) {
        json_t *statement = irsa_edit_statement(edit->document, i);
        struct irsa_subject_test test;
        if (!statement || !irsa_edit_subject_test(edit, statement, &test))
            continue;
        json_auto_t *rest = irsa_edit_alone_without(statement, &test);
        json_t *keys = json_object_get(json_object_get(statement, "Condition"), test.operator_);
        bool takes_more = json_is_array(json_object_get(keys, test.key)) || merges;
        if (!takes_more || !irsa_policy_equivalent(rest, wanted_rest))
            continue;
        json_auto_t *copy = json_deep_copy(statement);
        irsa_edit_add_value(json_object_get(json_object_get(copy, "Condition"), test.operator_),
                            test.key, edit->wish->subject);
        *ret_statement = i;
        irsa_strings_take(notes, irsa_format("Statement[%zu].Condition.%s.%s: + \"%s\"", i,
                                             test.operator_, test.key, edit->wish->subject));
        return irsa_edit_with_statement(edit->document, i, copy);
    }
    return NULL;
}

/* --- adding ----------------------------------------------------------------------------------- */

json_t *irsa_edit_add_template(const struct irsa_edit *edit, size_t *ret_statement,
                               struct irsa_strings *notes)
{
    json_auto_t *document = json_deep_copy(edit->document);
    json_t *statements = json_object_get(document, "Statement");
    if (!json_is_array(statements)) {
        json_t *array = json_pack("[O]", statements);
        (void)json_object_set_new(document, "Statement", array);
        statements = array;
    }
    size_t first = json_array_size(statements);
    size_t count = irsa_edit_statement_count(edit->wish->template_policy);
    for (size_t i = 0; i < count; i++) {
        json_t *statement = irsa_edit_statement(edit->wish->template_policy, i);
        if (!statement || is_present(edit->document, statement))
            continue;
        json_auto_t *copy = json_deep_copy(statement);
        const char *sid = json_string_value(json_object_get(copy, "Sid"));
        if (sid) {
            irsa_autofree char *unique = irsa_edit_unique_sid(document, sid);
            (void)json_object_set_new(copy, "Sid", json_string(unique));
        }
        irsa_strings_take(notes, irsa_format("Statement[%zu]: added for \"%s\"",
                                             json_array_size(statements), edit->wish->subject));
        (void)json_array_append(statements, copy);
    }
    if (json_array_size(statements) == first)
        return NULL;
    *ret_statement = first;
    return irsa_steal(&document);
}

/* --- documents past repair -------------------------------------------------------------------- */

/* A trust policy's statement needs a principal; IAM refuses those without, and a permission policy
 * has none
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html). */
bool irsa_edit_hopeless(const json_t *document)
{
    if (!json_is_object(document))
        return true;
    const json_t *statements = json_object_get(document, "Statement");
    if (!json_is_object(statements) && !json_is_array(statements))
        return true;
    size_t count = irsa_edit_statement_count(document);
    for (size_t i = 0; i < count; i++) {
        json_t *statement = irsa_edit_statement(document, i);
        if (irsa_edit_find_key(statement, "Principal")
            || irsa_edit_find_key(statement, "NotPrincipal"))
            return false;
    }
    return count > 0;
}
