/* SPDX-License-Identifier: Apache-2.0 */
/* One run at a time in a world. flock(2) is let go of when its holder dies, however it dies. */
#include "apply/state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_MAX_BYTES ((size_t)64 << 10)
#define POLL_MS 50L
/* Who only looks whether a lock is held has it for a moment. */
#define QUIET_POLLS 4

struct irsa_lock {
    int fd;
    json_t *holder; /* what stands in the file */
};

static char *lock_path(const char *state_directory, const char *key)
{
    char hex[65];
    irsa_sha256_hex(key, strlen(key), hex);
    return irsa_format("%s/locks/%.32s.lock", state_directory, hex);
}

/* What stands in the file, or NULL. */
static json_t *read_holder(int fd)
{
    irsa_autofree char *text = irsa_calloc(LOCK_MAX_BYTES, 1);
    ssize_t len = pread(fd, text, LOCK_MAX_BYTES, 0);
    irsa_auto_error ignored = NULL;
    return len > 0 ? irsa_json_read("lock", text, (size_t)len, &ignored) : NULL;
}

static int write_holder(const struct irsa_lock *lock)
{
    irsa_auto_buf text = {0};
    irsa_json_write_compact(lock->holder, &text);
    irsa_buf_addc(&text, '\n');
    /* Never empty in between: a kill must not make it look new. */
    ssize_t n = pwrite(lock->fd, text.data, text.len, 0);
    return n == (ssize_t)text.len ? ftruncate(lock->fd, n) : -1;
}

void irsa_lock_free(struct irsa_lock *lock)
{
    if (!lock)
        return;
    if (lock->holder && lock->fd >= 0) {
        (void)json_object_set_new(lock->holder, "released", json_true());
        (void)write_holder(lock);
    }
    if (lock->fd >= 0)
        (void)close(lock->fd);
    json_decref(lock->holder);
    free(lock);
}

/* "another irsa-fix (USER on HOST, pid N, run ID, since T) is changing this cluster". */
static char *holder_text(int fd, const char *key)
{
    json_auto_t *holder = read_holder(fd);
    const char *what = irsa_has_prefix(key, "captured ") ? "these files" : "this cluster";
    const char *user = irsa_json_string(holder, "user", NULL);
    const char *host = irsa_json_string(holder, "host", NULL);
    const char *run = irsa_json_string(holder, "run", NULL);
    const char *since = irsa_json_string(holder, "since", NULL);
    if (!user || !host || !run || !since || json_is_true(json_object_get(holder, "released")))
        return irsa_format("another irsa-fix is changing %s", what);
    return irsa_format(
        "another irsa-fix (%s on %s, pid %" JSON_INTEGER_FORMAT ", run %s, since %s) is "
        "changing %s",
        user, host, json_integer_value(json_object_get(holder, "pid")), run, since, what);
}

static int64_t now_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_for(int fd, const char *path, const char *key, long timeout_ms, bool *ret_waited,
                    struct irsa_error **reterr)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000};
    int64_t deadline = now_ms() + timeout_ms;
    for (unsigned polls = 0; flock(fd, LOCK_EX | LOCK_NB) != 0; polls++) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return irsa_fail(reterr, IRSA_E_IO, "%s: cannot be locked: %s", path, strerror(errno));
        if (polls < QUIET_POLLS) {
            (void)nanosleep(&pause, NULL);
            continue;
        }
        irsa_autofree char *holder = holder_text(fd, key);
        if (now_ms() >= deadline) {
            (void)irsa_fail(reterr, IRSA_E_IO, "%s", holder);
            return irsa_hint(reterr, "nothing was changed; try again when it has ended, or wait "
                                     "longer for it with --timeout");
        }
        if (!*ret_waited)
            irsa_log(IRSA_LOG_WARNING, "%s: waiting for it to end", holder);
        *ret_waited = true;
        (void)nanosleep(&pause, NULL);
    }
    return 0;
}

/* True where somebody may have changed the world since then. */
static bool had_by_another(int fd, int64_t since_ns)
{
    struct stat st;
    json_auto_t *last = read_holder(fd);
    if (fstat(fd, &st) != 0)
        return true;
    if (st.st_size == 0)
        return false; /* nobody ever had it */
    int64_t touched = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
    /* Times of files come from a clock that ticks a hundred times a second, or less often. */
    return !json_is_true(json_object_get(last, "released")) || touched + 20000000 >= since_ns;
}

static json_t *holder_new(const char *key, const char *run_id)
{
    irsa_autofree char *user = irsa_user_name();
    irsa_autofree char *host = irsa_host_name();
    irsa_autofree char *now = irsa_time_now();
    json_t *holder = json_object();
    (void)json_object_set_new(holder, "world", json_string(key));
    (void)json_object_set_new(holder, "user", json_string(user));
    (void)json_object_set_new(holder, "host", json_string(host));
    (void)json_object_set_new(holder, "pid", json_integer(getpid()));
    (void)json_object_set_new(holder, "run", json_string(run_id));
    (void)json_object_set_new(holder, "since", json_string(now));
    return holder;
}

int irsa_lock_take(const char *state_directory, const char *key, const char *run_id,
                   long timeout_ms, int64_t since_ns, struct irsa_lock **ret, bool *ret_moved,
                   struct irsa_error **reterr)
{
    if (irsa_state_mkdir(state_directory, "locks", reterr) != 0)
        return -1;
    irsa_autofree char *path = lock_path(state_directory, key);
    irsa_auto_lock lock = irsa_calloc(1, sizeof(*lock));
    lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock->fd < 0) {
        (void)irsa_fail(reterr, IRSA_E_IO, "%s: the lock cannot be made: %s", path,
                        strerror(errno));
        return irsa_hint(reterr, "set XDG_STATE_HOME to a directory that can be written to; "
                                 "nothing was changed");
    }
    bool waited = false;
    if (wait_for(lock->fd, path, key, timeout_ms, &waited, reterr) != 0)
        return -1;
    bool moved = waited || had_by_another(lock->fd, since_ns);
    lock->holder = holder_new(key, run_id);
    if (write_holder(lock) != 0) {
        (void)irsa_fail(reterr, IRSA_E_IO, "%s: cannot write: %s", path, strerror(errno));
        return irsa_hint(reterr, "make room, or set XDG_STATE_HOME to another directory; nothing "
                                 "was changed");
    }
    *ret_moved = moved;
    *ret = irsa_steal(&lock);
    return 0;
}

/* Every plan looks for a holder. OpenSSL's first digest costs as much as reading a small world
 * does: it is not asked for one where nothing was ever locked. */
static bool has_locks(const char *state_directory)
{
    irsa_autofree char *path = irsa_format("%s/locks", state_directory);
    return access(path, F_OK) == 0;
}

char *irsa_lock_holder(const char *state_directory, const char *key)
{
    if (!has_locks(state_directory))
        return NULL;
    irsa_autofree char *path = lock_path(state_directory, key);
    irsa_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || flock(fd, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return NULL;
    json_auto_t *holder = read_holder(fd);
    const char *run = irsa_json_string(holder, "run", NULL);
    return irsa_strdup(run && !json_is_true(json_object_get(holder, "released")) ? run : "?");
}

bool irsa_run_is_at_work(const char *state_directory, const struct irsa_run_summary *run)
{
    const char *world = irsa_json_string(run->head, "world", NULL);
    irsa_autofree char *holder = world ? irsa_lock_holder(state_directory, world) : NULL;
    return holder && strcmp(holder, run->id) == 0;
}
