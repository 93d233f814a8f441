/* SPDX-License-Identifier: Apache-2.0 */
/* Proving in the live world: TokenRequest and pods at the API server, web identity at STS. */
#include "irsa/prove.h"
#include "world/live_kube.h"

#include <errno.h>
#include <malloc.h>
#include <sys/random.h>
#include <time.h>

/* The shortest that the API server gives: "may not specify a duration less than 10 minutes"
 * (k8s.io/kubernetes/pkg/apis/authentication/validation). */
#define TOKEN_SECONDS 600

void irsa_token_request_done(struct irsa_token_request *request)
{
    irsa_secret_done(&request->token);
    irsa_error_free(request->error);
    request->error = NULL;
    request->status = 0;
}

void irsa_assumption_done(struct irsa_assumption *assumption)
{
    irsa_aws_web_identity_done(&assumption->call);
    free(assumption->caller_arn);
    irsa_error_free(assumption->caller_error);
    assumption->assumed = false;
    assumption->caller_arn = NULL;
    assumption->caller_error = NULL;
}

void irsa_prover_free(struct irsa_prover *prover)
{
    if (prover)
        prover->ops->free(prover);
}

struct live_prover {
    struct irsa_prover prover; /* first: one is the other */
    struct live *live;
};

static struct live *live_of(struct irsa_prover *prover)
{
    return ((struct live_prover *)prover)->live;
}

/* --- tokens ----------------------------------------------------------------------------------- */

struct asking {
    struct irsa_kube_call call;
    char *path;
    json_t *body;
};

static void ask(const struct irsa_token_request *request, struct asking *asking)
{
    const struct live_kube_spec *spec = irsa_live_kube_spec(LIVE_KUBE_SERVICE_ACCOUNTS);
    irsa_autofree char *account =
        irsa_live_kube_path(spec, request->namespace_, request->service_account);
    asking->path = irsa_format("%s/token", account);
    asking->body = json_pack("{s:s,s:s,s:{s:[s],s:i}}", "apiVersion", "authentication.k8s.io/v1",
                             "kind", "TokenRequest", "spec", "audiences", request->audience,
                             "expirationSeconds", TOKEN_SECONDS);
    asking->call = (struct irsa_kube_call){
        .verb = "create",
        .resource = "serviceaccounts/token",
        .method = "POST",
        .path = asking->path,
        .body = asking->body,
    };
}

static void take_token(struct asking *asking, struct irsa_token_request *request)
{
    const char *token = irsa_json_string(asking->call.answer, "status", "token", NULL);
    request->status = asking->call.status;
    if (token && *token)
        irsa_secret_set(&request->token, token, strlen(token));
    else if (asking->call.error)
        request->error = irsa_steal(&asking->call.error);
    else
        (void)irsa_fail(&request->error, IRSA_E_NET,
                        "create serviceaccounts/token: the answer "
                        "has no token");
    irsa_kube_call_done(&asking->call);
    json_decref(asking->body);
    free(asking->path);
}

static void live_tokens(struct irsa_prover *prover, struct irsa_token_request *const *requests,
                        size_t count)
{
    struct asking *asking = irsa_calloc(count + 1, sizeof(*asking));
    struct irsa_kube_call **calls = irsa_calloc(count + 1, sizeof(*calls));
    for (size_t i = 0; i < count; i++) {
        irsa_token_request_done(requests[i]);
        ask(requests[i], &asking[i]);
        calls[i] = &asking[i].call;
    }
    irsa_kube_run(live_of(prover)->kube, calls, count);
    for (size_t i = 0; i < count; i++)
        take_token(&asking[i], requests[i]);
    free(calls);
    free(asking);
}

static void live_kube(struct irsa_prover *prover, struct irsa_kube_call *const *calls, size_t count)
{
    irsa_kube_run(live_of(prover)->kube, calls, count);
}

/* --- STS -------------------------------------------------------------------------------------- */

static void live_assume(struct irsa_prover *prover, struct irsa_assumption *const *assumptions,
                        size_t count)
{
    struct irsa_aws_web_identity **calls = irsa_calloc(count + 1, sizeof(*calls));
    for (size_t i = 0; i < count; i++) {
        irsa_assumption_done(assumptions[i]);
        calls[i] = &assumptions[i]->call;
    }
    irsa_aws_web_identity_all(live_of(prover)->home.aws, calls, count);
    for (size_t i = 0; i < count; i++)
        assumptions[i]->assumed = calls[i]->identity != NULL;
    free(calls);
}

static void live_identify(struct irsa_prover *prover, struct irsa_assumption *const *assumptions,
                          size_t count)
{
    (void)prover;
    struct irsa_aws_call *asked = irsa_calloc(count + 1, sizeof(*asked));
    struct irsa_aws_call **calls = irsa_calloc(count + 1, sizeof(*calls));
    for (size_t i = 0; i < count; i++) {
        asked[i] = (struct irsa_aws_call){.aws = assumptions[i]->call.identity,
                                          .operation = IRSA_STS_GET_CALLER_IDENTITY,
                                          .parameters = json_object()};
        calls[i] = &asked[i];
    }
    irsa_aws_call_all(calls, count);
    for (size_t i = 0; i < count; i++) {
        const char *arn = irsa_json_string(asked[i].answer, "Arn", NULL);
        assumptions[i]->caller_arn = arn ? irsa_strdup(arn) : NULL;
        if (asked[i].error)
            assumptions[i]->caller_error = irsa_steal(&asked[i].error);
        else if (!arn)
            (void)irsa_fail(&assumptions[i]->caller_error, IRSA_E_NET,
                            "sts:GetCallerIdentity: the answer names nobody");
        irsa_aws_call_done(&asked[i]);
    }
    free(calls);
    free(asked);
}

/* --- keys ------------------------------------------------------------------------------------- */

/* https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/#service-account-issuer-discovery
 */
#define KEYS_PATH "/openid/v1/jwks"

static int live_keys(struct irsa_prover *prover, const char *issuer_url, json_t **ret,
                     bool *ret_public, char **ret_where, char **ret_note,
                     struct irsa_error **reterr)
{
    struct live *live = live_of(prover);
    irsa_auto_error unreachable = NULL;
    if (irsa_aws_issuer_keys(live->home.aws, issuer_url, ret, ret_where, &unreachable) == 0) {
        *ret_public = true;
        return 0;
    }
    struct irsa_kube_call call = {.verb = "get",
                                  .resource = KEYS_PATH,
                                  .method = "GET",
                                  .path = KEYS_PATH,
                                  .accept = "application/jwk-set+json, application/json"};
    struct irsa_kube_call *const calls[] = {&call};
    irsa_kube_run(live->kube, calls, 1);
    int r = -1;
    if (call.error) {
        *reterr = irsa_steal(&call.error);
        (void)irsa_wrap(reterr, "%s; and then", irsa_error_message(unreachable));
    } else if (!json_is_array(json_object_get(call.answer, "keys"))) {
        (void)irsa_fail(reterr, IRSA_E_PARSE, "%s: there are no keys in it", KEYS_PATH);
    } else {
        *ret_public = false;
        *ret = irsa_steal(&call.answer);
        *ret_where = irsa_format("the API server's " KEYS_PATH);
        *ret_note = irsa_strdup(irsa_error_message(unreachable));
        r = 0;
    }
    irsa_kube_call_done(&call);
    return r;
}

/* --- time and chance -------------------------------------------------------------------------- */

static int64_t live_now_ms(struct irsa_prover *prover)
{
    struct timespec now = {0};
    (void)prover;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A signal ends it early. */
static void live_pause(struct irsa_prover *prover, long ms)
{
    (void)prover;
    struct timespec rest = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    (void)nanosleep(&rest, NULL);
}

static void live_random(struct irsa_prover *prover, unsigned char *ret, size_t len)
{
    (void)prover;
    for (size_t got = 0; got < len;) {
        ssize_t n = getrandom(ret + got, len - got, 0);
        if (n < 0 && errno != EINTR)
            abort();
        got += n > 0 ? (size_t)n : 0;
    }
}

/* --- making ----------------------------------------------------------------------------------- */

static void wipe_and_free(void *memory)
{
    if (memory)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}

static void live_free(struct irsa_prover *prover)
{
    free(prover);
}

int irsa_live_prover(struct irsa_world *world, struct irsa_prover **ret, struct irsa_error **reterr)
{
    static const struct irsa_prover_ops ops = {
        .tokens = live_tokens,
        .assume = live_assume,
        .identify = live_identify,
        .kube = live_kube,
        .keys = live_keys,
        .now_ms = live_now_ms,
        .pause = live_pause,
        .random = live_random,
        .free = live_free,
    };
    struct live *live = (struct live *)world;
    if (!live->kube) {
        (void)irsa_fail(reterr, IRSA_E_NOT_FOUND,
                        "the cluster's API server is not within reach: nobody gives a token for "
                        "the service account");
        return irsa_hint(reterr, "name a kubeconfig with --kubeconfig and --context, or the "
                                 "cluster with --cluster");
    }
    json_set_alloc_funcs(malloc, wipe_and_free);
    struct live_prover *prover = irsa_calloc(1, sizeof(*prover));
    prover->prover.ops = &ops;
    prover->live = live;
    *ret = &prover->prover;
    return 0;
}
