/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_TEST_DOCUMENT_H
#define IRSA_FIX_TEST_DOCUMENT_H

#include "irsa/document.h"

#include <setjmp.h>

#include <cmocka.h>

/* A JSON value written in a test with ' in place of ". */
static inline json_t *json_of(const char *text)
{
    irsa_autofree char *copy = irsa_strdup(text);
    for (char *p = copy; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    json_t *value = json_loads(copy, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    return value;
}

static inline void assert_error(const struct irsa_error *error, enum irsa_error_kind kind,
                                const char *message)
{
    assert_non_null(error);
    assert_string_equal(irsa_error_message(error), message);
    assert_int_equal(irsa_error_kind(error), kind);
}

#endif
