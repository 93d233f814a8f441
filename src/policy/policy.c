/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A policy as it is owned. Most of those that an account has are never asked more than whom they
 * trust: they are kept as the bytes of their documents, and the model of one of them (parse.c) is
 * made when it is needed.
 */
#include "irsa/document.h"
#include "policy/issues.h"

static struct irsa_policy *new_policy(json_t *document, enum irsa_policy_kind kind)
{
    struct irsa_policy *policy = irsa_calloc(1, sizeof(*policy));
    policy->kind = kind;
    policy->model = irsa_model_new(document, kind);
    return policy;
}

struct irsa_policy *irsa_policy_new(const json_t *document, enum irsa_policy_kind kind)
{
    return new_policy(json_incref((json_t *)document), kind);
}

struct irsa_policy *irsa_policy_new_text(const char *text, size_t len, enum irsa_policy_kind kind)
{
    json_error_t error;
    /* "Individual elements must not contain multiple instances of the same key." */
    json_t *document = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (document)
        return new_policy(document, kind);
    /* The text says enough to be repaired; as it stands it lets nobody in. */
    if (json_error_code(&error) == json_error_duplicate_key)
        document = json_loadb(text, len, JSON_DECODE_ANY, NULL);
    struct irsa_policy *policy = new_policy(document, kind);
    policy->refused = true;
    policy->model->usable = false;
    irsa_autofree char *where = irsa_format("line %d, column %d", error.line, error.column);
    irsa_policy_add_issue(policy, /* fatal= */ true, where, "%s", error.text);
    policy->validated = document == NULL;
    return policy;
}

struct irsa_policy *irsa_policy_share(struct irsa_policy *policy)
{
    policy->shared++;
    return policy;
}

void irsa_policy_free(struct irsa_policy *policy)
{
    if (!policy)
        return;
    if (policy->shared > 0) {
        policy->shared--;
        return;
    }
    for (size_t i = 0; i < policy->issue_count; i++) {
        free(policy->issues[i].where);
        free(policy->issues[i].message);
    }
    free(policy->issues);
    irsa_model_free(policy->model);
    free(policy->frozen);
    free(policy);
}

/* --- frozen ----------------------------------------------------------------------------------- */

void irsa_policy_freeze(struct irsa_policy *policy)
{
    if (policy->frozen || !policy->model->document)
        return;
    irsa_auto_buf bytes = {0};
    irsa_json_freeze(policy->model->document, &bytes);
    policy->frozen_len = bytes.len;
    policy->frozen = irsa_realloc(irsa_buf_steal(&bytes), policy->frozen_len);
    irsa_model_free(irsa_steal(&policy->model));
}

static struct irsa_model *thaw(const struct irsa_policy *policy)
{
    struct irsa_model *model = irsa_model_new(irsa_json_thaw(policy->frozen), policy->kind);
    model->usable = model->usable && !policy->refused;
    return model;
}

const struct irsa_model *irsa_model_of(const struct irsa_policy *policy)
{
    if (!policy->model) {
        /* To whom the policy is constant it says the same as before. */
        struct irsa_policy *own = (struct irsa_policy *)policy;
        own->model = thaw(policy);
        free(irsa_steal(&own->frozen));
    }
    return policy->model;
}

const struct irsa_model *irsa_model_for_once(const struct irsa_policy *policy,
                                             struct irsa_model **ret_own)
{
    /* What many have is asked many times, and is there once. */
    if (policy->model || policy->shared > 0)
        return irsa_model_of(policy);
    *ret_own = thaw(policy);
    return *ret_own;
}

uint64_t irsa_policy_hash(const struct irsa_policy *policy)
{
    return policy->frozen ? irsa_hash(policy->frozen, policy->frozen_len) : 0;
}

bool irsa_policy_identical(const struct irsa_policy *a, const struct irsa_policy *b)
{
    return a->frozen && b->frozen && a->frozen_len == b->frozen_len
           && memcmp(a->frozen, b->frozen, a->frozen_len) == 0 && a->kind == b->kind
           && a->refused == b->refused;
}

/* --- the document ----------------------------------------------------------------------------- */

bool irsa_policy_has_document(const struct irsa_policy *policy)
{
    return policy->frozen || policy->model->document;
}

const json_t *irsa_policy_document(const struct irsa_policy *policy)
{
    return irsa_model_of(policy)->document;
}

json_t *irsa_policy_document_once(const struct irsa_policy *policy)
{
    return policy->frozen ? irsa_json_thaw(policy->frozen) : json_incref(policy->model->document);
}
