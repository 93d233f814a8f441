/* SPDX-License-Identifier: Apache-2.0 */
/* Pods, and the workloads whose templates make them. */
#include "facts/internal.h"

#include "irsa/document.h"

static char *dup_or_null(const char *s)
{
    return s ? irsa_strdup(s) : NULL;
}

/* --- pods ------------------------------------------------------------------------------------- */

static bool pod_finished(const json_t *object, const json_t *metadata)
{
    const char *phase =
        json_string_value(json_object_get(json_object_get(object, "status"), "phase"));
    return json_object_get(metadata, "deletionTimestamp")
           || (phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0));
}

static bool text_differs(const char *a, const char *b)
{
    return a && b && strcmp(a, b) != 0;
}

static const char *account_of(const struct irsa_pod_spec *spec)
{
    return spec->service_account && *spec->service_account ? spec->service_account : "default";
}

/* A live object and its manifest: the API server fills in `default`. */
static int specs_agree(const struct irsa_take *take, const struct irsa_origins *seen,
                       const char *what, const struct irsa_pod_spec *have,
                       const struct irsa_pod_spec *now)
{
    if (strcmp(account_of(have), account_of(now)) != 0)
        return irsa_copies_differ(take, seen, what, "serviceAccountName", account_of(have),
                                  account_of(now));
    if (text_differs(have->injected_role_arn, now->injected_role_arn))
        return irsa_copies_differ(take, seen, what, "AWS_ROLE_ARN", have->injected_role_arn,
                                  now->injected_role_arn);
    if (have->annotations && now->annotations && !json_equal(have->annotations, now->annotations))
        return irsa_copies_differ(take, seen, what, "annotations", NULL, NULL);
    return 0;
}

static int merge_pod(const struct irsa_take *take, struct irsa_pod *have,
                     const struct irsa_pod *now)
{
    irsa_autofree char *what = irsa_format("Pod %s/%s", have->namespace_, have->name);
    if (specs_agree(take, &have->origins, what, &have->spec, &now->spec) != 0)
        return -1;
    if (have->created && now->created && have->created != now->created)
        return irsa_copies_differ(take, &have->origins, what, "creationTimestamp", NULL, NULL);
    have->created = have->created ? have->created : now->created;
    have->finished = have->finished || now->finished;
    irsa_origins_add(&have->origins, &take->origin);
    return 0;
}

static void pod_done(struct irsa_pod *pod)
{
    free(pod->namespace_), free(pod->name), free(pod->owner_kind), free(pod->owner_name);
    irsa_pod_spec_done(&pod->spec);
    irsa_origins_done(&pod->origins);
}

int irsa_take_pod(const struct irsa_take *take, const json_t *object,
                  const struct irsa_kind *kind __attribute__((unused)))
{
    struct irsa_facts *facts = take->facts;
    const json_t *metadata = json_object_get(object, "metadata");
    const char *space = NULL;
    const char *name = NULL;
    const char *owner_kind = NULL;
    const char *owner_name = NULL;
    if (irsa_take_metadata(take, object, &space, &name) != 0)
        return -1;
    if (!name)
        return 0;
    IRSA_CLEANUP(pod_done) struct irsa_pod pod = {0};
    if (irsa_take_pod_spec(take, metadata, json_object_get(object, "spec"), "spec",
                           /* template= */ false, &pod.spec)
        != 0)
        return -1;
    pod.created =
        irsa_time_parse(json_string_value(json_object_get(metadata, "creationTimestamp")));
    pod.finished = pod_finished(object, metadata);
    irsa_auto_key key = {0};
    const char *text = irsa_key_of(&key, space, name, NULL);
    size_t found = *space ? irsa_map_get(&facts->index->pods, text) : IRSA_MAP_NONE;
    if (found != IRSA_MAP_NONE)
        return merge_pod(take, &facts->pods[found], &pod);
    irsa_take_controller(metadata, &owner_kind, &owner_name);
    pod.namespace_ = irsa_strdup(space);
    pod.name = irsa_strdup(name);
    pod.owner_kind = dup_or_null(owner_kind);
    pod.owner_name = dup_or_null(owner_name);
    irsa_origins_add(&pod.origins, &take->origin);
    irsa_map_put(&facts->index->pods, text, facts->pod_count);
    facts->pods = irsa_grow(facts->pods, facts->pod_count, sizeof(*facts->pods));
    facts->pods[facts->pod_count++] = pod;
    pod = (struct irsa_pod){0};
    return 0;
}

/* --- workloads -------------------------------------------------------------------------------- */

static void workload_done(struct irsa_workload *workload)
{
    free(workload->namespace_), free(workload->name);
    free(workload->owner_kind), free(workload->owner_name);
    free(workload->restarted_text);
    json_decref(workload->labels);
    json_decref(workload->annotations);
    irsa_pod_spec_done(&workload->spec);
    irsa_origins_done(&workload->origins);
}

static int merge_workload(const struct irsa_take *take, struct irsa_workload *have,
                          struct irsa_workload *now)
{
    irsa_autofree char *what = irsa_format("%s %s/%s", have->kind, have->namespace_, have->name);
    if (specs_agree(take, &have->origins, what, &have->spec, &now->spec) != 0)
        return -1;
    if (now->restarted > have->restarted || !have->restarted_text) {
        have->restarted = now->restarted;
        free(have->restarted_text);
        have->restarted_text = irsa_steal(&now->restarted_text);
    }
    irsa_origins_add(&have->origins, &take->origin);
    return 0;
}

/* CronJobs have one more level
 * (https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/). */
static const json_t *template_of(const json_t *object, const char *kind, const char **ret_field)
{
    const json_t *spec = json_object_get(object, "spec");
    *ret_field = "spec.template";
    if (strcmp(kind, "CronJob") == 0) {
        *ret_field = "spec.jobTemplate.spec.template";
        spec = irsa_json_get(spec, "jobTemplate", "spec", NULL);
    }
    return json_object_get(spec, "template");
}

static int take_template(const struct irsa_take *take, const json_t *object, const char *kind,
                         struct irsa_workload *ret)
{
    const char *field = NULL;
    const json_t *template = template_of(object, kind, &field);
    if (!json_is_object(template))
        return irsa_take_fail(take, field, template ? "an object is needed" : "is missing");
    irsa_autofree char *spec_field = irsa_format("%s.spec", field);
    const json_t *metadata = json_object_get(template, "metadata");
    if (irsa_take_pod_spec(take, metadata, json_object_get(template, "spec"), spec_field,
                           /* template= */ true, &ret->spec)
        != 0)
        return -1;
    const char *restarted =
        irsa_json_string(metadata, "annotations", "kubectl.kubernetes.io/restartedAt", NULL);
    ret->restarted = irsa_time_parse(restarted);
    ret->restarted_text = dup_or_null(restarted);
    return 0;
}

int irsa_take_workload(const struct irsa_take *take, const json_t *object,
                       const struct irsa_kind *kind)
{
    struct irsa_facts *facts = take->facts;
    const json_t *metadata = json_object_get(object, "metadata");
    const char *space = NULL;
    const char *name = NULL;
    const char *owner_kind = NULL;
    const char *owner_name = NULL;
    json_t *labels = NULL;
    json_t *annotations = NULL;
    if (irsa_take_metadata(take, object, &space, &name) != 0)
        return -1;
    if (!name)
        return 0;
    IRSA_CLEANUP(workload_done) struct irsa_workload workload = {.kind = kind->kind};
    if (irsa_take_map(take, metadata, "labels", &labels) != 0
        || irsa_take_map(take, metadata, "annotations", &annotations) != 0
        || take_template(take, object, kind->kind, &workload) != 0)
        return -1;
    irsa_auto_key key = {0};
    const char *text = irsa_key_of(&key, kind->kind, space, name);
    size_t found = *space ? irsa_map_get(&facts->index->workloads, text) : IRSA_MAP_NONE;
    if (found != IRSA_MAP_NONE)
        return merge_workload(take, &facts->workloads[found], &workload);
    irsa_take_controller(metadata, &owner_kind, &owner_name);
    workload.namespace_ = irsa_strdup(space);
    workload.name = irsa_strdup(name);
    workload.owner_kind = dup_or_null(owner_kind);
    workload.owner_name = dup_or_null(owner_name);
    workload.labels = json_incref(labels);
    workload.annotations = irsa_annotations_of_irsa(annotations);
    irsa_origins_add(&workload.origins, &take->origin);
    irsa_map_put(&facts->index->workloads, text, facts->workload_count);
    facts->workloads =
        irsa_grow(facts->workloads, facts->workload_count, sizeof(*facts->workloads));
    facts->workloads[facts->workload_count++] = workload;
    workload = (struct irsa_workload){0};
    return 0;
}
