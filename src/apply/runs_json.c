/* SPDX-License-Identifier: Apache-2.0 */
/* Runs as the answers of `history --format json`. */
#include "apply/state.h"

#define FORMAT_VERSION "1.0"

/* A member of the `run` record, null where it lacks it. */
static json_t *head_json(const struct irsa_run_summary *run, const char *key)
{
    json_t *value = json_object_get(run->head, key);
    return value ? json_incref(value) : json_null();
}

static const char *state_text(const char *state_directory, const struct irsa_run_summary *run)
{
    switch (run->state) {
    case IRSA_RUN_FINISHED:
        return "finished";
    case IRSA_RUN_SETTLED:
        return "settled";
    case IRSA_RUN_ROLLED_BACK:
        return "rolled-back";
    case IRSA_RUN_UNENDED:
        break;
    }
    return irsa_run_is_at_work(state_directory, run) ? "at-work" : "killed";
}

static json_t *counts_json(const struct irsa_run_summary *run)
{
    size_t known = run->done + run->failed + run->skipped + run->doubtful;
    json_t *counts = json_object();
    irsa_json_set(counts, "planned", irsa_json_size(run->planned));
    irsa_json_set(counts, "done", irsa_json_size(run->done));
    irsa_json_set(counts, "failed", irsa_json_size(run->failed));
    irsa_json_set(counts, "skipped", irsa_json_size(run->skipped));
    irsa_json_set(counts, "in_doubt", irsa_json_size(run->doubtful));
    irsa_json_set(counts, "not_begun",
                  irsa_json_size(run->planned > known ? run->planned - known : 0));
    return counts;
}

static json_t *summary_json(const char *state_directory, const struct irsa_run_summary *run)
{
    static const char *const keys[] = {"started", "command", "user",      "host",      "pid",
                                       "cluster", "source",  "arguments", "continues", "undoes"};
    irsa_autofree char *file = irsa_run_path(state_directory, run->id);
    json_t *json = json_object();
    irsa_json_set(json, "id", json_string(run->id));
    irsa_json_set(json, "state", json_string(state_text(state_directory, run)));
    irsa_json_set(json, "outcome", run->outcome >= 0 ? json_integer(run->outcome) : json_null());
    irsa_json_set(json, "ended", irsa_json_text(run->ended));
    for (size_t i = 0; i < IRSA_COUNT(keys); i++)
        irsa_json_set(json, keys[i], head_json(run, keys[i]));
    irsa_json_set(json, "counts", counts_json(run));
    irsa_json_set(json, "settled_by", irsa_json_text(run->settled_by));
    irsa_json_set(json, "rolled_back_by", irsa_json_text(run->rolled_back_by));
    irsa_json_set(json, "file", json_string(file));
    return json;
}

json_t *irsa_runs_json(const char *state_directory, const struct irsa_runs *runs,
                       irsa_run_wanted *wanted, void *context)
{
    json_t *array = json_array();
    json_t *unreadable = json_array();
    for (size_t i = 0; i < runs->len; i++) {
        if (!wanted || wanted(&runs->items[i], context))
            (void)json_array_append_new(array, summary_json(state_directory, &runs->items[i]));
    }
    for (size_t i = 0; i < runs->unreadable.len; i++)
        (void)json_array_append_new(unreadable, json_string(runs->unreadable.items[i]));
    json_t *json = json_object();
    irsa_json_set(json, "format_version", json_string(FORMAT_VERSION));
    irsa_json_set(json, "runs", array);
    irsa_json_set(json, "total", irsa_json_size(runs->len));
    irsa_json_set(json, "unreadable", unreadable);
    return json;
}

/* --- one -------------------------------------------------------------------------------------- */

/* What a later run found of a change in doubt: true, false or null; NULL where none looked. */
static const json_t *settled_of(const struct irsa_run *run, size_t index)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(run->settled, i, item)
    {
        if (json_integer_value(json_object_get(item, "index")) == (json_int_t)index)
            return json_object_get(item, "holds");
    }
    return NULL;
}

static json_t *change_json(const struct irsa_run *run, const struct irsa_run_change *change)
{
    static const char *const results[] = {
        [IRSA_RUN_CHANGE_NOT_BEGUN] = "not-begun",
        [IRSA_RUN_CHANGE_DOUBTFUL] = "in-doubt",
        [IRSA_RUN_CHANGE_DONE] = "done",
        [IRSA_RUN_CHANGE_FAILED] = "failed",
    };
    json_t *json = irsa_change_json(&change->change);
    const json_t *holds = settled_of(run, change->index);
    irsa_json_set(json, "diff", json_string(change->change.diff));
    irsa_json_set(json, "result", json_string(results[change->state]));
    irsa_json_set(json, "holds", holds ? json_incref((json_t *)holds) : json_null());
    irsa_json_set(json, "message", irsa_json_text(change->message));
    irsa_json_set(json, "hint", irsa_json_text(change->hint));
    return json;
}

json_t *irsa_run_json(const char *state_directory, const struct irsa_run_summary *summary,
                      const struct irsa_run *run)
{
    struct irsa_run_summary joined = run->summary;
    joined.state = summary->state;
    joined.rolled_back_by = summary->rolled_back_by;
    json_t *json = summary_json(state_directory, &joined);
    json_t *changes = json_array();
    for (size_t i = 0; i < run->change_count; i++)
        (void)json_array_append_new(changes, change_json(run, &run->changes[i]));
    irsa_json_set(json, "format_version", json_string(FORMAT_VERSION));
    irsa_json_set(json, "changes", changes);
    return json;
}
