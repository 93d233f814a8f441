/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/resolve.h"

const char *irsa_issuer_plain(const char *text)
{
    const char *provider = strstr(text, ":oidc-provider/");
    if (irsa_has_prefix(text, "arn:") && provider)
        text = provider + strlen(":oidc-provider/");
    if (irsa_has_prefix(text, "https://"))
        text += strlen("https://");
    else if (irsa_has_prefix(text, "http://"))
        text += strlen("http://");
    return text;
}

bool irsa_subject_like(const char *subject)
{
    return strstr(subject, "serviceaccount") != NULL;
}

void irsa_trust_index_read(struct irsa_trust_index *index, const struct irsa_facts *facts)
{
    index->role_count = facts->role_count;
    index->grants = irsa_calloc(facts->role_count, sizeof(*index->grants));
    for (size_t i = 0; i < facts->role_count; i++) {
        if (facts->roles[i].trust)
            irsa_policy_trust_grants(facts->roles[i].trust, &index->grants[i]);
    }
}

/* Misspellings count as ours, another cluster's id does not. */
static bool is_ours(const char *issuer, const char *found)
{
    enum irsa_issuer_relation relation = irsa_issuer_relation(issuer, irsa_issuer_plain(found));
    return relation != IRSA_ISSUER_SAME_HOST_OTHER_ID && relation != IRSA_ISSUER_UNRELATED;
}

/* True when the provider of every issuer that the grant names is known not to exist. */
static bool is_gone(const struct irsa_facts *facts, const struct irsa_role *role,
                    const struct irsa_trust_grant *grant)
{
    for (size_t i = 0; i < grant->issuers.len; i++) {
        irsa_autofree char *arn = irsa_provider_arn_text(
            role->partition, role->account, irsa_issuer_plain(grant->issuers.items[i]));
        if (irsa_facts_provider_presence(facts, arn) != IRSA_ABSENT)
            return false;
    }
    return true;
}

static enum irsa_issuer_side side_of(const struct irsa_facts *facts, const struct irsa_scope *scope,
                                     const struct irsa_role *role,
                                     const struct irsa_trust_grant *grant)
{
    if (grant->issuers.len == 0)
        return IRSA_SIDE_OURS;
    if (!scope->issuer)
        return IRSA_SIDE_UNKNOWN;
    for (size_t i = 0; i < grant->issuers.len; i++) {
        if (is_ours(scope->issuer, grant->issuers.items[i]))
            return IRSA_SIDE_OURS;
    }
    return is_gone(facts, role, grant) ? IRSA_SIDE_GONE : IRSA_SIDE_OTHER;
}

static void add_name(struct irsa_trust_index *index, size_t role, const char *subject,
                     bool effective, enum irsa_issuer_side side)
{
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *service_account = NULL;
    if (!irsa_subject_parse(subject, &namespace_, &service_account)) {
        irsa_autofree char *guess = irsa_subject_guess(subject);
        if (!guess || !irsa_subject_parse(guess, &namespace_, &service_account))
            return;
        effective = false;
    }
    irsa_autofree char *key = irsa_format("%zu %s/%s", role, namespace_, service_account);
    size_t known = irsa_map_get(&index->named, key);
    if (known != IRSA_MAP_NONE) {
        struct irsa_trust_name *name = &index->names[known];
        name->effective = name->effective || effective;
        if (side < name->side)
            name->side = side;
        return;
    }
    (void)irsa_map_put(&index->named, key, index->name_count);
    index->names = irsa_grow(index->names, index->name_count, sizeof(*index->names));
    index->names[index->name_count++] = (struct irsa_trust_name){
        .role = role,
        .namespace_ = irsa_steal(&namespace_),
        .service_account = irsa_steal(&service_account),
        .effective = effective,
        .side = side,
    };
}

void irsa_trust_index_names(struct irsa_trust_index *index, const struct irsa_facts *facts,
                            const struct irsa_scope *scope)
{
    for (size_t i = 0; i < index->role_count; i++) {
        for (size_t j = 0; j < index->grants[i].len; j++) {
            const struct irsa_trust_grant *grant = &index->grants[i].items[j];
            if (grant->subjects.len == 0)
                continue;
            enum irsa_issuer_side side = side_of(facts, scope, &facts->roles[i], grant);
            for (size_t k = 0; k < grant->subjects.len; k++)
                add_name(index, i, grant->subjects.items[k], grant->effective, side);
        }
    }
}

bool irsa_trust_index_has(const struct irsa_trust_index *index, size_t role, const char *namespace_,
                          const char *service_account)
{
    irsa_autofree char *key = irsa_format("%zu %s/%s", role, namespace_, service_account);
    if (irsa_map_get(&index->named, key) != IRSA_MAP_NONE)
        return true;
    irsa_autofree char *subject = irsa_subject_text(namespace_, service_account);
    for (size_t i = 0; i < index->grants[role].len; i++) {
        const struct irsa_trust_grant *grant = &index->grants[role].items[i];
        if (grant->effective && grant->width >= IRSA_TRUST_ANY_SUBJECT)
            return true;
        for (size_t j = 0; grant->subjects_are_patterns && j < grant->subjects.len; j++) {
            if (irsa_glob_match(grant->subjects.items[j], subject))
                return true;
        }
    }
    return false;
}

void irsa_trust_index_done(struct irsa_trust_index *index)
{
    for (size_t i = 0; i < index->role_count; i++)
        irsa_trust_grants_done(&index->grants[i]);
    free(index->grants);
    for (size_t i = 0; i < index->name_count; i++) {
        free(index->names[i].namespace_);
        free(index->names[i].service_account);
    }
    free(index->names);
    irsa_map_done(&index->named);
    *index = (struct irsa_trust_index){0};
}
