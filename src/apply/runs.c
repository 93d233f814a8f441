/* SPDX-License-Identifier: Apache-2.0 */
/* All runs at a glance: of a run that ended the first and the last record tell enough. */
#include "apply/state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".jsonl"
/* An `end` record is shorter by far. */
#define TAIL_BYTES ((size_t)4 << 10)

void irsa_runs_done(struct irsa_runs *runs)
{
    for (size_t i = 0; i < runs->len; i++)
        irsa_run_summary_done(&runs->items[i]);
    free(runs->items);
    irsa_strings_done(&runs->unreadable);
    *runs = (struct irsa_runs){0};
}

/* --- one run ---------------------------------------------------------------------------------- */

/* A JSON line of the file at `offset`, of `max` bytes at most; NULL where there is none whole. */
static json_t *read_first_line(int fd, off_t size)
{
    irsa_auto_buf text = {0};
    irsa_auto_error ignored = NULL;
    char part[16384];
    while ((off_t)text.len < size) {
        ssize_t n = pread(fd, part, sizeof(part), (off_t)text.len);
        if (n <= 0)
            return NULL;
        const char *end = memchr(part, '\n', (size_t)n);
        irsa_buf_add(&text, part, end ? (size_t)(end - part) : (size_t)n);
        if (end)
            return irsa_json_read("run", irsa_buf_str(&text), text.len, &ignored);
    }
    return NULL;
}

static json_t *read_last_line(int fd, off_t size)
{
    char tail[TAIL_BYTES];
    irsa_auto_error ignored = NULL;
    size_t len = (size_t)size < TAIL_BYTES ? (size_t)size : TAIL_BYTES;
    if (pread(fd, tail, len, size - (off_t)len) != (ssize_t)len || len < 2 || tail[len - 1] != '\n')
        return NULL;
    size_t begin = len - 1;
    while (begin > 0 && tail[begin - 1] != '\n')
        begin--;
    return begin > 0 ? irsa_json_read("end", tail + begin, len - 1 - begin, &ignored) : NULL;
}

static size_t size_of(const json_t *record, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(record, key));
    return value > 0 ? (size_t)value : 0;
}

static bool is_record(const json_t *record, const char *name)
{
    const char *text = irsa_json_string(record, "record", NULL);
    return text && strcmp(text, name) == 0;
}

/* True where first and last record are those of a run that ended. */
static bool glance(const char *path, const char *id, struct irsa_run_summary *ret)
{
    irsa_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    json_auto_t *end = read_last_line(fd, st.st_size);
    json_auto_t *head = is_record(end, "end") ? read_first_line(fd, st.st_size) : NULL;
    const char *own = irsa_json_string(head, "id", NULL);
    const char *at = irsa_json_string(end, "at", NULL);
    if (!is_record(head, "run") || !own || strcmp(own, id) != 0 || !at
        || !irsa_json_string(head, "command", NULL) || !irsa_json_string(head, "started", NULL)
        || !irsa_json_string(head, "world", NULL)
        || json_integer_value(json_object_get(head, "version")) != IRSA_JOURNAL_VERSION)
        return false;
    *ret = (struct irsa_run_summary){
        .id = irsa_strdup(id),
        .head = irsa_steal(&head),
        .state = IRSA_RUN_FINISHED,
        .outcome = (int)json_integer_value(json_object_get(end, "outcome")),
        .ended = irsa_strdup(at),
        .done = size_of(end, "done"),
        .failed = size_of(end, "failed"),
        .skipped = size_of(end, "skipped"),
    };
    ret->planned = json_array_size(json_object_get(ret->head, "planned"));
    return true;
}

void irsa_runs_add(const char *state_directory, const char *id, struct irsa_runs *runs)
{
    irsa_autofree char *path = irsa_run_path(state_directory, id);
    irsa_auto_error error = NULL;
    irsa_auto_run run = NULL;
    struct irsa_run_summary summary = {0};
    if (!glance(path, id, &summary)) {
        if (irsa_run_read(state_directory, id, &run, &error) != 0) {
            irsa_strings_add(&runs->unreadable, irsa_error_message(error));
            return;
        }
        summary = run->summary;
        run->summary = (struct irsa_run_summary){0};
    }
    runs->items = irsa_grow(runs->items, runs->len, sizeof(summary));
    runs->items[runs->len++] = summary;
}

/* --- all of them ------------------------------------------------------------------------------ */

int irsa_list_runs(const char *directory, const char *suffix, struct irsa_strings *ret,
                   struct irsa_error **reterr)
{
    DIR *dir = opendir(directory);
    if (!dir)
        return errno == ENOENT ? 0
                               : irsa_fail(reterr, IRSA_E_IO, "%s: %s", directory, strerror(errno));
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        size_t len = strlen(entry->d_name);
        if (entry->d_name[0] != '.' && irsa_has_suffix(entry->d_name, suffix)
            && len > strlen(suffix) && irsa_utf8_valid(entry->d_name, len, &(size_t){0}))
            irsa_strings_take(ret, irsa_strndup(entry->d_name, len - strlen(suffix)));
    }
    (void)closedir(dir);
    irsa_strings_sort(ret);
    return 0;
}

/* What later runs did about earlier ones. Newest first: the first that undoes a run stays. */
static void join_rollbacks(struct irsa_runs *runs)
{
    irsa_auto_map places = {0};
    for (size_t i = 0; i < runs->len; i++)
        irsa_map_put_borrowed(&places, runs->items[i].id, i);
    for (size_t i = 0; i < runs->len; i++) {
        const struct irsa_run_summary *by = &runs->items[i];
        const char *undoes = irsa_json_string(by->head, "undoes", NULL);
        size_t place = undoes ? irsa_map_get(&places, undoes) : IRSA_MAP_NONE;
        if (place == IRSA_MAP_NONE || by->done == 0 || runs->items[place].rolled_back_by)
            continue;
        struct irsa_run_summary *run = &runs->items[place];
        run->rolled_back_by = irsa_strdup(by->id);
        if (by->state == IRSA_RUN_FINISHED && by->outcome == 0)
            run->state = IRSA_RUN_ROLLED_BACK;
    }
}

int irsa_runs_read(const char *state_directory, struct irsa_runs *ret, struct irsa_error **reterr)
{
    irsa_autofree char *directory = irsa_format("%s/runs", state_directory);
    irsa_auto_strings ids = {0};
    if (irsa_list_runs(directory, SUFFIX, &ids, reterr) != 0)
        return -1;
    *ret = (struct irsa_runs){0};
    for (size_t i = ids.len; i-- > 0;)
        irsa_runs_add(state_directory, ids.items[i], ret);
    join_rollbacks(ret);
    return 0;
}

/* --- one by name ------------------------------------------------------------------------------ */

static int none_found(const struct irsa_runs *runs, const char *id, struct irsa_error **reterr)
{
    if (runs->len == 0) {
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "there are no runs yet");
        return irsa_hint(reterr, "runs are kept from the first `irsa-fix apply --yes` on");
    }
    (void)irsa_fail(reterr, IRSA_E_NOT_FOUND, "there is no run \"%s\"", id);
    const char **ids = irsa_calloc(runs->len, sizeof(*ids));
    for (size_t i = 0; i < runs->len; i++)
        ids[i] = runs->items[i].id;
    const char *near = irsa_nearest(id, ids, runs->len);
    free(ids);
    return near ? irsa_hint(reterr, "did you mean %s?", near)
                : irsa_hint(reterr, "irsa-fix history lists them; the newest is %s",
                            runs->items[0].id);
}

const struct irsa_run_summary *irsa_runs_find(const struct irsa_runs *runs, const char *id,
                                              struct irsa_error **reterr)
{
    const struct irsa_run_summary *found = NULL;
    for (size_t i = 0; i < runs->len; i++) {
        const struct irsa_run_summary *run = &runs->items[i];
        if (!id || strcmp(run->id, id) == 0)
            return run;
        if (!irsa_has_prefix(run->id, id))
            continue;
        if (found) {
            (void)irsa_fail(reterr, IRSA_E_USAGE, "several runs begin with \"%s\"", id);
            (void)irsa_hint(reterr, "%s or %s?", run->id, found->id);
            return NULL;
        }
        found = run;
    }
    if (!found)
        (void)none_found(runs, id ? id : "", reterr);
    return found;
}
