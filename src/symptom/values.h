/* SPDX-License-Identifier: Apache-2.0 */
/* What a message names: roles, issuers, accounts, and who was refused what. */
#ifndef IRSA_FIX_SYMPTOM_VALUES_H
#define IRSA_FIX_SYMPTOM_VALUES_H

#include "irsa/symptom.h"
#include "symptom/record.h"
#include "symptom/table.h"

/* Who was refused, as far as the message tells. */
enum symptom_principal {
    PRINCIPAL_UNKNOWN,
    PRINCIPAL_NODE,
    PRINCIPAL_POD_IDENTITY,
    PRINCIPAL_WEB_IDENTITY,
    PRINCIPAL_ROLE,
    PRINCIPAL_USER,
};

struct symptom_found {
    struct irsa_symptom_values values;
    enum symptom_principal principal;
    char *resource_role; /* the name of the role that was to be assumed, or NULL */
};
void symptom_found_done(struct symptom_found *found);
void irsa_symptom_values_done(struct irsa_symptom_values *values);

/* Reads what stands in plain from `from` to `to`; what is known already stays. */
void symptom_found_read(const struct symptom_plain *plain, size_t from, size_t to,
                        struct symptom_found *found);
/* The same for what only names in sentences tell: service accounts, regions, request ids. */
void symptom_names_read(const struct symptom_plain *plain, size_t from, size_t to,
                        struct irsa_symptom_values *values);
/* True where `when` holds by what was found and by the message's words (fold, from..to). */
bool symptom_holds(enum symptom_when when, const struct symptom_found *found, const char *fold,
                   size_t len);
/* Sets issuer and region by an issuer's URL, with or without https://. */
void symptom_issuer_set(struct irsa_symptom_values *values, const char *url);
/* Sets *slot, unless it is set, to the first len bytes of text made safe. */
void symptom_value_set(char **slot, const char *text, size_t len);

#endif
