/* SPDX-License-Identifier: Apache-2.0 */
#include "summary.h"

#include "irsa/document.h"

#include <unistd.h>

/* --- what was gathered ------------------------------------------------------------------------ */

static void put(json_t *object, const char *key, json_t *value)
{
    bool empty = !value || (json_is_array(value) && json_array_size(value) == 0)
                 || (json_is_object(value) && json_object_size(value) == 0) || json_is_false(value);
    if (empty)
        json_decref(value);
    else
        (void)json_object_set_new(object, key, value);
}

static json_t *text(const char *s)
{
    return s && *s ? json_string(s) : NULL;
}

static json_t *strings(const struct irsa_strings *list)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->len; i++)
        (void)json_array_append_new(array, json_string(list->items[i]));
    return array;
}

/* "file#document path" */
static json_t *places(const struct irsa_facts *facts, const struct irsa_origins *origins)
{
    json_t *array = json_array();
    for (size_t i = 0; i < origins->len; i++) {
        const struct irsa_origin *origin = &origins->items[i];
        json_auto_t *path = irsa_origin_path(origin);
        irsa_autofree char *where = irsa_json_path_text(path);
        irsa_autofree char *number =
            origin->document ? irsa_format("#%u", origin->document + 1) : irsa_strdup("");
        irsa_autofree char *place =
            irsa_format("%s%s%s%s", facts->files.items[origin->file], number,
                        json_array_size(path) ? " " : "", json_array_size(path) ? where : "");
        (void)json_array_append_new(array, json_string(place));
    }
    return array;
}

static json_t *policy(struct irsa_policy *p)
{
    size_t count = 0;
    if (!p)
        return NULL;
    const json_t *document = irsa_policy_document(p);
    if (document)
        return json_incref((json_t *)document);
    const struct irsa_policy_issue *issues = irsa_policy_issues(p, &count);
    return json_pack("{s:s}", "broken", count ? issues[0].message : "?");
}

static json_t *clusters(const struct irsa_facts *facts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->cluster_count; i++) {
        const struct irsa_cluster *c = &facts->clusters[i];
        json_t *o = json_object();
        put(o, "name", text(c->name));
        put(o, "account", text(c->account));
        put(o, "region", text(c->region));
        put(o, "partition", text(c->partition));
        put(o, "issuer", text(c->issuer));
        put(o, "version", text(c->version));
        put(o, "at", places(facts, &c->origins));
        (void)json_array_append_new(array, o);
    }
    return array;
}

static json_t *providers(const struct irsa_facts *facts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->provider_count; i++) {
        const struct irsa_provider *p = &facts->providers[i];
        json_t *o = json_object();
        put(o, "arn", text(p->arn));
        put(o, "url", text(p->url));
        put(o, "client_ids", strings(&p->client_ids));
        put(o, "thumbprints", strings(&p->thumbprints));
        put(o, "at", places(facts, &p->origins));
        put(o, "listed_at", places(facts, &p->listed_origins));
        (void)json_array_append_new(array, o);
    }
    return array;
}

static json_t *permissions(const struct irsa_facts *facts, const struct irsa_role *r)
{
    json_t *o = json_object();
    json_t *attached = json_array();
    json_t *inlines = json_object();
    for (size_t i = 0; i < r->attached_count; i++)
        (void)json_array_append_new(attached, json_string(r->attached[i].arn));
    for (size_t i = 0; i < r->inline_count; i++) {
        json_t *document = policy(r->inlines[i].policy);
        (void)json_object_set_new(inlines, r->inlines[i].name, document ? document : json_null());
    }
    put(o, "attached", attached);
    put(o, "attached_complete", json_boolean(r->attached_seen));
    put(o, "attached_at", places(facts, &r->attached_origins));
    put(o, "inline", inlines);
    put(o, "inline_complete", json_boolean(r->inline_seen));
    return o;
}

static json_t *roles(const struct irsa_facts *facts)
{
    static const char *const forms[] = {"object", "json text", "url-encoded"};
    json_t *array = json_array();
    for (size_t i = 0; i < facts->role_count; i++) {
        const struct irsa_role *r = &facts->roles[i];
        json_t *o = json_object();
        put(o, "arn", text(r->arn));
        put(o, "id", text(r->id));
        put(o, "description", text(r->description));
        put(o, "trust", policy(r->trust));
        put(o, "trust_form", r->trust ? text(forms[r->trust_form]) : NULL);
        put(o, "max_session", r->max_session ? json_integer(r->max_session) : NULL);
        put(o, "boundary", r->boundary ? text(r->boundary) : NULL);
        put(o, "boundary_seen", json_boolean(r->boundary_seen));
        put(o, "tags", json_incref(r->tags));
        put(o, "permissions", permissions(facts, r));
        put(o, "at", places(facts, &r->origins));
        (void)json_array_append_new(array, o);
    }
    return array;
}

static json_t *policies(const struct irsa_facts *facts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->managed_policy_count; i++) {
        const struct irsa_managed_policy *p = &facts->managed_policies[i];
        json_t *o = json_object();
        put(o, "arn", text(p->arn));
        put(o, "version", text(p->default_version));
        put(o, "document", policy(p->policy));
        put(o, "at", places(facts, &p->origins));
        (void)json_array_append_new(array, o);
    }
    return array;
}

static json_t *associations(const struct irsa_facts *facts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->association_count; i++) {
        const struct irsa_pod_identity_association *a = &facts->associations[i];
        json_t *o = json_object();
        put(o, "cluster", text(a->cluster));
        put(o, "namespace", text(a->namespace_));
        put(o, "service_account", text(a->service_account));
        put(o, "role", text(a->role_arn));
        put(o, "at", places(facts, &a->origins));
        (void)json_array_append_new(array, o);
    }
    return array;
}

static json_t *namespaces(const struct irsa_facts *facts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->namespace_count; i++) {
        const struct irsa_namespace *n = &facts->namespaces[i];
        json_t *o = json_object();
        put(o, "name", text(n->name));
        put(o, "labels", json_incref(n->labels));
        put(o, "terminating", json_boolean(n->terminating));
        put(o, "at", places(facts, &n->origins));
        (void)json_array_append_new(array, o);
    }
    return array;
}

static json_t *service_accounts(const struct irsa_facts *facts)
{
    static const char *const automount[] = {NULL, "true", "false"};
    json_t *array = json_array();
    for (size_t i = 0; i < facts->service_account_count; i++) {
        const struct irsa_service_account *a = &facts->service_accounts[i];
        json_t *o = json_object();
        put(o, "namespace", text(a->namespace_));
        put(o, "name", text(a->name));
        put(o, "annotations", json_incref(a->annotations));
        put(o, "labels", json_incref(a->labels));
        put(o, "automount", text(automount[a->automount]));
        put(o, "created", a->created ? json_integer(a->created) : NULL);
        put(o, "annotated", a->annotated ? json_integer(a->annotated) : NULL);
        put(o, "owner", text(a->owner));
        put(o, "at", places(facts, &a->origins));
        (void)json_array_append_new(array, o);
    }
    return array;
}

static void put_spec(json_t *o, const struct irsa_pod_spec *s)
{
    put(o, "service_account", text(s->service_account));
    put(o, "host_network", json_boolean(s->host_network));
    put(o, "windows", json_boolean(s->windows));
    put(o, "run_as_non_root", json_boolean(s->run_as_non_root));
    put(o, "fs_group", json_boolean(s->fs_group));
    put(o, "automount_false", json_boolean(s->automount_false));
    put(o, "containers", strings(&s->containers));
    put(o, "images", strings(&s->images));
    put(o, "role_arn_by_hand", strings(&s->role_arn_by_hand));
    put(o, "token_file_by_hand", strings(&s->token_file_by_hand));
    put(o, "static_keys", strings(&s->static_keys));
    put(o, "profile", strings(&s->profile));
    put(o, "credentials_files", strings(&s->credentials_files));
    put(o, "proxy", strings(&s->proxy));
    put(o, "imds_disabled", strings(&s->imds_disabled));
    put(o, "injected", strings(&s->injected));
    put(o, "not_injected", strings(&s->not_injected));
    put(o, "injected_role_arn", text(s->injected_role_arn));
    put(o, "injected_token_file", text(s->injected_token_file));
    put(o, "token_volume", json_boolean(s->token_volume));
    put(o, "token_audience", text(s->token_audience));
    if (s->skips_webhook)
        put(o, "skips_webhook", json_true());
    put(o, "regional_sts", json_boolean(s->regional_sts));
    put(o, "env_from", strings(&s->env_from));
    put(o, "annotations", json_incref(s->annotations));
}

static json_t *pods(const struct irsa_facts *facts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->pod_count; i++) {
        const struct irsa_pod *p = &facts->pods[i];
        const char *kind = NULL;
        const char *name = NULL;
        json_t *o = json_object();
        irsa_facts_pod_owner(facts, p, &kind, &name);
        irsa_autofree char *owner = irsa_format("%s %s", kind, name);
        put(o, "namespace", text(p->namespace_));
        put(o, "name", text(p->name));
        put(o, "owner", text(owner));
        put(o, "created", p->created ? json_integer(p->created) : NULL);
        put(o, "finished", json_boolean(p->finished));
        put_spec(o, &p->spec);
        put(o, "at", places(facts, &p->origins));
        (void)json_array_append_new(array, o);
    }
    return array;
}

static json_t *workloads(const struct irsa_facts *facts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->workload_count; i++) {
        const struct irsa_workload *w = &facts->workloads[i];
        json_t *o = json_object();
        put(o, "kind", text(w->kind));
        put(o, "namespace", text(w->namespace_));
        put(o, "name", text(w->name));
        put(o, "owner_kind", text(w->owner_kind));
        put(o, "owner_name", text(w->owner_name));
        put(o, "own_annotations", json_incref(w->annotations));
        put(o, "restarted", w->restarted ? json_integer(w->restarted) : NULL);
        put_spec(o, &w->spec);
        put(o, "at", places(facts, &w->origins));
        (void)json_array_append_new(array, o);
    }
    return array;
}

static json_t *webhooks(const struct irsa_facts *facts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->webhook_count; i++) {
        const struct irsa_webhook *w = &facts->webhooks[i];
        json_t *o = json_object();
        put(o, "name", text(w->name));
        put(o, "failure_policy", text(w->failure_policy));
        put(o, "namespace_selector", json_incref(w->namespace_selector));
        put(o, "object_selector", json_incref(w->object_selector));
        put(o, "matches_pods", json_boolean(w->matches_pods));
        put(o, "identity", json_boolean(w->identity));
        (void)json_array_append_new(array, o);
    }
    return array;
}

static json_t *misplaced(const struct irsa_facts *facts)
{
    json_t *array = json_array();
    for (size_t i = 0; i < facts->misplaced_count; i++) {
        const struct irsa_misplaced *m = &facts->misplaced[i];
        json_t *o = json_object();
        put(o, "kind", text(m->kind));
        put(o, "namespace", text(m->namespace_));
        put(o, "name", text(m->name));
        put(o, "key", text(m->key));
        put(o, "value", text(m->value));
        (void)json_array_append_new(array, o);
    }
    return array;
}

/* --- questions -------------------------------------------------------------------------------- */

static json_t *presence(enum irsa_presence p)
{
    static const char *const words[] = {"present", "absent", "unseen"};
    return json_string(words[p]);
}

static enum irsa_presence answer(const struct irsa_facts *facts, const char *about,
                                 const char *what)
{
    const char *slash = strchr(what, '/');
    irsa_autofree char *first = irsa_strndup(what, slash ? (size_t)(slash - what) : strlen(what));
    const char *second = slash ? slash + 1 : "";
    if (strcmp(about, "roles") == 0)
        return irsa_facts_role_presence(facts, first, second);
    if (strcmp(about, "providers") == 0)
        return irsa_facts_provider_presence(facts, what);
    if (strcmp(about, "namespaces") == 0)
        return irsa_facts_namespace_presence(facts, what);
    return irsa_facts_service_account_presence(facts, first, second);
}

static json_t *answers(const struct irsa_facts *facts, const char *folder)
{
    json_error_t error;
    irsa_autofree char *path = irsa_format("%s/ask.json", folder);
    json_auto_t *questions = access(path, F_OK) == 0 ? json_load_file(path, 0, &error) : NULL;
    json_t *found = json_object();
    const char *about = NULL;
    json_t *list = NULL;
    json_object_foreach(questions, about, list)
    {
        json_t *answered = json_object();
        size_t i = 0;
        json_t *item = NULL;
        if (json_is_true(list))
            (void)json_object_set_new(found, about, presence(irsa_facts_webhook_presence(facts)));
        json_array_foreach(list, i, item)(void)
            json_object_set_new(answered, json_string_value(item),
                                presence(answer(facts, about, json_string_value(item))));
        if (json_is_array(list))
            (void)json_object_set(found, about, answered);
        json_decref(answered);
    }
    return found;
}

json_t *gather_summary(const struct irsa_facts *facts, const struct irsa_strings *passed_over,
                       const char *folder)
{
    json_t *o = json_object();
    put(o, "clusters", clusters(facts));
    put(o, "caller", text(facts->caller.arn));
    put(o, "providers", providers(facts));
    put(o, "roles", roles(facts));
    put(o, "policies", policies(facts));
    put(o, "associations", associations(facts));
    put(o, "namespaces", namespaces(facts));
    put(o, "service_accounts", service_accounts(facts));
    put(o, "pods", pods(facts));
    put(o, "workloads", workloads(facts));
    put(o, "webhooks", webhooks(facts));
    put(o, "misplaced", misplaced(facts));
    put(o, "passed_over", strings(passed_over));
    put(o, "presence", answers(facts, folder));
    return o;
}
