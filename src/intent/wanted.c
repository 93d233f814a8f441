/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/resolve.h"

size_t irsa_role_index(const struct irsa_facts *facts, const char *arn)
{
    const struct irsa_role *role = irsa_facts_role(facts, arn);
    return role ? (size_t)(role - facts->roles) : SIZE_MAX;
}

/* The roles that name the account: those that let it in, or if there is none, those that mean to.
 */
static void trusting_roles(const struct irsa_candidates *all,
                           const struct irsa_candidate *candidate, struct irsa_strings *ret)
{
    bool effective = false;
    for (size_t i = 0; i < candidate->trusting_count; i++) {
        const struct irsa_trust_name *name = &all->trust->names[candidate->trusting[i]];
        effective = effective || (name->effective && name->side == IRSA_SIDE_OURS);
    }
    for (size_t i = 0; i < candidate->trusting_count; i++) {
        const struct irsa_trust_name *name = &all->trust->names[candidate->trusting[i]];
        if (!effective || (name->effective && name->side == IRSA_SIDE_OURS))
            irsa_strings_add(ret, all->facts->roles[name->role].arn);
    }
    irsa_strings_sort(ret);
}

/* True when the guess is the text without white space, quotes and backslashes around it: then there
 * is nothing to guess. */
static bool only_trimmed(const char *text, const char *guess)
{
    static const char around[] = " \t\r\n\"'\\";
    text += strspn(text, around);
    size_t len = strlen(text);
    while (len > 0 && strchr(around, text[len - 1]))
        len--;
    return strlen(guess) == len && strncmp(text, guess, len) == 0;
}

static bool parses(const char *text)
{
    irsa_auto_role_arn arn = {0};
    irsa_auto_error error = NULL;
    return irsa_role_arn_parse(text, &arn, &error) == 0;
}

/* The role that a value names, or was most likely meant to: a guess counts when the role is there,
 * or when nothing but white space and quotes was taken away. */
static char *role_of_value(const struct irsa_candidates *all, const char *value)
{
    if (parses(value))
        return irsa_strdup(value);
    irsa_autofree char *guess =
        irsa_role_arn_guess(value, all->scope->partition, all->scope->account_id);
    if (guess && (only_trimmed(value, guess) || irsa_facts_role(all->facts, guess)))
        return irsa_steal(&guess);
    if (!guess)
        return NULL;
    /* A bare name is completed without its path, which only the role itself tells. */
    irsa_auto_role_arn arn = {0};
    irsa_auto_error error = NULL;
    if (irsa_role_arn_parse(guess, &arn, &error) != 0 || strcmp(arn.path, "/") != 0)
        return NULL;
    const struct irsa_role *named = irsa_facts_role_named(all->facts, arn.account, arn.name);
    return named ? irsa_strdup(named->arn) : NULL;
}

static char *role_of_wish(const struct irsa_candidates *all, const struct irsa_wish *wish,
                          bool *ret_path_known)
{
    if (strchr(wish->role, ':'))
        return irsa_strdup(wish->role);
    const struct irsa_scope *scope = all->scope;
    const struct irsa_role *role = irsa_facts_role_named(all->facts, scope->account_id, wish->role);
    if (role)
        return irsa_strdup(role->arn);
    if (!scope->account_id || !scope->partition)
        return NULL;
    *ret_path_known = wish->settings.path != NULL;
    return irsa_role_arn_text(scope->partition, scope->account_id,
                              wish->settings.path ? wish->settings.path : "/", wish->role);
}

static void set_role(struct irsa_binding *binding, char *role_arn, bool path_known)
{
    binding->role_arn = role_arn;
    irsa_auto_role_arn arn = {0};
    irsa_auto_error error = NULL;
    if (irsa_role_arn_parse(role_arn, &arn, &error) != 0)
        return;
    binding->role_account = irsa_steal(&arn.account);
    binding->role_name = irsa_steal(&arn.name);
    binding->role_path = irsa_steal(&arn.path);
    binding->role_path_known = path_known;
}

void irsa_wanted_role(const struct irsa_candidates *all, const struct irsa_candidate *candidate,
                      struct irsa_binding *binding)
{
    irsa_auto_strings trusting = {0};
    trusting_roles(all, candidate, &trusting);
    bool path_known = true;
    char *role_arn = NULL;
    if (candidate->wish && candidate->wish->role)
        role_arn = role_of_wish(all, candidate->wish, &path_known);
    else if (candidate->annotation)
        role_arn = role_of_value(all, candidate->annotation);
    else if (candidate->wrong_value)
        role_arn = role_of_value(all, candidate->wrong_value);
    else if (candidate->misplaced)
        role_arn = role_of_value(all, candidate->misplaced);
    bool wished = candidate->wish && candidate->wish->role;
    if (!role_arn && !wished && trusting.len == 1)
        role_arn = irsa_strdup(trusting.items[0]);
    bool chosen_trusts = role_arn && irsa_strings_has(&trusting, role_arn);
    for (size_t i = 0; !chosen_trusts && i < trusting.len; i++)
        irsa_strings_add(&binding->rivals, trusting.items[i]);
    if (role_arn)
        set_role(binding, role_arn, path_known);
}
