/* SPDX-License-Identifier: Apache-2.0 */
#include "symptom/table.h"

const struct symptom *const symptom_tables[] = {
    symptom_table_sts, symptom_table_token,   symptom_table_permissions, symptom_table_kubernetes,
    symptom_table_iam, symptom_table_network, symptom_table_credentials, NULL,
};

const char *const symptom_other_issuers[] = {
    "token.actions.githubusercontent.com", /* .../aws-actions/configure-aws-credentials/issues/280
                                            */
    "vstoken.actions.githubusercontent.com",
    "configure-aws-credentials",
    "//gitlab.com",
    "api.bitbucket.org",
    "oidc.circleci.com",
    "app.terraform.io",
    "agent.buildkite.com",
    "graph.facebook.com", /* https://github.com/aws/aws-sdk-js/issues/198 */
    "accounts.google.com",
    "www.amazon.com",
    "cognito-identity",
    "login.microsoftonline.com",
    "sts.windows.net",
    NULL,
};

const char *irsa_symptom_family_text(enum irsa_symptom_family family)
{
    static const char *const texts[IRSA_SYMPTOM_FAMILY_MAX_] = {
        [IRSA_SYMPTOM_STS] = "sts",
        [IRSA_SYMPTOM_CREDENTIALS] = "credentials",
        [IRSA_SYMPTOM_TOKEN] = "token",
        [IRSA_SYMPTOM_NODE_ROLE] = "node-role",
        [IRSA_SYMPTOM_METADATA] = "metadata",
        [IRSA_SYMPTOM_NETWORK] = "network",
        [IRSA_SYMPTOM_KUBERNETES] = "kubernetes",
        [IRSA_SYMPTOM_PERMISSIONS] = "permissions",
        [IRSA_SYMPTOM_IAM] = "iam",
    };
    return texts[family];
}
