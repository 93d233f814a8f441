/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far restarted workloads are, by the conditions of `kubectl rollout status`
 * (https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go).
 */
#include "world/live_kube.h"

#include <time.h>

#define PAUSE_MS 1000L

/* --- one workload ----------------------------------------------------------------------------- */

static long long number(const json_t *object, const char *part, const char *field)
{
    return json_integer_value(json_object_get(json_object_get(object, part), field));
}

static long long wanted_replicas(const json_t *object)
{
    const json_t *replicas = irsa_json_get(object, "spec", "replicas", NULL);
    return json_is_integer(replicas) ? json_integer_value(replicas) : 1;
}

static bool progress_is_over(const json_t *object)
{
    size_t i = 0;
    json_t *condition = NULL;
    json_array_foreach(irsa_json_get(object, "status", "conditions", NULL), i, condition)
    {
        const char *type = irsa_json_string(condition, "type", NULL);
        const char *reason = irsa_json_string(condition, "reason", NULL);
        if (type && reason && strcmp(type, "Progressing") == 0
            && strcmp(reason, "ProgressDeadlineExceeded") == 0)
            return true;
    }
    return false;
}

/* "3 of 5 pods are new"; LIVE_KUBE_ROLLED where all are. */
static enum live_kube_rollout share(long long is, long long of, const char *what, char **ret_text)
{
    if (is >= of)
        return LIVE_KUBE_ROLLED;
    *ret_text = irsa_format("%lld of %lld pods are %s", is, of, what);
    return LIVE_KUBE_ROLLING;
}

static enum live_kube_rollout of_deployment(const json_t *object, char **ret_text)
{
    long long wanted = wanted_replicas(object);
    long long updated = number(object, "status", "updatedReplicas");
    long long replicas = number(object, "status", "replicas");
    if (progress_is_over(object)) {
        *ret_text = irsa_strdup("it exceeded its progress deadline");
        return LIVE_KUBE_STUCK;
    }
    if (share(updated, wanted, "new", ret_text) != LIVE_KUBE_ROLLED)
        return LIVE_KUBE_ROLLING;
    if (replicas > updated) {
        *ret_text = irsa_format("%lld old pods are still there", replicas - updated);
        return LIVE_KUBE_ROLLING;
    }
    return share(number(object, "status", "availableReplicas"), updated, "available", ret_text);
}

static enum live_kube_rollout of_daemon_set(const json_t *object, char **ret_text)
{
    long long wanted = number(object, "status", "desiredNumberScheduled");
    if (share(number(object, "status", "updatedNumberScheduled"), wanted, "new", ret_text)
        != LIVE_KUBE_ROLLED)
        return LIVE_KUBE_ROLLING;
    return share(number(object, "status", "numberAvailable"), wanted, "available", ret_text);
}

static enum live_kube_rollout of_stateful_set(const json_t *object, char **ret_text)
{
    const json_t *rolling = irsa_json_get(object, "spec", "updateStrategy", "rollingUpdate", NULL);
    long long wanted = wanted_replicas(object);
    long long partition = json_integer_value(json_object_get(rolling, "partition"));
    const char *current = irsa_json_string(object, "status", "currentRevision", NULL);
    const char *update = irsa_json_string(object, "status", "updateRevision", NULL);
    long long updated = number(object, "status", "updatedReplicas");
    if (share(number(object, "status", "readyReplicas"), wanted, "ready", ret_text)
        != LIVE_KUBE_ROLLED)
        return LIVE_KUBE_ROLLING;
    if (partition > 0)
        return share(updated, wanted - partition, "new", ret_text);
    if (current && update && strcmp(current, update) != 0) {
        *ret_text = irsa_format("%lld of %lld pods are new", updated, wanted);
        return LIVE_KUBE_ROLLING;
    }
    return LIVE_KUBE_ROLLED;
}

enum live_kube_rollout irsa_live_kube_rollout(const json_t *object, char **ret_text)
{
    const char *kind = irsa_json_string(object, "kind", NULL);
    const char *strategy = irsa_json_string(object, "spec", "updateStrategy", "type", NULL);
    *ret_text = NULL;
    if (strategy && strcmp(strategy, "OnDelete") == 0) {
        *ret_text = irsa_strdup("its pods change when they are deleted (updateStrategy OnDelete)");
        return LIVE_KUBE_BY_HAND;
    }
    bool rolls = kind
                 && (strcmp(kind, "Deployment") == 0 || strcmp(kind, "DaemonSet") == 0
                     || strcmp(kind, "StatefulSet") == 0);
    if (!rolls)
        return LIVE_KUBE_ROLLED;
    if (number(object, "status", "observedGeneration") < number(object, "metadata", "generation")) {
        *ret_text = irsa_strdup("it was not taken up yet");
        return LIVE_KUBE_ROLLING;
    }
    if (strcmp(kind, "Deployment") == 0)
        return of_deployment(object, ret_text);
    return strcmp(kind, "DaemonSet") == 0 ? of_daemon_set(object, ret_text)
                                          : of_stateful_set(object, ret_text);
}

/* --- all of them ------------------------------------------------------------------------------ */

struct watched {
    const struct irsa_change *change;
    struct irsa_kube_call call;
    char *path;
    char *text; /* how far it is */
    bool done;
    struct irsa_error **reterr;
};

struct watch {
    struct live *live;
    struct watched *items;
    size_t count;
    bool said;
};

static long now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void look_at(struct watched *item)
{
    if (item->call.error) {
        /* It was carried out; that it can't be watched is no failure of it. */
        irsa_log(IRSA_LOG_WARNING, "%s: %s", item->change->target,
                 irsa_error_message(item->call.error));
        item->done = true;
        return;
    }
    free(irsa_steal(&item->text));
    switch (irsa_live_kube_rollout(item->call.answer, &item->text)) {
    case LIVE_KUBE_ROLLING:
        return;
    case LIVE_KUBE_STUCK:
        (void)irsa_fail(item->reterr, IRSA_E_NET, "%s was restarted, but %s", item->change->target,
                        item->text);
        (void)irsa_hint(item->reterr, "look at its pods: kubectl describe pods");
        break;
    case LIVE_KUBE_BY_HAND:
        irsa_log(IRSA_LOG_WARNING, "%s: %s", item->change->target, item->text);
        break;
    case LIVE_KUBE_ROLLED:
        break;
    }
    item->done = true;
}

static size_t look(struct watch *watch)
{
    struct irsa_kube_call **calls = irsa_calloc(watch->count + 1, sizeof(*calls));
    struct watched **of = irsa_calloc(watch->count + 1, sizeof(*of));
    size_t active = 0;
    size_t left = 0;
    for (size_t i = 0; i < watch->count; i++) {
        struct watched *item = &watch->items[i];
        const json_t *object = item->change->after;
        const struct live_kube_spec *spec =
            irsa_live_kube_kind(irsa_json_string(object, "kind", NULL));
        if (item->done)
            continue;
        if (!item->path)
            item->path =
                irsa_live_kube_path(spec, irsa_json_string(object, "metadata", "namespace", NULL),
                                    irsa_json_string(object, "metadata", "name", NULL));
        irsa_kube_call_done(&item->call);
        item->call = (struct irsa_kube_call){
            .verb = "get", .resource = spec->label, .method = "GET", .path = item->path};
        of[active] = item;
        calls[active++] = &item->call;
    }
    irsa_kube_run(watch->live->kube, calls, active);
    for (size_t i = 0; i < active; i++) {
        look_at(of[i]);
        left += !of[i]->done;
    }
    free(of);
    free(calls);
    return left;
}

static const struct watched *first_left(const struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++) {
        if (!watch->items[i].done)
            return &watch->items[i];
    }
    return NULL;
}

static void say(struct watch *watch, size_t left)
{
    const struct watched *first = first_left(watch);
    if (!first)
        return;
    bool shown = irsa_log_status("%zu of %zu restarted; %s: %s", watch->count - left, watch->count,
                                 first->change->target, first->text ? first->text : "");
    if (!shown && !watch->said)
        irsa_log(IRSA_LOG_WARNING, "waiting for the pods of %zu restarted workload%s (up to %ld s)",
                 left, left == 1 ? "" : "s", watch->live->rollout_ms / 1000);
    watch->said = true;
}

/* The changes are made: to be asked once to stop is enough. */
static bool is_interrupted(const struct watch *watch)
{
    const volatile bool *stopping = watch->live->stopping;
    return stopping && *stopping;
}

static void give_up(struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++) {
        struct watched *item = &watch->items[i];
        if (item->done)
            continue;
        const char *text = item->text ? item->text : "its pods are not new";
        if (is_interrupted(watch)) {
            (void)irsa_fail(item->reterr, IRSA_E_NET, "%s was restarted; when watching ended, %s",
                            item->change->target, text);
            continue;
        }
        (void)irsa_fail(item->reterr, IRSA_E_NET, "%s was restarted, but after %ld s %s",
                        item->change->target, watch->live->rollout_ms / 1000, text);
        (void)irsa_hint(item->reterr, "plan again later, or give a longer --timeout");
    }
}

void irsa_live_kube_watch(struct live *live, const struct irsa_change *const *changes, size_t count,
                          struct irsa_error **errors)
{
    struct watch watch = {
        .live = live,
        .items = irsa_calloc(count + 1, sizeof(*watch.items)),
        .count = count,
    };
    const struct timespec pause = {.tv_sec = PAUSE_MS / 1000};
    long end = now_ms() + live->rollout_ms;
    for (size_t i = 0; i < count; i++)
        watch.items[i] = (struct watched){.change = changes[i], .reterr = &errors[i]};
    for (size_t left = look(&watch); left > 0; left = look(&watch)) {
        if (now_ms() >= end || is_interrupted(&watch))
            break;
        say(&watch, left);
        (void)nanosleep(&pause, NULL);
    }
    irsa_log_status_clear();
    give_up(&watch);
    for (size_t i = 0; i < count; i++) {
        irsa_kube_call_done(&watch.items[i].call);
        free(watch.items[i].path);
        free(watch.items[i].text);
    }
    free(watch.items);
}
