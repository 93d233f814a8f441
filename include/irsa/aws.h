/* SPDX-License-Identifier: Apache-2.0 */
/*
 * aws: STS, IAM and EKS as they are on the wire. One table says all about an operation; calls are
 * made and read from it, and so are the IAM policies that `irsa-fix permissions` prints. Answers
 * come in the AWS CLI's JSON form, so that a live world and a captured one are read by the same
 * code.
 */
#ifndef IRSA_FIX_AWS_H
#define IRSA_FIX_AWS_H

#include "irsa/base.h"
#include "irsa/net.h"

#include <jansson.h>

/* --- operations ------------------------------------------------------------------------------- */

enum irsa_aws_operation {
    IRSA_STS_GET_CALLER_IDENTITY,
    IRSA_STS_ASSUME_ROLE,
    IRSA_EKS_DESCRIBE_CLUSTER,
    IRSA_EKS_LIST_CLUSTERS,
    IRSA_EKS_LIST_POD_IDENTITY_ASSOCIATIONS,
    IRSA_EKS_DESCRIBE_POD_IDENTITY_ASSOCIATION,
    IRSA_IAM_LIST_PROVIDERS,
    IRSA_IAM_GET_PROVIDER,
    IRSA_IAM_CREATE_PROVIDER,
    IRSA_IAM_ADD_CLIENT_ID,
    IRSA_IAM_REMOVE_CLIENT_ID,
    IRSA_IAM_UPDATE_THUMBPRINT,
    IRSA_IAM_DELETE_PROVIDER,
    IRSA_IAM_TAG_PROVIDER,
    IRSA_IAM_GET_ROLE,
    IRSA_IAM_LIST_ROLES,
    IRSA_IAM_GET_ACCOUNT_AUTHORIZATION_DETAILS,
    IRSA_IAM_CREATE_ROLE,
    IRSA_IAM_UPDATE_ASSUME_ROLE_POLICY,
    IRSA_IAM_UPDATE_ROLE,
    IRSA_IAM_DELETE_ROLE,
    IRSA_IAM_PUT_ROLE_PERMISSIONS_BOUNDARY,
    IRSA_IAM_DELETE_ROLE_PERMISSIONS_BOUNDARY,
    IRSA_IAM_TAG_ROLE,
    IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES,
    IRSA_IAM_ATTACH_ROLE_POLICY,
    IRSA_IAM_DETACH_ROLE_POLICY,
    IRSA_IAM_LIST_ROLE_POLICIES,
    IRSA_IAM_GET_ROLE_POLICY,
    IRSA_IAM_PUT_ROLE_POLICY,
    IRSA_IAM_DELETE_ROLE_POLICY,
    IRSA_IAM_GET_POLICY,
    IRSA_IAM_GET_POLICY_VERSION,
    IRSA_IAM_LIST_ACCOUNT_ALIASES,
    IRSA_IAM_SIMULATE_PRINCIPAL_POLICY,
    IRSA_AWS_OPERATION_MAX_,
};

/* What an action is allowed on, in IAM policies
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html,
 * list_amazonelastickubernetesservice.html). */
enum irsa_aws_resource {
    IRSA_RESOURCE_ANY, /* "*": the action takes no resource */
    IRSA_RESOURCE_ROLE,
    IRSA_RESOURCE_PROVIDER,
    IRSA_RESOURCE_POLICY,
    IRSA_RESOURCE_CLUSTER,
    IRSA_RESOURCE_ASSOCIATION,
    IRSA_RESOURCE_MAX_,
};

enum irsa_aws_pages { IRSA_PAGES_NONE, IRSA_PAGES_MARKER, IRSA_PAGES_NEXT_TOKEN };

struct irsa_aws_spec {
    const char *service; /* "iam": of endpoints and signatures */
    const char *name;    /* "GetRole" */
    const char *action;  /* "iam:GetRole"; NULL: nothing has to allow it */
    const char *version; /* the query protocol's; NULL: REST with JSON */
    const char *path;    /* of REST, with {parameters}; "/" of the query protocol */
    enum irsa_aws_pages pages;
    enum irsa_aws_resource resource;
    const char *member; /* what an answer must have; NULL: nothing */
    const char *echo;   /* a parameter that the answer repeats, since it does not say what it is
                           about; NULL: none */
    bool writes;
    bool repeatable; /* may be sent again after a lost answer: the second time does no harm */
};
const struct irsa_aws_spec *irsa_aws_spec(enum irsa_aws_operation operation);
/* "iam:GetRole", also for what needs no permission. Static. */
const char *irsa_aws_label(enum irsa_aws_operation operation);

/* --- who calls -------------------------------------------------------------------------------- */

struct irsa_aws;
struct irsa_aws_options {
    const char *profile; /* --profile; NULL: as the AWS CLI would choose */
    const char *region;  /* --region, irsa-fix.ini; NULL: as the AWS CLI would choose */
    struct irsa_transport *transport; /* tests; borrowed. NULL: libcurl */
    bool log_http;
    long timeout_ms; /* of one call with its retries' pauses; 0: the default of net */
    const volatile bool *interrupted;
};
/* Reads the files of the AWS CLI and finds credentials. Errors: USAGE, IO, PARSE, NOT_FOUND, AUTH,
 * NET. */
int irsa_aws_open(const struct irsa_aws_options *options, struct irsa_aws **ret,
                  struct irsa_error **reterr);
/* Another identity over the connections of `home`, which must outlive it: by a profile, or by a
 * role that home's identity assumes. One of both is NULL. */
int irsa_aws_open_other(struct irsa_aws *home, const char *profile, const char *role_arn,
                        struct irsa_aws **ret, struct irsa_error **reterr);
void irsa_aws_free(struct irsa_aws *aws);
static inline void irsa_aws_freep(struct irsa_aws **p)
{
    irsa_aws_free(*p);
}
#define irsa_auto_aws IRSA_CLEANUP(irsa_aws_freep) struct irsa_aws *
/* The region that the variables and the profile (NULL: as chosen by these) say, without asking
 * anybody; *ret, the caller's, is NULL where they say none. Errors: those of reading the files. */
int irsa_aws_configured_region(const char *profile, char **ret, struct irsa_error **reterr);
/* The region of EKS and STS; borrowed. */
const char *irsa_aws_region(const struct irsa_aws *aws);

/* --- calls ------------------------------------------------------------------------------------ */

struct irsa_aws_call {
    struct irsa_aws *aws; /* borrowed */
    enum irsa_aws_operation operation;
    json_t *parameters; /* owned: an object, names as in the API reference */
    json_t *answer;     /* owned: as the AWS CLI prints it, all pages in one; NULL after an error */
    /* Takes each page as it comes, so that long answers need not be held as a whole; `answer` is an
     * empty object then. -1 ends the call with its error. NULL: pages become the answer. */
    int (*take_page)(void *context, const json_t *page, struct irsa_error **reterr);
    void *context;
    struct irsa_error *error; /* owned: "iam:GetRole at HOST: CODE: message (request id ...)" */
    char *code;               /* AWS's error code, or NULL */
    bool maybe_done;          /* the answer was lost: a write may have been carried out */
};
void irsa_aws_call_done(struct irsa_aws_call *call);
/* True where it failed with that code. */
bool irsa_aws_failed_with(const struct irsa_aws_call *call, const char *code);
/* Carries all of them out at once, each with its further pages. Each ends with answer or error:
 * kinds ACCESS (the message names the action), AUTH (keys wrong or expired), NOT_FOUND, CONFLICT
 * (exists already, is being changed), LIMIT (quotas), PARSE (refused as malformed; an answer that
 * is none), NET. */
void irsa_aws_call_all(struct irsa_aws_call *const *calls, size_t count);

/* --- web identity ----------------------------------------------------------------------------- */

/* AssumeRoleWithWebIdentity as a pod would ask, and who comes out. The call itself is not signed
 * and needs no permission of the caller's: the token is what proves
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html, "Calling
 * AssumeRoleWithWebIdentity does not require the use of AWS security credentials"). */
struct irsa_aws_web_identity {
    const char *role_arn;            /* borrowed */
    const char *session_name;        /* borrowed */
    const struct irsa_secret *token; /* borrowed */
    /* answer */
    struct irsa_aws *identity; /* owned: who it is now, over home's connections; NULL: nobody */
    char *assumed_arn;         /* AssumedRoleUser.Arn, or NULL */
    char *provider;            /* the OIDC provider that STS went by, or NULL */
    char *code;                /* AWS's refusal: "InvalidIdentityToken"; NULL: none */
    char *message;             /* its first line, or NULL */
    char *request_id;          /* or NULL */
    char *host;                /* that was asked: "sts.eu-west-1.amazonaws.com" */
    struct irsa_error *error;  /* owned: why there is no identity; kinds as in irsa_aws_call */
};
void irsa_aws_web_identity_done(struct irsa_aws_web_identity *call);
/* All at once, at STS in home's region, for the shortest session that there is. */
void irsa_aws_web_identity_all(struct irsa_aws *home, struct irsa_aws_web_identity *const *calls,
                               size_t count);

/* The keys that an issuer publishes, as STS reads them: its discovery document, then the key set
 * at the jwks_uri (OpenID Connect Discovery 1.0). *ret (a new reference) has "keys"; *ret_uri, the
 * caller's, is where they stood. Errors: NET, PARSE. */
int irsa_aws_issuer_keys(struct irsa_aws *home, const char *issuer_url, json_t **ret,
                         char **ret_uri, struct irsa_error **reterr);

/* --- EKS' log-in ------------------------------------------------------------------------------ */

/* The bearer token "k8s-aws-v1...." for a cluster's API server, made without a request; region
 * NULL: the identity's. *ret_expiry: Unix seconds. Errors: PARSE. */
int irsa_aws_eks_token(struct irsa_aws *aws, const char *cluster, const char *region,
                       struct irsa_secret *ret_token, int64_t *ret_expiry,
                       struct irsa_error **reterr);

/* --- thumbprints ------------------------------------------------------------------------------ */

/* The SHA-1 of the topmost certificate that the issuer's host serves, 40 hex digits, the caller's,
 * by a TLS connection whose chain is not verified: IAM is told what is there
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html).
 * Errors: NET, PARSE. */
int irsa_aws_thumbprint(const char *issuer_url, long timeout_ms, char **ret,
                        struct irsa_error **reterr);

#endif
