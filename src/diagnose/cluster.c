/* SPDX-License-Identifier: Apache-2.0 */
/* The cluster and its issuer. */
#include "diagnose/room.h"

static void concern_all(struct irsa_run *run, struct irsa_finding *finding)
{
    for (size_t i = 0; i < run->bindings->len; i++)
        irsa_finding_binding(finding, i);
}

static const char *cluster_name(const struct irsa_scope *scope)
{
    return scope->cluster_name ? scope->cluster_name : "(not named)";
}

static const char *cluster_file(const struct irsa_run *run)
{
    return run->scope->cluster ? irsa_facts_file(run->facts, &run->scope->cluster->origins) : "?";
}

/* Without an issuer no token can be checked by STS; every EKS cluster has one
 * (https://docs.aws.amazon.com/eks/latest/userguide/enable-iam-roles-for-service-accounts.html). */
static void check_no_issuer(struct irsa_run *run)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C001, NULL, &fresh);
    irsa_finding_subject(finding, "Cluster", NULL, cluster_name(run->scope));
    irsa_finding_message(finding, "cluster %s has no OIDC issuer: AWS can't check its tokens",
                         cluster_name(run->scope));
    irsa_finding_evidence(finding, "no identity.oidc.issuer", "an https:// URL", IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: cluster.identity.oidc.issuer", cluster_file(run));
    irsa_finding_help(finding,
                      "give the API server of %s a --service-account-issuer that AWS can "
                      "reach over https, or use EKS Pod Identity",
                      cluster_name(run->scope));
    if (run->bindings->len == 0)
        finding->severity = IRSA_SEVERITY_NOTE;
    finding->breaks = true;
    concern_all(run, finding);
}

/* "ListClusters" names it, "DescribeCluster" has ResourceNotFoundException for it: the two are not
 * read at one time. */
static void explain_undescribed(struct irsa_finding *finding, const struct irsa_scope *scope)
{
    irsa_finding_evidence(finding,
                          "eks:ListClusters names it, eks:DescribeCluster does not find it",
                          finding->expected, IRSA_NOT_CHECKABLE);
    irsa_finding_source(finding, "eks:DescribeCluster");
    irsa_finding_help(
        finding,
        "plan again in a minute: cluster %s is probably being deleted or was just made; "
        "if it stays so, set issuer in irsa-fix.ini",
        scope->cluster_name);
}

static void check_issuer_seen(struct irsa_run *run)
{
    const struct irsa_scope *scope = run->scope;
    irsa_run_ran(run, C090, C090);
    if (run->bindings->len == 0 || (scope->issuer && !scope->issuer_inferred))
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C090, NULL, &fresh);
    irsa_finding_subject(finding, "Cluster", NULL, cluster_name(scope));
    if (scope->issuer)
        irsa_finding_message(finding,
                             "OIDC issuer of cluster %s was not seen; \"%s\" is concluded from "
                             "trust policies and providers, which may be those of another cluster",
                             cluster_name(scope), scope->issuer);
    else
        irsa_finding_message(finding,
                             "OIDC issuer of cluster %s was not seen: trust policies and "
                             "providers can't be compared with it",
                             cluster_name(scope));
    irsa_finding_evidence(finding, scope->issuer ? scope->issuer : "nothing that names it",
                          "the answer of aws eks describe-cluster", IRSA_NOT_CHECKABLE);
    irsa_autofree char *command =
        irsa_suggest(run->intent, IRSA_TOOL_AWS, "aws eks describe-cluster", "--name",
                     scope->cluster_name ? scope->cluster_name : "NAME", NULL);
    irsa_finding_help(finding, "add the output of \"%s\", or set issuer in irsa-fix.ini", command);
    static const char *const reads[] = {"eks:DescribeCluster", "eks:ListClusters", NULL};
    (void)irsa_finding_denied(run, finding, NULL, NULL, reads);
    if (scope->cluster_name && irsa_strings_has(&run->facts->undescribed, scope->cluster_name))
        explain_undescribed(finding, scope);
    finding->blocks_decision = true;
    concern_all(run, finding);
}

/* "my.bucket.s3.eu-west-1.amazonaws.com": S3's certificate is for one label in front of s3, so that
 * TLS fails for a bucket with dots, and IAM can't read the keys
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html). */
static bool bucket_has_dots(const char *host)
{
    const char *s3 = strstr(host, ".s3.");
    if (!s3)
        s3 = strstr(host, ".s3-");
    if (!s3 || !strstr(s3, ".amazonaws.com"))
        return false;
    return memchr(host, '.', (size_t)(s3 - host)) != NULL;
}

static void check_bucket(struct irsa_run *run, const struct irsa_issuer *issuer)
{
    irsa_run_ran(run, C003, C003);
    if (!bucket_has_dots(issuer->host))
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C003, NULL, &fresh);
    irsa_finding_subject(finding, "Cluster", NULL, cluster_name(run->scope));
    irsa_finding_message(finding,
                         "issuer host \"%s\" is a bucket whose name has dots: its certificate does "
                         "not cover it, and IAM can't fetch the signing keys",
                         issuer->host);
    irsa_finding_evidence(finding, issuer->host, "a bucket name without dots", IRSA_INFERRED);
    irsa_finding_source(finding, "%s: cluster.identity.oidc.issuer", cluster_file(run));
    irsa_finding_help(finding, "publish the discovery documents in a bucket without dots in its "
                               "name, and use its URL as --service-account-issuer");
    concern_all(run, finding);
}

static void report_bad_issuer(struct irsa_run *run, const char *why)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C004, NULL, &fresh);
    irsa_finding_subject(finding, "Cluster", NULL, cluster_name(run->scope));
    irsa_finding_message(finding, "issuer \"%s\" of cluster %s can't be registered in IAM: %s",
                         run->scope->issuer_url, cluster_name(run->scope), why);
    irsa_finding_evidence(finding, run->scope->issuer_url,
                          "https://HOST/PATH, at most 255 characters", IRSA_VERIFIED);
    if (run->intent->issuer && run->intent->config_file)
        irsa_finding_source(finding, "%s: issuer", run->intent->config_file);
    else
        irsa_finding_source(finding, "%s: cluster.identity.oidc.issuer", cluster_file(run));
    irsa_finding_help(finding, "set --service-account-issuer of the API server to an https URL "
                               "without port, query and fragment");
    finding->breaks = true;
    concern_all(run, finding);
}

/* CreateOpenIDConnectProvider: "must begin with https://", "should not contain a port number", no
 * query parameters, 255 characters at most
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html). */
static void check_issuer_form(struct irsa_run *run)
{
    const struct irsa_scope *scope = run->scope;
    if (!scope->issuer_url)
        return;
    irsa_run_ran(run, C004, C004);
    irsa_auto_issuer issuer = {0};
    irsa_auto_error error = NULL;
    if (irsa_issuer_parse(scope->issuer_url, &issuer, &error) < 0) {
        report_bad_issuer(run, irsa_error_message(error));
        return;
    }
    if (strlen(scope->issuer_url) > 255)
        report_bad_issuer(run, "it has more than 255 characters");
    else if (strchr(issuer.host, ':'))
        report_bad_issuer(run, "it has a port number");
    check_bucket(run, &issuer);
}

void irsa_check_cluster(struct irsa_run *run)
{
    const struct irsa_scope *scope = run->scope;
    irsa_run_ran(run, C002, C002);
    for (size_t i = 0; i < scope->contradictions.len; i++) {
        bool fresh;
        struct irsa_finding *finding = irsa_run_find(run, C002, NULL, &fresh);
        irsa_finding_subject(finding, "Cluster", NULL, cluster_name(scope));
        irsa_finding_message(finding, "%s", scope->contradictions.items[i]);
        irsa_finding_evidence(finding, scope->contradictions.items[i], NULL, IRSA_VERIFIED);
        irsa_finding_source(finding, "%s: cluster", cluster_file(run));
        irsa_finding_help(finding, "make sure that all files are of one account and cluster");
    }
    if (scope->cluster)
        irsa_run_ran(run, C001, C001);
    else
        irsa_run_skip(run, C001, C001, "the cluster was not seen");
    if (scope->no_issuer) {
        check_no_issuer(run);
        return;
    }
    check_issuer_seen(run);
    check_issuer_form(run);
}
