/* SPDX-License-Identifier: Apache-2.0 */
/* Both documents of a re-pointing are asked the same questions. */
#include "policy/edit.h"

#include <strings.h>

/* What the old issuer's token of the same kind got. */
static int old_answer(const struct irsa_repoint_proof *proof,
                      const struct irsa_neighbour *neighbour)
{
    const struct irsa_transposition *t = proof->transposition;
    const char *from = t->repoint->from;
    json_auto_t *context = irsa_request_web_identity_context(t->from_arn, from, neighbour->subject,
                                                             neighbour->audience);
    struct irsa_request request = neighbour->request;
    request.principal = t->from_arn;
    request.issuer = from;
    request.context = context;
    return irsa_edit_openness(proof->before, &request);
}

static bool is_sound(const struct irsa_neighbour *neighbour, void *context)
{
    struct irsa_repoint_proof *proof = context;
    const struct irsa_repoint *repoint = proof->transposition->repoint;
    int before = irsa_edit_openness(proof->before, &neighbour->request);
    int after = irsa_edit_openness(proof->after, &neighbour->request);
    const char *issuer = neighbour->request.issuer;
    if (issuer && strcmp(neighbour->request.principal, proof->transposition->to_arn) == 0) {
        int old = old_answer(proof, neighbour);
        int limit = old > before ? old : before;
        proof->complete = proof->complete && after == limit;
        proof->gains = proof->gains || after > before;
        return after >= before && after <= limit;
    }
    if (issuer && !repoint->keep_old && strcasecmp(issuer, repoint->from) == 0)
        return after <= before;
    return after == before;
}

bool irsa_repoint_prove(struct irsa_repoint_proof *proof, const json_t *after)
{
    const struct irsa_transposition *t = proof->transposition;
    const struct irsa_repoint *repoint = t->repoint;
    const char *probe = "system:serviceaccount:repoint:probe";
    irsa_auto_policy policy = irsa_policy_new(after, IRSA_POLICY_TRUST);
    struct irsa_neighbours neighbours = {0};
    irsa_neighbours_add_binding(&neighbours, t->to_arn, repoint->to, probe, IRSA_DEFAULT_AUDIENCE);
    irsa_neighbours_add_binding(&neighbours, t->from_arn, repoint->from, probe,
                                IRSA_DEFAULT_AUDIENCE);
    /* Of the document as it would be too: the new issuer's keys occur in it. */
    irsa_neighbours_collect(&neighbours, irsa_policy_document(proof->before), repoint->partition,
                            repoint->account);
    irsa_neighbours_collect(&neighbours, after, repoint->partition, repoint->account);
    proof->after = policy;
    proof->complete = true;
    bool sound = !neighbours.cut && irsa_neighbours_each(&neighbours, is_sound, proof);
    proof->after = NULL;
    irsa_neighbours_done(&neighbours);
    return sound;
}
