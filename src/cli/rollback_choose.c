/* SPDX-License-Identifier: Apache-2.0 */
/* Which run is meant, and what belongs to it. */
#include "cli/rollback.h"

void irsa_job_done(struct irsa_job *job)
{
    for (size_t i = 0; i < job->run_count; i++)
        irsa_run_free(job->runs[i]);
    free(job->runs);
    free(job->changes);
    json_decref(job->files);
    irsa_strings_done(&job->ids);
    *job = (struct irsa_job){0};
}

/* --- what became of a run --------------------------------------------------------------------- */

static const struct irsa_run_summary *by_id(const struct irsa_runs *runs, const char *id)
{
    for (size_t i = 0; id && i < runs->len; i++) {
        if (strcmp(runs->items[i].id, id) == 0)
            return &runs->items[i];
    }
    return NULL;
}

static const char *head_text(const struct irsa_run_summary *run, const char *key)
{
    return irsa_json_string(run->head, key, NULL);
}

/* The run that finished this one, and is the same job with it; or NULL. */
static const struct irsa_run_summary *finisher_of(const struct irsa_runs *runs,
                                                  const struct irsa_run_summary *run)
{
    for (size_t i = 0; i < runs->len; i++) {
        const char *continues = head_text(&runs->items[i], "continues");
        if (continues && strcmp(continues, run->id) == 0)
            return &runs->items[i];
    }
    return NULL;
}

/* Who took it back as a whole, unless that was taken back itself; or NULL. */
static const char *undone_by(const struct irsa_runs *runs, const struct irsa_run_summary *run)
{
    bool undone = false;
    const struct irsa_run_summary *by = run;
    while (by && by->state == IRSA_RUN_ROLLED_BACK && by->rolled_back_by) {
        undone = !undone;
        by = by_id(runs, by->rolled_back_by);
    }
    return undone ? run->rolled_back_by : NULL;
}

/* --- which world ------------------------------------------------------------------------------ */

static bool same_or_unsaid(const char *said, const char *recorded)
{
    return !said || (recorded && strcmp(said, recorded) == 0);
}

/* True where the command line does not speak of another world. */
static bool is_of_world(const struct irsa_arguments *arguments, const struct irsa_run_summary *run)
{
    static const enum irsa_option live[] = {IRSA_OPTION_CLUSTER,    IRSA_OPTION_REGION,
                                            IRSA_OPTION_PROFILE,    IRSA_OPTION_CONTEXT,
                                            IRSA_OPTION_KUBECONFIG, IRSA_OPTION_MANIFESTS};
    const char *from = irsa_option_value(arguments, IRSA_OPTION_FROM);
    const char *directory = irsa_json_string(run->head, "source", "directory", NULL);
    if (from) {
        irsa_autofree char *real = realpath(from, NULL);
        return directory && strcmp(directory, real ? real : from) == 0;
    }
    for (size_t i = 0; i < IRSA_COUNT(live); i++) {
        if (directory && irsa_is_set(arguments, live[i]))
            return false;
    }
    const char *cluster = irsa_option_value(arguments, IRSA_OPTION_CLUSTER);
    const char *slash = cluster ? strrchr(cluster, '/') : NULL;
    return same_or_unsaid(slash ? slash + 1 : cluster,
                          irsa_json_string(run->head, "cluster", "name", NULL))
           && same_or_unsaid(irsa_option_value(arguments, IRSA_OPTION_REGION),
                             irsa_json_string(run->head, "cluster", "region", NULL));
}

/* Runs that took something back are only taken back themselves when they are named. */
static bool is_candidate(const struct irsa_arguments *arguments, const struct irsa_runs *runs,
                         const struct irsa_run_summary *run)
{
    return run->done + run->doubtful > 0 && !head_text(run, "undoes") && !finisher_of(runs, run)
           && is_of_world(arguments, run);
}

static int fail_ambiguous(const struct irsa_run_summary *a, const struct irsa_run_summary *b,
                          struct irsa_error **reterr)
{
    (void)irsa_fail(reterr, IRSA_E_USAGE,
                    "which run? the last ones were in different places: %s in \"%s\", %s in \"%s\"",
                    a->id, head_text(a, "world"), b->id, head_text(b, "world"));
    return irsa_hint(reterr,
                     "name the run: irsa-fix rollback %s; or the source, with --from or "
                     "--cluster",
                     a->id);
}

static int fail_none(const struct irsa_arguments *arguments, const struct irsa_runs *runs,
                     struct irsa_error **reterr)
{
    const char *from = irsa_option_value(arguments, IRSA_OPTION_FROM);
    if (runs->len == 0)
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "there is no run that could be taken back");
    else
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "no run of %s could be taken back",
                        from ? from : "this cluster");
    return irsa_hint(reterr, runs->len == 0
                                 ? "runs are kept from the first `irsa-fix apply --yes` on"
                                 : "irsa-fix history lists them all");
}

/* The last one not taken back; where all were, the last one, with who did it. */
static int choose_last(const struct irsa_arguments *arguments, const struct irsa_runs *runs,
                       const struct irsa_run_summary **ret, const char **ret_by,
                       struct irsa_error **reterr)
{
    const struct irsa_run_summary *last = NULL;
    const struct irsa_run_summary *undone = NULL;
    for (size_t i = 0; i < runs->len; i++) {
        const struct irsa_run_summary *run = &runs->items[i];
        if (!is_candidate(arguments, runs, run))
            continue;
        const char *by = undone_by(runs, run);
        if (by) {
            *ret_by = undone ? *ret_by : by;
            undone = undone ? undone : run;
        } else if (!last) {
            last = run;
        } else if (strcmp(head_text(last, "world"), head_text(run, "world")) != 0) {
            return fail_ambiguous(last, run, reterr);
        }
    }
    if (last)
        *ret_by = NULL;
    *ret = last ? last : undone;
    return *ret ? 0 : fail_none(arguments, runs, reterr);
}

int irsa_job_choose(const struct irsa_arguments *arguments, const struct irsa_runs *runs,
                    const struct irsa_run_summary **ret, const char **ret_by,
                    struct irsa_error **reterr)
{
    const char *id = arguments->positional.len > 0 ? arguments->positional.items[0] : NULL;
    *ret_by = NULL;
    if (!id)
        return choose_last(arguments, runs, ret, ret_by, reterr);
    const struct irsa_run_summary *run = irsa_runs_find(runs, id, reterr);
    if (!run)
        return -1;
    for (const struct irsa_run_summary *next = run; next; next = finisher_of(runs, run))
        run = next;
    if (!is_of_world(arguments, run)) {
        (void)irsa_fail(reterr, IRSA_E_USAGE, "run %s was in another place: %s", run->id,
                        head_text(run, "world"));
        return irsa_hint(reterr, "without options it is taken back where it was made");
    }
    *ret_by = undone_by(runs, run);
    *ret = run;
    return 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

static bool take_certainty(enum irsa_run_change_state state, enum irsa_undo_certainty *ret)
{
    switch (state) {
    case IRSA_RUN_CHANGE_DONE:
        *ret = IRSA_UNDO_DONE;
        return true;
    case IRSA_RUN_CHANGE_DOUBTFUL:
        *ret = IRSA_UNDO_DOUBTFUL;
        return true;
    case IRSA_RUN_CHANGE_FAILED:
        *ret = IRSA_UNDO_FAILED;
        return true;
    default:
        return false;
    }
}

static void take_changes(struct irsa_job *job, const struct irsa_run *run)
{
    for (size_t i = 0; i < run->change_count; i++) {
        struct irsa_undo_change change = {.change = &run->changes[i].change};
        if (!take_certainty(run->changes[i].state, &change.certainty))
            continue;
        job->changes = irsa_grow(job->changes, job->change_count, sizeof(*job->changes));
        job->changes[job->change_count++] = change;
    }
    (void)json_array_extend(job->files, run->files);
}

int irsa_job_read(const char *state, const struct irsa_runs *runs,
                  const struct irsa_run_summary *last, struct irsa_job *ret,
                  struct irsa_error **reterr)
{
    irsa_auto_strings ids = {0};
    for (const struct irsa_run_summary *run = last; run && ids.len < runs->len;
         run = by_id(runs, head_text(run, "continues")))
        irsa_strings_add(&ids, run->id);
    ret->files = json_array();
    ret->runs = irsa_calloc(ids.len + 1, sizeof(struct irsa_run *));
    for (size_t i = ids.len; i-- > 0;) {
        irsa_strings_add(&ret->ids, ids.items[i]);
        if (irsa_run_read(state, ids.items[i], &ret->runs[ret->run_count], reterr) != 0)
            return -1;
        take_changes(ret, ret->runs[ret->run_count++]);
    }
    ret->undo = (struct irsa_undo){
        .run = ret->runs[ret->run_count - 1]->summary.head,
        .runs = &ret->ids,
        .changes = ret->changes,
        .change_count = ret->change_count,
    };
    return 0;
}
