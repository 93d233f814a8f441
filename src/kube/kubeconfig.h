/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kubeconfig files as client-go's clientcmd reads them
 * (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/,
 * https://github.com/kubernetes/kubernetes/tree/master/staging/src/k8s.io/client-go/tools/clientcmd:
 * loader.go merges, validation.go and client_config.go judge). tests/live/kube/test_reach.py has
 * kubectl's own verdict on every case of the suite. Stricter on purpose: a key that stands twice in
 * one mapping, a namespace that is none, an address that holds a password or what can't stand in a
 * URL are refused; without a server, kubectl tries localhost:8080, and there is an error here.
 */
#ifndef IRSA_FIX_KUBE_KUBECONFIG_H
#define IRSA_FIX_KUBE_KUBECONFIG_H

#include "irsa/document.h"
#include "irsa/net.h"

#define IRSA_KUBECONFIG_MAX ((size_t)16 << 20)

/* --- files (kubeconfig_read.c, kubeconfig.c) -------------------------------------------------- */

/* One of `contexts`, `clusters`, `users`. */
struct irsa_kubeconfig_entry {
    char *name;
    json_t *value; /* an object: what stands in `context`, `cluster`, `user` */
    char *file;
};
struct irsa_kubeconfig_entries {
    struct irsa_kubeconfig_entry *items;
    size_t len;
};
struct irsa_kubeconfig {
    struct irsa_kubeconfig_entries contexts, clusters, users;
    char *current_context;     /* NULL: none */
    struct irsa_strings files; /* those read */
};
void irsa_kubeconfig_done(struct irsa_kubeconfig *config);
#define irsa_auto_kubeconfig IRSA_CLEANUP(irsa_kubeconfig_done) struct irsa_kubeconfig

/* Adds what a file says to what those before it said: the first to name an entry, or the current
 * context, wins. Errors: PARSE, LIMIT, as "error loading config file: FILE:LINE: ...". */
int irsa_kubeconfig_read(const char *file, const char *text, size_t len,
                         struct irsa_kubeconfig *config, struct irsa_error **reterr);
/* --kubeconfig's file, which must be there; else KUBECONFIG's files, those that are there; else
 * HOME/.kube/config. `variable`, `home`: values of KUBECONFIG and HOME, or NULL. Errors: IO too. */
int irsa_kubeconfig_load(const char *file, const char *variable, const char *home,
                         struct irsa_kubeconfig *ret, struct irsa_error **reterr);
/* NULL where there is none. Borrowed. */
const struct irsa_kubeconfig_entry *
irsa_kubeconfig_find(const struct irsa_kubeconfig_entries *entries, const char *name);

/* --- the three entries of a context (kubeconfig_check.c) -------------------------------------- */

struct irsa_kubeconfig_choice {
    const char *context;
    const struct irsa_kubeconfig_entry *context_entry, *cluster, *user;
};
/* `context` NULL: the current one. Borrowed from config. Errors: NOT_FOUND (nothing configured, no
 * such context, cluster, user; the nearest names as hint), PARSE (what kubectl calls an invalid
 * configuration). */
int irsa_kubeconfig_choose(const struct irsa_kubeconfig *config, const char *context,
                           struct irsa_kubeconfig_choice *ret, struct irsa_error **reterr);

/* --- values (kubeconfig_data.c) --------------------------------------------------------------- */

/* A string that is not empty, or NULL. Borrowed. */
const char *irsa_kubeconfig_string(const struct irsa_kubeconfig_entry *entry, const char *key);
/* `path` against the folder of the file that holds it; the caller's. */
char *irsa_kubeconfig_path(const char *file, const char *path);
/* RFC 4648 with padding, line breaks passed over, as Go decodes it. False: *ret_at is the first
 * wrong character. */
bool irsa_base64_decode(const char *text, struct irsa_buf *ret, size_t *ret_at);
void irsa_base64_encode(const void *data, size_t len, struct irsa_buf *ret);
/* What stands in KEY-data, decoded, or the file named by KEY; *ret stays empty where there is
 * neither. Errors: PARSE, IO. */
int irsa_kubeconfig_blob(const struct irsa_kubeconfig_entry *entry, const char *key,
                         struct irsa_secret *ret, struct irsa_error **reterr);

#endif
