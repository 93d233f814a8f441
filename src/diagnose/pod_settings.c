/* SPDX-License-Identifier: Apache-2.0 */
/* Settings of a pod that keep the token or STS out of reach. */
#include "diagnose/pod.h"

static void check_skipped(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    irsa_auto_strings skipped = {0};
    irsa_skipped_containers(carrier->spec, &skipped);
    if (skipped.len == 0)
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_carrier_report(
        run, C066, carrier, binding, "metadata.annotations[\"" IRSA_ANNOTATION_SKIP "\"]", &fresh);
    if (!fresh)
        return;
    irsa_autofree char *names = irsa_strings_join(&skipped, ", ", " and ");
    const bool all = skipped.len == carrier->spec->containers.len;
    if (!all)
        finding->severity = IRSA_SEVERITY_NOTE;
    irsa_finding_message(finding, "annotation " IRSA_ANNOTATION_SKIP " of %s %s/%s leaves %s%s out",
                         carrier->kind, carrier->namespace_, carrier->name,
                         all ? "all containers: " : "container ", names);
    irsa_finding_evidence(finding, names, "no container that needs the role", IRSA_VERIFIED);
    irsa_finding_help(finding, "take the containers that need the role out of the annotation");
}

/* The objectSelector of EKS' own webhook leaves out whatever has the label
 * (https://github.com/aws/amazon-eks-pod-identity-webhook, deploy/mutatingwebhook.yaml). */
static void check_left_out(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    static const char label[] = "eks.amazonaws.com/skip-pod-identity-webhook";
    if (!carrier->spec->skips_webhook)
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_carrier_report(
        run, C066, carrier, binding,
        "metadata.labels[\"eks.amazonaws.com/skip-pod-identity-webhook\"]", &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding, "label %s of %s %s/%s keeps the webhook from handling its pods",
                         label, carrier->kind, carrier->namespace_, carrier->name);
    irsa_finding_evidence(finding, label, "no such label", IRSA_VERIFIED);
    irsa_finding_help(finding, "remove the label from the pods that need the role");
}

/* The minor version of "1.18"; -1 where it can't be told. */
static long minor_version(const char *version)
{
    if (!version || !irsa_has_prefix(version, "1."))
        return -1;
    char *end = NULL;
    const long minor = strtol(version + 2, &end, 10);
    return end == version + 2 ? -1 : minor;
}

/* "You're no longer required to provide a security context for non-root containers" since 1.19
 * (https://github.com/aws/aws-eks-best-practices/issues/85 quotes the EKS user guide): before, the
 * token's file belonged to root alone
 * (https://github.com/aws/amazon-eks-pod-identity-webhook#usage-with-non-root-container-user). */
static void check_fs_group(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    const char *version = run->scope->cluster ? run->scope->cluster->version : NULL;
    const long minor = minor_version(version);
    if (minor < 0)
        return;
    irsa_run_ran(run, C068, C068);
    if (minor >= 19 || !carrier->spec->run_as_non_root || carrier->spec->fs_group)
        return;
    bool fresh;
    struct irsa_finding *finding =
        irsa_carrier_report(run, C068, carrier, binding, "spec.securityContext.fsGroup", &fresh);
    if (!fresh)
        return;
    irsa_finding_message(
        finding,
        "%s %s/%s runs as a non-root user without fsGroup: on Kubernetes %s it can't "
        "read the token",
        carrier->kind, carrier->namespace_, carrier->name, version);
    irsa_finding_evidence(finding, "no fsGroup", "fsGroup: 65534, or any other", IRSA_VERIFIED);
    irsa_finding_help(finding, "set spec.securityContext.fsGroup, or bring the cluster to 1.19 or "
                               "newer");
}

/* A pod on the host's network reaches the metadata service whatever its hop limit is
 * (https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html). */
static void check_host_network(struct irsa_run *run, const struct irsa_carrier *carrier,
                               size_t binding)
{
    const struct irsa_pod_spec *spec = carrier->spec;
    if (!spec->host_network || spec->imds_disabled.len == spec->containers.len)
        return;
    bool fresh;
    struct irsa_finding *finding =
        irsa_carrier_report(run, C069, carrier, binding, "spec.hostNetwork", &fresh);
    if (!fresh)
        return;
    irsa_finding_message(
        finding,
        "%s %s/%s is on the host network: whenever the role fails it silently gets "
        "the node's credentials",
        carrier->kind, carrier->namespace_, carrier->name);
    irsa_finding_evidence(finding, "hostNetwork: true", NULL, IRSA_VERIFIED);
    irsa_finding_help(finding, "set AWS_EC2_METADATA_DISABLED=true in its env, so that a failure "
                               "shows");
}

/* The webhook writes C:\var\... only where the nodeSelector names windows: "Workloads targeting
 * windows nodes using nodeAffinity are currently not supported"
 * (https://github.com/aws/amazon-eks-pod-identity-webhook#readme). */
static void check_windows(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    const struct irsa_pod_spec *spec = carrier->spec;
    if (!spec->windows || !spec->injected_token_file || *spec->injected_token_file != '/')
        return;
    bool fresh;
    struct irsa_finding *finding =
        irsa_carrier_report(run, C070, carrier, binding, "AWS_WEB_IDENTITY_TOKEN_FILE", &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding, "Windows %s %s/%s has the token path \"%s\", which has no drive",
                         carrier->kind, carrier->namespace_, carrier->name,
                         spec->injected_token_file);
    irsa_finding_evidence(finding, spec->injected_token_file,
                          "C:\\var\\run\\secrets\\eks.amazonaws.com\\serviceaccount\\token",
                          IRSA_VERIFIED);
    irsa_finding_help(finding,
                      "set nodeSelector kubernetes.io/os: windows, by which the webhook knows "
                      "Windows pods, and leave the variable to it");
}

static void check_proxy(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    const struct irsa_strings *containers = &carrier->spec->proxy;
    if (containers->len == 0)
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_carrier_report(run, C072, carrier, binding,
                                                       "spec.containers[].env HTTPS_PROXY", &fresh);
    if (!fresh)
        return;
    irsa_finding_message(
        finding,
        "container %s of %s %s/%s sends calls to STS through HTTPS_PROXY: the proxy "
        "must let it through",
        containers->items[0], carrier->kind, carrier->namespace_, carrier->name);
    irsa_finding_evidence(finding, "HTTPS_PROXY without NO_PROXY",
                          "NO_PROXY with the STS endpoint and 169.254.169.254", IRSA_INFERRED);
    irsa_finding_help(finding,
                      "set NO_PROXY to sts.%s.%s,169.254.169.254,.svc,.cluster.local where "
                      "the pod reaches STS directly",
                      run->scope->region ? run->scope->region : "REGION",
                      run->scope->partition && irsa_partition_dns_suffix(run->scope->partition)
                          ? irsa_partition_dns_suffix(run->scope->partition)
                          : "amazonaws.com");
}

/* https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html: tokens go there too.
 */
static void check_endpoint(struct irsa_run *run, const struct irsa_carrier *carrier, size_t binding)
{
    const struct irsa_strings *containers = &carrier->spec->endpoint;
    if (containers->len == 0)
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_carrier_report(
        run, C077, carrier, binding, "spec.containers[].env AWS_ENDPOINT_URL", &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding,
                         "container %s of %s %s/%s sets AWS_ENDPOINT_URL: the token goes to that "
                         "address, and not to STS in the region",
                         containers->items[0], carrier->kind, carrier->namespace_, carrier->name);
    irsa_finding_evidence(finding, "AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_STS is set",
                          "neither, or an endpoint of STS", IRSA_VERIFIED);
    irsa_finding_help(finding, "drop AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_STS from its env, where "
                               "the address is not one of STS");
}

void irsa_check_carrier_settings(struct irsa_run *run, const struct irsa_carrier *carrier,
                                 size_t binding)
{
    irsa_run_ran(run, C066, C066);
    irsa_run_ran(run, C069, C070);
    irsa_run_ran(run, C072, C072);
    irsa_run_ran(run, C077, C077);
    check_skipped(run, carrier, binding);
    check_left_out(run, carrier, binding);
    check_fs_group(run, carrier, binding);
    check_host_network(run, carrier, binding);
    check_windows(run, carrier, binding);
    check_proxy(run, carrier, binding);
    check_endpoint(run, carrier, binding);
}
