/* SPDX-License-Identifier: Apache-2.0 */
/* One value with one value, by operator family:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * A value that is not of the family's form compares as unequal. */
#include "policy/match.h"

#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <strings.h>

static bool parse_number(const char *text, double *ret)
{
    if (!*text || strspn(text, "0123456789+-.eE") != strlen(text))
        return false;
    char *end = NULL;
    const double number = strtod(text, &end);
    if (*end || !isfinite(number))
        return false;
    *ret = number;
    return true;
}

static bool ordered(enum irsa_comparison comparison, double request, double policy)
{
    switch (comparison) {
    case IRSA_CMP_LT:
        return request < policy;
    case IRSA_CMP_LE:
        return request <= policy;
    case IRSA_CMP_GT:
        return request > policy;
    case IRSA_CMP_GE:
        return request >= policy;
    case IRSA_CMP_EQ:
    default:
        return request >= policy && request <= policy;
    }
}

/* Reads exactly `digits` digits, at most `max`. */
static bool take_digits(const char **p, int digits, int min, int max, int *ret)
{
    int value = 0;
    for (int i = 0; i < digits; i++, (*p)++) {
        if (**p < '0' || **p > '9')
            return false;
        value = value * 10 + (**p - '0');
    }
    *ret = value;
    return value >= min && value <= max;
}

static int month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : lengths[month - 1];
}

/* Days since 1970-01-01 of the proleptic Gregorian calendar. */
static double days_from_civil(int year, int month, int day)
{
    const int y = year - (month <= 2);
    const int era = (y >= 0 ? y : y - 399) / 400;
    const int of_era = y - era * 400;
    const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return (double)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* "Z", "+hh:mm" or "-hh:mm" to the end of the text. */
static bool take_zone(const char **p, int *ret_minutes)
{
    *ret_minutes = 0;
    if (**p == 'Z') {
        (*p)++;
        return true;
    }
    if (**p != '+' && **p != '-')
        return false;
    const int sign = **p == '-' ? -1 : 1;
    (*p)++;
    int hours = 0;
    int minutes = 0;
    if (!take_digits(p, 2, 0, 23, &hours) || *(*p)++ != ':' || !take_digits(p, 2, 0, 59, &minutes))
        return false;
    *ret_minutes = sign * (hours * 60 + minutes);
    return true;
}

/* hh:mm[:ss[.s]]ZONE */
static bool take_time(const char **p, double *ret_seconds)
{
    int hour = 0;
    int minute = 0;
    int second = 0;
    double fraction = 0;
    if (!take_digits(p, 2, 0, 23, &hour) || *(*p)++ != ':' || !take_digits(p, 2, 0, 59, &minute))
        return false;
    if (**p == ':') {
        (*p)++;
        if (!take_digits(p, 2, 0, 60, &second))
            return false;
        if (**p == '.') {
            double scale = 0.1;
            for ((*p)++; **p >= '0' && **p <= '9'; (*p)++, scale /= 10)
                fraction += (**p - '0') * scale;
        }
    }
    int zone = 0;
    if (!take_zone(p, &zone))
        return false;
    *ret_seconds = hour * 3600.0 + (minute - zone) * 60.0 + second + fraction;
    return true;
}

/* The W3C profile of ISO 8601 (https://www.w3.org/TR/NOTE-datetime): YYYY, YYYY-MM, YYYY-MM-DD, and
 * the last with a time and zone; or seconds since the epoch. Digits alone are a year only when
 * there are four of them. */
static bool parse_date(const char *text, double *ret)
{
    const size_t digits = strspn(text, "0123456789");
    if (digits != 4)
        return parse_number(text, ret);
    const char *p = text;
    int year = 0;
    int month = 1;
    int day = 1;
    double seconds = 0;
    if (!take_digits(&p, 4, 0, 9999, &year))
        return false;
    if (*p == '-') {
        p++;
        if (!take_digits(&p, 2, 1, 12, &month))
            return false;
        if (*p == '-') {
            p++;
            if (!take_digits(&p, 2, 1, month_length(year, month), &day))
                return false;
            if (*p == 'T') {
                p++;
                if (!take_time(&p, &seconds))
                    return false;
            }
        }
    }
    if (*p)
        return false;
    *ret = days_from_civil(year, month, day) * 86400 + seconds;
    return true;
}

/* An address of either family as 16 bytes, with the family; the prefix length where `/n` follows.
 */
struct address {
    int family;
    unsigned char bytes[16];
    unsigned bits;
};

static bool parse_address(const char *text, struct address *ret)
{
    char host[64];
    const size_t len = strcspn(text, "/");
    if (len == 0 || len >= sizeof(host))
        return false;
    memcpy(host, text, len);
    host[len] = '\0';
    *ret = (struct address){.family = strchr(host, ':') ? AF_INET6 : AF_INET};
    if (inet_pton(ret->family, host, ret->bytes) != 1)
        return false;
    const unsigned max = ret->family == AF_INET ? 32 : 128;
    ret->bits = max; /* "without the associated routing prefix, IAM uses the default" of one host */
    if (text[len] != '/')
        return true;
    const char *digits = text + len + 1;
    if (!*digits || strlen(digits) > 3 || strspn(digits, "0123456789") != strlen(digits))
        return false;
    ret->bits = (unsigned)strtoul(digits, NULL, 10);
    return ret->bits <= max;
}

static bool address_in(const char *range_text, const char *text)
{
    struct address range;
    struct address address;
    if (!parse_address(range_text, &range) || !parse_address(text, &address)
        || range.family != address.family || address.bits < range.bits)
        return false;
    const unsigned whole = range.bits / 8;
    if (memcmp(range.bytes, address.bytes, whole) != 0)
        return false;
    const unsigned rest = range.bits % 8;
    if (rest == 0)
        return true;
    const unsigned mask = (0xffu << (8 - rest)) & 0xffu;
    return ((range.bytes[whole] ^ address.bytes[whole]) & mask) == 0;
}

bool irsa_value_fits(enum irsa_operator_family family, const char *text)
{
    double number = 0;
    struct address address;
    switch (family) {
    case IRSA_FAMILY_NUMERIC:
        return parse_number(text, &number);
    case IRSA_FAMILY_DATE:
        return parse_date(text, &number);
    case IRSA_FAMILY_IP:
        return parse_address(text, &address);
    case IRSA_FAMILY_BOOL:
    case IRSA_FAMILY_NULL:
        return strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0;
    case IRSA_FAMILY_STRING:
    case IRSA_FAMILY_STRING_CASE:
    case IRSA_FAMILY_STRING_LIKE:
    case IRSA_FAMILY_BINARY:
    case IRSA_FAMILY_ARN:
    default:
        return true;
    }
}

bool irsa_compare(const struct irsa_operator *op, const char *policy_text, const char *request_text)
{
    double policy = 0;
    double request = 0;
    switch (op->family) {
    case IRSA_FAMILY_STRING:
        return strcmp(policy_text, request_text) == 0;
    case IRSA_FAMILY_STRING_CASE:
    case IRSA_FAMILY_BOOL:
        return strcasecmp(policy_text, request_text) == 0;
    case IRSA_FAMILY_STRING_LIKE:
        return irsa_pattern_match(policy_text, request_text, /* ignore_case= */ false);
    case IRSA_FAMILY_NUMERIC:
        return parse_number(policy_text, &policy) && parse_number(request_text, &request)
               && ordered(op->comparison, request, policy);
    case IRSA_FAMILY_DATE:
        return parse_date(policy_text, &policy) && parse_date(request_text, &request)
               && ordered(op->comparison, request, policy);
    case IRSA_FAMILY_BINARY:
        /* Both sides are base64 of the bytes here; equal bytes have one encoding. */
        return strcmp(policy_text, request_text) == 0;
    case IRSA_FAMILY_IP:
        return address_in(policy_text, request_text);
    case IRSA_FAMILY_ARN:
        return irsa_arn_like(policy_text, request_text);
    case IRSA_FAMILY_NULL:
    default:
        return false;
    }
}
