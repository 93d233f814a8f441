/* SPDX-License-Identifier: Apache-2.0 */
/* Roles, their trust policies and permissions
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html,
 * API_UpdateAssumeRolePolicy.html, API_UpdateRole.html, API_PutRolePermissionsBoundary.html,
 * API_PutRolePolicy.html). */
#include "world/live.h"

json_t *irsa_live_of_role(const struct live_write *write)
{
    irsa_autofree char *name = irsa_live_role_name(write->change);
    json_t *parameters = json_object();
    json_object_set_new(parameters, "RoleName", json_string(name));
    return parameters;
}

json_t *irsa_live_compact(const json_t *document)
{
    irsa_auto_buf text = {0};
    irsa_json_write_compact(document, &text);
    return json_stringn(irsa_buf_str(&text), text.len);
}

int irsa_live_read_now(struct live_write *write, enum irsa_aws_operation operation,
                       json_t *parameters, json_t **ret)
{
    struct irsa_aws_call call = {0};
    int r = irsa_live_call(write, operation, parameters, &call);
    *ret = NULL;
    if (r == 0)
        *ret = json_incref(call.answer);
    else if (irsa_aws_failed_with(&call, "NoSuchEntity"))
        r = 0;
    else
        *write->reterr = irsa_steal(&call.error);
    irsa_aws_call_done(&call);
    return r;
}

int irsa_live_read_role(struct live_write *write, json_t **ret)
{
    json_auto_t *answer = NULL;
    if (irsa_live_read_now(write, IRSA_IAM_GET_ROLE, irsa_live_of_role(write), &answer) != 0)
        return -1;
    json_t *role = json_object_get(answer, "Role");
    *ret = role ? json_incref(role) : NULL;
    return 0;
}

bool irsa_live_same_document(const json_t *a, const json_t *b)
{
    return a && b
           && (json_equal((json_t *)a, (json_t *)b)
               || (json_is_object(a) && json_is_object(b) && irsa_policy_equivalent(a, b)));
}

/* --- the role itself -------------------------------------------------------------------------- */

static bool is_created(const struct live_write *write, const json_t *role)
{
    const char *arn = irsa_json_string(role, "Arn", NULL);
    return arn && strcmp(arn, write->change->target) == 0
           && irsa_live_same_document(
               json_object_get(role, "AssumeRolePolicyDocument"),
               json_object_get(write->change->after, "AssumeRolePolicyDocument"));
}

static int create_holds(struct live_write *write)
{
    json_auto_t *role = NULL;
    if (irsa_live_read_role(write, &role) != 0)
        return -1;
    if (role && !is_created(write, role))
        return irsa_live_conflict(write, "a role of that name exists, and is another one");
    return role ? 1 : 0;
}

static json_t *create_parameters(const struct live_write *write)
{
    static const char *const keys[] = {"Path", "Description", "MaxSessionDuration", "Tags"};
    const json_t *after = write->change->after;
    const char *boundary =
        irsa_json_string(after, "PermissionsBoundary", "PermissionsBoundaryArn", NULL);
    json_t *parameters = irsa_live_of_role(write);
    json_object_set_new(parameters, "AssumeRolePolicyDocument",
                        irsa_live_compact(json_object_get(after, "AssumeRolePolicyDocument")));
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        json_t *value = json_object_get(after, keys[i]);
        if (value && !json_is_null(value))
            json_object_set(parameters, keys[i], value);
    }
    if (boundary)
        json_object_set_new(parameters, "PermissionsBoundary", json_string(boundary));
    return parameters;
}

static int create_role(struct live_write *write)
{
    int there = create_holds(write);
    if (there != 0)
        return there > 0 ? 0 : -1;
    return irsa_live_create(write, IRSA_IAM_CREATE_ROLE, create_parameters(write), "the new role",
                            create_holds);
}

/* True when the key of the role is as the change's `side` has it. */
static bool setting_is(const json_t *role, const json_t *side, const char *key)
{
    const json_t *wanted = json_object_get(side, key);
    const json_t *now = json_object_get(role, key);
    if (strcmp(key, "PermissionsBoundary") == 0) {
        const char *a = irsa_json_string(wanted, "PermissionsBoundaryArn", NULL);
        const char *b = irsa_json_string(now, "PermissionsBoundaryArn", NULL);
        return (!a && !b) || (a && b && strcmp(a, b) == 0);
    }
    return (!wanted && !now) || (wanted && now && json_equal((json_t *)wanted, (json_t *)now));
}

static bool concerns(const struct irsa_change *change, const char *key)
{
    return json_object_get(change->after, key) || json_object_get(change->before, key);
}

static int update_holds(struct live_write *write)
{
    static const char *const keys[] = {"MaxSessionDuration", "PermissionsBoundary"};
    json_auto_t *role = NULL;
    if (irsa_live_read_role(write, &role) != 0)
        return -1;
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        if (concerns(write->change, keys[i]) && !setting_is(role, write->change->after, keys[i]))
            return 0;
    }
    return 1;
}

/* UpdateRole sets the description, and what it is not told of becomes the default. */
static json_t *update_parameters(const struct live_write *write, const json_t *role)
{
    json_t *parameters = irsa_live_of_role(write);
    const char *description = irsa_json_string(role, "Description", NULL);
    if (description)
        json_object_set_new(parameters, "Description", json_string(description));
    json_object_set(parameters, "MaxSessionDuration",
                    json_object_get(write->change->after, "MaxSessionDuration"));
    return parameters;
}

static int set_session(struct live_write *write, const json_t *role)
{
    return irsa_live_send(write, IRSA_IAM_UPDATE_ROLE, update_parameters(write, role), false);
}

static int set_boundary(struct live_write *write)
{
    const char *arn = irsa_json_string(write->change->after, "PermissionsBoundary",
                                       "PermissionsBoundaryArn", NULL);
    json_t *parameters = irsa_live_of_role(write);
    if (!arn)
        return irsa_live_send(write, IRSA_IAM_DELETE_ROLE_PERMISSIONS_BOUNDARY, parameters, false);
    json_object_set_new(parameters, "PermissionsBoundary", json_string(arn));
    return irsa_live_send(write, IRSA_IAM_PUT_ROLE_PERMISSIONS_BOUNDARY, parameters, false);
}

static int update_role(struct live_write *write)
{
    static const char *const keys[] = {"MaxSessionDuration", "PermissionsBoundary"};
    json_auto_t *role = NULL;
    if (irsa_live_read_role(write, &role) != 0)
        return -1;
    if (!role)
        return irsa_live_conflict(write, "it is not there any more");
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        const char *key = keys[i];
        if (!concerns(write->change, key) || setting_is(role, write->change->after, key))
            continue;
        if (!setting_is(role, write->change->before, key))
            return irsa_live_conflict(write, "%s was changed", key);
        if ((i == 0 ? set_session(write, role) : set_boundary(write)) != 0)
            return -1;
    }
    return irsa_live_wait(write, "the role's new settings", update_holds);
}

int irsa_live_role(struct live_write *write)
{
    switch (write->change->action) {
    case IRSA_ACTION_CREATE:
        return create_role(write);
    case IRSA_ACTION_DELETE:
        return irsa_live_remove_role(write);
    default:
        return update_role(write);
    }
}

/* --- permissions ------------------------------------------------------------------------------ */

static const json_t *side_of(const struct live_write *write)
{
    const struct irsa_change *change = write->change;
    return change->after ? change->after : change->before;
}

json_t *irsa_live_of_policy(const struct live_write *write, const char *key)
{
    json_t *parameters = irsa_live_of_role(write);
    json_object_set(parameters, key, json_object_get(side_of(write), key));
    return parameters;
}

int irsa_live_is_attached(struct live_write *write)
{
    const char *ours = irsa_json_string(side_of(write), "PolicyArn", NULL);
    json_auto_t *answer = NULL;
    size_t i = 0;
    json_t *item = NULL;
    if (irsa_live_read_now(write, IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES, irsa_live_of_role(write),
                           &answer)
        != 0)
        return -1;
    json_array_foreach(json_object_get(answer, "AttachedPolicies"), i, item)
    {
        const char *arn = irsa_json_string(item, "PolicyArn", NULL);
        if (arn && strcmp(arn, ours) == 0)
            return 1;
    }
    return 0;
}

int irsa_live_attachment(struct live_write *write)
{
    if (write->change->action == IRSA_ACTION_DELETE)
        return irsa_live_remove_attachment(write);
    int there = irsa_live_is_attached(write);
    if (there != 0)
        return there > 0 ? 0 : -1;
    if (irsa_live_send(write, IRSA_IAM_ATTACH_ROLE_POLICY, irsa_live_of_policy(write, "PolicyArn"),
                       irsa_live_is_fresh(write))
        != 0)
        return -1;
    return irsa_live_wait(write, "the attached policy", irsa_live_is_attached);
}

static int policy_holds(struct live_write *write)
{
    json_auto_t *answer = NULL;
    if (irsa_live_read_now(write, IRSA_IAM_GET_ROLE_POLICY,
                           irsa_live_of_policy(write, "PolicyName"), &answer)
        != 0)
        return -1;
    return irsa_live_same_document(json_object_get(answer, "PolicyDocument"),
                                   json_object_get(write->change->after, "PolicyDocument"))
               ? 1
               : 0;
}

int irsa_live_role_policy(struct live_write *write)
{
    const struct irsa_change *change = write->change;
    if (change->action == IRSA_ACTION_DELETE)
        return irsa_live_remove_role_policy(write);
    json_auto_t *answer = NULL;
    if (irsa_live_read_now(write, IRSA_IAM_GET_ROLE_POLICY,
                           irsa_live_of_policy(write, "PolicyName"), &answer)
        != 0)
        return -1;
    const json_t *now = json_object_get(answer, "PolicyDocument");
    const json_t *before = json_object_get(change->before, "PolicyDocument");
    if (irsa_live_same_document(now, json_object_get(change->after, "PolicyDocument")))
        return 0;
    if (now && !before)
        return irsa_live_conflict(write, "a policy of that name is there by now");
    if (before && !irsa_live_same_document(now, before))
        return irsa_live_conflict(write, "the policy was changed");
    json_t *parameters = irsa_live_of_policy(write, "PolicyName");
    json_object_set_new(parameters, "PolicyDocument",
                        irsa_live_compact(json_object_get(change->after, "PolicyDocument")));
    if (irsa_live_send(write, IRSA_IAM_PUT_ROLE_POLICY, parameters, irsa_live_is_fresh(write)) != 0)
        return -1;
    return irsa_live_wait(write, "the role's policy", policy_holds);
}
