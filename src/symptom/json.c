/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/symptom.h"

#include "symptom/sanitize.h"

static void set(json_t *object, const char *key, const char *value)
{
    if (value)
        (void)json_object_set_new(object, key, json_string(value));
}

static void set_count(json_t *object, const char *key, size_t value)
{
    (void)json_object_set_new(object, key, json_integer((json_int_t)value));
}

static json_t *values_json(const struct irsa_symptom_values *values)
{
    json_t *object = json_object();
    set(object, "account", values->account);
    set(object, "role", values->role);
    set(object, "principal", values->principal);
    set(object, "provider", values->provider);
    set(object, "issuer", values->issuer);
    set(object, "region", values->region);
    set(object, "cluster", values->cluster);
    set(object, "session", values->session);
    set(object, "namespace", values->namespace_);
    set(object, "service_account", values->service_account);
    set(object, "action", values->action);
    set(object, "resource", values->resource);
    set(object, "request_id", values->request_id);
    return object;
}

static json_t *causes_json(const struct irsa_symptom_match *match)
{
    json_t *array = json_array();
    for (size_t i = 0; i < match->cause_count; i++) {
        const struct irsa_symptom_cause *cause = &match->causes[i];
        json_t *object = json_object();
        set(object, "code", cause->check->code);
        set(object, "title", cause->check->title);
        set(object, "reason", cause->reason);
        (void)json_array_append_new(array, object);
    }
    return array;
}

static json_t *match_json(const struct irsa_symptom_match *match)
{
    irsa_autofree char *command = irsa_symptom_command(match);
    json_t *object = json_object();
    set(object, "id", match->id);
    set(object, "family", irsa_symptom_family_text(match->family));
    set(object, "title", match->title);
    set(object, "message", match->message);
    set_count(object, "count", match->count);
    set_count(object, "first_line", match->first_line);
    set_count(object, "last_line", match->last_line);
    (void)json_object_set_new(object, "values", values_json(&match->values));
    (void)json_object_set_new(object, "causes", causes_json(match));
    set(object, "command", command);
    irsa_autofree char *verify = irsa_symptom_verify_command(match);
    set(object, "verify", verify);
    return object;
}

json_t *irsa_symptoms_json(const struct irsa_symptoms *symptoms, const char *source)
{
    json_t *root = json_object();
    set(root, "format_version", "1.0");
    irsa_autofree char *name = source ? symptom_sanitize(source, strlen(source)) : NULL;
    (void)json_object_set_new(root, "source", name ? json_string(name) : json_null());
    set_count(root, "lines", irsa_symptoms_lines(symptoms));
    json_t *matches = json_array();
    for (size_t i = 0; i < irsa_symptoms_count(symptoms); i++)
        (void)json_array_append_new(matches, match_json(irsa_symptoms_at(symptoms, i)));
    (void)json_object_set_new(root, "matches", matches);
    set_count(root, "left_out", irsa_symptoms_left_out(symptoms));
    (void)json_object_set_new(root, "outcome", json_integer(0));
    return root;
}
