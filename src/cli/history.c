/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run.h"

/* Which runs are asked for. */
struct selection {
    const char *cluster;   /* name or ARN, or NULL */
    const char *directory; /* real path, or NULL */
};

static bool is_cluster(const struct irsa_run_summary *run, const char *cluster)
{
    const char *name = irsa_json_string(run->head, "cluster", "name", NULL);
    const char *slash = strrchr(cluster, '/'); /* of an ARN */
    return name && strcmp(name, slash ? slash + 1 : cluster) == 0;
}

static bool is_wanted(const struct irsa_run_summary *run, void *context)
{
    const struct selection *selection = context;
    const char *directory = irsa_json_string(run->head, "source", "directory", NULL);
    return (!selection->cluster || is_cluster(run, selection->cluster))
           && (!selection->directory
               || (directory && strcmp(directory, selection->directory) == 0));
}

static int list(const struct irsa_arguments *arguments, const char *state,
                const struct irsa_runs *runs, struct irsa_error **reterr)
{
    const char *directory = irsa_option_value(arguments, IRSA_OPTION_FROM);
    irsa_autofree char *real = directory ? realpath(directory, NULL) : NULL;
    struct selection selection = {
        .cluster = irsa_option_value(arguments, IRSA_OPTION_CLUSTER),
        /* One that is gone may still be named as it was. */
        .directory = real ? real : directory,
    };
    json_auto_t *history = irsa_runs_json(state, runs, is_wanted, &selection);
    return irsa_write_report(arguments, IRSA_REPORT_RUNS, history, NULL, reterr);
}

static int show(const struct irsa_arguments *arguments, const char *state,
                const struct irsa_runs *runs, struct irsa_error **reterr)
{
    irsa_auto_run run = NULL;
    const struct irsa_run_summary *summary =
        irsa_runs_find(runs, arguments->positional.items[0], reterr);
    if (!summary || irsa_run_read(state, summary->id, &run, reterr) != 0)
        return -1;
    json_auto_t *document = irsa_run_json(state, summary, run);
    irsa_autofree char *next = irsa_run_command(summary->head);
    return irsa_write_report(arguments, IRSA_REPORT_RUN, document, next, reterr);
}

int irsa_run_history(const struct irsa_arguments *arguments, struct irsa_error **reterr)
{
    irsa_auto_runs runs = {0};
    irsa_autofree char *state = irsa_cli_state(reterr);
    if (!state || irsa_runs_read(state, &runs, reterr) != 0)
        return -1;
    for (size_t i = 0; i < runs.unreadable.len; i++)
        irsa_log(IRSA_LOG_WARNING, "%s, ignoring it", runs.unreadable.items[i]);
    return arguments->positional.len > 0 ? show(arguments, state, &runs, reterr)
                                         : list(arguments, state, &runs, reterr);
}
