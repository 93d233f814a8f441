/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

void irsa_guard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        /* Opened the wrong way round, so that using it still fails. */
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
    }
}

bool irsa_wants_json(const struct irsa_arguments *arguments)
{
    const char *format = irsa_option_value(arguments, IRSA_OPTION_FORMAT);
    return format && strcmp(format, "json") == 0;
}

/* "" where it is not set. */
static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value ? value : "";
}

static bool forces(const char *name)
{
    const char *value = variable(name);
    return *value && strcmp(value, "0") != 0;
}

bool irsa_wants_colour(const struct irsa_arguments *arguments, bool terminal)
{
    const char *when = irsa_option_value(arguments, IRSA_OPTION_COLOR);
    if (when && strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    if (*variable("NO_COLOR")) /* https://no-color.org */
        return false;
    if (forces("FORCE_COLOR") || forces("CLICOLOR_FORCE"))
        return true;
    return terminal && strcmp(variable("TERM"), "dumb") != 0;
}

/* By the name of the locale and not by setlocale: in a container the locale that the terminal has
 * is seldom installed. */
bool irsa_wants_utf8(const struct irsa_arguments *arguments)
{
    if (irsa_is_set(arguments, IRSA_OPTION_ASCII))
        return false;
    const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < IRSA_COUNT(names); i++) {
        const char *locale = variable(names[i]);
        if (*locale)
            return strcasestr(locale, "UTF-8") || strcasestr(locale, "UTF8");
    }
    return false;
}

/* A reader that goes away (`| head`) has what it wanted: no error. */
static int fail_stdout(int number, struct irsa_error **reterr)
{
    if (number == EPIPE)
        return 0;
    return irsa_fail(reterr, IRSA_E_IO, "cannot write to standard output: %s", strerror(number));
}

/* Devices and pipes (/dev/stderr, >(...)) are written to, never replaced. */
static int write_to_special(const char *path, const struct irsa_buf *text,
                            struct irsa_error **reterr)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return irsa_fail(reterr, IRSA_E_IO, "%s: %s", path, strerror(errno));
    const size_t written = fwrite(text->data, 1, text->len, file);
    const int number = written == text->len ? 0 : errno;
    if (fclose(file) != 0 || number)
        return irsa_fail(reterr, IRSA_E_IO, "%s: cannot write: %s", path,
                         strerror(number ? number : errno));
    return 0;
}

static int hint_folder(const char *folder, struct irsa_error **reterr)
{
    irsa_auto_buf word = {0};
    irsa_shell_quote(folder, &word);
    return irsa_hint(reterr, "there is no such directory yet: mkdir -p %s", irsa_buf_str(&word));
}

int irsa_write_file(const char *path, const struct irsa_buf *text, struct irsa_error **reterr)
{
    struct stat st;
    if (stat(path, &st) == 0 && (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)))
        return write_to_special(path, text, reterr);
    /* What a link leads to is what was meant; the link stays. */
    irsa_autofree char *real = realpath(path, NULL);
    if (irsa_file_replace(real ? real : path, irsa_buf_str(text), text->len, 0666, reterr) == 0)
        return 0;
    irsa_autofree char *folder = irsa_strndup(path, (size_t)(basename(path) - path));
    if (*folder && stat(folder, &st) != 0 && errno == ENOENT)
        return hint_folder(folder, reterr);
    return -1;
}

int irsa_write_result(const struct irsa_arguments *arguments, const struct irsa_buf *text,
                      struct irsa_error **reterr)
{
    const char *path = irsa_option_value(arguments, IRSA_OPTION_OUTPUT);
    if (path)
        return irsa_write_file(path, text, reterr);
    errno = 0;
    if (text->len && fwrite(text->data, 1, text->len, stdout) != text->len)
        return fail_stdout(errno, reterr);
    if (fflush(stdout) != 0)
        return fail_stdout(errno, reterr);
    return 0;
}

int irsa_close_stdout(struct irsa_error **reterr)
{
    errno = 0;
    if (fclose(stdout) != 0)
        return fail_stdout(errno, reterr);
    return 0;
}

int irsa_write_report(const struct irsa_arguments *arguments, enum irsa_report_kind kind,
                      const json_t *document, const char *next_command, struct irsa_error **reterr)
{
    static void (*const writers[])(const json_t *, const struct irsa_report_style *,
                                   struct irsa_buf *) = {
        [IRSA_REPORT_PLAN] = irsa_report_plan_text,
        [IRSA_REPORT_APPLY] = irsa_report_apply_text,
        [IRSA_REPORT_RUNS] = irsa_report_runs_text,
        [IRSA_REPORT_RUN] = irsa_report_run_text,
        [IRSA_REPORT_VERIFY] = irsa_report_verify_text,
        [IRSA_REPORT_SYMPTOMS] = irsa_report_symptoms_text,
    };
    irsa_auto_buf text = {0};
    const char *diff = irsa_option_value(arguments, IRSA_OPTION_DIFF);
    bool live = !irsa_is_set(arguments, IRSA_OPTION_FROM)
                && !irsa_is_set(arguments, IRSA_OPTION_MANIFESTS)
                && !irsa_is_set(arguments, IRSA_OPTION_NO_KUBERNETES);
    irsa_autofree char *verify =
        kind == IRSA_REPORT_APPLY && live ? irsa_carried_command(arguments, "verify") : NULL;
    const struct irsa_report_style style = {
        .colour = irsa_wants_colour(arguments, !irsa_is_set(arguments, IRSA_OPTION_OUTPUT)
                                                   && isatty(STDOUT_FILENO) == 1),
        .utf8 = irsa_wants_utf8(arguments),
        .verbose = irsa_is_set(arguments, IRSA_OPTION_VERBOSE),
        .semantic = diff && strcmp(diff, "semantic") == 0,
        .next_command = next_command,
        .verify_command = verify,
    };
    if (irsa_wants_json(arguments))
        irsa_json_write(document, &text);
    else
        writers[kind](document, &style, &text);
    return irsa_write_result(arguments, &text, reterr);
}
