/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of checks, written once: CHECK(number, severity, link, title). A number is stable: a
 * retired one is never used again. docs/checks/IRSAnnn.md is the page of each.
 */
#ifndef IRSA_FIX_DIAGNOSE_CODES_H
#define IRSA_FIX_DIAGNOSE_CODES_H

#include "irsa/diagnose.h"

/* clang-format off */
#define IRSA_CODES(CHECK) \
    /* 00x: cluster and world */ \
    CHECK(001, ERROR,   CLUSTER, "cluster has no OIDC issuer") \
    CHECK(002, WARNING, CLUSTER, "what is known about the cluster contradicts itself") \
    CHECK(003, WARNING, CLUSTER, "OIDC issuer is a bucket whose name has dots") \
    CHECK(004, ERROR,   CLUSTER, "OIDC issuer is not a URL that IAM can register") \
    CHECK(005, ERROR,   CLUSTER, "cluster is being deleted") \
    CHECK(006, ERROR,   SERVICE_ACCOUNT, "service account or its namespace is being deleted") \
    /* 01x: OIDC provider */ \
    CHECK(010, ERROR,   PROVIDER, "no OIDC provider for the cluster's issuer") \
    CHECK(011, ERROR,   PROVIDER, "OIDC provider lacks the token's audience") \
    CHECK(012, ERROR,   PROVIDER, "OIDC provider's URL differs slightly from the issuer") \
    CHECK(013, ERROR,   PROVIDER, "OIDC provider has the dual-stack host") \
    CHECK(014, ERROR,   PROVIDER, "OIDC provider has the cluster's id, but another host") \
    CHECK(015, ERROR,   PROVIDER, "OIDC provider is not in the role's account") \
    CHECK(016, NOTE,    PROVIDER, "OIDC provider belongs to no cluster that was seen") \
    CHECK(017, NOTE,    PROVIDER, "OIDC provider's thumbprints do not matter any more") \
    CHECK(018, WARNING, PROVIDER, "OIDC provider lacks the thumbprint that was given") \
    /* 02x and 03x: trust policy */ \
    CHECK(020, ERROR,   TRUST, "trust policy has no statement for the service account") \
    CHECK(021, ERROR,   TRUST, "trust policy expects another audience") \
    CHECK(022, ERROR,   TRUST, "trust policy trusts another cluster") \
    CHECK(023, ERROR,   TRUST, "trust policies trust the issuer of a cluster that is gone") \
    CHECK(024, ERROR,   TRUST, "trust policy names another namespace or service account") \
    CHECK(025, ERROR,   TRUST, "subject in the trust policy is malformed") \
    CHECK(026, ERROR,   TRUST, "pattern stands under an operator that takes it literally") \
    CHECK(027, ERROR,   TRUST, "Federated principal is misspelt") \
    CHECK(028, ERROR,   TRUST, "Federated principal is in another account or partition") \
    CHECK(029, ERROR,   TRUST, "Federated principal names a provider that does not exist") \
    CHECK(030, ERROR,   TRUST, "condition key in the trust policy is malformed") \
    CHECK(031, ERROR,   TRUST, "condition key belongs to another issuer than the principal") \
    CHECK(032, ERROR,   TRUST, "condition keys for subject and audience are mixed up") \
    CHECK(033, ERROR,   TRUST, "trust policy allows another action") \
    CHECK(034, ERROR,   TRUST, "principal of the trust policy is not Federated") \
    CHECK(035, ERROR,   TRUST, "permission policy stands in place of the trust policy") \
    CHECK(036, ERROR,   TRUST, "trust policy is not valid") \
    CHECK(037, ERROR,   TRUST, "Deny statement of the trust policy is in the way") \
    CHECK(038, ERROR,   TRUST, "further condition of the trust policy is not met") \
    CHECK(039, WARNING, TRUST, "trust policy is over the quota") \
    /* 04x: role and permissions */ \
    CHECK(040, ERROR,   ROLE, "role does not exist") \
    CHECK(041, ERROR,   ROLE, "role has another path") \
    CHECK(042, ERROR,   ROLE, "role's name has other letter case") \
    CHECK(043, ERROR,   ROLE, "role exists in another account") \
    CHECK(044, WARNING, PERMISSIONS, "role has no permissions") \
    CHECK(045, ERROR,   PERMISSIONS, "wanted policy is not on the role") \
    CHECK(046, ERROR,   PERMISSIONS, "needed action is not allowed") \
    CHECK(047, WARNING, PERMISSIONS, "role's settings are not those that are wanted") \
    CHECK(048, WARNING, PERMISSIONS, "policy names a principal that was deleted") \
    CHECK(049, WARNING, PERMISSIONS, "role assumes itself, and does not trust itself") \
    /* 05x: service account */ \
    CHECK(050, ERROR,   SERVICE_ACCOUNT, "service account does not exist") \
    CHECK(051, ERROR,   SERVICE_ACCOUNT, "service account is in another namespace") \
    CHECK(052, ERROR,   SERVICE_ACCOUNT, "service account has no role annotation") \
    CHECK(053, ERROR,   SERVICE_ACCOUNT, "role annotation is on another object") \
    CHECK(054, ERROR,   SERVICE_ACCOUNT, "role annotation's key is misspelt") \
    CHECK(055, ERROR,   SERVICE_ACCOUNT, "role annotation's value is not a role ARN") \
    CHECK(056, ERROR,   SERVICE_ACCOUNT, "service account names another role") \
    CHECK(057, ERROR,   SERVICE_ACCOUNT, "audience annotation does not fit") \
    CHECK(058, WARNING, SERVICE_ACCOUNT, "annotation of the service account has a value that is not valid") \
    CHECK(059, NOTE,    SERVICE_ACCOUNT, "automountServiceAccountToken is false, which does not matter here") \
    /* 06x and 07x: pods and workloads */ \
    CHECK(060, WARNING, POD, "pods run without the role: they are older than the annotation") \
    CHECK(061, WARNING, POD, "workload runs as the default service account") \
    CHECK(062, WARNING, POD, "workload names another service account") \
    CHECK(063, WARNING, POD, "credential variables are set by hand") \
    CHECK(064, WARNING, POD, "static access keys win over the role") \
    CHECK(065, WARNING, POD, "credentials file or profile wins over the role") \
    CHECK(066, WARNING, POD, "containers are skipped by annotation") \
    CHECK(067, WARNING, POD, "token is not the one that STS accepts") \
    CHECK(068, WARNING, POD, "token can't be read: non-root user without fsGroup on an old cluster") \
    CHECK(069, NOTE,    POD, "pod is on the host network: without the role it gets the node's credentials") \
    CHECK(070, NOTE,    POD, "Windows pod needs a Windows form of the token path") \
    CHECK(071, WARNING, POD, "image's SDK is too old for web identity") \
    CHECK(072, WARNING, POD, "proxy is set without NO_PROXY") \
    CHECK(073, NOTE,    POD, "global STS endpoint is used") \
    CHECK(074, WARNING, POD, "service account also has a Pod Identity association") \
    CHECK(075, NOTE,    POD, "environment comes from a source that was not seen") \
    CHECK(076, WARNING, POD, "pods run with another role") \
    CHECK(077, NOTE,    POD, "an endpoint of its own is set for STS") \
    /* 08x: webhook and account */ \
    CHECK(080, ERROR,   POD, "pod identity webhook is missing") \
    CHECK(081, ERROR,   POD, "pod identity webhook leaves the namespace out") \
    CHECK(082, NOTE,    POD, "pod identity webhook lets pods pass when it fails") \
    CHECK(083, ERROR,   POD, "pod identity webhook does not handle the creation of pods") \
    CHECK(084, WARNING, POD, "pod identity webhook handles only pods with a label") \
    /* 09x: what could not be seen */ \
    CHECK(090, WARNING, CLUSTER, "cluster's OIDC issuer was not seen") \
    CHECK(091, WARNING, PROVIDER, "OIDC provider was not seen") \
    CHECK(092, WARNING, PROVIDER, "OIDC provider's audiences were not seen") \
    CHECK(093, WARNING, ROLE, "role was not seen") \
    CHECK(094, WARNING, TRUST, "trust policy was not seen") \
    CHECK(095, WARNING, TRUST, "trust policy depends on what can't be known beforehand") \
    CHECK(096, WARNING, SERVICE_ACCOUNT, "service account was not seen") \
    CHECK(097, ERROR,   SERVICE_ACCOUNT, "which role is wanted can't be told") \
    CHECK(098, WARNING, PERMISSIONS, "permissions of the role were not seen") \
    CHECK(099, WARNING, PERMISSIONS, "IAM's policy simulator denies a needed action") \
    /* 10x: trust policies that let too much in, and what surprises in them */ \
    CHECK(100, WARNING, TRUST, "trust policy lets any service account of the cluster in") \
    CHECK(101, WARNING, TRUST, "trust policy is open to anybody") \
    CHECK(102, WARNING, TRUST, "ForAllValues lets requests in that lack the key") \
    CHECK(103, NOTE,    TRUST, "trust policy does not check the audience") \
    CHECK(104, NOTE,    TRUST, "trust policy holds something that surprises") \
    /* 11x: what only STS and a pod can say (irsa-fix verify) */ \
    CHECK(110, ERROR,   CLUSTER, "token's times are not right") \
    CHECK(111, ERROR,   PROVIDER, "token can't be verified with the issuer's keys") \
    CHECK(112, ERROR,   CLUSTER, "STS is not active in the region") \
    CHECK(113, ERROR,   TRUST, "policy of the organization seems to deny it") \
    CHECK(114, ERROR,   ROLE, "session is longer than the role allows") \
    CHECK(115, ERROR,   PROVIDER, "STS can't reach the issuer") \
    CHECK(116, ERROR,   POD, "pod acts as somebody else than the role") \
    CHECK(117, ERROR,   POD, "new pod does not get the role's environment") \
    CHECK(118, ERROR,   POD, "test pod does not start") \
    CHECK(119, ERROR,   POD, "test pod finds no node") \
    CHECK(120, ERROR,   POD, "test pod is not admitted") \
    CHECK(121, ERROR,   SERVICE_ACCOUNT, "token's claims are not those of the service account") \
    /* 13x: re-pointing and pruning (--repoint, --prune), made by src/plan */ \
    CHECK(130, ERROR,   TRUST, "roles trust the issuer that is re-pointed") \
    CHECK(131, ERROR,   TRUST, "trust policy is not re-pointed") \
    CHECK(132, WARNING, TRUST, "roles trust an issuer that no longer exists") \
    CHECK(133, WARNING, TRUST, "trust in an issuer that no longer exists stays") \
    CHECK(134, WARNING, PROVIDER, "OIDC provider's cluster no longer exists") \
    CHECK(135, NOTE,    PROVIDER, "whether the OIDC provider's cluster exists is not known")
/* clang-format on */

enum code {
#define CHECK(number, severity, link, title) C##number,
    IRSA_CODES(CHECK)
#undef CHECK
        CODE_MAX
};

#endif
