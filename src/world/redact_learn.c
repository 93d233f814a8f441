/* SPDX-License-Identifier: Apache-2.0 */
/* What there is to be redacted: names and ids, found by where they stand. */
#include "irsa/identity.h"
#include "world/redact.h"

#include <ctype.h>

/* --- words ------------------------------------------------------------------------------------ */

/* What separates names in ARNs, subjects, URLs, patterns and sentences. */
bool irsa_redaction_ends_word(char c)
{
    return strchr(":/*? \t\r\n\"'{}[]()$<>|;", c) != NULL;
}

static bool all_of(const char *word, const char *set)
{
    return word[strspn(word, set)] == '\0';
}

/* Hosts that are AWS' own: endpoints, issuers, service principals. Not buckets, registries,
 * endpoints of clusters and what else bears somebody's name or id in front. */
static bool is_host_of_aws(const char *word)
{
    static const char *const pairs[] = {"pods.eks",      "oidc.eks",       "eks.oidc",
                                        "delivery.logs", "ops.apigateway", "irsa.eks"};
    const char *end = strstr(word, ".amazonaws.com");
    end = end ? end : strstr(word, ".api.aws");
    irsa_auto_strings labels = {0};
    for (const char *p = word; end && p < end;) {
        size_t len = strcspn(p, ".");
        irsa_autofree char *label = irsa_strndup(p, len);
        if (!irsa_partition_of_region(label))
            irsa_strings_add(&labels, label);
        p += len + 1;
    }
    if (labels.len == 0 || labels.len > 2)
        return end && labels.len == 0;
    if (labels.len == 1)
        return true;
    irsa_autofree char *both = irsa_strings_join(&labels, ".", ".");
    for (size_t i = 0; i < IRSA_COUNT(pairs); i++) {
        if (strcmp(pairs[i], both) == 0)
            return true;
    }
    return false;
}

/* Words that mean something by themselves. */
static bool is_common(const char *word)
{
    static const char *const common[] = {"role",
                                         "policy",
                                         "oidc-provider",
                                         "cluster",
                                         "assumed-role",
                                         "user",
                                         "root",
                                         "default",
                                         "service-role",
                                         "aws-service-role",
                                         "aws",
                                         "id",
                                         "https",
                                         "http",
                                         "arn",
                                         "sts",
                                         "iam",
                                         "eks",
                                         "saml-provider",
                                         "federated-user",
                                         "instance-profile",
                                         "group",
                                         "podidentityassociation",
                                         "system",
                                         "serviceaccount",
                                         "serviceaccounts",
                                         "aws-reserved",
                                         "true",
                                         "false",
                                         "irsa-fix",
                                         "AssumedRole"};
    for (size_t i = 0; i < IRSA_COUNT(common); i++) {
        if (strcmp(common[i], word) == 0)
            return true;
    }
    /* Ports, and other numbers that nobody is known by. */
    if (strlen(word) < 6 && all_of(word, "0123456789"))
        return true;
    return is_host_of_aws(word) || irsa_partition_of_region(word) != NULL
           || irsa_redaction_kube_common(word);
}

/* "AROA..." and the like, of 16 and more capitals and digits. */
static bool is_unique_id(const char *word)
{
    return strlen(word) >= 16 && isupper((unsigned char)*word)
           && all_of(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

static bool is_issuer_id(const char *word)
{
    return strlen(word) == 32 && all_of(word, "0123456789ABCDEFabcdef");
}

/* Whole texts have keys of their own: "Sid:Api", "ip:192.0.2.1". */
static char *replacement(struct redaction *redaction, const char *word)
{
    if (irsa_has_prefix(word, "Sid:"))
        return irsa_format("Sid%zu", ++redaction->sids);
    if (irsa_has_prefix(word, "ip:")) {
        size_t number = ++redaction->addresses;
        return strchr(word + 3, ':') ? irsa_format("fd00:%zx::", number)
                                     : irsa_format("10.%zu.%zu.0", number / 256, number % 256);
    }
    if (irsa_account_id_valid(word))
        return irsa_format("%012zu", (++redaction->accounts * 111111111111) % 1000000000000);
    if (is_issuer_id(word))
        return irsa_format("A%031zX", ++redaction->ids);
    if (is_unique_id(word))
        return irsa_format("%.4s%017zu", word, ++redaction->ids);
    return irsa_format("name-%zu", ++redaction->names);
}

static void learn_word(struct redaction *redaction, const char *word)
{
    if (!*word || is_common(word) || irsa_map_get(&redaction->words, word) != IRSA_MAP_NONE)
        return;
    char *other = replacement(redaction, word);
    irsa_map_put(&redaction->words, word, redaction->others.len);
    irsa_strings_take(&redaction->others, other);
}

/* "${aws:PrincipalTag/" of a policy variable: what AWS calls it. */
size_t irsa_redaction_variable(const char *text)
{
    return irsa_has_prefix(text, "${") ? strcspn(text, "/}") : 0;
}

/* The same id in other letters stays the same in other letters: it is no other issuer. */
static void learn_issuer_id(struct redaction *redaction, const char *word)
{
    irsa_autofree char *capitals = irsa_strdup(word);
    for (char *p = capitals; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    learn_word(redaction, capitals);
    if (strcmp(word, capitals) == 0 || irsa_map_get(&redaction->words, word) != IRSA_MAP_NONE)
        return;
    size_t found = irsa_map_get(&redaction->words, capitals);
    char *other = irsa_strdup(redaction->others.items[found]);
    *other = (char)tolower((unsigned char)*other);
    irsa_map_put(&redaction->words, word, redaction->others.len);
    irsa_strings_take(&redaction->others, other);
}

static void learn_any(struct redaction *redaction, const char *word)
{
    if (is_issuer_id(word))
        learn_issuer_id(redaction, word);
    else
        learn_word(redaction, word);
}

static void learn_words(struct redaction *redaction, const char *text)
{
    while (*text) {
        size_t len = 0;
        text += irsa_redaction_variable(text);
        while (text[len] && !irsa_redaction_ends_word(text[len]))
            len++;
        irsa_autofree char *word = irsa_strndup(text, len);
        learn_any(redaction, word);
        text += len;
        text += *text != '\0';
    }
}

/* --- learning --------------------------------------------------------------------------------- */

/* "arn:aws:iam::123456789012:role/app" in a text; what AWS owns itself is nobody's secret. */
static void learn_arn(struct redaction *redaction, const char *arn)
{
    const char *parts[6] = {arn};
    size_t count = 1;
    for (const char *p = arn; *p && !isspace((unsigned char)*p) && *p != '"' && count < 6; p++) {
        if (*p == ':')
            parts[count++] = p + 1;
    }
    if (count < 6 || irsa_has_prefix(parts[4], "aws:"))
        return;
    size_t len = strcspn(parts[5], " \t\r\n\"',");
    irsa_autofree char *account = irsa_strndup(parts[4], (size_t)(parts[5] - parts[4] - 1));
    irsa_autofree char *resource = irsa_strndup(parts[5], len);
    learn_word(redaction, account);
    learn_words(redaction, resource);
}

/* Accounts and unique ids, wherever they stand. */
static void learn_ids(struct redaction *redaction, const char *text)
{
    while (*text) {
        size_t len = 0;
        while (text[len] && !irsa_redaction_ends_word(text[len]))
            len++;
        irsa_autofree char *word = irsa_strndup(text, len);
        if (irsa_account_id_valid(word) || is_unique_id(word))
            learn_any(redaction, word);
        text += len;
        text += *text != '\0';
    }
}

static void learn_text(struct redaction *redaction, const char *text)
{
    static const char subject[] = "system:serviceaccount:";
    for (const char *p = strstr(text, "arn:"); p; p = strstr(p + 4, "arn:"))
        learn_arn(redaction, p);
    for (const char *p = strstr(text, subject); p; p = strstr(p + 1, subject)) {
        irsa_autofree char *names =
            irsa_strndup(p + sizeof(subject) - 1, strcspn(p + sizeof(subject) - 1, " \"',"));
        learn_words(redaction, names);
    }
    learn_ids(redaction, text);
    const char *id = strstr(text, "/id/");
    size_t len = 0;
    while (id && id[4 + len] && !irsa_redaction_ends_word(id[4 + len]))
        len++;
    if (id) {
        irsa_autofree char *word = irsa_strndup(id + 4, len);
        learn_any(redaction, word);
    }
}

static bool holds_name(const char *key)
{
    static const char *const keys[] = {
        "Account",       "UserId",      "RoleName",       "RoleId",      "PolicyName",
        "PolicyId",      "name",        "clusterName",    "namespace",   "serviceAccount",
        "associationId", "PolicyNames", "AbsentRoles",    "ListedRoles", "ListedProviders",
        "NoAccess",      "Resource",    "AccountAliases", "NotResource", "ClientIDList",
        "Key",           "audience"};
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        if (strcmp(keys[i], key) == 0)
            return true;
    }
    return false;
}

static void learn_whole(struct redaction *redaction, const char *kind, const char *text)
{
    irsa_autofree char *key = irsa_format("%s%s", kind, text);
    learn_word(redaction, key);
}

/* --- conditions ------------------------------------------------------------------------------- */

/* "ForAnyValue:StringLike" */
static const char *operator_of(const char *text)
{
    const char *colon = strchr(text, ':');
    return colon ? colon + 1 : text;
}

bool irsa_redaction_keeps_values(const char *operator_)
{
    static const char *const kept[] = {"Numeric", "Date", "Bool", "Null"};
    for (size_t i = 0; i < IRSA_COUNT(kept); i++) {
        if (irsa_has_prefix(operator_of(operator_), kept[i]))
            return true;
    }
    return false;
}

bool irsa_redaction_is_address(const char *operator_)
{
    const char *plain = operator_of(operator_);
    return irsa_has_prefix(plain, "IpAddress") || irsa_has_prefix(plain, "NotIpAddress");
}

/* Keys of AWS say what they are; the name of a tag may follow ("aws:PrincipalTag/team"). Those of
 * issuers are names, and the last part says what it is ("HOST/PATH:sub"). */
void irsa_redaction_split_key(const char *key, size_t *ret_from, size_t *ret_to)
{
    size_t colon = strcspn(key, ":");
    bool service = key[colon] && strcspn(key, "./") >= colon && !irsa_has_prefix(key, "arn:")
                   && !irsa_has_prefix(key, "http");
    const char *last = strrchr(key, ':');
    *ret_to = service || !last ? strlen(key) : (size_t)(last - key);
    *ret_from = service ? strcspn(key, "/") : 0;
}

static void learn_value(struct redaction *redaction, const char *operator_, const json_t *value)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach(value, i, item)
    {
        learn_value(redaction, operator_, item);
    }
    const char *text = json_string_value(value);
    if (!text || irsa_redaction_keeps_values(operator_))
        return;
    irsa_autofree char *address = irsa_strndup(text, strcspn(text, "/"));
    learn_text(redaction, text);
    if (irsa_redaction_is_address(operator_))
        learn_whole(redaction, "ip:", address);
    else if (!irsa_has_prefix(text, "arn:"))
        learn_words(redaction, text);
}

static void learn_conditions(struct redaction *redaction, const json_t *conditions)
{
    const char *operator_ = NULL;
    const char *key = NULL;
    json_t *keys = NULL;
    json_t *value = NULL;
    json_object_foreach((json_t *)conditions, operator_, keys)
    {
        json_object_foreach(keys, key, value)
        {
            size_t from = 0;
            size_t to = 0;
            irsa_redaction_split_key(key, &from, &to);
            irsa_autofree char *name = irsa_strndup(key + from, to - from);
            learn_text(redaction, key);
            learn_words(redaction, name);
            learn_value(redaction, operator_, value);
        }
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

static void learn(struct redaction *redaction, const char *key, const json_t *value)
{
    size_t i = 0;
    const char *below = NULL;
    json_t *item = NULL;
    if (json_is_string(value)) {
        learn_text(redaction, json_string_value(value));
        if (holds_name(key) && !irsa_has_prefix(json_string_value(value), "arn:"))
            learn_words(redaction, json_string_value(value));
        if (strcmp(key, "Sid") == 0)
            learn_whole(redaction, "Sid:", json_string_value(value));
        irsa_autofree char *names = irsa_redaction_kube_names(key, json_string_value(value));
        if (names)
            learn_words(redaction, names);
        return;
    }
    if (strcmp(key, "Condition") == 0 && json_is_object(value)) {
        learn_conditions(redaction, value);
        return;
    }
    json_array_foreach(value, i, item)
    {
        learn(redaction, key, item);
    }
    json_object_foreach((json_t *)value, below, item)
    {
        bool label = irsa_redaction_is_labels(key);
        learn_text(redaction, below);
        learn(redaction, label && !irsa_redaction_keeps_label(below) ? "name" : below, item);
        if (label && !irsa_redaction_keeps_key(below))
            learn_words(redaction, below);
    }
}

void irsa_redaction_learn(struct redaction *redaction, const json_t *answer)
{
    learn(redaction, "", answer);
}
