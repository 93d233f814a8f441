/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for AWS: answers by action and a text in the request's body, keeps what was asked and
 * in which round.
 */
#ifndef IRSA_FIX_TESTS_WORLD_FAKE_AWS_H
#define IRSA_FIX_TESTS_WORLD_FAKE_AWS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "irsa/world.h"

#define FAKE_ACCOUNT "123456789012"
#define FAKE_HOST_PATH "oidc.eks.eu-west-1.amazonaws.com/id/175C1DD6AA211D3A015F712A4136F992"
#define FAKE_PROVIDER "arn:aws:iam::" FAKE_ACCOUNT ":oidc-provider/" FAKE_HOST_PATH
#define FAKE_ROLE "arn:aws:iam::" FAKE_ACCOUNT ":role/app"

struct fake_rule {
    const char *label;  /* "iam:GetRole" */
    const char *text;   /* in URL or body; NULL: any */
    long status;        /* 0: the answer is lost after the request was carried out */
    const char *result; /* the inside of ACTIONResult, JSON of EKS, or the error's code */
    unsigned times;     /* how often it holds; 0: always */
};
struct fake_call {
    char *label;
    char *text; /* URL and body */
    unsigned round;
};
struct fake_aws {
    struct irsa_transport transport;
    struct fake_rule *rules; /* the last one that fits decides */
    size_t rule_count;
    struct fake_call *calls;
    size_t call_count;
    unsigned rounds;
    bool keep; /* of what fake_aws_open opens */
    struct irsa_intent *intent;
    struct irsa_world *world;
    struct irsa_facts *facts;
    struct irsa_error *error;
};

/* An account with the cluster `prod`, no providers and no roles, and a caller who may do
 * everything. */
struct fake_aws *fake_aws_new(void);
void fake_aws_free(struct fake_aws *fake);
/* The same as set-up and tear-down of a cmocka test. */
int fake_aws_set_up(void **state);
int fake_aws_tear_down(void **state);
void fake_aws_rule(struct fake_aws *fake, const char *label, const char *text, long status,
                   const char *result);
/* The same, for that many requests. */
void fake_aws_rule_times(struct fake_aws *fake, unsigned times, const char *label, const char *text,
                         long status, const char *result);
/* A role `app` with that trust policy (JSON). */
void fake_aws_role(struct fake_aws *fake, const char *trust);
void fake_aws_provider(struct fake_aws *fake, const char *client_id);

/* Opens the live world with fake->intent (cluster prod). */
void fake_aws_open(struct fake_aws *fake);
/* Gathers; fails the test with the error unless it works. */
void fake_aws_gather(struct fake_aws *fake);
/* 0 or -1, with fake->error. `before` and `after` are JSON texts or NULL. */
int fake_aws_apply(struct fake_aws *fake, enum irsa_action action, enum irsa_object_kind kind,
                   const char *target, const char *before, const char *after);
size_t fake_aws_count(const struct fake_aws *fake, const char *label);
/* The nth (from 0) call of that label; fails the test where there is none. */
const struct fake_call *fake_aws_call(const struct fake_aws *fake, const char *label, size_t n);
void fake_aws_forget_calls(struct fake_aws *fake);
/* The world is opened and gathered, and what that asked is forgotten. */
void fake_aws_start(struct fake_aws *fake);
/* What a change returned: nothing went wrong; it is a conflict with that message. */
void fake_aws_assert_done(const struct fake_aws *fake, int r);
void fake_aws_assert_conflict(const struct fake_aws *fake, int r, const char *message);

#endif
