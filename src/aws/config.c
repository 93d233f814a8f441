/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/config.h"

#include "irsa/identity.h"

#include <ctype.h>
#include <pwd.h>
#include <strings.h>
#include <unistd.h>

#define DEFAULT_MAX_ATTEMPTS 3U

const char *irsa_aws_variable(const struct irsa_aws_environment *environment, const char *name)
{
    const char *value =
        environment->get ? environment->get(environment->context, name) : getenv(name);
    return value && *value ? value : NULL;
}

bool irsa_aws_region_valid(const char *region)
{
    size_t len = strlen(region);
    size_t digits = strspn(region, "0123456789");
    if (len == 0 || len > 63 || digits == len || region[0] == '-' || region[len - 1] == '-')
        return false;
    for (const char *p = region; *p; p++) {
        if (!isalnum((unsigned char)*p) && *p != '-')
            return false;
    }
    return true;
}

static char *home_of(const struct irsa_aws_config_options *options)
{
    const char *home = options->home;
    if (!home)
        home = irsa_aws_variable(&options->environment, "HOME");
    if (home)
        return irsa_strdup(home);
    const struct passwd *user = getpwuid(getuid());
    return irsa_strdup(user && user->pw_dir ? user->pw_dir : "/");
}

/* One `$NAME` or `${NAME}` at p; a name that is not set stays as it is (os.path.expandvars). */
static const char *expand_one(const struct irsa_aws_environment *environment, const char *p,
                              struct irsa_buf *out)
{
    bool braced = p[1] == '{';
    const char *begin = p + (braced ? 2 : 1);
    const char *end = begin;
    while (*end && (braced ? *end != '}' : isalnum((unsigned char)*end) || *end == '_'))
        end++;
    irsa_autofree char *name = irsa_strndup(begin, (size_t)(end - begin));
    const char *value =
        environment->get ? environment->get(environment->context, name) : getenv(name);
    if (*name == '\0' || !value || (braced && *end == '\0')) {
        irsa_buf_addc(out, *p);
        return p + 1;
    }
    irsa_buf_adds(out, value);
    return end + (braced ? 1 : 0);
}

char *irsa_aws_expand_path(const struct irsa_aws_config *config, const char *path)
{
    irsa_auto_buf out = {0};
    for (const char *p = path; *p;) {
        if (*p == '$')
            p = expand_one(&config->environment, p, &out);
        else
            irsa_buf_addc(&out, *p++);
    }
    const char *text = irsa_buf_str(&out);
    if (text[0] == '~' && (text[1] == '/' || text[1] == '\0'))
        return irsa_format("%s%s", config->home, text + 1);
    return irsa_buf_steal(&out);
}

static int read_files(struct irsa_aws_config *config, struct irsa_error **reterr)
{
    const char *config_file = irsa_aws_variable(&config->environment, "AWS_CONFIG_FILE");
    const char *credentials_file =
        irsa_aws_variable(&config->environment, "AWS_SHARED_CREDENTIALS_FILE");
    irsa_autofree char *config_path =
        irsa_aws_expand_path(config, config_file ? config_file : "~/.aws/config");
    irsa_autofree char *credentials_path =
        irsa_aws_expand_path(config, credentials_file ? credentials_file : "~/.aws/credentials");
    return irsa_aws_files_read(config_path, credentials_path, &config->files, reterr);
}

/* AWS_PROFILE first: so has version 2 of the CLI, other than botocore. */
static int choose_profile(struct irsa_aws_config *config, const char *option,
                          struct irsa_error **reterr)
{
    static const char *const variables[] = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"};
    const char *name = option;
    const char *source = option ? "--profile" : NULL;
    for (size_t i = 0; i < IRSA_COUNT(variables) && !name; i++) {
        name = irsa_aws_variable(&config->environment, variables[i]);
        source = name ? variables[i] : NULL;
    }
    config->profile_is_option = option != NULL;
    config->profile_is_asked_for = name != NULL;
    config->profile_source = source ? irsa_strdup(source) : NULL;
    config->profile_name = irsa_strdup(name ? name : "default");
    bool found = irsa_aws_profile_find(&config->files, config->profile_name, &config->profile);
    if (found || !name)
        return 0;
    (void)irsa_aws_profile_missing(&config->files, name, reterr);
    return irsa_wrap(reterr, "%s", source);
}

int irsa_aws_config_setting(const struct irsa_aws_config *config, const char *variable,
                            const char *key, const char **ret, char **ret_source,
                            struct irsa_error **reterr)
{
    const char *value = variable ? irsa_aws_variable(&config->environment, variable) : NULL;
    bool is_variable = value != NULL;
    if (!value && key && irsa_aws_profile_get(&config->profile, key, &value, reterr) != 0)
        return -1;
    *ret = value;
    if (ret_source && value)
        *ret_source = is_variable ? irsa_strdup(variable)
                                  : irsa_format("%s of profile %s", key, config->profile_name);
    return 0;
}

int irsa_aws_config_switch(const struct irsa_aws_config *config, const char *variable,
                           const char *key, bool *ret, struct irsa_error **reterr)
{
    const char *value = NULL;
    if (irsa_aws_config_setting(config, variable, key, &value, NULL, reterr) != 0)
        return -1;
    *ret = value && strcasecmp(value, "true") == 0;
    return 0;
}

static int fail_region(const char *source, const char *region, bool is_option,
                       struct irsa_error **reterr)
{
    irsa_autofree char *shorter = irsa_strndup(region, strlen(region) - (*region ? 1 : 0));
    irsa_autofree char *lower = irsa_strdup(region);
    for (char *p = lower; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    (void)irsa_fail(reterr, is_option ? IRSA_E_USAGE : IRSA_E_PARSE,
                    "%s: \"%.100s\" is no region of AWS", source, region);
    if (irsa_partition_of_region(shorter))
        return irsa_hint(reterr, "\"%s\" is an availability zone of region %s", region, shorter);
    if (irsa_partition_of_region(lower))
        return irsa_hint(reterr, "it is written %s", lower);
    return irsa_hint(reterr, "a region is written like eu-west-1");
}

/* --region, AWS_REGION, AWS_DEFAULT_REGION, the profile. */
static int choose_region(struct irsa_aws_config *config, const char *option,
                         struct irsa_error **reterr)
{
    const char *region = option;
    irsa_autofree char *source = option ? irsa_strdup("--region") : NULL;
    if (!region && irsa_aws_config_setting(config, "AWS_REGION", NULL, &region, &source, reterr))
        return -1;
    if (!region
        && irsa_aws_config_setting(config, "AWS_DEFAULT_REGION", "region", &region, &source, reterr)
               != 0)
        return -1;
    if (!region)
        return 0;
    if (!irsa_partition_of_region(region))
        return fail_region(source, region, option != NULL, reterr);
    config->region = irsa_strdup(region);
    config->region_source = irsa_steal(&source);
    return 0;
}

static int choose_max_attempts(struct irsa_aws_config *config, struct irsa_error **reterr)
{
    const char *text = NULL;
    irsa_autofree char *source = NULL;
    config->max_attempts = DEFAULT_MAX_ATTEMPTS;
    if (irsa_aws_config_setting(config, "AWS_MAX_ATTEMPTS", "max_attempts", &text, &source, reterr)
        != 0)
        return -1;
    if (!text)
        return 0;
    size_t digits = strspn(text, "0123456789");
    unsigned long value = digits > 0 && digits < 6 && !text[digits] ? strtoul(text, NULL, 10) : 0;
    if (value == 0)
        return irsa_fail(reterr, IRSA_E_PARSE, "%s: \"%.100s\" is no number of attempts from 1 on",
                         source, text);
    config->max_attempts = (unsigned)value;
    return 0;
}

static int choose_switches(struct irsa_aws_config *config, struct irsa_error **reterr)
{
    const char *bundle = NULL;
    if (irsa_aws_config_setting(config, "AWS_CA_BUNDLE", "ca_bundle", &bundle,
                                &config->ca_bundle_source, reterr)
            != 0
        || irsa_aws_config_switch(config, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint",
                                  &config->use_fips, reterr)
               != 0
        || irsa_aws_config_switch(config, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint",
                                  &config->use_dualstack, reterr)
               != 0)
        return -1;
    config->ca_bundle = bundle ? irsa_strdup(bundle) : NULL;
    return 0;
}

int irsa_aws_config_load(const struct irsa_aws_config_options *options, struct irsa_aws_config *ret,
                         struct irsa_error **reterr)
{
    *ret = (struct irsa_aws_config){.environment = options->environment, .home = home_of(options)};
    if (read_files(ret, reterr) == 0 && choose_profile(ret, options->profile, reterr) == 0
        && choose_region(ret, options->region, reterr) == 0 && choose_max_attempts(ret, reterr) == 0
        && choose_switches(ret, reterr) == 0)
        return 0;
    irsa_aws_config_done(ret);
    return -1;
}

void irsa_aws_config_done(struct irsa_aws_config *config)
{
    irsa_aws_files_done(&config->files);
    free(config->home);
    free(config->profile_name);
    free(config->profile_source);
    free(config->region);
    free(config->region_source);
    free(config->ca_bundle);
    free(config->ca_bundle_source);
    *config = (struct irsa_aws_config){0};
}

/* The endpoint_url of `SERVICE =` in the section that the profile's `services` names. */
static int services_endpoint(const struct irsa_aws_config *config, const char *service,
                             const char **ret, struct irsa_error **reterr)
{
    const struct irsa_aws_files *files = &config->files;
    const char *name = NULL;
    if (irsa_aws_profile_get(&config->profile, "services", &name, reterr) != 0)
        return -1;
    if (!name)
        return 0;
    const struct irsa_aws_section *section = irsa_aws_services(files, name);
    if (!section)
        return irsa_fail(reterr, IRSA_E_PARSE,
                         "profile %s names services = %s, and there is no [services %s] in %s",
                         config->profile_name, name, name, files->config.path);
    const struct irsa_aws_entry *entry = irsa_aws_section_entry(&files->config, section, service);
    for (size_t i = 0; entry && i < entry->block_len; i++) {
        if (strcmp(entry->block[i].key, "endpoint_url") == 0
            && irsa_aws_entry_text(&entry->block[i], files->config.path, ret, reterr) != 0)
            return -1;
    }
    return 0;
}

int irsa_aws_config_endpoint(const struct irsa_aws_config *config, const char *service,
                             const char **ret, struct irsa_error **reterr)
{
    *ret = NULL;
    bool ignored = false;
    if (irsa_aws_config_switch(config, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                               "ignore_configured_endpoint_urls", &ignored, reterr)
        != 0)
        return -1;
    if (ignored)
        return 0;
    irsa_autofree char *variable = irsa_format("AWS_ENDPOINT_URL_%s", service);
    for (char *p = variable; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    *ret = irsa_aws_variable(&config->environment, variable);
    if (!*ret)
        *ret = irsa_aws_variable(&config->environment, "AWS_ENDPOINT_URL");
    if (!*ret && services_endpoint(config, service, ret, reterr) != 0)
        return -1;
    return *ret ? 0 : irsa_aws_profile_get(&config->profile, "endpoint_url", ret, reterr);
}
