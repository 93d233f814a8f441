/* SPDX-License-Identifier: Apache-2.0 */
/* A run's journal is written: each record is on the disk before what it announces is done. */
#include "apply/state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct irsa_journal {
    char *state_directory, *id;
    char *path;
    int fd;
    off_t size; /* of what is known to be written as a whole */
    struct irsa_buf pending;
};

void irsa_journal_free(struct irsa_journal *journal)
{
    if (!journal)
        return;
    free(journal->state_directory);
    free(journal->id);
    free(journal->path);
    if (journal->fd >= 0)
        (void)close(journal->fd);
    irsa_buf_done(&journal->pending);
    free(journal);
}

/* --- lines ------------------------------------------------------------------------------------ */

static json_t *record_new(const char *name)
{
    irsa_autofree char *now = irsa_time_now();
    json_t *record = json_object();
    (void)json_object_set_new(record, "record", json_string(name));
    (void)json_object_set_new(record, "at", json_string(now));
    return record;
}

static void set(json_t *record, const char *key, json_t *value)
{
    (void)json_object_set_new(record, key, value);
}

/* Takes the record. */
static void add_line(struct irsa_journal *journal, json_t *record)
{
    irsa_json_write_compact(record, &journal->pending);
    irsa_buf_addc(&journal->pending, '\n');
    json_decref(record);
}

int irsa_journal_flush(struct irsa_journal *journal, struct irsa_error **reterr)
{
    if (journal->pending.len == 0)
        return 0;
    int r = irsa_write_all(journal->fd, journal->pending.data, journal->pending.len);
    if (r == 0)
        r = fsync(journal->fd);
    int number = errno;
    size_t len = journal->pending.len;
    irsa_buf_done(&journal->pending);
    journal->pending = (struct irsa_buf){0};
    if (r == 0) {
        journal->size += (off_t)len;
        return 0;
    }
    /* Half a line must not run into the next one. */
    (void)!ftruncate(journal->fd, journal->size);
    return irsa_fail(reterr, IRSA_E_IO, "%s: the journal cannot be written: %s", journal->path,
                     strerror(number));
}

/* --- records ---------------------------------------------------------------------------------- */

static json_t *planned_json(const struct irsa_change *changes, size_t count)
{
    json_t *planned = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct irsa_change *change = &changes[i];
        if (change->held_back)
            continue;
        json_t *item = json_object();
        set(item, "index", irsa_json_size(i));
        set(item, "id", json_string(change->id));
        set(item, "action", json_string(irsa_action_text(change->action)));
        set(item, "kind", json_string(irsa_object_kind_text(change->kind)));
        set(item, "target", json_string(change->target));
        (void)json_array_append_new(planned, item);
    }
    return planned;
}

static json_t *head_json(const struct irsa_journal_run *run)
{
    irsa_autofree char *now = irsa_time_now();
    irsa_autofree char *user = irsa_user_name();
    irsa_autofree char *host = irsa_host_name();
    json_t *head = json_object();
    set(head, "record", json_string("run"));
    set(head, "version", json_integer(IRSA_JOURNAL_VERSION));
    set(head, "id", json_string(run->id));
    set(head, "started", json_string(now));
    set(head, "command", json_string(run->command));
    set(head, "user", json_string(user));
    set(head, "host", json_string(host));
    set(head, "pid", json_integer(getpid()));
    set(head, "irsa_fix_version", json_string(IRSA_FIX_VERSION));
    set(head, "world", json_string(run->world));
    set(head, "cluster", json_incref((json_t *)run->cluster));
    set(head, "source", json_incref((json_t *)run->source));
    set(head, "arguments", json_incref((json_t *)run->arguments));
    set(head, "continues", irsa_json_text(run->continues));
    set(head, "undoes", irsa_json_text(run->undoes));
    set(head, "planned", planned_json(run->changes, run->change_count));
    return head;
}

int irsa_journal_open(const char *state_directory, const struct irsa_journal_run *run,
                      struct irsa_journal **ret, struct irsa_error **reterr)
{
    if (irsa_state_mkdir(state_directory, "runs", reterr) != 0)
        return -1;
    irsa_auto_journal journal = irsa_calloc(1, sizeof(*journal));
    irsa_autofree char *directory = irsa_format("%s/runs", state_directory);
    journal->path = irsa_run_path(state_directory, run->id);
    journal->fd =
        open(journal->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (journal->fd < 0) {
        (void)irsa_fail(reterr, IRSA_E_IO, "%s: the journal cannot be made: %s", journal->path,
                        strerror(errno));
        return irsa_hint(reterr, "set XDG_STATE_HOME to a directory that can be written to; "
                                 "nothing was changed");
    }
    journal->state_directory = irsa_strdup(state_directory);
    journal->id = irsa_strdup(run->id);
    add_line(journal, head_json(run));
    if (irsa_run_mark(state_directory, run->id, reterr) != 0
        || irsa_journal_flush(journal, reterr) != 0) {
        (void)unlink(journal->path);
        irsa_run_unmark(state_directory, run->id);
        return irsa_hint(reterr, "make room, or set XDG_STATE_HOME to another directory; nothing "
                                 "was changed");
    }
    if (irsa_sync_directory(directory) != 0)
        return irsa_fail(reterr, IRSA_E_IO, "%s: cannot be synced: %s", directory, strerror(errno));
    *ret = irsa_steal(&journal);
    return 0;
}

int irsa_journal_changes(struct irsa_journal *journal, const struct irsa_change *changes,
                         const size_t *indexes, size_t count, struct irsa_error **reterr)
{
    for (size_t i = 0; i < count; i++) {
        json_t *record = record_new("change");
        set(record, "index", irsa_json_size(indexes[i]));
        set(record, "change", irsa_change_json(&changes[indexes[i]]));
        add_line(journal, record);
    }
    return irsa_journal_flush(journal, reterr);
}

int irsa_journal_files(void *journal, const json_t *files, struct irsa_error **reterr)
{
    json_t *record = record_new("files");
    set(record, "files", json_incref((json_t *)files));
    add_line(journal, record);
    return irsa_journal_flush(journal, reterr);
}

void irsa_journal_result(struct irsa_journal *journal, size_t index, bool done, const char *message,
                         const char *hint)
{
    json_t *record = record_new("result");
    set(record, "index", irsa_json_size(index));
    set(record, "result", json_string(done ? "done" : "failed"));
    set(record, "message", irsa_json_text(message));
    set(record, "hint", irsa_json_text(hint));
    add_line(journal, record);
}

int irsa_journal_end(struct irsa_journal *journal, int outcome, size_t done, size_t failed,
                     size_t skipped, struct irsa_error **reterr)
{
    json_t *record = record_new("end");
    set(record, "outcome", json_integer(outcome));
    set(record, "done", irsa_json_size(done));
    set(record, "failed", irsa_json_size(failed));
    set(record, "skipped", irsa_json_size(skipped));
    add_line(journal, record);
    if (irsa_journal_flush(journal, reterr) != 0)
        return -1;
    irsa_run_unmark(journal->state_directory, journal->id);
    return 0;
}

/* --- what is added later ---------------------------------------------------------------------- */

/* Whole lines alone are kept: what a kill tore off goes. */
static int cut_torn_line(int fd, off_t *ret_size)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return -1;
    off_t end = st.st_size;
    char last = '\n';
    while (end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n')
        end--;
    *ret_size = end;
    return end < st.st_size ? ftruncate(fd, end) : 0;
}

int irsa_journal_settle(const char *state_directory, const char *id, const char *by,
                        const json_t *changes, struct irsa_error **reterr)
{
    irsa_auto_journal journal = irsa_calloc(1, sizeof(*journal));
    journal->path = irsa_run_path(state_directory, id);
    journal->fd = open(journal->path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    if (journal->fd < 0 || cut_torn_line(journal->fd, &journal->size) != 0)
        return irsa_fail(reterr, IRSA_E_IO, "%s: the journal cannot be written: %s", journal->path,
                         strerror(errno));
    json_t *record = record_new("settled");
    set(record, "by", json_string(by));
    set(record, "changes", json_incref((json_t *)changes));
    add_line(journal, record);
    if (irsa_journal_flush(journal, reterr) != 0)
        return -1;
    irsa_run_unmark(state_directory, id);
    return 0;
}
