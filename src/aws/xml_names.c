/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/xml_names.h"

#include "irsa/base.h"

/* Both in the order of strcmp. "Reason" is a structure in one output and text in another: it is
 * text. */
static const char *const lists[] = {"AccessDetails",
                                    "AccessKeyMetadata",
                                    "AccountAliases",
                                    "AttachedManagedPolicies",
                                    "AttachedPolicies",
                                    "Certificates",
                                    "ClientIDList",
                                    "ContextKeyNames",
                                    "DelegationRequests",
                                    "EnabledFeatures",
                                    "EntityDetailsList",
                                    "EvaluationResults",
                                    "GroupDetailList",
                                    "GroupList",
                                    "GroupPolicyList",
                                    "Groups",
                                    "InlinePolicyTemplates",
                                    "InstanceProfileList",
                                    "InstanceProfiles",
                                    "MFADevices",
                                    "ManagedPolicyArns",
                                    "MatchedStatements",
                                    "MissingContextValues",
                                    "OpenIDConnectProviderList",
                                    "Parameters",
                                    "ParametersDefinition",
                                    "Policies",
                                    "PoliciesGrantingServiceAccess",
                                    "PolicyGroups",
                                    "PolicyNames",
                                    "PolicyRoles",
                                    "PolicyUsers",
                                    "PolicyVersionList",
                                    "PrivateKeyList",
                                    "ResourceSpecificResults",
                                    "Resources",
                                    "RoleDetailList",
                                    "RolePermissionRestrictionArns",
                                    "RolePolicyList",
                                    "RoleTagsTemplate",
                                    "RoleUsageList",
                                    "Roles",
                                    "SAMLProviderList",
                                    "SSHPublicKeys",
                                    "ServerCertificateMetadataList",
                                    "ServiceSpecificCredentials",
                                    "ServicesLastAccessed",
                                    "Tags",
                                    "ThumbprintList",
                                    "TrackedActionsLastAccessed",
                                    "UserDetailList",
                                    "UserPolicyList",
                                    "Users",
                                    "Values",
                                    "Versions",
                                    "VirtualMFADevices"};
static const char *const structures[] = {"AccessKey",
                                         "AccessKeyLastUsed",
                                         "AssumedRoleUser",
                                         "Certificate",
                                         "Certifications",
                                         "Credentials",
                                         "DelegationRequest",
                                         "EndPosition",
                                         "EntityInfo",
                                         "Error",
                                         "ErrorDetails",
                                         "EvalDecisionDetails",
                                         "FederatedUser",
                                         "Group",
                                         "InstanceProfile",
                                         "LoginProfile",
                                         "OrganizationsDecisionDetail",
                                         "PasswordPolicy",
                                         "Permissions",
                                         "PermissionsBoundary",
                                         "PermissionsBoundaryDecisionDetail",
                                         "Policy",
                                         "PolicyVersion",
                                         "Properties",
                                         "Role",
                                         "RoleLastUsed",
                                         "RoleTemplateVersion",
                                         "SSHPublicKey",
                                         "ServerCertificate",
                                         "ServerCertificateMetadata",
                                         "ServiceSpecificCredential",
                                         "SourceRoleTemplate",
                                         "StartPosition",
                                         "SummaryMap",
                                         "User",
                                         "VirtualMFADevice"};

static int compare(const void *key, const void *element)
{
    return strcmp(key, *(const char *const *)element);
}

static bool has(const char *const *names, size_t count, const char *name)
{
    return bsearch(name, (const void *)names, count, sizeof(*names), compare) != NULL;
}

bool irsa_aws_xml_is_list(const char *name)
{
    return has(lists, IRSA_COUNT(lists), name);
}

bool irsa_aws_xml_is_structure(const char *name)
{
    return has(structures, IRSA_COUNT(structures), name);
}
