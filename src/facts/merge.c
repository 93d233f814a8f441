/* SPDX-License-Identifier: Apache-2.0 */
/* Several files may show one object. They need not show the same fields; where two show the same
 * field they must agree, since there is no telling which of them is right. */
#include "facts/internal.h"

#include "irsa/document.h"

int irsa_copies_differ(const struct irsa_take *take, const struct irsa_origins *seen,
                       const char *what, const char *field, const char *before, const char *now)
{
    const struct irsa_facts *facts = take->facts;
    const char *first = irsa_facts_file(facts, seen);
    const char *second = facts->files.items[take->origin.file];
    if (before && now)
        (void)irsa_fail(take->reterr, IRSA_E_PARSE,
                        "%s and %s: two copies of %s differ in %s: \"%s\" and \"%s\"", first,
                        second, what, field, before, now);
    else if (before || now)
        (void)irsa_fail(take->reterr, IRSA_E_PARSE,
                        "%s and %s: two copies of %s differ in %s: only %s has it", first, second,
                        what, field, before ? first : second);
    else
        (void)irsa_fail(take->reterr, IRSA_E_PARSE, "%s and %s: two copies of %s differ in %s",
                        first, second, what, field);
    return irsa_hint(take->reterr,
                     "keep the copy that is right, or leave one file out with --ignore");
}

int irsa_merge_string(const struct irsa_take *take, const struct irsa_origins *seen,
                      const char *what, const char *field, char **have, const char *now)
{
    if (!now)
        return 0;
    if (*have && strcmp(*have, now) != 0)
        return irsa_copies_differ(take, seen, what, field, *have, now);
    if (!*have)
        *have = irsa_strdup(now);
    return 0;
}

int irsa_merge_json(const struct irsa_take *take, const struct irsa_origins *seen, const char *what,
                    const char *field, json_t **have, json_t *now)
{
    if (!now)
        return 0;
    if (*have && !json_equal(*have, now))
        return irsa_copies_differ(take, seen, what, field, NULL, NULL);
    if (!*have)
        *have = json_incref(now);
    return 0;
}

/* Of a text with a key twice IAM takes nothing: it is no copy of one that says the rest. */
static size_t fatal_issues(struct irsa_policy *policy)
{
    size_t count = 0;
    size_t fatal = 0;
    const struct irsa_policy_issue *issues = irsa_policy_issues(policy, &count);
    for (size_t i = 0; i < count; i++)
        fatal += issues[i].fatal;
    return fatal;
}

bool irsa_policy_same(struct irsa_policy *a, struct irsa_policy *b)
{
    if (irsa_policy_identical(a, b))
        return true;
    json_auto_t *left = irsa_policy_document_once(a);
    json_auto_t *right = irsa_policy_document_once(b);
    if (left && right)
        return json_equal(left, right) == 1 && fatal_issues(a) == fatal_issues(b);
    if (left || right)
        return false;
    size_t left_count = 0;
    size_t right_count = 0;
    const struct irsa_policy_issue *left_issues = irsa_policy_issues(a, &left_count);
    const struct irsa_policy_issue *right_issues = irsa_policy_issues(b, &right_count);
    return left_count > 0 && right_count > 0
           && strcmp(left_issues[0].message, right_issues[0].message) == 0
           && strcmp(left_issues[0].where, right_issues[0].where) == 0;
}

int irsa_merge_policy(const struct irsa_take *take, const struct irsa_origins *seen,
                      const char *what, const char *field, struct irsa_policy **have,
                      struct irsa_policy *now)
{
    if (!now)
        return 0;
    if (!*have) {
        *have = now;
        return 0;
    }
    irsa_auto_policy copy = now;
    return irsa_policy_same(*have, copy) ? 0
                                         : irsa_copies_differ(take, seen, what, field, NULL, NULL);
}

/* The union of both; *have becomes an object of its own where something is added. */
static int merge_maps(const struct irsa_take *take, const struct irsa_origins *seen,
                      const char *what, const char *word, json_t **have, json_t *now)
{
    const char *key = NULL;
    json_t *value = NULL;
    bool own = false;
    json_object_foreach(now, key, value)
    {
        const json_t *old = json_object_get(*have, key);
        if (old && !json_equal(old, value)) {
            irsa_autofree char *field = irsa_format("%s %s", word, key);
            bool text = json_is_string(old) && json_is_string(value);
            return irsa_copies_differ(take, seen, what, field, text ? json_string_value(old) : NULL,
                                      text ? json_string_value(value) : NULL);
        }
        if (old)
            continue;
        if (!own) {
            json_t *copy = *have ? json_copy(*have) : json_object();
            json_decref(*have);
            *have = copy;
            own = true;
        }
        json_object_set(*have, key, value);
    }
    return 0;
}

int irsa_merge_labels(const struct irsa_take *take, const struct irsa_origins *seen,
                      const char *what, json_t **have, json_t *now)
{
    return merge_maps(take, seen, what, "label", have, now);
}

/* A manifest shows an object as somebody wrote it: what others added to it (kubectl, Helm, Argo CD)
 * is no contradiction. An annotation of IRSA's on one copy only is one. */
static int one_sided(const struct irsa_take *take, const struct irsa_origins *seen,
                     const char *what, json_t *a, const json_t *b, bool a_first)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(a, key, value)
    {
        if (!irsa_key_concerns_irsa(key) || json_object_get(b, key))
            continue;
        irsa_autofree char *field = irsa_format("annotation %s", key);
        const char *text = json_is_string(value) ? json_string_value(value) : "";
        return irsa_copies_differ(take, seen, what, field, a_first ? text : NULL,
                                  a_first ? NULL : text);
    }
    return 0;
}

int irsa_merge_annotations(const struct irsa_take *take, const struct irsa_origins *seen,
                           const char *what, json_t **have, json_t *now)
{
    if (one_sided(take, seen, what, *have, now, true) != 0
        || one_sided(take, seen, what, now, *have, false) != 0)
        return -1;
    const char *key = NULL;
    json_t *value = NULL;
    json_t *mine = NULL;
    json_object_foreach(now, key, value)
    {
        /* Others' annotations may change between two captures; the first copy's stay. */
        const json_t *old = json_object_get(*have, key);
        if (old && json_equal(old, value))
            continue;
        if (old && !irsa_key_concerns_irsa(key))
            continue;
        if (!mine)
            mine = json_object();
        json_object_set(mine, key, value);
    }
    int r = merge_maps(take, seen, what, "annotation", have, mine);
    json_decref(mine);
    return r;
}
