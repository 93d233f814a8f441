/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deleting what a run created: exactly the object that was read, by uid and resourceVersion
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/delete-options/,
 * preconditions). All that is in a namespace goes with it
 * (https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace): one that
 * somebody lives in stays.
 */
#include "world/live_kube.h"

#define METADATA_LIST "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
/* Enough to tell that there is something, and what. */
#define LOOK "10"

char *irsa_live_kube_delete_path(const struct live *live, const struct live_kube_spec *spec,
                                 const char *namespace_, const char *name)
{
    irsa_autofree char *path = irsa_live_kube_path(spec, namespace_, name);
    return irsa_format("%s%s", path, live->dry_run ? "?dryRun=All" : "");
}

json_t *irsa_live_kube_delete_body(const char *uid, const char *version)
{
    json_t *conditions = json_object();
    if (uid)
        json_object_set_new(conditions, "uid", json_string(uid));
    if (version)
        json_object_set_new(conditions, "resourceVersion", json_string(version));
    return json_pack("{s:s,s:s,s:o}", "apiVersion", "v1", "kind", "DeleteOptions", "preconditions",
                     conditions);
}

/* --- who lives there -------------------------------------------------------------------------- */

static const char *const inhabitants[] = {
    "pods", "serviceaccounts", "services", "configmaps", "secrets", "persistentvolumeclaims", NULL};

const char *const *irsa_live_kube_inhabitants(void)
{
    return inhabitants;
}

/* https://kubernetes.io/docs/concepts/security/service-accounts/#default-service-accounts,
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/
 * (kube-root-ca.crt). */
static bool is_kubernetes_own(const char *plural, const char *name, const json_t *item)
{
    if (strcmp(plural, "serviceaccounts") == 0)
        return strcmp(name, "default") == 0;
    if (strcmp(plural, "secrets") == 0) { /* tokens, before Kubernetes 1.24 */
        const char *of = irsa_json_string(item, "metadata", "annotations",
                                          "kubernetes.io/service-account.name", NULL);
        return of && strcmp(of, "default") == 0;
    }
    return strcmp(plural, "configmaps") == 0 && strcmp(name, "kube-root-ca.crt") == 0;
}

static void add_found(const char *plural, const json_t *list, struct irsa_strings *ret)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(json_object_get(list, "items"), i, item)
    {
        const char *name = irsa_json_string(item, "metadata", "name", NULL);
        /* What is on its way out does not keep anybody. */
        if (name && !is_kubernetes_own(plural, name, item)
            && !irsa_json_get(item, "metadata", "deletionTimestamp", NULL))
            irsa_strings_take(ret, irsa_format("%.*s %s", (int)strlen(plural) - 1, plural, name));
    }
}

static int look(struct live *live, const char *namespace_, const char *plural,
                struct irsa_strings *ret, struct irsa_error **reterr)
{
    irsa_auto_buf path = {0};
    irsa_buf_adds(&path, "/api/v1/namespaces/");
    irsa_url_encode(namespace_, strlen(namespace_), &path);
    irsa_buf_addf(&path, "/%s?limit=" LOOK, plural);
    struct irsa_kube_call call = {.verb = "list",
                                  .resource = plural,
                                  .method = "GET",
                                  .path = irsa_buf_str(&path),
                                  .accept = METADATA_LIST};
    struct irsa_kube_call *calls[] = {&call};
    irsa_kube_run(live->kube, calls, 1);
    if (call.error)
        *reterr = irsa_steal(&call.error);
    else
        add_found(plural, call.answer, ret);
    irsa_kube_call_done(&call);
    return *reterr ? -1 : 0;
}

int irsa_live_kube_check_empty(struct live *live, const char *namespace_,
                               struct irsa_error **reterr)
{
    irsa_auto_strings found = {0};
    for (size_t i = 0; inhabitants[i]; i++) {
        if (look(live, namespace_, inhabitants[i], &found, reterr) != 0)
            return irsa_wrap(reterr, "namespace %s is not deleted: what is in it is not known",
                             namespace_);
    }
    if (found.len == 0)
        return 0;
    irsa_autofree char *all = irsa_strings_join(&found, ", ", " and ");
    (void)irsa_fail(reterr, IRSA_E_CONFLICT, "namespace %s is not deleted: %s %s in it", namespace_,
                    all, found.len > 1 ? "are" : "is");
    return irsa_hint(reterr, "all of that would go with it; delete it yourself, or let it stay");
}
