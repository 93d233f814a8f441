/* SPDX-License-Identifier: Apache-2.0 */
#include "irsa/base.h"

/* base.h shows the analyzer macros of these names. */
#undef irsa_fail
#undef irsa_wrap
#undef irsa_hint

struct irsa_error {
    enum irsa_error_kind kind;
    char *message;
    char *hint;
};

int irsa_fail(struct irsa_error **reterr, enum irsa_error_kind kind, const char *fmt, ...)
{
    struct irsa_error *error = irsa_calloc(1, sizeof(*error));
    error->kind = kind;
    va_list args;
    va_start(args, fmt);
    error->message = irsa_vformat(fmt, args);
    va_end(args);
    irsa_error_free(*reterr); /* a caller's slip must not leak */
    *reterr = error;
    return -1;
}

int irsa_wrap(struct irsa_error **reterr, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    irsa_autofree char *context = irsa_vformat(fmt, args);
    va_end(args);
    char *message = irsa_format("%s: %s", context, (*reterr)->message);
    free((*reterr)->message);
    (*reterr)->message = message;
    return -1;
}

int irsa_hint(struct irsa_error **reterr, const char *fmt, ...)
{
    if ((*reterr)->hint)
        return -1;
    va_list args;
    va_start(args, fmt);
    (*reterr)->hint = irsa_vformat(fmt, args);
    va_end(args);
    return -1;
}

const char *irsa_error_message(const struct irsa_error *error)
{
    return error->message;
}

const char *irsa_error_hint(const struct irsa_error *error)
{
    return error->hint;
}

enum irsa_error_kind irsa_error_kind(const struct irsa_error *error)
{
    return error->kind;
}

void irsa_error_free(struct irsa_error *error)
{
    if (!error)
        return;
    free(error->message);
    free(error->hint);
    free(error);
}
