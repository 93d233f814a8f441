/* SPDX-License-Identifier: Apache-2.0 */
/* Small worlds for the tests of resolving: documents in, facts out. */
#ifndef IRSA_FIX_TESTS_INTENT_WORLD_H
#define IRSA_FIX_TESTS_INTENT_WORLD_H

#include "irsa/intent.h"

#define ISSUER "oidc.eks.eu-west-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
#define OTHER_ISSUER "oidc.eks.eu-west-1.amazonaws.com/id/FEDCBA9876543210FEDCBA9876543210"
#define PROVIDER "arn:aws:iam::111122223333:oidc-provider/" ISSUER
#define OTHER_PROVIDER "arn:aws:iam::111122223333:oidc-provider/" OTHER_ISSUER
#define CLUSTER                                                                                    \
    "{\"cluster\": {\"name\": \"prod\", \"arn\": "                                                 \
    "\"arn:aws:eks:eu-west-1:111122223333:cluster/prod\", \"identity\": {\"oidc\": {\"issuer\": "  \
    "\"https://" ISSUER "\"}}}}"
#define ROLE_ARN(name) "arn:aws:iam::111122223333:role/" name

/* A trust policy's statement for one subject. */
#define TRUST(issuer, subject)                                                                     \
    "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": "        \
    "{\"Federated\": \"arn:aws:iam::111122223333:oidc-provider/" issuer                            \
    "\"}, \"Action\": \"sts:AssumeRoleWithWebIdentity\", \"Condition\": {\"StringEquals\": "       \
    "{\"" issuer ":sub\": \"" subject "\", \"" issuer ":aud\": \"sts.amazonaws.com\"}}}]}"
#define ROLE(name, trust)                                                                          \
    "{\"Role\": {\"Path\": \"/\", \"RoleName\": \"" name "\", \"RoleId\": \"AROA" name             \
    "\", \"Arn\": \"" ROLE_ARN(name) "\", \"CreateDate\": \"2026-01-01T00:00:00+00:00\", "         \
                                     "\"AssumeRolePolicyDocument\": " trust "}}"
#define SUBJECT(namespace_, name) "system:serviceaccount:" namespace_ ":" name
#define ACCOUNT(namespace_, name, annotations)                                                     \
    "{\"apiVersion\": \"v1\", \"kind\": \"ServiceAccount\", \"metadata\": {\"namespace\": "        \
    "\"" namespace_ "\", \"name\": \"" name "\", \"labels\": {\"app\": \"" name                    \
    "\"}, \"annotations\": {" annotations "}}}"
#define ANNOTATED(namespace_, name, role)                                                          \
    ACCOUNT(namespace_, name, "\"eks.amazonaws.com/role-arn\": \"" ROLE_ARN(role) "\"")

/* Finished facts of the documents; NULL after the last. Aborts on an error. */
static inline struct irsa_facts *make_facts(const char *const *documents)
{
    struct irsa_facts *facts = irsa_facts_new();
    irsa_auto_error error = NULL;
    for (size_t i = 0; documents[i]; i++) {
        irsa_autofree char *name = irsa_format("file-%zu.json", i);
        json_auto_t *document = irsa_json_read(name, documents[i], strlen(documents[i]), &error);
        bool known = false;
        if (!document
            || irsa_facts_add_document(facts, irsa_facts_add_file(facts, name), 0, document, &known,
                                       &error)
                   != 0
            || !known) {
            (void)fprintf(stderr, "%s: %s\n", name, error ? irsa_error_message(error) : "unknown");
            abort();
        }
    }
    if (irsa_facts_finish(facts, &error) != 0) {
        (void)fprintf(stderr, "%s\n", irsa_error_message(error));
        abort();
    }
    return facts;
}

#endif
