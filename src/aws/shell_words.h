/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line split into words as a POSIX shell quotes them, and nothing else of a shell: Python's
 * shlex.split, which the AWS CLI uses for credential_process and for names of sections
 * (https://docs.python.org/3/library/shlex.html#parsing-rules).
 */
#ifndef IRSA_FIX_AWS_SHELL_WORDS_H
#define IRSA_FIX_AWS_SHELL_WORDS_H

#include "irsa/base.h"

/* The words; false where a quote is not closed or nothing follows a backslash, *ret is empty then.
 */
bool irsa_shell_words(const char *line, struct irsa_strings *ret);

#endif
