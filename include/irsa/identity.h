/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity: the strings that name things, as strict value types: ARN, partition and region, OIDC
 * issuer and provider ARN, Kubernetes names and subjects. Every parser either gives a value that is
 * right in all its parts or an error that says which part is wrong and how; for what people
 * mistype there are functions that say what was probably meant.
 */
#ifndef IRSA_FIX_IDENTITY_H
#define IRSA_FIX_IDENTITY_H

#include "irsa/base.h"

/* The audience of IRSA's tokens unless an annotation says otherwise
 * (https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html). */
#define IRSA_DEFAULT_AUDIENCE "sts.amazonaws.com"

/* --- partitions and regions ------------------------------------------------------------------- */

/* "aws", "aws-cn", "aws-us-gov", "aws-iso", ...: false for anything else. */
bool irsa_partition_known(const char *partition);
/* The partition that a region belongs to by its name (botocore's partitions regionRegex), NULL for
 * a string that is no region. Static. */
const char *irsa_partition_of_region(const char *region);
/* "aws-cn" of "arn:aws-cn:sts::...", NULL for anything else or an unknown partition. Static. */
const char *irsa_partition_of_arn(const char *arn);
/* "amazonaws.com", "amazonaws.com.cn", "c2s.ic.gov", ...; NULL for an unknown partition. Static. */
const char *irsa_partition_dns_suffix(const char *partition);
/* Exactly twelve digits. */
bool irsa_account_id_valid(const char *account_id);

/* --- ARNs (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html) -------------- */

struct irsa_arn {
    char *partition;
    char *service;
    char *region;   /* "" where the service has none */
    char *account;  /* "" or twelve digits or "aws" (AWS's own policies) */
    char *resource; /* all after the fifth colon */
};
/* Fails (PARSE) with the first wrong part named. */
int irsa_arn_parse(const char *text, struct irsa_arn *ret, struct irsa_error **reterr);
void irsa_arn_done(struct irsa_arn *arn);
#define irsa_auto_arn IRSA_CLEANUP(irsa_arn_done) struct irsa_arn

/* An IAM role's ARN: arn:PARTITION:iam::ACCOUNT:role/PATH/NAME. */
struct irsa_role_arn {
    char *partition;
    char *account;
    char *path; /* "/" or "/a/b/", always with both slashes */
    char *name;
};
/* Fails (PARSE) on anything but a role ARN that IAM could have made (name at most 64 characters of
 * [A-Za-z0-9+=,.@_-], path at most 512; IAM API CreateRole), with what it is instead where that can
 * be told (instance profile, assumed role, policy, user, bare name, white space, missing colon,
 * account of 11 digits, letter case). The hint carries a corrected form where there is just one. */
int irsa_role_arn_parse(const char *text, struct irsa_role_arn *ret, struct irsa_error **reterr);
void irsa_role_arn_done(struct irsa_role_arn *arn);
#define irsa_auto_role_arn IRSA_CLEANUP(irsa_role_arn_done) struct irsa_role_arn
/* The ARN's text; the caller's. path "/" or "/a/". */
char *irsa_role_arn_text(const char *partition, const char *account, const char *path,
                         const char *name);

/* What a broken annotation value was most likely meant to be: trims white space, quotes,
 * backslashes and newlines, mends `an:`/`arm:`/`ARN:`, doubled or missing colons, `:role:`,
 * assumed-role and instance-profile forms, a bare role name (with partition and account given;
 * these may be NULL: then no completion). Returns a role ARN that parses, the caller's, or NULL
 * where nothing single suggests itself. A given partition replaces the text's; a given account is
 * used where the text's is missing or within two digits of it, never in place of another twelve
 * digits. It is a guess: callers confirm it by facts (the role exists) before using it. */
char *irsa_role_arn_guess(const char *text, const char *partition, const char *account);

/* NULL if name could be an IAM role's name, else why not ("has 70 characters, 64 are allowed");
 * the caller's. */
char *irsa_role_name_problem(const char *name);
/* The same for a role path ("/", "/team/app/"). */
char *irsa_role_path_problem(const char *path);

/* --- issuers and OIDC providers --------------------------------------------------------------- */

/* A cluster's OIDC issuer, https://HOST[:PORT]/PATH (OpenID Connect Discovery 1.0, section 3:
 * https, no query, no fragment). For EKS: https://oidc.eks.REGION.amazonaws.com/id/ID. */
struct irsa_issuer {
    char *url;       /* as the token's `iss` has it, https:// included */
    char *host_path; /* without https://: what provider ARNs and condition keys carry */
    char *host;      /* with the port, if any */
    char *region;    /* EKS issuers: the region, else NULL */
    char *id;        /* EKS issuers: what follows /id/ (32 upper-case hex digits in real ones; any
                        letters and digits pass, as examples and redacted captures have them),
                        else NULL. The dual-stack host (oidc-eks.REGION.api.aws) counts as EKS */
};
/* Accepts with and without https://. Fails (PARSE) on http://, query, fragment, user info, white
 * space, an empty host. Nothing is normalised: a trailing slash or another case is another issuer
 * (IAM compares exactly). */
int irsa_issuer_parse(const char *text, struct irsa_issuer *ret, struct irsa_error **reterr);
/* Is it EKS's, by its host? Text as above; false where it is no issuer. */
bool irsa_issuer_is_eks(const char *text);
void irsa_issuer_done(struct irsa_issuer *issuer);
#define irsa_auto_issuer IRSA_CLEANUP(irsa_issuer_done) struct irsa_issuer

/* arn:PARTITION:iam::ACCOUNT:oidc-provider/HOST_PATH; the caller's. */
char *irsa_provider_arn_text(const char *partition, const char *account, const char *host_path);
struct irsa_provider_arn {
    char *partition;
    char *account;
    char *host_path;
};
int irsa_provider_arn_parse(const char *text, struct irsa_provider_arn *ret,
                            struct irsa_error **reterr);
void irsa_provider_arn_done(struct irsa_provider_arn *arn);
#define irsa_auto_provider_arn IRSA_CLEANUP(irsa_provider_arn_done) struct irsa_provider_arn

/* How two issuers (host_path form) that are not equal are related, for messages and near matches.
 * Order: the first that holds. */
enum irsa_issuer_relation {
    IRSA_ISSUER_EQUAL,
    IRSA_ISSUER_SAME_BUT_CASE,
    IRSA_ISSUER_SAME_BUT_SLASH,     /* trailing slash, or doubled ones */
    IRSA_ISSUER_SAME_BUT_SCHEME,    /* https:// or http:// in front */
    IRSA_ISSUER_SAME_BUT_PORT,      /* :443 */
    IRSA_ISSUER_DUAL_STACK,         /* oidc-eks.REGION.api.aws, same id: never in a token's iss */
    IRSA_ISSUER_SAME_ID_OTHER_HOST, /* same EKS id, another region or suffix, or host parts swapped
                                     */
    IRSA_ISSUER_SAME_HOST_OTHER_ID, /* another cluster of the same region */
    IRSA_ISSUER_MISSING_ID_PREFIX,  /* /ID where /id/ID is right */
    IRSA_ISSUER_UNRELATED,
};
enum irsa_issuer_relation irsa_issuer_relation(const char *wanted, const char *found);
/* "differs in letter case", ... Static. */
const char *irsa_issuer_relation_text(enum irsa_issuer_relation relation);

/* --- EKS clusters ----------------------------------------------------------------------------- */

/* arn:PARTITION:eks:REGION:ACCOUNT:cluster/NAME */
struct irsa_cluster_arn {
    char *partition;
    char *region;
    char *account;
    char *name;
};
int irsa_cluster_arn_parse(const char *text, struct irsa_cluster_arn *ret,
                           struct irsa_error **reterr);
void irsa_cluster_arn_done(struct irsa_cluster_arn *arn);
#define irsa_auto_cluster_arn IRSA_CLEANUP(irsa_cluster_arn_done) struct irsa_cluster_arn

/* --- Kubernetes names and subjects ------------------------------------------------------------ */

/* NULL if name is a namespace name (RFC 1123 label, 63 characters) or a service account name
 * (RFC 1123 subdomain, 253 characters), else why not; the caller's.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
char *irsa_namespace_problem(const char *name);
char *irsa_service_account_problem(const char *name);

/* system:serviceaccount:NS:NAME
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens)
 */
char *irsa_subject_text(const char *namespace_, const char *service_account);
/* True when text is a subject with valid names and no wildcard; the parts are then the caller's. */
bool irsa_subject_parse(const char *text, char **ret_namespace, char **ret_service_account);
/* What a malformed subject was most likely meant to be (system:serviceaccounts:,
 * serviceaccount/ns/name, system/serviceaccount/..., spaces, missing prefix, ns/name), or NULL; the
 * caller's. */
char *irsa_subject_guess(const char *text);

#endif
