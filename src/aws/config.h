/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the AWS CLI would be set to: profile, region, endpoints and switches, each from the command
 * line, the environment or the profile, in the CLI's order
 * (https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html#configure-precedence,
 * https://docs.aws.amazon.com/sdkref/latest/guide/settings-reference.html). An empty variable
 * counts as unset, and so does an empty setting. The environment comes through a function, so that
 * nothing here depends on the process.
 */
#ifndef IRSA_FIX_AWS_CONFIG_H
#define IRSA_FIX_AWS_CONFIG_H

#include "aws/profile.h"

struct irsa_aws_environment {
    const char *(*get)(void *context, const char *name); /* NULL: getenv */
    void *context;
};
/* The variable, or NULL where it is unset or empty. */
const char *irsa_aws_variable(const struct irsa_aws_environment *environment, const char *name);

struct irsa_aws_config_options {
    const char *profile; /* --profile, or NULL */
    const char *region;  /* --region, or NULL */
    struct irsa_aws_environment environment;
    const char *home; /* NULL: HOME, else the user's of the password file */
};

struct irsa_aws_config {
    struct irsa_aws_environment environment;
    struct irsa_aws_files files;
    char *home;
    char *profile_name;     /* "default" where nobody asked for another */
    bool profile_is_option; /* --profile: the environment's credentials are not looked at */
    bool profile_is_asked_for;
    char *profile_source; /* "--profile", "AWS_PROFILE", ...; NULL where nobody asked */
    struct irsa_aws_profile profile;
    char *region;        /* NULL: the kubeconfig or IMDS may know */
    char *region_source; /* "--region", "AWS_REGION", "region of profile x"; NULL with region */
    char *ca_bundle;     /* AWS_CA_BUNDLE, ca_bundle; NULL: the system's */
    char *ca_bundle_source;
    unsigned max_attempts; /* 3 where nobody says */
    bool use_fips;
    bool use_dualstack;
};

/* Reads the files and makes the settings out. Errors: USAGE (--region that can't be one), IO,
 * PARSE, LIMIT, NOT_FOUND (a profile asked for that does not exist). */
int irsa_aws_config_load(const struct irsa_aws_config_options *options, struct irsa_aws_config *ret,
                         struct irsa_error **reterr);
void irsa_aws_config_done(struct irsa_aws_config *config);
#define irsa_auto_aws_config IRSA_CLEANUP(irsa_aws_config_done) struct irsa_aws_config

/* A setting that a variable or, behind it, the profile may give; *ret is borrowed, NULL where
 * neither does; *ret_source, the caller's, says which ("AWS_X", "x of profile p"), and may be NULL.
 * Errors: PARSE. */
int irsa_aws_config_setting(const struct irsa_aws_config *config, const char *variable,
                            const char *key, const char **ret, char **ret_source,
                            struct irsa_error **reterr);
/* True where such a setting says "true", in any case. */
int irsa_aws_config_switch(const struct irsa_aws_config *config, const char *variable,
                           const char *key, bool *ret, struct irsa_error **reterr);

/* The endpoint that the user set for a service ("iam", "sts", "eks", "sso", "sso_oidc",
 * "signin"), borrowed;
 * NULL: none. AWS_ENDPOINT_URL_SERVICE, AWS_ENDPOINT_URL, the profile's `services`, its
 * endpoint_url, in this order
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html). Errors: PARSE. */
int irsa_aws_config_endpoint(const struct irsa_aws_config *config, const char *service,
                             const char **ret, struct irsa_error **reterr);

/* The path of a file as the CLI makes it out: variables, then `~` for the home directory; the
 * caller's. */
char *irsa_aws_expand_path(const struct irsa_aws_config *config, const char *path);

/* Whether a text can be a region's name: a host label, not of digits alone. */
bool irsa_aws_region_valid(const char *region);

#endif
