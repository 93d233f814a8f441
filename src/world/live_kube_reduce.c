/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a snapshot keeps of Kubernetes: what src/facts reads, and nothing else. Environments,
 * arguments and certificates are nobody's business, and may be secret.
 */
#include "world/live_kube.h"

static void copy_keys(json_t *to, const json_t *from, const char *const *keys)
{
    for (; *keys; keys++) {
        json_t *value = json_object_get(from, *keys);
        if (value)
            json_object_set(to, *keys, value);
    }
}

static void set_reduced(json_t *to, const char *key, json_t *value)
{
    if (value)
        json_object_set_new(to, key, value);
}

/* A new array of what `reduce` makes of each element, or NULL. */
static json_t *reduce_array(const json_t *array, json_t *(*reduce)(const json_t *))
{
    size_t i = 0;
    json_t *item = NULL;
    if (!json_is_array(array))
        return NULL;
    json_t *ret = json_array();
    json_array_foreach(array, i, item)
    {
        json_t *reduced = reduce(item);
        if (reduced)
            json_array_append_new(ret, reduced);
    }
    return ret;
}

/* --- metadata --------------------------------------------------------------------------------- */

/* Of pods and workloads; a ServiceAccount's are all read. */
static bool annotation_matters(const char *key)
{
    return strcasestr(key, "amazon") || strcasestr(key, "role")
           || strcmp(key, "kubectl.kubernetes.io/restartedAt") == 0;
}

static json_t *reduce_annotations(const json_t *annotations, bool all)
{
    const char *key = NULL;
    json_t *value = NULL;
    if (!json_is_object(annotations))
        return NULL;
    json_t *ret = json_object();
    json_object_foreach((json_t *)annotations, key, value)
    {
        bool last_applied = strcmp(key, "kubectl.kubernetes.io/last-applied-configuration") == 0;
        if (!last_applied && (all || annotation_matters(key)))
            json_object_set(ret, key, value);
    }
    return ret;
}

/* Who wrote the object, and when somebody set an annotation of IRSA's. */
static json_t *reduce_managed(const json_t *entry)
{
    static const char *const keys[] = {"manager", "time", NULL};
    const char *field = NULL;
    json_t *value = NULL;
    json_t *ret = json_object();
    json_t *annotations = NULL;
    copy_keys(ret, entry, keys);
    json_object_foreach(irsa_json_get(entry, "fieldsV1", "f:metadata", "f:annotations", NULL),
                        field, value)
    {
        if (!irsa_has_prefix(field, "f:eks.amazonaws.com/"))
            continue;
        if (!annotations)
            annotations = json_object();
        json_object_set(annotations, field, value);
    }
    if (annotations)
        json_object_set_new(ret, "fieldsV1",
                            json_pack("{s:{s:o}}", "f:metadata", "f:annotations", annotations));
    return ret;
}

static json_t *reduce_owner(const json_t *owner)
{
    static const char *const keys[] = {"kind", "name", "controller", NULL};
    json_t *ret = json_object();
    copy_keys(ret, owner, keys);
    return ret;
}

static json_t *reduce_metadata(const json_t *metadata, bool account)
{
    static const char *const keys[] = {"name",   "namespace",         "generateName",
                                       "labels", "creationTimestamp", "deletionTimestamp",
                                       NULL};
    if (!json_is_object(metadata))
        return NULL;
    json_t *ret = json_object();
    copy_keys(ret, metadata, keys);
    set_reduced(ret, "annotations",
                reduce_annotations(json_object_get(metadata, "annotations"), account));
    set_reduced(ret, "ownerReferences",
                reduce_array(json_object_get(metadata, "ownerReferences"), reduce_owner));
    if (!account)
        return ret;
    set_reduced(ret, "managedFields",
                reduce_array(json_object_get(metadata, "managedFields"), reduce_managed));
    static const char *const version[] = {"resourceVersion", NULL};
    copy_keys(ret, metadata, version);
    return ret;
}

/* --- pods ------------------------------------------------------------------------------------- */

/* Its value is a secret, or may hold one (the password in a URL). */
static bool is_secret(const char *name)
{
    static const char *const names[] = {
        "AWS_ACCESS_KEY_ID",    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_STS", "HTTPS_PROXY",           "NO_PROXY"};
    for (size_t i = 0; i < IRSA_COUNT(names); i++) {
        if (strcasecmp(names[i], name) == 0)
            return true;
    }
    return strcasestr(name, "SECRET") || strcasestr(name, "TOKEN_VALUE")
           || strcasestr(name, "PASSWORD");
}

static json_t *reduce_variable(const json_t *entry)
{
    static const char *const keys[] = {"name", "value", "valueFrom", NULL};
    const char *name = irsa_json_string(entry, "name", NULL);
    const char *value = irsa_json_string(entry, "value", NULL);
    if (!name
        || (!irsa_has_prefix(name, "AWS_") && strcasecmp(name, "HTTPS_PROXY") != 0
            && strcasecmp(name, "NO_PROXY") != 0))
        return NULL;
    json_t *ret = json_object();
    copy_keys(ret, entry, keys);
    if (value && *value && is_secret(name))
        json_object_set_new(ret, "value", json_string("redacted"));
    return ret;
}

static json_t *reduce_container(const json_t *container)
{
    static const char *const keys[] = {"name",         "image",           "envFrom",
                                       "volumeMounts", "securityContext", NULL};
    json_t *ret = json_object();
    copy_keys(ret, container, keys);
    set_reduced(ret, "env", reduce_array(json_object_get(container, "env"), reduce_variable));
    return ret;
}

static json_t *reduce_volume(const json_t *volume)
{
    static const char *const keys[] = {"name", "projected", NULL};
    if (!json_object_get(volume, "projected"))
        return NULL;
    json_t *ret = json_object();
    copy_keys(ret, volume, keys);
    return ret;
}

static json_t *reduce_pod_spec(const json_t *spec)
{
    static const char *const keys[] = {"serviceAccountName",
                                       "serviceAccount",
                                       "hostNetwork",
                                       "os",
                                       "nodeSelector",
                                       "securityContext",
                                       "automountServiceAccountToken",
                                       NULL};
    if (!json_is_object(spec))
        return NULL;
    json_t *ret = json_object();
    copy_keys(ret, spec, keys);
    set_reduced(ret, "containers",
                reduce_array(json_object_get(spec, "containers"), reduce_container));
    set_reduced(ret, "initContainers",
                reduce_array(json_object_get(spec, "initContainers"), reduce_container));
    set_reduced(ret, "volumes", reduce_array(json_object_get(spec, "volumes"), reduce_volume));
    return ret;
}

static json_t *reduce_template(const json_t *template)
{
    if (!json_is_object(template))
        return NULL;
    json_t *ret = json_object();
    set_reduced(ret, "metadata",
                reduce_metadata(json_object_get(template, "metadata"), /* account= */ false));
    set_reduced(ret, "spec", reduce_pod_spec(json_object_get(template, "spec")));
    return ret;
}

/* --- objects ---------------------------------------------------------------------------------- */

static json_t *reduce_spec(const char *kind, const json_t *spec)
{
    json_t *ret = NULL;
    if (!json_is_object(spec) || strcmp(kind, "Namespace") == 0)
        return NULL;
    if (strcmp(kind, "Pod") == 0)
        return reduce_pod_spec(spec);
    ret = json_object();
    if (strcmp(kind, "CronJob") == 0) {
        json_t *job = json_object_get(spec, "jobTemplate");
        set_reduced(
            ret, "jobTemplate",
            job ? json_pack("{s:o}", "spec", reduce_spec("Job", json_object_get(job, "spec")))
                : NULL);
        return ret;
    }
    set_reduced(ret, "template", reduce_template(json_object_get(spec, "template")));
    return ret;
}

static json_t *reduce_webhook(const json_t *webhook)
{
    static const char *const keys[] = {"name",           "failurePolicy", "namespaceSelector",
                                       "objectSelector", "rules",         NULL};
    static const char *const client[] = {"service", "url", NULL};
    json_t *ret = json_object();
    json_t *config = json_object();
    copy_keys(ret, webhook, keys);
    copy_keys(config, json_object_get(webhook, "clientConfig"), client);
    json_object_set_new(ret, "clientConfig", config);
    return ret;
}

static json_t *reduce_object(const char *kind, const json_t *object)
{
    static const char *const keys[] = {"apiVersion", "kind", NULL};
    const char *phase = irsa_json_string(object, "status", "phase", NULL);
    json_t *ret = json_object();
    copy_keys(ret, object, keys);
    set_reduced(
        ret, "metadata",
        reduce_metadata(json_object_get(object, "metadata"), strcmp(kind, "ServiceAccount") == 0));
    set_reduced(ret, "spec", reduce_spec(kind, json_object_get(object, "spec")));
    set_reduced(ret, "webhooks", reduce_array(json_object_get(object, "webhooks"), reduce_webhook));
    if (phase)
        set_reduced(ret, "status", json_pack("{s:s}", "phase", phase));
    return ret;
}

json_t *irsa_live_kube_reduce(const json_t *document)
{
    static const char *const keys[] = {"apiVersion", "kind", NULL};
    static const char *const list_keys[] = {"continue", NULL};
    const char *kind = irsa_json_string(document, "kind", NULL);
    const json_t *items = json_object_get(document, "items");
    size_t i = 0;
    json_t *item = NULL;
    if (!items)
        return reduce_object(kind ? kind : "", document);
    irsa_autofree char *of = irsa_strndup(kind, strlen(kind) - strlen("List"));
    json_t *ret = json_object();
    json_t *metadata = json_object();
    json_t *reduced = json_array();
    copy_keys(ret, document, keys);
    copy_keys(metadata, json_object_get(document, "metadata"), list_keys);
    json_object_set_new(ret, "metadata", metadata);
    json_array_foreach(items, i, item)
    {
        json_array_append_new(reduced, reduce_object(of, item));
    }
    json_object_set_new(ret, "items", reduced);
    return ret;
}
