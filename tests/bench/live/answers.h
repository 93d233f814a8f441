/* SPDX-License-Identifier: Apache-2.0 */
/* A server that knows its answers: what it takes to answer is exactly the delay, which a server in
 * Python, with a thread a connection, exceeds by milliseconds. */
#ifndef IRSA_FIX_BENCH_ANSWERS_H
#define IRSA_FIX_BENCH_ANSWERS_H

/* Prints its port on a line, and serves until its standard input ends. FILE has lines: HEX of what
 * is in a request, a blank, HEX of the answer, of which the first that fits is given. 0, or 1 where
 * it can't. */
int answers_serve(const char *name, double delay_ms);

#endif
