/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The resources of the API that matter here
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris).
 */
#include "world/live_kube.h"

/* Pods that ended keep nothing and prove nothing: they need not travel
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/). */
#define RUNNING "status.phase!=Succeeded,status.phase!=Failed"

static const struct live_kube_spec specs[LIVE_KUBE_RESOURCE_MAX_] = {
    [LIVE_KUBE_NAMESPACES] = {"namespaces", "", "namespaces", "v1", "Namespace", .selector = NULL},
    [LIVE_KUBE_SERVICE_ACCOUNTS] = {"serviceaccounts", "", "serviceaccounts", "v1",
                                    "ServiceAccount", .selector = NULL, .namespaced = true,
                                    .metadata_only = true},
    [LIVE_KUBE_PODS] = {"pods", "", "pods", "v1", "Pod", RUNNING, .namespaced = true},
    [LIVE_KUBE_DEPLOYMENTS] = {"deployments", "apps", "deployments.apps", "apps/v1", "Deployment",
                               .namespaced = true},
    [LIVE_KUBE_STATEFUL_SETS] = {"statefulsets", "apps", "statefulsets.apps", "apps/v1",
                                 "StatefulSet", .namespaced = true},
    [LIVE_KUBE_DAEMON_SETS] = {"daemonsets", "apps", "daemonsets.apps", "apps/v1", "DaemonSet",
                               .namespaced = true},
    [LIVE_KUBE_REPLICA_SETS] = {"replicasets", "apps", "replicasets.apps", "apps/v1", "ReplicaSet",
                                .namespaced = true},
    [LIVE_KUBE_JOBS] = {"jobs", "batch", "jobs.batch", "batch/v1", "Job", .namespaced = true},
    [LIVE_KUBE_CRON_JOBS] = {"cronjobs", "batch", "cronjobs.batch", "batch/v1", "CronJob",
                             .namespaced = true},
    [LIVE_KUBE_WEBHOOKS] = {"mutatingwebhookconfigurations", "admissionregistration.k8s.io",
                            "mutatingwebhookconfigurations.admissionregistration.k8s.io",
                            "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration",
                            .selector = NULL},
};

const struct live_kube_spec *irsa_live_kube_spec(enum live_kube_resource resource)
{
    return &specs[resource];
}

const struct live_kube_spec *irsa_live_kube_kind(const char *kind)
{
    for (size_t i = 0; i < IRSA_COUNT(specs); i++) {
        if (strcmp(specs[i].kind, kind) == 0)
            return &specs[i];
    }
    return NULL;
}

char *irsa_live_kube_path(const struct live_kube_spec *spec, const char *namespace_,
                          const char *name)
{
    irsa_auto_buf path = {0};
    irsa_buf_addf(&path, "%s/%s", *spec->group ? "/apis" : "/api", spec->api_version);
    if (namespace_) {
        irsa_buf_adds(&path, "/namespaces/");
        irsa_url_encode(namespace_, strlen(namespace_), &path);
    }
    irsa_buf_addf(&path, "/%s", spec->plural);
    if (name) {
        irsa_buf_addc(&path, '/');
        irsa_url_encode(name, strlen(name), &path);
    }
    return irsa_buf_steal(&path);
}

/* https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/: metadata.name
 * is one of every kind. */
char *irsa_live_kube_search_path(const struct live_kube_spec *spec, const char *namespace_,
                                 const char *name)
{
    irsa_auto_buf path = {0};
    irsa_autofree char *list = irsa_live_kube_path(spec, namespace_, NULL);
    irsa_buf_addf(&path, "%s?fieldSelector=metadata.name%%3D", list);
    irsa_url_encode(name, strlen(name), &path);
    return irsa_buf_steal(&path);
}

json_t *irsa_live_kube_found(const struct live_kube_spec *spec, const json_t *list)
{
    json_t *item = json_array_get(json_object_get(list, "items"), 0);
    if (!item)
        return NULL;
    json_object_set_new(item, "apiVersion", json_string(spec->api_version));
    json_object_set_new(item, "kind", json_string(spec->kind));
    return json_incref(item);
}
