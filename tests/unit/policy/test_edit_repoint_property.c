/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Thousands of generated trust policies that name the old issuer, the new one and a third in all
 * ways at once, some of them broken. After the edit the new issuer's tokens get what the old one's
 * or they themselves got before, and nothing more; everybody else gets what he got; the old
 * issuer's tokens too where it is kept, and nothing more where not. The requests here are the
 * test's own, not those that the edit proves itself with.
 */
#include "irsa/identity.h"
#include "irsa/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define POLICIES 3000
#define SEED 20261128u
#define ACCOUNT "111122223333"
#define OLD "oidc.eks.eu-west-1.amazonaws.com/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
#define NEW "oidc.eks.eu-west-1.amazonaws.com/id/C4D5E6F708192A3B4C5D6E7F8091A2B3"
#define THIRD "issuer.example.org/third"
#define ARN(issuer) "arn:aws:iam::" ACCOUNT ":oidc-provider/" issuer

static uint32_t state;

static uint32_t draw(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % bound;
}
#define PICK(array) (array)[draw((uint32_t)IRSA_COUNT(array))]

/* --- policies --------------------------------------------------------------------------------- */

/* Of another account. */
#define FOREIGN ("arn:aws:iam::444455556666:oidc-provider/" OLD)
static const char *const providers[] = {ARN(OLD), ARN(OLD),   ARN(OLD),
                                        ARN(NEW), ARN(THIRD), FOREIGN};
static const char *const prefixes[] = {OLD, OLD, OLD, NEW, THIRD};
static const char *const subjects[] = {
    "system:serviceaccount:shop:api", "system:serviceaccount:shop:web",
    "system:serviceaccount:shop:*",   "system:serviceaccount:*:api",
    "system:serviceaccount:ops:c?on", "*"};
static const char *const audiences[] = {"sts.amazonaws.com", "sts.amazonaws.com", "vault"};
static const char *const operators[] = {"StringEquals",
                                        "StringEquals",
                                        "StringLike",
                                        "StringLike",
                                        "StringEqualsIfExists",
                                        "StringLikeIfExists",
                                        "ForAllValues:StringLike",
                                        "ForAnyValue:StringEquals",
                                        "StringNotEquals",
                                        "StringNotLike",
                                        "Null"};
static const char *const sids[] = {"Api", "Api2", "Web"};

static json_t *some(const char *const *pool, uint32_t count)
{
    if (draw(2))
        return json_string(pool[draw(count)]);
    json_t *array = json_array();
    for (uint32_t left = 1 + draw(3); left > 0; left--)
        (void)json_array_append_new(array, json_string(pool[draw(count)]));
    return array;
}
#define SOME(pool) some(pool, (uint32_t)IRSA_COUNT(pool))

static json_t *random_principal(void)
{
    switch (draw(10)) {
    case 0:
        return json_string("*");
    case 1:
        return json_pack("{s:s}", "AWS", "*");
    case 2:
        return json_pack("{s:s, s:o}", "AWS", "arn:aws:iam::" ACCOUNT ":root", "Federated",
                         SOME(providers));
    default:
        return json_pack("{s:o}", "Federated", SOME(providers));
    }
}

static void add_test(json_t *condition)
{
    const char *operator_ = PICK(operators);
    bool subject = draw(3) > 0;
    irsa_autofree char *key = irsa_format("%s:%s", PICK(prefixes), subject ? "sub" : "aud");
    if (!json_object_get(condition, operator_))
        (void)json_object_set_new(condition, operator_, json_object());
    json_t *values = strcmp(operator_, "Null") == 0 ? json_string(draw(2) ? "true" : "false")
                     : subject                      ? SOME(subjects)
                                                    : SOME(audiences);
    (void)json_object_set_new(json_object_get(condition, operator_), key, values);
}

static json_t *random_condition(void)
{
    json_t *condition = json_object();
    for (uint32_t left = draw(4); left > 0; left--)
        add_test(condition);
    if (draw(10) == 0)
        (void)json_object_set_new(condition, "ArnEquals",
                                  json_pack("{s:o}", "aws:FederatedProvider", SOME(providers)));
    if (draw(10) == 0)
        (void)json_object_set_new(condition, "IpAddress",
                                  json_pack("{s:s}", "aws:SourceIp", "10.0.0.0/8"));
    return condition;
}

static json_t *random_statement(void)
{
    json_t *statement = json_object();
    if (draw(3) == 0)
        (void)json_object_set_new(statement, "Sid", json_string(PICK(sids)));
    bool deny = draw(6) == 0;
    (void)json_object_set_new(statement, "Effect", json_string(deny ? "Deny" : "Allow"));
    (void)json_object_set_new(statement, deny && draw(3) == 0 ? "NotPrincipal" : "Principal",
                              random_principal());
    (void)json_object_set_new(statement, "Action",
                              json_string(draw(6) ? IRSA_ACTION_WEB_IDENTITY : "sts:*"));
    (void)json_object_set_new(statement, "Condition", random_condition());
    return statement;
}

static json_t *random_policy(void)
{
    json_t *statements = json_array();
    for (uint32_t left = 1 + draw(4); left > 0; left--)
        (void)json_array_append_new(statements, random_statement());
    return json_pack("{s:s, s:o}", "Version", "2012-10-17", "Statement", statements);
}

/* --- requests --------------------------------------------------------------------------------- */

static const char *const asked_subjects[] = {
    "system:serviceaccount:shop:api", "system:serviceaccount:shop:web",
    "system:serviceaccount:shop:apx", "system:serviceaccount:ops:cron",
    "system:serviceaccount:ops:api",  "system:serviceaccount:any:body"};
static const char *const asked_audiences[] = {"sts.amazonaws.com", "vault", "else"};

static int openness(const struct irsa_policy *policy, const char *issuer, const char *subject,
                    const char *audience)
{
    irsa_autofree char *arn = irsa_provider_arn_text("aws", ACCOUNT, issuer);
    json_auto_t *context = irsa_request_web_identity_context(arn, issuer, subject, audience);
    struct irsa_request request = {.principal_type = "Federated",
                                   .principal = arn,
                                   .action = IRSA_ACTION_WEB_IDENTITY,
                                   .context = context,
                                   .issuer = issuer};
    enum irsa_decision decision = irsa_policy_decide(policy, &request);
    return decision == IRSA_DECISION_ALLOWED ? 2 : decision == IRSA_DECISION_UNKNOWN ? 1 : 0;
}

static void fail_with(const char *what, const json_t *before, const json_t *after)
{
    irsa_autofree char *left = json_dumps(before, JSON_INDENT(2));
    irsa_autofree char *right = json_dumps(after, JSON_INDENT(2));
    print_error("%s\nbefore: %s\nafter: %s\n", what, left, right);
    fail();
}

/* Returns how many requests of the new issuer are answered better than before. */
static size_t check(const json_t *before, const json_t *after, bool keep_old)
{
    irsa_auto_policy was = irsa_policy_new(before, IRSA_POLICY_TRUST);
    irsa_auto_policy is = irsa_policy_new(after, IRSA_POLICY_TRUST);
    size_t gained = 0;
    for (size_t s = 0; s < IRSA_COUNT(asked_subjects); s++) {
        for (size_t a = 0; a < IRSA_COUNT(asked_audiences); a++) {
            const char *subject = asked_subjects[s];
            const char *audience = asked_audiences[a];
            int old_before = openness(was, OLD, subject, audience);
            int old_after = openness(is, OLD, subject, audience);
            int new_before = openness(was, NEW, subject, audience);
            int new_after = openness(is, NEW, subject, audience);
            int limit = old_before > new_before ? old_before : new_before;
            gained += new_after > new_before;
            if (new_after > limit || new_after < new_before)
                fail_with("the new issuer got too much, or lost", before, after);
            if (keep_old ? old_after != old_before : old_after > old_before)
                fail_with("the old issuer's answer", before, after);
            if (openness(was, THIRD, subject, audience) != openness(is, THIRD, subject, audience))
                fail_with("somebody else's answer", before, after);
        }
    }
    return gained;
}

static void check_sids(const json_t *document)
{
    irsa_auto_map seen = {0};
    size_t i;
    json_t *statement;
    json_array_foreach(json_object_get(document, "Statement"), i, statement)
    {
        const char *sid = json_string_value(json_object_get(statement, "Sid"));
        if (sid && irsa_has_prefix(sid, "Own"))
            assert_true(irsa_map_put(&seen, sid, i));
    }
}

static void test_repoint__random(void **unused)
{
    (void)unused;
    size_t changed = 0;
    size_t gained = 0;
    state = SEED;
    for (size_t n = 0; n < POLICIES; n++) {
        json_auto_t *before = random_policy();
        bool keep_old = draw(2);
        irsa_auto_policy policy = irsa_policy_new(before, IRSA_POLICY_TRUST);
        irsa_policy_freeze(policy); /* as it is among the facts */
        struct irsa_repoint wish = {
            .partition = "aws", .account = ACCOUNT, .from = OLD, .to = NEW, .keep_old = keep_old};
        irsa_auto_repoint_result result = {0};
        irsa_auto_error error = NULL;
        if (irsa_policy_edit_repoint(policy, &wish, &result, &error) != 0)
            continue;
        changed += result.changed;
        gained += check(before, result.document, keep_old) > 0;
        check_sids(result.document);
        irsa_auto_policy edited = irsa_policy_new(result.document, IRSA_POLICY_TRUST);
        irsa_auto_repoint_result again = {0};
        irsa_auto_error ignored = NULL;
        if (irsa_policy_edit_repoint(edited, &wish, &again, &ignored) == 0 && again.changed)
            fail_with("a second edit changes something", result.document, again.document);
    }
    print_message("%zu of %d policies changed, %zu let the new issuer in\n", changed, POLICIES,
                  gained);
    assert_true(changed > POLICIES / 4);
    assert_true(gained > POLICIES / 10);
}

static void test_prune__random(void **unused)
{
    (void)unused;
    size_t changed = 0;
    char *items[] = {(char *)OLD};
    struct irsa_strings gone = {.items = items, .len = 1};
    struct irsa_repoint place = {.partition = "aws", .account = ACCOUNT};
    state = SEED;
    for (size_t n = 0; n < POLICIES; n++) {
        json_auto_t *before = random_policy();
        irsa_auto_policy policy = irsa_policy_new(before, IRSA_POLICY_TRUST);
        irsa_policy_freeze(policy); /* as it is among the facts */
        irsa_auto_repoint_result result = {0};
        irsa_auto_error error = NULL;
        if (irsa_policy_edit_prune(policy, &place, &gone, &result, &error) != 0)
            continue;
        changed += result.changed;
        irsa_auto_policy edited = irsa_policy_new(result.document, IRSA_POLICY_TRUST);
        for (size_t s = 0; s < IRSA_COUNT(asked_subjects); s++) {
            for (size_t a = 0; a < IRSA_COUNT(asked_audiences); a++) {
                static const char *const others[] = {NEW, THIRD};
                for (size_t k = 0; k < IRSA_COUNT(others); k++) {
                    const char *subject = asked_subjects[s];
                    const char *audience = asked_audiences[a];
                    if (openness(policy, others[k], subject, audience)
                        != openness(edited, others[k], subject, audience))
                        fail_with("somebody else's answer", before, result.document);
                }
            }
        }
    }
    assert_true(changed > POLICIES / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repoint__random),
        cmocka_unit_test(test_prune__random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
