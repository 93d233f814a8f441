/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/base.h"

static void reserve(struct irsa_buf *buf, size_t more)
{
    size_t need = 0;
    if (__builtin_add_overflow(buf->len, more, &need) || need == SIZE_MAX)
        abort();
    need++; /* the NUL */
    if (need <= buf->cap)
        return;
    size_t cap = buf->cap ? buf->cap : 64;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    buf->data = irsa_realloc(buf->data, cap);
    buf->cap = cap;
}

void irsa_buf_add(struct irsa_buf *buf, const void *data, size_t len)
{
    reserve(buf, len);
    if (len)
        memcpy(buf->data + buf->len, data, len);
    buf->len += len;
    buf->data[buf->len] = '\0';
}

void irsa_buf_adds(struct irsa_buf *buf, const char *s)
{
    irsa_buf_add(buf, s, strlen(s));
}

void irsa_buf_addc(struct irsa_buf *buf, char c)
{
    irsa_buf_add(buf, &c, 1);
}

void irsa_buf_addf(struct irsa_buf *buf, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *s = NULL;
    int len = vasprintf(&s, fmt, args);
    va_end(args);
    if (len < 0)
        abort();
    irsa_buf_add(buf, s, (size_t)len);
    free(s);
}

void irsa_buf_splice(struct irsa_buf *buf, size_t at, size_t len, const void *data, size_t data_len)
{
    if (at > buf->len || len > buf->len - at)
        abort();
    reserve(buf, data_len);
    size_t tail = buf->len - at - len;
    memmove(buf->data + at + data_len, buf->data + at + len, tail);
    if (data_len)
        memcpy(buf->data + at, data, data_len);
    buf->len = at + data_len + tail;
    buf->data[buf->len] = '\0';
}

char *irsa_buf_steal(struct irsa_buf *buf)
{
    char *s = buf->data ? buf->data : irsa_strdup("");
    *buf = (struct irsa_buf){0};
    return s;
}

const char *irsa_buf_str(const struct irsa_buf *buf)
{
    return buf->data ? buf->data : "";
}

void irsa_buf_done(struct irsa_buf *buf)
{
    free(buf->data);
    *buf = (struct irsa_buf){0};
}
