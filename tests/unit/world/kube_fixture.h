/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the live world's Kubernetes half share: answers of a made-up API server. */
#ifndef IRSA_FIX_TESTS_WORLD_KUBE_FIXTURE_H
#define IRSA_FIX_TESTS_WORLD_KUBE_FIXTURE_H

#include "../kube/fake.h"
#include "world/live_kube.h"

#define ROLE "arn:aws:iam::111122223333:role/app"
#define ROLE_KEY "eks.amazonaws.com/role-arn"
#define EMPTY(kind) "{\"kind\":\"" kind "List\",\"apiVersion\":\"v1\",\"metadata\":{},\"items\":[]}"
#define APPS(kind)                                                                                 \
    "{\"kind\":\"" kind "List\",\"apiVersion\":\"apps/v1\",\"metadata\":{},\"items\":[]}"
#define BATCH(kind)                                                                                \
    "{\"kind\":\"" kind "List\",\"apiVersion\":\"batch/v1\",\"metadata\":{},\"items\":[]}"
#define WEBHOOKS                                                                                   \
    "{\"kind\":\"MutatingWebhookConfigurationList\","                                              \
    "\"apiVersion\":\"admissionregistration.k8s.io/v1\",\"metadata\":{},\"items\":[]}"
#define FORBIDDEN                                                                                  \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"Forbidden\","  \
    "\"message\":\"serviceaccounts is forbidden\",\"code\":403}"
#define CONFLICT                                                                                   \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"Conflict\","   \
    "\"message\":\"the object has been modified\",\"code\":409}"
#define NOT_FOUND                                                                                  \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"NotFound\","   \
    "\"message\":\"not found\",\"code\":404}"
#define ACCOUNT(version, annotations)                                                              \
    "{\"kind\":\"ServiceAccount\",\"apiVersion\":\"v1\",\"metadata\":{\"name\":\"api\","           \
    "\"namespace\":\"app\",\"resourceVersion\":\"" version "\",\"annotations\":{" annotations      \
    "}}}"
#define ANNOTATED "\"" ROLE_KEY "\":\"" ROLE "\""

struct test {
    struct fake *fake;
    struct irsa_intent *intent;
    struct live live;
    struct gather gather;
    struct live_kube_gather kube;
};

/* cmocka's: *state is a struct test. */
int kube_set_up(void **state);
int kube_tear_down(void **state);
void kube_gather_done(struct live_kube_gather *kube);
/* Empty lists of all that comes after the service accounts. */
void kube_answer_rest(struct test *test);
/* Ends the gathering as the live world does. */
void kube_finish(struct test *test);

#endif
