/* SPDX-License-Identifier: Apache-2.0 */
#include "report/alike.h"

static void write_result_word(struct irsa_pen *pen, const char *result)
{
    if (strcmp(result, "done") == 0)
        irsa_pen_mark(pen, IRSA_MARK_GOOD);
    else if (strcmp(result, "failed") == 0)
        irsa_pen_mark(pen, IRSA_MARK_BAD);
    else
        irsa_pen_say(pen, "%s", strcmp(result, "held-back") == 0 ? "!" : "-");
    irsa_pen_say(pen, " ");
}

/* ": RESULT: message", and the line's end. */
static void write_outcome(struct irsa_pen *pen, const json_t *change)
{
    const char *result = irsa_text_at(change, "result");
    const char *message = irsa_text_at(change, "message");
    irsa_pen_say(pen, ": ");
    irsa_pen_quote(pen, strcmp(result, "held-back") == 0 ? "held back" : result);
    if (*message) {
        irsa_pen_say(pen, ": ");
        irsa_pen_quote(pen, message);
    }
    irsa_pen_say(pen, "\n");
}

static void write_change(struct irsa_pen *pen, const json_t *change)
{
    write_result_word(pen, irsa_text_at(change, "result"));
    irsa_report_change_name(pen, change);
    write_outcome(pen, change);
    const char *hint = irsa_text_at(change, "hint");
    if (*hint) {
        irsa_pen_say(pen, "    hint: ");
        irsa_pen_quote(pen, hint);
        irsa_pen_say(pen, "\n");
    }
}

/* What failed is told role by role. */
static void write_group(struct irsa_pen *pen, const json_t *group)
{
    const json_t *first = json_array_get(group, 0);
    const char *result = irsa_text_at(first, "result");
    if (!irsa_report_is_many(pen, group) || strcmp(result, "failed") == 0) {
        size_t i;
        json_t *change;
        json_array_foreach((json_t *)group, i, change) write_change(pen, change);
        return;
    }
    write_result_word(pen, result);
    irsa_report_group_name(pen, group);
    write_outcome(pen, first);
    irsa_report_group_members(pen, group);
}

static void write_changes(struct irsa_pen *pen, const json_t *apply)
{
    const json_t *changes = json_object_get(apply, "changes");
    size_t i;
    json_t *item;
    if (!irsa_report_are_many(apply)) {
        json_array_foreach(changes, i, item) write_change(pen, item);
        return;
    }
    json_auto_t *groups = irsa_report_alike(changes, "result");
    json_array_foreach(groups, i, item) write_group(pen, item);
}

static void write_list(struct irsa_pen *pen, const char *label, const json_t *items)
{
    size_t count = json_array_size(items);
    if (count == 0)
        return;
    irsa_pen_say(pen, "%s (%zu): ", label, count);
    irsa_pen_names(pen, items);
    irsa_pen_say(pen, "\n");
}

/* Every pod that must be restarted is named: it is what is left to do by hand. */
static void write_restarts(struct irsa_pen *pen, const json_t *applied)
{
    const json_t *restart = json_object_get(applied, "restart");
    if (json_array_size(restart) == 0)
        return;
    irsa_pen_say(pen, "Pods keep what they were started with; these need a restart:\n");
    size_t i;
    json_t *item;
    json_array_foreach(restart, i, item)
    {
        const char *text = json_string_value(item);
        irsa_pen_say(pen, "    ");
        irsa_pen_quote(pen, text ? text : "?");
        irsa_pen_say(pen, "\n");
    }
}

/* Whether it was done is not in doubt, only what it came to. */
static void write_unchecked(struct irsa_pen *pen, const json_t *applied)
{
    long long done = irsa_number_at(applied, "done");
    bool all = irsa_number_at(applied, "failed") + irsa_number_at(applied, "skipped") == 0;
    irsa_pen_mark(pen, IRSA_MARK_UNKNOWN);
    if (done == 0)
        irsa_pen_say(pen, " what holds now could not be read again: ");
    else
        irsa_pen_say(pen, " %s%lld change%s made, but what holds now could not be read again: ",
                     all && done > 1 ? "all " : "", done, done == 1 ? " was" : "s were");
    irsa_pen_quote(pen, irsa_text_at(applied, "recheck_error"));
    irsa_pen_say(pen, "\n    irsa-fix plan shows it once it can be read\n");
}

static void write_recheck(struct irsa_pen *pen, const json_t *apply)
{
    const json_t *applied = json_object_get(apply, "applied");
    const json_t *recheck = json_object_get(apply, "recheck");
    irsa_pen_say(pen, "\n");
    if (!json_is_object(recheck)) {
        write_unchecked(pen, applied);
        return;
    }
    if (json_object_get(recheck, "rollback")) {
        irsa_report_undone(pen, recheck);
        return;
    }
    if (irsa_report_is_repoint(recheck)) {
        irsa_report_repoint(pen, recheck, pen->style->verbose);
        return;
    }
    write_list(pen, "Resolved", json_object_get(applied, "resolved"));
    write_list(pen, "Remaining", json_object_get(applied, "remaining"));
    write_restarts(pen, applied);
    irsa_report_bindings(pen, recheck);
    irsa_pen_say(pen, "\n");
    irsa_report_findings(pen, recheck, pen->style->verbose);
}

/* What was proven, or the command that proves it. */
static void write_verify(struct irsa_pen *pen, const json_t *apply, long long done)
{
    const json_t *verify = json_object_get(apply, "verify");
    if (json_is_object(verify)) {
        irsa_pen_say(pen, "\n");
        irsa_report_verify_text(verify, pen->style, pen->out);
    } else if (done > 0 && pen->style->verify_command) {
        irsa_pen_say(pen, "To prove it: ");
        irsa_pen_quote(pen, pen->style->verify_command);
        irsa_pen_say(pen, "\n");
    }
}

static void write_summary(struct irsa_pen *pen, const json_t *apply)
{
    const json_t *applied = json_object_get(apply, "applied");
    long long done = irsa_number_at(applied, "done");
    long long failed = irsa_number_at(applied, "failed");
    long long skipped = irsa_number_at(applied, "skipped");
    long long held_back = irsa_number_at(json_object_get(apply, "summary"), "held_back");
    const json_t *verified = json_object_get(applied, "verified");
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    if (json_is_true(json_object_get(applied, "interrupted")))
        irsa_pen_say(pen, "Interrupted. ");
    irsa_pen_say(pen, "Applied %lld of %lld", done, done + failed + skipped);
    if (json_is_integer(verified))
        irsa_pen_say(pen, ", verified %lld", (long long)json_integer_value(verified));
    if (failed > 0)
        irsa_pen_say(pen, "; %lld failed", failed);
    if (skipped > 0)
        irsa_pen_say(pen, "; %lld skipped", skipped);
    if (held_back > 0)
        irsa_pen_say(pen, "; %lld held back", held_back);
    irsa_pen_say(pen, ".");
    irsa_pen_plain(pen);
    irsa_pen_say(pen, "\n");
    irsa_autofree char *classes = irsa_report_held_classes(json_object_get(apply, "changes"));
    write_verify(pen, apply, done);
    if (*classes && pen->style->next_command) {
        irsa_pen_say(pen, "To apply what was held back: ");
        irsa_pen_quote(pen, pen->style->next_command);
        irsa_pen_say(pen, " --yes --allow ");
        irsa_pen_quote(pen, classes);
        irsa_pen_say(pen, "\n");
    }
}

void irsa_report_apply_text(const json_t *apply, const struct irsa_report_style *style,
                            struct irsa_buf *ret)
{
    struct irsa_pen pen = {.style = style, .out = ret};
    irsa_report_cluster(&pen, apply);
    if (json_object_get(apply, "rollback"))
        irsa_report_rollback(&pen, apply);
    else
        irsa_pen_say(&pen, "\n");
    write_changes(&pen, apply);
    write_recheck(&pen, apply);
    write_summary(&pen, apply);
}
