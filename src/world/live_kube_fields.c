/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is read of the API server's answers: what src/facts takes and what a snapshot keeps
 * (live_kube_reduce.c). The rest, about two thirds of a pod, is passed over unread.
 */
#include "world/live_kube.h"

/* Compound literals outside of functions last (C17, 6.5.2.5). */
#define FIELDS(...) ((const struct irsa_json_fields[]){__VA_ARGS__, {NULL, NULL}})
#define ALL(name)                                                                                  \
    {                                                                                              \
        name, NULL                                                                                 \
    }
#define OF(name, ...)                                                                              \
    {                                                                                              \
        name, FIELDS(__VA_ARGS__)                                                                  \
    }

/* --- parts ------------------------------------------------------------------------------------ */

#define METADATA_OF_ALL                                                                            \
    ALL("name"), ALL("namespace"), ALL("generateName"), ALL("labels"), ALL("annotations"),         \
        ALL("creationTimestamp"), ALL("deletionTimestamp"),                                        \
        OF("ownerReferences", ALL("kind"), ALL("name"), ALL("controller"))

#define MANAGED                                                                                    \
    OF("managedFields", ALL("manager"), ALL("time"),                                               \
       OF("fieldsV1", OF("f:metadata", ALL("f:annotations"))))

#define CONTAINER                                                                                  \
    FIELDS(ALL("name"), ALL("image"), ALL("envFrom"), ALL("securityContext"),                      \
           OF("volumeMounts", ALL("name"), ALL("mountPath")),                                      \
           OF("env", ALL("name"), ALL("value"), ALL("valueFrom")))

/* Of the sources of a projected volume only tokens matter. */
#define VOLUME FIELDS(ALL("name"), OF("projected", OF("sources", ALL("serviceAccountToken"))))

#define POD_SPEC                                                                                   \
    FIELDS(ALL("serviceAccountName"), ALL("serviceAccount"), ALL("hostNetwork"), ALL("os"),        \
           ALL("nodeSelector"), ALL("securityContext"), ALL("automountServiceAccountToken"),       \
           {"containers", CONTAINER}, {"initContainers", CONTAINER}, {"volumes", VOLUME})

#define TEMPLATE                                                                                   \
    FIELDS(OF("metadata", ALL("labels"), ALL("annotations"), ALL("name"), ALL("namespace"),        \
              ALL("creationTimestamp")),                                                           \
           {"spec", POD_SPEC})

/* --- answers: a list of such objects, or one -------------------------------------------------- */

#define ANSWER(metadata, ...)                                                                      \
    FIELDS(ALL("apiVersion"), ALL("kind"), {"metadata", metadata}, __VA_ARGS__,                    \
           OF("items", ALL("apiVersion"), ALL("kind"), {"metadata", metadata}, __VA_ARGS__))

static const struct irsa_json_fields metadata_of_all[] = {
    METADATA_OF_ALL, ALL("continue"), {NULL, NULL}};
static const struct irsa_json_fields metadata_of_account[] = {
    METADATA_OF_ALL, MANAGED, ALL("resourceVersion"), ALL("continue"), {NULL, NULL}};

static const struct irsa_json_fields *of_namespaces =
    ANSWER(metadata_of_all, OF("status", ALL("phase")));
static const struct irsa_json_fields *of_accounts =
    ANSWER(metadata_of_account, ALL("automountServiceAccountToken"));
static const struct irsa_json_fields *of_pods =
    ANSWER(metadata_of_all, {"spec", POD_SPEC}, OF("status", ALL("phase")));
static const struct irsa_json_fields *of_workloads =
    ANSWER(metadata_of_all, OF("spec", {"template", TEMPLATE}));
static const struct irsa_json_fields *of_cron_jobs =
    ANSWER(metadata_of_all, OF("spec", OF("jobTemplate", OF("spec", {"template", TEMPLATE}))));
static const struct irsa_json_fields *of_webhooks =
    ANSWER(metadata_of_all,
           OF("webhooks", ALL("name"), ALL("failurePolicy"), ALL("namespaceSelector"),
              ALL("objectSelector"), ALL("rules"), OF("clientConfig", ALL("service"), ALL("url"))));

const struct irsa_json_fields *irsa_live_kube_fields(const struct live_kube_spec *spec)
{
    if (spec == irsa_live_kube_spec(LIVE_KUBE_NAMESPACES))
        return of_namespaces;
    if (spec == irsa_live_kube_spec(LIVE_KUBE_SERVICE_ACCOUNTS))
        return of_accounts;
    if (spec == irsa_live_kube_spec(LIVE_KUBE_PODS))
        return of_pods;
    if (spec == irsa_live_kube_spec(LIVE_KUBE_CRON_JOBS))
        return of_cron_jobs;
    if (spec == irsa_live_kube_spec(LIVE_KUBE_WEBHOOKS))
        return of_webhooks;
    return of_workloads;
}
