/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thousands of generated trust policies, each with a binding gone wrong in several ways at once,
 * among statements of others. After the edit the binding is allowed; every neighbour gets the
 * answer that it got before; statements not concerned are the same to the byte; a second edit
 * changes nothing. The neighbours here are the test's own, not those that the editor proves itself
 * with.
 */
#include "edit_generator.h"
#include "irsa/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define POLICIES 5000
#define SEED 20261124u

/* --- the wish and its facts ------------------------------------------------------------------- */

static bool provider_exists(const void *context, const char *arn)
{
    const struct world *world = context;
    return strcmp(arn, ARN(ISSUER)) == 0
           || (world->issuer_b == EXISTS && strcmp(arn, ARN(ISSUER_B)) == 0);
}

static bool provider_missing(const void *context, const char *arn)
{
    const struct world *world = context;
    return world->issuer_b == MISSING && strcmp(arn, ARN(ISSUER_B)) == 0;
}

static bool subject_missing(const void *context, const char *issuer, const char *subject)
{
    const struct world *world = context;
    return world->web_missing && strcmp(issuer, ISSUER) == 0
           && strcmp(subject, SUBJECT("shop", "web")) == 0;
}

static json_t *template_policy(void)
{
    return json_pack("{s:s, s:[{s:s, s:{s:s}, s:s, s:{s:{s:s, s:s}}}]}", "Version", "2012-10-17",
                     "Statement", "Effect", "Allow", "Principal", "Federated", ARN(ISSUER),
                     "Action", IRSA_ACTION_WEB_IDENTITY, "Condition", "StringEquals", ISSUER ":sub",
                     WISH, ISSUER ":aud", AUDIENCE);
}

/* --- neighbours ------------------------------------------------------------------------------- */

static const char *const neighbour_subjects[] = {WISH,
                                                 SUBJECT("shop", "web"),
                                                 SUBJECT("shopp", "api"),
                                                 SUBJECT("xshop", "api"),
                                                 SUBJECT("sho", "api"),
                                                 SUBJECT("shop", "apix"),
                                                 SUBJECT("shop", "ap"),
                                                 SUBJECT("shop", "xapi"),
                                                 SUBJECT("shop", "api-2"),
                                                 SUBJECT("shop", "apq"),
                                                 SUBJECT("api", "shop"),
                                                 SUBJECT("ops", "cron"),
                                                 SUBJECT("ops", "mail"),
                                                 SUBJECT("web-1", "api"),
                                                 SUBJECT("kube-system", "api"),
                                                 SUBJECT("any", "body")};
static const char *const neighbour_issuers[] = {ISSUER, ISSUER_B, ISSUER_C, HOST "/id/FFFF"};
static const char *const neighbour_audiences[] = {AUDIENCE, "sts.amazonaws.com.cn", "vault",
                                                  "other"};
static const char *const neighbour_actions[] = {IRSA_ACTION_WEB_IDENTITY, "sts:AssumeRole",
                                                "sts:AssumeRoleWithSAML", "sts:TagSession"};
static const char *const others[][2] = {
    {"Service", "ec2.amazonaws.com"},
    {"Service", "pods.eks.amazonaws.com"},
    {"Service", "lambda.amazonaws.com"},
    {"AWS", "arn:aws:iam::" ACCOUNT ":root"},
    {"AWS", "arn:aws:iam::999999999999:user/eve"},
    {"Federated", "arn:aws:iam::" ACCOUNT ":saml-provider/corp"}};

struct neighbour {
    struct irsa_request request;
    const char *subject;
};
static struct neighbour neighbours[2048];
static size_t neighbour_count;
static json_t *no_claims;

static void add_neighbour(const struct irsa_request *request, const char *subject)
{
    assert_true(neighbour_count < IRSA_COUNT(neighbours));
    neighbours[neighbour_count++] = (struct neighbour){*request, subject};
}

static void make_tokens(const char *issuer, const char *subject)
{
    irsa_autofree char *arn = irsa_provider_arn_text("aws", ACCOUNT, issuer);
    for (size_t a = 0; a < IRSA_COUNT(neighbour_audiences); a++) {
        for (size_t i = 0; i < (a == 0 ? IRSA_COUNT(neighbour_actions) : 1); i++) {
            bool wish =
                a == 0 && i == 0 && strcmp(issuer, ISSUER) == 0 && strcmp(subject, WISH) == 0;
            struct irsa_request request = {.principal_type = "Federated",
                                           .principal = irsa_strdup(arn),
                                           .action = neighbour_actions[i],
                                           .context = irsa_request_web_identity_context(
                                               arn, issuer, subject, neighbour_audiences[a]),
                                           .issuer = issuer};
            if (!wish) {
                add_neighbour(&request, subject);
                continue;
            }
            free((char *)request.principal);
            json_decref((json_t *)request.context);
        }
    }
}

static int make_neighbours(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < IRSA_COUNT(neighbour_issuers); i++) {
        for (size_t s = 0; s < IRSA_COUNT(neighbour_subjects); s++)
            make_tokens(neighbour_issuers[i], neighbour_subjects[s]);
    }
    no_claims = json_object();
    for (size_t i = 0; i < IRSA_COUNT(prefixes); i++) {
        static const char *const claims[] = {":sub", ":aud", ""};
        for (size_t c = 0; c < IRSA_COUNT(claims); c++) {
            irsa_autofree char *key = irsa_format("%s%s", prefixes[i], claims[c]);
            (void)json_object_set_new(no_claims, key, json_null());
        }
    }
    for (size_t i = 0; i < IRSA_COUNT(others); i++) {
        for (size_t a = 0; a < IRSA_COUNT(neighbour_actions); a++) {
            struct irsa_request request = {.principal_type = others[i][0],
                                           .principal = irsa_strdup(others[i][1]),
                                           .action = neighbour_actions[a],
                                           .context = json_incref(no_claims)};
            add_neighbour(&request, NULL);
        }
    }
    return 0;
}

static int free_neighbours(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < neighbour_count; i++) {
        free((char *)neighbours[i].request.principal);
        json_decref((json_t *)neighbours[i].request.context);
    }
    json_decref(no_claims);
    return 0;
}

/* --- what must hold --------------------------------------------------------------------------- */

static int openness(enum irsa_decision decision)
{
    if (decision == IRSA_DECISION_ALLOWED)
        return 2;
    return decision == IRSA_DECISION_UNKNOWN ? 1 : 0;
}

/* Nobody can make this request, so that it may be refused where it was allowed: a token comes by
 * AssumeRoleWithWebIdentity alone, from providers and accounts that exist. */
static bool is_impossible(const struct neighbour *neighbour, const struct world *world)
{
    if (!neighbour->subject)
        return false;
    const char *action = neighbour->request.action;
    return (strcmp(action, IRSA_ACTION_WEB_IDENTITY) != 0 && strcmp(action, "sts:TagSession") != 0)
           || provider_missing(world, neighbour->request.principal)
           || subject_missing(world, neighbour->request.issuer, neighbour->subject);
}

static void fail_with(const char *what, const json_t *before, const json_t *after)
{
    irsa_autofree char *left = json_dumps(before, JSON_INDENT(2));
    irsa_autofree char *right = after ? json_dumps(after, JSON_INDENT(2)) : irsa_strdup("-");
    print_error("%s\nbefore: %s\nafter: %s\n", what, left, right);
    fail();
}

static void check_neighbours(const json_t *before, const json_t *after, const struct world *world)
{
    irsa_auto_policy old = irsa_policy_new(before, IRSA_POLICY_TRUST);
    irsa_auto_policy edited = irsa_policy_new(after, IRSA_POLICY_TRUST);
    for (size_t i = 0; i < neighbour_count; i++) {
        const struct irsa_request *request = &neighbours[i].request;
        int was = openness(irsa_policy_decide(old, request));
        int is = openness(irsa_policy_decide(edited, request));
        if (is == was || (is < was && is_impossible(&neighbours[i], world)))
            continue;
        irsa_autofree char *context = json_dumps(request->context, JSON_COMPACT);
        print_error("%s %s %s %s: %d, was %d\n", request->principal_type, request->principal,
                    request->action, context, is, was);
        fail_with("a neighbour's answer changed", before, after);
    }
}

static json_t *statement_at(const json_t *policy, size_t index)
{
    json_t *statements = json_object_get(policy, "Statement");
    return json_is_array(statements) ? json_array_get(statements, index)
           : index == 0              ? statements
                                     : NULL;
}

static bool same_bytes(const json_t *a, const json_t *b)
{
    irsa_autofree char *left = a ? json_dumps(a, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    irsa_autofree char *right = b ? json_dumps(b, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    return left && right && strcmp(left, right) == 0;
}

/* Alone it lets nobody in who could come. */
static bool is_dead(const json_t *statement, const struct world *world)
{
    json_auto_t *alone =
        json_pack("{s:s, s:O}", "Version", "2012-10-17", "Statement", (json_t *)statement);
    irsa_auto_policy policy = irsa_policy_new(alone, IRSA_POLICY_TRUST);
    for (size_t i = 0; i < neighbour_count; i++) {
        if (openness(irsa_policy_decide(policy, &neighbours[i].request)) > 0
            && !is_impossible(&neighbours[i], world))
            return false;
    }
    return true;
}

/* What a split leaves of a statement that let nobody in: all but one subject. */
static bool is_rest(const json_t *before, const json_t *after, const struct world *world)
{
    static const char *const elements[] = {"Principal", "Action"};
    if (!after || !is_dead(before, world) || !is_dead(after, world))
        return false;
    for (size_t i = 0; i < IRSA_COUNT(elements); i++) {
        const json_t *old = json_object_get(before, elements[i]);
        const json_t *new_ = json_object_get(after, elements[i]);
        if (old != new_ && !json_equal(old, new_))
            return false;
    }
    return true;
}

/* All of the old statements are there, in order and to the byte, but for the one concerned, and one
 * that let nobody in and that our subject left. */
static void check_statements(const json_t *before, const struct irsa_edit_result *result,
                             const struct world *world)
{
    if (result->how == IRSA_EDIT_CREATED)
        return;
    bool in_place = result->how == IRSA_EDIT_REPAIRED || result->how == IRSA_EDIT_MERGED;
    size_t at = 0;
    const json_t *old;
    for (size_t i = 0; (old = statement_at(before, i)) != NULL; i++) {
        const json_t *new_ = statement_at(result->document, at);
        if (same_bytes(old, new_)) {
            at++;
        } else if (in_place && at == result->statement) {
            at++;
            const json_t *rest = statement_at(result->document, at);
            if (rest && !same_bytes(rest, statement_at(before, i + 1)) && is_rest(old, rest, world))
                at++;
        } else if (result->how == IRSA_EDIT_MERGED && is_rest(old, new_, world)) {
            at++;
        } else if (result->how != IRSA_EDIT_MERGED || !is_dead(old, world)) {
            fail_with("a statement not concerned changed", before, result->document);
        }
    }
    if (statement_at(result->document, at) && result->how != IRSA_EDIT_ADDED)
        fail_with("a statement more, though none was added", before, result->document);
}

static void check_wish(const json_t *before, const json_t *after, bool unknown_will_do)
{
    json_auto_t *context = irsa_request_web_identity_context(ARN(ISSUER), ISSUER, WISH, AUDIENCE);
    struct irsa_request request = {.principal_type = "Federated",
                                   .principal = ARN(ISSUER),
                                   .action = IRSA_ACTION_WEB_IDENTITY,
                                   .context = context,
                                   .issuer = ISSUER};
    irsa_auto_policy policy = irsa_policy_new(after, IRSA_POLICY_TRUST);
    enum irsa_decision decision = irsa_policy_decide(policy, &request);
    if (decision != IRSA_DECISION_ALLOWED
        && !(unknown_will_do && decision == IRSA_DECISION_UNKNOWN))
        fail_with("the wish is not allowed", before, after);
}

static bool mentions(const json_t *document, const char *text)
{
    irsa_autofree char *dump = json_dumps(document, JSON_COMPACT);
    return strstr(dump, text) != NULL;
}

static void check_edit(const json_t *before, const struct world *world, size_t counts[5])
{
    json_auto_t *template_ = template_policy();
    struct irsa_trust_wish wish = {ARN(ISSUER),      ISSUER,          WISH,
                                   AUDIENCE,         template_,       provider_exists,
                                   provider_missing, subject_missing, world};
    irsa_auto_policy policy = irsa_policy_new(before, IRSA_POLICY_TRUST);
    irsa_policy_freeze(policy); /* as it is among the facts */
    irsa_auto_error error = NULL;
    irsa_auto_edit_result result = {0};
    json_auto_t *copy = json_deep_copy(before);
    if (irsa_policy_edit_allow(policy, &wish, &result, &error) != 0) {
        if (!world->may_conflict || irsa_error_kind(error) != IRSA_E_CONFLICT)
            fail_with(irsa_error_message(error), before, NULL);
        return;
    }
    counts[result.how]++;
    if (!same_bytes(copy, before))
        fail_with("the input was changed", copy, before);
    /* What hangs on what "*" means is left alone; a change makes it certain. */
    bool by_anybody = result.how == IRSA_EDIT_NONE && mentions(before, "\"*\"");
    check_wish(before, result.document, by_anybody || mentions(before, "aws:SourceIp"));
    check_neighbours(before, result.document, world);
    check_statements(before, &result, world);
    irsa_auto_policy edited = irsa_policy_new(result.document, IRSA_POLICY_TRUST);
    irsa_auto_edit_result again = {0};
    assert_int_equal(irsa_policy_edit_allow(edited, &wish, &again, &error), 0);
    if (again.how != IRSA_EDIT_NONE || !same_bytes(again.document, result.document))
        fail_with("a second edit changed it again", result.document, again.document);
}

static void test_edit_allow__generated_policies(void **unused)
{
    (void)unused;
    size_t counts[5] = {0};
    /* another seed for a longer search: IRSA_TEST_SEED=1 test_policy_edit_property */
    const char *given = getenv("IRSA_TEST_SEED");
    const uint32_t seed = given ? (uint32_t)strtoul(given, NULL, 10) : SEED;
    print_message("seed %u\n", seed);
    state = seed ? seed : 1;
    for (size_t i = 0; i < POLICIES; i++) {
        struct world world;
        json_auto_t *before = random_policy(&world);
        check_edit(before, &world, counts);
    }
    print_message("%d policies: %zu as they were, %zu repaired, %zu merged, %zu added, "
                  "%zu created\n",
                  POLICIES, counts[IRSA_EDIT_NONE], counts[IRSA_EDIT_REPAIRED],
                  counts[IRSA_EDIT_MERGED], counts[IRSA_EDIT_ADDED], counts[IRSA_EDIT_CREATED]);
    for (size_t how = 0; how < IRSA_COUNT(counts); how++)
        assert_true(counts[how] > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edit_allow__generated_policies),
    };
    return cmocka_run_group_tests(tests, make_neighbours, free_neighbours);
}
