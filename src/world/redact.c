/* SPDX-License-Identifier: Apache-2.0 */
#include "world/redact.h"

#include "irsa/identity.h"

#include <ctype.h>

void irsa_redaction_done(struct redaction *redaction)
{
    irsa_map_done(&redaction->words);
    irsa_strings_done(&redaction->others);
    *redaction = (struct redaction){0};
}

/* --- words ------------------------------------------------------------------------------------ */

/* What separates names in ARNs, subjects, URLs, patterns and sentences. */
static bool ends_word(char c)
{
    return strchr(":/*? \t\r\n\"'{}[]()$<>|;", c) != NULL;
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
                                         "aws-reserved",
                                         "sso.amazonaws.com"};
    for (size_t i = 0; i < IRSA_COUNT(common); i++) {
        if (strcmp(common[i], word) == 0)
            return true;
    }
    /* Hosts of AWS: endpoints, issuers, service principals. */
    return strstr(word, ".amazonaws.com") || strstr(word, ".api.aws")
           || irsa_partition_of_region(word) != NULL;
}

static bool all_of(const char *word, const char *set)
{
    return word[strspn(word, set)] == '\0';
}

/* "AROA..." and the like, of 16 and more capitals and digits. */
static bool is_unique_id(const char *word)
{
    return strlen(word) >= 16 && isupper((unsigned char)*word)
           && all_of(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
}

static char *replacement(struct redaction *redaction, const char *word)
{
    if (irsa_account_id_valid(word))
        return irsa_format("%012zu", (++redaction->accounts * 111111111111) % 1000000000000);
    if (strlen(word) == 32 && all_of(word, "0123456789ABCDEFabcdef"))
        return irsa_format("%032zX", ++redaction->ids);
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

static void learn_words(struct redaction *redaction, const char *text)
{
    while (*text) {
        size_t len = 0;
        while (text[len] && !ends_word(text[len]))
            len++;
        irsa_autofree char *word = irsa_strndup(text, len);
        learn_word(redaction, word);
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
    const char *id = strstr(text, "/id/");
    size_t len = 0;
    while (id && id[4 + len] && !ends_word(id[4 + len]))
        len++;
    if (id) {
        irsa_autofree char *word = irsa_strndup(id + 4, len);
        learn_word(redaction, word);
    }
}

static bool holds_name(const char *key)
{
    static const char *const keys[] = {
        "Account",       "UserId",      "RoleName",      "RoleId",      "PolicyName",
        "PolicyId",      "name",        "clusterName",   "namespace",   "serviceAccount",
        "associationId", "PolicyNames", "AbsentRoles",   "ListedRoles", "ListedProviders",
        "NoAccess",      "Resource",    "AccountAliases"};
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        if (strcmp(keys[i], key) == 0)
            return true;
    }
    return false;
}

static void learn(struct redaction *redaction, const char *key, const json_t *value)
{
    size_t i = 0;
    const char *below = NULL;
    json_t *item = NULL;
    if (json_is_string(value)) {
        learn_text(redaction, json_string_value(value));
        if (holds_name(key))
            learn_words(redaction, json_string_value(value));
        return;
    }
    json_array_foreach(value, i, item)
    {
        learn(redaction, key, item);
    }
    json_object_foreach((json_t *)value, below, item)
    {
        learn_text(redaction, below);
        learn(redaction, below, item);
    }
}

void irsa_redaction_learn(struct redaction *redaction, const json_t *answer)
{
    learn(redaction, "", answer);
}

/* --- replacing -------------------------------------------------------------------------------- */

static bool is_learnt(const struct redaction *redaction, const char *text, size_t len)
{
    irsa_autofree char *word = irsa_strndup(text, len);
    return irsa_map_get(&redaction->words, word) != IRSA_MAP_NONE;
}

char *irsa_redact_text(const struct redaction *redaction, const char *text)
{
    irsa_auto_buf ret = {0};
    irsa_buf_adds(&ret, "");
    while (*text) {
        size_t len = 0;
        while (text[len] && !ends_word(text[len]))
            len++;
        /* A role's name may end in a comma or a full stop, and so may a sentence. */
        while (len > 0 && !is_learnt(redaction, text, len) && strchr(".,", text[len - 1]))
            len--;
        irsa_autofree char *word = irsa_strndup(text, len);
        size_t found = irsa_map_get(&redaction->words, word);
        irsa_buf_adds(&ret, found == IRSA_MAP_NONE ? word : redaction->others.items[found]);
        text += len;
        if (*text)
            irsa_buf_addc(&ret, *text++);
    }
    return irsa_buf_steal(&ret);
}

/* Of a cluster only what plans read; the rest (endpoint, network, certificate) is nobody's
 * business. */
static bool left_out(const char *parent, const char *key)
{
    static const char *const cluster[] = {"name", "arn", "version", "status", "identity"};
    static const char *const never[] = {"InstanceProfileList", "UserDetailList", "GroupDetailList",
                                        "RoleLastUsed"};
    for (size_t i = 0; i < IRSA_COUNT(never); i++) {
        if (strcmp(never[i], key) == 0)
            return true;
    }
    if (strcmp(parent, "cluster") != 0)
        return false;
    for (size_t i = 0; i < IRSA_COUNT(cluster); i++) {
        if (strcmp(cluster[i], key) == 0)
            return false;
    }
    return true;
}

/* Elements of policies and answers in which no name stands. */
static bool means_itself(const char *key)
{
    static const char *const keys[] = {"Action",  "NotAction", "Effect",    "Version",
                                       "version", "status",    "CreateDate"};
    for (size_t i = 0; i < IRSA_COUNT(keys); i++) {
        if (strcmp(keys[i], key) == 0)
            return true;
    }
    return false;
}

static json_t *redact(const struct redaction *redaction, const char *key, const json_t *value)
{
    size_t i = 0;
    const char *below = NULL;
    json_t *item = NULL;
    if (json_is_string(value) && means_itself(key))
        return json_incref((json_t *)value);
    if (json_is_string(value)) {
        bool free_text = strcmp(key, "Description") == 0 || strcmp(key, "Value") == 0;
        irsa_autofree char *text = free_text
                                       ? irsa_strdup("redacted")
                                       : irsa_redact_text(redaction, json_string_value(value));
        return json_string(text);
    }
    if (json_is_array(value)) {
        json_t *array = json_array();
        json_array_foreach(value, i, item)
        {
            json_array_append_new(array, redact(redaction, key, item));
        }
        return array;
    }
    if (!json_is_object(value))
        return json_incref((json_t *)value);
    json_t *object = json_object();
    json_object_foreach((json_t *)value, below, item)
    {
        irsa_autofree char *name = irsa_redact_text(redaction, below);
        if (!left_out(key, below))
            json_object_set_new(object, name, redact(redaction, below, item));
    }
    return object;
}

json_t *irsa_redact(const struct redaction *redaction, const json_t *answer)
{
    return redact(redaction, "", answer);
}
