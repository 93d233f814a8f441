/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_DOCUMENT_POSITION_H
#define IRSA_FIX_DOCUMENT_POSITION_H

#include <stddef.h>

/* The line and the column (bytes), both from 1, of the byte at `offset`. */
void irsa_locate(const char *text, size_t offset, size_t *ret_line, size_t *ret_column);

#endif
