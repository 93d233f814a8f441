/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/edit.h"

#include <ctype.h>
#include <strings.h>

#define SUBJECT "system:serviceaccount:"

/* Federated principals that are no ARN
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html). */
static const char *const named_providers[] = {"accounts.google.com", "graph.facebook.com",
                                              "www.amazon.com", "cognito-identity.amazonaws.com"};

static bool is_named_provider(const char *text)
{
    for (size_t i = 0; i < IRSA_COUNT(named_providers); i++) {
        if (strcasecmp(text, named_providers[i]) == 0)
            return true;
    }
    return false;
}

/* --- issuers ---------------------------------------------------------------------------------- */

static const char *skip_scheme(const char *text)
{
    const char *end = strstr(text, "://");
    return end ? end + 3 : text;
}

char *irsa_edit_issuer_in(const char *text)
{
    irsa_autofree char *trimmed = irsa_trim(text);
    const char *start = trimmed;
    const char *kind = strcasestr(start, "oidc-provider");
    if (kind) {
        start = kind + strlen("oidc-provider");
        start += *start == '/' || *start == ':';
    } else if (irsa_has_prefix(start, "arn:")) {
        start = strstr(start, "oidc.");
        if (!start)
            return NULL;
    }
    start = skip_scheme(start);
    size_t host = strcspn(start, ":/");
    if (host == 0 || !memchr(start, '.', host))
        return NULL;
    return irsa_strdup(start);
}

static bool missing(const struct irsa_edit *edit, const char *provider_arn)
{
    const struct irsa_trust_wish *wish = edit->wish;
    return wish->provider_missing && wish->provider_missing(wish->context, provider_arn);
}

static bool exists(const struct irsa_edit *edit, const char *provider_arn)
{
    const struct irsa_trust_wish *wish = edit->wish;
    return wish->provider_exists && wish->provider_exists(wish->context, provider_arn);
}

/* An id of another length than all ids have is a slip of the pen, not another cluster. */
static bool is_slip(const char *wanted, const char *found)
{
    return strlen(wanted) != strlen(found) && irsa_edit_distance(wanted, found, 3) <= 3;
}

/* The wished issuer, or a way of writing it wrong. */
static bool related(const struct irsa_edit *edit, const char *issuer)
{
    const char *wanted = edit->wish->issuer;
    switch (irsa_issuer_relation(wanted, issuer)) {
    case IRSA_ISSUER_SAME_HOST_OTHER_ID:
        return is_slip(wanted, issuer);
    case IRSA_ISSUER_UNRELATED: {
        size_t host = strcspn(wanted, "/");
        bool host_alone = strncmp(wanted, issuer, host) == 0
                          && strspn(issuer + host, "/id") == strlen(issuer + host);
        return host_alone || is_slip(wanted, issuer);
    }
    default:
        return true;
    }
}

/* A provider is looked up in the account that the role is in, so that of another account or
 * partition lets nobody in
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html). */
bool irsa_edit_provider_possible(const struct irsa_edit *edit, const char *text)
{
    if (is_named_provider(text) || strstr(text, ":saml-provider/"))
        return true;
    irsa_auto_error error = NULL;
    irsa_auto_provider_arn arn = {0};
    if (irsa_provider_arn_parse(text, &arn, &error) != 0)
        return false;
    if (strcmp(arn.account, edit->role.account) != 0
        || strcmp(arn.partition, edit->role.partition) != 0)
        return false;
    if (strcmp(text, edit->wish->provider_arn) == 0)
        return true;
    if (irsa_issuer_relation(edit->wish->issuer, arn.host_path) == IRSA_ISSUER_DUAL_STACK)
        return false;
    return related(edit, arn.host_path) ? exists(edit, text) : !missing(edit, text);
}

static enum irsa_side foreign_side(const struct irsa_edit *edit, const char *text,
                                   const char *issuer)
{
    if (is_named_provider(issuer))
        return IRSA_SIDE_OTHER;
    irsa_autofree char *here =
        irsa_provider_arn_text(edit->role.partition, edit->role.account, issuer);
    return missing(edit, here) || missing(edit, text) ? IRSA_SIDE_DEAD : IRSA_SIDE_OTHER;
}

enum irsa_side irsa_edit_provider_side(const struct irsa_edit *edit, const char *text)
{
    if (strcmp(text, edit->wish->provider_arn) == 0)
        return IRSA_SIDE_OURS;
    if (is_named_provider(text) || strstr(text, ":saml-provider/"))
        return IRSA_SIDE_OTHER;
    irsa_autofree char *issuer = irsa_edit_issuer_in(text);
    if (!issuer)
        return IRSA_SIDE_DEAD;
    if (related(edit, issuer))
        return irsa_edit_provider_possible(edit, text) ? IRSA_SIDE_OTHER : IRSA_SIDE_BROKEN;
    return foreign_side(edit, text, issuer);
}

/* --- condition keys --------------------------------------------------------------------------- */

static enum irsa_claim claim_of(const char *word)
{
    if (strcasecmp(word, "sub") == 0 || strcasecmp(word, "subject") == 0)
        return IRSA_CLAIM_SUB;
    if (strcasecmp(word, "aud") == 0 || strcasecmp(word, "audience") == 0)
        return IRSA_CLAIM_AUD;
    return IRSA_CLAIM_NONE;
}

/* Cuts the claim off the key: what follows the last colon (or, by mistake, the last slash or dot).
 */
static enum irsa_claim cut_claim(char *key)
{
    static const char separators[] = ":/.";
    for (const char *separator = separators; *separator; separator++) {
        char *at = strrchr(key, *separator);
        enum irsa_claim claim = at ? claim_of(at + 1) : IRSA_CLAIM_NONE;
        if (claim == IRSA_CLAIM_NONE)
            continue;
        *at = '\0';
        return claim;
    }
    enum irsa_claim bare = claim_of(key);
    if (bare != IRSA_CLAIM_NONE)
        *key = '\0';
    return bare;
}

/* aws:SourceIp, sts:ExternalId, saml:sub, ...
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html) */
static bool is_service_key(const char *key)
{
    static const char *const services[] = {"aws:", "sts:", "saml:", "iam:"};
    for (size_t i = 0; i < IRSA_COUNT(services); i++) {
        if (strncasecmp(key, services[i], strlen(services[i])) == 0)
            return true;
    }
    return false;
}

enum irsa_side irsa_edit_key_side(const struct irsa_edit *edit, const char *key,
                                  enum irsa_claim *ret_claim)
{
    irsa_autofree char *text = irsa_trim(key);
    *ret_claim = cut_claim(text);
    if (strcasecmp(key, edit->sub_key) == 0 || strcasecmp(key, edit->aud_key) == 0)
        return IRSA_SIDE_OURS;
    if (is_service_key(key)) {
        *ret_claim = IRSA_CLAIM_NONE;
        return IRSA_SIDE_NONE;
    }
    irsa_autofree char *issuer = irsa_edit_issuer_in(text);
    if (*ret_claim == IRSA_CLAIM_NONE) {
        /* an issuer without any claim; "aws:SourceIp" and other claims (":amr") are not for us */
        bool suffix_lost = issuer && !strchr(issuer, ':');
        return suffix_lost && related(edit, issuer) ? IRSA_SIDE_BROKEN : IRSA_SIDE_NONE;
    }
    if (!issuer)
        return IRSA_SIDE_DEAD;
    return related(edit, issuer) ? IRSA_SIDE_BROKEN : foreign_side(edit, text, issuer);
}

/* --- subjects and audiences ------------------------------------------------------------------- */

static bool subject_valid(const char *value)
{
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    return irsa_subject_parse(value, &namespace_, &name);
}

/* The literal beginning of a pattern must fit Kubernetes' prefix, and no name has upper case
 * letters, slashes or white space. */
static bool pattern_malformed(const char *pattern)
{
    size_t literal = strcspn(pattern, "*?$");
    size_t compared = literal < strlen(SUBJECT) ? literal : strlen(SUBJECT);
    if (strncmp(pattern, SUBJECT, compared) != 0)
        return true;
    for (const char *p = pattern; *p; p++) {
        if (isupper((unsigned char)*p) || isspace((unsigned char)*p) || *p == '/')
            return !strstr(pattern, "${");
    }
    return false;
}

bool irsa_edit_subject_malformed(const char *value)
{
    return strpbrk(value, "*?$") ? pattern_malformed(value) : !subject_valid(value);
}

bool irsa_edit_audience_malformed(const char *value)
{
    return *value == '\0' || strpbrk(value, " \t\r\n") != NULL;
}

/* `*` stands in for a name that the guesser can read. */
char *irsa_edit_mend_pattern(const struct irsa_edit *edit, const char *pattern)
{
    static const char stand_in[] = "0any0";
    irsa_auto_buf named = {0};
    for (const char *p = pattern; *p; p++) {
        if (*p == '*')
            irsa_buf_adds(&named, stand_in);
        else
            irsa_buf_addc(&named, *p);
    }
    irsa_autofree char *guess = irsa_subject_guess(irsa_buf_str(&named));
    if (!guess)
        return NULL;
    irsa_auto_buf mended = {0};
    for (const char *p = guess; *p;) {
        bool wild = irsa_has_prefix(p, stand_in);
        irsa_buf_addc(&mended, wild ? '*' : *p);
        p += wild ? strlen(stand_in) : 1;
    }
    if (!irsa_wildcard_match(irsa_buf_str(&mended), edit->wish->subject, false))
        return NULL;
    return irsa_buf_steal(&mended);
}

/* The last word of what is no subject names the account, or the namespace: the rest got lost. */
static bool ends_in_name(const struct irsa_edit *edit, const char *value)
{
    irsa_autofree char *text = irsa_trim(value);
    size_t len = strlen(text);
    while (len > 0 && strchr(":/", text[len - 1]))
        text[--len] = '\0';
    const char *colon = strrchr(text, ':');
    const char *slash = strrchr(text, '/');
    const char *last = slash > colon ? slash : colon;
    last = last ? last + 1 : text;
    return strcmp(last, edit->service_account) == 0 || strcmp(last, edit->namespace_) == 0;
}

static enum irsa_likeness malformed_likeness(const struct irsa_edit *edit, const char *value)
{
    irsa_autofree char *guess = irsa_subject_guess(value);
    if (guess)
        return strcmp(guess, edit->wish->subject) == 0 ? IRSA_LIKE_GUESS : IRSA_LIKE_OTHER;
    if (irsa_edit_distance(edit->wish->subject, value, 3) <= 3 || ends_in_name(edit, value))
        return IRSA_LIKE_GUESS;
    return strcasestr(value, "serviceaccount") ? IRSA_LIKE_OTHER : IRSA_LIKE_NOTHING;
}

static enum irsa_likeness pattern_likeness(const struct irsa_edit *edit, const char *value)
{
    if (irsa_wildcard_match(value, edit->wish->subject, false))
        return IRSA_LIKE_WILD;
    irsa_autofree char *mended =
        pattern_malformed(value) ? irsa_edit_mend_pattern(edit, value) : NULL;
    if (mended)
        return IRSA_LIKE_GUESS;
    return strcasestr(value, "serviceaccount") ? IRSA_LIKE_OTHER : IRSA_LIKE_NOTHING;
}

enum irsa_likeness irsa_edit_likeness(const struct irsa_edit *edit, const char *value)
{
    if (strcmp(value, edit->wish->subject) == 0)
        return IRSA_LIKE_EXACT;
    if (strpbrk(value, "*?"))
        return pattern_likeness(edit, value);
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    if (!irsa_subject_parse(value, &namespace_, &name))
        return malformed_likeness(edit, value);
    bool same_name = strcmp(name, edit->service_account) == 0;
    bool same_namespace = strcmp(namespace_, edit->namespace_) == 0;
    const char *candidates[] = {same_name ? namespace_ : name};
    const char *wanted = same_name ? edit->namespace_ : edit->service_account;
    if (same_name || (same_namespace && irsa_nearest(wanted, candidates, 1)))
        return IRSA_LIKE_NEAR;
    bool swapped =
        strcmp(name, edit->namespace_) == 0 && strcmp(namespace_, edit->service_account) == 0;
    return swapped ? IRSA_LIKE_NEAR : IRSA_LIKE_OTHER;
}
