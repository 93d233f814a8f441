/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/rollback.h"

/* docs/plan.schema.json describes what is made here; tests validate one against the other. */
#define FORMAT_VERSION "1.0"

static json_t *strings_json(const struct irsa_strings *strings)
{
    json_t *array = json_array();
    for (size_t i = 0; i < strings->len; i++)
        (void)json_array_append_new(array, json_string(strings->items[i]));
    return array;
}

static json_t *cluster_json(const struct irsa_scope *scope)
{
    json_t *cluster = json_object();
    irsa_json_set(cluster, "name", irsa_json_text(scope->cluster_name));
    irsa_json_set(cluster, "account_id", irsa_json_text(scope->account_id));
    if (scope->account_alias)
        irsa_json_set(cluster, "account_alias", json_string(scope->account_alias));
    irsa_json_set(cluster, "region", irsa_json_text(scope->region));
    irsa_json_set(cluster, "partition", irsa_json_text(scope->partition));
    irsa_json_set(cluster, "issuer", irsa_json_text(scope->issuer_url));
    irsa_json_set(cluster, "issuer_inferred", json_boolean(scope->issuer_inferred));
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
        irsa_json_set(item, "link", json_string(irsa_link_text((enum irsa_link)link)));
        irsa_json_set(item, "state", json_string(words[states[link]]));
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
        irsa_json_set(item, "namespace", json_string(binding->namespace_));
        irsa_json_set(item, "service_account", json_string(binding->service_account));
        irsa_json_set(item, "role_arn", irsa_json_text(binding->role_arn));
        irsa_json_set(item, "works", works_json(plan->diagnosis.works[i]));
        irsa_json_set(item, "codes", codes[i]);
        irsa_json_set(item, "role_name", irsa_json_text(binding->role_name));
        irsa_json_set(item, "audience", irsa_json_text(binding->audience));
        irsa_json_set(item, "named_by", named_by_json(binding->named_by));
        irsa_json_set(item, "links", links_json(plan->diagnosis.links[i]));
        (void)json_array_append_new(array, item);
    }
    free(codes);
    return array;
}

/* --- findings --------------------------------------------------------------------------------- */

static json_t *subject_json(const struct irsa_finding *finding)
{
    json_t *subject = json_object();
    irsa_json_set(subject, "kind", irsa_json_text(finding->subject_kind));
    irsa_json_set(subject, "name", irsa_json_text(finding->subject_name));
    if (finding->subject_namespace)
        irsa_json_set(subject, "namespace", json_string(finding->subject_namespace));
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
    irsa_json_set(evidence, "observed", irsa_json_text(finding->observed));
    irsa_json_set(evidence, "expected", irsa_json_text(finding->expected));
    irsa_json_set(evidence, "source", irsa_json_text(finding->source));
    irsa_json_set(evidence, "certainty", json_string(irsa_certainty_text(finding->certainty)));
    irsa_json_set(evidence, "difference_at", difference_at(finding->observed, finding->expected));
    return evidence;
}

static json_t *finding_json(const struct irsa_plan *plan, size_t index)
{
    const struct irsa_finding *finding = &plan->diagnosis.findings[index];
    json_t *item = json_object();
    irsa_json_set(item, "code", json_string(finding->check->code));
    irsa_json_set(item, "severity", json_string(irsa_severity_text(finding->severity)));
    irsa_json_set(item, "title", json_string(finding->check->title));
    irsa_json_set(item, "subject", subject_json(finding));
    irsa_json_set(item, "message", irsa_json_text(finding->message));
    irsa_json_set(item, "evidence", evidence_json(finding));
    irsa_json_set(item, "fixed_by", strings_json(&plan->fixed_by[index]));
    irsa_json_set(item, "mended", json_boolean(plan->mended[index]));
    irsa_json_set(item, "link", json_string(irsa_link_text(finding->check->link)));
    irsa_json_set(item, "help", irsa_json_text(finding->help));
    irsa_json_set(item, "notes", strings_json(&finding->notes));
    irsa_json_set(item, "bindings", binding_names(plan, finding->bindings, finding->binding_count));
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
        irsa_json_set(item, "code", json_string(diagnosis->skipped[i].check->code));
        irsa_json_set(item, "reason", irsa_json_text(diagnosis->skipped[i].reason));
        (void)json_array_append_new(skipped, item);
    }
    json_t *checks = json_object();
    irsa_json_set(checks, "passed", irsa_json_size(diagnosis->passed));
    irsa_json_set(checks, "failed", irsa_json_size(diagnosis->failed));
    irsa_json_set(checks, "skipped", skipped);
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
    irsa_json_set(sizes, "before", irsa_json_size(change->size_before));
    irsa_json_set(sizes, "after", irsa_json_size(change->size_after));
    irsa_json_set(sizes, "quota", irsa_json_size(change->quota));
    return sizes;
}

static json_t *change_json(const struct irsa_plan *plan, const struct irsa_change *change)
{
    json_t *item = json_object();
    irsa_json_set(item, "id", json_string(change->id));
    irsa_json_set(item, "action", json_string(irsa_action_text(change->action)));
    irsa_json_set(item, "kind", json_string(irsa_object_kind_text(change->kind)));
    irsa_json_set(item, "target", json_string(change->target));
    irsa_json_set(item, "before", value_or_null(change->before));
    irsa_json_set(item, "after", value_or_null(change->after));
    irsa_json_set(item, "diff", json_string(change->diff));
    irsa_json_set(item, "because", strings_json(&change->because));
    irsa_json_set(item, "class", json_string(irsa_class_text(change->class_)));
    irsa_json_set(item, "held_back", json_boolean(change->held_back));
    irsa_json_set(item, "over_quota", json_boolean(change->over_quota));
    if (change->blocked)
        irsa_json_set(item, "blocked", json_true());
    irsa_json_set(item, "notes", strings_json(&change->notes));
    irsa_json_set(item, "semantic", strings_json(&change->semantic));
    irsa_json_set(item, "sizes", sizes_json(change));
    irsa_json_set(item, "bindings", binding_names(plan, change->bindings, change->binding_count));
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
    irsa_json_set(summary, "create", irsa_json_size(plan->creates));
    irsa_json_set(summary, "update", irsa_json_size(plan->updates));
    irsa_json_set(summary, "delete", irsa_json_size(plan->deletes));
    irsa_json_set(summary, "held_back", irsa_json_size(plan->held_back));
    irsa_json_set(summary, "errors", irsa_json_size(plan->errors));
    irsa_json_set(summary, "warnings", irsa_json_size(plan->warnings));
    irsa_json_set(summary, "notes", irsa_json_size(plan->notes));
    irsa_json_set(summary, "decisions", irsa_json_size(undecided(plan)));
    irsa_json_set(summary, "unknown", irsa_json_size(unknown));
    return summary;
}

json_t *irsa_plan_json(const struct irsa_plan *plan)
{
    json_t *json = json_object();
    irsa_json_set(json, "format_version", json_string(FORMAT_VERSION));
    irsa_json_set(json, "cluster", cluster_json(&plan->bindings.scope));
    irsa_json_set(json, "bindings", bindings_json(plan));
    irsa_json_set(json, "findings", findings_json(plan));
    irsa_json_set(json, "checks", checks_json(&plan->diagnosis));
    irsa_json_set(json, "changes", changes_json(plan));
    if (plan->undo)
        irsa_json_set(json, "rollback", irsa_rollback_json(plan));
    if (plan->repoint)
        irsa_json_set(json, "repoint", json_incref(plan->repoint));
    irsa_json_set(json, "summary", summary_json(plan));
    irsa_json_set(json, "outcome", json_integer(plan->outcome));
    return json;
}
