/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How far an apply of many changes is, on standard error: on a terminal one line that is drawn anew
 * and is gone at the end; elsewhere a line now and then, where it takes long. Fewer changes,
 * --quiet and --verbose (which tells of each) have none.
 */
#include "cli/progress.h"

#include <time.h>

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

void irsa_progress_begin(struct irsa_progress *progress, const struct irsa_plan *plan)
{
    *progress = (struct irsa_progress){.said_ms = now_ms()};
    for (size_t i = 0; i < plan->change_count; i++)
        progress->total += !plan->changes[i].held_back;
    progress->shown = progress->total >= FEWEST && irsa_log_shows(IRSA_LOG_NOTICE)
                      && !irsa_log_shows(IRSA_LOG_INFO);
}

/* False where there is no terminal to draw on. */
static bool draw(const struct irsa_progress *progress, const char *failed)
{
    char bar[BAR_WIDTH + 1];
    size_t full = progress->settled * BAR_WIDTH / progress->total;
    for (size_t i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < full ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    return irsa_log_status("[%s] %zu of %zu%s", bar, progress->settled, progress->total, failed);
}

void irsa_progress_step(struct irsa_progress *progress, const struct irsa_change_result *result)
{
    if (!progress->shown)
        return;
    progress->settled += result != NULL;
    progress->failed += result && result->state == IRSA_CHANGE_FAILED;
    long now = now_ms();
    irsa_autofree char *failed =
        progress->failed > 0 ? irsa_format(", %zu failed", progress->failed) : irsa_strdup("");
    if (now - progress->drawn_ms >= DRAW_MS || progress->settled == progress->total) {
        progress->drawn_ms = now;
        progress->drawn = draw(progress, failed);
    }
    if (progress->drawn || now - progress->said_ms < LINE_MS)
        return;
    progress->said_ms = now;
    irsa_log(IRSA_LOG_NOTICE, "%zu of %zu changes%s", progress->settled, progress->total, failed);
}

void irsa_progress_end(void)
{
    irsa_log_status_clear();
}
