/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on each binding: whether a pod created now would get the role, and which links hold.
 */
#include "diagnose/room.h"

/* What was seen of each link; findings then take away from it. */
static void set_seen(struct irsa_run *run, size_t index, enum irsa_link_state *links)
{
    const struct irsa_binding *binding = &run->bindings->items[index];
    for (int link = 0; link < IRSA_LINK_MAX_; link++)
        links[link] = IRSA_LINK_UNKNOWN;
    if (run->scope->issuer)
        links[IRSA_LINK_CLUSTER] = IRSA_LINK_HOLDS;
    const struct irsa_provider *provider =
        binding->provider_arn ? irsa_facts_provider(run->facts, binding->provider_arn) : NULL;
    if (provider && provider->detail_seen)
        links[IRSA_LINK_PROVIDER] = IRSA_LINK_HOLDS;
    if (binding->role)
        links[IRSA_LINK_ROLE] = IRSA_LINK_HOLDS;
    if (run->trusted[index])
        links[IRSA_LINK_TRUST] = IRSA_LINK_HOLDS;
    if (binding->account_presence == IRSA_PRESENT)
        links[IRSA_LINK_SERVICE_ACCOUNT] = IRSA_LINK_HOLDS;
    size_t pods;
    (void)irsa_facts_pods_of(run->facts, binding->namespace_, binding->service_account, &pods);
    if (irsa_facts_webhook_presence(run->facts) == IRSA_PRESENT || pods > 0)
        links[IRSA_LINK_POD] = IRSA_LINK_HOLDS;
    if (binding->role && binding->role->attached_seen && binding->role->inline_seen)
        links[IRSA_LINK_PERMISSIONS] = IRSA_LINK_HOLDS;
}

/* A finding that does not break the binding may still show that its pods or permissions do not do.
 */
static enum irsa_link_state state_after(const struct irsa_finding *finding,
                                        enum irsa_link_state state)
{
    const enum irsa_link link = finding->check->link;
    const bool tells = finding->severity != IRSA_SEVERITY_NOTE
                       && (link == IRSA_LINK_POD || link == IRSA_LINK_PERMISSIONS);
    if (finding->breaks || (tells && finding->certainty != IRSA_NOT_CHECKABLE))
        return IRSA_LINK_BROKEN;
    if ((finding->blocks_decision || tells) && state != IRSA_LINK_BROKEN)
        return IRSA_LINK_UNKNOWN;
    return state;
}

void irsa_chain(struct irsa_run *run)
{
    struct irsa_diagnosis *out = run->out;
    const size_t count = run->bindings->len;
    out->binding_count = count;
    out->works = irsa_calloc(count + 1, sizeof(*out->works));
    out->links = irsa_calloc(count + 1, sizeof(*out->links));
    for (size_t i = 0; i < count; i++) {
        out->works[i] = IRSA_WORKS_YES;
        set_seen(run, i, out->links[i]);
    }
    for (size_t i = 0; i < out->finding_count; i++) {
        const struct irsa_finding *finding = &out->findings[i];
        for (size_t k = 0; k < finding->binding_count; k++) {
            const size_t binding = finding->bindings[k];
            enum irsa_link_state *state = &out->links[binding][finding->check->link];
            *state = state_after(finding, *state);
            if (finding->breaks)
                out->works[binding] = IRSA_WORKS_NO;
            else if (finding->blocks_decision && out->works[binding] == IRSA_WORKS_YES)
                out->works[binding] = IRSA_WORKS_UNKNOWN;
        }
    }
}
