/* SPDX-License-Identifier: Apache-2.0 */
/* What is special about the way back. */
#include "report/pen.h"

void irsa_report_rollback(struct irsa_pen *pen, const json_t *plan)
{
    const json_t *rollback = json_object_get(plan, "rollback");
    const json_t *runs = json_object_get(rollback, "runs");
    irsa_pen_say(pen, "Taking back run ");
    irsa_pen_quote(pen, irsa_text_at(rollback, "run"));
    irsa_pen_say(pen, ": ");
    irsa_pen_quote(pen, irsa_text_at(rollback, "command"));
    irsa_pen_say(pen, ", ");
    irsa_pen_quote(pen, irsa_text_at(rollback, "started"));
    irsa_pen_say(pen, ", by ");
    irsa_pen_quote(pen, irsa_text_at(rollback, "user"));
    irsa_pen_say(pen, " on ");
    irsa_pen_quote(pen, irsa_text_at(rollback, "host"));
    irsa_pen_say(pen, "\n");
    if (json_array_size(runs) > 1) {
        irsa_pen_say(pen, "With what it went on from: ");
        irsa_pen_names(pen, runs);
        irsa_pen_say(pen, "\n");
    }
    irsa_pen_notes(pen, "", json_object_get(rollback, "notes"));
    irsa_pen_say(pen, "\n");
}

void irsa_report_undone(struct irsa_pen *pen, const json_t *recheck)
{
    const json_t *changes = json_object_get(recheck, "changes");
    if (json_array_size(changes) == 0) {
        irsa_pen_mark(pen, IRSA_MARK_GOOD);
        irsa_pen_say(pen, " all is as it was before that run\n");
        return;
    }
    irsa_pen_mark(pen, IRSA_MARK_BAD);
    irsa_pen_say(pen, " not as it was before that run:\n");
    size_t i;
    json_t *change;
    json_array_foreach(changes, i, change)
    {
        /* Without the id: that is another plan's than the one that stands above. */
        irsa_pen_say(pen, "    ");
        irsa_pen_quote(pen, irsa_text_at(change, "kind"));
        irsa_pen_say(pen, " ");
        irsa_pen_quote(pen, irsa_text_at(change, "target"));
        const char *note = json_string_value(json_array_get(json_object_get(change, "notes"), 0));
        if (note) {
            irsa_pen_say(pen, ": ");
            irsa_pen_quote(pen, note);
        }
        irsa_pen_say(pen, "\n");
    }
}
