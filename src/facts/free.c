/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that facts own. */
#include "facts/internal.h"

static void aws_done(struct irsa_facts *facts)
{
    for (size_t i = 0; i < facts->cluster_count; i++) {
        struct irsa_cluster *c = &facts->clusters[i];
        free(c->name), free(c->arn), free(c->account), free(c->region);
        free(c->partition), free(c->issuer), free(c->version);
        irsa_origins_done(&c->origins);
    }
    free(facts->clusters);
    free(facts->caller.account), free(facts->caller.arn);
    irsa_origins_done(&facts->caller.origins);
    for (size_t i = 0; i < facts->alias_count; i++)
        free(facts->aliases[i].account), free(facts->aliases[i].alias);
    free(facts->aliases);
    for (size_t i = 0; i < facts->provider_count; i++) {
        struct irsa_provider *p = &facts->providers[i];
        free(p->arn), free(p->partition), free(p->account), free(p->host_path), free(p->url);
        irsa_strings_done(&p->client_ids);
        irsa_strings_done(&p->thumbprints);
        irsa_origins_done(&p->origins);
        irsa_origins_done(&p->listed_origins);
    }
    free(facts->providers);
    for (size_t i = 0; i < facts->managed_policy_count; i++) {
        struct irsa_managed_policy *p = &facts->managed_policies[i];
        free(p->arn), free(p->default_version);
        irsa_policy_free(p->policy);
        irsa_origins_done(&p->origins);
    }
    free(facts->managed_policies);
    for (size_t i = 0; i < facts->association_count; i++) {
        struct irsa_pod_identity_association *a = &facts->associations[i];
        free(a->cluster), free(a->namespace_), free(a->service_account), free(a->role_arn),
            free(a->id);
        irsa_origins_done(&a->origins);
    }
    free(facts->associations);
}

static void simulations_done(struct irsa_facts *facts)
{
    for (size_t i = 0; i < facts->simulation_count; i++) {
        struct irsa_simulation *s = &facts->simulations[i];
        free(s->role_arn), free(s->action), free(s->resource);
        irsa_origins_done(&s->origins);
    }
    free(facts->simulations);
    irsa_strings_done(&facts->unsimulated);
}

static void roles_done(struct irsa_facts *facts)
{
    for (size_t i = 0; i < facts->role_count; i++) {
        struct irsa_role *r = &facts->roles[i];
        free(r->arn), free(r->partition), free(r->account), free(r->path), free(r->name);
        free(r->id), free(r->description), free(r->boundary);
        irsa_policy_free(r->trust);
        json_decref(r->tags);
        for (size_t k = 0; k < r->attached_count; k++)
            free(r->attached[k].arn), free(r->attached[k].name);
        free(r->attached);
        for (size_t k = 0; k < r->inline_count; k++) {
            free(r->inlines[k].name);
            irsa_policy_free(r->inlines[k].policy);
            irsa_origins_done(&r->inlines[k].origins);
        }
        free(r->inlines);
        irsa_origins_done(&r->origins);
        irsa_origins_done(&r->attached_origins);
        irsa_origins_done(&r->inline_names_origins);
    }
    free(facts->roles);
}

static void kubernetes_done(struct irsa_facts *facts)
{
    for (size_t i = 0; i < facts->namespace_count; i++) {
        free(facts->namespaces[i].name);
        json_decref(facts->namespaces[i].labels);
        irsa_origins_done(&facts->namespaces[i].origins);
    }
    free(facts->namespaces);
    for (size_t i = 0; i < facts->service_account_count; i++) {
        struct irsa_service_account *a = &facts->service_accounts[i];
        free(a->namespace_), free(a->name), free(a->resource_version), free(a->owner);
        json_decref(a->annotations);
        json_decref(a->labels);
        irsa_origins_done(&a->origins);
    }
    free(facts->service_accounts);
    for (size_t i = 0; i < facts->webhook_count; i++) {
        struct irsa_webhook *w = &facts->webhooks[i];
        free(w->name), free(w->failure_policy);
        json_decref(w->namespace_selector);
        json_decref(w->object_selector);
        irsa_origins_done(&w->origins);
    }
    free(facts->webhooks);
    for (size_t i = 0; i < facts->misplaced_count; i++) {
        struct irsa_misplaced *m = &facts->misplaced[i];
        free(m->kind), free(m->namespace_), free(m->name), free(m->key), free(m->value);
        irsa_origins_done(&m->origins);
    }
    free(facts->misplaced);
}

static void observed_done(struct irsa_facts *facts)
{
    for (size_t i = 0; i < facts->denied_count; i++) {
        struct irsa_denied *d = &facts->denied[i];
        free(d->action), free(d->account), free(d->resource), free(d->message);
    }
    free(facts->denied);
    irsa_strings_done(&facts->no_access);
    irsa_strings_done(&facts->undescribed);
}

static void pods_done(struct irsa_facts *facts)
{
    for (size_t i = 0; i < facts->pod_count; i++) {
        struct irsa_pod *p = &facts->pods[i];
        free(p->namespace_), free(p->name), free(p->owner_kind), free(p->owner_name);
        irsa_pod_spec_done(&p->spec);
        irsa_origins_done(&p->origins);
    }
    free(facts->pods);
    for (size_t i = 0; i < facts->workload_count; i++) {
        struct irsa_workload *w = &facts->workloads[i];
        free(w->namespace_), free(w->name), free(w->owner_kind), free(w->owner_name);
        free(w->restarted_text);
        json_decref(w->labels);
        json_decref(w->annotations);
        irsa_pod_spec_done(&w->spec);
        irsa_origins_done(&w->origins);
    }
    free(facts->workloads);
}

static void pieces_done(struct irsa_facts_index *index)
{
    for (size_t i = 0; i < index->piece_count; i++) {
        free(index->pieces[i].role_arn), free(index->pieces[i].role_name);
        json_decref(index->pieces[i].content);
    }
    free(index->pieces);
    for (size_t i = 0; i < index->provider_piece_count; i++) {
        free(index->provider_pieces[i].arn);
        json_decref(index->provider_pieces[i].content);
    }
    free(index->provider_pieces);
    for (size_t i = 0; i < index->version_piece_count; i++)
        json_decref(index->version_pieces[i].content);
    free(index->version_pieces);
    json_decref(index->bad_path);
    for (size_t i = 0; i < index->early_count; i++)
        irsa_strings_done(&index->early[i].accounts);
    free(index->early);
}

static void index_free(struct irsa_facts_index *index)
{
    struct irsa_map *maps[] = {
        &index->providers,
        &index->roles,
        &index->role_names,
        &index->role_likes,
        &index->names_anywhere,
        &index->names_twice,
        &index->likes_anywhere,
        &index->likes_twice,
        &index->managed_policies,
        &index->simulations,
        &index->associations,
        &index->associations_of,
        &index->namespaces,
        &index->trusts,
        &index->namespaces_seen,
        &index->service_accounts,
        &index->pods,
        &index->workloads,
        &index->webhooks,
        &index->accounts_listed,
        &index->absent_accounts,
        &index->absent_namespaces,
        &index->listed[IRSA_LISTING_ROLES],
        &index->listed[IRSA_LISTING_PROVIDERS],
        &index->absent_roles,
        &index->absent_providers,
        &index->clusters_listed,
        &index->cluster_issuers,
    };
    for (size_t i = 0; i < IRSA_COUNT(maps); i++)
        irsa_map_done(maps[i]);
    irsa_groups_done(&index->pods_of);
    irsa_groups_done(&index->workloads_of);
    pieces_done(index);
    free(index);
}

void irsa_facts_free(struct irsa_facts *facts)
{
    if (!facts)
        return;
    aws_done(facts);
    roles_done(facts);
    simulations_done(facts);
    kubernetes_done(facts);
    pods_done(facts);
    observed_done(facts);
    index_free(facts->index);
    irsa_strings_done(&facts->files);
    free(facts);
}
