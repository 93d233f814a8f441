/* SPDX-License-Identifier: Apache-2.0 */
#include "report/pen.h"

/* Beyond these a list says how many more there are, unless verbose. */
#define HEALTHY_SHOWN 5
#define OTHERS_SHOWN 20

void irsa_report_cluster(struct irsa_pen *pen, const json_t *plan)
{
    const json_t *cluster = json_object_get(plan, "cluster");
    const char *name = irsa_text_at(cluster, "name");
    const char *account = irsa_text_at(cluster, "account_id");
    const char *alias = irsa_text_at(cluster, "account_alias");
    const char *region = irsa_text_at(cluster, "region");
    const char *issuer = irsa_text_at(cluster, "issuer");
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_say(pen, "Cluster ");
    irsa_pen_quote(pen, *name ? name : "(name not known)");
    irsa_pen_plain(pen);
    if (*account) {
        irsa_pen_say(pen, ", account ");
        irsa_pen_quote(pen, account);
    }
    if (*account && *alias) {
        irsa_pen_say(pen, " (");
        irsa_pen_quote(pen, alias);
        irsa_pen_say(pen, ")");
    }
    if (*region) {
        irsa_pen_say(pen, ", region ");
        irsa_pen_quote(pen, region);
    }
    irsa_pen_say(pen, ", issuer ");
    irsa_pen_quote(pen, *issuer ? issuer : "not known");
    if (*issuer && json_is_true(json_object_get(cluster, "issuer_inferred")))
        irsa_pen_say(pen, " (inferred)");
    irsa_pen_say(pen, "\n");
}

static enum irsa_mark mark_of(const json_t *binding)
{
    const json_t *works = json_object_get(binding, "works");
    if (json_is_true(works))
        return IRSA_MARK_GOOD;
    return json_is_false(works) ? IRSA_MARK_BAD : IRSA_MARK_UNKNOWN;
}

/* The five links of the chain are always shown, what stands beside it only where something is
 * amiss. */
static bool is_link_shown(const struct irsa_pen *pen, const char *link, const char *state)
{
    bool aside = strcmp(link, "cluster") == 0 || strcmp(link, "permissions") == 0;
    return !aside || pen->style->verbose || strcmp(state, "holds") != 0;
}

static void write_link(struct irsa_pen *pen, const char *link, const char *state)
{
    if (strcmp(state, "holds") == 0) {
        irsa_pen_mark(pen, IRSA_MARK_GOOD);
        irsa_pen_say(pen, " ");
        irsa_pen_quote(pen, link);
        return;
    }
    bool broken = strcmp(state, "broken") == 0;
    irsa_pen_mark(pen, broken ? IRSA_MARK_BAD : IRSA_MARK_UNKNOWN);
    irsa_pen_say(pen, " ");
    irsa_pen_quote(pen, link);
    irsa_pen_say(pen, broken ? ": broken" : ": not known");
}

static void write_chain(struct irsa_pen *pen, const json_t *links)
{
    bool first = true;
    size_t i;
    json_t *item;
    json_array_foreach(links, i, item)
    {
        const char *link = irsa_text_at(item, "link");
        const char *state = irsa_text_at(item, "state");
        if (!is_link_shown(pen, link, state))
            continue;
        irsa_pen_say(pen, first ? "    " : "  ");
        write_link(pen, link, state);
        first = false;
    }
    if (!first)
        irsa_pen_say(pen, "\n");
}

static void write_binding(struct irsa_pen *pen, const json_t *binding)
{
    static const char *const words[] = {
        [IRSA_MARK_GOOD] = "works",
        [IRSA_MARK_BAD] = "does not work",
        [IRSA_MARK_UNKNOWN] = "can't be decided",
    };
    enum irsa_mark mark = mark_of(binding);
    irsa_pen_binding(pen, mark, binding);
    irsa_pen_say(pen, ": %s\n", words[mark]);
    write_chain(pen, json_object_get(binding, "links"));
}

static json_t *names_of(const json_t *bindings, enum irsa_mark mark, size_t skip)
{
    json_t *names = json_array();
    size_t i;
    json_t *binding;
    json_array_foreach((json_t *)bindings, i, binding)
    {
        if (mark_of(binding) != mark)
            continue;
        if (skip > 0) {
            skip--;
            continue;
        }
        irsa_autofree char *name = irsa_format("%s/%s", irsa_text_at(binding, "namespace"),
                                               irsa_text_at(binding, "service_account"));
        (void)json_array_append_new(names, json_string(name));
    }
    return names;
}

static void write_rest(struct irsa_pen *pen, const json_t *bindings, enum irsa_mark mark,
                       size_t shown)
{
    static const char *const words[] = {
        [IRSA_MARK_GOOD] = "work",
        [IRSA_MARK_BAD] = "do not work",
        [IRSA_MARK_UNKNOWN] = "can't be decided",
    };
    json_auto_t *names = names_of(bindings, mark, shown);
    size_t count = json_array_size(names);
    if (count == 0)
        return;
    irsa_pen_mark(pen, mark);
    irsa_pen_say(pen, " %zu %s%s: ", count, shown > 0 ? "more " : "", words[mark]);
    irsa_pen_names(pen, names);
    irsa_pen_say(pen, "\n");
}

static void write_marked(struct irsa_pen *pen, const json_t *bindings, enum irsa_mark mark)
{
    size_t total = 0;
    size_t i;
    json_t *binding;
    json_array_foreach(bindings, i, binding) total += mark_of(binding) == mark;
    size_t limit = mark == IRSA_MARK_GOOD ? HEALTHY_SHOWN : OTHERS_SHOWN;
    size_t shown = pen->style->verbose || total <= limit ? total
                   : mark == IRSA_MARK_GOOD              ? 0
                                                         : limit;
    size_t left = shown;
    json_array_foreach(bindings, i, binding)
    {
        if (left == 0)
            break;
        if (mark_of(binding) != mark)
            continue;
        write_binding(pen, binding);
        left--;
    }
    write_rest(pen, bindings, mark, shown);
}

void irsa_report_bindings(struct irsa_pen *pen, const json_t *plan)
{
    const json_t *bindings = json_object_get(plan, "bindings");
    irsa_pen_say(pen, "\n");
    if (json_array_size(bindings) == 0) {
        irsa_pen_say(pen, "No service account that uses or wants a role was found.\n");
        return;
    }
    write_marked(pen, bindings, IRSA_MARK_BAD);
    write_marked(pen, bindings, IRSA_MARK_UNKNOWN);
    write_marked(pen, bindings, IRSA_MARK_GOOD);
}
