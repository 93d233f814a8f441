/* SPDX-License-Identifier: Apache-2.0 */
/*
 * {"EvaluationResults": [{"EvalActionName", "EvalDecision", "ResourceSpecificResults": [...]}]} of
 * SimulatePrincipalPolicy, with the "PolicySourceArn" that it was asked about added. IAM gave one
 * result for each action and resource ("EvalResourceName") once, and "now returns a single
 * EvaluationResult per action, regardless of how many resource ARNs are provided", whose top level
 * is "the aggregate decision across all requested resources": both are read
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html,
 * API_ResourceSpecificResult.html).
 */
#include "facts/internal.h"

#include "irsa/document.h"

/* Where in the answer something about one resource stands. */
struct result {
    const json_t *object; /* EvaluationResult, or ResourceSpecificResult */
    const json_t *whole;  /* the EvaluationResult */
    bool sole;            /* the whole is about this resource alone */
    const char *action;   /* EvalActionName */
    const char *resource; /* EvalResourceName */
    const char *decision; /* EvalDecision, EvalResourceDecision */
};

static int decision_of(const struct irsa_take *take, const char *text, enum irsa_simulated *ret)
{
    static const char *const words[] = {
        [IRSA_SIMULATED_ALLOWED] = "allowed",
        [IRSA_SIMULATED_DENIED_EXPLICIT] = "explicitDeny",
        [IRSA_SIMULATED_DENIED_IMPLICIT] = "implicitDeny",
    };
    for (size_t i = 0; i < IRSA_COUNT(words); i++) {
        if (strcmp(text, words[i]) == 0) {
            *ret = (enum irsa_simulated)i;
            return 0;
        }
    }
    return irsa_take_fail(take, "EvalDecision", "\"%s\" is no decision", text);
}

/* True where the detail says so; at the top level of several resources it may be another's. */
static bool is_denied(const struct result *result, const char *detail, const char *key)
{
    const json_t *own = json_object_get(result->object, detail);
    if (!own && result->sole)
        own = json_object_get(result->whole, detail);
    return json_is_false(json_object_get(own, key));
}

static bool lacks_context(const struct result *result)
{
    return json_array_size(json_object_get(result->object, "MissingContextValues")) > 0
           || json_array_size(json_object_get(result->whole, "MissingContextValues")) > 0;
}

static const char *key_of(struct irsa_key *key, const char *role, const char *action,
                          const char *resource)
{
    irsa_autofree char *lower = irsa_lower(action);
    return irsa_key_of(key, role, lower, resource);
}

static int add(struct irsa_take *take, const char *role, const struct result *result)
{
    struct irsa_facts *facts = take->facts;
    irsa_auto_key key = {0};
    const char *text = key_of(&key, role, result->action, result->resource);
    struct irsa_simulation now = {
        .denied_by_organization =
            is_denied(result, "OrganizationsDecisionDetail", "AllowedByOrganizations"),
        .denied_by_boundary =
            is_denied(result, "PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary"),
        .lacks_context = lacks_context(result),
    };
    if (decision_of(take, result->decision, &now.decision) != 0)
        return -1;
    size_t found = irsa_map_get(&facts->index->simulations, text);
    if (found == IRSA_MAP_NONE) {
        found = facts->simulation_count;
        facts->simulations =
            irsa_grow(facts->simulations, facts->simulation_count, sizeof(*facts->simulations));
        now.role_arn = irsa_strdup(role);
        now.action = irsa_strdup(result->action);
        now.resource = irsa_strdup(result->resource);
        facts->simulations[facts->simulation_count++] = now;
        irsa_map_put(&facts->index->simulations, text, found);
    }
    struct irsa_simulation *one = &facts->simulations[found];
    if (one->decision != now.decision
        || one->denied_by_organization != now.denied_by_organization) {
        irsa_autofree char *what = irsa_format("simulation of %s for %s", result->action, role);
        return irsa_copies_differ(take, &one->origins, what, "EvalDecision", "one", "another one");
    }
    irsa_origins_add(&one->origins, &take->origin);
    return 0;
}

static int take_one(struct irsa_take *take, const char *role, const json_t *object)
{
    struct result result = {.object = object, .whole = object, .sole = true};
    json_t *list = NULL;
    size_t i = 0;
    json_t *item = NULL;
    if (irsa_take_required(take, object, "EvalActionName", &result.action) != 0
        || irsa_take_array(take, object, "ResourceSpecificResults", &list) != 0)
        return -1;
    if (json_array_size(list) == 0) {
        if (irsa_take_required(take, object, "EvalDecision", &result.decision) != 0
            || irsa_take_required(take, object, "EvalResourceName", &result.resource) != 0)
            return -1;
        return add(take, role, &result);
    }
    result.sole = json_array_size(list) == 1;
    json_array_foreach(list, i, item)
    {
        result.object = item;
        if (irsa_take_required(take, item, "EvalResourceName", &result.resource) != 0
            || irsa_take_required(take, item, "EvalResourceDecision", &result.decision) != 0
            || add(take, role, &result) != 0)
            return -1;
    }
    return 0;
}

int irsa_take_simulations(struct irsa_take *take, const json_t *document, bool *ret_known)
{
    const json_t *list = json_object_get(document, "EvaluationResults");
    const char *role = NULL;
    size_t i = 0;
    json_t *item = NULL;
    if (!json_is_array(list) || !json_object_get(document, "PolicySourceArn"))
        return 0;
    *ret_known = true;
    if (irsa_take_required(take, document, "PolicySourceArn", &role) != 0)
        return -1;
    take->origin.list = "EvaluationResults";
    json_array_foreach(list, i, item)
    {
        take->origin.item = (uint32_t)i;
        if (take_one(take, role, item) != 0)
            return -1;
    }
    take->origin.list = NULL;
    take->origin.item = UINT32_MAX;
    return 0;
}

const struct irsa_simulation *irsa_facts_simulation(const struct irsa_facts *facts,
                                                    const char *role_arn, const char *action,
                                                    const char *resource)
{
    irsa_auto_key key = {0};
    size_t found =
        irsa_map_get(&facts->index->simulations, key_of(&key, role_arn, action, resource));
    return found == IRSA_MAP_NONE ? NULL : &facts->simulations[found];
}
