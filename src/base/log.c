/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/base.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* To the first column, and what is right of it goes (ECMA-48, EL). */
#define ERASER "\r\033[K"
#define COLUMNS 80

static enum irsa_log_level level_now = IRSA_LOG_NOTICE;
static volatile sig_atomic_t status_stands;

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
        "irsa-fix: error: ", "irsa-fix: warning: ", "irsa-fix: ", "irsa-fix: ", "irsa-fix: "};
    if (level > level_now)
        return;
    va_list args;
    va_start(args, fmt);
    char *text = irsa_vformat(fmt, args);
    va_end(args);
    irsa_auto_buf line = {0};
    irsa_buf_adds(&line, prefixes[level]);
    add_escaped(&line, text);
    free(text);
    irsa_buf_addc(&line, '\n');
    irsa_log_status_clear();
    (void)fwrite(line.data, 1, line.len, stderr);
}

/* --- a line that is rewritten ----------------------------------------------------------------- */

static bool is_terminal(void)
{
    const char *kind = getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && kind && *kind && strcmp(kind, "dumb") != 0;
}

static size_t columns(void)
{
    struct winsize size = {0};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : COLUMNS;
}

/* A line that wraps could not be taken away again: the last column stays free. */
static void cut_to(struct irsa_buf *line, size_t from, size_t width)
{
    size_t at = from;
    for (size_t wide = 0; at < line->len; at++) {
        bool begins = ((unsigned char)line->data[at] & 0xc0) != 0x80; /* a character of UTF-8 */
        if (begins && ++wide >= width)
            break;
    }
    line->len = at;
}

bool irsa_log_status(const char *fmt, ...)
{
    if (!irsa_log_shows(IRSA_LOG_NOTICE) || !is_terminal())
        return false;
    va_list args;
    va_start(args, fmt);
    irsa_autofree char *text = irsa_vformat(fmt, args);
    va_end(args);
    irsa_auto_buf line = {0};
    irsa_buf_adds(&line, ERASER);
    add_escaped(&line, text);
    cut_to(&line, sizeof(ERASER) - 1, columns());
    status_stands = 1; /* first: an eraser too many does no harm */
    (void)fwrite(line.data, 1, line.len, stderr);
    (void)fflush(stderr);
    return true;
}

void irsa_log_status_clear(void)
{
    if (!status_stands)
        return;
    (void)fputs(ERASER, stderr);
    (void)fflush(stderr);
    status_stands = 0;
}

const char *irsa_log_status_eraser(void)
{
    return status_stands ? ERASER : "";
}
