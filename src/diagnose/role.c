/* SPDX-License-Identifier: Apache-2.0 */
/* The role: it exists, under exactly the ARN that is asked for. STS takes the ARN, not the name:
 * the path counts, though names are unique without it, and regardless of letter case
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html). Whether STS passes
 * over letter case is not documented: that it does not is inferred. */
#include "diagnose/room.h"

static void annotate_with(struct irsa_finding *finding, const struct irsa_binding *binding,
                          size_t index, const char *arn)
{
    if (binding->account_presence != IRSA_PRESENT)
        return;
    irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_SET_ANNOTATION,
                                  irsa_binding_class(binding, IRSA_CLASS_ADDITIVE), index),
                 NULL, IRSA_ANNOTATION_ROLE_ARN, arn);
    irsa_finding_owner_note(finding, binding, IRSA_ANNOTATION_ROLE_ARN, arn);
}

static void source_of_wish(struct irsa_run *run, struct irsa_finding *finding,
                           const struct irsa_binding *binding)
{
    if (binding->annotation && binding->account)
        irsa_finding_source(finding, "%s: metadata.annotations[\"" IRSA_ANNOTATION_ROLE_ARN "\"]",
                            irsa_facts_file(run->facts, &binding->account->origins));
    else if (binding->wish)
        irsa_finding_source(finding, "%s", binding->wish->origin);
}

/* The role is there, and its ARN differs from the one asked for: by path or by letter case. */
static void report_differs(struct irsa_run *run, enum code code, const struct irsa_binding *binding,
                           size_t index, const struct irsa_role *role)
{
    bool fresh;
    irsa_autofree char *key = irsa_format("%s %s", binding->role_arn, role->arn);
    struct irsa_finding *finding = irsa_run_find(run, code, key, &fresh);
    if (fresh) {
        irsa_finding_subject(finding, "Role", NULL, role->name);
        if (code == C041)
            irsa_finding_message(finding, "role %s has path \"%s\", but \"%s\" names path \"%s\"",
                                 role->name, role->path, binding->role_arn, binding->role_path);
        else
            irsa_finding_message(
                finding, "role is named \"%s\", but \"%s\" is asked for: letter case differs",
                role->name, binding->role_name);
        irsa_finding_evidence(finding, binding->role_arn, role->arn,
                              code == C041 ? IRSA_VERIFIED : IRSA_INFERRED);
        source_of_wish(run, finding, binding);
        irsa_finding_help(finding, "set the annotation to \"%s\"", role->arn);
        finding->breaks = true;
    }
    annotate_with(finding, binding, index, role->arn);
    irsa_finding_binding(finding, index);
}

/* Nothing is known that speaks against the provider of the role's account. */
static bool provider_may_do(const struct irsa_run *run, const struct irsa_role *role,
                            const char *audience)
{
    irsa_autofree char *arn =
        irsa_provider_arn_text(role->partition, role->account, run->scope->issuer);
    const struct irsa_provider *provider = irsa_facts_provider(run->facts, arn);
    if (provider && provider->detail_seen)
        return irsa_strings_has(&provider->client_ids, audience);
    return irsa_facts_provider_presence(run->facts, arn) != IRSA_ABSENT;
}

static void report_other_account(struct irsa_run *run, const struct irsa_binding *binding,
                                 size_t index, const struct irsa_role *other)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C043, binding->role_arn, &fresh);
    if (fresh) {
        irsa_finding_subject(finding, "Role", NULL, binding->role_name);
        irsa_finding_message(finding, "account %s has no role %s; account %s has one of that name",
                             binding->role_account, binding->role_name, other->account);
        irsa_finding_evidence(finding, binding->role_arn, other->arn, IRSA_VERIFIED);
        source_of_wish(run, finding, binding);
        irsa_finding_help(finding,
                          "name \"%s\" in the annotation, with an OIDC provider in account %s; or "
                          "create the role in account %s",
                          other->arn, other->account, binding->role_account);
        finding->breaks = true;
    }
    /* That the other account's role lets this very account in shows that it is the one meant; it
     * needs the provider in that account. */
    if (irsa_trust_decide(run, other, binding->subject, binding->audience) == IRSA_DECISION_ALLOWED
        && provider_may_do(run, other, binding->audience))
        annotate_with(finding, binding, index, other->arn);
    irsa_finding_binding(finding, index);
}

/* "did you mean": only for the first few, as each looks through all roles. */
static void suggest(struct irsa_run *run, struct irsa_finding *finding,
                    const struct irsa_binding *binding)
{
    irsa_auto_strings names = {0};
    for (size_t i = 0; i < run->facts->role_count && i < 5000; i++)
        if (strcmp(run->facts->roles[i].account, binding->role_account) == 0)
            irsa_strings_add(&names, run->facts->roles[i].name);
    const char *near =
        irsa_nearest(binding->role_name, (const char *const *)names.items, names.len);
    if (near)
        irsa_finding_note(finding, "account %s has a role \"%s\"", binding->role_account, near);
}

static void report_missing(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C040, binding->role_arn, &fresh);
    if (fresh) {
        irsa_finding_subject(finding, "Role", NULL, binding->role_name);
        irsa_finding_message(finding, "role %s does not exist in account %s", binding->role_name,
                             binding->role_account);
        irsa_finding_evidence(finding, "not among the roles of the account", binding->role_arn,
                              IRSA_VERIFIED);
        source_of_wish(run, finding, binding);
        irsa_autofree char *command = irsa_binding_bootstrap(run, binding, binding->role_arn);
        if (binding->wish && binding->wish->create_role)
            irsa_finding_help(finding, "create the role");
        else
            irsa_finding_help(finding, "%s, with the permissions that it shall have", command);
        if (run->out->finding_count <= 20)
            suggest(run, finding, binding);
        finding->breaks = true;
    }
    if (binding->wish && binding->wish->create_role)
        irsa_fix_set(irsa_finding_fix(finding, IRSA_FIX_CREATE_ROLE, IRSA_CLASS_ADDITIVE, index),
                     binding->role_arn, NULL, NULL);
    irsa_finding_binding(finding, index);
}

bool irsa_report_rival(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    if (binding->rivals.len != 1 || !binding->annotation || (binding->wish && binding->wish->role)
        || !irsa_role_works_for(run, binding->rivals.items[0], binding))
        return false;
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C056, NULL, &fresh);
    irsa_finding_subject(finding, "ServiceAccount", binding->namespace_, binding->service_account);
    irsa_finding_message(
        finding,
        "service account %s/%s names role %s, which %s; the one role that trusts it "
        "is %s",
        binding->namespace_, binding->service_account, binding->role_arn,
        binding->role ? "does not trust it" : "does not exist", binding->rivals.items[0]);
    irsa_finding_evidence(finding, binding->role_arn, binding->rivals.items[0], IRSA_VERIFIED);
    source_of_wish(run, finding, binding);
    irsa_finding_help(finding, "set the annotation to \"%s\"", binding->rivals.items[0]);
    annotate_with(finding, binding, index, binding->rivals.items[0]);
    finding->breaks = true;
    irsa_finding_binding(finding, index);
    return true;
}

static void check_absent(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    if (binding->role) {
        const bool path = strcmp(binding->role->name, binding->role_name) == 0;
        report_differs(run, path ? C041 : C042, binding, index, binding->role);
        return;
    }
    const struct irsa_role *other = irsa_facts_role_named(run->facts, NULL, binding->role_name);
    if (other && strcmp(other->account, binding->role_account) != 0
        && !(binding->wish && binding->wish->create_role))
        report_other_account(run, binding, index, other);
    else if (!irsa_report_rival(run, binding, index))
        report_missing(run, binding, index);
}

static void check_unseen(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    bool fresh;
    struct irsa_finding *finding = irsa_run_find(run, C093, binding->role_arn, &fresh);
    if (fresh) {
        irsa_finding_subject(finding, "Role", NULL, binding->role_name);
        irsa_finding_message(finding,
                             "role %s was not seen, nor a listing of the roles of account "
                             "%s",
                             binding->role_name, binding->role_account);
        irsa_finding_evidence(finding, "nothing about it", binding->role_arn, IRSA_NOT_CHECKABLE);
        source_of_wish(run, finding, binding);
        irsa_autofree char *command = irsa_suggest(run->intent, IRSA_TOOL_AWS, "aws iam get-role",
                                                   "--role-name", binding->role_name, NULL);
        irsa_finding_help(finding, "add the output of \"%s\" of account %s", command,
                          binding->role_account);
        static const char *const reads[] = {"iam:GetRole", "iam:ListRoles",
                                            "iam:GetAccountAuthorizationDetails", NULL};
        (void)irsa_finding_denied(run, finding, binding->role_account, binding->role_name, reads);
        finding->blocks_decision = true;
    }
    irsa_finding_binding(finding, index);
}

void irsa_check_roles(struct irsa_run *run)
{
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (!binding->role_arn || irsa_binding_partition_differs(run, binding))
            continue;
        if (binding->role_presence == IRSA_PRESENT) {
            irsa_run_ran(run, C040, C043);
            irsa_run_ran(run, C093, C093);
        } else if (binding->role_presence == IRSA_ABSENT) {
            irsa_run_ran(run, C040, C043);
            irsa_run_ran(run, C093, C093);
            check_absent(run, binding, i);
        } else {
            check_unseen(run, binding, i);
        }
    }
    irsa_run_skip(run, C040, C043, "no role was seen, nor a listing of them");
}
