/* SPDX-License-Identifier: Apache-2.0 */
/* Federated principals that do not name the cluster's provider. A principal is compared as it is:
 * no wildcards, no letter case, no trimming
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html). */
#include "diagnose/trust.h"

struct verdict {
    enum code code;
    const char *why; /* static; "it ..." */
    char *host_path; /* of another provider, else NULL */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What stands there in place of arn:P:iam::ACCOUNT:oidc-provider/HOST_PATH. */
static const char *form_problem(const char *value)
{
    if (is_blank(*value) || (*value && is_blank(value[strlen(value) - 1])))
        return "it has white space around it";
    if (irsa_has_prefix(value, "https://") || irsa_has_prefix(value, "http://"))
        return "it is a URL, where the provider's ARN is needed";
    if (strstr(value, ":role/"))
        return "it is a role's ARN, where the provider's is needed";
    if (strstr(value, ":cluster/"))
        return "it is the cluster's ARN, where the provider's is needed";
    if (strstr(value, ":iam:::oidc-provider/"))
        return "it has no account id";
    if (strstr(value, "oidc-provider/https://") || strstr(value, "oidc-provider/http://"))
        return "it has https:// in front of the host";
    if (!irsa_has_prefix(value, "arn:") && strchr(value, '/'))
        return "it is the bare host and path, which names nothing";
    return NULL;
}

/* An id of which one or two digits are wrong is a slip; another id altogether another cluster. */
static bool slip_of_the_pen(const char *issuer, const char *host_path)
{
    return irsa_edit_distance(issuer, host_path, 3) <= 3;
}

static struct verdict judge_other(const struct irsa_trust_case *trust, const char *arn,
                                  const char *host_path)
{
    const struct irsa_scope *scope = trust->run->scope;
    struct verdict verdict = {.host_path = irsa_strdup(host_path)};
    switch (irsa_facts_provider_presence(trust->run->facts, arn)) {
    case IRSA_ABSENT:
        verdict.code = slip_of_the_pen(scope->issuer, host_path) ? C029 : C023;
        verdict.why = "no such provider exists";
        if (verdict.code == C023 && !irsa_has_prefix(host_path, "oidc.eks."))
            verdict.code = C029;
        return verdict;
    case IRSA_PRESENT:
        verdict.code = C022;
        verdict.why = "it is the provider of another issuer";
        return verdict;
    case IRSA_UNSEEN:
        break;
    }
    verdict.code = slip_of_the_pen(scope->issuer, host_path) ? C027 : C022;
    verdict.why = "it names another issuer";
    return verdict;
}

static struct verdict judge_arn(const struct irsa_trust_case *trust, const char *value,
                                const struct irsa_provider_arn *arn)
{
    const char *issuer = trust->run->scope->issuer;
    const struct irsa_role *role = trust->role;
    if (strcmp(arn->host_path, issuer) == 0)
        return (struct verdict){.code = C028,
                                .why = strcmp(arn->partition, role->partition) != 0
                                           ? "it is in another partition than the role"
                                           : "it is in another account than the role"};
    switch (irsa_issuer_relation(issuer, arn->host_path)) {
    case IRSA_ISSUER_SAME_BUT_CASE:
        return (struct verdict){.code = C027, .why = "it differs in letter case, which counts"};
    case IRSA_ISSUER_SAME_BUT_SLASH:
        return (struct verdict){.code = C027, .why = "it differs in a slash"};
    case IRSA_ISSUER_SAME_BUT_SCHEME:
        return (struct verdict){.code = C027, .why = "it has https:// in front of the host"};
    case IRSA_ISSUER_SAME_BUT_PORT:
        return (struct verdict){.code = C027, .why = "it differs in the port"};
    case IRSA_ISSUER_DUAL_STACK:
        return (struct verdict){.code = C027,
                                .why = "it has the dual-stack host, which no token "
                                       "names"};
    case IRSA_ISSUER_SAME_ID_OTHER_HOST:
        return (struct verdict){.code = C027, .why = "it has the cluster's id at another host"};
    case IRSA_ISSUER_MISSING_ID_PREFIX:
        return (struct verdict){.code = C027, .why = "it lacks \"/id\" in front of the id"};
    default:
        return judge_other(trust, value, arn->host_path);
    }
}

static struct verdict judge(const struct irsa_trust_case *trust, const char *value)
{
    const char *problem = form_problem(value);
    if (problem)
        return (struct verdict){.code = C027, .why = problem};
    irsa_auto_provider_arn arn = {0};
    irsa_auto_error error = NULL;
    if (irsa_provider_arn_parse(value, &arn, &error) == 0)
        return judge_arn(trust, value, &arn);
    return (struct verdict){.code = C027, .why = "it is not an OIDC provider's ARN"};
}

/* Which of several principals to speak of: the one with the mildest fault. */
static int rank(enum code code)
{
    switch (code) {
    case C027:
        return 0;
    case C028:
        return 1;
    case C029:
        return 2;
    case C023:
        return 3;
    default:
        return 4;
    }
}

static void report_kind(struct irsa_trust_case *trust, const json_t *principal)
{
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, C034, ".Principal", &fresh);
    if (!fresh)
        return;
    irsa_autofree char *text = json_dumps(principal, JSON_COMPACT | JSON_ENCODE_ANY);
    irsa_finding_message(finding,
                         "trust policy of role %s names principal %s where the cluster's OIDC "
                         "provider is needed",
                         trust->role->name, text ? text : "(none)");
    irsa_autofree char *wanted = irsa_format("{\"Federated\":\"%s\"}", trust->provider_arn);
    irsa_finding_evidence(finding, text, wanted, IRSA_VERIFIED);
    irsa_finding_help(finding, "name \"%s\" as Federated principal", trust->provider_arn);
}

static void describe(struct irsa_trust_case *trust, struct irsa_finding *finding,
                     const struct verdict *verdict, const char *value)
{
    const struct irsa_role *role = trust->role;
    const struct irsa_scope *scope = trust->run->scope;
    enum irsa_certainty certainty = IRSA_VERIFIED;
    if (verdict->code == C022) {
        irsa_finding_message(finding,
                             "trust policy of role %s trusts cluster \"%s\", not this one, \"%s\"",
                             role->name, verdict->host_path, scope->issuer);
        irsa_finding_help(finding, "let service accounts of \"%s\" in as well", scope->issuer);
        irsa_finding_note(finding, "what is there stays: another cluster may rely on it");
        if (irsa_facts_provider_presence(trust->run->facts, value) == IRSA_UNSEEN)
            certainty = IRSA_INFERRED;
    } else if (verdict->code == C023) {
        irsa_finding_help(finding, "put \"%s\" in the place of \"%s\" in these trust policies",
                          scope->issuer, verdict->host_path);
        certainty = IRSA_INFERRED;
    } else {
        irsa_finding_message(finding,
                             "Federated principal \"%s\" in the trust policy of role %s is not the "
                             "cluster's provider: %s",
                             value, role->name, verdict->why);
        irsa_finding_help(finding, "name \"%s\"", trust->provider_arn);
    }
    irsa_finding_evidence(finding, value, trust->provider_arn, certainty);
}

void irsa_trust_check_principal(struct irsa_trust_case *trust)
{
    const json_t *principal = json_object_get(trust->statement, "Principal");
    const char *any = json_string_value(principal);
    const json_t *federated = json_object_get(principal, "Federated");
    const char *aws = irsa_view_text(json_object_get(principal, "AWS"), 0);
    if ((any && strcmp(any, "*") == 0) || (aws && strcmp(aws, "*") == 0)
        || json_object_get(trust->statement, "NotPrincipal"))
        return;
    if (irsa_view_count(federated) == 0) {
        report_kind(trust, principal);
        return;
    }
    struct verdict best = {.code = CODE_MAX};
    const char *value = NULL;
    for (size_t i = 0; i < irsa_view_count(federated); i++) {
        const char *text = irsa_view_text(federated, i);
        if (!text)
            continue;
        if (strcmp(text, trust->provider_arn) == 0) {
            free(best.host_path);
            return;
        }
        struct verdict verdict = judge(trust, text);
        if (!value || rank(verdict.code) < rank(best.code)) {
            free(best.host_path);
            best = verdict;
            value = text;
        } else {
            free(verdict.host_path);
        }
    }
    if (!value)
        return;
    trust->other_issuer = best.host_path;
    /* Another live cluster's service accounts: that statement is theirs. */
    const int subject = irsa_view_subject_score(trust, trust->statement);
    if (best.code == C022 && subject >= 0 && subject < 90) {
        trust->statement = NULL;
        return;
    }
    bool fresh;
    struct irsa_finding *finding =
        irsa_trust_report(trust, best.code, ".Principal.Federated", &fresh);
    if (fresh)
        describe(trust, finding, &best, value);
}

void irsa_trust_check_action(struct irsa_trust_case *trust)
{
    if (irsa_view_web_identity(trust->statement))
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, C033, ".Action", &fresh);
    if (!fresh)
        return;
    irsa_autofree char *actions = irsa_view_join(json_object_get(trust->statement, "Action"));
    irsa_finding_message(
        finding,
        "trust policy of role %s allows \"%s\", but a service account's token needs "
        "\"" IRSA_ACTION_WEB_IDENTITY "\"",
        trust->role->name, actions);
    irsa_finding_evidence(finding, actions, IRSA_ACTION_WEB_IDENTITY, IRSA_VERIFIED);
    irsa_finding_help(finding, "make the action \"" IRSA_ACTION_WEB_IDENTITY "\"");
}
