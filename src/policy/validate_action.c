/* SPDX-License-Identifier: Apache-2.0 */
/* Action and Resource:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html */
#include "policy/issues.h"

#include <strings.h>

/* https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-custom.html */
static const char *const trust_actions[] = {
    "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext", "sts:SetSourceIdentity",  "sts:TagSession",
};

static bool matches_trust_action(const char *pattern)
{
    for (size_t i = 0; i < IRSA_COUNT(trust_actions); i++) {
        if (irsa_wildcard_match(pattern, trust_actions[i], /* ignore_case= */ true))
            return true;
    }
    return false;
}

static void validate_trust_action(struct irsa_policy *policy, const char *where, const char *action)
{
    /* IAM: "AssumeRole policy may only specify STS AssumeRole actions." */
    if (strncasecmp(action, "sts:", 4) != 0) {
        irsa_policy_add_issue(policy, true, where,
                              "\"%s\": a trust policy may only have STS's AssumeRole actions",
                              action);
        return;
    }
    if (matches_trust_action(action))
        return;
    const char *near = irsa_nearest(action, trust_actions, IRSA_COUNT(trust_actions));
    irsa_policy_add_issue(policy, false, where, "\"%s\" is no action that assumes a role%s%s%s",
                          action, near ? " (did you mean " : "", near ? near : "",
                          near ? "?)" : "");
}

/* "Consists of a service namespace, a colon, and the name of an action" */
static void validate_identity_action(struct irsa_policy *policy, const char *where,
                                     const char *action)
{
    if (strcmp(action, "*") == 0)
        return;
    const char *colon = strchr(action, ':');
    if (!colon) {
        irsa_policy_add_issue(policy, true, where,
                              "\"%s\" must start with a service, as in \"s3:GetObject\"", action);
        return;
    }
    const size_t len = (size_t)(colon - action);
    if (strchr(colon + 1, ':'))
        irsa_policy_add_issue(policy, true, where, "\"%s\" may have one colon only", action);
    else if (len == 0
             || strspn(action, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.")
                    < len)
        irsa_policy_add_issue(policy, true, where, "\"%.*s\" is no service's name", (int)len,
                              action);
}

void irsa_validate_action(struct irsa_policy *policy, const struct irsa_statement *statement,
                          const char *path)
{
    const json_t *plain = json_object_get(statement->json, "Action");
    const json_t *negated = json_object_get(statement->json, "NotAction");
    if (plain && negated)
        irsa_policy_add_issue(policy, true, path, "has both Action and NotAction");
    if (!plain && !negated) {
        irsa_policy_add_issue(policy, true, path, "has neither Action nor NotAction");
        return;
    }
    irsa_autofree char *where = irsa_format("%s.%s", path, plain ? "Action" : "NotAction");
    const json_t *values = plain ? plain : negated;
    if (!irsa_value_is_strings(values)) {
        irsa_policy_add_issue(policy, true, where, "must be a string or a list of strings");
        return;
    }
    for (size_t i = 0; i < irsa_value_count(values); i++) {
        const char *action = irsa_value_text(values, i);
        if (policy->kind == IRSA_POLICY_TRUST)
            validate_trust_action(policy, where, action);
        else
            validate_identity_action(policy, where, action);
    }
    if (!plain && !statement->deny)
        irsa_policy_add_issue(policy, false, where,
                              "with Allow everything is allowed that is not listed");
}

static void validate_arn(struct irsa_policy *policy, const char *where, const char *resource)
{
    if (strcmp(resource, "*") == 0)
        return;
    const char *service = strchr(resource, ':');
    service = service ? strchr(service + 1, ':') : NULL;
    if (!irsa_has_prefix(resource, "arn:")) {
        irsa_policy_add_issue(policy, true, where, "\"%s\" must be an ARN or \"*\"", resource);
        return;
    }
    const size_t len = service ? strcspn(service + 1, ":") : 0;
    /* "You can't use a wildcard in the service segment that identifies the AWS product." */
    if (len == 0 || memchr(service + 1, '*', len) || memchr(service + 1, '?', len))
        irsa_policy_add_issue(policy, true, where,
                              "\"%s\": the service must be written out, without wildcards",
                              resource);
}

void irsa_validate_resource(struct irsa_policy *policy, const struct irsa_statement *statement,
                            const char *path)
{
    const json_t *plain = json_object_get(statement->json, "Resource");
    const json_t *negated = json_object_get(statement->json, "NotResource");
    if (policy->kind == IRSA_POLICY_TRUST) {
        /* IAM: "Has prohibited field Resource". */
        if (plain || negated)
            irsa_policy_add_issue(policy, true, path, "%s must not be in a trust policy",
                                  plain ? "Resource" : "NotResource");
        return;
    }
    if (plain && negated)
        irsa_policy_add_issue(policy, true, path, "has both Resource and NotResource");
    if (!plain && !negated) {
        irsa_policy_add_issue(policy, true, path, "has neither Resource nor NotResource");
        return;
    }
    irsa_autofree char *where = irsa_format("%s.%s", path, plain ? "Resource" : "NotResource");
    const json_t *values = plain ? plain : negated;
    if (!irsa_value_is_strings(values)) {
        irsa_policy_add_issue(policy, true, where, "must be a string or a list of strings");
        return;
    }
    for (size_t i = 0; i < irsa_value_count(values); i++)
        validate_arn(policy, where, irsa_value_text(values, i));
}
