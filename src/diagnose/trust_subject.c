/* SPDX-License-Identifier: Apache-2.0 */
/* Values for :sub. StringEquals compares to the letter, case included, and takes wildcards
 * literally; StringLike knows * and ?
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html).
 */
#include "diagnose/trust.h"

#include <strings.h>

static bool value_matches(enum irsa_view_operator how, const char *value, const char *subject)
{
    if (how == IRSA_VIEW_PATTERN)
        return irsa_glob_match(value, subject);
    return how == IRSA_VIEW_NOCASE ? strcasecmp(value, subject) == 0 : strcmp(value, subject) == 0;
}

/* The subject belongs to a service account that is there and carries this role: it serves somebody.
 */
static bool taken(const struct irsa_trust_case *trust, const char *subject)
{
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    if (!irsa_subject_parse(subject, &namespace_, &name))
        return false;
    const struct irsa_service_account *account =
        irsa_facts_service_account(trust->run->facts, namespace_, name);
    const char *arn = irsa_account_annotation(account, IRSA_ANNOTATION_ROLE_ARN);
    return arn && strcmp(arn, trust->role->arn) == 0;
}

static bool all_taken(const struct irsa_trust_case *trust, const json_t *values)
{
    for (size_t i = 0; i < irsa_view_count(values); i++) {
        const char *text = irsa_view_text(values, i);
        if (!text || !taken(trust, text))
            return false;
    }
    return irsa_view_count(values) > 0;
}

static const char *nearest(const struct irsa_trust_case *trust, const json_t *values)
{
    const char *best = NULL;
    int best_score = -1;
    for (size_t i = 0; i < irsa_view_count(values); i++) {
        const char *text = irsa_view_text(values, i);
        const int score = text ? irsa_subject_nearness(trust->binding, text) : -1;
        if (score > best_score) {
            best = text;
            best_score = score;
        }
    }
    return best;
}

static void report_missing(struct irsa_trust_case *trust, const char *where, const json_t *values)
{
    bool fresh;
    irsa_autofree char *key = irsa_format("%s %s", where, trust->binding->subject);
    struct irsa_finding *finding = irsa_trust_report(trust, C020, key, &fresh);
    irsa_autofree char *observed = irsa_view_join(values);
    irsa_autofree char *name = irsa_binding_name(trust->binding);
    irsa_finding_message(finding, "trust policy of role %s lets %s in, but not %s",
                         trust->role->name, observed, name);
    irsa_finding_evidence(finding, observed, trust->binding->subject, IRSA_VERIFIED);
    irsa_finding_source(finding, "%s: AssumeRolePolicyDocument.Statement[%zu]%s",
                        irsa_facts_file(trust->run->facts, &trust->role->origins), trust->number,
                        where);
    irsa_finding_help(finding, "let \"%s\" in as well", trust->binding->subject);
}

/* As a pattern it would still choose: one that takes any account is not offered (src/plan). */
static bool would_choose(const char *value)
{
    return strpbrk(value, "*?")
           && !(irsa_glob_match(value, "system:serviceaccount:a:b")
                && irsa_glob_match(value, "system:serviceaccount:yy:zzz"));
}

static void report_literal(struct irsa_trust_case *trust, const char *where, const char *operator_,
                           const char *value)
{
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, C026, where, &fresh);
    if (!fresh)
        return;
    irsa_finding_message(finding,
                         "trust policy of role %s compares the subject with \"%s\" under %s, which "
                         "takes %s literally",
                         trust->role->name, value, operator_,
                         strpbrk(value, "*?") ? "wildcards" : "it");
    irsa_finding_evidence(finding, value, trust->binding->subject, IRSA_VERIFIED);
    irsa_finding_help(finding, "name \"%s\" exactly%s", trust->binding->subject,
                      would_choose(value) ? "; if the pattern was meant, --allow pattern turns the "
                                            "operator into StringLike"
                                          : "");
}

static void report_malformed(struct irsa_trust_case *trust, const char *where, const char *value)
{
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, C025, where, &fresh);
    if (!fresh)
        return;
    irsa_finding_message(
        finding,
        "subject \"%s\" in the trust policy of role %s is no service account's: it "
        "is written system:serviceaccount:NAMESPACE:NAME",
        value, trust->role->name);
    irsa_finding_evidence(finding, value, trust->binding->subject, IRSA_VERIFIED);
    irsa_finding_help(finding, "make it \"%s\"", trust->binding->subject);
}

static void report_other(struct irsa_trust_case *trust, const char *where, const char *value)
{
    bool fresh;
    irsa_autofree char *key = irsa_format("%s %s", where, trust->binding->subject);
    struct irsa_finding *finding = irsa_trust_report(trust, C024, key, &fresh);
    const char *subject = trust->binding->subject;
    irsa_finding_source(finding, "%s: AssumeRolePolicyDocument.Statement[%zu]%s",
                        irsa_facts_file(trust->run->facts, &trust->role->origins), trust->number,
                        where);
    irsa_finding_message(finding,
                         "trust policy of role %s expects subject \"%s\" but the token "
                         "carries \"%s\"",
                         trust->role->name, value, subject);
    irsa_finding_evidence(finding, value, subject, IRSA_VERIFIED);
    irsa_finding_help(finding, "let \"%s\" in", subject);
    if (strpbrk(value, "*?"))
        irsa_finding_note(finding, "the pattern does not match it");
    else if (strcasecmp(value, subject) == 0)
        irsa_finding_note(finding, "they differ in letter case, which counts");
}

void irsa_trust_check_subject(struct irsa_trust_case *trust, const char *operator_, const char *key,
                              const json_t *values)
{
    const enum irsa_view_operator how = irsa_view_operator_of(operator_);
    const char *subject = trust->binding->subject;
    for (size_t i = 0; i < irsa_view_count(values); i++) {
        const char *text = irsa_view_text(values, i);
        if (text && value_matches(how, text, subject)) {
            /* "${" under Version 2008-10-17 is plain text; the evaluation below tells. */
            return;
        }
    }
    irsa_autofree char *where = irsa_format(".Condition.%s.%s", operator_, key);
    const char *value = nearest(trust, values);
    if (!value) {
        report_other(trust, where, "(no value)");
        return;
    }
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    const bool wild = strpbrk(value, "*?") || strstr(value, "${");
    if (how != IRSA_VIEW_PATTERN && wild
        && (strstr(value, "${") || irsa_glob_match(value, subject)))
        report_literal(trust, where, operator_, value);
    else if (wild)
        report_other(trust, where, value);
    else if (!irsa_subject_parse(value, &namespace_, &name)
             && !irsa_has_prefix(value, "system:serviceaccount:"))
        report_malformed(trust, where, value);
    else if (!namespace_ && strcasecmp(value, subject) != 0)
        report_malformed(trust, where, value);
    else if (all_taken(trust, values))
        report_missing(trust, where, values);
    else
        report_other(trust, where, value);
}
