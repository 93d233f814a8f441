/* SPDX-License-Identifier: Apache-2.0 */
#include "aws/ask_terminal.h"

#include "irsa/base.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#define TICK_MS 50

/* Signals that a program is ended by. Ctrl-C is one of them, since the terminal makes it one. */
static void ending_signals(sigset_t *ret)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    (void)sigemptyset(ret);
    for (size_t i = 0; i < IRSA_COUNT(numbers); i++)
        (void)sigaddset(ret, numbers[i]);
}

static bool is_pending(const sigset_t *wanted)
{
    sigset_t pending;
    sigset_t both;
    return sigpending(&pending) == 0 && sigandset(&both, &pending, wanted) == 0
           && !sigisemptyset(&both);
}

/* Bytes read; 0 at the end, or when a signal came. */
static size_t read_line(int fd, const sigset_t *ending, char *line, size_t size)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    while (!is_pending(ending)) {
        int count = poll(&ready, 1, TICK_MS);
        ssize_t len = count > 0 ? read(fd, line, size) : 0;
        if (count > 0)
            return len > 0 ? (size_t)len : 0;
    }
    return 0;
}

char *irsa_ask_terminal(const char *question)
{
    irsa_autoclose int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct termios before;
    if (fd < 0 || tcgetattr(fd, &before) != 0)
        return NULL;
    struct termios quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
    char answer[64] = "";
    sigset_t ending;
    sigset_t mask;
    ending_signals(&ending);
    (void)pthread_sigmask(SIG_BLOCK, &ending, &mask);
    (void)tcsetattr(fd, TCSAFLUSH, &quiet);
    bool asked = write(fd, question, strlen(question)) == (ssize_t)strlen(question);
    size_t len = asked ? read_line(fd, &ending, answer, sizeof answer - 1) : 0;
    (void)tcsetattr(fd, TCSAFLUSH, &before);
    (void)!write(fd, "\n", 1);
    (void)pthread_sigmask(SIG_SETMASK, &mask, NULL); /* what came in between is obeyed here */
    answer[len] = '\0';
    char *code = asked ? irsa_trim(answer) : NULL;
    explicit_bzero(answer, sizeof answer);
    return code;
}
