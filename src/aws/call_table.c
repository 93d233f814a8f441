/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations. Sources: the API references of STS, IAM and EKS
 * (https://docs.aws.amazon.com/STS/latest/APIReference/,
 * https://docs.aws.amazon.com/IAM/latest/APIReference/,
 * https://docs.aws.amazon.com/eks/latest/APIReference/) and botocore's service models of the same
 * versions.
 */
#include "irsa/aws.h"

#define STS_VERSION "2011-06-15"
#define IAM_VERSION "2010-05-08"

#define READ .repeatable = true
#define WRITE .writes = true
#define REPEATABLE_WRITE .writes = true, .repeatable = true
#define STS(n)                                                                                     \
    .service = "sts", .name = (n), .action = "sts:" n, .version = STS_VERSION, .path = "/"
#define IAM(n, r)                                                                                  \
    .service = "iam", .name = (n), .action = "iam:" n, .version = IAM_VERSION, .path = "/",        \
    .resource = IRSA_RESOURCE_##r
#define EKS(n, r) .service = "eks", .name = (n), .action = "eks:" n, .resource = IRSA_RESOURCE_##r

static const struct irsa_aws_spec specs[IRSA_AWS_OPERATION_MAX_] = {
    /* "No permissions are required to perform this operation." */
    [IRSA_STS_GET_CALLER_IDENTITY] = {.service = "sts",
                                      .name = "GetCallerIdentity",
                                      .version = STS_VERSION,
                                      .path = "/",
                                      .member = "Account",
                                      READ},
    [IRSA_STS_ASSUME_ROLE] = {STS("AssumeRole"), .resource = IRSA_RESOURCE_ROLE,
                              .member = "Credentials", READ},

    [IRSA_EKS_DESCRIBE_CLUSTER] = {EKS("DescribeCluster", CLUSTER), .path = "/clusters/{name}",
                                   .member = "cluster", READ},
    [IRSA_EKS_LIST_CLUSTERS] = {EKS("ListClusters", ANY), .path = "/clusters",
                                .pages = IRSA_PAGES_NEXT_TOKEN, .member = "clusters", READ},
    [IRSA_EKS_LIST_POD_IDENTITY_ASSOCIATIONS] =
        {EKS("ListPodIdentityAssociations", CLUSTER),
         .path = "/clusters/{clusterName}/pod-identity-associations",
         .pages = IRSA_PAGES_NEXT_TOKEN, .member = "associations", READ},
    [IRSA_EKS_DESCRIBE_POD_IDENTITY_ASSOCIATION] =
        {EKS("DescribePodIdentityAssociation", ASSOCIATION),
         .path = "/clusters/{clusterName}/pod-identity-associations/{associationId}",
         .member = "association", READ},

    [IRSA_IAM_LIST_PROVIDERS] = {IAM("ListOpenIDConnectProviders", ANY),
                                 .member = "OpenIDConnectProviderList", READ},
    [IRSA_IAM_GET_PROVIDER] = {IAM("GetOpenIDConnectProvider", PROVIDER),
                               .echo = "OpenIDConnectProviderArn", .member = "Url", READ},
    [IRSA_IAM_CREATE_PROVIDER] = {IAM("CreateOpenIDConnectProvider", PROVIDER), WRITE},
    /* "This operation is idempotent; it does not fail or return an error if you add an existing
     * client ID to the provider." */
    [IRSA_IAM_ADD_CLIENT_ID] = {IAM("AddClientIDToOpenIDConnectProvider", PROVIDER),
                                REPEATABLE_WRITE},
    /* "This operation is idempotent; it does not fail or return an error if you try to remove a
     * client ID that does not exist." */
    [IRSA_IAM_REMOVE_CLIENT_ID] = {IAM("RemoveClientIDFromOpenIDConnectProvider", PROVIDER),
                                   REPEATABLE_WRITE},
    [IRSA_IAM_UPDATE_THUMBPRINT] = {IAM("UpdateOpenIDConnectProviderThumbprint", PROVIDER),
                                    REPEATABLE_WRITE},
    /* "This operation is idempotent; it does not fail or return an error if you call the operation
     * for a provider that does not exist." */
    [IRSA_IAM_DELETE_PROVIDER] = {IAM("DeleteOpenIDConnectProvider", PROVIDER), REPEATABLE_WRITE},
    [IRSA_IAM_TAG_PROVIDER] = {IAM("TagOpenIDConnectProvider", PROVIDER), REPEATABLE_WRITE},

    [IRSA_IAM_GET_ROLE] = {IAM("GetRole", ROLE), .member = "Role", READ},
    [IRSA_IAM_LIST_ROLES] = {IAM("ListRoles", ANY), .pages = IRSA_PAGES_MARKER, .member = "Roles",
                             READ},
    [IRSA_IAM_GET_ACCOUNT_AUTHORIZATION_DETAILS] = {IAM("GetAccountAuthorizationDetails", ANY),
                                                    .pages = IRSA_PAGES_MARKER, READ},
    [IRSA_IAM_CREATE_ROLE] = {IAM("CreateRole", ROLE), WRITE},
    [IRSA_IAM_UPDATE_ASSUME_ROLE_POLICY] = {IAM("UpdateAssumeRolePolicy", ROLE), REPEATABLE_WRITE},
    [IRSA_IAM_UPDATE_ROLE] = {IAM("UpdateRole", ROLE), REPEATABLE_WRITE},
    /* Done twice the second answer is NoSuchEntity, which says the same. */
    [IRSA_IAM_DELETE_ROLE] = {IAM("DeleteRole", ROLE), REPEATABLE_WRITE},
    [IRSA_IAM_DELETE_ROLE_PERMISSIONS_BOUNDARY] = {IAM("DeleteRolePermissionsBoundary", ROLE),
                                                   REPEATABLE_WRITE},
    [IRSA_IAM_PUT_ROLE_PERMISSIONS_BOUNDARY] = {IAM("PutRolePermissionsBoundary", ROLE),
                                                REPEATABLE_WRITE},
    [IRSA_IAM_TAG_ROLE] = {IAM("TagRole", ROLE), REPEATABLE_WRITE},
    [IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES] = {IAM("ListAttachedRolePolicies", ROLE),
                                              .pages = IRSA_PAGES_MARKER, .echo = "RoleName",
                                              .member = "AttachedPolicies", READ},
    [IRSA_IAM_ATTACH_ROLE_POLICY] = {IAM("AttachRolePolicy", ROLE), REPEATABLE_WRITE},
    [IRSA_IAM_DETACH_ROLE_POLICY] = {IAM("DetachRolePolicy", ROLE), REPEATABLE_WRITE},
    [IRSA_IAM_LIST_ROLE_POLICIES] = {IAM("ListRolePolicies", ROLE), .pages = IRSA_PAGES_MARKER,
                                     .echo = "RoleName", .member = "PolicyNames", READ},
    [IRSA_IAM_GET_ROLE_POLICY] = {IAM("GetRolePolicy", ROLE), .member = "PolicyDocument", READ},
    [IRSA_IAM_PUT_ROLE_POLICY] = {IAM("PutRolePolicy", ROLE), REPEATABLE_WRITE},
    [IRSA_IAM_DELETE_ROLE_POLICY] = {IAM("DeleteRolePolicy", ROLE), REPEATABLE_WRITE},
    [IRSA_IAM_GET_POLICY] = {IAM("GetPolicy", POLICY), .member = "Policy", READ},
    [IRSA_IAM_GET_POLICY_VERSION] = {IAM("GetPolicyVersion", POLICY), .echo = "PolicyArn",
                                     .member = "PolicyVersion", READ},
    [IRSA_IAM_LIST_ACCOUNT_ALIASES] = {IAM("ListAccountAliases", ANY), .pages = IRSA_PAGES_MARKER,
                                       .member = "AccountAliases", READ},
    [IRSA_IAM_SIMULATE_PRINCIPAL_POLICY] = {IAM("SimulatePrincipalPolicy", ROLE),
                                            .pages = IRSA_PAGES_MARKER, .echo = "PolicySourceArn",
                                            .member = "EvaluationResults", READ},
};

const struct irsa_aws_spec *irsa_aws_spec(enum irsa_aws_operation operation)
{
    return &specs[operation];
}

const char *irsa_aws_label(enum irsa_aws_operation operation)
{
    const struct irsa_aws_spec *spec = &specs[operation];
    return spec->action ? spec->action : "sts:GetCallerIdentity";
}
