/* SPDX-License-Identifier: Apache-2.0 */
/* --dry-run server: Kubernetes is asked whether it would take the changes, admission and all; AWS
 * knows no such question for IAM. */
#include "cli/session.h"

static bool is_kubernetes(const struct irsa_change *change)
{
    return change->kind == IRSA_OBJECT_NAMESPACE || change->kind == IRSA_OBJECT_SERVICE_ACCOUNT
           || change->kind == IRSA_OBJECT_WORKLOAD;
}

/* In a dry run nothing is there afterwards for the next change to build on. */
static const struct irsa_change *missing_namespace(const struct irsa_plan *plan, size_t index)
{
    const struct irsa_change *change = &plan->changes[index];
    for (size_t i = 0; i < index; i++) {
        const struct irsa_change *earlier = &plan->changes[i];
        size_t len = strlen(earlier->target);
        if (earlier->kind == IRSA_OBJECT_NAMESPACE && earlier->action == IRSA_ACTION_CREATE
            && strncmp(change->target, earlier->target, len) == 0 && change->target[len] == '/')
            return earlier;
    }
    return NULL;
}

static void say(const char *text, const struct irsa_change *change)
{
    irsa_log(IRSA_LOG_NOTICE, "dry run: %s: %s %s %s: %s", change->id,
             irsa_action_text(change->action), irsa_object_kind_text(change->kind), change->target,
             text);
}

int irsa_session_dry_run(struct irsa_session *session, const char *next_command,
                         struct irsa_error **reterr)
{
    int status = 0;
    const struct irsa_plan *plan = session->plan;
    for (size_t i = 0; i < plan->change_count; i++) {
        const struct irsa_change *change = &plan->changes[i];
        irsa_auto_error error = NULL;
        if (change->held_back || !is_kubernetes(change))
            continue;
        if (missing_namespace(plan, i)) {
            say("not asked: its namespace is not there yet", change);
            continue;
        }
        if (session->world->ops->apply(session->world, session->facts, change, &error) == 0) {
            say("the server would accept it", change);
            continue;
        }
        irsa_log(IRSA_LOG_ERROR, "dry run: %s: %s", change->id, irsa_error_message(error));
        int one = irsa_exit_status(irsa_error_kind(error));
        status = status == 4 ? status : one;
    }
    int outcome = irsa_session_report(session, next_command, reterr);
    return outcome < 0 || status == 0 ? outcome : status;
}
