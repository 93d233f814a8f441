/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions of the statement that was meant: malformed keys, keys of another issuer, :sub and :aud
 * in each other's place, the audience. STS sets ISSUER:sub and ISSUER:aud, the issuer without
 * https://
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html). */
#include "diagnose/trust.h"

#include <strings.h>

struct condition {
    const char *operator_;
    const char *key;
    const json_t *values;
    char *where;
};

static void say_too(struct irsa_finding *finding, const struct condition *condition)
{
    if (strcmp(finding->observed, condition->key) != 0)
        irsa_finding_note(finding, "key \"%s\" too", condition->key);
}

static void report_key(struct irsa_trust_case *trust, const struct condition *condition,
                       const struct irsa_key_view *view)
{
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, C030, condition->where, &fresh);
    if (!fresh) {
        say_too(finding, condition);
        return;
    }
    irsa_autofree char *wanted =
        irsa_format("%s:%s", trust->run->scope->issuer, view->means_audience ? "aud" : "sub");
    irsa_finding_message(finding,
                         "condition key \"%s\" in the trust policy of role %s is in no token: %s",
                         condition->key, trust->role->name, view->why);
    irsa_finding_evidence(finding, condition->key, wanted, IRSA_VERIFIED);
    irsa_finding_help(finding, "make the key \"%s\"", wanted);
}

static void report_other_issuer(struct irsa_trust_case *trust, const struct condition *condition,
                                const struct irsa_key_view *view)
{
    /* The principal is said to be wrong already: the key follows it when that is mended. */
    if (trust->other_issuer)
        return;
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, C031, condition->where, &fresh);
    if (!fresh) {
        say_too(finding, condition);
        return;
    }
    irsa_autofree char *wanted =
        irsa_format("%s:%s", trust->run->scope->issuer, view->means_audience ? "aud" : "sub");
    irsa_finding_message(finding,
                         "condition key \"%s\" in the trust policy of role %s belongs to another "
                         "issuer than its principal, \"%s\"",
                         condition->key, trust->role->name, trust->run->scope->issuer);
    irsa_finding_evidence(finding, condition->key, wanted, IRSA_VERIFIED);
    irsa_finding_help(finding, "make the key \"%s\"", wanted);
}

static bool looks_like_subject(const char *value)
{
    return strstr(value, "serviceaccount") != NULL;
}

static bool looks_like_audience(const struct irsa_trust_case *trust, const char *value)
{
    return strcmp(value, trust->binding->audience) == 0 || irsa_has_prefix(value, "sts.");
}

/* A value that belongs under the other key. */
static bool check_mixed(struct irsa_trust_case *trust, const struct condition *condition,
                        bool audience_key)
{
    const char *odd = NULL;
    for (size_t i = 0; i < irsa_view_count(condition->values); i++) {
        const char *text = irsa_view_text(condition->values, i);
        const bool fits =
            !text || (audience_key ? !looks_like_subject(text) : !looks_like_audience(trust, text));
        if (fits)
            return false;
        odd = text;
    }
    if (!odd)
        return false;
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, C032, condition->where, &fresh);
    if (!fresh) {
        say_too(finding, condition);
        return true;
    }
    irsa_autofree char *wanted =
        irsa_format("%s:%s", trust->run->scope->issuer, audience_key ? "sub" : "aud");
    irsa_finding_message(
        finding, "trust policy of role %s compares \"%s\" with \"%s\", which is %s",
        trust->role->name, condition->key, odd,
        audience_key ? "a subject, not an audience" : "an audience, not a subject");
    irsa_finding_evidence(finding, condition->key, wanted, IRSA_VERIFIED);
    irsa_finding_help(finding, "compare \"%s\" with \"%s\"", wanted, odd);
    return true;
}

static bool audience_matches(enum irsa_view_operator how, const char *value, const char *audience)
{
    if (how == IRSA_VIEW_PATTERN)
        return irsa_glob_match(value, audience);
    return how == IRSA_VIEW_NOCASE ? strcasecmp(value, audience) == 0
                                   : strcmp(value, audience) == 0;
}

static void check_audience(struct irsa_trust_case *trust, const struct condition *condition)
{
    const enum irsa_view_operator how = irsa_view_operator_of(condition->operator_);
    if (how == IRSA_VIEW_OTHER || check_mixed(trust, condition, true))
        return;
    const char *audience = trust->binding->audience;
    for (size_t i = 0; i < irsa_view_count(condition->values); i++) {
        const char *text = irsa_view_text(condition->values, i);
        if (text && audience_matches(how, text, audience))
            return;
    }
    if (trust->run->odd_audience[trust->index]) {
        trust->found++; /* the annotation is at fault: IRSA057 */
        return;
    }
    bool fresh;
    struct irsa_finding *finding = irsa_trust_report(trust, C021, condition->where, &fresh);
    if (!fresh)
        return;
    irsa_autofree char *observed = irsa_view_join(condition->values);
    irsa_finding_message(finding,
                         "trust policy of role %s expects audience \"%s\" but the token carries "
                         "\"%s\"",
                         trust->role->name, observed, audience);
    irsa_finding_evidence(finding, observed, audience, IRSA_VERIFIED);
    irsa_finding_help(finding, "let audience \"%s\" in", audience);
}

static void check_one(struct irsa_trust_case *trust, const struct condition *condition)
{
    const struct irsa_key_view view =
        irsa_key_view(trust->run->scope->issuer, trust->other_issuer, condition->key);
    switch (view.kind) {
    case IRSA_KEY_SUBJECT:
        if (irsa_view_operator_of(condition->operator_) != IRSA_VIEW_OTHER
            && !check_mixed(trust, condition, false))
            irsa_trust_check_subject(trust, condition->operator_, condition->key,
                                     condition->values);
        break;
    case IRSA_KEY_AUDIENCE:
        check_audience(trust, condition);
        break;
    case IRSA_KEY_MALFORMED:
        report_key(trust, condition, &view);
        break;
    case IRSA_KEY_OTHER_ISSUER:
        report_other_issuer(trust, condition, &view);
        break;
    case IRSA_KEY_FOREIGN:
        break;
    }
}

void irsa_trust_check_conditions(struct irsa_trust_case *trust)
{
    const char *operator_;
    const char *key;
    json_t *keys;
    json_t *values;
    json_object_foreach(json_object_get(trust->statement, "Condition"), operator_, keys)
        json_object_foreach(keys, key, values)
    {
        irsa_autofree char *where = irsa_format(".Condition.%s.%s", operator_, key);
        const struct condition condition = {
            .operator_ = operator_, .key = key, .values = values, .where = where};
        check_one(trust, &condition);
    }
}
