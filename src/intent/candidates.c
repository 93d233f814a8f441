/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/resolve.h"

struct irsa_candidate *irsa_candidate_find(const struct irsa_candidates *all,
                                           const char *namespace_, const char *service_account)
{
    irsa_autofree char *key = irsa_format("%s/%s", namespace_, service_account);
    size_t index = irsa_map_get(&all->index, key);
    return index == IRSA_MAP_NONE ? NULL : &all->items[index];
}

/* A manifest that names no namespace is applied to wherever its reader points kubectl: the one
 * namespace of -n, or the one for which a wish names this account. */
static const char *namespace_of(const struct irsa_candidates *all,
                                const struct irsa_service_account *account)
{
    if (*account->namespace_)
        return account->namespace_;
    const struct irsa_intent *intent = all->intent;
    if (intent->namespaces.len == 1 && !strpbrk(intent->namespaces.items[0], "*?"))
        return intent->namespaces.items[0];
    const char *found = NULL;
    for (size_t i = 0; i < intent->wish_count; i++) {
        if (strcmp(intent->wishes[i].service_account, account->name) != 0)
            continue;
        if (found)
            return "";
        found = intent->wishes[i].namespace_;
    }
    return found ? found : "";
}

/* The manifest that stands for the account where no object of its namespace does; NULL where none
 * or several have the name. */
static const struct irsa_service_account *manifest_of(const struct irsa_candidates *all,
                                                      const char *namespace_, const char *name)
{
    const struct irsa_facts *facts = all->facts;
    const struct irsa_service_account *found =
        *namespace_ ? irsa_facts_service_account(facts, "", name) : NULL;
    if (!found || strcmp(namespace_of(all, found), namespace_) != 0)
        return NULL;
    for (size_t i = 0; i < facts->service_account_count; i++) {
        const struct irsa_service_account *other = &facts->service_accounts[i];
        if (other != found && !*other->namespace_ && strcmp(other->name, name) == 0)
            return NULL;
    }
    return found;
}

struct irsa_candidate *irsa_candidate_of(struct irsa_candidates *all, const char *namespace_,
                                         const char *service_account)
{
    struct irsa_candidate *known = irsa_candidate_find(all, namespace_, service_account);
    if (known)
        return known;
    irsa_autofree char *key = irsa_format("%s/%s", namespace_, service_account);
    (void)irsa_map_put(&all->index, key, all->len);
    all->items = irsa_grow(all->items, all->len, sizeof(*all->items));
    struct irsa_candidate *candidate = &all->items[all->len++];
    *candidate = (struct irsa_candidate){
        .namespace_ = irsa_strdup(namespace_),
        .service_account = irsa_strdup(service_account),
        .account = irsa_facts_service_account(all->facts, namespace_, service_account),
    };
    if (!candidate->account)
        candidate->account = manifest_of(all, namespace_, service_account);
    return candidate;
}

void irsa_candidates_done(struct irsa_candidates *all)
{
    for (size_t i = 0; i < all->len; i++) {
        struct irsa_candidate *candidate = &all->items[i];
        free(candidate->namespace_);
        free(candidate->service_account);
        free(candidate->annotation);
        free(candidate->wrong_key);
        free(candidate->wrong_value);
        free(candidate->misplaced);
        free(candidate->trusting);
    }
    free(all->items);
    irsa_map_done(&all->index);
    *all = (struct irsa_candidates){0};
}

/* Annotation values are strings; what is none is shown as the JSON that it is. */
static char *value_text(const json_t *value)
{
    return json_is_string(value) ? irsa_strdup(json_string_value(value))
                                 : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
}

/* The first key that was meant as the role's, or NULL. Borrowed. */
static const char *misspelt_key(const json_t *annotations, json_t **ret_value)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)annotations, key, value)
    {
        if (irsa_annotation_meant_role_arn(key)) {
            *ret_value = value;
            return key;
        }
    }
    return NULL;
}

static void collect_annotated(struct irsa_candidates *all)
{
    for (size_t i = 0; i < all->facts->service_account_count; i++) {
        const struct irsa_service_account *account = &all->facts->service_accounts[i];
        const json_t *right = json_object_get(account->annotations, IRSA_ANNOTATION_ROLE_ARN);
        json_t *wrong_value = NULL;
        const char *wrong = right ? NULL : misspelt_key(account->annotations, &wrong_value);
        if (!right && !wrong)
            continue;
        struct irsa_candidate *candidate =
            irsa_candidate_of(all, namespace_of(all, account), account->name);
        candidate->account = account;
        if (right) {
            candidate->annotation = value_text(right);
            candidate->named_by |= IRSA_NAMED_BY_ANNOTATION;
        } else {
            candidate->wrong_key = irsa_strdup(wrong);
            candidate->wrong_value = value_text(wrong_value);
            candidate->named_by |= IRSA_NAMED_BY_MISSPELT;
        }
    }
}

static void collect_wishes(struct irsa_candidates *all)
{
    for (size_t i = 0; i < all->intent->wish_count; i++) {
        const struct irsa_wish *wish = &all->intent->wishes[i];
        struct irsa_candidate *candidate =
            irsa_candidate_of(all, wish->namespace_, wish->service_account);
        candidate->wish = wish;
        candidate->named_by |=
            wish->from_command_line ? IRSA_NAMED_BY_COMMAND_LINE : IRSA_NAMED_BY_CONFIG;
    }
}

static void add_misplaced(struct irsa_candidates *all, const char *namespace_, const char *name,
                          const json_t *value)
{
    if (!*namespace_)
        return;
    struct irsa_candidate *candidate = irsa_candidate_of(all, namespace_, name);
    if (candidate->annotation || candidate->wrong_key || candidate->misplaced)
        return;
    candidate->misplaced = value_text(value);
    candidate->named_by |= IRSA_NAMED_BY_MISPLACED;
}

static void collect_from(struct irsa_candidates *all, const json_t *annotations,
                         const char *namespace_, const char *service_account)
{
    if (json_object_size(annotations) == 0)
        return;
    json_t *value = json_object_get(annotations, IRSA_ANNOTATION_ROLE_ARN);
    if (!value && !misspelt_key(annotations, &value))
        return;
    add_misplaced(all, namespace_, *service_account ? service_account : "default", value);
}

/* An annotation on a pod or workload does nothing; it was meant for the account that runs there. On
 * another object it was meant for the account of the same name, if there is one. */
static void collect_misplaced(struct irsa_candidates *all)
{
    const struct irsa_facts *facts = all->facts;
    for (size_t i = 0; i < facts->workload_count; i++) {
        const struct irsa_workload *workload = &facts->workloads[i];
        collect_from(all, workload->annotations, workload->namespace_,
                     workload->spec.service_account);
        collect_from(all, workload->spec.annotations, workload->namespace_,
                     workload->spec.service_account);
    }
    for (size_t i = 0; i < facts->pod_count; i++) {
        const struct irsa_pod *pod = &facts->pods[i];
        if (!pod->finished)
            collect_from(all, pod->spec.annotations, pod->namespace_, pod->spec.service_account);
    }
    for (size_t i = 0; i < facts->misplaced_count; i++) {
        const struct irsa_misplaced *misplaced = &facts->misplaced[i];
        bool role_key = strcmp(misplaced->key, IRSA_ANNOTATION_ROLE_ARN) == 0
                        || irsa_annotation_meant_role_arn(misplaced->key);
        if (!role_key || !misplaced->namespace_
            || !irsa_facts_service_account(facts, misplaced->namespace_, misplaced->name))
            continue;
        json_auto_t *value = json_string(misplaced->value);
        add_misplaced(all, misplaced->namespace_, misplaced->name, value);
    }
}

void irsa_candidates_collect(struct irsa_candidates *all)
{
    collect_annotated(all);
    collect_wishes(all);
    collect_misplaced(all);
}
