/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/draft.h"

#include <time.h>

static json_t *object_head(const char *api_version, const char *kind, const char *namespace_,
                           const char *name)
{
    json_t *metadata = json_object();
    (void)json_object_set_new(metadata, "name", json_string(name));
    (void)json_object_set_new(metadata, "namespace", json_string(namespace_));
    json_t *object = json_object();
    (void)json_object_set_new(object, "apiVersion", json_string(api_version));
    (void)json_object_set_new(object, "kind", json_string(kind));
    (void)json_object_set_new(object, "metadata", metadata);
    return object;
}

/* The object at a path of keys, made where it is missing. Borrowed. */
static json_t *descend(json_t *object, const char *const *keys)
{
    for (; *keys; keys++) {
        json_t *next = json_object_get(object, *keys);
        if (!json_is_object(next)) {
            next = json_object();
            (void)json_object_set_new(object, *keys, next);
        }
        object = next;
    }
    return object;
}

static json_t *annotations_of(json_t *object)
{
    static const char *const keys[] = {"metadata", "annotations", NULL};
    return descend(object, keys);
}

int irsa_plan_namespace(struct irsa_builder *builder, struct irsa_fix_at at,
                        struct irsa_error **reterr)
{
    const struct irsa_fix *fix = at.fix;
    size_t draft = irsa_draft_get(builder, IRSA_OBJECT_NAMESPACE, fix->class_, fix->target);
    struct irsa_change *change = &builder->drafts[draft].change;
    if (!change->after) {
        json_auto_t *variables = json_pack("{s:s}", "namespace", fix->target);
        json_t *after = irsa_plan_expand(builder, "namespace.yaml", variables, reterr);
        if (!after)
            return -1;
        change->action = IRSA_ACTION_CREATE;
        change->after = after;
    }
    irsa_draft_serve(builder, draft, at.finding, fix->binding);
    return 0;
}

/* --- service accounts ------------------------------------------------------------------------- */

static int create_account(struct irsa_builder *builder, struct irsa_fix_at at,
                          struct irsa_error **reterr)
{
    const struct irsa_binding *b = &builder->plan->bindings.items[at.fix->binding];
    irsa_autofree char *target = irsa_format("%s/%s", b->namespace_, b->service_account);
    size_t draft = irsa_draft_get(builder, IRSA_OBJECT_SERVICE_ACCOUNT, at.fix->class_, target);
    struct irsa_change *change = &builder->drafts[draft].change;
    if (!change->after) {
        json_auto_t *variables = irsa_template_variables(builder, at.fix->binding);
        json_t *after = irsa_plan_expand(builder, "service-account.yaml", variables, reterr);
        if (!after)
            return -1;
        change->action = IRSA_ACTION_CREATE;
        change->after = after;
        static const char *const labels[] = {"metadata", "labels", NULL};
        if (b->wish && b->wish->labels && json_object_size(b->wish->labels) > 0)
            (void)json_object_update(descend(after, labels), b->wish->labels);
        if (strcmp(b->audience, IRSA_DEFAULT_AUDIENCE) != 0)
            (void)json_object_set_new(annotations_of(after), IRSA_ANNOTATION_AUDIENCE,
                                      json_string(b->audience));
    }
    irsa_draft_serve(builder, draft, at.finding, at.fix->binding);
    return 0;
}

/* The account's draft that a change of class `class_` belongs to: the one that creates it, else one
 * a class. */
static size_t account_draft(struct irsa_builder *builder, enum irsa_class class_,
                            const char *target)
{
    static const enum irsa_class creating[] = {IRSA_CLASS_ADDITIVE, IRSA_CLASS_OWNED};
    for (size_t i = 0; i < IRSA_COUNT(creating); i++) {
        size_t draft = irsa_draft_find(builder, IRSA_OBJECT_SERVICE_ACCOUNT, creating[i], target);
        if (draft != IRSA_MAP_NONE && builder->drafts[draft].change.action == IRSA_ACTION_CREATE)
            return draft;
    }
    return irsa_draft_get(builder, IRSA_OBJECT_SERVICE_ACCOUNT, class_, target);
}

static json_t *present_annotation(const struct irsa_service_account *account, const char *key)
{
    return account && account->annotations ? json_object_get(account->annotations, key) : NULL;
}

static void annotate(struct irsa_builder *builder, struct irsa_fix_at at,
                     const struct irsa_binding *b, const char *value)
{
    const struct irsa_fix *fix = at.fix;
    irsa_autofree char *target = irsa_format("%s/%s", b->namespace_, b->service_account);
    size_t draft = account_draft(builder, fix->class_, target);
    struct irsa_change *change = &builder->drafts[draft].change;
    bool creates = change->action == IRSA_ACTION_CREATE;
    if (!change->after) {
        change->before = object_head("v1", "ServiceAccount", b->namespace_, b->service_account);
        change->after = json_deep_copy(change->before);
    }
    json_t *present = present_annotation(b->account, fix->key);
    json_t *planned = json_object_get(
        json_object_get(json_object_get(change->after, "metadata"), "annotations"), fix->key);
    if (planned && !creates && value && json_is_string(planned) && !json_equal(planned, present)
        && strcmp(json_string_value(planned), value) != 0) {
        irsa_builder_fail(builder, at.finding,
                          irsa_format("annotation %s of service account %s is wanted as \"%s\" and "
                                      "as \"%s\"",
                                      fix->key, target, json_string_value(planned), value));
        return;
    }
    if (present && !creates)
        (void)json_object_set(annotations_of(change->before), fix->key, present);
    if (value)
        (void)json_object_set_new(annotations_of(change->after), fix->key, json_string(value));
    irsa_draft_serve(builder, draft, at.finding, fix->binding);
}

int irsa_plan_account(struct irsa_builder *builder, struct irsa_fix_at at,
                      struct irsa_error **reterr)
{
    const struct irsa_fix *fix = at.fix;
    if (fix->kind == IRSA_FIX_CREATE_SERVICE_ACCOUNT)
        return create_account(builder, at, reterr);
    const struct irsa_binding *b = &builder->plan->bindings.items[fix->binding];
    if (fix->kind == IRSA_FIX_REMOVE_ANNOTATION) {
        annotate(builder, at, b, NULL);
        return 0;
    }
    irsa_autofree char *value = strcmp(fix->key, IRSA_ANNOTATION_ROLE_ARN) == 0
                                    ? irsa_planned_role_arn(builder, fix->value)
                                    : irsa_strdup(fix->value);
    annotate(builder, at, b, value);
    return 0;
}

/* --- workloads -------------------------------------------------------------------------------- */

static const char *const *template_keys(const char *kind)
{
    static const char *const usual[] = {"spec", "template", NULL};
    static const char *const cron[] = {"spec", "jobTemplate", "spec", "template", NULL};
    return strcmp(kind, "CronJob") == 0 ? cron : usual;
}

static const char *api_version_of(const char *kind)
{
    return strcmp(kind, "Job") == 0 || strcmp(kind, "CronJob") == 0 ? "batch/v1" : "apps/v1";
}

/* What `kubectl rollout restart` sets is the time of day. A plan has no clock (the same facts give
 * the same bytes): one second after the newest thing that the pods must be younger than. */
static char *restart_time(const struct irsa_facts *facts, const struct irsa_workload *workload)
{
    const char *name = *workload->spec.service_account ? workload->spec.service_account : "default";
    int64_t newest = workload->restarted;
    const struct irsa_service_account *account =
        irsa_facts_service_account(facts, workload->namespace_, name);
    if (account && account->created > newest)
        newest = account->created;
    if (account && account->annotated > newest)
        newest = account->annotated;
    size_t count = 0;
    const uint32_t *pods = irsa_facts_pods_of(facts, workload->namespace_, name, &count);
    for (size_t i = 0; i < count; i++) {
        if (facts->pods[pods[i]].created > newest)
            newest = facts->pods[pods[i]].created;
    }
    time_t when = (time_t)newest + 1;
    struct tm tm = {0};
    char text[32] = "1970-01-01T00:00:01Z";
    if (gmtime_r(&when, &tm))
        (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    return irsa_strdup(text);
}

static void set_in_template(json_t *object, const char *kind, bool restart, const char *value)
{
    static const char *const annotations[] = {"metadata", "annotations", NULL};
    static const char *const spec[] = {"spec", NULL};
    json_t *pod = descend(object, template_keys(kind));
    if (restart)
        (void)json_object_set_new(descend(pod, annotations), "kubectl.kubernetes.io/restartedAt",
                                  json_string(value));
    else
        (void)json_object_set_new(descend(pod, spec), "serviceAccountName", json_string(value));
}

static void change_workload(struct irsa_builder *builder, struct irsa_fix_at at,
                            const struct irsa_workload *workload)
{
    const struct irsa_fix *fix = at.fix;
    bool restart = fix->kind == IRSA_FIX_RESTART;
    irsa_autofree char *target =
        irsa_format("%s %s/%s", workload->kind, workload->namespace_, workload->name);
    size_t draft = irsa_draft_get(builder, IRSA_OBJECT_WORKLOAD, fix->class_, target);
    struct irsa_change *change = &builder->drafts[draft].change;
    if (!change->after) {
        change->before = object_head(api_version_of(workload->kind), workload->kind,
                                     workload->namespace_, workload->name);
        change->after = json_deep_copy(change->before);
    }
    if (restart && workload->restarted_text)
        set_in_template(change->before, workload->kind, true, workload->restarted_text);
    if (!restart && *workload->spec.service_account)
        set_in_template(change->before, workload->kind, false, workload->spec.service_account);
    irsa_autofree char *value =
        restart ? restart_time(builder->plan->facts, workload) : irsa_strdup(fix->value);
    set_in_template(change->after, workload->kind, restart, value);
    irsa_draft_serve(builder, draft, at.finding, fix->binding);
}

int irsa_plan_workload(struct irsa_builder *builder, struct irsa_fix_at at,
                       struct irsa_error **reterr)
{
    (void)reterr;
    const struct irsa_fix *fix = at.fix;
    const char *slash = fix->target ? strchr(fix->target, '/') : NULL;
    const struct irsa_workload *workload = NULL;
    if (slash && fix->namespace_) {
        irsa_autofree char *kind = irsa_strndup(fix->target, (size_t)(slash - fix->target));
        workload = irsa_facts_workload(builder->plan->facts, kind, fix->namespace_, slash + 1);
    }
    if (!workload)
        irsa_builder_fail(builder, at.finding, NULL);
    else
        change_workload(builder, at, workload);
    return 0;
}
