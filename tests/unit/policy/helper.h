/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the policy room share: documents written with ' for ", which C strings like. */
#ifndef IRSA_FIX_TEST_POLICY_HELPER_H
#define IRSA_FIX_TEST_POLICY_HELPER_H

#include "policy/match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ISSUER "oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
#define PROVIDER "arn:aws:iam::111122223333:oidc-provider/" ISSUER
#define SUBJECT "system:serviceaccount:shop:api"

/* JSON with single quotes; a new reference. */
static inline json_t *json_from(const char *quoted)
{
    char *text = irsa_strdup(quoted);
    for (char *c = text; *c; c++) {
        if (*c == '\'')
            *c = '"';
    }
    json_error_t error;
    json_t *value = json_loads(text, JSON_DECODE_ANY, &error);
    if (!value)
        fail_msg("%s: %s", error.text, text);
    free(text);
    return value;
}

static inline struct irsa_policy *policy_from(const char *quoted, enum irsa_policy_kind kind)
{
    json_t *document = json_from(quoted);
    struct irsa_policy *policy = irsa_policy_new(document, kind);
    json_decref(document);
    return policy;
}

/* A trust policy of one statement: what stands in its braces after the effect, principal, action.
 */
#define TRUST(rest)                                                                                \
    "{'Version':'2012-10-17','Statement':[{'Effect':'Allow','Principal':{'Federated':'" PROVIDER   \
    "'},'Action':'sts:AssumeRoleWithWebIdentity'" rest "}]}"

static inline struct irsa_request web_request(json_t *context)
{
    return (struct irsa_request){
        .principal_type = "Federated",
        .principal = PROVIDER,
        .action = IRSA_ACTION_WEB_IDENTITY,
        .context = context,
        .issuer = ISSUER,
    };
}

static inline json_t *web_context(void)
{
    return irsa_request_web_identity_context(PROVIDER, ISSUER, SUBJECT, "sts.amazonaws.com");
}

#endif
