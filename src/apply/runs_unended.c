/* SPDX-License-Identifier: Apache-2.0 */
/* Runs without an end, found without reading the others: an account's runs of a year are many, and
 * every plan asks. A mark lies in STATE/unended from before a run's first record until after its
 * last; where a kill left one behind that says nothing any more, it goes the next time. */
#include "apply/state.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FOLDER "unended"

static char *mark_path(const char *state_directory, const char *id)
{
    return irsa_format("%s/" FOLDER "/%s", state_directory, id);
}

int irsa_run_mark(const char *state_directory, const char *id, struct irsa_error **reterr)
{
    irsa_autofree char *path = mark_path(state_directory, id);
    irsa_autofree char *directory = irsa_format("%s/" FOLDER, state_directory);
    if (irsa_state_mkdir(state_directory, FOLDER, reterr) != 0)
        return -1;
    irsa_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && irsa_sync_directory(directory) == 0)
        return 0;
    (void)irsa_fail(reterr, IRSA_E_IO, "%s: the journal cannot be made: %s", path, strerror(errno));
    (void)unlink(path);
    return -1;
}

void irsa_run_unmark(const char *state_directory, const char *id)
{
    irsa_autofree char *path = mark_path(state_directory, id);
    (void)unlink(path);
}

/* Another run may have taken it back as a whole: the heads of all runs tell. */
static int drop_rolled_back(const char *state_directory, struct irsa_runs *runs,
                            struct irsa_error **reterr)
{
    irsa_auto_runs all = {0};
    irsa_auto_map states = {0};
    size_t kept = 0;
    if (runs->len == 0)
        return 0;
    if (irsa_runs_read(state_directory, &all, reterr) != 0)
        return -1;
    for (size_t i = 0; i < all.len; i++)
        irsa_map_put_borrowed(&states, all.items[i].id, (size_t)all.items[i].state);
    for (size_t i = 0; i < runs->len; i++) {
        struct irsa_run_summary *run = &runs->items[i];
        size_t state = irsa_map_get(&states, run->id);
        /* One that can't be read any more is not known to be over. */
        if (state == IRSA_RUN_UNENDED || state == IRSA_MAP_NONE) {
            runs->items[kept++] = *run;
            continue;
        }
        irsa_run_unmark(state_directory, run->id);
        irsa_run_summary_done(run);
    }
    runs->len = kept;
    return 0;
}

int irsa_runs_read_unended(const char *state_directory, struct irsa_runs *ret,
                           struct irsa_error **reterr)
{
    irsa_autofree char *directory = irsa_format("%s/" FOLDER, state_directory);
    irsa_auto_strings ids = {0};
    *ret = (struct irsa_runs){0};
    if (irsa_list_runs(directory, "", &ids, reterr) != 0)
        return -1;
    for (size_t i = ids.len; i-- > 0;) {
        irsa_autofree char *path = irsa_run_path(state_directory, ids.items[i]);
        size_t before = ret->len;
        irsa_runs_add(state_directory, ids.items[i], ret);
        bool is_over = ret->len > before && ret->items[before].state != IRSA_RUN_UNENDED;
        if (is_over)
            irsa_run_summary_done(&ret->items[--ret->len]);
        /* The file is there before its mark: who cleans up took it away. */
        if (is_over || access(path, F_OK) != 0)
            irsa_run_unmark(state_directory, ids.items[i]);
    }
    return drop_rolled_back(state_directory, ret, reterr);
}
