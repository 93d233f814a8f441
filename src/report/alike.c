/* SPDX-License-Identifier: Apache-2.0 */
/* Many changes that are alike, as one: hundreds of trust policies that are re-pointed are read by
 * what is done to them, not one by one. */
#include "report/alike.h"

/* Up to so many are shown each. */
#define SHOWN_EACH 2
/* From so many on a plan of any kind is read like that. */
#define MANY_CHANGES 50

/* The account that an ARN is in, and the name at its end. */
static char *account_of(const char *arn)
{
    for (int colon = 0; colon < 4; colon++) {
        arn = strchr(arn, ':');
        if (!arn)
            return irsa_strdup("");
        arn++;
    }
    return irsa_strndup(arn, strcspn(arn, ":"));
}

static const char *name_of(const char *arn)
{
    const char *slash = strrchr(arn, '/');
    return slash ? slash + 1 : arn;
}

char *irsa_report_without_sid(const char *note)
{
    static const char sid[] = " (Sid ";
    const char *at = strstr(note, sid);
    const char *end = at ? strchr(at, ')') : NULL;
    if (!end)
        return irsa_strdup(note);
    irsa_autofree char *before = irsa_strndup(note, (size_t)(at - note));
    return irsa_format("%s%s", before, end + 1);
}

static json_t *notes_without_sids(const json_t *change)
{
    json_t *notes = json_array();
    size_t i;
    json_t *note;
    json_array_foreach(json_object_get(change, "notes"), i, note)
    {
        irsa_autofree char *text =
            irsa_report_without_sid(json_is_string(note) ? json_string_value(note) : "");
        (void)json_array_append_new(notes, json_string(text));
    }
    return notes;
}

/* What is told of a change besides its target and diff. */
static char *likeness_of(const json_t *change, const char *result)
{
    irsa_autofree char *account = account_of(irsa_text_at(change, "target"));
    json_auto_t *parts =
        json_pack("[s, s, s, s, s, O?, O?, O?, o, s]", irsa_text_at(change, "kind"),
                  irsa_text_at(change, "action"), irsa_text_at(change, "class"), account, result,
                  json_object_get(change, "held_back"), json_object_get(change, "over_quota"),
                  json_object_get(change, "blocked"), notes_without_sids(change),
                  irsa_text_at(change, "message"));
    return json_dumps(parts, JSON_COMPACT);
}

json_t *irsa_report_alike(const json_t *changes, const char *result_key)
{
    json_t *groups = json_array();
    irsa_auto_map places = {0};
    size_t i;
    json_t *change;
    json_array_foreach((json_t *)changes, i, change)
    {
        irsa_autofree char *key =
            likeness_of(change, result_key ? irsa_text_at(change, result_key) : "");
        size_t at = irsa_map_get(&places, key);
        if (at == IRSA_MAP_NONE) {
            at = json_array_size(groups);
            irsa_map_put(&places, key, at);
            (void)json_array_append_new(groups, json_array());
        }
        (void)json_array_append(json_array_get(groups, at), change);
    }
    return groups;
}

bool irsa_report_are_many(const json_t *plan)
{
    return irsa_report_is_repoint(plan)
           || json_array_size(json_object_get(plan, "changes")) > MANY_CHANGES;
}

bool irsa_report_is_many(const struct irsa_pen *pen, const json_t *group)
{
    return !pen->style->verbose && json_array_size(group) > SHOWN_EACH;
}

static const char *kind_text(const json_t *change, size_t count)
{
    bool trust = strcmp(irsa_text_at(change, "kind"), "trust-policy") == 0;
    return trust ? count == 1 ? "trust policy" : "trust policies" : irsa_text_at(change, "kind");
}

void irsa_report_group_name(struct irsa_pen *pen, const json_t *group)
{
    size_t count = json_array_size(group);
    const json_t *first = json_array_get(group, 0);
    const json_t *last = json_array_get(group, count - 1);
    irsa_autofree char *account = account_of(irsa_text_at(first, "target"));
    irsa_pen_ink(pen, IRSA_INK_BOLD);
    irsa_pen_say(pen, "%zu ", count);
    irsa_pen_quote(pen, kind_text(first, count));
    irsa_pen_plain(pen);
    irsa_pen_say(pen, " of account ");
    irsa_pen_quote(pen, account);
    irsa_pen_say(pen, " (");
    irsa_pen_quote(pen, irsa_text_at(first, "id"));
    irsa_pen_say(pen, " ... ");
    irsa_pen_quote(pen, irsa_text_at(last, "id"));
    irsa_pen_say(pen, ")");
}

void irsa_report_group_members(struct irsa_pen *pen, const json_t *group)
{
    json_auto_t *names = json_array();
    size_t i;
    json_t *change;
    json_array_foreach((json_t *)group, i, change)(void)
        json_array_append_new(names, json_string(name_of(irsa_text_at(change, "target"))));
    irsa_pen_say(pen, "  roles: ");
    irsa_pen_names(pen, names);
    irsa_pen_say(pen, "\n");
}
