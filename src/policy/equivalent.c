/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/normal.h"

static int compare_forms(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The statements' forms, sorted, each once; the caller frees the array (not the strings). */
static const char **sorted_forms(const struct irsa_normal_policy *policy, size_t *ret_count)
{
    *ret_count = 0;
    const char **forms = irsa_calloc(policy->len + 1, sizeof(*forms));
    for (size_t i = 0; i < policy->len; i++)
        forms[i] = policy->statements[i].form;
    if (policy->len > 1)
        qsort((void *)forms, policy->len, sizeof(*forms), compare_forms);
    for (size_t i = 0; i < policy->len; i++) {
        if (i == 0 || strcmp(forms[i], forms[*ret_count - 1]) != 0)
            forms[(*ret_count)++] = forms[i];
    }
    return forms;
}

static bool same_statements(const struct irsa_normal_policy *a, const struct irsa_normal_policy *b)
{
    size_t a_count = 0;
    size_t b_count = 0;
    const char **a_forms = sorted_forms(a, &a_count);
    const char **b_forms = sorted_forms(b, &b_count);
    bool same = a_count == b_count;
    for (size_t i = 0; i < a_count && same; i++)
        same = strcmp(a_forms[i], b_forms[i]) == 0;
    free((void *)a_forms);
    free((void *)b_forms);
    return same;
}

bool irsa_policy_equivalent(const json_t *a, const json_t *b)
{
    if (a == b || json_equal(a, b))
        return true;
    if (!a || !b)
        return false;
    irsa_auto_normal_policy normal_a = {0};
    irsa_auto_normal_policy normal_b = {0};
    irsa_normalise(a, &normal_a);
    irsa_normalise(b, &normal_b);
    /* Documents that IAM refuses as a whole are alike only if they are equal. */
    if (!normal_a.model->usable || !normal_b.model->usable)
        return false;
    /* The version's only meaning is whether ${...} is a variable. */
    if (normal_a.model->variables != normal_b.model->variables
        && irsa_normal_has_variable(&normal_a))
        return false;
    return same_statements(&normal_a, &normal_b);
}
