/* SPDX-License-Identifier: Apache-2.0 */
/* A plan of --repoint or --prune: which issuers, how many roles, what was left; of the rest of the
 * cluster just how it stands. */
#include "report/pen.h"

/* The findings of its own: src/diagnose/codes.h, 13x. */
#define OWN_CODES "IRSA13"

bool irsa_report_is_repoint(const json_t *plan)
{
    return json_is_object(json_object_get(plan, "repoint"));
}

bool irsa_report_is_own_finding(const json_t *finding)
{
    return irsa_has_prefix(irsa_text_at(finding, "code"), OWN_CODES);
}

/* --- bindings --------------------------------------------------------------------------------- */

static void write_bindings(struct irsa_pen *pen, const json_t *plan)
{
    size_t works = 0;
    size_t broken = 0;
    size_t i;
    json_t *binding;
    const json_t *bindings = json_object_get(plan, "bindings");
    json_array_foreach(bindings, i, binding)
    {
        works += json_is_true(json_object_get(binding, "works"));
        broken += json_is_false(json_object_get(binding, "works"));
    }
    size_t count = json_array_size(bindings);
    irsa_pen_say(pen, "%zu service %s with a role: %zu work%s, %zu %s not, %zu can't be decided\n",
                 count, count == 1 ? "account" : "accounts", works, works == 1 ? "s" : "", broken,
                 broken == 1 ? "does" : "do", count - works - broken);
}

/* --- issuers ---------------------------------------------------------------------------------- */

static void write_count(struct irsa_pen *pen, const json_t *group, const char *key,
                        const char *words)
{
    long long number = irsa_number_at(group, key);
    if (number > 0)
        irsa_pen_say(pen, ", %lld %s", number, words);
}

static void write_groups(struct irsa_pen *pen, const json_t *groups)
{
    size_t i;
    json_t *group;
    json_array_foreach((json_t *)groups, i, group)
    {
        long long roles = irsa_number_at(group, "roles");
        const char *provider = irsa_text_at(group, "provider");
        irsa_pen_say(pen, "  ");
        irsa_pen_quote(pen, irsa_text_at(group, "issuer"));
        irsa_pen_say(pen, "\n    account ");
        irsa_pen_quote(pen, irsa_text_at(group, "account_id"));
        irsa_pen_say(pen, ", provider %s: %lld %s",
                     strcmp(provider, "not-seen") == 0 ? "not seen" : provider, roles,
                     roles == 1 ? "role" : "roles");
        write_count(pen, group, "changes", "to change");
        write_count(pen, group, "held_back", "of them held back");
        write_count(pen, group, "left", "left as is");
        irsa_pen_say(pen, "\n");
    }
    if (json_array_size(groups) == 0)
        irsa_pen_say(pen, "  no role's trust policy names such an issuer\n");
}

static void write_from(struct irsa_pen *pen, const json_t *repoint)
{
    const char *from = irsa_text_at(repoint, "from");
    bool keep = json_is_true(json_object_get(repoint, "keep_old"));
    if (!*from)
        return;
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_say(pen, "Re-pointing");
    irsa_pen_plain(pen);
    irsa_pen_say(pen, " to ");
    irsa_pen_quote(pen, irsa_text_at(repoint, "to"));
    irsa_pen_say(pen, keep ? ", beside:\n" : ", in the place of:\n");
    write_groups(pen, json_object_get(repoint, "issuers"));
}

static void write_gone(struct irsa_pen *pen, const json_t *repoint)
{
    if (!json_is_true(json_object_get(repoint, "prune")))
        return;
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_say(pen, "Pruning");
    irsa_pen_plain(pen);
    irsa_pen_say(pen, " trust in issuers whose provider is gone:\n");
    write_groups(pen, json_object_get(repoint, "gone"));
}

static void write_not_looked_at(struct irsa_pen *pen, const json_t *repoint)
{
    const json_t *unread = json_object_get(repoint, "unread");
    size_t count = json_array_size(unread);
    if (count > 0) {
        irsa_pen_mark(pen, IRSA_MARK_UNKNOWN);
        irsa_pen_say(pen, " %zu %s whose trust policy was not seen or can't be parsed: ", count,
                     count == 1 ? "role" : "roles");
        irsa_pen_names(pen, unread);
        irsa_pen_say(pen, "\n");
    }
    long long deselected = irsa_number_at(repoint, "deselected");
    if (deselected > 0)
        irsa_pen_say(pen, "%lld %s not looked at: the selection leaves %s out\n", deselected,
                     deselected == 1 ? "role" : "roles", deselected == 1 ? "it" : "them");
}

/* --- findings --------------------------------------------------------------------------------- */

static void write_findings(struct irsa_pen *pen, const json_t *plan, bool all)
{
    json_auto_t *own = json_array();
    json_auto_t *copy = json_copy((json_t *)plan);
    size_t others = 0;
    size_t i;
    json_t *finding;
    json_array_foreach(json_object_get(plan, "findings"), i, finding)
    {
        if (irsa_report_is_own_finding(finding))
            (void)json_array_append(own, finding);
        else
            others++;
    }
    (void)json_object_set(copy, "findings", own);
    irsa_report_findings(pen, copy, all);
    if (others > 0)
        irsa_pen_say(pen,
                     "%zu other %s of the checks: `irsa-fix plan` without --repoint and --prune "
                     "shows %s\n\n",
                     others, others == 1 ? "finding" : "findings", others == 1 ? "it" : "them");
}

void irsa_report_repoint(struct irsa_pen *pen, const json_t *plan, bool all)
{
    const json_t *repoint = json_object_get(plan, "repoint");
    write_bindings(pen, plan);
    irsa_pen_say(pen, "\n");
    write_from(pen, repoint);
    write_gone(pen, repoint);
    write_not_looked_at(pen, repoint);
    irsa_pen_say(pen, "\n");
    write_findings(pen, plan, all);
}
