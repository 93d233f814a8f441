/* SPDX-License-Identifier: Apache-2.0 */
/* Captured worlds drawn by chance, the faults of every link among them. */
#ifndef IRSA_FIX_TESTS_PLAN_PROPERTY_H
#define IRSA_FIX_TESTS_PLAN_PROPERTY_H

#include "plan_case.h"

#define ACCOUNT "111122223333"
#define OTHER_ACCOUNT "444455556666"
#define HOST "oidc.eks.eu-west-1.amazonaws.com/id/"
#define ISSUER HOST "AAAABBBBCCCCDDDDEEEEFFFF00001111"
#define LIVE_ISSUER HOST "11112222333344445555666677778888"
#define GONE_ISSUER HOST "99990000999900009999000099990000"
#define PROVIDER(issuer) "arn:aws:iam::" ACCOUNT ":oidc-provider/" issuer
#define ROLE "arn:aws:iam::" ACCOUNT ":role/"

struct chance {
    uint64_t state; /* not 0 */
};
/* 0 .. n-1 (xorshift64*, Vigna 2016). */
static inline size_t draw(struct chance *chance, size_t n)
{
    chance->state ^= chance->state >> 12;
    chance->state ^= chance->state << 25;
    chance->state ^= chance->state >> 27;
    return (size_t)((chance->state * UINT64_C(2685821657736338717)) >> 33) % n;
}

/* A trust policy for that service account, mostly with faults. A new reference. */
json_t *property_trust(struct chance *chance, const char *namespace_, const char *name);

/* Writes a world into the directory and completes the intent: classes allowed, wishes. */
int property_world_write(struct chance *chance, const char *directory, struct irsa_intent *intent,
                         struct irsa_error **reterr);

#endif
