/* SPDX-License-Identifier: Apache-2.0 */
/* The includes that cmocka wants. */
#ifndef IRSA_FIX_TEST_SYMPTOM_H
#define IRSA_FIX_TEST_SYMPTOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
