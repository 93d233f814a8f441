/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sources of credentials share. A source returns 0 with *ret_found true and *ret set, or
 * with *ret_found false after saying why in a note, or -1 with the error. *ret is empty when it is
 * called.
 */
#ifndef IRSA_FIX_AWS_CREDENTIALS_SOURCE_H
#define IRSA_FIX_AWS_CREDENTIALS_SOURCE_H

#include "aws/credentials.h"
#include "aws/endpoint.h"

#include <jansson.h>

struct irsa_aws_chain {
    const struct irsa_aws_chain_options *options;
    const struct irsa_aws_config *config;
    struct irsa_strings notes;   /* "SOURCE: why it gave nothing" */
    struct irsa_strings visited; /* profiles on the way of source_profile */
};

typedef int irsa_aws_source(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                            struct irsa_aws_credentials *ret, bool *ret_found,
                            struct irsa_error **reterr);
irsa_aws_source irsa_aws_from_environment;
irsa_aws_source irsa_aws_from_assume_role;
irsa_aws_source irsa_aws_from_web_identity;
irsa_aws_source irsa_aws_from_sso;
irsa_aws_source irsa_aws_from_credentials_file;
irsa_aws_source irsa_aws_from_login;
irsa_aws_source irsa_aws_from_process;
irsa_aws_source irsa_aws_from_config_file;
irsa_aws_source irsa_aws_from_container;
irsa_aws_source irsa_aws_from_imds;

/* The sources that read a profile, but for role_arn, in their order. web identity looks into the
 * environment for the profile that nobody asked for by --profile, and only when `use_environment`.
 */
int irsa_aws_from_profile(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                          bool use_environment, struct irsa_aws_credentials *ret, bool *ret_found,
                          struct irsa_error **reterr);
int irsa_aws_web_identity(struct irsa_aws_chain *chain, const struct irsa_aws_profile *profile,
                          bool use_environment, struct irsa_aws_credentials *ret, bool *ret_found,
                          struct irsa_error **reterr);

void irsa_aws_note(struct irsa_aws_chain *chain, const char *fmt, ...) IRSA_PRINTF(2, 3);
int64_t irsa_aws_now(const struct irsa_aws_chain *chain);
const char *irsa_aws_chain_variable(const struct irsa_aws_chain *chain, const char *name);

/* Fails with AUTH where the credentials have expired. Returns 0 or -1. */
int irsa_aws_check_expiry(const struct irsa_aws_chain *chain,
                          const struct irsa_aws_credentials *credentials,
                          struct irsa_error **reterr);

/* {"AccessKeyId", "SecretAccessKey", TOKEN_KEY, "Expiration"}, as containers, IMDS and processes
 * write them; the token and expiry of a process may be missing. False where a key is missing, not a
 * string or empty, with *ret_missing its name. */
bool irsa_aws_credentials_of_json(const json_t *json, const char *token_key, bool is_temporary,
                                  struct irsa_aws_credentials *ret, const char **ret_missing);

/* "2026-11-24T03:05:00Z", with a fraction, "UTC" or an offset; false for anything else. */
bool irsa_aws_time_parse(const char *text, int64_t *ret);
/* The form with Z; the caller's. */
char *irsa_aws_time_text(int64_t time);

/* Carries out one exchange by the chain's transport and clock, with that many attempts; the answer
 * or the error is in the exchange. */
void irsa_aws_run(const struct irsa_aws_chain *chain, struct irsa_exchange *exchange,
                  unsigned attempts);
/* An answer as JSON, NULL for anything else: bodies may hold secrets, so no reason is given. */
json_t *irsa_aws_response_json(const struct irsa_http_response *response);
/* For what holds secrets and is no irsa_secret: wiped and released at the end of the scope. */
void irsa_aws_wipe_string(char **text);
void irsa_aws_wipe_buf(struct irsa_buf *buf);
void irsa_aws_wipe_strings(struct irsa_strings *strings);
#define irsa_auto_wiped IRSA_CLEANUP(irsa_aws_wipe_string)

/* Where a service is, by the configuration; `name` is the service's there. No slash at the end. */
int irsa_aws_chain_endpoint(const struct irsa_aws_chain *chain, enum irsa_aws_service service,
                            const char *name, const char *region, struct irsa_aws_endpoint *ret,
                            struct irsa_error **reterr);

/* One STS call that gives credentials: "Action=...&Version=...". Parameters are name, value, name,
 * value, ...; signer NULL: unsigned. *ret's source is not set. */
int irsa_aws_sts_credentials(const struct irsa_aws_chain *chain, const char *action,
                             const struct irsa_strings *parameters,
                             const struct irsa_aws_credentials *signer,
                             struct irsa_aws_credentials *ret, struct irsa_error **reterr);

#endif
