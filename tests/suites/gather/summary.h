/* SPDX-License-Identifier: Apache-2.0 */
/* Facts as JSON, for comparing: what is empty, false or not known is left out. */
#ifndef IRSA_FIX_TESTS_GATHER_SUMMARY_H
#define IRSA_FIX_TESTS_GATHER_SUMMARY_H

#include "irsa/facts.h"

/* With the answers to the questions in FOLDER/ask.json, if there is one. A new reference. */
json_t *gather_summary(const struct irsa_facts *facts, const struct irsa_strings *passed_over,
                       const char *folder);

#endif
