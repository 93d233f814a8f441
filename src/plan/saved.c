/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/plan.h"

#define SAVED_PLAN_FORMAT "1"

/* SHA-256 over all members but the digest itself, canonical: formatting does not count, content
 * does. */
static void digest_of(const json_t *saved, char ret_hex[65])
{
    json_auto_t *rest = json_copy((json_t *)saved);
    (void)json_object_del(rest, "digest");
    irsa_auto_buf buf = {0};
    irsa_json_write_canonical(rest, &buf);
    irsa_sha256_hex(irsa_buf_str(&buf), buf.len, ret_hex);
}

json_t *irsa_saved_plan_new(const struct irsa_plan *plan, const json_t *source,
                            const json_t *arguments)
{
    json_t *saved = json_object();
    (void)json_object_set_new(saved, "irsa_fix_plan", json_string(SAVED_PLAN_FORMAT));
    (void)json_object_set_new(saved, "irsa_fix_version", json_string(IRSA_FIX_VERSION));
    (void)json_object_set(saved, "source", (json_t *)source);
    (void)json_object_set(saved, "arguments", (json_t *)arguments);
    (void)json_object_set_new(saved, "plan", irsa_plan_json(plan));
    (void)json_object_set_new(saved, "observed", irsa_facts_digests(plan->facts));
    char hex[65];
    digest_of(saved, hex);
    (void)json_object_set_new(saved, "digest", json_string(hex));
    return saved;
}

static int check_members(const char *name, const json_t *saved, struct irsa_error **reterr)
{
    static const struct {
        const char *name;
        json_type type;
    } members[] = {
        {"source", JSON_OBJECT},   {"arguments", JSON_OBJECT}, {"plan", JSON_OBJECT},
        {"observed", JSON_OBJECT}, {"digest", JSON_STRING},
    };
    for (size_t i = 0; i < IRSA_COUNT(members); i++) {
        const json_t *value = json_object_get(saved, members[i].name);
        if (!value)
            return irsa_fail(reterr, IRSA_E_PARSE, "%s: the saved plan has no \"%s\"", name,
                             members[i].name);
        if (json_typeof(value) != members[i].type)
            return irsa_fail(reterr, IRSA_E_PARSE, "%s: %s: %s expected", name, members[i].name,
                             members[i].type == JSON_OBJECT ? "an object" : "a string");
    }
    return 0;
}

/* "1.0": a reader of 1.x reads any 1.y; another major number is another format. */
static int check_plan_format(const char *name, const json_t *plan, struct irsa_error **reterr)
{
    const char *version = irsa_json_string(plan, "format_version", NULL);
    if (!version || !irsa_has_prefix(version, "1."))
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "%s: plan.format_version is %s, this irsa-fix reads 1.x", name,
                         version ? version : "missing");
    static const char *const arrays[] = {"bindings", "findings", "changes"};
    for (size_t i = 0; i < IRSA_COUNT(arrays); i++) {
        if (!json_is_array(json_object_get(plan, arrays[i])))
            return irsa_fail(reterr, IRSA_E_PARSE, "%s: plan.%s: an array expected", name,
                             arrays[i]);
    }
    if (!json_is_integer(json_object_get(plan, "outcome")))
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: plan.outcome: a number expected", name);
    return 0;
}

int irsa_saved_plan_check(const char *name, const json_t *saved, struct irsa_error **reterr)
{
    const json_t *format = json_is_object(saved) ? json_object_get(saved, "irsa_fix_plan") : NULL;
    if (!format) {
        (void)irsa_fail(reterr, IRSA_E_PARSE, "%s: this is no saved plan of irsa-fix", name);
        return irsa_hint(reterr, "plan --save FILE writes one");
    }
    const char *text = json_string_value(format);
    if (!text || strcmp(text, SAVED_PLAN_FORMAT) != 0) {
        const char *by = irsa_json_string(saved, "irsa_fix_version", NULL);
        (void)irsa_fail(reterr, IRSA_E_PARSE,
                        "%s: saved plan of format %s (irsa-fix %s), this irsa-fix reads format %s",
                        name, text ? text : "?", by ? by : "?", SAVED_PLAN_FORMAT);
        return irsa_hint(reterr, "make the plan again with this version");
    }
    if (check_members(name, saved, reterr) < 0
        || check_plan_format(name, json_object_get(saved, "plan"), reterr) < 0)
        return -1;
    char hex[65];
    digest_of(saved, hex);
    if (strcmp(hex, irsa_json_string(saved, "digest", NULL)) != 0) {
        (void)irsa_fail(
            reterr, IRSA_E_PARSE,
            "%s: the saved plan was changed after it was written (its digest does not match)",
            name);
        return irsa_hint(reterr,
                         "a plan is applied as it was reviewed or not at all: make it again");
    }
    return 0;
}

/* --- against the world as it is now ----------------------------------------------------------- */

#define NAMED_AT_MOST 5

static void collect_moved(const json_t *then, const json_t *now, struct irsa_strings *moved)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)then, key, value)
    {
        const json_t *other = json_object_get(now, key);
        if (!other)
            irsa_strings_take(moved, irsa_format("%s is gone", key));
        else if (!json_equal(value, other))
            irsa_strings_take(moved, irsa_format("%s has changed", key));
    }
    json_object_foreach((json_t *)now, key, value)
    {
        if (!json_object_get(then, key))
            irsa_strings_take(moved, irsa_format("%s is new", key));
    }
    irsa_strings_sort(moved);
}

int irsa_saved_plan_compare(const json_t *saved, const struct irsa_plan *now,
                            struct irsa_error **reterr)
{
    json_auto_t *digests = irsa_facts_digests(now->facts);
    irsa_auto_strings moved = {0};
    collect_moved(json_object_get(saved, "observed"), digests, &moved);
    if (moved.len > 0) {
        irsa_autofree char *text = irsa_strings_some(&moved, NAMED_AT_MOST);
        (void)irsa_fail(reterr, IRSA_E_CONFLICT, "the world has moved since the plan was made: %s",
                        text);
        return irsa_hint(reterr, "make the plan again, nothing was changed");
    }
    json_auto_t *plan = irsa_plan_json(now);
    if (!json_equal(irsa_json_get(saved, "plan", "changes", NULL),
                    json_object_get(plan, "changes"))) {
        (void)irsa_fail(
            reterr, IRSA_E_CONFLICT,
            "the same world gives other changes now (irsa-fix.ini, templates or --allow "
            "differ from what the plan was made with)");
        return irsa_hint(reterr, "make the plan again, nothing was changed");
    }
    return 0;
}
