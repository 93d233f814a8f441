/* SPDX-License-Identifier: Apache-2.0 */
/* How far a pod is, by its status
 * (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/). */
#include "irsa/document.h"
#include "irsa/verify.h"

void irsa_pod_verdict_done(struct irsa_pod_verdict *verdict)
{
    free(verdict->message);
    *verdict = (struct irsa_pod_verdict){0};
}

static void say(struct irsa_pod_verdict *ret, enum irsa_pod_state state, const char *code,
                char *message)
{
    *ret = (struct irsa_pod_verdict){.state = state, .code = code, .message = message};
}

struct reason {
    const char *reason;
    enum irsa_pod_state state;
    const char *what;
};
/* Reasons of waiting containers: k8s.io/kubernetes/pkg/kubelet/images/types.go and
 * pkg/kubelet/kuberuntime/kuberuntime_container.go. The kubelet goes on trying after ErrImagePull;
 * when it backs off, a second try has failed or is far away. */
static const struct reason reasons[] = {
    {"ErrImagePull", IRSA_POD_WAITING, "its image can't be pulled"},
    {"ImagePullBackOff", IRSA_POD_STUCK, "its image can't be pulled"},
    {"InvalidImageName", IRSA_POD_STUCK, "its image has no valid name"},
    {"ErrImageNeverPull", IRSA_POD_STUCK, "its image is not on the node, and may not be pulled"},
    {"ImageInspectError", IRSA_POD_STUCK, "its image can't be read"},
    {"RegistryUnavailable", IRSA_POD_WAITING, "the registry of its image does not answer"},
    {"SignatureValidationFailed", IRSA_POD_STUCK, "its image's signature is not accepted"},
    {"CreateContainerConfigError", IRSA_POD_STUCK, "its container can't be configured"},
    {"CreateContainerError", IRSA_POD_STUCK, "its container can't be made"},
    {"RunContainerError", IRSA_POD_STUCK, "its container can't be run"},
    {"CrashLoopBackOff", IRSA_POD_STUCK, "its container ends again and again"},
};

static bool judge_containers(const json_t *pod, const char *key, struct irsa_pod_verdict *ret)
{
    size_t i = 0;
    json_t *status = NULL;
    json_array_foreach(irsa_json_get(pod, "status", key, NULL), i, status)
    {
        const char *reason = irsa_json_string(status, "state", "waiting", "reason", NULL);
        const char *message = irsa_json_string(status, "state", "waiting", "message", NULL);
        for (size_t k = 0; reason && k < IRSA_COUNT(reasons); k++) {
            if (strcmp(reasons[k].reason, reason) != 0)
                continue;
            say(ret, reasons[k].state, "IRSA118",
                irsa_format("%s (%s)%s%s", reasons[k].what, reason, message ? ": " : "",
                            message ? message : ""));
            return true;
        }
    }
    return false;
}

static const json_t *condition(const json_t *pod, const char *type)
{
    size_t i = 0;
    json_t *one = NULL;
    json_array_foreach(irsa_json_get(pod, "status", "conditions", NULL), i, one)
    {
        const char *its = irsa_json_string(one, "type", NULL);
        if (its && strcmp(its, type) == 0)
            return one;
    }
    return NULL;
}

static bool any_ended(const json_t *pod)
{
    size_t i = 0;
    json_t *status = NULL;
    json_array_foreach(irsa_json_get(pod, "status", "containerStatuses", NULL), i, status)
    {
        if (irsa_json_get(status, "state", "terminated", NULL))
            return true;
    }
    return false;
}

/* Failed before a container ran: evicted, out of time, refused by the node. */
static void judge_failed(const json_t *pod, struct irsa_pod_verdict *ret)
{
    const char *reason = irsa_json_string(pod, "status", "reason", NULL);
    const char *message = irsa_json_string(pod, "status", "message", NULL);
    say(ret, IRSA_POD_STUCK, "IRSA118",
        irsa_format("it failed before it ran%s%s%s%s%s", reason ? " (" : "", reason ? reason : "",
                    reason ? ")" : "", message ? ": " : "", message ? message : ""));
}

static void judge_pending(const json_t *pod, struct irsa_pod_verdict *ret)
{
    const json_t *scheduled = condition(pod, "PodScheduled");
    const char *status = irsa_json_string(scheduled, "status", NULL);
    const char *message = irsa_json_string(scheduled, "message", NULL);
    if (status && strcmp(status, "False") == 0) {
        const char *reason = irsa_json_string(scheduled, "reason", NULL);
        say(ret, IRSA_POD_WAITING, "IRSA119",
            irsa_format("no node takes it (%s)%s%s", reason ? reason : "PodScheduled is False",
                        message ? ": " : "", message ? message : ""));
        return;
    }
    if (!irsa_json_string(pod, "spec", "nodeName", NULL)) {
        say(ret, IRSA_POD_WAITING, "IRSA119", irsa_strdup("no scheduler has looked at it"));
        return;
    }
    if (!judge_containers(pod, "initContainerStatuses", ret)
        && !judge_containers(pod, "containerStatuses", ret))
        say(ret, IRSA_POD_WAITING, "IRSA118", irsa_strdup("its container is not made yet"));
}

void irsa_pod_judge(const json_t *pod, struct irsa_pod_verdict *ret)
{
    const char *phase = irsa_json_string(pod, "status", "phase", NULL);
    phase = phase ? phase : "";
    *ret = (struct irsa_pod_verdict){0};
    if (strcmp(phase, "Succeeded") == 0 || (strcmp(phase, "Failed") == 0 && any_ended(pod))) {
        say(ret, IRSA_POD_ENDED, NULL, NULL);
    } else if (strcmp(phase, "Failed") == 0) {
        judge_failed(pod, ret);
    } else if (irsa_json_get(pod, "metadata", "deletionTimestamp", NULL)) {
        say(ret, IRSA_POD_STUCK, "IRSA118", irsa_strdup("somebody deleted it"));
    } else if (strcmp(phase, "Running") != 0) {
        judge_pending(pod, ret);
    } else if (!judge_containers(pod, "containerStatuses", ret)) {
        say(ret, IRSA_POD_WAITING, "IRSA118", irsa_strdup("it has not ended yet"));
    }
}
