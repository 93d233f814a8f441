/* SPDX-License-Identifier: Apache-2.0 */
/* A journal is read as a whole. What a kill tore off its end is no record. */
#include "apply/state.h"

/* The largest place of a change that is taken for one. */
#define INDEX_MAX 10000000

void irsa_run_summary_done(struct irsa_run_summary *summary)
{
    free(summary->id);
    json_decref(summary->head);
    free(summary->ended);
    free(summary->settled_by);
    free(summary->rolled_back_by);
    *summary = (struct irsa_run_summary){0};
}

void irsa_run_free(struct irsa_run *run)
{
    if (!run)
        return;
    irsa_run_summary_done(&run->summary);
    for (size_t i = 0; i < run->change_count; i++) {
        irsa_change_done(&run->changes[i].change);
        free(run->changes[i].message);
        free(run->changes[i].hint);
    }
    free(run->changes);
    json_decref(run->files);
    json_decref(run->settled);
    free(run);
}

/* --- changes ---------------------------------------------------------------------------------- */

struct reading {
    struct irsa_run *run;
    const char *name;       /* FILE:line */
    struct irsa_map places; /* index -> place in run->changes */
};

static void reading_done(struct reading *reading)
{
    irsa_map_done(&reading->places);
}

static bool read_index(const json_t *record, size_t *ret)
{
    const json_t *index = json_object_get(record, "index");
    json_int_t value = json_integer_value(index);
    if (!json_is_integer(index) || value < 0 || value > INDEX_MAX)
        return false;
    *ret = (size_t)value;
    return true;
}

static int malformed(const struct reading *reading, const char *what, struct irsa_error **reterr)
{
    return irsa_fail(reterr, IRSA_E_PARSE, "%s: %s", reading->name, what);
}

static struct irsa_run_change *find_change(struct reading *reading, size_t index)
{
    irsa_autofree char *key = irsa_format("%zu", index);
    size_t place = irsa_map_get(&reading->places, key);
    return place == IRSA_MAP_NONE ? NULL : &reading->run->changes[place];
}

static struct irsa_run_change *add_change(struct reading *reading, size_t index)
{
    struct irsa_run *run = reading->run;
    irsa_autofree char *key = irsa_format("%zu", index);
    run->changes = irsa_grow(run->changes, run->change_count, sizeof(*run->changes));
    run->changes[run->change_count] = (struct irsa_run_change){.index = index};
    irsa_map_put(&reading->places, key, run->change_count);
    return &run->changes[run->change_count++];
}

static int take_planned(struct reading *reading, const json_t *planned, struct irsa_error **reterr)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(planned, i, item)
    {
        size_t index = 0;
        if (!read_index(item, &index) || find_change(reading, index))
            return malformed(reading, "planned: no place of a change", reterr);
        struct irsa_run_change *change = add_change(reading, index);
        if (irsa_change_read(reading->name, item, &change->change, reterr) != 0)
            return -1;
    }
    return 0;
}

static int take_change(struct reading *reading, const json_t *record, struct irsa_error **reterr)
{
    size_t index = 0;
    struct irsa_change change = {0};
    if (!read_index(record, &index))
        return malformed(reading, "index: a number expected", reterr);
    if (irsa_change_read(reading->name, json_object_get(record, "change"), &change, reterr) != 0)
        return -1;
    struct irsa_run_change *item = find_change(reading, index);
    if (!item)
        item = add_change(reading, index);
    irsa_change_done(&item->change);
    item->change = change;
    item->state = IRSA_RUN_CHANGE_DOUBTFUL;
    return 0;
}

static char *text_of(const json_t *record, const char *key)
{
    const char *text = irsa_json_string(record, key, NULL);
    return text ? irsa_strdup(text) : NULL;
}

static int take_result(struct reading *reading, const json_t *record, struct irsa_error **reterr)
{
    size_t index = 0;
    const char *result = irsa_json_string(record, "result", NULL);
    struct irsa_run_change *change =
        read_index(record, &index) ? find_change(reading, index) : NULL;
    if (!change || !result || change->state == IRSA_RUN_CHANGE_NOT_BEGUN)
        return malformed(reading, "a result of no change", reterr);
    change->state = strcmp(result, "done") == 0 ? IRSA_RUN_CHANGE_DONE : IRSA_RUN_CHANGE_FAILED;
    reading->run->files_open = json_array_size(reading->run->files);
    free(change->message);
    free(change->hint);
    change->message = text_of(record, "message");
    change->hint = text_of(record, "hint");
    return 0;
}

/* --- the rest --------------------------------------------------------------------------------- */

static int take_head(struct reading *reading, const json_t *record, struct irsa_error **reterr)
{
    struct irsa_run_summary *summary = &reading->run->summary;
    json_int_t version = json_integer_value(json_object_get(record, "version"));
    const char *id = irsa_json_string(record, "id", NULL);
    if (summary->head)
        return malformed(reading, "a second run record", reterr);
    if (version != IRSA_JOURNAL_VERSION)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "%s: a journal of version %" JSON_INTEGER_FORMAT
                         ", this irsa-fix reads version %d",
                         reading->name, version, IRSA_JOURNAL_VERSION);
    if (!id || strcmp(id, summary->id) != 0 || !irsa_json_string(record, "command", NULL)
        || !irsa_json_string(record, "started", NULL) || !irsa_json_string(record, "world", NULL))
        return malformed(reading, "a run record without id, command, started or world", reterr);
    summary->head = json_incref((json_t *)record);
    return take_planned(reading, json_object_get(record, "planned"), reterr);
}

static int take_files(struct reading *reading, const json_t *record, struct irsa_error **reterr)
{
    struct irsa_run *run = reading->run;
    run->files_open = json_array_size(run->files);
    return json_array_extend(run->files, json_object_get(record, "files")) == 0
               ? 0
               : malformed(reading, "files: an array expected", reterr);
}

static int take_end(struct reading *reading, const json_t *record)
{
    struct irsa_run_summary *summary = &reading->run->summary;
    summary->state = IRSA_RUN_FINISHED;
    summary->outcome = (int)json_integer_value(json_object_get(record, "outcome"));
    summary->skipped = (size_t)json_integer_value(json_object_get(record, "skipped"));
    free(summary->ended);
    summary->ended = text_of(record, "at");
    return 0;
}

static int take_settled(struct reading *reading, const json_t *record)
{
    struct irsa_run *run = reading->run;
    if (run->summary.state == IRSA_RUN_UNENDED)
        run->summary.state = IRSA_RUN_SETTLED;
    json_decref(run->settled);
    run->settled = json_incref(json_object_get(record, "changes"));
    free(run->summary.settled_by);
    run->summary.settled_by = text_of(record, "by");
    return 0;
}

static int take_record(struct reading *reading, const json_t *record, struct irsa_error **reterr)
{
    const char *name = irsa_json_string(record, "record", NULL);
    if (!name)
        return malformed(reading, "no record", reterr);
    if (strcmp(name, "run") == 0)
        return take_head(reading, record, reterr);
    if (!reading->run->summary.head)
        return malformed(reading, "the run record is missing", reterr);
    if (strcmp(name, "change") == 0)
        return take_change(reading, record, reterr);
    if (strcmp(name, "result") == 0)
        return take_result(reading, record, reterr);
    if (strcmp(name, "files") == 0)
        return take_files(reading, record, reterr);
    if (strcmp(name, "end") == 0)
        return take_end(reading, record);
    if (strcmp(name, "settled") == 0)
        return take_settled(reading, record);
    return 0; /* of a later irsa-fix: version 1 may grow */
}

static void count(struct irsa_run *run)
{
    struct irsa_run_summary *summary = &run->summary;
    summary->planned = run->change_count;
    for (size_t i = 0; i < run->change_count; i++) {
        enum irsa_run_change_state state = run->changes[i].state;
        summary->done += state == IRSA_RUN_CHANGE_DONE;
        summary->failed += state == IRSA_RUN_CHANGE_FAILED;
        summary->doubtful += state == IRSA_RUN_CHANGE_DOUBTFUL;
    }
}

static int read_lines(struct irsa_run *run, const char *path, const char *text, size_t len,
                      struct irsa_error **reterr)
{
    IRSA_CLEANUP(reading_done) struct reading reading = {.run = run};
    size_t number = 1;
    for (const char *line = text; line < text + len; number++) {
        const char *end = memchr(line, '\n', len - (size_t)(line - text));
        irsa_autofree char *name = irsa_format("%s:%zu", path, number);
        if (!end) {
            run->torn = true;
            break;
        }
        irsa_auto_error error = NULL;
        json_auto_t *record = irsa_json_read(name, line, (size_t)(end - line), &error);
        if (!record)
            return irsa_fail(reterr, IRSA_E_PARSE, "%s: not a record", name);
        reading.name = name;
        if (take_record(&reading, record, reterr) != 0)
            return -1;
        line = end + 1;
    }
    return 0;
}

int irsa_run_read(const char *state_directory, const char *id, struct irsa_run **ret,
                  struct irsa_error **reterr)
{
    irsa_auto_run run = irsa_calloc(1, sizeof(*run));
    irsa_auto_buf text = {0};
    irsa_autofree char *path = irsa_run_path(state_directory, id);
    run->summary = (struct irsa_run_summary){.id = irsa_strdup(id), .outcome = -1};
    run->files = json_array();
    if (irsa_file_read(path, IRSA_JOURNAL_MAX_BYTES, &text, reterr) != 0
        || read_lines(run, path, irsa_buf_str(&text), text.len, reterr) != 0)
        return -1;
    if (!run->summary.head)
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: the run record is missing", path);
    count(run);
    *ret = irsa_steal(&run);
    return 0;
}
