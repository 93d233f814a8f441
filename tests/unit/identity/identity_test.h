/* SPDX-License-Identifier: Apache-2.0 */
/* The includes that cmocka wants, and the two assertions that these tests repeat. */
#ifndef IRSA_FIX_TEST_IDENTITY_H
#define IRSA_FIX_TEST_IDENTITY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "irsa/identity.h"

/* The call failed with this message, of kind PARSE. */
#define assert_parse_error(call, error, message)                                                   \
    do {                                                                                           \
        assert_int_equal((call), -1);                                                              \
        assert_non_null(error);                                                                    \
        assert_int_equal(irsa_error_kind(error), IRSA_E_PARSE);                                    \
        assert_string_equal(irsa_error_message(error), message);                                   \
    } while (0)

/* An owned string or NULL is as expected (NULL for NULL). */
static inline void check_text(char *found, const char *expected, const char *input)
{
    if (!found != !expected || (found && strcmp(found, expected) != 0))
        fail_msg("%s: found %s, expected %s", input, found ? found : "(null)",
                 expected ? expected : "(null)");
    free(found);
}

#endif
