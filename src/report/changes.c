/* SPDX-License-Identifier: Apache-2.0 */
#include "report/alike.h"

void irsa_report_change_name(struct irsa_pen *pen, const json_t *change)
{
    irsa_pen_quote(pen, irsa_text_at(change, "id"));
    irsa_pen_say(pen, " ");
    irsa_pen_quote(pen, irsa_text_at(change, "kind"));
    irsa_pen_say(pen, " ");
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_quote(pen, irsa_text_at(change, "target"));
    irsa_pen_plain(pen);
}

/* As git does: bold head, cyan hunks, green and red lines. */
static void write_diff_line(struct irsa_pen *pen, const char *line)
{
    bool head = irsa_has_prefix(line, "--- ") || irsa_has_prefix(line, "+++ ");
    bool inked = true;
    if (head)
        irsa_pen_ink(pen, IRSA_INK_BOLD);
    else if (irsa_has_prefix(line, "@@"))
        irsa_pen_ink(pen, IRSA_INK_CYAN);
    else if (*line == '+')
        irsa_pen_ink(pen, IRSA_INK_GREEN);
    else if (*line == '-')
        irsa_pen_ink(pen, IRSA_INK_RED);
    else
        inked = false;
    irsa_pen_quote(pen, line);
    if (inked)
        irsa_pen_plain(pen);
    irsa_pen_say(pen, "\n");
}

void irsa_report_diff(struct irsa_pen *pen, const char *diff)
{
    while (*diff) {
        size_t len = strcspn(diff, "\n");
        irsa_autofree char *line = irsa_strndup(diff, len);
        write_diff_line(pen, line);
        diff += len;
        diff += *diff == '\n';
    }
}

static bool write_semantic(struct irsa_pen *pen, const json_t *change)
{
    if (!pen->style->semantic || strcmp(irsa_text_at(change, "kind"), "trust-policy") != 0)
        return false;
    const json_t *lines = json_object_get(change, "semantic");
    if (json_array_size(lines) == 0)
        irsa_pen_say(pen, "  no change by meaning: only the form differs\n");
    size_t i;
    json_t *line;
    json_array_foreach(lines, i, line)
    {
        const char *text = json_string_value(line);
        irsa_pen_say(pen, "  ");
        irsa_pen_quote(pen, text ? text : "");
        irsa_pen_say(pen, "\n");
    }
    return true;
}

static void write_symbol(struct irsa_pen *pen, const json_t *change)
{
    const char *action = irsa_text_at(change, "action");
    if (json_is_true(json_object_get(change, "held_back"))) {
        irsa_pen_ink(pen, IRSA_INK_YELLOW);
        irsa_pen_say(pen, "!");
    } else if (strcmp(action, "create") == 0) {
        irsa_pen_ink(pen, IRSA_INK_GREEN);
        irsa_pen_say(pen, "+");
    } else if (strcmp(action, "delete") == 0) {
        irsa_pen_ink(pen, IRSA_INK_RED);
        irsa_pen_say(pen, "-");
    } else {
        irsa_pen_ink(pen, IRSA_INK_YELLOW);
        irsa_pen_say(pen, "~");
    }
    irsa_pen_plain(pen);
    irsa_pen_say(pen, " ");
}

/* What follows the name, or the names, of what is changed. */
static void write_title(struct irsa_pen *pen, const json_t *change)
{
    irsa_pen_say(pen, ": ");
    irsa_pen_quote(pen, irsa_text_at(change, "action"));
    const json_t *because = json_object_get(change, "because");
    if (json_array_size(because) > 0) {
        irsa_pen_say(pen, ", because of ");
        irsa_pen_names(pen, because);
    }
    if (json_is_true(json_object_get(change, "over_quota"))) {
        irsa_pen_say(pen, " (held back: IAM would refuse it)");
    } else if (json_is_true(json_object_get(change, "blocked"))) {
        irsa_pen_say(pen, " (held back)");
    } else if (json_is_true(json_object_get(change, "held_back"))) {
        irsa_pen_say(pen, " (held back: needs --allow ");
        irsa_pen_quote(pen, irsa_text_at(change, "class"));
        irsa_pen_say(pen, ")");
    }
    irsa_pen_say(pen, "\n");
}

static void write_sizes(struct irsa_pen *pen, const json_t *sizes)
{
    long long before = irsa_number_at(sizes, "before");
    irsa_pen_say(pen, "  %lld of %lld characters", (long long)irsa_number_at(sizes, "after"),
                 (long long)irsa_number_at(sizes, "quota"));
    if (before > 0)
        irsa_pen_say(pen, ", %lld before", before);
    irsa_pen_say(pen, "\n");
}

static void write_change(struct irsa_pen *pen, const json_t *change)
{
    write_symbol(pen, change);
    irsa_report_change_name(pen, change);
    write_title(pen, change);
    const json_t *sizes = json_object_get(change, "sizes");
    if (json_is_object(sizes))
        write_sizes(pen, sizes);
    irsa_pen_notes(pen, "  ", json_object_get(change, "notes"));
    if (!write_semantic(pen, change))
        irsa_report_diff(pen, irsa_text_at(change, "diff"));
    irsa_pen_say(pen, "\n");
}

/* --- many that are alike ---------------------------------------------------------------------- */

static void write_plain_notes(struct irsa_pen *pen, const json_t *change)
{
    size_t i;
    json_t *note;
    json_array_foreach(json_object_get(change, "notes"), i, note)
    {
        irsa_autofree char *text =
            irsa_report_without_sid(json_is_string(note) ? json_string_value(note) : "");
        irsa_pen_say(pen, "  note: ");
        irsa_pen_quote(pen, text);
        irsa_pen_say(pen, "\n");
    }
}

/* What is done to all of them, who they are, and the diff of one. */
static void write_many(struct irsa_pen *pen, const json_t *group)
{
    const json_t *first = json_array_get(group, 0);
    write_symbol(pen, first);
    irsa_report_group_name(pen, group);
    write_title(pen, first);
    irsa_report_group_members(pen, group);
    write_plain_notes(pen, first);
    irsa_pen_say(pen, "  the first of them, as an example:\n");
    if (!write_semantic(pen, first))
        irsa_report_diff(pen, irsa_text_at(first, "diff"));
    irsa_pen_say(pen, "\n");
}

/* In their order: a group of many stands where the first of it would. */
static void write_alike(struct irsa_pen *pen, const json_t *changes)
{
    json_auto_t *groups = irsa_report_alike(changes, NULL);
    json_auto_t *group_of = json_object();
    size_t i;
    json_t *item;
    json_array_foreach(groups, i, item)
    {
        size_t k;
        json_t *change;
        json_array_foreach(item, k, change)(void)
            json_object_set(group_of, irsa_text_at(change, "id"), item);
    }
    json_array_foreach((json_t *)changes, i, item)
    {
        const json_t *group = json_object_get(group_of, irsa_text_at(item, "id"));
        if (!irsa_report_is_many(pen, group))
            write_change(pen, item);
        else if (json_array_get(group, 0) == item)
            write_many(pen, group);
    }
}

void irsa_report_changes(struct irsa_pen *pen, const json_t *plan)
{
    if (irsa_report_are_many(plan)) {
        write_alike(pen, json_object_get(plan, "changes"));
        return;
    }
    size_t i;
    json_t *change;
    json_array_foreach(json_object_get(plan, "changes"), i, change) write_change(pen, change);
}

char *irsa_report_held_classes(const json_t *changes)
{
    irsa_auto_strings classes = {0};
    size_t i;
    json_t *change;
    json_array_foreach((json_t *)changes, i, change)
    {
        if (!json_is_true(json_object_get(change, "held_back"))
            || json_is_true(json_object_get(change, "over_quota"))
            || json_is_true(json_object_get(change, "blocked")))
            continue;
        const char *class_ = irsa_text_at(change, "class");
        if (!irsa_strings_has(&classes, class_))
            irsa_strings_add(&classes, class_);
    }
    irsa_strings_sort(&classes);
    return irsa_strings_join(&classes, ",", ",");
}
