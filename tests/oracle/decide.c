/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers policy questions, one JSON object a line on stdin, one decision a line on stdout:
 *   {"kind": "trust"|"identity", "policies": [POLICY...], "boundary": POLICY?,
 *    "request": {"principal_type"?, "principal"?, "action", "resource"?, "context"?, "issuer"?}}
 */
#include "irsa/policy.h"

static const char *const decisions[] = {"allowed", "denied_explicit", "denied_implicit", "unknown"};

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static enum irsa_decision decide(const json_t *question)
{
    const char *kind_text = text_of(question, "kind");
    const enum irsa_policy_kind kind =
        kind_text && strcmp(kind_text, "trust") == 0 ? IRSA_POLICY_TRUST : IRSA_POLICY_IDENTITY;
    const json_t *asked = json_object_get(question, "request");
    const struct irsa_request request = {
        .principal_type = text_of(asked, "principal_type"),
        .principal = text_of(asked, "principal"),
        .action = text_of(asked, "action"),
        .resource = text_of(asked, "resource"),
        .context = json_object_get(asked, "context"),
        .issuer = text_of(asked, "issuer"),
    };
    const json_t *documents = json_object_get(question, "policies");
    const size_t count = json_array_size(documents);
    struct irsa_policy **policies = irsa_calloc(count + 1, sizeof(*policies));
    for (size_t i = 0; i < count; i++)
        policies[i] = irsa_policy_new(json_array_get(documents, i), kind);
    const json_t *boundary_document = json_object_get(question, "boundary");
    irsa_auto_policy boundary = boundary_document ? irsa_policy_new(boundary_document, kind) : NULL;
    const enum irsa_decision decision = irsa_policies_decide(
        (const struct irsa_policy *const *)policies, count, boundary, &request);
    for (size_t i = 0; i < count; i++)
        irsa_policy_free(policies[i]);
    free((void *)policies);
    return decision;
}

int main(void)
{
    irsa_autofree char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) > 0) {
        json_error_t error;
        json_auto_t *question = json_loads(line, 0, &error);
        if (!text_of(json_object_get(question, "request"), "action")) {
            (void)fprintf(stderr, "not a question: %s\n", line);
            return 1;
        }
        (void)printf("%s\n", decisions[decide(question)]);
    }
    return 0;
}
