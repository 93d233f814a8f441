/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pen.h"

#define CAUSES_SHOWN 4

static void write_values(struct irsa_pen *pen, const json_t *values)
{
    static const struct {
        const char *key;
        const char *label;
    } shown[] = {
        {"principal", "who"},         {"role", "role"},
        {"account", "account"},       {"provider", "provider"},
        {"issuer", "issuer"},         {"cluster", "cluster"},
        {"region", "region"},         {"namespace", "namespace"},
        {"session", "session"},       {"service_account", "service account"},
        {"action", "action"},         {"resource", "resource"},
        {"request_id", "request id"},
    };
    bool any = false;
    for (size_t i = 0; i < IRSA_COUNT(shown); i++) {
        const char *value = irsa_text_at(values, shown[i].key);
        if (!*value)
            continue;
        irsa_pen_say(pen, any ? ", %s " : "  in it: %s ", shown[i].label);
        irsa_pen_quote(pen, value);
        any = true;
    }
    if (any)
        irsa_pen_say(pen, "\n");
}

static void write_causes(struct irsa_pen *pen, const json_t *causes)
{
    const size_t count = json_array_size(causes);
    const size_t shown = pen->style->verbose || count <= CAUSES_SHOWN + 1 ? count : CAUSES_SHOWN;
    for (size_t i = 0; i < shown; i++) {
        const json_t *cause = json_array_get(causes, i);
        irsa_pen_say(pen, "  %zu. ", i + 1);
        irsa_pen_ink(pen, IRSA_INK_BOLD);
        irsa_pen_say(pen, "%s", irsa_text_at(cause, "code"));
        irsa_pen_plain(pen);
        irsa_pen_say(pen, " %s\n     %s\n", irsa_text_at(cause, "title"),
                     irsa_text_at(cause, "reason"));
    }
    if (shown == count)
        return;
    irsa_pen_say(pen, "     less likely:");
    for (size_t i = shown; i < count; i++)
        irsa_pen_say(pen, " %s", irsa_text_at(json_array_get(causes, i), "code"));
    irsa_pen_say(pen, "\n");
}

static void write_lines(struct irsa_pen *pen, const json_t *match)
{
    const json_int_t count = irsa_number_at(match, "count");
    const json_int_t first = irsa_number_at(match, "first_line");
    if (count == 1)
        irsa_pen_say(pen, "line %lld: ", (long long)first);
    else
        irsa_pen_say(pen, "%lld times, lines %lld to %lld: ", (long long)count, (long long)first,
                     (long long)irsa_number_at(match, "last_line"));
}

static void write_command(struct irsa_pen *pen, const char *label, const char *command)
{
    if (!*command)
        return;
    irsa_pen_say(pen, "  %s: ", label);
    irsa_pen_ink(pen, IRSA_INK_CYAN);
    irsa_pen_quote(pen, command);
    irsa_pen_plain(pen);
    irsa_pen_say(pen, "\n");
}

static void write_match(struct irsa_pen *pen, const json_t *match)
{
    write_lines(pen, match);
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_say(pen, "%s", irsa_text_at(match, "title"));
    irsa_pen_plain(pen);
    irsa_pen_say(pen, "\n  > ");
    irsa_pen_quote(pen, irsa_text_at(match, "message"));
    irsa_pen_say(pen, "\n");
    write_values(pen, json_object_get(match, "values"));
    write_causes(pen, json_object_get(match, "causes"));
    write_command(pen, "next", irsa_text_at(match, "command"));
    write_command(pen, "then", irsa_text_at(match, "verify"));
}

/* True where each command names a service account. */
static bool all_selected(const json_t *matches)
{
    size_t i;
    const json_t *match;
    json_array_foreach(matches, i, match)
    {
        if (!strstr(irsa_text_at(match, "command"), " -s "))
            return false;
    }
    return true;
}

void irsa_report_symptoms_text(const json_t *symptoms, const struct irsa_report_style *style,
                               struct irsa_buf *ret)
{
    struct irsa_pen pen = {.style = style, .out = ret};
    const json_t *matches = json_object_get(symptoms, "matches");
    const long long lines = (long long)irsa_number_at(symptoms, "lines");
    const char *s = lines == 1 ? "" : "s";
    const size_t count = json_array_size(matches);
    if (count == 0) {
        irsa_pen_say(&pen, "no message that points to IRSA was found in %lld line%s\n", lines, s);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        write_match(&pen, json_array_get(matches, i));
        irsa_pen_say(&pen, "\n");
    }
    const long long left_out = (long long)irsa_number_at(symptoms, "left_out");
    if (left_out > 0)
        irsa_pen_say(&pen, "%lld more messages were not kept: there are too many different ones\n",
                     left_out);
    if (!all_selected(matches))
        irsa_pen_say(
            &pen, "with -n NAMESPACE -s NAME a plan looks at the pod's service account alone, and "
                  "irsa-fix verify proves it\n");
    irsa_pen_say(&pen, "%zu kind%s of message in %lld line%s; irsa-fix explain CODE tells more\n",
                 count, count == 1 ? "" : "s", lines, s);
}
