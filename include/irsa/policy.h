/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policy: IAM policy documents. Validated as IAM would, evaluated for a request with a reason,
 * compared by meaning, measured as IAM counts, and edited as little as possible so that one binding
 * is allowed and nothing else changes. Trust policies and identity policies (attached, inline,
 * boundary) go through the same engine. Everything here is pure.
 * Rules: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 * and https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */
#ifndef IRSA_FIX_POLICY_H
#define IRSA_FIX_POLICY_H

#include "irsa/base.h"

#include <jansson.h>

#define IRSA_ACTION_WEB_IDENTITY "sts:AssumeRoleWithWebIdentity"
/* IAM's default quota for a trust policy, and what it can be raised to, in characters without white
 * space (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
#define IRSA_TRUST_POLICY_QUOTA 2048
#define IRSA_TRUST_POLICY_QUOTA_MAX 8192

enum irsa_policy_kind { IRSA_POLICY_TRUST, IRSA_POLICY_IDENTITY };

/* --- parsing and validation ------------------------------------------------------------------- */

struct irsa_policy_issue {
    bool fatal;    /* IAM would refuse the document; else it accepts it, and it surprises */
    char *where;   /* "Statement[1].Condition.StringEquals", or "line 3, column 7" for syntax */
    char *message; /* lower case, one line */
};

struct irsa_policy;
/* From a parsed document (a new reference is taken). Never fails: what is wrong is kept as issues,
 * and statements that cannot be understood count as not allowing and are never edited away. */
struct irsa_policy *irsa_policy_new(const json_t *document, enum irsa_policy_kind kind);
/* From text. A syntax error (position and reason) gives a policy with that one fatal issue and a
 * NULL document. Duplicate keys are a fatal issue (IAM refuses them): the document is kept, with
 * the last of the values, but it decides nothing. */
struct irsa_policy *irsa_policy_new_text(const char *text, size_t len, enum irsa_policy_kind kind);
/* The same policy for one more owner, who frees it as well. Within one thread, as all that is asked
 * of it. */
struct irsa_policy *irsa_policy_share(struct irsa_policy *policy);
/* For policies of which many are kept: its document becomes bytes until something is asked of it,
 * but for what is asked of all there are (document_once, trust_grants, issuers), which leaves it
 * frozen. Nothing else changes. What was borrowed from it before is void. */
void irsa_policy_freeze(struct irsa_policy *policy);
/* True when both are frozen and have the same document, with its keys in the same order. */
bool irsa_policy_identical(const struct irsa_policy *a, const struct irsa_policy *b);
/* The same number for identical policies. */
uint64_t irsa_policy_hash(const struct irsa_policy *policy);
void irsa_policy_free(struct irsa_policy *policy);
static inline void irsa_policy_freep(struct irsa_policy **p)
{
    irsa_policy_free(*p);
}
#define irsa_auto_policy IRSA_CLEANUP(irsa_policy_freep) struct irsa_policy *
/* Borrowed; NULL after a syntax error. */
const json_t *irsa_policy_document(const struct irsa_policy *policy);
bool irsa_policy_has_document(const struct irsa_policy *policy);
/* The same as a new reference, which the policy does not keep: for those who look at all. */
json_t *irsa_policy_document_once(const struct irsa_policy *policy);
/* Validated on first use. In order of the document. Borrowed. */
const struct irsa_policy_issue *irsa_policy_issues(struct irsa_policy *policy, size_t *ret_count);
/* Characters as IAM counts them: white space outside strings not counted. */
size_t irsa_policy_size(const json_t *document);
/* True when both documents decide every request alike as far as their form shows it: order of
 * statements, of arrays and of keys, one-element arrays, Sids, letter case of actions and condition
 * keys do not count. (Two different patterns of equal meaning may compare unequal.) */
bool irsa_policy_equivalent(const json_t *a, const json_t *b);

/* --- evaluation ------------------------------------------------------------------------------- */

/* What is asked. For a trust policy: who wants to assume the role. For an identity policy:
 * action and resource; principal is then only used for policy variables. */
struct irsa_request {
    const char *principal_type; /* "Federated", "AWS", "Service"; NULL for identity policies */
    const char *principal;      /* the provider's ARN, ... */
    const char *action;
    const char *resource; /* NULL for trust policies */
    /* Condition keys (any letter case) to values: a string, an array of strings, a number or bool
     * (known), json null (known not to be in the request). A key of several values is decided only
     * under ForAllValues and ForAnyValue. A key that is not here is unknown, except
     * those that can't be in the request (see irsa_request_web_identity). May be NULL. */
    const json_t *context;
    /* Set for web identity requests with a Kubernetes token: keys PREFIX:claim where PREFIX is
     * an issuer other than this one, claims of this one other than sub and aud, and the keys
     * that such a request can't have (aws:PrincipalOrgID, sts:ExternalId, ...:
     * src/policy/context.c) are known absent. NULL otherwise. */
    const char *issuer; /* host/path form */
};

/* The context that STS builds for AssumeRoleWithWebIdentity of a Kubernetes service account token:
 * ISSUER:sub, ISSUER:aud and aws:FederatedProvider. (The keys that AWS documents as not present for
 * such a request follow from irsa_request.issuer.) Returns a new object, to be put into
 * irsa_request.context.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html */
json_t *irsa_request_web_identity_context(const char *provider_arn, const char *issuer,
                                          const char *subject, const char *audience);

enum irsa_decision {
    IRSA_DECISION_ALLOWED,
    IRSA_DECISION_DENIED_EXPLICIT, /* a Deny statement matched */
    IRSA_DECISION_DENIED_IMPLICIT, /* nothing allowed it */
    IRSA_DECISION_UNKNOWN,         /* hangs on a key that can't be known beforehand */
};

enum irsa_element {
    IRSA_ELEMENT_NONE,
    IRSA_ELEMENT_STATEMENT, /* malformed, could not be understood */
    IRSA_ELEMENT_PRINCIPAL,
    IRSA_ELEMENT_ACTION,
    IRSA_ELEMENT_RESOURCE,
    IRSA_ELEMENT_CONDITION,
};

/* Why one statement did not match: the first element that failed, in the order principal, action,
 * resource, condition. */
struct irsa_near_miss {
    size_t statement; /* index in the document's Statement (0 for a lone object) */
    char *sid;        /* NULL where there is none */
    bool deny;        /* the statement's effect */
    enum irsa_element element;
    char *where;           /* "Statement[0].Condition.StringEquals.ISSUER:sub" */
    char *operator_;       /* condition operator as written, else NULL */
    char *key;             /* condition key as written, else NULL */
    char *expected;        /* what the policy asks for: values joined by " or " */
    char *found;           /* what the request has; "(not in the request)" / "(not known)" */
    bool unknown;          /* failed only because a key's value, or what "*" means, is not known */
    size_t matched_before; /* how many elements and conditions matched: the higher the nearer */
};

struct irsa_verdict {
    enum irsa_decision decision;
    size_t statement;              /* that decided: allowed, explicit deny; else SIZE_MAX */
    char *sid;                     /* of that statement, or NULL */
    struct irsa_near_miss *misses; /* of all statements that did not match, in document order */
    size_t miss_count;
    struct irsa_strings unknown_keys; /* decision hangs on them (UNKNOWN only) */
    bool unknown_principal; /* and on whether "*" stands for the request's principal (UNKNOWN only)
                             */
};
void irsa_verdict_done(struct irsa_verdict *verdict);
#define irsa_auto_verdict IRSA_CLEANUP(irsa_verdict_done) struct irsa_verdict

/* Evaluates one policy. A policy with fatal issues at document level denies implicitly. */
void irsa_policy_evaluate(const struct irsa_policy *policy, const struct irsa_request *request,
                          struct irsa_verdict *ret);
/* As above without reasons: fast, for many requests on many policies. */
enum irsa_decision irsa_policy_decide(const struct irsa_policy *policy,
                                      const struct irsa_request *request);

/* Evaluates a role's permissions: identity policies together, then the boundary (NULL: none).
 * Explicit deny anywhere first; allowed needs an allow in an identity policy and in the
 * boundary. */
enum irsa_decision irsa_policies_decide(const struct irsa_policy *const *policies, size_t count,
                                        const struct irsa_policy *boundary,
                                        const struct irsa_request *request);

/* The nearest miss among Allow statements (the one meant for the request), or NULL. Borrowed. */
const struct irsa_near_miss *irsa_verdict_nearest(const struct irsa_verdict *verdict);
/* Two strings with a caret line under the place where they first differ, for the text report:
 *   expected "system:serviceaccount:shop:api"
 *   found    "system:serviceaccount:shop:app"
 *                                         ^
 * The caller's. */
char *irsa_mark_difference(const char *expected, const char *found);

/* --- who a trust policy lets in --------------------------------------------------------------- */

enum irsa_trust_width {
    IRSA_TRUST_EXACT,       /* named subjects only */
    IRSA_TRUST_PATTERN,     /* a wildcard in the subject: one namespace, or a name pattern */
    IRSA_TRUST_ANY_SUBJECT, /* any service account of the issuer */
    IRSA_TRUST_ANYBODY,     /* not even bound to one provider: Principal "*" and no subject */
};
/* One Allow statement with web identity (or `*` principal), or one that was meant to be one. */
struct irsa_trust_grant {
    size_t statement;
    char *sid;
    bool effective; /* the statement can let somebody in by web identity as it stands */
    struct irsa_strings providers; /* Federated principals as written */
    struct irsa_strings issuers;   /* prefixes of the :sub/:aud keys as written, and providers' */
    struct irsa_strings subjects;  /* values for :sub of positive operators, as written */
    bool subjects_are_patterns;    /* the operator takes wildcards (StringLike, ArnLike) */
    struct irsa_strings audiences; /* values for :aud, as written */
    bool audience_checked;
    bool forallvalues_hole;      /* a ForAllValues test that also passes when the key is missing */
    bool extra_conditions;       /* more conditions than :sub and :aud */
    enum irsa_trust_width width; /* by provider and subject alone; see extra_conditions */
};
struct irsa_trust_grants {
    struct irsa_trust_grant *items;
    size_t len;
};
/* The grants of a trust policy in document order. Statements for other principals (AWS, Service,
 * SAML) and Deny are not among them, unless they look like a binding that went wrong (a subject of
 * Kubernetes' form in a condition). */
void irsa_policy_trust_grants(const struct irsa_policy *policy, struct irsa_trust_grants *ret);
void irsa_trust_grants_done(struct irsa_trust_grants *grants);
#define irsa_auto_trust_grants IRSA_CLEANUP(irsa_trust_grants_done) struct irsa_trust_grants

/* --- editing ---------------------------------------------------------------------------------- */

/* What the trust policy shall allow: one service account of one issuer. */
struct irsa_trust_wish {
    const char *provider_arn; /* in the role's account */
    const char *issuer;       /* host/path */
    const char *subject;      /* system:serviceaccount:NS:NAME */
    const char *audience;
    /* templates/trust-policy.json expanded for this binding: what a new statement comes from. An
     * object with Version and Statement. Borrowed. */
    const json_t *template_policy;
    /* Facts about providers of the role's account: an ARN known to exist / known not to exist.
     * What is neither is unknown and treated as existing. May be NULL. */
    bool (*provider_exists)(const void *context, const char *provider_arn);
    bool (*provider_missing)(const void *context, const char *provider_arn);
    /* True when the subject names a service account known not to exist: it can let nobody in. */
    bool (*subject_missing)(const void *context, const char *issuer, const char *subject);
    const void *context;
};

enum irsa_edit_how {
    IRSA_EDIT_NONE,     /* it is allowed already: *ret_document equals the input */
    IRSA_EDIT_REPAIRED, /* statement `statement` was repaired in place */
    IRSA_EDIT_MERGED,   /* the subject joined the others of statement `statement` */
    IRSA_EDIT_ADDED,    /* the template's statement was added */
    IRSA_EDIT_CREATED,  /* there was no usable document: the template's is the new one */
};
struct irsa_edit_result {
    json_t *document; /* the new policy, a new reference; key order of the old one kept */
    enum irsa_edit_how how;
    size_t statement;          /* concerned, in the new document */
    struct irsa_strings notes; /* a line for each change ("Condition key ... renamed ...") */
    /* An alternative that the author may have meant and that lets more in (a wildcard under
     * StringEquals turned into StringLike): a further document, to be held back as class "pattern".
     * NULL where there is none. */
    json_t *pattern_document;
};
void irsa_edit_result_done(struct irsa_edit_result *result);
#define irsa_auto_edit_result IRSA_CLEANUP(irsa_edit_result_done) struct irsa_edit_result

/* The smallest edit after which the wish is allowed. Guarantees, each checked before it returns:
 *  - the new document allows the wish (or hangs only on unknown keys as before);
 *  - whatever the old one allowed stays allowed, and nothing that the old one refused is allowed
 *    but the wish (tested on neighbours and by construction: only statements meant for the
 *    binding, or new);
 *  - statements not concerned are equal to the old ones, in the same order.
 * Fails with CONFLICT when a Deny statement stands in the way (it is never removed) or when
 * conditions that must stay make it impossible; the message names statement and element. */
int irsa_policy_edit_allow(const struct irsa_policy *policy, const struct irsa_trust_wish *wish,
                           struct irsa_edit_result *ret, struct irsa_error **reterr);

/* Narrows the too wide statement `statement` to the subjects given (all of the provider's issuer),
 * plus :aud; the provider takes the place of a principal "*". Takes access away: always a held-back
 * change. Other statements stay. */
int irsa_policy_edit_narrow(const struct irsa_policy *policy, size_t statement,
                            const char *provider_arn, const struct irsa_strings *subjects,
                            const char *audience, json_t **ret_document,
                            struct irsa_error **reterr);

/* A trust policy put from one issuer to another: a cluster that was made again, or a second one. */
struct irsa_repoint {
    const char *partition; /* of the role: its providers are looked up there */
    const char *account;
    const char *from; /* the old issuer, host/path */
    const char *to;   /* the new one */
    bool keep_old;    /* beside the old one, not in its place */
};
struct irsa_repoint_result {
    json_t *document; /* a new reference; the old one, where nothing is to be done */
    bool changed;
    struct irsa_strings notes; /* a line for each statement changed */
    struct irsa_strings left;  /* a line for each that names the old issuer and stays, with why */
};
void irsa_repoint_result_done(struct irsa_repoint_result *result);
#define irsa_auto_repoint_result IRSA_CLEANUP(irsa_repoint_result_done) struct irsa_repoint_result

/* The issuers that a trust policy names (host/path): by a provider's ARN, or as the prefix of a
 * condition key. In order, each once. */
void irsa_policy_issuers(const struct irsa_policy *policy, struct irsa_strings *ret);
/* Puts the new issuer in the place of the old one, or a statement for it beside each of the old
 * one's: principals, condition keys, and values that name the provider. Subjects, patterns, other
 * conditions, principals and statements stay as they are. Proven by evaluation before it returns:
 *  - the new issuer's tokens get what the old one's got, and what they got before; nothing more;
 *  - everybody else gets what he got; the old issuer's tokens too (keep_old), or nothing more.
 * A statement for which that does not hold is left, with the reason; where nothing is gained by
 * the rest, the whole policy is. Fails with CONFLICT then, and where it can't be understood. */
int irsa_policy_edit_repoint(const struct irsa_policy *policy, const struct irsa_repoint *repoint,
                             struct irsa_repoint_result *ret, struct irsa_error **reterr);
/* Takes out trust in issuers (host/path) whose providers are gone: principals, and statements that
 * had no other. Nobody else's access changes: proven as above. Fails with CONFLICT where no
 * statement would be left: a trust policy has at least one
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html). `repoint` is
 * read for partition and account alone. */
int irsa_policy_edit_prune(const struct irsa_policy *policy, const struct irsa_repoint *repoint,
                           const struct irsa_strings *gone, struct irsa_repoint_result *ret,
                           struct irsa_error **reterr);

/* Over quota: the same meaning with statements merged that differ in the subject alone; NULL where
 * nothing can be merged. A new reference. Proven equivalent per subject before it is returned. */
json_t *irsa_policy_merge_statements(const struct irsa_policy *policy);

/* A diff by meaning: one line per statement added, removed or changed, and in it per element,
 * order, arrays of one and Sids not counted:
 *   ~ Statement[0] Condition StringEquals ISSUER:sub: + "..."
 * Empty when only the form differs. */
void irsa_policy_semantic_diff(const json_t *before, const json_t *after, struct irsa_strings *ret);

#endif
