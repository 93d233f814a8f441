/* SPDX-License-Identifier: Apache-2.0 */
/* IAM refuses what was to mend it: trust policies and providers. */
#include "symptom/table.h"

/* clang-format off */
const struct symptom symptom_table_iam[] = {
    {
        .id = "iam-federated",
        .title = "IAM refuses the trust policy's Federated principal",
        .family = IRSA_SYMPTOM_IAM,
        .texts = {
            /* https://github.com/terraform-aws-modules/terraform-aws-eks/issues/2594 */
            "federated principals must be valid domain names or saml metadata arns",
        },
        .causes = {
            {"IRSA027", "it is neither an OIDC provider's ARN nor a domain name", WHEN_ALWAYS},
        },
    },
    {
        .id = "iam-permission-policy",
        .title = "a permission policy was given as trust policy",
        .family = IRSA_SYMPTOM_IAM,
        .texts = {
            /* https://oneuptime.com/blog/post/2025-12-18-terraform-fix-malformed-policy-document-resource/view */
            "malformedpolicydocument*has prohibited field resource",
        },
        .causes = {
            {"IRSA035", "trust policies have no Resource", WHEN_ALWAYS},
        },
    },
    {
        .id = "iam-principal",
        .title = "the trust policy names a principal that does not exist",
        .family = IRSA_SYMPTOM_IAM,
        .texts = {
            /* https://errorcanon.top/errors/cloud/aws-iam-role-trust-policy-invalid-principal/ */
            "malformedpolicydocument*invalid principal in policy",
        },
        .causes = {
            {"IRSA048", "an id like AROA... is what is left of a role that was deleted", WHEN_ALWAYS},
            {"IRSA027", "or the provider's ARN is misspelt", WHEN_ALWAYS},
        },
    },
    {
        .id = "iam-malformed",
        .title = "IAM can't read the policy",
        .family = IRSA_SYMPTOM_IAM,
        .texts = {
            /* docs/checks/IRSA036.md */
            "malformedpolicydocument*this policy contains invalid json",
            "malformedpolicydocument*syntax errors in policy",
        },
        .causes = {
            {"IRSA036", "the message says what is wrong with it", WHEN_ALWAYS},
        },
    },
    {
        .id = "iam-quota",
        .title = "the trust policy is longer than the quota",
        .family = IRSA_SYMPTOM_IAM,
        .texts = {
            /* https://github.com/kubeflow/kubeflow/issues/6687 */
            "cannot exceed quota for aclsizeperrole",
        },
        .causes = {
            {"IRSA039", "2,048 characters without white space, unless the quota was raised", WHEN_ALWAYS},
        },
    },
    {
        .id = "iam-provider-url",
        .title = "IAM refuses the OIDC provider's URL",
        .family = IRSA_SYMPTOM_IAM,
        .texts = {
            /* docs/checks/IRSA004.md */
            "invalid open id connect provider url",
        },
        .causes = {
            {"IRSA004", "it is no https URL that IAM takes", WHEN_ALWAYS},
        },
    },
    {.id = NULL},
};
