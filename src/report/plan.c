/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pen.h"

static void write_summary(struct irsa_pen *pen, const json_t *plan)
{
    const json_t *summary = json_object_get(plan, "summary");
    long long creates = irsa_number_at(summary, "create");
    long long updates = irsa_number_at(summary, "update");
    long long deletes = irsa_number_at(summary, "delete");
    long long held_back = irsa_number_at(summary, "held_back");
    long long decisions = irsa_number_at(summary, "decisions");
    /* A re-pointing decides about roles, not about service accounts. */
    long long unknown =
        irsa_report_is_repoint(plan) ? 0 : (long long)irsa_number_at(summary, "unknown");
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_say(pen, "Plan: %lld to create, %lld to change, %lld to remove", creates, updates,
                 deletes);
    if (held_back > 0)
        irsa_pen_say(pen, "; %lld held back", held_back);
    if (decisions > 0)
        irsa_pen_say(pen, "; %lld %s a decision", decisions, decisions == 1 ? "needs" : "need");
    if (unknown > 0)
        irsa_pen_say(pen, "; %lld can't be decided", unknown);
    bool nothing = creates + updates + deletes + held_back + decisions + unknown == 0;
    const json_t *rollback = json_object_get(plan, "rollback");
    if (rollback && nothing)
        irsa_pen_say(pen, ". Nothing to do: all is as it was.");
    else
        irsa_pen_say(pen, nothing ? ". Nothing to do." : ". Nothing was changed.");
    irsa_pen_plain(pen);
    irsa_pen_say(pen, "\n");
}

static void write_next(struct irsa_pen *pen, const json_t *plan)
{
    const char *command = pen->style->next_command;
    if (!command)
        return;
    const json_t *summary = json_object_get(plan, "summary");
    bool planned = irsa_number_at(summary, "create") + irsa_number_at(summary, "update")
                       + irsa_number_at(summary, "delete")
                   > 0;
    irsa_autofree char *classes = irsa_report_held_classes(json_object_get(plan, "changes"));
    if (planned) {
        irsa_pen_say(pen, "To apply it: ");
        irsa_pen_quote(pen, command);
        irsa_pen_say(pen, " --yes\n");
    }
    if (*classes) {
        irsa_pen_say(pen, planned ? "With what was held back: " : "To apply what was held back: ");
        irsa_pen_quote(pen, command);
        irsa_pen_say(pen, " --yes --allow ");
        irsa_pen_quote(pen, classes);
        irsa_pen_say(pen, "\n");
    }
}

static void write_explain(struct irsa_pen *pen, const json_t *plan)
{
    const json_t *first = NULL;
    size_t i;
    json_t *finding;
    json_array_foreach(json_object_get(plan, "findings"), i, finding)
    {
        if (!first && (!irsa_report_is_repoint(plan) || irsa_report_is_own_finding(finding)))
            first = finding;
    }
    if (!first)
        return;
    irsa_pen_say(pen, "More about a finding: irsa-fix explain ");
    irsa_pen_quote(pen, irsa_text_at(first, "code"));
    irsa_pen_say(pen, "\n");
}

void irsa_report_plan_text(const json_t *plan, const struct irsa_report_style *style,
                           struct irsa_buf *ret)
{
    struct irsa_pen pen = {.style = style, .out = ret};
    irsa_report_cluster(&pen, plan);
    if (json_object_get(plan, "rollback")) {
        irsa_report_rollback(&pen, plan);
    } else if (irsa_report_is_repoint(plan)) {
        irsa_report_repoint(&pen, plan, true);
    } else {
        irsa_report_bindings(&pen, plan);
        irsa_pen_say(&pen, "\n");
        irsa_report_findings(&pen, plan, true);
        irsa_report_checks(&pen, plan);
    }
    irsa_report_changes(&pen, plan);
    write_explain(&pen, plan);
    write_summary(&pen, plan);
    write_next(&pen, plan);
}
