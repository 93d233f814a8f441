/* SPDX-License-Identifier: Apache-2.0 */
/* Which namespaces have to be read for an intent: those that are named, else all. */
#include "world/live_kube.h"

static bool is_literal(const char *text)
{
    return strpbrk(text, "*?") == NULL;
}

static void add_new(struct irsa_strings *strings, char *text)
{
    if (irsa_strings_has(strings, text))
        free(text);
    else
        irsa_strings_take(strings, text);
}

static bool by_namespaces(const struct irsa_intent *intent, struct irsa_strings *ret)
{
    for (size_t i = 0; i < intent->namespaces.len; i++) {
        if (!is_literal(intent->namespaces.items[i]))
            return false;
    }
    for (size_t i = 0; i < intent->namespaces.len; i++)
        add_new(ret, irsa_strdup(intent->namespaces.items[i]));
    return intent->namespaces.len > 0;
}

/* The literal namespace of "NS/NAME"; the caller's, or NULL. */
static char *namespace_of(const char *pattern)
{
    const char *slash = strchr(pattern, '/');
    irsa_autofree char *namespace_ =
        slash ? irsa_strndup(pattern, (size_t)(slash - pattern)) : NULL;
    return namespace_ && is_literal(namespace_) ? irsa_steal(&namespace_) : NULL;
}

static bool by_accounts(const struct irsa_intent *intent, struct irsa_strings *ret)
{
    irsa_auto_strings found = {0};
    for (size_t i = 0; i < intent->service_accounts.len; i++) {
        char *namespace_ = namespace_of(intent->service_accounts.items[i]);
        if (!namespace_)
            return false;
        add_new(&found, namespace_);
    }
    if (found.len == 0)
        return false;
    *ret = found;
    found = (struct irsa_strings){0};
    return true;
}

static bool is_read(const struct live_kube_needs *needs, const char *namespace_)
{
    return needs->everywhere || irsa_strings_has(&needs->namespaces, namespace_);
}

/* Named to the letter: can be asked for one by one where a list is refused. */
static void add_accounts(const struct irsa_intent *intent, struct live_kube_needs *ret)
{
    for (size_t i = 0; i < intent->wish_count; i++) {
        const struct irsa_wish *wish = &intent->wishes[i];
        if (is_read(ret, wish->namespace_))
            add_new(&ret->accounts, irsa_format("%s/%s", wish->namespace_, wish->service_account));
    }
    for (size_t i = 0; i < intent->service_accounts.len; i++) {
        const char *pattern = intent->service_accounts.items[i];
        const char *slash = strchr(pattern, '/');
        if (!is_literal(pattern))
            continue;
        if (slash && strncmp(pattern, "/", 1) != 0)
            add_new(&ret->accounts, irsa_strdup(pattern));
        for (size_t k = 0; !slash && k < ret->namespaces.len; k++)
            add_new(&ret->accounts, irsa_format("%s/%s", ret->namespaces.items[k], pattern));
    }
    irsa_strings_sort(&ret->accounts);
}

void irsa_live_kube_needs(const struct irsa_intent *intent, struct live_kube_needs *ret)
{
    *ret = (struct live_kube_needs){0};
    ret->everywhere =
        !by_namespaces(intent, &ret->namespaces) && !by_accounts(intent, &ret->namespaces);
    irsa_strings_sort(&ret->namespaces);
    add_accounts(intent, ret);
}

void irsa_live_kube_needs_done(struct live_kube_needs *needs)
{
    irsa_strings_done(&needs->namespaces);
    irsa_strings_done(&needs->accounts);
}
