/* SPDX-License-Identifier: Apache-2.0 */
/* STS is not reached. */
#include "symptom/table.h"

/* clang-format off */
const struct symptom symptom_table_network[] = {
    {
        .id = "network-proxy",
        .title = "the proxy in the way of STS does not let it through",
        .family = IRSA_SYMPTOM_NETWORK,
        .texts = {
            /* ProxyConnectionError in botocore/exceptions.py */
            "failed to connect to proxy url",
            /* https://github.com/aws/aws-sdk-kotlin/issues/1180 */
            "web identity: unexpected response code for connect",
        },
        .causes = {
            {"IRSA072", "a proxy is set: sts and 169.254.169.254 may have to be in NO_PROXY", WHEN_ALWAYS},
        },
    },
    {
        .id = "network-sts",
        .title = "STS is not reached from the pod",
        .family = IRSA_SYMPTOM_NETWORK,
        .texts = {
            /* ConnectTimeoutError, EndpointConnectionError and ReadTimeoutError in
             * botocore/exceptions.py */
            "connect timeout on endpoint url: \"https://sts.",
            "could not connect to the endpoint url: \"https://sts.",
            "read timeout on endpoint url: \"https://sts.",
            /* https://github.com/aws/karpenter-provider-aws/issues/1313 */
            "post \"https://sts.*dial tcp",
            /* https://github.com/kubernetes-sigs/external-dns/issues/1470 */
            "post https://sts.*dial tcp",
            /* Go's net and net/http, and Apache's HttpClient of the SDKs for Java */
            "post \"https://sts.*context deadline exceeded",
            "lookup sts.*no such host",
            "connect to sts.*timed out",
        },
        .causes = {
            {"IRSA073", "the global endpoint is not reached from a private subnet with only a regional one", WHEN_ALWAYS},
            {"IRSA072", "or a proxy is set that does not reach it", WHEN_ALWAYS},
        },
    },
    {.id = NULL},
};
