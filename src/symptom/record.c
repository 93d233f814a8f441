/* SPDX-License-Identifier: Apache-2.0 */
#include "symptom/record.h"

#include <ctype.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "2023-01-12", "2023/01/12", "20:51:40", "1612345678." */
static bool starts_with_time(const char *line, size_t len)
{
    size_t digits = 0;
    while (digits < len && is_digit(line[digits]))
        digits++;
    return digits >= 2 && digits < len && strchr("-/:.", line[digits]) && digits + 1 < len
           && is_digit(line[digits + 1]);
}

/* "E0111 21:49:23.808922" (klog) */
static bool starts_with_klog(const char *line, size_t len)
{
    return len > 6 && strchr("IWEF", line[0]) && is_digit(line[1]) && is_digit(line[2])
           && is_digit(line[3]) && is_digit(line[4]) && line[5] == ' ';
}

/* "Caused by: " is none: it goes on with what is above it. */
static bool starts_with_word(const char *line, size_t len)
{
    static const char *const words[] = {
        "time=",
        "level=",
        "ts=",
        "{\"",
        "INFO",
        "WARN",
        "ERROR",
        "DEBUG",
        "FATAL",
        "TRACE",
        "Jan ",
        "Feb ",
        "Mar ",
        "Apr ",
        "May ",
        "Jun ",
        "Jul ",
        "Aug ",
        "Sep ",
        "Oct ",
        "Nov ",
        "Dec ",
        "$ ",
        "Warning  ",
        "Normal  ",
        "Traceback ",
        "An error occurred (",
        "Unhandled exception",
    };
    for (size_t i = 0; i < IRSA_COUNT(words); i++) {
        const size_t word_len = strlen(words[i]);
        if (len >= word_len && strncmp(line, words[i], word_len) == 0)
            return true;
    }
    return false;
}

bool symptom_record_starts(const char *line, size_t len)
{
    size_t skip = 0; /* indentation of events, quoting marks, brackets: "[ warn]" */
    while (skip < len && skip < 8 && strchr(" >|[", line[skip]))
        skip++;
    line += skip;
    len -= skip;
    return starts_with_time(line, len) || starts_with_klog(line, len)
           || starts_with_word(line, len);
}

static size_t line_end(const char *data, size_t len, size_t at)
{
    const char *end = memchr(data + at, '\n', len - at);
    return end ? (size_t)(end - data) : len;
}

static bool is_blank(const char *line, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (!isspace((unsigned char)line[i]))
            return false;
    }
    return true;
}

static size_t line_start(const char *data, size_t at, size_t limit)
{
    const char *found = at > limit ? memrchr(data + limit, '\n', at - limit) : NULL;
    return found ? (size_t)(found - data) + 1 : limit;
}

static size_t walk_back(const char *data, size_t len, size_t at)
{
    const size_t limit = at > SYMPTOM_RECORD_BEFORE ? at - SYMPTOM_RECORD_BEFORE : 0;
    size_t start = line_start(data, at, limit);
    for (size_t lines = 0; lines < SYMPTOM_RECORD_LINES && start > limit; lines++) {
        if (symptom_record_starts(data + start, line_end(data, len, start) - start))
            break;
        const size_t before = line_start(data, start - 1, limit);
        if (is_blank(data + before, start - 1 - before))
            break;
        start = before;
    }
    return start;
}

bool symptom_record_around(const char *data, size_t len, size_t at, bool more_may_come,
                           size_t *ret_start, size_t *ret_end)
{
    const size_t limit = len - at > SYMPTOM_RECORD_AFTER ? at + SYMPTOM_RECORD_AFTER : len;
    size_t end = line_end(data, limit, at);
    for (size_t lines = 0; lines < SYMPTOM_RECORD_LINES && end + 1 < limit; lines++) {
        const size_t next = line_end(data, limit, end + 1);
        const char *line = data + end + 1;
        if (next == len && more_may_come)
            return false;
        if (is_blank(line, next - end - 1) || symptom_record_starts(line, next - end - 1))
            break;
        end = next;
    }
    if (more_may_come && limit == len && end + 1 >= limit)
        return false;
    *ret_start = walk_back(data, len, at);
    *ret_end = end;
    return true;
}
