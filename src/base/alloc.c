/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/base.h"

#include <stdio.h>
#include <unistd.h>

static void *checked(void *p)
{
    if (p)
        return p;
    static const char message[] = "irsa-fix: error: out of memory\n";
    (void)!write(STDERR_FILENO, message, sizeof(message) - 1);
    abort();
}

void *irsa_calloc(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1));
}

void *irsa_realloc(void *old, size_t size)
{
    return checked(realloc(old, size ? size : 1));
}

char *irsa_strdup(const char *s)
{
    return checked(strdup(s));
}

char *irsa_strndup(const char *s, size_t len)
{
    return checked(strndup(s, len));
}

char *irsa_vformat(const char *fmt, va_list args)
{
    char *s = NULL;
    if (vasprintf(&s, fmt, args) < 0)
        s = NULL;
    return checked(s);
}

char *irsa_format(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *s = irsa_vformat(fmt, args);
    va_end(args);
    return s;
}

void *irsa_grow(void *array, size_t len, size_t size)
{
    /* Full exactly when len is 0 or a power of two: the capacity needs no field of its own. */
    if (len & (len - 1))
        return array;
    size_t bytes = 0;
    if (__builtin_mul_overflow(len ? len * 2 : 1, size, &bytes))
        return checked(NULL);
    return irsa_realloc(array, bytes);
}

void irsa_closep(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}
