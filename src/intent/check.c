/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/check.h"
#include "intent/selector.h"

#include <strings.h>

static size_t characters_of(const char *text)
{
    size_t count = 0;
    for (const unsigned char *p = (const unsigned char *)text; *p; p++)
        count += (*p & 0xc0) != 0x80;
    return count;
}

int irsa_check_tags(const json_t *tags, struct irsa_error **reterr)
{
    /* https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html#id_tags_rules: 50 tags, keys of
     * 1 to 128, values of up to 256 characters, nothing that starts with aws:. */
    if (json_object_size(tags) > 50)
        return irsa_fail(reterr, IRSA_E_USAGE, "%zu tags, 50 are allowed", json_object_size(tags));
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)tags, key, value)
    {
        size_t len = characters_of(key);
        size_t value_len = characters_of(json_string_value(value));
        if (len == 0 || len > 128)
            return irsa_fail(reterr, IRSA_E_USAGE,
                             "tag key \"%s\" has %zu characters, 1 to 128 are allowed", key, len);
        if (value_len > 256)
            return irsa_fail(reterr, IRSA_E_USAGE,
                             "tag \"%s\": value has %zu characters, 256 are allowed", key,
                             value_len);
        if (strncasecmp(key, "aws:", 4) == 0)
            return irsa_fail(reterr, IRSA_E_USAGE, "tag key \"%s\": aws: is reserved", key);
    }
    return 0;
}

/* [A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?, at most 63
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set)
 */
static bool label_part_valid(const char *text, size_t len)
{
    if (len == 0 || len > 63)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool alnum = (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        bool inner = i > 0 && i + 1 < len && (c == '-' || c == '_' || c == '.');
        if (!alnum && !inner)
            return false;
    }
    return true;
}

int irsa_check_labels(const json_t *labels, struct irsa_error **reterr)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)labels, key, value)
    {
        const char *slash = strchr(key, '/');
        const char *name = slash ? slash + 1 : key;
        irsa_autofree char *prefix = slash ? irsa_strndup(key, (size_t)(slash - key)) : NULL;
        irsa_autofree char *problem = prefix ? irsa_service_account_problem(prefix) : NULL;
        if (problem || !label_part_valid(name, strlen(name)))
            return irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" is no label key that Kubernetes takes",
                             key);
        const char *text = json_string_value(value);
        if (*text && !label_part_valid(text, strlen(text)))
            return irsa_fail(reterr, IRSA_E_USAGE,
                             "label %s: \"%s\" is no value that Kubernetes takes", key, text);
    }
    return 0;
}

static int check_settings(const struct irsa_role_settings *settings, struct irsa_error **reterr)
{
    if (settings->path && irsa_check_path(settings->path, reterr) != 0)
        return -1;
    if (settings->description && irsa_check_description(settings->description, reterr) != 0)
        return -1;
    if (settings->boundary && irsa_check_policy_arn(settings->boundary, reterr) != 0)
        return irsa_wrap(reterr, "permissions boundary");
    for (size_t i = 0; i < settings->policy_arns.len; i++) {
        if (irsa_check_policy_arn(settings->policy_arns.items[i], reterr) != 0)
            return -1;
    }
    for (size_t i = 0; i < settings->policy_names.len; i++) {
        const char *name = settings->policy_names.items[i];
        /* https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html: [\w+=,.@-]+,
         * 128 characters at most. */
        bool valid = *name && strlen(name) <= 128
                     && name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789_+=,.@-")]
                            == '\0';
        if (!valid) {
            irsa_fail(reterr, IRSA_E_USAGE,
                      "policy file %s: \"%s\" is no policy name that IAM takes",
                      settings->policy_file_names.items[i], name);
            return irsa_hint(reterr, "an inline policy is named after its file: rename it");
        }
    }
    return irsa_check_tags(settings->tags, reterr);
}

static int check_wish(const struct irsa_wish *wish, struct irsa_error **reterr)
{
    if (irsa_check_namespace(wish->namespace_, reterr) != 0
        || irsa_check_service_account(wish->service_account, reterr) != 0)
        return -1;
    if (wish->role && irsa_check_role(wish->role, reterr) != 0)
        return -1;
    if (wish->audience && irsa_check_audience(wish->audience, reterr) != 0)
        return -1;
    if (irsa_check_labels(wish->labels, reterr) != 0)
        return -1;
    return check_settings(&wish->settings, reterr);
}

int irsa_intent_check(const struct irsa_intent *intent, struct irsa_error **reterr)
{
    if (intent->cluster_name && irsa_check_cluster_name(intent->cluster_name, reterr) != 0)
        return -1;
    if (intent->region && irsa_check_region(intent->region, reterr) != 0)
        return -1;
    if (intent->account_id && irsa_check_account_id(intent->account_id, reterr) != 0)
        return -1;
    if (intent->issuer && irsa_check_issuer(intent->issuer, reterr) != 0)
        return -1;
    if (intent->audience && irsa_check_audience(intent->audience, reterr) != 0)
        return -1;
    if (check_settings(&intent->defaults, reterr) != 0)
        return -1;
    for (size_t i = 0; i < intent->wish_count; i++) {
        const struct irsa_wish *wish = &intent->wishes[i];
        if (check_wish(wish, reterr) != 0)
            return irsa_wrap(reterr, "%s", wish->origin);
    }
    if (intent->selector)
        return irsa_selector_check(intent->selector, reterr);
    return 0;
}
