/* SPDX-License-Identifier: Apache-2.0 */
/* The life of test pods: made, waited for, read, deleted whatever happens. */
#include "apply/verify_pod.h"

/* So many at once: each wants a place on a node. */
#define BATCH ((size_t)8)
#define WAIT_MS 120000L /* to be scheduled and pulled */
#define POLL_MS 1000L
#define DELETE_TRIES 3
#define LOG_QUERY "limitBytes=65536"

long irsa_verify_pod_ms(const struct irsa_verify_run *run)
{
    return run->options->timeout_ms > 0 ? run->options->timeout_ms : WAIT_MS;
}

struct life {
    struct irsa_proof *proof;
    char *name;
    json_t *object;
    char *path;    /* of the namespace's pods */
    bool made;     /* it is there, or may be */
    bool settled;  /* its steps are said */
    char *pulling; /* the last error of pulling, which tells more than the back-off */
    struct irsa_pod_verdict verdict;
};

static void life_done(struct life *life)
{
    free(life->name);
    free(life->path);
    free(life->pulling);
    json_decref(life->object);
    irsa_pod_verdict_done(&life->verdict);
}

static void say(const struct irsa_verify_run *run, char *text)
{
    if (run->options->say)
        run->options->say(run->options->context, text);
    free(text);
}

static char *pods_path(const char *namespace_)
{
    irsa_auto_buf path = {0};
    irsa_buf_adds(&path, "/api/v1/namespaces/");
    irsa_url_encode(namespace_, strlen(namespace_), &path);
    irsa_buf_adds(&path, "/pods");
    return irsa_buf_steal(&path);
}

/* One call. */
static void call(struct irsa_verify_run *run, struct irsa_kube_call *call)
{
    struct irsa_kube_call *const calls[] = {call};
    run->prover->ops->kube(run->prover, calls, 1);
}

/* --- deleting --------------------------------------------------------------------------------- */

static bool delete_pod(struct irsa_verify_run *run, const char *pods, const char *name)
{
    irsa_autofree char *path = irsa_format("%s/%s?gracePeriodSeconds=0", pods, name);
    irsa_autofree char *why = NULL;
    for (int i = 0; i < DELETE_TRIES; i++) {
        struct irsa_kube_call asked = {
            .verb = "delete", .resource = "pods", .method = "DELETE", .path = path};
        call(run, &asked);
        bool gone = !asked.error || asked.status == 404;
        bool again = !gone && (asked.status == 0 || asked.status >= 500);
        free(why);
        why = gone ? NULL : irsa_strdup(irsa_error_message(asked.error));
        irsa_kube_call_done(&asked);
        if (gone)
            return true;
        if (!again)
            break;
        run->prover->ops->pause(run->prover, POLL_MS);
    }
    say(run, irsa_format("pod %s could not be deleted: %s; the next verify --pod does it, or "
                         "kubectl delete pod",
                         name, why));
    return false;
}

static void remove_left(struct irsa_verify_run *run, const char *namespace_)
{
    irsa_autofree char *pods = pods_path(namespace_);
    irsa_autofree char *path = irsa_format("%s?%s", pods, irsa_verify_pod_selector);
    struct irsa_kube_call asked = {
        .verb = "list", .resource = "pods", .method = "GET", .path = path};
    int64_t now = run->prover->ops->now_ms(run->prover) / 1000;
    call(run, &asked);
    size_t i = 0;
    json_t *pod = NULL;
    json_array_foreach(json_object_get(asked.answer, "items"), i, pod)
    {
        const char *name = irsa_json_string(pod, "metadata", "name", NULL);
        if (!name || !irsa_verify_pod_is_left(pod, now))
            continue;
        say(run, irsa_format("removing pod %s/%s, which an earlier verify left", namespace_, name));
        (void)delete_pod(run, pods, name);
    }
    if (asked.error)
        say(run, irsa_format("pods that an earlier verify left in namespace %s were not looked "
                             "for: %s",
                             namespace_, irsa_error_message(asked.error)));
    irsa_kube_call_done(&asked);
}

/* --- making ----------------------------------------------------------------------------------- */

/* RBAC says `User "x" cannot create resource "pods"`; all else is what the cluster admits. */
static void say_refused(struct irsa_verify_run *run, struct life *life,
                        const struct irsa_kube_call *asked)
{
    const char *words = irsa_error_message(asked->error);
    bool own = strstr(words, "cannot create resource") || asked->status == 401;
    life->settled = true;
    if (own || asked->status == 0 || asked->status >= 500 || asked->status == 429) {
        bool denied = strstr(words, "denied the request") || strstr(words, "admission webhook");
        if (own || !denied) {
            irsa_step_error(run, life->proof, "pod", asked->error);
            return;
        }
    }
    json_t *step = irsa_step(life->proof, "pod", IRSA_STEP_FAILED, "IRSA120",
                             "the cluster does not admit the test pod: %s", words);
    irsa_step_evidence(step, words, "a pod that is admitted", "create pods");
}

static void make_all(struct irsa_verify_run *run, struct life *lives, size_t count)
{
    struct irsa_kube_call asked[BATCH] = {0};
    struct irsa_kube_call *calls[BATCH];
    for (size_t i = 0; i < count; i++) {
        asked[i] = (struct irsa_kube_call){.verb = "create",
                                           .resource = "pods",
                                           .method = "POST",
                                           .path = lives[i].path,
                                           .body = lives[i].object};
        calls[i] = &asked[i];
        say(run, irsa_format("creating pod %s/%s, which is deleted again at the end",
                             lives[i].proof->binding->namespace_, lives[i].name));
    }
    run->prover->ops->kube(run->prover, calls, count);
    for (size_t i = 0; i < count; i++) {
        lives[i].made = !asked[i].error || asked[i].maybe_done;
        if (asked[i].error)
            say_refused(run, &lives[i], &asked[i]);
        irsa_kube_call_done(&asked[i]);
    }
}

/* --- waiting ---------------------------------------------------------------------------------- */

static void read_log(struct irsa_verify_run *run, struct life *life)
{
    const char *container = irsa_json_string(
        json_array_get(irsa_json_get(life->object, "spec", "containers", NULL), 0), "name", NULL);
    irsa_autofree char *path = irsa_format("%s/%s/log?container=%s&" LOG_QUERY, life->path,
                                           life->name, container ? container : "");
    struct irsa_kube_call asked = {.verb = "get",
                                   .resource = "pods/log",
                                   .method = "GET",
                                   .path = path,
                                   .accept = "*/*",
                                   .text = true};
    call(run, &asked);
    life->settled = true;
    if (asked.error) {
        irsa_step_error(run, life->proof, "pod", asked.error);
    } else {
        (void)irsa_step(life->proof, "pod", IRSA_STEP_OK, NULL, "pod %s/%s ran and ended",
                        life->proof->binding->namespace_, life->name);
        irsa_verify_pod_said(run, life->proof, json_string_value(asked.answer));
    }
    irsa_kube_call_done(&asked);
}

/* What the last warning about the pod says; the caller's, or NULL. */
static char *last_warning(struct irsa_verify_run *run, const struct life *life)
{
    size_t len = strlen(life->path) - strlen("/pods");
    irsa_autofree char *path = irsa_format("%.*s/events?fieldSelector=involvedObject.name%%3D%s",
                                           (int)len, life->path, life->name);
    struct irsa_kube_call asked = {
        .verb = "list", .resource = "events", .method = "GET", .path = path};
    char *found = NULL;
    call(run, &asked);
    size_t i = 0;
    json_t *event = NULL;
    json_array_foreach(json_object_get(asked.answer, "items"), i, event)
    {
        const char *type = irsa_json_string(event, "type", NULL);
        const char *reason = irsa_json_string(event, "reason", NULL);
        const char *message = irsa_json_string(event, "message", NULL);
        if (!type || strcmp(type, "Warning") != 0 || !reason || !message)
            continue;
        free(found);
        found = irsa_format("%s: %s", reason, message);
    }
    irsa_kube_call_done(&asked);
    return found;
}

static void say_stuck(struct irsa_verify_run *run, struct life *life, bool late)
{
    const struct irsa_pod_verdict *verdict = &life->verdict;
    irsa_autofree char *warning = last_warning(run, life);
    irsa_autofree char *when =
        late ? irsa_format(" within %ld s", irsa_verify_pod_ms(run) / 1000) : irsa_strdup("");
    const char *words = verdict->message ? verdict->message : "nothing is known of it";
    bool backs_off = life->pulling && strstr(words, "ImagePullBackOff");
    json_t *step =
        irsa_step(life->proof, "pod", IRSA_STEP_FAILED, verdict->code ? verdict->code : "IRSA118",
                  "pod %s/%s came to nothing%s: %s", life->proof->binding->namespace_, life->name,
                  when, backs_off ? life->pulling : words);
    irsa_step_evidence(step, warning ? warning : words, "a pod that runs and ends",
                       warning ? "list events" : "get pods");
    life->settled = true;
}

static void take_pod(struct irsa_verify_run *run, struct life *life, struct irsa_kube_call *asked)
{
    if (asked->error && asked->status == 404) {
        irsa_pod_verdict_done(&life->verdict);
        life->verdict.message = irsa_strdup("somebody deleted it");
        say_stuck(run, life, false);
        return;
    }
    if (asked->error && asked->status != 0) {
        irsa_step_error(run, life->proof, "pod", asked->error);
        life->settled = true;
        return;
    }
    if (asked->error)
        return; /* until the deadline */
    irsa_pod_verdict_done(&life->verdict);
    irsa_pod_judge(asked->answer, &life->verdict);
    const char *words = life->verdict.message;
    if (words && strstr(words, "ErrImagePull") && !strstr(words, "ImagePullBackOff")) {
        free(life->pulling);
        life->pulling = irsa_strdup(words);
    }
    if (life->verdict.state == IRSA_POD_ENDED)
        read_log(run, life);
    else if (life->verdict.state == IRSA_POD_STUCK)
        say_stuck(run, life, false);
}

static size_t look(struct irsa_verify_run *run, struct life *lives, size_t count)
{
    struct irsa_kube_call asked[BATCH] = {0};
    struct irsa_kube_call *calls[BATCH];
    char *paths[BATCH] = {NULL};
    struct life *asked_for[BATCH];
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (lives[i].settled)
            continue;
        paths[len] = irsa_format("%s/%s", lives[i].path, lives[i].name);
        asked[len] = (struct irsa_kube_call){
            .verb = "get", .resource = "pods", .method = "GET", .path = paths[len]};
        asked_for[len] = &lives[i];
        calls[len] = &asked[len];
        len++;
    }
    if (len > 0)
        run->prover->ops->kube(run->prover, calls, len);
    size_t left = 0;
    for (size_t i = 0; i < len; i++) {
        take_pod(run, asked_for[i], &asked[i]);
        left += !asked_for[i]->settled;
        irsa_kube_call_done(&asked[i]);
        free(paths[i]);
    }
    return left;
}

static void show_wait(const struct irsa_verify_run *run, const struct life *lives, size_t count,
                      int64_t left_ms)
{
    for (size_t i = 0; i < count && run->options->waiting; i++) {
        if (lives[i].settled)
            continue;
        irsa_autofree char *text =
            irsa_format("pod %s/%s: %s", lives[i].proof->binding->namespace_, lives[i].name,
                        lives[i].verdict.message ? lives[i].verdict.message : "waiting");
        run->options->waiting(run->options->context, text, (long)left_ms);
        return;
    }
}

static void wait_all(struct irsa_verify_run *run, struct life *lives, size_t count)
{
    struct irsa_prover *prover = run->prover;
    int64_t deadline = prover->ops->now_ms(prover) + irsa_verify_pod_ms(run);
    while (look(run, lives, count) > 0 && !irsa_verify_stopped(run)) {
        int64_t left_ms = deadline - prover->ops->now_ms(prover);
        if (left_ms <= 0)
            break;
        show_wait(run, lives, count, left_ms);
        prover->ops->pause(prover, left_ms < POLL_MS ? (long)left_ms : POLL_MS);
    }
    if (run->options->waiting)
        run->options->waiting(run->options->context, "", 0);
    for (size_t i = 0; i < count; i++) {
        if (lives[i].settled)
            continue;
        if (irsa_verify_stopped(run))
            (void)irsa_step(lives[i].proof, "pod", IRSA_STEP_SKIPPED, NULL, "interrupted");
        else
            say_stuck(run, &lives[i], true);
    }
}

/* --- all -------------------------------------------------------------------------------------- */

static void run_batch(struct irsa_verify_run *run, struct life *lives, size_t count)
{
    make_all(run, lives, count);
    wait_all(run, lives, count);
    for (size_t i = 0; i < count; i++) {
        if (lives[i].made)
            (void)delete_pod(run, lives[i].path, lives[i].name);
        life_done(&lives[i]);
    }
}

/* False where there is to be no pod; the step says why. */
static bool prepare(struct irsa_verify_run *run, struct irsa_proof *proof, struct life *life)
{
    irsa_auto_error error = NULL;
    if (proof->request.status == 404 || irsa_verify_stopped(run)) {
        (void)irsa_step(proof, "pod", IRSA_STEP_SKIPPED, NULL, "%s",
                        irsa_verify_stopped(run) ? "interrupted"
                                                 : "there is no service account to run under");
        return false;
    }
    json_t *object = irsa_verify_pod_object(run, proof, &error);
    if (!object) {
        irsa_step_error(run, proof, "pod", error);
        return false;
    }
    *life = (struct life){
        .proof = proof,
        .object = object,
        .name = irsa_strdup(irsa_json_string(object, "metadata", "name", NULL)),
        .path = pods_path(proof->binding->namespace_),
    };
    return true;
}

void irsa_verify_pods(struct irsa_verify_run *run, struct irsa_proof *const *batch, size_t count)
{
    struct life lives[BATCH];
    size_t len = 0;
    irsa_auto_strings namespaces = {0};
    for (size_t i = 0; i < count; i++) {
        const char *namespace_ = batch[i]->binding->namespace_;
        if (!irsa_strings_has(&namespaces, namespace_)) {
            irsa_strings_add(&namespaces, namespace_);
            remove_left(run, namespace_);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (prepare(run, batch[i], &lives[len]))
            len++;
        if (len == BATCH || (len > 0 && i + 1 == count)) {
            run_batch(run, lives, len);
            len = 0;
        }
    }
}
