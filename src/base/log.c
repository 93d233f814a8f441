/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/base.h"

static enum irsa_log_level level_now = IRSA_LOG_WARNING;

static void (*before_line)(void);

void irsa_log_before(void (*function)(void))
{
    before_line = function;
}

void irsa_log_set_level(enum irsa_log_level level)
{
    level_now = level;
}

bool irsa_log_shows(enum irsa_log_level level)
{
    return level <= level_now;
}

static void add_escaped(struct irsa_buf *buf, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            irsa_buf_addf(buf, "\\x%02x", *p);
        else
            irsa_buf_addc(buf, (char)*p);
    }
}

void irsa_log(enum irsa_log_level level, const char *fmt, ...)
{
    static const char *const prefixes[] = {
        "irsa-fix: error: ", "irsa-fix: warning: ", "irsa-fix: ", "irsa-fix: "};
    if (level > level_now)
        return;
    va_list args;
    va_start(args, fmt);
    char *text = NULL;
    if (vasprintf(&text, fmt, args) < 0)
        abort();
    va_end(args);
    irsa_auto_buf line = {0};
    irsa_buf_adds(&line, prefixes[level]);
    add_escaped(&line, text);
    free(text);
    irsa_buf_addc(&line, '\n');
    if (before_line)
        before_line();
    (void)fwrite(line.data, 1, line.len, stderr);
}
