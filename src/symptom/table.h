/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of messages. A row is a message as it is printed, what it means, and the codes that it
 * may stand for. To teach irsa-fix another wording, add it to the `texts` of its row, in lower
 * case, with the address of where it was seen; `*` stands for anything within one message. A test
 * looks after the form of every row.
 */
#ifndef IRSA_FIX_SYMPTOM_TABLE_H
#define IRSA_FIX_SYMPTOM_TABLE_H

#include "irsa/symptom.h"

/* What must be so, by what the message says, for a row or a cause to hold. */
enum symptom_when {
    WHEN_ALWAYS,
    WHEN_ISSUER_OWN,   /* it names an issuer that is not EKS' */
    WHEN_NODE,         /* who was refused is a node: an instance id as session, or by its name */
    WHEN_POD_IDENTITY, /* who was refused has a session of EKS Pod Identity */
    WHEN_WEB_IDENTITY, /* ... a session name that SDKs give for web identity */
    WHEN_USER,         /* ... is an IAM user */
    WHEN_ROLE,         /* ... is any role */
    WHEN_SELF_ASSUME,  /* a role was to assume itself */
    WHEN_ASSUME_ROLE,  /* sts:AssumeRole was refused */
    WHEN_BOUNDARY,     /* "... no permissions boundary allows ..." */
    WHEN_ORGANISATION, /* "... service control policy ...", "... resource control policy ..." */
};

#define SYMPTOM_MAX_TEXTS 16
#define SYMPTOM_MAX_CAUSES 10

struct symptom_cause {
    const char *code;
    const char *reason;
    enum symptom_when when;
};

struct symptom {
    const char *id;
    const char *title;
    enum irsa_symptom_family family;
    enum symptom_when when;
    /* Says only that it failed: gives way to whatever in the same message says why. */
    bool consequence;
    const char *texts[SYMPTOM_MAX_TEXTS];
    /* Words that show that something else is meant, NULL-terminated; or NULL. */
    const char *const *unless;
    struct symptom_cause causes[SYMPTOM_MAX_CAUSES];
};

/* Each ended by a row without id. */
extern const struct symptom symptom_table_sts[];
extern const struct symptom symptom_table_token[];
extern const struct symptom symptom_table_permissions[];
extern const struct symptom symptom_table_kubernetes[];
extern const struct symptom symptom_table_iam[];
extern const struct symptom symptom_table_network[];
extern const struct symptom symptom_table_credentials[];

/* All tables, the more telling ones first; NULL-terminated. */
extern const struct symptom *const symptom_tables[];

/* Identity providers that are no clusters: CI systems and social log-ins use the same call of STS.
 * NULL-terminated. */
extern const char *const symptom_other_issuers[];

#endif
