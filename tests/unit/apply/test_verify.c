/* SPDX-License-Identifier: Apache-2.0 */
/* Bindings of a captured cluster, proven before an API server and an STS that say what a test
 * wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "irsa/verify.h"

#define WORLD "examples/healthy-cluster"
#define TOKEN "eyJhbGciOiJub25lIn0.e30." /* {"alg":"none"} without claims */

struct fake {
    struct irsa_prover prover;
    long token_status; /* 0: a token comes */
    enum irsa_error_kind token_error;
    const char *code; /* of STS' refusal, NULL: it gives credentials */
    const char *message;
    unsigned refusals;  /* how often, then it gives in */
    const char *caller; /* NULL: the role asked for */
    unsigned asked;
    int64_t now;
};

static struct fake *fake_of(struct irsa_prover *prover)
{
    return (struct fake *)prover;
}

static void fake_tokens(struct irsa_prover *prover, struct irsa_token_request *const *requests,
                        size_t count)
{
    const struct fake *fake = fake_of(prover);
    for (size_t i = 0; i < count; i++) {
        irsa_token_request_done(requests[i]);
        requests[i]->status = fake->token_status;
        if (fake->token_error)
            (void)irsa_fail(&requests[i]->error, fake->token_error, "no token today");
        else
            irsa_secret_set(&requests[i]->token, TOKEN, strlen(TOKEN));
    }
}

static void fake_assume(struct irsa_prover *prover, struct irsa_assumption *const *assumptions,
                        size_t count)
{
    struct fake *fake = fake_of(prover);
    bool refuses = fake->code && fake->asked < fake->refusals;
    fake->asked++;
    for (size_t i = 0; i < count; i++) {
        irsa_assumption_done(assumptions[i]);
        assumptions[i]->assumed = !refuses;
        if (!refuses)
            continue;
        assumptions[i]->call.code = irsa_strdup(fake->code);
        assumptions[i]->call.message = fake->message ? irsa_strdup(fake->message) : NULL;
        (void)irsa_fail(&assumptions[i]->call.error, IRSA_E_ACCESS, "%s", fake->code);
    }
}

static void fake_identify(struct irsa_prover *prover, struct irsa_assumption *const *assumptions,
                          size_t count)
{
    const struct fake *fake = fake_of(prover);
    for (size_t i = 0; i < count; i++) {
        irsa_auto_role_arn role = {0};
        irsa_auto_error error = NULL;
        assert_int_equal(irsa_role_arn_parse(assumptions[i]->call.role_arn, &role, &error), 0);
        assumptions[i]->caller_arn =
            fake->caller ? irsa_strdup(fake->caller)
                         : irsa_format("arn:aws:sts::%s:assumed-role/%s/%s", role.account,
                                       role.name, assumptions[i]->call.session_name);
    }
}

static int fake_keys(struct irsa_prover *prover, const char *issuer_url, json_t **ret,
                     bool *ret_public, char **ret_where, char **ret_note,
                     struct irsa_error **reterr)
{
    (void)prover, (void)issuer_url, (void)ret, (void)ret_public, (void)ret_where, (void)ret_note;
    return irsa_fail(reterr, IRSA_E_NET, "no keys today");
}

static int64_t fake_now(struct irsa_prover *prover)
{
    return fake_of(prover)->now;
}

static void fake_pause(struct irsa_prover *prover, long ms)
{
    fake_of(prover)->now += ms;
}

static const struct irsa_prover_ops ops = {
    .tokens = fake_tokens,
    .assume = fake_assume,
    .identify = fake_identify,
    .keys = fake_keys,
    .now_ms = fake_now,
    .pause = fake_pause,
};

/* --- a plan of the example -------------------------------------------------------------------- */

struct scene {
    struct irsa_templates *templates;
    struct irsa_intent *intent;
    struct irsa_world *world;
    struct irsa_facts *facts;
    struct irsa_plan *plan;
};

static int set_up(void **state)
{
    struct scene *scene = irsa_calloc(1, sizeof(*scene));
    irsa_auto_error error = NULL;
    assert_int_equal(irsa_templates_load(NULL, &scene->templates, &error), 0);
    scene->intent = irsa_intent_new();
    scene->intent->templates = scene->templates;
    assert_int_equal(irsa_captured_new(WORLD, NULL, &scene->world, &error), 0);
    assert_int_equal(scene->world->ops->gather(scene->world, &scene->facts, &error), 0);
    assert_int_equal(irsa_plan_make(scene->facts, scene->intent, &scene->plan, &error), 0);
    assert_true(scene->plan->bindings.len > 1);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    irsa_plan_free(scene->plan);
    irsa_facts_free(scene->facts);
    irsa_world_free(scene->world);
    irsa_intent_free(scene->intent);
    irsa_templates_free(scene->templates);
    free(scene);
    return 0;
}

static json_t *verify(const struct scene *scene, struct fake *fake)
{
    const struct irsa_verify_options options = {.templates = scene->templates, .timeout_ms = 10000};
    fake->prover.ops = &ops;
    fake->now = 1700000000000;
    json_t *answer = irsa_verify(&fake->prover, scene->plan, &options);
    irsa_autofree char *text = json_dumps(answer, 0);
    assert_null(strstr(text, TOKEN));
    return answer;
}

static json_t *step_of(const json_t *answer, size_t binding, const char *name)
{
    size_t i = 0;
    json_t *step = NULL;
    const json_t *one = json_array_get(json_object_get(answer, "bindings"), binding);
    json_array_foreach(json_object_get(one, "steps"), i, step)
    {
        if (strcmp(json_string_value(json_object_get(step, "step")), name) == 0)
            return step;
    }
    fail_msg("no step %s", name);
    return NULL;
}

static void assert_step(const json_t *answer, const char *name, const char *state, const char *code)
{
    const json_t *step = step_of(answer, 0, name);
    assert_string_equal(json_string_value(json_object_get(step, "state")), state);
    if (code)
        assert_string_equal(json_string_value(json_object_get(step, "code")), code);
}

static void assert_end(const json_t *answer, const char *which, int outcome)
{
    const json_t *summary = json_object_get(answer, "summary");
    json_int_t all = (json_int_t)json_array_size(json_object_get(answer, "bindings"));
    assert_int_equal(json_integer_value(json_object_get(summary, which)), all);
    assert_int_equal(json_integer_value(json_object_get(answer, "outcome")), outcome);
}

/* --- tests ------------------------------------------------------------------------------------ */

/* The token's claims are wrong, so nothing is proven, whatever STS says. */
static void test_verify__a_failed_step_is_no_proof(void **state)
{
    struct fake fake = {0};
    json_auto_t *answer = verify(*state, &fake);
    assert_step(answer, "claims", "failed", "IRSA121");
    assert_step(answer, "caller-identity", "ok", NULL);
    assert_end(answer, "refused", 3);
}

static void test_verify__no_right_is_no_verdict(void **state)
{
    struct fake fake = {.token_status = 403, .token_error = IRSA_E_ACCESS};
    json_auto_t *answer = verify(*state, &fake);
    assert_step(answer, "token", "unknown", NULL);
    assert_step(answer, "assume-role", "skipped", NULL);
    assert_int_equal(fake.asked, 0);
    assert_end(answer, "unknown", 4);
}

static void test_verify__no_network_is_no_verdict(void **state)
{
    struct fake fake = {.token_error = IRSA_E_NET};
    json_auto_t *answer = verify(*state, &fake);
    assert_end(answer, "unknown", 1);
}

static void test_verify__account_is_gone(void **state)
{
    struct fake fake = {.token_status = 404, .token_error = IRSA_E_NOT_FOUND};
    json_auto_t *answer = verify(*state, &fake);
    assert_step(answer, "token", "failed", "IRSA050");
    assert_end(answer, "refused", 3);
}

/* By the facts all is well, so these may pass: asked again to the end. */
static void test_verify__not_yet(void **state)
{
    static const struct {
        const char *code, *message, *wanted;
    } cases[] = {
        {"AccessDenied", "Not authorized", "IRSA113"},
        {"InvalidIdentityToken", "No OpenIDConnect provider found in your account", "IRSA010"},
        {"InvalidIdentityToken", "Incorrect token audience", "IRSA011"},
        {"IDPCommunicationError", NULL, "IRSA115"},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        struct fake fake = {.code = cases[i].code, .message = cases[i].message, .refusals = 99};
        json_auto_t *answer = verify(*state, &fake);
        assert_step(answer, "assume-role", "failed", cases[i].wanted);
        assert_in_range(fake.asked, 5, 6);
        struct fake slow = {.code = cases[i].code, .message = cases[i].message, .refusals = 3};
        json_auto_t *later = verify(*state, &slow);
        assert_step(later, "assume-role", "ok", NULL);
        assert_int_equal(slow.asked, 4);
    }
}

static void test_verify__no_at_once(void **state)
{
    static const struct {
        const char *code, *message, *wanted;
    } cases[] = {
        {"ExpiredTokenException", "Token expired", "IRSA110"},
        {"ExpiredToken", NULL, "IRSA110"},
        {"InvalidIdentityToken",
         "Couldn't retrieve verification key from your identity provider, please reference "
         "AssumeRoleWithWebIdentity documentation for requirements",
         "IRSA111"},
        {"InvalidIdentityToken", NULL, "IRSA111"},
        {"RegionDisabledException", NULL, "IRSA112"},
        {"AccessDenied",
         "User: arn:aws:sts::111122223333:x is not authorized to perform: "
         "sts:AssumeRoleWithWebIdentity on resource: arn:aws:iam::111122223333:role/library-velero "
         "with an explicit deny in a service control policy",
         "IRSA113"},
        {"ValidationError",
         "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
         "IRSA114"},
        {"ValidationError", "something else", NULL},
        {"", "", NULL},
    };
    for (size_t i = 0; i < IRSA_COUNT(cases); i++) {
        struct fake fake = {.code = cases[i].code, .message = cases[i].message, .refusals = 99};
        json_auto_t *answer = verify(*state, &fake);
        assert_step(answer, "assume-role", "failed", cases[i].wanted);
        assert_int_equal(fake.asked, 1);
    }
}

static void test_verify__throttling_is_no_verdict(void **state)
{
    struct fake fake = {.code = "Throttling", .message = "Rate exceeded", .refusals = 99};
    json_auto_t *answer = verify(*state, &fake);
    assert_step(answer, "assume-role", "unknown", NULL);
}

static void test_verify__somebody_else(void **state)
{
    static const char *const callers[] = {
        "arn:aws:iam::111122223333:role/library-velero",
        "arn:aws:sts::111122223333:assumed-role/node/i-0123456789abcdef0",
        "arn:aws:sts::999999999999:assumed-role/library-velero/s",
        "arn:aws-cn:sts::111122223333:assumed-role/library-velero/s",
        "nobody",
    };
    for (size_t i = 0; i < IRSA_COUNT(callers); i++) {
        struct fake fake = {.caller = callers[i]};
        json_auto_t *answer = verify(*state, &fake);
        assert_step(answer, "caller-identity", "failed", "IRSA116");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_verify__a_failed_step_is_no_proof, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_verify__no_right_is_no_verdict, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_verify__no_network_is_no_verdict, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_verify__account_is_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_verify__not_yet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_verify__no_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_verify__throttling_is_no_verdict, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_verify__somebody_else, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
