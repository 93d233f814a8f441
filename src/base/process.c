/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/base.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUT_MAX ((size_t)1 << 20)
#define ERR_MAX ((size_t)4096)
#define TICK_MS 50

extern char **environ;

/* Known to signal handlers alone: who ends this program by a signal must not leave another behind.
 */
static volatile pid_t running;

void irsa_process_end_running(void)
{
    if (running > 0)
        (void)kill(running, SIGTERM);
}

void irsa_process_done(struct irsa_process *process)
{
    if (process->out.data)
        explicit_bzero(process->out.data, process->out.len);
    irsa_buf_done(&process->out);
    irsa_buf_done(&process->err);
}

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Is a variable of that name among those that come first? */
static bool is_replaced(const char *variable, const struct irsa_strings *first)
{
    size_t len = strcspn(variable, "=");
    for (size_t i = 0; first && i < first->len; i++) {
        if (strncmp(first->items[i], variable, len) == 0 && first->items[i][len] == '=')
            return true;
    }
    return false;
}

/* Borrows every string; the array is the caller's. */
static char **environment_of(const struct irsa_strings *first)
{
    size_t len = 0;
    while (environ && environ[len])
        len++;
    size_t own = first ? first->len : 0;
    char **all = irsa_calloc(own + len + 1, sizeof *all);
    size_t at = 0;
    for (size_t i = 0; i < own; i++)
        all[at++] = first->items[i];
    for (size_t i = 0; i < len; i++) {
        if (!is_replaced(environ[i], first))
            all[at++] = environ[i];
    }
    return all;
}

static int spawn(const struct irsa_strings *words, const struct irsa_process *process, int out,
                 int err, pid_t *ret, struct irsa_error **reterr)
{
    char **argv = irsa_calloc(words->len + 1, sizeof *argv);
    for (size_t i = 0; i < words->len; i++)
        argv[i] = words->items[i];
    char **variables = environment_of(process->environment);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    (void)sigemptyset(&none);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
    if (process->no_stdin)
        (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    /* SIGPIPE is ignored in this program, and would be in that one */
    sigset_t defaults;
    (void)sigemptyset(&defaults);
    (void)sigaddset(&defaults, SIGPIPE);
    (void)posix_spawnattr_setsigdefault(&attributes, &defaults);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int problem = posix_spawnp(ret, argv[0], &actions, &attributes, argv, variables);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    free(argv);
    free(variables);
    if (problem == 0)
        return 0;
    return irsa_fail(reterr, problem == ENOENT ? IRSA_E_NOT_FOUND : IRSA_E_IO, "%s: %s",
                     words->items[0], strerror(problem));
}

/* No signal falls between the program's start and its being known. */
static int spawn_noted(const struct irsa_strings *words, const struct irsa_process *process,
                       int out, int err, pid_t *ret, struct irsa_error **reterr)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_BLOCK, &all, &before);
    int result = spawn(words, process, out, err, ret, reterr);
    running = result == 0 ? *ret : 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

/* What is there to read; false at the end. What exceeds `max` is read and dropped. */
static bool drain(int fd, size_t max, struct irsa_buf *into, bool *ret_cut)
{
    char chunk[4096];
    ssize_t len = read(fd, chunk, sizeof chunk);
    if (len < 0)
        return errno == EINTR || errno == EAGAIN;
    size_t room = max > into->len ? max - into->len : 0;
    size_t taken = (size_t)len < room ? (size_t)len : room;
    irsa_buf_add(into, chunk, taken);
    *ret_cut = *ret_cut || taken < (size_t)len;
    explicit_bzero(chunk, sizeof chunk);
    return len > 0;
}

/* Reads until both pipes are closed or the program has ended. NULL, or why it was given up. */
static const char *listen(pid_t pid, int out, int err, struct irsa_process *process,
                          int *ret_status, bool *ret_ended)
{
    struct pollfd fds[] = {{.fd = out, .events = POLLIN}, {.fd = err, .events = POLLIN}};
    int64_t end = now_ms() + process->deadline_ms;
    bool out_cut = false;
    bool err_cut = false;
    for (;;) {
        if (process->interrupted && *process->interrupted)
            return "interrupted";
        if (!*ret_ended)
            *ret_ended = waitpid(pid, ret_status, WNOHANG) == pid;
        /* who ended in time did, however late this program comes to see it */
        if (!*ret_ended && now_ms() >= end)
            return "it took too long";
        int ready = poll(fds, IRSA_COUNT(fds), *ret_ended ? 0 : TICK_MS);
        if (ready > 0 && fds[0].fd >= 0 && fds[0].revents
            && !drain(out, OUT_MAX, &process->out, &out_cut))
            fds[0].fd = -1;
        if (ready > 0 && fds[1].fd >= 0 && fds[1].revents
            && !drain(err, ERR_MAX, &process->err, &err_cut))
            fds[1].fd = -1;
        if (out_cut)
            return "it printed more than 1 MiB";
        /* a child of its own may keep the pipes open: nobody waits for that one */
        if (*ret_ended && (ready == 0 || (fds[0].fd < 0 && fds[1].fd < 0)))
            return NULL;
    }
}

static void close_now(int *fd)
{
    irsa_closep(fd);
    *fd = -1;
}

int irsa_process_run(const struct irsa_strings *words, struct irsa_process *process,
                     struct irsa_error **reterr)
{
    int out[2] = {-1, -1};
    int err[2] = {-1, -1};
    if (pipe2(out, O_CLOEXEC) != 0)
        return irsa_fail(reterr, IRSA_E_IO, "pipe: %s", strerror(errno));
    irsa_autoclose int out_read = out[0];
    irsa_autoclose int out_write = out[1];
    if (pipe2(err, O_CLOEXEC) != 0)
        return irsa_fail(reterr, IRSA_E_IO, "pipe: %s", strerror(errno));
    irsa_autoclose int err_read = err[0];
    irsa_autoclose int err_write = err[1];
    pid_t pid = -1;
    if (spawn_noted(words, process, out_write, err_write, &pid, reterr) != 0)
        return -1;
    close_now(&out_write);
    close_now(&err_write);
    int status = 0;
    bool ended = false;
    const char *problem = listen(pid, out_read, err_read, process, &status, &ended);
    if (!ended) {
        (void)kill(pid, problem ? SIGKILL : SIGTERM);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    running = 0;
    if (problem)
        return irsa_fail(reterr, IRSA_E_AUTH, "%s: %s, and was ended", words->items[0], problem);
    process->status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    process->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 0;
}
