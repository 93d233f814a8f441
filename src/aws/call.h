/* SPDX-License-Identifier: Apache-2.0 */
/* The stages of a call, each on its own so that tests can look at it: parameters to a request, an
 * answer to the AWS CLI's JSON, a refusal to an error. */
#ifndef IRSA_FIX_AWS_CALL_H
#define IRSA_FIX_AWS_CALL_H

#include "irsa/aws.h"

/* --- request (call_request.c) ----------------------------------------------------------------- */

/* The form of the query protocol: "Action=GetRole&Version=2010-05-08&RoleName=app", lists as
 * NAME.member.N (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonParameters.html). */
void irsa_aws_query_body(const struct irsa_aws_spec *spec, const json_t *parameters,
                         struct irsa_buf *ret);
/* REST: the path with its {parameters} filled in and the others as query, sorted by name. */
void irsa_aws_rest_target(const struct irsa_aws_spec *spec, const json_t *parameters,
                          struct irsa_buf *ret);
/* What a request borrows. */
struct irsa_aws_wire {
    char *url;
    struct irsa_buf body;
};
void irsa_aws_wire_done(struct irsa_aws_wire *wire);
/* Method, URL, headers and body; unsigned. `endpoint` has no slash at its end. Replaces what is in
 * *wire and *ret, which borrows from the former and from label. */
void irsa_aws_request(const struct irsa_aws_spec *spec, const char *label, const char *endpoint,
                      const json_t *parameters, struct irsa_aws_wire *wire,
                      struct irsa_http_request *ret);

/* --- answer (call_answer.c) ------------------------------------------------------------------- */

/* The answer of an operation of either protocol, whatever it says. */
struct irsa_aws_reply {
    json_t *result;   /* in the AWS CLI's form; NULL: it is an error */
    char *code;       /* "NoSuchEntity"; NULL: none given */
    char *message;    /* or NULL */
    char *request_id; /* or NULL */
};
void irsa_aws_reply_done(struct irsa_aws_reply *reply);
#define irsa_auto_aws_reply IRSA_CLEANUP(irsa_aws_reply_done) struct irsa_aws_reply
/* Errors: PARSE, LIMIT, beginning with `what`: an answer of status 200 that is none. What an error
 * status comes with may be anything. */
int irsa_aws_reply_read(const struct irsa_aws_spec *spec, const char *what,
                        const struct irsa_http_response *response, struct irsa_aws_reply *ret,
                        struct irsa_error **reterr);
/* Types the strings of a query answer as the AWS CLI prints them: numbers, booleans, times, policy
 * documents decoded and parsed. */
void irsa_aws_result_type(json_t *result);
/* Appends a further page to what there is: arrays grow, the rest is replaced. */
void irsa_aws_result_append(json_t *result, json_t *page);
/* Sets the parameters for the page after this one; false where it was the last. The token and
 * IsTruncated leave the page. */
bool irsa_aws_next_page(const struct irsa_aws_spec *spec, json_t *page, json_t *parameters);

/* --- refusals (call_error.c) ------------------------------------------------------------------ */

enum irsa_error_kind irsa_aws_refusal_kind(const char *code, long status);
/* Where a call goes, for messages. */
struct irsa_aws_place {
    const char *label; /* "iam:GetRole" */
    const char *host;
    const char *region;
};
/* "iam:GetRole at HOST: CODE: message (request id ...)", with a hint. Returns -1. */
int irsa_aws_refusal_fail(const struct irsa_aws_place *place, long status,
                          const struct irsa_aws_reply *reply, struct irsa_error **reterr);

/* --- who calls (session.c) -------------------------------------------------------------------- */

/* The endpoint of a service, found once; borrowed. */
struct irsa_aws_endpoint;
int irsa_aws_service_endpoint(struct irsa_aws *aws, const char *service,
                              const struct irsa_aws_endpoint **ret, struct irsa_error **reterr);
/* Signs with the identity's credentials. */
int irsa_aws_sign(struct irsa_aws *aws, const struct irsa_aws_endpoint *endpoint,
                  struct irsa_http_request *request, int64_t now, struct irsa_error **reterr);
/* A presigned URL of `target` ("/?Action=...") at the service in that region (NULL: the
 * identity's), good for `seconds`. *expiry is lowered to when the credentials expire, if that is
 * sooner. */
int irsa_aws_presign_sts(struct irsa_aws *aws, const char *region, const char *target,
                         struct irsa_http_request *request, unsigned seconds,
                         struct irsa_secret *ret_url, int64_t *expiry, struct irsa_error **reterr);
/* An identity by credentials at hand, which become its own, over the connections of `home`. */
struct irsa_aws_credentials;
struct irsa_aws *irsa_aws_with_credentials(struct irsa_aws *home,
                                           struct irsa_aws_credentials *credentials);
struct irsa_transport *irsa_aws_transport(struct irsa_aws *aws);
/* What is the identity's of a policy for retries: attempts, quota, clock skew, interruption. */
void irsa_aws_retry_policy(struct irsa_aws *aws, struct irsa_retry_policy *ret);
/* Milliseconds of one attempt; 0: the default. */
long irsa_aws_timeout(const struct irsa_aws *aws);

#endif
