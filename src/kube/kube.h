/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the room: a server, how one logs in there, and what was concluded about it. */
#ifndef IRSA_FIX_KUBE_ROOM_H
#define IRSA_FIX_KUBE_ROOM_H

#include "irsa/kube.h"
#include "kube/kubeconfig.h"

/* Where the bearer token or the client certificate comes from. */
enum irsa_kube_login {
    IRSA_KUBE_LOGIN_FIXED,  /* none, token, certificate, user and password: as they stand */
    IRSA_KUBE_LOGIN_FILE,   /* tokenFile, in-cluster: read again and again */
    IRSA_KUBE_LOGIN_EXEC,   /* a plugin */
    IRSA_KUBE_LOGIN_NATIVE, /* irsa_kube_eks */
};

/* What `aws eks get-token` or `aws-iam-authenticator token` would be asked. */
struct irsa_kube_native {
    char *cluster; /* NULL: it is another program, or asked for what is not made here */
    char *region, *profile, *role_arn; /* each may be NULL */
};

struct irsa_kube {
    /* server */
    char *context;                  /* for people: name, "in-cluster", "eks CLUSTER" */
    char *server;                   /* "https://HOST[:PORT][/PATH]", no slash at the end */
    bool plain_http;                /* credentials are not sent then */
    char *ca, *server_name, *proxy; /* each may be NULL */
    bool insecure;
    char *default_namespace;
    /* login */
    enum irsa_kube_login login;
    char *user;        /* the entry's name, or NULL */
    char *certificate; /* PEM, or NULL */
    struct irsa_secret key;
    struct irsa_secret authorization; /* "Bearer ...", "Basic ..."; empty: none */
    int64_t certificate_expires;      /* 0: there is none */
    int64_t expires; /* of a token or of what the plugin gave; 0: not known, or nothing yet */
    bool have_login; /* FILE, EXEC, NATIVE: got and not refused */
    char *token_file;
    json_t *exec;          /* the entry's object */
    char *exec_command;    /* resolved */
    long exec_deadline_ms; /* 0: the usual one */
    json_t *exec_config;   /* the cluster's extension for it, or NULL */
    struct irsa_kube_native native;
    struct irsa_strings impersonation; /* header lines */
    /* what was concluded */
    char *cluster_name, *region, *account;
    /* means */
    struct irsa_transport *transport;
    const struct irsa_kube_eks *eks;
    const volatile bool *interrupted;
    long timeout_ms; /* 0: as usual */
    struct irsa_retry_state retry;
    struct irsa_http_tls tls; /* of all requests; borrows from the above */
};
#define irsa_auto_kube IRSA_CLEANUP(irsa_kube_freep) struct irsa_kube *
static inline void irsa_kube_freep(struct irsa_kube **p)
{
    irsa_kube_free(*p);
}

/* --- what all of the room does with them (kube.c) --------------------------------------------- */

void irsa_kube_native_done(struct irsa_kube_native *native);
/* *place becomes a copy; NULL leaves it empty. */
void irsa_kube_set(char **place, const char *value);
void irsa_kube_set_token(struct irsa_kube *kube, const char *token);
/* Scheme, host and path of a server's address. Errors: PARSE, without the address where it may
 * hold a password. */
int irsa_kube_server_set(struct irsa_kube *kube, const char *address, struct irsa_error **reterr);
/* "HOST:PORT" of the server; the caller's. */
char *irsa_kube_host(const struct irsa_kube *kube);
/* The value of an environment variable, or NULL where it is unset or empty. Borrowed. */
const char *irsa_kube_variable(const struct irsa_kube_options *options, const char *name);

/* --- the three ways to a server (open_context.c, in_cluster.c) ------------------------------- */

int irsa_kube_from_context(struct irsa_kube *kube, const struct irsa_kubeconfig_choice *choice,
                           struct irsa_error **reterr);
/* Is this a pod with a service account's token?
 * (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/) */
bool irsa_kube_in_cluster_possible(const struct irsa_kube_options *options);
int irsa_kube_from_pod(struct irsa_kube *kube, const struct irsa_kube_options *options,
                       struct irsa_error **reterr);

/* --- what a context tells (hints.c) ----------------------------------------------------------- */

/* Fills cluster_name, region, account from the names of context and cluster entry, from what the
 * exec entry asks for and from the server's host. `options` first. Errors: PARSE where --cluster
 * names another cluster. */
int irsa_kube_conclude(struct irsa_kube *kube, const struct irsa_kube_options *options,
                       const char *cluster_entry, struct irsa_error **reterr);

/* --- log-in (credentials.c, exec.c, native.c) ------------------------------------------------- */

/* Makes sure that there is a login that has not expired: reads files, runs the plugin, signs. */
int irsa_kube_log_in(struct irsa_kube *kube, int64_t now, struct irsa_error **reterr);
/* After a 401. True where another attempt may be worth it. */
bool irsa_kube_log_in_again(struct irsa_kube *kube);
/* Checks and keeps an exec entry. Errors: PARSE. */
int irsa_kube_exec_check(struct irsa_kube *kube, const struct irsa_kubeconfig_choice *choice,
                         struct irsa_error **reterr);
int irsa_kube_exec_run(struct irsa_kube *kube, struct irsa_error **reterr);
/* What the plugin printed. Errors: AUTH. */
int irsa_kube_exec_take(struct irsa_kube *kube, const char *text, size_t len,
                        struct irsa_error **reterr);
/* Reads the arguments and variables of an exec entry. */
void irsa_kube_native_of(const char *command, const json_t *exec, struct irsa_kube_native *ret);
/* Seconds since 1970 of "2026-11-24T08:00:00Z" (RFC 3339); -1 where it is no time. */
int64_t irsa_kube_time(const char *text);

/* --- answers (answer.c) ----------------------------------------------------------------------- */

/* Sets call's status and answer, or error, from an exchange that ended. */
void irsa_kube_take_answer(const struct irsa_kube *kube, struct irsa_exchange *exchange,
                           struct irsa_kube_call *call);

#endif
