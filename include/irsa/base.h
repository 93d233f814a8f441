/* SPDX-License-Identifier: Apache-2.0 */
/*
 * base: the ground that every room stands on. Errors that carry a message built while unwinding,
 * buffers, string vectors, a string map, cleanup attributes, files (bounded reading, atomic
 * replacement) and the logger. It knows nothing of AWS, Kubernetes or IRSA.
 *
 * Conventions of the whole project:
 *  - A function that can fail takes `struct irsa_error **reterr` last and returns 0 / -1 or a
 *    pointer / NULL. On success *reterr is untouched; on failure it owns one error object.
 *    `reterr` is never NULL.
 *  - Allocation failure aborts with a message; no caller tests for it.
 *  - `_free` releases object and content and takes NULL; `_done` releases the content only.
 *  - A returned `const char *` is borrowed from the object asked; a `char *` is the caller's.
 */
#ifndef IRSA_FIX_BASE_H
#define IRSA_FIX_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#define IRSA_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define IRSA_CLEANUP(fn) __attribute__((cleanup(fn)))
#define IRSA_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- allocation: abort on failure ------------------------------------------------------------- */

void *irsa_calloc(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
void *irsa_realloc(void *old, size_t size) __attribute__((returns_nonnull));
char *irsa_strdup(const char *s) __attribute__((malloc, returns_nonnull));
char *irsa_strndup(const char *s, size_t len) __attribute__((malloc, returns_nonnull));
/* A new string as printf would write it. */
char *irsa_format(const char *fmt, ...) IRSA_PRINTF(1, 2) __attribute__((malloc, returns_nonnull));
/* The same as vprintf would. */
char *irsa_vformat(const char *fmt, va_list args) IRSA_PRINTF(1, 0)
    __attribute__((malloc, returns_nonnull));
/* `*array` (elements of `size` bytes, `len` used) gets room for one more; capacity doubles. */
void *irsa_grow(void *array, size_t len, size_t size) __attribute__((returns_nonnull));

/* Hands ownership over: the value of *p, which becomes NULL. */
#define irsa_steal(p)                                                                              \
    ({                                                                                             \
        __typeof__(*(p)) irsa_stolen = *(p);                                                       \
        *(p) = NULL;                                                                               \
        irsa_stolen;                                                                               \
    })

static inline void irsa_free_charp(char **p)
{
    free(*p);
}
static inline void irsa_fclosep(FILE **p)
{
    if (*p)
        (void)fclose(*p);
}
void irsa_closep(int *fd);

/* `irsa_autofree char *s = NULL;` and so on: released when the scope ends. */
#define irsa_autofree IRSA_CLEANUP(irsa_free_charp)
#define irsa_autofclose IRSA_CLEANUP(irsa_fclosep)
#define irsa_autoclose IRSA_CLEANUP(irsa_closep)

/* --- errors ----------------------------------------------------------------------------------- */

enum irsa_error_kind {
    IRSA_E_USAGE,     /* wrong command line: exit status 64 */
    IRSA_E_IO,        /* a file or stream could not be read or written: 1 */
    IRSA_E_PARSE,     /* input that is not what it should be: 1 */
    IRSA_E_NET,       /* network: 1 */
    IRSA_E_AUTH,      /* no or refused credentials: 4 */
    IRSA_E_ACCESS,    /* permission of the caller is missing: 4 */
    IRSA_E_NOT_FOUND, /* what was named does not exist: 1 */
    IRSA_E_CONFLICT,  /* the world moved since it was read: 2 */
    IRSA_E_LIMIT,     /* an input is larger or deeper than accepted: 1 */
    IRSA_E_INTERNAL,  /* a bug of irsa-fix: 1 */
};

struct irsa_error;

/* Sets a new error and returns -1, so that `return irsa_fail(...)` is one line. Lower case, no
 * full stop. Must not be called with an error already set (use irsa_wrap). */
int irsa_fail(struct irsa_error **reterr, enum irsa_error_kind kind, const char *fmt, ...)
    IRSA_PRINTF(3, 4);
/* Prefixes the message of the error set with "context: ". Returns -1. */
int irsa_wrap(struct irsa_error **reterr, const char *fmt, ...) IRSA_PRINTF(2, 3);
/* Sets the hint (what the user can do), unless a deeper one is set already. Returns -1. */
int irsa_hint(struct irsa_error **reterr, const char *fmt, ...) IRSA_PRINTF(2, 3);
#ifdef __clang_analyzer__ /* what the analyzer can't see from outside: they always return -1 */
#define irsa_fail(...) ((void)irsa_fail(__VA_ARGS__), -1)
#define irsa_wrap(...) ((void)irsa_wrap(__VA_ARGS__), -1)
#define irsa_hint(...) ((void)irsa_hint(__VA_ARGS__), -1)
#endif
const char *irsa_error_message(const struct irsa_error *error);
/* NULL where there is none. */
const char *irsa_error_hint(const struct irsa_error *error);
enum irsa_error_kind irsa_error_kind(const struct irsa_error *error);
void irsa_error_free(struct irsa_error *error);
static inline void irsa_error_freep(struct irsa_error **p)
{
    irsa_error_free(*p);
}
#define irsa_auto_error IRSA_CLEANUP(irsa_error_freep) struct irsa_error *

/* --- buffers: a growing string, always NUL-terminated once anything was added ----------------- */

struct irsa_buf {
    char *data; /* NULL while empty */
    size_t len;
    size_t cap;
};
void irsa_buf_add(struct irsa_buf *buf, const void *data, size_t len);
void irsa_buf_adds(struct irsa_buf *buf, const char *s);
void irsa_buf_addc(struct irsa_buf *buf, char c);
void irsa_buf_addf(struct irsa_buf *buf, const char *fmt, ...) IRSA_PRINTF(2, 3);
/* `len` bytes at `at` are replaced by `data`. */
void irsa_buf_splice(struct irsa_buf *buf, size_t at, size_t len, const void *data,
                     size_t data_len);
/* The string (never NULL), the caller's now; the buffer is empty again. */
char *irsa_buf_steal(struct irsa_buf *buf);
/* The content as a string, "" while empty. */
const char *irsa_buf_str(const struct irsa_buf *buf);
void irsa_buf_done(struct irsa_buf *buf);
#define irsa_auto_buf IRSA_CLEANUP(irsa_buf_done) struct irsa_buf

/* --- string vectors --------------------------------------------------------------------------- */

struct irsa_strings {
    char **items; /* each owned */
    size_t len;
};
void irsa_strings_add(struct irsa_strings *strings, const char *s);
/* Takes ownership of s. */
void irsa_strings_take(struct irsa_strings *strings, char *s);
bool irsa_strings_has(const struct irsa_strings *strings, const char *s);
/* Byte order (strcmp). */
void irsa_strings_sort(struct irsa_strings *strings);
/* "a, b and c" of up to `most`, else "a, b and 7 more" with the first `most`. The caller's. */
char *irsa_strings_some(const struct irsa_strings *strings, size_t most);
/* "a, b and c"; the caller's. */
char *irsa_strings_join(const struct irsa_strings *strings, const char *separator,
                        const char *last);
void irsa_strings_done(struct irsa_strings *strings);
#define irsa_auto_strings IRSA_CLEANUP(irsa_strings_done) struct irsa_strings

/* --- a map from string to index: names to places in an array ---------------------------------- */

/* Zero-initialised is empty. Keys are copied unless added by irsa_map_put_borrowed. */
struct irsa_map {
    struct irsa_map_slot *slots;
    size_t len;
    size_t cap;
};
#define IRSA_MAP_NONE SIZE_MAX
/* FNV-1a, for tables: keys come from the user's own cluster and account, and a table that degrades
 * costs time, never a wrong answer. */
uint64_t irsa_hash(const void *data, size_t len);
/* Sets key to value; returns false (and changes nothing) if the key was there already. */
bool irsa_map_put(struct irsa_map *map, const char *key, size_t value);
/* As irsa_map_put, without copying: key must outlive the map. */
bool irsa_map_put_borrowed(struct irsa_map *map, const char *key, size_t value);
/* The value, or IRSA_MAP_NONE. Expected O(1). */
size_t irsa_map_get(const struct irsa_map *map, const char *key);
void irsa_map_done(struct irsa_map *map);
#define irsa_auto_map IRSA_CLEANUP(irsa_map_done) struct irsa_map

/* --- strings ---------------------------------------------------------------------------------- */

bool irsa_has_prefix(const char *s, const char *prefix);
bool irsa_has_suffix(const char *s, const char *suffix);
/* A new string without leading and trailing ASCII white space. */
char *irsa_trim(const char *s);
/* Where two strings first differ (byte offset); the length where they are equal. */
size_t irsa_first_difference(const char *a, const char *b);
/* Optimal string alignment distance (insert, delete, substitute, transpose), stops at limit + 1. */
size_t irsa_edit_distance(const char *a, const char *b, size_t limit);
/* The candidate nearest to word ("did you mean"), or NULL when none is near: at most a third of
 * the word's length, 1 at least, and never farther than 3. Ties go to the first. */
const char *irsa_nearest(const char *word, const char *const *candidates, size_t count);
/* True when len bytes are valid UTF-8 (RFC 3629: no surrogates, no overlong forms); else
 * *ret_offset is the first bad byte. */
bool irsa_utf8_valid(const char *data, size_t len, size_t *ret_offset);
/* One word, quoted for a POSIX shell where it needs to be. */
void irsa_shell_quote(const char *word, struct irsa_buf *ret);
/* Shell-style glob: `*` any run, `?` one character. The whole of s must match. */
bool irsa_glob_match(const char *glob, const char *s);

/* --- files ------------------------------------------------------------------------------------ */

/* Reads a regular file of at most max bytes into *ret (set on success, the caller's). Devices,
 * pipes and directories are refused without blocking. Errors: IO, LIMIT. */
int irsa_file_read(const char *path, size_t max, struct irsa_buf *ret, struct irsa_error **reterr);
/* All of it, however often write(2) has to be called; -1 with errno. */
int irsa_write_all(int fd, const char *data, size_t len);
/* Replaces path by data: a temporary file in the same directory, fsync, rename, fsync of the
 * directory. Mode and (where permitted) owner of an existing file are kept; a new one gets
 * `new_mode` less the umask. On failure the old file is untouched and no temporary file remains.
 * Devices, pipes and directories are refused; a link is replaced, not followed. */
int irsa_file_replace(const char *path, const char *data, size_t len, mode_t new_mode,
                      struct irsa_error **reterr);
/* As mkdir -p, mode 0777 less the umask. */
int irsa_mkdir_parents(const char *path, struct irsa_error **reterr);
/* SHA-256 as 64 lower-case hex digits and a NUL. */
void irsa_sha256_hex(const void *data, size_t len, char ret_hex[65]);

/* --- programs --------------------------------------------------------------------------------- */

/* A program run to its end without a shell: its output taken, bounded in size and time. */
struct irsa_process {
    long deadline_ms;                       /* in */
    const volatile bool *interrupted;       /* in; may be NULL */
    bool no_stdin;                          /* in: it reads /dev/null, not what the caller reads */
    const struct irsa_strings *environment; /* in: "NAME=value" before those of the caller of the
                                             * same name; may be NULL */
    struct irsa_buf out;                    /* wiped when done: credentials may be in it */
    struct irsa_buf err;                    /* its beginning */
    int status;
    int signal; /* 0: ended by itself */
};
void irsa_process_done(struct irsa_process *process);
/* words[0] is looked for on PATH. Errors: NOT_FOUND, IO, AUTH (deadline passed, interrupted, too
 * much output: programs are run to get credentials); the program is not left running. Programs run
 * one at a time. */
int irsa_process_run(const struct irsa_strings *words, struct irsa_process *process,
                     struct irsa_error **reterr);
/* For a signal handler that ends this program: ends the one that it runs, if any. */
void irsa_process_end_running(void);

/* --- files compiled in (cmake/Embed.cmake makes such a table, ended by a NULL name) ----------- */

struct irsa_embedded {
    const char *name;
    const char *text; /* NUL-terminated */
    size_t len;
};

/* --- log: for talk on stderr; results go to stdout through src/report ------------------------- */

enum irsa_log_level {
    IRSA_LOG_ERROR,
    IRSA_LOG_WARNING,
    IRSA_LOG_NOTICE, /* what goes on, for whoever waits for it */
    IRSA_LOG_INFO,
    IRSA_LOG_DEBUG,
};
/* What is above the level is dropped. Default IRSA_LOG_NOTICE. */
void irsa_log_set_level(enum irsa_log_level level);
/* True where lines of that level are written. */
bool irsa_log_shows(enum irsa_log_level level);
/* One line "irsa-fix: LEVEL: text" on stderr (from notice on: "irsa-fix: text"). Control
 * characters in the text are escaped. */
void irsa_log(enum irsa_log_level level, const char *fmt, ...) IRSA_PRINTF(2, 3);
/* A line that the next one, or the next message, takes the place of: on a terminal, where notices
 * are shown; else nothing is written, and false is returned. It is cut to the terminal's width. */
bool irsa_log_status(const char *fmt, ...) IRSA_PRINTF(1, 2);
void irsa_log_status_clear(void);
/* What a signal handler writes before its own line: takes away a status that stands there; or "".
 */
const char *irsa_log_status_eraser(void);

#endif
