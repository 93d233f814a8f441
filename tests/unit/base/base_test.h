/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_TEST_BASE_H
#define IRSA_FIX_TEST_BASE_H

#include "irsa/base.h"

#include <setjmp.h>

#include <cmocka.h>

#endif
