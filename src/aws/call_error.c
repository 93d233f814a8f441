/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Refusals. Codes: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html, the
 * Errors sections of each operation, and for EKS
 * https://docs.aws.amazon.com/eks/latest/APIReference/CommonErrors.html.
 */
#include "aws/call.h"

enum irsa_error_kind irsa_aws_refusal_kind(const char *code, long status)
{
    static const struct {
        const char *code;
        enum irsa_error_kind kind;
    } kinds[] = {
        {"AccessDenied", IRSA_E_ACCESS},
        {"AccessDeniedException", IRSA_E_ACCESS},
        {"NotAuthorized", IRSA_E_ACCESS},
        {"UnauthorizedOperation", IRSA_E_ACCESS},
        {"AuthFailure", IRSA_E_AUTH},
        {"ExpiredToken", IRSA_E_AUTH},
        {"ExpiredTokenException", IRSA_E_AUTH},
        {"IncompleteSignature", IRSA_E_AUTH},
        {"InvalidAccessKeyId", IRSA_E_AUTH},
        {"InvalidClientTokenId", IRSA_E_AUTH},
        {"InvalidSignatureException", IRSA_E_AUTH},
        {"InvalidToken", IRSA_E_AUTH},
        {"MissingAuthenticationToken", IRSA_E_AUTH},
        {"MissingAuthenticationTokenException", IRSA_E_AUTH},
        {"OptInRequired", IRSA_E_AUTH}, /* no permission helps, and no other read */
        {"RegionDisabledException", IRSA_E_AUTH},
        {"RequestExpired", IRSA_E_AUTH},
        {"SignatureDoesNotMatch", IRSA_E_AUTH},
        {"UnrecognizedClientException", IRSA_E_AUTH},
        {"NoSuchEntity", IRSA_E_NOT_FOUND},
        {"NoSuchEntityException", IRSA_E_NOT_FOUND},
        {"NotFoundException", IRSA_E_NOT_FOUND},
        {"ResourceNotFoundException", IRSA_E_NOT_FOUND},
        {"ConcurrentModification", IRSA_E_CONFLICT},
        {"DeleteConflict", IRSA_E_CONFLICT},
        {"EntityAlreadyExists", IRSA_E_CONFLICT},
        {"EntityTemporarilyUnmodifiable", IRSA_E_CONFLICT},
        {"ResourceInUseException", IRSA_E_CONFLICT},
        {"LimitExceeded", IRSA_E_LIMIT},
        {"ResourceLimitExceededException", IRSA_E_LIMIT},
    };
    for (size_t i = 0; code && i < IRSA_COUNT(kinds); i++) {
        if (strcmp(kinds[i].code, code) == 0)
            return kinds[i].kind;
    }
    if (status == 429 || status >= 500)
        return IRSA_E_NET;
    if (!code && status == 401)
        return IRSA_E_AUTH;
    if (!code && status == 403)
        return IRSA_E_ACCESS;
    return IRSA_E_PARSE;
}

static bool is_one_of(const char *code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(code, codes[i]) == 0)
            return true;
    }
    return false;
}

static bool is_throttling(const char *code, long status)
{
    static const char *const codes[] = {"Throttling", "ThrottlingException", "RequestLimitExceeded",
                                        "TooManyRequestsException", "SlowDown"};
    return status == 429 || (code && is_one_of(code, codes, IRSA_COUNT(codes)));
}

/* Who refuses is in the message since 2021
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html). */
static int hint_access(const struct irsa_aws_place *place, const struct irsa_aws_reply *reply,
                       struct irsa_error **reterr)
{
    const char *message = reply->message ? reply->message : "";
    if (strstr(message, "service control policy"))
        return irsa_hint(reterr, "a service control policy of the organization is in the way: no "
                                 "policy of the account itself can allow it");
    if (strstr(message, "explicit deny"))
        return irsa_hint(reterr, "some policy denies it explicitly; allowing it elsewhere does not "
                                 "help");
    return irsa_hint(reterr,
                     "allow %s to who calls; `irsa-fix permissions` prints the policy that "
                     "is needed",
                     place->label);
}

static int hint_auth(const char *region, const struct irsa_aws_reply *reply,
                     struct irsa_error **reterr)
{
    static const char *const expired[] = {"ExpiredToken", "ExpiredTokenException"};
    static const char *const unknown[] = {"InvalidClientTokenId", "UnrecognizedClientException",
                                          "InvalidAccessKeyId", "InvalidToken", "AuthFailure"};
    static const char *const wrong[] = {"SignatureDoesNotMatch", "InvalidSignatureException",
                                        "IncompleteSignature"};
    const char *code = reply->code ? reply->code : "";
    if (is_one_of(code, expired, IRSA_COUNT(expired)))
        return irsa_hint(reterr,
                         "the credentials have expired: get new ones, as by `aws sso login` "
                         "or `aws login`");
    /* "reached the service more than 15 minutes after the date stamp on the request" */
    if (strcmp(code, "RequestExpired") == 0)
        return irsa_hint(reterr, "this machine's clock is wrong");
    if (strcmp(code, "RegionDisabledException") == 0)
        return irsa_hint(
            reterr,
            "STS is not active in %s for this account: an administrator turns it on in "
            "IAM's account settings; or choose another region with --region",
            region);
    if (strcmp(code, "OptInRequired") == 0)
        return irsa_hint(reterr, "region %s is not enabled for this account", region);
    /* Regions that are not enabled don't know the keys
     * (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html).
     */
    if (is_one_of(code, unknown, IRSA_COUNT(unknown)))
        return irsa_hint(
            reterr,
            "the access key does not exist any more, is of another partition, lacks its "
            "session token; or region %s is not enabled for the account",
            region);
    if (is_one_of(code, wrong, IRSA_COUNT(wrong)))
        return irsa_hint(reterr, "the secret access key does not belong to the access key, or this "
                                 "machine's clock is wrong");
    return irsa_hint(reterr, "`aws sts get-caller-identity` shows who the AWS CLI would be");
}

static int add_hint(const struct irsa_aws_place *place, long status,
                    const struct irsa_aws_reply *reply, struct irsa_error **reterr)
{
    if (is_throttling(reply->code, status))
        return irsa_hint(reterr, "AWS limits how often it is asked; try again in a while");
    switch (irsa_error_kind(*reterr)) {
    case IRSA_E_ACCESS:
        return hint_access(place, reply, reterr);
    case IRSA_E_AUTH:
        return hint_auth(place->region, reply, reterr);
    case IRSA_E_NET:
        return irsa_hint(reterr,
                         "AWS could not answer; https://health.aws.amazon.com may know more");
    default:
        return -1;
    }
}

int irsa_aws_refusal_fail(const struct irsa_aws_place *place, long status,
                          const struct irsa_aws_reply *reply, struct irsa_error **reterr)
{
    irsa_auto_buf text = {0};
    enum irsa_error_kind kind = is_throttling(reply->code, status)
                                    ? IRSA_E_NET
                                    : irsa_aws_refusal_kind(reply->code, status);
    irsa_buf_addf(&text, "%s at %s: ", place->label, place->host);
    if (reply->code)
        irsa_buf_adds(&text, reply->code);
    else
        irsa_buf_addf(&text, "HTTP status %ld", status);
    /* The first line: behind it SignatureDoesNotMatch gives the canonical request, which has the
     * session token in it. */
    if (reply->message)
        irsa_buf_addf(&text, ": %.*s", (int)strcspn(reply->message, "\r\n"), reply->message);
    if (reply->request_id)
        irsa_buf_addf(&text, " (request id %s)", reply->request_id);
    (void)irsa_fail(reterr, kind, "%s", irsa_buf_str(&text));
    return add_hint(place, status, reply, reterr);
}
