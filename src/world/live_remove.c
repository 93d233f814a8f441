/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking away what a run created: roles and their permissions. IAM deletes a role only when nothing
 * hangs on it any more (https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html:
 * "you must delete the items attached to the role manually, or the deletion fails"): what this
 * change does not name is never detached.
 */
#include "world/live.h"

/* NoSuchEntity: somebody was quicker, or a try whose answer was lost was carried out. */
static int send_removal(struct live_write *write, enum irsa_aws_operation operation,
                        json_t *parameters)
{
    int r = irsa_live_send(write, operation, parameters, false);
    if (r == 0 || irsa_error_kind(*write->reterr) != IRSA_E_NOT_FOUND)
        return r;
    irsa_error_free(irsa_steal(write->reterr));
    return 0;
}

/* --- roles ------------------------------------------------------------------------------------ */

static bool was_created(const struct live_write *write, const json_t *role)
{
    const json_t *before = write->change->before;
    const char *arn = irsa_json_string(role, "Arn", NULL);
    const json_t *trust = json_object_get(before, "AssumeRolePolicyDocument");
    return arn && strcmp(arn, write->change->target) == 0
           && (!trust
               || irsa_live_same_document(json_object_get(role, "AssumeRolePolicyDocument"),
                                          trust));
}

static int role_is_gone(struct live_write *write)
{
    json_auto_t *role = NULL;
    if (irsa_live_read_role(write, &role) != 0)
        return -1;
    return role ? 0 : 1;
}

/* "Cannot delete entity, must detach all policies first.": IAM does not say which. */
static int say_what_hangs(struct live_write *write)
{
    json_auto_t *attached = NULL;
    json_auto_t *inlines = NULL;
    irsa_auto_strings names = {0};
    struct irsa_error *conflict = irsa_steal(write->reterr);
    size_t i = 0;
    json_t *item = NULL;
    if (irsa_live_read_now(write, IRSA_IAM_LIST_ATTACHED_ROLE_POLICIES, irsa_live_of_role(write),
                           &attached)
            != 0
        || irsa_live_read_now(write, IRSA_IAM_LIST_ROLE_POLICIES, irsa_live_of_role(write),
                              &inlines)
               != 0) {
        irsa_error_free(*write->reterr);
        *write->reterr = conflict;
        return -1;
    }
    json_array_foreach(json_object_get(attached, "AttachedPolicies"), i, item)
    {
        irsa_strings_add(&names, irsa_json_string(item, "PolicyArn", NULL));
    }
    json_array_foreach(json_object_get(inlines, "PolicyNames"), i, item)
    {
        irsa_strings_add(&names, json_string_value(item));
    }
    irsa_error_free(conflict);
    irsa_autofree char *all = irsa_strings_join(&names, ", ", " and ");
    (void)irsa_fail(write->reterr, IRSA_E_CONFLICT, "%s is not deleted: %s %s attached to it",
                    write->change->target, names.len > 0 ? all : "an instance profile",
                    names.len > 1 ? "are" : "is");
    return irsa_hint(write->reterr, "somebody else attached that; without it run rollback again");
}

int irsa_live_remove_role(struct live_write *write)
{
    json_auto_t *role = NULL;
    if (irsa_live_read_role(write, &role) != 0)
        return -1;
    if (!role)
        return 0;
    if (!was_created(write, role))
        return irsa_live_conflict(write, "the role was changed");
    if (send_removal(write, IRSA_IAM_DELETE_ROLE, irsa_live_of_role(write)) != 0)
        return irsa_error_kind(*write->reterr) == IRSA_E_CONFLICT ? say_what_hangs(write) : -1;
    return irsa_live_wait(write, "the role to be gone", role_is_gone);
}

/* --- permissions ------------------------------------------------------------------------------ */

static int is_detached(struct live_write *write)
{
    int attached = irsa_live_is_attached(write);
    return attached < 0 ? -1 : !attached;
}

int irsa_live_remove_attachment(struct live_write *write)
{
    int gone = is_detached(write);
    if (gone != 0)
        return gone > 0 ? 0 : -1;
    if (send_removal(write, IRSA_IAM_DETACH_ROLE_POLICY, irsa_live_of_policy(write, "PolicyArn"))
        != 0)
        return -1;
    return irsa_live_wait(write, "the policy to be detached", is_detached);
}

static int policy_is_gone(struct live_write *write)
{
    json_auto_t *answer = NULL;
    if (irsa_live_read_now(write, IRSA_IAM_GET_ROLE_POLICY,
                           irsa_live_of_policy(write, "PolicyName"), &answer)
        != 0)
        return -1;
    return answer ? 0 : 1;
}

int irsa_live_remove_role_policy(struct live_write *write)
{
    json_auto_t *answer = NULL;
    if (irsa_live_read_now(write, IRSA_IAM_GET_ROLE_POLICY,
                           irsa_live_of_policy(write, "PolicyName"), &answer)
        != 0)
        return -1;
    if (!answer)
        return 0;
    if (!irsa_live_same_document(json_object_get(answer, "PolicyDocument"),
                                 json_object_get(write->change->before, "PolicyDocument")))
        return irsa_live_conflict(write, "the policy was changed");
    if (send_removal(write, IRSA_IAM_DELETE_ROLE_POLICY, irsa_live_of_policy(write, "PolicyName"))
        != 0)
        return -1;
    return irsa_live_wait(write, "the role's policy to be gone", policy_is_gone);
}
