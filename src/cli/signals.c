/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <signal.h>
#include <unistd.h>

static volatile bool interrupted;
static volatile bool given_up;
static volatile sig_atomic_t held;

static void say(const char *text, size_t len)
{
    const char *eraser = irsa_log_status_eraser();
    (void)!write(STDERR_FILENO, eraser, strlen(eraser));
    (void)!write(STDERR_FILENO, text, len);
}

static void on_signal(int number)
{
    (void)number;
    given_up = interrupted;
    interrupted = true;
    if (held) {
        static const char waiting[] =
            "irsa-fix: interrupted: finishing the change under way; once more to give it up\n";
        if (!given_up)
            say(waiting, sizeof(waiting) - 1);
        return;
    }
    static const char message[] = "irsa-fix: interrupted, nothing was changed\n";
    say(message, sizeof(message) - 1);
    irsa_process_end_running();
    _exit(130);
}

void irsa_signals_install(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigemptyset(&action.sa_mask);
    (void)sigaddset(&action.sa_mask, SIGINT);
    (void)sigaddset(&action.sa_mask, SIGTERM);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
    /* A reader that goes away (`| head`) must not end the program between two changes. */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    /* ... nor a limit on file sizes: writing fails then, and the error says so. */
    (void)sigaction(SIGXFSZ, &ignore, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
}

void irsa_signals_hold(bool hold)
{
    held = hold;
}

const volatile bool *irsa_interrupted(void)
{
    return &interrupted;
}

const volatile bool *irsa_given_up(void)
{
    return &given_up;
}
