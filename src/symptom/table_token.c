/* SPDX-License-Identifier: Apache-2.0 */
/* The token's file, and the two variables that the webhook sets. */
#include "symptom/table.h"

/* clang-format off */
const struct symptom symptom_table_token[] = {
    {
        .id = "token-permission",
        .title = "the process may not read the token's file",
        .family = IRSA_SYMPTOM_TOKEN,
        .texts = {
            /* https://github.com/aws/amazon-eks-pod-identity-webhook/issues/8 */
            "open /var/run/secrets/eks.amazonaws.com/serviceaccount/token: permission denied",
            /* https://github.com/ansible/awx/issues/8966 */
            "permission denied: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'",
            /* https://github.com/Soluto/kamus/issues/588 */
            "access to the path '/var/run/secrets/eks.amazonaws.com/serviceaccount/token' is denied",
            /* https://github.com/aws/aws-sdk-js/issues/2848 */
            "eacces: permission denied, open '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'",
            /* the same in Java's and Ruby's wording of the same refusal */
            "/var/run/secrets/eks.amazonaws.com/serviceaccount/token (permission denied)",
            "permission denied @ rb_sysopen - /var/run/secrets/eks.amazonaws.com/serviceaccount/token",
            "accessdeniedexception: /var/run/secrets/eks.amazonaws.com/serviceaccount/token",
        },
        .causes = {
            {"IRSA068", "the file belongs to root on clusters before 1.19: the pod needs fsGroup", WHEN_ALWAYS},
            {"IRSA063", "the file may be one that was mounted by hand", WHEN_ALWAYS},
        },
    },
    {
        .id = "token-missing",
        .title = "the token's file is not there, or is no file",
        .family = IRSA_SYMPTOM_TOKEN,
        .texts = {
            /* https://github.com/elotl/kip/issues/184 */
            "/var/run/secrets/eks.amazonaws.com/serviceaccount/token': no such file or directory",
            /* https://github.com/boto/botocore/issues/2351 */
            "is a directory: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'",
            /* https://github.com/aws/aws-sdk-php/issues/2164 */
            "[webidentitytoken] must be a string*found bool(false)",
            /* a missing file in the wording of Go, Python, Node.js, .NET, Ruby and Java */
            "open /var/run/secrets/eks.amazonaws.com/serviceaccount/token: no such file or directory",
            "open /var/run/secrets/eks.amazonaws.com/serviceaccount/token: the system cannot find the path",
            "no such file or directory: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'",
            "enoent: no such file or directory, open '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'",
            "could not find file '/var/run/secrets/eks.amazonaws.com/serviceaccount/token'",
            "no such file or directory @ rb_sysopen - /var/run/secrets/eks.amazonaws.com/serviceaccount/token",
            "/var/run/secrets/eks.amazonaws.com/serviceaccount/token (no such file or directory)",
            "nosuchfileexception: /var/run/secrets/eks.amazonaws.com/serviceaccount/token",
        },
        .causes = {
            {"IRSA063", "the variable is there and the volume is not: it is set by hand, or copied to another container", WHEN_ALWAYS},
            {"IRSA066", "or this container is one of those that the webhook skips", WHEN_ALWAYS},
            {"IRSA070", "in a Windows container the path needs another form", WHEN_ALWAYS},
            {"IRSA080", "or the webhook was not there when the pod was created", WHEN_ALWAYS},
        },
    },
    {
        .id = "token-plain",
        .title = "the plain Kubernetes token was sent, whose audience STS does not take",
        .family = IRSA_SYMPTOM_TOKEN,
        .texts = {
            /* https://github.com/external-secrets/kubernetes-external-secrets/issues/290 */
            "aws_web_identity_token_file=/run/secrets/kubernetes.io/serviceaccount/token",
            "aws_web_identity_token_file=/var/run/secrets/kubernetes.io/serviceaccount/token",
            "aws_web_identity_token_file: /run/secrets/kubernetes.io/serviceaccount/token",
            "aws_web_identity_token_file: /var/run/secrets/kubernetes.io/serviceaccount/token",
            "aws_web_identity_token_file value: /var/run/secrets/kubernetes.io/serviceaccount/token",
        },
        .causes = {
            {"IRSA067", "the path is that of Kubernetes' own token", WHEN_ALWAYS},
            {"IRSA063", "the variable is set by hand", WHEN_ALWAYS},
        },
    },
    {
        .id = "token-variables",
        .title = "one of AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE is missing",
        .family = IRSA_SYMPTOM_TOKEN,
        .texts = {
            /* https://github.com/aws/amazon-eks-pod-identity-webhook/issues/67 */
            "webidentityerr: role arn is not set",
            /* https://github.com/aws/aws-sdk-java-v2/issues/5294 */
            "environment variable aws_web_identity_token_file or the javaproperty aws.webidentitytokenfile must be set",
        },
        .causes = {
            {"IRSA052", "without the annotation the webhook sets neither", WHEN_ALWAYS},
            {"IRSA060", "or the pod is older than the annotation", WHEN_ALWAYS},
            {"IRSA063", "or one of them is set by hand, which keeps the webhook from setting both", WHEN_ALWAYS},
            {"IRSA080", "or the webhook is missing", WHEN_ALWAYS},
            {"IRSA061", "or the pod runs as another service account", WHEN_ALWAYS},
        },
    },
    {.id = NULL},
};
