/* SPDX-License-Identifier: Apache-2.0 */
#include "property.h"

struct statement {
    const char *federated;
    const char *prefix; /* of the condition keys */
    const char *action;
    const char *operator_;
    const char *audience; /* NULL: not checked */
    char *subject;
};

static char *draw_subject(struct chance *chance, const char *namespace_, const char *name)
{
    switch (draw(chance, 8)) {
    case 0:
        return irsa_format("system:serviceaccounts:%s:%s", namespace_, name);
    case 1:
        return irsa_format("serviceaccount/%s/%s", namespace_, name);
    case 2:
        return irsa_format("system:serviceaccount:%s:%.2s*", namespace_, name);
    case 3:
        return irsa_format(" system:serviceaccount:%s:%s", namespace_, name);
    case 4:
        return irsa_format("system:serviceaccount:%s:other", namespace_);
    case 5:
        return irsa_format("system:serviceaccount:elsewhere:%s", name);
    case 6:
        return irsa_strdup("system:serviceaccount:*:*");
    default:
        return irsa_format("%s/%s", namespace_, name);
    }
}

static void draw_issuer_fault(struct chance *chance, struct statement *s)
{
    static const char *const federated[] = {
        "https://" ISSUER,     ISSUER,
        PROVIDER(ISSUER) "/",  " " PROVIDER(ISSUER),
        PROVIDER(GONE_ISSUER), "arn:aws:iam::" OTHER_ACCOUNT ":oidc-provider/" ISSUER,
    };
    static const char *const prefixes[] = {
        "https://" ISSUER,
        PROVIDER(ISSUER),
        GONE_ISSUER,
        HOST "aaaabbbbccccddddeeeeffff00001111",
    };
    switch (draw(chance, 4)) {
    case 0:
        s->federated = federated[draw(chance, IRSA_COUNT(federated))];
        break;
    case 1:
        s->prefix = prefixes[draw(chance, IRSA_COUNT(prefixes))];
        break;
    case 2:
        s->federated = PROVIDER(GONE_ISSUER);
        s->prefix = GONE_ISSUER;
        break;
    default:
        s->federated = PROVIDER(LIVE_ISSUER);
        s->prefix = LIVE_ISSUER;
        break;
    }
}

static void draw_fault(struct chance *chance, struct statement *s, const char *namespace_,
                       const char *name)
{
    static const char *const audiences[] = {NULL, "sts.amazonaws.com.", "sts.amazonaws.com.cn"};
    static const char *const actions[] = {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentiy",
                                          "sts:AssumeRoleWithSAML", "sts:*"};
    switch (draw(chance, 5)) {
    case 0:
        s->audience = audiences[draw(chance, IRSA_COUNT(audiences))];
        break;
    case 1:
        s->action = actions[draw(chance, IRSA_COUNT(actions))];
        break;
    case 2:
        s->operator_ = "StringLike";
        break;
    case 3:
        free(s->subject);
        s->subject = draw_subject(chance, namespace_, name);
        break;
    default:
        draw_issuer_fault(chance, s);
        break;
    }
}

static json_t *statement_json(const struct statement *s)
{
    irsa_autofree char *sub = irsa_format("%s:sub", s->prefix);
    irsa_autofree char *aud = irsa_format("%s:aud", s->prefix);
    json_t *conditions = json_pack("{s:{s:s}}", s->operator_, sub, s->subject);
    if (s->audience) {
        json_auto_t *by_audience = json_pack("{s:{s:s}}", "StringEquals", aud, s->audience);
        (void)json_object_update_recursive(conditions, by_audience);
    }
    return json_pack("{s:s, s:{s:s}, s:s, s:o}", "Effect", "Allow", "Principal", "Federated",
                     s->federated, "Action", s->action, "Condition", conditions);
}

static json_t *draw_statement(struct chance *chance, const char *namespace_, const char *name)
{
    struct statement s = {
        .federated = PROVIDER(ISSUER),
        .prefix = ISSUER,
        .action = "sts:AssumeRoleWithWebIdentity",
        .operator_ = "StringEquals",
        .audience = "sts.amazonaws.com",
        .subject = irsa_format("system:serviceaccount:%s:%s", namespace_, name),
    };
    for (size_t faults = draw(chance, 3); faults > 0; faults--)
        draw_fault(chance, &s, namespace_, name);
    json_t *json = statement_json(&s);
    free(s.subject);
    return json;
}

static json_t *draw_foreign_statement(struct chance *chance)
{
    static const char *const statements[] = {
        "{\"Effect\": \"Allow\", \"Principal\": {\"Service\": \"ec2.amazonaws.com\"},"
        " \"Action\": \"sts:AssumeRole\"}",
        "{\"Sid\": \"PodIdentity\", \"Effect\": \"Allow\", \"Principal\": {\"Service\":"
        " \"pods.eks.amazonaws.com\"}, \"Action\": [\"sts:AssumeRole\", \"sts:TagSession\"]}",
        "{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::" OTHER_ACCOUNT
        ":root\"}, \"Action\": \"sts:AssumeRole\", \"Condition\": {\"Bool\":"
        " {\"aws:MultiFactorAuthPresent\": \"true\"}}}",
        "{\"Effect\": \"Deny\", \"Principal\": \"*\", \"Action\": \"sts:AssumeRole\","
        " \"Condition\": {\"StringNotEquals\": {\"aws:PrincipalOrgID\": \"o-1\"}}}",
    };
    return json_loads(statements[draw(chance, IRSA_COUNT(statements))], 0, NULL);
}

json_t *property_trust(struct chance *chance, const char *namespace_, const char *name)
{
    switch (draw(chance, 20)) {
    case 0:
        return json_string("{\"Version\": \"2012-10-17\", ");
    case 1:
        return json_pack("{s:s, s:[{s:s, s:s, s:s}]}", "Version", "2012-10-17", "Statement",
                         "Effect", "Allow", "Action", "s3:*", "Resource", "*");
    default:
        break;
    }
    json_t *statements = json_array();
    if (draw(chance, 3) == 0)
        (void)json_array_append_new(statements, draw_foreign_statement(chance));
    (void)json_array_append_new(statements, draw_statement(chance, namespace_, name));
    if (draw(chance, 4) == 0)
        (void)json_array_append_new(statements, draw_statement(chance, namespace_, "other"));
    return json_pack("{s:s, s:o}", "Version", "2012-10-17", "Statement", statements);
}
