/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Generated trust policies: a binding gone wrong in several ways at once, among statements of
 * others. draw() is xorshift32, so that a seed gives the same policies everywhere.
 */
#ifndef IRSA_FIX_TEST_EDIT_GENERATOR_H
#define IRSA_FIX_TEST_EDIT_GENERATOR_H

#include "irsa/policy.h"

#define ACCOUNT "111122223333"
#define HOST "oidc.eks.eu-west-1.amazonaws.com"
#define ISSUER HOST "/id/EXAMPLED539D4633E53DE1B71EXAMPLE"
#define ISSUER_B HOST "/id/0A1B2C3D4E5F60718293A4B5C6D7E8F9"
#define ISSUER_C "issuer.example.org/cluster-c"
#define ARN(issuer) "arn:aws:iam::" ACCOUNT ":oidc-provider/" issuer
#define SUBJECT(ns, name) "system:serviceaccount:" ns ":" name
#define WISH SUBJECT("shop", "api")
#define AUDIENCE "sts.amazonaws.com"

static uint32_t state;

static uint32_t draw(uint32_t bound)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % bound;
}
#define PICK(array) (array)[draw((uint32_t)IRSA_COUNT(array))]

/* --- one generated policy --------------------------------------------------------------------- */

enum fate { UNKNOWN, EXISTS, MISSING };
struct world {
    enum fate issuer_b;
    bool web_missing; /* the account shop:web is known not to exist */
    bool may_conflict;
};

static const char *const principals[] = {
    ARN(ISSUER),
    ARN(ISSUER),
    ARN(ISSUER),
    "https://" ISSUER,
    ISSUER,
    ARN(ISSUER) " ",
    ARN(ISSUER) "/",
    ARN("https://" ISSUER),
    ARN(ISSUER_B),
    ARN(ISSUER_C),
    "arn:aws:iam::444455556666:oidc-provider/" ISSUER,
    "arn:aws-cn:iam::" ACCOUNT ":oidc-provider/" ISSUER,
    "arn:aws:iam::" ACCOUNT ":role/api",
    "arn:aws:eks:eu-west-1:" ACCOUNT ":cluster/prod",
    ARN("oidc.eks.eu-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE"),
    ARN("oidc-eks.eu-west-1.api.aws/id/EXAMPLED539D4633E53DE1B71EXAMPLE"),
    ARN(HOST "/EXAMPLED539D4633E53DE1B71EXAMPLE")};
static const char *const prefixes[] = {ISSUER,
                                       ISSUER,
                                       ISSUER,
                                       ISSUER,
                                       "https://" ISSUER,
                                       ARN(ISSUER),
                                       ISSUER_B,
                                       HOST,
                                       HOST "/EXAMPLED539D4633E53DE1B71EXAMPLE"};
static const char *const actions[] = {IRSA_ACTION_WEB_IDENTITY,
                                      IRSA_ACTION_WEB_IDENTITY,
                                      IRSA_ACTION_WEB_IDENTITY,
                                      "sts:AssumeRole",
                                      "sts:AssumeRoleWithSAML",
                                      "sts:AssumeRoleWithWebIdentities",
                                      "AssumeRoleWithWebIdentity",
                                      "sts:TagSession",
                                      "sts:*"};
static const char *const subjects[] = {WISH,
                                       WISH,
                                       WISH,
                                       SUBJECT("shopp", "api"),
                                       SUBJECT("shop", "web"),
                                       SUBJECT("ops", "cron"),
                                       "system:serviceaccounts:shop:api",
                                       "serviceaccount/shop/api",
                                       "shop:api",
                                       WISH " ",
                                       "system:serviceaccount:api",
                                       SUBJECT("shop", "*"),
                                       SUBJECT("shop", "ap?"),
                                       SUBJECT("*", "*"),
                                       SUBJECT("web-*", "api"),
                                       "*",
                                       ""};
static const char *const audiences[] = {
    AUDIENCE, AUDIENCE, AUDIENCE, "sts.amazonaws.com.cn", "vault", "sts.amazonaws.com "};
static const char *const operators[] = {"StringEquals",
                                        "StringEquals",
                                        "StringEquals",
                                        "StringLike",
                                        "StringLike",
                                        "StringEqualsIgnoreCase",
                                        "StringEqualsIfExists",
                                        "ForAllValues:StringEquals",
                                        "ForAnyValue:StringLike",
                                        "ArnLike",
                                        "stringEquals",
                                        "StringNotEquals",
                                        "NumericEquals"};

/* One value as a string or an array, or two or three values. */
static json_t *values_of(const char *const *pool, size_t count)
{
    const char *first = pool[draw((uint32_t)count)];
    if (draw(3) > 0)
        return json_string(first);
    json_t *array = json_pack("[s]", first);
    for (uint32_t more = draw(3); more > 0; more--)
        (void)json_array_append_new(array, json_string(pool[draw((uint32_t)count)]));
    return array;
}
#define VALUES(pool) values_of(pool, IRSA_COUNT(pool))

static void put_test(json_t *condition, const char *operator_, const char *prefix,
                     const char *claim, json_t *values)
{
    if (!json_object_get(condition, operator_))
        (void)json_object_set_new(condition, operator_, json_object());
    irsa_autofree char *key = irsa_format("%s%s", prefix, claim);
    (void)json_object_set_new(json_object_get(condition, operator_), key, values);
}

static json_t *random_principal(void)
{
    switch (draw(12)) {
    case 0:
        return json_pack("{s:s}", "Service", "ec2.amazonaws.com");
    case 1:
        return json_pack("{s:s}", "AWS", "arn:aws:iam::" ACCOUNT ":root");
    case 2:
        return json_pack("{s:s}", "AWS", ARN(ISSUER));
    case 3:
        return json_string("*");
    case 4:
        return json_pack("{s:o, s:s}", "Federated", VALUES(principals), "AWS",
                         "arn:aws:iam::" ACCOUNT ":root");
    case 5:
        return json_pack("{s:s}", "AWS", "*");
    default:
        return json_pack("{s:o}", "Federated", VALUES(principals));
    }
}

static json_t *random_condition(struct world *world)
{
    static const char *const sub_claims[] = {":sub", ":sub", ":sub", ":sub", ":aud", ""};
    static const char *const aud_claims[] = {":aud", ":aud", ":aud", ":aud", ":sub", ""};
    json_t *condition = json_object();
    const char *prefix = PICK(prefixes);
    if (draw(10) > 0)
        put_test(condition, PICK(operators), prefix, PICK(sub_claims), VALUES(subjects));
    if (draw(4) > 0)
        put_test(condition, draw(4) ? "StringEquals" : PICK(operators),
                 draw(5) ? prefix : PICK(prefixes), PICK(aud_claims), VALUES(audiences));
    if (draw(12) == 0)
        put_test(condition, "IpAddress", "aws:SourceIp", "", json_string("10.0.0.0/8"));
    if (draw(16) == 0) {
        put_test(condition, "StringEquals", "aws:PrincipalOrgID", "", json_string("o-a1b2c3d4e5"));
        world->may_conflict = true;
    }
    return condition;
}

static json_t *random_statement(struct world *world)
{
    json_t *statement = json_object();
    if (draw(4) == 0)
        (void)json_object_set_new(statement, "Sid", json_string(draw(2) ? "Api" : "Irsa"));
    (void)json_object_set_new(statement, "Effect", json_string("Allow"));
    if (draw(20) > 0)
        (void)json_object_set_new(statement, "Principal", random_principal());
    (void)json_object_set_new(statement, "Action", VALUES(actions));
    json_t *condition = random_condition(world);
    if (draw(20) > 0) {
        (void)json_object_set_new(statement, "Condition", condition);
    } else {
        (void)json_object_update(statement, condition);
        json_decref(condition);
    }
    return statement;
}

static json_t *foreign_statement(struct world *world)
{
    switch (draw(7)) {
    case 0:
        return json_pack("{s:s, s:{s:s}, s:s}", "Effect", "Allow", "Principal", "Service",
                         "ec2.amazonaws.com", "Action", "sts:AssumeRole");
    case 1:
        return json_pack("{s:s, s:{s:s}, s:[s,s]}", "Effect", "Allow", "Principal", "Service",
                         "pods.eks.amazonaws.com", "Action", "sts:AssumeRole", "sts:TagSession");
    case 2:
        return json_pack("{s:s, s:{s:s}, s:s, s:{s:{s:s}}}", "Effect", "Allow", "Principal", "AWS",
                         "arn:aws:iam::" ACCOUNT ":root", "Action", "sts:AssumeRole", "Condition",
                         "StringEquals", "sts:ExternalId", "x");
    case 3:
        return json_pack("{s:s, s:{s:s}, s:s, s:{s:{s:s, s:s}}}", "Effect", "Allow", "Principal",
                         "Federated", ARN(ISSUER_B), "Action", IRSA_ACTION_WEB_IDENTITY,
                         "Condition", "StringEquals", ISSUER_B ":sub", WISH, ISSUER_B ":aud",
                         AUDIENCE);
    case 4:
        return json_pack("{s:s, s:{s:s}, s:s, s:{s:{s:[s,s], s:s}}}", "Effect", "Allow",
                         "Principal", "Federated", ARN(ISSUER), "Action", IRSA_ACTION_WEB_IDENTITY,
                         "Condition", "StringEquals", ISSUER ":sub", SUBJECT("ops", "cron"),
                         SUBJECT("ops", "mail"), ISSUER ":aud", AUDIENCE);
    case 5:
        world->may_conflict = true;
        return json_pack("{s:s, s:s, s:s, s:{s:{s:s}}}", "Effect", "Deny", "Principal", "*",
                         "Action", IRSA_ACTION_WEB_IDENTITY, "Condition", "StringLike",
                         ISSUER ":sub", draw(2) ? WISH : SUBJECT("ops", "*"));
    default:
        return json_pack("{s:s, s:{s:s}, s:s, s:{s:{s:s}}}", "Effect", "Allow", "Principal",
                         "Federated", "arn:aws:iam::" ACCOUNT ":saml-provider/corp", "Action",
                         "sts:AssumeRoleWithSAML", "Condition", "StringEquals", "SAML:aud",
                         "https://signin.aws.amazon.com/saml");
    }
}

static json_t *random_policy(struct world *world)
{
    *world = (struct world){.issuer_b = (enum fate)draw(3), .web_missing = draw(3) == 0};
    json_t *statements = json_array();
    for (uint32_t n = draw(3); n > 0; n--)
        (void)json_array_append_new(statements, foreign_statement(world));
    (void)json_array_append_new(statements, random_statement(world));
    for (uint32_t n = draw(2); n > 0; n--)
        (void)json_array_append_new(statements,
                                    draw(2) ? foreign_statement(world) : random_statement(world));
    json_t *policy = json_object();
    if (draw(8) > 0)
        (void)json_object_set_new(policy, "Version",
                                  json_string(draw(8) ? "2012-10-17" : "2008-10-17"));
    if (json_array_size(statements) == 1 && draw(2)) {
        (void)json_object_set(policy, "Statement", json_array_get(statements, 0));
        json_decref(statements);
    } else {
        (void)json_object_set_new(policy, "Statement", statements);
    }
    return policy;
}

#endif
