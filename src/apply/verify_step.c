/* SPDX-License-Identifier: Apache-2.0 */
/* Steps, and the answer made of them (docs/verify.schema.json). */
#include "apply/verify.h"

#define FORMAT_VERSION "1.0"

/* Exit statuses: design.md's table, README.md. */
enum { OUTCOME_PROVEN = 0, OUTCOME_FAILED = 1, OUTCOME_REMAINS = 3, OUTCOME_PERMISSION = 4 };

static const char *const states[] = {
    [IRSA_STEP_OK] = "ok",
    [IRSA_STEP_FAILED] = "failed",
    [IRSA_STEP_UNKNOWN] = "unknown",
    [IRSA_STEP_SKIPPED] = "skipped",
};

/* Words of servers, which may be no UTF-8. */
static json_t *any_text(const char *text)
{
    size_t len = strlen(text);
    (void)irsa_utf8_valid(text, len, &len);
    return json_stringn(text, len);
}

json_t *irsa_step(struct irsa_proof *proof, const char *name, enum irsa_step_state state,
                  const char *code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *message = irsa_vformat(fmt, args);
    va_end(args);
    json_t *step = json_object();
    irsa_json_set(step, "step", json_string(name));
    irsa_json_set(step, "state", json_string(states[state]));
    irsa_json_set(step, "message", any_text(message));
    irsa_json_set(step, "code", state == IRSA_STEP_OK ? json_null() : irsa_json_text(code));
    irsa_json_set(step, "evidence", json_null());
    irsa_json_set(step, "help", json_null());
    (void)json_array_append_new(proof->steps, step);
    free(message);
    proof->failed = proof->failed || state == IRSA_STEP_FAILED;
    proof->unknown = proof->unknown || state == IRSA_STEP_UNKNOWN || state == IRSA_STEP_SKIPPED;
    return step;
}

void irsa_step_evidence(json_t *step, const char *observed, const char *expected,
                        const char *source)
{
    json_t *evidence = json_object();
    irsa_json_set(evidence, "observed", observed ? any_text(observed) : json_null());
    irsa_json_set(evidence, "expected", expected ? any_text(expected) : json_null());
    irsa_json_set(evidence, "source", source ? any_text(source) : json_null());
    irsa_json_set(step, "evidence", evidence);
}

void irsa_step_help(json_t *step, const char *help)
{
    irsa_json_set(step, "help", help ? any_text(help) : json_null());
}

void irsa_step_error(struct irsa_verify_run *run, struct irsa_proof *proof, const char *name,
                     const struct irsa_error *error)
{
    enum irsa_error_kind kind = irsa_error_kind(error);
    bool access = kind == IRSA_E_ACCESS || kind == IRSA_E_AUTH;
    run->access = run->access || access;
    run->network = run->network || !access;
    json_t *step = irsa_step(proof, name, IRSA_STEP_UNKNOWN, NULL, "%s", irsa_error_message(error));
    irsa_step_help(step, irsa_error_hint(error));
}

void irsa_step_cause(struct irsa_verify_run *run, struct irsa_proof *proof, const char *name,
                     const struct irsa_cause *cause, const struct irsa_aws_web_identity *call)
{
    run->network = run->network || cause->passing;
    json_t *step = irsa_step(proof, name, cause->passing ? IRSA_STEP_UNKNOWN : IRSA_STEP_FAILED,
                             cause->code, "%s", cause->message);
    irsa_step_evidence(step, cause->observed, cause->expected, cause->source);
    irsa_step_help(step, cause->help);
    if (!call || !call->code)
        return;
    irsa_autofree char *said = irsa_format("%s%s%s", call->code, call->message ? ": " : "",
                                           call->message ? call->message : "");
    irsa_json_set(step, "refusal", any_text(said));
    if (call->request_id)
        irsa_json_set(step, "request_id", any_text(call->request_id));
}

/* --- the answer ------------------------------------------------------------------------------- */

enum verdict { VERDICT_PROVEN, VERDICT_REFUSED, VERDICT_UNKNOWN };

/* A link that could not be looked at does not undo what STS itself says, but it must not be one
 * that STS says nothing about: whether the account names the role, and whether a pod gets it. */
static bool is_open(const struct irsa_proof *proof)
{
    size_t i = 0;
    json_t *step = NULL;
    if (proof->pod_proven)
        return false;
    json_array_foreach(proof->steps, i, step)
    {
        const char *name = json_string_value(json_object_get(step, "step"));
        const char *state = json_string_value(json_object_get(step, "state"));
        if (strcmp(state, states[IRSA_STEP_UNKNOWN]) == 0 && strcmp(name, "service-account") == 0)
            return true;
    }
    return !proof->role_proven;
}

static enum verdict verdict_of(const struct irsa_verify_run *run, const struct irsa_proof *proof)
{
    if (proof->failed)
        return VERDICT_REFUSED;
    if (is_open(proof) || (run->options->pods && !proof->pod_proven))
        return VERDICT_UNKNOWN;
    return VERDICT_PROVEN;
}

static json_t *binding_json(const struct irsa_proof *proof, enum verdict verdict)
{
    const struct irsa_binding *binding = proof->binding;
    json_t *json = json_object();
    irsa_json_set(json, "namespace", json_string(binding->namespace_));
    irsa_json_set(json, "service_account", json_string(binding->service_account));
    irsa_json_set(json, "role_arn", irsa_json_text(binding->role_arn));
    irsa_json_set(json, "audience", irsa_json_text(binding->audience));
    irsa_json_set(json, "proven",
                  verdict == VERDICT_UNKNOWN ? json_null()
                                             : json_boolean(verdict == VERDICT_PROVEN));
    irsa_json_set(json, "steps", json_incref(proof->steps));
    return json;
}

static int outcome_of(const struct irsa_verify_run *run, const size_t *counts)
{
    if (run->access)
        return OUTCOME_PERMISSION;
    if (run->network)
        return OUTCOME_FAILED;
    return counts[VERDICT_REFUSED] + counts[VERDICT_UNKNOWN] > 0 ? OUTCOME_REMAINS : OUTCOME_PROVEN;
}

json_t *irsa_verify_document(const struct irsa_verify_run *run)
{
    size_t counts[] = {[VERDICT_PROVEN] = 0, [VERDICT_REFUSED] = 0, [VERDICT_UNKNOWN] = 0};
    json_auto_t *plan = irsa_plan_json(run->plan);
    json_t *bindings = json_array();
    for (size_t i = 0; i < run->count; i++) {
        enum verdict verdict = verdict_of(run, &run->proofs[i]);
        counts[verdict]++;
        (void)json_array_append_new(bindings, binding_json(&run->proofs[i], verdict));
    }
    json_t *summary = json_object();
    irsa_json_set(summary, "proven", json_integer((json_int_t)counts[VERDICT_PROVEN]));
    irsa_json_set(summary, "refused", json_integer((json_int_t)counts[VERDICT_REFUSED]));
    irsa_json_set(summary, "unknown", json_integer((json_int_t)counts[VERDICT_UNKNOWN]));
    json_t *document = json_object();
    irsa_json_set(document, "format_version", json_string(FORMAT_VERSION));
    irsa_json_set(document, "cluster", json_incref(json_object_get(plan, "cluster")));
    irsa_json_set(document, "pods", json_boolean(run->options->pods));
    irsa_json_set(document, "bindings", bindings);
    irsa_json_set(document, "application", irsa_verify_applications(run->plan));
    irsa_json_set(document, "summary", summary);
    irsa_json_set(document, "interrupted", json_boolean(irsa_verify_stopped(run)));
    irsa_json_set(document, "outcome", json_integer(outcome_of(run, counts)));
    return document;
}
