/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts: what exists, as typed records owned in one place and looked up by name in O(1). Records
 * are made from the answers of AWS and Kubernetes (the AWS CLI's JSON, Kubernetes objects), whether
 * they come from files or from a wire. What was not seen is unknown; only a listing makes absence
 * known, and every question about absence is answered with an enum irsa_presence. Pure: no files,
 * no network.
 */
#ifndef IRSA_FIX_FACTS_H
#define IRSA_FIX_FACTS_H

#include "irsa/base.h"
#include "irsa/identity.h"
#include "irsa/policy.h"

#include <jansson.h>

/* "Not there" and "not seen" are never the same. */
enum irsa_presence { IRSA_PRESENT, IRSA_ABSENT, IRSA_UNSEEN };

/* --- where a fact was read -------------------------------------------------------------------- */

/* One place an object was read from. `path` is that of the object inside the document
 * (["RoleDetailList", 3], ["items", 17], ["Role"], []), made on demand by irsa_origin_path. */
struct irsa_origin {
    uint32_t file;     /* index into irsa_facts.files */
    uint32_t document; /* from 0: YAML streams hold several */
    uint32_t item;     /* place in `list`, or UINT32_MAX */
    const char *list; /* "items", "Roles", "RoleDetailList", "Role", ...: static; NULL: the document
                         itself */
};
struct irsa_origins {
    struct irsa_origin *items;
    size_t len;
};
/* The json path of the object in its document, a new reference. */
json_t *irsa_origin_path(const struct irsa_origin *origin);

/* --- AWS -------------------------------------------------------------------------------------- */

struct irsa_cluster {
    char *name;
    char *arn;       /* or NULL */
    char *account;   /* from the ARN, or NULL */
    char *region;    /* or NULL */
    char *partition; /* or NULL */
    char *issuer;    /* URL as DescribeCluster has it; NULL: the cluster has none */
    char *version;   /* Kubernetes version "1.34", or NULL */
    bool deleting;   /* its status is DELETING */
    struct irsa_origins origins;
};

struct irsa_caller {
    char *account; /* NULL: no caller identity was seen */
    char *arn;
    struct irsa_origins origins;
};

/* "you can have only one" alias an account
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html). */
struct irsa_account_alias {
    char *account; /* NULL: the caller's, or whichever the world is about */
    char *alias;
};

struct irsa_provider {
    char *arn;
    char *partition; /* parsed from the ARN */
    char *account;
    char *host_path;  /* of the ARN */
    bool detail_seen; /* client ids and thumbprints are known */
    char *url;        /* as GetOpenIDConnectProvider gives it (no scheme), or NULL */
    struct irsa_strings client_ids;
    struct irsa_strings thumbprints;
    struct irsa_origins origins;        /* objects that carry ClientIDList; those are edited */
    struct irsa_origins listed_origins; /* listings that only name it */
};

struct irsa_inline_policy {
    char *name;
    struct irsa_policy *policy; /* NULL: only its name is known */
    struct irsa_origins
        origins; /* GetRolePolicy answers; those in RolePolicyList stand in the role's */
};
struct irsa_attached_policy {
    char *arn;
    char *name;
};

struct irsa_role {
    char *arn;
    char *partition;
    char *account;
    char *path;
    char *name;
    char *id;                  /* AROA..., or NULL */
    char *description;         /* or NULL */
    struct irsa_policy *trust; /* NULL: not seen. A syntax error is a policy with one fatal issue */
    enum { IRSA_TRUST_AS_OBJECT, IRSA_TRUST_AS_JSON_STRING, IRSA_TRUST_AS_URL_ENCODED } trust_form;
    int64_t max_session; /* seconds; 0: not seen */
    char *boundary;      /* policy ARN, or NULL */
    bool boundary_seen;  /* list-roles does not show it */
    json_t *tags;        /* array of {Key, Value}, or NULL: not seen */
    bool attached_seen;
    struct irsa_attached_policy *attached;
    size_t attached_count;
    bool inline_seen; /* the names at least */
    struct irsa_inline_policy *inlines;
    size_t inline_count;
    struct irsa_origins
        origins; /* objects that carry the role (Role, Roles[i], RoleDetailList[i]) */
    struct irsa_origins attached_origins;     /* AttachedPolicies answers that name it */
    struct irsa_origins inline_names_origins; /* PolicyNames answers that name it */
};

struct irsa_managed_policy {
    char *arn;
    char *default_version;      /* "v3", or NULL */
    struct irsa_policy *policy; /* the default version's document, NULL: not seen */
    struct irsa_origins origins;
};

/* What IAM's policy simulator says of one action of a role on one resource
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html). */
enum irsa_simulated {
    IRSA_SIMULATED_ALLOWED,
    IRSA_SIMULATED_DENIED_EXPLICIT,
    IRSA_SIMULATED_DENIED_IMPLICIT,
};
struct irsa_simulation {
    char *role_arn;
    char *action;
    char *resource;
    enum irsa_simulated decision;
    bool denied_by_organization; /* by a service control policy of it */
    bool denied_by_boundary;
    bool lacks_context; /* a condition of a policy of the role hangs on what was not given */
    struct irsa_origins origins;
};

struct irsa_pod_identity_association {
    char *cluster;
    char *namespace_;
    char *service_account;
    char *role_arn; /* or NULL: ListPodIdentityAssociations does not give it */
    char *id;       /* "a-...", or NULL */
    struct irsa_origins origins;
};

/* --- Kubernetes ------------------------------------------------------------------------------- */

struct irsa_namespace {
    char *name;
    json_t *labels; /* or NULL */
    bool terminating;
    struct irsa_origins origins;
};

struct irsa_service_account {
    char *namespace_; /* "" where a manifest names none: unknown */
    char *name;
    json_t *annotations; /* object, or NULL: none. Values as read (not always strings) */
    json_t *labels;      /* object, or NULL */
    enum { IRSA_AUTOMOUNT_UNSET, IRSA_AUTOMOUNT_TRUE, IRSA_AUTOMOUNT_FALSE } automount;
    int64_t created;        /* Unix seconds, 0: not known */
    int64_t annotated;      /* newest managedFields time of eks.amazonaws.com annotations, or 0 */
    char *resource_version; /* or NULL */
    bool deleting;          /* it has a deletionTimestamp */
    char *owner; /* "Helm release shop in namespace shop", "Argo CD application x", ... or NULL */
    struct irsa_origins origins;
};

/* What a pod, or a workload's pod template, says that matters to IRSA. */
struct irsa_pod_spec {
    char *service_account; /* "" where none is named: runs as `default` */
    bool host_network;
    bool windows;         /* spec.os.name or nodeSelector kubernetes.io/os */
    bool run_as_non_root; /* runAsNonRoot or runAsUser != 0, pod or any container */
    bool fs_group;        /* securityContext.fsGroup is set */
    bool automount_false;
    bool automount_said; /* automountServiceAccountToken is set, to whatever */
    bool api_token;      /* the API server's token was mounted by admission (kube-api-access-...) */
    struct irsa_strings containers; /* names, init containers too */
    struct irsa_strings images;     /* of the containers, same order */
    struct irsa_strings
        role_arn_by_hand; /* containers of a template (not a live pod) that set AWS_ROLE_ARN */
    struct irsa_strings token_file_by_hand; /* the same for AWS_WEB_IDENTITY_TOKEN_FILE */
    struct irsa_strings
        static_keys;             /* containers with AWS_ACCESS_KEY_ID in env (value or valueFrom) */
    struct irsa_strings profile; /* containers with AWS_PROFILE / AWS_DEFAULT_PROFILE */
    struct irsa_strings
        credentials_files;        /* containers that mount or point to a credentials/config file */
    struct irsa_strings proxy;    /* containers with HTTPS_PROXY but no NO_PROXY */
    struct irsa_strings endpoint; /* with AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_STS in effect */
    struct irsa_strings imds_disabled; /* containers with AWS_EC2_METADATA_DISABLED=true */
    /* As the webhook injects them (live pods), or as written: */
    struct irsa_strings
        injected; /* containers that have both AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE */
    struct irsa_strings not_injected; /* containers that have neither */
    char *injected_role_arn;          /* first value of AWS_ROLE_ARN, or NULL */
    char *injected_token_file;        /* first value, or NULL */
    bool token_volume;    /* projected serviceAccountToken volume `aws-iam-token` or mounted at eks
                             path */
    char *token_audience; /* of that volume, or NULL */
    bool regional_sts;    /* AWS_STS_REGIONAL_ENDPOINTS=regional in some container */
    struct irsa_strings
        env_from;        /* "secret NAME" / "configmap NAME" that may carry AWS variables */
    json_t *annotations; /* eks.amazonaws.com/... (and misspelt ones) on pod or template, or NULL */
    bool skips_webhook;  /* has the label eks.amazonaws.com/skip-pod-identity-webhook */
};

struct irsa_pod {
    char *namespace_;
    char *name;
    char *owner_kind; /* controller: ReplicaSet, Job, ... or NULL: a bare pod */
    char *owner_name;
    int64_t created; /* Unix seconds, 0: not known (a manifest) */
    bool finished;   /* Succeeded or Failed, or being deleted */
    struct irsa_pod_spec spec;
    struct irsa_origins origins;
};

struct irsa_workload {
    const char *kind; /* Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob; static */
    char *namespace_;
    char *name;
    char *owner_kind; /* ReplicaSet -> Deployment, Job -> CronJob, or NULL */
    char *owner_name;
    json_t *labels;      /* or NULL */
    json_t *annotations; /* eks.amazonaws.com/... on the workload itself (misplaced), or NULL */
    int64_t restarted;   /* kubectl.kubernetes.io/restartedAt of the template, Unix seconds; 0: none
                            or not readable */
    char *restarted_text; /* the same as it is written, or NULL; of the newest copy */
    struct irsa_pod_spec spec;
    struct irsa_origins origins;
};

struct irsa_webhook {
    char *name;                 /* of the MutatingWebhookConfiguration */
    char *failure_policy;       /* of its pod webhook, or NULL */
    json_t *namespace_selector; /* or NULL */
    json_t *object_selector;    /* or NULL */
    bool matches_pods;          /* has a rule for CREATE of pods */
    bool identity;              /* it is EKS's pod identity webhook, by name, path or service */
    struct irsa_origins origins;
};

/* A RBAC Role/ClusterRole or other object on which someone put an IRSA annotation by mistake. */
struct irsa_misplaced {
    char *kind;
    char *namespace_;
    char *name;
    char *key;
    char *value;
    struct irsa_origins origins;
};

/* A read that was refused to the caller: what it would have shown is unknown. */
struct irsa_denied {
    char *action;   /* "iam:GetRole", or "list pods" of Kubernetes */
    char *account;  /* whose it would have been; NULL: not known */
    char *resource; /* what about: role name, provider ARN, cluster name; namespace; NULL:
                       everything */
    char *message;  /* the server's own */
};

/* --- all of it -------------------------------------------------------------------------------- */

struct irsa_facts {
    struct irsa_strings files; /* names of what was read, relative to the world
                                  ("iam/roles/app.json", or "iam:GetRole app") */
    struct irsa_cluster *clusters;
    size_t cluster_count;
    struct irsa_caller caller;
    struct irsa_account_alias *aliases;
    size_t alias_count;
    struct irsa_provider *providers;
    size_t provider_count;
    struct irsa_role *roles;
    size_t role_count;
    struct irsa_managed_policy *managed_policies;
    size_t managed_policy_count;
    struct irsa_simulation *simulations;
    size_t simulation_count;
    struct irsa_strings unsimulated; /* "ROLE ARN: reason": the simulator could not say */
    struct irsa_pod_identity_association *associations;
    size_t association_count;
    struct irsa_namespace *namespaces;
    size_t namespace_count;
    struct irsa_service_account *service_accounts;
    size_t service_account_count;
    struct irsa_pod *pods;
    size_t pod_count;
    struct irsa_workload *workloads;
    size_t workload_count;
    struct irsa_webhook *webhooks;
    size_t webhook_count;
    struct irsa_misplaced *misplaced;
    size_t misplaced_count;
    struct irsa_denied *denied;
    size_t denied_count;
    struct irsa_strings no_access;   /* accounts for which the caller gave no identity */
    struct irsa_strings undescribed; /* clusters that EKS lists, and does not know when asked */
    bool associations_listed; /* Pod Identity associations were: what is not there does not exist */
    bool kubernetes_unread;   /* it was not asked: none of its objects is known to be absent */
    bool accounts_as_metadata; /* service accounts came without what is beside their metadata */
    struct irsa_facts_index *index; /* private: the maps and what was listed */
};

/* Empty facts; and their release. */
struct irsa_facts *irsa_facts_new(void);
void irsa_facts_free(struct irsa_facts *facts);
static inline void irsa_facts_freep(struct irsa_facts **p)
{
    irsa_facts_free(*p);
}
#define irsa_auto_facts IRSA_CLEANUP(irsa_facts_freep) struct irsa_facts *

/* --- filling ---------------------------------------------------------------------------------- */

/* Registers the name of a source; its index goes into origins. */
uint32_t irsa_facts_add_file(struct irsa_facts *facts, const char *name);

/* Takes one document: an AWS CLI answer of the shapes of docs/captured-worlds.md, a Kubernetes
 * object or List. *ret_known is false where the shape is none of them (nothing was taken). A copy
 * of an object seen before must agree in all fields that both show and irsa-fix uses, else
 * CONFLICT-like PARSE error naming both files and the field. Recognised but malformed: PARSE,
 * "file: path.in.document: reason". AttachedPolicies/PolicyNames answers and GetRolePolicy may come
 * before their role: they are kept and joined by irsa_facts_finish. Nothing of `document` is kept
 * but by reference count. */
int irsa_facts_add_document(struct irsa_facts *facts, uint32_t file, uint32_t document_number,
                            const json_t *document, bool *ret_known, struct irsa_error **reterr);
/* What a live world saw besides answers, as a document of its own that a snapshot keeps; it goes
 * through irsa_facts_add_document, and all keys may be missing:
 *   {"IrsaFixObserved": {"KubernetesUnread": true, "ListedRoles": [ACCOUNT...],
 *    "ListedProviders": [ACCOUNT...], "AbsentRoles": ["ACCOUNT/NAME"...],
 *    "AbsentProviders": [ARN...], "ListedClusters": ["ACCOUNT/REGION"...],
 *    "ClusterIssuers": [URL...], "NoAccess": [ACCOUNT...], "Undescribed": [CLUSTER...],
 *    "Unsimulated": ["ROLE ARN: REASON"...], "Denied": [{"Action", "Account"?, "Resource"?,
 * "Message"?}], "ListedServiceAccounts": [NAMESPACE... or "*"], "AbsentServiceAccounts":
 * ["NAMESPACE/NAME"...], "AbsentNamespaces": [NAMESPACE...], "ServiceAccountsAsMetadata": true}}
 * Kubernetes' denied actions are "list pods", "get namespaces"; the namespace is the resource. */

/* Takes one element of a Kubernetes List whose end was not read yet (`list`: what was read of it),
 * so that long lists need not be held as a whole; the list itself then comes by
 * irsa_facts_add_document with null in the element's place. *ret_taken is false where it can't be
 * told yet what the element is: it has to stay in the list. Errors as above. */
int irsa_facts_add_item(struct irsa_facts *facts, uint32_t file, uint32_t document_number,
                        const json_t *list, size_t index, const json_t *item, bool *ret_taken,
                        struct irsa_error **reterr);
/* Joins what came in pieces (policies to roles, owners), builds the remaining indexes. Call once,
 * after the last document. Errors as above (copies that differ). */
int irsa_facts_finish(struct irsa_facts *facts, struct irsa_error **reterr);
/* After a PARSE error of the two above: the json path of the malformed value in its document, so
 * that who has the text can say the line. Borrowed; NULL where it was not about one value. */
const json_t *irsa_facts_bad_path(const struct irsa_facts *facts);

/* --- questions (after finish); all O(1) expected; results borrowed, NULL where there is none --- */

const struct irsa_cluster *irsa_facts_cluster(const struct irsa_facts *facts, const char *name);
/* What people call the account; NULL: it has no alias, none was seen, or two differ. */
const char *irsa_facts_account_alias(const struct irsa_facts *facts, const char *account);
const struct irsa_provider *irsa_facts_provider(const struct irsa_facts *facts, const char *arn);
/* Absent only where the providers of that account were listed. */
enum irsa_presence irsa_facts_provider_presence(const struct irsa_facts *facts, const char *arn);
const struct irsa_role *irsa_facts_role(const struct irsa_facts *facts, const char *arn);
/* By account and name, whatever the path (role names are unique in an account). account NULL: any
 * account, if just one role has that name. */
const struct irsa_role *irsa_facts_role_named(const struct irsa_facts *facts, const char *account,
                                              const char *name);
/* The same ignoring letter case (IAM: names are unique case-insensitively). */
const struct irsa_role *irsa_facts_role_like(const struct irsa_facts *facts, const char *account,
                                             const char *name);
enum irsa_presence irsa_facts_role_presence(const struct irsa_facts *facts, const char *account,
                                            const char *name);
bool irsa_facts_roles_listed(const struct irsa_facts *facts, const char *account);
bool irsa_facts_providers_listed(const struct irsa_facts *facts, const char *account);
/* True where every cluster of that region of that account was described. */
bool irsa_facts_clusters_listed(const struct irsa_facts *facts, const char *account,
                                const char *region);
/* True for the issuer (host/path) of any cluster that was seen. */
bool irsa_facts_is_cluster_issuer(const struct irsa_facts *facts, const char *issuer);
const struct irsa_managed_policy *irsa_facts_managed_policy(const struct irsa_facts *facts,
                                                            const char *arn);
/* NULL: it was not asked, or does not say. Actions are compared regardless of letter case. */
const struct irsa_simulation *irsa_facts_simulation(const struct irsa_facts *facts,
                                                    const char *role_arn, const char *action,
                                                    const char *resource);
const struct irsa_service_account *irsa_facts_service_account(const struct irsa_facts *facts,
                                                              const char *namespace_,
                                                              const char *name);
/* Absent only where that namespace's accounts were listed, or the namespace is absent. */
enum irsa_presence irsa_facts_service_account_presence(const struct irsa_facts *facts,
                                                       const char *namespace_, const char *name);
const struct irsa_namespace *irsa_facts_namespace(const struct irsa_facts *facts, const char *name);
/* Absent only where namespaces were listed. A namespace in which any object was seen is present. */
enum irsa_presence irsa_facts_namespace_presence(const struct irsa_facts *facts, const char *name);
const struct irsa_workload *irsa_facts_workload(const struct irsa_facts *facts, const char *kind,
                                                const char *namespace_, const char *name);
/* The pods / workloads of one service account (NAME "default" takes those that name none): indexes
 * into facts->pods / ->workloads; *ret_count is 0 where there are none. Borrowed. */
const uint32_t *irsa_facts_pods_of(const struct irsa_facts *facts, const char *namespace_,
                                   const char *service_account, size_t *ret_count);
const uint32_t *irsa_facts_workloads_of(const struct irsa_facts *facts, const char *namespace_,
                                        const char *service_account, size_t *ret_count);
/* The workload that people know a pod by: ReplicaSet's Deployment, Job's CronJob. Sets kind and
 * name (borrowed; the pod itself as "Pod" where it is bare). */
void irsa_facts_pod_owner(const struct irsa_facts *facts, const struct irsa_pod *pod,
                          const char **ret_kind, const char **ret_name);
/* The webhook: absent only where MutatingWebhookConfigurations were listed. */
enum irsa_presence irsa_facts_webhook_presence(const struct irsa_facts *facts);
const struct irsa_webhook *irsa_facts_webhook(const struct irsa_facts *facts);
const struct irsa_pod_identity_association *irsa_facts_association(const struct irsa_facts *facts,
                                                                   const char *namespace_,
                                                                   const char *service_account);

/* The refused read of that action, in that account (NULL: any) and about that resource or
 * everything; NULL where none was refused. */
const struct irsa_denied *irsa_facts_denied(const struct irsa_facts *facts, const char *action,
                                            const char *account, const char *resource);

/* "iam:GetRole", "list pods in namespace app"; the caller's. */
char *irsa_denied_text(const struct irsa_denied *denied);
/* True where it was a read of Kubernetes, which RBAC refuses. */
bool irsa_denied_by_kubernetes(const struct irsa_denied *denied);

/* "iam/roles/app.json" of an object's first origin, "?" where it has none. Borrowed. */
const char *irsa_facts_file(const struct irsa_facts *facts, const struct irsa_origins *origins);

/* What each observed object of the world is reduced to for saved plans: {"role arn:...":
 * "sha256...", ...}, over the typed facts (canonical), so that a re-gathered world with the same
 * facts has the same digests whatever its files look like. A new reference. */
json_t *irsa_facts_digests(const struct irsa_facts *facts);

/* RFC 3339 time as Kubernetes and the AWS CLI print it -> Unix seconds; 0 where it is none. */
int64_t irsa_time_parse(const char *text);
#endif
