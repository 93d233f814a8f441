/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing of a log is shown before it went through here. */
#ifndef IRSA_FIX_SYMPTOM_SANITIZE_H
#define IRSA_FIX_SYMPTOM_SANITIZE_H

#include "irsa/base.h"

/* The text without secrets (tokens, access keys, signatures, passwords: "[redacted]" stands for
 * each) and with every control character, bidirectional mark and byte that is no UTF-8 escaped; the
 * caller's. */
char *symptom_sanitize(const char *text, size_t len);

#endif
