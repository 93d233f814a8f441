/* SPDX-License-Identifier: Apache-2.0 */
/* A service refuses an action; who was refused tells whether the role was assumed at all. The
 * form of the messages:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
#include "symptom/table.h"

#define REFUSALS                                                                                                           \
    {                                                                                                                      \
        /* https://github.com/awsdocs/amazon-eks-user-guide/issues/104 */                                                  \
        "user: arn:*is not authorized to perform: ",                                                                       \
            "user: arn:*is not authorized to access this resource", /* https://github.com/aws/aws-for-fluent-bit/issues/83 \
                                                                     */                                                    \
            "no permissions for [*and user [name=arn:",                                                                    \
    }

/* clang-format off */
const struct symptom symptom_table_permissions[] = {
    {
        .id = "denied-self-assume",
        .title = "the pod has its role, and the application assumes the same role once more",
        .family = IRSA_SYMPTOM_PERMISSIONS,
        .when = WHEN_SELF_ASSUME,
        .texts = REFUSALS,
        .causes = {
            /* https://github.com/aws/karpenter-provider-aws/issues/5054 */
            {"IRSA049", "who is refused and what is to be assumed are one role", WHEN_ALWAYS},
            {"IRSA046", "the role needs sts:AssumeRole on itself, if the application can't be told to leave it", WHEN_ALWAYS},
        },
    },
    {
        .id = "denied-node",
        .title = "the pod acted as its node: it never used its service account's role",
        .family = IRSA_SYMPTOM_NODE_ROLE,
        .when = WHEN_NODE,
        .texts = REFUSALS,
        .causes = {
            {"IRSA052", "without the annotation there is no role to use but the node's", WHEN_ALWAYS},
            {"IRSA060", "or the pod is older than the annotation, and needs a restart", WHEN_ALWAYS},
            /* https://github.com/kubernetes-sigs/external-dns/issues/1684 */
            {"IRSA080", "or the webhook is missing, so that nothing was injected", WHEN_ALWAYS},
            {"IRSA061", "or the workload runs as default, not as the annotated service account", WHEN_ALWAYS},
            {"IRSA062", "or it names another service account", WHEN_ALWAYS},
            /* https://github.com/kubernetes-sigs/external-dns/issues/1188: variables are there */
            {"IRSA071", "or its SDK is too old for web identity, and passes over what was injected", WHEN_ALWAYS},
            {"IRSA054", "or the annotation's key is misspelt", WHEN_ALWAYS},
            {"IRSA065", "or a profile that is mounted asks for the node's credentials", WHEN_ALWAYS},
        },
    },
    {
        .id = "denied-pod-identity",
        .title = "the pod acted as the role of a Pod Identity association",
        .family = IRSA_SYMPTOM_NODE_ROLE,
        .when = WHEN_POD_IDENTITY,
        .texts = REFUSALS,
        .causes = {
            {"IRSA074", "the session's name is one that EKS Pod Identity gives: it is not IRSA's", WHEN_ALWAYS},
            {"IRSA046", "or this role is meant, and lacks the permission", WHEN_ALWAYS},
        },
    },
    {
        .id = "denied-user",
        .title = "the pod acted as an IAM user: static keys win over the role",
        .family = IRSA_SYMPTOM_NODE_ROLE,
        .when = WHEN_USER,
        .texts = REFUSALS,
        .causes = {
            {"IRSA064", "an access key is in the environment", WHEN_ALWAYS},
            {"IRSA065", "or in a credentials file or profile", WHEN_ALWAYS},
        },
    },
    {
        .id = "denied-assume",
        .title = "the pod has a role, which may not assume the other one",
        .family = IRSA_SYMPTOM_PERMISSIONS,
        .when = WHEN_ASSUME_ROLE,
        .texts = REFUSALS,
        .causes = {
            {"IRSA046", "the pod's role must be allowed sts:AssumeRole on the other, and the other must trust it", WHEN_ALWAYS},
            {"IRSA056", "or the annotation should name the other role itself", WHEN_ALWAYS},
            {"IRSA034", "or the other role's trust is meant for service accounts, which do not call AssumeRole", WHEN_ALWAYS},
        },
    },
    {
        .id = "denied-role",
        .title = "the pod acted as a role that lacks the permission",
        .family = IRSA_SYMPTOM_PERMISSIONS,
        .when = WHEN_ROLE,
        .texts = REFUSALS,
        .causes = {
            {"IRSA113", "the message speaks of a policy of the organization", WHEN_ORGANISATION},
            {"IRSA047", "the message speaks of a permissions boundary", WHEN_BOUNDARY},
            {"IRSA046", "the session's name is one that SDKs give for web identity: the role was assumed, and lacks the permission", WHEN_WEB_IDENTITY},
            {"IRSA046", "the role's policies do not allow the action on this resource", WHEN_ALWAYS},
            {"IRSA044", "or the role has no policies at all", WHEN_ALWAYS},
            {"IRSA056", "or it is not the role that was meant: the annotation names another", WHEN_ALWAYS},
            {"IRSA076", "or the pods still run with a former one", WHEN_ALWAYS},
        },
    },
    {
        .id = "denied-somebody",
        .title = "a service refused, and the message does not say whom",
        .family = IRSA_SYMPTOM_PERMISSIONS,
        .consequence = true,
        .texts = {
            /* https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1668 */
            "unauthorizedoperation: you are not authorized to perform this operation",
            "(unauthorizedoperation) when calling the*you are not authorized to perform this operation",
            /* https://github.com/velero-io/velero-plugin-for-aws/issues/59, and the same as the AWS CLI
             * and the SDKs for Java print it */
            "accessdenied: access denied",
            "(accessdenied) when calling the*operation: access denied",
            "access denied (service: amazon s3; status code: 403",
            "access denied (service: s3, status code: 403",
        },
        .causes = {
            {"IRSA046", "the role may lack the permission", WHEN_ALWAYS},
            {"IRSA052", "or it was not the role that asked: the pod may act as its node", WHEN_ALWAYS},
            {"IRSA060", "or the pod is older than the annotation", WHEN_ALWAYS},
            {"IRSA044", "or the role has no policies at all", WHEN_ALWAYS},
        },
    },
    {.id = NULL},
};
