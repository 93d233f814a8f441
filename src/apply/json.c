/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/apply.h"

static const char *state_text(enum irsa_change_state state)
{
    static const char *const texts[] = {
        [IRSA_CHANGE_DONE] = "done",
        [IRSA_CHANGE_HELD_BACK] = "held-back",
        [IRSA_CHANGE_FAILED] = "failed",
        [IRSA_CHANGE_SKIPPED] = "skipped",
    };
    return texts[state];
}

static void add_results(json_t *changes, const struct irsa_apply_result *result)
{
    for (size_t i = 0; i < result->change_count; i++) {
        json_t *change = json_array_get(changes, i);
        irsa_json_set(change, "result", json_string(state_text(result->changes[i].state)));
        irsa_json_set(change, "message", irsa_json_text(result->changes[i].message));
        irsa_json_set(change, "hint", irsa_json_text(result->changes[i].hint));
    }
}

/* --- then and now ----------------------------------------------------------------------------- */

static char *change_key(const struct irsa_change *change)
{
    return irsa_format("%d %d %d %s", (int)change->kind, (int)change->class_,
                       (int)change->over_quota, change->target);
}

/* Changes that were made and that a plan made now does not want any more. */
static size_t count_verified(const struct irsa_plan *plan, const struct irsa_apply_result *result)
{
    irsa_auto_map wanted = {0};
    for (size_t i = 0; i < result->after->change_count; i++) {
        irsa_autofree char *key = change_key(&result->after->changes[i]);
        irsa_map_put(&wanted, key, i);
    }
    size_t verified = 0;
    for (size_t i = 0; i < result->change_count; i++) {
        irsa_autofree char *key = change_key(&plan->changes[i]);
        verified += result->changes[i].state == IRSA_CHANGE_DONE
                    && irsa_map_get(&wanted, key) == IRSA_MAP_NONE;
    }
    return verified;
}

static char *finding_name(const struct irsa_finding *finding)
{
    const char *namespace_ = finding->subject_namespace;
    return irsa_format("%s %s %s%s%s", finding->check->code,
                       finding->subject_kind ? finding->subject_kind : "",
                       namespace_ ? namespace_ : "", namespace_ ? "/" : "",
                       finding->subject_name ? finding->subject_name : "");
}

static json_t *resolved_json(const struct irsa_plan *before, const struct irsa_plan *after)
{
    irsa_auto_map still = {0};
    for (size_t i = 0; i < after->diagnosis.finding_count; i++) {
        irsa_autofree char *name = finding_name(&after->diagnosis.findings[i]);
        irsa_map_put(&still, name, i);
    }
    json_t *resolved = json_array();
    for (size_t i = 0; i < before->diagnosis.finding_count; i++) {
        irsa_autofree char *name = finding_name(&before->diagnosis.findings[i]);
        if (irsa_map_get(&still, name) == IRSA_MAP_NONE)
            (void)json_array_append_new(resolved, json_string(name));
    }
    return resolved;
}

static json_t *remaining_json(const struct irsa_plan *after)
{
    json_t *remaining = json_array();
    for (size_t i = 0; i < after->diagnosis.finding_count; i++) {
        const struct irsa_finding *finding = &after->diagnosis.findings[i];
        irsa_autofree char *name = finding_name(finding);
        if (finding->severity != IRSA_SEVERITY_NOTE)
            (void)json_array_append_new(remaining, json_string(name));
    }
    return remaining;
}

static json_t *restart_json(const struct irsa_plan *after)
{
    json_t *restart = json_array();
    for (size_t i = 0; i < after->change_count; i++) {
        const struct irsa_change *change = &after->changes[i];
        if (change->kind == IRSA_OBJECT_WORKLOAD && change->class_ == IRSA_CLASS_RESTART)
            (void)json_array_append_new(restart, json_string(change->target));
    }
    return restart;
}

static json_t *applied_json(const struct irsa_plan *plan, const struct irsa_apply_result *result)
{
    const struct irsa_plan *after = result->after;
    json_t *applied = json_object();
    irsa_json_set(applied, "done", irsa_json_size(result->done));
    irsa_json_set(applied, "failed", irsa_json_size(result->failed));
    irsa_json_set(applied, "skipped", irsa_json_size(result->skipped));
    irsa_json_set(applied, "interrupted", json_boolean(result->interrupted));
    irsa_json_set(applied, "verified",
                  after ? irsa_json_size(count_verified(plan, result)) : json_null());
    irsa_json_set(applied, "resolved", after ? resolved_json(plan, after) : json_array());
    irsa_json_set(applied, "remaining", after ? remaining_json(after) : json_array());
    irsa_json_set(applied, "restart", after ? restart_json(after) : json_array());
    irsa_json_set(applied, "recheck_error", irsa_json_text(result->recheck_error));
    return applied;
}

json_t *irsa_apply_json(const struct irsa_plan *plan, const struct irsa_apply_result *result)
{
    json_t *json = irsa_plan_json(plan);
    add_results(json_object_get(json, "changes"), result);
    irsa_json_set(json, "applied", applied_json(plan, result));
    irsa_json_set(json, "recheck", result->after ? irsa_plan_json(result->after) : json_null());
    irsa_json_set(json, "outcome", json_integer(irsa_apply_outcome(result)));
    return json;
}
