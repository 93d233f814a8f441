/* SPDX-License-Identifier: Apache-2.0 */
#include "intent/config.h"

#include "intent/check.h"

typedef int check_function(const char *value, struct irsa_error **reterr);

static int put(char **field, const char *value, check_function *check, struct irsa_error **reterr)
{
    if (check(value, reterr) != 0)
        return -1;
    free(*field);
    *field = irsa_strdup(value);
    return 0;
}

static int any_text(const char *value, struct irsa_error **reterr)
{
    if (*value)
        return 0;
    return irsa_fail(reterr, IRSA_E_USAGE, "the value is empty");
}

static int set_name(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    return put(&t->intent->cluster_name, value, irsa_check_cluster_name, reterr);
}

static int set_region(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    return put(&t->intent->region, value, irsa_check_region, reterr);
}

static int set_account_id(struct irsa_config_target *t, const char *value,
                          struct irsa_error **reterr)
{
    return put(&t->intent->account_id, value, irsa_check_account_id, reterr);
}

static int set_issuer(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    return put(&t->intent->issuer, value, irsa_check_issuer, reterr);
}

static int set_default_audience(struct irsa_config_target *t, const char *value,
                                struct irsa_error **reterr)
{
    return put(&t->intent->audience, value, irsa_check_audience, reterr);
}

static int set_quota(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    size_t digits = strspn(value, "0123456789");
    unsigned long quota = digits && digits <= 5 && !value[digits] ? strtoul(value, NULL, 10) : 0;
    if (quota < IRSA_TRUST_POLICY_QUOTA || quota > IRSA_TRUST_POLICY_QUOTA_MAX)
        return irsa_fail(
            reterr, IRSA_E_USAGE,
            "\"%s\" is no quota for trust policies: IAM has %d, and %d at most on request", value,
            IRSA_TRUST_POLICY_QUOTA, IRSA_TRUST_POLICY_QUOTA_MAX);
    t->intent->trust_policy_quota = quota;
    return 0;
}

static int set_path(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    return put(&t->settings->path, value, irsa_check_path, reterr);
}

static int set_description(struct irsa_config_target *t, const char *value,
                           struct irsa_error **reterr)
{
    return put(&t->settings->description, value, irsa_check_description, reterr);
}

static int set_boundary(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    return put(&t->settings->boundary, value, irsa_check_policy_arn, reterr);
}

static int set_max_session(struct irsa_config_target *t, const char *value,
                           struct irsa_error **reterr)
{
    return irsa_role_settings_max_session(t->settings, value, reterr);
}

static int set_tags(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    if (irsa_pairs_add_all(&t->settings->tags, value, reterr) != 0)
        return -1;
    return irsa_check_tags(t->settings->tags, reterr);
}

static int set_labels(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    if (irsa_pairs_add_all(&t->wish->labels, value, reterr) != 0)
        return -1;
    return irsa_check_labels(t->wish->labels, reterr);
}

static int add_policy_arn(struct irsa_config_target *t, const char *value,
                          struct irsa_error **reterr)
{
    if (irsa_check_policy_arn(value, reterr) != 0)
        return -1;
    if (irsa_strings_has(&t->settings->policy_arns, value))
        return irsa_fail(reterr, IRSA_E_USAGE, "policy %s is named twice", value);
    irsa_strings_add(&t->settings->policy_arns, value);
    return 0;
}

static int add_policy_file(struct irsa_config_target *t, const char *value,
                           struct irsa_error **reterr)
{
    if (any_text(value, reterr) != 0)
        return -1;
    irsa_autofree char *path = *value == '/' || !*t->directory
                                   ? irsa_strdup(value)
                                   : irsa_format("%s/%s", t->directory, value);
    return irsa_role_settings_add_policy_file(t->settings, path, reterr);
}

static int set_role(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    return put(&t->wish->role, value, irsa_check_role, reterr);
}

static int set_audience(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    return put(&t->wish->audience, value, irsa_check_audience, reterr);
}

static int add_need(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    return irsa_wish_add_need(t->wish, value, reterr);
}

static int set_create_namespace(struct irsa_config_target *t, const char *value,
                                struct irsa_error **reterr)
{
    bool yes = strcmp(value, "true") == 0 || strcmp(value, "yes") == 0;
    if (!yes && strcmp(value, "false") != 0 && strcmp(value, "no") != 0)
        return irsa_fail(reterr, IRSA_E_USAGE, "\"%s\" is neither true nor false", value);
    t->wish->create_namespace = yes;
    return 0;
}

static int set_profile(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    return put(&t->account->profile, value, any_text, reterr);
}

static int check_role_arn(const char *value, struct irsa_error **reterr)
{
    irsa_auto_role_arn arn = {0};
    return irsa_role_arn_parse(value, &arn, reterr);
}

static int set_role_arn(struct irsa_config_target *t, const char *value, struct irsa_error **reterr)
{
    return put(&t->account->role_arn, value, check_role_arn, reterr);
}

const struct irsa_config_key irsa_config_keys[] = {
    {IRSA_CONFIG_CLUSTER, "name", false, set_name},
    {IRSA_CONFIG_CLUSTER, "region", false, set_region},
    {IRSA_CONFIG_CLUSTER, "account-id", false, set_account_id},
    {IRSA_CONFIG_CLUSTER, "issuer", false, set_issuer},
    {IRSA_CONFIG_DEFAULTS, "audience", false, set_default_audience},
    {IRSA_CONFIG_DEFAULTS, "trust-policy-quota", false, set_quota},
    {IRSA_CONFIG_DEFAULTS, "path", false, set_path},
    {IRSA_CONFIG_DEFAULTS, "description", false, set_description},
    {IRSA_CONFIG_DEFAULTS, "permissions-boundary", false, set_boundary},
    {IRSA_CONFIG_DEFAULTS, "max-session-duration", false, set_max_session},
    {IRSA_CONFIG_DEFAULTS, "tags", true, set_tags},
    {IRSA_CONFIG_DEFAULTS, "policy-arn", true, add_policy_arn},
    {IRSA_CONFIG_DEFAULTS, "policy-file", true, add_policy_file},
    {IRSA_CONFIG_ACCOUNT, "profile", false, set_profile},
    {IRSA_CONFIG_ACCOUNT, "role-arn", false, set_role_arn},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "role", false, set_role},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "audience", false, set_audience},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "policy-arn", true, add_policy_arn},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "policy-file", true, add_policy_file},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "needs", true, add_need},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "path", false, set_path},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "description", false, set_description},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "permissions-boundary", false, set_boundary},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "max-session-duration", false, set_max_session},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "tags", true, set_tags},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "labels", true, set_labels},
    {IRSA_CONFIG_SERVICE_ACCOUNT, "create-namespace", false, set_create_namespace},
};
const size_t irsa_config_key_count = IRSA_COUNT(irsa_config_keys);
