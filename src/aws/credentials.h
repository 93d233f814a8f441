/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Credentials as the AWS CLI, version 2, finds them: the same sources in the same order
 * (https://docs.aws.amazon.com/cli/latest/userguide/cli-chap-configure.html#configure-precedence;
 * create_credential_resolver in botocore's credentials.py), one file each. Probing is quiet,
 * failing is loud: a source that is not set up is passed over, one that is set up and gives nothing
 * is an error, and when none gives anything one error lists them all.
 *
 * Not in the chain: the files of tools that are no more (AWS_CREDENTIAL_FILE, BOTO_CONFIG).
 */
#ifndef IRSA_FIX_AWS_CREDENTIALS_H
#define IRSA_FIX_AWS_CREDENTIALS_H

#include "aws/config.h"
#include "irsa/net.h"

struct irsa_aws_credentials {
    struct irsa_secret access_key_id;
    struct irsa_secret secret_access_key;
    struct irsa_secret session_token; /* empty: long-term keys */
    int64_t expires_at;               /* Unix seconds; 0: they don't, or nobody said */
    char *source;                     /* where they come from, for people; nothing secret in it */
};
void irsa_aws_credentials_done(struct irsa_aws_credentials *credentials);
#define irsa_auto_aws_credentials                                                                  \
    IRSA_CLEANUP(irsa_aws_credentials_done) struct irsa_aws_credentials

/* What finding them takes. */
struct irsa_aws_chain_options {
    const struct irsa_aws_config *config;
    struct irsa_transport *transport;
    /* Clock, sleep and random of the requests, and `interrupted`; NULL: the real ones. */
    const struct irsa_retry_policy *retry;
    const char *region; /* of STS; NULL: config's, else STS's global endpoint */
    /* Asks on a terminal: the answer, the caller's, or NULL where there is nobody to ask. NULL: the
     * controlling terminal, without echo. */
    char *(*prompt)(void *context, const char *question);
    void *prompt_context;
    int64_t (*now)(void); /* NULL: the real clock */
    long process_ms;      /* what credential_process may take; 0: IRSA_AWS_PROCESS_MS */
};
#define IRSA_AWS_PROCESS_MS 60000L

/* Walks the chain. Errors: AUTH (nothing found, refused or expired), PARSE (a setting or a file
 * that is wrong), NOT_FOUND (a profile or file named in a profile), IO, NET, LIMIT, ACCESS. */
int irsa_aws_credentials_find(const struct irsa_aws_chain_options *options,
                              struct irsa_aws_credentials *ret, struct irsa_error **reterr);

/* AssumeRole by credentials at hand, for roles of other accounts; `external_id` may be NULL.
 * Errors: AUTH, ACCESS, NET, PARSE. */
int irsa_aws_assume_role(const struct irsa_aws_chain_options *options,
                         const struct irsa_aws_credentials *source, const char *role_arn,
                         const char *external_id, struct irsa_aws_credentials *ret,
                         struct irsa_error **reterr);

/* The region of the instance that this runs on, by IMDS; *ret (the caller's) is NULL where there is
 * none or IMDS is turned off. Errors: PARSE (of settings). */
int irsa_aws_imds_region(const struct irsa_aws_chain_options *options, char **ret,
                         struct irsa_error **reterr);

#endif
