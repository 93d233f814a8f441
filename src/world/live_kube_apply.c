/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing to Kubernetes: each change touches the fields that it is about and no others, and holds
 * only for the object as it was read, by its resourceVersion
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions). After a
 * conflict the object is read again: what is right already is done, what is still as the plan saw
 * it is tried again, what is neither stays as it is.
 */
#include "world/live_kube.h"

/* Who else writes the object at this moment is mostly through after one more try. */
#define TRIES_MAX 4

enum step { STEP_CREATE, STEP_READ, STEP_PATCH, STEP_DELETE, STEP_DONE };

struct write {
    struct live *live;
    const struct irsa_facts *facts;
    const struct irsa_change *change;
    const struct live_kube_spec *spec;
    enum step step;
    unsigned tries;
    bool patched;  /* something was changed */
    bool searches; /* may not get it: it is looked for in a list */
    char *version; /* resourceVersion, or NULL */
    char *uid;     /* of what is to be deleted, or NULL */
    char *path;
    json_t *body;
    struct irsa_kube_call call;
    struct irsa_error **reterr;
};

static const json_t *object_of(const struct irsa_change *change)
{
    return change->after ? change->after : change->before;
}

static int conflict(struct write *write, const char *fmt, ...) IRSA_PRINTF(2, 3);
static int conflict(struct write *write, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    irsa_autofree char *reason = irsa_vformat(fmt, args);
    va_end(args);
    write->step = STEP_DONE;
    (void)irsa_fail(write->reterr, IRSA_E_CONFLICT, "%s is not as the plan saw it: %s",
                    write->change->target, reason);
    return irsa_hint(write->reterr, "plan again");
}

/* --- one request ------------------------------------------------------------------------------ */

static const char *name_of(const struct write *write)
{
    return irsa_json_string(object_of(write->change), "metadata", "name", NULL);
}

static const char *namespace_of(const struct write *write)
{
    return write->spec->namespaced
               ? irsa_json_string(object_of(write->change), "metadata", "namespace", NULL)
               : NULL;
}

/* fieldManager: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management;
 * dryRun: https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run. */
static char *write_path(const struct write *write)
{
    bool create = write->step == STEP_CREATE;
    irsa_autofree char *path =
        irsa_live_kube_path(write->spec, namespace_of(write), create ? NULL : name_of(write));
    return irsa_format("%s?fieldManager=irsa-fix&fieldValidation=Strict%s", path,
                       write->live->dry_run ? "&dryRun=All" : "");
}

static json_t *patch_body(const struct write *write)
{
    json_t *patch = irsa_live_kube_patch(write->change->before, write->change->after);
    json_t *metadata = json_object_get(patch, "metadata");
    if (!metadata) {
        metadata = json_object();
        json_object_set_new(patch, "metadata", metadata);
    }
    if (write->version)
        json_object_set_new(metadata, "resourceVersion", json_string(write->version));
    return patch;
}

static void prepare(struct write *write)
{
    irsa_kube_call_done(&write->call);
    free(irsa_steal(&write->path));
    json_decref(write->body);
    write->body = NULL;
    write->call = (struct irsa_kube_call){.resource = write->spec->label};
    switch (write->step) {
    case STEP_CREATE:
        write->path = write_path(write);
        write->body = json_incref(write->change->after);
        write->call.verb = "create";
        write->call.method = "POST";
        break;
    case STEP_PATCH:
        write->path = write_path(write);
        write->body = patch_body(write);
        write->call.verb = "patch";
        write->call.method = "PATCH";
        write->call.content_type = write->change->kind == IRSA_OBJECT_WORKLOAD
                                       ? "application/strategic-merge-patch+json"
                                       : "application/merge-patch+json";
        break;
    case STEP_DELETE:
        write->path = irsa_live_kube_delete_path(write->live, write->spec, namespace_of(write),
                                                 name_of(write));
        write->body = irsa_live_kube_delete_body(write->uid, write->version);
        write->call.verb = "delete";
        write->call.method = "DELETE";
        break;
    default:
        write->path =
            write->searches
                ? irsa_live_kube_search_path(write->spec, namespace_of(write), name_of(write))
                : irsa_live_kube_path(write->spec, namespace_of(write), name_of(write));
        write->call.verb = write->searches ? "list" : "get";
        write->call.method = "GET";
        break;
    }
    write->call.path = write->path;
    write->call.body = write->body;
}

/* --- what comes of it ------------------------------------------------------------------------- */

static int fail(struct write *write)
{
    write->step = STEP_DONE;
    *write->reterr = irsa_steal(&write->call.error);
    return -1;
}

/* Lost on the way: it may have been carried out, or not. */
static bool is_lost(const struct write *write)
{
    return write->call.maybe_done;
}

static int after_write(struct write *write)
{
    const struct irsa_error *error = write->call.error;
    if (!error) {
        write->patched = true;
        write->step = STEP_DONE;
        return 0;
    }
    if (write->step == STEP_DELETE && irsa_error_kind(error) == IRSA_E_NOT_FOUND) {
        write->step = STEP_DONE; /* gone meanwhile */
        return 0;
    }
    bool again = irsa_error_kind(error) == IRSA_E_CONFLICT || is_lost(write);
    if (!again || write->tries >= TRIES_MAX)
        return fail(write);
    write->step = STEP_READ;
    return 0;
}

/* `kubectl rollout restart` refuses it as well: nothing would happen until it is resumed. */
static bool is_paused(const struct write *write)
{
    return write->change->kind == IRSA_OBJECT_WORKLOAD
           && json_is_true(irsa_json_get(write->call.answer, "spec", "paused", NULL));
}

static void keep(char **field, const char *text)
{
    free(*field);
    *field = text ? irsa_strdup(text) : NULL;
}

/* It is as the plan saw it: what was added to it since goes with it, as far as nobody forbids. */
static int judge_doomed(struct write *write)
{
    irsa_autofree char *path = NULL;
    const json_t *now = write->call.answer;
    if (irsa_json_get(now, "metadata", "deletionTimestamp", NULL)) {
        write->step = STEP_DONE; /* under way */
        return 0;
    }
    if (irsa_live_kube_compare(now, write->change->before, write->change->before, &path)
        == LIVE_KUBE_MOVED)
        return conflict(write, "%s was changed", path);
    /* With --allow delete all that is in it goes with it. */
    if (write->change->kind == IRSA_OBJECT_NAMESPACE && write->change->class_ != IRSA_CLASS_DELETE
        && irsa_live_kube_check_empty(write->live, name_of(write), write->reterr) != 0) {
        write->step = STEP_DONE;
        return -1;
    }
    keep(&write->version, irsa_json_string(now, "metadata", "resourceVersion", NULL));
    keep(&write->uid, irsa_json_string(now, "metadata", "uid", NULL));
    write->step = STEP_DELETE;
    write->tries++;
    return 0;
}

static const struct irsa_service_account *account_seen(const struct write *write)
{
    return write->change->kind == IRSA_OBJECT_SERVICE_ACCOUNT
               ? irsa_facts_service_account(write->facts, namespace_of(write), name_of(write))
               : NULL;
}

/* Whose it became since: planned again, the change would be held back. */
static int check_owner(struct write *write)
{
    const struct irsa_service_account *seen = account_seen(write);
    if (!seen || seen->owner || write->live->intent->allow[IRSA_CLASS_OWNED])
        return 0;
    irsa_autofree char *owner = irsa_live_kube_owner(write->call.answer);
    return owner ? conflict(write, "it belongs to %s by now", owner) : 0;
}

static int judge_present(struct write *write)
{
    irsa_autofree char *path = NULL;
    const json_t *now = write->call.answer;
    bool creates = write->change->action == IRSA_ACTION_CREATE;
    if (irsa_json_get(now, "metadata", "deletionTimestamp", NULL))
        return conflict(write, "it is being deleted");
    if (creates && irsa_live_kube_serves(now, write->change->after)) {
        write->step = STEP_DONE;
        return 0;
    }
    switch (irsa_live_kube_compare(now, write->change->before, write->change->after, &path)) {
    case LIVE_KUBE_AFTER:
        write->step = STEP_DONE;
        return 0;
    case LIVE_KUBE_MOVED:
        return conflict(write, "%s was changed", path);
    case LIVE_KUBE_BEFORE:
        break;
    }
    if (creates)
        return conflict(write, "it exists already");
    if (is_paused(write))
        return conflict(write, "it is paused");
    if (check_owner(write) != 0)
        return -1;
    keep(&write->version, irsa_json_string(now, "metadata", "resourceVersion", NULL));
    write->step = STEP_PATCH;
    write->tries++;
    return 0;
}

/* What RBAC must allow is only what is always needed (`irsa-fix permissions --rbac`): accounts are
 * listed by every plan. */
static bool can_search(const struct write *write)
{
    return irsa_error_kind(write->call.error) == IRSA_E_ACCESS && !write->searches
           && write->change->kind == IRSA_OBJECT_SERVICE_ACCOUNT;
}

static void take_found(struct write *write)
{
    json_t *found = irsa_live_kube_found(write->spec, write->call.answer);
    json_decref(write->call.answer);
    write->call.answer = found;
    if (!found)
        (void)irsa_fail(&write->call.error, IRSA_E_NOT_FOUND, "%s is not there",
                        write->change->target);
}

static int after_read(struct write *write)
{
    if (write->call.error && can_search(write)) {
        write->searches = true;
        return 0;
    }
    if (write->searches && !write->call.error)
        take_found(write);
    const struct irsa_error *error = write->call.error;
    bool deletes = write->change->action == IRSA_ACTION_DELETE;
    if (!error)
        return deletes ? judge_doomed(write) : judge_present(write);
    if (irsa_error_kind(error) != IRSA_E_NOT_FOUND)
        return fail(write);
    if (deletes) {
        write->step = STEP_DONE;
        return 0;
    }
    if (write->change->action != IRSA_ACTION_CREATE)
        return conflict(write, "it is gone");
    write->step = STEP_CREATE;
    write->tries++;
    return 0;
}

static void take(struct write *write)
{
    if (write->step == STEP_READ)
        (void)after_read(write);
    else
        (void)after_write(write);
}

/* --- all of them ------------------------------------------------------------------------------ */

/* The version that the plan was made from: then nothing has to be read again. */
static char *version_seen(const struct write *write)
{
    const struct irsa_service_account *account = account_seen(write);
    return account && account->resource_version ? irsa_strdup(account->resource_version) : NULL;
}

static void begin(struct write *write)
{
    const char *kind = irsa_json_string(object_of(write->change), "kind", NULL);
    write->spec = kind ? irsa_live_kube_kind(kind) : NULL;
    if (!write->spec || !name_of(write) || (write->spec->namespaced && !namespace_of(write))) {
        (void)irsa_fail(write->reterr, IRSA_E_INTERNAL, "%s: nothing that Kubernetes knows",
                        write->change->target);
        write->step = STEP_DONE;
        return;
    }
    write->tries = 1;
    if (write->change->action == IRSA_ACTION_CREATE) {
        write->step = STEP_CREATE;
        return;
    }
    write->step = STEP_READ;
    if (write->change->action == IRSA_ACTION_DELETE)
        return;
    write->version = version_seen(write);
    write->step = write->version ? STEP_PATCH : STEP_READ;
}

static void run(struct live *live, struct write *writes, size_t count)
{
    struct irsa_kube_call **calls = irsa_calloc(count + 1, sizeof(*calls));
    struct write **of = irsa_calloc(count + 1, sizeof(*of));
    for (;;) {
        size_t active = 0;
        for (size_t i = 0; i < count; i++) {
            if (writes[i].step == STEP_DONE)
                continue;
            prepare(&writes[i]);
            of[active] = &writes[i];
            calls[active++] = &writes[i].call;
        }
        if (active == 0)
            break;
        irsa_kube_run(live->kube, calls, active);
        for (size_t i = 0; i < active; i++)
            take(of[i]);
    }
    free(of);
    free(calls);
}

/* Pods are new when they are there, not when it was asked for. */
static void watch(struct live *live, const struct write *writes, size_t count)
{
    const struct irsa_change **changes = irsa_calloc(count + 1, sizeof(*changes));
    struct irsa_error **errors = irsa_calloc(count + 1, sizeof(*errors));
    size_t watched = 0;
    for (size_t i = 0; i < count; i++) {
        if (writes[i].patched && writes[i].change->kind == IRSA_OBJECT_WORKLOAD)
            changes[watched++] = writes[i].change;
    }
    if (watched > 0 && !live->dry_run)
        irsa_live_kube_watch(live, changes, watched, errors);
    for (size_t i = 0, k = 0; i < count && k < watched; i++) {
        if (writes[i].change == changes[k])
            *writes[i].reterr = errors[k++];
    }
    free(errors);
    free(changes);
}

void irsa_live_kube_apply(struct live *live, const struct irsa_facts *facts,
                          const struct irsa_change *const *changes, size_t count,
                          struct irsa_error **errors)
{
    struct write *writes = irsa_calloc(count + 1, sizeof(*writes));
    for (size_t i = 0; i < count; i++) {
        writes[i] = (struct write){
            .live = live, .facts = facts, .change = changes[i], .reterr = &errors[i]};
        begin(&writes[i]);
    }
    run(live, writes, count);
    watch(live, writes, count);
    for (size_t i = 0; i < count; i++) {
        irsa_kube_call_done(&writes[i].call);
        free(writes[i].version);
        free(writes[i].uid);
        free(writes[i].path);
        json_decref(writes[i].body);
    }
    free(writes);
}
