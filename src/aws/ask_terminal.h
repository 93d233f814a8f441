/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IRSA_FIX_AWS_ASK_TERMINAL_H
#define IRSA_FIX_AWS_ASK_TERMINAL_H

/* The line that is entered at the controlling terminal, without echo, as getpass() does it; the
 * caller's, a secret; "" at its end, NULL where there is no terminal. Signals that end the program
 * find the terminal as it was. */
char *irsa_ask_terminal(const char *question);

#endif
