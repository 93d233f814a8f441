/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RBAC objects that who runs irsa-fix needs in the cluster: the same needs that gathering
 * follows, and the writes that the intent can lead to
 * (https://kubernetes.io/docs/reference/access-authn-authz/rbac/).
 */
#include "world/live_kube.h"

#define NAME "irsa-fix"
#define RBAC "rbac.authorization.k8s.io"

struct verbs {
    bool workloads_write;
    bool accounts_write;
    bool namespaces_create;
    bool tokens;  /* verify */
    bool pods;    /* verify --pod */
    bool deletes; /* a rollback: what was created goes, after a look at who lives there */
};

static struct verbs verbs_of(const struct irsa_intent *intent, bool apply)
{
    struct verbs verbs = {.accounts_write = apply};
    verbs.workloads_write =
        apply && (intent->allow[IRSA_CLASS_RESTART] || intent->allow[IRSA_CLASS_OVERWRITE]);
    verbs.deletes = apply && intent->undo;
    verbs.workloads_write = verbs.workloads_write || verbs.deletes;
    verbs.namespaces_create = verbs.deletes;
    for (size_t i = 0; apply && i < intent->wish_count; i++)
        verbs.namespaces_create = verbs.namespaces_create || intent->wishes[i].create_namespace;
    return verbs;
}

/* --- rules ------------------------------------------------------------------------------------ */

static json_t *strings(const char *const *items)
{
    json_t *array = json_array();
    for (; *items; items++)
        json_array_append_new(array, json_string(*items));
    return array;
}

/* `resources` become the rule's. */
static void add_rule(json_t *rules, const char *group, json_t *resources, const char *const *verbs)
{
    json_t *rule = json_object();
    json_object_set_new(rule, "apiGroups", json_pack("[s]", group));
    json_object_set_new(rule, "resources", resources);
    json_object_set_new(rule, "verbs", strings(verbs));
    json_array_append_new(rules, rule);
}

static void add_group(json_t *rules, const char *group, const char *const *verbs)
{
    json_t *resources = json_array();
    for (int i = LIVE_KUBE_DEPLOYMENTS; i <= LIVE_KUBE_CRON_JOBS; i++) {
        const struct live_kube_spec *spec = irsa_live_kube_spec((enum live_kube_resource)i);
        if (strcmp(spec->group, group) == 0)
            json_array_append_new(resources, json_string(spec->plural));
    }
    add_rule(rules, group, resources, verbs);
}

/* What is looked for before a namespace is deleted, service accounts apart: they have a rule. */
static json_t *inhabitants(void)
{
    json_t *array = json_array();
    for (const char *const *name = irsa_live_kube_inhabitants(); *name; name++) {
        if (strcmp(*name, "serviceaccounts") != 0)
            json_array_append_new(array, json_string(*name));
    }
    return array;
}

/* What stands in namespaces. */
static void add_namespaced(json_t *rules, const struct verbs *verbs)
{
    static const char *const account_writes[] = {"list", "create", "patch", NULL};
    static const char *const account_undos[] = {"get", "list", "create", "patch", "delete", NULL};
    static const char *const list[] = {"list", NULL};
    static const char *const restart[] = {"get", "list", "patch", NULL};
    static const char *const pod_writes[] = {"get", "list", "create", "delete", NULL};
    static const char *const get[] = {"get", NULL};
    add_rule(rules, "", json_pack("[s]", "serviceaccounts"),
             verbs->deletes          ? account_undos
             : verbs->accounts_write ? account_writes
                                     : list);
    if (verbs->deletes)
        add_rule(rules, "", inhabitants(), list);
    else
        add_rule(rules, "", json_pack("[s]", "pods"), verbs->pods ? pod_writes : list);
    if (verbs->pods) {
        add_rule(rules, "", json_pack("[s]", "pods/log"), get);
        add_rule(rules, "", json_pack("[s]", "events"), list);
    }
    add_group(rules, "apps", verbs->workloads_write ? restart : list);
    add_group(rules, "batch", verbs->workloads_write ? restart : list);
}

/* What stands in none. */
static void add_cluster_wide(json_t *rules, const struct live_kube_needs *needs,
                             const struct verbs *verbs)
{
    static const char *const list[] = {"list", NULL};
    static const char *const list_get_delete[] = {"list", "get", "delete", NULL};
    static const char *const get[] = {"get", NULL};
    static const char *const get_delete[] = {"get", "delete", NULL};
    static const char *const create[] = {"create", NULL};
    const char *const *all = verbs->deletes ? list_get_delete : list;
    add_rule(rules, "", json_pack("[s]", "namespaces"),
             needs->everywhere ? all
             : verbs->deletes  ? get_delete
                               : get);
    if (!needs->everywhere) {
        json_t *names = json_array();
        for (size_t i = 0; i < needs->namespaces.len; i++)
            json_array_append_new(names, json_string(needs->namespaces.items[i]));
        json_object_set_new(json_array_get(rules, json_array_size(rules) - 1), "resourceNames",
                            names);
    }
    if (verbs->namespaces_create)
        add_rule(rules, "", json_pack("[s]", "namespaces"), create);
    const struct live_kube_spec *webhooks = irsa_live_kube_spec(LIVE_KUBE_WEBHOOKS);
    add_rule(rules, webhooks->group, json_pack("[s]", webhooks->plural), list);
    json_t *urls = json_pack("[s]", "/.well-known/openid-configuration");
    if (verbs->tokens) /* the issuer's keys, where the issuer itself can't be reached */
        json_array_append_new(urls, json_string("/openid/v1/jwks"));
    json_array_append_new(rules, json_pack("{s:o,s:[s]}", "nonResourceURLs", urls, "verbs", "get"));
}

/* --- objects ---------------------------------------------------------------------------------- */

static json_t *object(const char *kind, const char *namespace_)
{
    json_t *metadata = json_pack("{s:s}", "name", NAME);
    json_t *ret = json_object();
    if (namespace_)
        json_object_set_new(metadata, "namespace", json_string(namespace_));
    json_object_set_new(ret, "apiVersion", json_string(RBAC "/v1"));
    json_object_set_new(ret, "kind", json_string(kind));
    json_object_set_new(ret, "metadata", metadata);
    return ret;
}

static void write_object(json_t *one, struct irsa_buf *ret)
{
    if (ret->len > 0)
        irsa_buf_adds(ret, "---\n");
    irsa_yaml_write(one, ret);
    json_decref(one);
}

static void write_pair(const char *kind, const char *namespace_, json_t *rules,
                       struct irsa_buf *ret)
{
    irsa_autofree char *binding_kind = irsa_format("%sBinding", kind);
    json_t *role = object(kind, namespace_);
    json_t *binding = object(binding_kind, namespace_);
    json_object_set_new(role, "rules", rules);
    json_object_set_new(binding, "roleRef",
                        json_pack("{s:s,s:s,s:s}", "apiGroup", RBAC, "kind", kind, "name", NAME));
    json_object_set_new(
        binding, "subjects",
        json_pack("[{s:s,s:s,s:s}]", "apiGroup", RBAC, "kind", "Group", "name", NAME));
    write_object(role, ret);
    write_object(binding, ret);
}

/* Of the accounts that are named alone, where they are: a token is who one is
 * (https://kubernetes.io/docs/concepts/security/rbac-good-practices/#token-request). */
static void add_tokens(json_t *rules, const struct live_kube_needs *needs, const char *namespace_)
{
    static const char *const create[] = {"create", NULL};
    irsa_autofree char *prefix = irsa_format("%s/", namespace_ ? namespace_ : "");
    json_t *names = json_array();
    for (size_t i = 0; namespace_ && i < needs->accounts.len; i++) {
        if (irsa_has_prefix(needs->accounts.items[i], prefix))
            json_array_append_new(names, json_string(needs->accounts.items[i] + strlen(prefix)));
    }
    add_rule(rules, "", json_pack("[s]", "serviceaccounts/token"), create);
    if (json_array_size(names) > 0)
        json_object_set(json_array_get(rules, json_array_size(rules) - 1), "resourceNames", names);
    json_decref(names);
}

static void write_all(const struct irsa_intent *intent, const struct verbs *verbs,
                      struct irsa_buf *ret)
{
    irsa_auto_live_kube_needs needs = {0};
    irsa_live_kube_needs(intent, &needs);
    json_t *rules = json_array();
    add_cluster_wide(rules, &needs, verbs);
    if (needs.everywhere)
        add_namespaced(rules, verbs);
    if (needs.everywhere && verbs->tokens)
        add_tokens(rules, &needs, NULL);
    write_pair("ClusterRole", NULL, rules, ret);
    for (size_t i = 0; i < needs.namespaces.len; i++) {
        json_t *namespaced = json_array();
        add_namespaced(namespaced, verbs);
        if (verbs->tokens)
            add_tokens(namespaced, &needs, needs.namespaces.items[i]);
        write_pair("Role", needs.namespaces.items[i], namespaced, ret);
    }
}

void irsa_permissions_rbac(const struct irsa_intent *intent, bool apply, struct irsa_buf *ret)
{
    const struct verbs verbs = verbs_of(intent, apply);
    write_all(intent, &verbs, ret);
}

void irsa_permissions_rbac_verify(const struct irsa_intent *intent, bool pods, struct irsa_buf *ret)
{
    const struct verbs verbs = {.tokens = true, .pods = pods};
    write_all(intent, &verbs, ret);
}
