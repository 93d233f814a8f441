/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <strings.h>

struct proof {
    const struct irsa_edit *edit;
    const struct irsa_policy *before;
    const struct irsa_policy *after;
    const struct irsa_policy *allowance; /* what this allows may be new; NULL: nothing */
};

static bool is_wish(const struct irsa_edit *edit, const struct irsa_neighbour *neighbour)
{
    return neighbour->subject && strcmp(neighbour->subject, edit->wish->subject) == 0
           && strcmp(neighbour->audience, edit->wish->audience) == 0
           && strcmp(neighbour->request.principal, edit->wish->provider_arn) == 0
           && strcasecmp(neighbour->request.action, IRSA_ACTION_WEB_IDENTITY) == 0;
}

/* Could anybody ever make this request? What nobody can, may be refused from now on. */
static bool is_possible(const struct irsa_edit *edit, const struct irsa_neighbour *neighbour)
{
    const struct irsa_trust_wish *wish = edit->wish;
    if (!neighbour->subject)
        return strcasecmp(neighbour->request.principal_type, "Federated") != 0
               || irsa_edit_provider_possible(edit, neighbour->request.principal);
    const char *action = neighbour->request.action;
    if (strcasecmp(action, IRSA_ACTION_WEB_IDENTITY) != 0
        && strcasecmp(action, "sts:TagSession") != 0)
        return false;
    if (!irsa_edit_provider_possible(edit, neighbour->request.principal)
        || irsa_edit_subject_malformed(neighbour->subject)
        || irsa_edit_audience_malformed(neighbour->audience))
        return false;
    return !wish->subject_missing
           || !wish->subject_missing(wish->context, neighbour->request.issuer, neighbour->subject);
}

int irsa_edit_openness(const struct irsa_policy *policy, const struct irsa_request *request)
{
    enum irsa_decision decision = irsa_policy_decide(policy, request);
    if (decision == IRSA_DECISION_ALLOWED)
        return 2;
    return decision == IRSA_DECISION_UNKNOWN ? 1 : 0;
}

static bool same_answer(const struct irsa_neighbour *neighbour, void *context)
{
    const struct proof *proof = context;
    if (is_wish(proof->edit, neighbour))
        return true;
    int before = irsa_edit_openness(proof->before, &neighbour->request);
    int after = irsa_edit_openness(proof->after, &neighbour->request);
    if (after > before)
        return proof->allowance
               && irsa_edit_openness(proof->allowance, &neighbour->request) >= after;
    return after == before || !is_possible(proof->edit, neighbour);
}

bool irsa_edit_prove(const struct irsa_edit *edit, const json_t *after, bool template_allows)
{
    irsa_auto_policy policy = irsa_policy_new(after, IRSA_POLICY_TRUST);
    irsa_auto_policy template_ = NULL;
    if (!irsa_edit_passes(irsa_policy_decide(policy, &edit->request)))
        return false;
    if (template_allows)
        template_ = irsa_policy_new(edit->wish->template_policy, IRSA_POLICY_TRUST);
    struct proof proof = {edit, edit->base, policy, template_};
    return irsa_neighbours_each(&edit->neighbours, same_answer, &proof);
}

static bool lets_nobody_in(const struct irsa_neighbour *neighbour, void *context)
{
    const struct proof *proof = context;
    return !irsa_edit_passes(irsa_policy_decide(proof->after, &neighbour->request))
           || !is_possible(proof->edit, neighbour);
}

bool irsa_edit_statement_lives(const struct irsa_edit *edit, const json_t *statement)
{
    json_auto_t *alone = json_object();
    json_t *version = json_object_get(edit->document, "Version");
    if (version)
        (void)json_object_set(alone, "Version", version);
    (void)json_object_set(alone, "Statement", (json_t *)statement);
    irsa_auto_policy policy = irsa_policy_new(alone, IRSA_POLICY_TRUST);
    struct proof proof = {.edit = edit, .after = policy};
    return !irsa_neighbours_each(&edit->neighbours, lets_nobody_in, &proof);
}
