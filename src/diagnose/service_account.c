/* SPDX-License-Identifier: Apache-2.0 */
/* The ServiceAccount and its annotation. The webhook reads exactly eks.amazonaws.com/role-arn of
 * the pod's ServiceAccount and puts the value, as it stands, into AWS_ROLE_ARN
 * (https://github.com/aws/amazon-eks-pod-identity-webhook, pkg/cache/cache.go). */
#include "diagnose/service_account.h"

/* --- missing ---------------------------------------------------------------------------------- */

static bool namespace_absent(const struct irsa_run *run, const struct irsa_binding *binding)
{
    return irsa_facts_namespace_presence(run->facts, binding->namespace_) == IRSA_ABSENT;
}

/* "did you mean": only for the first few, as each looks through all accounts. */
static void suggest(const struct irsa_run *run, struct irsa_finding *finding,
                    const struct irsa_binding *binding)
{
    const struct irsa_facts *facts = run->facts;
    const struct irsa_service_account *elsewhere = NULL;
    irsa_auto_strings names = {0};
    for (size_t i = 0; i < facts->service_account_count && i < 5000; i++) {
        const struct irsa_service_account *other = &facts->service_accounts[i];
        if (other->namespace_ && strcmp(other->namespace_, binding->namespace_) == 0)
            irsa_strings_add(&names, other->name);
        else if (other->namespace_ && !elsewhere && strcmp(other->name, "default") != 0
                 && strcmp(other->name, binding->service_account) == 0)
            elsewhere = other;
    }
    const char *near =
        irsa_nearest(binding->service_account, (const char *const *)names.items, names.len);
    if (near)
        irsa_finding_note(finding, "did you mean %s/%s?", binding->namespace_, near);
    else if (elsewhere)
        irsa_finding_note(finding, "did you mean %s/%s?", elsewhere->namespace_, elsewhere->name);
}

static void report_missing(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    struct irsa_finding *finding = irsa_account_report(run, C050, binding, index);
    finding->breaks = true;
    irsa_finding_source(finding, "%s",
                        binding->wish ? binding->wish->origin : "kind: List of ServiceAccounts");
    irsa_finding_evidence(finding, "not there", binding->subject, IRSA_VERIFIED);
    if (run->leftover[index]) {
        finding->severity = IRSA_SEVERITY_NOTE;
        irsa_finding_message(finding,
                             "trust policy of role %s names service account %s/%s, which does not "
                             "exist; others use the role",
                             binding->role_name, binding->namespace_, binding->service_account);
        irsa_finding_help(finding, "create the account if something shall run as it");
        return;
    }
    const bool no_namespace = namespace_absent(run, binding);
    irsa_finding_message(finding, "service account %s/%s does not exist%s", binding->namespace_,
                         binding->service_account, no_namespace ? ", nor does its namespace" : "");
    if (run->out->finding_count <= 20)
        suggest(run, finding, binding);
    if (no_namespace && !(binding->wish && binding->wish->create_namespace)) {
        irsa_autofree char *command = irsa_suggest(
            run->intent, IRSA_TOOL_PLANNING, "irsa-fix bootstrap", "-n", binding->namespace_, "-s",
            binding->service_account, "--role", binding->role_arn ? binding->role_arn : "NAME",
            "--create-namespace", NULL);
        irsa_finding_help(finding, "create namespace %s; %s does", binding->namespace_, command);
        return;
    }
    if (!binding->role_arn) {
        irsa_autofree char *command = irsa_binding_bootstrap(run, binding, "NAME");
        irsa_finding_help(finding, "%s", command);
        return;
    }
    irsa_finding_help(finding, "create the service account with the annotation for role %s",
                      binding->role_name);
    if (no_namespace)
        irsa_fix_set(
            irsa_finding_fix(finding, IRSA_FIX_CREATE_NAMESPACE, IRSA_CLASS_ADDITIVE, index),
            binding->namespace_, NULL, NULL);
    (void)irsa_finding_fix(finding, IRSA_FIX_CREATE_SERVICE_ACCOUNT, IRSA_CLASS_ADDITIVE, index);
}

/* The account of that name in another namespace that carries the role. */
static const struct irsa_service_account *displaced(const struct irsa_account_run *account,
                                                    const struct irsa_binding *binding)
{
    if (!binding->role_arn)
        return NULL;
    const struct irsa_facts *facts = account->run->facts;
    for (size_t at = irsa_map_get(&account->by_name, binding->service_account);
         at != IRSA_MAP_NONE && at != SIZE_MAX; at = account->next_of_name[at]) {
        const struct irsa_service_account *other = &facts->service_accounts[at];
        const char *arn = irsa_account_annotation(other, IRSA_ANNOTATION_ROLE_ARN);
        if (arn && strcmp(arn, binding->role_arn) == 0
            && strcmp(other->namespace_, binding->namespace_) != 0)
            return other;
    }
    return NULL;
}

/* Not where the other account's subject is let in: then each is an account of its own. */
static bool report_displaced(const struct irsa_account_run *account,
                             const struct irsa_binding *binding, size_t index)
{
    const struct irsa_service_account *other = displaced(account, binding);
    if (!other || !binding->role)
        return false;
    irsa_autofree char *subject = irsa_subject_text(other->namespace_, other->name);
    if (irsa_trust_decide(account->run, binding->role, subject, binding->audience)
        == IRSA_DECISION_ALLOWED)
        return false;
    struct irsa_finding *finding = irsa_account_report(account->run, C051, binding, index);
    finding->breaks = true;
    irsa_finding_message(
        finding,
        "service account %s with role %s is in namespace %s, but namespace %s is "
        "what %s",
        binding->service_account, binding->role_name, other->namespace_, binding->namespace_,
        binding->named_by == IRSA_NAMED_BY_TRUST ? "the role trusts" : "is asked for");
    irsa_finding_evidence(finding, other->namespace_, binding->namespace_, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: metadata.namespace",
                        irsa_facts_file(account->run->facts, &other->origins));
    /* Named by the trust policy alone, the account that is there is more likely the one meant: its
     * own binding has the trust policy's fix. */
    if (binding->named_by == IRSA_NAMED_BY_TRUST) {
        finding->severity = IRSA_SEVERITY_NOTE;
        irsa_finding_help(finding, "let %s/%s in, or move the account", other->namespace_,
                          other->name);
    } else if (!namespace_absent(account->run, binding)) { /* displaced() has seen to the role */
        irsa_finding_help(finding, "create the service account in namespace %s",
                          binding->namespace_);
        (void)irsa_finding_fix(finding, IRSA_FIX_CREATE_SERVICE_ACCOUNT, IRSA_CLASS_ADDITIVE,
                               index);
    } else {
        irsa_finding_help(finding, "create namespace %s and the account in it",
                          binding->namespace_);
    }
    return true;
}

/* Nothing is planned for what was not looked at: the command is for who can reach the cluster. */
static void report_unread(const struct irsa_run *run, struct irsa_finding *finding,
                          const struct irsa_binding *binding)
{
    irsa_finding_message(finding,
                         "service account %s/%s was not looked at: Kubernetes was not read",
                         binding->namespace_, binding->service_account);
    irsa_finding_evidence(finding, "Kubernetes was not read",
                          binding->role_arn ? binding->role_arn : "a role's ARN",
                          IRSA_NOT_CHECKABLE);
    irsa_finding_source(finding, "kubectl get serviceaccount -n %s %s -o yaml", binding->namespace_,
                        binding->service_account);
    irsa_autofree char *annotation = irsa_format(
        IRSA_ANNOTATION_ROLE_ARN "=%s", binding->role_arn ? binding->role_arn : "ROLE-ARN");
    irsa_autofree char *command =
        irsa_suggest(run->intent, IRSA_TOOL_KUBECTL, "kubectl annotate serviceaccount", "-n",
                     binding->namespace_, binding->service_account, annotation, NULL);
    irsa_finding_help(finding, "make sure of it: %s", command);
    irsa_finding_note(finding, "--manifests DIR reads service accounts from files");
}

static void report_unseen(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    struct irsa_finding *finding = irsa_account_report(run, C096, binding, index);
    finding->blocks_decision = true;
    static const char *const reads[] = {"list serviceaccounts", "get serviceaccounts", NULL};
    if (run->facts->kubernetes_unread) {
        report_unread(run, finding, binding);
        return;
    }
    irsa_finding_evidence(finding, NULL, binding->subject, IRSA_NOT_CHECKABLE);
    if (irsa_finding_denied(run, finding, NULL, binding->namespace_, reads)) {
        irsa_finding_message(finding, "service account %s/%s was not seen: that was denied",
                             binding->namespace_, binding->service_account);
        return;
    }
    irsa_finding_message(finding,
                         "service account %s/%s was not seen, nor a list of the accounts of "
                         "its namespace",
                         binding->namespace_, binding->service_account);
    irsa_finding_evidence(finding, "nothing about it", binding->subject, IRSA_NOT_CHECKABLE);
    irsa_finding_source(finding, "kubectl get serviceaccounts -n %s", binding->namespace_);
    irsa_autofree char *command =
        irsa_suggest(run->intent, IRSA_TOOL_KUBECTL, "kubectl get serviceaccounts", "-n",
                     binding->namespace_, "-o", "yaml", NULL);
    irsa_finding_help(finding, "add the output of \"%s\"", command);
}

/* A manifest without metadata.namespace is applied to wherever kubectl happens to point. */
static void report_no_namespace(struct irsa_run *run, const struct irsa_binding *binding,
                                size_t index)
{
    struct irsa_finding *finding = irsa_account_report(run, C096, binding, index);
    finding->blocks_decision = true;
    irsa_finding_message(
        finding,
        "manifest of service account %s names no namespace, so that its subject is "
        "not known",
        binding->service_account);
    irsa_finding_evidence(finding, "no metadata.namespace", "a namespace", IRSA_NOT_CHECKABLE);
    irsa_finding_source(finding, "%s: metadata.namespace", irsa_account_file(run, binding));
    irsa_finding_help(finding, "write the namespace into the manifest, or say it: -n NAMESPACE");
}

/* --- what hangs on the account but its role --------------------------------------------------- */

static struct irsa_finding *report_value(struct irsa_run *run, enum code code,
                                         const struct irsa_binding *binding, size_t index,
                                         const char *key)
{
    bool fresh;
    irsa_autofree char *id =
        irsa_format("%s/%s %s", binding->namespace_, binding->service_account, key);
    struct irsa_finding *finding = irsa_run_find(run, code, id, &fresh);
    irsa_finding_subject(finding, "ServiceAccount", binding->namespace_, binding->service_account);
    irsa_finding_source(finding, "%s: %s", irsa_account_file(run, binding), key);
    irsa_finding_binding(finding, index);
    return finding;
}

/* The token's life is 600 seconds at least (TokenRequest) and 86400 at most on EKS; a value that is
 * no number is ignored by the webhook
 * (https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/).
 */
static void check_expiration(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    const json_t *json = json_object_get(binding->account->annotations, IRSA_ANNOTATION_EXPIRATION);
    if (!json)
        return;
    const char *text = json_string_value(json);
    char *end = NULL;
    const long value = text ? strtol(text, &end, 10) : 0;
    const bool number = text && *text && *end == '\0';
    if (number && value >= 600 && value <= 86400)
        return;
    struct irsa_finding *finding = report_value(
        run, C058, binding, index, "metadata.annotations[\"" IRSA_ANNOTATION_EXPIRATION "\"]");
    irsa_autofree char *observed = text ? irsa_strdup(text) : json_dumps(json, JSON_ENCODE_ANY);
    irsa_finding_message(finding, "service account %s/%s asks for a token life of \"%s\": %s",
                         binding->namespace_, binding->service_account, observed,
                         number ? "out of range" : "not a number, so it is ignored");
    irsa_finding_evidence(finding, observed, "600 to 86400, quoted", IRSA_VERIFIED);
    irsa_finding_help(finding, "set " IRSA_ANNOTATION_EXPIRATION " to a value from \"600\" to "
                               "\"86400\"");
}

/* strconv.ParseBool: anything else is ignored by the webhook. */
static bool is_bool(const char *text, bool *ret)
{
    static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
    static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};
    for (size_t i = 0; i < IRSA_COUNT(yes); i++) {
        *ret = strcmp(text, yes[i]) == 0;
        if (*ret || strcmp(text, no[i]) == 0)
            return true;
    }
    return false;
}

/* https://docs.aws.amazon.com/eks/latest/userguide/configure-sts-endpoint.html */
static void check_regional(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    const json_t *json =
        json_object_get(binding->account->annotations, IRSA_ANNOTATION_REGIONAL_STS);
    if (!json)
        return;
    const char *text = json_string_value(json);
    bool regional = false;
    const char *key = "metadata.annotations[\"" IRSA_ANNOTATION_REGIONAL_STS "\"]";
    if (text && is_bool(text, &regional)) {
        irsa_run_ran(run, C073, C073);
        if (regional)
            return;
        struct irsa_finding *finding = report_value(run, C073, binding, index, key);
        irsa_finding_message(finding,
                             "service account %s/%s asks for the global STS endpoint, which a "
                             "private cluster can't reach",
                             binding->namespace_, binding->service_account);
        irsa_finding_evidence(finding, text, "true", IRSA_VERIFIED);
        irsa_finding_help(finding, "set " IRSA_ANNOTATION_REGIONAL_STS " to \"true\", or drop it");
        return;
    }
    struct irsa_finding *finding = report_value(run, C058, binding, index, key);
    irsa_autofree char *observed = text ? irsa_strdup(text) : json_dumps(json, JSON_ENCODE_ANY);
    irsa_finding_message(finding,
                         "service account %s/%s has " IRSA_ANNOTATION_REGIONAL_STS
                         " = \"%s\", which is neither true nor false and is ignored",
                         binding->namespace_, binding->service_account, observed);
    irsa_finding_evidence(finding, observed, "\"true\" or \"false\"", IRSA_VERIFIED);
    irsa_finding_help(finding, "set " IRSA_ANNOTATION_REGIONAL_STS " to \"true\"");
}

/* A pod that says nothing of its own and got no token of the API server was created when its
 * account said no (admission plugin ServiceAccount,
 * https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/). A static pod's
 * mirror, which its node owns, never gets one. *ret_any: there is a pod that tells. */
static bool pods_lack_token(const struct irsa_run *run, const struct irsa_binding *binding,
                            bool *ret_any)
{
    size_t count = 0;
    const uint32_t *places =
        irsa_facts_pods_of(run->facts, binding->namespace_, binding->service_account, &count);
    *ret_any = false;
    for (size_t i = 0; i < count; i++) {
        const struct irsa_pod *pod = &run->facts->pods[places[i]];
        bool mirror = pod->owner_kind && strcmp(pod->owner_kind, "Node") == 0;
        if (pod->finished || pod->spec.automount_said || mirror)
            continue;
        *ret_any = true;
        if (!pod->spec.api_token)
            return true;
    }
    return false;
}

/* The webhook projects a volume of its own; automounting is about the API server's token
 * (https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/). */
static void check_automount(struct irsa_run *run, const struct irsa_binding *binding, size_t index)
{
    bool shown = false;
    bool seen = binding->account->automount == IRSA_AUTOMOUNT_FALSE;
    bool lacks = run->facts->accounts_as_metadata && pods_lack_token(run, binding, &shown);
    if (!run->facts->accounts_as_metadata || shown)
        irsa_run_ran(run, C059, C059);
    if (!seen && !lacks)
        return;
    struct irsa_finding *finding =
        report_value(run, C059, binding, index, "automountServiceAccountToken");
    irsa_finding_message(
        finding,
        "service account %s/%s does not mount the API server's token; the token for "
        "AWS is a volume of its own",
        binding->namespace_, binding->service_account);
    irsa_finding_evidence(finding, seen ? "false" : "pods without the API server's token", NULL,
                          seen ? IRSA_VERIFIED : IRSA_INFERRED);
    irsa_finding_help(finding, "leave it: it has no part in this");
}

/* --- all -------------------------------------------------------------------------------------- */

static void prepare(struct irsa_account_run *account)
{
    const struct irsa_facts *facts = account->run->facts;
    account->next_of_name = irsa_calloc(facts->service_account_count + 1, sizeof(size_t));
    for (size_t i = 0; i < facts->service_account_count; i++) {
        const struct irsa_service_account *one = &facts->service_accounts[i];
        account->next_of_name[i] = SIZE_MAX;
        const size_t at = irsa_map_get(&account->by_name, one->name);
        if (at == IRSA_MAP_NONE) {
            (void)irsa_map_put_borrowed(&account->by_name, one->name, i);
        } else {
            account->next_of_name[i] = account->next_of_name[at];
            account->next_of_name[at] = i;
        }
    }
}

void irsa_check_service_accounts(struct irsa_run *run)
{
    struct irsa_account_run account = {.run = run};
    prepare(&account);
    for (size_t i = 0; i < run->bindings->len; i++) {
        const struct irsa_binding *binding = &run->bindings->items[i];
        if (irsa_binding_is_going(run, binding))
            continue; /* what is amiss with it besides does not matter any more */
        if (binding->account_presence == IRSA_UNSEEN) {
            report_unseen(run, binding, i);
            continue;
        }
        irsa_run_ran(run, C050, C051);
        irsa_run_ran(run, C096, C097);
        if (binding->account_presence == IRSA_ABSENT) {
            if (!report_displaced(&account, binding, i))
                report_missing(run, binding, i);
            continue;
        }
        if (*binding->namespace_ == '\0')
            report_no_namespace(run, binding, i);
        irsa_run_ran(run, C052, C058);
        irsa_check_annotation(&account, binding, i);
        if (!binding->account)
            continue;
        check_expiration(run, binding, i);
        check_regional(run, binding, i);
        check_automount(run, binding, i);
    }
    irsa_map_done(&account.by_name);
    free(account.next_of_name);
    if (run->facts->accounts_as_metadata)
        irsa_run_skip(run, C059, C059,
                      "service accounts were read as metadata only, and no pod shows it; -n "
                      "NAMESPACE reads them whole");
    irsa_run_skip(run, C050, C059, "no service account was seen that stays");
}
