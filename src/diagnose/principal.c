/* SPDX-License-Identifier: Apache-2.0 */
/* Principals in trust policies that are no more, and roles that assume themselves. */
#include "diagnose/permissions.h"

#include <strings.h>

/* "When you save the policy, IAM turns the ARN into the principal's unique id; when the role is
 * deleted the id shows, and a role created again under the same name has another one"
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html). */
static bool is_unique_id(const char *text)
{
    return (irsa_has_prefix(text, "AROA") || irsa_has_prefix(text, "AIDA")) && strlen(text) >= 16
           && strlen(text) == strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

/* What a value is when it stands alone, and when it stands in an array. */
static size_t value_count(const json_t *value)
{
    return json_is_array(value) ? json_array_size(value) : value ? 1 : 0;
}

static const char *value_text(const json_t *value, size_t index)
{
    return json_string_value(json_is_array(value) ? json_array_get(value, index) : value);
}

static void report_deleted(struct irsa_run *run, const struct irsa_role *role, size_t binding,
                           size_t statement, const char *id)
{
    bool fresh;
    irsa_autofree char *key = irsa_format("%s %s", role->arn, id);
    struct irsa_finding *finding = irsa_run_find(run, C048, key, &fresh);
    if (fresh) {
        irsa_finding_subject(finding, "Role", NULL, role->name);
        irsa_finding_message(
            finding,
            "trust policy of role %s names \"%s\": a role or user that was deleted, "
            "and perhaps created again since",
            role->name, id);
        irsa_finding_evidence(finding, id, "an ARN", IRSA_VERIFIED);
        irsa_finding_source(finding, "%s: AssumeRolePolicyDocument.Statement[%zu].Principal.AWS",
                            irsa_facts_file(run->facts, &role->origins), statement);
        irsa_finding_help(finding, "name the new role's ARN in its place, or drop it");
    }
    if (binding != SIZE_MAX)
        irsa_finding_binding(finding, binding);
}

static void check_deleted(struct irsa_run *run, const struct irsa_role *role, size_t binding,
                          const struct irsa_map *ids)
{
    const json_t *statements = json_object_get(irsa_policy_document(role->trust), "Statement");
    const size_t count = value_count(statements);
    for (size_t i = 0; i < count; i++) {
        const json_t *statement =
            json_is_array(statements) ? json_array_get(statements, i) : statements;
        const json_t *aws = json_object_get(json_object_get(statement, "Principal"), "AWS");
        for (size_t k = 0; k < value_count(aws); k++) {
            const char *text = value_text(aws, k);
            if (text && is_unique_id(text) && irsa_map_get(ids, text) == IRSA_MAP_NONE)
                report_deleted(run, role, binding, i, text);
        }
    }
}

/* --- a role that assumes itself --------------------------------------------------------------- */

static bool names_itself(const json_t *document, const char *arn)
{
    const json_t *statements = json_object_get(document, "Statement");
    for (size_t i = 0; i < value_count(statements); i++) {
        const json_t *statement =
            json_is_array(statements) ? json_array_get(statements, i) : statements;
        const json_t *resource = json_object_get(statement, "Resource");
        const json_t *action = json_object_get(statement, "Action");
        bool assumes = false;
        for (size_t k = 0; k < value_count(action); k++) {
            const char *text = value_text(action, k);
            assumes = assumes || (text && strcasecmp(text, "sts:AssumeRole") == 0);
        }
        for (size_t k = 0; assumes && k < value_count(resource); k++) {
            const char *text = value_text(resource, k);
            if (text && strcmp(text, arn) == 0)
                return true;
        }
    }
    return false;
}

/* "A role trust policy must explicitly grant permission to all principals, including the role
 * itself"
 * (https://aws.amazon.com/blogs/security/announcing-an-update-to-iam-role-trust-policy-behavior/).
 */
static bool trusts_itself(const struct irsa_role *role)
{
    const struct irsa_request request = {
        .principal_type = "AWS", .principal = role->arn, .action = "sts:AssumeRole"};
    return irsa_policy_decide(role->trust, &request) == IRSA_DECISION_ALLOWED;
}

static bool wants_itself(const struct irsa_run *run, const struct irsa_role *role)
{
    for (size_t i = 0; i < role->inline_count; i++)
        if (role->inlines[i].policy
            && names_itself(irsa_policy_document(role->inlines[i].policy), role->arn))
            return true;
    for (size_t i = 0; i < role->attached_count; i++) {
        const struct irsa_managed_policy *policy =
            irsa_facts_managed_policy(run->facts, role->attached[i].arn);
        if (policy && policy->policy
            && names_itself(irsa_policy_document(policy->policy), role->arn))
            return true;
    }
    return false;
}

static void check_itself(struct irsa_run *run, const struct irsa_role *role, size_t binding)
{
    irsa_run_ran(run, C049, C049);
    if (!wants_itself(run, role) || trusts_itself(role))
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_role_report(run, C049, "", role, binding, &fresh);
    if (!fresh)
        return;
    irsa_finding_message(
        finding,
        "role %s has a policy to assume itself, but its trust policy does not trust "
        "it",
        role->name);
    irsa_finding_evidence(finding, "sts:AssumeRole on its own ARN",
                          "a statement that trusts the role itself", IRSA_VERIFIED);
    irsa_finding_help(finding,
                      "drop the extra AssumeRole call: the pod has the role already; or "
                      "let the role trust \"%s\"",
                      role->arn);
}

void irsa_check_principals(struct irsa_run *run)
{
    irsa_auto_map ids = {0};
    irsa_auto_map bound = {0};
    for (size_t i = 0; i < run->facts->role_count; i++)
        if (run->facts->roles[i].id)
            (void)irsa_map_put_borrowed(&ids, run->facts->roles[i].id, i);
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_role *role = run->bindings->items[i].role;
        if (!role || !role->trust)
            continue;
        const bool first = irsa_map_put_borrowed(&bound, role->arn, i);
        irsa_run_ran(run, C048, C048);
        check_deleted(run, role, i, &ids);
        if (first)
            check_itself(run, role, i);
    }
    irsa_run_skip(run, C048, C049, "no role's policies were seen");
}
