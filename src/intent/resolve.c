/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/resolve.h"

#include "intent/selector.h"

void irsa_binding_done(struct irsa_binding *binding)
{
    free(binding->namespace_);
    free(binding->service_account);
    free(binding->role_arn);
    free(binding->role_account);
    free(binding->role_name);
    free(binding->role_path);
    free(binding->audience);
    free(binding->subject);
    free(binding->provider_arn);
    free(binding->annotation);
    free(binding->wrong_key);
    free(binding->wrong_value);
    irsa_strings_done(&binding->rivals);
    *binding = (struct irsa_binding){0};
}

void irsa_bindings_done(struct irsa_bindings *bindings)
{
    irsa_scope_done(&bindings->scope);
    for (size_t i = 0; i < bindings->len; i++)
        irsa_binding_done(&bindings->items[i]);
    free(bindings->items);
    *bindings = (struct irsa_bindings){0};
}

/* The audience that the token will carry: the webhook takes it from the annotation, else its
 * default (https://github.com/aws/amazon-eks-pod-identity-webhook#readme). */
static const char *audience_of(const struct irsa_candidates *all,
                               const struct irsa_candidate *candidate)
{
    const char *annotated = candidate->account ? json_string_value(json_object_get(
                                candidate->account->annotations, IRSA_ANNOTATION_AUDIENCE))
                                               : NULL;
    if (annotated && *annotated)
        return annotated;
    if (candidate->wish && candidate->wish->audience)
        return candidate->wish->audience;
    return all->intent->audience ? all->intent->audience : IRSA_DEFAULT_AUDIENCE;
}

/* What may not be read may be there. */
static bool account_denied(const struct irsa_facts *facts, const char *namespace_)
{
    return irsa_facts_denied(facts, "list serviceaccounts", NULL, namespace_)
           && irsa_facts_denied(facts, "get serviceaccounts", NULL, namespace_);
}

static enum irsa_presence account_presence(const struct irsa_facts *facts,
                                           const struct irsa_candidate *candidate)
{
    const unsigned asked =
        IRSA_NAMED_BY_CONFIG | IRSA_NAMED_BY_COMMAND_LINE | IRSA_NAMED_BY_SELECTION;
    if (candidate->account)
        return IRSA_PRESENT;
    if ((candidate->named_by & asked) && !facts->kubernetes_unread
        && !account_denied(facts, candidate->namespace_))
        return IRSA_ABSENT;
    return irsa_facts_service_account_presence(facts, candidate->namespace_,
                                               candidate->service_account);
}

/* An account has one role of each name, so a role of that name with another path shows that this
 * ARN is nobody's. */
static enum irsa_presence role_presence(const struct irsa_facts *facts,
                                        const struct irsa_binding *binding)
{
    if (binding->role)
        return strcmp(binding->role->arn, binding->role_arn) == 0 ? IRSA_PRESENT : IRSA_ABSENT;
    if (!binding->role_name)
        return IRSA_UNSEEN;
    return irsa_facts_role_presence(facts, binding->role_account, binding->role_name);
}

/* The role of that very ARN; else the one of the account that has this name with another path or in
 * another letter case: names are unique regardless of case
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html), so it is the one
 * meant, and what else is wrong with it can be told at once. */
static const struct irsa_role *role_meant(const struct irsa_facts *facts,
                                          const struct irsa_binding *binding)
{
    if (!binding->role_arn)
        return NULL;
    const struct irsa_role *role = irsa_facts_role(facts, binding->role_arn);
    if (role || !binding->role_name)
        return role;
    role = irsa_facts_role_named(facts, binding->role_account, binding->role_name);
    return role ? role : irsa_facts_role_like(facts, binding->role_account, binding->role_name);
}

static char *provider_of(const struct irsa_scope *scope, const struct irsa_binding *binding)
{
    irsa_auto_role_arn arn = {0};
    irsa_auto_error error = NULL;
    if (!scope->issuer || !binding->role_arn
        || irsa_role_arn_parse(binding->role_arn, &arn, &error) != 0)
        return NULL;
    return irsa_provider_arn_text(arn.partition, arn.account, scope->issuer);
}

static char *copy_or_null(const char *text)
{
    return text ? irsa_strdup(text) : NULL;
}

static void make_binding(const struct irsa_candidates *all, const struct irsa_candidate *candidate,
                         struct irsa_binding *binding)
{
    irsa_wanted_role(all, candidate, binding);
    binding->namespace_ = irsa_strdup(candidate->namespace_);
    binding->service_account = irsa_strdup(candidate->service_account);
    binding->audience = irsa_strdup(audience_of(all, candidate));
    binding->subject = irsa_subject_text(candidate->namespace_, candidate->service_account);
    binding->named_by = candidate->named_by;
    binding->account = candidate->account;
    binding->account_presence = account_presence(all->facts, candidate);
    binding->role = role_meant(all->facts, binding);
    binding->role_presence = role_presence(all->facts, binding);
    binding->provider_arn = provider_of(all->scope, binding);
    binding->wish = candidate->wish;
    binding->annotation = copy_or_null(candidate->annotation);
    binding->wrong_key = copy_or_null(candidate->wrong_key);
    binding->wrong_value = copy_or_null(candidate->wrong_value);
}

static int compare_bindings(const void *a, const void *b)
{
    const struct irsa_binding *left = a;
    const struct irsa_binding *right = b;
    int order = strcmp(left->namespace_, right->namespace_);
    return order ? order : strcmp(left->service_account, right->service_account);
}

/* IAM attaches no policy of another partition
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html). */
static int check_partition(const struct irsa_scope *scope, const struct irsa_wish *wish,
                           const char *what, const char *policy, struct irsa_error **reterr)
{
    if (!policy || !scope->partition)
        return 0;
    irsa_autofree char *usual = irsa_format("arn:%s:", scope->partition);
    const char *rest = irsa_has_prefix(policy, "arn:") ? strchr(policy + 4, ':') : NULL;
    if (!rest || irsa_has_prefix(policy, usual))
        return 0;
    (void)irsa_fail(reterr, IRSA_E_USAGE, "%s: %s \"%s\" is of another partition than the cluster",
                    wish->origin, what, policy);
    return irsa_hint(reterr, "did you mean \"%s%s\"?", usual, rest + 1);
}

static int check_partitions(const struct irsa_intent *intent, const struct irsa_scope *scope,
                            struct irsa_error **reterr)
{
    for (size_t i = 0; i < intent->wish_count; i++) {
        const struct irsa_wish *wish = &intent->wishes[i];
        const struct irsa_role_settings *settings = &wish->settings;
        if (check_partition(scope, wish, "permissions boundary", settings->boundary, reterr) != 0)
            return -1;
        for (size_t k = 0; k < settings->policy_arns.len; k++) {
            if (check_partition(scope, wish, "policy", settings->policy_arns.items[k], reterr) != 0)
                return -1;
        }
    }
    return 0;
}

static int resolve(struct irsa_candidates *all, struct irsa_trust_index *trust,
                   struct irsa_bindings *ret, struct irsa_error **reterr)
{
    irsa_auto_selector selector = NULL;
    if (all->intent->selector && irsa_selector_parse(all->intent->selector, &selector, reterr) != 0)
        return -1;
    if (irsa_scope_make(all->facts, all->intent, trust, &ret->scope, reterr) != 0)
        return -1;
    if (check_partitions(all->intent, &ret->scope, reterr) != 0)
        return -1;
    irsa_trust_index_names(trust, all->facts, &ret->scope);
    irsa_candidates_collect(all);
    irsa_candidates_collect_trusted(all);
    if (irsa_select_asked(all, reterr) != 0
        || (selector && irsa_select_labelled(all, selector, reterr) != 0))
        return -1;
    irsa_candidates_link_trust(all);
    for (size_t i = 0; i < all->len; i++) {
        const struct irsa_candidate *candidate = &all->items[i];
        /* Looked at on the way (an annotation that another one overrules), but named by nothing. */
        if (candidate->named_by == 0 || !irsa_selected(all->intent, selector, candidate))
            continue;
        ret->items = irsa_grow(ret->items, ret->len, sizeof(*ret->items));
        ret->items[ret->len] = (struct irsa_binding){0};
        make_binding(all, candidate, &ret->items[ret->len++]);
    }
    if (ret->len > 1)
        qsort(ret->items, ret->len, sizeof(*ret->items), compare_bindings);
    return 0;
}

int irsa_resolve(const struct irsa_facts *facts, const struct irsa_intent *intent,
                 struct irsa_bindings *ret, struct irsa_error **reterr)
{
    struct irsa_trust_index trust = {0};
    irsa_trust_index_read(&trust, facts);
    struct irsa_candidates all = {
        .facts = facts,
        .intent = intent,
        .scope = &ret->scope,
        .trust = &trust,
    };
    *ret = (struct irsa_bindings){0};
    int result = resolve(&all, &trust, ret, reterr);
    irsa_candidates_done(&all);
    irsa_trust_index_done(&trust);
    if (result != 0)
        irsa_bindings_done(ret);
    return result;
}
