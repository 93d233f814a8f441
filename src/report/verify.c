/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pen.h"

/* Of more bindings, those that are proven show no steps unless verbose. */
#define STEPS_SHOWN 8

static void write_mark(struct irsa_pen *pen, const char *state)
{
    if (strcmp(state, "ok") == 0)
        irsa_pen_mark(pen, IRSA_MARK_GOOD);
    else if (strcmp(state, "failed") == 0)
        irsa_pen_mark(pen, IRSA_MARK_BAD);
    else if (strcmp(state, "skipped") == 0)
        irsa_pen_say(pen, "-");
    else
        irsa_pen_mark(pen, IRSA_MARK_UNKNOWN);
}

static void write_line(struct irsa_pen *pen, const char *label, const char *text)
{
    if (!*text)
        return;
    irsa_pen_say(pen, "        %s: ", label);
    irsa_pen_quote(pen, text);
    irsa_pen_say(pen, "\n");
}

static void write_step(struct irsa_pen *pen, const json_t *step)
{
    const char *state = irsa_text_at(step, "state");
    const char *code = irsa_text_at(step, "code");
    bool good = strcmp(state, "ok") == 0;
    irsa_pen_say(pen, "    ");
    write_mark(pen, state);
    irsa_pen_say(pen, " ");
    irsa_pen_quote(pen, irsa_text_at(step, "step"));
    if (*code) {
        irsa_pen_say(pen, " [");
        irsa_pen_quote(pen, code);
        irsa_pen_say(pen, "]");
    }
    irsa_pen_say(pen, strcmp(state, "unknown") == 0   ? ": not known: "
                      : strcmp(state, "skipped") == 0 ? ": not done: "
                                                      : ": ");
    irsa_pen_quote(pen, irsa_text_at(step, "message"));
    irsa_pen_say(pen, "\n");
    const json_t *evidence = json_object_get(step, "evidence");
    if (!good || pen->style->verbose) {
        write_line(pen, "STS says", irsa_text_at(step, "refusal"));
        write_line(pen, "observed", irsa_text_at(evidence, "observed"));
        write_line(pen, "expected", irsa_text_at(evidence, "expected"));
        write_line(pen, "by", irsa_text_at(evidence, "source"));
        write_line(pen, "request id", irsa_text_at(step, "request_id"));
        write_line(pen, "help", irsa_text_at(step, "help"));
    }
}

static void write_binding(struct irsa_pen *pen, const json_t *binding, bool steps)
{
    const json_t *proven = json_object_get(binding, "proven");
    irsa_pen_binding(pen,
                     json_is_true(proven)    ? IRSA_MARK_GOOD
                     : json_is_false(proven) ? IRSA_MARK_BAD
                                             : IRSA_MARK_UNKNOWN,
                     binding);
    irsa_pen_say(pen, json_is_true(proven)    ? ": proven\n"
                      : json_is_false(proven) ? ": refused\n"
                                              : ": not known\n");
    if (!steps && json_is_true(proven))
        return;
    size_t i;
    json_t *step;
    json_array_foreach(json_object_get(binding, "steps"), i, step) write_step(pen, step);
}

static void write_applications(struct irsa_pen *pen, const json_t *verify)
{
    json_t *findings = json_object_get(verify, "application");
    if (json_array_size(findings) == 0)
        return;
    irsa_pen_say(pen, "What is left is the application; this is seen of it from outside:\n\n");
    json_auto_t *document = json_object();
    (void)json_object_set(document, "findings", findings);
    irsa_report_findings(pen, document, true);
}

static const char *first_code(const json_t *verify)
{
    size_t i;
    json_t *binding;
    json_array_foreach(json_object_get(verify, "bindings"), i, binding)
    {
        size_t k;
        json_t *step;
        json_array_foreach(json_object_get(binding, "steps"), k, step)
        {
            if (*irsa_text_at(step, "code"))
                return irsa_text_at(step, "code");
        }
    }
    return "";
}

static void write_end(struct irsa_pen *pen, const json_t *verify)
{
    const json_t *summary = json_object_get(verify, "summary");
    const char *code = first_code(verify);
    long long proven = irsa_number_at(summary, "proven");
    long long refused = irsa_number_at(summary, "refused");
    long long unknown = irsa_number_at(summary, "unknown");
    if (*code) {
        irsa_pen_say(pen, "More about a code: irsa-fix explain ");
        irsa_pen_quote(pen, code);
        irsa_pen_say(pen, "\n");
    }
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    if (json_is_true(json_object_get(verify, "interrupted")))
        irsa_pen_say(pen, "Interrupted. ");
    irsa_pen_say(pen, "Verify: %lld proven, %lld refused, %lld not known.", proven, refused,
                 unknown);
    irsa_pen_plain(pen);
    irsa_pen_say(pen, "\n");
    if (proven > 0 && refused + unknown == 0 && !json_is_true(json_object_get(verify, "pods"))
        && pen->style->next_command) {
        irsa_pen_say(pen, "Whether a new pod gets it, too: ");
        irsa_pen_quote(pen, pen->style->next_command);
        irsa_pen_say(pen, " --pod\n");
    }
}

void irsa_report_verify_text(const json_t *verify, const struct irsa_report_style *style,
                             struct irsa_buf *ret)
{
    struct irsa_pen pen = {.style = style, .out = ret};
    const json_t *bindings = json_object_get(verify, "bindings");
    bool steps = style->verbose || json_array_size(bindings) <= STEPS_SHOWN;
    irsa_report_cluster(&pen, verify);
    irsa_pen_say(&pen, "\n");
    size_t i;
    json_t *binding;
    json_array_foreach(bindings, i, binding) write_binding(&pen, binding, steps);
    if (json_array_size(bindings) == 0)
        irsa_pen_say(&pen, "There is no service account with a role.\n");
    irsa_pen_say(&pen, "\n");
    write_applications(&pen, verify);
    write_end(&pen, verify);
}
