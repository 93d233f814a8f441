/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes beside AWS: begun before the first round of AWS and waited for after the last, so that
 * both take the time of the longer one.
 */
#include "world/live_kube.h"

#include <errno.h>

struct beside {
    struct live_kube_gather gather; /* first: one is the other */
    pthread_t thread;
    bool started;
};

static void *run(void *context)
{
    irsa_live_kube_read_all(context);
    return NULL;
}

struct live_kube_gather *irsa_live_kube_begin(struct gather *gather)
{
    if (!gather->live->kube)
        return NULL;
    struct beside *beside = irsa_calloc(1, sizeof(*beside));
    beside->gather.gather = gather;
    beside->gather.observed = json_object();
    beside->started = pthread_create(&beside->thread, NULL, run, &beside->gather) == 0;
    return &beside->gather;
}

static void read_done(struct live_kube_read *read)
{
    irsa_kube_call_done(&read->call);
    free(read->namespace_);
    free(read->name);
    free(read->more);
    free(read->path);
    irsa_map_done(&read->seen);
    free(read);
}

static void gather_done(struct live_kube_gather *kube)
{
    for (size_t i = 0; i < kube->read_count; i++)
        read_done(kube->reads[i]);
    free(kube->reads);
    for (size_t i = 0; i < kube->document_count; i++) {
        free(kube->documents[i].name);
        json_decref(kube->documents[i].content);
    }
    free(kube->documents);
    irsa_live_kube_needs_done(&kube->needs);
    json_decref(kube->observed);
    irsa_error_free(kube->error);
    free(kube->issuer);
    free(kube);
}

/* --- taking over ------------------------------------------------------------------------------ */

static void take_observed(struct live_kube_gather *kube, json_t *into)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach(kube->observed, key, value)
    {
        json_t *there = json_object_get(into, key);
        if (json_is_array(there))
            json_array_extend(there, value);
        else
            json_object_set(into, key, value);
    }
}

static void take_documents(struct live_kube_gather *kube, struct live *live)
{
    for (size_t i = 0; i < kube->document_count; i++) {
        live->documents =
            irsa_grow(live->documents, live->document_count, sizeof(*live->documents));
        live->documents[live->document_count++] = kube->documents[i];
    }
    kube->document_count = 0;
}

/* "https://oidc.eks...": the scheme and a slash at the end make no other issuer. */
static bool same_issuer(const char *a, const char *b)
{
    static const char scheme[] = "https://";
    a += irsa_has_prefix(a, scheme) ? sizeof(scheme) - 1 : 0;
    b += irsa_has_prefix(b, scheme) ? sizeof(scheme) - 1 : 0;
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    a_len -= a_len > 0 && a[a_len - 1] == '/';
    b_len -= b_len > 0 && b[b_len - 1] == '/';
    return a_len == b_len && strncmp(a, b, a_len) == 0;
}

/* A tunnel's address may differ; who signs the tokens may not. */
static int check_issuer(const struct live_kube_gather *kube, const struct live *live,
                        struct irsa_error **reterr)
{
    if (!kube->issuer && live->issuer && kube->undiscovered)
        irsa_log(
            IRSA_LOG_WARNING,
            "the API server at %s tells no issuer (/.well-known/openid-configuration): whether "
            "it is the one that EKS says the cluster has was not compared",
            irsa_kube_server(live->kube));
    if (!kube->issuer || !live->issuer || same_issuer(kube->issuer, live->issuer))
        return 0;
    irsa_autofree char *cluster = live->cluster_name
                                      ? irsa_format("EKS cluster %s", live->cluster_name)
                                      : irsa_strdup("the cluster of irsa-fix.ini");
    (void)irsa_fail(reterr, IRSA_E_PARSE,
                    "these are two clusters: the API server at %s (context %s) signs tokens as %s, "
                    "%s as %s",
                    irsa_kube_server(live->kube), irsa_kube_context(live->kube), kube->issuer,
                    cluster, live->issuer);
    return irsa_hint(reterr, "choose the cluster's own context with --context, or the context's "
                             "cluster with --cluster");
}

/* Nobody asked for Kubernetes in so many words: what AWS tells is still worth telling. */
static bool can_do_without(const struct live_kube_gather *kube)
{
    enum irsa_error_kind kind = irsa_error_kind(kube->error);
    return kube->gather->live->kube_optional && !kube->taken
           && (kind == IRSA_E_NET || kind == IRSA_E_AUTH);
}

static int take_over(struct live_kube_gather *kube, struct gather *gather)
{
    struct live *live = gather->live;
    if (kube->error && can_do_without(kube)) {
        irsa_log(IRSA_LOG_WARNING, "Kubernetes was not read: %s", irsa_error_message(kube->error));
        json_object_set_new(gather->observed, "KubernetesUnread", json_true());
        return 0;
    }
    if (kube->error) {
        *gather->reterr = irsa_steal(&kube->error);
        return -1;
    }
    if (check_issuer(kube, live, gather->reterr) != 0)
        return -1;
    take_observed(kube, gather->observed);
    take_documents(kube, live);
    return 0;
}

int irsa_live_kube_end(struct live_kube_gather *kube, struct gather *gather, bool failed)
{
    int r = 0;
    if (!kube)
        return 0;
    struct beside *beside = (struct beside *)kube;
    gather->failed = failed;
    if (beside->started)
        (void)pthread_join(beside->thread, NULL);
    else if (!failed)
        irsa_live_kube_read_all(kube);
    if (!failed)
        r = take_over(kube, gather);
    gather_done(kube);
    return r;
}
