/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/rollback.h"

/* docs/plan.schema.json describes what is made here; tests validate one against the other. */
#define FORMAT_VERSION "1.0"

static void set(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *strings_json(const struct irsa_strings *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->len; i++)
        (void)json_array_append_new(array, json_string(strings->items[i]));
    return array;
}

static json_t *size_json(size_t n)
{
    return json_integer((json_int_t)n);
}

static json_t *cluster_json(const struct irsa_scope *scope)
{
    json_t *cluster = json_object();
    set(cluster, "name", text_or_null(scope->cluster_name));
    set(cluster, "account_id", text_or_null(scope->account_id));
    set(cluster, "region", text_or_null(scope->region));
    set(cluster, "partition", text_or_null(scope->partition));
    set(cluster, "issuer", text_or_null(scope->issuer_url));
    set(cluster, "issuer_inferred", json_boolean(scope->issuer_inferred));
    return cluster;
}

/* --- bindings --------------------------------------------------------------------------------- */

static json_t *binding_name(const struct irsa_binding *binding)
{
    irsa_autofree char *name = irsa_format("%s/%s", binding->namespace_, binding->service_account);
    return json_string(name);
}

static json_t *binding_names(const struct irsa_plan *plan, const size_t *bindings, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(array, binding_name(&plan->bindings.items[bindings[i]]));
    return array;
}

static json_t *works_json(enum irsa_works works)
{
    if (works == IRSA_WORKS_UNKNOWN)
        return json_null();
    return json_boolean(works == IRSA_WORKS_YES);
}

static json_t *links_json(const enum irsa_link_state *states)
{
    static const char *const words[] = {
        [IRSA_LINK_HOLDS] = "holds",
        [IRSA_LINK_BROKEN] = "broken",
        [IRSA_LINK_UNKNOWN] = "unknown",
    };
    json_t *links = json_array();
    for (int link = 0; link < IRSA_LINK_MAX_; link++) {
        json_t *item = json_object();
        set(item, "link", json_string(irsa_link_text((enum irsa_link)link)));
        set(item, "state", json_string(words[states[link]]));
        (void)json_array_append_new(links, item);
    }
    return links;
}

static json_t *named_by_json(unsigned named_by)
{
    static const struct {
        enum irsa_named_by bit;
        const char *text;
    } words[] = {
        {IRSA_NAMED_BY_ANNOTATION, "annotation"},
        {IRSA_NAMED_BY_MISSPELT, "misspelt-annotation"},
        {IRSA_NAMED_BY_TRUST, "trust-policy"},
        {IRSA_NAMED_BY_CONFIG, "config"},
        {IRSA_NAMED_BY_COMMAND_LINE, "command-line"},
        {IRSA_NAMED_BY_MISPLACED, "misplaced-annotation"},
        {IRSA_NAMED_BY_SELECTION, "selection"},
    };
    json_t *array = json_array();
    for (size_t i = 0; i < IRSA_COUNT(words); i++) {
        if (named_by & (unsigned)words[i].bit)
            (void)json_array_append_new(array, json_string(words[i].text));
    }
    return array;
}

/* The codes of each binding, in the order of the findings: one pass over the findings. */
static json_t **codes_by_binding(const struct irsa_plan *plan)
{
    json_t **codes = irsa_calloc(plan->bindings.len + 1, sizeof(json_t *));
    for (size_t i = 0; i < plan->bindings.len; i++)
        codes[i] = json_array();
    for (size_t i = 0; i < plan->diagnosis.finding_count; i++) {
        const struct irsa_finding *finding = &plan->diagnosis.findings[i];
        for (size_t j = 0; j < finding->binding_count; j++) {
            json_t *own = codes[finding->bindings[j]];
            size_t len = json_array_size(own);
            const char *last = len > 0 ? json_string_value(json_array_get(own, len - 1)) : NULL;
            if (!last || strcmp(last, finding->check->code) != 0)
                (void)json_array_append_new(own, json_string(finding->check->code));
        }
    }
    return codes;
}

static json_t *bindings_json(const struct irsa_plan *plan)
{
    json_t **codes = codes_by_binding(plan);
    json_t *array = json_array();
    for (size_t i = 0; i < plan->bindings.len; i++) {
        const struct irsa_binding *binding = &plan->bindings.items[i];
        json_t *item = json_object();
        set(item, "namespace", json_string(binding->namespace_));
        set(item, "service_account", json_string(binding->service_account));
        set(item, "role_arn", text_or_null(binding->role_arn));
        set(item, "works", works_json(plan->diagnosis.works[i]));
        set(item, "codes", codes[i]);
        set(item, "role_name", text_or_null(binding->role_name));
        set(item, "audience", text_or_null(binding->audience));
        set(item, "named_by", named_by_json(binding->named_by));
        set(item, "links", links_json(plan->diagnosis.links[i]));
        (void)json_array_append_new(array, item);
    }
    free(codes);
    return array;
}

/* --- findings --------------------------------------------------------------------------------- */

static json_t *subject_json(const struct irsa_finding *finding)
{
    json_t *subject = json_object();
    set(subject, "kind", text_or_null(finding->subject_kind));
    set(subject, "name", text_or_null(finding->subject_name));
    if (finding->subject_namespace)
        set(subject, "namespace", json_string(finding->subject_namespace));
    return subject;
}

/* Where two long strings that are nearly alike first differ, in characters: the place for a caret.
 * Two that have little in common are told apart without it. */
static json_t *difference_at(const char *observed, const char *expected)
{
    if (!observed || !expected || strcmp(observed, expected) == 0)
        return json_null();
    size_t shorter = strlen(observed) < strlen(expected) ? strlen(observed) : strlen(expected);
    size_t at = irsa_first_difference(observed, expected);
    if (shorter < 12 || at < 4)
        return json_null();
    json_int_t characters = 0;
    for (size_t i = 0; i < at; i++)
        characters += ((unsigned char)observed[i] & 0xC0) != 0x80;
    return json_integer(characters);
}

static json_t *evidence_json(const struct irsa_finding *finding)
{
    json_t *evidence = json_object();
    set(evidence, "observed", text_or_null(finding->observed));
    set(evidence, "expected", text_or_null(finding->expected));
    set(evidence, "source", text_or_null(finding->source));
    set(evidence, "certainty", json_string(irsa_certainty_text(finding->certainty)));
    set(evidence, "difference_at", difference_at(finding->observed, finding->expected));
    return evidence;
}

static json_t *finding_json(const struct irsa_plan *plan, size_t index)
{
    const struct irsa_finding *finding = &plan->diagnosis.findings[index];
    json_t *item = json_object();
    set(item, "code", json_string(finding->check->code));
    set(item, "severity", json_string(irsa_severity_text(finding->severity)));
    set(item, "title", json_string(finding->check->title));
    set(item, "subject", subject_json(finding));
    set(item, "message", text_or_null(finding->message));
    set(item, "evidence", evidence_json(finding));
    set(item, "fixed_by", strings_json(&plan->fixed_by[index]));
    set(item, "mended", json_boolean(plan->mended[index]));
    set(item, "link", json_string(irsa_link_text(finding->check->link)));
    set(item, "help", text_or_null(finding->help));
    set(item, "notes", strings_json(&finding->notes));
    set(item, "bindings", binding_names(plan, finding->bindings, finding->binding_count));
    return item;
}

static json_t *findings_json(const struct irsa_plan *plan)
{
    json_t *array = json_array();
    for (size_t i = 0; i < plan->diagnosis.finding_count; i++)
        (void)json_array_append_new(array, finding_json(plan, i));
    return array;
}

static json_t *checks_json(const struct irsa_diagnosis *diagnosis)
{
    json_t *skipped = json_array();
    for (size_t i = 0; i < diagnosis->skipped_count; i++) {
        json_t *item = json_object();
        set(item, "code", json_string(diagnosis->skipped[i].check->code));
        set(item, "reason", text_or_null(diagnosis->skipped[i].reason));
        (void)json_array_append_new(skipped, item);
    }
    json_t *checks = json_object();
    set(checks, "passed", size_json(diagnosis->passed));
    set(checks, "failed", size_json(diagnosis->failed));
    set(checks, "skipped", skipped);
    return checks;
}

/* --- changes ---------------------------------------------------------------------------------- */

static json_t *value_or_null(json_t *value)
{
    return value ? json_incref(value) : json_null();
}

static json_t *sizes_json(const struct irsa_change *change)
{
    if (change->quota == 0)
        return json_null();
    json_t *sizes = json_object();
    set(sizes, "before", size_json(change->size_before));
    set(sizes, "after", size_json(change->size_after));
    set(sizes, "quota", size_json(change->quota));
    return sizes;
}

static json_t *change_json(const struct irsa_plan *plan, const struct irsa_change *change)
{
    json_t *item = json_object();
    set(item, "id", json_string(change->id));
    set(item, "action", json_string(irsa_action_text(change->action)));
    set(item, "kind", json_string(irsa_object_kind_text(change->kind)));
    set(item, "target", json_string(change->target));
    set(item, "before", value_or_null(change->before));
    set(item, "after", value_or_null(change->after));
    set(item, "diff", json_string(change->diff));
    set(item, "because", strings_json(&change->because));
    set(item, "class", json_string(irsa_class_text(change->class_)));
    set(item, "held_back", json_boolean(change->held_back));
    set(item, "over_quota", json_boolean(change->over_quota));
    if (change->blocked)
        set(item, "blocked", json_true());
    set(item, "notes", strings_json(&change->notes));
    set(item, "semantic", strings_json(&change->semantic));
    set(item, "sizes", sizes_json(change));
    set(item, "bindings", binding_names(plan, change->bindings, change->binding_count));
    return item;
}

static json_t *changes_json(const struct irsa_plan *plan)
{
    json_t *array = json_array();
    for (size_t i = 0; i < plan->change_count; i++)
        (void)json_array_append_new(array, change_json(plan, &plan->changes[i]));
    return array;
}

/* Findings of severity error (with --strict: warning too) that stay when this plan has been
 * applied. */
static size_t undecided(const struct irsa_plan *plan)
{
    size_t count = 0;
    size_t first = irsa_plan_is_repoint(plan) ? plan->repoint_findings : 0;
    for (size_t i = first; i < plan->diagnosis.finding_count; i++) {
        enum irsa_severity severity = plan->diagnosis.findings[i].severity;
        bool counts = severity == IRSA_SEVERITY_ERROR
                      || (plan->intent->strict && severity == IRSA_SEVERITY_WARNING);
        count += counts && !plan->mended[i] && plan->fixed_by[i].len == 0;
    }
    return count;
}

static json_t *summary_json(const struct irsa_plan *plan)
{
    size_t unknown = 0;
    for (size_t i = 0; i < plan->bindings.len; i++)
        unknown += plan->diagnosis.works[i] == IRSA_WORKS_UNKNOWN;
    json_t *summary = json_object();
    set(summary, "create", size_json(plan->creates));
    set(summary, "update", size_json(plan->updates));
    set(summary, "delete", size_json(plan->deletes));
    set(summary, "held_back", size_json(plan->held_back));
    set(summary, "errors", size_json(plan->errors));
    set(summary, "warnings", size_json(plan->warnings));
    set(summary, "notes", size_json(plan->notes));
    set(summary, "decisions", size_json(undecided(plan)));
    set(summary, "unknown", size_json(unknown));
    return summary;
}

json_t *irsa_plan_json(const struct irsa_plan *plan)
{
    json_t *json = json_object();
    set(json, "format_version", json_string(FORMAT_VERSION));
    set(json, "cluster", cluster_json(&plan->bindings.scope));
    set(json, "bindings", bindings_json(plan));
    set(json, "findings", findings_json(plan));
    set(json, "checks", checks_json(&plan->diagnosis));
    set(json, "changes", changes_json(plan));
    if (plan->undo)
        set(json, "rollback", irsa_rollback_json(plan));
    if (plan->repoint)
        set(json, "repoint", json_incref(plan->repoint));
    set(json, "summary", summary_json(plan));
    set(json, "outcome", json_integer(plan->outcome));
    return json;
}
