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
            "connect timeout on endpoint url: \"https://sts.",
            "could not connect to the endpoint url: \"https://sts.",
            "read timeout on endpoint url: \"https://sts.",
            /* https://github.com/aws/karpenter-provider-aws/issues/1313 */
            "post \"https://sts.*dial tcp",
            "post https://sts.*dial tcp",
            "post \"https://sts.*context deadline exceeded",
            "post \"https://sts.*timeout exceeded",
            "lookup sts.*no such host",
            "lookup sts.*i/o timeout",
            "connect to sts.*timed out",
            "connect to sts.*failed",
            "enotfound sts.*webidentity",
        },
        .causes = {
            {"IRSA073", "the global endpoint is not reached from a private subnet with only a regional one", WHEN_ALWAYS},
            {"IRSA072", "or a proxy is set that does not reach it", WHEN_ALWAYS},
        },
    },
    {.id = NULL},
};
