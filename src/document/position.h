/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_DOCUMENT_POSITION_H
#define IRSA_FIX_DOCUMENT_POSITION_H

#include <stddef.h>

/* The line and the column (bytes), both from 1, of the byte at `offset`. */
void irsa_locate(const char *text, size_t offset, size_t *ret_line, size_t *ret_column);

/* The place of a JSON string's closing quote, or end. `p` is behind the opening one. */
const char *irsa_json_string_end(const char *p, const char *end);

#endif
