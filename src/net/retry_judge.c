/* SPDX-License-Identifier: Apache-2.0 */
#include "net/retry.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <time.h>

/* RFC 9110, section 9.2.1. PUT and DELETE are idempotent, but what they answer the second time need
 * not be what they answered the first time. */
static bool is_safe(const char *method)
{
    return strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0
           || strcmp(method, "OPTIONS") == 0;
}

/* https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html names the status
 * codes; 429 and 503 say that nothing was carried out (RFC 6585, section 4; RFC 9110,
 * section 15.6.4). */
static enum irsa_retry judge_status(const struct irsa_exchange *exchange)
{
    switch (exchange->response.status) {
    case 429:
        return IRSA_RETRY_THROTTLED;
    case 503:
        return IRSA_RETRY_TRANSIENT;
    case 500:
    case 502:
    case 504:
        return is_safe(exchange->request.method) ? IRSA_RETRY_TRANSIENT : IRSA_RETRY_NO;
    default:
        return IRSA_RETRY_NO;
    }
}

enum irsa_retry irsa_http_judge(const struct irsa_exchange *exchange)
{
    switch (exchange->failure) {
    case IRSA_HTTP_ANSWERED:
        return exchange->error ? IRSA_RETRY_NO : judge_status(exchange);
    case IRSA_HTTP_DNS:
    case IRSA_HTTP_CONNECT:
    case IRSA_HTTP_PROXY:
    case IRSA_HTTP_TIMEOUT:
    case IRSA_HTTP_RESET:
    case IRSA_HTTP_CUT_OFF:
        return is_safe(exchange->request.method) || !exchange->may_have_arrived
                   ? IRSA_RETRY_TRANSIENT
                   : IRSA_RETRY_NO;
    default: /* a certificate, a limit, a wrong address: it would be the same again */
        return IRSA_RETRY_NO;
    }
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", the one form that is sent (RFC 9110, section 5.6.7). */
static int64_t read_date(const char *text)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm when = {0};
    char month[4] = "";
    const char *comma = strchr(text, ',');
    if (!comma
        || sscanf(comma + 1, " %2d %3[A-Za-z] %4d %2d:%2d:%2d GMT", &when.tm_mday, month,
                  &when.tm_year, &when.tm_hour, &when.tm_min, &when.tm_sec)
               != 6)
        return -1;
    when.tm_mon = -1;
    for (int i = 0; i < (int)IRSA_COUNT(months); i++) {
        if (strcmp(months[i], month) == 0)
            when.tm_mon = i;
    }
    if (when.tm_mon < 0 || when.tm_year < 1970)
        return -1;
    when.tm_year -= 1900;
    return timegm(&when);
}

int64_t irsa_retry_date(const struct irsa_http_response *response)
{
    const char *date = irsa_http_header(response, "date");
    return date ? read_date(date) : -1;
}

static bool read_number(const char *text, long *ret)
{
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end = NULL;
    errno = 0;
    const long value = strtol(text, &end, 10);
    if (errno != 0 || *end != '\0')
        return false;
    *ret = value;
    return true;
}

long irsa_retry_after(const struct irsa_http_response *response, int64_t now, bool *ret_at_most)
{
    long value = 0;
    const char *text = irsa_http_header(response, "x-amz-retry-after");
    *ret_at_most = true;
    if (text && read_number(text, &value)) /* milliseconds */
        return value;
    *ret_at_most = false;
    text = irsa_http_header(response, "retry-after"); /* RFC 9110, section 10.2.3 */
    if (!text)
        return -1;
    if (read_number(text, &value))
        return value > LONG_MAX / 1000 ? LONG_MAX : value * 1000;
    const int64_t date = read_date(text);
    if (date < 0)
        return -1;
    return date > now ? (long)(date - now) * 1000 : 0;
}
