/* SPDX-License-Identifier: Apache-2.0 */
/* STS refuses AssumeRoleWithWebIdentity. Errors of the call:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
#include "symptom/table.h"

/* clang-format off */
const struct symptom symptom_table_sts[] = {
    {
        .id = "sts-no-provider",
        .title = "IAM knows no OIDC provider for the token's issuer",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/2315 */
            "no openidconnect provider found in your account",
            /* https://github.com/aws-samples/aws-secret-sidecar-injector/issues/30 */
            "no openidconnect provider found in account",
        },
        .causes = {
            {"IRSA001", "the issuer that the message names is not one of EKS: the cluster has no public issuer, or another cluster's token was sent", WHEN_ISSUER_OWN},
            {"IRSA067", "the issuer that the message names is not one of EKS: it may be the plain Kubernetes token", WHEN_ISSUER_OWN},
            {"IRSA010", "no provider for this issuer in the account of the role that was asked for", WHEN_ALWAYS},
            {"IRSA015", "STS looks in the role's account: the provider may be in the cluster's", WHEN_ALWAYS},
            {"IRSA012", "a provider whose URL differs in a slash, letter case or port does not count", WHEN_ALWAYS},
            {"IRSA014", "a provider with the cluster's id and another region or host does not count", WHEN_ALWAYS},
            {"IRSA013", "a provider with the dual-stack host does not count: tokens never name it", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-audience",
        .title = "the token's audience is not one that the OIDC provider lists",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* https://github.com/awslabs/amazon-eks-irsa-cfn/pull/18 */
            "incorrect token audience",
        },
        .causes = {
            {"IRSA011", "the provider's client ids lack the audience of the token", WHEN_ALWAYS},
            {"IRSA057", "an annotation may give the token another audience", WHEN_ALWAYS},
            {"IRSA067", "the token may be another one than the webhook mounts", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-no-audience",
        .title = "the token has no audience: it is not the one that the webhook mounts",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* https://github.com/aws/aws-sdk-ruby/issues/2698 */
            "invalididentitytoken*missing a required claim: aud",
        },
        .causes = {
            {"IRSA067", "tokens of Kubernetes' own kind may lack the claim; the webhook's never do", WHEN_ALWAYS},
            {"IRSA063", "AWS_WEB_IDENTITY_TOKEN_FILE may be set by hand to another file", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-denied",
        .title = "the role's trust policy does not let this token in, or there is no such role",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* https://github.com/kubernetes/autoscaler/issues/4922 */
            "not authorized to perform sts:assumerolewithwebidentity",
            /* https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
            "not authorized to perform: sts:assumerolewithwebidentity",
            "when calling the assumerolewithwebidentity operation: *in a service control policy",
            "when calling the assumerolewithwebidentity operation: *in a resource control policy",
        },
        .causes = {
            {"IRSA113", "the message speaks of a policy of the organization", WHEN_ORGANISATION},
            /* https://github.com/kubernetes/autoscaler/issues/4922: another service account */
            {"IRSA024", "most often the subject names another namespace or service account", WHEN_ALWAYS},
            {"IRSA020", "or no statement is meant for the service account", WHEN_ALWAYS},
            {"IRSA022", "or it trusts another cluster's issuer", WHEN_ALWAYS},
            {"IRSA040", "STS says the same of a role that does not exist", WHEN_ALWAYS},
            /* https://github.com/external-secrets/kubernetes-external-secrets/issues/287 */
            {"IRSA032", "or the keys for subject and audience are mixed up", WHEN_ALWAYS},
            /* https://github.com/aws/karpenter-provider-aws/issues/1666: the ARN as key */
            {"IRSA030", "or a condition key has an ARN or https:// in front", WHEN_ALWAYS},
            {"IRSA021", "or the condition on the audience names another one", WHEN_ALWAYS},
            {"IRSA026", "or a pattern stands under StringEquals, which takes it literally", WHEN_ALWAYS},
            {"IRSA056", "or the service account's annotation names another role than was meant", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-token-expired",
        .title = "the token that was sent is no longer valid",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* https://github.com/aws/aws-sdk-js-v3/issues/3052 */
            "token expired: current date/time",
            /* https://github.com/mozilla-iam/mozilla-aws-cli/issues/146 */
            "<code>expiredtokenexception</code> <message>token too old",
            /* https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
            "the web identity token that was passed is expired",
            "(expiredtokenexception) when calling the assumerolewithwebidentity operation",
        },
        .causes = {
            {"IRSA110", "the token is past its end, or a clock is wrong", WHEN_ALWAYS},
            {"IRSA071", "the kubelet renews the file before it ends: an SDK that reads it once is too old", WHEN_ALWAYS},
            {"IRSA067", "or the file is a copy that nobody renews", WHEN_ALWAYS},
            {"IRSA063", "or AWS_WEB_IDENTITY_TOKEN_FILE is set by hand to such a copy", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-verification-key",
        .title = "STS could not fetch the issuer's keys",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* https://github.com/awslabs/aws-sdk-rust/issues/827 */
            "couldn't retrieve verification key from your identity provider",
        },
        .causes = {
            {"IRSA111", "the issuer's address gives no key of this token; on EKS it passes, mostly", WHEN_ALWAYS},
            {"IRSA003", "an issuer in a bucket must be public, and its name must have no dots", WHEN_ALWAYS},
            {"IRSA023", "the issuer of a cluster that was deleted serves no keys any more", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-signature",
        .title = "the token's signature does not fit the issuer's keys",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* no address: whatever STS says of a signature, in the form of the AWS CLI */
            "(invalididentitytoken) when calling the assumerolewithwebidentity operation: *signature",
        },
        .causes = {
            {"IRSA111", "what the issuer's address serves is not what the API server signs with", WHEN_ALWAYS},
            {"IRSA067", "or the token is of another cluster", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-issuer-unreachable",
        .title = "STS did not reach the issuer",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
            "idpcommunicationerror",
        },
        .causes = {
            {"IRSA115", "STS says so; on EKS it passes, mostly", WHEN_ALWAYS},
            {"IRSA023", "the issuer of a cluster that was deleted answers no more", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-region",
        .title = "STS is turned off in the region",
        .family = IRSA_SYMPTOM_STS,
        .texts = {
            /* https://github.com/turbot/steampipe-plugin-aws/issues/1510 */
            "sts is not activated in this region",
            "(regiondisabledexception) when calling the assumerolewithwebidentity operation",
        },
        .causes = {
            {"IRSA112", "STS says so", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-not-a-token",
        .title = "what was sent is not a web identity token",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* "(You may see this error if you sent an Access Token)"; seen of a mounted token in a
             * public guide to IRSA: "InvalidIdentityToken: The ID Token provided is not a valid JWT" */
            "invalididentitytoken: the id token provided is not a valid jwt",
            "invalididentitytokenexception: the id token provided is not a valid jwt",
            "the id token provided is not a valid jwt",
            /* https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
            "(idprejectedclaim) when calling the assumerolewithwebidentity operation",
        },
        .causes = {
            {"IRSA067", "the file holds another token, or is empty or cut", WHEN_ALWAYS},
            {"IRSA063", "AWS_WEB_IDENTITY_TOKEN_FILE may be set by hand", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-arn-invalid",
        .title = "AWS_ROLE_ARN is not a role's ARN",
        .family = IRSA_SYMPTOM_STS,
        .texts = {
            /* https://repost.aws/knowledge-center/eks-troubleshoot-irsa-errors */
            "request arn is invalid",
        },
        .causes = {
            {"IRSA055", "the annotation's value goes into AWS_ROLE_ARN as it is", WHEN_ALWAYS},
            {"IRSA063", "or AWS_ROLE_ARN is set by hand", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-duration",
        .title = "a longer session was asked for than the role allows",
        .family = IRSA_SYMPTOM_STS,
        .texts = {
            /* https://github.com/d2a4u/sqs4s/pull/270 */
            "requested durationseconds exceeds the maxsessionduration",
        },
        .causes = {
            {"IRSA114", "STS says so", WHEN_ALWAYS},
            {"IRSA047", "the role's longest session may be raised", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-thumbprint",
        .title = "the issuer's certificate does not fit the provider's thumbprint",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* https://github.com/alphagov/gsp/pull/889 */
            "openidconnect provider's https certificate doesn't match configured thumbprint",
        },
        .causes = {
            {"IRSA003", "thumbprints count for issuers that IAM does not trust by themselves, as in buckets", WHEN_ALWAYS},
            {"IRSA017", "for EKS they no longer matter: the provider may be of another issuer", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-not-validated",
        .title = "STS could not validate the token; the message does not say why",
        .family = IRSA_SYMPTOM_STS,
        .unless = symptom_other_issuers,
        .texts = {
            /* https://github.com/external-secrets/external-secrets/issues/6648 */
            "the web identity token provided could not be validated",
        },
        .causes = {
            {"IRSA010", "most often there is no provider for its issuer in the role's account", WHEN_ALWAYS},
            {"IRSA011", "or the provider does not list its audience", WHEN_ALWAYS},
            {"IRSA111", "or the issuer's address gives no key of this token", WHEN_ALWAYS},
            {"IRSA067", "or it is another token than the webhook mounts", WHEN_ALWAYS},
        },
    },
    {
        .id = "sts-failed",
        .title = "assuming the role with the token failed; the message does not say why",
        .family = IRSA_SYMPTOM_STS,
        .consequence = true,
        .unless = symptom_other_issuers,
        .texts = {
            /* https://github.com/aws/karpenter-provider-aws/issues/1313 */
            "webidentityerr: failed to retrieve credentials",
            /* https://github.com/external-secrets/external-secrets/issues/6648 */
            "operation error sts: assumerolewithwebidentity",
            /* https://repost.aws/knowledge-center/eks-troubleshoot-irsa-errors */
            "when calling the assumerolewithwebidentity operation",
            /* https://github.com/fluent/helm-charts/issues/480 */
            "sts assume role request failed",
            /* https://github.com/aws/aws-sdk-kotlin/issues/1180 */
            "sts failed to assume role from web identity",
            /* https://github.com/kubeflow/spark-operator/issues/1129 */
            "no aws credentials provided by webidentitytokencredentialsprovider",
        },
        .causes = {
            {"IRSA020", "the trust policy is what fails most often", WHEN_ALWAYS},
            {"IRSA010", "then the provider", WHEN_ALWAYS},
            {"IRSA040", "then the role itself", WHEN_ALWAYS},
        },
    },
    {.id = NULL},
};
