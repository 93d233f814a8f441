/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a policy of either kind: validated, evaluated with and without reasons, measured,
 * compared with itself and with the frozen one, its grants read. What must hold whatever the input
 * is asserted. */
#include "irsa/policy.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char provider[] =
    "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC";
static const char issuer[] = "oidc.eks.eu-west-1.amazonaws.com/id/ABC";

static void evaluate(const struct irsa_policy *policy, const struct irsa_request *request)
{
    irsa_auto_verdict verdict = {0};
    irsa_policy_evaluate(policy, request, &verdict);
    assert(verdict.decision == irsa_policy_decide(policy, request));
    const struct irsa_near_miss *nearest = irsa_verdict_nearest(&verdict);
    if (nearest) {
        irsa_autofree char *marked = irsa_mark_difference(nearest->expected, nearest->found);
        assert(marked[0] == 'e');
    }
}

/* A frozen policy says the same. */
static void check_frozen(struct irsa_policy *open, struct irsa_policy *frozen,
                         const struct irsa_request *request)
{
    irsa_auto_trust_grants grants = {0};
    irsa_auto_trust_grants same_grants = {0};
    size_t count = 0;
    size_t same_count = 0;
    irsa_policy_freeze(frozen);
    irsa_policy_trust_grants(open, &grants);
    irsa_policy_trust_grants(frozen, &same_grants);
    assert(same_grants.len == grants.len);
    for (size_t i = 0; i < grants.len; i++)
        assert(same_grants.items[i].effective == grants.items[i].effective);
    assert(irsa_policy_decide(frozen, request) == irsa_policy_decide(open, request));
    const struct irsa_policy_issue *issues = irsa_policy_issues(open, &count);
    const struct irsa_policy_issue *same_issues = irsa_policy_issues(frozen, &same_count);
    assert(same_count == count);
    for (size_t i = 0; i < count; i++)
        assert(strcmp(same_issues[i].message, issues[i].message) == 0);
    assert(json_equal(irsa_policy_document(frozen), irsa_policy_document(open)));
}

static void check(const char *text, size_t len, enum irsa_policy_kind kind)
{
    irsa_auto_policy policy = irsa_policy_new_text(text, len, kind);
    size_t count = 0;
    (void)irsa_policy_issues(policy, &count);
    const json_t *document = irsa_policy_document(policy);
    if (!document) {
        assert(count == 1);
        return;
    }
    json_auto_t *context =
        irsa_request_web_identity_context(provider, issuer, "system:serviceaccount:a:b", "aud");
    const struct irsa_request web = {.principal_type = "Federated",
                                     .principal = provider,
                                     .action = IRSA_ACTION_WEB_IDENTITY,
                                     .context = context,
                                     .issuer = issuer};
    const struct irsa_request plain = {.action = "s3:GetObject",
                                       .resource = "arn:aws:s3:::bucket/key"};
    const struct irsa_request *request = kind == IRSA_POLICY_TRUST ? &web : &plain;
    evaluate(policy, request);
    irsa_auto_policy frozen = irsa_policy_new_text(text, len, kind);
    check_frozen(policy, frozen, request);
    irsa_auto_trust_grants grants = {0};
    irsa_policy_trust_grants(policy, &grants);
    json_auto_t *copy = json_deep_copy(document);
    assert(irsa_policy_equivalent(document, copy));
    irsa_auto_strings diff = {0};
    irsa_policy_semantic_diff(document, copy, &diff);
    assert(diff.len == 0);
    assert(irsa_policy_size(document) <= len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check((const char *)data, size, IRSA_POLICY_TRUST);
    check((const char *)data, size, IRSA_POLICY_IDENTITY);
    return 0;
}
