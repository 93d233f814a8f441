/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pen.h"

/* Of more findings with one code, so many are shown in full, unless verbose. */
#define ALIKE_LIMIT 8
#define ALIKE_SHOWN 5
/* The changes that mend a finding, named one by one. */
#define IDS_SHOWN 20

static enum irsa_ink severity_ink(const char *severity)
{
    if (strcmp(severity, "error") == 0)
        return IRSA_INK_RED;
    return strcmp(severity, "warning") == 0 ? IRSA_INK_YELLOW : IRSA_INK_CYAN;
}

static void write_labelled(struct irsa_pen *pen, const char *label, const char *text)
{
    if (!*text)
        return;
    irsa_pen_say(pen, "  ");
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_say(pen, "%s:", label);
    irsa_pen_plain(pen);
    irsa_pen_say(pen, " ");
    irsa_pen_quote(pen, text);
    irsa_pen_say(pen, "\n");
}

static void write_evidence(struct irsa_pen *pen, const json_t *evidence)
{
    const char *source = irsa_text_at(evidence, "source");
    if (*source) {
        irsa_pen_say(pen, "  --> ");
        irsa_pen_quote(pen, source);
        irsa_pen_say(pen, "\n");
    }
    const char *observed = irsa_text_at(evidence, "observed");
    write_labelled(pen, "observed", observed);
    write_labelled(pen, "expected", irsa_text_at(evidence, "expected"));
    const json_t *at = json_object_get(evidence, "difference_at");
    if (json_is_integer(at) && json_integer_value(at) >= 0) {
        size_t column = irsa_pen_width(pen, observed, (size_t)json_integer_value(at));
        irsa_pen_say(pen, "%*s", (int)(strlen("  observed: ") + column), "");
        irsa_pen_ink(pen, IRSA_INK_RED);
        irsa_pen_say(pen, "^ here they part\n");
        irsa_pen_plain(pen);
    }
    const char *certainty = irsa_text_at(evidence, "certainty");
    if (*certainty && strcmp(certainty, "verified") != 0)
        write_labelled(pen, "certainty", certainty);
}

/* "fixed by: c1, c3 (held back)" */
static void write_fixed_by(struct irsa_pen *pen, const json_t *finding, const json_t *changes)
{
    const json_t *ids = json_object_get(finding, "fixed_by");
    if (json_array_size(ids) == 0)
        return;
    irsa_pen_say(pen, "  ");
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_say(pen, "fixed by:");
    irsa_pen_plain(pen);
    size_t i;
    json_t *id;
    json_array_foreach(ids, i, id)
    {
        if (i == IDS_SHOWN && !pen->style->verbose && json_array_size(ids) > IDS_SHOWN + 1) {
            irsa_pen_say(pen, " and %zu more", json_array_size(ids) - i);
            break;
        }
        const char *text = json_string_value(id);
        irsa_pen_say(pen, i > 0 ? ", " : " ");
        irsa_pen_quote(pen, text ? text : "?");
        const json_t *change = text ? json_object_get(changes, text) : NULL;
        if (json_is_true(json_object_get(change, "held_back")))
            irsa_pen_say(pen, " (held back)");
    }
    irsa_pen_say(pen, "\n");
}

static void write_concerns(struct irsa_pen *pen, const json_t *finding)
{
    const json_t *bindings = json_object_get(finding, "bindings");
    size_t count = json_array_size(bindings);
    if (count < 2)
        return;
    irsa_pen_say(pen, "  concerns %zu bindings: ", count);
    irsa_pen_names(pen, bindings);
    irsa_pen_say(pen, "\n");
}

static void write_finding(struct irsa_pen *pen, const json_t *finding, const json_t *changes)
{
    const char *severity = irsa_text_at(finding, "severity");
    irsa_pen_ink(pen, severity_ink(severity));
    irsa_pen_quote(pen, severity);
    irsa_pen_say(pen, "[");
    irsa_pen_quote(pen, irsa_text_at(finding, "code"));
    irsa_pen_say(pen, "]");
    irsa_pen_plain(pen);
    irsa_pen_say(pen, ": ");
    const char *message = irsa_text_at(finding, "message");
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_quote(pen, *message ? message : irsa_text_at(finding, "title"));
    irsa_pen_plain(pen);
    irsa_pen_say(pen, "\n");
    write_evidence(pen, json_object_get(finding, "evidence"));
    write_concerns(pen, finding);
    write_labelled(pen, "help", irsa_text_at(finding, "help"));
    size_t i;
    json_t *note;
    json_array_foreach(json_object_get(finding, "notes"), i, note)
    {
        const char *text = json_string_value(note);
        write_labelled(pen, "note", text ? text : "");
    }
    write_fixed_by(pen, finding, changes);
    irsa_pen_say(pen, "\n");
}

static void write_alike(struct irsa_pen *pen, const json_t *findings, size_t from, size_t to)
{
    json_auto_t *names = json_array();
    const json_t *first = json_array_get(findings, from);
    for (size_t i = from; i < to; i++) {
        const json_t *subject = json_object_get(json_array_get(findings, i), "subject");
        const char *namespace_ = irsa_text_at(subject, "namespace");
        irsa_autofree char *name = irsa_format("%s%s%s", namespace_, *namespace_ ? "/" : "",
                                               irsa_text_at(subject, "name"));
        (void)json_array_append_new(names, json_string(name));
    }
    irsa_pen_ink(pen, severity_ink(irsa_text_at(first, "severity")));
    irsa_pen_quote(pen, irsa_text_at(first, "severity"));
    irsa_pen_say(pen, "[");
    irsa_pen_quote(pen, irsa_text_at(first, "code"));
    irsa_pen_say(pen, "]");
    irsa_pen_plain(pen);
    irsa_pen_say(pen, ": %zu more of this kind (", to - from);
    irsa_pen_quote(pen, irsa_text_at(first, "title"));
    irsa_pen_say(pen, "): ");
    irsa_pen_names(pen, names);
    irsa_pen_say(pen, "\n\n");
}

static json_t *changes_by_id(const json_t *plan)
{
    json_t *by_id = json_object();
    size_t i;
    json_t *change;
    json_array_foreach(json_object_get(plan, "changes"), i, change)(void)
        json_object_set(by_id, irsa_text_at(change, "id"), change);
    return by_id;
}

static bool is_shown(const json_t *finding, bool all)
{
    return all || strcmp(irsa_text_at(finding, "severity"), "note") != 0;
}

/* Findings come sorted, so those with one code stand together. */
void irsa_report_findings(struct irsa_pen *pen, const json_t *plan, bool all)
{
    const json_t *findings = json_object_get(plan, "findings");
    json_auto_t *changes = changes_by_id(plan);
    size_t count = json_array_size(findings);
    for (size_t i = 0; i < count;) {
        const json_t *first = json_array_get(findings, i);
        const char *code = irsa_text_at(first, "code");
        size_t end = i + 1;
        while (end < count
               && strcmp(irsa_text_at(json_array_get(findings, end), "code"), code) == 0)
            end++;
        if (!is_shown(first, all)) {
            i = end;
            continue;
        }
        size_t full = pen->style->verbose || end - i <= ALIKE_LIMIT ? end : i + ALIKE_SHOWN;
        for (size_t j = i; j < full; j++)
            write_finding(pen, json_array_get(findings, j), changes);
        if (full < end)
            write_alike(pen, findings, full, end);
        i = end;
    }
}

static void write_skipped(struct irsa_pen *pen, const json_t *skipped)
{
    json_auto_t *by_reason = json_object();
    size_t i;
    json_t *item;
    json_array_foreach((json_t *)skipped, i, item)
    {
        const char *reason = irsa_text_at(item, "reason");
        json_t *codes = json_object_get(by_reason, reason);
        if (!codes) {
            codes = json_array();
            (void)json_object_set_new(by_reason, reason, codes);
        }
        (void)json_array_append(codes, json_object_get(item, "code"));
    }
    const char *reason;
    json_t *codes;
    json_object_foreach(by_reason, reason, codes)
    {
        irsa_pen_mark(pen, IRSA_MARK_UNKNOWN);
        irsa_pen_say(pen, " not checked: ");
        irsa_pen_names(pen, codes);
        irsa_pen_say(pen, " (");
        irsa_pen_quote(pen, reason);
        irsa_pen_say(pen, ")\n");
    }
}

/* What was not checked never reads as fine: that there is such a thing is said even when the
 * reasons are not. */
void irsa_report_checks(struct irsa_pen *pen, const json_t *plan)
{
    const json_t *checks = json_object_get(plan, "checks");
    const json_t *skipped = json_object_get(checks, "skipped");
    long long passed = irsa_number_at(checks, "passed");
    long long failed = irsa_number_at(checks, "failed");
    if (pen->style->verbose)
        write_skipped(pen, skipped);
    irsa_pen_say(pen, "Checks: %lld passed, %lld found something", passed, failed);
    size_t count = json_array_size(skipped);
    if (count > 0)
        irsa_pen_say(pen, ", %zu were not made%s", count,
                     pen->style->verbose ? "" : " (--verbose says why)");
    irsa_pen_say(pen, "\n\n");
}
