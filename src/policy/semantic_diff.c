/* SPDX-License-Identifier: Apache-2.0 */
/* Statements are paired by equal meaning, then by Sid, then by likeness; what is left over was
 * added or removed. */
#include "policy/normal.h"

struct pairing {
    const struct irsa_normal_policy *before;
    const struct irsa_normal_policy *after;
    size_t *partner; /* of each `after` statement: its place in `before`, or SIZE_MAX */
    bool *taken;     /* of each `before` statement */
};

/* --- likeness --------------------------------------------------------------------------------- */

static const struct irsa_normal_element *find_element(const struct irsa_normal_statement *statement,
                                                      const char *form)
{
    for (size_t i = 0; i < statement->len; i++) {
        if (strcmp(statement->elements[i].form, form) == 0)
            return &statement->elements[i];
    }
    return NULL;
}

static bool has_value(const struct irsa_normal_element *element, const char *form)
{
    for (size_t i = 0; element && i < element->len; i++) {
        if (strcmp(element->values[i].form, form) == 0)
            return true;
    }
    return false;
}

/* Twice the elements that share a value, and the elements that share the label. */
static size_t likeness(const struct irsa_normal_statement *a, const struct irsa_normal_statement *b)
{
    size_t score = 0;
    for (size_t i = 0; i < a->len; i++) {
        const struct irsa_normal_element *element = &a->elements[i];
        const struct irsa_normal_element *other = find_element(b, element->form);
        bool shared = false;
        for (size_t j = 0; other && j < element->len && !shared; j++)
            shared = has_value(other, element->values[j].form);
        score += (other ? 1U : 0U) + (shared ? 2U : 0U);
    }
    return score;
}

/* --- pairing ---------------------------------------------------------------------------------- */

static void take(struct pairing *pairing, size_t after, size_t before)
{
    pairing->partner[after] = before;
    pairing->taken[before] = true;
}

typedef bool match_function(const struct irsa_normal_statement *a,
                            const struct irsa_normal_statement *b);

static bool same_meaning(const struct irsa_normal_statement *a,
                         const struct irsa_normal_statement *b)
{
    return strcmp(a->form, b->form) == 0;
}

static bool same_sid(const struct irsa_normal_statement *a, const struct irsa_normal_statement *b)
{
    return a->sid && b->sid && strcmp(a->sid, b->sid) == 0;
}

static void pair_by(struct pairing *pairing, match_function *match)
{
    for (size_t i = 0; i < pairing->after->len; i++) {
        for (size_t j = 0; j < pairing->before->len && pairing->partner[i] == SIZE_MAX; j++) {
            if (!pairing->taken[j]
                && match(&pairing->after->statements[i], &pairing->before->statements[j]))
                take(pairing, i, j);
        }
    }
}

/* At least the effect and one more element must share a value. */
#define LIKE_ENOUGH 6

static void pair_by_likeness(struct pairing *pairing)
{
    for (size_t i = 0; i < pairing->after->len; i++) {
        size_t best = SIZE_MAX;
        size_t best_score = LIKE_ENOUGH - 1;
        for (size_t j = 0; j < pairing->before->len && pairing->partner[i] == SIZE_MAX; j++) {
            if (pairing->taken[j])
                continue;
            const size_t score =
                likeness(&pairing->after->statements[i], &pairing->before->statements[j]);
            if (score > best_score) {
                best = j;
                best_score = score;
            }
        }
        if (best != SIZE_MAX)
            take(pairing, i, best);
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

static void add_values(struct irsa_buf *line, char sign, const struct irsa_normal_element *these,
                       const struct irsa_normal_element *others)
{
    for (size_t i = 0; these && i < these->len; i++) {
        if (!has_value(others, these->values[i].form))
            irsa_buf_addf(line, " %c \"%s\"", sign, these->values[i].text);
    }
}

static void diff_element(const char *path, const struct irsa_normal_element *before,
                         const struct irsa_normal_element *after, struct irsa_strings *ret)
{
    irsa_auto_buf values = {0};
    add_values(&values, '-', before, after);
    add_values(&values, '+', after, before);
    if (before && after && values.len == 0)
        return;
    const char *sign = !before ? " (new)" : !after ? " (gone)" : "";
    irsa_strings_take(ret, irsa_format("~ %s %s%s:%s", path, (after ? after : before)->label, sign,
                                       irsa_buf_str(&values)));
}

static void diff_statement(const struct irsa_normal_statement *before,
                           const struct irsa_normal_statement *after, struct irsa_strings *ret)
{
    for (size_t i = 0; i < before->len; i++) {
        const struct irsa_normal_element *element = &before->elements[i];
        diff_element(after->path, element, find_element(after, element->form), ret);
    }
    for (size_t i = 0; i < after->len; i++) {
        if (!find_element(before, after->elements[i].form))
            diff_element(after->path, NULL, &after->elements[i], ret);
    }
}

static bool has_statement(const struct irsa_normal_policy *policy, const char *form)
{
    for (size_t i = 0; i < policy->len; i++) {
        if (strcmp(policy->statements[i].form, form) == 0)
            return true;
    }
    return false;
}

/* Unless the other side has one of equal meaning, of which this was a repetition. */
static void whole_statement(char sign, const struct irsa_normal_statement *statement,
                            const struct irsa_normal_policy *other, struct irsa_strings *ret)
{
    if (has_statement(other, statement->form))
        return;
    irsa_auto_buf line = {0};
    irsa_buf_addf(&line, "%c %s", sign, statement->path);
    for (size_t i = 0; i < statement->len; i++) {
        const struct irsa_normal_element *element = &statement->elements[i];
        irsa_buf_addf(&line, "%s %s", i == 0 ? "" : ",", element->label);
        for (size_t j = 0; j < element->len; j++)
            irsa_buf_addf(&line, " \"%s\"", element->values[j].text);
    }
    irsa_strings_take(ret, irsa_buf_steal(&line));
}

static void diff_version(const struct irsa_normal_policy *before,
                         const struct irsa_normal_policy *after, struct irsa_strings *ret)
{
    const json_t *old = json_object_get(before->model->document, "Version");
    const json_t *new = json_object_get(after->model->document, "Version");
    /* The version's only meaning is whether ${...} is a variable. */
    const bool variables = irsa_normal_has_variable(before) || irsa_normal_has_variable(after);
    if (before->model->usable == after->model->usable
        && (before->model->variables == after->model->variables || !variables))
        return;
    const char *old_text = json_string_value(old);
    const char *new_text = json_string_value(new);
    irsa_strings_take(ret, irsa_format("~ Version: - %s + %s", old_text ? old_text : "(none)",
                                       new_text ? new_text : "(none)"));
}

void irsa_policy_semantic_diff(const json_t *before, const json_t *after, struct irsa_strings *ret)
{
    irsa_auto_normal_policy old = {0};
    irsa_auto_normal_policy new = {0};
    irsa_normalise(before, &old);
    irsa_normalise(after, &new);
    struct pairing pairing = {
        .before = &old,
        .after = &new,
        .partner = irsa_calloc(new.len + 1, sizeof(size_t)),
        .taken = irsa_calloc(old.len + 1, sizeof(bool)),
    };
    for (size_t i = 0; i < new.len; i++)
        pairing.partner[i] = SIZE_MAX;
    pair_by(&pairing, same_meaning);
    pair_by(&pairing, same_sid);
    pair_by_likeness(&pairing);
    diff_version(&old, &new, ret);
    for (size_t i = 0; i < old.len; i++) {
        if (!pairing.taken[i])
            whole_statement('-', &old.statements[i], &new, ret);
    }
    for (size_t i = 0; i < new.len; i++) {
        if (pairing.partner[i] == SIZE_MAX)
            whole_statement('+', &new.statements[i], &old, ret);
        else
            diff_statement(&old.statements[pairing.partner[i]], &new.statements[i], ret);
    }
    free(pairing.partner);
    free(pairing.taken);
}
