/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_case.h"

static char *finding_name(const struct irsa_finding *finding)
{
    return irsa_format("%s %s %s %s", finding->check->code, finding->subject_kind,
                       finding->subject_namespace ? finding->subject_namespace : "",
                       finding->subject_name);
}

/* Findings of one code and subject are counted: each that was mended leaves one less. */
static size_t count_like(const struct irsa_plan *plan, const char *name, bool unmended_only)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->diagnosis.finding_count; i++) {
        irsa_autofree char *own = finding_name(&plan->diagnosis.findings[i]);
        count += strcmp(own, name) == 0 && (!unmended_only || !plan->mended[i]);
    }
    return count;
}

int plan_case_check_mended(const struct plan_case *c, const struct irsa_plan *before,
                           const struct irsa_plan *after)
{
    int failed = 0;
    for (size_t i = 0; i < before->diagnosis.finding_count; i++) {
        if (!before->mended[i])
            continue;
        irsa_autofree char *name = finding_name(&before->diagnosis.findings[i]);
        if (count_like(after, name, false) > count_like(before, name, true)) {
            fprintf(stderr, "%s: %s was called mended and is still there: %s\n", c->folder, name,
                    before->diagnosis.findings[i].message);
            failed = 1;
        }
    }
    return failed;
}

/* --- works ------------------------------------------------------------------------------------ */

static size_t find_binding(const struct irsa_plan *plan, const struct irsa_binding *wanted)
{
    for (size_t i = 0; i < plan->bindings.len; i++) {
        const struct irsa_binding *b = &plan->bindings.items[i];
        if (strcmp(b->namespace_, wanted->namespace_) == 0
            && strcmp(b->service_account, wanted->service_account) == 0)
            return i;
    }
    return SIZE_MAX;
}

static bool all_mended(const struct irsa_plan *plan, size_t binding)
{
    for (size_t i = 0; i < plan->diagnosis.finding_count; i++) {
        const struct irsa_finding *finding = &plan->diagnosis.findings[i];
        if ((!finding->breaks && !finding->blocks_decision) || plan->mended[i])
            continue;
        for (size_t j = 0; j < finding->binding_count; j++) {
            if (finding->bindings[j] == binding)
                return false;
        }
    }
    return true;
}

int plan_case_check_works(const struct plan_case *c, const struct irsa_plan *before,
                          const struct irsa_plan *after)
{
    int failed = 0;
    for (size_t i = 0; i < before->bindings.len; i++) {
        const struct irsa_binding *b = &before->bindings.items[i];
        if (before->diagnosis.works[i] == IRSA_WORKS_UNKNOWN || !all_mended(before, i))
            continue;
        size_t now = find_binding(after, b);
        if (now == SIZE_MAX || after->diagnosis.works[now] != IRSA_WORKS_YES) {
            fprintf(stderr, "%s: %s/%s should work after apply\n", c->folder, b->namespace_,
                    b->service_account);
            failed = 1;
        }
    }
    return failed;
}

/* --- neighbours ------------------------------------------------------------------------------- */

static enum irsa_decision decide(const struct irsa_role *role, const char *provider_arn,
                                 const char *issuer, const char *subject, const char *audience)
{
    json_auto_t *context =
        irsa_request_web_identity_context(provider_arn, issuer, subject, audience);
    struct irsa_request request = {
        .principal_type = "Federated",
        .principal = provider_arn,
        .action = IRSA_ACTION_WEB_IDENTITY,
        .context = context,
        .issuer = issuer,
    };
    return irsa_policy_decide(role->trust, &request);
}

static bool is_wanted(const struct irsa_plan *plan, const char *role_arn, const char *subject)
{
    for (size_t i = 0; i < plan->bindings.len; i++) {
        const struct irsa_binding *b = &plan->bindings.items[i];
        if (b->role_arn && strcmp(b->role_arn, role_arn) == 0 && strcmp(b->subject, subject) == 0)
            return true;
    }
    return false;
}

/* Subjects near the binding's: other name, namespace, prefix, suffix, case; and other audiences. */
static void neighbours_of(const struct irsa_binding *b, struct irsa_strings *ret)
{
    irsa_strings_take(ret, irsa_format("%s-x", b->subject));
    irsa_strings_take(ret, irsa_format("x%s", b->subject));
    irsa_strings_take(ret, irsa_strndup(b->subject, strlen(b->subject) - 1));
    irsa_strings_take(ret, irsa_format("system:serviceaccount:%s:other", b->namespace_));
    irsa_strings_take(ret, irsa_format("system:serviceaccount:other:%s", b->service_account));
    irsa_strings_take(
        ret, irsa_format("system:serviceaccount:%s-x:%s", b->namespace_, b->service_account));
    irsa_strings_take(ret, irsa_strdup("system:serviceaccount:kube-system:default"));
}

static bool let_in_now(const struct irsa_role *before, const struct irsa_role *after,
                       const struct irsa_binding *b, const char *issuer, const char *subject,
                       const char *audience)
{
    enum irsa_decision now = decide(after, b->provider_arn, issuer, subject, audience);
    if (now != IRSA_DECISION_ALLOWED)
        return false;
    return !before || !before->trust
           || decide(before, b->provider_arn, issuer, subject, audience) != IRSA_DECISION_ALLOWED;
}

int plan_case_check_neighbours(const struct plan_case *c, const struct irsa_plan *before,
                               const struct irsa_plan *after)
{
    const char *issuer = after->bindings.scope.issuer;
    int failed = 0;
    for (size_t i = 0; issuer && i < after->bindings.len; i++) {
        const struct irsa_binding *b = &after->bindings.items[i];
        if (!b->role || !b->role->trust || !b->provider_arn
            || before->intent->allow[IRSA_CLASS_PATTERN])
            continue;
        const struct irsa_role *role = irsa_facts_role(before->facts, b->role->arn);
        irsa_auto_strings subjects = {0};
        neighbours_of(b, &subjects);
        for (size_t j = 0; j < subjects.len; j++) {
            const char *subject = subjects.items[j];
            if (is_wanted(after, b->role->arn, subject)
                || !let_in_now(role, b->role, b, issuer, subject, b->audience))
                continue;
            fprintf(stderr, "%s: %s lets in %s, which it refused before\n", c->folder, b->role->arn,
                    subject);
            failed = 1;
        }
        if (let_in_now(role, b->role, b, issuer, b->subject, "other.example")) {
            fprintf(stderr, "%s: %s lets in another audience\n", c->folder, b->role->arn);
            failed = 1;
        }
    }
    return failed;
}
