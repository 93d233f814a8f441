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
            /* ProfileNotFound in botocore/exceptions.py */
            "the config profile (*) could not be found",
        },
        .causes = {
            {"IRSA065", "AWS_PROFILE or the application's settings name it: the role is then not used", WHEN_ALWAYS},
        },
    },
    {
        .id = "credentials-no-sts-module",
        .title = "the SDK for Java lacks its part for STS, and passes over web identity",
        .family = IRSA_SYMPTOM_CREDENTIALS,
        .texts = {
            /* https://github.com/camunda/connectors/pull/3782 */
            "aws-java-sdk-sts module must be on the class path",
            /* the same of the second version: "... the 'sts' service module must be on the class path" */
            "'sts' service module must be on the class path",
        },
        .causes = {
            {"IRSA071", "the application needs aws-java-sdk-sts, or software.amazon.awssdk:sts", WHEN_ALWAYS},
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
            /* https://github.com/awsdocs/amazon-eks-user-guide/issues/129 */
            "unable to contact ec2 metadata service to obtain a metadata token",
            /* https://github.com/aws/eventbridge-kafka-connector/issues/396 */
            "failed to load credentials from imds",
            /* https://github.com/aws/aws-sdk-js-v3/issues/2137 */
            "unable to connect to instance metadata service",
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
            /* https://github.com/doitintl/gtoken/issues/23 */
            "unable to locate credentials",
            /* https://github.com/awslabs/amazon-kinesis-client-net/pull/185 */
            "unable to load aws credentials from any provider in the chain",
            /* https://github.com/aws/aws-sdk-java-v2/issues/1470 */
            "unable to load credentials from any of the providers in the chain",
            /* https://github.com/external-secrets/kubernetes-external-secrets/issues/287 */
            "missing credentials in config",
            "could not load credentials from any providers",
            /* https://github.com/aws/aws-sdk-ruby/issues/1951 */
            "unable to sign request without credentials set",
            /* https://github.com/awslabs/aws-sdk-rust/issues/760 */
            "kind: missingcredentials",
            "the credential provider was not enabled",
            /* meta/credentials/chain.rs of aws-config */
            "no providers in chain provided credentials",
            /* https://github.com/aws/aws-sdk-kotlin/issues/1180 */
            "no identity could be resolved from the chain: credentialsproviderchain",
            /* https://github.com/fluent/helm-charts/issues/480 */
            "provider returned no credentials",
        },
        .causes = NOTHING_INJECTED,
    },
    {.id = NULL},
};
