/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a trust policy that is edited for one binding: the edit gives an error or a document
 * that allows it, and that a second edit leaves alone. Narrowed and merged as well. */
#include "irsa/policy.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ISSUER "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
#define PROVIDER "arn:aws:iam::111122223333:oidc-provider/" ISSUER
#define SUBJECT "system:serviceaccount:shop:api"
#define AUDIENCE "sts.amazonaws.com"

static bool is_missing(const void *context, const char *provider_arn)
{
    (void)context;
    return strstr(provider_arn, "0A1B2C3D") != NULL;
}

static bool allows(const struct irsa_policy *policy)
{
    json_auto_t *context = irsa_request_web_identity_context(PROVIDER, ISSUER, SUBJECT, AUDIENCE);
    const struct irsa_request request = {.principal_type = "Federated",
                                         .principal = PROVIDER,
                                         .action = IRSA_ACTION_WEB_IDENTITY,
                                         .context = context,
                                         .issuer = ISSUER};
    enum irsa_decision decision = irsa_policy_decide(policy, &request);
    return decision == IRSA_DECISION_ALLOWED || decision == IRSA_DECISION_UNKNOWN;
}

static void edit(const struct irsa_policy *policy, const struct irsa_trust_wish *wish)
{
    irsa_auto_error error = NULL;
    irsa_auto_edit_result result = {0};
    if (irsa_policy_edit_allow(policy, wish, &result, &error) != 0) {
        assert(irsa_error_kind(error) == IRSA_E_CONFLICT);
        return;
    }
    irsa_auto_policy edited = irsa_policy_new(result.document, IRSA_POLICY_TRUST);
    assert(allows(edited));
    irsa_auto_edit_result again = {0};
    assert(irsa_policy_edit_allow(edited, wish, &again, &error) == 0);
    assert(again.how == IRSA_EDIT_NONE && json_equal(again.document, result.document));
}

static void narrow(const struct irsa_policy *policy)
{
    irsa_auto_error error = NULL;
    irsa_auto_strings subjects = {0};
    json_t *after = NULL;
    irsa_strings_add(&subjects, SUBJECT);
    if (irsa_policy_edit_narrow(policy, 0, PROVIDER, &subjects, AUDIENCE, &after, &error) != 0)
        return;
    irsa_auto_policy narrowed = irsa_policy_new(after, IRSA_POLICY_TRUST);
    assert(!allows(narrowed) || allows(policy));
    json_decref(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_auto_t *template_policy = json_pack(
        "{s:s, s:[{s:s, s:{s:s}, s:s, s:{s:{s:s, s:s}}}]}", "Version", "2012-10-17", "Statement",
        "Effect", "Allow", "Principal", "Federated", PROVIDER, "Action", IRSA_ACTION_WEB_IDENTITY,
        "Condition", "StringEquals", ISSUER ":sub", SUBJECT, ISSUER ":aud", AUDIENCE);
    const struct irsa_trust_wish wish = {.provider_arn = PROVIDER,
                                         .issuer = ISSUER,
                                         .subject = SUBJECT,
                                         .audience = AUDIENCE,
                                         .template_policy = template_policy,
                                         .provider_missing = is_missing};
    irsa_auto_policy policy = irsa_policy_new_text((const char *)data, size, IRSA_POLICY_TRUST);
    edit(policy, &wish);
    narrow(policy);
    json_auto_t *merged = irsa_policy_merge_statements(policy);
    if (merged)
        assert(irsa_policy_size(merged) <= irsa_policy_size(irsa_policy_document(policy)));
    return 0;
}
