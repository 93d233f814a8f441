/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/resolve.h"

#include "intent/selector.h"

static bool is_glob(const char *text)
{
    return strpbrk(text, "*?") != NULL;
}

static bool namespace_selected(const struct irsa_intent *intent, const char *namespace_)
{
    for (size_t i = 0; i < intent->namespaces.len; i++) {
        if (irsa_glob_match(intent->namespaces.items[i], namespace_))
            return true;
    }
    return intent->namespaces.len == 0;
}

/* pattern: "NAME" or "NS/NAME". */
static bool account_matches(const char *pattern, const char *namespace_, const char *name)
{
    const char *slash = strchr(pattern, '/');
    if (!slash)
        return irsa_glob_match(pattern, name);
    irsa_autofree char *namespace_pattern = irsa_strndup(pattern, (size_t)(slash - pattern));
    return irsa_glob_match(namespace_pattern, namespace_) && irsa_glob_match(slash + 1, name);
}

bool irsa_intent_selects(const struct irsa_intent *intent, const char *namespace_,
                         const char *service_account)
{
    if (!namespace_selected(intent, namespace_))
        return false;
    bool named = intent->service_accounts.len == 0;
    for (size_t i = 0; i < intent->service_accounts.len && !named; i++)
        named = account_matches(intent->service_accounts.items[i], namespace_, service_account);
    return named;
}

bool irsa_selected(const struct irsa_intent *intent, const struct irsa_selector *selector,
                   const struct irsa_candidate *candidate)
{
    bool named = irsa_intent_selects(intent, candidate->namespace_, candidate->service_account);
    if (!named || !selector)
        return named;
    const json_t *labels = candidate->account ? candidate->account->labels
                           : candidate->wish  ? candidate->wish->labels
                                              : NULL;
    return irsa_selector_matches(selector, labels);
}

/* "NS/NAME" of all service accounts that are known of, for "did you mean". */
static void known_accounts(const struct irsa_candidates *all, bool with_namespace,
                           struct irsa_strings *ret)
{
    for (size_t i = 0; i < all->facts->service_account_count; i++) {
        const struct irsa_service_account *account = &all->facts->service_accounts[i];
        irsa_strings_take(ret, with_namespace
                                   ? irsa_format("%s/%s", account->namespace_, account->name)
                                   : irsa_strdup(account->name));
    }
    for (size_t i = 0; i < all->len; i++)
        irsa_strings_take(ret, with_namespace ? irsa_format("%s/%s", all->items[i].namespace_,
                                                            all->items[i].service_account)
                                              : irsa_strdup(all->items[i].service_account));
    irsa_strings_sort(ret);
}

#define NAMED_AT_MOST 6

/* What was meant, or what there is; sorts `known`. */
static int hint_known(struct irsa_strings *known, const char *word, struct irsa_error **reterr)
{
    irsa_auto_strings once = {0};
    irsa_strings_sort(known);
    for (size_t i = 0; i < known->len; i++) {
        if (i == 0 || strcmp(known->items[i], known->items[i - 1]) != 0)
            irsa_strings_add(&once, known->items[i]);
    }
    const char *nearest = irsa_nearest(word, (const char *const *)once.items, once.len);
    if (nearest)
        return irsa_hint(reterr, "did you mean %s?", nearest);
    if (once.len == 0)
        return -1;
    irsa_autofree char *some = irsa_strings_some(&once, NAMED_AT_MOST);
    return irsa_hint(reterr, "there %s %s", once.len == 1 ? "is" : "are", some);
}

static int fail_unmatched(const struct irsa_candidates *all, const char *pattern,
                          struct irsa_error **reterr)
{
    irsa_fail(reterr, IRSA_E_NOT_FOUND, "no service account matches -s %s", pattern);
    irsa_auto_strings known = {0};
    known_accounts(all, strchr(pattern, '/') != NULL, &known);
    const char *nearest = irsa_nearest(pattern, (const char *const *)known.items, known.len);
    if (!nearest && !strchr(pattern, '/') && !is_glob(pattern))
        return irsa_hint(
            reterr, "name its namespace too, if it is still to be made: -s NAMESPACE/%s", pattern);
    return hint_known(&known, pattern, reterr);
}

/* Does any service account of the facts match? Those of a plain name become candidates. */
static bool ask_existing(struct irsa_candidates *all, const char *pattern)
{
    bool found = false;
    for (size_t i = 0; i < all->facts->service_account_count; i++) {
        const struct irsa_service_account *account = &all->facts->service_accounts[i];
        if (!namespace_selected(all->intent, account->namespace_)
            || !account_matches(pattern, account->namespace_, account->name))
            continue;
        found = true;
        if (!is_glob(pattern))
            irsa_candidate_of(all, account->namespace_, account->name)->named_by |=
                IRSA_NAMED_BY_SELECTION;
    }
    return found;
}

/* The names of -n that are no globs, with the option's own namespace first. */
static bool ask_by_name(struct irsa_candidates *all, const char *pattern)
{
    const char *slash = strchr(pattern, '/');
    if (slash) {
        irsa_autofree char *namespace_ = irsa_strndup(pattern, (size_t)(slash - pattern));
        if (!namespace_selected(all->intent, namespace_))
            return false;
        irsa_candidate_of(all, namespace_, slash + 1)->named_by |= IRSA_NAMED_BY_SELECTION;
        return true;
    }
    if (all->intent->namespaces.len != 1 || is_glob(all->intent->namespaces.items[0]))
        return false;
    irsa_candidate_of(all, all->intent->namespaces.items[0], pattern)->named_by |=
        IRSA_NAMED_BY_SELECTION;
    return true;
}

static int ask(struct irsa_candidates *all, const char *pattern, struct irsa_error **reterr)
{
    bool literal = !is_glob(pattern);
    bool found = false;
    for (size_t i = 0; i < all->len; i++) {
        struct irsa_candidate *candidate = &all->items[i];
        if (!namespace_selected(all->intent, candidate->namespace_)
            || !account_matches(pattern, candidate->namespace_, candidate->service_account))
            continue;
        found = true;
        if (literal)
            candidate->named_by |= IRSA_NAMED_BY_SELECTION;
    }
    if (found || ask_existing(all, pattern))
        return 0;
    if (literal && ask_by_name(all, pattern))
        return 0;
    return fail_unmatched(all, pattern, reterr);
}

static int check_namespace_seen(const struct irsa_candidates *all, const char *pattern,
                                struct irsa_error **reterr)
{
    const struct irsa_facts *facts = all->facts;
    for (size_t i = 0; i < all->len; i++) {
        if (irsa_glob_match(pattern, all->items[i].namespace_))
            return 0;
    }
    irsa_auto_strings known = {0};
    for (size_t i = 0; i < facts->namespace_count; i++)
        irsa_strings_add(&known, facts->namespaces[i].name);
    for (size_t i = 0; i < facts->service_account_count; i++)
        irsa_strings_add(&known, facts->service_accounts[i].namespace_);
    for (size_t i = 0; i < known.len; i++) {
        if (irsa_glob_match(pattern, known.items[i]))
            return 0;
    }
    if (!is_glob(pattern) && irsa_facts_namespace_presence(facts, pattern) == IRSA_PRESENT)
        return 0;
    irsa_fail(reterr, IRSA_E_NOT_FOUND, "no namespace matches -n %s", pattern);
    return hint_known(&known, pattern, reterr);
}

static void add_labels(const json_t *labels, struct irsa_strings *ret)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)labels, key, value)
    {
        irsa_strings_take(ret, irsa_format("%s=%s", key, json_string_value(value)));
    }
}

int irsa_select_labelled(const struct irsa_candidates *all, const struct irsa_selector *selector,
                         struct irsa_error **reterr)
{
    irsa_auto_strings known = {0};
    for (size_t i = 0; i < all->len; i++) {
        if (irsa_selected(all->intent, selector, &all->items[i]))
            return 0;
    }
    for (size_t i = 0; i < all->facts->service_account_count; i++) {
        const struct irsa_service_account *account = &all->facts->service_accounts[i];
        if (!irsa_intent_selects(all->intent, account->namespace_, account->name))
            continue;
        if (irsa_selector_matches(selector, account->labels))
            return 0;
        add_labels(account->labels, &known);
    }
    (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "no service account that was seen matches -l %s",
                    all->intent->selector);
    if (known.len == 0)
        return irsa_hint(reterr, "none of them has labels");
    return hint_known(&known, all->intent->selector, reterr);
}

int irsa_select_asked(struct irsa_candidates *all, struct irsa_error **reterr)
{
    const struct irsa_intent *intent = all->intent;
    for (size_t i = 0; i < intent->service_accounts.len; i++) {
        if (ask(all, intent->service_accounts.items[i], reterr) != 0)
            return -1;
    }
    for (size_t i = 0; i < intent->namespaces.len; i++) {
        if (check_namespace_seen(all, intent->namespaces.items[i], reterr) != 0)
            return -1;
    }
    return 0;
}
