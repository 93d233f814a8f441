/* SPDX-License-Identifier: Apache-2.0 */
/* Where a run was made, and what of that place has to be read to take it back. */
#include "cli/rollback.h"

#include "cli/saved.h"

#include <unistd.h>

/* --- arguments -------------------------------------------------------------------------------- */

static void forget(struct irsa_arguments *arguments, enum irsa_option option)
{
    irsa_strings_done(&arguments->options[option]);
    arguments->options[option] = (struct irsa_strings){0};
}

/* What was wanted then is of no interest: the way back is told by what was done. */
static void keep_source(struct irsa_arguments *arguments)
{
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        if (irsa_options[i].group != IRSA_GROUP_SOURCE)
            forget(arguments, (enum irsa_option)i);
    }
    const char *config = irsa_option_value(arguments, IRSA_OPTION_CONFIG);
    if (!config || access(config, F_OK) == 0)
        return;
    irsa_log(IRSA_LOG_WARNING, "%s is not there any more: doing without", config);
    forget(arguments, IRSA_OPTION_CONFIG);
    irsa_strings_add(&arguments->options[IRSA_OPTION_NO_CONFIG], "");
}

static void take_over(const struct irsa_arguments *from, struct irsa_arguments *to)
{
    for (size_t i = 0; i < IRSA_OPTION_MAX_; i++) {
        const struct irsa_strings *values = &from->options[i];
        if (values->len == 0)
            continue;
        forget(to, (enum irsa_option)i);
        for (size_t k = 0; k < values->len; k++)
            irsa_strings_add(&to->options[i], values->items[k]);
    }
    if (irsa_is_set(from, IRSA_OPTION_CONFIG))
        forget(to, IRSA_OPTION_NO_CONFIG);
    if (irsa_is_set(from, IRSA_OPTION_NO_CONFIG))
        forget(to, IRSA_OPTION_CONFIG);
}

static void set_if_unsaid(struct irsa_arguments *arguments, enum irsa_option option,
                          const char *value)
{
    if (value && !irsa_is_set(arguments, option))
        irsa_strings_add(&arguments->options[option], value);
}

static bool is_kubernetes(enum irsa_object_kind kind)
{
    return kind == IRSA_OBJECT_NAMESPACE || kind == IRSA_OBJECT_SERVICE_ACCOUNT
           || kind == IRSA_OBJECT_WORKLOAD;
}

static bool any_kubernetes(const struct irsa_job *job)
{
    for (size_t i = 0; i < job->change_count; i++) {
        if (is_kubernetes(job->changes[i].change->kind))
            return true;
    }
    return false;
}

/* The cluster is the recorded one, whatever context is the current one by now; where nothing of
 * Kubernetes was changed, it is not asked. */
static void name_cluster(const struct irsa_job *job, struct irsa_arguments *arguments)
{
    static const enum irsa_option kubernetes[] = {IRSA_OPTION_KUBECONFIG, IRSA_OPTION_CONTEXT,
                                                  IRSA_OPTION_NO_NATIVE_TOKEN};
    const json_t *cluster = json_object_get(job->undo.run, "cluster");
    const char *name = irsa_json_string(cluster, "name", NULL);
    set_if_unsaid(arguments, IRSA_OPTION_CLUSTER, name);
    set_if_unsaid(arguments, IRSA_OPTION_REGION, irsa_json_string(cluster, "region", NULL));
    if (!name || any_kubernetes(job) || irsa_is_set(arguments, IRSA_OPTION_MANIFESTS))
        return;
    for (size_t i = 0; i < IRSA_COUNT(kubernetes); i++)
        forget(arguments, kubernetes[i]);
    set_if_unsaid(arguments, IRSA_OPTION_NO_KUBERNETES, "");
}

int irsa_job_arguments(const struct irsa_job *job, const struct irsa_arguments *arguments,
                       struct irsa_arguments *ret, struct irsa_error **reterr)
{
    const json_t *head = job->undo.run;
    irsa_autofree char *name = irsa_format("run %s", irsa_json_string(head, "id", NULL));
    json_auto_t *carried = json_copy(json_object_get(head, "arguments"));
    (void)json_object_set_new(carried, "command",
                              json_string(irsa_commands[IRSA_COMMAND_PLAN].name));
    json_auto_t *saved =
        json_pack("{s:O?,s:O?}", "source", json_object_get(head, "source"), "arguments", carried);
    if (irsa_saved_arguments(name, saved, ret, reterr) != 0)
        return -1;
    keep_source(ret);
    take_over(arguments, ret);
    ret->command = arguments->command;
    if (!irsa_is_set(ret, IRSA_OPTION_FROM))
        name_cluster(job, ret);
    return 0;
}

/* --- what is read ----------------------------------------------------------------------------- */

static void add_new(struct irsa_strings *strings, char *text)
{
    if (irsa_strings_has(strings, text))
        free(text);
    else
        irsa_strings_take(strings, text);
}

/* "NS/NAME", "Deployment NS/NAME", "NS". The caller's. */
static char *namespace_of(const struct irsa_change *change)
{
    const char *space = strchr(change->target, ' ');
    const char *start = change->kind == IRSA_OBJECT_WORKLOAD && space ? space + 1 : change->target;
    return irsa_strndup(start, strcspn(start, "/"));
}

void irsa_intend_undo(struct irsa_intent *intent)
{
    for (size_t i = 0; i < intent->wish_count; i++)
        irsa_wish_done(&intent->wishes[i]);
    intent->wish_count = 0;
    intent->undo = true;
}

void irsa_job_intend(const struct irsa_job *job, bool captured, struct irsa_intent *intent)
{
    irsa_intend_undo(intent);
    for (size_t i = 0; i < job->change_count && !captured; i++) {
        const struct irsa_change *change = job->changes[i].change;
        if (json_object_get(change->before, "MaxSessionDuration"))
            add_new(&intent->undo_sessions, irsa_strdup(change->target));
        if (is_kubernetes(change->kind))
            add_new(&intent->namespaces, namespace_of(change));
        else if (change->kind == IRSA_OBJECT_PROVIDER)
            add_new(&intent->undo_providers, irsa_strdup(change->target));
        else
            add_new(&intent->undo_roles,
                    irsa_strndup(change->target, strcspn(change->target, " ")));
    }
}

/* --- is it the same --------------------------------------------------------------------------- */

static int fail_other(const char *what, const char *now, const char *then,
                      struct irsa_error **reterr)
{
    (void)irsa_fail(reterr, IRSA_E_CONFLICT, "this is not where the run was made: %s is %s, not %s",
                    what, now, then);
    return irsa_hint(reterr, "nothing was changed; choose the profile with --profile, the cluster "
                             "with --cluster and --context");
}

int irsa_job_check_world(const struct irsa_undo *undo, const struct irsa_facts *facts,
                         struct irsa_error **reterr)
{
    const json_t *cluster = json_object_get(undo->run, "cluster");
    const char *account = irsa_json_string(cluster, "account_id", NULL);
    const char *name = irsa_json_string(cluster, "name", NULL);
    const char *issuer = irsa_json_string(cluster, "issuer", NULL);
    const struct irsa_cluster *now = name ? irsa_facts_cluster(facts, name) : NULL;
    if (account && facts->caller.account && strcmp(account, facts->caller.account) != 0)
        return fail_other("the account", facts->caller.account, account, reterr);
    if (issuer && now && now->issuer && strcmp(issuer, now->issuer) != 0)
        return fail_other("the issuer of the cluster", now->issuer, issuer, reterr);
    return 0;
}
