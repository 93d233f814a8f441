/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for the network, the environment and the home directory, for tests of the sources of
 * credentials: it answers what the test wrote down, in that order, and keeps every request as text.
 */
#ifndef IRSA_FIX_TESTS_AWS_FAKE_H
#define IRSA_FIX_TESTS_AWS_FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "aws/credentials.h"

#define FAKE_NOW INT64_C(1795503600) /* 2026-11-24T07:00:00Z */
#define LATER "2026-11-24T08:00:00Z"
#define EARLIER "2026-11-24T06:00:00Z"

struct fake_answer {
    long status; /* 0: no connection; -1: no answer to a request that was sent */
    char *body;
};

struct fake {
    struct irsa_transport transport;
    char *home;
    struct irsa_strings environment; /* name, value, name, value, ... */
    struct fake_answer *answers;
    size_t answer_count;
    size_t answered;
    struct irsa_strings requests; /* "METHOD URL\nHeader: value\n...\n\nBODY" */
    struct irsa_aws_config config;
    struct irsa_retry_policy retry;
    struct irsa_aws_chain_options options;
    struct irsa_aws_credentials credentials;
    struct irsa_error *error;
    const char *mfa; /* what the user enters; NULL: there is no terminal */
    char *question;
};

struct fake *fake_new(void);
void fake_free(struct fake *fake);

void fake_set(struct fake *fake, const char *name, const char *value);
/* Writes HOME/PATH, with its folders; the path, borrowed until the next call. */
const char *fake_file(struct fake *fake, const char *path, const char *text);
void fake_answers(struct fake *fake, long status, const char *body);
/* An answer of STS with keys that end in `suffix` ("ID-suffix", ...). */
void fake_answers_sts(struct fake *fake, const char *action, const char *suffix);

/* Loads the configuration (options may be NULL); fails the test unless it loads. */
void fake_load(struct fake *fake, const char *profile, const char *region);
/* The same, and finds credentials: 0 or -1. */
int fake_find(struct fake *fake, const char *profile);
/* The same; fails the test with the error unless these are found. */
void fake_finds(struct fake *fake, const char *profile, const char *id, const char *source);
/* Fails the test unless nothing is found, with this in the message and that in the hint (NULL: no
 * hint wanted or not looked at). Whatever has "CANARY" in it must not be said. */
void fake_fails(struct fake *fake, const char *profile, enum irsa_error_kind kind,
                const char *message, const char *hint);

/* Fails the test unless the request has the text in it. */
void fake_asked(const struct fake *fake, size_t request, const char *text);
void fake_asked_not(const struct fake *fake, size_t request, const char *text);

#endif
