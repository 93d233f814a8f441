/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for the network: it answers what the test wrote down, in that order, keeps every
 * request as text, and what TLS each had.
 */
#ifndef IRSA_FIX_TESTS_KUBE_FAKE_H
#define IRSA_FIX_TESTS_KUBE_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kube/kube.h"

struct fake_answer {
    long status; /* 0: none came */
    enum irsa_http_failure failure;
    const char *type;   /* NULL: application/json */
    const char *body;   /* of a failure: its reason */
    const char *header; /* one more, or NULL */
};

struct fake {
    struct irsa_transport transport;
    char *home; /* a folder */
    struct fake_answer answers[32];
    size_t answer_count, answered;
    struct irsa_strings requests; /* "METHOD URL\nHeader: value\n...\n\nBODY" */
    struct irsa_http_tls tls;     /* of the last request; its strings are gone */
    bool had_certificate, once, shared;
    size_t batches;
    struct irsa_kube *kube;
    struct irsa_error *error;
    long plugin_ms;
    unsigned tokens; /* made by the fake EKS, which fails after the third */
};
struct fake *fake_new(void);
void fake_free(struct fake *fake);
void fake_answers(struct fake *fake, long status, const char *body);
void fake_answers_more(struct fake *fake, const struct fake_answer *answer);
/* Writes HOME/PATH, mode 0755. */
void fake_file(struct fake *fake, const char *path, const char *text);
/* A kubeconfig of one context "c" with this cluster and user in flow style, and opens it. -1: see
 * error. */
int fake_open(struct fake *fake, const char *cluster, const char *user);
/* The same with a fake of EKS that makes tokens "made-1", "made-2", ... */
int fake_open_eks(struct fake *fake, const char *cluster, const char *user);
/* One GET of that path as "list pods". */
void fake_get(struct fake *fake, struct irsa_kube_call *call);
void fake_asked(const struct fake *fake, size_t request, const char *text);
void fake_asked_not(const struct fake *fake, size_t request, const char *text);
/* Fails the test unless the error is that, and CANARY is not in it. Frees it. */
void fake_failed(struct irsa_error **error, enum irsa_error_kind kind, const char *message,
                 const char *hint);

#endif
