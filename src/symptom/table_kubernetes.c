/* SPDX-License-Identifier: Apache-2.0 */
/* Events, the API server, the pod identity webhook, and controllers that ask for tokens. */
#include "symptom/table.h"

/* clang-format off */
const struct symptom symptom_table_kubernetes[] = {
    {
        .id = "k8s-no-service-account",
        .title = "the service account that the pod names does not exist",
        .family = IRSA_SYMPTOM_KUBERNETES,
        .texts = {
            /* https://github.com/giantswarm/kube-stresscheck/issues/7 */
            "is forbidden: error looking up service account ",
            /* https://github.com/kubernetes/kubernetes/issues/26457 */
            "is forbidden: service account *was not found",
        },
        .causes = {
            {"IRSA050", "it is not there by this name in this namespace", WHEN_ALWAYS},
            {"IRSA051", "it may be in another namespace", WHEN_ALWAYS},
            {"IRSA062", "or the workload names it wrongly", WHEN_ALWAYS},
        },
    },
    {
        .id = "k8s-no-annotation",
        .title = "the service account has no role annotation",
        .family = IRSA_SYMPTOM_KUBERNETES,
        .texts = {
            /* https://github.com/external-secrets/external-secrets/issues/816 */
            "an iam role must be associated with service account",
            /* pkg/handler/handler.go of aws/amazon-eks-pod-identity-webhook */
            "service account did not have the right annotations or was not found in the cache",
        },
        .causes = {
            {"IRSA052", "eks.amazonaws.com/role-arn is not on it", WHEN_ALWAYS},
            {"IRSA054", "or its key is misspelt", WHEN_ALWAYS},
            {"IRSA053", "or it is on another object", WHEN_ALWAYS},
            {"IRSA050", "or the service account does not exist", WHEN_ALWAYS},
        },
    },
    {
        .id = "k8s-webhook",
        .title = "the API server can't call the pod identity webhook",
        .family = IRSA_SYMPTOM_KUBERNETES,
        .texts = {
            /* https://github.com/kubernetes/kops/pull/13176 */
            "failed calling webhook \"pod-identity-webhook.amazonaws.com\"",
            /* the webhook's name on EKS: https://github.com/dapr/dapr/issues/4074 */
            "failed calling webhook \"iam-for-pods.amazonaws.com\"",
            /* mutating/dispatcher.go of k8s.io/apiserver, where failures are ignored */
            "failed calling webhook, failing open iam-for-pods.amazonaws.com",
            "failed calling webhook, failing open pod-identity-webhook.amazonaws.com",
        },
        .causes = {
            {"IRSA080", "the webhook's pods or its service are not there or not reachable", WHEN_ALWAYS},
            {"IRSA082", "with failurePolicy Ignore pods start without the role meanwhile", WHEN_ALWAYS},
            {"IRSA060", "pods that were created meanwhile need a restart", WHEN_ALWAYS},
        },
    },
    {
        .id = "k8s-not-mutated",
        .title = "the webhook was called and injected nothing",
        .family = IRSA_SYMPTOM_KUBERNETES,
        .texts = {
            /* https://github.com/dapr/dapr/issues/4074: the API server's audit log */
            "\"webhook\":\"iam-for-pods.amazonaws.com\",\"mutated\":false",
        },
        .causes = {
            {"IRSA052", "without the annotation there is nothing to inject; pods that need no role are no trouble", WHEN_ALWAYS},
            {"IRSA061", "or the pod runs as another service account", WHEN_ALWAYS},
            {"IRSA063", "or the variables are set by hand", WHEN_ALWAYS},
        },
    },
    {
        .id = "k8s-token-volume",
        .title = "the kubelet can't get the token for the volume aws-iam-token",
        .family = IRSA_SYMPTOM_KUBERNETES,
        .texts = {
            /* https://github.com/aws/amazon-eks-pod-identity-webhook/issues/119 */
            "mountvolume.setup failed for volume \"aws-iam-token\"",
        },
        .causes = {
            {"IRSA001", "the API server may have no issuer, and so no token requests", WHEN_ALWAYS},
            {"IRSA058", "or an annotation asks for a life of the token that it does not give", WHEN_ALWAYS},
            {"IRSA050", "or the service account was deleted", WHEN_ALWAYS},
        },
    },
    {.id = NULL},
};
