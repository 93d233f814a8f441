/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pen.h"

/* --- the list --------------------------------------------------------------------------------- */

enum { COLUMNS = 6 };

/* "8 of 8 done", "3 of 8 done, 1 in doubt". */
static char *changes_text(const json_t *run)
{
    static const struct {
        const char *key;
        const char *text;
    } others[] = {{"failed", "failed"}, {"in_doubt", "in doubt"}};
    const json_t *counts = json_object_get(run, "counts");
    irsa_auto_buf text = {0};
    irsa_buf_addf(&text, "%lld of %lld done", (long long)irsa_number_at(counts, "done"),
                  (long long)irsa_number_at(counts, "planned"));
    for (size_t i = 0; i < IRSA_COUNT(others); i++) {
        long long number = irsa_number_at(counts, others[i].key);
        if (number > 0)
            irsa_buf_addf(&text, ", %lld %s", number, others[i].text);
    }
    return irsa_buf_steal(&text);
}

static char *state_text(const json_t *run)
{
    const char *state = irsa_text_at(run, "state");
    const char *settled_by = irsa_text_at(run, "settled_by");
    const char *rolled_back_by = irsa_text_at(run, "rolled_back_by");
    long long outcome = irsa_number_at(run, "outcome");
    if (strcmp(state, "rolled-back") == 0)
        return irsa_format("rolled back by %s", rolled_back_by);
    if (*rolled_back_by)
        return irsa_format("partly rolled back by %s", rolled_back_by);
    if (strcmp(state, "settled") == 0)
        return irsa_format("killed, settled by %s", settled_by);
    if (strcmp(state, "at-work") == 0)
        return irsa_strdup("at work");
    if (strcmp(state, "finished") == 0 && outcome == 130)
        return irsa_strdup("interrupted");
    if (strcmp(state, "finished") == 0 && outcome != 0)
        return irsa_format("finished, exit status %lld", outcome);
    return irsa_strdup(state);
}

static char *cluster_text(const json_t *run)
{
    const json_t *source = json_object_get(run, "source");
    const char *name = irsa_text_at(json_object_get(run, "cluster"), "name");
    const char *directory = irsa_text_at(source, "directory");
    if (*directory)
        return irsa_format("%s%sfiles in %s", name, *name ? ", " : "", directory);
    return irsa_strdup(*name ? name : "?");
}

struct row {
    char *cells[COLUMNS];
};

static void row_done(struct row *row)
{
    for (size_t i = 0; i < COLUMNS; i++)
        free(row->cells[i]);
}

static struct row title_row(void)
{
    static const char *const titles[COLUMNS] = {"RUN",     "STARTED", "USER",
                                                "COMMAND", "CHANGES", "CLUSTER"};
    struct row row;
    for (size_t i = 0; i < COLUMNS; i++)
        row.cells[i] = irsa_strdup(titles[i]);
    return row;
}

static struct row row_of(const json_t *run)
{
    return (struct row){{
        irsa_strdup(irsa_text_at(run, "id")),
        irsa_strdup(irsa_text_at(run, "started")),
        irsa_format("%s@%s", irsa_text_at(run, "user"), irsa_text_at(run, "host")),
        irsa_strdup(irsa_text_at(run, "command")),
        changes_text(run),
        cluster_text(run),
    }};
}

static void widen(const struct irsa_pen *pen, const struct row *row, size_t widths[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t width = irsa_pen_width(pen, row->cells[i], SIZE_MAX);
        widths[i] = width > widths[i] ? width : widths[i];
    }
}

static void write_row(struct irsa_pen *pen, const struct row *row, const size_t widths[COLUMNS])
{
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t width = irsa_pen_quote(pen, row->cells[i]);
        irsa_pen_say(pen, "%*s", (int)(widths[i] - width) + 2, "");
    }
}

static void write_state(struct irsa_pen *pen, const json_t *run)
{
    const char *state = irsa_text_at(run, "state");
    bool killed = strcmp(state, "killed") == 0;
    irsa_autofree char *text = state_text(run);
    if (killed)
        irsa_pen_ink(pen, IRSA_INK_RED);
    irsa_pen_quote(pen, text);
    if (killed)
        irsa_pen_plain(pen);
}

void irsa_report_runs_text(const json_t *history, const struct irsa_report_style *style,
                           struct irsa_buf *ret)
{
    struct irsa_pen pen = {.style = style, .out = ret};
    const json_t *runs = json_object_get(history, "runs");
    size_t widths[COLUMNS] = {0};
    size_t i = 0;
    json_t *run = NULL;
    if (json_array_size(runs) == 0) {
        long long total = irsa_number_at(history, "total");
        if (total > 0)
            irsa_pen_say(&pen, "No such runs, and %lld of others.\n", total);
        else
            irsa_pen_say(&pen, "No runs: nothing was applied yet.\n");
        return;
    }
    IRSA_CLEANUP(row_done) struct row titles = title_row();
    widen(&pen, &titles, widths);
    json_array_foreach(runs, i, run)
    {
        IRSA_CLEANUP(row_done) struct row row = row_of(run);
        widen(&pen, &row, widths);
    }
    irsa_pen_ink(&pen, IRSA_INK_BOLD);
    write_row(&pen, &titles, widths);
    irsa_pen_say(&pen, "STATE");
    irsa_pen_plain(&pen);
    irsa_pen_say(&pen, "\n");
    json_array_foreach(runs, i, run)
    {
        IRSA_CLEANUP(row_done) struct row row = row_of(run);
        write_row(&pen, &row, widths);
        write_state(&pen, run);
        irsa_pen_say(&pen, "\n");
    }
}

/* --- one run ---------------------------------------------------------------------------------- */

static void write_line(struct irsa_pen *pen, const char *label, const char *text)
{
    if (!*text)
        return;
    irsa_pen_say(pen, "  %s ", label);
    irsa_pen_quote(pen, text);
    irsa_pen_say(pen, "\n");
}

static void write_head(struct irsa_pen *pen, const json_t *run)
{
    irsa_autofree char *where = cluster_text(run);
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_say(pen, "Run ");
    irsa_pen_quote(pen, irsa_text_at(run, "id"));
    irsa_pen_plain(pen);
    irsa_pen_say(pen, ", ");
    irsa_pen_quote(pen, irsa_text_at(run, "command"));
    irsa_pen_say(pen, ": ");
    write_state(pen, run);
    irsa_pen_say(pen, "\n  started ");
    irsa_pen_quote(pen, irsa_text_at(run, "started"));
    irsa_pen_say(pen, " by ");
    irsa_pen_quote(pen, irsa_text_at(run, "user"));
    irsa_pen_say(pen, " on ");
    irsa_pen_quote(pen, irsa_text_at(run, "host"));
    irsa_pen_say(pen, ", pid %lld\n", (long long)irsa_number_at(run, "pid"));
    write_line(pen, "ended", irsa_text_at(run, "ended"));
    write_line(pen, "cluster", where);
    write_line(pen, "goes on with", irsa_text_at(run, "continues"));
    write_line(pen, "takes back", irsa_text_at(run, "undoes"));
    write_line(pen, "journal", irsa_text_at(run, "file"));
    irsa_pen_say(pen, "\n");
}

/* What came of a change that was in doubt. */
static const char *doubt_text(const json_t *change)
{
    const json_t *holds = json_object_get(change, "holds");
    if (json_is_true(holds))
        return "in doubt; it was made, as a later run saw";
    if (json_is_false(holds))
        return "in doubt; it was not made, as a later run saw";
    return "in doubt: it was begun, and no word of what came of it";
}

static void write_result(struct irsa_pen *pen, const json_t *change)
{
    const char *result = irsa_text_at(change, "result");
    if (strcmp(result, "done") == 0)
        irsa_pen_mark(pen, IRSA_MARK_GOOD);
    else if (strcmp(result, "failed") == 0)
        irsa_pen_mark(pen, IRSA_MARK_BAD);
    else if (strcmp(result, "in-doubt") == 0)
        irsa_pen_mark(pen, IRSA_MARK_UNKNOWN);
    else
        irsa_pen_say(pen, "-");
    irsa_pen_say(pen, " ");
    irsa_report_change_name(pen, change);
    irsa_pen_say(pen, ": ");
    irsa_pen_quote(pen, irsa_text_at(change, "action"));
    irsa_pen_say(pen, ", ");
    if (strcmp(result, "in-doubt") == 0)
        irsa_pen_say(pen, "%s", doubt_text(change));
    else
        irsa_pen_quote(pen, strcmp(result, "not-begun") == 0 ? "not begun" : result);
    irsa_pen_say(pen, "\n");
    write_line(pen, "message:", irsa_text_at(change, "message"));
    write_line(pen, "hint:", irsa_text_at(change, "hint"));
    irsa_report_diff(pen, irsa_text_at(change, "diff"));
    irsa_pen_say(pen, "\n");
}

void irsa_report_run_text(const json_t *run, const struct irsa_report_style *style,
                          struct irsa_buf *ret)
{
    struct irsa_pen pen = {.style = style, .out = ret};
    irsa_autofree char *text = changes_text(run);
    const char *state = irsa_text_at(run, "state");
    size_t i = 0;
    json_t *change = NULL;
    write_head(&pen, run);
    json_array_foreach(json_object_get(run, "changes"), i, change) write_result(&pen, change);
    irsa_pen_ink(&pen, IRSA_INK_BOLD);
    irsa_pen_say(&pen, "Changes: %s.", text);
    irsa_pen_plain(&pen);
    irsa_pen_say(&pen, "\n");
    if (style->next_command && strcmp(state, "killed") == 0) {
        irsa_pen_say(&pen, "To finish it: ");
        irsa_pen_quote(&pen, style->next_command);
        irsa_pen_say(&pen, "\n");
    }
}
