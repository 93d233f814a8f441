/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose/trust.h"

#include <strings.h>

size_t irsa_view_count(const json_t *value)
{
    return json_is_array(value) ? json_array_size(value) : value ? 1 : 0;
}

const char *irsa_view_text(const json_t *value, size_t index)
{
    return json_string_value(json_is_array(value) ? json_array_get(value, index) : value);
}

char *irsa_view_join(const json_t *value)
{
    irsa_auto_strings texts = {0};
    for (size_t i = 0; i < irsa_view_count(value); i++) {
        const char *text = irsa_view_text(value, i);
        if (text && texts.len < 8)
            irsa_strings_add(&texts, text);
    }
    if (texts.len == 0 && value) /* nested, or no strings: as it stands */
        return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    if (irsa_view_count(value) > 8)
        irsa_strings_take(&texts, irsa_format("%zu others", irsa_view_count(value) - 8));
    return irsa_strings_join(&texts, ", ", " or ");
}

size_t irsa_view_statement_count(const json_t *document)
{
    return irsa_view_count(json_object_get(document, "Statement"));
}

const json_t *irsa_view_statement(const json_t *document, size_t number)
{
    const json_t *statements = json_object_get(document, "Statement");
    return json_is_array(statements) ? json_array_get(statements, number) : statements;
}

bool irsa_view_allows(const json_t *statement)
{
    const char *effect = json_string_value(json_object_get(statement, "Effect"));
    return effect && strcmp(effect, "Allow") == 0;
}

/* Actions ignore letter case and take wildcards
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html). */
static bool action_matches(const char *pattern)
{
    irsa_autofree char *lower = irsa_strdup(pattern);
    for (char *c = lower; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + ('a' - 'A') : *c);
    return irsa_glob_match(lower, "sts:assumerolewithwebidentity");
}

bool irsa_view_web_identity(const json_t *statement)
{
    const json_t *action = json_object_get(statement, "Action");
    for (size_t i = 0; i < irsa_view_count(action); i++) {
        const char *text = irsa_view_text(action, i);
        if (text && action_matches(text))
            return true;
    }
    return !action && json_object_get(statement, "NotAction");
}

enum irsa_view_operator irsa_view_operator_of(const char *name)
{
    if (irsa_has_prefix(name, "ForAnyValue:") || irsa_has_prefix(name, "ForAllValues:"))
        name = strchr(name, ':') + 1;
    size_t len = strlen(name);
    if (irsa_has_suffix(name, "IfExists"))
        len -= strlen("IfExists");
    irsa_autofree char *base = irsa_strndup(name, len);
    if (strcmp(base, "StringEquals") == 0)
        return IRSA_VIEW_EXACT;
    if (strcmp(base, "StringEqualsIgnoreCase") == 0)
        return IRSA_VIEW_NOCASE;
    if (strcmp(base, "StringLike") == 0 || strcmp(base, "ArnLike") == 0
        || strcmp(base, "ArnEquals") == 0)
        return IRSA_VIEW_PATTERN;
    return IRSA_VIEW_OTHER;
}

/* Keys are compared without regard to letter case
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html). */
static bool is_claim(const char *tail, const char *claim)
{
    return strcasecmp(tail, claim) == 0;
}

static struct irsa_key_view malformed(const char *why, const char *tail)
{
    return (struct irsa_key_view){
        .kind = IRSA_KEY_MALFORMED, .why = why, .means_audience = strncasecmp(tail, "aud", 3) == 0};
}

static struct irsa_key_view of_issuer(const char *tail)
{
    if (is_claim(tail, "sub"))
        return (struct irsa_key_view){.kind = IRSA_KEY_SUBJECT};
    if (is_claim(tail, "aud"))
        return (struct irsa_key_view){.kind = IRSA_KEY_AUDIENCE};
    if (strncasecmp(tail, "sub", 3) == 0 || strncasecmp(tail, "aud", 3) == 0 || *tail == '\0')
        return malformed("its claim is not sub or aud", tail);
    return (struct irsa_key_view){.kind = IRSA_KEY_FOREIGN};
}

static const char *key_problem(enum irsa_issuer_relation relation)
{
    switch (relation) {
    case IRSA_ISSUER_SAME_BUT_SLASH:
        return "it differs from the issuer in a slash";
    case IRSA_ISSUER_SAME_BUT_SCHEME:
        return "it has https:// in front";
    case IRSA_ISSUER_SAME_BUT_PORT:
        return "it differs from the issuer in the port";
    case IRSA_ISSUER_DUAL_STACK:
        return "it has the dual-stack host, which no token names";
    case IRSA_ISSUER_SAME_ID_OTHER_HOST:
        return "it has the cluster's id at another host";
    case IRSA_ISSUER_MISSING_ID_PREFIX:
        return "it lacks \"/id\" in front of the id";
    default:
        return NULL;
    }
}

static struct irsa_key_view of_head(const char *issuer, const char *head, const char *tail)
{
    const enum irsa_issuer_relation relation = irsa_issuer_relation(issuer, head);
    const char *problem = key_problem(relation);
    if (problem)
        return malformed(problem, tail);
    const bool claim = is_claim(tail, "sub") || is_claim(tail, "aud");
    if (relation == IRSA_ISSUER_SAME_HOST_OTHER_ID
        || (claim && (strncasecmp(head, "oidc", 4) == 0 || strchr(head, '/'))))
        return (struct irsa_key_view){.kind = IRSA_KEY_OTHER_ISSUER,
                                      .means_audience = is_claim(tail, "aud")};
    return (struct irsa_key_view){.kind = IRSA_KEY_FOREIGN};
}

struct irsa_key_view irsa_key_view(const char *issuer, const char *other_issuer, const char *key)
{
    irsa_autofree char *trimmed = irsa_trim(key);
    const char *colon = strrchr(trimmed, ':');
    const char *tail = colon ? colon + 1 : "";
    irsa_autofree char *head =
        irsa_strndup(trimmed, colon ? (size_t)(colon - trimmed) : strlen(trimmed));
    if (strncasecmp(key, "arn:", 4) == 0 && strstr(key, "oidc"))
        return malformed("it starts with the provider's ARN in place of the issuer", tail);
    if (strncasecmp(key, "https://", 8) == 0 || strncasecmp(key, "http://", 7) == 0)
        return malformed("it has https:// in front", strchr(key + 8, ':') ? tail : "");
    if (strcasecmp(trimmed, issuer) == 0)
        return malformed("it lacks :sub or :aud at its end", "");
    const bool ours = strcasecmp(head, issuer) == 0;
    if (ours || (other_issuer && strcasecmp(head, other_issuer) == 0)) {
        if (strcmp(trimmed, key) != 0)
            return malformed("it has white space around it", tail);
        return of_issuer(tail);
    }
    return of_head(issuer, head, tail);
}

/* --- the statement that was meant ------------------------------------------------------------- */

static int parsed_nearness(const struct irsa_binding *binding, const char *namespace_,
                           const char *name)
{
    const bool same_namespace = strcmp(namespace_, binding->namespace_) == 0;
    const bool same_name = strcmp(name, binding->service_account) == 0;
    if (same_namespace && same_name)
        return 95;
    if (same_name)
        return 60;
    if (!same_namespace)
        return 15;
    return irsa_edit_distance(name, binding->service_account, 3) <= 3 ? 55 : 30;
}

int irsa_subject_nearness(const struct irsa_binding *binding, const char *value)
{
    if (strcmp(value, binding->subject) == 0)
        return 100;
    if (strpbrk(value, "*?")) {
        if (irsa_glob_match(value, binding->subject))
            return 90;
        return irsa_has_prefix(value, "system:serviceaccount") ? 25 : 0;
    }
    irsa_autofree char *namespace_ = NULL;
    irsa_autofree char *name = NULL;
    if (irsa_subject_parse(value, &namespace_, &name))
        return parsed_nearness(binding, namespace_, name);
    irsa_autofree char *guess = irsa_subject_guess(value);
    if (guess && irsa_subject_parse(guess, &namespace_, &name))
        return parsed_nearness(binding, namespace_, name) - 1;
    return strstr(value, "serviceaccount") ? 20 : 0;
}

int irsa_view_subject_score(const struct irsa_trust_case *trust, const json_t *statement)
{
    int best = -1;
    const char *operator_;
    const char *key;
    json_t *keys;
    json_t *values;
    json_object_foreach(json_object_get(statement, "Condition"), operator_, keys)
        json_object_foreach(keys, key, values) for (size_t i = 0; i < irsa_view_count(values); i++)
    {
        const char *text = irsa_view_text(values, i);
        const bool subject_key = irsa_has_suffix(key, ":sub");
        const int score = text ? irsa_subject_nearness(trust->binding, text) : 0;
        if ((score > 0 || subject_key) && score > best)
            best = score;
    }
    return best;
}

/* How much of the cluster is in the principals and condition keys. */
static int issuer_score(const struct irsa_trust_case *trust, const json_t *statement)
{
    const char *issuer = trust->run->scope->issuer;
    const char *id = strrchr(issuer, '/');
    irsa_autofree char *text = json_dumps(statement, JSON_COMPACT | JSON_ENCODE_ANY);
    if (!text)
        return 0;
    if (strstr(text, trust->provider_arn))
        return 50;
    if (strcasestr(text, issuer) || (id && strlen(id) > 8 && strcasestr(text, id)))
        return 40;
    if (!strstr(text, "oidc.eks.") && !strstr(text, "oidc-eks."))
        return 0;
    /* A provider that is gone lets nobody in: such a statement is more likely a leftover of ours.
     */
    const char *federated =
        irsa_view_text(json_object_get(json_object_get(statement, "Principal"), "Federated"), 0);
    return federated && irsa_facts_provider_presence(trust->run->facts, federated) == IRSA_ABSENT
               ? 8
               : 5;
}

const json_t *irsa_view_meant(const struct irsa_trust_case *trust, size_t *ret_number)
{
    const json_t *document = irsa_policy_document(trust->role->trust);
    const json_t *best = NULL;
    int best_score = -1;
    for (size_t i = 0; i < irsa_view_statement_count(document); i++) {
        const json_t *statement = irsa_view_statement(document, i);
        if (!irsa_view_allows(statement))
            continue;
        const int subject = irsa_view_subject_score(trust, statement);
        const int issuer = issuer_score(trust, statement);
        if (subject < 0 && issuer == 0)
            continue; /* for other principals */
        const int score =
            (subject < 0 ? 70 : subject) + issuer + (irsa_view_web_identity(statement) ? 3 : 0);
        if (score > best_score) {
            best_score = score;
            best = statement;
            *ret_number = i;
        }
    }
    return best;
}
