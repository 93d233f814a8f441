/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/facts.h"

#include <ctype.h>

/* `count` digits at *text, which moves on. */
static bool take_digits(const char **text, int count, int *ret)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (!isdigit((unsigned char)**text))
            return false;
        value = value * 10 + (**text - '0');
    }
    *ret = value;
    return true;
}

static bool take_char(const char **text, const char *any_of)
{
    if (!**text || !strchr(any_of, **text))
        return false;
    (*text)++;
    return true;
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar, by counting years from March. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static bool take_zone(const char **text, int64_t *ret_offset)
{
    int hours = 0;
    int minutes = 0;
    char sign = **text;
    *ret_offset = 0;
    if (take_char(text, "zZ"))
        return true;
    if (!take_char(text, "+-") || !take_digits(text, 2, &hours))
        return false;
    (void)take_char(text, ":");
    if (!take_digits(text, 2, &minutes))
        return false;
    int64_t offset = (int64_t)hours * 3600 + (int64_t)minutes * 60;
    *ret_offset = sign == '-' ? -offset : offset;
    return true;
}

/* RFC 3339: 2026-11-24T06:24:11Z, 2026-11-24T06:24:11.123456+00:00 */
int64_t irsa_time_parse(const char *text)
{
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int64_t offset = 0;
    if (!text)
        return 0;
    if (!take_digits(&text, 4, &year) || !take_char(&text, "-") || !take_digits(&text, 2, &month)
        || !take_char(&text, "-") || !take_digits(&text, 2, &day) || !take_char(&text, "tT ")
        || !take_digits(&text, 2, &hour) || !take_char(&text, ":")
        || !take_digits(&text, 2, &minute) || !take_char(&text, ":")
        || !take_digits(&text, 2, &second))
        return 0;
    if (take_char(&text, "."))
        text += strspn(text, "0123456789");
    if (!take_zone(&text, &offset) || *text)
        return 0;
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
        return 0;
    return days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
}
