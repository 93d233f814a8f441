/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kube: a Kubernetes API server as kubectl reaches it (kubeconfig, exec plugins, in-cluster, EKS's
 * own bearer token), and requests to it: several at once, retried, with errors in kubectl's words.
 * What comes back is JSON as the API server sent it; src/facts makes records of it.
 */
#ifndef IRSA_FIX_KUBE_H
#define IRSA_FIX_KUBE_H

#include "irsa/base.h"
#include "irsa/net.h"

#include <jansson.h>

struct irsa_kube;

/* Gives the presigned bearer token of EKS (k8s-aws-v1....) and endpoint and CA of a cluster; the
 * live AWS session is behind it. region, profile, role_arn: NULL where the entry names none. */
struct irsa_kube_eks {
    int (*token)(void *context, const char *cluster, const char *region, const char *profile,
                 const char *role_arn, struct irsa_secret *ret_token, int64_t *ret_expiry,
                 struct irsa_error **reterr);
    int (*endpoint)(void *context, const char *cluster, const char *region, char **ret_server,
                    char **ret_ca_pem, struct irsa_error **reterr);
    void *context;
};

struct irsa_kube_options {
    const char *kubeconfig;           /* --kubeconfig; NULL: KUBECONFIG, then ~/.kube/config */
    const char *context;              /* --context; NULL: current-context */
    const char *cluster;              /* --cluster: EKS name or ARN; NULL: the context decides */
    const char *region;               /* or NULL */
    bool no_native_token;             /* always run the exec plugin */
    struct irsa_transport *transport; /* borrowed */
    const struct irsa_kube_eks *eks;  /* borrowed; NULL: no native token */
    const char *(*environment)(void *context, const char *name); /* NULL: getenv */
    void *environment_context;
    const char *pod_folder; /* tests; NULL: /var/run/secrets/kubernetes.io/serviceaccount */
    long timeout_ms;        /* for one answer; 0: as usual */
    long plugin_ms;         /* what an exec plugin may take; 0: a minute, five with a terminal */
    const volatile bool *interrupted;
};

/* Resolves the kubeconfig; sends nothing yet (exec plugins run at the first request). Errors: PARSE
 * (malformed, with file and line), NOT_FOUND (context, cluster, user; nearest names as hint), AUTH.
 */
int irsa_kube_open(const struct irsa_kube_options *options, struct irsa_kube **ret,
                   struct irsa_error **reterr);
void irsa_kube_free(struct irsa_kube *kube);

/* What was concluded from context, cluster entry, exec arguments, server host. Borrowed; NULL where
 * nothing tells. */
const char *irsa_kube_server(const struct irsa_kube *kube);
const char *irsa_kube_context(
    const struct irsa_kube *kube); /* "in-cluster", "eks CLUSTER" without kubeconfig */
const char *irsa_kube_cluster_name(const struct irsa_kube *kube);
const char *irsa_kube_region(const struct irsa_kube *kube);
const char *irsa_kube_account(const struct irsa_kube *kube);

/* One request on its way, and its answer. */
struct irsa_kube_call {
    const char *verb;     /* "get", "list", "create", "patch": for messages and RBAC */
    const char *resource; /* "serviceaccounts", "deployments.apps", ... */
    const char *method;   /* "GET", "POST", "PATCH" */
    const char *path;     /* "/api/v1/namespaces/app/serviceaccounts/api?fieldManager=irsa-fix" */
    const char *accept;   /* NULL: application/json */
    const char *content_type; /* NULL: application/json */
    const json_t *body;       /* or NULL */
    bool text;                /* the answer is a text (a log), and `answer` a JSON string of it */
    bool keep_body;           /* what is answered stays `body_kept`, for who reads it elsewhere */
    /* answer */
    long status;
    struct irsa_buf body_kept; /* owned: begins like a JSON object, and may be none */
    json_t *answer;            /* owned; NULL where there is none. With 410 it is the Status where
                                  its metadata.continue goes on with a list as it is by now */
    bool maybe_done; /* a write whose answer was lost or is none: it may have been carried out */
    struct irsa_error *error; /* ACCESS (403: verb and resource named), AUTH (401), NOT_FOUND,
                                 CONFLICT, NET, ... */
};
void irsa_kube_call_done(struct irsa_kube_call *call);
/* All at once, each retried where that is safe (429 with Retry-After, 5xx on reads, connection loss
 * on reads); 401 refreshes the credentials once. */
void irsa_kube_run(struct irsa_kube *kube, struct irsa_kube_call *const *calls, size_t count);

#endif
