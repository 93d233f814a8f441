/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far an apply of many changes is, on standard error: on a terminal one line that is drawn anew
 * and is gone at the end; elsewhere a line now and then, where it takes long. Fewer changes,
 * --quiet and --verbose (which tells of each) have none.
 */
#include "cli/progress.h"

#include <time.h>
#include <unistd.h>

#define FEWEST 10
#define BAR_WIDTH 30
/* Between two drawings, and between two lines. */
#define DRAW_MS 100L
#define LINE_MS 15000L

static long now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wipe(void)
{
    (void)fputs("\r\033[K", stderr);
}

void irsa_progress_begin(struct irsa_progress *progress, const struct irsa_plan *plan)
{
    *progress = (struct irsa_progress){.last_ms = now_ms()};
    for (size_t i = 0; i < plan->change_count; i++)
        progress->total += !plan->changes[i].held_back;
    if (progress->total < FEWEST || !irsa_log_shows(IRSA_LOG_WARNING)
        || irsa_log_shows(IRSA_LOG_INFO))
        return;
    const char *term = getenv("TERM");
    progress->shown = true;
    progress->terminal = isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
    if (progress->terminal)
        irsa_log_before(wipe);
}

static void draw(const struct irsa_progress *progress)
{
    char bar[BAR_WIDTH + 1];
    size_t full = progress->settled * BAR_WIDTH / progress->total;
    for (size_t i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    (void)fprintf(stderr, "\r\033[K[%s] %zu of %zu", bar, progress->settled, progress->total);
    if (progress->failed > 0)
        (void)fprintf(stderr, ", %zu failed", progress->failed);
    (void)fflush(stderr);
}

static void say(const struct irsa_progress *progress)
{
    if (progress->failed > 0)
        (void)fprintf(stderr, "irsa-fix: %zu of %zu changes, %zu failed\n", progress->settled,
                      progress->total, progress->failed);
    else
        (void)fprintf(stderr, "irsa-fix: %zu of %zu changes\n", progress->settled, progress->total);
}

void irsa_progress_step(struct irsa_progress *progress, const struct irsa_change_result *result)
{
    if (!progress->shown)
        return;
    progress->settled += result != NULL;
    progress->failed += result && result->state == IRSA_CHANGE_FAILED;
    long now = now_ms();
    bool last = progress->settled == progress->total;
    if (now - progress->last_ms < (progress->terminal ? DRAW_MS : LINE_MS)
        && !(progress->terminal && last))
        return;
    progress->last_ms = now;
    if (progress->terminal)
        draw(progress);
    else
        say(progress);
}

void irsa_progress_end(struct irsa_progress *progress)
{
    if (!progress->terminal)
        return;
    wipe();
    (void)fflush(stderr);
    irsa_log_before(NULL);
}
