/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why STS refuses. Its codes and what they mean:
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html#API_AssumeRoleWithWebIdentity_Errors
 * InvalidIdentityToken stands for several links, which only its message tells apart; AccessDenied
 * does not tell a role that is missing from one that does not trust, so the facts have to.
 */
#include "apply/verify.h"

#include "irsa/symptom.h"

enum kind {
    KIND_PROVIDER, /* none for the issuer in the role's account */
    KIND_AUDIENCE,
    KIND_KEY,
    KIND_TOKEN, /* otherwise not valid */
    KIND_EXPIRED,
    KIND_DENIED,
    KIND_ORGANIZATION,
    KIND_UNREACHABLE,
    KIND_REGION,
    KIND_DURATION,
    KIND_PASSING,
    KIND_OTHER,
};

/* What the messages mean stands in one table, that of irsa/symptom.h. */
static const struct {
    const char *symptom;
    enum kind kind;
} kinds[] = {
    {"sts-no-provider", KIND_PROVIDER},  {"sts-audience", KIND_AUDIENCE},
    {"sts-no-audience", KIND_AUDIENCE},  {"sts-denied", KIND_DENIED},
    {"sts-token-expired", KIND_EXPIRED}, {"sts-verification-key", KIND_KEY},
    {"sts-signature", KIND_KEY},         {"sts-issuer-unreachable", KIND_UNREACHABLE},
    {"sts-region", KIND_REGION},         {"sts-not-a-token", KIND_TOKEN},
    {"sts-duration", KIND_DURATION},
};

/* Where the message is a new one, the code still says something; and what passes by itself
 * (https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html) is no message about IRSA.
 */
static const struct {
    const char *code; /* a prefix: "ExpiredToken" and "ExpiredTokenException" are one */
    enum kind kind;
} codes[] = {
    {"InvalidIdentityToken", KIND_TOKEN},
    {"ExpiredToken", KIND_EXPIRED},
    {"IDPRejectedClaim", KIND_TOKEN},
    {"IDPCommunicationError", KIND_UNREACHABLE},
    {"RegionDisabled", KIND_REGION},
    {"AccessDenied", KIND_DENIED},
    {"Throttl", KIND_PASSING},
    {"RequestLimitExceeded", KIND_PASSING},
    {"ServiceUnavailable", KIND_PASSING},
    {"ServiceFailure", KIND_PASSING},
    {"InternalFailure", KIND_PASSING},
};

static enum kind kind_of_message(const struct irsa_refusal *refusal)
{
    irsa_auto_symptom_match match = {0};
    if (!irsa_symptom_of_refusal(refusal->code, refusal->message ? refusal->message : "", &match))
        return KIND_OTHER;
    if (strcmp(match.causes[0].check->code, "IRSA113") == 0)
        return KIND_ORGANIZATION;
    for (size_t i = 0; i < IRSA_COUNT(kinds); i++) {
        if (strcmp(match.id, kinds[i].symptom) == 0)
            return kinds[i].kind;
    }
    return KIND_OTHER;
}

static enum kind kind_of(const struct irsa_refusal *refusal)
{
    enum kind kind = kind_of_message(refusal);
    for (size_t i = 0; kind == KIND_OTHER && i < IRSA_COUNT(codes); i++) {
        if (irsa_has_prefix(refusal->code, codes[i].code))
            kind = codes[i].kind;
    }
    return kind;
}

void irsa_cause_done(struct irsa_cause *cause)
{
    free(cause->message);
    free(cause->observed);
    free(cause->expected);
    free(cause->source);
    free(cause->help);
    *cause = (struct irsa_cause){0};
}

/* --- what the facts have to say --------------------------------------------------------------- */

struct view {
    const struct irsa_plan *plan;
    size_t index;
    const struct irsa_binding *binding;
    const struct irsa_refusal *refusal;
    struct irsa_cause *cause;
};

static char *copy(const char *text)
{
    return text ? irsa_strdup(text) : NULL;
}

static void say(const struct view *view, const char *code, char *message)
{
    free(view->cause->message);
    view->cause->code = code;
    view->cause->message = message;
}

static void show(const struct view *view, const char *observed, const char *expected,
                 const char *source)
{
    struct irsa_cause *cause = view->cause;
    free(cause->observed);
    free(cause->expected);
    free(cause->source);
    cause->observed = copy(observed);
    cause->expected = copy(expected);
    cause->source = copy(source);
}

/* A finding that breaks the binding tells the cause as `plan` tells it. */
static bool take_finding(const struct view *view, enum irsa_link link)
{
    const struct irsa_finding *finding = irsa_verify_finding(view->plan, view->index, link);
    if (!finding)
        return false;
    say(view, finding->check->code, irsa_strdup(finding->message));
    show(view, finding->observed, finding->expected, finding->source);
    view->cause->help = copy(finding->help);
    return true;
}

static void explain_provider(const struct view *view)
{
    const char *arn = view->binding->provider_arn;
    const char *account = view->binding->role_account;
    enum irsa_presence presence =
        arn ? irsa_facts_provider_presence(view->plan->facts, arn) : IRSA_UNSEEN;
    if (presence == IRSA_PRESENT) {
        say(view, "IRSA010",
            irsa_format("STS finds no OIDC provider for the issuer in account %s, though IAM lists "
                        "%s: it was made a moment ago, or deleted since",
                        account, arn));
        show(view, view->refusal->message, arn, "iam:ListOpenIDConnectProviders");
        view->cause->not_yet = true;
        return;
    }
    if (take_finding(view, IRSA_LINK_PROVIDER))
        return;
    say(view, "IRSA010",
        irsa_format("no OIDC provider for the cluster's issuer is in account %s, the role's",
                    account ? account : "of the role"));
    show(view, view->refusal->message, arn, "sts:AssumeRoleWithWebIdentity");
}

static void explain_audience(const struct view *view)
{
    const struct irsa_binding *binding = view->binding;
    const struct irsa_provider *provider =
        binding->provider_arn ? irsa_facts_provider(view->plan->facts, binding->provider_arn)
                              : NULL;
    bool fits = provider && provider->detail_seen
                && irsa_strings_has(&provider->client_ids, binding->audience);
    if (!fits && take_finding(view, IRSA_LINK_PROVIDER))
        return;
    irsa_autofree char *ids =
        provider ? irsa_strings_join(&provider->client_ids, ", ", " and ") : NULL;
    say(view, "IRSA011",
        irsa_format(fits ? "STS does not take audience \"%s\", though OIDC provider %s has it: it "
                           "was added a moment ago, or taken out since"
                         : "audience \"%s\" is not among those of OIDC provider %s",
                    binding->audience, binding->provider_arn ? binding->provider_arn : "?"));
    show(view, ids && *ids ? ids : view->refusal->message, binding->audience,
         provider && provider->detail_seen ? "iam:GetOpenIDConnectProvider"
                                           : "sts:AssumeRoleWithWebIdentity");
    view->cause->not_yet = fits;
}

/* --- AccessDenied: the same request, evaluated here ------------------------------------------- */

static void explain_miss(const struct view *view, const struct irsa_near_miss *miss)
{
    irsa_autofree char *sid = miss->sid ? irsa_format(" (\"%s\")", miss->sid) : irsa_strdup("");
    irsa_autofree char *source =
        irsa_format("%s: AssumeRolePolicyDocument.%s", view->binding->role_arn, miss->where);
    say(view, view->cause->code ? view->cause->code : "IRSA020",
        irsa_format("the trust policy does not let it in: %s%s expects %s and gets %s", miss->where,
                    sid, miss->expected ? miss->expected : "something else",
                    miss->found ? miss->found : "nothing"));
    show(view, miss->found, miss->expected, source);
}

static void explain_verdict(const struct view *view, const struct irsa_verdict *verdict)
{
    const struct irsa_near_miss *nearest = irsa_verdict_nearest(verdict);
    if (verdict->decision == IRSA_DECISION_DENIED_EXPLICIT) {
        irsa_autofree char *source = irsa_format("%s: AssumeRolePolicyDocument.Statement[%zu]",
                                                 view->binding->role_arn, verdict->statement);
        say(view, "IRSA037",
            irsa_format("Statement[%zu]%s%s%s of the trust policy denies it", verdict->statement,
                        verdict->sid ? " (\"" : "", verdict->sid ? verdict->sid : "",
                        verdict->sid ? "\")" : ""));
        show(view, "Deny", "no Deny that matches", source);
        return;
    }
    /* The finding has the code and what to do; the evaluation the statement and the element. */
    (void)take_finding(view, IRSA_LINK_TRUST);
    if (nearest)
        explain_miss(view, nearest);
    else if (!view->cause->message)
        say(view, "IRSA020", irsa_strdup("the trust policy has no statement that is meant for it"));
}

static void explain_unknown(const struct view *view, const struct irsa_verdict *verdict)
{
    irsa_autofree char *keys = irsa_strings_join(&verdict->unknown_keys, ", ", " and ");
    if (verdict->unknown_keys.len == 0) {
        say(view, "IRSA095",
            irsa_strdup("STS refuses: principal \"*\" of the trust policy does not let in the "
                        "tokens of the cluster's OIDC provider"));
        show(view, view->refusal->message, view->binding->provider_arn, view->binding->role_arn);
        view->cause->help = irsa_format("put \"%s\" in the place of \"*\", as Federated principal",
                                        view->binding->provider_arn);
        return;
    }
    say(view, "IRSA095",
        irsa_format("STS refuses, and the trust policy depends on %s, which is not known here",
                    keys));
    show(view, view->refusal->message, "a value that the trust policy accepts",
         view->binding->role_arn);
}

static void explain_allowed(const struct view *view)
{
    say(view, "IRSA113",
        irsa_strdup("STS refuses, though provider, role and trust policy allow it as they are read "
                    "here: a policy of the organization (SCP or RCP) is suspected, which can't be "
                    "read from within the account"));
    show(view, view->refusal->message, "Allow, as the trust policy evaluates", "trust policy");
    view->cause->help = irsa_strdup("ask who administers the organization whether a service or "
                                    "resource control policy denies "
                                    "sts:AssumeRoleWithWebIdentity");
    view->cause->not_yet = true;
}

static void evaluate(const struct view *view)
{
    const struct irsa_binding *binding = view->binding;
    const char *issuer = view->plan->bindings.scope.issuer;
    irsa_auto_verdict verdict = {0};
    json_auto_t *context = irsa_request_web_identity_context(binding->provider_arn, issuer,
                                                             binding->subject, binding->audience);
    const struct irsa_request request = {
        .principal_type = "Federated",
        .principal = binding->provider_arn,
        .action = IRSA_ACTION_WEB_IDENTITY,
        .context = context,
        .issuer = issuer,
    };
    irsa_policy_evaluate(binding->role->trust, &request, &verdict);
    if (verdict.decision == IRSA_DECISION_ALLOWED)
        explain_allowed(view);
    else if (verdict.decision == IRSA_DECISION_UNKNOWN)
        explain_unknown(view, &verdict);
    else
        explain_verdict(view, &verdict);
}

static void explain_denied(const struct view *view)
{
    const struct irsa_binding *binding = view->binding;
    if (binding->role_presence == IRSA_ABSENT) {
        if (take_finding(view, IRSA_LINK_ROLE))
            return;
        say(view, "IRSA040", irsa_format("role %s does not exist", binding->role_arn));
        show(view, view->refusal->message, binding->role_arn, "iam:GetRole");
        return;
    }
    bool seen = binding->role_presence == IRSA_PRESENT && binding->role && binding->role->trust;
    if (seen && binding->provider_arn && view->plan->bindings.scope.issuer) {
        evaluate(view);
        return;
    }
    say(view,
        seen            ? "IRSA091"
        : binding->role ? "IRSA094"
                        : "IRSA093",
        irsa_format("STS refuses, and %s was not seen here: the role does not exist, or its trust "
                    "policy does not let the service account in",
                    seen            ? "the provider"
                    : binding->role ? "the role's trust policy"
                                    : "the role"));
    show(view, view->refusal->message, binding->role_arn, "sts:AssumeRoleWithWebIdentity");
}

/* --- the rest --------------------------------------------------------------------------------- */

static void explain_key(const struct view *view)
{
    say(view, "IRSA111",
        irsa_format("STS can't verify the token with the keys of its issuer%s",
                    view->refusal->keys_fit
                        ? ", though the issuer publishes the right one: it may be busy"
                        : ""));
    show(view, view->refusal->message, "a key that verifies the token, at the issuer's jwks_uri",
         "sts:AssumeRoleWithWebIdentity");
    view->cause->not_yet = view->refusal->keys_fit;
}

static void explain_duration(const struct view *view)
{
    const struct irsa_role *role = view->binding->role;
    irsa_autofree char *longest =
        role && role->max_session > 0
            ? irsa_format("at most %lld seconds", (long long)role->max_session)
            : irsa_strdup("at most the role's MaxSessionDuration");
    say(view, "IRSA114", irsa_strdup("the session asked for is longer than the role allows"));
    show(view, view->refusal->message, longest, view->binding->role_arn);
}

struct plain {
    const char *code;
    const char *message;
    const char *expected;
};
/* What STS says in so many words. */
static const struct plain plains[KIND_OTHER + 1] = {
    [KIND_TOKEN] = {"IRSA111", "STS does not take the token",
                    "a token that its issuer vouches for"},
    [KIND_EXPIRED] = {"IRSA110", "the token is past its end by STS' clock",
                      "a token that is not past its end"},
    [KIND_ORGANIZATION] = {"IRSA113", "a policy of the organization denies it",
                           "no service or resource control policy that denies "
                           "sts:AssumeRoleWithWebIdentity"},
    [KIND_UNREACHABLE] = {"IRSA115", "STS can't reach the issuer", "an answer of the issuer"},
    [KIND_REGION] = {"IRSA112", "STS is not active in the region for the account",
                     "STS turned on for the region, in IAM's account settings"},
    [KIND_PASSING] = {NULL, "STS could not answer", "a verdict"},
    [KIND_OTHER] = {NULL, "STS refuses", "credentials"},
};

static void explain_plainly(const struct view *view, enum kind kind)
{
    const struct irsa_refusal *refusal = view->refusal;
    irsa_autofree char *words = irsa_format("%s%s%s", refusal->code, refusal->message ? ": " : "",
                                            refusal->message ? refusal->message : "");
    bool own = kind == KIND_OTHER || kind == KIND_PASSING;
    say(view, plains[kind].code,
        irsa_format("%s%s%s", plains[kind].message, own ? ": " : "", own ? words : ""));
    show(view, words, plains[kind].expected, "sts:AssumeRoleWithWebIdentity");
    view->cause->not_yet = kind == KIND_UNREACHABLE;
    view->cause->passing = kind == KIND_PASSING;
}

void irsa_refusal_cause(const struct irsa_plan *plan, size_t index,
                        const struct irsa_refusal *refusal, struct irsa_cause *ret)
{
    *ret = (struct irsa_cause){0};
    const struct view view = {.plan = plan,
                              .index = index,
                              .binding = &plan->bindings.items[index],
                              .refusal = refusal,
                              .cause = ret};
    enum kind kind = kind_of(refusal);
    switch (kind) {
    case KIND_PROVIDER:
        explain_provider(&view);
        return;
    case KIND_AUDIENCE:
        explain_audience(&view);
        return;
    case KIND_KEY:
        explain_key(&view);
        return;
    case KIND_DENIED:
        explain_denied(&view);
        return;
    case KIND_DURATION:
        explain_duration(&view);
        return;
    default:
        explain_plainly(&view, kind);
        return;
    }
}
