/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into the tested program: counts what it does to files (write, pwrite, fsync, ftruncate,
 * rename, unlink, mkdir) and raises a signal at one of these events.
 *   IRSA_KILL_LOG=FILE      every event as a line "NUMBER NAME PATH"
 *   IRSA_KILL_AT=NUMBER     where, from 1
 *   IRSA_KILL_WHEN=before|after|half    half: what is written is written by half
 *   IRSA_KILL_SIGNAL=NUMBER
 * Standard streams do not count.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

static unsigned events;

static void *next_of(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

static bool counts(int fd)
{
    struct stat st;
    return fd > 2 && fstat(fd, &st) == 0 && (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode));
}

static void log_event(const char *name, const char *path, int fd)
{
    const char *log = getenv("IRSA_KILL_LOG");
    char link[64];
    char target[4096] = "";
    char line[4200];
    if (!log)
        return;
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if (!path && readlink(link, target, sizeof(target) - 1) > 0)
        path = target;
    int len = snprintf(line, sizeof(line), "%u %s %s\n", events, name, path ? path : "?");
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (out < 0)
        return;
    (void)!syscall(SYS_write, out, line, (size_t)len);
    (void)close(out);
}

/* True where the signal is for this event. */
static bool is_due(void)
{
    const char *at = getenv("IRSA_KILL_AT");
    return at && strtoul(at, NULL, 10) == events;
}

static bool is_when(const char *when)
{
    const char *wanted = getenv("IRSA_KILL_WHEN");
    return wanted && strcmp(wanted, when) == 0;
}

static void strike(void)
{
    const char *number = getenv("IRSA_KILL_SIGNAL");
    (void)raise(number ? (int)strtol(number, NULL, 10) : SIGKILL);
}

static bool begin(const char *name, const char *path, int fd)
{
    events++;
    log_event(name, path, fd);
    bool due = is_due();
    if (due && is_when("before"))
        strike();
    return due && is_when("after");
}

static void end(bool due)
{
    if (due)
        strike();
}

EXPORT ssize_t write(int fd, const void *data, size_t len)
{
    ssize_t (*next)(int, const void *, size_t) = NULL;
    *(void **)&next = next_of("write");
    if (!counts(fd))
        return next(fd, data, len);
    bool due = begin("write", NULL, fd);
    if (is_due() && is_when("half")) {
        (void)!next(fd, data, len / 2);
        strike();
    }
    ssize_t n = next(fd, data, len);
    end(due);
    return n;
}

EXPORT ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
    ssize_t (*next)(int, const void *, size_t, off_t) = NULL;
    *(void **)&next = next_of("pwrite");
    bool due = begin("pwrite", NULL, fd);
    ssize_t n = next(fd, data, len, offset);
    end(due);
    return n;
}

EXPORT int fsync(int fd)
{
    int (*next)(int) = NULL;
    *(void **)&next = next_of("fsync");
    bool due = begin("fsync", NULL, fd);
    int r = next(fd);
    end(due);
    return r;
}

EXPORT int ftruncate(int fd, off_t size)
{
    int (*next)(int, off_t) = NULL;
    *(void **)&next = next_of("ftruncate");
    bool due = begin("ftruncate", NULL, fd);
    int r = next(fd, size);
    end(due);
    return r;
}

EXPORT int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *) = NULL;
    *(void **)&next = next_of("rename");
    bool due = begin("rename", to, -1);
    int r = next(from, to);
    end(due);
    return r;
}

EXPORT int unlink(const char *path)
{
    int (*next)(const char *) = NULL;
    *(void **)&next = next_of("unlink");
    bool due = begin("unlink", path, -1);
    int r = next(path);
    end(due);
    return r;
}

EXPORT int mkdir(const char *path, mode_t mode)
{
    int (*next)(const char *, mode_t) = NULL;
    *(void **)&next = next_of("mkdir");
    if (access(path, F_OK) == 0)
        return next(path, mode); /* nothing happens */
    bool due = begin("mkdir", path, -1);
    int r = next(path, mode);
    end(due);
    return r;
}
