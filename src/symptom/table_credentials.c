/* SPDX-License-Identifier: Apache-2.0 */
/* The SDK found no credentials at all, or asks the instance's metadata for them: with IRSA in place
 * the two variables are there and come first in every SDK's chain
 * (https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html). */
#include "symptom/table.h"

#define NOTHING_INJECTED                                                                           \
    {                                                                                              \
        {"IRSA052", "without the annotation nothing is injected", WHEN_ALWAYS},                    \
            {"IRSA060", "or the pod is older than the annotation, and needs a restart",            \
             WHEN_ALWAYS},                                                                         \
            {"IRSA080", "or the webhook is missing", WHEN_ALWAYS},                                 \
            {"IRSA061", "or the workload runs as default, not as the annotated service account",   \
             WHEN_ALWAYS},                                                                         \
            {"IRSA062", "or it names another service account", WHEN_ALWAYS},                       \
            {"IRSA071", "or its SDK is too old for web identity, or lacks the part for STS",       \
             WHEN_ALWAYS},                                                                         \
            {"IRSA066", "or this container is one of those that the webhook skips", WHEN_ALWAYS},  \
            {"IRSA054", "or the annotation's key is misspelt", WHEN_ALWAYS},                       \
    }

/* clang-format off */
const struct symptom symptom_table_credentials[] = {
    {
        .id = "credentials-profile",
        .title = "a profile is asked for that is not there",
        .family = IRSA_SYMPTOM_CREDENTIALS,
        .texts = {
            "the config profile (*) could not be found",
        },
        .causes = {
            {"IRSA065", "AWS_PROFILE or the application's settings name it: the role is then not used", WHEN_ALWAYS},
        },
    },
    {
        .id = "metadata-no-role",
        .title = "the SDK asked the instance's metadata for credentials and got none",
        .family = IRSA_SYMPTOM_METADATA,
        .consequence = true,
        .texts = {
            /* https://github.com/aws/aws-sdk-go/issues/2509 */
            "ec2rolerequesterror: no ec2 instance role found",
            /* https://github.com/eksctl-io/eksctl/issues/8018 */
            "no ec2 imds role found",
            /* https://github.com/aws/aws-sdk-php/issues/866 */
            "error retrieving credentials from the instance profile metadata",
            /* https://github.com/aws/aws-sdk-net/issues/2455 */
            "unable to get iam security credentials from ec2 instance metadata service",
            /* https://github.com/aws/aws-sdk-js-v3/issues/4491 */
            "error response received from instance metadata service",
            /* https://github.com/external-secrets/kubernetes-external-secrets/issues/277 */
            "ec2 metadata creds request returned error",
            "ec2 metadata rolename request returned error",
            /* https://github.com/awsdocs/amazon-eks-user-guide/issues/129 */
            "unable to contact ec2 metadata service to obtain a metadata token",
            "the requested metadata is not found at http://169.254.169.254",
            "http://169.254.169.254*security-credentials*timeout",
            "failed to get instance metadata credentials",
        },
        .causes = NOTHING_INJECTED,
    },
    {
        .id = "credentials-none",
        .title = "the SDK found no credentials",
        .family = IRSA_SYMPTOM_CREDENTIALS,
        .consequence = true,
        .texts = {
            /* https://github.com/kubernetes/autoscaler/issues/5642 */
            "nocredentialproviders: no valid providers in chain",
            "unable to locate credentials",
            /* https://github.com/awslabs/amazon-kinesis-client-net/pull/185 */
            "unable to load aws credentials from any provider in the chain",
            "unable to load credentials from any of the providers in the chain",
            /* https://github.com/external-secrets/kubernetes-external-secrets/issues/287 */
            "missing credentials in config",
            "could not load credentials from any providers",
            /* https://github.com/aws/aws-sdk-ruby/issues/1951 */
            "unable to sign request without credentials set",
            /* https://github.com/awslabs/aws-sdk-rust/issues/760 */
            "kind: missingcredentials",
            "no providers in chain provided credentials",
            "the credential provider was not enabled",
            /* https://github.com/aws/aws-sdk-kotlin/issues/1180 */
            "no identity could be resolved from the chain: credentialsproviderchain",
            /* https://github.com/fluent/helm-charts/issues/480 */
            "provider returned no credentials",
            "failed to resolve aws credentials",
            "no aws credentials provided by",
        },
        .causes = NOTHING_INJECTED,
    },
    {.id = NULL},
};
