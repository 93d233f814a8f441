/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

/* The list of subjects in a statement as the author wrote it, wherever it stands. */
struct list {
    json_t *values;
    size_t at; /* of ours */
};

static bool find_in_values(const struct irsa_edit *edit, json_t *values, size_t count,
                           struct list *ret)
{
    if (json_array_size(values) != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_array_get(values, i));
        if (!text || irsa_edit_likeness(edit, text) < IRSA_LIKE_GUESS)
            continue;
        *ret = (struct list){values, i};
        return true;
    }
    return false;
}

/* Operators and keys may stand at other depths than they should. */
static bool find_list(const struct irsa_edit *edit, json_t *object, size_t count, unsigned depth,
                      struct list *ret)
{
    const char *key;
    json_t *member;
    json_object_foreach(object, key, member)
    {
        if (strcasecmp(key, "Principal") == 0)
            continue;
        if (depth > 0 && json_is_array(member) && find_in_values(edit, member, count, ret))
            return true;
        if (json_is_object(member) && depth < 3 && find_list(edit, member, count, depth + 1, ret))
            return true;
    }
    return false;
}

static json_t *test_keys(json_t *statement, const struct irsa_subject_test *test)
{
    return json_object_get(json_object_get(statement, "Condition"), test->operator_);
}

/* The statement that takes our subject in: the same but for its subjects. SIZE_MAX: none. */
static size_t find_home(const struct irsa_repair *repair, const json_t *repaired,
                        const struct irsa_subject_test *test)
{
    const struct irsa_edit *edit = repair->edit;
    json_auto_t *wanted = irsa_edit_alone_without(repaired, test);
    size_t count = irsa_edit_statement_count(edit->document);
    for (size_t i = 0; i < count; i++) {
        json_t *statement = irsa_edit_statement(edit->document, i);
        struct irsa_subject_test there;
        if (i == repair->index || !statement || !irsa_edit_subject_test(edit, statement, &there))
            continue;
        json_auto_t *rest = irsa_edit_alone_without(statement, &there);
        if (irsa_policy_equivalent(rest, wanted))
            return i;
    }
    return SIZE_MAX;
}

/* Our subject joins statement `home`. */
static json_t *join(const struct irsa_repair *repair, const json_t *rest, size_t home)
{
    const struct irsa_edit *edit = repair->edit;
    json_t *document = irsa_edit_with_statement(edit->document, repair->index, rest);
    json_t *statement = irsa_edit_statement(document, home);
    struct irsa_subject_test test;
    if (irsa_edit_subject_test(edit, statement, &test))
        irsa_edit_add_value(test_keys(statement, &test), test.key, edit->wish->subject);
    return document;
}

/* Our subject alone in the repaired statement; what is left behind it. */
static json_t *part(const struct irsa_repair *repair, const json_t *repaired, json_t *rest)
{
    const struct irsa_edit *edit = repair->edit;
    json_t *document = irsa_edit_with_statement(edit->document, repair->index, repaired);
    const char *sid = json_string_value(json_object_get(rest, "Sid"));
    if (sid) {
        irsa_autofree char *unique = irsa_edit_unique_sid(document, sid);
        (void)json_object_set_new(rest, "Sid", json_string(unique));
    }
    json_t *statements = json_object_get(document, "Statement");
    if (json_is_object(statements)) {
        (void)json_object_set_new(document, "Statement", json_pack("[O]", statements));
        statements = json_object_get(document, "Statement");
    }
    (void)json_array_insert(statements, repair->index + 1, rest);
    return document;
}

json_t *irsa_edit_split(const struct irsa_repair *repair, size_t *ret_statement, bool *ret_joined)
{
    const struct irsa_edit *edit = repair->edit;
    struct irsa_subject_test test;
    if (repair->lives || repair->joined || !irsa_edit_subject_test(edit, repair->statement, &test))
        return NULL;
    size_t count = irsa_value_count(json_object_get(test_keys(repair->statement, &test), test.key));
    json_auto_t *rest = json_deep_copy(irsa_edit_statement(edit->document, repair->index));
    struct list list;
    if (count < 2 || !find_list(edit, rest, count, 0, &list))
        return NULL;
    (void)json_array_remove(list.values, list.at);
    json_auto_t *repaired = json_deep_copy(repair->statement);
    (void)json_object_set_new(test_keys(repaired, &test), test.key,
                              json_pack("[s]", edit->wish->subject));
    size_t home = find_home(repair, repaired, &test);
    *ret_joined = home != SIZE_MAX;
    *ret_statement = *ret_joined ? home : repair->index;
    return *ret_joined ? join(repair, rest, home) : part(repair, repaired, rest);
}

json_t *irsa_edit_rejoin(const struct irsa_repair *repair)
{
    const struct irsa_edit *edit = repair->edit;
    struct irsa_subject_test test;
    if (repair->lives || repair->joined || repair->index == 0
        || !irsa_edit_subject_test(edit, repair->statement, &test))
        return NULL;
    const json_t *values = json_object_get(test_keys(repair->statement, &test), test.key);
    if (!json_is_array(values) || json_array_size(values) != 1
        || find_home(repair, repair->statement, &test) != repair->index - 1)
        return NULL;
    json_t *document = join(repair, repair->statement, repair->index - 1);
    (void)json_array_remove(json_object_get(document, "Statement"), repair->index);
    return document;
}
